# What looks at the schema bears it that others create and drop things in it
# meanwhile: nobody sees an internal error, and the server stays up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run qw(start);
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('concurrent_ddl', 'max_connections = 20');
my $rounds = 60;
my @sessions;

$node->safe_psql('postgres', q{SELECT migr_load($migr$
-- migr:revision c1
-- migr:upgrade
CREATE TABLE kept (id int PRIMARY KEY, a text);
CREATE VIEW kept_view AS SELECT * FROM kept;
-- migr:downgrade
DROP VIEW kept_view;
DROP TABLE kept;
$migr$); SELECT migr_upgrade()});

# Each session makes things of its own, and drops them again.
foreach my $n (1 .. 2)
{
	my $round = qq{
CREATE TABLE t$n (id int PRIMARY KEY, a text DEFAULT 'x', CHECK (id > 0));
CREATE INDEX i$n ON t$n (lower(a));
CREATE VIEW v$n AS SELECT * FROM t$n;
CREATE MATERIALIZED VIEW m$n AS SELECT * FROM t$n;
CREATE FUNCTION f$n(a int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE AGGREGATE s$n(int) (SFUNC = int4pl, STYPE = int4);
CREATE SEQUENCE q$n;
CREATE STATISTICS x$n ON id, a FROM t$n;
CREATE PUBLICATION p$n FOR TABLE t$n;
DROP PUBLICATION p$n;
DROP SEQUENCE q$n;
DROP AGGREGATE s$n(int);
DROP FUNCTION f$n(int);
DROP MATERIALIZED VIEW m$n;
DROP VIEW v$n;
DROP TABLE t$n;
};
	my $script = ("SET client_min_messages = error;\nSET application_name = changes;\n" . $round x $rounds);
	my $file = PostgreSQL::Test::Utils::tempdir() . "/session$n.sql";
	my ($out, $err) = ('', '');

	append_to_file($file, $script);
	my $session = start(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $file,
			'-d', $node->connstr('postgres')], \undef, \$out, \$err);

	push @sessions, [ $session, \$err ];
}

my @errors;
my $looked = 0;
do
{
	foreach my $look ('SELECT count(*) FROM migr_verify()',
		'SELECT length(migr_schema())',
		'SELECT count(*) FROM migr_repair(true)',
		q{SELECT count(*) FROM migr_verify('{drift}')})
	{
		my ($status, undef, $err) = $node->psql('postgres',
			"SET client_min_messages = error;\n\\set VERBOSITY verbose\n$look");

		# Others may be quicker than we are; that is said in these words.
		push @errors, $err if $status != 0 && $err !~ /40001: .*could not read the schema/;
		$looked++;
	}
} while ($looked < 400 && $node->safe_psql('postgres', q{
	SELECT count(*) FROM pg_stat_activity WHERE application_name = 'changes'}) > 0);

foreach my $session (@sessions)
{
	$session->[0]->finish;
	is(${ $session->[1] }, '', 'who changes the schema is not disturbed');
}
is(join("\n", @errors), '', "no error in $looked looks at it");
is($node->safe_psql('postgres', q{
	SELECT string_agg(status, ' ') FROM migr_verify('{drift,integrity.valid_body}')}),
	'ok ok', 'and at the end all is as it was');
unlike(slurp_file($node->logfile), qr/terminated by signal/, 'the server stays up');

done_testing();
