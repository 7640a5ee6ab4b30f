# The dump of a database as its first revision: of the schema, with rows, of a newer
# server, of a database that has migr.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('baseline', "fsync = off");

$node->safe_psql('postgres', "CREATE ROLE $_") foreach 'regress_app', 'regress_reader';
$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', q{
	CREATE EXTENSION migr;
	CREATE EXTENSION citext;
	CREATE SCHEMA app AUTHORIZATION regress_app;
	CREATE TYPE app.state AS ENUM ('open', 'it''s');
	CREATE TABLE app.t (id serial PRIMARY KEY, state app.state, name citext, note text DEFAULT E'a\r\nb');
	ALTER TABLE app.t OWNER TO regress_app;
	CREATE VIEW v AS SELECT id, name FROM app.t;
	GRANT SELECT ON v TO regress_reader;
	CREATE MATERIALIZED VIEW m AS SELECT name FROM v;
	CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ begin return 1; end $$;
	COMMENT ON FUNCTION f() IS 'a \ ''b''';
	ALTER DEFAULT PRIVILEGES FOR ROLE regress_app IN SCHEMA app GRANT SELECT ON TABLES TO regress_reader;
	INSERT INTO app.t (state, name, note) VALUES ('open', 'x', E'tab\t\\\\N\nline\r\n'), ('it''s', NULL, '\N');
	REFRESH MATERIALIZED VIEW m});
# Before 15, a dump does not say it.
$node->safe_psql('source', "COMMENT ON SCHEMA public IS 'ours'")
  if $node->safe_psql('postgres', 'SHOW server_version_num') >= 150000;

# What pg_dump says of a database, without the key of its own.
sub dump_of
{
	my ($db, @options) = @_;
	my ($dump) = run_command([ 'pg_dump', @options, '-d', $node->connstr($db) ]);

	return $dump;
}

sub without_key
{
	my ($dump) = @_;

	$dump =~ s/^(\\(?:un)?restrict) .*$/$1/mg;
	return $dump;
}

# As a newer server writes it.
sub newer
{
	my ($dump) = @_;

	$dump =~ s/^\\(?:un)?restrict .*\n//mg;
	$dump =~ s/^(SET client_encoding.*\n)/$1SET timeout_of_a_newer_server = 0;\n/m;
	return "\\restrict Zk3\n$dump\\unrestrict Zk3\n";
}

# A dump is a revision, which builds what it was taken of.
sub baseline_ok
{
	my ($name, $dump, $rows, @options) = @_;
	my $db = "target_" . ($name =~ s/\W/_/gr);
	my $file = PostgreSQL::Test::Utils::tempdir() . '/baseline.sql';
	my ($status, $stdout, $stderr, $told);

	write_file($file, "-- migr:revision baseline\n-- migr:upgrade\n$dump\n-- migr:verify\nSELECT count(*) = $rows FROM app.t;\n");
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, 'CREATE EXTENSION migr');
	$node->safe_psql($db, q{DO 'BEGIN PERFORM migr_scratch_create(); END'});
	($status, $stdout, $stderr) = $node->psql($db, "\\set script `cat $file`\nSELECT action FROM migr_load(:'script');");
	is("$stdout$stderr", 'added', "$name: it loads");
	($status, $stdout, $stderr) = $node->psql($db, 'SELECT migr_upgrade()');
	is($stdout, 'baseline', "$name: it runs") or diag($stderr);
	($told) = ($stderr =~ /(parameter .*)/, '');
	is($told,
		$dump =~ /of_a_newer_server/ ? 'parameter "timeout_of_a_newer_server" is unknown here: it was not set' : '',
		"$name: what is not known is told");
	is($node->safe_psql($db, q{SELECT check_name, object, detail FROM migr_verify() WHERE status <> 'ok'}), '',
		"$name: it verifies");
	is(without_key(dump_of($db, '-s')), without_key(dump_of('source', '-s')), "$name: it is the same schema");
	is($node->safe_psql($db, 'SELECT migr_fingerprint() = migr_fingerprint($$baseline$$)'), 't',
		"$name: the scripts build it");
	is($node->safe_psql($db, "SELECT count(*), count(*) FILTER (WHERE note LIKE '%' || chr(13) || '%') FROM app.t"),
		$rows ? "$rows|1" : '0|0', "$name: with its rows");
	is($node->safe_psql($db, 'INSERT INTO app.t DEFAULT VALUES RETURNING encode(note::bytea, $$hex$$)'), '610d0a62',
		"$name: with the line ends of its strings");
	return;
}

my $schema = dump_of('source', '-s');
my $rows = dump_of('source', '--exclude-schema=migr');

baseline_ok('schema', $schema, 0);
baseline_ok('newer schema', newer($schema), 0);
baseline_ok('rows', newer($rows), 2);

# The same as a desired schema, whole.
{
	my $file = PostgreSQL::Test::Utils::tempdir() . '/desired.sql';
	my ($status, $stdout, $stderr);

	write_file($file, newer(dump_of('source')));
	($status, $stdout, $stderr) = $node->psql('source',
		"DO 'BEGIN PERFORM migr_scratch_create(); END';\n\\set ddl `cat $file`\nSELECT migr_diff(:'ddl') IS NULL;");
	is($stdout, 't', 'a whole dump describes what it was taken of') or diag($stderr);
	like($stderr, qr/parameter "timeout_of_a_newer_server" is unknown here/, 'what is not known is told');
}

done_testing();
