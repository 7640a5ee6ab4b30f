# Nobody's rights grow by a scratch build: each test is an attack, or what a
# careless administrator makes possible, and has to fail.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# 13 and 14 make a scratch database only if somebody says so.
my $node = new_node('rights', "migr.scratch_database = 'create'\nmax_worker_processes = 20");
my $major = $node->safe_psql('postgres', "SELECT current_setting('server_version_num')::int / 10000");

# In live, all is a superuser's; in theirs, all is regress_owner's.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE regress_owner LOGIN CREATEDB;
CREATE ROLE regress_other LOGIN;
CREATE ROLE regress_group;
CREATE ROLE regress_member LOGIN CREATEDB;
CREATE ROLE regress_nobody LOGIN;
GRANT regress_group TO regress_member;
CREATE DATABASE live;
CREATE DATABASE theirs OWNER regress_owner;
CREATE DATABASE precious;
SQL
my $functions = 'migr_diff(text, text, jsonb), migr_test(text), migr_load(text, boolean, boolean), '
  . 'migr_scratch_create(text), migr_scratch_drop(text)';
my $builders = 'regress_owner, regress_member, regress_group';

$node->safe_psql('live', <<"SQL");
CREATE EXTENSION migr;
GRANT EXECUTE ON FUNCTION $functions TO $builders;
GRANT CREATE ON SCHEMA public TO $builders;
GRANT CREATE ON DATABASE live TO $builders;
SQL
$node->safe_psql('theirs', "SET ROLE regress_owner; CREATE EXTENSION migr; GRANT EXECUTE ON FUNCTION $functions TO $builders");
$node->safe_psql('theirs', 'ALTER SCHEMA public OWNER TO regress_owner') if $major < 15;

my @owner = (db => 'live', role => 'regress_owner');
my @member = (db => 'live', role => 'regress_member');
my @super = (db => 'live');

# as SQL: one that builds what a text says, and returns what that makes.
sub build
{
	my ($ddl) = @_;

	return "SELECT migr_diff(\$ddl\$$ddl\$ddl\$, '')";
}

# psql's rows, whatever went wrong.
sub rows
{
	my ($sql, %param) = @_;
	my @extra = ('-v', 'VERBOSITY=verbose');

	push @extra, '-U', $param{role} if $param{role};
	my ($status, $stdout, $stderr) = $node->psql($param{db}, $sql, extra_params => \@extra);
	diag($stderr) if $status != 0;
	return $stdout;
}

# What a scratch database is called.
sub scratch_of
{
	my ($role, $db) = @_;

	return $node->safe_psql('postgres',
		"SELECT format('migr_scratch_%s_%s', (SELECT oid FROM pg_database WHERE datname = '$db'), '$role'::regrole::oid)");
}

# A table that is called after who runs the build.
my $who = q{DO $do$ BEGIN EXECUTE format('CREATE TABLE public.%I (a int)',
	concat_ws(' ', session_user, current_user, current_setting('is_superuser'))); END $do$};

# --- who builds --------------------------------------------------------------

like(rows(build($who), @owner), qr/public\."regress_owner regress_owner off"/, 'a role builds as itself');
like(rows(build($who), @super), qr/public\."\w+ \w+ on"/, 'so does a superuser');
like(rows('SET ROLE regress_owner; ' . build($who), @super), qr/public\."regress_owner regress_owner off"/,
	'a superuser under SET ROLE is nobody but the role');
like(rows('SET SESSION AUTHORIZATION regress_owner; ' . build($who), @super),
	qr/public\."regress_owner regress_owner off"/, 'and under SET SESSION AUTHORIZATION');

foreach my $back ('RESET ROLE', 'RESET SESSION AUTHORIZATION', 'SET ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT',
	q{SELECT set_config('role', 'none', false)}, q{DO 'BEGIN RESET ROLE; END'},
	q{CREATE FUNCTION back() RETURNS text LANGUAGE sql AS $f$ SELECT set_config('role', 'none', false) $f$; SELECT back()})
{
	like(rows('SET ROLE regress_owner; ' . build("$back; $who"), @super),
		qr/public\."regress_owner regress_owner off"/, "$back leads nowhere");
}
foreach my $forward ('SET ROLE regress_other', 'SET SESSION AUTHORIZATION regress_other',
	"SELECT set_config('session_authorization', 'regress_other', false)",
	"DO 'BEGIN SET LOCAL ROLE regress_other; END'")
{
	fails_ok($node, build("$forward; $who"), '42501', qr/permission denied to set/, "$forward, a role", @owner);
	fails_ok($node, 'SET ROLE regress_owner; ' . build("$forward; $who"), '42501',
		qr/permission denied to set/, "$forward, a superuser under SET ROLE", @super);
}

# A role that can't log in: from 17 on it is itself, before it is put on.
my $group = 'SET ROLE regress_group; ';
my $as_group = $major >= 17 ? qr/public\."regress_group regress_group off"/ : qr/public\."regress_member regress_group off"/;

like(rows($group . build($who), @member), $as_group, 'a member under SET ROLE builds as the role');
foreach my $back ('RESET ROLE', q{SELECT set_config('role', 'none', false)}, 'SET ROLE regress_member',
	'SET SESSION AUTHORIZATION regress_member', q{DO 'BEGIN SET LOCAL ROLE NONE; END'})
{
	my ($status, $stdout, $stderr) = $node->psql('live', $group . build("$back; $who"), extra_params => [ '-U', 'regress_member' ]);

	ok($status != 0 || $stdout =~ /regress_group regress_group off/, "$back, a role without LOGIN") or diag($stdout);
}
if ($major < 17)
{
	fails_ok($node, $group . build($who), '0A000', qr/can't build a schema in this session/,
		'a superuser does not put on a role without LOGIN', @super);
}
foreach my $end ('ROLLBACK', 'COMMIT', 'ROLLBACK; ROLLBACK', 'COMMIT; ROLLBACK')
{
	like(rows("SET migr.scratch_throwaway = on; $group" . build(qq{DO 'BEGIN $end; EXECUTE ''CREATE TABLE public."'' || current_user || ''" (a int)''; COMMIT; END'}), @member),
		qr/public\.regress_group \(/, "$end leads nowhere");
	like(rows("SET migr.scratch_throwaway = on; $group" . build(qq{DO 'BEGIN COMMIT; END'; DO 'BEGIN $end; EXECUTE ''CREATE TABLE public."'' || current_user || ''" (a int)''; COMMIT; END'}), @member),
		qr/public\.regress_group \(/, "$end leads nowhere, later");
}

# The rights of a function's owner are those it is built with, and no others.
$node->safe_psql('live', <<"SQL");
SET ROLE regress_owner;
CREATE FUNCTION public.definer(ddl text) RETURNS text LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS \$\$ SELECT migr_diff(ddl, '') \$\$;
SQL
like(rows("SELECT public.definer(\$ddl\$$who\$ddl\$)", @member), qr/public\."regress_owner regress_owner off"/,
	'SECURITY DEFINER');
fails_ok($node, q{SELECT public.definer('SET ROLE regress_member')}, '42501', qr/permission denied to set/,
	'SECURITY DEFINER, and not the rights of who calls', @member);
# What the caller has prepared for it is not found.
like(rows(<<'SQL', @member), qr/made \(\n\s+length integer\n/, 'SECURITY DEFINER, objects in pg_temp, settings');
CREATE TEMP TABLE pg_database (oid oid);
CREATE FUNCTION pg_temp.length(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE ''reached''; END';
SET search_path = pg_temp, pg_catalog;
SET check_function_bodies = off;
SELECT public.definer('CREATE TABLE public.made AS SELECT length(''abc'')');
SQL
like(rows(<<'SQL', @owner), qr/made \(\n\s+length integer\n/, 'objects in pg_temp, a caller of his own');
CREATE TEMP TABLE pg_class (oid oid);
CREATE FUNCTION pg_temp.length(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE ''reached''; END';
SET search_path = pg_temp, pg_catalog;
SELECT migr_diff('CREATE TABLE public.made AS SELECT length(''abc'')', '');
SQL

# Settings that only a superuser may make, before the library is there that says so.
unlike(rows(q{SET plpgsql.variable_conflict = 'use_column'; } . build(q{DO $do$ BEGIN
	EXECUTE format('CREATE TABLE %I (a int)', current_setting('plpgsql.variable_conflict')); END $do$}), @owner),
	qr/use_column/, 'a setting that nobody checked');
$node->safe_psql('live', q{CREATE FUNCTION public.superuser_definer() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
	AS $f$ SELECT migr_diff($ddl$DO $do$ BEGIN EXECUTE format('CREATE TABLE public.%I (a int)', current_setting('plpgsql.variable_conflict')); END $do$$ddl$, '') $f$});
like(rows(q{SET plpgsql.variable_conflict = 'use_column'; SELECT public.superuser_definer()}, @member), qr/public\.error/,
	'nor by somebody else\'s rights');
fails_ok($node, build('SET session_replication_role = replica'), '42501', qr/permission denied to set/,
	'settings of superusers', @owner);

# --- who may start a worker --------------------------------------------------

is(rows(q{
	SELECT p.proname FROM pg_proc p, pg_depend d
	 WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	   AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'migr')
	   AND p.proname ~ '^migr_(diff|test|repair|merge|revision|scratch_create|scratch_drop|upgrade|downgrade|reset|stamp|load|unload)'
	   AND has_function_privilege('regress_nobody', p.oid, 'EXECUTE')}, @super), '', 'PUBLIC may call nothing that is for building');
load_scripts($node, "-- migr:revision r1\n-- migr:upgrade\nCREATE TABLE r1 (a int);\n", db => 'live');
foreach my $call (q{migr_schema('head')}, q{migr_fingerprint('head')}, q{migr_verify()}, q{migr_check()})
{
	my ($status, $stdout, $stderr) = $node->psql('live', "SELECT $call", extra_params => [ '-U', 'regress_nobody', '-v', 'VERBOSITY=verbose' ]);

	like($stderr . $stdout, qr/42501|MG003|cannot|permission|not checked|r1/, "$call by PUBLIC");
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_database WHERE datname ~ (SELECT '_' || oid || '$' FROM pg_roles WHERE rolname = 'regress_nobody')}),
	'0', 'PUBLIC got no scratch database');
fails_ok($node, q{SELECT migr_schema('head')}, '42501', qr/permission denied to build a schema/, 'PUBLIC', db => 'live', role => 'regress_nobody');

# In operations that the server runs as the owner of a table.
$node->safe_psql('live', <<'SQL');
SET ROLE regress_owner;
CREATE TABLE public.bait (a int);
INSERT INTO public.bait VALUES (1);
CREATE FUNCTION public.hook(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
'BEGIN PERFORM migr_diff(''CREATE TABLE t (a int)'', ''''); RETURN a; END';
CREATE FUNCTION public.create_hook(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
'BEGIN PERFORM migr_scratch_drop(); PERFORM migr_scratch_create(); RETURN a; END';
CREATE FUNCTION public.head_hook(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
'BEGIN PERFORM migr_schema(''head''); RETURN a; END';
CREATE MATERIALIZED VIEW public.seen AS SELECT public.hook(a) FROM public.bait WITH NO DATA;
SQL
foreach my $hook (qw(hook create_hook head_hook))
{
	fails_ok($node, "CREATE INDEX ON public.bait (public.$hook(a))", '42501',
		qr/security-restricted operation|permission denied/, "$hook in an index expression", @super);
}
fails_ok($node, 'REFRESH MATERIALIZED VIEW public.seen', '42501', qr/security-restricted operation/, 'a materialized view', @super);
fails_ok($node, 'REFRESH MATERIALIZED VIEW public.seen', '42501', qr/security-restricted operation/, 'one of his own', @owner);

# --- whose database it is ----------------------------------------------------

my $scratch = scratch_of('regress_owner', 'live');
my @scratch = (db => $scratch, role => 'regress_owner');
my $drop = 'SELECT migr_scratch_drop()';

# reset(): the owner's scratch database is as new.
sub renew
{
	my ($status, $stdout, $stderr) = $node->psql('live', "$drop; SELECT migr_scratch_create()",
		extra_params => [ '-U', 'regress_owner' ]);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($status, 0, 'made anew') or diag($stderr);
}

foreach my $role (qw(regress_other regress_member regress_nobody))
{
	command_fails_like([ 'psql', '-X', '-d', $node->connstr($scratch), '-U', $role, '-c', 'SELECT 1' ],
		qr/permission denied for database/, "$role can't connect to it");
}
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_database WHERE datname = '$scratch' AND has_database_privilege('regress_other', oid, 'TEMP')"),
	'0', 'nor have temporary tables there');

# What its owner leaves there is noticed.
foreach my $left ('CREATE TABLE public.left_behind (a int)',
	'CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS $$SELECT null::text$$',
	'CREATE FUNCTION public.eq(int, int) RETURNS bool LANGUAGE sql AS $$SELECT true$$; CREATE OPERATOR public.=== (FUNCTION = public.eq, LEFTARG = int, RIGHTARG = int)',
	'CREATE SCHEMA other', 'CREATE EXTENSION citext', 'CREATE TYPE public.mood AS ENUM ()', 'CREATE DOMAIN public.d AS int',
	'CREATE CAST (int AS xml) WITH INOUT', 'CREATE COLLATION public.c FROM "C"', 'SELECT lo_create(0)',
	'CREATE PUBLICATION p', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
	'CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = simple)',
	$major < 15 ? () : ('GRANT CREATE ON SCHEMA public TO regress_other', 'ALTER SCHEMA public OWNER TO regress_owner',
		'COMMENT ON SCHEMA public IS NULL', 'DROP SCHEMA public', 'ALTER SCHEMA public RENAME TO private'))
{
	my ($status, undef, $stderr) = $node->psql($scratch, $left, extra_params => [ '-U', 'regress_owner' ]);

	next if $status != 0 && $left =~ /CAST/;
	is($status, 0, "left: $left") or diag($stderr);
	fails_ok($node, build('CREATE TABLE a (a int)'), '55000', qr/not as migr has made it/, "found: $left", @owner);
	renew();
}
# So is what a superuser has, and what concerns the whole database.
foreach my $left ('CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.f()',
	"GRANT CONNECT ON DATABASE $scratch TO regress_other", "GRANT CONNECT ON DATABASE $scratch TO PUBLIC",
	'CREATE ACCESS METHOD h TYPE TABLE HANDLER heap_tableam_handler', 'CREATE FOREIGN DATA WRAPPER w')
{
	$node->safe_psql($scratch, $left);
	fails_ok($node, build('CREATE TABLE a (a int)'), '55000', qr/not as migr has made it/, "found: $left", @owner);
	renew();
}

# Settings of the database, and of the role in it.
foreach my $setting ("search_path = 'pg_temp'", 'default_transaction_read_only = on', "default_transaction_isolation = 'serializable'",
	'exit_on_error = on', "client_encoding = 'LATIN1'", 'statement_timeout = 1', 'lock_timeout = 1', 'client_min_messages = error',
	'standard_conforming_strings = off', 'check_function_bodies = off', 'row_security = off', 'idle_in_transaction_session_timeout = 1',
	$major >= 17 ? 'transaction_timeout = 1' : (), "role = 'regress_other'")
{
	foreach my $of ("DATABASE $scratch", "ROLE regress_owner IN DATABASE $scratch")
	{
		$node->safe_psql('postgres', "GRANT regress_other TO regress_owner; ALTER $of SET $setting");
		like(rows(build($who), @owner), qr/public\."regress_owner regress_owner off"/, "$of SET $setting");
		$node->safe_psql('postgres', "REVOKE regress_other FROM regress_owner; ALTER $of RESET ALL");
	}
}

# The database that migr is in has settings as well, of its owner's choice.
$node->safe_psql('postgres', q{ALTER DATABASE theirs SET role = 'regress_other'});
$node->safe_psql('theirs', q{SET ROLE NONE; SELECT migr_scratch_drop('regress_owner'); SELECT migr_scratch_create('regress_owner')});
pass('a role that the live database sets does not make a scratch database');
$node->safe_psql('postgres', 'ALTER DATABASE theirs RESET ALL');
$node->safe_psql('theirs', q{SELECT migr_scratch_drop('regress_owner')});

# Handed over, taken over, and made by hand.
$node->safe_psql('postgres', 'CREATE ROLE regress_heir LOGIN; GRANT regress_heir TO regress_owner');
$node->safe_psql('live', "GRANT EXECUTE ON FUNCTION $functions TO regress_heir");
$node->safe_psql('postgres', "ALTER DATABASE $scratch OWNER TO regress_heir");
fails_ok($node, build('CREATE TABLE a (a int)'), '55000', qr/is in the way/, 'it has another owner', @owner);
fails_ok($node, build('CREATE TABLE a (a int)'), '42501', qr/permission denied to create a scratch database/,
	'and is not his either', db => 'live', role => 'regress_heir');
is(rows("SELECT state FROM migr_scratch() WHERE database = '$scratch'", @super), 'taken over', 'migr_scratch() says so');
$node->safe_psql('postgres', "ALTER DATABASE $scratch OWNER TO regress_owner");

# The owner of another database hands over one of the very name of a superuser's.
my $own = scratch_of($node->safe_psql('postgres', 'SELECT current_user'), 'live');

rows($drop, @super);
$node->safe_psql('postgres', "SET ROLE regress_owner; CREATE DATABASE $own");
$node->safe_psql($own, 'CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE \'reached\'; END $$',
	extra_params => [ '-U', 'regress_owner' ]);
fails_ok($node, build(q{SELECT lower('A'::varchar)}), '55000', qr/is in the way/, 'another made it by hand', @super);
$node->safe_psql($own, 'REASSIGN OWNED BY regress_owner TO ' . $node->safe_psql('postgres', 'SELECT quote_ident(current_user)'));
fails_ok($node, build(q{SELECT lower('A'::varchar)}), '55000', qr/is in the way/, 'and has handed it over', @super);
is(rows($drop, @super), '', 'it is not dropped either');
$node->safe_psql('postgres', "DROP DATABASE $own; REASSIGN OWNED BY regress_heir TO regress_owner; DROP OWNED BY regress_heir");
# REASSIGN OWNED reaches databases from wherever it is called, so all are as they were.
$node->safe_psql('postgres', "ALTER DATABASE theirs OWNER TO regress_owner");
rows($drop, @owner);
$node->psql('postgres', "DROP DATABASE IF EXISTS $scratch");

# Rows that the owner of the tables has forged, by whatever way: no database of
# another name is built in or dropped.
foreach my $db (qw(live theirs))
{
	rows("ALTER TABLE migr.scratch DISABLE TRIGGER guard; DELETE FROM migr.scratch; "
		. "INSERT INTO migr.scratch (live, role, database, name, contents, extensions) SELECT l.oid, r.oid, d.oid, d.datname, '', '{}' "
		. "FROM pg_database l, pg_database d, pg_roles r WHERE l.datname = '$db' AND d.datname IN ('precious', 'live') AND d.datdba = r.oid ON CONFLICT DO NOTHING", db => $db);
	isnt($node->safe_psql($db, 'SELECT count(*) FROM migr.scratch'), '0', "forged in $db");
	$node->safe_psql($db, 'SELECT migr_scratch_drop()');
	$node->safe_psql($db, q{SELECT migr_scratch_drop('regress_owner')});
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_database WHERE datname IN ('precious', 'live', 'theirs')}), '3',
	'forged rows drop nothing');
$node->safe_psql('live', 'DELETE FROM migr.scratch; ALTER TABLE migr.scratch ENABLE ALWAYS TRIGGER guard');
$node->safe_psql('theirs', 'DELETE FROM migr.scratch; ALTER TABLE migr.scratch ENABLE ALWAYS TRIGGER guard');

# A superuser builds nothing where another says what, and where.
foreach my $call (build('CREATE TABLE a (a int)'), q{SELECT migr_schema('head')}, 'SELECT migr_test()', 'SELECT migr_scratch_create()')
{
	fails_ok($node, $call, '42501', qr/a superuser can't build here|superuser/, "$call by a superuser where the tables are another's", db => 'theirs');
}
like(rows('SET ROLE regress_owner; ' . build($who), db => 'theirs'), qr/regress_owner regress_owner off/, 'but as that role');

# A role that is dropped and made again under the same name begins anew.
$node->safe_psql('postgres', 'CREATE ROLE regress_again LOGIN CREATEDB');
$node->safe_psql('live', 'GRANT EXECUTE ON FUNCTION migr_diff(text, text, jsonb), migr_scratch_drop(text) TO regress_again');
my @again = (db => 'live', role => 'regress_again');

rows(build('CREATE TABLE a (a int)'), @again);
my $first = scratch_of('regress_again', 'live');

command_fails_like([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', 'DROP ROLE regress_again' ],
	qr/cannot be dropped/, 'a role that has one stays');
$node->safe_psql('postgres', "ALTER DATABASE $first OWNER TO regress_other");
$node->safe_psql('live', 'DROP OWNED BY regress_again');
$node->safe_psql('postgres', 'DROP ROLE regress_again; CREATE ROLE regress_again LOGIN CREATEDB');
$node->safe_psql('live', 'GRANT EXECUTE ON FUNCTION migr_diff(text, text, jsonb) TO regress_again');
rows(build('CREATE TABLE a (a int)'), @again);
isnt(scratch_of('regress_again', 'live'), $first, 'another role of the name has another one');
is(rows("SELECT state FROM migr_scratch() WHERE database = '$first' AND role IS NULL", @super), 'orphaned', 'the old one is nobody\'s');
like(rows($drop, @super), qr/$first/, 'and is dropped by a superuser');

# Neither settings nor roles that are passed reach what is another's.
fails_ok($node, "SELECT migr_schema() = ''; SET migr.scratch_database = '$_'; " . build('SELECT 1'), '22023', qr/invalid value/, "migr.scratch_database = $_", @owner)
  foreach ('postgres', 'precious', '../x', 'AUTO');
fails_ok($node, q{SELECT migr_scratch_create(current_user)}, '42501', qr/permission denied/, 'nobody', db => 'live', role => 'regress_nobody');
fails_ok($node, "SELECT migr_scratch_create('$_')", '42501', qr/must be (able to SET ROLE|member of role)|permission denied/, "for $_", @owner)
  foreach ('regress_member', $node->safe_psql('postgres', 'SELECT current_user'));
rows(build('SELECT 1'), @member);
fails_ok($node, q{SELECT migr_scratch_drop('regress_member')}, '42501', qr/must be owner of database/, 'of another', @owner);

# --- what is prepared --------------------------------------------------------

# Extensions that only a superuser can create; what others have put into one stays
# where it is.
SKIP:
{
	skip 'no extensions', 1 if rows(q{SELECT count(*) FROM pg_available_extensions WHERE name IN ('citext', 'pgstattuple')}, @super) ne '2';

	$node->safe_psql('live', 'CREATE SCHEMA ext; CREATE EXTENSION pgstattuple SCHEMA ext; GRANT ALL ON SCHEMA ext TO PUBLIC');
	$node->safe_psql('live', <<'SQL', extra_params => [ '-U', 'regress_owner' ]);
CREATE EXTENSION citext;
CREATE FUNCTION public.mine(citext) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'reached'; END $$;
ALTER EXTENSION citext ADD FUNCTION public.mine(citext);
SQL
	rows($drop, @owner);
	is(rows(q{SELECT migr_scratch_create('regress_owner')}, @super), 't', 'prepared');
	is(rows(q{SELECT migr_scratch_create('regress_owner')}, @super), 'f', 'and once is enough');
	like(rows(build('CREATE SCHEMA ext; CREATE EXTENSION pgstattuple SCHEMA ext; CREATE VIEW v AS SELECT ext.pg_relpages(1::oid::regclass::text)'), @owner),
		qr/CREATE VIEW/, 'the extension can be used');
	is(rows(q{SELECT string_agg(DISTINCT r.rolname, ',') FROM pg_extension e JOIN pg_roles r ON r.oid = extowner WHERE extname <> 'plpgsql'}, db => scratch_of('regress_owner', 'live')),
		$node->safe_psql('postgres', 'SELECT current_user'), 'it is a superuser\'s');
	fails_ok($node, build($_), '42883', qr/does not exist/, $_, @owner)
	  foreach (q{CREATE EXTENSION citext; SELECT public.mine('a'::citext)});

	# Its owner can't add to it, nor leave anything beside it.
	$scratch = scratch_of('regress_owner', 'live');
	@scratch = (db => $scratch, role => 'regress_owner');
	fails_ok($node, 'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$; ALTER EXTENSION pgstattuple ADD FUNCTION public.f()',
		'42501', qr/must be owner of extension/, 'ALTER EXTENSION ADD', @scratch);
	rows('DROP FUNCTION IF EXISTS public.f()', @scratch);
	unlike(rows(build('CREATE TABLE a (a int)'), @owner), qr/EXTENSION/, 'and it is as it was');
	rows('CREATE FUNCTION ext.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$', @scratch);
	fails_ok($node, build('CREATE TABLE a (a int)'), '55000', qr/not as migr has made it/, 'something beside it', @owner);

	# An extension that a superuser left there is noticed too.
	rows("$drop; SELECT migr_scratch_create()", @owner);
	$node->safe_psql($scratch, 'CREATE EXTENSION pgstattuple');
	fails_ok($node, build('CREATE TABLE a (a int)'), '55000', qr/not as migr has made it/, 'an extension that migr did not put there', @owner);
	rows($drop, @owner);

	# Moved about, in a build.
	fails_ok($node, build('CREATE EXTENSION citext; ALTER EXTENSION citext SET SCHEMA pg_catalog'), '42501',
		qr/permission denied/, 'an extension moves to pg_catalog', @owner);
	rows(build('CREATE EXTENSION citext SCHEMA pg_catalog'), @owner);
	is(rows(q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('mine', 'citext_eq')}, @super), '0', 'it stays over there');
	unlike(rows(build('CREATE SCHEMA other; CREATE EXTENSION citext SCHEMA other'), @owner), qr/mine/, 'into another schema, without guests');
	is(rows(q{SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE proname = 'mine'}, @super), 'public', 'they stay where they are');
}

# Nobody opens it while a superuser prepares it.
$node->safe_psql('live', q{CREATE FUNCTION public.watch() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..400 LOOP
		PERFORM pg_stat_clear_snapshot();
		BEGIN
			EXECUTE (SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname) FROM pg_database
				WHERE datname ~ '^migr_scratch' AND NOT datallowconn);
			RETURN 'opened';
		EXCEPTION WHEN insufficient_privilege THEN RETURN 'denied';
			WHEN others THEN NULL;
		END;
		PERFORM pg_sleep(0.005);
	END LOOP;
	RETURN 'never seen';
END $$});
my $watcher = MigrTest::Session->new($node, @owner);

$watcher->send('SELECT public.watch()');
$node->safe_psql('live', q{SELECT migr_scratch_create('regress_owner')});
isnt($watcher->drain, 'opened', 'its owner can\'t open it before it is done');

# --- a script that is not to start more --------------------------------------

# A build calls migr: it is in a database without its tables.
foreach my $call (q{SELECT migr_scratch_create()}, q{SELECT * FROM migr_scratch_drop()}, q{SELECT migr_diff('CREATE TABLE a (a int)', '')},
	q{DO 'BEGIN PERFORM migr_scratch_create(); END'})
{
	fails_ok($node, build($call), '55000', qr/can't call migr itself/, "in a build: $call", @owner);
}
load_scripts($node, "-- migr:revision calls\n-- migr:revises r1\n-- migr:upgrade\nSELECT migr_scratch_create();\n", db => 'live');
fails_ok($node, q{SELECT migr_upgrade('calls')}, '55000', qr/can't call migr itself/, 'in an upgrade', @super);

# What no rollback takes back.
foreach my $sql (q{COPY (SELECT 1) TO PROGRAM 'true'}, q{DO $do$ BEGIN EXECUTE $x$COPY (SELECT 1) TO PROGRAM 'true'$x$; END $do$},
	q{COPY (SELECT 1) TO '/tmp/never'}, q{ALTER SYSTEM SET work_mem = '8MB'}, q{LOAD 'plpgsql'}, q{DISCARD ALL})
{
	fails_ok($node, build($sql), 'MG012', qr/cannot run in a scratch build/, $sql, @super);
}
# What the databases share stays as it is, and is not even locked.
rows(build(q{ALTER ROLE regress_other SUPERUSER; GRANT regress_owner TO regress_other; ALTER DATABASE live OWNER TO regress_other;
	DO $do$ BEGIN EXECUTE 'ALTER ROLE regress_other CREATEROLE'; END $do$; DROP ROLE regress_nobody; ALTER ROLE regress_other SET work_mem = '1MB'}), @super);
is($node->safe_psql('postgres', q{SELECT rolsuper, rolcreaterole, rolconfig FROM pg_roles WHERE rolname = 'regress_other'}), 'f|f|', 'roles are as they were');

rows(build('REASSIGN OWNED BY regress_owner TO regress_other; DROP OWNED BY regress_member'), @super);
is($node->safe_psql('postgres', q{SELECT datdba::regrole FROM pg_database WHERE datname = 'theirs'}), 'regress_owner', 'and databases too');

# In a database that is committed into, too.
foreach my $sql (q{CREATE ROLE regress_committed; DO 'BEGIN COMMIT; END'}, q{DO 'BEGIN CREATE ROLE regress_committed; COMMIT; END'},
	q{ALTER ROLE regress_other SUPERUSER; DO 'BEGIN COMMIT; END'})
{
	$node->psql('live', 'SET migr.scratch_throwaway = on; ' . build($sql));
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname = 'regress_committed' OR rolname = 'regress_other' AND rolsuper}), '0',
	'a build that commits leaves no role');

# --- libraries that watch sessions -------------------------------------------

$node->append_conf('postgresql.conf', "session_preload_libraries = 'auto_explain'");
$node->reload;
like(rows(build(q{DO $do$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', 'watched ' || current_setting('auto_explain.log_min_duration', true)); END $do$}), @owner),
	qr/watched -1/, 'they are in the worker too');

done_testing();
