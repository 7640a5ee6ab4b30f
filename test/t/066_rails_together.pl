# All guard rails at once, where the library is preloaded: over a crash, on a standby, in what commits
# on its way, and against who tries to get something out of one by another.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('rails', undef, allows_streaming => 1);

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'migr'\nautovacuum = off\nrestart_after_crash = on");
$node->restart;
$node->safe_psql('postgres', q{
	CREATE ROLE deploy LOGIN CREATEDB; CREATE ROLE fellow LOGIN IN ROLE deploy; CREATE ROLE boss LOGIN; CREATE ROLE mere LOGIN});

# A database with all rails on, whose objects belong to deploy, who runs what there is to run.
sub fresh
{
	my ($db) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, qq{CREATE EXTENSION migr; GRANT CREATE, USAGE ON SCHEMA public TO deploy;
		GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO deploy; GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA pg_catalog TO deploy;
		GRANT EXECUTE ON FUNCTION migr_approve TO boss, mere; GRANT EXECUTE ON FUNCTION migr_upgrade TO mere;
		ALTER DATABASE $db SET migr.keep_dropped = '30 days';
		ALTER DATABASE $db SET migr.require_approval = 'destructive';
		ALTER DATABASE $db SET migr.refuse_on_drift = on;
		ALTER DATABASE $db SET migr.guard = 'error'});
	return;
}

my $db;

sub sql
{
	my ($sql, $role) = @_;

	return $node->safe_psql($db, $sql, extra_params => $role ? [ '-U', $role ] : []);
}

# What psql says of it, whatever comes of it.
sub said
{
	my ($sql, $role) = @_;
	my ($status, $out, $err) = MigrTest::run_sql($node, $sql, db => $db, role => $role // 'deploy');

	return $err;
}

sub load
{
	my ($scripts) = @_;

	load_scripts($node, $scripts, db => $db, role => 'deploy');
	return;
}

sub approve
{
	my ($revision, $direction) = @_;

	sql("SELECT migr_approve('$revision', 'seen', direction => '" . ($direction // 'upgrade') . q{')}, 'boss');
	return;
}

# Every row of migr.kept has its relation, and no other relation is there.
sub is_whole
{
	my ($name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is( sql(q{SELECT string_agg(coalesce(k.relation, c.relname) || ' alone', ',') FROM migr.kept k
		FULL JOIN (SELECT * FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace AND relkind IN ('r', 'p')) c ON c.relname = k.relation
		WHERE k.relation IS NULL OR c.oid IS NULL}), '', "$name: nothing half is kept");
	return;
}

sub kept { return sql(q{SELECT string_agg(object, ',' ORDER BY id) FROM migr_kept()}); }
sub approved { return sql(q{SELECT string_agg(revision || CASE direction WHEN 'upgrade' THEN '' ELSE '/' || direction END, ',' ORDER BY revision) FROM migr.approval}); }
sub applied { return sql(q{SELECT string_agg(revision, ',' ORDER BY ordinal) FROM migr.version}); }

my $tables = <<'SCRIPTS';
-- migr:revision one
-- migr:upgrade
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
CREATE TABLE u (id int PRIMARY KEY, a text);
CREATE TABLE v (id int PRIMARY KEY, a text);
-- migr:downgrade
DROP TABLE t, u, v;
SCRIPTS
my $rows = q{INSERT INTO t SELECT g, 'a' || g, 'b' || g FROM generate_series(1, 500) g;
	INSERT INTO u SELECT g, 'a' || g FROM generate_series(1, 300) g; INSERT INTO v VALUES (1, 'v')};

# --- several revisions in one run, of which the third is refused -------------------------------------

fresh($db = 'several');
load($tables . <<'SCRIPTS');
-- migr:revision two
-- migr:revises one
-- migr:upgrade
ALTER TABLE t DROP COLUMN a;
-- migr:downgrade
ALTER TABLE t ADD COLUMN a text;
-- migr:revision three
-- migr:revises two
-- migr:upgrade
DROP TABLE u;
-- migr:downgrade
CREATE TABLE u (id int PRIMARY KEY, a text);
-- migr:revision four
-- migr:revises three
-- migr:upgrade
DROP TABLE v;
-- migr:downgrade
CREATE TABLE v (id int PRIMARY KEY, a text);
SCRIPTS
sql(q{SELECT migr_upgrade('one')}, 'deploy');
sql($rows, 'deploy');
approve($_) for qw(two three);
like(said('SELECT migr_upgrade()'), qr/MG015: revision "four" is not approved/, 'the third is not approved');
approve('four');
sql(q{ALTER DATABASE several SET migr.refuse_drop_used_within = '1 hour'});
like(said('SELECT migr_upgrade()'), qr/MG013: 3 objects that the run drops.*column public\.t\.a.*table public\.u.*table public\.v/s,
	'all that is in use is told, of all revisions, by its own name');
is(kept(), '', 'nothing stays kept');
is_whole('refused as in use');
is(approved(), 'four,three,two', 'and no approval is used up');
sql(q{ALTER DATABASE several SET migr.refuse_drop_used_within = 'off'});
sql(q{SET migr.guard = off; ALTER TABLE public.v ADD COLUMN x int});
like(said('SELECT migr_upgrade()'), qr/MG015: revision "four" is not approved.*relation v is not as it was then/s,
	'somebody has changed what the third drops: its approval is good no more');
is(approved() . kept(), 'four,three,two', 'nothing is kept, nothing used up');
approve('four');
like(said('SELECT migr_upgrade()'), qr/MG014: column public\.v\.x is not as migr left it/, 'approved as it is: the drift is in its way');
is(approved() . kept(), 'four,three,two', 'nothing is kept, nothing used up');
sql(q{SET migr.guard = off; ALTER TABLE public.v DROP COLUMN x});
sql(q{SELECT migr_stamp('current')});
approve('four');
sql(q{INSERT INTO migr.rule (name, query, before_commit) VALUES ('has_v', $$SELECT 'v' WHERE to_regclass('public.v') IS NULL$$, true)});
like(said('SELECT migr_upgrade()'), qr/MG011: rule "has_v" would not hold/, 'a rule of one\'s own does not hold behind the third');
is(approved() . kept(), 'four,three,two', 'nothing is kept, nothing used up');
is_whole('refused by a rule');
like(said('CALL migr_deploy()'), qr/MG011: rule "has_v" would not hold/, 'a deploy commits what went before');
is(applied() . ' ' . approved() . ' ' . kept(), 'one,two,three four public.t.a,public.u', 'and keeps, and uses up, what that did');
is_whole('a deploy that was refused');
approve($_, 'downgrade') for qw(three two);
sql(q{CALL migr_revert('one')}, 'deploy');
is(sql('SELECT count(a) FROM t') . sql('SELECT count(*) FROM u') . kept(), '500300', 'its way back has all');
like(said('SELECT migr_upgrade()'), qr/MG015: revision "two" is not approved/, 'an approval was for one run');

# --- savepoints, redo, repair, stamp, squash, reset ---------------------------------------------------

sql('DELETE FROM migr.approval; DELETE FROM migr.rule');
approve($_) for qw(two three four);
is( sql(q{BEGIN;
	SAVEPOINT a;
	SELECT count(*) FROM migr_upgrade();
	SELECT count(*) FROM migr_kept();
	SELECT count(*) FROM migr.approval;
	ROLLBACK TO a;
	SELECT count(*) FROM migr_kept();
	SELECT count(*) FROM migr.approval;
	SELECT count(*) FROM migr_upgrade('two');
	SAVEPOINT b;
	SELECT count(*) FROM migr_upgrade('three');
	ROLLBACK TO b;
	SELECT count(*) FROM migr_upgrade('three');
	COMMIT}, 'deploy'), "3\n3\n0\n0\n3\n1\n1\n1", 'savepoints: what is rolled back is neither kept nor used up');
is(applied() . ' ' . approved() . ' ' . kept(), 'one,two,three four public.t.a,public.u', 'what stays is');
is_whole('savepoints');
like(said('SELECT migr_redo()'), qr/MG015: redo is not allowed while migr\.require_approval is on.*It can't be approved/s, 'a redo is not approved');
like(said(q{SELECT migr_reset('several')}), qr/MG015: .* is not allowed while migr\.require_approval is on/, 'nor is a reset');
is(sql('SELECT string_agg(finding, \',\') FROM migr_repair()', 'deploy'), 'ok', 'nothing is to be repaired for what is kept');
sql(q{ALTER DATABASE several SET migr.require_approval = 'none'});
is(sql('SELECT migr_redo()', 'deploy') . ' ' . kept(), 'three public.t.a,public.u', 'a redo puts back, and keeps again');
is_whole('redo');
sql(q{SELECT migr_downgrade('one')}, 'deploy');
is(sql('SELECT count(a) FROM t') . sql('SELECT count(*) FROM u') . kept(), '500300', 'and the way back has all');
sql(q{SELECT migr_upgrade('three')}, 'deploy');
sql(q{SELECT migr_stamp('one')}, 'deploy');
is(kept(), 'public.t.a,public.u', 'a stamp moves no rows');
sql(q{SELECT migr_stamp('three')}, 'deploy');
sql(q{SELECT count(*) FROM migr_load(migr_squash('one:three', 'whole', 'whole'))}, 'deploy');
sql(q{SELECT migr_upgrade('whole')}, 'deploy');
is(kept(), 'public.t.a,public.u', 'a squash is not their way back');
sql(q{SELECT migr_downgrade('base'); SELECT migr_upgrade('whole')}, 'deploy');
is(sql('SELECT count(*) FROM t') . ' ' . kept(), '500 public.t.a,public.u', 'what it drops and makes again itself comes back');
is(sql(q{SET migr.guard = off; ALTER TABLE t ADD COLUMN a text; CREATE TABLE u (id int PRIMARY KEY, a text);
	SELECT sum(migr_take_back(id)) FROM migr_kept(); SELECT count(a) FROM t; SELECT count(*) FROM u}, 'postgres'),
	"800\n500\n300", 'the others are taken back by hand');
is_whole('taken back');

# --- batches, and what commits on its way --------------------------------------------------------------

fresh($db = 'apart');
load($tables . <<'SCRIPTS');
-- migr:revision two
-- migr:revises one
-- migr:transaction off
-- migr:upgrade
-- migr:batch 100
UPDATE t SET b = 'z' WHERE b <> 'z';
ALTER TABLE t DROP COLUMN a;
DROP TABLE u;
SELECT 1 / (SELECT count(*) FROM v WHERE a = 'go');
-- migr:downgrade
CREATE TABLE u (id int PRIMARY KEY, a text);
-- migr:batch 100
UPDATE t SET b = 'b' || id WHERE b = 'z';
ALTER TABLE t ADD COLUMN a text;
SCRIPTS
sql(q{SELECT migr_upgrade('one')}, 'deploy');
sql($rows, 'deploy');
sql(q{ALTER DATABASE apart SET migr.refuse_drop_used_within = '1 hour'});
approve('two');
like(said('CALL migr_deploy()'), qr/MG013: .*column public\.t\.a/, 'transaction off: the statement that drops what is in use is refused');
is(sql(q{SELECT count(*) FROM t WHERE b = 'z'}) . ' ' . approved() . kept(), '500 two', 'behind the batches, and nothing is kept');
is(sql('SELECT begun FROM migr.approval'), 't', 'it has begun');
sql(q{ALTER DATABASE apart SET migr.refuse_drop_used_within = 'off'});
like(said('CALL migr_deploy()'), qr/22012: division by zero/, 'it goes on, to a statement that fails');
is(approved() . ' ' . kept(), 'two public.t.a,public.u', 'what has committed is kept, and the run is still approved');
sql(q{UPDATE v SET a = 'go'});
sql('CALL migr_deploy()', 'deploy');
is(applied() . approved(), 'one,two', 'the rest runs by the same approval');
approve('two', 'downgrade');
sql(q{CALL migr_revert('one')}, 'deploy');
is(sql(q{SELECT count(a), count(*) FILTER (WHERE a = 'a' || id AND b = 'b' || id) FROM t}) . ' ' . sql('SELECT count(*) FROM u') . kept(),
	'500|500 300', 'and its way back, in batches, has all');

# --- the backend is killed -----------------------------------------------------------------------------

fresh($db = 'postgres_crash');
load($tables . <<'SCRIPTS');
-- migr:revision two
-- migr:revises one
-- migr:upgrade
ALTER TABLE t DROP COLUMN a;
DROP TABLE u;
SELECT pg_sleep(1000) FROM v WHERE a = 'v';
-- migr:downgrade
CREATE TABLE u (id int PRIMARY KEY, a text);
ALTER TABLE t ADD COLUMN a text;
-- migr:revision three
-- migr:revises two
-- migr:transaction off
-- migr:upgrade
ALTER TABLE t DROP COLUMN b;
DROP TABLE u;
SELECT pg_sleep(1000) FROM v WHERE a = 'v';
-- migr:downgrade
CREATE TABLE u (id int PRIMARY KEY, a text);
ALTER TABLE t ADD COLUMN b text;
SCRIPTS
sql(q{SELECT migr_upgrade('one')}, 'deploy');
sql($rows, 'deploy');
sql('SELECT count(a) FROM t', 'deploy');
approve('two');
like(sql(q{SELECT object || ' ' || (last_read IS NOT NULL) FROM migr_usage('two') WHERE object LIKE '%.a'}), qr/public\.t\.a true/, 'use is seen');

sub start
{
	my ($sql, $revision) = @_;
	my $session = MigrTest::Session->new($node, db => $db, role => 'deploy');

	$session->send($sql);
	wait_for_sleep($node, $revision);
	return $session;
}

my $session = start('SELECT migr_upgrade(\'two\')', 'two');
kill_and_recover($node, $session->pid);
$session->finish;
is(applied() . ' ' . approved() . kept(), 'one two', 'kill -9 in a run: nothing is kept, no approval used up');
is_whole('kill -9 in a run');
mutex_is_free($node, 'kill -9 in a run');
sql(q{ALTER DATABASE postgres_crash SET migr.refuse_drop_used_within = '1 hour'});
sql(q{UPDATE v SET a = 'go'});
like(said(q{SELECT migr_upgrade('two')}), qr/MG013: .*table public\.u: Its use is known since .*, and there was none/s,
	'what was seen went with the shared memory: what is not known is refused');
is(sql(q{SELECT count(*) FROM migr_usage('two') WHERE object = 'public.u' AND last_read IS NULL}), '1', 'and is not told as unused for long');
is(sql('SELECT count(a) FROM t') . sql('SELECT count(*) FROM u'), '500300', 'all rows are there');
sql(q{ALTER DATABASE postgres_crash SET migr.refuse_drop_used_within = 'off'});
sql(q{SELECT migr_upgrade('two')}, 'deploy');
approve('two', 'downgrade');
sql(q{SELECT migr_downgrade('one')}, 'deploy');
is(sql('SELECT count(a) FROM t') . sql('SELECT count(*) FROM u') . kept(), '500300', 'the run, and its way back, do as if nothing had been');

approve('two');
sql(q{SELECT migr_upgrade('two')}, 'deploy');
sql(q{SET migr.guard = off; CREATE TABLE u (id int PRIMARY KEY, a text); UPDATE v SET a = 'v'}, 'postgres');
sql(q{SET migr.guard = off; ALTER TABLE u OWNER TO deploy; INSERT INTO u VALUES (1000, 'new'); SELECT migr_stamp('current')}, 'postgres');
approve('three');
$session = start('CALL migr_deploy()', 'three');
kill_and_recover($node, $session->pid);
$session->finish;
is(applied() . ' ' . approved() . ' ' . kept(), 'one,two three public.t.a,public.u,public.t.b,public.u',
	'kill -9 in what commits on its way: what has run is kept');
is_whole('kill -9 in what commits on its way');
is(sql(q{SELECT rows FROM migr_kept() WHERE object = 'public.t.b'}), '500', 'in whole');

# --- the server is stopped at once -----------------------------------------------------------------------

like(said('CALL migr_deploy()'), qr/55000: it is not known whether what is there is as migr left it.*migr_stamp\('current'\) records it/s,
	'a run that was killed has recorded nothing, and migr.refuse_on_drift says so');
sql(q{SELECT migr_stamp('current')}, 'deploy');
is(approved(), 'three', 'what is recorded as it is does not end the run that has begun');
$session = start('CALL migr_deploy()', 'three');
$node->stop('immediate');
$session->finish;
$node->start;
is(applied() . ' ' . approved() . ' ' . kept(), 'one,two three public.t.a,public.u,public.t.b,public.u', 'an immediate stop: the same');
is_whole('an immediate stop');
is(sql(q{SET migr.guard = off; ALTER TABLE t ADD COLUMN b text;
	SELECT migr_take_back(id) FROM migr_kept() WHERE object = 'public.t.b'; SELECT count(*) FILTER (WHERE b = 'b' || id) FROM t}, 'postgres'),
	"500\n500", 'what was kept before it is taken back behind it');
sql(q{UPDATE v SET a = 'go'});
sql(q{SELECT migr_stamp('current')});
like(said('CALL migr_deploy()'), qr/2 of 3 statements have run before/, 'the run is completed');
is(approved() . ' ' . kept(), ' public.t.a,public.u,public.u', 'by the approval that it had');

# --- on a standby ------------------------------------------------------------------------------------------

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');

$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql($db, q{SELECT string_agg(object, ',' ORDER BY id) FROM migr_kept(); SELECT count(*) FROM migr.kept; SELECT count(*) FROM migr.approval}),
	"public.t.a,public.u,public.u\n3\n0", 'standby: what is kept is told');
is($standby->safe_psql($db, q{SELECT count(*) FROM migr_usage(); SELECT count(*) FROM migr_pending(); SELECT count(*) FROM migr_current()}), "0\n0\n1",
	'and what is in use, pending and current');
for my $sql (q{SELECT migr_take_back(id) FROM migr_kept()}, q{SELECT migr_discard(id) FROM migr_kept()}, q{SELECT migr_discard()},
	q{SELECT migr_approve('two', 'x', direction => 'downgrade')}, q{SELECT migr_upgrade()}, q{SELECT migr_downgrade('-1')}, q{CALL migr_deploy()})
{
	my ($status, $out, $err) = MigrTest::run_sql($standby, $sql, db => $db);

	like($err, qr/25006/, "standby: $sql writes nothing");
}
$standby->stop;

done_testing();
