# Who uses what pending revisions drop: what is seen of it where the library is preloaded,
# and that nothing gets round migr.refuse_drop_used_within.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('used', undef, allows_streaming => 1);

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'migr'\nautovacuum = off");
$node->restart;
my $major = int($node->safe_psql('postgres', 'SHOW server_version_num') / 10000);
$node->safe_psql('postgres', q{CREATE ROLE coder LOGIN; CREATE ROLE owner LOGIN; CREATE ROLE guest LOGIN});

# A database whose objects belong to coder, who runs what there is to run.
sub fresh
{
	my ($db) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db OWNER owner");
	$node->safe_psql($db, q{CREATE EXTENSION migr; CREATE SCHEMA app AUTHORIZATION coder;
		GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO coder;
		GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA pg_catalog TO coder});
	return;
}

# --- what is seen --------------------------------------------------------------------------

fresh('seen');
my @columns = map { "c$_" } 1 .. 20;
my $columns = join ', ', map { "$_ int" } @columns;
$node->safe_psql('seen', <<"SQL");
CREATE TABLE t ($columns);
CREATE TABLE whole (a int, b int);
CREATE TABLE counted (a int);
CREATE TABLE referenced (id int PRIMARY KEY);
CREATE TABLE referencing (id int REFERENCES referenced);
CREATE TABLE emptied (a int);
CREATE TABLE explained (a int);
CREATE TABLE looked (a int, b int);
CREATE VIEW look AS SELECT a FROM looked;
CREATE TABLE parted (a int) PARTITION BY LIST (a);
CREATE TABLE part1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE part2 PARTITION OF parted FOR VALUES IN (2);
CREATE TABLE indexed (a int PRIMARY KEY, b int, c int, d int);
CREATE INDEX indexed_b ON indexed (b);
CREATE INDEX indexed_c ON indexed (c);
CREATE INDEX indexed_d ON indexed (d);
CREATE FUNCTION inlined(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT \$1 + 1';
CREATE FUNCTION inlined_set() RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT c1 FROM t';
CREATE FUNCTION pl(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN \$1; END';
CREATE FUNCTION within() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN pl_within(); END';
CREATE FUNCTION pl_within() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION defaults() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION idle() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE PROCEDURE called() LANGUAGE plpgsql AS 'BEGIN END';
CREATE TABLE fired (a int DEFAULT defaults());
CREATE TRIGGER fires BEFORE INSERT ON fired FOR EACH ROW EXECUTE FUNCTION fires();
INSERT INTO indexed SELECT i, i, i, i FROM generate_series(1, 100) i;
SQL
# A use by a function that is called while an index is read must not hide those above.
$node->restart;

my $script = "-- migr:revision drops\n-- migr:upgrade\n"
  . join('', map { "ALTER TABLE t DROP COLUMN $_;\n" } @columns)
  . join('', map { "DROP TABLE $_;\n" } qw(whole counted referencing referenced emptied explained part1 part2 parted fired))
  . "ALTER TABLE whole RENAME COLUMN a TO z;\nALTER TABLE looked DROP COLUMN a, DROP COLUMN b;\nDROP VIEW look;\n"
  . "DROP INDEX indexed_b, indexed_c, indexed_d;\nALTER TABLE indexed DROP CONSTRAINT indexed_pkey;\nALTER TABLE counted DROP COLUMN a;\n"
  . join('', map { "DROP FUNCTION $_;\n" } qw(inlined inlined_set pl within pl_within defaults fires idle))
  . "DROP PROCEDURE called();\nSET search_path = app;\nDROP TABLE elsewhere;\nDROP TABLE nowhere;\n";
$node->safe_psql('seen', 'CREATE TABLE app.elsewhere (a int)');
load_scripts($node, $script, db => 'seen');

# "r", "w", "rw" or "": how an object is used.
sub use_of
{
	my ($object) = @_;

	return $node->safe_psql('seen', qq{SELECT DISTINCT (CASE WHEN last_read IS NULL THEN '' ELSE 'r' END)
		|| (CASE WHEN last_written IS NULL THEN '' ELSE 'w' END) FROM migr_usage() WHERE object = '$object' OR object LIKE '$object(%'});
}

# seen(SQL, OBJECT => USE, ...): before it, there was none.
sub seen
{
	my ($sql, %objects) = @_;
	my %expected = map { ("public.$_" => $objects{$_}) } keys %objects;

	is(use_of($_), '', "$_ is not used before: $sql") foreach sort keys %expected;
	$node->safe_psql('seen', $sql);
	is(use_of($_), $expected{$_}, "$_: $sql") foreach sort keys %expected;
	return;
}

like($node->safe_psql('seen', q{SELECT count(*) FROM migr_usage()}), qr/^[45]\d$/, 'what is dropped is found');
is($node->safe_psql('seen', q{SELECT object FROM migr_usage() WHERE object LIKE '%elsewhere' OR object LIKE '%nowhere'}), 'app.elsewhere',
	'names are looked up in the path that the script sets, and what is not there is passed over');
seen('SELECT c1 FROM t', 't.c1' => 'r', 't.c2' => '');
seen('SELECT 1 FROM t WHERE c2 = 1', 't.c2' => 'r');
seen('INSERT INTO t (c3) VALUES (1)', 't.c3' => 'w', 't.c4' => '');
seen('UPDATE t SET c4 = c5', 't.c4' => 'w', 't.c5' => 'r');
seen('INSERT INTO t (c3) VALUES (1) RETURNING c6', 't.c6' => 'r');
seen('DELETE FROM t WHERE c7 = 1', 't.c7' => 'r');
seen('PREPARE p AS SELECT c8 FROM t; EXECUTE p', 't.c8' => 'r');
seen('BEGIN; DECLARE c CURSOR FOR SELECT c9 FROM t; FETCH c; COMMIT', 't.c9' => 'r');
seen('COPY t (c10) TO STDOUT', 't.c10' => 'r', 't.c11' => '');
seen("COPY t (c11) FROM PROGRAM 'echo 1'", 't.c11' => 'w');
seen('DO $$BEGIN PERFORM c12 FROM t; END$$', 't.c12' => 'r');
seen('WITH w AS (UPDATE t SET c13 = 1 RETURNING 1) SELECT * FROM w', 't.c13' => 'w');
seen('BEGIN; SELECT c14 FROM t; ROLLBACK', 't.c14' => 'r');
seen('EXPLAIN SELECT c15 FROM t; EXPLAIN UPDATE t SET c15 = 1', 't.c15' => '');
seen('EXPLAIN ANALYZE SELECT c15 FROM t', 't.c15' => 'r');
seen('CREATE INDEX ON t (c16); ANALYZE t; VACUUM t', 't.c16' => '');
seen('SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; '
	  . 'SET min_parallel_table_scan_size = 0; SELECT c17 FROM t', 't.c17' => 'r');
seen('SELECT whole FROM whole', 'whole' => 'r', 'whole.a' => 'r');
seen('SELECT count(*) FROM counted', 'counted' => 'r', 'counted.a' => '');
seen('INSERT INTO referencing SELECT 1 WHERE false', 'referencing' => 'w', 'referenced' => '');
MigrTest::run_sql($node, 'INSERT INTO referencing VALUES (1)', db => 'seen');
like(use_of('public.referenced'), qr/^r/, 'a key that is checked is read');
seen('TRUNCATE emptied', 'emptied' => 'w');
seen('EXPLAIN DELETE FROM explained', 'explained' => '');
seen('SELECT a FROM look', 'look' => 'r', 'looked.a' => 'r', 'looked.b' => '');
seen('SELECT * FROM parted WHERE a = 1', 'part1' => 'r', 'part2' => '', 'parted' => 'r');
seen('INSERT INTO parted VALUES (2)', 'part2' => 'w');
seen('SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT a FROM indexed WHERE b = 1', 'indexed_b' => 'r', 'indexed_c' => '');
seen('SET enable_seqscan = off; SET enable_indexscan = off; SELECT a FROM indexed WHERE c = 1', 'indexed_c' => 'r', 'indexed_d' => '');
seen('EXPLAIN SELECT a FROM indexed WHERE d = 1', 'indexed_d' => '');
seen('SELECT inlined(c1) FROM t', 'inlined' => 'r', 'idle' => '');
seen('SELECT * FROM inlined_set()', 'inlined_set' => 'r');
seen('SELECT pl(1)', 'pl' => 'r');
seen('SELECT within()', 'within' => 'r', 'pl_within' => 'r');
seen('INSERT INTO fired DEFAULT VALUES', 'fired' => 'w', 'defaults' => 'r', 'fires' => 'r');
seen('CALL called()', 'called' => 'r');
seen(q{MERGE INTO t USING (SELECT 1) s ON c18 = 5 WHEN NOT MATCHED THEN INSERT (c19) VALUES (1)}, 't.c18' => 'r', 't.c19' => 'w')
  if $major >= 15;
$node->command_ok([ 'pg_dump', '-d', $node->connstr('seen'), '-f', PostgreSQL::Test::Utils::tempdir() . '/dump' ], 'a dump');
is(use_of('public.t.c20'), '', 'does not count, whatever it is called');
$node->safe_psql('seen', q{SET application_name = 'pg_dump'; SELECT c20 FROM t});
is(use_of('public.t.c20'), 'r', 'who only calls himself so does');

# Who it was.
$node->safe_psql('seen', q{GRANT SELECT ON t TO guest});
$node->safe_psql('seen', q{SELECT pg_sleep(1.1); SET application_name = 'shop front'; SET SESSION AUTHORIZATION guest; SELECT c1 FROM t});
is($node->safe_psql('seen', q{SELECT read_by, read_application FROM migr_usage() WHERE object = 'public.t.c1'}), 'guest|shop front',
	'the role, and the application');
is($node->safe_psql('seen', q{SET ROLE guest; SELECT last_read IS NOT NULL, read_by, read_application, detail ~ 'guest'
	FROM migr_usage() WHERE object = 'public.t.c1'}), 't|||f', 'who may not see what others do is told when, and not who');
is($node->safe_psql('seen', q{SET ROLE guest; SELECT count(*) FROM migr_usage() WHERE source <> 'observed'}), '0', 'the source');
is($node->safe_psql('seen', q{SELECT bool_and(abs(extract(epoch FROM observed_since - pg_postmaster_start_time())) < 60)
	FROM migr_usage()}), 't', 'since when');

# --- what is refused -------------------------------------------------------------------------

# Tables of coder's, used by guest; a revision that does SQL, and the setting.
my $number = 0;

sub guarded
{
	my ($within, $sql, %param) = @_;
	my $db = 'guarded' . ++$number;
	my $off = $param{off} ? "-- migr:transaction off\n" : '';

	fresh($db);
	$node->safe_psql('postgres', "ALTER DATABASE $db SET migr.refuse_drop_used_within = '$within'");
	$node->safe_psql($db, q{SET ROLE coder; SET search_path = app;
		CREATE TABLE used (id int PRIMARY KEY, note text, idle text); CREATE TABLE unused (id int);
		CREATE INDEX used_note ON used (note); CREATE VIEW sight AS SELECT note FROM used;
		INSERT INTO used SELECT i, i FROM generate_series(1, 100) i;
		CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'});
	$node->safe_psql($db, q{SET application_name = 'shop'; SELECT note FROM app.sight; SELECT app.f(1);
		SET enable_seqscan = off; SELECT id FROM app.used WHERE note = '5'});
	load_scripts($node, "-- migr:revision ${db}_r\n$off-- migr:upgrade\nSET search_path = app;\n$sql\n-- migr:downgrade\n",
		db => $db, $param{dba} ? () : (role => 'coder'));
	sleep $param{sleep} if $param{sleep};
	return $db;
}

sub refused
{
	my ($name, $sql, $pattern, %param) = @_;
	my $db = guarded($param{within} // '7 days', $sql, %param);
	my $call = $param{call} // 'SELECT migr_upgrade()';

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	fails_ok($node, $call, 'MG013', $pattern, $name, db => $db, role => 'coder');
	is($node->safe_psql($db, 'SELECT count(*) FROM migr_current()'), '0', "$name: nothing of it stays");
	return $db;
}

sub passes
{
	my ($name, $sql, %param) = @_;
	my $db = guarded($param{within} // '7 days', $sql, %param);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, undef, $stderr) = MigrTest::run_sql($node, $param{call} // 'SELECT migr_upgrade()', db => $db, role => 'coder');
	is($status, 0, $name) or diag($stderr);
	return $db;
}

my $who = qr/last read on .* by role "\w+", application "shop"/;
my @short = (within => '1 second', sleep => 5);

my $column = refused('a column', 'DROP VIEW sight; ALTER TABLE used DROP COLUMN note; CREATE VIEW sight AS SELECT id::text AS note FROM used;',
	qr/2 objects that the run drops have been in use within 7 days.*column app\.used\.note: It was $who/s);
refused('deploy', 'DROP VIEW sight;', qr/view app\.sight has been in use within 7 days/, call => 'CALL migr_deploy()');
refused('a dry run', 'DROP VIEW sight;', qr/view app\.sight has been in use/, call => 'SELECT migr_upgrade(dry_run => true)');
refused('a table with all that stands on it', 'DROP TABLE used CASCADE;', qr/table app\.used: .*\n.*view app\.sight: |view app\.sight: .*\n.*table app\.used: /);
refused('an index', 'DROP INDEX used_note;', qr/index app\.used_note has been in use .*\n.*last used on/);
refused('a constraint and its index', 'ALTER TABLE used DROP CONSTRAINT used_pkey;', qr/index app\.used_pkey has (not been observed|been in use)/);
refused('a function', 'DROP FUNCTION f;', qr/function app\.f\(integer\) has been in use .*\n.*last used on .*"shop"/);
refused('a schema', 'DROP SCHEMA app CASCADE;', qr/table app\.used: /);
refused('in a DO block', q{DO $$BEGIN EXECUTE 'DR' || 'OP VIEW sight'; END$$;}, qr/view app\.sight has been in use/);
refused('in a function', q{CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DROP VIEW app.sight'; END$$; SELECT g();},
	qr/view app\.sight has been in use/);
refused('by another name', 'ALTER VIEW sight RENAME TO old; ALTER VIEW old RENAME TO older; DROP VIEW older;', qr/view app\.sight has been in use/);
refused('a column by other names', 'ALTER TABLE used RENAME TO old; ALTER TABLE old RENAME COLUMN note TO n; DROP VIEW sight; ALTER TABLE old DROP COLUMN n;',
	qr/column app\.used\.note/);
refused('a table that comes back without the column', 'DROP TABLE used CASCADE; CREATE TABLE used (id int, idle text); CREATE VIEW sight AS SELECT 1 AS note;',
	qr/table app\.used has been in use/);
refused('what has not been observed for so long', 'DROP TABLE unused;', qr/table app\.unused has not been observed for 7 days.*\n.*Its use is known since .*, and there was none/);

passes('what nobody has used', 'DROP TABLE unused; ALTER TABLE used DROP COLUMN idle;', @short);
passes('what was used before', 'DROP FUNCTION f; DROP VIEW sight; ALTER TABLE used DROP COLUMN note;', @short);
passes('a view that comes back', 'DROP VIEW sight; CREATE VIEW sight AS SELECT note, 1 AS more FROM used;');
passes('a function that comes back', q{DROP FUNCTION f; CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT 2';});
passes('a table that is swapped', 'CREATE TABLE new (LIKE used); DROP VIEW sight; ALTER TABLE used RENAME TO old; '
	  . 'ALTER TABLE new RENAME TO used; CREATE VIEW sight AS SELECT note FROM used; DROP TABLE old;');
passes('a column of another type that is swapped', 'DROP VIEW sight; ALTER TABLE used ADD COLUMN n int; ALTER TABLE used DROP COLUMN note; '
	  . 'ALTER TABLE used RENAME COLUMN n TO note; CREATE INDEX used_note ON used (note); CREATE VIEW sight AS SELECT note FROM used;');
passes('an index that a change of type makes again', 'DROP VIEW sight; ALTER TABLE used ALTER COLUMN note TYPE varchar(9); CREATE VIEW sight AS SELECT note FROM used;');
passes('what the run itself has made', 'CREATE TABLE passing (id int PRIMARY KEY); INSERT INTO passing VALUES (1); DROP TABLE passing; '
	  . 'CREATE TEMP TABLE quick (a int); DROP TABLE quick; ALTER TABLE used ADD COLUMN x int; ALTER TABLE used DROP COLUMN x;');
passes('a drop that is rolled back', q{DO $$BEGIN DROP VIEW sight; RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END$$;});
passes('a rename', 'ALTER VIEW sight RENAME TO seen;');

# Statements that commit by themselves.
my $apart = refused('an index, by itself', 'DROP INDEX CONCURRENTLY app.used_note;', qr/index app\.used_note has been in use/,
	off => 1, call => 'CALL migr_deploy()');
is($node->safe_psql($apart, q{SELECT count(*) FROM pg_class WHERE relname = 'used_note'}), '1', 'it is still there');
passes('an index that nobody has used, by itself', 'DROP INDEX CONCURRENTLY app.used_note;', off => 1, call => 'CALL migr_deploy()', @short);

# Used by migr alone.
my $own = guarded('1 second', 'UPDATE used SET note = id; SELECT note FROM used; DROP VIEW sight; ALTER TABLE used DROP COLUMN note;', sleep => 5);
$node->safe_psql($own, q{SET ROLE coder; SELECT migr_upgrade(dry_run => true); SELECT migr_upgrade()});
is($node->safe_psql($own, 'SELECT count(*) FROM migr_current()'), '1', 'what migr itself uses does not count');

# --- who can lift it ----------------------------------------------------------------------------

fails_ok($node, q{SET migr.refuse_drop_used_within = 'off'}, '42501', qr/permission denied to weaken/, 'not who deploys', db => $column, role => 'coder');
fails_ok($node, q{SET migr.refuse_drop_used_within = '6 days'}, '42501', qr/permission denied to weaken/, 'nor to less', db => $column, role => 'coder');
fails_ok($node, qq{ALTER DATABASE $column SET migr.refuse_drop_used_within = 'off'}, '42501', qr/must be owner/, 'nor for the database', db => $column, role => 'coder');
{
	local $ENV{PGOPTIONS} = '-c migr.refuse_drop_used_within=off';
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	command_fails_like([ 'psql', '-Xq', '-U', 'coder', '-d', $column, '-c', 'SELECT migr_upgrade()' ],
		qr/permission denied to weaken|has been in use|have been in use/, 'nor by options of the connection');
}
$node->safe_psql('postgres', q{ALTER ROLE coder SET migr.refuse_drop_used_within = 'off'});
fails_ok($node, 'SELECT migr_upgrade()', 'MG013', qr/in use within 7 days/, 'nor a setting of the role', db => $column, role => 'coder');
$node->safe_psql('postgres', q{ALTER ROLE coder RESET migr.refuse_drop_used_within});
is($node->safe_psql($column, q{SET SESSION AUTHORIZATION coder; SET migr.refuse_drop_used_within = '2 weeks'; SHOW migr.refuse_drop_used_within}),
	'14 days', 'anybody can make it longer for himself');
fails_ok($node, q{SET migr.refuse_drop_used_within = '7 moons'}, '22023', qr/A span of time is meant/, 'a span of time is meant', db => $column);
is($node->safe_psql($column, q{SET migr.refuse_drop_used_within = 'off'; SHOW migr.refuse_drop_used_within}), 'off', 'a superuser can');
is($node->safe_psql('postgres', q{SHOW migr.refuse_drop_used_within}), 'off', 'off, as it comes');

# The script replaces the view, and drops the column.
my ($lifted) = MigrTest::run_sql($node, q{SET migr.refuse_drop_used_within = 'off'; SET ROLE coder; SELECT migr_upgrade()}, db => $column);
is($lifted, 0, 'a superuser lifts it for a run');
like($node->safe_psql($column, q{SELECT detail FROM migr.log WHERE action = 'upgrade'}),
	qr/dropped column app\.used\.note\. .*$who.*\nmigr\.refuse_drop_used_within = '7 days' was lifted in the session of role/s,
	'and the log says of what, and by whom');
is($node->safe_psql($column, q{SELECT status FROM migr_verify('{log}')}), 'ok', 'whose chain holds');

my $turned = guarded('7 days', 'DROP VIEW sight;');
my ($status) = MigrTest::run_sql($node, qq{ALTER DATABASE $turned SET migr.refuse_drop_used_within = 'off'}, db => $turned, role => 'owner');
is($status, 0, 'the owner turns it off');
MigrTest::run_sql($node, 'SELECT migr_upgrade()', db => $turned, role => 'coder');
like($node->safe_psql($turned, q{SELECT detail FROM migr.log WHERE action = 'upgrade'}), qr/dropped view app\.sight\. .*$who/,
	'what is dropped all the same stands in the log');

my $lifted_apart = guarded('7 days', 'DROP INDEX CONCURRENTLY app.used_note;', off => 1, dba => 1);
MigrTest::run_sql($node, q{SET migr.refuse_drop_used_within = 'off'; CALL migr_deploy()}, db => $lifted_apart);
like($node->safe_psql($lifted_apart, q{SELECT detail FROM migr.log WHERE action = 'deploy'}), qr/dropped index app\.used_note.*was lifted/s,
	'of what commits by itself, too');

# --- the hazard -------------------------------------------------------------------------------------

my $plan = guarded('off', 'DROP VIEW sight; DROP TABLE unused; DROP FUNCTION f;');
is($node->safe_psql($plan, q{SELECT string_agg(hazard || ' ' || split_part(advice, ':', 1), ', ' ORDER BY step) FROM migr_plan() WHERE hazard = 'still-in-use'}),
	'still-in-use view app.sight, still-in-use function app.f(integer)', 'what is in use is a hazard');
like($node->safe_psql($plan, q{SELECT advice FROM migr_plan() WHERE hazard = 'still-in-use' AND step = 2}), $who, 'with who uses it');
my $allowed = guarded('off', "-- migr:allow still-in-use\nDROP VIEW sight;");
is($node->safe_psql($allowed, q{SELECT count(*) FROM migr_plan() WHERE hazard = 'still-in-use'}), '0', 'that a script can allow');

# --- memory -------------------------------------------------------------------------------------------

# What is dropped gives its place back, and temporary tables need none.
my $since = 'SELECT min(observed_since) FROM migr_usage()';
$node->append_conf('postgresql.conf', 'migr.usage_entries = 400');
$node->restart;
my $before = $node->safe_psql('seen', $since);
my $loop = '';
$loop .= "CREATE TABLE passing (a int, b int, c int); INSERT INTO passing VALUES (1, 2, 3); SELECT * FROM passing; DROP TABLE passing;\n"
  . "CREATE TEMP TABLE quick (a int, b int, c int); INSERT INTO quick VALUES (1, 2, 3); DROP TABLE quick;\n"
  foreach 1 .. 200;
$node->safe_psql('seen', $loop);
is($node->safe_psql('seen', $since), $before, '200 tables that came and went leave room');
$node->safe_psql('seen', 'BEGIN; SAVEPOINT s; DROP VIEW look; ROLLBACK TO s; COMMIT; SELECT a FROM look');
is(use_of('public.look'), 'r', 'a drop that was rolled back forgets nothing');

# Too many names of applications: who it was is not lost.
$node->safe_psql('seen', join('', map { "SET application_name = 'worker $_'; SELECT pg_sleep(0); SELECT c1 FROM t;\n" } 1 .. 50));
like($node->safe_psql('seen', q{SELECT read_application FROM migr_usage() WHERE object = 'public.t.c1'}), qr/^worker \d+$/, 'names of applications');

# What finds no place is not taken for unused.
my $many = join ', ', map { "m$_ int" } 1 .. 600;
$node->safe_psql('seen', "CREATE TABLE many ($many); SELECT * FROM many");
my $after = $node->safe_psql('seen', $since);
cmp_ok($after, 'gt', $before, 'a full table begins to observe anew');

# A restart ends what is known.
sleep 2;
$node->append_conf('postgresql.conf', 'migr.usage_entries = 200000');
$node->restart;
cmp_ok($node->safe_psql('seen', $since), 'gt', $after, 'a restart ends what is known');
is(use_of('public.t.c1'), '', 'all of it');

# --- elsewhere --------------------------------------------------------------------------------------------

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('used_standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
$standby->safe_psql('seen', 'SELECT c2 FROM t');
is($standby->safe_psql('seen', q{SELECT last_read IS NOT NULL FROM migr_usage() WHERE object = 'public.t.c2'}), 't', 'a standby sees its own');
is(use_of('public.t.c2'), '', 'and the primary does not see them');
$standby->stop;

# Without the library: what the server counts.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\ntrack_functions = 'all'");
$node->restart;
$node->safe_psql('seen', q{SELECT pg_stat_reset()});
$node->safe_psql('seen', q{SELECT count(*) FROM looked; SELECT pl(1)});
$node->poll_query_until('seen', q{SELECT seq_scan > 0 FROM pg_stat_user_tables WHERE relname = 'looked' AND schemaname = 'public'}) or die 'no statistics';
like($node->safe_psql('seen', q{SELECT source FROM migr_usage() WHERE object = 'public.pl(integer)'}), qr/^statistics: used, time unknown$/, 'functions are counted');
is($node->safe_psql('seen', q{SELECT source, detail ~ 'Its use is known since .*, and there was none' FROM migr_usage() WHERE object = 'public.idle()'}),
	'statistics|t', 'one that was not called');
like($node->safe_psql('seen', q{SELECT detail FROM migr_usage() WHERE object = 'public.looked.a'}),
	$major >= 16 ? qr/last read on/ : qr/has counted that it was read, and does not say when/, 'a column is as its table');
is($node->safe_psql('seen', q{SELECT detail FROM migr_usage() WHERE object = 'public.look'}), 'Nothing is known of its use.', 'of views nothing is known');
my $counted = guarded('7 days', 'DROP TABLE unused;');
fails_ok($node, 'SELECT migr_upgrade()', 'MG013', qr/table app\.unused has not been observed for 7 days.*HINT: .*shared_preload_libraries/s,
	'what is not known is refused', db => $counted, role => 'coder');
is($node->safe_psql('seen', q{SELECT count(*) FROM migr_plan() WHERE hazard = 'still-in-use'}), '0', 'counters alone are no hazard');

done_testing();
