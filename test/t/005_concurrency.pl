# Many sessions at once: every revision runs once, nobody sees a unique
# violation, who waits knows for whom, and waiting ends as it is told to.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sessions = 20;
my $node = new_node('concurrency', 'max_connections = 60');
my $user = $node->safe_psql('postgres', 'SELECT current_user');
my $directory = PostgreSQL::Test::Utils::tempdir();

# A chain of revisions that each leave a row; the first makes the table.
my $chain = <<'SCRIPT';
-- migr:revision r00
-- migr:upgrade
CREATE TABLE ran (n serial, revision text, pid int DEFAULT pg_backend_pid());
INSERT INTO ran (revision) VALUES ('r00');
-- migr:downgrade
DROP TABLE ran;

SCRIPT
my @chain = ('r00');
foreach my $i (1 .. $sessions)
{
	my $id = sprintf('r%02d', $i);

	$chain .= "-- migr:revision $id\n-- migr:revises $chain[-1]\n"
	  . "-- migr:upgrade\nINSERT INTO ran (revision) VALUES ('$id');\n"
	  . "-- migr:downgrade\nDELETE FROM ran WHERE revision = '$id';\n\n";
	push @chain, $id;
}
my $all = join("\n", @chain);
my $ran = 'SELECT revision FROM ran ORDER BY n';
my $applied = 'SELECT revision FROM migr.version ORDER BY ordinal';
my $upgrades = q{SELECT count(*) FROM migr.log WHERE action = 'upgrade'};

sub start_anew
{
	$node->safe_psql('postgres',
		'DROP EXTENSION migr; CREATE EXTENSION migr; DROP TABLE IF EXISTS ran');
}

# How many sessions wait for the mutex.
sub wait_for_waiters
{
	my ($count) = @_;

	$node->poll_query_until('postgres', qq{
		SELECT count(*) = $count FROM pg_locks
		 WHERE classid = 'pg_extension'::regclass AND NOT granted})
	  or die "there are not $count sessions that wait";
}

# all_at_once(STATEMENT, SETTINGS): what each of many sessions got from the
# statement, rows and messages, when all of them wait and are let go together.
sub all_at_once
{
	my ($statement, $settings) = @_;
	my $blocker = MigrTest::Session->new($node);
	my @session = map { MigrTest::Session->new($node) } 1 .. $sessions;
	my @result;

	# It need only take the mutex: a stamp that is rolled back does.
	$blocker->ask(q{BEGIN; SELECT migr_stamp('base')});
	foreach my $session (@session)
	{
		$session->ask($settings) if $settings;
		$session->send(ref $statement ? shift @$statement : $statement);
	}
	wait_for_waiters($sessions);
	$blocker->ask('ROLLBACK');
	foreach my $session (@session)
	{
		push @result, { out => $session->drain };
	}
	foreach my $i (0 .. $#session)
	{
		$result[$i]->{pid} = $session[$i]->pid;
		(undef, $result[$i]->{err}) = $session[$i]->finish;
		$result[$i]->{state} = sqlstate($result[$i]->{err});
	}
	$blocker->finish;
	return @result;
}

note "$sessions sessions upgrade to the head";
load_scripts($node, $chain);
my @result = all_at_once(q{SELECT migr_upgrade('head')});
is(join('', map { $_->{state} } @result), '', 'no error');
is(join("\n", grep { $_ ne '' } map { $_->{out} } @result), $all,
	'one session gets all revisions, the others none');
is($node->safe_psql('postgres', $ran), $all, 'each ran once, in order');
is($node->safe_psql('postgres', $applied), $all, 'each has one row');
is($node->safe_psql('postgres', $upgrades), '1', 'one run is logged');
is(scalar(grep { $_->{err} =~ /NOTICE:  00000: waiting for another migration to finish\nDETAIL:  Process \d+ of user \Q$user\E/ } @result),
	$sessions, 'all of them said for whom they wait');
is(scalar(grep { $_->{err} =~ /NOTICE:  00000: nothing to do: "head" is applied already/ } @result),
	$sessions - 1, 'all but one said that nothing was left to do');
mutex_is_free($node, 'to the head');

note "$sessions sessions take one step each";
start_anew();
load_scripts($node, $chain);
$node->safe_psql('postgres', q{SELECT migr_upgrade('r00')});
@result = all_at_once(q{SELECT migr_upgrade('+1')});
is(join('', map { $_->{state} } @result), '', 'steps: no error');
is(join("\n", 'r00', sort map { $_->{out} } @result), $all,
	'steps: each session took another one');
is($node->safe_psql('postgres', $ran), $all, 'steps: in order');
is($node->safe_psql('postgres', 'SELECT count(DISTINCT pid) FROM ran'),
	$sessions + 1, 'steps: each in its own session');

note "$sessions sessions step back";
@result = all_at_once(q{SELECT migr_downgrade('-1')});
is(join("\n", sort map { $_->{out} } @result), join("\n", @chain[ 1 .. $sessions ]),
	'back: each session took another one');
is($node->safe_psql('postgres', $ran), 'r00', 'back: all the way');

note 'other isolation levels';
foreach my $level ('repeatable read', 'serializable')
{
	start_anew();
	load_scripts($node, $chain);
	$node->safe_psql('postgres', q{SELECT migr_upgrade('r00')});
	@result = all_at_once(q{SELECT migr_upgrade('+1')},
		"SET default_transaction_isolation = '$level'");

	my @done = sort grep { $_ ne '' } map { $_->{out} } @result;
	my @late = grep { $_->{state} eq '40001' } @result;

	cmp_ok(scalar(@done), '>=', 1, "$level: somebody gets on");
	is(@done + @late, $sessions, "$level: all others get 40001")
	  or diag(map { $_->{err} } @result);
	is($node->safe_psql('postgres', $ran), join("\n", 'r00', @done),
		"$level: each that was reported ran once");
	is($node->safe_psql('postgres', $applied), join("\n", 'r00', @done),
		"$level: and has one row");
	is( $node->safe_psql('postgres',
			"SET default_transaction_isolation = '$level'; SELECT migr_upgrade('head')"),
		join("\n", @chain[ @done + 1 .. $sessions ]),
		"$level: the next one does the rest");
}

note "$sessions sessions load";
start_anew();
my @session = map { MigrTest::Session->new($node) } 1 .. $sessions;
$_->send("SELECT revision, action FROM migr_load(\$s\$$chain\$s\$)") foreach @session;
my @out = map { $_->drain } @session;
my @errors = map { ($_->finish)[1] } @session;
is(join('', map { sqlstate($_) } @errors), '', 'the same scripts: no error');
is(scalar(grep { /^(?:\S+\|added\n?){@{[ scalar @chain ]}}$/ } @out), 1,
	'the same scripts: one session adds them');
is(scalar(grep { /^(?:\S+\|unchanged\n?){@{[ scalar @chain ]}}$/ } @out), $sessions - 1,
	'the same scripts: the others find them');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.log WHERE action = 'load'}),
	'1', 'the same scripts: one load is logged');

@session = map { MigrTest::Session->new($node) } 1 .. $sessions;
foreach my $i (0 .. $#session)
{
	$session[$i]->send("SELECT action FROM migr_load(E'-- migr:revision b$i\\n-- migr:revises r00\\n')");
}
@out = map { $_->drain } @session;
@errors = map { ($_->finish)[1] } @session;
is(join('', map { sqlstate($_) } @errors), '', 'branches: no error');
is(join(' ', @out), join(' ', ('added') x $sessions), 'branches: all are added');
is( $node->safe_psql('postgres', q{SELECT string_agg(revision, ' ' ORDER BY revision) FROM migr.revision WHERE is_head}),
	join(' ', sort($chain[-1], map { "b$_" } 0 .. $#session)),
	'branches: the heads are marked');

note "$sessions sessions upgrade from a directory";
start_anew();
write_file("$directory/chain.sql", $chain);
@result = all_at_once(q{SELECT migr_upgrade('head')}, "SET migr.script_location = '$directory'");
is(join('', map { $_->{state} } @result), '', 'directory: no error');
is(join("\n", grep { $_ ne '' } map { $_->{out} } @result), $all,
	'directory: one session gets all revisions, the others none');
is($node->safe_psql('postgres', $ran), $all, 'directory: each ran once');

note 'waiting';
start_anew();
my $slow = <<'SCRIPTS';
-- migr:revision slow
-- migr:message takes its time
-- migr:upgrade
SELECT pg_sleep(coalesce(current_setting('concurrency.sleep', true), '0')::float8);
CREATE TABLE ran (lock_timeout text DEFAULT current_setting('lock_timeout'));
INSERT INTO ran DEFAULT VALUES;
-- migr:downgrade
DROP TABLE ran;
SCRIPTS
load_scripts($node, $slow);

# With EXECUTE, but no right to see what the sessions of others do.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE deploy LOGIN;
GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean), migr_downgrade(text, boolean, text, text),
	migr_stamp(text, boolean, text, text), migr_unload(text), migr_load(text, boolean, boolean, boolean) TO deploy;
GRANT CREATE ON SCHEMA public TO deploy;
SQL
my $holder = MigrTest::Session->new($node);
$holder->ask('SET concurrency.sleep = 1000');
$holder->send(q{SELECT migr_upgrade('head')});
wait_for_sleep($node, 'slow');
my $who = 'Process ' . $holder->pid . " of user \Q$user\E has run it since "
  . '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*: running upgrade base -> slow, takes its time \(1 of 1\)';
foreach my $statement (
	q{SELECT migr_upgrade('head')},   q{SELECT migr_downgrade('base')},
	q{SELECT migr_stamp('head')},     q{SELECT migr_unload('slow')},
	q{SELECT migr_upgrade('head', dry_run => true)})
{
	foreach my $role ($user, 'deploy')
	{
		fails_ok($node, "SET migr.lock_timeout = '50ms'; $statement", '55P03',
			qr/NOTICE:  00000: waiting for another migration to finish\nDETAIL:  $who.*ERROR:  55P03: another migration is running\nDETAIL:  $who.*HINT:  [^\n]*migr\.lock_timeout/s,
			"$statement by $role", role => $role);
	}
}
fails_ok($node, (q{SELECT migr_load($s$} . $slow =~ s/its time/long/r . q{$s$)}), '55P03',
	qr/^(?!.*waiting).*another migration is running\nDETAIL:  $who/s,
	'who would replace its script does not wait at all');
fails_ok($node, q{SELECT count(*) FROM migr_current(); SET migr.lock_timeout = -1}, '22023', qr/migr\.lock_timeout/, 'a negative timeout');

note 'who waits can be cancelled';
my $waiter = MigrTest::Session->new($node);
$waiter->send(q{SELECT migr_upgrade('head')});
wait_for_waiters(1);
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $waiter->pid . ')');
$waiter->drain;
is(sqlstate($waiter->errors(qr/ERROR/)), '57014', 'cancelled: 57014');
is($waiter->ask('SHOW lock_timeout'), '0', 'cancelled: lock_timeout is as it was');

# A handler of the caller's gets its own subtransaction back, not another.
$waiter->ask(q{SET statement_timeout = '300ms'});
foreach my $i (1 .. 2)
{
	is( $waiter->ask(q{
			DO $do$
			BEGIN
				PERFORM migr_upgrade('head');
			EXCEPTION WHEN query_canceled THEN
				RAISE WARNING 'handled';
			END $do$}),
		'', "handled $i: the statement ends");
	like($waiter->errors(qr/handled.*LOCATION/s), qr/WARNING:  01000: handled/, "handled $i: by the handler");
	is( $node->safe_psql('postgres',
			'SELECT state FROM pg_stat_activity WHERE pid = ' . $waiter->pid),
		'idle', "handled $i: and no transaction is left open");
}
$waiter->ask('SET statement_timeout = 0');
is( $waiter->ask(q{
		SET migr.lock_timeout = '50ms';
		DO $do$
		BEGIN
			PERFORM migr_upgrade('head');
		EXCEPTION WHEN lock_not_available THEN
			RAISE WARNING 'handled';
		END $do$}),
	'', 'handled: 55P03 ends');
$waiter->errors(qr/handled.*LOCATION/s);
is( $node->safe_psql('postgres',
		'SELECT state FROM pg_stat_activity WHERE pid = ' . $waiter->pid),
	'idle', 'handled: 55P03, and no transaction is left open');

note 'migr.lock_timeout = 0 waits without limit';
$waiter->ask(q{SET migr.lock_timeout = 0});
$waiter->ask(q{SET lock_timeout = '50ms'});
$waiter->send(q{SELECT migr_upgrade('head')});
ok( $node->poll_query_until('postgres',
		q{SELECT clock_timestamp() - query_start > '1 s' AND wait_event_type = 'Lock'
		    FROM pg_stat_activity WHERE pid = } . $waiter->pid),
	'no limit: it waits, whatever lock_timeout says');
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $holder->pid . ')');
$holder->drain;
is($waiter->drain, 'slow', 'no limit: it runs when its turn comes');
is($node->safe_psql('postgres', 'SELECT lock_timeout FROM ran'), '50ms',
	'no limit: the script runs with the lock_timeout of the session');
is($waiter->ask('SHOW lock_timeout'), '50ms', 'no limit: which has it still');
$waiter->finish;
$holder->finish;
mutex_is_free($node, 'no limit');

note 'a deadlock between a run and who waits for it';
start_anew();
$node->safe_psql('postgres', 'CREATE TABLE busy (i int)');
load_scripts($node, "-- migr:revision busy\n-- migr:upgrade\nALTER TABLE busy ADD COLUMN j int;\n");
$holder = MigrTest::Session->new($node);
$waiter = MigrTest::Session->new($node);
$waiter->ask('BEGIN; LOCK TABLE busy IN ACCESS SHARE MODE');
$holder->send(q{SELECT migr_upgrade('head')});
$node->poll_query_until('postgres',
	q{SELECT count(*) = 1 FROM pg_locks WHERE relation = 'busy'::regclass AND NOT granted});
$waiter->send(q{SELECT migr_upgrade('head')});
$waiter->send('COMMIT');
my @got = sort($holder->drain, $waiter->drain);
@errors = sort map { sqlstate(($_->finish)[1]) } $holder, $waiter;
is("@errors", ' 40P01', 'deadlock: one gives way');
is("@got", ' busy', 'deadlock: the other does it');
is($node->safe_psql('postgres', $applied), 'busy', 'deadlock: once');
mutex_is_free($node, 'deadlock');

$node->stop;
done_testing();
