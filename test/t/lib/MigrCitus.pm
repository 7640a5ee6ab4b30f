# What the tests of Citus have in common, with stand-ins and with a real one: scripts, and schemas that
# differ in how their tables are distributed.

package MigrCitus;

use strict;
use warnings;

use Exporter 'import';
use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(citus_scripts citus_pair citus_pairs citus_page);

# Two revisions, of which the second adds to what the first has put together.
sub citus_scripts
{
	return <<'SCRIPTS';
-- migr:revision one
-- migr:upgrade
CREATE TABLE tenant (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (tenant_id bigint, id bigint, country char(2), PRIMARY KEY (tenant_id, id));
CREATE TABLE country (code char(2) PRIMARY KEY);
SELECT create_reference_table('country');
SELECT create_distributed_table('tenant', 'id', colocate_with => 'none', shard_count => 4);
SELECT create_distributed_table('orders', 'tenant_id', colocate_with => 'tenant');
ALTER TABLE orders ADD CONSTRAINT orders_country FOREIGN KEY (country) REFERENCES country;
ALTER TABLE orders ADD CONSTRAINT orders_tenant FOREIGN KEY (tenant_id) REFERENCES tenant;
-- migr:downgrade
DROP TABLE orders, tenant, country;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE account (tenant_id bigint PRIMARY KEY);
SELECT create_distributed_table('account', 'tenant_id', colocate_with => 'tenant');
-- migr:downgrade
DROP TABLE account;
SCRIPTS
}

my $tables = <<'DDL';
CREATE TABLE public.a (id bigint, other bigint, up bigint, PRIMARY KEY (id, other));
CREATE TABLE public.b (id bigint PRIMARY KEY);
CREATE TABLE public.c (id bigint PRIMARY KEY);
CREATE VIEW public.v AS SELECT a.id FROM public.a JOIN public.b USING (id);
DDL
my $key = "ALTER TABLE public.a ADD CONSTRAINT up FOREIGN KEY (up) REFERENCES public.b;\n";

sub distribute
{
	my ($table, $with, $more, $column) = @_;

	return sprintf "SELECT create_distributed_table('public.%s', '%s', colocate_with => '%s'%s);\n", $table,
	  $column // 'id', $with, $more ? ", shard_count => $more" : '';
}

my %schema = (
	'nothing'     => $tables,
	'keys'        => $tables . $key,
	'one group'   => $tables . distribute('a', 'none', 4) . distribute('b', 'public.a') . distribute('c', 'public.a'),
	'without a'   => $tables . distribute('b', 'none', 4) . distribute('c', 'public.b'),
	'a apart'     => $tables . distribute('a', 'none', 4) . distribute('b', 'none', 4) . distribute('c', 'public.b'),
	'more shards' => $tables . distribute('a', 'none', 16) . distribute('b', 'public.a') . distribute('c', 'public.a'),
	'column'      => $tables . distribute('a', 'none', 4, 'other') . distribute('b', 'none', 4) . distribute('c', 'public.b'),
	'reference'   => $tables . distribute('a', 'none', 4) . "SELECT create_reference_table('public.b');\n" . $key,
	'references'  => $tables . "SELECT create_reference_table('public.a');\nSELECT create_reference_table('public.b');\n" . $key,
	'single'      => $tables . "SELECT create_distributed_table('public.a', NULL, colocate_with => 'none');\n" .
	  "SELECT create_distributed_table('public.b', NULL, colocate_with => 'public.a');\n",
	'local'       => $tables . "SELECT citus_add_local_table_to_metadata('public.c');\n");

# citus_pair(NODE, DB, FROM, TO): the script that makes one schema of another; it runs, and leads there.
sub citus_pair
{
	my ($node, $db, $from, $to) = @_;
	my $wanted = 'SELECT migr_diff($ddl$' . $schema{$to} . '$ddl$)';

	$node->safe_psql($db, 'DROP VIEW IF EXISTS public.v; DROP TABLE IF EXISTS public.a, public.b, public.c');
	$node->safe_psql($db, "BEGIN; SET LOCAL citus.multi_shard_modify_mode = 'sequential'; $schema{$from} COMMIT");
	my $script = $node->safe_psql($db, $wanted);
	my ($status, $out, $err) = $node->psql($db,
		"BEGIN; SET LOCAL citus.multi_shard_modify_mode = 'sequential'; SET LOCAL search_path = ''; $script; COMMIT");

	is($status, 0, "$from -> $to: it runs") or diag("$script\n$err");
	is($node->safe_psql($db, $wanted), '', "$from -> $to: it leads there") or diag($script);
	return $script;
}

# citus_pairs(NODE, DB, [WITHOUT]): all of them, and what is in some.
sub citus_pairs
{
	my ($node, $db, @without) = @_;
	my @all = map { ("$_ -> nothing", "nothing -> $_") } grep { $_ ne 'nothing' } sort keys %schema;
	my %script;

	push @all, 'one group -> without a', 'without a -> one group', 'one group -> a apart', 'a apart -> one group',
	  'one group -> more shards', 'a apart -> column', 'keys -> reference', 'reference -> references',
	  'references -> keys', 'single -> one group', 'reference -> local';
	foreach my $pair (@all)
	{
		next if grep { $pair =~ /\b$_\b/ } @without;
		$script{$pair} = citus_pair($node, $db, split / -> /, $pair);
	}
	like($script{ $_->[0] }, $_->[1], $_->[2])
	  foreach [
		'one group -> more shards',
		qr/\ASELECT alter_distributed_table\('public\.a', shard_count => 16, cascade_to_colocated => true\);\s*\z/,
		'more shards, for all that are together, by one statement'
	  ],
	  [
		'one group -> a apart',
		qr/\A[^;]*alter_distributed_table\('public\.a'[^;]*;\s*\z/,
		'only the one that leaves is moved'
	  ],
	  [
		'one group -> without a',
		qr/\ASELECT undistribute_table\('public\.a'\);\s*\z/,
		'nor is what stays, if the first one goes'
	  ],
	  [
		'without a -> one group',
		qr/\ASELECT create_distributed_table\('public\.a', 'id', colocate_with => 'public\.b'\);\s*\z/,
		'nor if one comes'
	  ],
	  [
		'keys -> reference', qr/DROP CONSTRAINT up.*distributed_table.*ADD CONSTRAINT up/s, 'a key goes and comes back'
	  ];
	return;
}

# citus_page(NODE, DB): the difference that the page shows and can't run, where both revisions are applied.
sub citus_page
{
	my ($node, $db) = @_;
	my ($shown) = slurp_file("$FindBin::RealBin/../../doc/howto-citus.md") =~ /^```sql no-run\n(SELECT migr_diff.*?)^```$/ms;

	like($node->safe_psql($db, $shown),
		qr/alter_distributed_table\('public\.orders', shard_count => 64, cascade_to_colocated => true\)/, 'as the page shows it');
	return;
}

1;
