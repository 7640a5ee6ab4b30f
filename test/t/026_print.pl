# Printing a schema is the difference to an empty database: migr_schema() and
# migr_diff(migr_schema(), '') are the same text, which loads, and is printed
# again, for all schemas of the pairs, the changes and the examples.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use MigrRandom;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = "$FindBin::RealBin/../data";
my %roles = map { $_ => 1 } random_roles(), 'regress_diff_reader', 'regress_diff_writer';
my $diff = MigrDiff->new('print', roles => [ sort keys %roles ]);
my $schemas = 0;

# The text of a schema, and the difference to nothing: for that, the text is run
# in an empty database, and what it builds there is printed.
sub prints_ok
{
	my ($name, @sql) = @_;
	my ($schema, $whole, $error);

	$diff->create_live(@sql);
	$schema = $diff->schema('live');
	# Owner and rights of schema public are taken for those of the live one.
	($whole, $error) = $diff->diff("@sql" =~ /SCHEMA public\b/i ? 'empty' : 'live', $schema, '');
	# What a difference takes away, its head says.
	$whole =~ s/\A(?:-- migr: revokes: .*\n)+\n//;
	is("$whole$error", $schema, $name);
	$schemas++;
	return;
}

foreach my $file (glob "$data/pairs*.sql")
{
	foreach my $text (split /^-- pair /m, $diff->for_server(slurp_file($file)))
	{
		my ($name, $from, $to) = $text =~ /\A(\S+)\n(.*?)^-- to\n(.*?)(?:^-- rows\n.*)?\z/ms
		  or next;

		prints_ok("$name, from", $from);
		prints_ok("$name, to", $to);
	}
}

my ($head, @cases) = split /^-- == (?=.)/m, $diff->for_server(slurp_file("$data/changes.sql"));

foreach my $case (@cases)
{
	my ($base, @changes) = split /^-- >> /m, $case;
	my ($name) = $base =~ /^([^(\n]*?) *(?:\((.*)\))?\n/;

	$base =~ s/^.*\n//;
	next
	  if $base =~ /CREATE EXTENSION (\w+)/
	  && !$diff->node->safe_psql('postgres', "SELECT true FROM pg_available_extensions WHERE name = '$1'");
	prints_ok($name, $base);
	foreach my $change (@changes)
	{
		my ($title, $sql) = $change =~ /^([^\n]*)\n(.*)/s;

		prints_ok($title, $base, $sql) if $sql ne '';
	}
}

foreach my $example (qw(accounts_payable journal))
{
	my @scripts = map { slurp_file($_) } sort glob "$FindBin::RealBin/../../examples/$example/versions/*.sql";

	prints_ok($example, map { /^-- migr:upgrade\n(.*?)(?=^-- migr:)/ms ? $1 : () } in_order(@scripts));
}

# Scripts as each stands on the one before it.
sub in_order
{
	my %next;
	my @chain;

	foreach my $script (@_)
	{
		my ($revises) = $script =~ /^-- migr:revises (\S+)$/m;

		$next{ $revises // '' } = $script;
	}
	for (my $at = $next{''}; defined $at; $at = $next{ $at =~ /^-- migr:revision (\S+)$/m ? $1 : '' })
	{
		push @chain, $at;
	}
	return @chain;
}

cmp_ok($schemas, '>', 200, 'there are schemas');

done_testing();
