# Pairs of schemas (pairs*.sql) that are hard to get from one to the other: the
# difference leads there and back, with rows in the tables.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use PostgreSQL::Test::Utils;
use Test::More;

my $diff = MigrDiff->new('pairs', roles => [ 'regress_diff_reader', 'regress_diff_writer' ]);
my @pairs;

my $data = join('', map { slurp_file($_) } sort glob "$FindBin::RealBin/../data/pairs*.sql");

foreach my $text (split /^-- pair /m, $diff->for_server($data))
{
	my %keeps;

	$keeps{$1} = $2 while $text =~ s/^-- ((?:up_)?keeps) (.*)\n//m;
	push @pairs, [$1, $2, $3, $5 // '', %keeps]
	  if $text =~ /\A(\S+)\n(.*?)^-- to\n(.*?)(^-- rows\n(.*))?\z/ms;
}
cmp_ok(scalar(@pairs), '>', 24, 'there are pairs');
foreach my $pair (@pairs)
{
	my ($name, $from, $to, $rows, %keeps) = @$pair;

	$diff->pair_ok($name, $name, [ $from, $rows ], [$to], %keeps);
}

done_testing();
