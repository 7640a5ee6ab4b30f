# Files that have not changed since a session has read them are not read again, and
# what it remembers of them never makes an answer wrong: each way in which files or
# the store can change behind its back is seen.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'realpath';
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'sleep';

my $node = new_node('unchanged');
my $root = realpath(PostgreSQL::Test::Utils::tempdir());
my $connection = $node->connstr('postgres');
my $steps = 0;

# A file whose size is the same for all SQL of one length.
sub script
{
	my ($revision, $revises, $sql) = @_;

	return "-- migr:revision $revision\n"
	  . ($revises ? "-- migr:revises $revises\n" : '')
	  . "-- migr:upgrade\n$sql;\n-- migr:downgrade\n";
}

# A line of psql that runs a piece of shell while the session goes on.
sub meanwhile
{
	my ($shell) = @_;
	my $file = "$root/step" . ++$steps;

	write_file($file, "set -e\ncd $root\n$shell\n");
	return "\\! sh $file\n";
}

# The same by another session.
sub other_session
{
	my ($sql) = @_;

	write_file("$root/other" . ++$steps, $sql);
	return meanwhile("psql -XAtq -d '$connection' -f $root/other$steps >/dev/null 2>&1");
}

# Shell that puts another file in the place of one, of the same size and time.
sub swap
{
	my ($file, $content) = @_;

	write_file("$root/content" . ++$steps, $content);
	return "touch -r $file reference\ncp content$steps new\ntouch -r reference new\nmv new $file\n";
}

# What is changed later gets another time than what there is now.
sub settle { sleep(2.2); }

# The files of each case, all made at once: who renames a directory leaves its files alone.
my @prepared = map { "$root/case$_" } 1 .. 40;
foreach my $directory (@prepared)
{
	mkdir($directory) or die;
	write_file("$directory/1.sql", script('one', '', 'SELECT 11'));
	write_file("$directory/2.sql", script('two', 'one', 'SELECT 22'));
	write_file("$directory/R__v.sql", "-- migr:repeatable view_v\n-- migr:upgrade\nSELECT 33;\n");
}
settle();

# Each case has a store and files of its own.
sub start_anew
{
	$node->safe_psql('postgres', 'DROP EXTENSION migr CASCADE; CREATE EXTENSION migr');
	system("rm -rf $root/d $root/e") == 0 or die;
	rename(shift @prepared, "$root/d") or die;
}

my $set = "SET client_min_messages = warning; SET migr.script_location = '$root/d';\n";
my $load = "SELECT string_agg(revision || ' ' || action, ', ') FROM migr_load_directory();\n";
my $unchanged = 'one unchanged, two unchanged, view_v unchanged';
my $added = 'one added, two added, view_v added';

# in_session(PIECES): what one session prints.
sub in_session
{
	my ($status, $stdout, $stderr) = $node->psql('postgres', join('', $set, @_), on_error_stop => 0);

	return $stdout . ($stderr =~ /(ERROR:  .*)/ ? "\n$1" : '');
}

# The files are known to the session as well as they can be.
my $known = $load . $load . $load . "SELECT count(*) FROM migr_upgrade('one');\n";

# seen_ok(NAME, RESULT, PIECES): what has happened behind the back of a session that
# knows all files; a new session says the same.
sub seen_ok
{
	my ($name, $result, @pieces) = @_;

	start_anew();
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(in_session($known, @pieces), join("\n", $added, $unchanged, $unchanged, 1, $result), $name);
}

note 'not read';
SKIP:
{
	skip 'this counts what is read as Linux does', 4 unless -r '/proc/self/io';
	my $large = script('three', 'two', 'SELECT 1') . '-- ' . 'x' x 1_000_000 . "\n";
	my $begin = q{CREATE OR REPLACE FUNCTION pg_temp.reading() RETURNS bigint LANGUAGE sql AS
		$$ SELECT substring(pg_read_file('/proc/self/io', 0, 1000) FROM 'rchar: (\d+)')::bigint $$;
		SELECT pg_temp.reading() AS before \gset
	};
	my $much = 'SELECT pg_temp.reading() - :before > 900000;';
	my $all = 'one unchanged, two unchanged, three unchanged, view_v unchanged';

	start_anew();
	write_file("$root/d/3.sql", $large);
	settle();
	is(in_session($begin, $load, $much), ($all =~ s/unchanged/added/gr) . "\nt", 'files are read once');
	is(in_session($load, $begin, $load, $much, $begin, "SELECT count(*) FROM migr_pending();\n", $much),
		"$all\n$all\nf\n4\nf", 'and no more by the session');
	is(in_session($load, meanwhile("cp d/3.sql new\nmv new d/3.sql"), $begin, $load, $much),
		"$all\n$all\nt", 'but for what has changed');
	is( in_session(meanwhile(q{perl -e 'utime(time + 1000, time + 1000, "d/3.sql")'}), $load, $begin, $load, $much),
		"$all\n$all\nt", 'and for what is as new as the clock: its next change might not be seen');
}

note 'files that change';
my $updated = 'one unchanged, two updated, view_v unchanged';
seen_ok('another file of the same size and time', $updated,
	meanwhile(swap('d/2.sql', script('two', 'one', 'SELECT 44'))), $load);
seen_ok('the same file, written to', $updated,
	meanwhile((swap('d/2.sql', script('two', 'one', 'SELECT 44')) =~ s/mv new/cat new >/r) . 'touch -r reference d/2.sql'),
	$load);
seen_ok('a repeatable script', 'one unchanged, two unchanged, view_v updated',
	meanwhile(swap('d/R__v.sql', "-- migr:repeatable view_v\n-- migr:upgrade\nSELECT 44;\n")), $load);
seen_ok('files that change their names', $unchanged, meanwhile('mv d/1.sql d/0.sql'), $load);
seen_ok('a file that is gone', "view_v\none|t",
	meanwhile('rm d/2.sql'), "SELECT migr_upgrade(); SELECT revision, is_head FROM migr.revision;\n");
seen_ok('two names of one file', 'ERROR:  revision "two" is present more than once',
	meanwhile('ln d/2.sql d/3.sql'), $load);
seen_ok('the same directory twice', 'ERROR:  revision "one" is present more than once',
	"SET migr.script_location = '$root/d, $root/d';\n", $load);
seen_ok('another directory',
	'two updated, view_v added',
	meanwhile(q{mkdir -p e; sed 's/22/55/' d/2.sql > e/2.sql; cp d/R__v.sql e
		touch -r d/2.sql e/2.sql}),
	"SELECT migr_unload('view_v') \\g /dev/null\nSET migr.script_location = '$root/e';\n", $load);
seen_ok('another directory in the place of this one', $updated,
	meanwhile(q{rm -rf e; cp -rp d e; sed 's/22/55/' d/2.sql > e/2.sql; touch -r d/2.sql e/2.sql; mv d gone; mv e d; rm -r gone}),
	$load);
seen_ok('a link to this file, which is outside now',
	"ERROR:  script file \"$root/d/2.sql\" is a link that leads out of its directory",
	meanwhile('rm -rf e; mkdir e; mv d/2.sql e/2.sql; ln -s ../e/2.sql d/2.sql'), $load);
seen_ok('a link to another file of the directory', 'ERROR:  revision "one" is present more than once',
	meanwhile('rm d/2.sql; ln -s 1.sql d/2.sql'), $load);
seen_ok('a directory', "ERROR:  script file \"$root/d/2.sql\" is not a regular file",
	meanwhile('mv d/2.sql e.sql; mkdir d/2.sql; mv e.sql d/2.sql/2.sql'), $load);
SKIP:
{
	skip 'the superuser of the system may read anything', 1 if $> == 0;
	seen_ok('a file that nobody may read any more',
		"ERROR:  could not open script file \"$root/d/2.sql\": Permission denied",
		meanwhile('chmod 0 d/2.sql'), $load);
}

note 'a store that changes';
seen_ok('what was loaded was rolled back', join("\n", 'one unchanged, two unchanged, three added, view_v unchanged',
		'one unchanged, two unchanged, three added, view_v unchanged'),
	meanwhile("cat > d/3.sql <<'EOF'\n" . script('three', 'two', 'SELECT 1') . "EOF\nsleep 2.2"),
	"BEGIN;\n", $load, "ROLLBACK;\n", $load);
seen_ok('in a subtransaction', join("\n", $unchanged, 'two removed', 'one unchanged, two added, view_v unchanged', $unchanged),
	"BEGIN;\n", $load, "SAVEPOINT s; SELECT migr_unload('two') \\g /dev/null\nSELECT 'two removed';\n", $load,
	"ROLLBACK TO s;\n", $load, "COMMIT;\n");
seen_ok('another session forgets', 'one unchanged, two added, view_v added',
	other_session("SELECT migr_unload('two'); SELECT migr_unload('view_v');"), $load);
seen_ok('another session loads another text', $updated,
	other_session('SELECT migr_load($$' . script('two', 'one', 'SELECT 77') . '$$, replace => true)'), $load);
seen_ok('it is undone', "two", other_session("SELECT migr_downgrade('base')"),
	"SELECT revision FROM migr_pending() OFFSET 1 LIMIT 1;\n");
my $hand = q{ALTER TABLE migr.revision DISABLE TRIGGER ALL; %s; ALTER TABLE migr.revision ENABLE ALWAYS TRIGGER guard;};
seen_ok('somebody has written a checksum by hand', $updated,
	other_session("UPDATE migr.revision SET checksum = repeat('0', 64) WHERE revision = 'two'"), $load);
seen_ok('where triggers were off', $updated,
	other_session(sprintf $hand, "UPDATE migr.revision SET checksum = repeat('0', 64) WHERE revision = 'two'"), $load);
seen_ok('or taken a row out', 'one unchanged, two added, view_v unchanged',
	other_session(sprintf $hand, "DELETE FROM migr.revision WHERE revision = 'two'"), $load);
seen_ok('or says that another role has loaded it', "$unchanged\n0",
	other_session("UPDATE migr.revision SET loader = 10 WHERE revision = 'two'"), $load,
	"SELECT loader FROM migr.revision WHERE revision = 'two';\n");
seen_ok('an extension of its own', $added,
	other_session('DROP EXTENSION migr CASCADE; CREATE EXTENSION migr'), $load);

note 'settings';
seen_ok('a lower limit', "ERROR:  script file \"$root/d/1.sql\" is larger than migr.max_script_size",
	meanwhile('yes -- -- | head -c 2000 >> d/1.sql; sleep 2.2'), "DO \$\$BEGIN PERFORM migr_load_directory(); END\$\$;\n",
	"SET migr.max_script_size = '1kB';\n", $load);
seen_ok('strings are read in another way', 'ERROR:  malformed script of revision "two" in file "2.sql" at line 4: a quote or comment that starts here never ends',
	meanwhile(swap('d/2.sql', script('two', 'one', q{SELECT '\\'}) ) . 'sleep 2.2'),
	"DO \$\$BEGIN PERFORM migr_load_directory(); END\$\$;\n",
	"SET standard_conforming_strings = off;\n", $load);

$node->stop;
done_testing();
