# migr_deploy and migr_revert: a commit for each revision, short locks that are
# tried for again, statements that no transaction block holds, and going on after
# whatever has ended a run.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $node = new_node('deploy', "restart_after_crash = on\nautovacuum = off");

# A database of its own for each scenario, with a table of 1,000 rows.
sub new_database
{
	my ($db, $scripts) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql(
		$db, q{
		CREATE EXTENSION migr;
		CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL);
		INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g});
	load_scripts($node, $scripts, db => $db);
	return $db;
}

sub versions
{
	my ($db) = @_;

	return $node->safe_psql($db,
		q{SELECT coalesce(string_agg(revision, ' ' ORDER BY ordinal), '') FROM migr.version});
}

sub log_of
{
	my ($db) = @_;

	return $node->safe_psql(
		$db, q{
		SELECT string_agg(concat_ws(' ', action, revisions[1], step, outcome), ', ' ORDER BY id)
		  FROM migr.log WHERE action <> 'load'});
}

sub indexes
{
	my ($db) = @_;

	return $node->safe_psql(
		$db, q{
		SELECT coalesce(string_agg(relname || CASE WHEN indisvalid THEN '' ELSE ' invalid' END, ', ' ORDER BY relname), '')
		  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
		 WHERE indrelid = 't'::regclass AND NOT indisprimary});
}

# Nothing of migr is held in any session.
sub nothing_held
{
	my ($name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is( $node->safe_psql(
			'postgres', q{
			SELECT count(*) FROM pg_locks
			 WHERE locktype IN ('object', 'advisory') AND classid = 'pg_extension'::regclass}),
		'0',
		"$name: the mutex is free");
}

my $two = <<'SCRIPTS';
-- migr:revision one
-- migr:upgrade
CREATE TABLE one (i int);
-- migr:downgrade
DROP TABLE one;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE two (i int);
ALTER TABLE t ADD COLUMN w int;
-- migr:downgrade
ALTER TABLE t DROP COLUMN w;
DROP TABLE two;
SCRIPTS

# --- a lock that is not got in time ---------------------------------------------

my $db = new_database('locks', $two);
my $reader = MigrTest::Session->new($node, db => $db);
$reader->ask("SET application_name = 'the reader'");
$reader->ask('BEGIN');
$reader->ask('SELECT count(*) FROM t');

my $err = fails_ok(
	$node, "CALL migr_deploy('head', '200 ms', 3)", '55P03',
	qr/NOTICE:  00000: revision "two" was rolled back, try 1 of 3: canceling statement due to lock timeout/,
	'a lock that is not got', db => $db);
my $pid = $reader->pid;
like($err, qr/DETAIL:  Process $pid of user \S+, application "the reader", idle in transaction since [^\n]*: SELECT count\(\*\) FROM t/,
	'the blocker is named');
like($err, qr/ERROR:  55P03: canceling statement due to lock timeout\nDETAIL:  Process $pid of user/, 'in the error, too');
like($err, qr/revision "two", try 3 of 3/, 'and how often it was tried');
is(versions($db), 'one', 'what was done before stays');
is($node->safe_psql($db, "SELECT to_regclass('two') IS NULL"), 't', 'of the other there is nothing');
is(log_of($db), 'deploy one done, deploy two failed', 'the log has what failed');
like($node->safe_psql($db, 'SELECT last_failure FROM migr_status()'),
	qr/^deploy of head by \S+ at .*: canceling statement due to lock timeout \(55P03\)$/, 'migr_status shows it');
nothing_held('after a failure');

# Others go on while it waits between two tries; and then it gets the lock.
my $deploy = MigrTest::Session->new($node, db => $db);
$deploy->send("CALL migr_deploy('head', '100 ms', 30)");
$deploy->errors(qr/try 3 of 30/);
is($node->safe_psql($db, "SET lock_timeout = '5s'; SELECT count(*) FROM t"), '1000', 'others read meanwhile');
$reader->ask('COMMIT');
$deploy->drain;
is(versions($db), 'one two', 'it is tried until it gets the lock');
is($node->safe_psql($db, 'SELECT last_failure IS NULL FROM migr_status()'), 't', 'no failure is left');

# A revert is the same the other way.
$reader->ask('BEGIN');
$reader->ask('SELECT count(*) FROM t');
fails_ok($node, "CALL migr_revert('base', '100 ms', 1)", '55P03', qr/try 1 of 1/, 'a revert that gets no lock', db => $db);
is(versions($db), 'one two', 'is rolled back');
$reader->ask('COMMIT');
$node->safe_psql($db, "CALL migr_revert('base')");
is(versions($db), '', 'a revert');
$node->safe_psql('postgres', "ALTER DATABASE $db SET migr.protect = on");
$node->safe_psql($db, "CALL migr_deploy()");
fails_ok($node, "CALL migr_revert('base')", 'MG010', qr/migr\.protect/, 'a revert where downgrades are barred', db => $db);
$node->safe_psql('postgres', "ALTER DATABASE $db RESET migr.protect");

# Who listens learns of each revision.
(my $status, my $stdout, $err) = $node->psql($db, "LISTEN migr;\nCALL migr_revert('one', tag => 'a \"tag\"');\nCALL migr_deploy()");
like($stdout, qr/payload "\{"action": "revert", "revisions": \["two"\], "heads": \["one"\], "target": "one", "tag": "a \\"tag\\""\}"/,
	'a notification of a revert');
like($stdout, qr/payload "\{"action": "deploy", "revisions": \["two"\], "heads": \["two"\], "target": "head"\}"/, 'and of a deploy');

# A deadlock with the application ends the revision, which is tried again.
$db = new_database('deadlock', <<'SCRIPTS');
-- migr:revision one
-- migr:upgrade
ALTER TABLE a ADD COLUMN x int;
SELECT pg_sleep(1);
ALTER TABLE b ADD COLUMN x int;
SCRIPTS
$node->safe_psql($db, 'CREATE TABLE a (i int); CREATE TABLE b (i int)');
my $other = MigrTest::Session->new($node, db => $db);
$other->ask('BEGIN');
$other->ask("SET deadlock_timeout = '60s'");
$other->ask('SELECT * FROM b');
$deploy = MigrTest::Session->new($node, db => $db);
$deploy->send("CALL migr_deploy('head', '30s')");
$node->poll_query_until($db, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'a'::regclass AND mode = 'AccessExclusiveLock' AND granted});
$other->send('SELECT * FROM a');
$other->drain;
$other->ask('COMMIT');
$deploy->drain;
like($deploy->errors(qr/now at one/), qr/try 1 of 30: deadlock detected/, 'a deadlock is tried again');
is(versions($db), 'one', 'and ends well');

# --- one at a time ----------------------------------------------------------------

$db = new_database('mutex', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY t_v ON t (v);
SCRIPTS
$other = MigrTest::Session->new($node, db => $db);
$other->ask('BEGIN ISOLATION LEVEL REPEATABLE READ');
$other->ask('SELECT count(*) FROM t');
$deploy = MigrTest::Session->new($node, db => $db);
$deploy->send("SET statement_timeout = '1s'");
$deploy->send("SET lock_timeout = '1s'");
$deploy->send('CALL migr_deploy()');
$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'});
fails_ok($node, 'SELECT migr_upgrade()', '55P03', qr/another migration is running/, 'an upgrade does not wait for a deploy', db => $db);
fails_ok($node, "SET migr.lock_timeout = '200ms';\nCALL migr_deploy()", '55P03', qr/NOTICE:  00000: waiting for another migration.*Process \d+ of user/s,
	'another deploy waits as long as it may', db => $db);
my $second = MigrTest::Session->new($node, db => $db);
$second->send('CALL migr_deploy()');
$second->errors(qr/waiting for another migration/);
is($node->safe_psql($db, 'SELECT backend_xmin IS NULL AND backend_xid IS NULL FROM pg_stat_activity WHERE pid = ' . $second->pid), 't',
	'who waits holds no snapshot');
usleep(1_500_000);
is(indexes($db), 't_v invalid', 'the index is being built still, beyond the limits of the session');
$other->ask('COMMIT');
$deploy->drain;
is(indexes($db), 't_v', 'and then is there');
$second->drain;
like($second->errors(qr/nothing to do/), qr/nothing to do/, 'the second finds nothing to do');
is($deploy->ask('SHOW statement_timeout') . $deploy->ask('SHOW lock_timeout'), '1s1s', 'the settings are as they were');
nothing_held('after two');

# --- statements by themselves, interrupted -----------------------------------------

my $apart = <<'SCRIPTS';
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
CREATE TYPE state AS ENUM ('a');
ALTER TYPE state ADD VALUE 'b';
CREATE TABLE s (state state DEFAULT 'b');
SET search_path = pg_catalog;
CREATE UNIQUE INDEX CONCURRENTLY t_v ON public.t (v);
DO $$BEGIN FOR i IN 1..3 LOOP INSERT INTO public.s VALUES ('b'); COMMIT; END LOOP; END$$;
INSERT INTO public.s VALUES ('a');
VACUUM public.t;
-- migr:downgrade
DROP INDEX CONCURRENTLY t_v;
DROP TABLE s;
DROP TYPE state;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE two (i int);
-- migr:downgrade
DROP TABLE two;
SCRIPTS

$db = new_database('apart', $apart);
fails_ok($node, 'SELECT migr_upgrade()', '25001', qr/CALL migr_deploy\(\) runs it/, 'an upgrade says who can', db => $db);
$node->safe_psql($db, 'INSERT INTO t VALUES (1001, 1)');
fails_ok($node, "CALL migr_deploy()", '23505', qr/could not create unique index "t_v".*revision "one", upgrade section, line 8/s, 'an index that can not be built', db => $db);
is(indexes($db), 't_v invalid', 'leaves an invalid one');
is(versions($db), '', 'the revision is not recorded');
like($node->safe_psql($db, 'SELECT interrupted FROM migr_status()'),
	qr/^revision "one", upgrade section, statement 5: CREATE INDEX CONCURRENTLY failed$/, 'migr_status says where it is');
is($node->safe_psql($db, q{SELECT object, status, detail FROM migr_verify('versions') WHERE status <> 'ok'}),
	'revision one|fail|upgrade section, statement 5: CREATE INDEX CONCURRENTLY failed; index public.t_v is invalid; migr_deploy() goes on from there',
	'migr_verify also what is left');
$node->safe_psql($db, 'DELETE FROM t WHERE id = 1001');
my $notices = notices_of($node, 'CALL migr_deploy()', db => $db);
like($notices, qr/4 of 8 statements have run before/, 'the next one goes on');
like($notices, qr/index public.t_v is invalid: DROP INDEX CONCURRENTLY public.t_v/, 'and drops what is in the way');
is(indexes($db), 't_v', 'the index is there');
is($node->safe_psql($db, 'SELECT count(*) FROM s'), '4', 'each statement has run once');
is(versions($db), 'one two', 'all is recorded');
is($node->safe_psql($db, 'SELECT interrupted IS NULL FROM migr_status()'), 't', 'nothing is interrupted');
$node->safe_psql($db, "CALL migr_revert('base')");
is(indexes($db) . versions($db), '', 'and back');

# Cut short when it was no longer kept up, as by a server that stopped in DROP INDEX or REINDEX CONCURRENTLY.
$db = new_database('dead', $apart);
$node->safe_psql($db, 'INSERT INTO t VALUES (1001, 1)');
fails_ok($node, "CALL migr_deploy()", '23505', qr/could not create unique index "t_v"/, 'an index that can not be built', db => $db);
$node->safe_psql($db, q{DELETE FROM t WHERE id = 1001;
	UPDATE pg_index SET indislive = false, indisready = false WHERE indexrelid = 't_v'::regclass});
like(notices_of($node, 'CALL migr_deploy()', db => $db), qr/index public.t_v is invalid: DROP INDEX CONCURRENTLY public.t_v/,
	'a dead index is dropped, too');
is(indexes($db), 't_v', 'and made anew');

# Of what has run nothing may change; the rest may.
$db = new_database('changed', $apart);
$node->safe_psql($db, 'INSERT INTO t VALUES (1001, 1)');
fails_ok($node, "CALL migr_deploy()", '23505', qr/t_v/, 'a statement fails', db => $db);
(my $changed = $apart) =~ s/'a'\);/'x');/;
$node->safe_psql($db, "SELECT migr_load(\$s\$$changed\$s\$, replace => true)");
fails_ok($node, "CALL migr_deploy()", '55000', qr/statement 1 of revision "one" has run, and is another one now/, 'one that has run is another one', db => $db);
($changed = $apart) =~ s/CREATE UNIQUE INDEX/CREATE INDEX/;
$node->safe_psql($db, "SELECT migr_load(\$s\$$changed\$s\$, replace => true)");
$node->safe_psql($db, 'DROP INDEX t_v');
$node->safe_psql($db, 'CALL migr_deploy()');
is(versions($db), 'one two', 'the one that failed is another one');

# Without its postmaster the server ends; only then another one can start.
sub kill_postmaster
{
	my @processes = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity');

	$node->kill9;
	usleep(10_000) while kill(0, @processes) > 0;
	$node->start;
	return;
}

# Ended while the index is built, in each way that there is.
my %ways = (
	'cancelled' => sub { $node->safe_psql('postgres', "SELECT pg_cancel_backend($_[0])"); },
	'terminated' => sub { $node->safe_psql('postgres', "SELECT pg_terminate_backend($_[0])"); },
	'killed' => sub { kill_and_recover($node, $_[0]); },
	'stopped' => sub { $node->stop('immediate'); $node->start; },
	'orphaned' => \&kill_postmaster,
	'left' => undef);

foreach my $way (sort keys %ways)
{
	$db = new_database("at_$way", $apart);
	$other = MigrTest::Session->new($node, db => $db);
	$other->ask('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$other->ask('SELECT count(*) FROM t');
	$deploy = MigrTest::Session->new($node, db => $db);
	$deploy->send('CALL migr_deploy()');
	$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'})
	  or die "$way: no index is being built";
	if ($ways{$way})
	{
		$ways{$way}->($deploy->pid);
		if ($way eq 'cancelled') { $deploy->drain; }
		elsif ($way eq 'orphaned') { $deploy->kill_client; }
		else { $deploy->finish; }
		is(indexes($db), 't_v invalid', "$way: there is an invalid index");
	}
	else
	{
		# Nobody waits for the result: the index is finished, and it is not known who is told.
		$deploy->kill_client;
	}
	$other->ask('COMMIT') if $way !~ /killed|stopped|orphaned/;
	$node->poll_query_until($db, q{SELECT count(*) = 0 FROM pg_locks WHERE classid = 'pg_extension'::regclass AND locktype = 'advisory'});
	is($node->safe_psql($db, 'SELECT outcome FROM migr.log WHERE step = 5 ORDER BY id LIMIT 1'), 'running',
		"$way: the log has what was begun");
	$node->safe_psql($db, 'CALL migr_deploy()');
	is(indexes($db), 't_v', "$way: the next one finishes it");
	is($node->safe_psql($db, 'SELECT count(*) FROM s'), '4', "$way: each statement has run once");
	is(versions($db), 'one two', "$way: all is recorded");
	nothing_held($way);
}

# What was done, but is not noted as that, is not done again.
$db = new_database('lost', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY t_v ON t (v);
CREATE INDEX CONCURRENTLY ON t (id, v);
SELECT 1 / current_setting('lost.divisor')::int;
SCRIPTS
fails_ok($node, "SET lost.divisor = 0;\nCALL migr_deploy()", '22012', qr/division by zero/, 'a statement behind fails', db => $db);
my $built = $node->safe_psql($db, "SELECT array_agg(indexrelid ORDER BY indexrelid) FROM pg_index WHERE indrelid = 't'::regclass");
$node->safe_psql(
	$db, q{
	INSERT INTO migr.log (action, target, from_heads, to_heads, revisions, started_at, duration,
	                      performed_by, run_as, outcome, command, objects, step, checksum)
	SELECT action, target, from_heads, to_heads, revisions, started_at, duration,
	       performed_by, run_as, outcome, command, objects, step, checksum
	  FROM migr.log WHERE outcome = 'running' ORDER BY id});
$notices = notices_of($node, "SET lost.divisor = 1;\nCALL migr_deploy()", db => $db);
like($notices, qr/statement 1: index public.t_v is there, and valid/, 'an index by its name');
like($notices, qr/statement 2: index public.t_id_v_idx is there, and valid/, 'an index that has got its name from the server');
is($node->safe_psql($db, "SELECT array_agg(indexrelid ORDER BY indexrelid) FROM pg_index WHERE indrelid = 't'::regclass"),
	$built, 'they are the same');

# IF NOT EXISTS would take an invalid index for what is wanted.
$db = new_database('exists', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY IF NOT EXISTS t_v ON t (v);
SCRIPTS
$node->safe_psql($db, 'INSERT INTO t VALUES (1001, 1)');
$node->psql($db, 'CREATE UNIQUE INDEX CONCURRENTLY t_v ON t (v)');
is(indexes($db), 't_v invalid', 'an invalid index of somebody');
$node->safe_psql($db, 'CALL migr_deploy()');
is(indexes($db), 't_v', 'is not taken for a valid one');

# --- what directives say -------------------------------------------------------------

$db = new_database('directed', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
-- migr:require
SELECT count(*) = 1000 FROM t;
-- migr:batch 100 5ms
UPDATE t SET v = v + 10000 WHERE v < 10000;
-- migr:expect 1
INSERT INTO t VALUES (1001, 1);
CREATE INDEX CONCURRENTLY t_v ON t (v);
SCRIPTS
$node->safe_psql($db, 'INSERT INTO t VALUES (0, 0)');
fails_ok($node, 'CALL migr_deploy()', '55000', qr/revision "one", upgrade section/, 'what is required is not there', db => $db);
is(log_of($db), 'deploy one failed', 'nothing has run');
$node->safe_psql($db, 'DELETE FROM t WHERE id = 0');

# A row that is locked stops no other batch, and no row is changed twice.
$other = MigrTest::Session->new($node, db => $db);
$other->ask('BEGIN');
$other->ask('SELECT FROM t WHERE id = 450 FOR UPDATE');
$deploy = MigrTest::Session->new($node, db => $db);
$deploy->send("CALL migr_deploy(lock_timeout => '100ms')");
$node->poll_query_until($db, 'SELECT count(*) >= 300 FROM t WHERE v > 10000');
usleep(300_000);
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $deploy->pid . ')');
$deploy->finish;
cmp_ok($node->safe_psql($db, 'SELECT count(*) FROM t WHERE v > 10000'), '>=', 300, 'batches that were done stay');
cmp_ok($node->safe_psql($db, 'SELECT count(*) FROM t WHERE v > 10000'), '<', 1000, 'the others are not done');
$other->ask('COMMIT');
$node->safe_psql($db, 'CALL migr_deploy()');
is($node->safe_psql($db, 'SELECT count(*), sum(v) FROM t'), '1001|10500501', 'each row is changed once');
cmp_ok($node->safe_psql($db, 'SELECT count(DISTINCT xmin::text) FROM t'), '>=', 10, 'in a transaction for each batch');
like($node->safe_psql($db, q{SELECT string_agg(detail, ', ' ORDER BY id) FROM migr.log WHERE step = 2 AND outcome = 'done'}), qr/^\d+ rows, \d+ a second$/,
	'the log counts the rows');
is(versions($db), 'one', 'and the revision is recorded');

# A time that was rolled back is done again: what it had found is not taken for done.
$db = new_database('rounds', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
SET lock_timeout = '100ms';
-- migr:batch 2000
UPDATE t SET v = v + 10000 WHERE v < 10000;
SCRIPTS
$other = MigrTest::Session->new($node, db => $db);
$other->ask('BEGIN');
$other->ask('SELECT FROM t WHERE id = 450 FOR UPDATE');
$deploy = MigrTest::Session->new($node, db => $db);
$deploy->send("CALL migr_deploy()");
$deploy->errors(qr/try 2 of 30/);
is($node->safe_psql('postgres', 'SELECT application_name FROM pg_stat_activity WHERE pid = ' . $deploy->pid),
	'running upgrade base -> one (1 of 1)', 'pg_stat_activity shows what runs');
$other->ask('COMMIT');
$deploy->drain;
is($node->safe_psql($db, 'SELECT count(*) FROM t WHERE v > 10000'), '1000', 'a batch that was tried again');

# The script's own limits hold, for what commits on its way too.
$db = new_database('limits', <<'SCRIPTS');
-- migr:revision one
-- migr:upgrade
SET statement_timeout = '200ms';
SELECT pg_sleep(current_setting('limits.sleep')::float8);
-- migr:revision two
-- migr:revises one
-- migr:transaction off
-- migr:upgrade
DO $$BEGIN PERFORM 1; COMMIT; LOCK TABLE t; END$$;
SELECT pg_sleep(0.5);
SCRIPTS
fails_ok($node, "SET limits.sleep = 5;\nCALL migr_deploy()", '57014', qr/statement timeout/, 'a statement_timeout of the script', db => $db);
$other = MigrTest::Session->new($node, db => $db);
$other->ask('BEGIN');
$other->ask('SELECT count(*) FROM t');
fails_ok($node, "SET limits.sleep = 0;\nCALL migr_deploy(lock_timeout => '100ms', attempts => 2)", '55P03', qr/try 2 of 2/,
	'a lock behind a commit', db => $db);
is(versions($db), 'one', 'what was done stays');
$other->ask('COMMIT');
$node->safe_psql($db, "SET statement_timeout = '300ms';\nCALL migr_deploy()");
is(versions($db), 'one two', 'the session has no limit');

# An index that somebody else builds right now is waited for, not dropped.
$db = new_database('builder', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY IF NOT EXISTS t_v ON t (v);
SCRIPTS
$other = MigrTest::Session->new($node, db => $db);
$other->ask('BEGIN ISOLATION LEVEL REPEATABLE READ');
$other->ask('SELECT count(*) FROM t');
my $builder = MigrTest::Session->new($node, db => $db);
$builder->send('CREATE INDEX CONCURRENTLY t_v ON t (v)');
$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = 't_v' AND NOT indisvalid});
my $oid = $node->safe_psql($db, q{SELECT 't_v'::regclass::oid});
$deploy = MigrTest::Session->new($node, db => $db);
$deploy->send('CALL migr_deploy()');
$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND relation = 't'::regclass});
$other->ask('COMMIT');
$builder->drain;
$deploy->drain;
is($node->safe_psql($db, q{SELECT 't_v'::regclass::oid}) . indexes($db), $oid . 't_v', 'it is the same index');

# --- partitions -------------------------------------------------------------------

SKIP:
{
	skip 'DETACH PARTITION CONCURRENTLY is there since 14', 5 if $node->safe_psql('postgres', 'SHOW server_version_num') < 140000;
	$db = new_database('detach', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;
DROP TABLE p1;
SCRIPTS
	$node->safe_psql($db, 'CREATE TABLE p (i int) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)');
	$other = MigrTest::Session->new($node, db => $db);
	$other->ask('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$other->ask('SELECT count(*) FROM p');
	$deploy = MigrTest::Session->new($node, db => $db);
	$deploy->send('CALL migr_deploy()');
	$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_inherits WHERE inhdetachpending});
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $deploy->pid . ')');
	$deploy->drain;
	like($deploy->errors(qr/ERROR/), qr/57014/, 'a detach that is cancelled');
	is($node->safe_psql($db, 'SELECT count(*) FROM pg_inherits WHERE inhdetachpending'), '1', 'is pending');
	$other->ask('COMMIT');
	like(notices_of($node, 'CALL migr_deploy()', db => $db), qr/public.p1 is being detached: ALTER TABLE public.p DETACH PARTITION public.p1 FINALIZE/, 'the next one finds that');
	is($node->safe_psql($db, "SELECT to_regclass('p1') IS NULL"), 't', 'and finishes it');
	is(versions($db), 'one', 'and goes on');
}

# --- what fails at the end, and elsewhere --------------------------------------------

$db = new_database('deferred', <<'SCRIPTS');
-- migr:revision one
-- migr:upgrade
CREATE TABLE parent (i int PRIMARY KEY);
CREATE TABLE child (i int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
-- migr:revision two
-- migr:revises one
-- migr:upgrade
INSERT INTO child VALUES (1);
SCRIPTS
fails_ok($node, "CALL migr_deploy()", '23503', qr/revision "two"/, 'a constraint that is deferred', db => $db);
is(versions($db), 'one', 'fails its revision');
is(log_of($db), 'deploy one done, deploy two failed', 'and is logged');
fails_ok($node, "SET default_transaction_read_only = on;\nCALL migr_deploy()", '25006', qr/read-only/, 'a read-only session', db => $db);
fails_ok($node, "CALL migr_deploy('nowhere')", 'MG001', qr/nowhere/, 'an unknown target', db => $db);
fails_ok($node, "CALL migr_deploy(attempts => 0)", '22023', qr/attempts/, 'no attempt', db => $db);
fails_ok($node, "CALL migr_deploy(lock_timeout => '-1 s')", '22023', qr/lock_timeout/, 'a negative limit', db => $db);
fails_ok($node, "CALL migr_deploy(NULL)", '22004', qr/target/, 'no target', db => $db);
nothing_held('after errors');

# No room on the disk: the backend may write no file that is larger than so.
sub without_room
{
	my ($name) = @_;
	my $session = MigrTest::Session->new($node, db => $db);

	system('prlimit', '--pid', $session->pid, '--fsize=20481000') == 0 or die 'prlimit failed';
	$session->send('CALL migr_deploy()');
	like($session->errors(qr/ERROR.*LOCATION/s), qr/could not (extend|write to) file/, "$name: no room on the disk");
	$session->drain;
	nothing_held($name);
	return;
}

$db = new_database('no_room', <<'SCRIPTS');
-- migr:revision one
-- migr:upgrade
ALTER TABLE t ADD COLUMN note text;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE large AS SELECT g, repeat('x', 1000) AS filler FROM generate_series(1, 40000) g;
-- migr:downgrade
DROP TABLE large;
SCRIPTS
without_room('a table');
is(versions($db), 'one', 'the revision before stays');
is(log_of($db), 'deploy one done, deploy two failed', 'the log knows which one failed');
like($node->safe_psql($db, 'SELECT last_failure FROM migr_status()'), qr/could not extend file/, 'and why');
$node->safe_psql($db, 'CALL migr_deploy()');
is($node->safe_psql($db, 'SELECT count(*) FROM large'), '40000', 'with room, it goes on');

load_scripts($node, <<'SCRIPTS', db => $db);
-- migr:revision three
-- migr:revises two
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY large_filler ON large ((repeat(md5(g::text), 12)), (repeat(md5(g::text), 13)));
SCRIPTS
without_room('an index');
is($node->safe_psql($db, q{SELECT indisvalid FROM pg_index WHERE indexrelid = 'large_filler'::regclass}), 'f', 'an index that is not valid is left');
is($node->safe_psql($db, 'SELECT outcome FROM migr.log WHERE step = 1 ORDER BY id DESC LIMIT 1'), 'failed', 'and that it failed is known');
$node->safe_psql($db, 'CALL migr_deploy()');
is($node->safe_psql($db, q{SELECT indisvalid FROM pg_index WHERE indexrelid = 'large_filler'::regclass}), 't', 'with room, it is built again');

# --- where it can't be called ----------------------------------------------------------

fails_ok($node, "BEGIN;\nCALL migr_deploy();", '25001', qr/autocommit/, 'in a transaction block', db => $db);
fails_ok($node, "DO 'BEGIN CALL migr_deploy(); END'", '25001', qr/must be a statement of its own/, 'in DO', db => $db);
$node->safe_psql($db, q{CREATE PROCEDURE around() LANGUAGE plpgsql AS 'BEGIN CALL migr_deploy(); END'});
fails_ok($node, "CALL around()", '25001', qr/must be a statement of its own/, 'in a procedure', db => $db);
$node->safe_psql($db, q{CREATE FUNCTION within() RETURNS void LANGUAGE plpgsql AS 'BEGIN CALL migr_deploy(); END'});
fails_ok($node, "SELECT within()", '25001', qr/must be a statement of its own/, 'in a function', db => $db);
$node->safe_psql($db, q{CREATE ROLE nobody_special});
fails_ok($node, "SET ROLE nobody_special;\nCALL migr_deploy()", '42501', qr/permission denied for procedure migr_deploy/, 'without the right', db => $db);
nothing_held('where it can not be called');

# A role that may do nothing but call it, in a database where nobody changes the schema
# otherwise; and names that are not as one would like.
$db = new_database('rights', <<'SCRIPTS');
-- migr:revision one
-- migr:transaction off
-- migr:upgrade
CREATE TABLE "t ""1"" $migr$" ("c ;" int);
CREATE INDEX CONCURRENTLY "i '"" ;" ON "t ""1"" $migr$" ("c ;");
SELECT 1 / current_setting('rights.divisor')::int;
SCRIPTS
$node->safe_psql('postgres', "ALTER DATABASE $db SET migr.guard = 'error'");
$node->safe_psql($db, q{CREATE ROLE deployer LOGIN; GRANT CREATE ON SCHEMA public TO deployer;
	GRANT EXECUTE ON PROCEDURE migr_deploy TO deployer});
fails_ok($node, "SET rights.divisor = 0;\nCALL migr_deploy()", '42501', qr/permission denied for procedure/, 'another role', db => $db, role => 'nobody_special')
  if $node->safe_psql('postgres', 'ALTER ROLE nobody_special LOGIN') eq '';
fails_ok($node, "SET rights.divisor = 0;\nCALL migr_deploy()", '22012', qr/division by zero/, 'a role with that right', db => $db, role => 'deployer');
$node->safe_psql(
	$db, q{
	UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"i ''"" ;"'::regclass;
	INSERT INTO migr.log (action, target, from_heads, to_heads, revisions, started_at, duration,
	                      performed_by, run_as, outcome, command, objects, step, checksum)
	SELECT action, target, from_heads, to_heads, revisions, started_at, duration,
	       performed_by, run_as, outcome, command, objects, step, checksum
	  FROM migr.log WHERE outcome = 'running'});
(my $deployed, $stdout, $err) = $node->psql($db, "SET rights.divisor = 1;\nCALL migr_deploy()", extra_params => [ '-U', 'deployer' ]);
like($err, qr/index public\."i '"" ;" is invalid: DROP INDEX CONCURRENTLY public\."i '"" ;"/, 'a hostile name');
is(versions($db), 'one', 'is dropped and built again by who may do no more');
fails_ok($node, 'CREATE TABLE outside (i int)', 'MG010', qr/migr\.guard/, 'what is no deploy is refused', db => $db, role => 'deployer');
nothing_held('with few rights');

done_testing();
