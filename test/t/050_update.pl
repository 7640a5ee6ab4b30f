# A database by version 0.1.0: what the library of today does in it, the update, which leaves
# what a fresh installation has, and that nobody gains a right by it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Basename;
use MigrTest;
use MigrTree;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = abs_data();
my $directory = PostgreSQL::Test::Utils::tempdir();
private_tree("$data/migr--0.1.0.sql");

my $node = PostgreSQL::Test::Cluster->new('update');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "migr.scratch_database = 'create'");
$node->start;
my ($version) = $node->safe_psql('postgres',
	q{SELECT default_version FROM pg_available_extensions WHERE name = 'migr'});
like($version, qr/^\d+\.\d+\.\d+$/, 'the extension has a version');
$node->safe_psql('postgres', 'CREATE ROLE shop_owner LOGIN; CREATE ROLE shop_deploy LOGIN');

sub abs_data
{
	require Cwd;
	return Cwd::abs_path("$FindBin::RealBin/../data");
}

# former(NAME, OWNER): a database by 0.1.0, with its rows.
sub former
{
	my ($name, $owner) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name OWNER $owner");
	notices_of($node, q{CREATE EXTENSION migr VERSION '0.1.0'}, db => $name, role => $owner);
	my @tables = map { "migr.$_" } qw(revision version log rule);
	$node->safe_psql($name, join '', map { "ALTER TABLE $_ DISABLE TRIGGER ALL;" } @tables);
	$node->safe_psql($name, 'ALTER SCHEMA public OWNER TO ' . $owner);
	$node->command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-U', $owner, '-d', $name, '-f', "$data/migr--0.1.0.rows.sql" ],
		"$name: what 0.1.0 had");
	$node->safe_psql($name, join '', map { "ALTER TABLE $_ ENABLE ALWAYS TRIGGER guard;" } @tables);
	$node->safe_psql($name, 'ALTER TABLE migr.rule ENABLE ALWAYS TRIGGER check_rule');
}

# All that there is to know of the members of the extension, but for OIDs, a line each.
my $members = <<'SQL';
WITH member AS (
  SELECT d.classid, d.objid, i.type, i.identity
    FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid,
         LATERAL pg_identify_object(d.classid, d.objid, 0) i
   WHERE e.extname = 'migr' AND d.deptype = 'e'),
acl AS (
  SELECT m.objid, a.what, a.grantee::regrole::text, a.privilege_type, a.is_grantable
    FROM member m JOIN (
      SELECT 'pg_class'::regclass AS classid, oid AS objid, 'table' AS what, (aclexplode(relacl)).* FROM pg_class
       UNION ALL
      SELECT 'pg_class'::regclass, attrelid, attname, (aclexplode(attacl)).* FROM pg_attribute
       UNION ALL
      SELECT 'pg_proc'::regclass, oid, 'routine', (aclexplode(proacl)).* FROM pg_proc
       UNION ALL
      SELECT 'pg_namespace'::regclass, oid, 'schema', (aclexplode(nspacl)).* FROM pg_namespace) a USING (classid, objid)),
relation AS (SELECT m.identity, c.* FROM member m JOIN pg_class c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass)
SELECT line FROM (
  SELECT 'member ' || type || ' ' || identity || ': ' || coalesce(obj_description(objid, classid::regclass::name), 'no comment') AS line
    FROM member
   UNION ALL
  SELECT concat_ws(' ', 'acl', m.identity, a.what, a.grantee, a.privilege_type, a.is_grantable)
    FROM acl a JOIN member m USING (objid)
   UNION ALL
  SELECT concat_ws(' ', 'relation', identity, relowner::regrole, relkind, relpersistence, relreplident, reloptions, relrowsecurity)
    FROM relation
   UNION ALL
  SELECT concat_ws(' ', 'column', r.identity, row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname,
                   format_type(atttypid, atttypmod), attcollation::regcollation, attnotnull, attidentity,
                   pg_get_expr(adbin, adrelid), col_description(attrelid, attnum))
    FROM relation r JOIN pg_attribute ON attrelid = r.oid AND attnum > 0 AND NOT attisdropped
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
   UNION ALL
  SELECT concat_ws(' ', 'constraint', r.identity, conname, pg_get_constraintdef(c.oid), convalidated)
    FROM relation r JOIN pg_constraint c ON conrelid = r.oid
   UNION ALL
  SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid) FROM relation r JOIN pg_index ON indrelid = r.oid
   UNION ALL
  SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), tgenabled) FROM relation r JOIN pg_trigger t ON tgrelid = r.oid
   UNION ALL
  SELECT concat_ws(' ', 'routine', proowner::regrole, pg_get_functiondef(p.oid), proparallel, provolatile)
    FROM member JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
   UNION ALL
  SELECT concat_ws(' ', 'type', identity, string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum))
    FROM member JOIN pg_type t ON t.oid = objid AND classid = 'pg_type'::regclass JOIN pg_attribute ON attrelid = typrelid
   WHERE typtype = 'c' AND attnum > 0 AND NOT attisdropped GROUP BY identity
   UNION ALL
  SELECT concat_ws(' ', 'event trigger', evtname, evtevent, evttags, evtenabled, evtfoid::regproc, evtowner::regrole) FROM pg_event_trigger
   UNION ALL
  SELECT 'dumped ' || unnest(extconfig)::regclass FROM pg_extension WHERE extname = 'migr'
   UNION ALL
  SELECT 'version ' || extversion FROM pg_extension WHERE extname = 'migr') l
 ORDER BY line COLLATE "C"
SQL

# has_the_same(NAME, FRESH): what differs is told, line by line.
sub has_the_same
{
	my ($name, $fresh) = @_;
	my %is = map { $_ => 1 } split /\n/, $node->safe_psql($name, $members);
	my %should = map { $_ => 1 } split /\n/, $node->safe_psql($fresh, $members);

	cmp_ok(scalar(keys %should), '>', 300, "$fresh: members were found");
	ok(!(grep { !$is{$_} } keys %should), "$name: all that a fresh installation has")
	  or diag(join "\n", sort grep { !$is{$_} } keys %should);
	ok(!(grep { !$should{$_} } keys %is), "$name: and nothing else")
	  or diag(join "\n", sort grep { !$should{$_} } keys %is);
}

sub fresh
{
	my ($name, $owner) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name OWNER $owner");
	notices_of($node, 'CREATE EXTENSION migr', db => $name, role => $owner);
}

# What was migrated by 0.1.0 goes on.
sub goes_on
{
	my ($name, $role) = @_;
	my %as = (db => $name, role => $role);

	is($node->safe_psql($name, q{SELECT current_heads, script_heads, applied, pending, last_action, last_by FROM migr_status()}),
		'{de40}|{ee50}|4|1|upgrade|shop_owner', "$name: status");
	is($node->safe_psql($name, q{SELECT string_agg(check_name, ' ' ORDER BY check_name) FROM migr_verify('chain,scripts,versions,log') WHERE status = 'ok'}),
		'chain log scripts versions', "$name: nothing is wrong with scripts, version and log");
	is($node->safe_psql($name, q{SELECT count(*) FROM migr.version WHERE fingerprint IS NOT NULL}),
		'0', "$name: fingerprints that mean nothing any more are gone");
	is($node->safe_psql($name, q{SELECT string_agg(concat_ws(' ', id, action, tag, revisions, hash), '; ' ORDER BY id) FROM migr.log WHERE id < 7}),
		'1 load {ae10,be20,ce30,de40,ee50}; 2 upgrade release 1 {ae10,be20,ce30,de40}; 3 downgrade {de40}; 5 upgrade {de40}; 6 ddl {}',
		"$name: the log of before") unless $name eq 'restored';
	is($node->safe_psql($name, q{SELECT string_agg(concat_ws(' ', name, setting, exceptions), '; ' ORDER BY name) FROM migr.rule}),
		'primary_key {public.s*}; timestamptz off {}', "$name: the rules");
	like(notices_of($node, 'SELECT migr_upgrade()', %as), qr/running upgrade de40 -> ee50/, "$name: goes on");
	like(notices_of($node, q{SELECT migr_downgrade('base')}, %as), qr/5 undone/, "$name: there and back");
	like(notices_of($node, 'SELECT migr_upgrade()', %as), qr/5 applied/, "$name: and again");
	is($node->safe_psql($name, q{SELECT string_agg(check_name || ' ' || status, ', ' ORDER BY check_name) FROM migr_verify('log,drift')}),
		'drift ok, log ok', "$name: as it was recorded, and the log is chained");
	is($node->safe_psql($name, q{SELECT created_by FROM migr_blame('column public.sale.quantity')}),
		'ee50', "$name: blame");
}

note 'the library in a database by 0.1.0';
my $too_old = qr/"migr" is version 0\.1\.0 in this database, and its library is version \Q$version\E.*DETAIL:.*HINT:  Run ALTER EXTENSION migr UPDATE\./s;
former('shop', 'shop_owner');
foreach my $statement (
	'SELECT migr_load($$-- migr:revision x$$)',
	'SELECT migr_load_directory()',
	'SELECT migr_script($$ae10$$)',
	'SELECT migr_unload($$ee50$$)',
	'SELECT migr_revision($$more$$)',
	'SELECT migr_merge()',
	'SELECT migr_upgrade()',
	'SELECT migr_downgrade($$-1$$)',
	'SELECT migr_stamp($$ee50$$)',
	'SELECT migr_reset($$shop$$)',
	'SELECT migr_sql()',
	'SELECT migr_current()',
	'SELECT migr_heads()',
	'SELECT migr_branches()',
	'SELECT migr_history()',
	'SELECT migr_show($$ae10$$)',
	'SELECT migr_pending()',
	'SELECT migr_status()',
	'SELECT migr_check()',
	'SELECT migr_schema()',
	'SELECT migr_fingerprint()',
	'SELECT migr_diff($$CREATE TABLE t ()$$)',
	'SELECT migr_validate()',
	'SELECT migr_verify()',
	'SELECT migr_test()',
	'SELECT migr_repair()',
	'UPDATE migr.rule SET setting = NULL',
	'DELETE FROM migr.version',
	'SET migr.guard = $$log$$; CREATE TABLE noticed ()')
{
	fails_ok($node, $statement, '55000', $too_old, $statement, db => 'shop', role => 'postgres');
}
notices_of($node, 'CREATE TABLE unnoticed (); DROP TABLE unnoticed', db => 'shop', role => 'shop_owner');
is($node->safe_psql('shop', q{SELECT count(*) FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
		WHERE d.deptype = 'e' AND probin LIKE '%migr'}), '29', 'that were all functions of 0.1.0, with three of triggers');

note 'the update, by an owner who is no superuser';
notices_of($node, q{
	GRANT EXECUTE ON FUNCTION migr_load(text, boolean), migr_upgrade(text, boolean, text) TO shop_deploy;
	GRANT EXECUTE ON FUNCTION migr_show(text) TO shop_deploy WITH GRANT OPTION;
	REVOKE ALL ON FUNCTION migr_status() FROM PUBLIC}, db => 'shop', role => 'shop_owner');
$node->safe_psql('postgres', 'CREATE DATABASE by_superuser TEMPLATE shop OWNER shop_owner');
$node->safe_psql('postgres', 'CREATE DATABASE hostile TEMPLATE shop OWNER shop_owner');
fresh('fresh', 'shop_owner');
notices_of($node, q{
	GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_upgrade(text, boolean, text, text, boolean) TO shop_deploy;
	GRANT EXECUTE ON FUNCTION migr_show(text) TO shop_deploy WITH GRANT OPTION;
	REVOKE ALL ON FUNCTION migr_status(text) FROM PUBLIC}, db => 'fresh', role => 'shop_owner');
$node->safe_psql('shop', 'ALTER DATABASE shop SET migr.guard = $$error$$');
notices_of($node, 'ALTER EXTENSION migr UPDATE', db => 'shop', role => 'shop_owner');
$node->safe_psql('shop', 'ALTER DATABASE shop RESET migr.guard');
has_the_same('shop', 'fresh');
goes_on('shop', 'shop_owner');

note 'no name in the library means one thing to 0.1.0 and another today';
my $functions = q{SELECT prosrc, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), prokind
	FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid JOIN pg_extension e ON e.oid = d.refobjid
	WHERE e.extname = 'migr' AND d.deptype = 'e'};
my %meant = map { /^(\w+)\|(.*)$/ } split /\n/, $node->safe_psql('hostile', $functions);
my %means = map { /^(\w+)\|(.*)$/ } split /\n/, $node->safe_psql('fresh', $functions);
is(join("\n", grep { exists $means{$_} && $means{$_} ne $meant{$_} } sort keys %meant), '', 'so neither is called by the other');
cmp_ok(scalar(grep { !exists $means{$_} } keys %meant), '>', 4, 'as some have other names');

note 'what is granted is in a dump';
$node->command_ok([ 'pg_dump', '-f', "$directory/shop.sql", 'shop' ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/shop.sql", '-d', 'copy' ], 'psql');
is($node->safe_psql('copy', q{SELECT has_function_privilege('shop_deploy', 'migr_load(text, boolean, boolean, boolean)', 'EXECUTE'),
		has_function_privilege('shop_deploy', 'migr_status(text)', 'EXECUTE')}), 't|f', 'and so are grants that were handed over');
# Rows of before there were hashes get theirs where they are written again.
foreach my $query (q{SELECT to_jsonb(l) - '{hash,follows}'::text[] FROM migr.log l ORDER BY id}, 'SELECT * FROM migr.revision ORDER BY revision',
	'SELECT * FROM migr.version ORDER BY ordinal')
{
	is($node->safe_psql('copy', $query), $node->safe_psql('shop', $query), "copy: $query");
}
is($node->safe_psql('copy', q{SELECT check_name, status FROM migr_verify('log,versions')}), "versions|ok\nlog|ok", 'copy: a whole log');
$node->safe_psql($_, q{DROP OWNED BY shop_deploy}) foreach qw(shop copy fresh);

note 'by a superuser, where another role is the owner';
$node->safe_psql('by_superuser', 'DROP OWNED BY shop_deploy; ALTER EXTENSION migr UPDATE');
has_the_same('by_superuser', 'fresh');
goes_on('by_superuser', 'shop_owner');

note 'a superuser\'s, with its initial privileges';
former('super', 'postgres');
fresh('super_fresh', 'postgres');
$node->safe_psql('super', 'ALTER EXTENSION migr UPDATE');
has_the_same('super', 'super_fresh');
my $initial = q{SELECT classoid::regclass, (pg_identify_object(classoid, objoid, objsubid)).identity, privtype,
	(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(initprivs) a)
	FROM pg_init_privs WHERE privtype = 'e' ORDER BY 1, 2};
my %initial = map { $_ => 1 } split /\n/, $node->safe_psql('super_fresh', $initial);
my @initial = split /\n/, $node->safe_psql('super', $initial);
is(join("\n", grep { !$initial{$_} } @initial), '', 'the initial privileges');
is(scalar(@initial), scalar(keys %initial), 'no more and no fewer');
fails_ok($node, 'SELECT migr_upgrade()', '42501', qr/has loaded|nobody vouches|loaded/,
	'a superuser runs nothing that nobody vouches for', db => 'super', role => 'postgres');

note 'a dump by 0.1.0 is restored where 1.0.0 is';
fresh('restored', 'shop_owner');
$node->safe_psql('restored', 'ALTER SCHEMA public OWNER TO shop_owner');
$node->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-U', 'shop_owner', '-d', 'restored', '-f', "$data/migr--0.1.0.rows.sql" ],
	'restored: rows of 0.1.0');
$node->safe_psql('restored', 'UPDATE migr.version SET fingerprint = NULL');
goes_on('restored', 'shop_owner');

note 'an owner who has put code of his own on the tables';
$node->safe_psql('hostile', q{
	CREATE SCHEMA evil AUTHORIZATION shop_owner;
	SET SESSION AUTHORIZATION shop_owner;
	CREATE TABLE evil.ran (as_role text, what text);
	CREATE TYPE evil.word AS (t text);
	CREATE FUNCTION evil.on_row() RETURNS trigger LANGUAGE plpgsql AS
		$$BEGIN INSERT INTO evil.ran VALUES (current_user, TG_TABLE_NAME); RETURN NEW; END$$;
	CREATE FUNCTION evil.test(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
		$$BEGIN IF current_user <> 'shop_owner' THEN INSERT INTO evil.ran VALUES (current_user, 'test'); END IF; RETURN true; END$$;
	CREATE TRIGGER evil BEFORE UPDATE ON migr.version FOR EACH ROW EXECUTE FUNCTION evil.on_row();
	CREATE TRIGGER evil BEFORE UPDATE ON migr.revision FOR EACH ROW EXECUTE FUNCTION evil.on_row();
	RESET SESSION AUTHORIZATION;
	ALTER TABLE migr.log ADD CONSTRAINT evil CHECK (evil.test(action)) NOT VALID;
	ALTER TABLE migr.log ADD COLUMN evil evil.word;
	GRANT CREATE ON SCHEMA migr TO shop_owner;
	SET SESSION AUTHORIZATION shop_owner;
	CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
	CREATE INDEX evil ON migr.revision ((evil.test(revision)));
	SET search_path = evil, pg_catalog;
	DELETE FROM evil.ran});
fails_ok($node, 'ALTER EXTENSION migr UPDATE', '55000', qr/column migr\.log\.evil is of type evil\.word/,
	'a column of a type of his', db => 'hostile', role => 'shop_owner');
$node->safe_psql('hostile', q{ALTER TABLE migr.log DROP COLUMN evil; CREATE TABLE migr.repeatable (i int)});
fails_ok($node, 'ALTER EXTENSION migr UPDATE', '42P07', qr/"repeatable" already exists/,
	'a table that is in the way is not taken over', db => 'hostile', role => 'shop_owner');
is($node->safe_psql('hostile', 'SELECT extversion FROM pg_extension WHERE extname = $$migr$$'), '0.1.0', 'nothing is done by halves');
$node->safe_psql('hostile', 'DROP TABLE migr.repeatable');
notices_of($node, 'SET search_path = evil, pg_catalog; ALTER EXTENSION migr UPDATE', db => 'hostile', role => 'shop_owner');
is($node->safe_psql('hostile', 'SELECT DISTINCT as_role, what FROM evil.ran ORDER BY 2'), "shop_owner|version", 'what ran, ran with his rights');
fails_ok($node, 'SELECT * FROM pg_authid', '42501', qr/permission denied/, 'he is what he was', db => 'hostile', role => 'shop_owner');

note 'a view on what changes';
former('looked_at', 'shop_owner');
notices_of($node, 'CREATE VIEW state AS SELECT * FROM migr_status()', db => 'looked_at', role => 'shop_owner');
fails_ok($node, 'ALTER EXTENSION migr UPDATE', '2BP01', qr/view public\.state depends on function/,
	'it is named, and nothing is done', db => 'looked_at', role => 'shop_owner');
notices_of($node, 'DROP VIEW state; ALTER EXTENSION migr UPDATE', db => 'looked_at', role => 'shop_owner');

note 'a session that goes on with the library of before an update';
$node->safe_psql('postgres', 'CREATE DATABASE newer TEMPLATE fresh');
$node->safe_psql('newer', q{UPDATE pg_extension SET extversion = '99.1.0' WHERE extname = 'migr'});
fails_ok($node, 'SELECT migr_check()', '55000',
	qr/"migr" is version 99\.1\.0 .*HINT:.*connect again.*install version 99\.1\.0/s, 'newer objects', db => 'newer');
$node->safe_psql('newer', q{UPDATE pg_extension SET extversion = '1.0.0' WHERE extname = 'migr'});
is($node->safe_psql('newer', 'SELECT count(*) FROM migr_current()'), '0', 'those of 1.0.0 are good for the library');

SKIP:
{
	skip 'there is no pg_upgrade', 4 if system('pg_upgrade --version >/dev/null 2>&1') != 0;

	note 'pg_upgrade of a database by 0.1.0';
	$node->safe_psql('postgres', "DROP DATABASE $_")
	  foreach qw(shop by_superuser hostile copy fresh super super_fresh restored looked_at newer);
	former('moved', 'shop_owner');
	$node->stop;
	my $next = PostgreSQL::Test::Cluster->new('next');
	$next->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	chomp(my $bin = qx{pg_config --bindir});
	chdir($directory) or die "$directory: $!";
	command_ok(
		[ 'pg_upgrade', '-d', $node->data_dir, '-D', $next->data_dir, '-b', $bin, '-B', $bin,
			'-s', $node->host, '-p', $node->port, '-P', $next->port ],
		'pg_upgrade');
	$next->start;
	fails_ok($next, 'SELECT migr_check()', '55000', $too_old, 'moved: the same', db => 'moved', role => 'shop_owner');
	$node = $next;

	# pg_upgrade gives extensions to the superuser; what they have belongs to whom it did.
	$node->safe_psql('moved', 'ALTER EXTENSION migr UPDATE');
	goes_on('moved', 'shop_owner');
	$node->stop;
}

done_testing();
