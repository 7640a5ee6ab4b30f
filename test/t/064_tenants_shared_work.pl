# CALL migr_deploy_tenants() by several sessions at once: each tenant is done once, nobody waits,
# what is killed is taken up, and it ends where it is told to.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tenants = 60;
my $node = new_node('tenants_shared_work', "restart_after_crash = on\nmax_locks_per_transaction = 256\nlog_lock_waits = on\ndeadlock_timeout = '10ms'");

my $scripts = "-- migr:revision t1\n-- migr:labels shop\n-- migr:upgrade\n"
  . "CREATE TABLE item (id int PRIMARY KEY);\n"
  . "INSERT INTO public.ran VALUES (current_schema(), 't1', pg_backend_pid());\n";
foreach my $i (2 .. 10)
{
	$scripts .= "-- migr:revision t$i\n-- migr:revises t@{[$i - 1]}\n-- migr:upgrade\n"
	  . "ALTER TABLE item ADD COLUMN c$i int;\n"
	  . "INSERT INTO public.ran VALUES (current_schema(), 't$i', pg_backend_pid());\n";
}
$node->safe_psql('postgres', q{
	CREATE TABLE ran (tenant text, revision text, pid int);
	ALTER DATABASE postgres SET migr.tenant_label = 'shop'});
load_scripts($node, $scripts);
$node->safe_psql('postgres', qq{
	DO \$\$ BEGIN FOR i IN 1 .. $tenants LOOP EXECUTE format('CREATE SCHEMA t%s', i); END LOOP; END \$\$;
	SELECT migr_stamp('base', tenant => format('t%s', i)) FROM generate_series(1, $tenants) i});

note 'two sessions';
my @session = map { MigrTest::Session->new($node) } 1 .. 2;
my $gate = MigrTest::Session->new($node);
$gate->ask(q{BEGIN; SELECT pg_advisory_lock(1)});
$_->send(q{SELECT pg_advisory_lock_shared(1); CALL migr_deploy_tenants()}) foreach @session;
$gate->ask(q{SELECT pg_advisory_unlock(1); COMMIT});
$_->drain foreach @session;
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT tenant), max(n) FROM (SELECT tenant, revision, count(*) AS n FROM ran GROUP BY 1, 2) r}),
	10 * $tenants . "|$tenants|1", 'each revision has run once for each tenant');
is($node->safe_psql('postgres', q{SELECT count(DISTINCT pid) FROM ran}), '2', 'both have worked');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT tenant FROM ran GROUP BY tenant HAVING count(DISTINCT pid) > 1) r}), '0', 'a tenant was done by one');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads <> '{t10}' OR applied <> 10 OR state <> 'ok'}), '0', 'and all of them are');
unlike(slurp_file($node->logfile), qr/still waiting for (?!ShareLock on transaction|ShareLock on advisory lock \[\d+,0,1,1\]).*\n.*migr_deploy_tenants/, 'nobody has waited');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.log WHERE tenant IS NOT NULL AND action = 'deploy'}), $tenants, 'a row of the log for each');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr_verify('{log}') WHERE status <> 'ok'}), '0', 'and its chain is sound');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE classid IN ('pg_extension'::regclass, 'pg_namespace'::regclass)}), '0', 'no lock is left');

note 'failures: the others go on, and it stops when told to';
load_scripts($node, "-- migr:revision t11\n-- migr:revises t10\n-- migr:upgrade\nALTER TABLE item ADD COLUMN c11 int;\n");
$node->safe_psql('postgres', q{DO $$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE format('ALTER TABLE t%s.item ADD COLUMN c11 text', i * 3); END LOOP; END $$});
fails_ok($node, 'CALL migr_deploy_tenants(stop_after => 3)', 'MG016', qr/3 tenants failed, \d+ done, the others were not begun/, 'after three');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE state = 'failed' AND sqlstate = '42701' AND tries = 1}), '3', 'three rows say why');
fails_ok($node, 'CALL migr_deploy_tenants(stop_after => NULL)', 'MG016', qr/20 tenants failed, \d+ done/, 'after none');
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE heads = '{t11}'), count(*) FILTER (WHERE state = 'failed') FROM migr.tenant}),
	'40|20', 'those that can be are done');
$node->safe_psql('postgres', q{DO $$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE format('ALTER TABLE t%s.item DROP COLUMN c11', i * 3); END LOOP; END $$});
like(notices_of($node, 'CALL migr_deploy_tenants()'), qr/of which 20 are not at/, 'the next call takes up what is left');

note 'canaries come first, and the others wait for what becomes of them';
load_scripts($node, "-- migr:revision t12\n-- migr:revises t11\n-- migr:upgrade\nSELECT pg_sleep(coalesce(nullif(current_setting('tenants.sleep', true), '')::float, 0)) WHERE current_schema() = 't7';\nALTER TABLE item ADD COLUMN c12 int;\n");
$node->safe_psql('postgres', 'ALTER TABLE t7.item ADD COLUMN c12 text');
fails_ok($node, q{CALL migr_deploy_tenants(canary => 't7')}, 'MG016', qr/1 tenant failed, 0 done, the others were not begun/, 'it fails, so none is begun');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t12}'}), '0', 'none');
$node->safe_psql('postgres', 'ALTER TABLE t7.item DROP COLUMN c12');
$_->send(q{SET tenants.sleep = 2; CALL migr_deploy_tenants(canary => 't7')}) foreach @session;
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'nobody sleeps';
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t12}'}), '0', 'while it runs, no other is begun');
$_->drain foreach @session;
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t12}'}), $tenants, 'then all are done');

note 'scripts that are loaded meanwhile';
load_scripts($node, "-- migr:revision t13\n-- migr:revises t12\n-- migr:upgrade\nSELECT pg_sleep(coalesce(nullif(current_setting('tenants.sleep', true), '')::float, 0)) WHERE current_schema() = 't7';\n");
$session[0]->send(q{SET tenants.sleep = 2; CALL migr_deploy_tenants()});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'nobody sleeps';
load_scripts($node, "-- migr:revision t14\n-- migr:revises t13\n-- migr:upgrade\nSELECT 1;\n");
$session[0]->drain;
is($node->safe_psql('postgres', q{SELECT heads FROM migr.tenant GROUP BY 1 ORDER BY count(*) LIMIT 1}) =~ /t1[34]/ ? 'sound' : 'not', 'sound', 'are seen by those that come behind');
notices_of($node, 'CALL migr_deploy_tenants()');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t14}' AND applied = 14}), $tenants, 'and by the next call');

note 'killed';
load_scripts($node, "-- migr:revision t15\n-- migr:revises t14\n-- migr:upgrade\nSELECT pg_sleep(coalesce(nullif(current_setting('tenants.sleep', true), '')::float, 0)) WHERE current_schema() = 't30';\n");
my $doomed = MigrTest::Session->new($node);
$doomed->send(q{SET tenants.sleep = 60; CALL migr_deploy_tenants()});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'nobody sleeps';
like(notices_of($node, 'CALL migr_deploy_tenants()'), qr/1 tenant was done by another session, or is in its hands/, 'what it has in its hands is passed over');
kill_and_recover($node, $doomed->pid);
notices_of($node, 'CALL migr_deploy_tenants()');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{t15}' AND state = 'ok'}), $tenants, 'and free when it is gone');

# What a deploy must leave as it was: locks, and these settings of its session.
my $settings = q{SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
	WHERE name IN ('application_name', 'default_transaction_isolation', 'lock_timeout', 'search_path', 'statement_timeout')};
my $locks = q{SELECT count(*) FROM pg_locks WHERE classid IN ('pg_extension'::regclass, 'pg_namespace'::regclass)};
my $sleeps = q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'};

# A revision that sleeps in t30, and a session that has come there.
my $last = 15;

sub begin_sleep
{
	my (%param) = @_;
	my $session = MigrTest::Session->new($node);
	my $next = $last + 1;

	load_scripts($node, "-- migr:revision t$next\n-- migr:revises t$last\n-- migr:upgrade\nCREATE TABLE a$next ();\n"
	  . "SELECT pg_sleep(coalesce(nullif(current_setting('tenants.sleep', true), '')::float, 0)) WHERE current_schema() = 't30';\nCREATE TABLE b$next ();\n");
	$last = $next;
	$session->ask(q{SET tenants.sleep = } . ($param{sleep} // 60) . q{; SET search_path = pg_catalog; SET lock_timeout = '1h'; SET application_name = 'before'});
	$session->{before} = $session->ask($settings);
	$session->send('CALL migr_deploy_tenants()');
	$node->poll_query_until('postgres', $sleeps) or die 'nobody sleeps';
	return $session;
}

# Of those that have come to the last revision: as many as have its tables, and no more.
sub whole_ok
{
	my ($name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql('postgres', qq{SELECT count(*) FROM migr.tenant WHERE heads = '{t$last}' AND applied = $last
		AND to_regclass(quote_ident(tenant) || '.a$last') IS NOT NULL AND to_regclass(quote_ident(tenant) || '.b$last') IS NOT NULL}),
		$node->safe_psql('postgres', qq{SELECT count(*) FROM pg_class WHERE relname = 'a$last'}), "$name: nothing is half");
	cmp_ok($node->safe_psql('postgres', qq{SELECT count(*) FROM migr.tenant WHERE heads = '{t$last}'}), '>', 5, "$name: what was committed stays");
	is($node->safe_psql('postgres', qq{SELECT count(*) FROM migr.tenant WHERE state = 'failed'}), '0', "$name: no tenant has failed");
	return;
}

sub goes_on_ok
{
	my ($name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql('postgres', $locks), '0', "$name: no lock is left");
	notices_of($node, 'CALL migr_deploy_tenants()');
	is($node->safe_psql('postgres', qq{SELECT count(*) FROM migr.tenant WHERE heads = '{t$last}' AND state = 'ok'}),
		$node->safe_psql('postgres', 'SELECT count(*) FROM migr.tenant'), "$name: the next call goes on");
	return;
}

note 'cancelled in the middle of a tenant';
my $cut = begin_sleep();
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $cut->pid . ')');
$cut->drain;
like($cut->errors(qr/57014/), qr/canceling statement/, 'cancelled: it says so');
whole_ok('cancelled');
is($cut->ask($settings), $cut->{before}, 'cancelled: settings are as they were');
goes_on_ok('cancelled');

note 'cancelled again and again, while it ends';
$cut = begin_sleep();
$node->safe_psql('postgres', 'DO $$ BEGIN FOR i IN 1 .. 200 LOOP PERFORM pg_cancel_backend(' . $cut->pid . '); PERFORM pg_sleep(0.0002); END LOOP; END $$');
$cut->drain;
whole_ok('cancelled often');
is($cut->ask($settings), $cut->{before}, 'cancelled often: settings are as they were');
goes_on_ok('cancelled often');

note 'terminated in the middle of a tenant';
$cut = begin_sleep();
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $cut->pid . ')');
$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = ' . $cut->pid) or die 'it goes on';
$cut->kill_client;
whole_ok('terminated');
goes_on_ok('terminated');

note 'the server stops at once in the middle of a tenant';
$cut = begin_sleep();
$node->stop('immediate');
$cut->kill_client;
$node->start;
whole_ok('crashed');
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr_verify('{log}') WHERE status <> 'ok'}), '0', 'crashed: the chain of the log is sound');
goes_on_ok('crashed');

note 'schemas dropped and renamed before their turn';
$cut = begin_sleep(sleep => 3);
$node->safe_psql('postgres', q{SET client_min_messages = warning; DROP SCHEMA t41 CASCADE; ALTER SCHEMA t42 RENAME TO "former t42"});
$cut->drain;
my $told = $cut->errors(qr/MG016/);
like($told, qr/3F000: tenant "$_" was rolled back: schema "$_" does not exist\n.*was dropped or renamed/, "$_: it is gone") foreach 't41', 't42';
like($told, qr/2 tenants failed, 58 done/, 'the others are done');
is($node->safe_psql('postgres', q{SELECT string_agg(tenant, ' ' ORDER BY tenant) FROM migr.tenant WHERE state = 'failed' AND sqlstate = '3F000'}), 't41 t42', 'rows say so');
is($node->safe_psql('postgres', qq{SELECT to_regclass('"former t42".a$last') IS NULL, to_regnamespace('t41') IS NULL, to_regnamespace('t42') IS NULL}), 't|t|t',
	'nothing was made elsewhere, and no schema');
$node->safe_psql('postgres', q{DELETE FROM migr.tenant WHERE tenant = 't41'; ALTER SCHEMA "former t42" RENAME TO t42});
goes_on_ok('renamed back');

note 'one that was at base, and is gone: a deploy makes no schema';
$node->safe_psql('postgres', q{CREATE SCHEMA late});
notices_of($node, q{SELECT migr_stamp('base', tenant => 'late'); DROP SCHEMA late});
fails_ok($node, 'CALL migr_deploy_tenants()', 'MG016', qr/3F000: tenant "late" was rolled back/, 'it is not made again');
$node->safe_psql('postgres', q{DELETE FROM migr.tenant WHERE tenant = 'late'});

note 'dropped in its turn: that waits';
$cut = begin_sleep(sleep => 2);
my $dropper = MigrTest::Session->new($node);
$dropper->send('SET client_min_messages = warning; DROP SCHEMA t30 CASCADE');
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND pid = } . $dropper->pid) or die 'it does not wait';
$cut->drain;
$dropper->drain;
is($node->safe_psql('postgres', qq{SELECT (SELECT heads FROM migr.tenant WHERE tenant = 't30'), to_regnamespace('t30') IS NULL}), "{t$last}|t", 'the run was done, then it was dropped');
$node->safe_psql('postgres', q{DELETE FROM migr.tenant WHERE tenant = 't30'; CREATE SCHEMA t30});
notices_of($node, q{SELECT migr_stamp('base', tenant => 't30')});

note 'renamed in its turn: that waits too, or nothing of the run stays';
goes_on_ok('made again');
$cut = begin_sleep(sleep => 2);
my $renamer = MigrTest::Session->new($node);
$renamer->send('ALTER SCHEMA t30 RENAME TO "former t30"');
$cut->drain;
$renamer->drain;
if ($node->safe_psql('postgres', qq{SELECT heads FROM migr.tenant WHERE tenant = 't30'}) eq "{t$last}")
{
	is($node->safe_psql('postgres', qq{SELECT to_regclass('"former t30".a$last') IS NOT NULL, to_regclass('"former t30".b$last') IS NOT NULL}), 't|t',
		'the run was done, then it was renamed');
}
else
{
	like($cut->errors(qr/MG016/), qr/55000: tenant "t30" was rolled back: schema "t30" was dropped or renamed while revisions ran/,
		'it is told');
}
is($node->safe_psql('postgres', qq{SELECT to_regclass('"former t30".a$last') IS NULL, to_regclass('"former t30".b$last') IS NULL,
	to_regclass('public.b$last') IS NULL, to_regnamespace('t30') IS NULL}) =~ /^([tf])\|\1\|t\|t$/ ? 'whole' : 'half', 'whole', 'all or nothing of it, and nothing in what all share');
$node->safe_psql('postgres', q{ALTER SCHEMA "former t30" RENAME TO t30});
goes_on_ok('renamed in its turn');

$node->stop;
done_testing();
