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

our @EXPORT = qw($node new_remote start_workbench stop_workbench on_remote script versions);

our $node;

# What finds another database is not to be seen.
$environment{$_} = undef foreach qw(PGHOST PGPORT PGDATABASE PGUSER);

my $databases = 0;

# A database that role app may create schemas in, and a new project.
sub new_remote
{
	my $name = q{hosted "it's" } . ++$databases;

	$node->safe_psql('postgres', 'CREATE ROLE app LOGIN') if $databases == 1;
	(my $quoted = $name) =~ s/"/""/g;
	$node->safe_psql('postgres', qq{CREATE DATABASE "$quoted" TEMPLATE template0});
	$node->safe_psql('postgres', qq{GRANT CREATE ON DATABASE "$quoted" TO app});
	(my $coded = $name) =~ s/([^\w])/sprintf '%%%02X', ord $1/ge;
	(my $host = $node->host) =~ s{/}{%2F}g;
	$environment{MIGR_REMOTE} = "postgresql://app\@/$coded?host=$host&port=" . $node->port;
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
