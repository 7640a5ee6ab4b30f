# What the tests of remotes share: a database that can't have the extension, a role with
# nothing but CREATE on it, a project with a folder of scripts, and the command.

package MigrRemote;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw($node $directory %environment $nothing new_remote start_workbench stop_workbench
  command migr migr_is on_remote script versions);

our $node;
our $directory;       # of the project
our %environment;     # beside that of the test
our $nothing = qr/\A\z/;

my $installed = qx(pg_config --bindir);
chomp $installed;
$installed .= '/migr';
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
	$directory = PostgreSQL::Test::Utils::tempdir() . "/it's a \"\$(folder)\"";
	mkdir $directory or die "$directory: $!";
	return $name;
}

sub command
{
	return ('sh', $installed, @_);
}

# migr(ARGUMENT...): exit code, stdout and stderr.
sub migr
{
	my @arguments = @_;
	my ($out, $err);

	local %ENV = (%ENV, PGTZ => 'UTC', %environment);
	delete @ENV{qw(PGAPPNAME PGHOST PGPORT PGDATABASE PGUSER)};
	IPC::Run::run([ command(@arguments) ],
		'<', \'', '>', \$out, '2>', \$err,
		init => sub { chdir $directory or die "$directory: $!" });
	note("migr @arguments: " . ($? >> 8) . "\n$out$err");
	return ($? >> 8, $out, $err);
}

# migr_is(CODE, STDOUT, STDERR, NAME, ARGUMENT...): what it does; the two are patterns.
sub migr_is
{
	my ($wanted, $out_like, $err_like, $name, @arguments) = @_;
	my ($code, $out, $err) = migr(@arguments);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($code, $wanted, "$name: exit code");
	like($out, $out_like, "$name: stdout");
	like($err, $err_like, "$name: stderr");
	return $out;
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

# A script as a file.
sub script
{
	my ($revision, $revises, $upgrade, $downgrade, $head) = @_;

	write_file("$directory/versions/$revision.sql",
		"-- migr:revision $revision\n-- migr:revises $revises\n-- migr:message of $revision\n" . ($head // '')
		  . "\n-- migr:upgrade\n$upgrade\n\n-- migr:downgrade\n$downgrade\n");
	return;
}

# What is applied, by the remote's own table.
sub versions
{
	return on_remote(q{SELECT coalesce(string_agg(revision, ' ' ORDER BY ordinal), '') FROM migr_standalone.version});
}

1;
