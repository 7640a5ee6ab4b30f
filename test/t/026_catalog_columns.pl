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
my $data = $diff->for_server(slurp_file("$FindBin::RealBin/../data/catalog_columns.sql"));
my %known;

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

# What a catalog's columns hold, whatever the order of its rows, as a query.
sub contents
{
	my ($catalog, @names) = @_;

	return join(' || ', map {
		"(SELECT md5(coalesce(string_agg($_, ',' ORDER BY $_ COLLATE \"C\"), '')) "
		  . "FROM (SELECT coalesce($_\::text, 'NULL') COLLATE \"C\" AS $_ FROM $catalog) c) || ' '" } @names);
}

# What is wrong with a change of columns, behind others that were made; or ''.
sub try_change
{
	my ($catalog, $names, $made, $sql) = @_;
	my $look = 'SELECT ' . contents($catalog, @$names)
	  . ', migr_fingerprint(), md5(migr_schema());';
	my ($status, $stdout, $stderr) = $node->psql('live', "BEGIN; $made; $look $sql; $look ROLLBACK;",
		extra_params => [ '-q', '-v', 'ON_ERROR_STOP=1' ]);
	my ($before, $after) = map { [ split /\|/ ] } grep { /\|/ } split /\n/, $stdout;
	my @before = split / /, $before->[0] // '';
	my @after = split / /, $after->[0] // '';

	return $stderr if $status != 0;
	foreach my $i (0 .. $#$names)
	{
		return "$names->[$i] is not changed" if $before[$i] eq $after[$i];
	}
	return 'the fingerprint is the same' if $before->[1] eq $after->[1];
	return 'the text is the same' if $before->[2] eq $after->[2];
	return '';
}

my (undef, @catalogs) = split /^-- == (?=.)/m, $data;

foreach my $text (@catalogs)
{
	my ($base, @changes) = split /^-- >> /m, $text;
	my ($catalog) = $base =~ /\A(\w+)\n/;
	my $made = '';

	$base =~ s/\A.*\n//;
	know($catalog, 'not', split ' ', $1) while $base =~ s/^-- not ([^:\n]*): .*\n//m;
	foreach my $change (@changes)
	{
		my ($names, $sql) = $change =~ /\A([^\n]*)\n(.*)\z/s;
		my $problem;

		know($catalog, 'changed', split ' ', $names);
		$diff->create_live($base);
		$problem = try_change($catalog, [ split ' ', $names ], $made, $sql);
		ok($problem eq '', "$catalog.$names: " . ($sql =~ /(.*)\n*\z/)[0]) or diag($problem);
		$made .= $sql if $problem eq '' || $problem =~ /is the same|not changed/;
	}
	$diff->pair_ok("$catalog, all changes", $catalog, [$base], [ $base, $made ], canonical => 1)
	  if $made ne '';
}
is(join(' ', grep { !$known{$_} } sort keys %columns), '', 'each column is known');
is(join(' ', grep { ($known{$_} // '') =~ /not.*changed|changed.*not/ } sort keys %columns), '',
	'no column is said to be changed and not');

done_testing();
