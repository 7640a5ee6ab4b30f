# Random pairs of schemas (MigrRandom.pm): the difference, applied, gives the
# other one, and the difference back gives the first one again, as the
# fingerprint and a dump of each see it.
#
# MIGR_SEEDS=1-5000 tries others than the few that are tried by default, and
# MIGR_SEEDS=7,12 two.  Scripts that fail are kept in the directory MIGR_KEEP.
# With MIGR_ROWS=1 they run once more, with rows in all tables: none of these is
# lost unless the script says so.

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

	$diff->pair_ok("seed $seed: " . join(', ', @changes), $seed, [$from], [$to],
		rows => $ENV{MIGR_ROWS});
}
note('scripts refused because of rows that have no place there: ' . $diff->refused) if $ENV{MIGR_ROWS};

done_testing();
