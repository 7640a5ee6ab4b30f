# Changes of one thing at a time (changes.sql): the difference leads there and
# back, and changes where it stands what can be changed so.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use MigrRandom;
use PostgreSQL::Test::Utils;
use Test::More;

my $diff = MigrDiff->new('changes', roles => [ random_roles() ]);
my $data = slurp_file("$FindBin::RealBin/../data/changes.sql");
my ($head, @cases) = split /^-- == (?=.)/m, $diff->for_server($data);
my $count = 0;

cmp_ok(scalar(@cases), '>', 20, 'there are cases');
foreach my $case (@cases)
{
	my ($base, @changes) = split /^-- >> /m, $case;
	my ($name, $options) = $base =~ /^([^(\n]*?) *(?:\((.*)\))?\n/;

	$base =~ s/^.*\n//;
	if ($base =~ /CREATE EXTENSION (\w+)/
		&& !$diff->node->safe_psql('postgres', "SELECT true FROM pg_available_extensions WHERE name = '$1'"))
	{
		diag("skipped: $name; there is no extension $1");
		next;
	}
	local $ENV{PGOPTIONS} = '-c migr.compare_owners=on' if ($options // '') eq 'owners';
	foreach my $change (@changes)
	{
		my ($title, $sql) = $change =~ /^([^\n]*)\n(.*)/s;
		next if $sql eq '';    # a change that this server does not know
		my $in_place = $title =~ s/ \((up )?in place\)$// ? $1 ? 'up' : 'both' : '';

		$diff->pair_ok($title, 'change' . ++$count, [$base], [ $base, $sql ],
			canonical => 1, in_place => $in_place);
	}
}

done_testing();
