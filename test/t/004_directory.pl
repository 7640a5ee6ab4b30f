# Scripts in files of the server: which files are read and in what order, what
# is refused and why, who may, and what migr.script_location does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'realpath';
use IO::Socket::UNIX;
use MigrTest;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('directory', undef, extra => [ '--encoding=UTF8', '--locale=C' ]);
my $root = realpath(PostgreSQL::Test::Utils::tempdir());
my $directories = 0;

# directory(NAME => BYTES, ...): a new directory with these files.
sub directory
{
	my (%files) = @_;
	my $path = "$root/" . ++$directories;

	mkdir($path) or die "$path: $!";
	write_file("$path/$_", $files{$_}) foreach sort keys %files;
	return $path;
}

# A script; the upgrade section is one line.
sub script
{
	my ($revision, $revises, $sql) = @_;

	return "-- migr:revision $revision\n"
	  . ($revises ? "-- migr:revises $revises\n" : '')
	  . "-- migr:upgrade\n"
	  . ($sql // "SELECT '$revision'") . ";\n";
}

# Each case has a store of its own; nobody else uses the database.
sub start_anew
{
	$node->safe_psql('postgres',
		'DROP EXTENSION migr CASCADE; CREATE EXTENSION migr');
}

sub load_directory
{
	my ($path) = @_;

	return $node->safe_psql('postgres',
		"SELECT * FROM migr_load_directory(\$path\$$path\$path\$)");
}

# Loading fails, soon, and leaves nothing.
sub refused
{
	my ($path, $state, $pattern, $name, %param) = @_;
	my $set = $param{set} // '';

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $errors = fails_ok($node,
		"SET statement_timeout = '60s'; $set SELECT * FROM migr_load_directory(\$path\$$path\$path\$)",
		$state, $pattern, $name, %param);
	is($node->safe_psql($param{db} // 'postgres', 'SELECT count(*) FROM migr.revision'),
		'0', "$name: nothing was loaded") or start_anew();
	return $errors;
}

my $path;
my $out;

note 'which files, in what order';
$path = directory(
	'b.sql'    => script('from_b', 'from_a'),
	'a.sql'    => script('from_a', 'upper'),
	'10.sql'   => script('ten',    'nine'),
	'9.sql'    => script('nine'),
	'B.sql'    => script('upper', 'ten') . script('upper_2', 'upper'),
	'.c.sql'   => 'hidden',
	'.sql'     => 'no name',
	'd.sql~'   => 'a backup',
	'd.SQL'    => 'another ending',
	'e.txt'    => 'no script',
	'README'   => 'no script');
mkdir("$path/more") or die;
write_file("$path/more/f.sql", 'a directory below is not looked into');
is( load_directory($path),
	join("\n",
		'10.sql|ten|added',   '9.sql|nine|added',
		'B.sql|upper|added',  'B.sql|upper_2|added',
		'a.sql|from_a|added', 'b.sql|from_b|added'),
	'*.sql by their bytes, several scripts in one, references forward');
like(load_directory($path), qr/^(?:\S+\|\S+\|unchanged\n?){6}$/, 'a second time: unchanged');
write_file("$path/a.sql", script('from_a', 'upper', 'SELECT 2'));
write_file("$path/c.sql", script('from_c', 'from_b'));
is((join ' ', grep { !/unchanged/ } split /\n/, load_directory("$path/")),
	'a.sql|from_a|updated c.sql|from_c|added', 'changed and new ones');
is( $node->safe_psql('postgres', q{SELECT rtrim(migr_script('from_a'), E'\n')}) . "\n",
	script('from_a', 'upper', 'SELECT 2'),
	'the new text is there');

note 'several directories';
start_anew();
my @several = (
	directory('z.sql' => script('z')),
	directory('a.sql' => script('a', 'z')),
	directory('a.sql' => script('a_2', 'a')));
is(load_directory("$several[2], $several[0],$several[1]"),
	"a.sql|a_2|added\nz.sql|z|added\na.sql|a|added", 'in the order of the list');
start_anew();
my $comma = directory('x.sql' => script('x'));
rename($comma, "$root/with, comma") or die;
is(load_directory(qq{"$root/with, comma"}), 'x.sql|x|added', 'a quoted name with a comma');
start_anew();
refused("$several[0], $several[0]", 'MG005', qr/"z"/, 'the same directory twice');
refused(",", '22023', qr/no list of directories/, 'no list');
refused("$several[0], $root/none", '58P01', qr/$root\/none/, 'one of the list is missing');
refused("$several[0], " . directory('bad.sql' => 'SELECT 1;'),
	'MG006', qr/bad\.sql/, 'all or nothing');

note 'relative to the data directory';
mkdir($node->data_dir . '/scripts') or die;
write_file($node->data_dir . '/scripts/x.sql', script('x'));
is(load_directory('scripts'), 'x.sql|x|added', 'a relative path');
start_anew();

note 'files that hold nothing';
$path = directory(
	'1.sql' => '',
	'2.sql' => "-- only a comment\n\n/* and\nanother */\n",
	'3.sql' => script('three'),
	'4.sql' => "\xEF\xBB\xBF",
	'5.sql' => "\r\n \t\r\n");
my $notices = notices_of($node, "SELECT migr_load_directory('$path')");
like($notices, qr/NOTICE:  00000: file "$_\.sql" holds no revision/, "$_.sql: a notice")
  foreach (1, 2, 4, 5);
unlike($notices, qr/3\.sql/, 'no notice of one that holds something');
is($node->safe_psql('postgres', 'SELECT revision FROM migr.revision'), 'three',
	'the others are loaded all the same');
is(load_directory(directory()), '', 'an empty directory');
start_anew();

note 'line ends and byte order marks';
my $text = "-- migr:revision lines\n-- migr:message a \xC3\xA4\n-- migr:upgrade\n"
  . "CREATE TABLE lines (t text);\nCOPY lines FROM stdin;\none\n\\.\n";
(my $crlf = "\xEF\xBB\xBF$text") =~ s/\n/\r\n/g;
is(load_directory(directory('x.sql' => $crlf)), 'x.sql|lines|added', 'CR LF, and BOM');
is(load_directory(directory('x.sql' => $text)), 'x.sql|lines|unchanged',
	'without: the same script');
is($node->safe_psql('postgres', q{SELECT migr_upgrade('head')}), 'lines', 'it runs');
is($node->safe_psql('postgres', q{SELECT quote_literal(t) FROM lines}), q{'one'},
	'without any CR in the data');
$node->safe_psql('postgres', 'DROP TABLE lines');
is($node->safe_psql('postgres', q{SELECT message = U&'a \00E4' FROM migr.revision}), 't',
	'the message is in UTF-8');
start_anew();

note 'encodings';
$node->safe_psql('postgres',
	q{CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0});
$node->safe_psql('latin', 'CREATE EXTENSION migr');
refused(directory('x.sql' => "\xEF\xBB\xBF-- migr:revision x\n-- migr:message \xE2\x82\xAC\n"),
	'22P05', qr/LATIN1.*x\.sql|x\.sql.*LATIN1/s, 'BOM, and a character that LATIN1 has not', db => 'latin');
refused(directory('x.sql' => "\xEF\xBB\xBF-- migr:revision x\n-- migr:message \xE4\n"),
	'22021', qr/file "[^"]*x\.sql" is not in encoding "UTF8" at byte 38\b.*0xe4/s,
	'BOM, and what is no UTF-8', db => 'latin');
$node->safe_psql('latin',
	sprintf q{SELECT migr_load_directory('%s')},
	directory(
		'bom.sql'   => "\xEF\xBB\xBF-- migr:revision bom\n-- migr:message \xC3\xA4\n",
		'nobom.sql' => "-- migr:revision nobom\n-- migr:message \xE4\n"));
is( $node->safe_psql('latin',
		q{SELECT revision, convert_to(message, 'LATIN1') FROM migr.revision ORDER BY 1}),
	"bom|\\xe4\nnobom|\\xe4",
	'LATIN1: with BOM from UTF-8, without as it is');

my $head = "-- migr:revision x\n-- migr:upgrade\n";
my $at = length($head) + 8;
refused(directory('good.sql' => script('good'), 'bad.sql' => "$head-- \xC3\xA4\xC3\xA4.\xE4\n"),
	'22021', qr/file "[^"]*bad\.sql" is not in encoding "UTF8" at byte $at\b.*0xe4/s, 'no UTF-8');
$at = length($head);
refused(directory('x.sql' => "$head\xC3"),
	'22021', qr/file "[^"]*x\.sql".* at byte $at\b.*0xc3/s, 'half a character at the end');
refused(directory('x.sql' => "$head\xED\xA0\x80\n"),
	'22021', qr/at byte $at\b/, 'a surrogate');
refused(directory('x.sql' => "$head\0SELECT 1;\n"),
	'22021', qr/file "[^"]*x\.sql" has a NUL at byte $at\b/, 'a NUL');
refused(directory('x.sql' => "\xFF\xFE-\0-\0"),
	'22021', qr/x\.sql/, 'UTF-16');

note 'files that are none';
my $fifo = directory('a.sql' => script('a'));
POSIX::mkfifo("$fifo/x.sql", 0600) or die "mkfifo: $!";
refused($fifo, '42809', qr/"[^"]*x\.sql" is not a regular file/, 'a FIFO');

my $device = directory('a.sql' => script('a'));
symlink('/dev/zero', "$device/x.sql") or die;
refused($device, '42809', qr/"[^"]*x\.sql" is not a regular file/, 'a device');

my $subdirectory = directory('a.sql' => script('a'));
mkdir("$subdirectory/x.sql") or die;
refused($subdirectory, '42809', qr/"[^"]*x\.sql" is not a regular file/, 'a directory');

# The path of a socket is short: bind it from within.
my $socket = directory('a.sql' => script('a'));
{
	my $here = Cwd::getcwd();

	chdir($socket) or die;
	IO::Socket::UNIX->new(Local => 'x.sql', Listen => 1) or die "socket: $!";
	chdir($here) or die;
}
refused($socket, '42809', qr/"[^"]*x\.sql" is not a regular file/, 'a socket');

note 'links';
my $outside = directory('secret.txt' => script('secret'), 'x.sql' => script('x'));
my $link = directory('a.sql' => script('a'));
symlink("$outside/secret.txt", "$link/x.sql") or die;
refused($link, '42501', qr/"[^"]*x\.sql" is a link that leads out of its directory/,
	'a link out of the directory');
unlink("$link/x.sql");
symlink('../../../../../../../../etc/passwd', "$link/x.sql") or die;
refused($link, '42501', qr/leads out/, 'a relative one');
unlink("$link/x.sql");
symlink($outside, "$link/up") or die;
symlink('up/x.sql', "$link/x.sql") or die;
refused($link, '42501', qr/leads out/, 'one through a linked directory');

# A directory whose name begins with that of ours is another one.
my $beside = directory('x.sql' => script('x'));
rename($beside, "${link}0") or die;
unlink("$link/x.sql");
symlink("../" . ($link =~ s{.*/}{}r) . "0/x.sql", "$link/x.sql") or die;
refused($link, '42501', qr/leads out/, 'one to a directory beside');
unlink("$link/x.sql");
symlink('nowhere', "$link/x.sql") or die;
refused($link, '58P01', qr/"[^"]*x\.sql"/, 'a link to nowhere');

# How Kubernetes mounts a ConfigMap: a change is one rename of ..data.
my $map = directory();
mkdir("$map/..2026_11_20") or die;
write_file("$map/..2026_11_20/a.sql", script('a'));
write_file("$map/..2026_11_20/b.sql", script('b', 'a'));
symlink('..2026_11_20', "$map/..data") or die;
symlink("..data/$_.sql", "$map/$_.sql") or die foreach qw(a b);
is(load_directory($map), "a.sql|a|added\nb.sql|b|added", 'links within the directory');
start_anew();
symlink($map, "$root/current") or die;
is(load_directory("$root/current"), "a.sql|a|added\nb.sql|b|added", 'a link to the directory');
start_anew();

note 'paths';
my $name = $several[0] =~ s{.*/}{}r;
refused("../$name",          '22023', qr/parent directory/, 'up from the data directory');
refused("base/../../x",      '22023', qr/parent directory/, 'up, in the midst of it');
refused("$several[0]/../$name", '22023', qr/parent directory/, 'up, in an absolute path');
refused("$root/none", '58P01', qr/could not open script directory "[^"]*none"/, 'no such directory');
refused("$several[0]/z.sql", '42809', qr/z\.sql/, 'a file in place of the directory');

note 'what can not be read';
SKIP:
{
	skip 'the superuser of the system may read anything', 1 if $> == 0;

	$path = directory('x.sql' => script('x'));
	chmod(0, "$path/x.sql") or die;
	refused($path, '42501', qr/could not open script file "[^"]*x\.sql"/, 'an unreadable file');
	chmod(0600, "$path/x.sql") or die;
	chmod(0300, $path) or die;
	refused($path, '42501', qr/could not open .*directory/, 'an unreadable directory');
	chmod(0700, $path) or die;
}

note 'names of files';
is(load_directory(directory("with 'quote\" %s.sql" => script('x'))),
	"with 'quote\" %s.sql|x|added", 'a name with quotes and a percent sign');
start_anew();
refused(directory("bad%n %s.sql" => 'SELECT 1;'), 'MG006', qr/file "bad%n %s\.sql"/,
	'the same, in an error');
my $invalid = directory("\xFF.sql" => script('x'));
refused($invalid, '22021', qr/xff/i, 'a name that is no text in this encoding');

note 'sizes';
my $big = directory('x.sql' => script('x'));
my $size = 1024 - length(script('x'));
write_file("$big/x.sql", script('x') . '-' x ($size - 1) . "\n");
is( $node->safe_psql('postgres',
		"SET migr.max_script_size = '1kB'; SELECT * FROM migr_load_directory('$big')"),
	'x.sql|x|added', 'a file of migr.max_script_size');
start_anew();
write_file("$big/x.sql", script('x') . '-' x $size . "\n");
refused($big, '54000', qr/x\.sql" is larger than migr\.max_script_size.*1025 bytes/s,
	'a byte more', set => q{SET migr.max_script_size = '1kB';});

# It would take long to read, and more memory than there is.
open(my $sparse, '>', "$big/x.sql") or die;
truncate($sparse, 1 << 40) or die;
close($sparse);
refused($big, '54000', qr/x\.sql" is larger than migr\.max_script_size/,
	'a file of 1 TB is not read');

note 'malformed scripts';
$path = directory(
	'1.sql' => script('good'),
	'2.sql' => "-- migr:revision two\n-- migr:upgrade\nSELECT 1;\n-- migr:upgrad\n");
refused($path, 'MG006', qr/malformed script of revision "two" in file "2\.sql" at line 4/, 'an unknown directive');
write_file("$path/2.sql", script('one') . "-- migr:revision two\n-- migr:upgrade\nCOMMIT;\n");
refused($path, 'MG006',
	qr/malformed script of revision "two" in file "2\.sql" at line 3:.*DETAIL:  It is line 6 of the file\./s,
	'the second of a file');
write_file("$path/2.sql", "--migr:revision two\n-- migr:upgrade\n");
refused($path, 'MG006', qr/in file "2\.sql" at line 1: .*Write "-- migr:revision two"/s, 'nearly a directive');
write_file("$path/2.sql", "-- nothing\n\nSELECT 1;\n");
refused($path, 'MG006', qr/malformed script in file "2\.sql" at line 3/, 'SQL outside a section');
write_file("$path/2.sql", script('good'));
refused($path, 'MG005', qr/"good"/, 'one revision in two files');
write_file("$path/2.sql", script('two', 'missing'));
refused($path, 'MG005', qr/"missing"/, 'a parent that is nowhere');
write_file("$path/2.sql", "-- migr:upgrade\n");
refused($path, 'MG006', qr/file "2\.sql" at line 1/, 'a file does not go on with the script of another');

note 'who may';
$path = directory('x.sql' => script('x'));
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE reader LOGIN;
CREATE ROLE caller LOGIN;
CREATE ROLE loader LOGIN;
GRANT pg_read_server_files TO reader, loader;
GRANT EXECUTE ON FUNCTION migr_load_directory(text, boolean), migr_upgrade(text, boolean, text, text, boolean) TO caller, loader;
SQL
refused($path, '42501', qr/permission denied for function migr_load_directory/,
	'who may read files but not load', role => 'reader');
refused($path, '42501', qr/pg_read_server_files/, 'who may load but not read files', role => 'caller');
unlike(
	refused("$root/none", '42501', qr/pg_read_server_files/,
		'who may not read files does not learn what there is', role => 'caller'),
	qr/No such file/, 'nor by the message');
fails_ok($node, "SET migr.script_location = '$path'; SELECT migr_load_directory()",
	'22004', qr/permission denied to set parameter/,
	'nor does it count where he says they are, even before the library is loaded',
	role => 'caller');
my ($status, $stdout, $stderr) = $node->psql('postgres',
	"SELECT * FROM migr_load_directory('$path')", extra_params => [ '-U', 'loader' ]);
is($stdout, 'x.sql|x|added', 'who may both') or diag($stderr);
is($node->safe_psql('postgres', q{SELECT performed_by FROM migr.log ORDER BY id DESC LIMIT 1}),
	'loader', 'and the log says who');
start_anew();
$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION migr_load_directory(text, boolean), migr_upgrade(text, boolean, text, text, boolean) TO caller');
note 'what a superuser has set is read for whoever may call';
$node->safe_psql('postgres', "ALTER DATABASE postgres SET migr.script_location = '$path'");
my %caller = (role => 'caller');
fails_ok($node, 'SELECT migr_check()', 'MG009', qr/1 revision pending/, 'migr_check() reads', %caller);
is($node->safe_psql('postgres', 'SELECT pending FROM migr_status()', extra_params => [ '-U', 'caller' ]),
	'1', 'migr_status() reads');
is($node->safe_psql('postgres', 'SELECT revision FROM migr_pending()', extra_params => [ '-U', 'caller' ]),
	'x', 'migr_pending() reads');
is($node->safe_psql('postgres', q{SELECT problem FROM migr_validate() WHERE problem <> 'no_downgrade'},
		extra_params => [ '-U', 'caller' ]),
	'not_loaded', 'migr_validate() reads');
refused($path, '42501', qr/pg_read_server_files/, 'the same directory, named by the caller', %caller);
is($node->safe_psql('postgres', 'SELECT * FROM migr_load_directory()', extra_params => [ '-U', 'caller' ]),
	'x.sql|x|added', 'migr_load_directory() reads');
$node->safe_psql('postgres', 'GRANT CREATE ON SCHEMA public TO caller');
is($node->safe_psql('postgres', 'SELECT migr_upgrade()', extra_params => [ '-U', 'caller' ]),
	'x', 'migr_upgrade() runs what it has read');
is($node->safe_psql('postgres', 'SELECT loaded_by, loader FROM migr.revision'),
	'caller|0', 'for which the superuser vouches');
symlink('/etc/passwd', "$path/link.sql") or die $!;
fails_ok($node, 'SELECT migr_load_directory()', '42501', qr/leads out of its directory/,
	'links do not lead further', %caller);
unlink("$path/link.sql");
my $elsewhere = directory('secret.sql' => script('secret'));
is($node->safe_psql('postgres', "SET migr.script_location = '$elsewhere'; SELECT * FROM migr_load_directory()",
		extra_params => [ '-U', 'caller' ]),
	'x.sql|x|unchanged', 'the caller says not where, even before the library is loaded');
fails_ok($node, "SELECT migr_status(); SET migr.script_location = '$elsewhere'",
	'42501', qr/permission denied to set parameter/, 'nor behind that', %caller);
fails_ok($node, "ALTER ROLE caller SET migr.script_location = '$elsewhere'",
	'42501', qr/permission denied to set parameter/, 'nor for his role', %caller);
{
	local $ENV{PGOPTIONS} = "-c migr.script_location=$elsewhere";
	fails_ok($node, 'SELECT * FROM migr_load_directory()', '22004', qr/permission denied to set parameter/,
		'nor by an option of the connection', %caller);
}
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET migr.script_location');
$node->safe_psql('postgres', 'REVOKE CREATE ON SCHEMA public FROM caller');
start_anew();

note 'migr.script_location';
fails_ok($node, 'SELECT migr_load_directory()', '22004', qr/migr\.script_location is not set/,
	'no location');
$path = directory(
	'1.sql' => script('one', undef, 'CREATE TABLE location_one (i int)'),
	'2.sql' => script('two', 'one', 'CREATE TABLE location_two (i int)'));
my $set = "SET migr.script_location = '$path';";
my $state = 'SELECT (SELECT count(*) FROM migr.revision), (SELECT count(*) FROM migr.version),'
  . ' (SELECT count(*) FROM migr.log)';
is( $node->safe_psql('postgres',
		"$set SELECT script_heads, applied, pending, up_to_date FROM migr_status()"),
	'{two}|0|2|f', 'migr_status() sees what is not loaded');
is($node->safe_psql('postgres', "$set SELECT revision FROM migr_pending()"),
	"one\ntwo", 'migr_pending() too');
fails_ok($node, "$set SELECT migr_check()", 'MG009', qr/2 revisions pending/, 'migr_check() too');
fails_ok($node, "$set BEGIN READ ONLY; SELECT migr_check()", 'MG009', qr/2 revisions pending/,
	'read only: migr_check() too');
is( $node->safe_psql('postgres',
		"$set BEGIN READ ONLY; SELECT pending FROM migr_status(); SELECT revision FROM migr_pending('+1'); COMMIT"),
	"2\none", 'read only: the others too');
is($node->safe_psql('postgres', $state), '0|0|0', 'and nothing was written');
is($node->safe_psql('postgres', "$set SELECT migr_upgrade('+1')"), 'one',
	'migr_upgrade() loads first');
is($node->safe_psql('postgres', $state), '2|1|2', 'both, and applies what it is to');
is($node->safe_psql('postgres', "$set SELECT * FROM migr_load_directory()"),
	"1.sql|one|unchanged\n2.sql|two|unchanged", 'migr_load_directory() without a path');
write_file("$path/2.sql", script('two', 'one', 'CREATE TABLE location_zwei (i int)'));
is( $node->safe_psql('postgres',
		"$set SELECT migr_upgrade('head', dry_run => true); SELECT to_regclass('location_zwei')"),
	"two\n", 'a dry run loads, and runs what it loaded');
is($node->safe_psql('postgres', "$set SELECT migr_upgrade('head')"), 'two',
	'an edit of what is not applied is taken');
is($node->safe_psql('postgres', q{SELECT to_regclass('location_zwei'), to_regclass('location_two')}),
	'location_zwei|', 'and runs');
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'migr_check() is content');
is($node->safe_psql('postgres', "$set SELECT migr_upgrade('head')"), '', 'nothing is left to do');

note 'an applied file is edited';
write_file("$path/1.sql", script('one', undef, 'CREATE TABLE location_eins (i int)'));
my $before = $node->safe_psql('postgres', $state);
foreach my $function (
	'migr_load_directory()', q{migr_upgrade('head')}, 'migr_status()', 'migr_check()', 'migr_pending()')
{
	my $errors = fails_ok($node, "$set SELECT * FROM $function", 'MG007',
		qr/revision "one" was edited after it was applied/, $function);
	like($errors, qr/DETAIL:.*file "1\.sql"/, "$function: names the file");
}
is($node->safe_psql('postgres', $state), $before, 'nothing was written');
is($node->safe_psql('postgres', 'SELECT applied FROM migr_status()'), '2',
	'without the location, migr_status() goes by the store');
write_file("$path/1.sql", script('one', undef, 'CREATE TABLE location_one (i int)') =~ s/\n/ \t\n/gr . "\n\n");
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't',
	'trailing white space is no edit');

note 'migr_validate() and migr_verify() compare';
my $compare = "$set SELECT revision, problem, detail FROM migr_validate()"
  . q{ WHERE problem NOT IN ('no_downgrade')};
is($node->safe_psql('postgres', $compare), '', 'all files are as they were loaded');
my $other = directory(
	'1.sql' => script('one', undef, 'CREATE TABLE location_eins (i int)'),
	'3.sql' => script('three', 'one'),
	'4.sql' => script('three', 'one'),
	'5.sql' => "SELECT 1;\n",
	'6.sql' => "-- nothing\n");
(my $compare_other = $compare) =~ s/\Q$path\E/$other/;
is( $node->safe_psql('postgres', $compare_other),
	join("\n",
		'|malformed|malformed script in file "5.sql" at line 1: SQL outside a section',
		'one|differs|its script in file "1.sql" is not the one in the store',
		'two|missing_file|no file under migr.script_location holds it',
		'three|not_loaded|it is in file "3.sql", and not in the store',
		'three|not_loaded|it is in file "4.sql", and not in the store'),
	'files that differ, that are not there, that are not loaded, that are none');
is( $node->safe_psql('postgres',
		"SET migr.script_location = '$other'; SELECT * FROM migr_verify('{scripts}')"),
	qq{scripts||fail|malformed script in file "5.sql" at line 1: SQL outside a section\n}
	  . 'scripts|revision one|fail|its script in file "1.sql" is not the one in the store',
	'migr_verify() as far as they were applied');
is( $node->safe_psql('postgres',
		"SET migr.script_location = '$path, $path'; SELECT count(*), min(problem) FROM migr_validate() WHERE problem <> 'no_downgrade'"),
	'2|duplicate_revision', 'the same directory twice');
is( $node->safe_psql('postgres',
		"SET migr.script_location = '$root/none'; SELECT problem, detail FROM migr_validate() WHERE problem <> 'no_downgrade'"),
	qq{not_compared|could not open script directory "$root/none": No such file or directory},
	'a directory that is not there');
is( $node->safe_psql('postgres',
		"$set SET ROLE caller; SELECT revision, problem, detail FROM migr_validate() WHERE problem <> 'no_downgrade';"
		  . q{ SELECT * FROM migr_verify('{scripts}')}),
	'scripts||ok|applied scripts: 2', 'a caller who may not read other files');
is( $node->safe_psql('postgres',
		"SET migr.script_location = '$other'; BEGIN READ ONLY; SELECT count(*) FROM migr_validate() WHERE problem <> 'no_downgrade'; COMMIT"),
	'5', 'in a read-only transaction, too');

note 'a location that is gone';
$set = "SET migr.script_location = '$root/none';";
foreach my $function (q{migr_upgrade('head')}, 'migr_status()', 'migr_check()', 'migr_pending()')
{
	fails_ok($node, "$set SELECT * FROM $function", '58P01', qr/none/, "$function: no such directory");
}
is($node->safe_psql('postgres', "$set SELECT revision FROM migr_current()"), 'two',
	'what does not load, does not look for it');

note 'a file that is gone';
start_anew();
my $mirror = directory(
	'1.sql' => script('m1'),
	'2.sql' => script('m2', 'm1'),
	'3.sql' => script('m3', 'm2'));
$set = "SET migr.script_location = '$mirror';";
is($node->safe_psql('postgres', "$set SELECT migr_upgrade('m1')"), 'm1', 'three are loaded, one runs');
unlink("$mirror/3.sql") or die;
$state = 'SELECT string_agg(revision, \' \' ORDER BY revision) FROM migr.revision';
is($node->safe_psql('postgres', "$set SELECT revision FROM migr_pending()"), 'm2',
	'migr_pending() leaves out what no file holds any more');
is($node->safe_psql('postgres', "$set BEGIN READ ONLY; SELECT script_heads, pending FROM migr_status(); COMMIT"),
	'{m2}|1', 'migr_status() too, in a read-only transaction');
is($node->safe_psql('postgres', $state), 'm1 m2 m3', 'and writes nothing');
is($node->safe_psql('postgres', "$set SELECT * FROM migr_load_directory()"),
	"1.sql|m1|unchanged\n2.sql|m2|unchanged", 'migr_load_directory() forgets nothing unless asked');
is($node->safe_psql('postgres', 'SELECT migr_revision(\'by hand\', revision_id => \'hand\', head => \'m2\', splice => true) IS NOT NULL'),
	't', 'a revision of which there is no file yet');
my $forgotten = notices_of($node, "$set SELECT * FROM migr_upgrade('m2')");
like($forgotten, qr/revision "m3" is forgotten: no file under migr\.script_location holds it/, 'an upgrade says what it forgets');
is($node->safe_psql('postgres', $state), 'hand m1 m2', 'it does not forget what no file has brought');
is($node->safe_psql('postgres', q{SELECT action, revisions FROM migr.log WHERE action = 'unload'}),
	'unload|{m3}', 'the log knows');
is($node->safe_psql('postgres', "$set SELECT revision FROM migr_pending()"), 'hand', 'which is pending');
unlink("$mirror/2.sql") or die;
is($node->safe_psql('postgres', "$set SELECT migr_upgrade()"), 'hand', 'an applied one stays');
is( $node->safe_psql('postgres', "$set SELECT * FROM migr_load_directory(prune => true)"),
	"1.sql|m1|unchanged\n|hand|missing\n|m2|missing", 'and is reported when it is asked for');
write_file("$mirror/3.sql", $node->safe_psql('postgres',
	q{SELECT migr_revision('written', revision_id => 'written', head => 'hand')}));
is( $node->safe_psql('postgres', "$set SELECT migr_upgrade('m1'); SELECT revision FROM migr_pending()"),
	'written', 'one that was written, and saved there');
unlink("$mirror/3.sql") or die;
is( $node->safe_psql('postgres', "$set SELECT migr_upgrade('m1'); SELECT revision FROM migr_pending()"),
	'', 'goes with its file as well');
write_file("$mirror/4.sql", script('m4', 'hand'));
write_file("$mirror/5.sql", script('m5', 'm4'));
is($node->safe_psql('postgres', "$set SELECT revision FROM migr_load_directory(prune => true) WHERE action = 'added'"),
	"m4\nm5", 'two more');
load_scripts($node, script('on_m5', 'm5'));
unlink("$mirror/5.sql") or die;
fails_ok($node, "$set SELECT * FROM migr_upgrade('m4')", 'MG005',
	qr/"on_m5" revises "m5", which does not exist.*Put the missing file back/s, 'what stands on one that is gone');
fails_ok($node, "$set SELECT * FROM migr_status()", 'MG005', qr/"m5"/, 'migr_status() says so, too');
is($node->safe_psql('postgres', "$set SELECT revision, action FROM migr_load_directory('$mirror', prune => true) WHERE action = 'removed'"),
	"on_m5|removed\nm5|removed", 'a directory that is the whole project');
unlink(glob("$mirror/*.sql")) or die;
is($node->safe_psql('postgres', "$set SELECT revision FROM migr_pending()"), 'm4',
	'an empty directory forgets nothing: it may not be mounted');
fails_ok($node, "$set SELECT * FROM migr_load_directory(prune => true)", '22023', qr/holds no revision/,
	'nor is it a project');
note 'files of what a squash replaces';
my %replaced = ('1.sql' => script('q1'), '2.sql' => script('q2', 'q1'));
my %squash = (
	's.sql' => "-- migr:revision s\n-- migr:replaces q1 q2\n-- migr:upgrade\nSELECT 's';\n",
	'3.sql' => script('q3', 'q2'));
my $run = 'SET client_min_messages = warning; SELECT coalesce(string_agg(r, \' \'), \'-\') FROM migr_upgrade() r';
my $versions = q{SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version};
my $missing = q{SELECT count(*) FROM migr_validate() WHERE problem = 'missing_file'};
# What an upgrade to these of the old files has applied before they go.
foreach my $case (
	[ 'nothing', undef, 's q3', 's q3', 's q3', 's q3' ],
	[ 'all', 'q2', 'q3', 's q3', 'q1 q2 q3 s', 'q3 s' ],
	[ 'some', 'q1', 'q2 q3', 'q1 q2 q3', 'q1 q2 q3 s', 'q1 q2 q3 s' ])
{
	my ($applied, $target, $ran, $version, $stored, $next) = @$case;

	start_anew();
	$set = "SET migr.script_location = '" . directory(%replaced) . "';";
	$node->safe_psql('postgres', "$set SELECT migr_load_directory()");
	$node->safe_psql('postgres', "$set SELECT migr_upgrade('$target')") if $target;
	$set = "SET migr.script_location = '" . directory(%squash) . "';";
	is($node->safe_psql('postgres', "$set SELECT string_agg(revision, ' ') FROM migr_pending('heads')"),
		$ran, "$applied of it is applied: what is pending");
	is($node->safe_psql('postgres', "$set $run"), $ran, 'runs');
	is($node->safe_psql('postgres', $versions), $version, 'the version');
	is($node->safe_psql('postgres', $state), join(' ', sort split(/ /, $stored)), 'what is stored');
	is($node->safe_psql('postgres', "$set $missing"), 0, 'a file of the squash is one of these');
	is($node->safe_psql('postgres', "$set $run"), '-', 'once more');
	is($node->safe_psql('postgres', $versions), 's q3', 'the squash is in their place');
	is($node->safe_psql('postgres', $state), join(' ', sort split(/ /, $next)), 'what is stored then');
}
is($node->safe_psql('postgres', "$set $run"), '-', 'and once more');
is($node->safe_psql('postgres', $state), 'q3 s', 'goes when nothing needs it');

start_anew();
write_file("$path/1.sql", script('one', undef, 'CREATE TABLE IF NOT EXISTS location_one (i int)'));
$node->safe_psql('postgres',
	"SET migr.script_location = '$path'; SELECT migr_load_directory(); SELECT migr_stamp('two')");

note 'a run by location keeps no load waiting';
write_file("$path/3.sql", script('three', 'two', "CREATE TABLE location_three (i int);\n"
	  . q{SELECT pg_sleep(coalesce(current_setting('directory.sleep', true), '0')::float8)}));
my $session = MigrTest::Session->new($node);
$session->ask("SET migr.script_location = '$path'");
is($session->ask(q{BEGIN; SELECT migr_check()}), '', 'pending');
$session->ask('ROLLBACK');
$node->safe_psql('postgres', "SET migr.script_location = '$path'; SELECT migr_load_directory()");
$session->ask('SET directory.sleep = 1000');
$session->send(q{SELECT migr_upgrade('head')});
wait_for_sleep($node, 'three');
($status, $stdout, $stderr) = $node->psql('postgres',
	q{SET lock_timeout = '5s'; SELECT * FROM migr_load(E'-- migr:revision four\n-- migr:revises three\n')},
	extra_params => [ '-v', 'VERBOSITY=verbose' ]);
is($stdout, 'four|added', 'a new revision is accepted while it runs') or diag($stderr);
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->drain;
$session->finish;

note 'redo: down by what is stored, up by what is in the file';
start_anew();
my $downgrade = sub { return "-- migr:downgrade\nDROP TABLE $_[0];\n"; };
$path = directory(
	'1.sql' => script('one', '', 'CREATE TABLE redo_one (i int)'),
	'2.sql' => script('two', 'one', 'CREATE TABLE redo_old (i int)') . $downgrade->('redo_old'));
$set = "SET migr.script_location = '$path';";
$node->safe_psql('postgres', "$set SELECT migr_upgrade('head')");
write_file("$path/2.sql", script('two', 'one', 'CREATE TABLE redo_new (i int)') . $downgrade->('redo_new'));
fails_ok($node, "$set SELECT migr_upgrade('head')", 'MG007',
	qr/migr_redo\('two'\)/, 'a file that was edited: the hint');
is($node->safe_psql('postgres', "$set SELECT migr_redo('two')"), 'two', 'is followed');
is($node->safe_psql('postgres', "$set SELECT to_regclass('redo_old'), to_regclass('redo_new'), migr_check()"),
	'|redo_new|t', 'and all is well');
write_file("$path/2.sql", script('two', 'one', 'SELECT 1 / 0') . $downgrade->('redo_old'));
fails_ok($node, "$set SELECT migr_redo()", '22012', qr/division by zero/, 'a new upgrade that fails');
is($node->safe_psql('postgres', q{SELECT to_regclass('redo_new'), migr_script('two') ~ 'redo_new'}),
	'redo_new|t', 'leaves what was');
write_file("$path/1.sql", script('one', '', 'CREATE TABLE redo_other (i int)'));
fails_ok($node, "$set SELECT migr_redo()", 'MG007', qr/revision "one" was edited/, 'another file that was edited');
is( $node->safe_psql('postgres', "$set SELECT migr_redo('two', \$\$"
		  . script('two', 'one', 'CREATE TABLE redo_text (i int)') . '$$)'),
	'two', 'a text goes before the files');
is($node->safe_psql('postgres', q{SELECT to_regclass('redo_new'), to_regclass('redo_text')}), '|redo_text',
	'which are not looked at');
$node->safe_psql('postgres', 'DROP TABLE redo_one, redo_text');

note 'repeatable scripts';
start_anew();
my $repeatable = sub
{
	my ($name, $sql) = @_;

	return "-- migr:repeatable $name\n-- migr:depends base_of_all\n-- migr:upgrade\n$sql;\n";
};
$path = directory(
	'1.sql' => script('base_of_all'),
	'R__a.sql' => $repeatable->('r_a', 'SELECT 1'),
	'R__b.sql' => $repeatable->('r_b', 'SELECT 1'));
$set = "SET migr.script_location = '$path';";
is($node->safe_psql('postgres', "$set SELECT * FROM migr_load_directory()"),
	"1.sql|base_of_all|added\nR__a.sql|r_a|added\nR__b.sql|r_b|added", 'are loaded with their files');
is($node->safe_psql('postgres', "$set SELECT * FROM migr_validate() WHERE problem <> 'no_downgrade'"), '', 'agree with them');
write_file("$path/R__a.sql", $repeatable->('r_a', 'SELECT 2'));
write_file("$path/R__c.sql", $repeatable->('r_c', 'SELECT 1') . $repeatable->('r_a', 'SELECT 1'));
unlink("$path/R__b.sql") or die;
is( $node->safe_psql('postgres', "$set SELECT * FROM migr_validate() WHERE problem <> 'no_downgrade'"),
	join("\n",
		'r_a|duplicate_revision|it is in file "R__a.sql" and in file "R__c.sql"',
		'r_a|differs|its script in file "R__a.sql" is not the one in the store',
		'r_b|missing_file|no file under migr.script_location holds it',
		'r_c|not_loaded|it is in file "R__c.sql", and not in the store'),
	'or do not');
is($node->safe_psql('postgres', qq{$set SELECT DISTINCT status FROM migr_verify('{scripts}')}), 'ok',
	'which is nothing wrong with the database: they are only to be run');
fails_ok($node, "$set $_", 'MG005', qr/"r_a" is present more than once/, "one of two files: $_")
  foreach ('SELECT * FROM migr_load_directory()', 'SELECT pending FROM migr_status()', 'SELECT migr_check()');
write_file("$path/R__c.sql", $repeatable->('r_c', 'SELECT 1'));
is($node->safe_psql('postgres', "$set SELECT string_agg(revision, ' ') FROM migr_pending()"), 'base_of_all r_a r_c',
	'who only asks sees what a run will make of them');
is( $node->safe_psql('postgres', "$set SELECT * FROM migr_load_directory(prune => true)"),
	"1.sql|base_of_all|unchanged\nR__a.sql|r_a|updated\nR__c.sql|r_c|added\n|r_b|removed", 'what the files lack is forgotten');
unlink("$path/R__c.sql") or die;
$node->safe_psql('postgres', q{SELECT migr_load($$} . $repeatable->('r_text', 'SELECT 1') . '$$)');
$forgotten = notices_of($node, "$set SELECT * FROM migr_upgrade('head')");
like($forgotten, qr/repeatable script "r_c" is forgotten: no file under migr\.script_location holds it/, 'a run says so');
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'then all is done');
write_file("$path/R__a.sql", $repeatable->('r_a', 'SELECT 3'));
fails_ok($node, "$set SELECT migr_check()", 'MG009', qr/1 repeatable script pending/, 'an edited file is due');
is($node->safe_psql('postgres', "$set SELECT pending FROM migr_status()"), '1', 'and counted');
$node->safe_psql('postgres', "$set SELECT * FROM migr_upgrade()");
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'until it has run');
is($node->safe_psql('postgres', q{SELECT string_agg(name, ' ' ORDER BY name) FROM migr.repeatable}), 'r_a r_text',
	'and leaves what no file has brought');

note 'who vouches: what a superuser has set counts as his, whoever reads it';
start_anew();
$node->safe_psql('postgres', 'DROP TABLE IF EXISTS location_one, location_two, location_three; CREATE DATABASE vouched');
my $own = directory('own.sql' => script('own', '', 'CREATE TABLE own (i int)'));
my $set_by_superuser = directory('set.sql' => script('set', '', 'CREATE TABLE set (i int)'));
$node->safe_psql('vouched', qq{
	CREATE EXTENSION migr;
	GRANT EXECUTE ON FUNCTION migr_load, migr_load_directory(text, boolean) TO loader;
	ALTER DATABASE vouched SET migr.script_location = '$set_by_superuser';});
my %loader = (db => 'vouched', role => 'loader');
my $unchanged = q{SELECT * FROM migr_load($$} . script('set', '', 'CREATE TABLE set (i int)') . '$$)';

notices_of($node, $unchanged, %loader);
fails_ok($node, q{SET migr.script_location = ''; SELECT migr_upgrade('set')}, '42501',
	qr/Loaded by role "loader": "set"/, 'a script that a lesser role has loaded', db => 'vouched');
notices_of($node, 'SELECT migr_load_directory()', %loader);
is($node->safe_psql('vouched', 'SELECT revision, loaded_by, loader FROM migr.revision'),
	'set|loader|0', 'read from where a superuser has set');
notices_of($node, $unchanged, %loader);
notices_of($node, "SELECT migr_load_directory('$own')", %loader);
is($node->safe_psql('vouched', 'SELECT revision, loader <> 0 FROM migr.revision ORDER BY 1'),
	"own|t\nset|f", 'a lesser role does not take that away, nor does it vouch for other directories');
is($node->safe_psql('vouched', q{SET migr.script_location = ''; SELECT migr_upgrade('set')}), 'set',
	'a superuser runs it');
fails_ok($node, q{SET migr.script_location = ''; SELECT migr_upgrade('own')}, '42501', qr/Loaded by role "loader": "own"/,
	'but not what it has read from elsewhere', db => 'vouched');
is( $node->safe_psql('vouched', "SET migr.script_location = '$own'; SELECT migr_upgrade('own')"),
	'own', 'unless a superuser says so');
my $rows = $node->safe_psql('vouched', 'SELECT * FROM migr.revision ORDER BY revision');
notices_of($node, "SET migr.script_location = '$own'; SELECT migr_load_directory()", %loader);
is($node->safe_psql('vouched', 'SELECT * FROM migr.revision ORDER BY revision'), $rows,
	'nor before it is: what the database says is read');

$node->stop;
done_testing();
