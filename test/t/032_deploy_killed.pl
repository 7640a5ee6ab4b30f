# A deploy of mixed revisions is killed again and again, at random moments; what
# goes on from there ends where a run ends that nobody has disturbed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

# How often it is killed: MIGR_SEEDS has another range, the first of which is the
# seed of the moments.
my @seeds = seeds('1-25');
my $node = new_node('killed', "restart_after_crash = on\nautovacuum = off");
my $detach = $node->safe_psql('postgres', 'SHOW server_version_num') >= 140000 ? 'CONCURRENTLY' : '';

# Twenty revisions, each of which takes a moment.
my $scripts = <<"SCRIPTS";
-- migr:revision r1
-- migr:upgrade
CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL, w text);
INSERT INTO t SELECT g, g % 97, 'x' FROM generate_series(1, 5000) g;
CREATE TYPE state AS ENUM ('a');
CREATE TABLE p (i int) PARTITION BY LIST (i);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
CREATE TABLE counted (n int PRIMARY KEY);
SCRIPTS

foreach my $n (2 .. 20)
{
	my $before = $n - 1;

	$scripts .= "-- migr:revision r$n\n-- migr:revises r$before\n";
	$scripts .= $n % 3 == 0 ? <<"PLAIN" : $n % 3 == 1 ? <<"MIXED" : <<"APART";
-- migr:upgrade
ALTER TABLE t ADD COLUMN c$n int DEFAULT $n;
SELECT pg_sleep(0.01);
UPDATE t SET v = v + 1;
CREATE TABLE u$n (i int);
PLAIN
-- migr:transaction off
-- migr:upgrade
ALTER TYPE state ADD VALUE 'b$n';
CREATE TABLE s$n (s state DEFAULT 'b$n');
UPDATE t SET v = v + 1;
DO \$\$BEGIN FOR i IN 1..3 LOOP INSERT INTO counted VALUES ($n * 100 + i) ON CONFLICT DO NOTHING; COMMIT; PERFORM pg_sleep(0.003); END LOOP; END\$\$;
REINDEX TABLE CONCURRENTLY t;
UPDATE t SET v = v + 1;
MIXED
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY t_$n ON t (v, id);
CREATE INDEX CONCURRENTLY ON t (w, v, id);
DROP INDEX CONCURRENTLY t_$n;
CREATE INDEX CONCURRENTLY t_$n ON t (id, v);
VACUUM t;
APART
	$scripts .= "ALTER TABLE p DETACH PARTITION p1 $detach;\n" if $n == 8;
}

sub new_database
{
	my ($db) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, 'CREATE EXTENSION migr');
	load_scripts($node, $scripts, db => $db);
}

# What there is: schema, version, rows.
sub state_of
{
	my ($db) = @_;

	return $node->safe_psql(
		$db, q{
		SELECT migr_fingerprint(), (SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version),
		       (SELECT sum(v) FROM t), (SELECT sum(n) FROM counted),
		       (SELECT count(*) FROM pg_index WHERE NOT indisvalid)});
}

new_database('undisturbed');
my $begun = Time::HiRes::time();
$node->safe_psql('undisturbed', 'CALL migr_deploy()');
my $takes = Time::HiRes::time() - $begun;

new_database('disturbed');
srand($seeds[0]);
my $killed = 0;
foreach my $seed (@seeds)
{
	my $deploy = MigrTest::Session->new($node, db => 'disturbed');

	$deploy->send('CALL migr_deploy()');
	usleep(1_000_000 * $takes * rand() * 1.2 / scalar(@seeds));
	if ($seed % 2)
	{
		$node->stop('immediate');
		$node->start;
	}
	else
	{
		kill_and_recover($node, $deploy->pid);
	}
	$killed++;
	$deploy->kill_client;
}
is($killed, scalar(@seeds), "killed $killed times");
cmp_ok($node->safe_psql('disturbed', 'SELECT count(*) FROM migr.version'), '<', 20, 'it had not come to the end');
$node->safe_psql('disturbed', 'CALL migr_deploy()');
is(state_of('disturbed'), state_of('undisturbed'), 'it ends as if nobody had disturbed it');
like($node->safe_psql('disturbed', q{SELECT string_agg(status, ' ') FROM migr_verify('log')}), qr/^ok( ok)*$/,
	'the log is whole');

done_testing();
