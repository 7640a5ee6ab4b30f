# migr_plan() next to the server itself: forms that it does not run as they stand,
# of which it has a table, against what they wait for here; and nobody is waited
# for, nor held up, in the live database.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', q{
log_lock_waits = on
deadlock_timeout = 10ms
autovacuum = off
});
my $major = $node->safe_psql('postgres', 'SHOW server_version_num') / 10000;

load_scripts($node, q{
-- migr:revision base1
-- migr:upgrade
CREATE TABLE item (id int, n int);
CREATE INDEX item_n ON item (n);
CREATE TABLE part (id int) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (100) TO (200);
});
$node->safe_psql('postgres', q{
	SELECT migr_upgrade();
	INSERT INTO item SELECT i, i FROM generate_series(1, 1000) i;
	INSERT INTO part SELECT i FROM generate_series(1, 150) i;
});

# By form: what to lock, so that the form waits; the relation for which it does.
my @forms = (
	[ 'CREATE INDEX CONCURRENTLY item_id ON item (id)', 'item', 'SHARE UPDATE EXCLUSIVE' ],
	[ 'DROP INDEX CONCURRENTLY item_n', 'item', 'SHARE UPDATE EXCLUSIVE' ],
	[ 'REINDEX TABLE CONCURRENTLY item', 'item', 'SHARE UPDATE EXCLUSIVE' ],
	[ 'REINDEX INDEX CONCURRENTLY item_n', 'item', 'SHARE UPDATE EXCLUSIVE' ],
	[ 'REINDEX TABLE item', 'item', 'ROW EXCLUSIVE' ],
	[ 'REINDEX INDEX item_n', 'item', 'ROW EXCLUSIVE' ],
	[ 'VACUUM item', 'item', 'SHARE UPDATE EXCLUSIVE' ],
	[ 'VACUUM FULL item', 'item', 'ACCESS SHARE' ],
	[ 'ANALYZE item', 'item', 'SHARE UPDATE EXCLUSIVE' ]);
push @forms, [ 'ALTER TABLE part DETACH PARTITION part1 CONCURRENTLY', 'part', 'SHARE UPDATE EXCLUSIVE' ]
  if $major >= 14;

# The lock for which a statement waits while another session has the relation.
sub waits_for
{
	my ($sql, $relation, $mode) = @_;
	my $blocker = IPC::Run::start(
		[ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c',
			"BEGIN; LOCK TABLE $relation IN $mode MODE; SELECT pg_sleep(1)" ], '>', '/dev/null', '2>', '/dev/null');
	my $oid = $node->safe_psql('postgres', "SELECT '$relation'::regclass::oid");
	my $from = -s $node->logfile;

	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE relation = $oid AND granted AND pid <> pg_backend_pid()");
	$node->psql('postgres', $sql);
	$blocker->finish;
	return substr(slurp_file($node->logfile), $from) =~ /still waiting for (\w+) on relation $oid / ? $1 : 'nothing';
}

my $n = 0;
foreach my $form (@forms)
{
	my ($sql, $relation, $mode) = @$form;
	my $id = 'form' . ++$n;

	load_scripts($node, "-- migr:revision $id\n-- migr:revises base1\n-- migr:transaction off\n-- migr:upgrade\n$sql;\n");
	my $told = $node->safe_psql('postgres', "SELECT lock_mode FROM migr_plan('$id') WHERE relation = 'public.$relation'");
	$node->safe_psql('postgres', "SELECT migr_unload('$id')");
	is($told, waits_for($sql, $relation, $mode), "$sql takes the lock that is told");
	$node->safe_psql('postgres', 'DROP INDEX IF EXISTS item_id; CREATE INDEX IF NOT EXISTS item_n ON item (n)');
}

# Somebody has the table; the plan does not wait for him, and leaves no lock.
load_scripts($node, q{
-- migr:revision busy
-- migr:revises base1
-- migr:upgrade
ALTER TABLE item ALTER id TYPE bigint;
});
my $holder = IPC::Run::start(
	[ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', 'ANALYZE item', '-c',
		'BEGIN; LOCK TABLE item; SELECT pg_sleep(60)' ], '>', '/dev/null', '2>', '/dev/null');
$node->poll_query_until('postgres',
	q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'item'::regclass AND mode = 'AccessExclusiveLock'});
is( $node->safe_psql('postgres', q{
		SET statement_timeout = '30s';
		BEGIN;
		SELECT hazard, relation_bytes > 0 FROM migr_plan();
		SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN (SELECT oid FROM pg_class WHERE relname ~ '^(item|part)');
		COMMIT}),
	"change-type-rewrite|t\n0",
	'a table that somebody has locked is planned for, by the size that the catalog knows');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'item'::regclass AND granted});
$holder->finish;
is($node->safe_psql('postgres', 'SELECT count(*) FROM item'), '1000', 'the rows are as they were');

# Each statement commits: what is checked at the end of its transaction is not in the way of the next.
$node->safe_psql('postgres', 'CREATE DATABASE late');
$node->safe_psql('late', 'CREATE EXTENSION migr');
load_scripts($node, q{
-- migr:revision late1
-- migr:upgrade
CREATE TABLE late (id int PRIMARY KEY, up int REFERENCES late DEFERRABLE INITIALLY DEFERRED);
INSERT INTO late SELECT 1, 1;
-- migr:downgrade
DROP TABLE late;
-- migr:revision late2
-- migr:revises late1
-- migr:transaction off
-- migr:upgrade
INSERT INTO late SELECT max(id) + 1, 1 FROM late;
ALTER TABLE late ADD COLUMN more int;
-- migr:downgrade
INSERT INTO late SELECT max(id) + 1, 1 FROM late;
ALTER TABLE late DROP COLUMN more;
}, db => 'late');
is($node->safe_psql('late', q{SELECT count(*) FROM migr_plan('late2') WHERE hazard = 'fails'}), '0', 'no check is left from the statement before');
is($node->safe_psql('late', q{SELECT DISTINCT status FROM migr_test()}), 'ok', 'nor in a trial');

# A server that counts nothing: what it says is enough.
$node->safe_psql('postgres', q{ALTER SYSTEM SET track_counts = off});
$node->reload;
load_scripts($node, q{
-- migr:revision uncounted
-- migr:revises base1
-- migr:upgrade
CREATE INDEX ON item (id, n);
ALTER TABLE item ADD CHECK (n > 0);
});
is($node->safe_psql('postgres', q{SELECT string_agg(hazard, ' ' ORDER BY step) FROM migr_plan('uncounted')}),
	'add-index add-check', 'without counts of scans');

$node->stop;
done_testing();
