# A desired schema of which migr remembers something is what it is without: each text of
# the pairs (pairs*.sql) and of random ones, each of these texts without one of its
# statements, or with it in front, and back.
#
# MIGR_REMEMBERED=all tries all of them; MIGR_PAIRS: a pattern of those that are tried.
# MIGR_SEEDS=1-100 tries other random pairs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use MigrRandom;
use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $diff = MigrDiff->new('remembered',
	roles => [ 'regress_diff_reader', 'regress_diff_writer', random_roles() ]);
my $node = $diff->node;
my $all = ($ENV{MIGR_REMEMBERED} // '') eq 'all';
my $wanted = $ENV{MIGR_PAIRS};
my %count = (remembered => 0, changed => 0, built => 0);

$diff->create('live');
$node->safe_psql('live', 'SELECT migr_scratch_create()');

# What is printed of some texts in turn, and what is said of it, with the memory or without.
sub printed
{
	my ($setting, @texts) = @_;
	my $sql = "SET migr.remember_statements = $setting;\n";

	$sql .= "SET client_min_messages = debug1;\n";
	$sql .= "SELECT migr_diff(current => '', desired => \$schema\$$_\$schema\$);\n\\echo ======\n" foreach @texts;
	my ($status, $stdout, $stderr) = $node->psql('live', $sql, on_error_stop => 0);

	$count{remembered}++ while $stderr =~ /migr remembers all of the desired schema/g;
	$count{changed}++ while $stderr =~ /migr remembers the desired schema but/g;
	$stderr = join("\n", grep { !/^psql:.*DEBUG: |^LOCATION/ } split /\n/, $stderr);
	return "$stdout\n$stderr";
}

# The statements of a text, as far as that can be told by line ends.
sub statements
{
	my ($text) = @_;

	return $text =~ /\G(.*?;[ \t]*(?:--[^\n]*)?(?:\n|\z)|.+\z)/gs;
}

sub without
{
	my ($skipped, @statements) = @_;

	return join('', map { $_ == $skipped ? '' : $statements[$_] } 0 .. $#statements);
}

# The text and what is left of it: with the memory the same as without.
sub same_ok
{
	my ($name, @texts) = @_;
	my ($off, $on) = map { printed($_, @texts) } qw(off on);

	$_ =~ s/^psql:<stdin>:\d+: //mg foreach $off, $on;
	return ok($on eq $off, $name) || diag(MigrDiff::difference($off, $on));
}

sub texts_of
{
	my ($text, $which) = @_;
	my @statements = statements($text);
	my @texts = ($text);

	foreach my $i (0 .. $#statements)
	{
		next unless $all || $i % 4 == $which % 4;
		push @texts, without($i, @statements), $text;
		push @texts, $statements[$i] . "\n" . without($i, @statements) if $i > 0 && ($all || $i % 3 == 0);
	}
	return @texts;
}

my $data = join("\n", map { slurp_file($_) } sort glob("$FindBin::RealBin/../data/pairs*.sql"));
my $number = 0;

foreach my $text (split /^-- pair /m, $diff->for_server($data))
{
	my ($name, $from, $to) = $text =~ /\A(\S+)\n(.*?)^-- to\n(.*?)(?:^-- rows\n.*)?\z/ms or next;

	$from =~ s/^-- (?:(?:up_)?keeps|(?:back_)?renames) .*\n//mg;
	$number++;
	next if $wanted ? $name !~ /$wanted/ : !$all && $number % 12 != 0;
	same_ok("pair $name", texts_of($from, $number), texts_of($to, $number), $from);
}

foreach my $seed ($wanted ? () : seeds('1-3'))
{
	my ($from, $to) = random_pair($seed, $diff->major);

	same_ok("seed $seed", $from, $to, texts_of($from, $seed), $to);
}
note("remembered: $count{remembered}, changed: $count{changed}");
cmp_ok($count{remembered}, '>', 0, 'something was remembered') unless $wanted;
cmp_ok($count{changed}, '>', 0, 'and of something, only a part was built') unless $wanted;

# Of several at the same time, none waits for another one that has not committed.
my $call = q{SELECT migr_diff(current => '', desired => 'CREATE TABLE t (i int); CREATE TABLE u (i int)') <> ''};
my $psql = "psql -XAtq -d '" . $node->connstr('live') . "'";

$node->safe_psql('live', 'SELECT migr_scratch_drop(); SELECT migr_scratch_create()');
is( $node->safe_psql('live', "BEGIN; $call;\n\\! PGOPTIONS='-c statement_timeout=60s' $psql -c \"$call\"\nCOMMIT;"),
	"t\nt", 'two that remember the same do not wait for each other');
is($node->safe_psql('live', 'SELECT count(DISTINCT build) FROM migr.remembered'), '2', 'and each has remembered it');

# A new revision goes by what is remembered, too.
my $wanted_tables = q{desired => 'CREATE TABLE t (i int); CREATE TABLE u (i int)'};
my ($status, $stdout, $stderr) = $node->psql('live', "SET client_min_messages = debug1;
	SELECT migr_diff($wanted_tables) <> '';
	SELECT migr_revision('more', autogenerate => true, $wanted_tables)");

like($stderr, qr/migr remembers all of the desired schema/, 'autogenerate knows the desired schema');
like($stdout, qr/CREATE TABLE public\.u/, 'and says what is new');

# It is no part of a dump.
my ($dump) = run_command([ 'pg_dump', '-d', $node->connstr('live') ]);

unlike($dump, qr/remembered/, 'a dump leaves it out');

done_testing();
