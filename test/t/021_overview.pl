# What is told at a glance: the summary of a run, the graph of revisions (each
# line of it leads somewhere, whatever the graph), in every encoding, and fast.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Encode;
use List::Util qw(max shuffle uniq);
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'time';

my $node = new_node('overview');

# --- the summary of a run ----------------------------------------------------

my $duration = qr/(?:<1 ms|\d+ ms|\d+\.\d s)/;

sub summary_like
{
	my ($sql, $pattern, $name) = @_;

	like(notices_of($node, $sql), qr/NOTICE:  00000: $pattern\n/, $name);
}

sub no_summary
{
	my ($sql, $name) = @_;

	unlike(notices_of($node, $sql), qr/(applied|undone) in/, $name);
}

load_scripts($node, <<'SCRIPTS');
-- migr:revision a
-- migr:upgrade
-- migr:downgrade
-- migr:revision b
-- migr:revises a
-- migr:upgrade
SELECT pg_sleep(1.1);
-- migr:downgrade
-- migr:revision c
-- migr:revises a
-- migr:upgrade
-- migr:downgrade
-- migr:revision d
-- migr:revises b, c
-- migr:upgrade
SELECT 1 / current_setting('overview.divisor')::int;
-- migr:downgrade
SCRIPTS

summary_like(q{SELECT migr_upgrade('b')}, qr/2 applied in 1\.\d s, now at b/, 'an upgrade');
summary_like(
	q{SELECT migr_upgrade('c', dry_run => true)},
	qr/1 applied in $duration and taken back, still at b/, 'a dry run');
summary_like(q{SELECT migr_upgrade('c')}, qr/1 applied in $duration, now at b, c/,
	'several heads');
my $twice = notices_of($node, q{SELECT migr_upgrade('c')});
like($twice, qr/nothing to do: "c" is applied already/, 'nothing to do');
unlike($twice, qr/ in /, 'nothing to do, so nothing is summed up');
fails_ok($node, q{SET overview.divisor = 0; SELECT migr_upgrade()},
	'22012', qr/\A(?!.*applied in)/s, 'a run that fails has no summary');
summary_like(q{SET overview.divisor = 1; SELECT migr_upgrade()},
	qr/1 applied in $duration, now at d/, 'a merge');
summary_like(q{SELECT migr_downgrade('a', dry_run => true)},
	qr/3 undone in $duration and taken back, still at d/, 'a dry run down');
summary_like(q{SELECT migr_downgrade('a')}, qr/3 undone in $duration, now at a/,
	'a downgrade');
summary_like(q{SELECT migr_downgrade('base')}, qr/1 undone in $duration, now at base/,
	'down to nothing');
no_summary(q{SET migr.show_summary = off; SELECT migr_upgrade('a')}, 'off');
summary_like(q{SELECT migr_downgrade('base')}, qr/1 undone in .*/, 'on again');

# --- drawings ----------------------------------------------------------------

# What a row is made of: where lines come from above, where they go below, as
# [top, bottom] in columns; and what is under its *, if it has one.
sub read_row
{
	my ($row) = @_;
	my (@lines, $star, @under);

	foreach my $c (0 .. length($row) - 1)
	{
		my $char = substr($row, $c, 1);

		push @lines, [ $c, $c ] if $char eq '|';
		if ($char eq '/')
		{
			my $end = $c;

			$end -= 2 while $end >= 2 && substr($row, $end - 2, 1) eq '_';
			push @lines, [ $c + 1, $end - 1 ];
		}
		if ($char eq '\\')
		{
			my $end = $c;

			$end += 2
			  while $end + 2 < length($row) && substr($row, $end + 2, 1) eq '_';
			push @lines, [ $c - 1, $end + 1 ];
		}
		if ($char eq '*')
		{
			my $end = $c;

			$end++ while $end + 1 < length($row) && substr($row, $end + 1, 1) =~ /[-.]/;
			$star = $c;
			@under = map { $c + 2 * $_ } 0 .. ($end - $c) / 2;
		}
	}
	return { lines => \@lines, star => $star, under => \@under };
}

# All that a drawing seems to say of who is above whom, as "child parent"; and
# what is wrong with it: lines that come from nowhere, or lead nowhere.
sub read_drawing
{
	my (@rows) = @_;
	my (%from, %edges, @wrong);    # by column: ids whose lines come down there

	foreach my $i (0 .. $#rows)
	{
		my ($drawing, $id) = $rows[$i] =~ m{^([ |/\\_*.-]*?)(?: (r\d+)\b.*)?$};
		my $row = read_row($drawing);
		my (%next, %met);

		foreach my $line (@{ $row->{lines} })
		{
			my ($top, $bottom) = @$line;

			$met{$top} = 1;
			push @wrong, "row $i, column $top: from nowhere" if !$from{$top};
			$next{$bottom}{$_} = 1 foreach keys %{ $from{$top} // {} };
		}
		if (defined $id)
		{
			$met{ $row->{star} } = 1;
			$edges{"$_ $id"} = 1 foreach keys %{ $from{ $row->{star} } // {} };
			$next{$_}{$id} = 1 foreach @{ $row->{under} };
		}
		# Nothing need be below a base, so that is not a line that ends.
		foreach my $column (grep { !$met{$_} } keys %from)
		{
			push @wrong, "row $i, column $column: leads nowhere"
			  if grep { !/^base/ } map { $_ eq ($rows[ $i - 1 ] =~ /(r\d+)/)[0] ? "base" : $_ }
			  keys %{ $from{$column} };
		}
		%from = %next;
	}
	return (\%edges, \@wrong);
}

# A random graph: [parents] and [dependencies] by node.
sub random_graph
{
	my ($size) = @_;
	my $back = 1 + int(rand(8));
	my $merges = rand(0.7);
	my @graph;

	foreach my $i (0 .. $size - 1)
	{
		my (@down, @depends);

		if ($i > 0 && rand() > 0.1)
		{
			push @down, max(0, $i - 1 - int(rand($back)));
			push @down, max(0, $i - 1 - int(rand(2 * $back))) while rand() < $merges && @down < 6;
		}
		@down = uniq(@down);
		@depends = grep { my $d = $_; !grep { $_ == $d } @down } int(rand($i))
		  if $i > 0 && rand() < 0.1;
		push @graph, { down => \@down, depends => \@depends };
	}
	return @graph;
}

sub names
{
	return join(' ', map { "r$_" } @_);
}

sub load_graph
{
	my (@graph) = @_;
	my @order = shuffle(0 .. $#graph);    # ids in no order
	my $scripts = '';

	foreach my $i (0 .. $#graph)
	{
		$scripts .= '-- migr:revision ' . names($order[$i]) . "\n"
		  . '-- migr:revises ' . names(map { $order[$_] } @{ $graph[$i]{down} }) . "\n"
		  . '-- migr:depends ' . names(map { $order[$_] } @{ $graph[$i]{depends} }) . "\n"
		  . "-- migr:upgrade\n";
	}
	load_scripts($node, $scripts);
	return map {
		my $i = $_;
		map { names($order[$i]) . ' ' . names($order[$_]) }
		  @{ $graph[$i]{down} }, @{ $graph[$i]{depends} }
	} 0 .. $#graph;
}

foreach my $seed (seeds('1-40'))
{
	srand($seed);
	$node->safe_psql('postgres', 'DELETE FROM migr.revision');

	my @wanted = load_graph(random_graph(2 + int(rand(30))));
	my @rows = split /\n/, $node->safe_psql('postgres', 'SELECT migr_graph()');
	my ($edges, $wrong) = read_drawing(@rows);
	my @missing = grep { !$edges->{$_} } @wanted;

	ok(!@missing && !@$wrong, "drawing $seed")
	  or diag(join("\n", @rows, "not drawn: @missing", @$wrong));
}

# --- ten thousand revisions --------------------------------------------------

srand(7);
$node->safe_psql('postgres', 'DELETE FROM migr.revision');
load_graph(random_graph(10_000));
foreach my $query (
	'SELECT count(*) FROM migr_log()',
	'SELECT count(*) FROM migr_log(20)',
	map { "SELECT length(migr_graph('$_'))" } qw(text mermaid dot))
{
	my $start = time();

	$node->safe_psql('postgres', $query);
	cmp_ok(time() - $start, '<', 20, "$query of 10,000 revisions");
}
is( $node->safe_psql('postgres', 'SELECT max(length(l)) <= 100 FROM migr_log() l'),
	't', 'in 100 columns');

# --- encodings ---------------------------------------------------------------

# The message of a revision in a database of an encoding, as migr_log() has it.
sub message_in
{
	my ($encoding, $message) = @_;
	my $bytes = encode('UTF-8', $message);
	my $client = $encoding eq 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8';

	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS encoded');
	$node->safe_psql('postgres',
		"CREATE DATABASE encoded TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	$node->safe_psql('encoded', 'CREATE EXTENSION migr');
	$node->safe_psql('encoded',
		"SET client_encoding = '$client'; SELECT migr_load(E'-- migr:revision a\\n-- migr:message $bytes\\n-- migr:upgrade\\n')");
	return decode('UTF-8',
		$node->safe_psql('encoded', "SET client_encoding = '$client'; SELECT migr_log()"),
		Encode::FB_CROAK);
}

my $room = 100 - length('* pending  a  ');

is(message_in('EUC_JP', "\x{6f22}\x{5b57}" x 40),
	'* pending  a  ' . substr("\x{6f22}\x{5b57}" x 40, 0, ($room - 3) / 2) . '...', 'EUC_JP');
is(message_in('LATIN1', "\x{e9}" x 200),
	'* pending  a  ' . "\x{e9}" x ($room - 3) . '...', 'LATIN1');
is(message_in('SQL_ASCII', "\x{6f22}\x{5b57}" x 40),
	'* pending  a  ' . substr("\x{6f22}\x{5b57}" x 40, 0, ($room - 3) / 2) . '...',
	'SQL_ASCII, which holds UTF-8');
is(message_in('UTF8', 'e' . "\x{301}" x 3 . "\x{20000}" x 100),
	'* pending  a  e' . "\x{301}" x 3 . "\x{20000}" x (($room - 4) / 2) . '...',
	'what has no width, and what has two');

$node->stop;
done_testing();
