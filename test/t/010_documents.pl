# What the documents show is true: runs the sessions in README.md and doc/*.md
# and compares what is printed with what the document says.
#
# How a document is written:
#
#   ```sql              fed to psql, in a psql of its own
#   ```sh               run by sh, which finds the same database
#   ```text             right behind one of these: what it prints, errors and
#                       notices too; without it, it must print nothing
#   ```sql file=NAME    not run; what runs later finds it as file NAME
#   ```sql no-run       not run (sh likewise); any other block is neither
#   <!-- new database -->   from here on another database, with no files
#   <!-- no session -->     there is none in this document
#   <!-- needs PROGRAM -->  from here to the next new database nothing is run if that
#                       is not installed
#   <!-- with NAME -->  a superuser runs test/data/NAME.sql in the database here:
#                       stand-ins for what this server does not have
#
# Each document, and each "new database", gets an empty database "shop" that
# belongs to role alice, who is no superuser but may create roles and databases;
# everything runs as alice.  There are a role named deploy, which may do neither,
# and a superuser named dba.
#
# Not compared: blanks at the ends of lines, dates, times of day, how long a run
# took (with the blanks in front of it), process ids, OIDs in the names of scratch
# databases, and which 12 hexadecimal digits stand for a revision that no input of
# the document names, as long as it is the same ones for the same revision.
#
# MIGR_UPDATE_DOCUMENTS=1 writes what is printed into the documents instead, and
# MIGR_DOCUMENTS='faq howto-busy' runs only those whose names have one of these in them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $update = $ENV{MIGR_UPDATE_DOCUMENTS};
my $node = new_node('documents', "migr.scratch_database = 'auto'\nshared_preload_libraries = 'migr'",
	allows_streaming => 'logical');
my $directory;    # where the files of the session are

$node->safe_psql('postgres', $_)
  foreach 'CREATE ROLE alice LOGIN CREATEROLE CREATEDB',
  'CREATE ROLE dba LOGIN SUPERUSER';

# How psql, and what a block of shell starts, find the database.
my %connection = (
	PGHOST           => $node->host,
	PGPORT           => $node->port,
	PGUSER           => 'alice',
	PGDATABASE       => 'shop',
	PGTZ             => 'UTC',
	PGCLIENTENCODING => 'UTF8',
	PSQLRC           => '/dev/null');

# Those that a document has left, with the roles that own them.
sub drop_scratch_databases
{
	my @names = split /\n/, $node->safe_psql('postgres',
		q{SELECT datname FROM pg_database WHERE datname ~ '^migr_scratch_'});

	$node->safe_psql('postgres', "DROP DATABASE $_") foreach @names;
	return;
}

sub new_database
{
	drop_scratch_databases();
	$node->safe_psql('postgres', $_)
	  foreach 'DROP DATABASE IF EXISTS shop',
	  'DROP ROLE IF EXISTS deploy',
	  q{CREATE DATABASE shop OWNER alice TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'},
	  'CREATE ROLE deploy LOGIN';
	# As it is since 15; the documents tell what to do before.
	if ($node->safe_psql('postgres', 'SHOW server_version_num') < 150000)
	{
		$node->safe_psql('shop', $_)
		  foreach 'ALTER SCHEMA public OWNER TO alice',
		  q{ALTER DATABASE shop SET migr.scratch_database = 'create'};
	}
	$directory = PostgreSQL::Test::Utils::tempdir();
	return;
}

# Write a file of the session.
sub add_file
{
	my ($name, $text) = @_;

	mkdir "$directory/$1" if $name =~ m{^(.*)/};
	write_file("$directory/$name", $text);
	return;
}

# What a block prints.
sub run_block
{
	my ($language, $text) = @_;
	my $script =
	  $language eq 'sql' ? 'exec psql -X 2>&1' : "exec 2>&1\n$text";
	my $input = $language eq 'sql' ? $text : '';
	my $output;

	local %ENV = (%ENV, %connection);
	delete $ENV{PGAPPNAME};
	IPC::Run::run(
		[ 'sh', '-c', $script ], '<', \$input, '>', \$output,
		init => sub { chdir $directory or die "$directory: $!" });
	$output =~ s/[ \t]+$//mg;
	$output =~ s/\n+\z/\n/;
	return $output;
}

# Output with what may differ made equal; ids that are in $known, which maps
# those of the document to themselves, stay.
sub normalise
{
	my ($output, $known) = @_;

	$output =~ s/\b\d{4}-\d\d-\d\d\b/DATE/g;
	$output =~ s/\b\d\d:\d\d(:\d\d(\.\d+)?)?\b/TIME/g;
	$output =~ s/ *(?:<1|\b\d+) ms\b| *\b\d+\.\d s\b| *\b\d+:\d\d min\b/ DURATION/g;
	$output =~ s/\bProcess \d+/Process PID/g;
	$output =~ s/\bmigr_scratch_\d+_\d+\b/migr_scratch_OID_OID/g;
	$output =~ s/\b([0-9a-f]{12})(?![0-9A-Za-z])/
		$known->{$1} \/\/= 'id' . scalar(keys %$known)/gex;
	# Since 16, the columns of a view of one table are not qualified.
	$output =~ s/^( SELECT |    )(\w+)\.(\w+)(?=,?$)/$1$3/gm;
	return $output;
}

# A document as text and blocks in turn: [kind, language, options, text, line].
sub read_document
{
	my ($path) = @_;
	my $line = 1;
	my @parts;

	foreach my $part (split /(^```.*?^```\n|^<!-- new database -->\n)/ms,
		slurp_file($path))
	{
		push @parts,
		  $part =~ /\A```(\w*) *(.*?)\n(.*?)^```\n\z/ms
		  ? { language => $1, options => $2, text => $3 }
		  : { language => '', text => $part };
		$parts[-1]{all} = $part;
		$parts[-1]{line} = $line;
		$line += ($part =~ tr/\n//);
	}
	return @parts;
}

sub runs
{
	my ($part) = @_;

	return $part->{language} =~ /\A(sql|sh)\z/ && $part->{options} eq '';
}

# Take the output of a block in place of what the document says.
sub update_output
{
	my ($part, $shown, $output) = @_;
	my $text = "```text\n$output```\n";

	if ($shown) { $shown->{all} = $output eq '' ? '' : $text; }
	elsif ($output ne '') { $part->{all} .= "\n$text"; }
	return;
}

sub check_document
{
	my ($name) = @_;
	my @parts = read_document("$top/$name");
	my $inputs = join('', map { $_->{text} } grep { $_->{language} ne 'text' } @parts);
	my %said = map { $_ => $_ } $inputs =~ /\b([0-9a-f]{12})\b/g;
	my %printed = %said;
	my $sessions = 0;
	my $lacks = 0;

	new_database();
	foreach my $i (0 .. $#parts)
	{
		my $part = $parts[$i];
		my ($between, $next) = @parts[ $i + 1, $i + 2 ];
		my $shown =
			 $next
		  && $next->{language} eq 'text'
		  && $between->{all} eq "\n" ? $next : undef;

		if ($part->{all} eq "<!-- new database -->\n")
		{
			new_database();
			$lacks = 0;
		}
		if ($part->{language} eq '' && $part->{all} =~ /^<!-- needs (\S+) -->$/m)
		{
			my $program = $1;
			$lacks = !grep { -x "$_/$program" } split /:/, $ENV{PATH};
			note "skipped from line $part->{line}: $program is not installed" if $lacks;
			$sessions++;
		}
		$node->safe_psql('shop', slurp_file("$top/test/data/$1.sql"))
		  if $part->{language} eq '' && $part->{all} =~ /^<!-- with (\w+) -->$/m;
		add_file($1, $part->{text})
		  if $part->{language} ne '' && $part->{options} =~ /\bfile=(\S+)/;
		next if $lacks || !runs($part);

		my $output = run_block($part->{language}, $part->{text});
		my $expected = $shown ? $shown->{text} : '';
		my $got = normalise($output, \%printed);
		my $wanted = normalise($expected, \%said);

		$sessions++;
		if (!$update) { is($got, $wanted, "$name, line $part->{line}"); }
		elsif ($got ne $wanted) { update_output($part, $shown, $output); }
	}
	write_file("$top/$name", join('', map { $_->{all} } @parts)) if $update;
	return $sessions;
}

my @documents =
  ('README.md', map { m{([^/]+/[^/]+)\z} } sort glob("$top/doc/*.md"));

if (my @wanted = map { quotemeta } split ' ', $ENV{MIGR_DOCUMENTS} // '')
{
	my $wanted = join('|', @wanted);

	@documents = grep { /$wanted/ } @documents;
}

foreach my $name (@documents)
{
	note $name;
	my $sessions = check_document($name);

	ok($sessions > 0 || slurp_file("$top/$name") =~ /^<!-- no session -->$/m, "$name shows something");
}

$node->stop;
done_testing();
