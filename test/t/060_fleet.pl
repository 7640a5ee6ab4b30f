# Many databases, looked at and deployed to from one: views for postgres_fdw, and the script
# migr_fleet.sql.  Databases of one server, one of a server that is down, one that lacks the
# extension; canaries, failures that are isolated, going on with what is missing; and a
# session that is cut off.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('fleet', "max_worker_processes = 20");
my $other = new_node('fleet_other');
chomp(my $share = qx{pg_config --sharedir});
my $script = "$share/extension/migr_fleet.sql";

if ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name IN ('dblink', 'postgres_fdw')}) < 2)
{
	plan skip_all => 'dblink and postgres_fdw are not installed';
}
$node->safe_psql('postgres', 'DROP EXTENSION migr');

my $scripts = <<'SCRIPTS';
-- migr:revision a1
-- migr:message it's a \ and $$
-- migr:upgrade
CREATE TABLE people (id int PRIMARY KEY, mail text);
-- migr:downgrade
DROP TABLE people;
-- migr:revision b2
-- migr:revises a1
-- migr:upgrade
CREATE UNIQUE INDEX people_mail ON people (mail);
-- migr:downgrade
DROP INDEX people_mail;
SCRIPTS

# It's a name.
my @names = ('asia', 'eu', q{o'dd "one"}, 'us');

sub quoted
{
	return '"' . $_[0] =~ s/"/""/gr . '"';
}

sub server
{
	my ($name, $at, $db, $wrapper, $options) = @_;

	$node->safe_psql('control', sprintf(
		q{CREATE SERVER %s FOREIGN DATA WRAPPER %s OPTIONS (host '%s', port '%s', dbname '%s'%s);
		  CREATE USER MAPPING FOR CURRENT_USER SERVER %s OPTIONS (user '%s')},
		quoted($name), $wrapper, $at->host, $at->port, $db =~ s/'/''/gr, $options // q{, connect_timeout '3'}, quoted($name), $ENV{PGUSER} // getpwuid($<)));
}

$node->safe_psql('postgres', 'CREATE DATABASE control');
{
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	command_fails_like([ 'psql', '-Xqd', 'control', '-f', $script ],
		qr/extension dblink is not here.*CREATE EXTENSION dblink/s, 'it takes dblink');
}
$node->safe_psql('control', 'CREATE SCHEMA tools; CREATE EXTENSION dblink SCHEMA tools; CREATE EXTENSION postgres_fdw');
$node->command_ok([ 'psql', '-Xqd', 'control', '-f', $script ], 'the script is installed, and takes dblink from where it is');
foreach my $name (@names)
{
	$node->safe_psql('postgres', 'CREATE DATABASE ' . quoted($name));
	$node->safe_psql($name, 'CREATE EXTENSION migr');
	server($name, $node, $name, $name eq 'us' ? 'postgres_fdw' : 'dblink_fdw');
}
server('away', $other, 'postgres', 'dblink_fdw');
server('patient', $node, 'us', 'dblink_fdw', '');

fails_ok($node, q{SELECT migr_fleet.add('nowhere')}, '42704', qr/no foreign server "nowhere".*CREATE SERVER/s, 'no server', db => 'control');
fails_ok($node, q{SELECT migr_fleet.add('patient')}, '22023', qr/"patient" has no connect_timeout.*ALTER SERVER patient/s, 'no end of waiting', db => 'control');
$node->safe_psql('control', 'SELECT migr_fleet.add(name) FROM (VALUES ' . join(', ', map { "(\$n\$$_\$n\$)" } @names, 'away') . ') n (name)');
$node->safe_psql('control', q{SELECT migr_fleet.add('eu', canary => true)});

sub control
{
	my ($sql) = @_;

	return $node->safe_psql('control', $sql);
}

my $status = q{SELECT name, heads, pending, up_to_date, run_action, run_by IS NOT NULL AS by, run_duration IS NOT NULL AS long, extension_version,
	server_version = current_setting('server_version') AS server, split_part(coalesce(error, ''), E'\n', 1) AS error
	FROM migr_fleet.status() ORDER BY name};
my $version = $node->safe_psql('eu', q{SELECT extversion FROM pg_extension WHERE extname = 'migr'});

# --- looking ----------------------------------------------------------------------------------

note 'a fresh fleet';
my $fresh = "{}|0|f||f|f|$version|t|";
is(control($status), join("\n", "asia|$fresh", "away|$fresh", "eu|$fresh", qq{o'dd "one"|$fresh}, "us|$fresh"), 'a row for each');

note 'one server is down';
$other->stop;
my $unreachable = 'away||||||||||||could not establish connection';
like(control(q{SELECT error FROM migr_fleet.status() WHERE name = 'away'}), qr/could not establish connection\n.*(?:refused|No such file)/s, 'is a row with what the client says');
is(control('SELECT count(*) FROM migr_fleet.status() WHERE error IS NULL'), '4', 'and the others have theirs');

note 'the extension is missing';
$node->safe_psql('asia', 'DROP EXTENSION migr');
is(control(q{SELECT error, server_version IS NOT NULL, database FROM migr_fleet.status() WHERE name = 'asia'}), 'extension migr is not there|t|asia', 'is said');
$node->safe_psql('asia', 'CREATE SCHEMA migr; CREATE VIEW migr.status AS SELECT 1 AS heads');
like(control(q{SELECT error FROM migr_fleet.status() WHERE name = 'asia'}), qr/extension migr is not there/, 'also where something else has its name');
$node->safe_psql('asia', 'DROP SCHEMA migr CASCADE; CREATE EXTENSION migr');

note 'one does not answer';
my $holder = MigrTest::Session->new($node, db => 'us');
$holder->ask('BEGIN; LOCK TABLE migr.log IN ACCESS EXCLUSIVE MODE');
is(control(q{SELECT name, error FROM migr_fleet.status(patience => '500ms') WHERE name = 'us'}), 'us|no answer within 00:00:00.5', 'for some time');
$holder->finish;

is(control(q{SELECT count(*) FROM migr_fleet.status(at_once => 1)}), '5', 'one after the other');

# --- deploying --------------------------------------------------------------------------------

my $states = q{SELECT database, state, attempt, heads, sqlstate FROM migr_fleet.run WHERE release = '%s' ORDER BY database};

# deploy(ARGUMENTS): what psql says.
sub deploy
{
	my ($arguments) = @_;
	my ($status, $out, $err) = $node->psql('control', "CALL migr_fleet.deploy($arguments)", extra_params => [ '-v', 'VERBOSITY=verbose' ]);

	return $err;
}

note 'a canary that fails keeps the others from it';
$node->safe_psql('eu', 'CREATE TABLE people (id int)');
my $said = deploy(qq{'r1', \$s\$$scripts\$s\$});
like($said, qr/ERROR:  55000: release "r1": 0 done, 1 failed, 4 not begun\nDETAIL:  eu: relation "people" already exists.*HINT: .*CALL migr_fleet\.deploy\('r1'\)/s, 'it says so');
is(control(sprintf $states, 'r1'), 'eu|failed|1||42P07', 'only the canary was begun');
like(control(q{SELECT error FROM migr_fleet.run}), qr/relation "people" already exists\nrevision "a1", upgrade section, line 4/, 'where in the script');
like(control(q{SELECT last_failure FROM migr_fleet.status() WHERE name = 'eu'}), qr/relation "people" already exists/, 'the last failure');

note 'one of many fails, and one is not there';
$node->safe_psql('eu', 'DROP TABLE people');
$node->safe_psql('us', q{CREATE TABLE people (id int PRIMARY KEY, mail text); INSERT INTO people VALUES (1, 'a'), (2, 'a');
	SELECT FROM migr_load($$-- migr:revision a1
-- migr:message it's a \ and $$ || '$$' || $$
-- migr:upgrade
CREATE TABLE people (id int PRIMARY KEY, mail text);
-- migr:downgrade
DROP TABLE people;$$); SELECT migr_stamp('a1')});
$said = deploy(q{'r1', at_once => 2});
like($said, qr/release "r1": 3 done, 2 failed, 0 not begun\nDETAIL:  away: could not establish connection\nus: could not create unique index/, 'the others are done');
is(control(sprintf $states, 'r1'), qq{asia|done|1|{b2}|\naway|failed|1||08001\neu|done|2|{b2}|\no'dd "one"|done|1|{b2}|\nus|failed|1||23505}, 'a row for each');
is($node->safe_psql('asia', 'SELECT run_tag FROM migr.status'), 'r1', 'the release is the tag of the run');
is(control(q{SELECT name, heads, pending, up_to_date, run_action, run_outcome, error IS NOT NULL FROM migr_fleet.status() ORDER BY name}),
	qq{asia|{b2}|0|t|deploy|done|f\naway||||||t\neu|{b2}|0|t|deploy|done|f\no'dd "one"|{b2}|0|t|deploy|done|f\nus|{a1}|1|f|deploy|failed|f}, 'and so says the status');
like(control(q{SELECT last_failure FROM migr_fleet.status() WHERE name = 'us'}), qr/deploy of head by .*could not create unique index/, 'which has the failure of the one');
like(control(q{SELECT last_failure FROM migr_fleet.status() WHERE name = 'away'}), qr/^release r1 at .*: could not establish connection/, 'and that of the other');

note 'another call takes what is missing';
my $log = $node->safe_psql('asia', 'SELECT count(*) FROM migr.log');
$node->safe_psql('us', 'DELETE FROM people WHERE id = 2');
$said = deploy(q{'r1'});
like($said, qr/4 done, 1 failed, 0 not begun/, 'what has been mended is done');
is(control(sprintf $states, 'r1'), qq{asia|done|1|{b2}|\naway|failed|2||08001\neu|done|2|{b2}|\no'dd "one"|done|1|{b2}|\nus|done|2|{b2}|}, 'and no other was called');
is($node->safe_psql('asia', 'SELECT count(*) FROM migr.log'), $log, 'nothing happened there');
$other->start;
like(deploy(q{'r1'}), qr/NOTICE:  00000: release "r1": 5 done/, 'when the last one is there again, all are');
is(control(q{SELECT count(*) FROM migr_fleet.status() WHERE up_to_date AND last_failure IS NULL AND error IS NULL}), '5', 'with no failure left');
like(deploy(q{'r1'}), qr/release "r1": 5 done/, 'once more: nothing to do');
is(control(q{SELECT sum(attempt) FROM migr_fleet.run}), '9', 'for nobody');

like(deploy(q{'r1', 'SELECT 1'}), qr/ERROR:  55000: release "r1" is of other scripts, or has another target/, 'a release is what it is');
like(deploy(q{'r1', target => 'a1'}), qr/ERROR:  55000: release "r1" is of other scripts, or has another target/, 'up to where it leads, too');
is(control(q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '0', 'no lock stays');

note 'after some failures no more are begun';
$node->safe_psql($_, 'CREATE TABLE blocks (i int)') foreach @names;
$other->safe_psql('postgres', 'CREATE TABLE blocks (i int)');
my $blocks = "-- migr:revision c3\n-- migr:revises b2\n-- migr:upgrade\nCREATE TABLE blocks (i int);\n-- migr:downgrade\nDROP TABLE blocks;\n";
$node->safe_psql('eu', 'DROP TABLE blocks');
like(deploy(qq{'r2', \$s\$$blocks\$s\$, stop_after => 2, at_once => 1}), qr/1 done, 2 failed, 2 not begun/, 'two, one at once');
like(deploy(q{'r2', stop_after => NULL, at_once => 10}), qr/1 done, 4 failed, 0 not begun/, 'never, all at once');
$node->safe_psql($_, 'DROP TABLE IF EXISTS blocks') foreach grep { $_ ne 'eu' } @names;
control(q{UPDATE migr_fleet.database SET active = false WHERE name = 'away'});
like(deploy(q{'r2'}), qr/release "r2": 4 done/, 'one that is not active is left alone');

note 'at most so many at once, one session, and one that is cut off';
my $slow = "-- migr:revision d4\n-- migr:revises c3\n-- migr:upgrade\nSELECT pg_sleep(2);\n-- migr:downgrade\n";
my $session = MigrTest::Session->new($node, db => 'control');
$session->send(qq{CALL migr_fleet.deploy('r3', \$s\$$slow\$s\$, at_once => 2)});
my $running = q{SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^running .*\md4\M'};
$node->poll_query_until('control', "$running", '1') or die 'the canary does not run';
like(deploy(q{'r3'}), qr/ERROR:  55P03: another session is deploying to the fleet/, 'another session is told');
$node->poll_query_until('control', "$running", '2') or die 'no two run';
is(control(q{SELECT state, count(*) FROM migr_fleet.run WHERE release = 'r3' GROUP BY state ORDER BY state}), "deploying|2\ndone|1", 'who looks sees how far it is');
my $pid = $session->pid;
$session->kill_client;
control("SELECT pg_terminate_backend($pid)");
$node->poll_query_until('control', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid");
is(control(q{SELECT count(*) FROM migr_fleet.run WHERE release = 'r3' AND state = 'deploying'}), '2', 'what was cut off is still said to run');
like(deploy(q{'r3', lock_timeout => '5s'}), qr/release "r3": 4 done/, 'the next call takes it up again');
is(control(q{SELECT database, attempt FROM migr_fleet.run WHERE release = 'r3' ORDER BY 1}), qq{asia|2\neu|1\no'dd "one"|2\nus|1}, 'but for those that were done');
is($node->safe_psql('asia', q{SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version}), 'a1 b2 c3 d4', 'once');

note 'a call that is cancelled leaves nothing in the way of the next';
$session = MigrTest::Session->new($node, db => 'control');
my $more = "-- migr:revision e5\n-- migr:revises d4\n-- migr:upgrade\nSELECT pg_sleep(1);\n-- migr:downgrade\n";
$session->send(qq{CALL migr_fleet.deploy('r4', \$s\$$more\$s\$)});
$node->poll_query_until('control', q{SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^running .*\me5\M'}, '1') or die 'the canary does not run';
control('SELECT pg_cancel_backend(' . $session->pid . ')');
like($session->errors(qr/canceling statement/), qr/canceling statement due to user request/, 'cancelled');
$session->send(q{CALL migr_fleet.deploy('r4', lock_timeout => '5s')});
like($session->errors(qr/r4.*done/), qr/release "r4": 4 done/, 'the same session goes on');
$session->finish;

# --- rights -----------------------------------------------------------------------------------

control('CREATE ROLE nobody LOGIN');
fails_ok($node, 'SELECT * FROM migr_fleet.status()', '42501', qr/permission denied for schema migr_fleet/, 'who was granted nothing', db => 'control', role => 'nobody');
control('GRANT USAGE ON SCHEMA migr_fleet TO nobody; GRANT SELECT ON ALL TABLES IN SCHEMA migr_fleet TO nobody; GRANT USAGE ON SCHEMA tools TO nobody');
like($node->safe_psql('control', q{SELECT error FROM migr_fleet.status() WHERE name = 'asia'}, extra_params => [ '-U', 'nobody' ]),
	qr/permission denied for foreign server|user mapping not found/, 'may look at what was deployed, and is led nowhere');

# --- postgres_fdw -----------------------------------------------------------------------------

note 'postgres_fdw';
control('CREATE SCHEMA us; IMPORT FOREIGN SCHEMA migr LIMIT TO (status, pending) FROM SERVER us INTO us');
$node->safe_psql('us', q{SELECT migr_load(E'-- migr:revision f6\n-- migr:revises e5\n-- migr:message two\n-- migr:labels mine, yours\n-- migr:upgrade\n-- migr:revision g7\n-- migr:revises f6\n-- migr:message one\n-- migr:upgrade\n')});
is(control('SELECT database, heads, script_heads, pending, up_to_date, run_tag, extension_version FROM us.status'), "us|{e5}|{g7}|2|f|r4|$version", 'a foreign table of the status');
is(control('SELECT ordinal, revision, down_revision, branch_labels, message, reversible FROM us.pending'), "1|f6|{e5}|{mine,yours}|two|f\n2|g7|{f6}|{mine,yours}|one|f", 'and what is pending, in order');
is(control('SELECT count(*) FROM us.pending WHERE revision = $$g7$$ AND $$f6$$ = ANY (down_revision)'), '1', 'with conditions');
$node->safe_psql('us', 'CREATE ROLE viewer LOGIN');
is($node->safe_psql('us', 'SELECT pending FROM migr.status', extra_params => [ '-U', 'viewer' ]), '2', 'anybody may read the views');
$node->safe_psql('us', 'REVOKE EXECUTE ON FUNCTION migr_status FROM PUBLIC');
fails_ok($node, 'SELECT pending FROM migr.status', '42501', qr/permission denied for function migr_status/, 'who may not call the function', db => 'us', role => 'viewer');

control('DROP SCHEMA migr_fleet CASCADE');
$node->stop;
$other->stop;
done_testing();
