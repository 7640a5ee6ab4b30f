# Tenants beyond one session: rights, dumps, standbys, read-only transactions, guards, cancelled
# runs, and what a session may have set.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $scripts = <<'SCRIPTS';
-- migr:revision s1
-- migr:upgrade
CREATE TABLE public.country (code text PRIMARY KEY);
GRANT REFERENCES, SELECT ON public.country TO PUBLIC;
-- migr:downgrade
DROP TABLE public.country;
-- migr:revision t1
-- migr:labels shop
-- migr:depends s1
-- migr:upgrade
CREATE TABLE item (id int PRIMARY KEY, country text REFERENCES country);
-- migr:downgrade
DROP TABLE item;
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
SELECT pg_sleep(coalesce(nullif(current_setting('tenants.sleep', true), '')::float, 0));
CREATE TABLE orders (id int PRIMARY KEY);
-- migr:downgrade
DROP TABLE orders;
SCRIPTS

my $node = PostgreSQL::Test::Cluster->new('tenants');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ], allows_streaming => 1);
$node->append_conf('postgresql.conf', "migr.scratch_database = 'create'\nrestart_after_crash = on");
$node->start;
my $where = 'SELECT tenant, heads, state, sqlstate FROM migr.tenant ORDER BY tenant COLLATE "C"';

sub fresh
{
	my ($db, $owner) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db" . ($owner ? " OWNER $owner" : ''));
	$node->safe_psql($db, "GRANT CREATE ON SCHEMA public TO $owner") if $owner;
	notices_of($node, 'CREATE EXTENSION migr', db => $db, $owner ? (role => $owner) : ());
	load_scripts($node, $scripts, db => $db, $owner ? (role => $owner) : ());
	$node->safe_psql('postgres', "ALTER DATABASE $db SET migr.tenant_label = 'shop'");
	return;
}

note 'rights: who deploys is neither a superuser nor the owner of all tenants';
$node->safe_psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE ROLE deployer LOGIN; CREATE ROLE other LOGIN');
fresh('shop', 'keeper');
my %keeper = (db => 'shop', role => 'keeper');
my %deployer = (db => 'shop', role => 'deployer');
notices_of($node, 'SELECT migr_upgrade()', %keeper);
fails_ok($node, q{SELECT migr_upgrade(tenant => 'one', new_tenant => true)}, '42501', qr/permission denied for function/,
	'not everybody may', %deployer);
notices_of($node, 'GRANT EXECUTE ON FUNCTION migr_upgrade, migr_stamp TO deployer; GRANT EXECUTE ON PROCEDURE migr_deploy_tenants TO deployer', %keeper);
fails_ok($node, q{SELECT migr_upgrade(tenant => 'one', new_tenant => true)}, '42501', qr/permission denied for database/,
	'a schema takes the right to make one', %deployer);
notices_of($node, 'CREATE SCHEMA one AUTHORIZATION deployer', db => 'shop');
notices_of($node, 'CREATE SCHEMA two AUTHORIZATION other', db => 'shop');
notices_of($node, q{SELECT migr_upgrade(tenant => 'one')}, %deployer);
fails_ok($node, q{SELECT migr_upgrade(tenant => 'two')}, '42501', qr/permission denied for schema two/,
	'nor does migr give a right to that of another', %deployer);
notices_of($node, q{SELECT migr_stamp('base', tenant => 'two')}, %deployer);
fails_ok($node, 'CALL migr_deploy_tenants()', 'MG016', qr/1 tenant failed, 0 done/, 'what is not his fails', %deployer);
is($node->safe_psql('shop', $where), "one|{t2}|ok|\ntwo|{}|failed|42501", 'and its row says why');
fails_ok($node, q{UPDATE migr.tenant SET heads = '{}'}, '42501', qr/permission denied for table tenant/,
	'rows are not for everybody to write', %deployer);
is($node->safe_psql('shop', q{SELECT relowner::regrole FROM pg_class WHERE oid = 'one.item'::regclass}), 'deployer', 'who runs it owns it');

notices_of($node, 'GRANT USAGE ON SCHEMA two TO deployer', db => 'shop');
fails_ok($node, 'CALL migr_deploy_tenants()', 'MG016', qr/42501: tenant "two" was rolled back: permission denied for schema two.*1 tenant failed, 0 done/s,
	'who may look into it and not create there makes nothing elsewhere', %deployer);
is($node->safe_psql('shop', q{SELECT to_regclass('public.item') IS NULL, tries FROM migr.tenant WHERE tenant = 'two'}), 't|2', 'nothing in what all share');

note 'what a tenant\'s owner has put into its schema runs as who deploys: so let that be the owner';
$node->safe_psql('postgres', 'CREATE ROLE crafty LOGIN');
fresh('owned', 'keeper');
my %crafty = (db => 'owned', role => 'crafty');
load_scripts($node, "-- migr:revision t3\n-- migr:revises t2\n-- migr:upgrade\nINSERT INTO item VALUES (1, lower('X'::varchar));\nSELECT count(*) FROM other.item;\n", db => 'owned', role => 'keeper');
$node->safe_psql('owned', q{CREATE SCHEMA crafty AUTHORIZATION crafty; CREATE SCHEMA other AUTHORIZATION keeper});
notices_of($node, 'SELECT migr_upgrade(); GRANT EXECUTE ON FUNCTION migr_upgrade TO crafty', db => 'owned', role => 'keeper');
notices_of($node, q{SELECT migr_upgrade('t2', tenant => 'other'); INSERT INTO other.item VALUES (1)}, db => 'owned', role => 'keeper');
notices_of($node, q{SELECT migr_upgrade('t2', tenant => 'crafty')}, %crafty);
notices_of($node, q{
	CREATE FUNCTION crafty.lower(varchar) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'runs as % of %', current_user, session_user; RETURN NULL; END$$;
	GRANT ALL ON SCHEMA crafty TO keeper; GRANT ALL ON crafty.item TO keeper}, %crafty);
like(notices_of($node, q{SELECT migr_upgrade(tenant => 'crafty', dry_run => true)}, db => 'owned', role => 'keeper'), qr/runs as keeper of keeper/,
	'by another, it has the rights of that one');
my $as_owner = fails_ok($node, q{SELECT migr_upgrade(tenant => 'crafty')}, '42501', qr/permission denied for schema other/,
	'by the owner, it has those that he has anyway', %crafty);
like($as_owner, qr/runs as crafty of crafty/, 'and is he');
fails_ok($node, q{SELECT migr_upgrade(tenant => 'other')}, '42501', qr/permission denied for schema other/, 'who gets nowhere else', %crafty);
fails_ok($node, q{SELECT migr_stamp('base', tenant => 'other')}, '42501', qr/permission denied for function/, 'and can say nothing of others', %crafty);
is($node->safe_psql('owned', q{SELECT tenant, heads, state FROM migr.tenant ORDER BY 1}), "crafty|{t2}|ok\nother|{t2}|ok", 'nothing of it has happened');

fails_ok($node, q{SELECT migr_revision('x', autogenerate => true, tenant => 'crafty')}, '42501', qr/of role "crafty", which is no superuser/,
	'a superuser builds nothing of his for all', db => 'owned');
fails_ok($node, q{SELECT migr_revision('x', autogenerate => true, tenant => 'other')}, 'MG009', qr/tenant "other" is not up to date: 1 revision pending/,
	'who deploys can', db => 'owned', role => 'keeper');

note 'a session can neither change what is for tenants, nor what they see';
fails_ok($node, q{SET migr.tenant_label = ''; SET search_path = one; SELECT migr_upgrade()}, '55000',
	qr/search_path begins with tenant "one"/, 'the label is the database\'s', %deployer);
$node->safe_psql('shop', 'ALTER SCHEMA two OWNER TO deployer');
like(notices_of($node, q{
	SET default_transaction_isolation = 'repeatable read';
	SET statement_timeout = '1h';
	SET lock_timeout = '1h';
	CREATE TEMP TABLE item (id text);
	CREATE TEMP TABLE country (code int PRIMARY KEY);
	CALL migr_deploy_tenants()}, %deployer), qr/1 tenant done/, 'repeatable read, limits, temporary tables in the way');
is($node->safe_psql('shop', $where), "one|{t2}|ok|\ntwo|{t2}|ok|", 'it was done');
is($node->safe_psql('shop', q{SELECT confrelid::regclass FROM pg_constraint WHERE conrelid = 'two.item'::regclass AND contype = 'f'}), 'country',
	'and refers to what is shared');
my ($status, $out, $err) = $node->psql('shop', q{
	SET search_path = pg_temp, public;
	SET statement_timeout = '1h';
	CALL migr_deploy_tenants();
	SHOW search_path; SHOW statement_timeout; SHOW application_name}, extra_params => [ '-U', 'deployer' ]);
like($out, qr/^pg_temp, public\n1h\n(?!migr)/, 'settings are as they were');

note 'guards';
fresh('guarded');
$node->safe_psql('guarded', q{ALTER DATABASE guarded SET migr.guard = 'error'; ALTER DATABASE guarded SET migr.refuse_on_drift = on});
notices_of($node, q{SELECT migr_upgrade(tenant => 'a', new_tenant => true)}, db => 'guarded');
notices_of($node, q{SELECT migr_upgrade(tenant => 'b', new_tenant => true)}, db => 'guarded');
is($node->safe_psql('guarded', $where), "a|{t2}|ok|\nb|{t2}|ok|", 'under guard and gate');
fails_ok($node, 'CREATE TABLE a.more ()', 'MG010', qr/./, 'by hand, not', db => 'guarded');
notices_of($node, q{SET migr.guard = off; CREATE TABLE a.more (); CREATE TABLE b.more ()}, db => 'guarded');
is($node->safe_psql('guarded', q{SELECT count(*) FROM migr_verify('{drift}') WHERE status <> 'ok'}), '0', 'tenants\' objects are no drift');
load_scripts($node, "-- migr:revision s2\n-- migr:revises s1\n-- migr:upgrade\nCREATE TABLE public.more (a int);\n", db => 'guarded');
notices_of($node, 'SELECT migr_upgrade()', db => 'guarded');
is($node->safe_psql('guarded', q{SELECT count(*) FROM migr.object WHERE schema IN ('a', 'b') OR (kind = 'schema' AND name IN ('a', 'b'))}), '0', 'and none of them is recorded');
$node->safe_psql('guarded', 'ALTER DATABASE guarded SET migr.protect = on');
fails_ok($node, q{SELECT migr_downgrade('base', tenant => 'a')}, 'MG010', qr/not allowed/, 'protected', db => 'guarded');

note 'the desired schema is that of what all share';
my $files = $node->basedir . '/desired';
mkdir $files or die $!;
write_file("$files/all.sql", "CREATE TABLE country (code text PRIMARY KEY);\nGRANT REFERENCES, SELECT ON country TO PUBLIC;\n");
fresh('desired');
$node->safe_psql('desired', "ALTER DATABASE desired SET migr.schema_location = '$files'");
notices_of($node, q{SELECT migr_upgrade(tenant => 'a', new_tenant => true)}, db => 'desired');
is($node->safe_psql('desired', q{SELECT migr_check()}), 't', 'check: the scripts of what all share build it');
like(notices_of($node, q{SELECT migr_revision('none', autogenerate => true, head => 's1')}, db => 'desired'), qr/no revision was written/, 'autogenerate: nothing differs');
write_file("$files/all.sql", "CREATE TABLE country (code text PRIMARY KEY, currency text);\nGRANT REFERENCES, SELECT ON country TO PUBLIC;\n");
fails_ok($node, q{SELECT migr_check()}, 'MG009', qr/currency/, 'check: another', db => 'desired');

note 'rules of one\'s own';
fresh('ruled');
notices_of($node, q{
	SELECT migr_upgrade(tenant => 'a', new_tenant => true);
	INSERT INTO migr.rule (name, query, message, before_commit, owner)
		VALUES ('no_orders', $$SELECT oid::regclass::text FROM pg_class WHERE relname = 'orders' AND relnamespace <> 'a'::regnamespace$$, 'orders', true, current_user)},
	db => 'ruled');
fails_ok($node, q{SELECT migr_upgrade(tenant => 'b', new_tenant => true)}, 'MG011', qr/no_orders/, 'are asked before the commit of a tenant', db => 'ruled');

note 'a dump, restored';
$node->safe_psql('shop', q{CREATE SCHEMA "Qu""o't e" AUTHORIZATION keeper; ALTER SCHEMA one OWNER TO keeper; ALTER SCHEMA two OWNER TO keeper; ALTER TABLE one.item OWNER TO keeper; ALTER TABLE one.orders OWNER TO keeper; ALTER TABLE two.item OWNER TO keeper; ALTER TABLE two.orders OWNER TO keeper});
notices_of($node, q{SELECT migr_upgrade('t1', tenant => 'Qu"o''t e')}, %keeper);
my $dump = $node->basedir . '/shop.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, 'shop' ], 'pg_dump');
$node->safe_psql('postgres', "CREATE DATABASE restored; ALTER DATABASE restored SET migr.tenant_label = 'shop'");
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', 'restored' ], 'psql');
is($node->safe_psql('restored', $where), $node->safe_psql('shop', $where), 'tenants are there, by name');
like(notices_of($node, 'CALL migr_deploy_tenants()', db => 'restored', role => 'keeper'), qr/of which 1 are not at/, 'and go on from where they stood');

note 'looking: on a standby and in a read-only transaction';
my $before = $node->safe_psql('shop', 'SELECT pg_current_wal_lsn()');
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('tenants_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
foreach my $look ([ $standby, '' ], [ $node, 'SET default_transaction_read_only = on;' ])
{
	my ($server, $set) = @$look;

	is($server->safe_psql('shop', qq{$set SELECT applied, pending, up_to_date FROM migr_status('one')}), '2|0|t', 'status');
	is($server->safe_psql('shop', qq{$set SELECT revision FROM migr_pending(tenant => 'Qu"o''t e')}), 't2', 'pending');
	is($server->safe_psql('shop', qq{$set SELECT count(*) FROM migr_history(tenant => 'one')}), '3', 'history');
	is($server->safe_psql('shop', qq{$set SELECT migr_check('one')}), 't', 'check');
	like($server->safe_psql('shop', qq{SET SESSION AUTHORIZATION keeper; $set SELECT migr_sql(tenant => 'Qu"o''t e')}), qr/SET LOCAL search_path = "Qu""o't e", public, pg_temp/, 'sql');
	fails_ok($server, qq{$set SELECT migr_upgrade(tenant => 'one')}, '25006', qr/cannot run migrations/, 'but no run', %keeper);
	fails_ok($server, qq{$set CALL migr_deploy_tenants()}, '25006', qr/cannot run migrations/, 'nor of many', %keeper);
}
$standby->stop;

note 'a transaction that is prepared';
$node->append_conf('postgresql.conf', 'max_prepared_transactions = 5');
$node->restart;
notices_of($node, q{BEGIN; SELECT migr_upgrade(tenant => 'Qu"o''t e'); PREPARE TRANSACTION 'tenant'}, %keeper);
fails_ok($node, q{SET migr.lock_timeout = '100ms'; SELECT migr_downgrade('base', tenant => 'Qu"o''t e')}, '55P03',
	qr/another migration of tenant "Qu"o't e" is running/, 'keeps its tenant', %keeper);
notices_of($node, q{SELECT migr_downgrade('t1', tenant => 'one')}, %keeper);
notices_of($node, q{COMMIT PREPARED 'tenant'}, %keeper);
is($node->safe_psql('shop', q{SELECT heads FROM migr.tenant WHERE tenant LIKE 'Q%'}), '{t2}', 'and no other');

note 'cancelled: no tenant has failed';
notices_of($node, q{SELECT migr_downgrade('t1', tenant => 'two')}, %keeper);
my $session = MigrTest::Session->new($node, %keeper);
$session->send(q{SET tenants.sleep = 60; CALL migr_deploy_tenants()});
$node->poll_query_until('shop', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name ~ '^migr tenant .* \(1 of 2\)$'})
  or die 'nobody sleeps';
$node->safe_psql('shop', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
$session->drain;
like($session->errors(qr/57014/), qr/canceling statement/, 'it says so');
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.tenant WHERE state <> 'ok'}), '0', 'and nothing of a tenant');
is($node->safe_psql('shop', q{SELECT count(*) FROM pg_locks WHERE classid = 'pg_extension'::regclass}), '0', 'the mutex is free');
unlike($session->ask('SHOW application_name'), qr/^migr tenant/, 'and the session as before');

note 'killed: what it had is free';
$session->send(q{CALL migr_deploy_tenants()});
$node->poll_query_until('shop', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'nobody sleeps';
kill_and_recover($node, $session->pid);
notices_of($node, 'CALL migr_deploy_tenants()', %keeper);
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t2}'}), '3', 'the next call takes it up');
$session->kill_client;

note 'a lock that is not to be had';
notices_of($node, q{SELECT migr_downgrade('t1', tenant => 'one'), migr_downgrade('t1', tenant => 'two')}, %keeper);
load_scripts($node, "-- migr:revision t3\n-- migr:revises t2\n-- migr:upgrade\nALTER TABLE item ADD COLUMN note text;\n", %keeper);
my $blocker = MigrTest::Session->new($node, %keeper);
$blocker->ask('BEGIN; LOCK TABLE one.item');
fails_ok($node, q{CALL migr_deploy_tenants(lock_timeout => '50ms', attempts => 2)}, 'MG016', qr/1 tenant failed, 2 done/,
	'is the tenant\'s failure, after some tries', %keeper);
is($node->safe_psql('shop', q{SELECT sqlstate, error ~ 'lock timeout' FROM migr.tenant WHERE tenant = 'one'}), '55P03|t', 'its row says so');
$blocker->ask('ROLLBACK');
notices_of($node, 'CALL migr_deploy_tenants()', %keeper);
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t3}'}), '3', 'the next call succeeds');

note 'a restore point, of one tenant as of any run';
$node->safe_psql('shop', 'GRANT EXECUTE ON FUNCTION pg_create_restore_point TO keeper');
notices_of($node, 'SET migr.restore_point = on; ' . $_, %keeper)
  foreach q{SELECT migr_upgrade(tenant => 'late', new_tenant => true, dry_run => true)},
  q{SELECT migr_upgrade(tenant => 'late', new_tenant => true)};
is($node->safe_psql('shop', q{SELECT count(*), min(restore_point) LIKE 'migr before t1 at %' FROM migr.log
	WHERE tenant = 'late'}), '1|t', 'has the name of its first revision');
is($node->safe_psql('shop', q{SELECT count(*) FROM migr_verify('{log}') WHERE status <> 'ok'}), '0', 'the log\'s chain is sound');

$node->stop;
done_testing();
