# Differences lead where they should: for each pair of schemas, the script of
# migr_diff() turns one into the other and that of the way back turns it again,
# by what migr_diff() says and by what pg_dump says.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('diff');
$node->safe_psql('postgres', 'CREATE ROLE regress_diff_reader; CREATE ROLE regress_diff_writer');

# The pairs of a file: [name, from, to, rows].
sub read_pairs
{
	my ($path) = @_;
	my @pairs;

	foreach my $text (split /^-- pair /m, slurp_file($path))
	{
		my ($name, $from, $to, undef, $rows) =
		  $text =~ /\A(\S+)\n(.*?)^-- to\n(.*?)(^-- rows\n(.*))?\z/ms or next;
		push @pairs, [ $name, $from, $to, $rows // '' ];
	}
	return @pairs;
}

# A database's schema as statements and lines in an order of their own.
sub dump_of
{
	my ($database) = @_;
	my ($text, $errors);

	IPC::Run::run([ 'pg_dump', '-s', '-d', $node->connstr($database) ], '>', \$text, '2>', \$errors)
	  or die $errors;
	$text =~ s/^(?:--.*|SET .*|SELECT pg_catalog\.set_config.*|\\.*)?\n//mg;
	return join "\n", sort map {
		join "\n", sort map { s/,$//r } split /\n/
	} grep { !/EXTENSION (?:IF NOT EXISTS )?migr\b/ } split /;\n/, $text;
}

sub dump_without_migr
{
	my ($database) = @_;

	$node->safe_psql($database, 'DROP EXTENSION migr');
	my $dump = dump_of($database);
	$node->safe_psql($database, 'CREATE EXTENSION migr');
	return $dump;
}

sub create
{
	my ($database, $sql) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	$node->safe_psql($database, $sql);
}

# The script of migr_diff() of these arguments, which are dollar-quoted here.
sub diff
{
	my ($database, @schemas) = @_;
	my $arguments = join ', ', map { "\$schema\$$_\$schema\$" } @schemas;

	return $node->safe_psql($database,
		"SET client_min_messages = warning; SELECT migr_diff($arguments)");
}

# Apply a script; returns what went wrong.
sub apply
{
	my ($database, $script) = @_;
	my ($status, undef, $errors) = $node->psql($database, $script, on_error_stop => 1,
		extra_params => ['-1']);

	return $status ? $errors : '';
}

sub try_pair
{
	my ($from, $to, $rows) = @_;

	create('a', $from);
	create('b', $to);
	my ($start, $goal) = (dump_of('a'), dump_of('b'));
	$node->safe_psql('a', "$rows; CREATE EXTENSION migr");

	my $up = diff('a', $to);
	my $down = diff('a', $from, $to);

	is(apply('a', $up), '', 'the script runs') or return diag($up);
	is(diff('a', $to), '', 'and nothing is left to do') or diag($up);
	is(dump_without_migr('a'), $goal, 'pg_dump agrees') or diag($up);
	is(apply('a', $down), '', 'the way back runs') or return diag($down);
	is(diff('a', $from), '', 'and nothing is left to do') or diag($down);
	is(dump_without_migr('a'), $start, 'pg_dump agrees') or diag($down);
}

my @pairs = read_pairs("$FindBin::RealBin/../data/pairs.sql");
cmp_ok(scalar(@pairs), '>', 24, 'there are pairs');

foreach my $pair (@pairs)
{
	my ($name, $from, $to, $rows) = @$pair;

	subtest $name => sub { try_pair($from, $to, $rows) };
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $_ WITH (FORCE)") foreach qw(a b);
}

$node->stop;
done_testing();
