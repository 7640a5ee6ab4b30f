# Citus, by stand-ins (test/data/citus.sql) for what migr looks up of it: what is built in scratch, and
# what differs, in both directions.  062 is the same with a real one, where there is one.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Basename;
use File::Copy;
use File::Path;
use MigrCitus;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# --- a server that has an extension "citus" ------------------------------------------------------

# Of the server that there is: it looks for its files from where it is itself.
sub link_all
{
	my ($from, $to, %but) = @_;

	mkpath($to);
	symlink($_, "$to/" . basename($_)) or die "$_: $!" foreach grep { !$but{ basename($_) } } glob("'$from'/*");
	return;
}

sub make_server
{
	my $root = PostgreSQL::Test::Utils::tempdir();
	my %dir = map { chomp(my $dir = `pg_config --$_`); $_ => $dir } qw(bindir pkglibdir sharedir);
	my @programs = qw(postgres initdb pg_ctl);

	link_all($dir{bindir}, "$root$dir{bindir}", map { $_ => 1 } @programs);
	foreach (@programs)
	{
		copy("$dir{bindir}/$_", "$root$dir{bindir}/$_") or die "$_: $!";
		chmod 0755, "$root$dir{bindir}/$_";
	}
	link_all($dir{pkglibdir}, "$root$dir{pkglibdir}") unless -e "$root$dir{pkglibdir}";
	link_all($dir{sharedir}, "$root$dir{sharedir}", extension => 1);
	link_all("$dir{sharedir}/extension", "$root$dir{sharedir}/extension", map { $_ => 1 } glob('citus*'));

	my ($sql) = slurp_file("$FindBin::RealBin/../data/citus.sql") =~
	  /\A(.*?)^-- What follows makes an extension of it by hand/ms;
	$sql =~ s/^SET client_min_messages.*$//m;
	write_file("$root$dir{sharedir}/extension/citus.control",
		"default_version = '0'\nrelocatable = false\nschema = 'pg_catalog'\n");
	write_file("$root$dir{sharedir}/extension/citus--0.sql", $sql);
	$ENV{PATH} = "$root$dir{bindir}:$ENV{PATH}";
	return;
}

plan skip_all => 'Citus itself is installed, see 062_citus_real.pl'
  if -e do { chomp(my $dir = `pg_config --sharedir`); "$dir/extension/citus.control" };
make_server();
my $node = new_node('citus', "citus.multi_shard_modify_mode = 'parallel'\nmax_locks_per_transaction = 256");

sub new_database
{
	my ($name) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION citus; CREATE EXTENSION migr');
	return;
}

# --- scripts ---------------------------------------------------------------------------------------

new_database('shop');
load_scripts($node, citus_scripts(), db => 'shop');
$node->safe_psql('shop', 'SELECT migr_upgrade()');

is($node->safe_psql('shop', q{SELECT check_name, object, detail FROM migr_verify()
	WHERE status <> 'ok' AND check_name !~ '^integrity'}), '', 'all is as the scripts build it');
is($node->safe_psql('shop', q{SELECT DISTINCT status FROM migr_test()}), 'ok', 'up, down and up again');
is($node->safe_psql('shop', q{SELECT replace(migr_schema(), E'CREATE EXTENSION IF NOT EXISTS citus WITH SCHEMA pg_catalog;\n\n', '')
	= migr_schema('two')}), 't', 'scratch has the same schema, but for the extension');
is($node->safe_psql('shop', q{SELECT migr_diff(migr_schema())}), '', 'what is printed is built as it is');
is($node->safe_psql('shop', q{SELECT finding, action FROM migr_repair(true)}), 'ok|none', 'there is nothing to repair');
like($node->safe_psql('shop', q{SELECT migr_diff('CREATE TABLE public.country (code char(2) PRIMARY KEY)')}),
	qr/^SELECT undistribute_table\('public\.country'\);$/m, 'what is there besides is to go');
unlike($node->safe_psql('shop', q{SELECT migr_diff('CREATE TABLE public.country (code char(2) PRIMARY KEY)')}),
	qr/EXTENSION|country_\d/, 'but neither a shard nor the extension');

# The version is lost: it is found by the schema, with what is distributed as a part of it.
$node->safe_psql('shop', q{SELECT migr_stamp('base', purge => true)});
is($node->safe_psql('shop', q{SELECT finding, action FROM migr_repair()}), 'no_version|stamped', 'found again');
$node->safe_psql('shop', q{SELECT migr_downgrade('base'); SELECT migr_upgrade()});

# A deploy, and a revision alone.
$node->psql('shop', q{CALL migr_revert('one')});
$node->psql('shop', q{CALL migr_deploy()});
is($node->safe_psql('shop', q{SELECT revision FROM migr_current()}), 'two', 'deployed');
is($node->safe_psql('shop', q{SELECT DISTINCT mode FROM citus_test.call}), 'sequential', 'all of it shard by shard');
is($node->safe_psql('shop', q{SHOW citus.multi_shard_modify_mode}), 'parallel', 'and no more afterwards');

# --- differences --------------------------------------------------------------------------------------

new_database('pairs');
citus_pairs($node, 'pairs');

# A row in a table tells what is in the way of everybody.
$node->safe_psql('pairs', 'DROP VIEW v; DROP TABLE a, b, c; CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)');
like($node->safe_psql('pairs', q{SELECT migr_diff($$CREATE TABLE a (id int PRIMARY KEY);
	SELECT create_distributed_table('a', 'id')$$)}),
	qr/rewrites all rows of public\.a, 1, while nobody can/, 'that it takes a while is told');

citus_page($node, 'shop');

# --- a reset ----------------------------------------------------------------------------------------------

$node->safe_psql('shop', q{SELECT migr_reset('shop')});
is($node->safe_psql('shop', q{SELECT count(*) FROM pg_dist_partition p WHERE NOT EXISTS
	(SELECT FROM pg_class c WHERE c.oid = p.logicalrelid)}), '0', 'nothing is left of what was dropped');
is($node->safe_psql('shop', q{SELECT string_agg(relname, ',') FROM pg_class WHERE relname ~ '^country_[0-9]+$'}) =~ tr/,//,
	0, 'nor is a shard');

# A script that makes the extension itself: it goes and comes with all the rest.
$node->safe_psql('postgres', 'CREATE DATABASE own');
$node->safe_psql('own', 'CREATE EXTENSION migr');
load_scripts($node, <<'SCRIPTS', db => 'own');
-- migr:revision one
-- migr:upgrade
CREATE EXTENSION citus;
CREATE TABLE tenant (id bigint PRIMARY KEY);
SELECT create_distributed_table('tenant', 'id');
-- migr:downgrade
DROP TABLE tenant;
DROP EXTENSION citus;
SCRIPTS
$node->safe_psql('own', 'SELECT migr_upgrade()');
is($node->safe_psql('own', q{SELECT DISTINCT status FROM migr_test()}), 'ok', 'an extension that a script makes');
$node->safe_psql('own', q{SELECT migr_reset('own')});
is($node->safe_psql('own', q{SELECT object FROM migr_verify('{drift}') WHERE status <> 'ok'}), '', 'and a reset makes anew');
is($node->safe_psql('own', q{SELECT count(*) FROM pg_dist_partition}), '1', 'with its books');

# --- a role that is no superuser -----------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE DATABASE app OWNER app');
$node->safe_psql('app', 'CREATE EXTENSION citus; CREATE EXTENSION migr; ALTER SCHEMA public OWNER TO app;
	GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_upgrade, migr_diff(text, text, jsonb),
		migr_reset(text) TO app');
$node->safe_psql('app', q{SELECT migr_scratch_create('app')});
my $scripts = <<'SCRIPTS';
SELECT migr_load($m$
-- migr:revision one
-- migr:upgrade
CREATE TABLE tenant (id bigint PRIMARY KEY);
SELECT create_distributed_table('tenant', 'id', colocate_with => 'none', shard_count => 4);
-- migr:downgrade
DROP TABLE tenant;
$m$);
SELECT migr_upgrade();
SELECT migr_reset('app');
SELECT migr_diff('CREATE TABLE public.tenant (id bigint PRIMARY KEY)');
SCRIPTS
my ($status, $out, $err) = $node->psql('app', $scripts, extra_params => [ '-U', 'app' ]);
is($status, 0, 'a role of its own, in a scratch database that was prepared') or diag($err);
like($out, qr/^SELECT undistribute_table\('public\.tenant'\);$/m, 'and sees what differs');

$node->stop;
done_testing();
