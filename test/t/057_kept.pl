# What runs drop with rows is kept: by whom nobody expects it, by deploys, over a dump; and by
# what somebody could try to get at rows, or rights, of others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('primary');

sub sql
{
	my ($sql, %param) = @_;

	return $node->safe_psql($param{db} // 'shop', ($param{role} ? "SET ROLE $param{role};\n" : '') . $sql);
}

sub as_alice
{
	my ($sql) = @_;

	return $node->safe_psql('shop', $sql, extra_params => [ '-U', 'alice' ]);
}

# What it says, and whether it fails.
sub said
{
	my ($sql, %param) = @_;
	my ($out, $err);

	$node->psql($param{db} // 'shop', ($param{role} ? "SET ROLE $param{role};\n" : '') . $sql,
		stdout => \$out, stderr => \$err, extra_params => ['-At']);
	return $err;
}

# --- the owner of a database is no superuser ------------------------------------------------

$node->safe_psql('postgres', q{
	CREATE ROLE alice LOGIN; CREATE ROLE mallory LOGIN; CREATE ROLE reader;
	CREATE DATABASE shop OWNER alice;
	ALTER DATABASE shop SET migr.keep_dropped = '30 days'});
sql('CREATE EXTENSION migr; GRANT USAGE ON SCHEMA migr TO mallory;', role => 'alice');
sql('GRANT CREATE, USAGE ON SCHEMA public TO alice, mallory');
load_scripts($node, <<'SCRIPTS', db => 'shop', role => 'alice');
-- migr:revision one
-- migr:upgrade
CREATE TABLE public.big (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text, b text);
CREATE INDEX ON public.big (a);
GRANT SELECT ON public.big TO reader;
-- migr:downgrade
DROP TABLE public.big;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
ALTER TABLE public.big DROP COLUMN b;
-- migr:downgrade
ALTER TABLE public.big ADD COLUMN b text NOT NULL;
SCRIPTS
sql(q{SELECT migr_upgrade('one');
	INSERT INTO public.big (a, b) SELECT 'a' || i, 'b' || i FROM generate_series(1, 20000) i}, role => 'alice');
my $before = sql(q{SELECT md5(string_agg(concat_ws(' ', id, a, b), ',' ORDER BY id)) FROM public.big});
my $file = sql(q{SELECT pg_relation_filenode('public.big')});

sql(q{ALTER DEFAULT PRIVILEGES FOR ROLE alice GRANT ALL ON TABLES TO reader});
sql('CALL migr_deploy()', role => 'alice');
is(sql(q{SELECT kind, object, owner, rows FROM migr_kept()}), 'column|public.big.b|alice|20000', 'deploy: a column is kept');
is(sql(q{SELECT relowner::regrole, relacl FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace AND relkind = 'r'
	AND NOT has_table_privilege('reader', oid, 'SELECT')}) =~ /^alice\|/, 1,
	'default privileges do not open what is kept to others');
sql('CALL migr_revert(\'-1\')', role => 'alice');
is(sql(q{SELECT md5(string_agg(concat_ws(' ', id, a, b), ',' ORDER BY id)) FROM public.big}), $before, 'revert: it is back');
is(sql('SELECT count(*) FROM migr_kept()'), '0', 'and kept no more');

sql(q{SELECT migr_downgrade('base')}, role => 'alice');
is(sql(q{SELECT pg_relation_filenode(oid) FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace AND relkind = 'r'}),
	$file, 'a table moves as it is: its file is the same');
is(sql(q{SELECT has_table_privilege('reader', oid, 'SELECT') FROM pg_class
	WHERE relnamespace = 'migr_kept'::regnamespace AND relkind = 'r'}), 'f', 'who could read it can no more');
is(sql(q{SELECT coalesce(string_agg(detail, ','), '') FROM migr_verify('{drift,log}') WHERE status <> 'ok' AND detail NOT LIKE '%DEFAULT PRIVILEGES%'}), '', 'no drift');
is(sql(q{SELECT migr_schema()}) =~ /big|migr_kept/ ? 1 : 0, 0, 'nothing of it is the schema\'s');
is(sql(q{SELECT count(*) FROM migr_blame('*big*') WHERE object LIKE '%big%'}), '0', 'nor is it recorded');

# --- over a dump ---------------------------------------------------------------------------------

my $dump = "${\ PostgreSQL::Test::Utils::tempdir()}/dump.sql";
$node->command_ok([ 'pg_dump', '-h', $node->host, '-p', $node->port, '-f', $dump, 'shop' ], 'dump');
$node->safe_psql('postgres', q{CREATE DATABASE copy OWNER alice});
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', $node->host, '-p', $node->port, '-d', 'copy', '-f', $dump ],
	'and restore');
is(sql('SELECT kind, object, owner FROM migr_kept()', db => 'copy'), 'table|public.big|alice', 'what is kept is there');
sql(q{SET migr.keep_dropped = '1 day'; SELECT migr_upgrade('one')}, db => 'copy', role => 'alice');
is(sql(q{SELECT md5(string_agg(concat_ws(' ', id, a, b), ',' ORDER BY id)) FROM public.big}, db => 'copy'), $before, 'and goes back');

sql(q{SELECT migr_upgrade('one')}, role => 'alice');
is(sql(q{SELECT md5(string_agg(concat_ws(' ', id, a, b), ',' ORDER BY id)) FROM public.big}), $before, 'up again: so does this');
is(sql(q{INSERT INTO public.big (a, b) VALUES ('new', 'new') RETURNING id}), '20001', 'no number comes twice');

# --- transaction off ------------------------------------------------------------------------------

load_scripts($node, <<'SCRIPTS', db => 'shop', role => 'alice');
-- migr:revision apart
-- migr:revises one
-- migr:transaction off
-- migr:upgrade
DO $$ BEGIN COMMIT; DROP TABLE public.big; END $$;
CREATE TABLE public.other (id int);
-- migr:downgrade
DROP TABLE public.other;
CREATE TABLE public.big (id bigint PRIMARY KEY, a text, b text);
SCRIPTS
as_alice(q{CALL migr_deploy('apart')});
is(sql('SELECT kind, object, revision FROM migr_kept()'), 'table|public.big|apart',
	'behind a commit of the script\'s own, a table is kept too');
as_alice(q{CALL migr_revert('one')});
is(sql('SELECT count(*) FROM public.big'), '20001', 'and goes back');
sql(q{DROP TABLE public.big; SELECT migr_stamp('base', purge => true); SELECT migr_unload('apart')});

# --- attacks -----------------------------------------------------------------------------------------

# A superuser runs what puts values into a table of somebody's, who has prepared it.
$node->safe_psql('postgres', 'CREATE DATABASE attack');
sql(q{CREATE EXTENSION migr; GRANT ALL ON SCHEMA public TO mallory;
	ALTER DATABASE attack SET migr.keep_dropped = '1 day'}, db => 'attack');
load_scripts($node, <<'SCRIPTS', db => 'attack');
-- migr:revision drop
-- migr:upgrade
ALTER TABLE public.trap DROP COLUMN v;
-- migr:downgrade
ALTER TABLE public.trap ADD COLUMN v public.bait;
SCRIPTS
sql(q{
	CREATE TABLE public.seen (who name, what text);
	GRANT INSERT ON public.seen TO PUBLIC}, db => 'attack');
sql(q{
	CREATE FUNCTION public.spy(text) RETURNS bool LANGUAGE plpgsql AS
		$$ BEGIN INSERT INTO public.seen VALUES (current_user, $1); RETURN true; END $$;
	CREATE TYPE public.bait AS ENUM ('x', 'y');
	CREATE FUNCTION public.to_text(public.bait) RETURNS text LANGUAGE plpgsql AS
		$$ BEGIN INSERT INTO public.seen VALUES (current_user, 'to text'); RETURN 'x'; END $$;
	CREATE CAST (public.bait AS text) WITH FUNCTION public.to_text(public.bait) AS IMPLICIT;
	CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN PERFORM public.spy('trigger'); RETURN NEW; END $$;
	CREATE TABLE public.trap (id int PRIMARY KEY, v public.bait, n int CHECK (public.spy('check')));
	INSERT INTO public.trap VALUES (1, 'y');
	CREATE TRIGGER fire BEFORE UPDATE ON public.trap FOR EACH ROW EXECUTE FUNCTION public.fire();
	ALTER TABLE public.trap ENABLE ALWAYS TRIGGER fire}, db => 'attack', role => 'mallory');
sql(q{TRUNCATE public.seen; SELECT migr_upgrade()}, db => 'attack');
# What is kept is in nobody's way: it becomes text, and no cast of the owner's is asked.
load_scripts($node, <<'SCRIPTS', db => 'attack');
-- migr:revision gone
-- migr:revises drop
-- migr:upgrade
DROP TYPE public.bait CASCADE;
-- migr:downgrade
CREATE TYPE public.bait AS ENUM ('x', 'y');
ALTER TYPE public.bait OWNER TO mallory;
SCRIPTS
sql(q{SELECT migr_upgrade()}, db => 'attack');
is(sql('SELECT count(*) FROM public.seen', db => 'attack'), '0', 'keeping runs no code of the owner\'s');
sql(q{SELECT migr_downgrade('base')}, db => 'attack');
is(sql('SELECT v FROM public.trap', db => 'attack'), 'y', 'its values are back');
is(sql('SELECT DISTINCT who FROM public.seen', db => 'attack'), 'mallory', 'what the owner has put there runs as the owner');
is(sql(q{SELECT count(*) FROM public.seen WHERE what = 'trigger'}, db => 'attack'), '0', 'and no trigger');
is(sql(q{SELECT tgenabled FROM pg_trigger WHERE tgname = 'fire'}, db => 'attack'), 'A', 'which is on as it was');

# Rows of somebody else's, by a forged row, and by a table of the name.
sql(q{DROP OWNED BY mallory CASCADE}, db => 'attack');
sql(q{SELECT migr_stamp('base', purge => true); SELECT migr_unload('gone'); SELECT migr_unload('drop')}, db => 'attack');
load_scripts($node, <<'SCRIPTS', db => 'attack');
-- migr:revision secret
-- migr:upgrade
CREATE TABLE public.secret (id int PRIMARY KEY, s text);
-- migr:downgrade
DROP TABLE public.secret;
SCRIPTS
sql(q{SELECT migr_upgrade(); INSERT INTO public.secret VALUES (1, 'mine'); SELECT migr_downgrade('base')}, db => 'attack');
sql(q{GRANT ALL ON SCHEMA public TO mallory; GRANT EXECUTE ON FUNCTION migr_take_back, migr_discard, migr_upgrade TO mallory},
	db => 'attack');
my $id = sql('SELECT id FROM migr_kept()', db => 'attack');
sql('CREATE TABLE public.secret (id int, s text)', db => 'attack', role => 'mallory');
like(said("SELECT migr_take_back($id)", db => 'attack', role => 'mallory'), qr/whose rights you have not/,
	'rows of another\'s are not taken back into a table of one\'s own');
like(said("SELECT migr_discard($id)", db => 'attack', role => 'mallory'), qr/permission denied to discard/, 'nor discarded');
like(said('UPDATE migr.kept SET expires_at = now()', db => 'attack', role => 'mallory'), qr/permission denied/,
	'nor does their time run out sooner');
like(said('SELECT * FROM migr_kept.k' . $id . '_secret', db => 'attack', role => 'mallory'), qr/permission denied for schema/,
	'nor are they found by name');
like(said('CREATE TABLE migr_kept.x (i int)', db => 'attack', role => 'mallory'), qr/permission denied for schema/,
	'nobody puts anything there');
is(sql('SELECT count(*) FROM public.secret', db => 'attack'), '0', 'no row has moved');

# Trials keep nothing.
is(sql(q{DROP TABLE public.secret; SELECT status FROM migr_test(); SELECT count(*) FROM migr_kept()}, db => 'attack'), "ok\n1",
	'a trial keeps nothing');

# --- values that are copied before the table is locked ----------------------------------------------

sql(q{SELECT migr_stamp('base', purge => true); SELECT migr_unload('secret')}, db => 'attack');
load_scripts($node, <<'SCRIPTS', db => 'attack');
-- migr:revision wide
-- migr:upgrade
CREATE TABLE public.wide (id int, tag text, v text, PRIMARY KEY (id, tag));
INSERT INTO public.wide SELECT i, 't' || i, repeat('v' || i, 10) FROM generate_series(1, 40000) i;
-- migr:downgrade
DROP TABLE public.wide;
-- migr:revision narrow
-- migr:revises wide
-- migr:upgrade
UPDATE public.wide SET v = 'changed' WHERE id % 10000 = 0;
DELETE FROM public.wide WHERE id = 5;
INSERT INTO public.wide VALUES (0, 't0', 'new');
ALTER TABLE public.wide DROP COLUMN v;
-- migr:downgrade
ALTER TABLE public.wide ADD COLUMN v text NOT NULL;
-- migr:revision opted
-- migr:revises wide
-- migr:upgrade
SET migr.keep_dropped = off;
ALTER TABLE public.wide DROP COLUMN v;
-- migr:downgrade
ALTER TABLE public.wide ADD COLUMN v text;
SCRIPTS
sql(q{SELECT migr_upgrade('wide')}, db => 'attack');
sql(q{CALL migr_deploy('narrow')}, db => 'attack');
my $kept = sql(q{SELECT relation FROM migr.kept WHERE table_name = 'wide'}, db => 'attack');
is(sql(qq{SELECT migr_pass, count(*) FROM migr_kept.$kept GROUP BY 1 ORDER BY 1}, db => 'attack'), "0|40000\n1|5",
	'ahead: behind the lock, only what is new is copied');
is(sql(q{SELECT action FROM migr.kept WHERE table_name = 'wide'}, db => 'attack'), 'upgrade', 'of which there is one row');
sql(q{CALL migr_revert('-1')}, db => 'attack');
is(sql(q{SELECT id, tag, left(v, 8) FROM public.wide WHERE id IN (0, 5, 6, 10000, 40000) ORDER BY id}, db => 'attack'),
	"0|t0|new\n6|t6|v6v6v6v6\n10000|t10000|changed\n40000|t40000|changed", 'and the newest values go back');
is(sql(q{SELECT count(*) FROM public.wide WHERE v <> 'new' AND v <> 'changed' AND v <> repeat('v' || id, 10)}, db => 'attack'), '0',
	'all of them');
sql(q{SELECT migr_discard(id) FROM migr_kept() WHERE object LIKE '%wide%'}, db => 'attack');
sql(q{CALL migr_deploy('opted')}, db => 'attack');
is(sql(q{SELECT count(*) FROM migr.kept WHERE table_name = 'wide'}, db => 'attack'), '0', 'what was copied for nothing is gone');
is(sql(q{SELECT count(*) FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace AND relname LIKE '%\_v'}, db => 'attack'), '0',
	'with its table');

done_testing();
