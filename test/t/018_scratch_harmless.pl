# What builds a schema disturbs nobody: it leaves no dead row in the catalogs of
# the live database, holds no lock there but the weakest, nobody waits for it,
# and it leaves others their part of the lock table.
#
# MIGR_HARMLESS_TABLES says how many tables there are: 60, if it does not.  For
# 1,000 set PG_TEST_TIMEOUT_DEFAULT=3600 as well.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $tables = $ENV{MIGR_HARMLESS_TABLES} || 60;
my $locks = $tables > 500 ? 4096 : 256;
my $node = new_node('harmless', qq{
max_connections = 30
max_locks_per_transaction = $locks
autovacuum = off
});

# --- the schema, and what builds it -----------------------------------------

sub table
{
	my ($n) = @_;
	my $to = $n > 1 ? $n - 1 : 1;

	return "CREATE TABLE t$n (id serial PRIMARY KEY, a integer NOT NULL CHECK (a > 0), b text UNIQUE,"
	  . " ref integer REFERENCES t$to);\nCREATE INDEX ON t$n (a);\n";
}

my $ddl = join('', map { table($_) } 1 .. $tables) . <<'SQL';
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE VIEW v1 AS SELECT id, a FROM t1;
CREATE MATERIALIZED VIEW m1 AS SELECT id, a FROM t1;
CREATE FUNCTION f1() RETURNS integer LANGUAGE sql AS 'SELECT 1';
SQL

$node->safe_psql('postgres', 'CREATE DATABASE watch');
load_scripts($node, <<SQL);
-- migr:revision h1
-- migr:upgrade
$ddl
-- migr:downgrade
DROP FUNCTION f1();
DROP MATERIALIZED VIEW m1;
DROP VIEW v1;
DROP TYPE mood;
@{[ map { "DROP TABLE t$_;\n" } reverse 1 .. $tables ]}
SQL
$node->safe_psql('postgres', "SELECT migr_upgrade('head')");
my $root = PostgreSQL::Test::Utils::tempdir();
mkdir("$root/schema") or die "$root/schema: $!";
write_file("$root/schema/all.sql", $ddl);

my $desired = "$ddl CREATE TABLE more (id serial PRIMARY KEY, b text);";
my $store = qr/^(?:RowExclusiveLock|ShareRowExclusiveLock|RowShareLock) on migr\./;
my $mutex = qr/^ExclusiveLock on extension migr$/;

# What builds: its name, SQL, and which locks but ACCESS SHARE it may hold.
my @builders = (
	[ 'migr_schema(revision)', "SELECT migr_schema('h1')", undef ],
	[ 'migr_fingerprint(revision)', "SELECT migr_fingerprint('h1')", undef ],
	[ 'migr_diff()', "SELECT migr_diff(\$ddl\$$desired\$ddl\$)", undef ],
	[ 'migr_check()', "SET LOCAL migr.schema_location = '$root/schema'; SELECT migr_check()", undef ],
	[ 'migr_verify(drift)', q{SELECT status FROM migr_verify('{drift}')}, $mutex ],
	[ 'migr_test()', 'SELECT status FROM migr_test()', undef ],
	[ 'migr_repair(check_only)', 'SELECT finding FROM migr_repair(true)', $mutex ],
	[ 'migr_repair()', 'SELECT finding FROM migr_repair()', qr/$store|$mutex/ ],
	[ 'migr_revision(autogenerate)', "SELECT migr_revision('more', autogenerate => true,"
		  . " desired => \$ddl\$$desired\$ddl\$)", $store ],
	[ 'migr_merge()', "SELECT migr_merge('{h2,h3}')", $store ]);

# --- who watches ------------------------------------------------------------

my $live = $node->safe_psql('postgres', q{SELECT oid FROM pg_database WHERE datname = 'postgres'});

# Of another database, so that it leaves no trace in the live one.
$node->safe_psql('watch', qq{
CREATE TABLE lock (mode text, locktype text, relation oid, classid oid, objid oid, shared boolean);
CREATE TABLE wait (pid int, query text, started timestamptz, since timestamptz, until timestamptz, event text,
	PRIMARY KEY (pid, started, query));
CREATE TABLE stop (it boolean);
CREATE VIEW migr AS SELECT pid FROM pg_stat_activity
 WHERE application_name = 'migr at work' OR backend_type = 'migr scratch';
CREATE VIEW held AS SELECT DISTINCT mode, locktype, relation, classid, objid, database = 0 AS shared
  FROM pg_locks WHERE database IN (0, $live) AND pid IN (SELECT pid FROM migr) AND mode <> 'AccessShareLock';
CREATE PROCEDURE look() LANGUAGE plpgsql AS \$\$
BEGIN
	LOOP
		PERFORM pg_stat_clear_snapshot();
		INSERT INTO lock SELECT * FROM held EXCEPT SELECT * FROM lock;
		INSERT INTO wait SELECT a.pid, a.query, a.query_start, clock_timestamp(), clock_timestamp(), a.wait_event
		  FROM pg_stat_activity a
		 WHERE a.wait_event_type = 'Lock' AND a.pid NOT IN (SELECT pid FROM migr)
		   AND pg_blocking_pids(a.pid) && ARRAY(SELECT pid FROM migr)
		ON CONFLICT (pid, started, query) DO UPDATE SET until = excluded.until;
		EXIT WHEN EXISTS (SELECT FROM stop);
		PERFORM pg_sleep(0.003);
	END LOOP;
END \$\$});
my $watch = MigrTest::Session->new($node, db => 'watch');
my $control = MigrTest::Session->new($node, db => 'watch');
my $reader = MigrTest::Session->new($node);

# The locks that were seen, by their names in the live database.
sub locks_seen
{
	my $rows = $control->ask(q{SELECT format('(%L::text, %L::text, %L::oid, %L::oid, %L::oid)',
		mode, locktype, coalesce(relation, 0), coalesce(classid, 0), coalesce(objid, 0)) FROM lock
		WHERE NOT shared});

	return '' if $rows eq '';
	$rows =~ s/\n/, /g;
	return $reader->ask(qq{SELECT DISTINCT mode || ' on ' || CASE
		WHEN classid = 'pg_extension'::regclass THEN 'extension ' || (SELECT extname FROM pg_extension WHERE oid = objid)
		WHEN relation <> 0 THEN relation::regclass::text
		ELSE concat_ws(' ', locktype, classid::regclass, objid) END
		FROM (VALUES $rows) v (mode, locktype, relation, classid, objid)
		WHERE relation::regclass::text !~ '^pg_toast' ORDER BY 1});
}

# End a session: what it has done is counted when it is gone.
sub leave
{
	my ($session) = @_;
	my $pid = $session->pid;

	$session->send('\q');
	$session->finish;
	$node->poll_query_until('watch', "SELECT count(*) = 0 FROM pg_stat_activity
		WHERE pid = $pid OR backend_type = 'migr scratch'");
	return;
}

# Rows written in the catalogs of the live database, and in shared ones.
sub rows_written
{
	my ($shared) = @_;

	# Before 15 what a session has done is counted some time later.
	usleep(700_000) if $node->safe_psql('postgres', 'SHOW server_version_num') < 150000;
	return $reader->ask(qq{SELECT pg_stat_clear_snapshot();
		SELECT coalesce(string_agg(relname || ' ' || n, ', ' ORDER BY relname), '') FROM (
		SELECT s.relname, pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
			+ pg_stat_get_tuples_deleted(c.oid) AS n
		FROM pg_stat_sys_tables s JOIN pg_class c ON c.oid = s.relid
		WHERE s.schemaname = 'pg_catalog' AND c.relisshared = $shared) r WHERE n > 0});
}

sub counts
{
	my ($text) = @_;

	return map { split / / } split /, /, $text =~ s/^\n//r;
}

# "TABLE ROWS" of what has grown.
sub growth
{
	my ($before, $after) = @_;
	my %before = counts($before);
	my %after = counts($after);

	return join(', ', map { "$_ " . ($after{$_} - ($before{$_} // 0)) }
		  grep { $after{$_} != ($before{$_} // 0) } sort keys %after);
}

# Run something that builds in a transaction, rolled back, while it is watched;
# returns how long it took, and what it held at its end.
sub run_watched
{
	my ($sql) = @_;
	my $session = MigrTest::Session->new($node);
	my $start;
	my $took;

	$session->ask("SET client_min_messages = error; SET application_name = 'migr at work'");
	$control->ask('TRUNCATE lock, wait, stop');
	$watch->send('CALL look()');
	$session->ask('BEGIN');
	$start = time;
	$session->ask($sql);
	$took = time - $start;
	$control->ask('INSERT INTO lock SELECT * FROM held');
	$control->ask('INSERT INTO stop VALUES (true)');
	$watch->drain;
	$session->ask('ROLLBACK');
	return ($took, $session);
}

# --- alone: no dead row, no lock --------------------------------------------

my $first = MigrTest::Session->new($node);
$first->ask('SELECT migr_scratch_create()');
$first->ask('VACUUM ANALYZE');
leave($first);

# That these counts see anything at all: a table that is made and rolled back.
{
	my $before = rows_written('false');
	my $session = MigrTest::Session->new($node);

	$session->ask('BEGIN; CREATE TABLE seen (id serial PRIMARY KEY); ROLLBACK');
	leave($session);
	like(growth($before, rows_written('false')), qr/pg_attribute \d+, pg_class \d+.*pg_type \d+/,
		'what is rolled back in the live database leaves dead rows there');
}

# Two heads, which keep all but a merge from what they do.
my $heads = <<'SQL';
-- migr:revision h2
-- migr:revises h1
-- migr:upgrade
CREATE TABLE left_one (id integer PRIMARY KEY);
-- migr:downgrade
DROP TABLE left_one;
-- migr:revision h3
-- migr:revises h1
-- migr:upgrade
CREATE TABLE right_one (id integer PRIMARY KEY);
-- migr:downgrade
DROP TABLE right_one;
SQL

foreach my $builder (@builders)
{
	my ($name, $sql, $allowed) = @$builder;

	load_scripts($node, $heads) if $name eq 'migr_merge()';
	my $before = rows_written('false');
	my $shared = rows_written('true');
	my ($took, $session) = run_watched($sql);
	my $errors = $session->errors;
	# What is remembered, and when somebody looked, are rows that nobody waits for.
	my @locks = grep { !/^Row(?:Exclusive|Share)Lock on migr\.(?:remembered|looked)(?:_\w+)?$/ }
	  split /\n/, locks_seen();

	is($errors, '', "$name works") or next;
	leave($session);
	is(join(', ', grep { !defined $allowed || $_ !~ $allowed } @locks), '',
		"$name: in the live database nothing is locked but as a reader does");
	note(sprintf('%s: %.2f s; locks: %s', $name, $took, join(', ', @locks)));
	is(growth($before, rows_written('false')), '', "$name: no row is written to the live catalogs");
	$shared = growth($shared, rows_written('true'));
	note("$name: rows in shared catalogs: $shared") if $shared ne '';
	like($shared, qr/^(?:pg_shdepend \d+)?$/, "$name: in shared catalogs only dependencies on roles");
}

# What belongs to an ordinary role is noted, and rolled back, in a catalog that
# the databases share.
{
	$node->safe_psql('postgres', q{CREATE ROLE builder LOGIN CREATEDB;
		GRANT EXECUTE ON FUNCTION migr_diff(text, text, jsonb) TO builder});
	my $session = MigrTest::Session->new($node);
	$session->ask("SELECT migr_scratch_create('builder')");
	leave($session);

	my $before = rows_written('false');
	my $shared = rows_written('true');
	$session = MigrTest::Session->new($node, role => 'builder');
	is(length($session->ask("SELECT migr_fingerprint('h1')")), 64, 'an ordinary role builds');
	is($session->errors, '', 'without an error');
	leave($session);
	is(growth($before, rows_written('false')), '', 'no row is written to the live catalogs for it');
	$shared = growth($shared, rows_written('true'));
	note("rows in shared catalogs: $shared");
	like($shared, qr/^pg_shdepend \d+$/, 'in shared ones only dependencies on roles');
}

# --- among others: nobody waits ---------------------------------------------

my $last = $tables;
my $stop = "$root/stop";

# What others do all the time, each in a session of its own.
my %others = (
	changes => qq{
ALTER TABLE t2 ADD COLUMN more serial;
ALTER TABLE t2 ALTER COLUMN more TYPE bigint;
ALTER TABLE t2 DROP COLUMN more;
CREATE INDEX i3 ON t3 (a, b);
DROP INDEX i3;
TRUNCATE t$last;
CREATE TABLE passing (id serial PRIMARY KEY, a text, ref integer REFERENCES t1);
DROP TABLE passing;
ALTER TABLE t4 ADD CHECK (a > -1) NOT VALID;
ALTER TABLE t4 VALIDATE CONSTRAINT t4_a_check1;
ALTER TABLE t4 DROP CONSTRAINT t4_a_check1;
VACUUM t5;
VACUUM FULL t6;
CLUSTER t7 USING t7_pkey;
REINDEX TABLE t8;
ANALYZE t9;
REFRESH MATERIALIZED VIEW m1;
CREATE OR REPLACE VIEW v1 AS SELECT id, a FROM t1;
},
	names => q{
ALTER TYPE mood RENAME VALUE 'good' TO 'fine';
ALTER TYPE mood RENAME VALUE 'fine' TO 'good';
CREATE SCHEMA one;
ALTER SCHEMA one RENAME TO two;
CREATE TABLE two.t (id int);
GRANT USAGE ON SCHEMA two TO PUBLIC;
DROP SCHEMA two CASCADE;
BEGIN; ALTER SCHEMA public RENAME TO elsewhere; ALTER SCHEMA elsewhere RENAME TO public; COMMIT;
GRANT SELECT ON t10 TO pg_monitor;
REVOKE SELECT ON t10 FROM pg_monitor;
COMMENT ON TABLE t10 IS 'ten';
COMMENT ON TABLE t10 IS NULL;
CREATE OR REPLACE FUNCTION f1() RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE t10 RENAME TO t10_; ALTER TABLE t10_ RENAME TO t10;
CREATE ROLE passing;
GRANT pg_monitor TO passing;
ALTER ROLE passing SET work_mem = '1MB';
DROP ROLE passing;
CREATE EXTENSION IF NOT EXISTS plpgsql;
},
	concurrently => q{
CREATE INDEX CONCURRENTLY i11 ON t11 (b, a);
DROP INDEX CONCURRENTLY i11;
});
my @running;

# Over and over again, until there is a file of that name.
sub repeat
{
	my ($name, $command) = @_;
	my $log = "$root/$name.log";

	push @running, [ $name, $log, IPC::Run::start([ 'sh', '-c',
				"while [ ! -e '$stop' ]; do $command || exit 1; done >'$log' 2>&1" ]) ];
	return;
}

sub start_others
{
	my $connection = "-d '" . $node->connstr('postgres') . "'";

	foreach my $name (sort keys %others)
	{
		write_file("$root/$name.sql", "SET client_min_messages = warning;\n$others{$name}");
		repeat($name, "psql -XAtq -v ON_ERROR_STOP=1 $connection -f '$root/$name.sql'");
	}
	write_file("$root/rows.sql", <<'SQL');
\set n random(1, 100000)
INSERT INTO t1 (a, b) VALUES (1 + :n, :n) ON CONFLICT (b) DO UPDATE SET a = t1.a + 1;
SELECT count(*) FROM t2 WHERE a > :n;
DELETE FROM t12 WHERE a = :n;
SQL
	repeat('rows', "pgbench -n -c 2 -T 1 -f '$root/rows.sql' $connection");
	return;
}

sub stop_others
{
	write_file($stop, '');
	foreach my $other (@running)
	{
		my ($name, $log, $run) = @$other;

		ok($run->finish, "$name: the others are not disturbed") or diag(slurp_file($log));
	}
	return;
}

$node->safe_psql('postgres', q{SELECT migr_unload('h2'); SELECT migr_unload('h3')});
start_others();
foreach my $builder (@builders)
{
	my ($name, $sql) = @$builder;

	load_scripts($node, $heads) if $name eq 'migr_merge()';
	my ($took, $session) = run_watched($sql);
	my $errors = $session->errors;

	# Others may be quicker than who reads the live schema; that is said in these words.
	like($errors, qr/^$|40001: .*could not read the schema/, "$name works among others");
	note(sprintf('%s: %.2f s', $name, $took));
	note($control->ask(q{SELECT format('waited %s ms, %s: %s', round(extract(epoch FROM until - since) * 1000),
		event, query) FROM wait ORDER BY until - since DESC}));

	# CREATE INDEX CONCURRENTLY waits for who has a snapshot, DROP ROLE for who uses it.
	is( $control->ask(qq{SELECT format('%s ms, %s: %s', round(extract(epoch FROM until - since) * 1000), event, query)
		FROM wait WHERE event <> 'virtualxid' AND extract(epoch FROM until - since) > $took / 2}),
		'', "$name: nobody waits");
}
stop_others();

# --- the lock table ---------------------------------------------------------

# A build stops at half of it, and the rest is there for others all the time.
$node->append_conf('postgresql.conf', "max_locks_per_transaction = 10");
$node->restart;
{
	my $many = join('', map { table($_) } 1 .. 400);
	my $build = MigrTest::Session->new($node);
	my $other = MigrTest::Session->new($node);
	my $rounds = 0;

	$build->ask("SET application_name = 'migr at work'");
	$build->send("SELECT migr_diff(\$ddl\$$many\$ddl\$)");
	while ($rounds < 10 || $other->ask(q{SELECT count(*) FROM pg_stat_activity
			WHERE application_name = 'migr at work' AND state = 'active'}) > 0)
	{
		$other->ask('BEGIN; CREATE TABLE a (id serial PRIMARY KEY, b text UNIQUE, c text UNIQUE);'
			  . ' CREATE TABLE b (id serial PRIMARY KEY, a int REFERENCES a); ROLLBACK');
		last if ++$rounds > 1000;
	}
	$build->drain;
	like($build->errors(qr/LOCATION/), qr/53200: the scratch build needs more than half of the lock table.*max_locks_per_transaction/s,
		'a build stops at half of the lock table');
	is($other->errors, '', "meanwhile another session is at work ($rounds times)");
}

done_testing();
