# Whatever ends a run in its midst - the backend killed, terminated or
# cancelled, the server stopped, the client gone - nothing of it is left, the
# mutex is free, and the next run does all of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('crash', 'restart_after_crash = on');

# The second statement of the second revision sleeps as long as the session
# wants: the same scripts serve the run that is broken off and the next one.
load_scripts($node, <<'SCRIPTS');
-- migr:revision one
-- migr:upgrade
CREATE TABLE crash_one (i int);
INSERT INTO crash_one SELECT generate_series(1, 1000);
-- migr:downgrade
DROP TABLE crash_one;

-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE crash_two (i int);
SELECT pg_sleep(coalesce(current_setting('crash.sleep', true), '0')::float8);
INSERT INTO crash_two VALUES (1);
-- migr:downgrade
DELETE FROM crash_two;
SELECT pg_sleep(coalesce(current_setting('crash.sleep', true), '0')::float8);
DROP TABLE crash_two;

-- migr:revision three
-- migr:revises two
-- migr:upgrade
CREATE TABLE crash_three (i int);
-- migr:downgrade
DROP TABLE crash_three;
SCRIPTS

my $tables = q{
	SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '')
	  FROM pg_class WHERE relname LIKE 'crash\_%' AND relkind = 'r'};
my $versions = q{
	SELECT coalesce(string_agg(revision, ' ' ORDER BY ordinal), '')
	  FROM migr.version};
my $runs = q{SELECT count(*) FROM migr.log WHERE action <> 'load'};

# What there is: tables, applied revisions, and how many runs were logged.
sub state_of
{
	return join '|', map { $node->safe_psql('postgres', $_) } $tables,
	  $versions, $runs;
}

# A session that is asleep in the midst of a run.
sub start_run
{
	my ($statement, %param) = @_;
	my $session = MigrTest::Session->new($node);

	$session->ask('SET crash.sleep = ' . ($param{sleep} // 1000));
	$session->ask($param{before}) if $param{before};
	$session->send($statement);
	is(wait_for_sleep($node, 'two'), $session->pid, 'the run is under way');
	return $session;
}

# Nothing has come of a run, and the next one works; then back to nothing.
my $logged = 0;

sub nothing_left
{
	my ($name) = @_;

	is(state_of(), "||$logged", "$name: nothing of the run is there");
	mutex_is_free($node, $name);
	is( $node->safe_psql('postgres', q{SELECT migr_upgrade('head')}),
		"one\ntwo\nthree",
		"$name: the next upgrade does all of it");
	is(state_of(), 'crash_one crash_three crash_two|one two three|'
		  . ++$logged,
		"$name: once");
	$node->safe_psql('postgres', q{SELECT migr_downgrade('base')});
	is(state_of(), '||' . ++$logged, "$name: and back");
}

my $session;
my ($out, $err);

note 'the backend is killed';
$session = start_run(q{SELECT migr_upgrade('head')});
my $pid = $session->pid;
kill_and_recover($node, $pid);
($out, $err) = $session->finish;
is($out, '', 'kill -9: no row was returned');
nothing_left('kill -9');

note 'the backend is terminated';
$session = start_run(q{SELECT migr_upgrade('head')});
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $session->pid . ')');
($out, $err) = $session->finish;
is($out, '', 'pg_terminate_backend: no row was returned');
is(sqlstate($err), '57P01', 'pg_terminate_backend: 57P01');
$node->poll_query_until('postgres',
	'SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = '
	  . $session->pid . ')');
nothing_left('pg_terminate_backend');

note 'the statement is cancelled';
$session = start_run(q{SELECT migr_upgrade('head')},
	before => q{SET application_name = 'my name'});
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->drain, '', 'pg_cancel_backend: no row was returned');
$err = $session->errors(qr/CONTEXT.*LOCATION/s);
is(sqlstate($err), '57014', 'pg_cancel_backend: 57014');
like($err, qr/^CONTEXT:.*revision "two", upgrade section, line 5/ms,
	'pg_cancel_backend: the context says where the run was');
is($session->ask('SHOW application_name'), 'my name',
	'pg_cancel_backend: the session has its application_name back');

# The session is as good as new: it is not in a run any more.
$session->ask('SET crash.sleep = 0');
is($session->ask(q{SELECT migr_upgrade('two')}), "one\ntwo",
	'pg_cancel_backend: the same session can go on');
is($session->ask(q{SELECT migr_downgrade('base')}), "two\none",
	'pg_cancel_backend: and back');
$session->finish;
$logged += 2;
nothing_left('pg_cancel_backend');

note 'statement_timeout';
$session = MigrTest::Session->new($node);
$session->ask('SET crash.sleep = 1000');
$session->ask(q{SET statement_timeout = '300ms'});
is($session->ask(q{SELECT migr_upgrade('head')}), '',
	'statement_timeout: no row was returned');
is(sqlstate($session->errors(qr/ERROR/)), '57014', 'statement_timeout: 57014');
$session->finish;
nothing_left('statement_timeout');

note 'cancelled in a savepoint of the caller';
$session = start_run(q{SELECT migr_upgrade('head')},
	before => q{BEGIN; CREATE TABLE crash_mine (i int); SAVEPOINT s});
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
is(sqlstate($session->errors(qr/ERROR/)), '57014', 'savepoint: 57014');
$session->ask('ROLLBACK TO s');
$session->ask('SET LOCAL crash.sleep = 0');
is($session->ask(q{SELECT migr_upgrade('one')}), 'one',
	'savepoint: another run in the same transaction');
$session->ask('COMMIT');
is(state_of(), 'crash_mine crash_one|one|' . ++$logged,
	'savepoint: only that one is there');
$session->ask(q{DROP TABLE crash_mine});
$session->ask(q{SELECT migr_downgrade('base')});
$logged++;
$session->finish;
nothing_left('savepoint');

note 'the server is stopped at once';
$session = start_run(q{SELECT migr_upgrade('head')});
$node->stop('immediate');
$session->finish;
$node->start;
nothing_left('immediate shutdown');

note 'what was committed outlives it';
$node->safe_psql('postgres', q{SELECT migr_upgrade('head')});
$logged++;
$node->stop('immediate');
$node->start;
is(state_of(), "crash_one crash_three crash_two|one two three|$logged",
	'committed: it is all there after recovery');

note 'the backend is killed in the midst of a downgrade';
$session = start_run(q{SELECT migr_downgrade('base')});
$pid = $session->pid;
kill_and_recover($node, $pid);
$session->finish;
is(state_of(), "crash_one crash_three crash_two|one two three|$logged",
	'downgrade: all is as it was');
is($node->safe_psql('postgres', 'SELECT sum(i) FROM crash_two'),
	'1', 'downgrade: so is what the tables hold');
mutex_is_free($node, 'downgrade');
$node->safe_psql('postgres', q{SELECT migr_downgrade('base')});
$logged++;
nothing_left('downgrade');

note 'the client goes away before it commits';
$session = MigrTest::Session->new($node);
$pid = $session->pid;
$session->ask('BEGIN');
is($session->ask(q{SELECT migr_upgrade('head')}), "one\ntwo\nthree",
	'lost client: the run is done');
$session->kill_client;
$node->poll_query_until('postgres',
	"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)");
nothing_left('lost client');

note 'the client goes away in the midst of the run';
SKIP:
{
	skip 'the server can not notice before 14', 1
	  unless $node->safe_psql('postgres',
		q{SELECT count(*) FROM pg_settings WHERE name = 'client_connection_check_interval'});

	$session = start_run(q{SELECT migr_upgrade('head')},
		before => q{SET client_connection_check_interval = '50ms'});
	$pid = $session->pid;
	$session->kill_client;
	ok( $node->poll_query_until(
			'postgres',
			"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)"),
		'client that is missed: the run ends');
	nothing_left('client that is missed');
}

note 'nobody notices that the client has gone until the run is done';
$session = start_run(q{SELECT migr_upgrade('head')}, sleep => 2);
$pid = $session->pid;
$session->kill_client;
ok( $node->poll_query_until(
		'postgres',
		"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)"),
	'client that is not missed: the run ends');

# It could be committed or not; but not by half.
my $state = state_of();
ok( $state eq "||$logged"
	  || $state eq 'crash_one crash_three crash_two|one two three|'
	  . ($logged + 1),
	'client that is not missed: all of it is there, or nothing')
  or diag($state);
if ($state ne "||$logged")
{
	$node->safe_psql('postgres', q{SELECT migr_downgrade('base')});
	$logged += 2;
}
nothing_left('client that is not missed');

$node->stop;
done_testing();
