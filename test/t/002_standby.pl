# A hot standby, and a read-only transaction: what inspects gives the same
# answer as on the primary, what writes raises 25006 before it does anything.
# A promoted standby goes on where the primary was.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node('primary', undef, allows_streaming => 1);

load_scripts($primary, <<'SCRIPTS');
-- migr:revision one
-- migr:message the first
-- migr:upgrade
CREATE TABLE standby_one (i int);
-- migr:downgrade
DROP TABLE standby_one;
-- migr:verify
SELECT count(*) = 0 FROM standby_one;

-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE standby_two (i int);
SELECT pg_sleep(coalesce(current_setting('standby.sleep', true), '0')::float8);
-- migr:downgrade
DROP TABLE standby_two;

-- migr:revision three
-- migr:revises two
-- migr:upgrade
CREATE TABLE standby_three (i int);
-- migr:downgrade
DROP TABLE standby_three;
SCRIPTS
$primary->safe_psql('postgres', q{SELECT migr_upgrade('one')});

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# A directory with what is stored, and one revision more.
my $directory = PostgreSQL::Test::Utils::tempdir();
write_file("$directory/1.sql", "-- migr:revision four\n-- migr:revises three\n"
	  . "-- migr:upgrade\nCREATE TABLE standby_four (i int);\n");
my $location = "SET migr.script_location = '$directory';";

my @inspecting = (
	'SELECT * FROM migr_current()',
	'SELECT * FROM migr_heads()',
	'SELECT * FROM migr_history()',
	'SELECT * FROM migr_log()',
	'SELECT migr_graph()',
	q{SELECT * FROM migr_show('two')},
	'SELECT * FROM migr_status()',
	'SELECT * FROM migr_pending()',
	q{SELECT revision FROM migr_pending('+1')},
	q{SELECT migr_script('three')},
	q{SELECT migr_sql('one:three')},
	'SELECT migr_schema()',
	'SELECT migr_fingerprint()',
	'SELECT * FROM migr.revision ORDER BY revision',
	'SELECT * FROM migr.version',
	'SELECT * FROM migr.log ORDER BY id',
	"$location SELECT * FROM migr_validate()",
	q{SELECT * FROM migr_verify('{chain,scripts,versions,sections,integrity}')},
	"$location SELECT * FROM migr_verify('{scripts}')",
	"$location SELECT revision FROM migr_pending()",
	"$location SELECT pending, script_heads FROM migr_status()");

my @writing = (
	q{SELECT migr_load(E'-- migr:revision five\n')},
	q{SELECT migr_load('')},
	"SELECT migr_load_directory('$directory')",
	"$location SELECT migr_load_directory()",
	q{SELECT migr_unload('three')},
	q{SELECT migr_upgrade('head')},
	"$location SELECT migr_upgrade('head')",
	q{SELECT migr_upgrade('one')},
	q{SELECT migr_upgrade('head', dry_run => true)},
	q{SELECT migr_downgrade('base')},
	q{SELECT migr_downgrade('base', dry_run => true)},
	q{SELECT migr_downgrade('-1')},
	q{SELECT migr_redo()},
	"$location SELECT migr_redo('one')",
	q{SELECT migr_stamp('head')},
	q{SELECT migr_revision('five')},
	q{SELECT migr_merge()});

my @building = (
	q{SELECT migr_schema('one')},
	q{SELECT migr_fingerprint('one')},
	q{SELECT migr_diff('-- migr:empty')});

sub same_answers
{
	my ($name) = @_;

	$primary->wait_for_catchup($standby);
	foreach my $query (@inspecting)
	{
		my $answer = $primary->safe_psql('postgres', $query);

		isnt($answer, '', "$name: $query: has an answer");
		is($standby->safe_psql('postgres', $query), $answer,
			"$name: $query: the standby gives the same");
	}
}

note 'inspecting on the standby';
same_answers('at one');
is( $standby->safe_psql(
		'postgres', 'SELECT revision FROM migr_pending()'),
	"two\nthree", 'standby: what is pending');
is( $standby->safe_psql(
		'postgres', "$location SELECT revision FROM migr_pending()"),
	"two\nthree\nfour", 'standby: the files are looked at, too');
fails_ok($standby, 'SELECT migr_check()', 'MG009',
	qr/database is not up to date: 2 revisions pending/, 'standby: migr_check()');
fails_ok($standby, "$location SELECT migr_check()", 'MG009',
	qr/3 revisions pending/, 'standby: migr_check() with files');
fails_ok($standby, q{SELECT migr_script('nine')}, 'MG001',
	qr/can't locate revision identified by "nine"/, 'standby: migr_script()');

is( $standby->safe_psql('postgres', 'SELECT * FROM migr_validate()'),
	'', 'standby: nothing is wrong with the store');
is( $standby->safe_psql('postgres', q{SELECT * FROM migr_verify('{sections,drift}')}),
	"sections||ok|verify sections: 1\n"
	  . 'drift||ok|objects: 3',
	'standby: verify sections that read are run, and drift is told');
$primary->safe_psql('postgres', 'INSERT INTO standby_one VALUES (1)');
$primary->wait_for_catchup($standby);
is( $standby->safe_psql('postgres', q{SELECT object, status FROM migr_verify('{sections}')}),
	'revision one|fail', 'standby: one that fails');
$primary->safe_psql('postgres', 'DELETE FROM standby_one');

note 'writing on the standby';
foreach my $statement (@writing)
{
	fails_ok($standby, $statement, '25006',
		qr/cannot run migrations during recovery.*HINT/s, "standby: $statement");
}
fails_ok($standby, "CALL $_", '25006', qr/cannot run migrations during recovery.*HINT/s, "standby: $_")
  foreach q{migr_deploy()}, q{migr_revert('base')};
foreach my $statement (@building)
{
	fails_ok($standby, $statement, '25006',
		qr/cannot run migrations during recovery.*HINT/s, "standby: $statement");
}

note 'a run on the primary keeps nobody on the standby waiting';
my $session = MigrTest::Session->new($primary);
$session->ask('SET standby.sleep = 1000');
$session->send(q{SELECT migr_upgrade('head')});
wait_for_sleep($primary, 'two');
$primary->wait_for_catchup($standby);
is( $standby->safe_psql(
		'postgres', q{
		SET statement_timeout = '30s'; SET lock_timeout = '30s';
		SELECT current_heads, applied, pending FROM migr_status()}),
	'{one}|1|2', 'standby: status during a run');
$primary->safe_psql('postgres',
	'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
$session->finish;

note 'a read-only transaction on the primary';
my $before = $primary->safe_psql('postgres', 'SELECT count(*) FROM migr.log');
foreach my $query (@inspecting)
{
	is( $primary->safe_psql('postgres', "BEGIN READ ONLY; $query; COMMIT"),
		$primary->safe_psql('postgres', $query),
		"read only: $query");
}
foreach my $statement (@writing)
{
	fails_ok($primary, "BEGIN READ ONLY; $statement", '25006',
		qr/cannot run migrations in a read-only transaction.*HINT.*default_transaction_read_only/s,
		"read only: $statement");
}
foreach my $statement (@building)
{
	fails_ok($primary, "BEGIN READ ONLY; $statement", '25006',
		qr/cannot create a scratch database in a read-only transaction.*HINT/s,
		"read only, without a scratch database: $statement");
}
$primary->safe_psql('postgres', 'SELECT migr_scratch_create()');
foreach my $statement (@building)
{
	is( $primary->safe_psql('postgres', "BEGIN READ ONLY; $statement; COMMIT"),
		$primary->safe_psql('postgres', $statement),
		"read only, with one: $statement");
}
fails_ok(
	$primary,
	q{SET default_transaction_read_only = on; SELECT migr_upgrade('head')},
	'25006', qr/read-only transaction/, 'default_transaction_read_only');
fails_ok($primary,
	q{BEGIN READ ONLY; SELECT migr_check()},
	'MG009', qr/2 revisions pending/, 'read only: migr_check()');
is($primary->safe_psql('postgres', 'SELECT count(*) FROM migr.log'),
	$before, 'read only: nothing was logged');
mutex_is_free($primary, 'read only');

note 'a run is replayed';
$primary->safe_psql('postgres', q{SELECT migr_upgrade('two', tag => 'by the primary')});
same_answers('at two');
is($standby->safe_psql('postgres', 'SELECT revision FROM migr_current()'),
	'two', 'standby: follows the primary');

note 'promotion';
my $last = $primary->safe_psql('postgres', 'SELECT max(id) FROM migr.log');
$primary->stop;
$standby->promote;
is($standby->safe_psql('postgres', q{SELECT migr_upgrade('head')}),
	'three', 'promoted: goes on with what is pending');
is( $standby->safe_psql(
		'postgres', 'SELECT revision, ordinal FROM migr.version ORDER BY ordinal'),
	"one|1\ntwo|2\nthree|3", 'promoted: each once, in order');
is($standby->safe_psql('postgres', 'SELECT migr_check()'),
	't', 'promoted: up to date');
is( $standby->safe_psql(
		'postgres',
		"SELECT action, from_heads, to_heads, id > $last FROM migr.log ORDER BY id DESC LIMIT 1"),
	'upgrade|{two}|{three}|t', 'promoted: the log goes on');
is( $standby->safe_psql('postgres', "$location SELECT migr_upgrade('head')"),
	'four', 'promoted: so do loads');
fails_ok($standby, q{SELECT migr_downgrade('base')}, 'MG008',
	qr/revision "four" has no downgrade section/, 'promoted: checks work');

$standby->stop;
done_testing();
