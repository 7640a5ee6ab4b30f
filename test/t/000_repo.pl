# Rules of this repository that no compiler checks: folders, sizes, errors,
# versions, comments, and that tests and expected output go together.

use strict;
use warnings;

use Cwd 'abs_path';
use Encode 'decode_utf8';
use File::Find;
use FindBin;
use JSON::PP;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
chdir($top) or die "$top: $!";

# --- the rules, as data -----------------------------------------------------

# A file includes headers, and calls functions, of its own folder and of those
# in front of it; src/migr.c is on top.
my @folders = qw(base graph script model store exec kind snapshot diff scratch schema run check
  author sql);

# Folders of the server's headers: "parser/parser.h" is to be one of those.
my %folder_of_the_server = map { $_ => 1 } qw(access archive backup bootstrap catalog commands common
  datatype executor fe_utils foreign jit lib libpq mb nodes optimizer parser partitioning pch port
  portability postmaster regex replication rewrite snowball statistics storage tcop tsearch utils);

# Files of the server that comments name.
my %file_of_the_server = map { $_ => 1 } qw(ilist.h postgres.h);

# elog(ERROR) is for what can't happen: how often a file may think of that.
my %cannot_happen = (
	'src/base/db.c'                    => 3,
	'src/exec/exec.c'                  => 1,
	'src/exec/statement.c'             => 1,
	'src/model/attribute_names.c'      => 1,
	'src/model/model.c'                => 1,
	'src/run/reset.c'                  => 1,
	'src/run/reset_drop.c'             => 1,
	'src/run/salvage_put.c'            => 2,
	'src/run/tenant_plan.c'            => 1,
	'src/scratch/scratch_admin.c'      => 1,
	'src/scratch/scratch_extensions.c' => 1,
	'src/scratch/scratch_hollow.c'     => 1,
	'src/scratch/scratch_worker.c'     => 2,
	'src/sql/sql_inspecting.c'         => 1);

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

# How far up a file is, by its path.
my %height = map { $folders[$_] => $_ } 0 .. $#folders;

sub folder_of
{
	return $_[0] =~ m{^src/(\w+)/} ? $1 : undef;
}

sub height_of
{
	my $folder = folder_of($_[0]);

	return defined $folder ? $height{$folder} : scalar(@folders);
}

sub name_of
{
	return $_[0] =~ m{([^/]+)$} ? $1 : $_[0];
}

# The comments of C, each with its line.
sub comments_of
{
	my ($text) = @_;
	my @comments;

	while ($text =~ m{"(?:[^"\\\n]|\\.)*"|(/\*.*?\*/)}gs)
	{
		push @comments, [ $1, line_of($text, $-[1]) ] if defined $1;
	}
	return @comments;
}

# The groups of more than one in which each can be reached from each other, in a
# graph that is given as nodes, each with those that it leads to (Tarjan).
sub cycles_of
{
	my ($graph) = @_;
	my (%index, %low, @stack, %on_stack, @cycles, $visit);
	my $next = 0;

	$visit = sub {
		my ($node) = @_;

		$index{$node} = $low{$node} = $next++;
		push @stack, $node;
		$on_stack{$node} = 1;
		foreach my $other (sort keys %{ $graph->{$node} // {} })
		{
			$visit->($other) unless defined $index{$other};
			$low{$node} = $low{$other} if $on_stack{$other} && $low{$other} < $low{$node};
		}
		return if $low{$node} != $index{$node};
		my @group;
		do { push @group, pop @stack; delete $on_stack{ $group[-1] } } until $group[-1] eq $node;
		push @cycles, join(' ', sort @group) if @group > 1;
	};
	defined $index{$_} || $visit->($_) foreach sort keys %$graph;
	return @cycles;
}

my @sources = sort glob('src/*.[ch] src/*/*.[ch]');
my %text = map { $_ => slurp($_) } @sources;
my %code = map { $_ => without_comments($text{$_}) } @sources;

my %source = map { $_ => 1 } @sources;
my %known_name = map { name_of($_) => 1 } @sources;

cmp_ok(scalar(@sources), '>', 10, 'there are sources');

# --- C ----------------------------------------------------------------------

none('every source is in a folder that is known, src/migr.c in none',
	grep { !m{^src/(?:migr\.c|(\w+)/\w+\.[ch])$} || defined $1 && !defined $height{$1} } @sources);
none('every folder is there', grep { !-d "src/$_" } @folders);
none('no folder has the name of one of the server', grep { $folder_of_the_server{$_} } @folders);

# Dependencies of objects, .deps/NAME.Po, are written by the base name.
my %by_name;
push @{ $by_name{ name_of($_) } }, $_ foreach @sources;
none('no two files have one name', map { "@$_" } grep { @$_ > 1 } values %by_name);

my (@upward, @not_by_folder, @not_sorted, @intruders, %outsiders);
my %private = map { $_ => 1 }
  grep { /\.h$/ && $text{$_} =~ m{\A/\*\n(?: \*(?!/)[^\n]*\n)*? \* Private to (\w+)\.\n} && $1 eq folder_of($_) } @sources;
foreach my $file (@sources)
{
	my @includes = $code{$file} =~ /^#\s*include\s+"([^"]+)"/mg;
	my @own = grep { $source{"src/$_"} } @includes;
	my @of_server = grep { !$source{"src/$_"} && $_ ne 'postgres.h' } @includes;
	my $by_place = sub { join "\n", sort { ($b eq 'base/compat.h') <=> ($a eq 'base/compat.h') || $a cmp $b } @_ };

	push @not_by_folder, map { "$file: $_" } grep { !m{/} && $known_name{$_} } @of_server;

	# What compat.h is for is a list of the server's, some of them for some majors.
	push @not_sorted, $file
	  if $file ne 'src/base/compat.h'
	  && (join("\n", @own) ne $by_place->(@own) || join("\n", @of_server) ne join("\n", sort @of_server)
		|| join("\n", grep { $_ ne 'postgres.h' } @includes) ne join("\n", @of_server, @own));
	foreach my $header (map { "src/$_" } @own)
	{
		push @upward, "$file includes $header" if height_of($header) > height_of($file);
		next if (folder_of($file) // '') eq folder_of($header);
		$outsiders{$header} = 1;
		push @intruders, "$file includes $header" if $private{$header};
	}
}
cmp_ok(scalar(keys %private), '>', 5, 'there are private headers');
none('includes point downwards only', @upward);
none('own headers are included by folder and name', @not_by_folder);
none('includes are in order: the server\'s, compat.h, own ones', @not_sorted);
none('a header that is private to a folder is not included from outside', @intruders);
none('a header that nobody outside its folder includes says "Private to FOLDER."',
	grep { /\.h$/ && !$private{$_} && !$outsiders{$_} } @sources);

my (%typedef, %function);
foreach my $file (grep { /\.h$/ } @sources)
{
	push @{ $typedef{ $1 // $2 // $3 } }, $file
	  while $code{$file} =~ /^\}\s*(\w+);|^typedef[^;{}()]*?(\w+);|^typedef[^;{}]*?\(\*\s*(\w+)\)\s*\(/mg;
}
cmp_ok(scalar(keys %typedef), '>', 50, 'types were found');
none('no two types of headers have one name',
	map { "$_: @{ $typedef{$_} }" } grep { @{ $typedef{$_} } > 1 } keys %typedef);

my @unknown;
foreach my $file (@sources)
{
	foreach (comments_of($text{$file}))
	{
		my ($comment, $line) = @$_;

		push @unknown, map { "$file:$line: $_" } grep { !$known_name{$_} && !$file_of_the_server{$_} }
		  $comment =~ /\b([a-z0-9_]+\.[ch])\b/g;
		foreach my $prefix ($comment =~ /\b([a-z0-9_]+_)\xe2\x80\xa6/g)
		{
			push @unknown, "$file:$line: $prefix..." unless grep { /^\Q$prefix\E/ } keys %known_name;
		}
	}
}
none('files that comments name are there', @unknown);

# It drags in what it is made of; VARSIZE() and its like come with it.
my $of_compat = join '|', '(?:SET_)?VAR(?:SIZE|DATA|ATT)\w*',
  $code{'src/base/compat.h'} =~ /(?:^#\s*define\s+(?=\w+)|\b(?=migr_compat_\w+\s*\())(\w+)/mg;
none('compat.h is included by who uses a name of it',
	grep {
		my $rest = $code{$_} =~ s/^#\s*include[^\n]*//gmr;
		my $uses = $rest =~ /\b(?:$of_compat)\b/;

		$_ ne 'src/base/compat.h' && ($code{$_} =~ m{^#\s*include\s+"base/compat\.h"}m xor $uses);
	} @sources);

# A kind is a line of the list and a file with its record: nothing else knows it by
# name but what relates kinds to each other.
my %record_of = $code{'src/model/kinds.h'} =~ /\bKIND\(([A-Z_]+), ([a-z_]+)\)/g;
my %file_of_kind = map { +"src/kind/kind_$_.c" => $_ } values %record_of;
cmp_ok(scalar(keys %record_of), '>', 40, 'kinds were found');
none('every kind has a file with its record',
	grep { ($code{$_} // '') !~ /^const MigrKindRecord migr_kind_$file_of_kind{$_} = \{/m } keys %file_of_kind);
none('every record is in the file of its kind, and every such file has one',
	grep { !$file_of_kind{$_} && (m{/kind_(?!common\.)\w+\.c$} || $code{$_} =~ /^const MigrKindRecord migr_/m) } @sources);

my @by_default;
foreach my $file (@sources)
{
	while ($code{$file} =~ /^(\t+)switch \(([^\n]*)\)\n\1\{\n(.*?)^\1\}/msg)
	{
		my ($on, $body) = ($2, $3);

		push @by_default, "$file: switch ($on)" if $body =~ /\bcase MIGR_KIND_/ && $body =~ /\bdefault:/;
	}
}
none('no switch on kinds has a default', @by_default);
none('kinds are not told apart by their order',
	grep { $code{$_} =~ /[<>]=? MIGR_KIND_(?!COUNT\b)|\bMIGR_KIND_(?!COUNT\b)\w+ [<>]/ } @sources);

# A bracket of its own is for what sets things in between.
my %own_bracket = map { $_ => 1 } qw(src/base/settings.c src/base/secure.c src/run/steps.c src/run/salvage.c
  src/scratch/scratch_worker.c src/scratch/scratch_measure.c src/check/plan_statements.c
  src/check/usage_pending.c);
none('settings are changed by migr_settings_run()',
	grep { !$own_bracket{$_} && $code{$_} =~ /\bNewGUCNestLevel\b/ } @sources);

# Users look rules up there, and name them in scripts.
my %rule_of_plan = map { $_ => 1 } $code{'src/check/plan_rules.c'} =~ /^\t\{"([a-z-]+)", (?:E|W|OK),/mg;
cmp_ok(scalar(keys %rule_of_plan), '>', 80, 'rules of migr_plan() were found');
my $reference = join '', map { slurp($_) } 'doc/reference.md', glob('doc/functions*.md');
none('every rule of migr_plan() is in the reference',
	grep { $reference !~ /^\| `\Q$_\E` \|/m } keys %rule_of_plan);

none('PG_VERSION_NUM is in compat.h only',
	grep { !m{^src/base/compat(?:_usage)?\.h$} && $code{$_} =~ /\bPG_(?:VERSION|MAJORVERSION)_NUM\b/ } @sources);
none('what differs between majors in SQL is said by MIGR_SINCE_...',
	grep { $_ ne 'src/base/compat.h' && $code{$_} =~ /^#\s*(?:el)?if[^\n]*MIGR_SERVER_MAJOR/m } @sources);
none('SQLSTATEs are made in errors.h only',
	grep { $_ ne 'src/base/errors.h' && $code{$_} =~ /\bMAKE_SQLSTATE\b/ } @sources);

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

# base/version.h says what for.  Triggers of rows stand behind those of statements.
my %of_any_version = map { $_ => 1 } qw(migr_chain_log migr_guard_schema migr_note_written migr_skip_replicated);
none('a function that SQL calls is defined by MIGR_FUNCTION()',
	map {
		my $file = $_;

		map { "$file: $_" } grep { !$of_any_version{$_} && $code{$file} !~ /^MIGR_FUNCTION\($_\)\n\{/m }
		  $code{$file} =~ /^PG_FUNCTION_INFO_V1\((\w+)\)/mg;
	} grep { $_ ne 'src/sql/sql_update.c' } @sources);

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

# The width is that of .editorconfig, which editors read.
my ($style) = slurp('.editorconfig') =~ /^\[\*\.\{c,h\}\]\n(.*?)(?:^\[|\z)/ms;
my ($max_width) = $style =~ /^max_line_length\s*=\s*(\d+)$/m;
my ($tab) = $style =~ /^indent_size\s*=\s*(\d+)$/m;
my @wide;
foreach my $file (@sources)
{
	my $number = 0;

	foreach my $line (split /\n/, decode_utf8($text{$file}))
	{
		$number++;
		1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x ($tab - length($1) % $tab)/e;
		push @wide, "$file:$number: " . length($line) if length($line) > $max_width && $line !~ /"/;
	}
}
cmp_ok($max_width, '>=', 80, 'a line has a width');
none("no line of more than $max_width columns, unless it holds a string", @wide);

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
	my @objects = map { s/\.c$/.o/r } grep { /\.c$/ } @sources;
	my $nm = qx{nm --version 2>&1};

	skip 'not all is built here, or there is no nm', 5 if $? != 0 || grep { !-e } @objects;

	my (%defined, %wanted, %calls);
	foreach my $object (@objects)
	{
		foreach my $symbol (map { [ split ' ' ] } split /\n/, qx{nm -g -P $object})
		{
			$defined{ $symbol->[0] } = $object if @$symbol >= 2 && $symbol->[1] =~ /^[A-TV-Z]$/;
			$wanted{$object}{ $symbol->[0] } = 1 if $symbol->[1] eq 'U';
		}
	}
	cmp_ok(scalar(keys %defined), '>', 50, 'symbols were found');
	none('every symbol is prefixed', grep { !/^migr_/ && $_ !~ $entry_point } keys %defined);

	my @upward_calls;
	foreach my $object (@objects)
	{
		foreach my $symbol (grep { /^migr_/ } keys %{ $wanted{$object} })
		{
			my $where = $defined{$symbol} // next;

			$calls{$object}{$where} = 1;
			push @upward_calls, "$object uses $symbol of $where" if height_of($where) > height_of($object);
		}
	}
	cmp_ok(scalar(keys %calls), '>', 50, 'calls were found');
	none('calls point downwards only', @upward_calls);
	none('no files need each other in a circle', cycles_of(\%calls));
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

my $overview = slurp('doc/migr.md');
none('every function of pg_catalog is listed in doc/migr.md',
	grep { /^(?:FUNCTION|PROCEDURE) (migr_\w+)$/ && $overview !~ /^\* .*?\[`(?:CALL )?(?:[^`]*`, `)?\Q$1\E\(\)/m
		  && $overview !~ /^  \[`\Q$1\E\(\)/m } keys %created);

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

# In a trusted extension the script runs as a superuser.  What is in schema migr is called in
# the sessions of others.
my %owned = map { $_ => 1 } $sql =~ /\bALTER\s+(?:TABLE|FUNCTION|PROCEDURE)\s+([\w.]+).*?\s+OWNER\s+TO\s+\@extowner\@/g;
none('tables and functions belong to who installs the extension',
	grep { !$owned{$_} } map { /^(?:TABLE (\S+)|(?:FUNCTION|PROCEDURE) (migr_\w+))$/ ? $1 // $2 : () } keys %created);
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
	glob('test/t/*.pl test/t/lib/*.pm script/* bin/migr bin/parts/* Dockerfile .dockerignore'),
	grep { -f } glob('debian/* debian/*/* .github/*/* examples/docker/*'), glob('sql/migr--*--*.sql'));

# Spelled so that this file has none itself.
my $machine = qr{(?<![\w.\$\}~-])/(?:work|home|root|Users)/\w};
my $temporary = qr{(?<![\w.\$\}~-])/(?:tmp)/\w};

cmp_ok(scalar(@docs), '>', 1, 'there are documents');
none('no path of somebody\'s machine', grep { slurp($_) =~ $machine } @files);
none('no temporary path in a document', grep { slurp($_) =~ $temporary } @docs);
none('no carriage return or trailing white space in sources',
	grep { slurp($_) =~ /\r|[ \t]+$/m } @sources, 'sql/migr.sql', glob('sql/migr--*--*.sql'), 'Makefile');

done_testing();
