# What the tests of remotes share: a database that can't have the extension, a role with
# nothing but CREATE on it, a project with a folder of scripts, and the command.

package MigrRemote;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use MigrCommand qw(!script);
use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw($node $elsewhere new_remote start_workbench stop_workbench on_remote script versions);

our $node;

# What finds another database is not to be seen.
$environment{$_} = undef foreach qw(PGHOST PGPORT PGDATABASE PGUSER);

my $databases = 0;

# HOST:PORT of a server of another major whose superuser asks for no password: the databases
# are there, and what needs the test's own server is left out.
our $elsewhere = $ENV{MIGR_REMOTE_SERVER};

# What a URL says of where the databases are, behind their name.
sub server_of_url
{
	my ($host, $port) = $elsewhere ? split(/:/, $elsewhere) : ($node->host, $node->port);

	return '?host=' . ($host =~ s{/}{%2F}gr) . "&port=$port";
}

# A database that role app may create schemas in, and a new project.
sub new_remote
{
	my $name = q{hosted "it's" } . ++$databases;
	my $user = $elsewhere ? 'postgres' : $ENV{PGUSER} // getpwuid($<);

	(my $quoted = $name) =~ s/"/""/g;
	$environment{MIGR_REMOTE} = 'postgresql://app@/postgres' . server_of_url();
	on_remote($_, $user)
	  foreach ($elsewhere ? qq{DROP DATABASE IF EXISTS "$quoted"} : ()),
	  ($databases == 1 ? ('DROP ROLE IF EXISTS app', 'CREATE ROLE app LOGIN') : ()),
	  qq{CREATE DATABASE "$quoted" TEMPLATE template0}, qq{GRANT CREATE ON DATABASE "$quoted" TO app};
	$environment{MIGR_REMOTE} = 'postgresql://app@/' . ($name =~ s/([^\w])/sprintf '%%%02X', ord $1/ger) . server_of_url();
	new_folder();
	return $name;
}

# A workbench that the calls of this test share, in a folder that no other test has.
sub start_workbench
{
	$environment{TMPDIR} = PostgreSQL::Test::Utils::tempdir_short();
	$environment{XDG_RUNTIME_DIR} = '';
	$environment{PG_CONFIG} = 'pg_config';
	$directory = $environment{TMPDIR};
	migr_is(0, qr/^host=\S+ port=5432 user=workbench dbname=workbench\n\z/, $nothing, 'a workbench', 'workbench', 'start');
	return;
}

sub stop_workbench
{
	migr_is(0, $nothing, $nothing, 'the workbench ends', 'workbench', 'stop');
	is(join(' ', grep { !/^\.\.?$/ } glob("$environment{TMPDIR}/*")), '', 'and leaves nothing');
	return;
}

# SQL on the remote, as app or another role.
sub on_remote
{
	my ($sql, $role) = @_;

	my $url = $environment{MIGR_REMOTE} =~ s{//app}{'//' . ($role // 'app')}re;
	my ($out, $err);

	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $url, '-f', '-' ],
		'<', \$sql, '>', \$out, '2>', \$err) or die "$err while running $sql";
	chomp $out;
	return $out;
}

# A script as a file of its name.
sub script
{
	my ($revision, @rest) = @_;

	MigrCommand::script("$revision.sql", $revision, @rest);
	return;
}

# What is applied, by the remote's own table.
sub versions
{
	return on_remote(q{SELECT coalesce(string_agg(revision, ' ' ORDER BY ordinal), '') FROM migr_standalone.version});
}

1;
