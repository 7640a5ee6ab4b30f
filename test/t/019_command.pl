# migr, the command: every verb in every shell that is here, what it writes and what
# it leaves alone, exit codes, names that are hard to quote, where the database is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use JSON::PP;
use MigrCommand;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $node = new_node('command');
my $databases = 0;

$node->safe_psql('postgres', $_)
  foreach 'CREATE ROLE alice LOGIN CREATEDB', q{CREATE ROLE reader LOGIN PASSWORD 'p@s/s% ?x'};

# A new database of alice's, and a new folder with a name that is hard to quote.
sub new_project
{
	my $name = 'project ' . ++$databases;

	$node->safe_psql('postgres', qq{CREATE DATABASE "$name" OWNER alice});
	$node->safe_psql($name, 'ALTER SCHEMA public OWNER TO alice');
	new_folder();
	mkdir "$directory.tmp";
	%environment = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => $name, PGUSER => 'alice',
		EDITOR => 'false', TMPDIR => "$directory.tmp");
	return;
}

# What is in a folder, hidden files too.
sub files_in
{
	my ($folder) = @_;

	opendir(my $handle, "$directory/$folder") or die "$folder: $!";
	return join(' ', sort grep { !/^\.\.?$/ } readdir $handle);
}

sub query
{
	my ($sql) = @_;

	return $node->safe_psql($environment{PGDATABASE}, $sql);
}

# Every verb, in one story.
sub story
{
	new_project();

	# init
	migr_is(0, $nothing, $nothing, 'init', 'init');
	is(files_in('.'), 'migr.conf versions', 'init makes a folder and migr.conf');
	is(query(q{SELECT count(*) FROM pg_extension WHERE extname = 'migr'}), '1', 'and the extension');
	migr_is(0, $nothing, qr/already exists/, 'init again', 'init');
	migr_is(1, $nothing, qr/no script in versions/, 'upgrade of nothing', 'upgrade');
	migr_is(1, $nothing, qr/no script in versions/, 'check of nothing', 'check');
	migr_is(0, qr/^Heads     no script$/m, qr/no revision is loaded/, 'status of nothing', 'status');

	# revision
	migr_is(0, qr{\Aversions/a1_it_s_the_1st_schöne_table\.sql\n\z}, $nothing, 'revision',
		'revision', '-m', q{It's the 1st "schöne" table!}, '--rev-id', 'a1', '--branch-label=billing',
		'--upgrade', q{CREATE TABLE a (id int PRIMARY KEY, note text DEFAULT 'it''s');}, '--downgrade', 'DROP TABLE a;');
	like(slurp_file("$directory/versions/a1_it_s_the_1st_schöne_table.sql"),
		qr/\A-- migr:revision a1\n.*DROP TABLE a;\n\z/s, 'the file is the script');
	migr_is(0, qr/\A-- migr:revision \w+\n-- migr:revises a1\n/, $nothing, 'revision --sql', 'revision', '--sql');
	migr_is(0, qr{\Aversions/b1_second\.sql\n\z}, $nothing, 'revision --empty', 'revision', '-msecond', '--rev-id=b1', '--empty');
	migr_is(1, $nothing, qr/a1/, 'revision of what is no head', 'revision', '-m', 'x', '--head', 'a1');
	is(files_in('versions'), 'a1_it_s_the_1st_schöne_table.sql b1_second.sql', 'no file of what failed');
	is(query('SELECT count(*) FROM migr.revision'), '0', 'and nothing in the database');
	script('b1_second.sql', 'b1', 'a1', 'CREATE TABLE b (id int);', 'DROP TABLE b;');

	# upgrade and what tells of it
	migr_is(1, $nothing, qr/not up to date: 2 revisions pending/, 'check before', 'check');
	migr_is(0, qr/\A(?!.*^Last)/ms, $nothing, 'status does not tell of its own load', 'status');
	migr_is(0, qr/^<base> -> a1 \(billing\), It's.*\n^a1 -> b1 \(billing\) \(head\), of b1\n\z/m, $nothing, 'pending', 'pending');
	migr_is(0, $nothing, qr/running upgrade base -> a1.*running upgrade a1 -> b1/s, 'upgrade --dry-run', 'upgrade', '--dry-run');
	migr_is(0, $nothing, qr/running upgrade base -> a1/, 'upgrade +1', 'upgrade', '+1');
	migr_is(1, qr/^Pending   1\n {10}b1, of b1$/m, qr/not at all heads/, 'status --exit-code', 'status', '--exit-code');
	migr_is(1, $nothing, qr/not at all heads/, 'current --check-heads', 'current', '--check-heads');
	is(decode_json(migr_is(0, qr/./, qr/a1 -> b1/, 'upgrade --json', 'upgrade', '--json', '--tag', q{it's "7"}))->[0],
		'b1', 'upgrade --json has the ids');
	is(query('SELECT tag FROM migr.log ORDER BY id DESC LIMIT 1'), q{it's "7"}, 'the log has the tag');
	migr_is(0, $nothing, qr/nothing to do/, 'upgrade again', 'upgrade');
	migr_is(0, $nothing, $nothing, 'upgrade --quiet', 'upgrade', '-q');
	migr_is(0, $nothing, $nothing, 'check', 'check');
	migr_is(0, qr/\Ab1 \(billing\) \(head\), of b1\n\z/, $nothing, 'current', 'current', '--check-heads');
	migr_is(0, qr/\ARev: b1 \(head\) \(current\)\nParent: a1\n.*^Applied: .* by alice$/ms, $nothing, 'current -v', 'current', '-v');
	migr_is(0, qr/\Aa1 -> b1 \(billing\) \(head\) \(current\), of b1\n<base> -> a1/, $nothing, 'history -i', 'history', '-i');
	migr_is(0, qr/\A<base> -> a1 .*\n\z/, $nothing, 'history -r', 'history', '-r', ':a1');
	migr_is(0, qr/^Parent: <base>$/m, $nothing, 'history RANGE -v', 'history', ':a1', '-vi');
	migr_is(0, qr/\Ab1 .*\n\z/, $nothing, 'heads', 'heads');
	migr_is(0, qr/\Ab1 .*\n\z/, $nothing, 'heads --resolve-dependencies', 'heads', '--resolve-dependencies');
	migr_is(0, qr{^File: versions/b1_second\.sql$}m, $nothing, 'show', 'show', 'b1');
	migr_is(0, qr/\A-- migr:revision b1\n/, $nothing, 'show --script', 'show', 'head', '--script');
	migr_is(0, qr/\A\* current  b1 .* alice .* of b1\n\* .*a1 .*\n\z/, $nothing, 'log', 'log');
	migr_is(0, qr/\A[^\n]*b1[^\n]*\n\z/, $nothing, 'log NUMBER', 'log', '1');
	foreach my $verb ('current', 'history', 'heads', 'branches', 'pending', 'show head', 'validate', 'load', 'log')
	{
		is(ref decode_json(migr_is(0, qr/./, $nothing, "$verb --json", split(/ /, $verb), '--json')),
			'ARRAY', "$verb --json is an array");
	}
	is(decode_json((migr('status', '--json'))[1])->[0]{up_to_date}, JSON::PP::true, 'status --json');

	# downgrade, stamp, SQL
	migr_is(2, $nothing, qr/needs one argument/, 'downgrade of what', 'downgrade');
	migr_is(0, $nothing, qr/running downgrade b1 -> a1/, 'downgrade', 'downgrade', '-1');
	migr_is(0, qr/^CREATE TABLE b/m, $nothing, 'upgrade --sql', 'upgrade', '--sql', 'a1:b1');
	migr_is(0, qr/^DROP TABLE a;/m, $nothing, 'downgrade --sql', 'downgrade', '--sql', 'a1:base');
	migr_is(0, qr/^CREATE TABLE b/m, $nothing, 'sql', 'sql');
	migr_is(0, qr/^DROP TABLE a;/m, $nothing, 'sql --down', 'sql', '--down', 'a1:base');
	migr_is(0, $nothing, $nothing, 'stamp', 'stamp', 'b1');
	is(query('SELECT string_agg(revision, $$ $$ ORDER BY ordinal) FROM migr.version'), 'a1 b1', 'stamped');
	migr_is(0, $nothing, $nothing, 'stamp --purge', 'stamp', '--purge', 'a1');
	migr_is(2, $nothing, qr/--message/, 'approve, and no reason', 'approve', 'b1');
	migr_is(1, $nothing, qr/has loaded its script itself/, 'approve what one has loaded', 'approve', 'b1', '-m', 'read');
	query(q{UPDATE migr.revision SET loaded_session = 0, loaded_session_name = 'somebody' WHERE revision = 'b1'});
	migr_is(0, $nothing, qr/is approved for one run/, 'approve', 'approve', 'b1', '-m', 'read');
	is(query('SELECT comment FROM migr.approval'), 'read', 'it is approved');
	migr_is(0, $nothing, $nothing, 'approve --withdraw', 'approve', 'b1', '-m', 'on second thought', '--withdraw');
	migr_is(0, $nothing, qr/running upgrade a1 -> b1/, 'upgrade behind it', 'upgrade', 'heads');

	# What is wrong.
	migr_is(0, qr/^ok      a1$/m, qr/scratch/, 'test', 'test');
	migr_is(0, qr/^ok      drift/m, $nothing, 'verify', 'verify');
	migr_is(0, qr/\Aok      chain.*\nok      log/s, $nothing, 'verify CHECK...', 'verify', 'chain', 'log');
	query('ALTER TABLE b ADD COLUMN by_hand int');
	migr_is(1, qr/^fail    drift  column public\.b\.by_hand\n {8}unexpected/m, $nothing, 'verify finds it', 'verify', 'drift');
	migr_is(1, qr/\A::error title=drift::column public\.b\.by_hand: unexpected.*%0A/, $nothing, 'verify --github',
		'verify', 'drift', '--github');
	query('ALTER TABLE b DROP COLUMN by_hand; ALTER TABLE b RENAME id TO renamed_by_hand');
	migr_is(0, qr/^wrong_version     none$/m, $nothing, 'repair --check-only', 'repair', '--check-only');
	query('ALTER TABLE b RENAME renamed_by_hand TO id');
	migr_is(0, qr/^ok +none/m, $nothing, 'repair', 'repair');

	# Branches.
	script('-c1 "x".sql', 'c1', 'a1', "CREATE TABLE c (id int);\nSELECT 1/(SELECT count(*) FROM c);", '');
	migr_is(1, $nothing, qr/multiple heads/, 'two heads', 'upgrade');
	migr_is(0, qr/\Aa1 .*\(branchpoint\)/, $nothing, 'branches', 'branches');
	migr_is(1, $nothing, qr/division by zero.*^migr: that is in versions\/-c1 "x"\.sql, line 7$/ms, 'failing SQL', 'upgrade', 'heads');
	is(query('SELECT count(*) FROM migr.version'), '2', 'nothing of it is applied');
	migr_is(1, qr/^::error file=versions\/-c1 "x"\.sql,line=7,title=migr::c1: upgrade: division by zero/m,
		$nothing, 'test --github', 'test', '--github');
	migr_is(0, qr{\Aversions/m1_both\.sql\n\z}, qr/./, 'merge', 'merge', 'b1', 'c1', '-m', 'both', '--rev-id', 'm1');
	like(slurp_file("$directory/versions/m1_both.sql"), qr/^-- migr:revises b1, c1$/m, 'it merges');
	unlink "$directory/versions/m1_both.sql", "$directory/versions/-c1 \"x\".sql";

	# What git forgot does not run; what is applied stays, and is told.
	migr_is(0, $nothing, qr/nothing to do/, 'a file that is gone', 'upgrade');
	is(query('SELECT string_agg(revision, $$ $$ ORDER BY revision) FROM migr.revision'), 'a1 b1', 'is forgotten');
	rename "$directory/versions/b1_second.sql", "$directory/b1" or die;
	migr_is(0, qr/^Applied   2$/m, qr/^WARNING:  applied, and in no file: b1$/m, 'one that is applied', 'status');
	rename "$directory/b1", "$directory/versions/b1_second.sql" or die;
	script('b1_second.sql', 'b1', 'a1', 'CREATE TABLE b (id bigint);', 'DROP TABLE b;');
	migr_is(1, $nothing, qr/was edited.*^migr: that is in versions\/b1_second\.sql/ms, 'one that was edited', 'history');
	migr_is(0, $nothing, qr/running downgrade b1 -> a1.*running upgrade a1 -> b1/s, 'redo', 'redo');
	is(query(q{SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'b'::regclass AND attname = 'id'}),
		'bigint', 'what was edited has run');
	is(decode_json((migr('redo', 'b1', '--json'))[1])->[0], 'b1', 'redo --json');
	script('b1_second.sql', 'b1', 'a1', 'CREATE TABLE b (id smallint);', 'DROP TABLE b;');
	migr_is(0, qr/^updated +b1$/m, qr/^/, 'load --replace', 'load', '--replace');
	my ($code, $file) = migr('squash', 'a1:b1', '-m', 'squashed', '--rev-id', 's1');
	is($code, 0, 'squash');
	is($file, "versions/s1_squashed.sql\n", 'it is a file');
	like(slurp_file("$directory/versions/s1_squashed.sql"), qr/^-- migr:replaces /m, 'of what it replaces');
	unlink "$directory/versions/s1_squashed.sql";
	migr_is(1, $nothing, qr/nowhere/, 'squash of nothing', 'squash', 'nowhere:b1');

	# edit
	{
		local $environment{EDITOR} = q{sh -c 'printf %s "$1" >edited' -};
		migr_is(0, $nothing, $nothing, 'edit', 'edit', 'a');
		is(slurp_file("$directory/edited"), 'versions/a1_it_s_the_1st_schöne_table.sql', 'the file is edited');
		migr_is(0, $nothing, $nothing, 'edit head', 'edit', 'b1');
	}
	is(files_in("../it's a \"\$(folder)\".tmp"), '', 'no temporary file is left');
	migr_is(1, $nothing, qr/editor failed/, 'edit, and no editor', 'edit', 'b1');
	unlink "$directory/edited";
	return;
}

# The schema: printed, kept as files, compared.
sub schema
{
	new_project();
	migr('init');
	migr_is(1, $nothing, qr/no schema\.sql/, 'diff with nothing', 'diff');
	write_file("$directory/schema.sql", qq{CREATE TABLE "the table" (id int PRIMARY KEY);\n});
	migr_is(0, qr/\ACREATE TABLE public\."the table"/, qr/scratch|\A\z/, 'diff', 'diff');
	migr_is(1, qr/CREATE TABLE/, $nothing, 'diff --exit-code', 'diff', '--exit-code');
	my ($code, $file) = migr('revision', '-m', 'first', '--autogenerate');
	chomp $file;
	is($code, 0, 'revision --autogenerate');
	like(slurp_file("$directory/$file"), qr/CREATE TABLE public\."the table"/, 'it has the difference');
	migr_is(0, $nothing, qr/running/, 'it runs', 'upgrade');
	migr_is(0, $nothing, qr/no revision was written/, 'nothing is left', 'revision', '--autogenerate', '-m', 'x');
	is(files_in('versions'), $file =~ s{versions/}{}r, 'no file of nothing');
	migr_is(0, $nothing, qr/nothing differs/, 'diff of nothing', 'diff', '--exit-code');
	migr_is(0, $nothing, $nothing, 'check compares', 'check');
	migr_is(0, qr/^CREATE TABLE public\."the table"/m, $nothing, 'schema', 'schema');
	migr_is(0, $nothing, $nothing, 'schema -o', 'schema', '-o', 'live.sql');
	is(slurp_file("$directory/live.sql"), (migr('schema'))[1], 'is that');
	migr_is(1, $nothing, qr/live\.sql exists already/, 'schema -o again', 'schema', '--output=live.sql');
	migr_is(0, $nothing, $nothing, 'schema -o --force', 'schema', 'base', '--output=live.sql', '--force');
	unlike(slurp_file("$directory/live.sql"), qr/CREATE TABLE/, 'replaces it');
	migr_is(1, $nothing, qr/nowhere/, 'schema -o elsewhere', 'schema', '-o', 'nowhere/live.sql');

	# A chain is a file for each revision.
	write_file("$directory/schema.sql", qq{CREATE TABLE "the table" (id int PRIMARY KEY CHECK (id > 0)); CREATE INDEX ON "the table" (id);\n});
	my ($status, $chain) = migr('revision', '-m', 'more', '--autogenerate', '--online');
	is($status, 0, 'revision --online');
	my @files = split /\n/, $chain;
	like($files[$_], (qr/_more_1_of_3/, qr/_more_2_of_3/, qr/_more_3_of_3/)[$_], 'file ' . ($_ + 1)) foreach 0 .. 2;
	is(scalar(() = slurp_file("$directory/$files[1]") =~ /^-- migr:revision/mg), 1, 'with one of them');
	migr_is(0, qr/added/, $nothing, 'they are loaded', 'load');
	$node->safe_psql($environment{PGDATABASE}, 'CALL migr_deploy()', extra_params => [ '-U', 'alice' ]);
	migr_is(0, $nothing, qr/nothing differs/, 'and there is the schema', 'diff', '--exit-code');

	write_file("$directory/schema.sql", qq{CREATE TABLE "new table" (id int PRIMARY KEY);\n});
	migr_is(1, qr/"new table"/, qr/do not build the desired schema/, 'check differs', 'check', '-q');
	migr_is(0, $nothing, $nothing, 'check --no-schema', 'check', '--no-schema');
	migr_is(0, qr/RENAME TO "new table"/, qr//, 'diff --rename', 'diff', '--rename', '"the table"="new table"');
	migr_is(0, qr/RENAME TO "new table"/, qr//, 'revision --rename', 'revision', '--sql', '--autogenerate',
		'--rename', '"the table"="new table"');
	unlink "$directory/schema.sql";
	write_file("$directory/schema.sql", "\n");
	migr_is(1, $nothing, qr/schema\.sql, is empty/, 'an empty schema', 'diff');
	unlink "$directory/schema.sql";

	# A folder, whose files are in no order that works.
	mkdir "$directory/my schema";
	write_file("$directory/my schema/a view.sql", "CREATE VIEW v AS SELECT * FROM x;\n");
	write_file("$directory/my schema/$_.sql", "CREATE TABLE $_ (id int);\n") foreach 'x', 'y';
	migr_is(0, qr/CREATE TABLE public\.x.*CREATE TABLE public\.y/s, qr//, 'a folder', 'diff', '--schema', 'my schema');
	migr_is(0, qr/CREATE TABLE public\.x.*CREATE TABLE public\.y/s, qr//, 'named as argument', 'diff', 'my schema');
	query('CREATE SCHEMA other; CREATE TABLE other."a/b ü" (id int); CREATE VIEW v AS SELECT * FROM other."a/b ü"');
	migr_is(0, $nothing, $nothing, 'schema --split', 'schema', '--split', 'schema');
	my $files = files_in('schema');
	my $view = slurp_file("$directory/schema/view.public.v.sql");
	cmp_ok(scalar(split / /, $files), '>=', 4, 'a file for each object');
	migr_is(0, $nothing, qr/nothing differs/, 'are the schema', 'diff', '--exit-code');
	migr_is(0, $nothing, $nothing, 'schema --split again', 'schema', '--split', 'schema/');
	is(files_in('schema'), $files, 'the same files');
	is(slurp_file("$directory/schema/view.public.v.sql"), $view, 'with the same text');
	write_file("$directory/schema/mine.sql", "-- mine\n");
	migr_is(1, $nothing, qr/files of what is not in the schema.*mine\.sql/s, 'a file of somebody', 'schema', '--split', 'schema');
	ok(-e "$directory/schema/mine.sql", 'stays');
	migr_is(0, $nothing, $nothing, 'schema --split --force', 'schema', '--split', 'schema', '--force');
	is(files_in('schema'), $files, 'is removed if asked');
	is(files_in('.'), 'live.sql migr.conf my schema schema versions', 'nothing is beside');
	return;
}

# What is no script is refused, before anything happens; nothing is overwritten.
sub files
{
	new_project();
	migr_is(1, $nothing, qr/no folder versions/, 'no folder', 'upgrade');
	migr('init');
	mkdir "$directory/a=b";
	write_file("$directory/a=b/1.sql", "-- migr:revision a1\n-- migr:upgrade\n-- migr:downgrade\n");
	migr_is(0, qr/\A<base> -> a1/, $nothing, 'a folder that awk could take for a variable', 'pending', '--versions', 'a=b');
	script('1.sql', 'a1', '', 'CREATE TABLE a ();', 'DROP TABLE a;');
	foreach ([ 'is empty', '' ], [ 'no line', "-- nothing\n" ], [ 'zero bytes', "-- migr:revision z1\n\0" ],
		[ 'several files have script "a1": versions/1.sql, versions/2.sql', "-- migr:revision a1\n" ],
		[ 'that is in versions/2.sql, line 2', "-- migr:revision z1\n-- migr:updrade\n" ])
	{
		my ($message, $bytes) = @$_;

		write_file("$directory/versions/2.sql", $bytes);
		migr_is(1, $nothing, qr/\Q$message\E/, $message, 'upgrade');
	}
	migr_is(1, qr{\A::error file=versions/2\.sql,line=2,}, qr/updrade/, 'annotated', 'validate', '--github');

	# Scripts that are repeatable, alone in their files or with revisions.
	write_file("$directory/versions/2.sql", "-- migr:repeatable totals\n-- migr:depends a1\n-- migr:downgrade\n");
	migr_is(1, $nothing, qr{a repeatable script has no "downgrade".*that is in versions/2\.sql, line 3}s, 'a repeatable one', 'heads');
	write_file("$directory/versions/R__totals.sql",
		"-- of its own\n-- migr:repeatable totals\n-- migr:depends a1\n-- migr:upgrade\nCREATE VEIW totals AS TABLE a;\n");
	write_file("$directory/versions/2.sql", "-- migr:revision b0\n-- migr:upgrade\n-- migr:repeatable totals\n-- migr:upgrade\n");
	migr_is(1, $nothing, qr{several files have script "totals": versions/2\.sql, versions/R__totals\.sql}, 'twice', 'heads');
	unlink "$directory/versions/2.sql";
	migr_is(1, qr{^::error file=versions/R__totals\.sql,line=5,title=syntax::}m, $nothing, 'validate', 'validate', '--github');
	unlink "$directory/versions/R__totals.sql";
	unlink "$directory/versions/2.sql";
	mkdir "$directory/versions/folder.sql";
	migr_is(1, $nothing, qr/can't read/, 'a folder called .sql', 'upgrade');
	rmdir "$directory/versions/folder.sql";
	is(query('SELECT count(*) FROM migr.log'), '0', 'nothing has happened');

	# What comes in other forms: a byte order mark, no line end, CRLF, a hidden file.
	write_file("$directory/versions/2.sql", "\xef\xbb\xbf-- migr:revision b1\r\n-- migr:revises a1\r\n-- migr:upgrade\r\nSELECT 'ü'");
	write_file("$directory/versions/.3.sql", 'nonsense');
	migr_is(0, $nothing, qr/a1 -> b1/, 'other forms', 'upgrade');

	# Millions of bytes, and more names than a command line takes.
	my $big = join "\n", map { "-- $_ " . 'x' x 90 } 1 .. 40000;
	script('4.sql', 'c1', 'b1', "SELECT 1;\n$big\nSELECT 2;", '');
	mkdir "$directory/" . 'd' x 200;
	write_file("$directory/" . 'd' x 200 . "/$_" . 'n' x 200 . '.sql',
		"-- migr:revision n$_\n-- migr:revises " . ($_ == 1000 ? 'c1' : 'n' . ($_ - 1)) . "\n-- migr:upgrade\nSELECT $_;\n")
	  foreach 1000 .. 4000;
	migr_is(0, qr/\An4000 \(head\)\n\z/, $nothing, 'a big project', 'heads', '--versions', 'versions, ' . 'd' x 200);

	# A name that is there already.
	local $environment{MIGR_FILE_TEMPLATE} = '%(slug)s';
	write_file("$directory/versions/taken.sql", "-- migr:revision t1\n");
	my $before = files_in('versions');
	migr_is(1, $nothing, qr{versions/taken\.sql exists already}, 'a name that is taken', 'revision', '-m', 'Taken', '--head', 'c1');
	is(slurp_file("$directory/versions/taken.sql"), "-- migr:revision t1\n", 'stays');
	is(files_in('versions'), $before, 'with nothing beside');
	unlink "$directory/versions/taken.sql";
	$environment{MIGR_FILE_TEMPLATE} = '%%(year)d-%(month).2d-%%(day).2d_%(rev)s_%(slug)s';
	migr_is(0, qr{\Aversions/\d{4}-\d\d-\d\d_r1_\w{20,40}\.sql\n\z}, $nothing, 'a template', 'revision', '--rev-id', 'r1',
		'-m', 'one two three four five six seven eight nine ten eleven');
	$environment{MIGR_FILE_TEMPLATE} = '%(rev)s/%(slug)s';
	migr_is(2, $nothing, qr/can't be made/, 'a template with a folder', 'revision', '-m', 'x');
	$environment{MIGR_FILE_TEMPLATE} = '%(rev)s_%(slug)s';
	my $out = migr_is(0, qr/./, $nothing, 'a long word', 'revision', '-m', 'ä' x 50, '--rev-id', '.r2');
	is($out, 'versions/_.r2_' . 'ä' x 20 . ".sql\n", 'is cut between letters, and no file is hidden');

	return;
}

# migr.conf, the environment, options.
sub settings
{
	new_project();
	my ($inner, $database) = ("$directory/inner folder", $environment{PGDATABASE});
	mkdir $inner;
	write_file("$inner/other.conf",
		"# settings\n\n versions = my scripts, more \r\nfile_template = %(slug)s\ndatabase_url = postgresql:///"
		  . $database =~ s/ /%20/r . "?user=alice");
	mkdir "$inner/$_" foreach 'my scripts', 'more';
	$environment{PGDATABASE} = 'nowhere';
	local $environment{MIGR_CONFIG} = 'inner folder/other.conf';
	$environment{DATABASE_URL} = 'postgresql:///' . $database =~ s/ /%20/r;
	migr('init', '--no-database');
	$node->safe_psql($database, 'SET ROLE alice; CREATE EXTENSION migr');
	delete $environment{DATABASE_URL};
	migr_is(0, qr{\Ainner folder/my scripts/first\.sql\n}, $nothing, 'settings of a file, seen from its folder', 'revision', '-m', 'First');
	migr_is(0, qr{\Ainner folder/more/second\.sql\n}, $nothing, 'the other folder', 'revision', '-m', 'Second',
		'--version-path', 'inner folder/more');
	migr_is(2, $nothing, qr/none of the folders/, 'another folder', 'revision', '--version-path', 'inner folder', '-m', 'x');
	migr_is(1, $nothing, qr/nowhere/, 'the environment comes first', '-d', 'nowhere', 'heads');
	{
		local $environment{MIGR_VERSIONS} = 'versions';
		migr_is(0, $nothing, $nothing, 'and says where scripts are', 'heads');
	}
	foreach ([ "color = red\n", 'no setting "color' ], [ "versions\n", 'line 1: not' ])
	{
		write_file("$directory/bad.conf", $_->[0]);
		migr_is(2, $nothing, qr/$_->[1]/, $_->[1], 'heads', '-c', 'bad.conf');
	}
	migr_is(2, $nothing, qr/can't read/, 'no such file', 'heads', '--config', 'missing.conf');
	return;
}

# Where the database is, and that nobody sees the password.
sub connections
{
	new_project();
	migr('init');
	script('1.sql', 'a1', '', 'CREATE TABLE a ();', 'DROP TABLE a;');
	migr('upgrade');

	# A psql that tells how it was called.
	mkdir "$directory/bin";
	write_file("$directory/bin/psql", <<'SH');
#!/bin/sh
printf '%s\n' "$@" >>"$PSQL_LOG"
printf 'password <%s>\n' "${PGPASSWORD:-}" >>"$PSQL_LOG"
exec "$REAL_PSQL" "$@"
SH
	chmod 0755, "$directory/bin/psql";
	my $host = $node->host =~ s{/}{%2F}gr;
	my $name = delete($environment{PGDATABASE}) =~ s/ /%20/r;
	$environment{PGUSER} = 'nobody';
	$environment{PSQL_LOG} = "$directory/psql.log";
	$environment{REAL_PSQL} = qx(pg_config --bindir) =~ s/\n//r . '/psql';
	$environment{PATH} = "$directory/bin:$ENV{PATH}";
	foreach ([ "postgresql://alice\@/$name?host=$host", '' ],
		[ "postgres://alice:secret\@/$name?host=$host", 'secret' ],
		[ "postgresql+asyncpg://alice:sec%40r%2Fe%25t%20\@/$name?host=$host&prepared_statement_cache_size=0", 'sec@r/e%t ' ],
		[ "postgresql+psycopg2:///$name?user=alice&password=sec%3Fret&host=$host", 'sec?ret' ],
		[ "postgresql+psycopg://alice:a:b?c\@/$name?host=$host&schema=public&application_name=x", 'a:b?c' ],
		[ "host='" . $node->host . "' user=alice dbname='" . $name =~ s/%20/ /r . q{'}, '' ])
	{
		my ($url, $password) = @$_;

		unlink "$directory/psql.log";
		$environment{DATABASE_URL} = $url;
		migr_is(0, qr/\Aa1/, $nothing, $url, 'current');
		my $log = slurp_file("$directory/psql.log");
		like($log, qr/^password <\Q$password\E>$/m, 'the password is in the environment');
		unlike($log =~ s/^password <.*//gmr, qr/sec|a:b/, 'and in no argument');
	}
	unlink "$directory/psql.log";
	foreach ("postgresql://alice:se/cret\@host/$name", "postgresql://alice:se\@cret\@host/$name", 'mysql://alice:secret@host/x',
		'host=x password=secret')
	{
		$environment{DATABASE_URL} = $_;
		my ($code, $out, $err) = migr('current');
		is($code, 2, 'a URL that can not be read');
		unlike("$out$err", qr/cret/, 'is not printed');
	}
	delete $environment{DATABASE_URL};
	migr_is(2, $nothing, qr/others can see/, 'a password as an argument', 'current', '-d', 'postgresql://alice:secret@/x');
	ok(!-e "$directory/psql.log", 'psql was not called');
	return;
}

sub wrong_usage
{
	new_project();
	foreach ([], ['nothing'], [ 'upgrade', 'a', 'b' ], ['stamp'], ['show'], [ 'current', 'x' ], [ 'upgrade', '--nothing' ],
		[ 'upgrade', '--message', 'x' ], [ 'upgrade', '--tag' ], [ 'upgrade', '--dry-run=yes' ], [ 'history', '-z' ],
		[ 'revision', '--empty', '--autogenerate' ], [ 'revision', '--rename', 'a=b' ], [ 'revision', '--online' ], [ 'log', 'x' ], ['UPGRADE'],
		[ 'check', '--json' ], [ '--', '--help' ], [ 'schema', '--split', '.' ])
	{
		migr_is(2, $nothing, qr/^migr: /, "wrong: @$_", @$_);
	}
	is(files_in('.'), '', 'no file of these');

	my ($code, $help) = migr('--help');
	is($code, 0, 'help');
	my @verbs = $help =~ /^  ([a-z]+) /mg;
	cmp_ok(scalar(@verbs), '>', 20, 'it has the verbs');
	migr_is(0, qr/\Ausage: migr $_\b.*^  -h, --help/ms, $nothing, "$_ --help", $_, '--help') foreach @verbs;
	my ($version) = slurp_file("$top/migr.control") =~ /^default_version = '(.*)'/m;
	migr_is(0, qr/\Amigr \Q$version\E\n\z/, $nothing, 'version', '--version');
	migr_is(1, $nothing, qr/extension "migr" is not installed.*Run migr init/s, 'no extension', 'current', '--no-load');
	local $environment{PGDATABASE} = 'nowhere';
	migr_is(1, $nothing, qr/"nowhere" does not exist/, 'no database', 'current', '--no-load');
	return;
}

# Who may not load, and a server on which nobody can.
sub rights
{
	new_project();
	migr('init');
	script('1.sql', 'a1', '', 'CREATE TABLE a ();', 'DROP TABLE a;');
	migr('upgrade');
	script('2.sql', 'b1', 'a1', 'CREATE TABLE b ();', 'DROP TABLE b;');
	my $rows = query('SELECT count(*) FROM migr.log');
	migr_is(1, $nothing, qr/1 revision pending/, 'what is not loaded is pending', 'check');
	is(query('SELECT count(*) FROM migr.log'), $rows, 'looking writes nothing');

	local $environment{PGUSER} = 'reader';
	migr_is(0, qr/\Aa1 /, qr/WARNING:  this is what the database has/, 'a reader', 'heads');
	migr_is(1, $nothing, qr/can not be loaded.*--no-load/s, 'does not take it for the project', 'check');
	migr_is(0, $nothing, $nothing, 'unless asked', 'check', '--no-load');
	migr_is(1, $nothing, qr/can not be loaded/, 'may not upgrade', 'upgrade');
	query('GRANT EXECUTE ON FUNCTION migr_load TO reader');
	migr_is(1, $nothing, qr/migr_unload/, 'nor who may not forget', 'check');
	local $environment{PGUSER} = 'alice';
	local $environment{PGOPTIONS} = '-c default_transaction_read_only=on';
	migr_is(0, qr/\Aa1 /, qr/WARNING:  this is what the database has/, 'read-only', 'heads');
	migr_is(1, $nothing, qr/can not be loaded/, 'read-only', 'check');

	# Functions that somebody puts in the way of a superuser who looks.
	delete $environment{PGOPTIONS};
	query(q{CREATE FUNCTION public.array_to_string(text[], text) RETURNS text LANGUAGE plpgsql
		AS 'BEGIN RAISE EXCEPTION $x$caught$x$; END'});
	migr_is(0, qr/a1 -> b1/, $nothing, 'another array_to_string()', 'history');
	migr_is(0, qr/Pending/, $nothing, 'is not called', 'status');

	# Settings for the session, whose values are theirs.
	script('2.sql', 'b1', 'a1', q{SELECT 1 / (current_setting('shop.x') = $$a'b=c d$$)::int;}, '');
	migr_is(0, $nothing, qr/a1 -> b1/, 'a setting', 'upgrade', '-x', q{shop.x=a'b=c d}, '-x', 'migr.lock_timeout=3s');
	return;
}

# Two at a time; and other scripts between loading and running.
sub concurrent
{
	new_project();
	migr('init');
	script('1.sql', 'a1', '', 'CREATE TABLE a ();', 'DROP TABLE a;');
	script('2.sql', 'b1', 'a1', 'CREATE TABLE b ();', 'DROP TABLE b;');
	migr('upgrade', 'a1');

	my $other = MigrTest::Session->new($node, db => $environment{PGDATABASE}, role => 'alice');
	$other->ask('BEGIN');
	$other->ask(q{SELECT migr_stamp('a1')});
	migr_is(0, qr/\Aa1, /, $nothing, 'who looks does not wait', 'current');
	migr_is(1, $nothing, qr/another migration is running/, 'who runs does', 'upgrade', '-x', 'migr.lock_timeout=100ms');

	my ($out, $err) = ('', '');
	local %ENV = environment();
	my $run = IPC::Run::start([ command('upgrade') ],
		'<', \'', '>', \$out, '2>', \$err,
		init => sub { chdir $directory or die });
	$run->pump while $err !~ /waiting for another migration/;
	$other->ask(
		q{SELECT migr_load(E'-- migr:revision b1\n-- migr:revises a1\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n')});
	$other->ask('COMMIT');
	$run->finish;
	is($? >> 8, 1, 'other scripts were loaded in between: exit code');
	like($err, qr/other scripts were loaded meanwhile/, 'it says so');
	is(query('SELECT count(*) FROM migr.version'), '1', 'and is undone');
	migr_is(0, $nothing, qr/a1 -> b1/, 'once more', 'upgrade');
	return;
}

# Tenants: each verb that can be of one, and what can't.
sub tenants
{
	new_project();
	migr_is(0, $nothing, $nothing, 'init', 'init');
	script('s1.sql', 's1', '', 'CREATE TABLE country (id int);', 'DROP TABLE country;');
	script('t1.sql', 't1', '', 'CREATE TABLE item (id int);', 'DROP TABLE item;', "-- migr:labels shop\n");
	query(qq{ALTER DATABASE "$environment{PGDATABASE}" SET migr.tenant_label = shop});
	migr_is(1, $nothing, qr/new_tenant/, 'a tenant that is not there', 'upgrade', '--tenant', q{it's "a"});
	migr_is(0, $nothing, qr/-> s1.*-> t1/s, 'a new one', 'upgrade', '--tenant', q{it's "a"}, '--new-tenant');
	is(query(q{SELECT to_regclass('"it''s ""a""".item') IS NOT NULL}), 't', 'has its table');
	migr_is(0, $nothing, $nothing, 'check of one', 'check', '--tenant', q{it's "a"});
	migr_is(0, qr/^Tenant    it's "a"$/m, $nothing, 'status of one', 'status', '--tenant', q{it's "a"});
	migr_is(0, qr/t1/, $nothing, 'history of one', 'history', '--tenant', q{it's "a"});
	migr_is(0, $nothing, qr/t1 -> base/, 'downgrade of one', 'downgrade', 'base', '--tenant', q{it's "a"});
	migr_is(0, qr/t1/, $nothing, 'pending of one', 'pending', '--tenant', q{it's "a"});
	migr_is(1, $nothing, qr/not up to date/, 'check of one', 'check', '--tenant', q{it's "a"});
	migr_is(0, $nothing, $nothing, 'check of what all share', 'check');
	query('CREATE SCHEMA b; CREATE SCHEMA c; ALTER SCHEMA b OWNER TO alice; ALTER SCHEMA c OWNER TO alice');
	migr_is(0, qr/SET.*search_path.*CREATE TABLE item/s, $nothing, 'sql of one', 'sql', '--tenant', 'b');
	migr_is(0, $nothing, $nothing, 'stamp of one', 'stamp', 'base', '--tenant', $_) foreach qw(b c);
	migr_is(0, $nothing, qr/tenants: 2/, 'deploy of some', 'deploy', '--tenants', '[bc]', '--canary', 'b', '--stop-after', '1');
	is(query(q{SELECT string_agg(tenant || '=' || applied, ' ' ORDER BY tenant COLLATE "C") FROM migr.tenant}),
		q{b=1 c=1 it's "a"=0}, 'some are deployed');
	migr_is(0, qr/^b .*t1.*^c .*t1.*^it's "a" /ms, $nothing, 'tenants', 'tenants');
	query(q{ALTER TABLE c.item ADD COLUMN note text});
	migr_is(0, qr/^ALTER TABLE item ADD COLUMN note text;$/m, qr/migr_stamp\('t9', tenant => 'c'\)/, 'revision of what one has', 'revision', '-m', 'note',
		'--autogenerate', '--tenant', 'c', '--rev-id', 't9', '--sql');
	migr_is(2, $nothing, qr/--tenant is for --autogenerate/, 'revision of one, without that', 'revision', '-m', 'note', '--tenant', 'c');
	migr_is(2, $nothing, qr/needs a name/, 'a tenant without a name', 'upgrade', '--tenant', '');
	migr_is(2, $nothing, qr/are for --tenants/, 'canary without tenants', 'deploy', '--canary', 'b');
	return;
}

sub have
{
	my ($program) = @_;

	return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

ok(-x $installed, 'the command is installed');
foreach my $name (grep { have($_) } qw(dash bash busybox))
{
	note $name;
	@shell = $name eq 'busybox' ? ($name, 'sh') : ($name);
	story();
	settings();
	wrong_usage();
}
@shell = ('sh');
schema();
files();
connections();
rights();
concurrent();
tenants();

# In a clone, by a link, it works as it is.
{
	new_project();
	symlink("$top/bin/migr", "$directory/link") or die;
	$command = "$directory/link";
	migr_is(0, qr/usage: migr VERB/, $nothing, 'in a clone', '--help');
	migr_is(0, $nothing, $nothing, 'in a clone', 'init');
}

SKIP:
{
	skip 'there is no shellcheck', 1 unless have('shellcheck');
	chdir $top or die;
	my @parts = glob('bin/parts/*.sh');
	my $said;
	IPC::Run::run([ 'shellcheck', '-x', 'bin/migr', @parts, $installed ], '>', \$said, '2>', \$said);
	is($said, '', 'shellcheck has nothing to say');
}

$node->stop;
done_testing();
