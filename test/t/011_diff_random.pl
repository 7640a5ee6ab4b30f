# Random pairs of schemas (MigrRandom.pm): the difference, applied, gives the
# other one, and the difference back gives the first one again, as the
# fingerprint and a dump of each see it.
#
# MIGR_SEEDS=1-5000 tries others than the few that are tried by default, and
# MIGR_SEEDS=7 one.  What fails is written to a directory that is named.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrRandom;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($first, $last) = ($ENV{MIGR_SEEDS} // '1-24') =~ /^(\d+)(?:-(\d+))?$/
  or die 'MIGR_SEEDS is a number or a range';
my $directory = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('diff', "fsync = off\nmax_locks_per_transaction = 256");

$node->safe_psql('postgres', "CREATE ROLE $_") foreach random_roles();
$node->safe_psql('postgres', 'CREATE DATABASE empty');
$node->safe_psql('empty', 'CREATE EXTENSION migr');

# A dump as a sorted list of its entries.  The order of a table's columns is no
# difference, nor is that of the statements of an entry.
sub entries
{
	my ($db) = @_;
	my ($dump) = run_command([ 'pg_dump', '-s', '-d', $node->connstr($db) ]);
	my @entries;

	$dump =~ s/^\\(?:un)?restrict .*\n//mg;
	foreach my $entry (split /^--\n(?=-- Name: )/m, $dump)
	{
		my @lines = grep { $_ ne '' && $_ ne '--' } split /\n/, $entry;

		s/,$// foreach @lines;
		push @entries, join("\n", sort @lines);
	}
	return join("\n\n", sort @entries);
}

sub fingerprint
{
	my ($db) = @_;

	return $node->safe_psql($db, 'SELECT migr_fingerprint()');
}

# The SQL that a call of migr_diff() gives; the arguments are SQL expressions.
sub diff
{
	my ($db, @schemas) = @_;
	my ($status, $stdout, $stderr) = $node->psql($db,
		'SELECT migr_diff(' . join(', ', map { '$schema$' . $_ . '$schema$' } @schemas) . ')');

	return $status == 0 ? ($stdout, '') : ('', $stderr);
}

# Apply a script as one transaction; returns the error.
sub apply
{
	my ($db, $sql) = @_;
	my ($status, $stdout, $stderr) =
	  $node->psql($db, $sql, extra_params => [ '-1', '-v', 'ON_ERROR_STOP=1' ]);

	return $status == 0 ? '' : $stderr;
}

sub create
{
	my ($db, $sql) = @_;

	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $db");
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE empty");
	$node->safe_psql($db, $sql);
	return;
}

# What is wrong with the script from one schema to another, or ''.
sub try_script
{
	my ($name, $script, $target) = @_;
	my $error = apply('live', $script);

	return "$name fails: $error" if $error ne '';
	return "$name leads elsewhere: " . difference('live', $target)
	  if fingerprint('live') ne fingerprint($target);
	return "$name: the dumps differ" if entries('live') ne entries($target);
	return '';
}

# The lines that only one of two schemas has.
sub difference
{
	my ($left, $right) = @_;
	my @texts = map { [ split /\n/, $node->safe_psql($_, 'SELECT migr_schema()') ] } $left, $right;
	my %count;

	$count{$_}++ foreach @{ $texts[0] };
	$count{$_}-- foreach @{ $texts[1] };
	return join("\n", '', map { ($count{$_} > 0 ? '+' : '-') . $_ } grep { $count{$_} } sort keys %count);
}

# What is wrong with a pair, or ''.
sub try_pair
{
	my ($from, $to, $up, $down) = @_;
	my $error;

	create('live', $from);
	create('origin', $from);
	create('target', $to);
	($$up, $error) = diff('live', $to);
	return "no difference: $error" if $error ne '';
	($$down, $error) = diff('live', $node->safe_psql('live', 'SELECT migr_schema()'), $to);
	return "no difference back: $error" if $error ne '';
	$error = try_script('the upgrade', $$up, 'target');
	return $error if $error ne '';
	($from, $error) = diff('live', $to);
	return "a difference is left: $from$error" if "$from$error" ne '';
	return try_script('the downgrade', $$down, 'origin');
}

foreach my $seed ($first .. $last // $first)
{
	my ($from, $to, @changes) = random_pair($seed);
	my ($up, $down) = ('', '');
	my $problem = try_pair($from, $to, \$up, \$down);

	next if ok($problem eq '', "seed $seed: " . join(', ', @changes));
	my $keep = $ENV{MIGR_KEEP} // $directory;
	write_file("$keep/$seed.from.sql", $from);
	write_file("$keep/$seed.to.sql", $to);
	write_file("$keep/$seed.up.sql", $up);
	write_file("$keep/$seed.down.sql", $down);
	diag("$problem\nsee $keep/$seed.*.sql");
}

done_testing();
