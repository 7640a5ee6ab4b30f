# Directories of other tools become scripts (migr convert), build the same schema as
# the tool's own SQL did, and its database is taken over (migr adopt).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Glob 'bsd_glob';
use File::Path 'make_path';
use IPC::Run;
use MigrCommand;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('convert_directories');
my $database;
my $projects = 0;

%environment = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');

sub new_database
{
	$database = 'shop' . ++$projects;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$environment{PGDATABASE} = $database;
	return $database;
}

# A project with these files: name, text, name, text...
sub project
{
	my (%files) = @_;

	$directory = PostgreSQL::Test::Utils::tempdir() . "/it's a project";
	mkdir $directory or die "$directory: $!";
	foreach my $name (keys %files)
	{
		make_path("$directory/$1") if $name =~ m{^(.*)/};
		write_file("$directory/$name", $files{$name});
	}
	return;
}

# The schema without what only the tool has made.
sub dump_of
{
	my ($name, @options) = @_;
	my $dump;

	IPC::Run::run([ 'pg_dump', '-s', '-x', '-O', '-h', $node->host, '-p', $node->port, @options, $name ], '>', \$dump)
	  or die;
	$dump =~ s/^\\(un)?restrict .*\n//mg;
	return $dump;
}

# One tool: its files, what is reported of them, what SQL its own command has run, and what
# its table says.  The scripts must build that schema, and be adopted where it is.
sub round_trip
{
	my ($tool, %case) = @_;
	my ($code, $out, $err);

	note("--- $tool");
	project(%{ $case{files} });
	($code, $out, $err) = migr('convert', $tool, 'their files');
	is($code, 0, "$tool: converted") or diag($err);
	is($out, $case{report}, "$tool: report");

	my $built = new_database();
	$node->safe_psql($built, 'CREATE EXTENSION migr');
	($code, $out, $err) = migr('validate');
	is($code, 0, "$tool: valid scripts");
	my $script = join('', map { slurp_file($_) } sort(bsd_glob("$directory/versions/*")));
	if ($script =~ /^-- migr:transaction off/m)
	{
		migr('load');
		$node->safe_psql($built, 'CALL migr_deploy()');
	}
	else
	{
		($code, $out, $err) = migr('upgrade');
		is($code, 0, "$tool: upgrade") or diag($err);
	}

	my $theirs = new_database();
	$node->safe_psql($theirs, $_) foreach @{ $case{theirs} };
	$node->safe_psql($theirs, 'CREATE EXTENSION migr');
	my $schema = dump_of($theirs, '-T', $case{table}, '-N', $case{schema} // 'none');
	is(dump_of($built, '-N', $case{schema} // 'none'), $schema, "$tool: the same schema");
	my $before = $node->safe_psql($theirs, "TABLE $case{table}");
	($code, $out, $err) = migr('adopt');
	is($code, 0, "$tool: adopt") or diag($err);
	is($out, join('', map { "adopted   $_\n" } @{ $case{applied} }), "$tool: what is applied");
	is($node->safe_psql($theirs, "TABLE $case{table}"), $before, "$tool: its table is as it was");
	is($node->safe_psql($theirs, q{SELECT string_agg(revision, ' ') FROM migr_pending()}), $case{pending} // '', "$tool: what is pending");
	is($node->safe_psql($theirs, q{SELECT status FROM migr_verify('{drift}')}), 'ok', "$tool: no drift");
	($code, $out, $err) = migr('downgrade', 'base');
	is($code, $case{irreversible} ? 1 : 0, "$tool: and back") or diag($err);
	return;
}

my $body = "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS \$\$\nBEGIN\n    -- COMMIT;\n    RETURN 'BEGIN;';\nEND;\n\$\$;\n";
my $table = 'CREATE TABLE a (id int PRIMARY KEY, at text DEFAULT E\'it\\\'s; COMMIT;\');';
my $more = 'ALTER TABLE a ADD COLUMN b text;';
my $index = 'CREATE INDEX CONCURRENTLY a_b ON a (b);';

# A byte order mark, line ends of two other kinds.
round_trip('dbmate',
	files => {
		'their files/20240101000000_a.sql' => "\xEF\xBB\xBF-- migrate:up\r\n$table\r\n\r\n-- migrate:down\r\nDROP TABLE a;\r\n",
		'their files/20240102000000_b.sql' => "-- migrate:up transaction:false\r$more\r$index\r-- migrate:down\rDROP INDEX a_b;\rALTER TABLE a DROP b;\r" },
	report => "as is     their files/20240101000000_a.sql\n"
	  . "as is     their files/20240102000000_b.sql\n          transaction off\n"
	  . "2 revisions: 2 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $more, $index, 'CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)',
		q{INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')} ],
	table => 'schema_migrations',
	applied => [ '20240101000000', '20240102000000' ],
	irreversible => 1);    # not in a transaction, that is

round_trip('goose',
	files => {
		'their files/00001_a.sql' => "-- +goose Up\n$table\n-- +goose Down\nDROP TABLE a;\n",
		'their files/00002_f.sql' => "-- +goose Up\n-- +goose StatementBegin\n$body-- +goose StatementEnd\n\n-- +goose Down\nDROP FUNCTION f();\n",
		'their files/00010_b.sql' => "-- +goose Up\n$more\n\n-- +goose Down\nALTER TABLE a DROP b;\n",
		'their files/embed.go' => "package migrations\n" },
	report => "as is     their files/00001_a.sql\nas is     their files/00002_f.sql\nas is     their files/00010_b.sql\n"
	  . "3 revisions: 3 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $body, $more,
		'CREATE TABLE goose_db_version (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now())',
		'INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (10, true)' ],
	table => 'goose_db_version',
	applied => [ 1, 2, 10 ]);

round_trip('sql-migrate',
	files => {
		'their files/2-a.sql' => "-- +migrate Up\n$table\n\n-- +migrate Down\nDROP TABLE a;\n",
		'their files/10-b.sql' => "-- +migrate Up\n$more\n\n-- +migrate Down\nALTER TABLE a DROP b;\n" },
	report => "as is     their files/2-a.sql\n          \"2-a\" is \"2_a\" here\n"
	  . "as is     their files/10-b.sql\n          \"10-b\" is \"10_b\" here\n"
	  . "2 revisions: 2 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $more, 'CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz)',
		q{INSERT INTO gorp_migrations VALUES ('2-a.sql', now()), ('10-b.sql', now())} ],
	table => 'gorp_migrations',
	applied => [ '2_a', '10_b' ]);

# BEGIN and COMMIT around; in the bodies they are something else.
my $atomic = $node->safe_psql('postgres', 'SHOW server_version_num') >= 140000
  ? "CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC\n    SELECT CASE WHEN true THEN 1 END;\n    SELECT 2;\nEND;\n" : "CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';\n";
round_trip('golang-migrate',
	files => {
		'their files/000001_a.up.sql' => "/* BEGIN; */ BEGIN;\n$table\n${atomic}COMMIT;\n",
		'their files/000001_a.down.sql' => "BEGIN TRANSACTION;\nDROP PROCEDURE p();\nDROP TABLE a;\nEND;",
		'their files/000002_f.up.sql' => "-- first\nstart transaction isolation level serializable ;\n$body; COMMIT WORK",
		'their files/000002_f.down.sql' => 'DROP FUNCTION f();',
		'their files/000010_b.up.sql' => $more,
		'their files/000010_b.down.sql' => 'ALTER TABLE a DROP b;' },
	report => "stripped  their files/000001_a.up.sql\n          without BEGIN, COMMIT, END\n"
	  . "stripped  their files/000002_f.up.sql\n          without START TRANSACTION, COMMIT\n"
	  . "as is     their files/000010_b.up.sql\n3 revisions: 1 as is, 2 stripped, 0 stub\n",
	theirs => [ $table, $atomic, $body, 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)',
		'INSERT INTO schema_migrations VALUES (2, false)', $more, 'UPDATE schema_migrations SET version = 10' ],
	table => 'schema_migrations',
	applied => [ 1, 2, 10 ]);
is(slurp_file("$directory/versions/000002_f.sql"),
	"-- migr:revision 2\n-- migr:revises 1\n-- migr:message f\n\n-- migr:upgrade\n-- first\n$body;\n\n-- migr:downgrade\nDROP FUNCTION f();\n",
	'a script as it is written');

round_trip('flyway',
	files => {
		'their files/V1__a.sql' => $table,
		'their files/U1__a.sql' => 'DROP TABLE a;',
		'their files/V1_2__b.sql' => $more,
		'their files/more/V1.10__c.sql' => 'ALTER TABLE a ADD COLUMN c text;',
		'their files/R__v.sql' => 'CREATE OR REPLACE VIEW v AS SELECT id, c FROM a;' },
	report => "as is     their files/V1__a.sql\nas is     their files/V1_2__b.sql\n"
	  . "as is     their files/more/V1.10__c.sql\nas is     their files/R__v.sql\n"
	  . "3 revisions and 1 repeatable script: 4 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $more, 'ALTER TABLE a ADD COLUMN c text', 'CREATE OR REPLACE VIEW v AS SELECT id, c FROM a',
		'CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), type varchar(20), success boolean)',
		q{INSERT INTO flyway_schema_history VALUES (1, '1', 'SQL', true), (2, '1.2', 'SQL', true), (3, '1.10', 'SQL', true), (4, NULL, 'SQL', true)} ],
	table => 'flyway_schema_history',
	applied => [ '1', '1.2', '1.10' ],
	pending => 'R.v',
	irreversible => 1);

round_trip('sqitch',
	files => {
		'their files/sqitch.conf' => "[core]\n\tengine = pg\n\ttop_dir = sql\n",
		'their files/sqitch.plan' => "%syntax-version=1.0.0\n%project=shop\n\n"
		  . "a 2024-01-01T00:00:00Z Ann <ann\@example.com> # The first.\n"
		  . "views/v [a] 2024-01-02T00:00:00Z Ann <ann\@example.com>\n"
		  . "\@v1 2024-01-02T00:00:01Z Ann <ann\@example.com> # one\n\n"
		  . "a [a\@v1 !none] 2024-01-03T00:00:00Z Ann <ann\@example.com> # With b.\n",
		'their files/sql/deploy/a@v1.sql' => "-- Deploy shop:a to pg\n\nBEGIN;\n\n$table\n\nCOMMIT;\n",
		'their files/sql/revert/a@v1.sql' => "BEGIN;\nDROP TABLE a;\nCOMMIT;\n",
		'their files/sql/verify/a@v1.sql' => "BEGIN;\nSELECT id FROM a WHERE false;\nROLLBACK;\n",
		'their files/sql/deploy/views/v.sql' => "\\set ON_ERROR_STOP on\nBEGIN;\nCREATE VIEW v AS SELECT id FROM a;\nCOMMIT;\n",
		'their files/sql/revert/views/v.sql' => "BEGIN;\nDROP VIEW v;\nCOMMIT;\n",
		'their files/sql/deploy/a.sql' => "BEGIN;\n$more\nCOMMIT;\n",
		'their files/sql/revert/a.sql' => "BEGIN;\nALTER TABLE a DROP b;\nCOMMIT;\n",
		'their files/sql/verify/a.sql' => "BEGIN;\nSELECT 1/count(*) FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'b';\nROLLBACK;\n" },
	report => "stripped  their files/sql/deploy/a\@v1.sql\n          without BEGIN, COMMIT, ROLLBACK\n"
	  . "stripped  their files/sql/deploy/views/v.sql\n          without \\set, BEGIN, COMMIT\n          \"views/v\" is \"views_v\" here\n"
	  . "stripped  their files/sql/deploy/a.sql\n          without BEGIN, COMMIT, ROLLBACK\n"
	  . "3 revisions: 0 as is, 3 stripped, 0 stub\n",
	theirs => [ $table, 'CREATE VIEW v AS SELECT id FROM a', $more, 'CREATE SCHEMA sqitch',
		'CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, change text, project text, committed_at timestamptz)',
		q{INSERT INTO sqitch.changes VALUES ('3', 'a', 'shop', '2024-01-03'), ('1', 'a', 'shop', '2024-01-01'), ('2', 'views/v', 'shop', '2024-01-02')} ],
	table => 'sqitch.changes',
	schema => 'sqitch',
	applied => [ 'a', 'views_v', 'a.2' ]);
like(slurp_file("$directory/versions/0003_a.2.sql"), qr/^-- migr:revises views_v\n.*^-- migr:depends a\n.*^-- migr:verify\nSELECT/ms,
	'the dependencies and the verify section of a change');

round_trip('prisma',
	files => {
		'their files/migration_lock.toml' => "provider = \"postgresql\"\n",
		'their files/20240101000000_a/migration.sql' => "-- CreateTable\n$table\n",
		'their files/20240102000000_b/migration.sql' => "-- AlterTable\n$more\n" },
	report => "as is     their files/20240101000000_a/migration.sql\nas is     their files/20240102000000_b/migration.sql\n"
	  . "2 revisions: 2 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $more, 'CREATE TABLE _prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz)',
		q{INSERT INTO _prisma_migrations VALUES ('20240101000000_a', now(), NULL), ('20240102000000_b', NULL, now()), ('20240102000000_b', now(), NULL)} ],
	table => '_prisma_migrations',
	applied => [ '20240101000000_a', '20240102000000_b' ],
	irreversible => 1);

round_trip('supabase',
	files => {
		'their files/20240101000000_a.sql' => $table,
		'their files/20240102000000_b.sql' => $more,
		'their files/README.md' => 'No script.' },
	report => "as is     their files/20240101000000_a.sql\nas is     their files/20240102000000_b.sql\n"
	  . "2 revisions: 2 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $more, 'CREATE SCHEMA supabase_migrations',
		'CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text)',
		q{INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101000000'), ('20240102000000')} ],
	table => 'supabase_migrations.schema_migrations',
	schema => 'supabase_migrations',
	applied => [ '20240101000000', '20240102000000' ],
	irreversible => 1);

round_trip('drizzle',
	files => {
		'their files/0000_odd_name.sql' => "$table--> statement-breakpoint\n$more",
		'their files/0001_c.sql' => 'ALTER TABLE a ADD COLUMN c text;',
		'their files/meta/_journal.json' => "{\n  \"version\": \"7\",\n  \"entries\": [\n    {\n      \"idx\": 0,\n      \"when\": 1700000000000,\n"
		  . "      \"tag\": \"0000_odd_name\",\n      \"breakpoints\": true\n    },\n"
		  . "    { \"idx\": 1, \"when\": 1700000005000, \"tag\": \"0001_c\", \"breakpoints\": true }\n  ]\n}\n" },
	report => "as is     their files/0000_odd_name.sql\nas is     their files/0001_c.sql\n2 revisions: 2 as is, 0 stripped, 0 stub\n",
	theirs => [ $table, $more, 'ALTER TABLE a ADD COLUMN c text', 'CREATE SCHEMA drizzle',
		'CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
		q{INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('h', 1700000000000), ('h', 1700000005000)} ],
	table => 'drizzle.__drizzle_migrations',
	schema => 'drizzle',
	applied => [ '1700000000000', '1700000005000' ],
	irreversible => 1);

round_trip('diesel',
	files => {
		'their files/00000000000000_diesel_initial_setup/up.sql' => $body,
		'their files/00000000000000_diesel_initial_setup/down.sql' => 'DROP FUNCTION f();',
		'their files/2024-01-01-000000_a/up.sql' => "$table\n$more\n",
		'their files/2024-01-01-000000_a/down.sql' => 'DROP TABLE a;',
		'their files/2024-01-02-000000_c/up.sql' => $index,
		'their files/2024-01-02-000000_c/metadata.toml' => "run_in_transaction = false\n" },
	report => "as is     their files/00000000000000_diesel_initial_setup/up.sql\nas is     their files/2024-01-01-000000_a/up.sql\n"
	  . "as is     their files/2024-01-02-000000_c/up.sql\n          transaction off\n3 revisions: 3 as is, 0 stripped, 0 stub\n",
	theirs => [ $body, $table, $more, $index, 'CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp DEFAULT now())',
		q{INSERT INTO __diesel_schema_migrations VALUES ('00000000000000'), ('20240101000000'), ('20240102000000')} ],
	table => '__diesel_schema_migrations',
	applied => [ '00000000000000', '20240101000000', '20240102000000' ],
	irreversible => 1);

# report_is(TOOL, CODE, REPORT, NAME, FILE...): what is said of such files.
sub report_is
{
	my ($tool, $wanted, $report, $name, %files) = @_;
	my ($code, $out, $err);

	project(map { ("f/$_" => $files{$_}) } keys %files);
	($code, $out, $err) = migr('convert', $tool, 'f', 'made');
	is($code, $wanted, "$name: exit code");
	$out =~ s/^\d+ revisions?.*\n//m;
	is($out, $report, $name);
	return;
}

# What can't be converted is named, with its line; a stub raises.
report_is('dbmate', 1, "stub      f/1_a.sql\n          $_->[1]\n", $_->[1], '1_a.sql' => "-- migrate:up\n$_->[0]\n")
  foreach [ 'SELECT :\'x\' AS a; \\gset', 'a command of psql, line 2' ],
  [ "SELECT 1;\n\\i other.sql", 'command \\i of psql, line 3' ],
  [ "BEGIN;\nCREATE TABLE a (id int);\nROLLBACK;", 'ROLLBACK in the middle, line 4' ],
  [ "SAVEPOINT x;", 'SAVEPOINT in the middle, line 2' ],
  [ 'CREATE TABLE {{ .Schema }}.a (id int);', 'a template {{...}}, line 2' ],
  [ "SELECT '{{ .Schema }}';", 'a template {{...}}, line 2' ],
  [ 'CREATE TABLE ${schema}.a (id int);', 'a placeholder ${...}, line 2' ],
  [ "SELECT 'open;", 'a quote or comment that does not end, line 2' ];
new_database();
$node->safe_psql($database, 'CREATE EXTENSION migr');
{
	my ($code, $out, $err) = migr('upgrade', '--versions', 'made');
	is($code, 1, 'a stub fails');
	like($err, qr/revision "1" was not converted.*f\/1_a\.sql: a quote or comment that does not end, line 2.*Write this section in SQL/s,
		'and says why');
	is($node->safe_psql($database, 'SELECT count(*) FROM migr.version'), '0', 'nothing is applied');
}

# What looks like one of these and is none.
report_is('dbmate', 0, "as is     f/1_a.sql\n", 'not taken for these', '1_a.sql' => <<'SQL');
-- migrate:up
CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; DELETE FROM c);
INSERT INTO a VALUES ('{{1,2},{3,4}}'), ('a:b'), (E'\'; ROLLBACK; --'), ('${x}');
SELECT (ARRAY[1, 2])[1:2], now()::date, $$ROLLBACK;$$, $x$ $$; ROLLBACK; $x$ /* ROLLBACK; /* ; */ ROLLBACK; */;
DO $do$ BEGIN ROLLBACK; END $do$;
COPY a FROM STDIN(FORMAT csv);
ROLLBACK;
it's
\.
CREATE TABLE "BEGIN; "" x" (begin int, "end" int);
COMMENT ON TABLE a IS 'COMMIT;'; -- ROLLBACK;
SQL

# Comments that would be directives.
report_is('dbmate', 0, "as is     f/1_a.sql\n", 'directives', '1_a.sql' => <<'SQL');
-- migrate:up
-- migrate the data, then
CREATE TABLE a (id int);
-- migr:downgrade
  --Migr :verify
INSERT INTO a VALUES (1);-- migr upgrade
SELECT '
-- migr:downgrade
' /*
-- migr:downgrade
*/;
SQL
is(slurp_file("$directory/made/1_a.sql") =~ s/.*-- migr:upgrade\n(?=--)//sr, <<'SQL', 'are none');
-- migrate the data, then
CREATE TABLE a (id int);
-- | migr:downgrade
  -- |Migr :verify
INSERT INTO a VALUES (1);-- | migr upgrade
SELECT '
-- migr:downgrade
' /*
-- migr:downgrade
*/;
SQL
new_database();
$node->safe_psql($database, 'CREATE EXTENSION migr');
is((migr('upgrade', '--versions', 'made'))[0], 0, 'and all of it runs');
is($node->safe_psql($database, 'SELECT count(*) FROM a'), '1', 'up to its end');

report_is('flyway', 1, "stub      f/V1__a.sql\n          a placeholder \${...}, line 1\nstub      f/V2__B.java\n          it is code\n"
	  . "left out  f/B3__b.sql\n          a baseline migration, which stands for others that are here\n"
	  . "left out  f/afterMigrate.sql\n          its name is not Vn__text, Un__text or R__text\n",
	'of flyway',
	'V1__a.sql' => "SELECT '\${x}';", 'V2__B.java' => 'class', 'B3__b.sql' => 'SELECT 1;', 'afterMigrate.sql' => 'SELECT 1;');
report_is('goose', 1, "as is     f/1_a.sql\nstub      f/2_b.go\n          it is code\nas is     f/3_c.sql\n",
	'code between', '1_a.sql' => '-- +goose Up', '2_b.go' => 'package m', '2_b_test.go' => 'package m', '3_c.sql' => "-- +goose Up\nSELECT 1;");
like(slurp_file("$directory/made/3_c.sql"), qr/^-- migr:revises 2$/m, 'a stub has its place in the chain');
report_is('sqitch', 1, "as is     f/deploy/a.sql\n          it needs other:b, of another project\nstub      f/deploy/c.sql\n          a variable of psql, line 1\nstub      d\n          its file is not there\n",
	'of sqitch',
	'sqitch.plan' => "%project=p\na [other:b] 2024-01-01T00:00:00Z A <a\@b.c>\nc 2024-01-01T00:00:00Z A <a\@b.c>\nd 2024-01-01T00:00:00Z A <a\@b.c>\n",
	'deploy/a.sql' => 'SELECT 1;', 'deploy/c.sql' => 'CREATE ROLE :"who";');
report_is('golang-migrate', 1, "as is     f/1_a.up.sql\n          downgrade left out: command \\i of psql, line 1 of f/1_a.down.sql\n",
	'a downgrade that is none', '1_a.up.sql' => 'SELECT 1;', '1_a.down.sql' => '\\i x');

# A dump: its lines and its rows stay as they are, but for a setting that only newer servers have.
report_is('golang-migrate', 0, "stripped  f/1_a.up.sql\n          without SET transaction_timeout\n", 'a dump',
	'1_a.up.sql' => "\\restrict abc\n\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\n"
	  . "CREATE TABLE public.a (id int, t text);\nCOPY public.a (id, t) FROM stdin;\n1\tit's; BEGIN;\nCOMMIT;\t\\N\n\\.\n\n\\unrestrict abc\n");
like(slurp_file("$directory/made/1_a.sql"), qr/timeout = 0;\nCREATE TABLE.*stdin;\n1\tit's; BEGIN;\nCOMMIT;\t\\N\n\\\.\n\n\\unrestrict abc\n\z/s, 'its rows');

# Line ends in bodies and strings are of what is stored.
report_is('supabase', 0, "as is     f/1_a.sql\n", 'line ends', '1_a.sql' => "SELECT 1;\r\nDO \$\$\r\nBEGIN\rEND;\n\$\$;\r\nSELECT 'a\r\nb';\r-- c\r\n");
is(slurp_file("$directory/made/1_a.sql"),
	"-- migr:revision 1\n-- migr:message a\n\n-- migr:upgrade\nSELECT 1;\nDO \$\$\r\nBEGIN\rEND;\n\$\$;\nSELECT 'a\r\nb';\n-- c\n",
	'are kept there');

# What needs no transaction block can't have one.
report_is('supabase', 0, "as is     f/1_a.sql\n          transaction off\n", $_, '1_a.sql' => "-- first\n$_;\n")
  foreach 'create  unique index /* ; */ concurrently if not exists i on t (a)', 'DROP INDEX CONCURRENTLY i', 'REINDEX TABLE CONCURRENTLY t',
  'REINDEX (VERBOSE, CONCURRENTLY) TABLE t', 'VACUUM (ANALYZE) t', 'vacuum', 'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
  'ALTER SYSTEM SET work_mem = 1', 'CREATE DATABASE x', 'DROP SUBSCRIPTION s';
report_is('supabase', 0, "as is     f/1_a.sql\n", "in a transaction block: $_", '1_a.sql' => "$_;\n")
  foreach 'REFRESH MATERIALIZED VIEW CONCURRENTLY m', q{COMMENT ON INDEX i IS 'CREATE INDEX CONCURRENTLY'}, 'CLUSTER t';

# Nothing is written over, and nothing by half.
{
	my ($code, $out, $err) = migr('convert', 'supabase', 'f', 'made');
	is($code, 1, 'what is there stays');
	like($err, qr/made\/1_a\.sql exists already/, 'and is named');
	($code, $out, $err) = migr('convert', 'supabase', 'f', 'made', '--force', '--quiet');
	is("$code $out", "0 1 revision: 1 as is, 0 stripped, 0 stub\n", 'unless it is to be replaced');
	project('f/1_a.sql' => 'x', 'f/001_b.sql' => 'x');
	($code, $out, $err) = migr('convert', 'goose', 'f', 'made');
	is($code, 1, 'one version twice');
	like($err, qr/f\/001_b\.sql and f\/1_a\.sql have the same version/, 'is named');
	ok(!-e "$directory/made", 'and nothing is written');
	is((migr('convert', 'rake', 'f'))[0], 2, 'no such tool');
	is((migr('convert', 'dbmate'))[0], 2, 'no directory');
	is((migr('convert', 'dbmate', 'none'))[0], 1, 'none that is there');
	project('f/README' => 'x');
	is((migr('convert', 'dbmate', 'f'))[0], 1, 'nothing in it');
	project('f/1_a.sql' => "S\0E\0L\0");
	like((migr('convert', 'dbmate', 'f'))[2], qr/zero bytes/, 'not UTF-8');
}

# migr adopt: what else it takes.
{
	project('versions/a.sql' => "-- migr:revision a\n\n-- migr:upgrade\n", 'versions/b.sql' => "-- migr:revision b\n-- migr:revises a\n\n-- migr:upgrade\n");
	new_database();
	$node->safe_psql($database, $_)
	  foreach 'CREATE EXTENSION migr', 'CREATE SCHEMA "Ops"', 'CREATE TABLE "Ops".revs (version text)',
	  q{INSERT INTO "Ops".revs VALUES ('b'), ('gone')};
	my ($code, $out, $err) = migr('adopt');
	is($code, 1, 'no table');
	($code, $out, $err) = migr('adopt', '"Ops".revs');
	is($code, 1, 'a version that no script has');
	like($err, qr/can't locate revision identified by "gone"/, 'is named');
	($code, $out, $err) = migr('adopt', '"Ops".revs', '--tool', 'dbmate', '--skip-lost', '--check-only');
	is("$code $out", "0 adopt     b\nskipped   gone\n", 'what would be done');
	is($node->safe_psql($database, 'SELECT count(*) FROM migr.version'), '0', 'and was not');
	($code, $out, $err) = migr('adopt', '"Ops".revs', '--skip-lost', '--json', '--tag', 'moved');
	is("$code $out", qq{0 [{"revision":"b","action":"adopted"}, \n {"revision":"gone","action":"skipped"}]\n}, 'as JSON');
	is($node->safe_psql($database, q{SELECT tag FROM migr.log WHERE action = 'stamp'}), 'moved', 'with a tag');
}

# What is Alembic's alone; and no database is asked.
project('db/1_a.sql' => "-- migrate:up\nSELECT 1;\n");
migr_is(2, $nothing, qr/are for alembic/, "@$_ of dbmate", 'convert', 'dbmate', 'db', 'made', @$_)
  foreach [ '--name', 'x' ], [ '--baseline', 'x' ], [ '--python', 'x' ], [ '-x', 'a=b' ], [ '-c', 'x' ];
{
	local $environment{MIGR_REMOTE} = 'postgresql://nobody@/nowhere?host=/nowhere';
	local $environment{DATABASE_URL} = 'sqlite:///shop';
	migr_is(0, qr/^as is/, $nothing, 'beside databases that can not be asked', 'convert', 'dbmate', 'db', 'made');
}

$node->stop;
done_testing();
