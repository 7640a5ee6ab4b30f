# A dump takes scripts, version and log along, and the restored database goes
# on from there: by pg_dump in several formats, by CREATE DATABASE TEMPLATE, by
# a superuser and by an owner of a database who is none.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump');
my $directory = PostgreSQL::Test::Utils::tempdir();

# The message has what COPY, INSERT and psql could stumble over.
my $scripts = <<'SCRIPTS';
-- migr:revision one
-- migr:message it's a tab	a back\slash, $$ and \. too
-- migr:created 2026-01-02 03:04:05+00
-- migr:labels base_line
-- migr:upgrade
CREATE TABLE dump_one (i int, t text);
INSERT INTO dump_one VALUES (1, E'a\tb\\');
COPY dump_one FROM stdin;
2	c\td
\.
-- migr:downgrade
DROP TABLE dump_one;

-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE dump_two (i int);
-- migr:downgrade
DROP TABLE dump_two;

-- migr:revision three
-- migr:revises two
-- migr:depends one
-- migr:upgrade
CREATE TABLE dump_three (i int);

-- migr:repeatable again
-- migr:depends one
-- migr:upgrade
CREATE OR REPLACE VIEW dump_again AS SELECT 'it''s';
SCRIPTS

my @rows = (
	'SELECT * FROM migr.revision ORDER BY revision',
	'SELECT * FROM migr.version ORDER BY ordinal',
	'SELECT * FROM migr.repeatable ORDER BY name',
	'SELECT * FROM migr.log ORDER BY id',
	'SELECT last_value, is_called FROM migr.log_id_seq',
	'SELECT * FROM migr.log_end ORDER BY id',
	'SELECT * FROM migr.rule ORDER BY name',
	q{SELECT check_name, object, status FROM migr_verify('{log,drift,integrity}')});

# Load the scripts and apply two of the three.
sub fill
{
	my (%param) = @_;

	load_scripts($node, $scripts, %param);
	foreach my $statement (
		q{SELECT migr_upgrade('head', dry_run => true)},
		q{SELECT migr_upgrade('two', tag => 'release 1')},
		q{SELECT migr_downgrade('-1')},
		q{SELECT migr_stamp('two')},
		q{INSERT INTO migr.rule VALUES ('primary_key', NULL, '{public.dump_o*}'), ('timestamptz', 'off', '{}')},
		'CREATE TABLE dump_other (i int)')
	{
		notices_of($node, $statement, %param);
	}
}

# What a query returns, to its last byte.
sub rows
{
	my ($db, $query) = @_;

	return $node->safe_psql($db, $query);
}

# A copy of a database has the same rows, and goes on by itself.
sub goes_on
{
	my ($from, $to, %param) = @_;
	my $last = rows($to, 'SELECT max(id) FROM migr.log');

	foreach my $query (@rows)
	{
		isnt(rows($from, $query), '', "$from: $query: there is something");
		is(rows($to, $query), rows($from, $query), "$to: $query: the same");
	}
	# When somebody looked is of each by itself.
	is( rows($to, q{SELECT to_jsonb(s) - 'drift_checked_at' FROM migr_status() s}),
		rows($from, q{SELECT to_jsonb(s) - 'drift_checked_at' FROM migr_status() s}),
		"$to: the same status");

	my ($status, $out, $err) =
	  $node->psql($to, q{SELECT migr_upgrade('head', tag => 'release 2')},
		extra_params => $param{role} ? [ '-U', $param{role} ] : []);
	is($out, 'three', "$to: migr_upgrade() does what is left") or diag($err);
	is( rows($to, 'SELECT revision, ordinal, stamped FROM migr.version ORDER BY ordinal'),
		"one|1|f\ntwo|2|t\nthree|3|f",
		"$to: and goes on counting");
	is( rows(
			$to,
			q{SELECT id, action, tag, from_heads, to_heads FROM migr.log
			   ORDER BY id DESC LIMIT 1}),
		$last + 1 . '|upgrade|release 2|{two}|{three}',
		"$to: the log goes on where it was");
	is( rows($to, q{SELECT follows, (SELECT count(*) FROM migr.log_end) FROM migr.log ORDER BY id DESC LIMIT 1}),
		"{$last}|1",
		"$to: and so does its chain");
	like(rows($to, q{SELECT * FROM migr_verify('{log}')}), qr/^log\|\|ok\|/, "$to: which is whole");
	fails_ok($node, q{DELETE FROM migr.log}, '55000',
		qr/migr\.log can only be appended to/, "$to: the log is guarded", db => $to);
	fails_ok(
		$node,
		q{SELECT migr_load(E'-- migr:revision one\n-- migr:upgrade\nSELECT 1;')},
		'MG007', qr/"one" was edited after it was applied/,
		"$to: what was applied is known", %param, db => $to);
	is(rows($to, q{SELECT count(*) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
			WHERE d.deptype = 'e' AND c.relname IN ('revision', 'version', 'log', 'log_end', 'rule')}),
		'5', "$to: the tables are members of the extension");
}

note 'by a superuser';
$node->safe_psql('postgres', 'CREATE DATABASE origin');
$node->safe_psql('origin', 'CREATE EXTENSION migr');
fill(db => 'origin');

# name => [options of pg_dump], how it is restored
my %format = (
	plain     => [ ['-Fp'], 'psql' ],
	inserts   => [ [ '-Fp', '--inserts' ], 'psql' ],
	custom    => [ ['-Fc'], 'pg_restore' ],
	directory => [ [ '-Fd', '-j2' ], 'pg_restore', '-j2' ]);

foreach my $name (sort keys %format)
{
	my ($options, $program, @restore) = @{ $format{$name} };
	my $file = "$directory/$name";

	$node->command_ok([ 'pg_dump', @$options, '-f', $file, 'origin' ],
		"$name: pg_dump");
	$node->safe_psql('postgres', "CREATE DATABASE restored_$name");
	if ($program eq 'psql')
	{
		$node->command_ok(
			[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $file, '-d', "restored_$name" ],
			"$name: psql");
	}
	else
	{
		$node->command_ok(
			[ 'pg_restore', '--exit-on-error', @restore, '-d', "restored_$name", $file ],
			"$name: pg_restore");
	}
	goes_on('origin', "restored_$name");
}

note 'over what is there';
$node->command_ok(
	[ 'pg_dump', '--clean', '--if-exists', '-f', "$directory/clean", 'origin' ],
	'clean: pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored_clean TEMPLATE restored_plain');
$node->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/clean", '-d', 'restored_clean' ],
	'clean: psql over a database that is further on');
$node->safe_psql('restored_clean', 'DROP TABLE dump_three');
goes_on('origin', 'restored_clean');

note 'a copy by CREATE DATABASE';
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE origin');
goes_on('origin', 'copied');

note 'by an owner of a database who is no superuser';
$node->safe_psql('postgres',
	q{CREATE ROLE "Db-Owner" LOGIN; CREATE DATABASE owned OWNER "Db-Owner"});
my %owner = (role => 'Db-Owner');
notices_of($node, 'CREATE EXTENSION migr', %owner, db => 'owned');
is( rows(
		'owned', q{
		SELECT relname, relowner::regrole FROM pg_class
		WHERE relnamespace = 'migr'::regnamespace AND relkind IN ('r', 'S')
		ORDER BY 1}),
	join("\n", map { qq{$_|"Db-Owner"} }
		qw(approval generation kept kept_id_seq log log_end log_id_seq looked object recorded remembered repeatable revision rule scratch standing tenant version)),
	'owned: the tables are the owner\'s');

# No grant is made by a superuser here, nor one that is not in a dump.
fill(%owner, db => 'owned');
my $origin_of_owned = $node->safe_psql('owned', 'SELECT performed_by FROM migr.log LIMIT 1');
is($origin_of_owned, 'Db-Owner', 'owned: the log says who');
$node->command_ok(
	[ 'pg_dump', '-U', 'Db-Owner', '-f', "$directory/owned", 'owned' ],
	'owned: pg_dump as the owner');
$node->safe_psql('postgres', 'CREATE DATABASE restored_owned OWNER "Db-Owner"');
$node->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-U', 'Db-Owner', '-f', "$directory/owned",
	  '-d', 'restored_owned' ],
	'owned: psql as the owner');
goes_on('owned', 'restored_owned', %owner);

note 'another owner, by a superuser and the rights that the first gave';
$node->safe_psql('postgres', 'CREATE ROLE deploy LOGIN');
notices_of($node,
	q{GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) TO deploy},
	%owner, db => 'owned');
fails_ok($node, q{SELECT migr_load('')}, '42501', qr/permission denied for function migr_load/,
	'owned: who was granted nothing', role => 'deploy', db => 'owned');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$directory/granted", 'owned' ],
	'granted: pg_dump as a superuser');
$node->safe_psql('postgres', 'CREATE DATABASE restored_granted OWNER "Db-Owner"');
$node->command_ok(
	[ 'pg_restore', '--exit-on-error', '-d', 'restored_granted', "$directory/granted" ],
	'granted: pg_restore as a superuser');
is( rows(
		'restored_granted',
		q{SELECT has_function_privilege('deploy', 'migr_upgrade(text,boolean,text,text,boolean)', 'EXECUTE'),
		         has_function_privilege('deploy', 'migr_stamp(text,boolean,text,text)', 'EXECUTE')}),
	't|f', 'granted: the dump takes grants along');

note 'into another encoding';
$node->safe_psql('postgres',
	q{CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'});
$node->safe_psql('latin', 'CREATE EXTENSION migr');
fill(db => 'latin');
$node->safe_psql('latin', q{SET client_encoding = 'UTF8'; SELECT migr_stamp('one', tag => 'größer')});
$node->command_ok([ 'pg_dump', '-E', 'UTF8', '-f', "$directory/latin", 'latin' ], 'latin: pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored_latin');
$node->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/latin", '-d', 'restored_latin' ],
	'latin: psql');
is(rows('restored_latin', q{SELECT tag = 'größer' FROM migr.log ORDER BY id DESC LIMIT 1}), 't',
	'latin: the log has come along');
like(rows($_, q{SELECT * FROM migr_verify('{log}')}), qr/^log\|\|ok\|/, "latin: its chain is whole in $_")
  foreach qw(latin restored_latin);

$node->stop;
done_testing();
