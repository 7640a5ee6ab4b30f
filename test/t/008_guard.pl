# migr.protect and migr.guard where settings come with a connection, a role or
# the server's files, with the library loaded by then or not; and dumps of
# databases that are guarded.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('guard');
my $directory = PostgreSQL::Test::Utils::tempdir();

# pg_hba lets everybody in, so roles can log in by name.
$node->safe_psql('postgres', 'CREATE ROLE regress_migr_coder LOGIN');
$node->safe_psql('postgres', 'CREATE DATABASE guarded');
$node->safe_psql('guarded', 'CREATE EXTENSION migr');
$node->safe_psql('guarded',
	'GRANT EXECUTE ON FUNCTION migr_downgrade(text, boolean, text, text) TO PUBLIC; '
	  . 'GRANT CREATE ON SCHEMA public TO PUBLIC');
load_scripts($node, <<'SCRIPTS', db => 'guarded');
-- migr:revision g1
-- migr:upgrade
CREATE TABLE g1 (a int PRIMARY KEY, b int REFERENCES g1);
CREATE INDEX ON g1 (b);
-- migr:downgrade
SELECT 1;
SCRIPTS
notices_of($node, 'SELECT migr_upgrade()', db => 'guarded');

my $downgrade = q{SELECT migr_downgrade('base', dry_run => true)};
my $create = 'BEGIN; CREATE TABLE made (a int); ROLLBACK';
my @coder = (db => 'guarded', role => 'regress_migr_coder');

# set(SETTING, VALUE): for the database; VALUE undef resets it.
sub set
{
	my ($setting, $value) = @_;

	$node->safe_psql('postgres', 'ALTER DATABASE guarded '
		  . (defined $value ? "SET $setting = $value" : "RESET $setting"));
}

# Both settings refuse what they are for; a loaded session or a fresh one.
sub refused
{
	my ($name, %param) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	fails_ok($node, $downgrade, 'MG010', qr/downgrade is not allowed/, "$name, protect", %param);
	fails_ok($node, $create, 'MG010', qr/CREATE TABLE is not allowed/, "$name, guard", %param);
	fails_ok($node, "SELECT count(*) FROM migr_current(); $downgrade", 'MG010',
		qr/downgrade is not allowed/, "$name, protect, library loaded", %param);
}

sub allowed
{
	my ($name, %param) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	unlike(notices_of($node, $downgrade, %param), qr/ERROR/, "$name, protect");
	unlike(notices_of($node, $create, %param), qr/ERROR/, "$name, guard");
}

# --- the database's setting --------------------------------------------------

my $off = '-c migr.protect=off -c migr.guard=off';
my @disguised = ($off, '-c MIGR.Protect=off -c Migr.GUARD=off',
	'--migr.protect=off --migr.guard=off', "$off -c migr.guard=log");

allowed('nothing is set', @coder);
set('migr.protect', 'on');
set('migr.guard', 'error');
refused('set for the database', @coder);
foreach my $options (@disguised)
{
	local $ENV{PGOPTIONS} = $options;
	refused("options $options", @coder);
}
fails_ok($node, qq{SET migr.guard = off; SET migr.protect = off; $downgrade}, 'MG010',
	qr/permission denied to weaken/, 'set before the library is there', @coder);
{
	local $ENV{PGOPTIONS} = $off;
	allowed('a superuser has options', db => 'guarded');
}
refused('a superuser without options', db => 'guarded');
# A clause of a function that was written where nobody checked it.
fails_ok($node, q{CREATE FUNCTION sly() RETURNS SETOF text LANGUAGE sql SET migr.protect = off
		AS $$ SELECT migr_downgrade('base', dry_run => true) $$; SELECT sly()},
	'42501', qr/permission denied to set parameter/, 'a clause of a function', @coder);

# --- a role's setting --------------------------------------------------------

$node->safe_psql('postgres',
	"ALTER ROLE regress_migr_coder SET $_ = off; "
	  . "ALTER ROLE regress_migr_coder IN DATABASE guarded SET $_ = off")
  foreach qw(migr.protect migr.guard);
refused('set for the role', @coder);
{
	local $ENV{PGOPTIONS} = $off;
	refused('set for the role, and options', @coder);
}
# Without a word of the database, what hides the server's word counts as on.
set('migr.protect');
set('migr.guard');
refused('set for the role only', @coder);
$node->safe_psql('postgres',
	'ALTER ROLE regress_migr_coder RESET ALL; ALTER ROLE regress_migr_coder IN DATABASE guarded RESET ALL');
allowed('reset', @coder);

# --- the server's files ------------------------------------------------------

$node->append_conf('postgresql.conf', "migr.protect = on\nmigr.guard = error");
$node->reload;
refused('set in postgresql.conf', @coder);
{
	local $ENV{PGOPTIONS} = $off;
	refused('set in postgresql.conf, and options', @coder);
}
set('migr.protect', 'off');
set('migr.guard', 'off');
allowed('the database goes before postgresql.conf', @coder);
{
	local $ENV{PGOPTIONS} = $off;
	allowed('the database goes before postgresql.conf and options', @coder);
}
set('migr.protect');
set('migr.guard');
$node->safe_psql('postgres', "ALTER ROLE ALL SET $_ = off") foreach qw(migr.protect migr.guard);
allowed('so do all roles', @coder);
$node->safe_psql('postgres', 'ALTER ROLE ALL RESET ALL');

# --- the library is loaded with the session, with the server -----------------

foreach my $preload (qw(session_preload_libraries shared_preload_libraries))
{
	$node->append_conf('postgresql.conf', "$preload = 'migr'");
	$node->restart;
	refused("$preload, set in postgresql.conf", @coder);
	$node->safe_psql('postgres', "ALTER ROLE regress_migr_coder SET $_ = off")
	  foreach qw(migr.protect migr.guard);
	refused("$preload, set for the role", @coder);
	$node->safe_psql('postgres', 'ALTER ROLE regress_migr_coder RESET ALL');
	set('migr.protect', 'on');
	set('migr.guard', 'error');

	local $ENV{PGOPTIONS} = $off;
	my ($status, undef, $stderr) = $node->psql('guarded', $downgrade,
		extra_params => [ '-U', 'regress_migr_coder', '-v', 'VERBOSITY=verbose' ]);
	isnt($status, 0, "$preload, options");
	like($stderr, qr/permission denied to weaken|downgrade is not allowed/, "$preload, options: message");
	allowed("$preload, a superuser has options", db => 'guarded');
}

$node->append_conf('postgresql.conf', "migr.protect = off\nmigr.guard = off");
$node->reload;

# --- what the guard can't see ------------------------------------------------

set('migr.guard', 'log');
my $caught = q{SELECT count(*) FROM migr.log WHERE action = 'ddl'};
my $before = $node->safe_psql('guarded', $caught);

$node->safe_psql('guarded', $_) foreach (
	'CREATE ROLE regress_migr_unseen; DROP ROLE regress_migr_unseen',
	'TRUNCATE g1 CASCADE',
	'SET session_replication_role = replica; CREATE TABLE unseen (a int)',
	'ALTER EVENT TRIGGER migr_guard_drop DISABLE; DROP TABLE unseen; ALTER EVENT TRIGGER migr_guard_drop ENABLE');
is($node->safe_psql('guarded', $caught), $before, 'these are not seen');
$node->safe_psql('guarded', 'CREATE TABLE g2 (a int PRIMARY KEY)');
is($node->safe_psql('guarded', $caught), $before + 1, 'but this one is');

# --- dump and restore --------------------------------------------------------

my @log = ('guarded', 'SELECT * FROM migr.log ORDER BY id');
my $rows = $node->safe_psql(@log);

$node->command_ok([ 'pg_dump', '-Fc', '-f', "$directory/dump", $node->connstr('guarded') ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('copy'), "$directory/dump" ],
	'restored into a database that has no settings');
is($node->safe_psql('copy', $log[1]), $rows, 'with the same log');

# With its settings: they are in force before anything is restored.
foreach my $guard (qw(log error))
{
	set('migr.guard', $guard);
	$node->command_ok([ 'pg_dump', '-Fc', '-C', '-f', "$directory/$guard", $node->connstr('guarded') ],
		"dumped, $guard");
	$node->safe_psql('postgres', 'DROP DATABASE guarded');
	my @restore = ('pg_restore', '-e', '-C', '-d', $node->connstr('postgres'), "$directory/$guard");

	if ($guard eq 'error')
	{
		command_fails_like(\@restore, qr/is not allowed outside of a migration/,
			'the guard refuses what comes behind the data');
		$node->safe_psql('postgres', 'DROP DATABASE guarded');
		local $ENV{PGOPTIONS} = '-c migr.guard=off';
		$node->command_ok(\@restore, 'restored with options');
	}
	else
	{
		$node->command_ok(\@restore, 'restored');
	}
	like($node->safe_psql(@log), qr/^\Q$rows\E/, 'with the same log');
	is($node->safe_psql('guarded', 'SHOW migr.guard'), $guard, 'and its settings');
	is($node->safe_psql('guarded', 'SELECT count(*) FROM pg_event_trigger'), '3', 'and the event triggers');
	$rows = $node->safe_psql(@log);
}

done_testing();
