# Does a schema tell all that a user can change?  catalog_columns.sql has each
# column of each catalog; one that a new server brings fails here.  What changes a
# column changes text and fingerprint, and the difference leads there and back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use PostgreSQL::Test::Utils;
use Test::More;

my $diff = MigrDiff->new('columns', roles => [ 'regress_columns_a', 'regress_columns_b' ]);
my $node = $diff->node;
my $space = PostgreSQL::Test::Utils::tempdir();
my $data = slurp_file("$FindBin::RealBin/../data/catalog_columns.sql");
my %known;

# A line can be for those since one major up to another.
$data = $diff->for_server($data) foreach 1 .. 2;
$ENV{PGOPTIONS} = '-c migr.compare_owners=on';
$node->safe_psql('postgres', $_)
  foreach "CREATE ROLE regress_columns_super SUPERUSER",
  "CREATE TABLESPACE regress_columns_space LOCATION '$space'";

# The catalogs of this server and their columns.
my %columns = map { $_ => 1 } split /\n/, $node->safe_psql('empty', q{
	SELECT c.relname || '.' || a.attname
	  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	 WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
	   AND a.attnum > 0 AND NOT a.attisdropped});

# Note columns of a catalog; "*" are all.
sub know
{
	my ($catalog, $what, @names) = @_;

	@names = map { /^\Q$catalog\E\.(.*)/ ? $1 : () } keys %columns if "@names" eq '*';
	foreach my $name (@names)
	{
		ok($columns{"$catalog.$name"}, "there is $catalog.$name") unless $columns{"$catalog.$name"};
		$known{"$catalog.$name"} .= $what;
	}
	return;
}

# What a catalog's columns hold, whatever the order of its rows; fingerprint; text.
sub look
{
	my ($catalog, @names) = @_;

	return 'SELECT ' . join(', ', map {
		"(SELECT md5(coalesce(string_agg(c.v, ',' ORDER BY c.v), '')) "
		  . "FROM (SELECT coalesce($_\::text, 'NULL') COLLATE \"C\" AS v FROM $catalog) c)" } @names)
	  . ', migr_fingerprint(), md5(migr_schema());';
}

# What is wrong with a change of columns, which were and are; or ''.
sub judge
{
	my ($names, $before, $after) = @_;

	return 'it was not made' if !$after;
	foreach my $name (@$names)
	{
		return "$name is not changed" if $before->{$name} eq $after->{$name};
	}
	# Owners are none of its business.
	return 'the fingerprint is the same'
	  if $before->{fingerprint} eq $after->{fingerprint} && "@$names" !~ /^\w+owner$/;
	return 'the text is the same' if $before->{text} eq $after->{text};
	return '';
}

# Changes of a catalog's columns (names, SQL), one behind the other.
sub changes_ok
{
	my ($catalog, $base, @changes) = @_;
	my %all = map { $_ => 1 } map { @{ $_->[0] } } @changes;
	my @names = sort grep { $columns{"$catalog.$_"} } keys %all;
	my $look = look($catalog, @names);
	my ($status, $stdout, $stderr, @looks);

	$diff->create_live($base);
	($status, $stdout, $stderr) = $node->psql('live',
		join("\n", 'SET client_min_messages = error; BEGIN;', $look, (map { ($_->[1], $look) } @changes), 'ROLLBACK;'),
		extra_params => [ '-q', '-v', 'ON_ERROR_STOP=1' ]);
	is($stderr, '', "$catalog is changed");
	foreach my $line (grep { /^[0-9a-f]{32}\|/ } split /\n/, $stdout)
	{
		push @looks, {};
		@{ $looks[-1] }{ @names, 'fingerprint', 'text' } = split /\|/, $line;
	}
	foreach my $i (0 .. $#changes)
	{
		my ($names, $sql) = @{ $changes[$i] };
		my $problem = judge($names, @looks[ $i, $i + 1 ]);

		ok($problem eq '', "$catalog.@$names: " . ($sql =~ /(.*)\n*\z/)[0]) or diag($problem);
	}
	return;
}

my (undef, @catalogs) = split /^-- == (?=.)/m, $data;

foreach my $text (@catalogs)
{
	my ($base, @changes) = split /^-- >> /m, $text;
	my ($catalog) = $base =~ /\A(\w+)\n/;

	$base =~ s/\A.*\n//;
	know($catalog, 'not', split ' ', $1) while $base =~ s/^-- not ([^:\n]*): .*\n//m;
	@changes = map { [ [ split ' ', (/\A([^\n]*)/)[0] ], s/\A[^\n]*\n//r ] } @changes;
	know($catalog, 'changed', @{ $_->[0] }) foreach @changes;
	next if !@changes;
	changes_ok($catalog, $base, @changes);
	$diff->pair_ok("$catalog, all changes", $catalog, [$base],
		[ $base, join('', map { $_->[1] } @changes) ], canonical => 1);
}
is(join(' ', grep { !$known{$_} } sort keys %columns), '', 'each column is known');
is(join(' ', grep { ($known{$_} // '') =~ /not.*changed|changed.*not/ } sort keys %columns), '',
	'no column is said to be changed and not');

done_testing();
