# A database that can't have the extension, by migr --remote: a whole life of it, as a role
# that may do nothing but create schemas, from the first script to the day when it gets the
# extension after all.  MIGR_REMOTE_SERVER=HOST:PORT: on a server of another major.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use JSON::PP;
use MigrCommand qw(!script);
use MigrRemote;
use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;

$node = new_node('remote');

# The version goes up and down, by the folder of scripts.
sub goes_up_and_down
{
	migr_is(0, $nothing, $nothing, 'init', 'init');
	is(on_remote(q{SELECT count(*) FROM pg_namespace WHERE nspname IN ('migr', 'migr_standalone')}), '0', 'it is the folder only');
	migr_is(1, $nothing, qr/no script in versions/, 'upgrade of nothing', 'upgrade');
	migr_is(0, qr{\Aversions/a1_shop\.sql\n\z}, $nothing, 'revision', 'revision', '-m', 'shop', '--rev-id', 'a1',
		'--upgrade', "CREATE SCHEMA shop;\nCREATE TABLE shop.item (id int PRIMARY KEY, name text DEFAULT 'größer \$\$');",
		'--downgrade', 'DROP SCHEMA shop CASCADE;');
	script('b1', 'a1', 'ALTER TABLE shop.item ADD COLUMN price numeric;', 'ALTER TABLE shop.item DROP COLUMN price;');
	migr_is(0, qr/^Database  hosted "it's" 1, as app\n.*^Current   <base>\n.*^Pending   2\n {10}a1, shop\n {10}b1, of b1$/ms,
		$nothing, 'status', 'status');
	migr_is(1, qr/^Pending   2$/m, qr/not at all heads/, 'status --exit-code', 'status', '--exit-code');
	migr_is(0, qr/\A<base> -> a1, shop\na1 -> b1 \(head\), of b1\n\z/, $nothing, 'pending', 'pending');
	migr_is(0, qr/^CREATE TABLE shop\.item.*größer/m, $nothing, 'sql', 'sql');
	migr_is(0, qr/^CREATE TABLE shop\.item/m, $nothing, 'upgrade --sql', 'upgrade', '--sql');
	migr_is(0, $nothing, $nothing, 'sql -o', 'sql', '-o', 'sent.sql');
	is(on_remote(q{SELECT count(*) FROM pg_namespace WHERE nspname ~ 'migr|shop'}), '0', 'nothing of that writes');

	migr_is(0, $nothing, qr/NOTICE:  sending upgrade .*-> a1, shop\nNOTICE:  1 applied, now at a1\n\z/, 'upgrade +1', 'upgrade', '+1');
	is(versions(), 'a1', 'the remote has it');
	is(on_remote('SELECT action, by FROM migr_standalone.log'), 'upgrade|app', 'and a log');
	is(decode_json(migr_is(0, qr/./, qr/a1 -> b1/, 'upgrade --json', 'upgrade', '--json'))->[0], 'b1', 'ids as JSON');
	migr_is(0, $nothing, qr/\ANOTICE:  nothing to do/, 'upgrade again', 'upgrade');
	migr_is(0, qr/\A\[\]\n\z/, $nothing, 'upgrade -q --json', 'upgrade', '-q', '--json');
	migr_is(0, qr/\Ab1 \(head\), of b1\n\z/, $nothing, 'current', 'current', '--check-heads');
	migr_is(0, qr/^Applied: \d.* by app$/m, $nothing, 'current -v', 'current', '-v');
	migr_is(0, qr/\A\* current  b1 .* app .*\n\* .*a1 .*\n\z/, $nothing, 'log', 'log');
	migr_is(0, qr/\Aa1 -> b1 \(head\) \(current\)/, $nothing, 'history', 'history', '-i');
	migr_is(0, qr/^Last      upgrade at \d.* by app$/m, $nothing, 'status --exit-code', 'status', '--exit-code');
	is(on_remote('INSERT INTO shop.item VALUES (1) RETURNING name'), 'größer $$', 'what is stored is what the script says');

	migr_is(2, $nothing, qr/needs one argument/, 'downgrade of what', 'downgrade');
	migr_is(0, $nothing, qr/sending downgrade b1 -> a1.*1 undone, now at a1/s, 'downgrade', 'downgrade', '-1');
	migr_is(0, qr/^ALTER TABLE shop\.item DROP COLUMN price;$/m, $nothing, 'sql --down', 'sql', '--down', 'b1:a1');
	migr_is(0, $nothing, qr/1 undone, now at <base>/, 'downgrade to base', 'downgrade', 'base');
	is(on_remote(q{SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'}), '0', 'nothing is left');
	migr_is(0, $nothing, qr/2 applied, now at b1/, 'and up', 'upgrade');
	return;
}

# What somebody does by hand, or another tool, is seen; and autogenerate goes by it.
sub is_looked_at
{
	migr_is(0, qr/\Aok      built\n/, $nothing, 'no drift', 'drift');
	on_remote('ALTER TABLE shop.item ADD COLUMN by_hand int; CREATE TABLE shop.alembic_version (version_num text)');
	migr_is(1, qr/\Afail    built  table shop\.alembic_version\n.*^fail    built  column shop\.item\.by_hand\n {8}unexpected/ms, $nothing,
		'drift', 'drift');
	migr_is(1, qr/\A(?!.*alembic).*by_hand/s, $nothing, 'without what is excluded', 'drift', '-x', 'migr.exclude=shop.alembic_*');
	migr_is(1, qr/\A::error title=built::column shop\.item\.by_hand/m, $nothing, 'drift --github', 'drift', '--github',
		'-x', 'migr.exclude=shop.alembic_*');
	migr_is(0, qr/^ok .*none\n.*not made by any revision: .*by_hand/s, $nothing, 'which revision is it', 'repair', '--check-only');
	on_remote('ALTER TABLE shop.item DROP COLUMN by_hand');
	migr_is(0, qr/\Aok      chain.*^ok      built/ms, $nothing, 'verify', 'verify', '-x', 'migr.exclude=shop.alembic_*');
	migr_is(1, $nothing, qr/no check "\*"/, 'verify, not by a pattern', 'verify', '*');
	migr_is(2, $nothing, qr/sections can't be told/, 'verify sections', 'verify', 'sections');
	migr_is(0, qr/\Aok      a1\nok      b1\n\z/, $nothing, 'test', 'test');

	# The desired schema.
	write_file("$directory/schema.sql", "CREATE SCHEMA shop;\nCREATE TABLE shop.item (id bigint PRIMARY KEY,\n"
		. "name text DEFAULT 'größer \$\$', price numeric CHECK (price > 0));\n");
	migr_is(0, qr/\ADROP TABLE shop.alembic_version|ALTER COLUMN id TYPE bigint/, qr/loses data/, 'diff', 'diff');
	migr_is(0, qr/ALTER COLUMN id TYPE bigint/, $nothing, 'diff without what is excluded', 'diff', '-x', 'migr.exclude=shop.alembic_*');
	on_remote('CREATE VIEW shop.items AS SELECT id FROM shop.item');
	my $out = migr_is(0, qr{\Aversions/c1_big\.sql\n\z}, qr/Detected: .*item\.id/, 'revision --autogenerate', 'revision',
		'--autogenerate', '-m', 'big', '--rev-id', 'c1');
	like(slurp_file("$directory/versions/c1_big.sql"), qr/DROP VIEW.*items.*CREATE (OR REPLACE )?VIEW/s,
		'what stands in the way on the remote comes back');
	migr_is(0, $nothing, qr/1 applied, now at c1/, 'it runs', 'upgrade');
	is(on_remote(q{SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'shop.items'::regclass AND attname = 'id'}),
		'bigint', 'with what stands on it');
	on_remote('DROP VIEW shop.items; DROP TABLE shop.alembic_version');
	migr_is(0, $nothing, $nothing, 'check', 'check');
	migr_is(0, $nothing, qr/nothing differs/, 'diff', 'diff', '--exit-code');
	migr_is(0, qr/^CREATE TABLE shop\.item/m, $nothing, 'schema', 'schema');
	return;
}

# The version is lost, wrong, or set by hand.
sub is_found_again
{
	on_remote('DELETE FROM migr_standalone.version');
	migr_is(1, $nothing, qr/schema "shop" already exists.*that is in versions\/a1_shop\.sql.*is at <base>, as before/s,
		'an upgrade would begin anew', 'upgrade');
	migr_is(0, qr/^no_version +stamp\n.*revision c1/m, $nothing, 'which revision is it', 'repair', '--check-only');
	is(versions(), '', 'nothing is written');
	migr_is(0, qr/^no_version +stamped\n/m, $nothing, 'repair', 'repair');
	is(versions(), 'a1 b1 c1', 'is stamped');
	migr_is(0, $nothing, qr/now at b1/, 'stamp', 'stamp', 'b1');
	is(versions(), 'a1 b1', 'goes back');
	migr_is(0, qr/^wrong_version +stamped/m, $nothing, 'repair', 'repair');
	is(versions(), 'a1 b1 c1', 'is forth again');
	migr_is(0, qr/^ok +none/m, $nothing, 'repair of nothing', 'repair');
	migr_is(0, $nothing, qr/now at a1/, 'stamp --purge', 'stamp', '--purge', 'a1');
	migr_is(0, $nothing, qr/now at c1/, 'stamp head', 'stamp', 'head');
	return;
}

# Files that changed, or are gone, after they were applied.
sub knows_the_files
{
	my %text = map { $_ => slurp_file("$directory/versions/$_.sql") } 'b1', 'c1_big';

	script('b1', 'a1', 'ALTER TABLE shop.item ADD COLUMN price int;', '');
	migr_is(1, $nothing, qr/"b1" was edited.*that is in versions\/b1\.sql/s, $_, $_, $_ eq 'downgrade' ? 'a1' : ())
	  foreach 'status', 'upgrade', 'downgrade';
	unlink "$directory/versions/b1.sql", "$directory/versions/c1_big.sql";
	migr_is(0, qr/^Unknown   .*c1/m, qr/^/, 'a file that is gone', 'status');
	migr_is(1, $nothing, qr/c1/, 'is not undone', 'downgrade', 'a1');
	is(versions(), 'a1 b1 c1', 'stays applied');
	write_file("$directory/versions/$_.sql", $text{$_}) foreach keys %text;
	return;
}

# A role of the remote, its extension and others' schemas, which no workbench has.
sub has_surroundings
{
	my $remote = new_remote();

	$node->safe_psql('postgres', q{CREATE ROLE "web ""user"; CREATE ROLE auth_admin});
	on_remote(q{CREATE SCHEMA auth AUTHORIZATION auth_admin; CREATE TABLE auth.users (id int PRIMARY KEY);
		ALTER TABLE auth.users OWNER TO auth_admin; GRANT USAGE ON SCHEMA auth TO app; GRANT SELECT, REFERENCES ON auth.users TO app;
		CREATE SCHEMA closed; CREATE TABLE closed.x (i int); CREATE TABLE auth.hidden (i int)}, $ENV{PGUSER} // getpwuid($<));
	migr('init');
	script('a1', '', qq{CREATE SCHEMA shop;\n}
		. qq{CREATE TABLE shop.item (id int PRIMARY KEY REFERENCES auth.users);\nGRANT SELECT ON shop.item TO "web ""user";},
		'DROP SCHEMA shop CASCADE;');
	migr_is(0, $nothing, qr/1 applied/, 'roles and schemas of others', 'upgrade');
	migr_is(0, qr/\Aok      built/, $nothing, 'are in the workbench, too', 'drift');
	on_remote('GRANT INSERT ON shop.item TO "web ""user"');
	migr_is(1, qr/\Afail    built  table shop\.item\n.*GRANT/s, $nothing, 'rights count', 'drift');
	on_remote('REVOKE INSERT ON shop.item FROM "web ""user"');

	# A database with the extension is a workbench as well.
	my $name = 'bench';
	$node->safe_psql('postgres', q{CREATE ROLE dev LOGIN CREATEDB; CREATE DATABASE bench OWNER dev});
	$node->safe_psql('bench', 'SET ROLE dev; CREATE EXTENSION migr');
	(my $host = $node->host) =~ s{/}{%2F}g;
	my $bench = "postgresql://dev\@/bench?host=$host&port=" . $node->port;
	my $count = $node->safe_psql('postgres', 'SELECT count(*) FROM pg_database');
	on_remote(qq{CREATE SCHEMA "x\nwork_mem=nonsense" AUTHORIZATION auth_admin}, $ENV{PGUSER} // getpwuid($<));
	migr_is(0, qr/\Aok      built/, $nothing, 'by --workbench', 'drift', '--workbench', $bench);
	{
		local $environment{MIGR_WORKBENCH} = $bench =~ s/dev@/dev:secret@/r;
		migr_is(0, qr/^Current   a1$/m, $nothing, 'by MIGR_WORKBENCH', 'status');
	}
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_database'), $count, 'no database is left');
	$node->safe_psql('postgres', 'CREATE ROLE poor LOGIN');
	migr_is(1, $nothing, qr/may create databases/, 'not by a role that may not', 'status', '--workbench', $bench =~ s/dev@/poor@/r);

	# What looks like the tables of scripts, and would run something.
	new_remote();
	migr('init');
	script('a1', '', 'CREATE SCHEMA shop;', 'DROP SCHEMA shop;');
	on_remote(q{CREATE SCHEMA migr_standalone AUTHORIZATION auth_admin; SET ROLE auth_admin;
		CREATE FUNCTION migr_standalone.trap() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap'; END$$;
		CREATE VIEW migr_standalone.version AS SELECT migr_standalone.trap() AS revision, 1 AS ordinal, '{}'::text[] AS parents, '{}'::text[] AS depends_on;
		CREATE TABLE migr_standalone.unfinished (revision text, statement int, of int, sql text);
		CREATE TABLE migr_standalone.log (id int, action text, at text, by text);
		GRANT USAGE ON SCHEMA migr_standalone TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA migr_standalone TO PUBLIC},
		$ENV{PGUSER} // getpwuid($<));
	foreach my $role ('app', $ENV{PGUSER} // scalar getpwuid($<))
	{
		local $environment{MIGR_REMOTE} = $environment{MIGR_REMOTE} =~ s{//app@}{//$role@}r;
		migr_is(1, $nothing, qr/tables of migr_standalone belong to another role/, "other people's tables: $role", 'status');
	}
	return;
}

# What a remote says runs nothing here, and nothing as a superuser of the workbench, and what
# looks like a command of psql is text.
sub is_not_trusted
{
	my $name = new_remote();
	my $witness = "$environment{TMPDIR}/witness";
	my $program = "touch $witness";

	migr('init');
	script('a1', '', 'CREATE SCHEMA shop; CREATE TABLE shop.item (i int);', 'DROP SCHEMA shop CASCADE;');
	migr_is(0, $nothing, qr/1 applied/, 'upgrade', 'upgrade');
	on_remote(qq{COMMENT ON SCHEMA shop IS E'\\nALTER TABLE x OWNER TO y; \\\\! $program ;\\n'});
	on_remote(qq{CREATE TABLE shop."a\n\\! $program\n" (i int)});
	# Minor releases of before August 2025 take commands from anywhere.
	my $old = qx(psql --help=commands) !~ /\\restrict/;
	migr_is(1, $old ? $nothing : qr/^fail    built  schema shop$/m, $old ? qr/has backslashes/ : qr/^/, 'drift', 'drift');
	on_remote(qq{INSERT INTO migr_standalone.version SELECT E'x\\n\\\\! $program\\n`$program`', 2, '{a1}', '{}', '', '', true, now(),}
		. qq{ E'\\n\\\\! $program'});
	migr($_) foreach 'drift', 'status', 'current', 'sql', 'upgrade', 'repair';
	migr('sql', '--down', 'a1:base');
	ok(!-e $witness, 'no program ran');

	# As the role of a named workbench, where it could.
	(my $host = $node->host) =~ s{/}{%2F}g;
	my $user = $ENV{PGUSER} // getpwuid($<);
	my $bench = "postgresql://$user\@/bench?host=$host&port=" . $node->port;
	on_remote(qq{COMMENT ON SCHEMA shop IS E'\\nALTER TABLE x OWNER TO y; COPY (SELECT 1) TO PROGRAM ''$program'';\\n'});
	migr_is(1, $nothing, qr/must be no superuser/, 'a superuser is no workbench', 'drift', '--workbench', $bench);
	migr('drift', '--workbench', $bench =~ s{//\Q$user\E@}{//dev@}r);
	ok(!-e $witness, 'no program ran there');

	# A psql that takes commands from anywhere.
	(my $programs = qx(pg_config --bindir)) =~ s/\n//;
	mkdir "$directory/bin";
	write_file("$directory/bin/psql", "#!/bin/sh\nfor file; do case \$file in */guard) sed -i s/restrict/unheard_of/ \"\$file\" ;; esac; done\n"
		. "exec $programs/psql \"\$\@\"\n");
	chmod 0755, "$directory/bin/psql";
	{
		local $environment{PATH} = "$directory/bin:$ENV{PATH}";
		migr_is(1, $nothing, qr/has backslashes, and this psql would take commands/, 'an old psql', 'drift');
		on_remote(qq{DROP TABLE shop."a\n\\! $program\n"});
		on_remote('COMMENT ON SCHEMA shop IS NULL; DELETE FROM migr_standalone.version WHERE ordinal = 2');
		migr_is(0, qr/\Aok      built/, $nothing, 'without backslashes', 'drift');
	}
	ok(!-e $witness, 'nor by that');

	# More than an argument of a program may hold.
	on_remote(q{INSERT INTO migr_standalone.version SELECT 'long', 2, '{a1}', '{}', '', repeat('x', 200000), true, now(), 'app'});
	migr_is(0, qr/^Unknown   long$/m, qr/^/, 'status of much', 'status');
	on_remote('DELETE FROM migr_standalone.version WHERE ordinal = 2');

	# Who is a superuser in the workbench by his name.
	$node->safe_psql('postgres', 'CREATE ROLE migr_workbench LOGIN IN ROLE app');
	{
		local $environment{MIGR_REMOTE} = $environment{MIGR_REMOTE} =~ s/app@/migr_workbench@/r;
		migr_is(1, $nothing, qr/workbench's superuser/, 'a role of the same name', 'status');
	}

	# A server that lies: what is called pg_... is a role of its own.
	$node->safe_psql($name, q{SET allow_system_table_mods = on; UPDATE pg_operator SET oprcode = 'nameregexeq'
		WHERE oprname = '!~' AND oprleft = 'name'::regtype});
	migr('drift');
	is(migr_is(0, qr/^/, $nothing, 'who the loader is', 'workbench', 'run', 'psql', '-XAtc',
		q{SELECT pg_has_role('migr_loader', 'pg_execute_server_program', 'MEMBER')}), "f\n", 'it is not of those that run programs');
	return;
}

# The day comes when the extension can be installed.
sub is_adopted
{
	my ($remote) = @_;

	$node->safe_psql($remote, 'CREATE EXTENSION migr');
	$node->safe_psql($remote, "GRANT EXECUTE ON FUNCTION $_ TO app") foreach qw(migr_load migr_unload migr_upgrade migr_downgrade migr_adopt);
	migr_is(1, $nothing, qr/the remote has extension migr/, 'a remote with the extension', 'status');
	delete local $environment{MIGR_REMOTE};
	local $environment{DATABASE_URL} = "postgresql://app\@/" . ($remote =~ s/([^\w])/sprintf '%%%02X', ord $1/ger)
	  . "?host=" . ($node->host =~ s{/}{%2F}gr) . '&port=' . $node->port;
	migr_is(0, qr/^added +c1$/m, $nothing, 'it gets the scripts', 'load');
	$node->safe_psql($remote, 'SET ROLE app; SELECT migr_adopt()');
	migr_is(0, qr/^Applied   3$/m, $nothing, 'is one as any other', 'status');
	is($node->safe_psql($remote, q{SELECT count(*) FROM migr.version v JOIN migr_standalone.version USING (revision, ordinal, checksum)}),
		'3', 'with the same checksums');
	script('d1', 'c1', 'CREATE TABLE shop.d (i int);', 'DROP TABLE shop.d;');
	migr_is(0, $nothing, qr/c1 -> d1/, 'goes on', 'upgrade');
	migr_is(0, $nothing, qr/d1 -> c1/, 'and back', 'downgrade', 'c1');
	return;
}

start_workbench();
my $remote = new_remote();
goes_up_and_down();
is_looked_at();
is_found_again();
knows_the_files();
if (!$elsewhere)
{
	# Of an imported scalar, local would make another one.
	my $project = $directory;
	local $environment{MIGR_REMOTE} = $environment{MIGR_REMOTE};
	has_surroundings();
	is_not_trusted();
	$directory = $project;
}
is_adopted($remote) unless $elsewhere;
stop_workbench();

$node->stop;
done_testing();
