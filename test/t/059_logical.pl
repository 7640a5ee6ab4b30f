# Logical replication of all tables: what a publisher has in migr's tables is neither taken
# over nor in the way, in whatever order the two are upgraded, with an initial copy and
# without; what is truncated; and a subscriber that lacks the extension.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $conf = "wal_retrieve_retry_interval = 200ms\nmax_logical_replication_workers = 30\nmax_worker_processes = 40\n"
  . "max_sync_workers_per_subscription = 4\nmax_replication_slots = 60\nmax_wal_senders = 60";
my $publisher = new_node('publisher', $conf, allows_streaming => 'logical');
my $subscriber = new_node('subscriber', $conf, allows_streaming => 'logical');
my $major = int($publisher->safe_psql('postgres', 'SHOW server_version_num') / 10000);

my $scripts = <<'SCRIPTS';
-- migr:revision items
-- migr:upgrade
CREATE TABLE items (id int PRIMARY KEY, name text);
-- migr:downgrade
DROP TABLE items;
-- migr:revision noted
-- migr:revises items
-- migr:upgrade
ALTER TABLE items ADD COLUMN note text;
UPDATE items SET note = 'was here';
-- migr:downgrade
ALTER TABLE items DROP COLUMN note;
-- migr:repeatable shown
-- migr:depends items
-- migr:upgrade
CREATE OR REPLACE VIEW shown AS SELECT id FROM items;
SCRIPTS

my @tables = qw(revision version repeatable log log_end object recorded looked rule scratch generation standing);

# What a database says of itself, to the last row.
sub all_of
{
	my ($node, $db) = @_;

	return join "\n", map { "$_: " . $node->safe_psql($db, "SELECT * FROM migr.$_ t ORDER BY t::text") } @tables;
}

sub connection
{
	my ($db) = @_;

	return '$$' . $publisher->connstr($db) . '$$';
}

sub is_synchronised
{
	my ($db) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok($subscriber->poll_query_until($db, q{SELECT count(*) > 0 AND bool_and(srsubstate = 'r') FROM pg_subscription_rel}),
		"$db: all tables are in step");
}

# What comes to be published is at the subscriber.
sub caught_up
{
	my ($db) = @_;

	$publisher->wait_for_catchup($db);
}

sub both
{
	my ($db, $sql) = @_;

	$_->safe_psql($db, $sql) foreach $publisher, $subscriber;
}

# prepare(DB): a database on both sides, at revision "items".
sub prepare
{
	my ($db) = @_;

	foreach my $node ($publisher, $subscriber)
	{
		$node->safe_psql('postgres', "CREATE DATABASE $db");
		$node->safe_psql($db, 'CREATE EXTENSION migr');
		load_scripts($node, $scripts, db => $db);
		$node->safe_psql($db, q{SELECT migr_upgrade('items')});
	}
	$publisher->safe_psql($db, q{INSERT INTO items VALUES (1, 'one')});
	# A version of its own, in which rows are that the publisher will change.
	$publisher->safe_psql($db, q{INSERT INTO migr.rule VALUES ('timestamptz', 'off')});
	$subscriber->safe_psql($db, q{INSERT INTO migr.rule VALUES ('timestamptz', NULL, '{public.x*}')});
}

sub subscribe
{
	my ($db, $copy, $what) = @_;

	$publisher->safe_psql($db, 'CREATE PUBLICATION everything FOR ' . ($what // 'ALL TABLES'));
	$subscriber->safe_psql($db,
		"CREATE SUBSCRIPTION $db CONNECTION " . connection($db) . " PUBLICATION everything WITH (copy_data = $copy)");
	is_synchronised($db);
}

# Whatever is written at the publisher.
sub write_much
{
	my ($db) = @_;

	load_scripts($publisher, "-- migr:revision third_$db\n-- migr:revises noted\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n", db => $db);
	$publisher->safe_psql($db, $_) foreach 'SELECT migr_upgrade()', q{SELECT migr_verify('drift')}, q{CALL migr_revert('items')},
	  'CALL migr_deploy()', 'SELECT migr_stamp($$items$$, purge => true)', "SELECT migr_unload('third_$db')",
	  "UPDATE migr.rule SET setting = NULL", 'DELETE FROM migr.rule', 'UPDATE migr.version SET applied_by = applied_by',
	  'DELETE FROM migr.version', 'SELECT migr_stamp($$noted$$)', "UPDATE migr.revision SET message = 'rewritten'";
}

# --- both orders, with and without the first copy -------------------------------------------

foreach my $case ([ 'subscriber_copy', 1 ], [ 'subscriber_no_copy', 0 ], [ 'publisher_copy', 1 ], [ 'publisher_no_copy', 0 ])
{
	my ($db, $copy) = @$case;

	note $db;
	prepare($db);
	my $before = all_of($subscriber, $db);
	subscribe($db, $copy ? 'true' : 'false');
	is(all_of($subscriber, $db), $before, "$db: nothing of migr's has changed by subscribing");
	is($subscriber->safe_psql($db, 'SELECT count(*) FROM items'), $copy, "$db: what there was, " . ($copy ? 'copied' : 'not copied'));

	if ($db =~ /^subscriber/)
	{
		$subscriber->safe_psql($db, 'SELECT migr_upgrade()');
		$before = all_of($subscriber, $db);
		$publisher->safe_psql($db, q{INSERT INTO items VALUES (2, 'two')});
		$publisher->safe_psql($db, 'SELECT migr_upgrade()');
		$publisher->safe_psql($db, q{INSERT INTO items VALUES (3, 'three', 'new')});
	}
	else
	{
		$publisher->safe_psql($db, 'SELECT migr_upgrade()');
		is($subscriber->safe_psql($db, 'SELECT pending, current_heads FROM migr_status()'), '1|{items}', "$db: knows what it lacks");
		fails_ok($subscriber, 'SELECT migr_check()', 'MG009', qr/not up to date/, "$db: says so", db => $db);
		# Rows that have a column which is not there wait for it: those of any table do.
		$publisher->safe_psql($db, q{INSERT INTO items VALUES (2, 'two', 'was here')});
		$publisher->safe_psql($db, q{INSERT INTO items VALUES (3, 'three', 'new')});
		$subscriber->safe_psql($db, 'SELECT migr_upgrade()');
		$before = all_of($subscriber, $db);
	}
	caught_up($db);
	is($subscriber->safe_psql($db, 'SELECT * FROM items WHERE id > 1 ORDER BY id'), "2|two|was here\n3|three|new",
		"$db: rows of users' tables are there");
	write_much($db);
	$publisher->safe_psql($db, q{INSERT INTO items VALUES (4, 'four')});
	$publisher->safe_psql($db, q{DELETE FROM items WHERE id = 3});
	caught_up($db);
	is($subscriber->safe_psql($db, 'SELECT id FROM items WHERE id > 1 ORDER BY id'), "2\n4", "$db: the rest came as well");
	is(all_of($subscriber, $db), $before, "$db: migr's own rows are the subscriber's");
	is($subscriber->safe_psql($db, 'SELECT migr_check()'), 't', "$db: it is where it was upgraded to");
	is($subscriber->safe_psql($db, q{SELECT string_agg(check_name || ' ' || status, ', ' ORDER BY check_name) FROM migr_verify('scripts,versions,log,drift')}),
		'drift ok, log ok, scripts ok, versions ok', "$db: and finds nothing wrong");
	$subscriber->safe_psql($db, q{SELECT migr_downgrade('items'); SELECT migr_upgrade()});
	is($subscriber->safe_psql($db, q{SELECT state FROM (SELECT string_agg(DISTINCT srsubstate::text, '') AS state FROM pg_subscription_rel) s}),
		'r', "$db: the subscription goes on");
}
my $log = slurp_file($subscriber->logfile);
unlike($log, qr/ERROR:.*migr\./, 'no worker had to stop because of a table of migr\'s');
unlike($log, qr/ERROR:.*(?:duplicate key|replica identity)/, 'nor collided');

# --- one that begins at nothing ---------------------------------------------------------------

note 'a subscriber that nobody has upgraded';
foreach my $node ($publisher, $subscriber)
{
	$node->safe_psql('postgres', 'CREATE DATABASE behind');
	$node->safe_psql('behind', 'CREATE EXTENSION migr');
}
load_scripts($publisher, $scripts, db => 'behind');
$publisher->safe_psql('behind', 'SELECT migr_upgrade()');
my $empty = all_of($subscriber, 'behind');
$publisher->safe_psql('behind', 'CREATE PUBLICATION own FOR TABLE ' . join ', ', map { "migr.$_" } @tables);
$subscriber->safe_psql('behind', 'CREATE SUBSCRIPTION behind CONNECTION ' . connection('behind') . ' PUBLICATION own');
is_synchronised('behind');
is(all_of($subscriber, 'behind'), $empty, 'what is published by name is not taken over either');
load_scripts($subscriber, $scripts, db => 'behind');
is($subscriber->safe_psql('behind', q{SELECT string_agg(u, ' ') FROM migr_upgrade() u}), 'items noted shown', 'so it can be upgraded');

# --- many objects -----------------------------------------------------------------------------

note 'a record of many objects, each of which changes';
prepare('many');
both('many', q{DO $$ BEGIN FOR i IN 1 .. 300 LOOP EXECUTE format('CREATE TABLE many_%s (a int PRIMARY KEY, b int)', i); END LOOP; END $$});
both('many', q{SELECT migr_stamp('current')});
subscribe('many', 'true');
my $before = all_of($subscriber, 'many');
$publisher->safe_psql('many', q{DO $$ BEGIN FOR i IN 1 .. 300 LOOP EXECUTE format('ALTER TABLE many_%s ALTER b TYPE bigint', i); END LOOP; END $$});
$publisher->safe_psql('many', q{SELECT migr_stamp('current')});
caught_up('many');
is(all_of($subscriber, 'many'), $before, 'they are the publisher\'s');

# --- TRUNCATE ---------------------------------------------------------------------------------

note 'what no trigger can leave out';
foreach my $table (grep { !/^(?:log|log_end|generation|standing)$/ } @tables)
{
	fails_ok($publisher, "TRUNCATE migr.$table", '55000', qr/migr\.$table can't be truncated while it is published.*Publication "everything".*DELETE/s,
		"TRUNCATE migr.$table", db => 'many');
}
$publisher->safe_psql('many', q{ALTER PUBLICATION everything SET (publish = 'insert, update, delete')});
$publisher->safe_psql('many', 'BEGIN; TRUNCATE migr.version; ROLLBACK');
$publisher->safe_psql('many', q{ALTER PUBLICATION everything SET (publish = 'insert, update, delete, truncate')});
$publisher->safe_psql('many', 'CREATE TABLE plain (i int); INSERT INTO plain VALUES (1)');
$subscriber->safe_psql('many', 'CREATE TABLE plain (i int)');
$subscriber->safe_psql('many', 'ALTER SUBSCRIPTION many REFRESH PUBLICATION');
is_synchronised('many');
$publisher->safe_psql('many', 'TRUNCATE plain');
caught_up('many');
is($subscriber->safe_psql('many', 'SELECT count(*) FROM plain'), '0', 'users\' tables are truncated as before');

my $seen = -s $subscriber->logfile;
$before = all_of($subscriber, 'many');
$publisher->safe_psql('many', 'ALTER TABLE migr.version DISABLE TRIGGER guard; TRUNCATE migr.version; ALTER TABLE migr.version ENABLE ALWAYS TRIGGER guard');
ok($subscriber->poll_query_until('many', q{SELECT true}), 'the server is there');
my $refused = qr/ERROR:  migr\.version is not truncated because a publisher's was/;
foreach (1 .. 300)
{
	last if substr(slurp_file($subscriber->logfile), $seen) =~ $refused;
	select(undef, undef, undef, 0.1);
}
like(substr(slurp_file($subscriber->logfile), $seen), $refused, 'a publisher that does it all the same is not followed');
is(all_of($subscriber, 'many'), $before, 'so nothing is lost');
SKIP:
{
	skip 'since 15, a transaction can be skipped', 2 if $major < 15;
	my ($lsn) = substr(slurp_file($subscriber->logfile), $seen) =~ m{TRUNCATE.*finished at ([0-9A-F]+/[0-9A-F]+)};
	ok($lsn, 'the log says which transaction that was') or diag(substr(slurp_file($subscriber->logfile), $seen));
	$subscriber->safe_psql('many', "ALTER SUBSCRIPTION many SKIP (lsn = '$lsn')");
	$publisher->safe_psql('many', 'INSERT INTO plain VALUES (2)');
	caught_up('many');
	is($subscriber->safe_psql('many', 'SELECT * FROM plain'), '2', 'without it, the subscription goes on');
}

# --- TABLES IN SCHEMA -------------------------------------------------------------------------

SKIP:
{
	skip 'publications of schemas, since 15', 4 if $major < 15;
	prepare('by_schema');
	my $own = all_of($subscriber, 'by_schema');
	$subscriber->safe_psql('by_schema', 'ALTER TABLE items ADD COLUMN note text');
	subscribe('by_schema', 'true', 'TABLES IN SCHEMA migr, public');
	$publisher->safe_psql('by_schema', q{SELECT migr_upgrade(); SELECT migr_downgrade('items')});
	caught_up('by_schema');
	is(all_of($subscriber, 'by_schema'), $own, 'by schema: nothing is taken over');
	fails_ok($publisher, 'TRUNCATE migr.version', '55000', qr/while it is published/, 'by schema, TRUNCATE', db => 'by_schema');
}

# --- without the extension --------------------------------------------------------------------

note 'a subscriber without the extension';
$_->safe_psql('postgres', 'CREATE DATABASE bare') foreach $publisher, $subscriber;
both('bare', 'CREATE TABLE t (i int PRIMARY KEY)');
subscribe('bare', 'true');
$publisher->safe_psql('bare', 'CREATE EXTENSION migr');
$publisher->safe_psql('bare', 'INSERT INTO t VALUES (1)');
caught_up('bare');
is($subscriber->safe_psql('bare', 'SELECT count(*) FROM t'), '1', 'to create it at the publisher stops nothing');
$seen = -s $subscriber->logfile;
load_scripts($publisher, $scripts, db => 'bare');
$publisher->safe_psql('bare', 'INSERT INTO t VALUES (2)');
foreach (1 .. 300)
{
	last if substr(slurp_file($subscriber->logfile), $seen) =~ /ERROR:.*"migr\.\w+" does not exist/;
	select(undef, undef, undef, 0.1);
}
like(substr(slurp_file($subscriber->logfile), $seen), qr/ERROR:.*"migr\.\w+" does not exist/, 'the first script does');
$subscriber->safe_psql('bare', 'CREATE EXTENSION migr');
caught_up('bare');
is($subscriber->safe_psql('bare', 'SELECT count(*) FROM t'), '2', 'until the subscriber has it too');
is($subscriber->safe_psql('bare', 'SELECT count(*) FROM migr.revision'), '0', 'which it has for itself');
$subscriber->safe_psql('postgres', 'CREATE DATABASE late');
$subscriber->safe_psql('late', 'CREATE TABLE t (i int PRIMARY KEY)');
fails_ok($subscriber, 'CREATE SUBSCRIPTION late CONNECTION ' . connection('bare') . ' PUBLICATION everything', '3F000',
	qr/schema "migr" does not exist/, 'who subscribes later is told at once', db => 'late');

foreach my $db ('many', 'behind', 'bare', map({ ("${_}_copy", "${_}_no_copy") } qw(subscriber publisher)), $major < 15 ? () : 'by_schema')
{
	$subscriber->safe_psql($db, "DROP SUBSCRIPTION $db");
}
$subscriber->stop;
$publisher->stop;
done_testing();
