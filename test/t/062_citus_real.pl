# Citus itself: a coordinator and two workers.  Runs where Citus is installed, before each release; what
# does not need it is tried with stand-ins by 061_citus.pl and the regression test citus.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrCitus;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'Citus is not installed'
  if !-e do { chomp(my $dir = `pg_config --sharedir`); "$dir/extension/citus.control" };

# --- the cluster --------------------------------------------------------------------------------------

# The nodes find each other by TCP, and change what they have by two-phase commit.
my $conf = <<'CONF';
shared_preload_libraries = 'citus, migr'
listen_addresses = '127.0.0.1'
max_prepared_transactions = 200
max_connections = 100
max_locks_per_transaction = 1024
wal_level = logical
citus.node_conninfo = 'sslmode=prefer'
CONF
my @names = qw(coordinator worker1 worker2);
my %node;

foreach my $name (@names)
{
	$node{$name} = PostgreSQL::Test::Cluster->new($name);
	$node{$name}->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node{$name}->append_conf('postgresql.conf', $conf);
	$node{$name}->append_conf('postgresql.conf', "migr.scratch_database = 'create'");
	$node{$name}->start;
}
my $node = $node{coordinator};

# A database of a cluster has that of each node.  With the coordinator among them, it has shards too.
sub new_database
{
	my ($db) = @_;

	foreach my $name (@names)
	{
		$node{$name}->safe_psql('postgres', "CREATE DATABASE $db");
		$node{$name}->safe_psql($db, 'CREATE EXTENSION citus');
	}
	$node->safe_psql($db, sprintf(q{SELECT citus_set_coordinator_host('127.0.0.1', %d)}, $node->port));
	$node->safe_psql($db, sprintf(q{SELECT citus_add_node('127.0.0.1', %d)}, $node{$_}->port)) foreach 'worker1', 'worker2';
	$node->safe_psql($db, 'CREATE EXTENSION migr');
	return;
}

sub shop
{
	my ($sql) = @_;

	return $node->safe_psql('shop', $sql);
}

# What a worker has of a table.
sub shards_of
{
	my ($table) = @_;

	return join ' ', map { $node{$_}->safe_psql('shop',
		"SET citus.override_table_visibility = off; SELECT count(*) > 0 FROM pg_class WHERE relname ~ '^${table}_[0-9]+\$'") } 'worker1', 'worker2';
}

new_database('shop');
note('Citus ' . shop('SELECT citus_version()'));
load_scripts($node, citus_scripts(), db => 'shop');

# --- running -------------------------------------------------------------------------------------------

shop('SELECT migr_upgrade()');
is(shards_of('orders'), 't t', 'the shards are on the workers');
is(shop(q{SELECT count(*) FROM migr_current() WHERE revision = 'two'}), '1', 'and the version where the scripts are');
shop(q{INSERT INTO tenant SELECT i, 'name' FROM generate_series(1, 20) i; INSERT INTO country VALUES ('de');
	INSERT INTO orders SELECT i, i, 'de' FROM generate_series(1, 20) i});
is(shop('SELECT count(*) FROM orders JOIN tenant ON tenant_id = tenant.id'), '20', 'rows go there');

is(shop(q{SET citus.override_table_visibility = off; SELECT count(*) FROM pg_class WHERE relname ~ '^country_[0-9]+$'}),
	'1', 'the coordinator has a shard, too');
unlike(shop('SELECT migr_schema()'), qr/country_\d/, 'and not in the schema');
like(shop('SELECT migr_schema()'), qr/^\Q$_\E$/m, $_)
  foreach q{SELECT create_reference_table('public.country');},
  q{SELECT create_distributed_table('public.account', 'tenant_id', colocate_with => 'none', shard_count => 4);},
  q{SELECT create_distributed_table('public.orders', 'tenant_id', colocate_with => 'public.account');};
is(shop(q{SELECT object FROM migr_verify('{drift}') WHERE status <> 'ok'}), '', 'nothing has drifted');
is(shop(q{SELECT object FROM migr.object WHERE object ~ '_[0-9]{6}'}), '', 'no shard is recorded');

# --- guard rails ---------------------------------------------------------------------------------------

load_scripts($node, <<'SCRIPTS', db => 'shop');
-- migr:revision gone
-- migr:revises two
-- migr:upgrade
ALTER TABLE tenant DROP COLUMN name;
DROP TABLE orders;
DROP TABLE country;
-- migr:downgrade
SELECT 1;
SCRIPTS
foreach my $set (q{SET migr.keep_dropped = '7 days';}, q{SET migr.refuse_drop_used_within = '1 hour';})
{
	my ($failed, undef, $said) = $node->psql('shop', "$set SELECT migr_upgrade()");
	my $why = $set =~ /keep/ ? qr/rows of table "tenant" can't be kept.*table of Citus/s : qr/[34] objects that the run drops have been in use.*column public\.tenant\.name/s;

	isnt($failed, 0, "$set: refused");
	like($said, $why, 'and why');
	is(shop('SELECT (SELECT count(name) FROM tenant), (SELECT count(*) FROM orders), (SELECT count(*) FROM country)'), '20|20|1',
		'no row is lost');
}
is(shop('SELECT count(*) FROM migr.kept'), '0', 'no shard is taken for a table');
shop(q{SELECT migr_unload('gone')});

# Dropped and made in one transaction: what is in parallel otherwise.
shop(q{SELECT migr_downgrade('base')});
is(shop('SELECT count(*) FROM pg_dist_partition'), '0', 'all of it can go at once');
is(shards_of('orders'), 'f f', 'on the workers too');
is(shop('SHOW citus.multi_shard_modify_mode'), 'parallel', 'the setting is what it was');
shop('SELECT migr_upgrade()');
my ($status, $out, $err) = $node->psql('shop', q{CALL migr_revert('one')});
is($status, 0, 'reverted') or diag($err);
($status, $out, $err) = $node->psql('shop', q{CALL migr_deploy()});
is($status, 0, 'deployed') or diag($err);
is(shop(q{SELECT string_agg(revision, ' ') FROM migr_current()}), 'two', 'and is there');

# A run that fails leaves nothing on any node.
load_scripts($node, <<'SCRIPTS', db => 'shop');
-- migr:revision three
-- migr:revises two
-- migr:upgrade
CREATE TABLE broken (id bigint PRIMARY KEY);
SELECT create_distributed_table('broken', 'id');
SELECT 1 / 0;
-- migr:downgrade
DROP TABLE broken;
SCRIPTS
isnt(($node->psql('shop', 'SELECT migr_upgrade()'))[0], 0, 'one that fails');
is(shards_of('broken'), 'f f', 'leaves nothing');
is(shop('SELECT count(*) FROM citus_shards WHERE table_name::text = $$broken$$'), '0', 'nowhere');
shop(q{SELECT migr_unload('three')});

# --- by hand ---------------------------------------------------------------------------------------------

shop('ALTER TABLE orders DROP CONSTRAINT orders_country; SELECT undistribute_table($$country$$)');
like(shop(q{SELECT string_agg(object, ';') FROM migr_verify('{drift}') WHERE status = 'fail'}),
	qr/distribution public\.country/, 'what is undistributed by hand is seen');
shop(q{SELECT create_reference_table('country'); ALTER TABLE orders ADD CONSTRAINT orders_country FOREIGN KEY (country) REFERENCES country});
is(shop(q{SELECT object FROM migr_verify('{drift}') WHERE status <> 'ok'}), '', 'and that it is back');

# --- scratch: Citus is created there, on one node ---------------------------------------------------------

is(shop(q{SELECT DISTINCT status FROM migr_test()}), 'ok', 'up, down and up again');
is(shop(q{SELECT check_name, object, detail FROM migr_verify() WHERE status <> 'ok' AND check_name !~ '^integrity'}), '',
	'all is as the scripts build it');
is(shop(q{SELECT migr_diff(migr_schema())}), '', 'what is printed is built as it is');
is(shop(q{SELECT finding, action FROM migr_repair(true)}), 'ok|none', 'there is nothing to repair');
unlike(shop(q{SELECT migr_diff('CREATE TABLE public.country (code char(2) PRIMARY KEY)')}), qr/EXTENSION|country_\d/,
	'nobody is told to drop a shard, or the extension');
new_database('pairs');
citus_pairs($node, 'pairs', 'local');

citus_page($node, 'shop');

# --- a reset -------------------------------------------------------------------------------------------------

shop(q{SELECT migr_reset('shop')});
is(shop(q{SELECT count(*) FROM pg_dist_partition p WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.logicalrelid)}),
	'0', 'the catalogs have nothing of what is gone');
is(shop(q{SELECT count(*) > 0 FROM citus_shards}), 't', 'and can be read');
is(shop('SELECT count(*) FROM orders'), '0', 'all is anew');

# --- tenants -------------------------------------------------------------------------------------------------

new_database('tenants');
sub tenants
{
	my ($sql) = @_;

	return $node->safe_psql('tenants', "SET migr.tenant_label = shop; SET client_min_messages = error; $sql");
}

load_scripts($node, <<'SCRIPTS', db => 'tenants');
-- migr:revision a1
-- migr:upgrade
CREATE TABLE country (code char(2) PRIMARY KEY);
SELECT create_reference_table('country');
-- migr:downgrade
DROP TABLE country;
-- migr:revision t1
-- migr:labels shop
-- migr:depends a1
-- migr:upgrade
CREATE TABLE item (id bigint PRIMARY KEY, code char(2));
SELECT create_distributed_table('item', 'id', colocate_with => 'none', shard_count => 4);
-- migr:downgrade
DROP TABLE item;
SCRIPTS
tenants(q{CREATE SCHEMA acme; CREATE SCHEMA bolt; CREATE SCHEMA crow});
tenants(q{SELECT count(migr_stamp) FROM unnest('{acme,bolt,crow}'::text[]) n, migr_stamp('base', tenant => n)});
tenants('CALL migr_deploy_tenants()');
is(tenants(q{SELECT count(*) FROM citus_shards WHERE table_name::text ~ '\.item$'}), '12', 'each tenant has its shards');
is(tenants('SELECT count(*), max(form) FROM migr_tenants()'), '3|1', 'and all are alike');
tenants(q{SELECT undistribute_table('crow.item')});
is(tenants('SELECT tenant FROM migr_tenants() WHERE odd'), 'crow', 'but one that is distributed no more');
like(tenants(q{SELECT string_agg(detail, '') FROM migr_verify('{tenants}') WHERE object = 'tenant crow'}),
	qr/create_distributed_table\('crow\.item', 'id', /, 'which can be again');
is(tenants(q{SELECT migr_downgrade('base', tenant => 'acme')}), 't1', 'one goes back');
is(tenants(q{SELECT DISTINCT status FROM migr_test()}), 'ok', 'trials');

# --- a worker --------------------------------------------------------------------------------------------------

my $worker = $node{worker1};
$worker->safe_psql('shop', 'SET citus.enable_ddl_propagation = off; CREATE EXTENSION IF NOT EXISTS migr');
foreach my $command ('SELECT migr_upgrade()', q{SELECT migr_downgrade('base')}, q{SELECT migr_stamp('base')},
	'CALL migr_deploy()', q{CALL migr_revert('base')}, q{SELECT migr_reset('shop')})
{
	my ($failed, undef, $said) = $worker->psql('shop', $command);

	isnt($failed, 0, "$command fails on a worker");
	like($said, qr/this database is a worker of a Citus cluster/, 'and says why');
}

$node{$_}->stop foreach @names;
done_testing();
