# Links between the documents lead somewhere: each relative link in a *.md file
# names a file that is there, and each #anchor a heading of it; each [text][label]
# has its label defined; every page of doc/ can be reached from another one.
#
# An anchor is the heading in lower case without what is neither letter, digit,
# blank nor one of "_-", with blanks as "-"; a second one of the same name gets
# "-1" behind it.  No server is needed.

use strict;
use warnings;

use Cwd 'abs_path';
use Encode 'decode_utf8';
use File::Basename;
use File::Find;
use File::Spec::Functions qw(canonpath catfile);
use FindBin;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
chdir($top) or die "$top: $!";

sub slurp
{
	my ($path) = @_;

	open my $file, '<:raw', $path or die "$path: $!";
	local $/;
	return decode_utf8(<$file>);
}

# A name without "." and ".." in it.
sub plain
{
	my ($path) = @_;
	my @parts;

	foreach my $part (split m{/}, canonpath($path))
	{
		if ($part eq '..' && @parts && $parts[-1] ne '..') { pop @parts; }
		elsif ($part ne '.') { push @parts, $part; }
	}
	return join('/', @parts);
}

# The text without blocks of code, which stay as empty lines.
sub prose
{
	my ($text) = @_;

	$text =~ s{^(```|~~~).*?^\1[ \t]*$}{ $& =~ tr/\n//cdr }gmse;
	return $text;
}

sub anchors_of
{
	my ($text) = @_;
	my (%seen, %anchors);

	while ($text =~ /^#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/mg)
	{
		my $anchor = lc($1);

		$anchor =~ s/\[([^\]]*)\]\([^)]*\)/$1/g;
		$anchor =~ s/[^\w\- ]//g;
		$anchor =~ tr/ /-/;
		$anchors{ $seen{$anchor}++ ? "$anchor-" . ($seen{$anchor} - 1) : $anchor } = 1;
	}
	$anchors{$1} = 1 while $text =~ /<a (?:name|id)="([^"]+)"/g;
	return \%anchors;
}

# Code in a line is none of Markdown's business.
sub without_code
{
	my ($text) = @_;

	$text =~ s/(`+)(?!`)(.*?)(?<!`)\1(?!`)/'`' . $2 =~ tr{\n}{}cdr . '`'/gse;
	return $text;
}

# The labels that [text][label] names and nothing defines.
sub undefined_labels
{
	my $text = without_code($_[0]);
	my %defined = map { lc($_) => 1 } $text =~ /^\[([^\]\n]+)\]:\s/mg;

	return grep { !$defined{ lc($_) } } $text =~ /\]\[([^\]\n]+)\]/g;
}

# [line, target] of each link that stays in this tree.
sub links_of
{
	my $text = without_code($_[0]);
	my @links;

	while ($text =~ /\]\(\s*<?([^)>\s]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]\n]+\]:\s+(\S+)/mg)
	{
		my $target = $1 // $2;
		my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);

		push @links, [ $line, $target ] unless $target =~ /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
	}
	return @links;
}

my @pages = glob('*.md');
find({ no_chdir => 1, wanted => sub { push @pages, plain($_) if -f && /\.md$/; } },
	grep { -d } qw(doc examples test script debian .github));

my %text = map { $_ => prose(slurp($_)) } @pages;
my %anchors = map { $_ => anchors_of($text{$_}) } @pages;
my ($count, %reached, @nowhere) = (0);

foreach my $page (@pages)
{
	foreach my $link (links_of($text{$page}))
	{
		my ($line, $target) = @$link;
		my ($path, $anchor) = $target =~ /^([^#]*)(?:#(.*))?$/;
		my $file = $path eq '' ? $page : plain(catfile(dirname($page), $path));

		$count++;
		$reached{$file} = 1 if $file ne $page;
		if (!-e $file) { push @nowhere, "$page:$line: there is no $file"; }
		elsif (defined $anchor && $anchors{$file} && !$anchors{$file}{$anchor})
		{
			push @nowhere, "$page:$line: there is no #$anchor in $file";
		}
	}
}

cmp_ok(scalar(@pages), '>', 15, 'there are documents');
cmp_ok($count, '>', 100, 'there are links in them');
is(join("\n", @nowhere), '', 'links lead somewhere');
is(join("\n", map { my $page = $_; map { "$page: [$_]" } undefined_labels($text{$page}) } @pages),
	'', 'labels are defined');
is(join("\n", grep { /^doc\// && !$reached{$_} } @pages), '', 'no page that nothing leads to');

# What the test would not see, it could not hold.
is_deeply([ sort keys %{ anchors_of("# A `b(c, …)` d\n## A\n## A\n") } ],
	[ 'a', 'a-1', 'a-bc--d' ], 'anchors are those of the headings');
is_deeply([ map { "@$_" } links_of("`[a](b)`\n[c](d.md#e) [f\ng](#h) [i](https://j)\n\n[k]: l.md\n") ],
	[ '2 d.md#e', '3 #h', '5 l.md' ], 'links are found, those out of the tree and in code are not');
is_deeply([ undefined_labels("[a][b] [c][d] `[e][f]`\n\n[b]: g\n") ], ['d'],
	'labels are found, those in code are not');

done_testing();
