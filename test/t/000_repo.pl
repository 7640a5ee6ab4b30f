# Rules of this repository that no compiler checks: layers, sizes, errors,
# versions, comments, and that tests and expected output go together.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Find;
use FindBin;
use JSON::PP;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
chdir($top) or die "$top: $!";

# --- the rules, as data -----------------------------------------------------

# A file includes own headers of lower layers, and the header of its module.
# A module in several files, snap_*.c, is one module, and shares snap.h; cmd_*
# are many, all at the top.
my %layer = (
	compat => 0, errors => 0,
	args => 1, ident => 1, named => 1, pattern => 1, report => 1, safeguard => 1, scan => 1, secure => 1,
	srf => 1, subxact => 1, wire => 1,
	db => 2, deparse => 2, graph => 2, parse => 2, text => 2,
	audit => 3, chain => 3, copyin => 3, mutex => 3, resolve => 3, script => 3,
	worker => 3,
	fence => 4, object => 4, plan => 4, range => 4, source => 4, stmt => 4, store => 4, vouch => 4,
	exec => 5, loader => 5, order => 5, snap => 5, validate => 5, watch => 5,
	ddl => 6, rule => 6, scratch => 6, verify => 6,
	diff => 7, drift => 7, print => 7, rename => 7, stamp => 7,
	check => 8, desired => 8, fingerprint => 8, hazard => 8, match => 8, offline => 8,
	schema => 8, trial => 8,
	compare => 9, repair => 9, runner => 9,
	author => 10, reset => 10,
	migr => 11);
my $commands_layer = 11;

# elog(ERROR) is for what can't happen: how often a file may think of that.
my %cannot_happen = (
	'src/cmd_inspect.c'        => 1,
	'src/db.c'                 => 3,
	'src/ddl.c'                => 1,
	'src/exec.c'               => 1,
	'src/object.c'             => 1,
	'src/object_wire.c'        => 1,
	'src/reset.c'              => 1,
	'src/scratch_admin.c'      => 1,
	'src/scratch_extensions.c' => 1,
	'src/scratch_hollow.c'     => 1,
	'src/scratch_worker.c'     => 2,
	'src/secure.c'             => 1,
	'src/snap.c'               => 1,
	'src/stmt.c'               => 1,
	'src/store.c'              => 1,
	'src/wire.c'               => 1);

# These are volatile because they build, and roll back what they have built.
my %rolls_back = (migr_check => 1, migr_fingerprint => 1, migr_schema => 1, migr_verify => 1);

my $max_file     = 600;
my $max_function = 100;

# Symbols that the server looks for by these names.
my $entry_point = qr/^(?:_PG_init|Pg_magic_func|pg_finfo_migr_\w+)$/;

# --- helpers ----------------------------------------------------------------

sub slurp
{
	my ($path) = @_;

	open(my $file, '<:raw', $path) or die "$path: $!";
	local $/;
	return scalar <$file>;
}

# Nothing is wrong; or a list of what is, in the output of the failed test.
sub none
{
	my ($name, @wrong) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(!@wrong, $name) or diag(join("\n", sort @wrong));
}

# C without its comments; lines stay where they are, strings as they are.
sub without_comments
{
	my ($text) = @_;

	$text =~ s{("(?:[^"\\\n]|\\.)*")|(/\*.*?\*/)}{
		defined $1 ? $1 : $2 =~ s/[^\n]+//gr
	}gsex;
	return $text;
}

sub line_of
{
	my ($text, $position) = @_;

	return 1 + (substr($text, 0, $position) =~ tr/\n//);
}

# The source from a parenthesis to the one that closes it.
sub parenthesis
{
	my ($text, $start) = @_;
	my $depth = 0;

	pos($text) = $start;
	while ($text =~ /\G(?:[^()"']+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|([()]))/gcs)
	{
		next unless defined $1;
		$depth += $1 eq '(' ? 1 : -1;
		return substr($text, $start, pos($text) - $start) if $depth == 0;
	}
	return substr($text, $start);
}

sub module_of
{
	my ($module) = $_[0] =~ m{([^/]+)\.[ch]$} or die $_[0];

	return $module =~ /^(?!cmd_)([^_]+)_/ && exists $layer{$1} ? $1 : $module;
}

sub layer_of
{
	my ($module) = @_;

	return $module =~ /^cmd_/ ? $commands_layer : $layer{$module};
}

my @sources = sort glob('src/*.c src/*.h');
my %text = map { $_ => slurp($_) } @sources;
my %code = map { $_ => without_comments($text{$_}) } @sources;

cmp_ok(scalar(@sources), '>', 10, 'there are sources');

# --- C ----------------------------------------------------------------------

none('every module has a layer',
	grep { !defined layer_of(module_of($_)) } @sources);

my @upward;
foreach my $file (@sources)
{
	my $module = module_of($file);
	my $own = layer_of($module) // next;

	while ($code{$file} =~ /^#\s*include\s+"([^"]+)"/mg)
	{
		my $header = $1;
		my $other = module_of($header);

		next if !-e "src/$header" || $other eq $module;
		my $below = layer_of($other) // next;
		push @upward, "$file (layer $own) includes $header (layer $below)"
		  if $below >= $own;
	}
}
none('includes point downwards only', @upward);

none('PG_VERSION_NUM is in compat.h only',
	grep { $_ ne 'src/compat.h' && $code{$_} =~ /\bPG_(?:VERSION|MAJORVERSION)_NUM\b/ } @sources);
none('SQLSTATEs are made in errors.h only',
	grep { $_ ne 'src/errors.h' && $code{$_} =~ /\bMAKE_SQLSTATE\b/ } @sources);

my @without_code;
foreach my $file (@sources)
{
	while ($code{$file} =~ /\bereport\s*(?=\()/g)
	{
		my $start = pos($code{$file});
		my $call = parenthesis($code{$file}, $start) =~ s/"(?:[^"\\]|\\.)*"/""/gsr;

		next unless $call =~ /^\(\s*(?:ERROR|FATAL|PANIC)\b/;
		push @without_code, "$file:" . line_of($code{$file}, $start)
		  unless $call =~ /\berrcode(?:_for_file_access|_for_socket_access)?\s*\(/;
	}
}
none('every ereport(ERROR) has an SQLSTATE', @without_code);

my @cannot_happen;
foreach my $file (@sources)
{
	my $count = () = $code{$file} =~ /\belog\s*\(\s*(?:ERROR|FATAL|PANIC)\b/g;
	my $allowed = $cannot_happen{$file} // 0;

	push @cannot_happen, "$file: $count elog(ERROR), $allowed are allowed"
	  if $count > $allowed;
}
none('elog(ERROR) is for what can not happen', @cannot_happen);

none("no file of more than $max_file lines",
	map { my $lines = ($text{$_} =~ tr/\n//); $lines > $max_file ? "$_: $lines" : () } @sources);

my @long;
my $functions = 0;
foreach my $file (grep { /\.[ch]$/ } @sources)
{
	my @lines = split /\n/, $text{$file};
	my ($start, $name);

	foreach my $i (0 .. $#lines)
	{
		if ($lines[$i] eq '{')
		{
			$start = $i;
			$start-- while $start > 0 && $lines[ $start - 1 ] =~ /\S/;
			($name) = join(' ', @lines[ $start .. $i ]) =~ /(\w+)\s*\(/;
		}
		elsif ($lines[$i] eq '}' && defined $start)
		{
			my $length = $i - $start + 1;

			$functions++;
			push @long, "$file: " . ($name // '?') . "() has $length lines"
			  if $length > $max_function;
			undef $start;
		}
		elsif ($lines[$i] =~ /^\}/)
		{
			undef $start;
		}
	}
}
cmp_ok($functions, '>', 100, 'functions were found');
none("no function of more than $max_function lines", @long);

none('every source file begins with its name and ends the head with a copyright',
	grep {
		my ($name) = m{([^/]+)$};
		$text{$_} !~ m{\A/\*\n \* \Q$name\E\n \*\t\t\S.*?\n \* Copyright \(c\) \d{4}, migr contributors\n \*/\n}s
	} @sources);

SKIP:
{
	my @objects = grep { (my $c = $_) =~ s/\.o$/.c/; -e $c } glob('src/*.o');
	my $nm = qx{nm --version 2>&1};

	skip 'nothing is built here, or there is no nm', 2 if !@objects || $? != 0;

	my @symbols = map { [ split ' ' ] } split /\n/,
	  qx{nm -g -P --defined-only @objects};
	my @defined = grep { @$_ >= 2 && $_->[1] =~ /^[A-Z]$/ } @symbols;

	cmp_ok(scalar(@defined), '>', 50, 'symbols were found');
	none('every symbol is prefixed',
		map { $_->[0] } grep { $_->[0] !~ /^migr_/ && $_->[0] !~ $entry_point } @defined);
}

# --- SQL --------------------------------------------------------------------

my $sql = slurp('sql/migr.sql');
$sql =~ s/--[^\n]*//g;
my (%created, %commented);

while ($sql =~ /\bCREATE\s+(SCHEMA|TABLE|VIEW|TYPE|FUNCTION|PROCEDURE|AGGREGATE|EVENT\s+TRIGGER)\s+([\w.]+)/g)
{
	$created{"$1 $2"}++;
}
while ($sql =~ /\bCOMMENT\s+ON\s+(SCHEMA|TABLE|VIEW|TYPE|FUNCTION|PROCEDURE|AGGREGATE|EVENT\s+TRIGGER)\s+([\w.]+)/g)
{
	$commented{"$1 $2"}++;
}
cmp_ok(scalar(grep { /^FUNCTION/ } keys %created), '>', 10, 'functions were found in sql/migr.sql');
none('every object has a comment',
	grep { $created{$_} != ($commented{$_} // 0) } keys %created);

# What writes is for whom it is granted to.
my %revoked;
while ($sql =~ /\bREVOKE\s+ALL\s+ON\s+(?:FUNCTION|PROCEDURE|ROUTINE)\s+(.*?)\s+FROM\s+PUBLIC/gs)
{
	$revoked{$_} = 1 foreach $1 =~ /\b(migr[\w.]*)\s*\(/g;
}
my @open;
while ($sql =~ /\bCREATE\s+(FUNCTION|PROCEDURE)\s+([\w.]+)\s*(\(.*?;)/gs)
{
	my ($kind, $name, $rest) = ($1, $2, $3);

	push @open, $name
	  if ($kind eq 'PROCEDURE' || $rest =~ /\bVOLATILE\b|\bRETURNS\s+trigger\b/)
	  && !$revoked{$name} && !$rolls_back{$name};
	push @open, "$name: neither VOLATILE nor STABLE nor IMMUTABLE"
	  if $kind eq 'FUNCTION' && $rest !~ /\b(?:VOLATILE|STABLE|IMMUTABLE)\b|\bRETURNS\s+trigger\b/;
}
none('what writes is revoked from PUBLIC', @open);
none('the install script of a trusted extension takes over nothing that exists',
	$sql =~ /(\bOR\s+REPLACE\b|\bIF\s+NOT\s+EXISTS\b)/g);

# --- versions ---------------------------------------------------------------

my ($version) = slurp('migr.control') =~ /^default_version\s*=\s*'([^']+)'/m;
my $meta = decode_json(slurp('META.json'));

like($version, qr/^\d+\.\d+\.\d+$/, 'migr.control has a version');
is($meta->{version}, $version, 'META.json has the same');
is($meta->{provides}{migr}{version}, $version, 'and so has what it provides');
ok(-e $meta->{provides}{migr}{file}, 'whose file is there');
ok(-e $meta->{provides}{migr}{docfile}, 'and whose documentation')
  if exists $meta->{provides}{migr}{docfile};
SKIP:
{
	skip 'there is no CHANGELOG.md', 1 unless -e 'CHANGELOG.md';
	my ($newest) = slurp('CHANGELOG.md') =~ /^## \[?v?([\d.]+)/m;
	is($newest, $version, 'CHANGELOG.md has the same');
}

# --- tests ------------------------------------------------------------------

my %sql_test = map { m{([^/]+)\.sql$} ? ($1 => $_) : () } glob('test/sql/*.sql');
my %spec     = map { m{([^/]+)\.spec$} ? ($1 => $_) : () } glob('test/specs/*.spec');
my %test     = (%sql_test, %spec);
my %expected = map { m{([^/]+)\.out$} ? ($1 => $_) : () } glob('expected/*.out');

none('every test has expected output', grep { !$expected{$_} } keys %test);
none('all expected output has a test',
	grep { !$test{$_} && !(/^(.*)_\d$/ && $test{$1}) } keys %expected);
none('no test has the name of another, nor that of the install script',
	(grep { $spec{$_} } keys %sql_test), (grep { $_ eq 'migr' } keys %test));
none('a spec is named iso_', grep { !/^iso_/ } keys %spec);
none('every test says what it is about',
	grep { slurp($_) !~ m{\A(?:#|--|/\*) ?\S} || slurp($_) =~ /\A#!/ }
	  values %test, glob('test/t/*.pl'), glob('test/t/lib/*.pm'), glob('test/pgtap/*.sql'));

# --- text -------------------------------------------------------------------

my @docs = glob('*.md META.json migr.control');
find({ no_chdir => 1, wanted => sub { push @docs, $_ if -f && /\.(?:md|txt|sql|html)$/; } },
	grep { -d } qw(doc examples));
my @files = (@docs, @sources, 'sql/migr.sql', 'Makefile', values %test, values %expected,
	glob('test/t/*.pl test/t/lib/*.pm script/*'));

# Spelled so that this file has none itself.
my $machine = qr{(?<![\w.\$\}~-])/(?:work|home|root|Users)/\w};
my $temporary = qr{(?<![\w.\$\}~-])/(?:tmp)/\w};

cmp_ok(scalar(@docs), '>', 1, 'there are documents');
none('no path of somebody\'s machine', grep { slurp($_) =~ $machine } @files);
none('no temporary path in a document', grep { slurp($_) =~ $temporary } @docs);
none('no carriage return or trailing white space in sources',
	grep { slurp($_) =~ /\r|[ \t]+$/m } @sources, 'sql/migr.sql', 'Makefile');

done_testing();
