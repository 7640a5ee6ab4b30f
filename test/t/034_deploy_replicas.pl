# migr_deploy where there are replicas: batches wait for those that are behind, and
# what a primary has left when it is lost, the replica that is promoted finishes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node('primary', "max_wal_senders = 4\nwal_level = replica\nautovacuum = off", allows_streaming => 1);
$primary->safe_psql('postgres', q{
	CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL);
	INSERT INTO t SELECT g, g FROM generate_series(1, 5000) g});
load_scripts($primary, <<'SCRIPTS');
-- migr:revision first
-- migr:upgrade
CREATE TABLE first (i int);
-- migr:downgrade
DROP TABLE first;
-- migr:revision backfill
-- migr:revises first
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY t_v ON t (v);
-- migr:batch 100 50ms
UPDATE t SET v = v + 10000 WHERE v <= 10000;
CREATE INDEX CONCURRENTLY t_v_id ON t (v, id);
-- migr:downgrade
DROP INDEX CONCURRENTLY t_v_id;
-- migr:batch 100 50ms
UPDATE t SET v = v - 10000 WHERE v > 10000;
DROP INDEX CONCURRENTLY t_v;
-- migr:revision last
-- migr:revises backfill
-- migr:upgrade
CREATE TABLE last (i int);
-- migr:downgrade
DROP TABLE last;
SCRIPTS

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "wal_receiver_status_interval = 1s\nhot_standby_feedback = off");
$standby->start;

sub caught_up
{
	$primary->poll_query_until('postgres',
		'SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication')
	  or die 'the standby is behind for ever';
}

# --- a replica that is behind -----------------------------------------------------

caught_up();
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
my $deploy = MigrTest::Session->new($primary);
$deploy->ask("SET migr.max_replica_lag = '300ms'");
$deploy->send('CALL migr_deploy()');
my $waits = qr/revision "backfill", statement 2 waits: replica "standby" is [\d.]+ m?s behind/;
like($deploy->errors($waits), $waits, 'a batch waits for a replica');
my $done = $primary->safe_psql('postgres', 'SELECT count(*) FROM t WHERE v > 10000');
cmp_ok($done, '<', 5000, 'not all is done');
is($primary->safe_psql('postgres', sprintf('SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)', $deploy->pid)),
	'0', 'and nothing is held meanwhile');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
$deploy->drain;
is($primary->safe_psql('postgres', 'SELECT count(*) FROM t WHERE v > 10000'), '5000', 'it goes on when the replica is there again');
$deploy->finish;

# Who may not see how far replicas are is told so before anything is changed.
$primary->safe_psql('postgres', q{
	CREATE ROLE deployer LOGIN;
	CREATE DATABASE other OWNER deployer});
$primary->safe_psql('other', q{
	CREATE EXTENSION migr;
	CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL);
	INSERT INTO t VALUES (1, 1)}, extra_params => [ '-U', 'deployer' ]);
my $sql = <<'SQL';
SELECT count(*) FROM migr_load($$
-- migr:revision backfill
-- migr:transaction off
-- migr:upgrade
-- migr:batch 100 50ms
UPDATE t SET v = v + 10000 WHERE v <= 10000;
$$);
SQL
$primary->safe_psql('other', $sql, extra_params => [ '-U', 'deployer' ]);
fails_ok($primary, "SET migr.max_replica_lag = '1s';\nCALL migr_deploy()", '42501',
	qr/can't see how far replicas are behind.*pg_read_all_stats to "deployer"/s, 'who sees no replicas', db => 'other', role => 'deployer');
is($primary->safe_psql('other', 'SELECT v FROM t'), '1', 'has changed nothing');
$primary->safe_psql('postgres', 'GRANT pg_read_all_stats TO deployer');
$primary->safe_psql('other', "SET migr.max_replica_lag = '10s';\nCALL migr_deploy()", extra_params => [ '-U', 'deployer' ]);
is($primary->safe_psql('other', 'SELECT v FROM t'), '10001', 'with the right to see them, it runs');

# --- a standby, and one that is promoted in the middle -------------------------------

my $expected = $primary->safe_psql('postgres', 'SELECT migr_fingerprint()');
$primary->safe_psql('postgres', "CALL migr_revert('base')");
caught_up();
fails_ok($standby, 'CALL migr_deploy()', '25006', qr/read-only|recovery/, 'a standby');

my $blocker = MigrTest::Session->new($primary);
$blocker->ask('BEGIN');
$blocker->ask('SELECT FROM t WHERE id = 2500 FOR UPDATE');
$deploy = MigrTest::Session->new($primary);
$deploy->send('CALL migr_deploy()');
$primary->poll_query_until('postgres', 'SELECT count(*) >= 2000 FROM t WHERE v > 10000');
caught_up();
$primary->stop('immediate');
$_->kill_client for $deploy, $blocker;
$standby->promote;
is($standby->safe_psql('postgres', q{SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version}), 'first', 'what was recorded is known there');
like($standby->safe_psql('postgres', 'SELECT interrupted FROM migr_status()'), qr/revision "backfill", upgrade section, statement 2: UPDATE was interrupted/, 'and where it was');
$done = $standby->safe_psql('postgres', 'SELECT count(*) FROM t WHERE v > 10000');
cmp_ok($done, '>=', 2000, 'batches that were done are there');
cmp_ok($done, '<', 5000, 'the others are not');
$standby->safe_psql('postgres', 'CALL migr_deploy()');
is($standby->safe_psql('postgres', 'SELECT count(*), min(v), max(v) FROM t'), '5000|10001|15000', 'it is finished there');
is($standby->safe_psql('postgres', 'SELECT migr_fingerprint()'), $expected, 'and ends where an undisturbed run does');
is($standby->safe_psql('postgres', q{SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version}), 'first backfill last', 'with all that was to do');

done_testing();
