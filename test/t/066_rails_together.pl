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
		FULL JOIN (SELECT * FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition) c ON c.relname = k.relation
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
sql(q{SELECT migr_downgrade('two')}, 'deploy');
sql(q{ALTER DATABASE several SET migr.refuse_drop_used_within = '1 hour'});
is(sql('SELECT migr_redo()', 'deploy') . ' ' . kept(), 'two public.t.a', 'what the downgrade of a redo makes, its upgrade may drop');
like(said(q{BEGIN; SAVEPOINT a; SELECT migr_downgrade('one'); ROLLBACK TO a; SELECT migr_downgrade('one'); COMMIT; SELECT migr_upgrade('two')}),
	qr/MG013: .*public\.t\.a/s, 'but not that of another transaction');
sql(q{ALTER DATABASE several SET migr.refuse_drop_used_within = 'off'});
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

# --- what somebody has prepared ----------------------------------------------------------------------------

fresh($db = 'prepared');
sql(q{ALTER DATABASE prepared SET migr.guard = 'off'; ALTER DATABASE prepared SET migr.refuse_on_drift = off;
	ALTER DATABASE prepared SET migr.require_approval = 'none'; GRANT CREATE, USAGE ON SCHEMA public TO boss});
load(<<'SCRIPTS');
-- migr:revision one
-- migr:upgrade
CREATE DOMAIN word AS text CHECK (VALUE <> 'bad');
CREATE TYPE pair AS (x int);
CREATE TABLE log (what text);
CREATE TABLE t (id int PRIMARY KEY, a word, p pair, g int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE c (id int PRIMARY KEY REFERENCES t);
CREATE TABLE k (id int PRIMARY KEY, a text);
CREATE TABLE parted (id int PRIMARY KEY, a text) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE part2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
CREATE TABLE parent (id int PRIMARY KEY, a text NOT NULL);
CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
CREATE TABLE hidden (id int PRIMARY KEY, a text);
-- migr:downgrade
-- migr:revision two
-- migr:revises one
-- migr:upgrade
DROP TABLE c, t;
ALTER TABLE k DROP COLUMN a;
ALTER TABLE parted DROP COLUMN a;
ALTER TABLE parent DROP COLUMN a;
ALTER TABLE hidden DROP COLUMN a;
-- migr:downgrade
ALTER TABLE hidden ADD COLUMN a text;
ALTER TABLE parent ADD COLUMN a text NOT NULL;
ALTER TABLE parted ADD COLUMN a text NOT NULL;
ALTER TABLE k ADD COLUMN a text;
CREATE TABLE t (id int PRIMARY KEY, a word, p pair, g int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE c (id int PRIMARY KEY REFERENCES t);
CREATE RULE twice AS ON INSERT TO t DO ALSO INSERT INTO log VALUES ('rule');
CREATE RULE nowhere AS ON INSERT TO c DO INSTEAD INSERT INTO log VALUES ('rule');
-- migr:revision three
-- migr:revises two
-- migr:upgrade
ALTER DOMAIN word ADD CHECK (VALUE <> 'worse');
ALTER TYPE pair ADD ATTRIBUTE y int;
ALTER TYPE pair ALTER ATTRIBUTE x TYPE bigint;
-- migr:downgrade
ALTER TYPE pair DROP ATTRIBUTE y;
SCRIPTS
sql(q{SELECT migr_upgrade('one')}, 'deploy');
sql(q{INSERT INTO t (id, a, p) VALUES (1, 'good', ROW(1)), (2, 'worse', ROW(2)); INSERT INTO c VALUES (1), (2);
	INSERT INTO k VALUES (1, 'k1'), (2, 'k2'); INSERT INTO parted VALUES (1, 'p1'), (11, 'p11');
	INSERT INTO parent VALUES (1, 'of parent'); INSERT INTO child VALUES (2, 'of child'); INSERT INTO hidden VALUES (1, 'h1'), (2, 'h2');
	CREATE RULE also AS ON UPDATE TO k DO ALSO INSERT INTO log VALUES ('rule');
	CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO log VALUES (tg_table_name); RETURN NULL; END$$;
	CREATE TRIGGER of_parent BEFORE UPDATE ON parted FOR EACH ROW EXECUTE FUNCTION fire();
	CREATE TRIGGER own BEFORE UPDATE ON part1 FOR EACH ROW EXECUTE FUNCTION fire();
	ALTER TABLE part1 ENABLE ALWAYS TRIGGER own;
	ALTER TABLE part2 DISABLE TRIGGER of_parent}, 'deploy');
my $states = q{SELECT string_agg(c.relname || ' ' || tgname || ' ' || tgenabled::text, ',' ORDER BY c.relname, tgname) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
	WHERE tgname IN ('of_parent', 'own') UNION ALL SELECT string_agg(rulename || ev_enabled::text, ',' ORDER BY rulename) FROM pg_rewrite WHERE rulename IN ('also', 'nowhere', 'twice')};
my $states_before = sql($states);

# Numbers can be foreseen, and names be taken.
my $next = sql(q{SELECT nextval('migr.kept_id_seq')});
sql(join('', map { 'CREATE TABLE k' . ($next + $_) . '_c (); CREATE TYPE k' . ($next + $_) . '_t AS ENUM ();' } 1 .. 5), 'boss');
sql(q{SELECT migr_upgrade('two')}, 'deploy');
is_whole('names that are taken');
is(kept(), 'public.c,public.t,public.k.a,public.parted.a,public.child.a,public.parent.a,public.hidden.a', 'and all is kept');

# What stands on a kept value is altered.
sql(q{SELECT migr_upgrade('three')}, 'deploy');
is_whole('types that are altered');
like(said(q{SELECT migr_downgrade('-1')}), qr/now at two/, 'a type of what is kept can be altered, both ways');
sql(q{ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON hidden USING (id = 1)}, 'deploy');
my $said = said(q{SELECT migr_downgrade('one')});
like($said, qr/put back 2 values of column public\.k\.a/, 'past a rule: values are back');
like($said, qr/put back 2 values of column public\.parted\.a/, 'past triggers of the partitions');
like($said, qr/put back 1 value of column public\.parent\.a/, 'NOT NULL, with a table that inherits');
like($said, qr/put back 1 of 2 values of column public\.hidden\.a.*row level security does not show/s, 'what is hidden is told so');
like($said, qr/put back 1 of 2 rows of table public\.t\nDETAIL:  value for domain word violates check constraint/, 'what a domain forbids since, too');
like($said, qr/put back 1 of 2 rows of table public\.c\nDETAIL:  .*violates foreign key/, 'and what refers to it');
is(sql(q{SELECT string_agg(id || a, ',' ORDER BY id) FROM k; SELECT string_agg(id || a, ',' ORDER BY id) FROM parted;
	SELECT string_agg(id || a, ',' ORDER BY id) FROM parent; SELECT string_agg(id || a || p::text || g, ',') FROM t; SELECT string_agg(id::text, ',') FROM c;
	SELECT count(*) FROM log}), "1k1,2k2\n1p1,11p11\n1of parent,2of child\n1good(1)2\n1\n0", 'each once, and no trigger or rule has fired');
is((split /\n/, sql($states))[0], (split /\n/, $states_before)[0], 'these are on, and off, as they were');
like(sql($states), qr/^alsoO,nowhereO,twiceO$/m, 'rules too');
is(kept(), 'public.c,public.t,public.hidden.a', 'what could not go back stays kept');
sql(q{ALTER TABLE hidden NO FORCE ROW LEVEL SECURITY; ALTER DOMAIN word DROP CONSTRAINT word_check1; SELECT sum(migr_take_back(id)) FROM migr_kept() WHERE object <> 'public.c';
	SELECT migr_take_back(id) FROM migr_kept() WHERE object = 'public.c'}, 'deploy');
is(sql(q{SELECT count(*) FROM t; SELECT count(*) FROM c; SELECT count(a) FROM hidden}) . kept(), "2\n2\n2", 'until there is a place');
is_whole('put back');

# A table of somebody else's, with a trigger to watch who writes there.
sql(q{DROP RULE nowhere ON c; SELECT migr_upgrade('two'); SELECT migr_stamp('one')}, 'deploy');
sql(q{CREATE TABLE c (id int); GRANT INSERT, SELECT ON c TO deploy;
	CREATE TRIGGER watch BEFORE INSERT ON c FOR EACH ROW EXECUTE FUNCTION fire()}, 'boss');
like(said(q{SELECT migr_take_back(id) FROM migr_kept() WHERE object = 'public.c'}),
	qr/55000: table public\.c, kept as \d+, can't be put back\nDETAIL:  must be owner of table c, which has triggers or rules/, 'nobody gets past a trigger of another\'s');
is(sql(q{SELECT tgenabled FROM pg_trigger WHERE tgname = 'watch'; SELECT count(*) FROM c}), "O\n0", 'which is on');
like(said(q{SELECT migr_take_back(id) FROM migr_kept() WHERE object = 'public.c'}, 'mere'), qr/42501/, 'mere execution gives nothing back');
like(said(q{SELECT migr_upgrade()}, 'mere'), qr/must be owner of|permission denied/, 'nor does it run');

# Event triggers of the user's.
sql(q{DROP TABLE c}, 'boss');
sql(q{SELECT migr_discard(id) FROM migr_kept(); CREATE TABLE extra (id int PRIMARY KEY, a text); INSERT INTO extra VALUES (1, 'x')}, 'deploy');
sql(q{SELECT migr_stamp('two'); SELECT migr_unload('three')}, 'deploy');
load(<<'SCRIPTS');
-- migr:revision four
-- migr:revises two
-- migr:upgrade
DROP TABLE parted;
ALTER TABLE k DROP COLUMN IF EXISTS a;
-- migr:downgrade
CREATE TABLE parted (id int PRIMARY KEY, a text);
ALTER TABLE k ADD COLUMN a text;
SCRIPTS
sql(q{ALTER TABLE parted ADD COLUMN IF NOT EXISTS a text; ALTER TABLE k ADD COLUMN IF NOT EXISTS a text; DROP RULE also ON k; UPDATE k SET a = 'again'});
sql(q{CREATE TABLE drops (what text);
	CREATE FUNCTION on_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
		RAISE NOTICE 'sql_drop %', (SELECT string_agg(object_identity, ',') FROM pg_event_trigger_dropped_objects() WHERE original);
		INSERT INTO drops SELECT object_identity FROM pg_event_trigger_dropped_objects() WHERE original;
		IF to_regclass('extra') IS NOT NULL THEN DROP TABLE extra; CREATE TABLE made_by_trigger (id int); END IF; END$$;
	CREATE EVENT TRIGGER on_drop ON sql_drop EXECUTE FUNCTION on_drop()});
sql(q{GRANT INSERT ON drops TO deploy});
$said = said(q{SELECT migr_upgrade('four')});
like($said, qr/table public\.extra is kept as/, 'what an event trigger drops in turn is kept as well');
is(sql(q{SELECT to_regclass('extra') IS NULL AND to_regclass('parted') IS NULL}) . ' ' . kept(), 't public.parted,public.extra,public.k.a', 'both are gone, and kept');
is(sql('SELECT string_agg(what, \',\') FROM drops'), 'public.k.a', 'of what is kept, only the drop of a column is one that stays');
is_whole('event triggers');
sql(q{SELECT migr_downgrade('two')}, 'deploy');
is(sql('SELECT count(*) FROM parted; SELECT count(a) FROM k'), "2\n2", 'all is back');
sql(q{CREATE OR REPLACE FUNCTION on_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'nothing is dropped here'; END$$});
like(said(q{SELECT migr_upgrade('four')}), qr/P0001: nothing is dropped here/, 'one that refuses the drop refuses it');
is(kept(), 'public.extra', 'nothing more is kept');
is(sql('SELECT count(*) FROM parted; SELECT count(a) FROM k'), "2\n2", 'nothing is dropped');
sql('DROP EVENT TRIGGER on_drop');

# One's own change, by whatever session.
sql(q{ALTER DATABASE prepared SET migr.require_approval = 'destructive'});
like(said(q{SELECT migr_approve('four', 'mine')}), qr/42501: permission denied to approve revision "four"/, 'one\'s own is not approved');
like(said(q{SET ROLE deploy; SELECT migr_approve('four', 'mine')}, 'fellow'), qr/00000: upgrade of revision "four" is approved/,
	'a member of its role is another one, in a session of his own');
sql(q{SELECT migr_approve('four', 'no', withdraw => true)}, 'boss');
load_scripts($node, "-- migr:revision five\n-- migr:revises two\n-- migr:upgrade\nDROP TABLE k;\n-- migr:downgrade\n", db => $db, role => 'fellow');
like(said(q{SET ROLE deploy; SELECT migr_approve('five', 'mine')}, 'fellow'), qr/42501: permission denied to approve revision "five"/, 'who has loaded it is who his session was opened as');
like(said(q{SELECT migr_upgrade('five')}), qr/MG015/, 'so it does not run');
sql(q{SELECT migr_approve('five', 'seen')}, 'mere');
sql(q{SELECT count(*) FROM migr_load(E'-- migr:revision five\n-- migr:revises two\n-- migr:upgrade\nDROP TABLE k, parted;\n-- migr:downgrade\n', true)}, 'fellow');
like(said(q{SELECT migr_upgrade('five')}), qr/MG015: .*"mere" approved it, and its script is another one since/s, 'another text was approved by nobody');
is(kept(), 'public.extra', 'nothing is kept of it');

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
