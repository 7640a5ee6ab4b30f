# Each state of the example chains, and the next one: the difference leads there
# and back, whether the next is wanted as its scripts have it, or as
# migr_schema() prints it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use PostgreSQL::Test::Utils;
use Test::More;

# The upgrade sections of a chain, in order, by what their names say.
sub upgrades
{
	my ($dir) = @_;
	my (%next, @chain);
	my $parent = '';

	foreach my $file (glob "$dir/versions/*.sql")
	{
		my $script = slurp_file($file);
		my ($revises) = $script =~ /^-- migr:revises (\S+)$/m;
		my ($message) = $script =~ /^-- migr:message (.*)$/m;
		my ($revision) = $script =~ /^-- migr:revision (\S+)$/m;
		my ($sql) = $script =~ /^-- migr:upgrade\n(.*?)(?=^-- migr:)/ms;

		$next{ $revises // '' } = [ $revision, $message, $sql ];
	}
	while (my $step = $next{$parent})
	{
		push @chain, $step;
		$parent = $step->[0];
	}
	return @chain;
}

my $root = "$FindBin::RealBin/../..";
my $diff = MigrDiff->new('examples');

foreach my $example (qw(accounts_payable journal))
{
	my @state;

	foreach my $step (upgrades("$root/examples/$example"))
	{
		my ($revision, $message, $sql) = @$step;
		my @next = (@state, $sql);

		$diff->pair_ok("$example, $message", "$revision-text", \@state, \@next);
		$diff->pair_ok("$example, $message, as it is printed", "$revision-printed", \@state,
			\@next, canonical => 1);
		@state = @next;
	}
	is(scalar(@state), 5, "$example has five revisions");
}

done_testing();
