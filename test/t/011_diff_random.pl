# Random pairs of schemas (MigrRandom.pm): the difference, applied, gives the
# other one, and the difference back gives the first one again, as the
# fingerprint and a dump of each see it.
#
# MIGR_SEEDS=1-5000 tries others than the few that are tried by default, and
# MIGR_SEEDS=7,12 two.  Scripts that fail are kept in the directory MIGR_KEEP.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use MigrRandom;
use MigrTest;
use Test::More;

my $diff = MigrDiff->new('random', roles => [ random_roles() ]);

foreach my $seed (seeds('1-16'))
{
	my ($from, $to, @changes) = random_pair($seed, $diff->major);

	$diff->pair_ok("seed $seed: " . join(', ', @changes), $seed, [$from], [$to]);
}

done_testing();
