# Scripts of migr_sql(standalone => true): a whole life of a database on which there
# is no extension, run by a role that may do nothing but create; scripts that are cut
# off anywhere, that come at the wrong time, and two at once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('standalone');

$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE other LOGIN');

# --- helpers ----------------------------------------------------------------

# A database in which role app may create schemas, and no more.
sub create_remote
{
	my ($name, $options) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name " . ($options // ''));
	$node->safe_psql('postgres', "GRANT CREATE ON DATABASE $name TO app");
	$node->safe_psql($name, 'REVOKE ALL ON SCHEMA public FROM PUBLIC');
}

# What migr_sql() says in the database with the scripts.
sub script
{
	my ($range, %param) = @_;
	my $applied = $param{applied} ? "ARRAY['" . join("','", @{ $param{applied} }) . "']" : 'NULL';
	my $direction = $param{direction} // 'upgrade';

	$applied = "'{}'" if $param{applied} && !@{ $param{applied} };
	return $node->safe_psql($param{db} // 'postgres',
		"SELECT migr_sql('$range', '$direction', standalone => true, applied => $applied)") . "\n";
}

# Run it as a pipe does: (did it work, what psql wrote to stderr).
sub run_script
{
	my ($script, %param) = @_;
	my ($out, $err);

	local $ENV{PGCLIENTENCODING} = $param{encoding} if $param{encoding};
	my $done = IPC::Run::run(
		[ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-U', $param{role} // 'app',
			'-d', $node->connstr($param{db} // 'remote'), '-f', '-' ], '<', \$script, '>', \$out, '2>', \$err);
	return ($done, $err);
}

sub runs_ok
{
	my ($script, $name, %param) = @_;
	my ($done, $err) = run_script($script, %param);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok($done, $name) or diag($err);
	is($err, '', "$name: nothing else is said") if $done && !$param{talks};
}

sub refused_ok
{
	my ($script, $state, $pattern, $name, %param) = @_;
	my ($done, $err) = run_script($script, %param);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(sqlstate($err), $state, "$name: $state") or diag($err);
	like($err, $pattern, "$name: message");
}

sub applied
{
	my ($db) = @_;

	return $node->safe_psql($db // 'remote', q{
		SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr_standalone.version});
}

# What there is besides the tables of migr.
sub objects
{
	my ($db) = @_;

	return $node->safe_psql($db // 'remote', q{
		SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c
		 WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = 'shop')});
}

sub forget
{
	my ($db) = @_;

	$node->safe_psql($db // 'remote',
		'SET client_min_messages = warning; DROP SCHEMA IF EXISTS shop, migr_standalone CASCADE');
}

sub dump_of
{
	my ($db) = @_;
	my ($out, $err);

	IPC::Run::run([ 'pg_dump', '-d', $node->connstr($db), '-O', '-n', 'shop' ], '>', \$out, '2>', \$err)
	  or BAIL_OUT("pg_dump: $err");
	$out =~ s/^\\(?:un)?restrict .*\n//mg;
	return $out;
}

# --- the scripts --------------------------------------------------------------

load_scripts($node, <<'SCRIPTS');
-- migr:revision one
-- migr:message it's the "größte"
-- migr:upgrade
SET statement_timeout = 0;
SET client_encoding = 'LATIN1';
CREATE SCHEMA shop;
SET search_path = shop;
CREATE TABLE item (id int PRIMARY KEY, name text, back int REFERENCES item DEFERRABLE INITIALLY DEFERRED);
INSERT INTO item VALUES (1, 'Zürich; \n', 2), (2, E'b\'', 1);
COPY item (id, name) FROM stdin;
3	drei; SELECT
4	vier größer
\.
-- migr:downgrade
DROP SCHEMA shop CASCADE;

-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TEMPORARY TABLE passing (i int) ON COMMIT DROP;
CREATE FUNCTION shop.two() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    /* COMMIT; */ RETURN 2;
END $$;
ALTER TABLE shop.item ADD price numeric;
-- migr:downgrade
DROP FUNCTION shop.two;
ALTER TABLE shop.item DROP price;
-- migr:verify
INSERT INTO shop.item (id) VALUES (99);
SELECT shop.two() = 2, true, 'ok 1 - größer'::text, NULL::boolean;

-- migr:revision apart
-- migr:revises two
-- migr:transaction off
-- migr:upgrade
SET lock_timeout = '5s';
CREATE INDEX CONCURRENTLY item_name ON shop.item (name);
UPDATE shop.item SET price = 1 WHERE id < 3;
-- migr:downgrade
DROP INDEX CONCURRENTLY shop.item_name;
-- migr:verify
SELECT count(*) = 2 FROM shop.item WHERE price = 1;

-- migr:revision last
-- migr:revises apart
-- migr:upgrade
CREATE TEMPORARY TABLE passing (i int) ON COMMIT DROP;
CREATE TABLE shop.last (i int);
-- migr:downgrade
DROP TABLE shop.last;
SCRIPTS

# --- a life ---------------------------------------------------------------------

create_remote('remote');
my $up = script(':head');
my $objects = 'item item_name item_pkey last';

runs_ok($up, 'the first script');
is(applied(), 'one two apart last', 'all are applied');
is(objects(), $objects, 'all is made');
is($node->safe_psql('remote', q{
	SELECT string_agg(format('%s %s %s %s', action, from_heads, to_heads, revisions), E'\n' ORDER BY id)
	  FROM migr_standalone.log}), <<'LOG' =~ s/\n\z//r, 'the log has a row for each transaction');
upgrade {} {two} {one,two}
upgrade {two} {apart} {apart}
upgrade {apart} {last} {last}
LOG
is($node->safe_psql('remote', q{
	SELECT string_agg(DISTINCT applied_by, ' ') FROM migr_standalone.version}), 'app', 'and who it was');
is($node->safe_psql('remote', q{SELECT message FROM migr_standalone.version WHERE revision = 'one'}),
	"it's the \"größte\"", 'the message is as it was written');
is($node->safe_psql('remote', q{
	SELECT string_agg(r.parents::text, ' ' ORDER BY ordinal) FROM migr_standalone.version r}),
	'{} {one} {two} {apart}', 'and the parents');

# As migr_upgrade() makes it.
$node->safe_psql('postgres', 'CREATE DATABASE native');
$node->safe_psql('native', 'CREATE EXTENSION migr');
load_scripts($node, $node->safe_psql('postgres', q{
	SELECT string_agg(migr_script(revision), E'\n' ORDER BY revision) FROM migr_history()}), db => 'native');
$node->safe_psql('native', 'CALL migr_deploy()');
is(dump_of('remote'), dump_of('native'), 'schema and rows are those of migr_deploy()');

refused_ok($up, '55000',
	qr/not where this script starts from\nDETAIL:  The database is at last; the script starts from base\.\nHINT:  All its revisions are applied: there is nothing to do/,
	'once more');

like(script('current:head', applied => [qw(one two apart last)]), qr/^-- Nothing to do for current:head\.$/m,
	'nothing to do');
my $down = script('current:base', direction => 'downgrade', applied => [qw(one two apart last)]);
runs_ok($down, 'the way back', talks => 1);
is(applied(), '', 'nothing is applied');
is(objects(), '', 'nothing is left');
refused_ok($down, '55000', qr/The database is at base; the script starts from last\.\nHINT:  None of its revisions is applied/,
	'the way back once more');

# Part of the way, by what is applied there.
runs_ok(script('current:+1', applied => []), 'one step');
is(applied(), 'one', 'a step counts from where the other database is');
refused_ok(script('two:last'), '55000',
	qr/at one; the script starts from two\.\nHINT:  Ask for migr_sql\('one:last', standalone => true\)/, 'the wrong start');
runs_ok(script('one:last'), 'what the hint says');
is(applied(), 'one two apart last', 'is what helps');
runs_ok(script('current:-1', direction => 'downgrade', applied => [qw(one two apart last)]), 'a step back');
refused_ok(script('two:one', direction => 'downgrade'), '55000', qr/at apart; the script starts from two\./,
	'something stands on what is to be undone');
forget();

# --- cut off ------------------------------------------------------------------------

my %whole = (
	'' => '',
	'one two' => 'item item_pkey',
	'one two apart' => 'item item_name item_pkey',
	'one two apart last' => $objects);
my (%seen, %rest);

# Around what begins and ends transactions, and places anywhere; with MIGR_SEEDS, around
# all ends of statements, and more places.
my @places = (0);
srand(17);
if ($ENV{MIGR_SEEDS})
{
	push @places, $-[0], $+[0] while $up =~ /;\n/g;
	push @places, map { int(rand(length $up)) } seeds();
}
else
{
	push @places, $-[0] + 3, $+[0] while $up =~ /^COMMIT;\n/mg;
	push @places, $-[0], $+[0] while $up =~ /^CREATE INDEX CONCURRENTLY.*;\n/mg;
	push @places, index($up, "\tdrei"), map { int(rand(length $up)) } 1 .. 10;
}

my @wrong;
foreach my $place (@places)
{
	forget();
	run_script(substr($up, 0, $place));
	my ($applied, $begun, $there) = split /\|/, $node->safe_psql('remote', q{
		CREATE SCHEMA IF NOT EXISTS migr_standalone;
		CREATE TABLE IF NOT EXISTS migr_standalone.version (revision text, ordinal int);
		CREATE TABLE IF NOT EXISTS migr_standalone.unfinished (revision text, statement int);
		SELECT concat_ws('|', coalesce((SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr_standalone.version), ''),
			coalesce((SELECT concat(revision, ' ', statement) FROM migr_standalone.unfinished), ''),
			coalesce((SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c
					   WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = 'shop')), ''))}), -1;

	$seen{"$applied|$begun"}++;
	push @wrong, "$place: applied: $applied; there is: $there"
	  if $begun eq '' && (!exists $whole{$applied} || $there ne $whole{$applied});
	next if $applied eq 'one two apart last' || $applied eq '';

	# The next script goes on, or says what has begun.
	my ($done, $err) = run_script($rest{$applied} //= script('current:head', applied => [ split / /, $applied ]));
	my ($revision, $statement) = split / /, $begun;
	push @wrong, "$place: does not go on: $err" if $begun eq '' && (!$done || objects() ne $objects);
	push @wrong, "$place: not found: $err"
	  if $begun ne '' && $err !~ /55000: revision "$revision" has begun .*(?:statement $statement of 3|the end of its last statement)/s;
}
ok(!@wrong, 'a script that is cut off leaves whole transactions, and the next one goes on') or diag(join "\n", @wrong);
is(join(', ', sort keys %seen), join(', ', sort '|', 'one two|', 'one two apart|', 'one two apart last|',
		map { "one two|apart $_" } 1 .. 4), 'at all of its places');

# --- statements that run apart -------------------------------------------------------------

# Cut in front of the index: it has begun, and is not there.
forget();
$up =~ /^CREATE INDEX CONCURRENTLY/m or BAIL_OUT('no index');
run_script(substr($up, 0, $-[0]));
is(applied(), 'one two', 'what has begun is not applied');
refused_ok(script('two:head'), '55000',
	qr/revision "apart" has begun.*DETAIL:  Its upgrade, begun .* by "app", has come to statement 2 of 3: CREATE INDEX.*HINT:.*stamp/s,
	'the next script finds it');
refused_ok(script('two:base', direction => 'downgrade'), '55000', qr/revision "apart" has begun/, 'a way back, too');

# Done by hand, and stamped.
$node->safe_psql('remote', 'CREATE INDEX item_name ON shop.item (name); UPDATE shop.item SET price = 1 WHERE id < 3');
refused_ok(script('one:apart', direction => 'stamp'), '55000',
	qr/at two; the script starts from one\.\nHINT:  Ask for migr_sql\('two:apart', 'stamp', standalone => true\)/,
	'a stamp has its start');
runs_ok(script('two:apart', direction => 'stamp'), 'it is stamped');
is(applied(), 'one two apart', 'so it is applied');
is($node->safe_psql('remote', q{SELECT stamped FROM migr_standalone.version WHERE revision = 'apart'}), 't', 'as a stamp');
runs_ok(script('apart:head'), 'and it goes on');
is(objects(), $objects, 'to the end');
runs_ok(script('last:one', direction => 'stamp'), 'a stamp back');
is(applied(), 'one', 'takes rows away');
forget();

# One of its statements fails: the next script says which.
load_scripts($node, <<'SCRIPTS');
-- migr:revision fails
-- migr:revises last
-- migr:transaction off
-- migr:upgrade
CREATE TABLE shop.fails (i int);
INSERT INTO shop.fails VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY fails_i ON shop.fails (i);
-- migr:downgrade
DROP TABLE shop.fails;
SCRIPTS
runs_ok($up, 'up again');
refused_ok(script('last:fails'), '23505', qr/fails_i/, 'a statement that fails');
refused_ok(script('last:fails'), '55000', qr/statement 3 of 3: CREATE UNIQUE INDEX/, 'is found');
runs_ok(script('current:last', direction => 'stamp', applied => [qw(one two apart last)]), 'undone by hand, and stamped');
$node->safe_psql('remote', 'DROP TABLE shop.fails');
$node->safe_psql('postgres', q{SELECT migr_unload('fails')});

# --- verify sections ----------------------------------------------------------------------

load_scripts($node, <<'SCRIPTS');
-- migr:revision v1
-- migr:revises last
-- migr:upgrade
CREATE TABLE shop.v1 (i int);
-- migr:downgrade
DROP TABLE shop.v1;
-- migr:verify
SELECT 1, true AS a, count(*) = 1 AS a FROM shop.v1;
-- migr:revision v2
-- migr:revises last
-- migr:upgrade
CREATE TABLE shop.v2 (i int);
-- migr:downgrade
DROP TABLE shop.v2;
-- migr:verify
SELECT E'ok 1\nnot ok 2 - größer'::text;
SCRIPTS
refused_ok(script('last:v1'), 'MG011', qr/verify section of revision "v1" failed\nDETAIL:  Column "a" is false in: SELECT 1, true AS a/,
	'a verify section fails');
refused_ok(script('last:v2'), 'MG011', qr/"v2" failed\nDETAIL:  ok 1\nnot ok 2/, 'so does a test in one');
is(objects(), $objects, 'and nothing has changed');
is(applied(), 'one two apart last', 'nor the version');
$node->safe_psql('postgres', "SELECT migr_unload('v1'); SELECT migr_unload('v2')");

# --- what stands in front of statements ---------------------------------------------------

load_scripts($node, <<'SCRIPTS');
-- migr:revision d1
-- migr:revises last
-- migr:upgrade
-- migr:require
SELECT count(*) > 100 FROM shop.item;
CREATE TABLE shop.d1 (i int);
-- migr:downgrade
DROP TABLE shop.d1;
-- migr:revision d2
-- migr:revises last
-- migr:transaction off
-- migr:upgrade
-- migr:require
SELECT count(*) > 1 FROM shop.item;
-- migr:expect 1
UPDATE shop.item SET name = name;
-- migr:downgrade
-- migr:revision d3
-- migr:revises last
-- migr:transaction off
-- migr:upgrade
-- migr:require
SELECT count(*) > 1 FROM shop.item;
-- migr:batch 1
UPDATE shop.item SET price = 7 WHERE price IS DISTINCT FROM 7;
COPY shop.item (id, price) FROM stdin;
77	7
\.
-- migr:downgrade
-- migr:verify
SELECT count(*) = 5 FROM shop.item WHERE price = 7;
SCRIPTS
refused_ok(script('last:d1'), '55000', qr/what is required is not so/, 'a script requires something');
refused_ok(script('last:d2'), '21000', qr/another number of rows/, 'and expects something');
runs_ok(script('last:last', direction => 'stamp'), 'a stamp where it is');
runs_ok(script('last:d3'), 'a batch, and data of COPY, apart');
is(applied(), 'one two apart last d3', 'are applied');
$node->safe_psql('postgres', join('', map { "SELECT migr_unload('d$_');" } 1 .. 3));

# --- a squash -----------------------------------------------------------------------------

forget();
load_scripts($node, <<'SCRIPTS');
-- migr:revision q1
-- migr:upgrade
CREATE SCHEMA shop;
-- migr:downgrade
DROP SCHEMA shop;
-- migr:revision q2
-- migr:revises q1
-- migr:upgrade
CREATE TABLE shop.q (i int);
-- migr:downgrade
DROP TABLE shop.q;
-- migr:revision q3
-- migr:revises q2
-- migr:upgrade
ALTER TABLE shop.q ADD j int;
-- migr:downgrade
ALTER TABLE shop.q DROP j;
SCRIPTS
my $before = script('q2:q3');
runs_ok(script(':q2'), 'what is squashed later');
load_scripts($node, <<'SCRIPTS');
-- migr:revision squashed
-- migr:message it's $migr$ \ $migr1$
-- migr:replaces q1:q2
-- migr:upgrade
CREATE SCHEMA shop CREATE TABLE q (i int);
-- migr:downgrade
DROP SCHEMA shop CASCADE;
SCRIPTS
runs_ok(script('current:q3', applied => [qw(q1 q2)]), 'a script from before the squash');
is($node->safe_psql('remote', q{SELECT string_agg(concat(revision, parents, stamped), ' ' ORDER BY ordinal) FROM migr_standalone.version}),
	'squashed{}t q3{squashed}f', 'the squash has the place of what it replaces');
is($node->safe_psql('remote', q{SELECT message FROM migr_standalone.version WHERE revision = 'squashed'}),
	q{it's $migr$ \ $migr1$}, 'with its message, whatever that is');
refused_ok($before, '55000', qr/at q3; the script starts from q2/, 'a script of before is refused');
runs_ok(script('current:base', direction => 'downgrade', applied => [qw(squashed q3)]), 'and back', talks => 1);
$node->safe_psql('postgres', join('', map { "SELECT migr_unload('$_');" } qw(squashed q3 q2 q1)));

# --- many revisions ------------------------------------------------------------------------

# Twice as many make twice as much of it, though each has transactions of its own.
load_scripts($node, join '', map { sprintf <<'SCRIPTS', $_, $_ > 1 ? 'many_' . ($_ - 1) : '', $_ } 1 .. 200);
-- migr:revision many_%d
-- migr:revises %s
-- migr:transaction off
-- migr:upgrade
SELECT %d;
-- migr:downgrade
SELECT 1;
SCRIPTS
my ($half, $all) = map { length script(":many_$_") } 100, 200;
cmp_ok($all, '<', 2.1 * $half, 'the script grows with what it does, and no faster');
is(scalar(() = script(':many_3') =~ /there is nothing to do/g), 1, 'only its beginning says that all is done');
$node->safe_psql('postgres', join('', map { "SELECT migr_unload('many_$_');" } reverse 1 .. 200));

# --- two at once ---------------------------------------------------------------------------

forget();
my $first = script(':two') =~ s/^\\set.*\n//mr =~ s/^COPY item.*?^\\\.\n//msr;
my $session = MigrTest::Session->new($node, db => 'remote', role => 'app');
$session->ask($first =~ s/\nCOMMIT;\n.*//sr);
my ($out, $err) = ('', '');
my $file = PostgreSQL::Test::Utils::tempdir() . '/up.sql';
write_file($file, $up);
my $second = IPC::Run::start([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-U', 'app',
		'-d', $node->connstr('remote'), '-f', $file ], '>', \$out, '2>', \$err);
ok($node->poll_query_until('remote', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}),
	'a second script waits for the first');
$session->ask('COMMIT');
$second->finish;
like($err, qr/55000.*The database is at two; the script starts from base\.\nHINT:  Ask for migr_sql\('two:head'/s,
	'and finds what that has done');
$session->send('\q');
$session->finish;
forget();

# --- settings, roles, and other people's tables -----------------------------------------------

load_scripts($node, <<'SCRIPTS');
-- migr:revision set1
-- migr:labels settings
-- migr:upgrade
SET search_path = pg_catalog;
SET work_mem = '1MB';
SET my.own = 'x';
SELECT set_config('work_mem', '2MB', false);
-- migr:downgrade
-- migr:revision set2
-- migr:revises set1
-- migr:upgrade
SET work_mem = '3MB';
-- migr:downgrade
-- migr:revision set3
-- migr:revises set2
-- migr:upgrade
CREATE TABLE found AS SELECT current_setting('work_mem') AS work_mem, current_setting('search_path') AS path;
-- migr:downgrade
-- migr:revision set4
-- migr:revises set3
-- migr:transaction off
-- migr:upgrade
SET work_mem = '4MB';
INSERT INTO found SELECT current_setting('work_mem'), current_setting('search_path');
-- migr:downgrade
SCRIPTS
my $own = "CREATE SCHEMA shop; SET search_path = shop; SET work_mem = '5MB';\n";
my $show = "SELECT concat_ws(' ', current_setting('work_mem'), current_setting('search_path'), current_setting('standard_conforming_strings'), current_user);\n";
sub settings_of
{
	my ($script) = @_;
	my ($out, $err);

	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-U', 'app', '-d', $node->connstr('remote'), '-f', '-' ],
		'<', \"$own$script$show", '>', \$out, '2>', \$err) or diag($err);
	return $out;
}
my $settings = settings_of(script(':set4'));
is($settings =~ s/.*\n(?=.)//sr, "5MB shop on app\n", 'the session goes on as it was');
is($node->safe_psql('remote', 'SELECT string_agg(concat_ws($$ $$, work_mem, path), $$, $$ ORDER BY work_mem) FROM shop.found'),
	'4MB shop, 5MB shop', 'each revision begins with the settings of the session');
forget();

# Nobody knows any more what they were.
load_scripts($node, <<'SCRIPTS');
-- migr:revision reset1
-- migr:upgrade
SET search_path = pg_temp;
RESET ALL;
-- migr:downgrade
-- migr:revision reset2
-- migr:revises reset1
-- migr:upgrade
SELECT set_config('search_path', 'pg_catalog', false);
-- migr:downgrade
SCRIPTS
$settings = settings_of(script(':reset2'));
like($settings, qr/^\d+MB "\$user", public on app$/m, 'RESET ALL takes them back to what the session began with');
$node->safe_psql('postgres', "SELECT migr_unload('reset2'); SELECT migr_unload('reset1');"
	  . join('', map { "SELECT migr_unload('set$_');" } reverse 1 .. 4));
forget();

# Not of a transaction, though it is called so; dumps turn it off.
SKIP:
{
	skip 'there is no transaction_timeout', 2 if $node->safe_psql('postgres', 'SHOW server_version_num') < 170000;
	load_scripts($node, <<'SCRIPTS');
-- migr:revision late
-- migr:upgrade
SET transaction_timeout = 0;
-- migr:downgrade
SCRIPTS
	runs_ok("SET transaction_timeout = '1h';\n" . script(':late')
		  . "SELECT 1 / (current_setting('transaction_timeout') = '1h')::int;\n", 'a time limit is put back');
	$node->safe_psql('postgres', q{SELECT migr_unload('late')});
	forget();
}

# A database in which backslashes are read otherwise.
load_scripts($node, <<'SCRIPTS');
-- migr:revision slash
-- migr:transaction off
-- migr:upgrade
CREATE SCHEMA shop;
CREATE TABLE shop.slash (name text DEFAULT 'a\b');
CREATE INDEX CONCURRENTLY slash_name ON shop.slash (name) WHERE name <> 'a\b' AND name <> 'c\';
COMMENT ON COLUMN shop.slash.name IS 'it''s \';
-- migr:downgrade
SCRIPTS
$node->safe_psql('remote', 'ALTER DATABASE remote SET standard_conforming_strings = off');
runs_ok(script(':slash'), 'where strings may have escapes', talks => 1);
$node->safe_psql('remote', 'ALTER DATABASE remote RESET standard_conforming_strings');
is($node->safe_psql('remote', q{SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'shop.slash_name'::regclass}),
	$node->safe_psql('postgres', q{SELECT $$((name <> 'a\b'::text) AND (name <> 'c\'::text))$$}),
	'what has no transaction is read as it was written');
$node->safe_psql('postgres', q{SELECT migr_unload('slash')});
forget();

# Somebody else was here first, and could have his triggers run.
$node->safe_psql('postgres', 'GRANT CREATE ON DATABASE remote TO other');
$node->safe_psql('remote', 'CREATE SCHEMA migr_standalone', extra_params => [ '-U', 'other' ]);
refused_ok($up, '42501', qr/tables of migr_standalone belong to another role\nDETAIL:.*"other"/, q{other people's schema});
$node->safe_psql('remote', 'GRANT ALL ON SCHEMA migr_standalone TO app');
refused_ok($up, '42501', qr/belong to another role/, 'even where we may create');
$node->safe_psql('postgres', 'GRANT other TO app');
runs_ok($up, 'who is a member of the role may');
$node->safe_psql('postgres', 'REVOKE other FROM app');

# Superusers have the rights of all roles, and are to be as careful as others.
my $super = $node->safe_psql('postgres', 'SELECT current_user');
$node->safe_psql('remote', 'DROP SCHEMA shop CASCADE; TRUNCATE migr_standalone.version, migr_standalone.log');
refused_ok($up, '42501', qr/belong to another role/, q{a superuser and other people's tables}, role => $super);
$node->safe_psql('postgres', qq{GRANT other, app TO "$super"});
runs_ok($up, 'who says that he trusts their owner', role => $super);
$node->safe_psql('postgres', qq{REVOKE other, app FROM "$super"});
forget();

# --- several heads, dependencies, a branch of its own -----------------------------------------

load_scripts($node, <<'SCRIPTS');
-- migr:revision b1
-- migr:labels side
-- migr:depends one
-- migr:upgrade
CREATE TABLE shop.b1 (i int);
-- migr:downgrade
DROP TABLE shop.b1;
-- migr:revision c1
-- migr:revises two
-- migr:upgrade
CREATE TABLE shop.c1 (i int);
-- migr:downgrade
DROP TABLE shop.c1;
SCRIPTS
runs_ok(script(':c1'), 'one head');
runs_ok(script('c1:b1'), 'and another one');
is(applied(), 'one two c1 b1', 'both are applied');
is($node->safe_psql('remote', q{SELECT depends_on FROM migr_standalone.version WHERE revision = 'b1'}), '{one}',
	'and what one depends on');
refused_ok(script('two:c1'), '55000', qr/at b1, c1; the script starts from two\.\nHINT:  All its revisions/, 'heads are said');
runs_ok(script('c1,b1:last'), 'from several heads');
refused_ok(script('one:b1'), '55000', qr/at b1, c1, last;/, 'now there are three');
runs_ok(script('current:two', direction => 'downgrade', applied => [ split / /, applied() ]), 'a way back from them');
is(applied(), 'one two b1', 'leaves what is beside');
runs_ok(script('b1,two:heads'), 'to all heads');
is(join(' ', sort split / /, applied()), 'apart b1 c1 last one two', 'all of them');

# --- then comes the extension ---------------------------------------------------------------------

my $scripts = $node->safe_psql('postgres', q{
	SELECT string_agg(migr_script(revision), E'\n' ORDER BY revision) FROM migr_history()}) . "\n";
$node->safe_psql('remote', 'CREATE EXTENSION migr');
refused_ok($up, '55000', qr/this database has extension migr.*HINT:.*migr_adopt/s, 'no standalone script any more');
load_scripts($node, $scripts =~ s/^CREATE TABLE shop\.c1.*\n/CREATE TABLE shop.c1 (i int); -- new\n/mr, db => 'remote');
$node->safe_psql('remote', q{INSERT INTO migr_standalone.unfinished VALUES ('apart', 'downgrade', '', 1, 1, '', now(), 'app')});
fails_ok($node, q{SELECT * FROM migr_adopt('migr_standalone.version')}, '55000',
	qr/"apart" has begun its downgrade and has not come to its end \(statement 1 of 1\)/, 'what has begun', db => 'remote');
$node->safe_psql('remote', 'DELETE FROM migr_standalone.unfinished');
like(notices_of($node, q{SELECT * FROM migr_adopt('migr_standalone.version')}, db => 'remote'),
	qr/MG007: 1 script is not the one that was applied\nDETAIL:  They are c1\./, 'a script that has changed is named');
is($node->safe_psql('remote', q{SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version WHERE NOT stamped}),
	applied(), 'all are adopted, in their order');
is($node->safe_psql('remote', q{SELECT count(*) FROM migr.version v JOIN migr_standalone.version s USING (revision, checksum)}), '6',
	'with what has run');
is($node->safe_psql('remote', q{SELECT string_agg(action, ' ') FROM migr_adopt('migr_standalone.version') WHERE action <> 'unchanged'}), '', 'once');
load_scripts($node, $scripts, db => 'remote');
is($node->safe_psql('remote', q{SELECT string_agg(concat_ws(' ', check_name, detail), E'\n') FROM migr_verify() WHERE status NOT IN ('ok', 'skipped')}),
	'', 'migr_verify() finds nothing');
$node->safe_psql('remote', 'DROP SCHEMA migr_standalone CASCADE');
is($node->safe_psql('remote', q{SELECT count(*) FROM migr_verify() WHERE status NOT IN ('ok', 'skipped')}), '0',
	'nor without the tables, which may go');

# --- another encoding --------------------------------------------------------------------------------

create_remote('latin', "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
$node->safe_psql('latin', 'GRANT ALL ON SCHEMA public TO app');
foreach my $encoding (qw(UTF8 LATIN1 SQL_ASCII))
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	runs_ok($up, "LATIN1: run in $encoding", db => 'latin', encoding => $encoding);
	is($node->safe_psql('latin', q{SELECT name || message FROM shop.item, migr_standalone.version WHERE id = 4 AND revision = 'one'}),
		"vier größerit's the \"größte\"", "LATIN1: rows and message, run in $encoding");
	forget('latin');
}

# --- a driver, which sends it as one text ----------------------------------------------------------

SKIP:
{
	my ($python) = grep { system("$_ -c 'import psycopg2' 2>/dev/null") == 0 } 'python3', '/usr/bin/python3';

	skip 'psycopg2 is not installed', 3 if !$python;
	$node->safe_psql('postgres', 'CREATE DATABASE others');
	$node->safe_psql('others', 'CREATE EXTENSION migr');
	load_scripts($node, <<'SCRIPTS', db => 'others');
-- migr:revision one
-- migr:upgrade
CREATE SCHEMA shop; CREATE TABLE shop.item (id int PRIMARY KEY, rate text DEFAULT '100%s %(x)s');
-- migr:revision two
-- migr:revises one
-- migr:upgrade
INSERT INTO shop.item VALUES (1);
SCRIPTS
	create_remote('driven');
	my $send = q{
import psycopg2, sys
connection = psycopg2.connect(sys.argv[1])
connection.autocommit = True
try:
    connection.cursor().execute(sys.stdin.read())
except psycopg2.Error as error:
    print(error.pgcode, end='')
};
	foreach my $case ([ '', 'it runs' ], [ '55000', 'not where it starts from' ])
	{
		my ($code, $err);
		my $script = script('base:head', db => 'others');

		IPC::Run::run([ $python, '-c', $send, $node->connstr('driven') . ' user=app' ], '<', \$script, '>', \$code, '2>', \$err);
		is("$code$err", $case->[0], "psycopg2: $case->[-1]");
	}
	is($node->safe_psql('driven', q{SELECT string_agg(revision, ' ' ORDER BY ordinal) || (SELECT rate FROM shop.item) FROM migr_standalone.version}),
		'one two100%s %(x)s', 'psycopg2: what it leaves');
}

$node->stop;
done_testing();
