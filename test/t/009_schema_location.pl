# The desired schema in files of the server: migr.schema_location.  Which files
# are read, how they find what other files make, what is said of those that do
# not work, who may, and what migr_check() makes of it, on a standby too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'realpath';
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('schema', undef, allows_streaming => 1);
my $root = realpath(PostgreSQL::Test::Utils::tempdir());
my $directories = 0;

# directory(NAME => DDL, ...): a new directory with these files.
sub directory
{
	my (%files) = @_;
	my $path = "$root/" . ++$directories;

	mkdir($path) or die "$path: $!";
	write_file("$path/$_", $files{$_}) foreach sort keys %files;
	return $path;
}

sub at
{
	my ($location) = @_;

	return "SET migr.schema_location = '$location';";
}

# What the files build is what this DDL builds.
sub builds
{
	my ($location, $ddl, $name, %param) = @_;
	my $set = at($location) . ($param{set} // '');

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is( $node->safe_psql('postgres', "$set SELECT migr_diff(current => \$ddl\$$ddl\$ddl\$)"),
		'', $name);
	isnt($node->safe_psql('postgres', "$set SELECT migr_diff(current => '')"),
		'', "$name: there is something");
	return;
}

sub refused
{
	my ($location, $state, $pattern, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return fails_ok($node, at($location) . ' SELECT migr_diff()', $state, $pattern, $name);
}

my $tables = 'CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int REFERENCES a);';

note 'files, directories, lists of them';
my $one = directory('schema.sql' => $tables);
builds("$one/schema.sql", $tables, 'a file');
builds($one, $tables, 'a directory');
my $two = directory('c.sql' => 'CREATE VIEW c AS SELECT i FROM b;', 'README' => 'no SQL', '.x.sql' => 'no SQL');
builds("$two, $one/schema.sql", "$tables CREATE VIEW c AS SELECT i FROM b;",
	'a directory and a file, that needed last');
builds(directory('empty.sql' => '', 'x.sql' => "\xEF\xBB\xBF$tables"), $tables,
	'an empty file, and one with a byte order mark');

note 'one object per file';
my $objects = directory(
	'10_report.sql'   => "CREATE VIEW report AS SELECT * FROM shop.line JOIN shop.item USING (item);",
	'20_line.sql'     => "SET search_path = shop;\nCREATE TABLE line (item int REFERENCES item, n amount DEFAULT one());\nCOMMENT ON TABLE line IS 'of an order';",
	'30_item.sql'     => "SELECT pg_catalog.set_config('search_path', 'shop', false);\nCREATE TABLE item (item int PRIMARY KEY);\nCREATE INDEX ON line (n);",
	'40_one.sql'      => "SET search_path TO shop;\nSET check_function_bodies = off;\nCREATE FUNCTION one() RETURNS amount LANGUAGE sql AS 'SELECT n FROM line';",
	'50_amount.sql'   => 'CREATE DOMAIN shop.amount AS int;',
	'60_shop.sql'     => 'CREATE SCHEMA shop;',
	'70_nothing.sql'  => "CREATE TABLE here (i int);\nRESET search_path;",
	'80_again.sql'    => "SET search_path = shop;\nRESET search_path;\nCREATE VIEW again AS SELECT * FROM zero;",
	'90_zero.sql'     => 'CREATE TABLE zero (i int);');
builds($objects, q{
	CREATE SCHEMA shop;
	CREATE DOMAIN shop.amount AS int;
	SET search_path = shop;
	CREATE TABLE shop.item (item int PRIMARY KEY);
	SET check_function_bodies = off;
	CREATE FUNCTION shop.one() RETURNS shop.amount LANGUAGE sql AS 'SELECT n FROM line';
	CREATE TABLE shop.line (item int REFERENCES shop.item, n shop.amount DEFAULT shop.one());
	COMMENT ON TABLE shop.line IS 'of an order';
	CREATE INDEX ON line (n);
	CREATE VIEW public.report AS SELECT * FROM shop.line JOIN shop.item USING (item);
	CREATE TABLE public.here (i int);
	CREATE TABLE public.zero (i int);
	CREATE VIEW public.again AS SELECT * FROM public.zero;
}, 'forward references, settings of a file for that file alone');
is( $node->safe_psql('postgres', at($objects) . ' SELECT migr_diff() IS NULL; SHOW search_path'),
	qq{f\n"\$user", public}, 'no setting is left behind');
is( $node->safe_psql('postgres', at($objects) . ' SELECT migr_diff() = migr_diff()'),
	't', 'the same every time');

note 'files that do not work';
my $stuck = directory(
	'a.sql' => "CREATE VIEW v AS\n  SELECT 1;\n\nCREATE VIEW w AS SELECT * FROM t;\n",
	'b.sql' => "CREATE TABLE s (i int);\nCREATE TABLE t (\n  i int,\n  i int);\n",
	'c.sql' => 'CREATE TABLE fine (i int);');
like(refused($stuck, '42701', qr/column "i" specified more than once/, 'a mistake and what follows from it'),
	qr/schema file "b\.sql", line 2\nschema file "a\.sql" fails, too: relation "t" does not exist/,
	'the mistake is told from what follows, with file and line');
like(refused(directory('a.sql' => "CREATE VIEW v AS\n  SELECT 1;\n\nCREATE VIEW w AS\n  SELECT *\n  FROM t;\n"),
	'42P01', qr/relation "t" does not exist/, 'what nobody makes'),
	qr/schema file "a\.sql", line 6/, 'what nobody makes: file and line');
like(refused(directory('a.sql' => 'CREATE TABLE x (i int);', 'b.sql' => "\nCREATE TABEL t ();"),
	'42601', qr/syntax error at or near "TABEL"/, 'a syntax error'),
	qr/schema file "b\.sql", line 2/, 'a syntax error: file and line');
refused(directory('a.sql' => "CREATE TABLE x (i int);\n\nCOMMIT;"), 'MG006',
	qr/malformed schema file "a\.sql" at line 3: a script can't control the transaction/, 'COMMIT');
refused(directory('a.sql' => "-- migr:revision x\n-- migr:upgrade\n"), 'MG006',
	qr/malformed schema file "a\.sql" at line 1: directive/, 'a revision script');
refused(directory('a.sql' => "CREATE TABLE x (i int);", 'b.sql' => "CREATE VIEW a AS SELECT * FROM b;\n",
	'c.sql' => "CREATE VIEW b AS SELECT * FROM a;\n"), '42P01', qr/schema file "b\.sql", line 1/, 'two that wait for each other');
refused("$root/nosuch", '58P01', qr/could not open schema file or directory "\Q$root\E\/nosuch"/, 'a missing directory');
refused("$one/nosuch.sql", '58P01', qr/nosuch\.sql"/, 'a missing file');
refused("$one/../$directories", '22023', qr/parent directory/, 'a parent directory');
refused(directory('schema.ddl' => $tables), '22023', qr/there are no schema files in .*\.sql/s,
	'a directory without schema files is no empty schema');
refused(directory('a.sql' => "CREATE TABLE x (c text DEFAULT '\xff');"), '22021',
	qr/script file ".*a\.sql" is not in encoding/, 'bytes that are no text');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace}),
	'0', 'nothing is left of any of them');

note 'who may';
$node->safe_psql('postgres', q{
	CREATE ROLE plain LOGIN CREATEDB;
	CREATE ROLE reader LOGIN CREATEDB;
	GRANT pg_read_server_files TO reader;
	CREATE DATABASE plain OWNER plain;
	CREATE DATABASE reader OWNER reader});
foreach my $role ('plain', 'reader')
{
	# Before 15, schema public is not the database owner's.
	$node->safe_psql($role, "ALTER SCHEMA public OWNER TO $role")
	  if $node->safe_psql('postgres', 'SHOW server_version_num') < 150000;
	$node->safe_psql($role, 'CREATE EXTENSION migr', extra_params => [ '-U', $role ]);
	fails_ok($node, 'SELECT migr_heads(); ' . at($one), '42501', qr/permission denied to set parameter/,
		"$role: the setting", db => $role, role => $role);
	fails_ok($node, at($one) . ' SELECT migr_diff()', '22023', qr/there is no desired schema/,
		"$role: the setting, before the library is there", db => $role, role => $role);
	$node->safe_psql('postgres', "ALTER DATABASE $role SET migr.schema_location = '$one'");
}
like(fails_ok($node, 'SELECT migr_diff()', '42501', qr/permission denied to read schema files/,
	'plain: the files', db => 'plain', role => 'plain'),
	qr/HINT:  DDL can be handed over from the client, as "desired"/, 'plain: the way out');
load_scripts($node, "-- migr:revision nothing\n-- migr:upgrade\n", db => 'plain', role => 'plain');
$node->safe_psql('plain', 'SELECT migr_upgrade()', extra_params => [ '-U', 'plain' ]);
fails_ok($node, 'SELECT migr_check()', '42501', qr/permission denied to read schema files/,
	'plain: migr_check()', db => 'plain', role => 'plain');
is($node->safe_psql('plain', "SELECT migr_diff('$tables') <> ''", extra_params => [ '-U', 'plain' ]),
	't', 'plain: DDL as an argument');
is($node->safe_psql('reader', 'SELECT migr_diff() = (SELECT migr_diff($$' . $tables . '$$))', extra_params => [ '-U', 'reader' ]),
	't', 'reader: the files');

note 'from files to revisions, and migr_check()';
my $schema = directory('schema.sql' => 'CREATE TABLE a (i int PRIMARY KEY);');
my $set = at($schema);
fails_ok($node, "$set SELECT migr_check()", 'MG009',
	qr/no revision is loaded\nHINT:  Load your scripts first/, 'check: no revision yet');
$node->safe_psql('postgres', "$set SELECT migr_revision('first', autogenerate => true, revision_id => 'first')");
fails_ok($node, "$set SELECT migr_check()", 'MG009', qr/1 revision pending/, 'check: pending');
fails_ok($node, "$set SELECT migr_revision('x', autogenerate => true)", 'MG009', qr/1 revision pending/,
	'autogenerate: pending');
$node->safe_psql('postgres', 'SELECT migr_upgrade()');
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'check: equal');
like(notices_of($node, "$set SELECT migr_revision('x', autogenerate => true)"),
	qr/no revision was written: the schema is the desired one/, 'autogenerate: equal');
write_file("$schema/schema.sql", "CREATE TABLE a (i int PRIMARY KEY, j text);\nCREATE VIEW \"V\" AS SELECT i FROM a;\n");
fails_ok($node, "$set SELECT migr_check()", 'MG009',
	qr/Different are: (?=.*public\.a\.j)(?=.*public\."V")[^\n]*\.\n/, 'check: the file has changed');
fails_ok($node, "$set SELECT migr_check()", 'MG009',
	qr/the scripts do not build the desired schema\nDETAIL:  .*\nHINT:  Write a revision/, 'check: what to do');
is($node->safe_psql('postgres', 'SELECT migr_check()'), 't', 'check: without a location');
fails_ok($node, at($stuck) . ' SELECT migr_check()', '42701', qr/schema file "b\.sql", line 2/,
	'check: files that do not work');

note 'scripts in files that are not loaded are pending, too';
my $scripts = directory('second.sql' => "-- migr:revision second\n-- migr:revises first\n-- migr:upgrade\nALTER TABLE a ADD j text;\n-- migr:downgrade\nALTER TABLE a DROP j;\n");
fails_ok($node, "$set SET migr.script_location = '$scripts'; SELECT migr_revision('x', autogenerate => true)",
	'MG009', qr/1 revision pending\nDETAIL:  The next is "second"/, 'autogenerate: a file that is not loaded');
$node->safe_psql('postgres', "SET migr.script_location = '$scripts'; SELECT migr_upgrade()");
my $written = $node->safe_psql('postgres', "$set SELECT migr_revision('third', autogenerate => true, revision_id => 'third')");
like($written, qr/^-- migr:revises second$/m, 'autogenerate: revises what was loaded');
like($written, qr/CREATE VIEW public\."V"/, 'autogenerate: what is left');
unlike($written, qr/ALTER TABLE/, 'autogenerate: and no more');
$node->safe_psql('postgres', 'SELECT migr_upgrade()');
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'check: equal again');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT status, ',') FROM migr_test()}), 'ok', 'they pass migr_test()');

note 'where nothing can be written';
my $told = qr/NOTICE:  00000: the desired schema was not compared\nDETAIL:  Nothing can be built where nothing can be written\./;
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('schema_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
write_file("$schema/schema.sql", 'CREATE TABLE other (i int);');
like(notices_of($standby, "$set SELECT migr_check()"), $told, 'standby: check says what it did not do');
is($standby->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'standby: check');
is($standby->safe_psql('postgres', 'SELECT migr_check()'), 't', 'standby: check without a location');
unlike(notices_of($standby, 'SELECT migr_check()'), $told, 'standby: nothing to say without a location');
fails_ok($standby, "$set SELECT migr_diff()", '25006', qr/during recovery/, 'standby: migr_diff()');
fails_ok($standby, "$set SELECT migr_revision('x', autogenerate => true)", '25006', qr/during recovery/,
	'standby: autogenerate');
like(notices_of($node, "$set BEGIN READ ONLY; SELECT migr_check()"), $told, 'read only: check');
$node->safe_psql('postgres', q{SELECT migr_revision('fourth', revision_id => 'fourth')});
$node->wait_for_catchup($standby);
fails_ok($standby, "$set SELECT migr_check()", 'MG009', qr/1 revision pending/, 'standby: pending');

$standby->stop;
$node->stop;
done_testing();
