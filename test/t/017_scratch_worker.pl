# A scratch build looks as if it ran in the session: errors, warnings, cancel,
# limits, encodings; and nothing is left of its worker, whatever becomes of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'time';

# 13 and 14 make a scratch database only if somebody says so.
my $node = new_node('worker', <<'CONF', allows_streaming => 1);
migr.scratch_database = 'create'
max_connections = 20
max_wal_senders = 3
max_locks_per_transaction = 64
lc_messages = 'C'
CONF
my $major = $node->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000");

$node->safe_psql('postgres', 'CREATE DATABASE live');
$node->safe_psql('live', 'CREATE EXTENSION migr');
load_scripts($node, <<'SCRIPTS', db => 'live');
-- migr:revision good
-- migr:upgrade
CREATE TABLE good (a int);
-- migr:revision slow
-- migr:revises good
-- migr:upgrade
SELECT pg_sleep(60);
-- migr:revision bad
-- migr:revises good
-- migr:upgrade
CREATE TABLE fine (a int);
CREATE TABLE broken (
    a nosuchtype
);
-- migr:revision raises
-- migr:revises good
-- migr:upgrade
CREATE FUNCTION fail() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'it failed' USING ERRCODE = 'ZZ001', DETAIL = 'the detail', HINT = 'the hint', TABLE = 'the table';
END $$;

SELECT fail();
-- migr:revision warns
-- migr:revises good
-- migr:upgrade
DO $$
BEGIN
    RAISE DEBUG 'a debug'; RAISE LOG 'a log'; RAISE NOTICE 'a notice';
    RAISE WARNING 'a warning' USING DETAIL = 'its detail', HINT = 'its hint', ERRCODE = '01ABC';
END $$;
CREATE TABLE IF NOT EXISTS good (a int);
-- migr:revision creates
-- migr:revises good
-- migr:upgrade
CREATE ROLE regress_created;
-- migr:revision grants
-- migr:revises good
-- migr:upgrade
CREATE TABLE granted (a int);
GRANT SELECT ON granted TO regress_shared;
SCRIPTS

my @live = (db => 'live');
my $good = q{SELECT migr_schema('good') ~ 'CREATE TABLE public.good' AS built};
my $slow = q{SELECT migr_schema('slow')};

# psql's rows; whatever went wrong is a failure.
sub rows
{
	my ($sql, %param) = @_;
	my @extra = ('-v', 'VERBOSITY=verbose');

	push @extra, '-U', $param{role} if $param{role};
	my ($status, $stdout, $stderr) = $node->psql($param{db} // 'live', $sql, extra_params => \@extra);
	diag($stderr) if $status != 0;
	return $stdout;
}

sub no_worker_left
{
	my ($name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'migr scratch'}),
		"$name: no worker is left");
}

# Wait until a build sleeps; the pid of its worker.
sub sleeping_worker
{
	my $sleeps = q{FROM pg_stat_activity WHERE backend_type = 'migr scratch' AND wait_event = 'PgSleep'};

	$node->poll_query_until('postgres', "SELECT count(*) = 1 $sleeps") or die('no build came to sleep');
	return $node->safe_psql('postgres', "SELECT pid $sleeps");
}

is(rows($good), 't', 'a build');
no_worker_left('after a build');

# --- cancel, terminate -------------------------------------------------------

my $session = MigrTest::Session->new($node, @live);

$session->send($slow);
sleeping_worker();
ok($node->poll_query_until('postgres', q{SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = } . $session->pid),
	'the session waits for what its worker waits for');
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
like($session->errors(qr/ERROR/), qr/ERROR:  57014: canceling statement due to user request/, 'cancelled: 57014');
no_worker_left('cancelled');
is($session->ask($good), 't', 'and the session goes on');

# In a transaction block, in a subtransaction.
$session->send("BEGIN; SAVEPOINT s; $slow; ROLLBACK TO s");
sleeping_worker();
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
like($session->errors(qr/ERROR/), qr/57014/, 'cancelled in a subtransaction');
is($session->ask("$good; COMMIT"), 't', 'which goes on');
no_worker_left('cancelled in a subtransaction');

$session->send(q{DO $$ BEGIN PERFORM migr_schema('slow'); EXCEPTION WHEN query_canceled THEN
	RAISE WARNING 'caught: %', migr_schema('good') ~ 'public.good'; END $$});
sleeping_worker();
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
like($session->errors(qr/caught/), qr/caught: t/, 'cancelled, caught, and built anew');
no_worker_left('cancelled and caught');

# The worker is told.
foreach my $how ([ 'pg_cancel_backend', '57014' ], [ 'pg_terminate_backend', '57P01' ])
{
	my ($function, $state) = @$how;

	$session->send($slow);
	$node->safe_psql('postgres', "SELECT $function(" . sleeping_worker() . ')');
	$session->drain;
	like($session->errors(qr/ERROR/), qr/ERROR:  $state: .*CONTEXT:|ERROR:  $state: /s, "$function on the worker: $state");
	is($session->ask($good), 't', 'and the session goes on');
	no_worker_left("$function on the worker");
}
# Caught, the worker is another.
$session->send(q{DO $$ BEGIN PERFORM migr_schema('slow'); EXCEPTION WHEN others OR admin_shutdown THEN
	RAISE WARNING 'caught: %', migr_schema('good') ~ 'public.good'; END $$});
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . sleeping_worker() . ')');
$session->drain;
like($session->errors(qr/caught/), qr/caught: t/, 'the worker terminated, caught, and another one built');

# The session is terminated; its client is gone.
$session->send($slow);
sleeping_worker();
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $session->pid . ')');
like(join('', $session->finish), qr/57P01: terminating connection/, 'the session is terminated');
no_worker_left('terminated');
SKIP:
{
	skip 'before 14 nobody looks for the client', 1 if $major < 14;

	$session = MigrTest::Session->new($node, @live);
	$session->ask('SET client_connection_check_interval = 100');
	$session->send($slow);
	sleeping_worker();
	$session->kill_client;
	no_worker_left('the client is gone');
}

# --- limits of time ----------------------------------------------------------

fails_ok($node, "SET statement_timeout = 500; $slow", '57014', qr/statement timeout/, 'statement_timeout', @live);
no_worker_left('statement_timeout');
is(rows("SET lock_timeout = 1; SET idle_in_transaction_session_timeout = 1; $good"), 't', 'lock_timeout is for the session\'s own locks');

# One build of a role at a time.
my ($first, $second) = map { MigrTest::Session->new($node, @live) } 1 .. 2;

$first->send($slow);
sleeping_worker();
$second->send("SET migr.lock_timeout = '300ms'; $good");
$second->drain;
my $errors = $second->errors(qr/ERROR/);

like($errors, qr/NOTICE:  00000: waiting for another scratch build/, 'a second build says that it waits');
like($errors, qr/ERROR:  55P03: another scratch build of this role is running/, 'for migr.lock_timeout');
$second->send("SET client_min_messages = warning; RESET migr.lock_timeout; $good");
$node->safe_psql('postgres', q{SELECT pg_sleep(0.5)});
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $first->pid . ')');
is($second->drain, 't', 'without a limit it comes to its turn');
is($second->errors, '', 'and is silent if it is to be');
$first->drain;
$first->errors;

# --- what the databases share ------------------------------------------------

my $start = time;

$first->ask('BEGIN; CREATE ROLE regress_created');
fails_ok($node, q{SELECT migr_schema('creates')}, '55P03', qr/waits for another session.*process \d+ holds/s,
	'a role that another session creates', @live);
cmp_ok(time - $start, '<', 6, 'is not waited for');
$first->send(q{SELECT migr_schema('creates')});
$first->drain;
like($first->errors(qr/ERROR/), qr/ERROR:  40P01: a scratch build waits for the transaction that has asked for it/, 'one of one\'s own is a deadlock');
$first->ask('ROLLBACK');

# Somebody who waits for us, and whom the build waits for.
rows('CREATE TABLE locked (a int)');
$first->ask('BEGIN; LOCK TABLE locked');
$second->ask('BEGIN; CREATE ROLE regress_created');
$second->send('LOCK TABLE locked');
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'relation' AND NOT granted});
$first->send(q{SELECT migr_schema('creates')});
$first->drain;
like($first->errors(qr/ERROR/), qr/ERROR:  40P01: a scratch build waits/, 'by a detour, too');
$first->ask('ROLLBACK');
$second->ask('ROLLBACK');
rows('DROP TABLE locked');

$node->safe_psql('postgres', 'CREATE ROLE regress_shared');
foreach my $change ('ALTER ROLE regress_shared CREATEDB', 'COMMENT ON ROLE regress_shared IS $$c$$', 'GRANT regress_shared TO pg_monitor')
{
	$first->ask("BEGIN; $change");
	$start = time;
	is(rows(q{SELECT migr_schema('grants') ~ 'GRANT'}), 't', "$change, uncommitted, is in nobody's way");
	$first->ask('ROLLBACK');
}
$first->ask('BEGIN; DROP ROLE regress_shared');
$start = time;
fails_ok($node, q{SELECT migr_schema('grants')}, '55P03', qr/waits for another session/, 'DROP ROLE, uncommitted', @live);
cmp_ok(time - $start, '<', 6, 'is not waited for');
$first->send(q{SELECT migr_schema('grants')});
$first->drain;
like($first->errors(qr/ERROR/), qr/ERROR:  40P01|ERROR:  42704/, 'one\'s own');
$first->ask('ROLLBACK');
no_worker_left('locks');

# --- what is said ------------------------------------------------------------

# said(SQL, SETTINGS): all that psql writes of it.
sub said
{
	my ($sql, %param) = @_;
	my (undef, $stdout, $stderr) = $node->psql($param{db} // 'live', $sql,
		extra_params => [ '-v', 'VERBOSITY=' . ($param{verbosity} // 'default') ]);

	$stderr =~ s/^psql:<stdin>:\d+: //mg;
	return $stderr;
}

is(said(q{SELECT migr_schema('bad')}), <<'ERR' =~ s/\n\z//r, 'an error with a cursor');
ERROR:  type "nosuchtype" does not exist
LINE 2:     a nosuchtype
              ^
QUERY:  CREATE TABLE broken (
    a nosuchtype
)
CONTEXT:  revision "bad", upgrade section, line 6
ERR
is(said(q{SELECT migr_schema('raises')}), <<'ERR' =~ s/\n\z//r, 'an error with all fields');
ERROR:  it failed
DETAIL:  the detail
HINT:  the hint
CONTEXT:  PL/pgSQL function fail() line 3 at RAISE
SQL statement "SELECT fail()"
revision "raises", upgrade section, line 9
ERR
like(said(q{SELECT migr_schema('raises')}, verbosity => 'verbose'), qr/ERROR:  ZZ001: it failed.*TABLE NAME:  the table/s, 'and the verbose ones');
like(said(qq{SELECT migr_diff('CREATE TABLE a (a int);\n\nCREATE TABLE b (a nosuch);', '')}),
	qr/LINE 1:\s+CREATE TABLE b \(a nosuch\).*CONTEXT:  desired schema, line 3/s, 'an error of DDL');
like(said(qq{DO 'BEGIN\n PERFORM migr_schema(''bad''); END'}),
	qr/CONTEXT:  revision "bad", upgrade section, line 6\nSQL statement "SELECT migr_schema\('bad'\)"\nPL\/pgSQL function inline_code_block line 2/,
	'with the frames of the session behind it');
is(rows(q{DO $$ DECLARE d text; h text; c text; BEGIN PERFORM migr_schema('raises'); EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
	GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = TABLE_NAME;
	PERFORM set_config('test.caught', concat_ws('|', d, h, c), false); END $$; SHOW test.caught}),
	'the detail|the hint|the table', 'and can be caught');

my $warning = <<'ERR' =~ s/\n\z//r;
WARNING:  01ABC: a warning
DETAIL:  its detail
HINT:  its hint
ERR
like(said(q{SELECT migr_schema('warns')}, verbosity => 'verbose'), qr/\A\Q$warning\E\n/, 'a warning arrives');
unlike(said(q{SET client_min_messages = debug1; SELECT migr_schema('warns')}), qr/a notice|a log|a debug|already exists/, 'what is less does not');
is(said(q{SET client_min_messages = error; SELECT migr_schema('warns')}), '', 'client_min_messages');

# --- encodings ---------------------------------------------------------------

my $e = "\xc3\xa9";

$node->safe_psql('postgres', "CREATE DATABASE $_->[0] TEMPLATE template0 ENCODING '$_->[1]' LC_COLLATE 'C' LC_CTYPE 'C'")
  foreach ([ 'latin1', 'LATIN1' ], [ 'sqlascii', 'SQL_ASCII' ], [ q{"with ""quotes"" 'and' $more"}, 'UTF8' ]);
foreach my $db ('live', 'latin1', 'sqlascii')
{
	$node->safe_psql($db, 'CREATE EXTENSION migr') if $db ne 'live';
	foreach my $client ($db eq 'sqlascii' ? 'SQL_ASCII' : ('UTF8', 'LATIN1'))
	{
		local $ENV{PGCLIENTENCODING} = $client;
		my $letter = $client eq 'LATIN1' ? "\xe9" : $e;

		is(rows("SELECT migr_diff('CREATE TABLE \"t$letter\" (a int)', '')", db => $db) =~ s/ \(.*//sr, qq{CREATE TABLE public."t$letter"}, "$db, $client: a name");
		like(said("SELECT migr_diff('CREATE TABLE \"t$letter\" (a nosuch$letter)', '')", db => $db),
			qr/type "nosuch\Q$letter\E" does not exist\nLINE 1: CREATE TABLE "t\Q$letter\E" \(a nosuch\Q$letter\E\)\n {29,31}\^/, "$db, $client: an error");
		like(said("SELECT migr_diff('DO \$\$ BEGIN RAISE WARNING ''w$letter''; END \$\$', '')", db => $db), qr/WARNING:  w\Q$letter\E\n/, "$db, $client: a warning");
		foreach my $script ($db eq 'sqlascii' ? () : ('UTF8', 'LATIN1', 'SQL_ASCII'))
		{
			like(said("SELECT migr_diff('SET client_encoding = \$\$$script\$\$; DO \$\$ BEGIN RAISE WARNING ''w$letter''; RAISE ''x$letter''; END \$\$', '')", db => $db),
				qr/WARNING:  w\Q$letter\E\n.*ERROR:  x\Q$letter\E\n/s, "$db, $client: a script in $script");
			like(said("SELECT migr_diff('DO \$\$ BEGIN PERFORM set_config(''client_encoding'', ''$script'', false); RAISE WARNING ''w$letter''; RAISE ''x$letter''; END \$\$', '')", db => $db),
				qr/WARNING:  w\Q$letter\E\n.*ERROR:  x\Q$letter\E\n/s, "$db, $client: a function in $script");
		}
	}
}
my $quoted = q{with "quotes" 'and' $more};

$node->safe_psql('postgres', q{CREATE ROLE "regress 'q' ""r"" \r" LOGIN CREATEDB});
$node->safe_psql($quoted, q{CREATE EXTENSION migr; GRANT EXECUTE ON FUNCTION migr_diff(text, text, jsonb), migr_scratch_drop(text), migr_scratch_create(text) TO "regress 'q' ""r"" \r"});
like(rows(q{SELECT migr_diff('CREATE TABLE a (a int)', '')}, db => $quoted, role => q{regress 'q' "r" \r}), qr/CREATE TABLE/, 'names with quotes');
is(rows(q{SELECT role, live, state FROM migr_scratch()}, db => $quoted), qq{regress 'q' "r" \\r|$quoted|ready}, 'in migr_scratch()');
is(rows(q{SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = (SELECT database FROM migr_scratch())}, db => $quoted),
	qq{scratch builds of migr: of role regress 'q' "r" \\r, for database $quoted}, 'in the comment');
$node->safe_psql('postgres', q{ALTER ROLE "regress 'q' ""r"" \r" NOCREATEDB});
rows('SELECT migr_scratch_drop()', db => $quoted, role => q{regress 'q' "r" \r});
fails_ok($node, q{SELECT migr_diff('SELECT 1', '')}, '42501', qr/SELECT migr_scratch_create\( ?E?'regress ''q'' "r" \\\\r'\)/, 'in the hint', db => $quoted, role => q{regress 'q' "r" \r});

# --- where it is called ------------------------------------------------------

foreach my $level ('REPEATABLE READ', 'SERIALIZABLE', 'READ COMMITTED, READ ONLY')
{
	is(rows("BEGIN ISOLATION LEVEL $level; SELECT count(*) FROM pg_class WHERE oid = 0; $good; $good; COMMIT"), "0\nt\nt", $level);
}
is(rows(q{BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT migr_schema('good') ~ 'good', migr_fingerprint('base') <> '' FROM generate_series(1, 4);
	FETCH c; FETCH c; SAVEPOINT s; FETCH c; ROLLBACK TO s; SELECT migr_schema('good') ~ 'good'; COMMIT; FETCH c; CLOSE c}),
	"t|t\nt|t\nt|t\nt\nt|t", 'a cursor');
no_worker_left('a cursor');
is(rows(q{CREATE PROCEDURE steps() LANGUAGE plpgsql AS $$ BEGIN
	FOR i IN 1..3 LOOP PERFORM migr_schema('good'); COMMIT; PERFORM migr_schema('good'); ROLLBACK; END LOOP; END $$; CALL steps(); CALL steps(); DROP PROCEDURE steps()}),
	'', 'a procedure that commits');
no_worker_left('a procedure');
is(rows(q{CREATE FUNCTION many() RETURNS bool LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN
	FOR r IN SELECT migr_schema('good') s FROM generate_series(1, 3) LOOP
		BEGIN PERFORM migr_schema('bad'); EXCEPTION WHEN undefined_object THEN
			BEGIN PERFORM migr_schema('raises'); EXCEPTION WHEN others THEN NULL; END;
			PERFORM migr_schema('good'); END;
	END LOOP; RETURN migr_schema('good') ~ 'good'; END $$; SELECT many(), many(); SELECT many(); DROP FUNCTION many()}), "t|t\nt", 'errors that are caught, in a loop over builds');
is(rows(q{SELECT migr_schema('good') = migr_schema('good'), migr_fingerprint('good') = migr_fingerprint('good'), migr_diff('CREATE TABLE a (a int)', '') ~ 'a'}),
	't|t|t', 'several in one statement');
no_worker_left('several');
# What no rollback takes back.
load_scripts($node, <<'SCRIPTS', db => 'live');
-- migr:revision leaves
-- migr:revises good
-- migr:upgrade
PREPARE p AS SELECT 1;
SELECT pg_advisory_lock(1), set_config('test.left', 'left', false);
CREATE SEQUENCE s;
SELECT nextval('s');
-- migr:revision looks
-- migr:revises good
-- migr:upgrade
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) THEN RAISE 'a lock is left'; END IF;
    IF current_setting('test.left', true) <> '' THEN RAISE 'a setting is left'; END IF;
    PERFORM lastval();
    RAISE 'a value is left';
EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
END $$;
SCRIPTS
is(rows(q{SELECT n, migr_schema('leaves') ~ 'good', migr_schema('looks') ~ 'good' FROM generate_series(1, 3) n}),
	"1|t|t\n2|t|t\n3|t|t", 'a build finds nothing of the one before');

# --- the database goes -------------------------------------------------------

my $own = 'SELECT database FROM migr_scratch() WHERE role = current_user';
my $scratch = rows($own);

$node->safe_psql('postgres', qq{DROP DATABASE $scratch});
is(rows("SELECT state FROM migr_scratch()"), 'missing', 'migr_scratch() sees that it is gone');
is(rows($good), 't', 'one that was dropped is made anew');
$session = MigrTest::Session->new($node, @live);
is($session->ask($good), 't', 'a session that knows it');
$node->safe_psql('postgres', qq{DROP DATABASE $scratch});
is($session->ask($good), 't', 'makes it anew');
$node->safe_psql('postgres', qq{ALTER DATABASE $scratch RENAME TO renamed});
is($session->ask($good), 't', 'if it has been renamed, too');
$node->safe_psql('postgres', 'DROP DATABASE renamed');
$node->safe_psql('postgres', qq{ALTER DATABASE $scratch ALLOW_CONNECTIONS false});
is($session->ask($good), 't', 'and if nobody is let in');
$session->send($slow);
sleeping_worker();
command_fails_like([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', "DROP DATABASE $scratch" ], qr/being accessed by other users/, 'not while a build is running');
$node->safe_psql('postgres', "DROP DATABASE $scratch WITH (FORCE)");
$session->drain;
like($session->errors(qr/ERROR/), qr/57P01/, 'by force it is an error of the build');
is($session->ask($good), 't', 'after which another one is made');
is($session->ask(q{SELECT count(*) FROM migr_scratch_drop()}), '1', 'migr_scratch_drop()');
is($session->ask(q{SELECT count(*) FROM migr_scratch_drop()}), '0', 'once');
is($session->ask(q{DO $$ BEGIN PERFORM migr_schema('good'); PERFORM migr_scratch_drop(); PERFORM migr_schema('good'); END $$; BEGIN; } . "$good; SELECT count(*) FROM migr_scratch_drop(); $good; COMMIT"),
	"t\n1\nt", 'in the statement that builds, and in its transaction');
is($session->ask("SET migr.keep_scratch = off; $good; $good; SELECT count(*) FROM migr_scratch()"), "t\nt\n0", 'migr.keep_scratch = off');
$session->send(q{SET migr.keep_scratch = off; SELECT migr_schema('bad')});
$session->drain;
$session->errors(qr/nosuchtype/);
is($session->ask('RESET migr.keep_scratch; ' . $good), 't', 'after an error, too');
no_worker_left('dropped');

# One that is committed into goes, whatever happens.
my $committed = q{SET migr.scratch_throwaway = on; SELECT migr_diff('DO ''BEGIN COMMIT; END''; CREATE TABLE kept (a int); DO ''BEGIN COMMIT; END''; %s', '') ~ 'kept'};
my $databases = q{SELECT count(*) FROM pg_database WHERE datname ~ '^migr_scratch_.*_.*_'};

$session->send(sprintf($committed, ''));
is($session->drain, 't', 'one that is committed into');
$session->errors(qr/checkpoint/);
$session->send(sprintf($committed, 'SELECT 1/0'));
$session->drain;
like($session->errors(qr/ERROR/), qr/22012/, 'an error in it');
is($node->safe_psql('postgres', $databases), '0', 'it is dropped');
$session->send(sprintf($committed, 'SELECT pg_sleep(60)'));
sleeping_worker();
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
like($session->errors(qr/ERROR/), qr/57014/, 'cancelled');
is($node->safe_psql('postgres', $databases), '0', 'and dropped');
$session->send(sprintf($committed, 'SELECT pg_sleep(60)'));
sleeping_worker();
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $session->pid . ')');
$session->finish;
no_worker_left('terminated in one that is committed into');
is(rows(q{SELECT count(*) FROM migr_scratch() WHERE state = 'thrown away'}), '1', 'a session that is terminated leaves it');
like(rows(q{SELECT migr_scratch_drop()}), qr/migr_scratch_\d+_\d+_\d+/, 'until the next who looks');
is($node->safe_psql('postgres', $databases), '0', 'then it is gone');
$session = MigrTest::Session->new($node, @live);

# A role with one, and without.
$node->safe_psql('postgres', 'CREATE ROLE regress_leaves LOGIN CREATEDB');
$node->safe_psql('live', 'GRANT EXECUTE ON FUNCTION migr_diff(text, text, jsonb), migr_scratch_drop(text) TO regress_leaves');
like(rows(q{SELECT migr_diff('CREATE TABLE a (a int)', '')}, role => 'regress_leaves'), qr/CREATE TABLE/, 'a role builds');
is(rows(q{SELECT count(*) FROM migr_scratch_drop()}, role => 'regress_leaves'), '1', 'drops its database');
$node->safe_psql('live', 'DROP OWNED BY regress_leaves; DROP ROLE regress_leaves');
pass('and goes');

# --- many at once ------------------------------------------------------------

rows('SELECT migr_scratch_drop()');
my @sessions = map { MigrTest::Session->new($node, @live) } 1 .. 5;

$_->send($good) foreach @sessions;
is(join('', map { $_->drain } @sessions), 'ttttt', 'five sessions make the first database together');
is(join('', map { $_->errors } @sessions) =~ s/psql:<stdin>:\d+: //gr =~ s/NOTICE:  00000: (created|waiting).*\n|LOCATION.*\n//gr, '', 'and say no more of it');
undef @sessions;
no_worker_left('five');

fails_ok($node, "SET migr.max_scratch_workers = 0; $good", '53400', qr/too many scratch builds.*migr.max_scratch_workers is 0/s, 'migr.max_scratch_workers = 0', @live);
fails_ok($node, "SET migr.scratch_database = ''; $good", '0A000', qr/switched off/, q{migr.scratch_database = ''}, @live);
rows('SELECT migr_scratch_drop()');
fails_ok($node, "SET migr.scratch_database = 'existing'; $good", '55000', qr/has no scratch database here/, q{migr.scratch_database = 'existing'}, @live);
fails_ok($node, "BEGIN READ ONLY; $good", '25006', qr/read-only transaction/, 'none in a read-only transaction', @live);
is(rows($good), 't', 'made');

# Those of others count, whoever owns migr's tables.
$node->safe_psql('postgres', 'CREATE ROLE regress_theirs LOGIN CREATEDB; CREATE DATABASE theirs OWNER regress_theirs');
$node->safe_psql('theirs', 'CREATE EXTENSION migr', extra_params => [ '-U', 'regress_theirs' ]);
$node->append_conf('postgresql.conf', 'migr.max_scratch_workers = 1');
$node->reload;
$first->send($slow);
sleeping_worker();
fails_ok($node, q{SELECT migr_diff('SELECT 1', '')}, '53400', qr/too many scratch builds/, 'a limit of the cluster', db => 'theirs', role => 'regress_theirs');
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $first->pid . ')');
$first->drain;
no_worker_left('limit');
$node->append_conf('postgresql.conf', 'migr.max_scratch_workers = 8');
$node->reload;

# --- the lock table ----------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE app');
my $app = MigrTest::Session->new($node, db => 'app');
my $tables = join('', map { "CREATE TABLE t$_ (a int PRIMARY KEY);\n" } 1 .. 2500);

$app->send(q{DO $$ BEGIN FOR i IN 1..60 LOOP
	FOR j IN 1..20 LOOP EXECUTE format('CREATE TABLE a%s_%s (a int)', i, j); END LOOP; COMMIT; PERFORM pg_sleep(0.05); END LOOP; END $$});
fails_ok($node, "SELECT migr_diff(\$ddl\$$tables\$ddl\$, '')", '53200', qr/more than half of the lock table.*max_locks_per_transaction/s, 'many tables', @live);
fails_ok($node, q{SELECT migr_diff($ddl$DO 'BEGIN FOR i IN 1..2500 LOOP EXECUTE format(''CREATE TABLE t%s (a int PRIMARY KEY)'', i); END LOOP; END'$ddl$, '')},
	'53200', qr/more than half of the lock table/, 'in one statement', @live);
$app->drain;
is($app->errors, '', 'nobody else has run out of it');
is(rows($good), 't', 'and the next build is built');
no_worker_left('locks');

# --- a server without workers, a standby -------------------------------------

$session->finish;
$_->finish foreach ($first, $second, $app);
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');

$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
fails_ok($standby, $good, '25006', qr/during recovery/, 'a standby', @live);
fails_ok($standby, q{SELECT migr_scratch_create()}, '25006', qr/during recovery/, 'a standby makes none', @live);
$standby->stop;

$node->append_conf('postgresql.conf', 'max_worker_processes = 1');
$node->restart;
fails_ok($node, $good, '53400', qr/no background worker to spare.*max_worker_processes/s, 'a server without workers', @live);

done_testing();
