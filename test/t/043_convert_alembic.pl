# migr convert alembic: a database that Alembic has migrated, and one that migr has by
# the scripts that came of it, are the same, rows too, there and back; what can't be
# converted is said and raises; projects whose env.py or beginning is missing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Copy;
use File::Find;
use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $alembic = (grep { -x } map { "$_/alembic" } split /:/, $ENV{PATH})[0];
plan skip_all => 'skipped: Alembic is not installed' unless $alembic;
my ($python) = slurp_file($alembic) =~ /\A#! *(\S+)/;
plan skip_all => 'skipped: psycopg2 is not installed' if system("$python -c 'import psycopg2' 2>/dev/null") != 0;

# What it renders otherwise: SQLAlchemy before 1.3.24 writes lists as arrays.
plan skip_all => 'skipped: SQLAlchemy is older than 1.4'
  if system(qq{$python -c "import sqlalchemy as s; exit(tuple(map(int, s.__version__.split('.')[:2])) < (1, 4))"}) != 0;

my $project = "$FindBin::RealBin/../data/alembic_project";
my $node = new_node('convert');
my $migr = qx(pg_config --bindir);
chomp $migr;
$migr .= '/migr';
my $directory;

$ENV{PYTHONDONTWRITEBYTECODE} = 1;
delete @ENV{qw(VIRTUAL_ENV PYTHONPATH)};

# A copy of the project of the tests, or an empty folder.
sub new_project
{
	my ($from) = @_;

	$directory = PostgreSQL::Test::Utils::tempdir() . q{/it's one};
	mkdir $directory;
	return unless $from;
	find({ no_chdir => 1, wanted => sub {
		my $to = $directory . substr($_, length $from);
		-d $_ ? mkdir $to : copy($_, $to);
	} }, $from);
	return;
}

sub add_file
{
	my ($name, $text) = @_;

	mkdir "$directory/$1" if $name =~ m{^(.*)/};
	write_file("$directory/$name", $text);
	return;
}

# A revision of Alembic, of these two functions.
sub add_revision
{
	my ($id, $down, $upgrade, $downgrade) = @_;
	my $code = join('', map { "\n\n\ndef $_->[0]():\n    $_->[1]\n" } [ upgrade => $upgrade ], [ downgrade => $downgrade // 'pass' ]);

	$down = defined $down ? qq{"$down"} : 'None';
	add_file("versions/$id.py",
		qq{"""of $id"""\nfrom alembic import context, op\nimport sqlalchemy as sa\n\nrevision = "$id"\ndown_revision = $down$code});
	return;
}

# Exit code and all that a command prints.
sub run_in
{
	my ($database, @command) = @_;
	my $output;

	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => $database);
	IPC::Run::run(\@command, '<', \'', '>', \$output, '2>&1',
		init => sub { chdir $directory or die "$directory: $!" });
	note("@command: " . ($? >> 8) . "\n$output");
	return ($? >> 8, $output);
}

sub convert
{
	return run_in('postgres', $migr, 'convert', 'alembic', @_);
}

sub script
{
	my ($name) = @_;

	return -e "$directory/out/$name.sql" ? slurp_file("$directory/out/$name.sql") : '';
}

# Schema public with its rows, less the table of Alembic.
sub dump_of
{
	my ($database) = @_;
	my ($code, $dump) = run_in($database, 'pg_dump', '--inserts', '-n', 'public', '-T', '*version*');

	is($code, 0, "pg_dump of $database");
	return join("\n", grep { /\S/ && !/^--|^\\(?:un)?restrict/ } split /\n/, $dump);
}

sub by_alembic
{
	my ($database, @arguments) = @_;
	my $url = "url=postgresql+psycopg2:///$database?host=" . $node->host . '&port=' . $node->port;

	is((run_in($database, $alembic, '-x', $url, @arguments))[0], 0, "alembic @arguments");
	return;
}

# migr_load() of what was converted; what it says.
sub load
{
	my ($database) = @_;
	my ($code, $output) = run_in($database, $migr, 'load', '--versions', 'out');

	is($code, 0, "$database: the scripts load");
	return $output;
}

sub new_database
{
	my ($name) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION migr');
	return;
}

# Up and down by both.
sub same
{
	new_project($project);
	my ($code, $report) = convert('out');
	is($code, 0, 'all of it is converted');
	like($report, qr/^7 revisions: 4 as is, 2 stripped, 1 split, 0 stub$/m, 'and counted');
	like($report, qr/^split     out\/c0ffee000001_index_1of2\.sql\n {10}out\/c0ffee000001_index_2of2\.sql\n {10}autocommit_block\(\), line 17: transaction off$/m, 'what is split');
	like($report, qr/^stripped  out\/bill_1\.sql\n.*BEGIN, line 17: taken out$/ms, 'what is stripped');
	like($report, qr/^id "bill~1" is "bill_1" here\nid "current" is "current_2" here\nlabel "core-team" is "core_team" here$/m, 'what is called otherwise');
	like($report, qr/Create Date is left out: 2024-03-01 28:17:17/, 'a date that is none');
	like($report, qr/^migr: the version is in table schema_version$/m, 'env.py says where the version is');
	like(script('5f0c1a9b7d21_accounts'),
		qr/\A-- migr:revision 5f0c1a9b7d21\n-- migr:labels main, core_team\n-- migr:message accounts, and what belongs to them\n-- migr:created 2024-01-05 10:15:30\+00\n\n-- \| They are/,
		'a message of two lines, labels, a date without zone');
	like(script('8e2d4b6a0c13_rows'), qr/^-- migr:created 2024-02-11 09:00:00\+02:00$/m, 'a date with one');
	like(script('d1d1d1d1d1d1_merge'), qr/^-- migr:revises c0ffee000001, c0ffee000002$/m, 'a merge');
	like(script('bill_1'), qr/^-- migr:depends 8e2d4b6a0c13$/m, 'a dependency on an id');
	like(script('current'), qr/^-- migr:revises bill_1\n-- migr:depends main$(?!.*message)/ms, 'a dependency on a label, and no message');
	like(script('current'), qr/-- migr:upgrade\n\n-- migr:downgrade\n\z/, 'what only prints is two empty sections');

	new_database($_) foreach qw(by_alembic by_migr);
	by_alembic('by_alembic', 'upgrade', 'heads');
	is(() = load('by_migr') =~ /^added/mg, 8, 'each is loaded');
	is($node->safe_psql('by_migr', q{SELECT string_agg(revision || ' ' || problem, ', ') FROM migr_validate() WHERE problem NOT IN ('several_heads', 'id_style')}), '', 'migr_validate() has nothing else to say');
	$node->safe_psql('by_migr', q{CALL migr_deploy('heads')});
	my $dump = dump_of('by_alembic');
	is(dump_of('by_migr'), $dump, 'schema and rows are the same');
	like($dump, qr/O''Brien \\ 50%\t:id %\(id\)s \$\$/, 'and they are what was meant');
	is($node->safe_psql('by_migr', q{SELECT string_agg(concat_ws(' ', revision, status, detail), ', ') FROM migr_test('heads') WHERE status <> 'ok'}), '', 'migr_test(), there and back');

	by_alembic('by_alembic', 'downgrade', 'base');
	$node->safe_psql('by_migr', q{CALL migr_revert('base')});
	is(dump_of('by_migr'), dump_of('by_alembic'), 'and the same behind the way back');
	$node->safe_psql('by_migr', q{CALL migr_deploy('heads')});
	is(dump_of('by_migr'), $dump, 'and up again');

	# Files that are there.
	($code, $report) = convert('out');
	is($code, 1, 'files that are there are not replaced');
	like($report, qr/out\/5f0c1a9b7d21_accounts\.sql is there already, as 7 more are: --force/, 'which is said');
	is((convert('out', '--force', '-q'))[0], 0, 'but by --force');
	is((run_in('postgres', "$FindBin::RealBin/../../bin/migr", 'convert', 'alembic', 'other'))[0], 0, 'in a clone, too');
	is((run_in('postgres', 'diff', '-r', 'out', 'other'))[1], '', 'with the same result');
	return;
}

# What has no SQL.
sub stubs
{
	new_project($project);
	my $settings = slurp_file("$directory/alembic.ini");
	write_file("$directory/alembic.ini", $settings =~ s/versions billing/versions billing later/r);
	my ($code, $report) = convert('out', '--quiet');
	is($code, 1, 'stubs are no success');
	like($report, qr/^12 revisions: 6 as is, 2 stripped, 1 split, 3 stub; 3 downgrades left out$/m, 'they are counted');
	like($report, qr/^stub      out\/e0e0e0e0e002_plugin\.sql\n +later\/e0e0e0e0e002_plugin\.py, line 8: ModuleNotFoundError: No module named 'no_such_plugin'\n +downgrade left out: the same$/m, 'an import that is missing');
	like($report, qr/^stub      out\/e0e0e0e0e003_reads\.sql\n +\S+, line 16: it reads what a statement returns$/m, 'rows that are read, where the failure is caught');
	like($report, qr/^stub      out\/e0e0e0e0e004_no_value\.sql\n +\S+, line 14: parameter "name" has no value\n +downgrade left out: .*has no name$/m, 'a parameter without a value');
	like($report, qr/line 16: a value that Python makes anew/, 'a value that is not the same twice');
	like($report, qr/^as is     out\/e0e0e0e0e001_no_way_back.sql\n +no way back: \S+, line 18: NotImplementedError: rows are gone$/m, 'what is irreversible on purpose');
	unlike(script('e0e0e0e0e001_no_way_back'), qr/migr:downgrade/, 'has no section');
	unlike(script('e0e0e0e0e003_reads') =~ s/^-- \|.*\n//mgr, qr/CREATE TABLE half/, 'nothing is half');
	like(script('e0e0e0e0e003_reads'), qr/^-- \|     op\.execute\("CREATE TABLE half/m, 'but there as comment');

	new_database('stubs');
	load('stubs');
	my ($state, $output, $error) = $node->psql('stubs', q{CALL migr_deploy('main@head')});
	like($error, qr/ERROR:  revision "e0e0e0e0e002" was not converted\nDETAIL:  later\/e0e0e0e0e002_plugin\.py, line 8: ModuleNotFoundError.*\nHINT:  Write this section/,
		'a stub raises, with file and line');
	is($node->safe_psql('stubs', 'SELECT count(*) FROM account'), '4', 'what is before it has run');
	return;
}

# A small project: env.py, and what is in alembic.ini beside the usual.
sub small_project
{
	my ($env, $settings) = @_;

	new_project();
	add_file('alembic.ini', "[alembic]\nscript_location = .\n" . ($settings // ''));
	add_file('env.py', "from alembic import context\n$env");
	return;
}

my $offline = "context.configure(url='postgresql://')\nwith context.begin_transaction():\n    context.run_migrations()\n";

sub beginnings
{
	small_project($offline);
	add_revision('a1', undef, q{op.execute("CREATE TABLE b (id int)"); op.add_column("a", sa.Column("x", sa.Integer))});
	my ($code, $report) = convert('out');
	is($code, 1, 'a first revision that is not the beginning');
	like($report, qr/the history does not begin with an empty database: versions\/a1\.py uses table a, which no revision/, 'is found');
	like($report, qr/--baseline baseline\.sql/, 'with the way out');
	add_file('baseline.sql', "\\restrict x\nSET check_function_bodies = false;\nCREATE TABLE public.a (id int);\n\\unrestrict x\n");
	($code, $report) = convert('out', '--force', '--baseline', 'baseline.sql');
	is($code, 0, 'with a baseline it is fine');
	new_database('beginning');
	load('beginning');
	is($node->safe_psql('beginning', 'SELECT migr_upgrade()'), "baseline\na1", 'and it builds');
	return;
}

sub environments
{
	# Not offline, and no database.
	small_project("raise SystemExit('never offline')\n");
	add_revision('a1', undef, q{op.execute("SELECT '%', ': x'")});
	my ($code, $report) = convert('out');
	is($code, 1, 'without env.py somebody has to look');
	like($report, qr/^migr: env\.py, line 2: SystemExit: never offline; rendered without it/m, 'which is said');
	like(script('a1'), qr/^SELECT '%', ': x';$/m, 'but it is rendered');

	# What env.py hands to each revision, and -x.
	small_project(qq{context.configure(url='sqlite://')
context.execute("SET lock_timeout = 10")
context.run_migrations(tables=context.get_x_argument(as_dictionary=True)['tables'])
});
	add_file('versions/a1.py', qq{revision = "a1"\ndown_revision = None\n\n\ndef upgrade(tables):\n    from alembic import op
    for table in tables.split():\n        op.execute("CREATE TABLE %s ()" % table)\n});
	($code, $report) = convert('out', '-x', 'tables=a b');
	is($code, 0, 'arguments of -x and of revisions');
	like(script('a1'), qr/upgrade\nCREATE TABLE a \(\);\nCREATE TABLE b \(\);\n\z/, 'are honoured');
	like($report, qr/env\.py names a database of sqlite.*what env\.py sends before is left out: SET lock_timeout = 10$/ms, 'what is not, is said');
	like($report, qr/a1\.sql\n +it has no downgrade\(\)/, 'no downgrade is none');

	# Several databases.
	small_project("for name in 'ab':\n    context.configure(url='postgresql://')\n    context.run_migrations(name=name)\n");
	add_file('versions/a1.py', qq{revision = "a1"\ndown_revision = None\n\n\ndef upgrade(name):\n    from alembic import op
    op.execute("CREATE TABLE %s ()" % name)\n});
	($code, $report) = convert('out');
	like($report, qr/^stub .*\n.*env\.py runs the migrations 2 times, and they differ$/m, 'several databases that differ');
	return;
}

# What could go wrong without being seen.
sub hard_cases
{
	my @cases = (
		[ 'rollback', q{op.execute("ROLLBACK")}, qr/it runs ROLLBACK/ ],
		[ 'connects', q{sa.create_engine("sqlite://").connect()}, qr/it connects to a database by itself/ ],
		[ 'drives', q{import psycopg2; psycopg2.connect("dbname=postgres")}, qr/it connects to a database by itself/ ],
		[ 'programs', q{import subprocess; subprocess.call(["true"])}, qr/it starts a program by itself/ ],
		[ 'inspects', q{sa.inspect(op.get_bind()).get_table_names()}, qr/it inspects the database/ ],
		[ 'counts', q{print(op.get_bind().execute(sa.text("DELETE FROM t")).rowcount)}, qr/returns \(rowcount\)/ ],
		[ 'asks', q{context.is_offline_mode() or op.get_bind().scalar(sa.text("SELECT 1"))}, qr/returns \(scalar\)/ ],
		[ 'gives', q{op.get_bind().execute(sa.text("SELECT :x"), {"x": object()})}, qr/a parameter is of object/ ],
		[ 'fills', q{t = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Text, default=lambda: "x")); op.bulk_insert(t, [{"a": 1}])}, qr/column "b" gets its value from Python for each row/ ],
		[ 'lacks', q{op.get_bind().execute(sa.text("SELECT :x, :y"), {"x": 1})}, qr/parameter "y" has no value/ ],
		[ 'session', q{from sqlalchemy.orm import Session; s = Session(bind=op.get_bind()); s.execute(sa.text("SELECT 1")); s.commit()}, qr/it needs a connection/ ],
		[ 'leaves', q{exit(3)}, qr/SystemExit: 3/ ]);
	small_project($offline);
	foreach my $i (0 .. $#cases)
	{
		add_revision($cases[$i][0], $i ? $cases[ $i - 1 ][0] : undef, $cases[$i][1]);
	}
	my ($code, $report) = convert('out');
	like($report, qr/^stub      out\/$_->[0]\.sql\n +versions\/$_->[0]\.py, line 10: .*$_->[2]/m, "refused: $_->[0]") foreach @cases;

	# Of columns that Python fills, those that are the same each time have SQL.
	my $table = q{t = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Text, default=%s)); op.bulk_insert(t, [{"a": 1}])};

	@cases = (
		[ 'nested', q{c = op.get_bind(); s = c.begin_nested(); c.execute(sa.text("SELECT 1")); s.commit()}, 'SELECT 1;' ],
		[ 'minus', q{op.get_bind().execute(sa.text("SELECT 1 -:x"), {"x": -2})}, 'SELECT 1 - -2;' ],
		[ 'none', q{op.get_bind().execute(sa.text("SELECT :x"), {"x": None})}, 'SELECT NULL;' ],
		[ 'empty', q{op.get_bind().execute(sa.text("SELECT :x"), {"x": []})}, q{SELECT '{}';} ],
		[ 'many', q{op.get_bind().execute(sa.text("SELECT :x"), [{"x": 1}, {"x": 2}])}, "SELECT 1;\nSELECT 2;" ],
		[ 'in', q{op.get_bind().execute(sa.text("SELECT 1 IN :x").bindparams(sa.bindparam("x", expanding=True)), {"x": [1, 2]})}, 'SELECT 1 IN (1, 2);' ],
		[ 'driver', q{op.get_bind().exec_driver_sql("SELECT %s, '%%'", ("a'b",))}, q{SELECT 'a''b', '%';} ],
		[ 'atomic', q{op.execute("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; SELECT 2")},
			"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;\nSELECT 2;" ],
		[ 'rule', q{op.execute("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3")},
			"CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);\nSELECT 3;" ],
		[ 'body', q{op.execute("DO $x$ BEGIN; COMMIT; END $x$; SELECT ';' -- COMMIT;")}, "DO \$x\$ BEGIN; COMMIT; END \$x\$;\nSELECT ';' -- COMMIT;\n;" ],
		[ 'directive', q{op.execute("-- migr:downgrade\nSELECT 1")}, "-- |  migr:downgrade\nSELECT 1;" ],
		[ 'exists', q{sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer)).create(op.get_bind(), checkfirst=True)}, "CREATE TABLE IF NOT EXISTS t (\n\ta INTEGER\n);" ],
		[ 'enum', q{sa.Enum("a", "it's $migr$", name="my type").create(op.get_bind(), checkfirst=True)},
			q{DO $migr_$}."\nBEGIN\n    IF pg_catalog.to_regtype('\"my type\"') IS NULL THEN\n        "
			  . q{CREATE TYPE "my type" AS ENUM ('a', 'it''s $migr$');} . "\n    END IF;\nEND \$migr_\$;" ],
		[ 'batch', q{b = op.batch_alter_table("t").__enter__(); b.add_column(sa.Column("x", sa.Text)); b.batch.flush() if hasattr(b, "batch") else b.impl.flush()}, 'ALTER TABLE t ADD COLUMN x TEXT;' ],
		[ 'default', sprintf($table, q{"x%"}), q{INSERT INTO t (a, b) VALUES (1, 'x%');} ]);
	small_project($offline);
	foreach my $i (0 .. $#cases)
	{
		add_revision($cases[$i][0], $i ? $cases[ $i - 1 ][0] : undef, $cases[$i][1]);
	}
	($code, $report) = convert('out');
	is($code, 0, 'what is hard, but has SQL');
	foreach my $case (@cases)
	{
		# A column of SQLAlchemy ends with a blank.
		is(script($case->[0]) =~ s/.*-- migr:upgrade\n(.*)\n\n-- migr:downgrade\n\z/$1/sr =~ s/ +$//mgr, $case->[2], "rendered: $case->[0]");
	}
	return;
}

sub wrong_use
{
	new_project();
	is((run_in('postgres', $migr, 'convert', 'rails'))[0], 2, 'there is no other tool of that name');
	is((run_in('postgres', $migr, 'convert'))[0], 2, 'which tool?');
	my ($code, $output) = convert();
	is($code, 1, 'no alembic.ini');
	like($output, qr/can't read pyproject\.toml: name the file of settings of Alembic by -c/, 'which is said');
	small_project($offline);
	mkdir "$directory/versions";
	($code, $output) = convert();
	like($output, qr/^migr: there is no revision in versions$/m, 'no revision');
	($code, $output) = convert('--python', 'no-such-python');
	like($output, qr/there is no no-such-python/, 'no Python');
	return;
}

# The application makes env.py what it is: without one, it says so and goes on without env.py.
sub of_flask
{
  SKIP:
	{
		my ($code, $output);

		skip 'Flask-Migrate is not installed', 8 if system("$python -c 'import flask_migrate' 2>/dev/null") != 0;
		new_project();
		$node->safe_psql('postgres', 'CREATE DATABASE flask');
		add_file('people_app.py', <<'PYTHON');
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_migrate import Migrate

app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql+psycopg2://'
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20), server_default='100%')
PYTHON
		local $ENV{FLASK_APP} = 'people_app.py';
		($code, $output) = run_in('flask', $python, '-m', 'flask', 'db', $_, $_ eq 'migrate' ? ('-m', 'people') : ()),
		  is($code, 0, "flask db $_") or diag($output)
		  foreach 'init', 'migrate', 'upgrade';
		($code, $output) = convert('-c', 'migrations/alembic.ini', 'out');
		is($code, 0, 'a project of Flask-Migrate');
		like($output, qr/^1 revisions?: 1 as is/m, 'as is');
		my ($file) = glob(qq{"$directory/out/*_people.sql"});
		like(slurp_file($file), qr/^\tname VARCHAR\(20\) DEFAULT '100%',/m, 'with its SQL');
		local $ENV{FLASK_APP} = 'no_such_application';
		($code, $output) = convert('-c', 'migrations/alembic.ini', '--force', 'out');
		like($output, qr/env\.py.*no_such_application/, 'no application');
		like($output, qr/^1 revisions?: /m, 'all the same');
	}
	return;
}

same();
of_flask();
stubs();
beginnings();
environments();
hard_cases();
wrong_use();
done_testing();
