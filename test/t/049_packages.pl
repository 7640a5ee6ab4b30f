# What packages are made of: META.json by PGXN's rules, the archive, files for Debian, for
# Docker and for continuous integration; and what of it can be run here, is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'abs_path';
use JSON::PP;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
my $directory = PostgreSQL::Test::Utils::tempdir();
my $zip = 2 == grep { system("command -v $_ >/dev/null") == 0 } qw(zip unzip);

sub slurp
{
	my ($path) = @_;

	open(my $file, '<:raw', "$top/$path") or die "$path: $!";
	local $/;
	return scalar <$file>;
}

sub none
{
	my ($name, @wrong) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(!@wrong, $name) or diag(join("\n", @wrong));
}

# --- META.json --------------------------------------------------------------

my $meta = decode_json(slurp('META.json'));
my $version = $meta->{version};
my $semantic = qr/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-?[A-Za-z][0-9A-Za-z-]*)?$/;
my $uri = qr{^https://[^\s/]+/\S*$};

note 'META.json';
none('what is required is there', grep { !$meta->{$_} } qw(name version abstract maintainer license provides meta-spec));
none('and what else makes a good page', grep { !$meta->{$_} } qw(description release_status resources tags));
none('nothing has another name',
	grep { !/^(?:name|version|abstract|description|maintainer|license|provides|meta-spec|release_status|resources|tags|prereqs|no_index|generated_by|x_\w+)$/i }
	  keys %$meta);
like($version, $semantic, 'its version');
like($meta->{name}, qr{^[^\s/\\[:cntrl:]]{2,}$}, 'its name');
is($meta->{release_status}, $version =~ /-/ ? 'testing' : 'stable', 'its status');
is($meta->{license}, 'postgresql', 'its license is one of PGXN\'s names');
is($meta->{'meta-spec'}{version}, '1.0.0', 'the version of the rules');
none('tags are short, and each is there once',
	(grep { length > 255 || !length || m{[/\\[:cntrl:]]} } @{ $meta->{tags} }),
	do { my %seen; grep { $seen{ lc $_ }++ } @{ $meta->{tags} } });
foreach my $name (sort keys %{ $meta->{provides} })
{
	my $provided = $meta->{provides}{$name};

	like($provided->{version}, $semantic, "$name: a version");
	ok($provided->{abstract}, "$name: an abstract");
	none("$name: its files are there", grep { !$provided->{$_} || !-f "$top/$provided->{$_}" } qw(file docfile));
}
foreach my $phase (sort keys %{ $meta->{prereqs} })
{
	like($phase, qr/^(?:configure|build|test|runtime|develop)$/, "prerequisites: $phase");
	foreach my $kind (sort keys %{ $meta->{prereqs}{$phase} })
	{
		like($kind, qr/^(?:requires|recommends|suggests|conflicts)$/, "prerequisites: $phase $kind");
		none('each with a version', grep { $_ !~ $semantic } values %{ $meta->{prereqs}{$phase}{$kind} });
	}
}
foreach my $name (sort keys %{ $meta->{resources} })
{
	my $resource = $meta->{resources}{$name};

	like($name, qr/^(?:homepage|bugtracker|repository|x_\w+)$/i, "resource $name");
	none("$name: addresses",
		ref $resource
		? grep { !/^(?:url|web|type|mailto)$/ || /^(?:url|web)$/ && $resource->{$_} !~ $uri } keys %$resource
		: grep { $_ !~ $uri } $resource);
}
ok($meta->{resources}{homepage}, 'a page');

# --- Debian -----------------------------------------------------------------

note 'debian';
my ($packaged) = slurp('debian/changelog') =~ /\Amigr \(([^)]*)-\d+\) /;
is($packaged, $version, 'the package is of the same version');
my $control = slurp('debian/control');
my ($head, $pattern) = split /\n\n/, slurp('debian/control.in');
my @majors = $control =~ /^Package: postgresql-(\d+)-migr$/mg;
cmp_ok(scalar(@majors), '>', 0, 'there are packages');
is($control =~ s/\n+\z//r, join("\n\n", $head, map { $pattern =~ s/\n+\z//r =~ s/PGVERSION/$_/gr } @majors),
	'debian/control is what debian/control.in makes');
none('what is run is executable', grep { !-x "$top/$_" } qw(debian/rules debian/tests/installcheck));
none('each test is there',
	map { my $test = $_; grep { !-e "$top/debian/tests/$_" } split ' ', $test } slurp('debian/tests/control') =~ /^Tests: (.*)$/mg);

# --- what is installed ------------------------------------------------------

note 'installed documents';
chomp(my $docdir = qx{pg_config --docdir});
foreach my $document (sort map { s{^\Q$top\E/}{}r } glob("$top/doc/*.md"))
{
	ok(-f "$docdir/extension/migr/" . ($document =~ m{([^/]+)$})[0], "$document");
}

# --- the archive ------------------------------------------------------------

sub files_of
{
	my ($archive) = @_;

	return sort grep { !m{/$} } split /\n/, qx{unzip -Z1 $archive};
}

SKIP:
{
	skip 'there is no zip', 8 unless $zip;

	note 'make dist';
	my $name = "migr-$version";
	my $archive = "$directory/$name.zip";

	command_ok([ "$top/script/dist", $directory ], 'it is made');
	my @files = files_of($archive);
	cmp_ok(scalar(@files), '>', 500, 'there are files');
	none('all are in one folder', grep { !m{^\Q$name\E/} } @files);
	none('nothing is built', grep { m{\.(?:o|bc|so|a)$|/tmp_check/|/bin/built/|/sql/migr--[\d.]+\.sql$} } @files);
	my %there = map { s{^\Q$name\E/}{}r => 1 } @files;
	none('what building takes is there', grep { !$there{$_} } qw(Makefile META.json migr.control LICENSE README.md
		CHANGELOG.md sql/migr.sql src/migr.c bin/migr debian/control), map { $meta->{provides}{migr}{$_} } qw(file docfile));

	system('unzip', '-q', $archive, '-d', "$directory/unpacked") == 0 or die 'unzip';
	is(scalar(grep { -x "$directory/unpacked/$name/$_" } qw(script/test script/dist bin/migr debian/rules)), 4,
		'what is to be run can be');
	mkdir "$directory/again";
	command_ok([ "$directory/unpacked/$name/script/dist", "$directory/again" ], 'it is made from what it holds, too');
	is(join("\n", files_of("$directory/again/$name.zip")), join("\n", @files), 'and is the same');
}

# --- scripts ----------------------------------------------------------------

note 'scripts';
my @bash = map { s{^\Q$top\E/}{}r } grep { !/lib\.sh$/ } glob("$top/script/*");
foreach my $script (@bash)
{
	ok(-x "$top/$script", "$script can be run");
	is(system('bash', '-n', "$top/$script"), 0, "$script: bash reads it");
}
SKIP:
{
	skip 'there is no shellcheck', 1 if system('shellcheck --version >/dev/null 2>&1') != 0;
	is(qx{cd $top && shellcheck -S warning -x @bash debian/tests/installcheck}, '', 'shellcheck has nothing to say');
}

# --- Docker, continuous integration -----------------------------------------

note 'Dockerfile';
my $dockerfile = slurp('Dockerfile');
none('it begins with the official image', grep { !/^postgres:\$\{PG_MAJOR\}/ } $dockerfile =~ /^FROM (.*)$/mg);
none('what it copies is there, and let in',
	map {
		my @of = split ' ', $_;
		pop @of;
		grep { !-e "$top/$_" || slurp('.dockerignore') !~ /^!\Q$_\E$/m } @of;
	} $dockerfile =~ /^COPY (?!--from)(.*)$/mg);

# yaml(PATH): as Perl has it; undef where nobody here can read it.
sub yaml
{
	my ($path) = @_;
	my $json = qx{python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)' $top/$path 2>&1};

	return $? == 0 ? decode_json($json) : $json =~ /No module|not found/ ? undef : die $json;
}

SKIP:
{
	my $workflow = yaml('.github/workflows/test.yml');

	skip 'there is no python3 with yaml', 1 unless $workflow;
	is(join(' ', @{ $workflow->{jobs}{test}{strategy}{matrix}{major} }), '13 14 15 16 17 18', 'all majors are tested');
	none('each job ends', grep { !$workflow->{jobs}{$_}{'timeout-minutes'} } keys %{ $workflow->{jobs} });
	none('what it runs is there',
		grep { !-x "$top/$_" } slurp('.github/workflows/test.yml') =~ m{\b(script/[\w-]+)}g);

	note 'compose';
	my $node = new_node('compose');
	my %compose = map { $_ => yaml("examples/docker/$_.yml")->{services} } qw(development production);

	$node->safe_psql('postgres', 'CREATE DATABASE shop; CREATE ROLE shop_reader LOGIN; CREATE ROLE shop_owner LOGIN CREATEDB');
	$node->safe_psql('postgres', 'CREATE DATABASE live OWNER shop_owner');
	$node->safe_psql('live', 'SET SESSION AUTHORIZATION shop_owner; CREATE EXTENSION migr');
	$node->safe_psql('live', 'ALTER SCHEMA public OWNER TO shop_owner');

	# What a service does, by its own words, here.
	my $run = sub {
		my ($file, $service, $database) = @_;
		my $what = $compose{$file}{$service};
		my @command = map { s{/versions}{$top/examples/docker/versions}r } @{ $what->{entrypoint} }, @{ $what->{command} };
		local $ENV{PATH} = "$top/bin:$ENV{PATH}";
		local $ENV{PGDATABASE} = $database;
		local $ENV{PGUSER} = $what->{environment}{PGUSER} // $what->{environment}{'<<'}{PGUSER};
		local $ENV{PGHOST} = $node->host;
		local $ENV{PGPORT} = $node->port;

		my ($out, $err);

		return IPC::Run::run(\@command, '>', \$out, '2>', \$err) ? $err : "failed: $err";
	};
	foreach my $file (sort keys %compose)
	{
		none("$file: what is mounted is there",
			grep { m{^\./} && !-e "$top/examples/docker/" . s/:.*//sr } map { @{ $_->{volumes} // [] } } values %{ $compose{$file} });
		none("$file: the application waits for somebody who is there",
			grep { !$compose{$file}{$_} } keys %{ $compose{$file}{application}{depends_on} });
	}
	like($run->('development', 'migrate', 'shop'), qr/running upgrade .* items/, 'development: upgraded at start');
	unlike($run->('development', 'migrate', 'shop'), qr/failed/, 'development: at each start');
	is($node->safe_psql('shop', 'SELECT migr_check()'), 't', 'development: at the heads');
	like($run->('production', 'gate', 'live'), qr/failed: .*not up to date|failed: .*no script/s, 'production: the gate is shut');
	like($run->('production', 'deploy', 'live'), qr/running upgrade .* items/, 'production: deployed by hand');
	unlike($run->('production', 'gate', 'live'), qr/failed/, 'production: the gate is open');
}

done_testing();
