# How the tests of the command run it: which program in which shell, in which folder, with
# which environment; and what they expect of it.

package MigrCommand;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw($installed $command @shell $directory %environment $nothing
  new_folder command environment migr migr_is script);

our $installed = qx(pg_config --bindir);
chomp $installed;
$installed .= '/migr';

our $command = $installed;    # the one that is run
our @shell = ('sh');          # what runs the command
our $directory;               # where it runs
our %environment;             # beside that of the test; undefined is not set
our $nothing = qr/\A\z/;

# A new folder with a name that is hard to quote.
sub new_folder
{
	$directory = PostgreSQL::Test::Utils::tempdir() . "/it's a \"\$(folder)\"";
	mkdir $directory or die "$directory: $!";
	return;
}

sub command
{
	return (@shell, $command, @_);
}

# For local %ENV.
sub environment
{
	my %all = (%ENV, PGTZ => 'UTC', PGAPPNAME => undef, %environment);

	delete @all{ grep { !defined $all{$_} } keys %all };
	return %all;
}

# migr(ARGUMENT...): exit code, stdout and stderr.
sub migr
{
	my @arguments = @_;
	my ($out, $err);

	local %ENV = environment();
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

# script(FILE, REVISION, REVISES, UPGRADE, DOWNGRADE, DIRECTIVES): a script as a file.
sub script
{
	my ($file, $revision, $revises, $upgrade, $downgrade, $head) = @_;

	write_file("$directory/versions/$file",
		"-- migr:revision $revision\n-- migr:revises $revises\n-- migr:message of $revision\n" . ($head // '')
		  . "\n-- migr:upgrade\n$upgrade\n\n-- migr:downgrade\n$downgrade\n");
	return;
}

1;
