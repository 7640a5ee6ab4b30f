-- Squashes: revisions that take the place of others.  First the rules, each by
-- a graph without statements and the rows that a database has; then real ones.

\pset format unaligned
\pset tuples_only on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION migr;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself

-- Scripts of a line "id < parents @ dependencies # labels = what it replaces; ...".
CREATE FUNCTION pg_temp.scripts(graph text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format(E'-- migr:revision %s\n-- migr:revises %s\n-- migr:depends %s\n-- migr:labels %s\n%s'
                             '-- migr:upgrade\n-- migr:downgrade\n',
                             m[1], m[2], m[3], m[4], '-- migr:replaces ' || nullif(btrim(m[5]), '') || E'\n'), E'\n' ORDER BY place)
      FROM regexp_split_to_table(graph, '\s*;\s*') WITH ORDINALITY part (text, place),
           regexp_match(text, '^\s*([\w.]+)\s*(?:<([^@#=]*))?(?:@([^#=]*))?(?:#([^=]*))?(?:=(.*))?$') m
$$;

-- A store with this graph, in a database with these rows.
CREATE FUNCTION pg_temp.put(graph text, VARIADIC applied text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM migr.version;
    DELETE FROM migr.revision;
    INSERT INTO migr.version (revision, ordinal, stamped, applied_by)
        SELECT id, place, true, 'test' FROM unnest(applied) WITH ORDINALITY a (id, place);
    PERFORM migr_load(pg_temp.scripts(graph));
END $$;

-- What it answers: what is in force, from the base on, with "+" if it is
-- applied; what an upgrade would run; and the rows that nothing knows.
CREATE FUNCTION pg_temp.ask(graph text, VARIADIC applied text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    detail text;
BEGIN
    PERFORM pg_temp.put(graph, VARIADIC applied);
    SELECT string_agg(revision || CASE WHEN is_applied THEN '+' ELSE '' END, ' ' ORDER BY ordinality DESC)
      INTO answer FROM migr_history() WITH ORDINALITY;
    answer := coalesce(answer, '') || ' | ' || coalesce((SELECT string_agg(revision, ' ') FROM migr_pending('heads')), '-');
    RETURN answer || coalesce(' | unknown: ' || nullif(array_to_string((SELECT unknown FROM migr_status()), ' '), ''), '');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', answer, sqlstate || ': ' || sqlerrm, nullif(detail, ''));
END $$;

--
-- What is in force
--

\set line 'a; b < a; c < b; d < c; S = a b c'
-- nothing is applied; what it replaces is, whole, in part, and with what is above
SELECT pg_temp.ask(:'line');
SELECT pg_temp.ask(:'line', 'a', 'b', 'c');
SELECT pg_temp.ask(:'line', 'a');
SELECT pg_temp.ask(:'line', 'a', 'b');
SELECT pg_temp.ask(:'line', 'a', 'b', 'c', 'd');
-- the squash itself is
SELECT pg_temp.ask(:'line', 'S');
SELECT pg_temp.ask(:'line', 'S', 'd');
-- a range says the same
SELECT pg_temp.ask('a; b < a; c < b; d < c; S = a:c', 'a');
SELECT replaces FROM migr.revision WHERE revision = 'S';
SELECT pg_temp.ask('a; b < a; c < b; d < c; S < a = b:c');
-- scripts that are gone: of a parent that was replaced, the squash is what is meant
SELECT pg_temp.ask('d < c; S = a b c');
SELECT pg_temp.ask('d < c; S = a b c', 'a', 'b', 'c');
SELECT pg_temp.ask('d < c; S = a b c', 'a', 'b', 'c', 'd');
SELECT pg_temp.ask('S = a b c');
SELECT pg_temp.ask('S = a b c', 'a', 'b', 'c');
-- ... but where they are needed (error)
SELECT pg_temp.ask('S = a b c', 'a');
SELECT pg_temp.ask('d < c; S = a b c', 'a', 'b');
SELECT pg_temp.ask('a; b < a; d < c; S = a b c', 'a');
SELECT pg_temp.put('a; b < a; d < c; S = a b c', 'a');
SELECT migr_check();
SELECT migr_status();
SELECT migr_upgrade('head');
SELECT migr_upgrade('d');
SELECT migr_upgrade('S');
SELECT migr_upgrade('+1');
SELECT migr_show('c');
SELECT revision, is_applied FROM migr_current();
SELECT migr_downgrade('base');
SELECT migr_squash('a:d');
-- ... and not where they have run
SELECT pg_temp.ask('b < a; c < b; d < c; S = a b c', 'a');
-- a child that says the squash stands on the last one where that is in force
SELECT pg_temp.ask('a; b < a; c < b; e < S; S = a b c');
SELECT pg_temp.ask('a; b < a; c < b; e < S; S = a b c', 'a', 'b');
SELECT down_revision FROM migr_show('e');
-- in the middle, with a merge inside
SELECT pg_temp.ask('z; a < z; b < a; c < a; m < b c; d < m; S < z = a b c m', 'z');
SELECT pg_temp.ask('z; a < z; b < a; c < a; m < b c; d < m; S < z = a b c m', 'z', 'a', 'c');
SELECT pg_temp.ask('z; a < z; b < a; c < a; m < b c; d < m; S < z = a b c m', 'z', 'a', 'b', 'c', 'm');
-- with two heads
SELECT pg_temp.ask('a; b < a; c < a; d < b; e < c; S = a b c');
SELECT pg_temp.ask('a; b < a; c < a; d < b; e < c; f < S; S = a b c', 'a');
SELECT down_revision FROM migr_show('f');
-- dependencies, from inside and on it
SELECT pg_temp.ask('x; a; b < a @ x; c < b; y < x @ c; S @ x = a b c');
SELECT pg_temp.ask('x; a; b < a @ x; c < b; y < x @ c; S @ x = a b c', 'x', 'a');
-- a label goes along
SELECT pg_temp.ask('a # side; b < a; c < b; d @ side; S # side = a b');
SELECT pg_temp.ask('a # side; b < a; c < b; d @ c; z; S # side = a b', 'z');
SELECT revision, branch_labels FROM migr_show('side@head');
SELECT migr_upgrade('side@head');
SELECT pg_temp.ask('a; b < a # tip; c < b; d @ tip; S = a b', 'a', 'b');
SELECT revision, depends_on FROM migr_show('d') UNION ALL SELECT revision, NULL FROM migr_show('tip');
-- a squash of a squash, with the first one there and not, and its scripts gone
\set nested 'a; b < a; S = a b; c < b; d < S; T = S c d'
SELECT pg_temp.ask(:'nested');
SELECT pg_temp.ask('a; b < a; S = a b; c < b; e < c; T = S c');
SELECT pg_temp.ask('a; b < a; S = a b; c < b; e < c; T = S c', 'a');
SELECT pg_temp.ask('a; b < a; S = a b; c < b; e < c; T = S c', 'a', 'b');
SELECT pg_temp.ask('a; b < a; S = a b; c < b; e < c; T = S c', 'a', 'b', 'c');
SELECT pg_temp.ask('a; b < a; S = a b; c < b; e < c; T = S c', 'S', 'c');
SELECT pg_temp.ask('S = a b; e < c; T = S c', 'a', 'b', 'c');
SELECT pg_temp.ask('e < c; T = S c', 'S', 'c');
SELECT pg_temp.ask('e < c; T = S c');
-- ... whose own script has to stay until none of its parts is applied (error)
SELECT pg_temp.ask('e < c; T = S c', 'a', 'b', 'c');

--
-- What is pruned
--

-- A store with this graph and these rows, then a load of a project; what that
-- does, what is left, and what an upgrade would run.
CREATE FUNCTION pg_temp.prune(graph text, project text, VARIADIC applied text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM pg_temp.put(graph, VARIADIC applied);
    SELECT string_agg(concat_ws(' ', action, revisions), ', ' ORDER BY action) INTO answer
      FROM (SELECT action, string_agg(revision, ' ' ORDER BY revision) AS revisions
              FROM migr_load(pg_temp.scripts(project), prune => true) GROUP BY action) l;
    answer := concat_ws(' | ', answer, (SELECT string_agg(revision || CASE WHEN is_head THEN '^' ELSE '' END, ' ' ORDER BY revision) FROM migr.revision));
    RETURN concat_ws(' | ', answer, coalesce((SELECT string_agg(revision, ' ') FROM migr_pending('heads')), '-'));
EXCEPTION WHEN OTHERS THEN
    RETURN concat_ws(' | ', answer, sqlstate || ': ' || sqlerrm);
END $$;
-- The rows after an upgrade of what is stored now.
CREATE FUNCTION pg_temp.rows_after_upgrade() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migr_upgrade('heads');
    RETURN (SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version);
END $$;

\set parts 'a; b < a; c < b'
\set after 'S = a b c; d < c'
-- nothing is applied: what it replaces goes, whoever names it
SELECT pg_temp.prune(:'line', :'after');
SELECT pg_temp.rows_after_upgrade();
SELECT pg_temp.prune(:'parts', :'after');
-- all of it is: it stays until an upgrade has put the squash in its place, then goes
SELECT pg_temp.prune(:'line', :'after', 'a', 'b', 'c');
SELECT pg_temp.rows_after_upgrade();
SELECT action, string_agg(revision, ' ' ORDER BY revision) FROM migr_load(pg_temp.scripts(:'after'), prune => true) GROUP BY action ORDER BY action;
SELECT migr_downgrade('base');
-- some of it is: it stays, for the upgrade needs it
SELECT pg_temp.prune(:'line', :'after', 'a');
SELECT pg_temp.rows_after_upgrade();
SELECT action, string_agg(revision, ' ' ORDER BY revision) FROM migr_load(pg_temp.scripts(:'after'), prune => true) GROUP BY action ORDER BY action;
-- ... also where the squash comes with the project, and where it is a range
SELECT pg_temp.prune('a; b < a; c < b; x < c', :'after', 'a', 'b');
SELECT pg_temp.prune('a; b < a; c < b; x < c', 'S = a:c; d < c', 'a', 'b');
SELECT pg_temp.rows_after_upgrade();
-- ... and where a label has gone over from what is forgotten
SELECT pg_temp.prune('a; b < a; c < b; x < c # l', 'S = a b c; d < c # l', 'a', 'b');
SELECT pg_temp.rows_after_upgrade();
-- a squash of a squash: what is applied is known by way of the inner one
\set inner 'a; b < a; S = a b; c < b; T = S c'
SELECT pg_temp.prune(:'inner', 'T = S c');
SELECT pg_temp.prune(:'inner', 'T = S c', 'a');
SELECT pg_temp.rows_after_upgrade();
SELECT pg_temp.prune(:'inner', 'T = S c', 'a', 'b', 'c');
SELECT pg_temp.rows_after_upgrade();
SELECT action, string_agg(revision, ' ' ORDER BY revision) FROM migr_load(pg_temp.scripts('T = S c'), prune => true) GROUP BY action ORDER BY action;
SELECT pg_temp.prune(:'inner', 'T = S c', 'S');
SELECT pg_temp.rows_after_upgrade();
-- the squash itself was given up: it goes, unless it is what is applied
SELECT pg_temp.prune(:'line', :'parts');
SELECT pg_temp.prune(:'line', :'parts', 'a');
SELECT pg_temp.prune(:'line', :'parts', 'a', 'b', 'c');
SELECT pg_temp.prune('S = a b c', 'a; b < a; c < b', 'S');
-- with what stands on it (error), and with one of those that it replaces (error)
SELECT pg_temp.prune(:'line', 'd < c');
SELECT pg_temp.prune(:'line', 'b < a; c < b; d < c');
-- a row whose script is gone is not missing where a squash stands for it
SELECT pg_temp.prune('S = a b c', 'S = a b c', 'a', 'b', 'c', 'x');

--
-- What is refused
--

-- leaves a gap; several ways in; none
SELECT pg_temp.ask('a; b < a; c < b; S = a c');
SELECT pg_temp.ask('a; b; m < a b; S = a b m');
SELECT pg_temp.ask('a; z; b < a z; S = a b');
SELECT pg_temp.ask('a; b < a; x; y < x @ b; c < b @ y; S = a b c');
-- children, dependants and labels inside
SELECT pg_temp.ask('a; b < a; c < b; x < b; S = a b c');
SELECT pg_temp.ask('a; b < a; c < b; x @ b; S = a b c');
SELECT pg_temp.ask('a; b < a # l; c < b; S = a b c');
SELECT pg_temp.ask('a; b < a # l; c < b; x @ l; S # l = a b c');
SELECT pg_temp.ask('a; b < a # l; c < b; d < a; S # l = a b c d');
-- stands on something else, or on less, or on itself
SELECT pg_temp.ask('z; a < z; b < a; S = a b');
SELECT pg_temp.ask('z; a; b < a; S < z = a b');
SELECT pg_temp.ask('x; a; b < a @ x; S = a b');
SELECT pg_temp.ask('a; b < a; S @ b = a b');
SELECT pg_temp.ask('a; b < a; c < b; S @ c = a b');
-- two of them for one, one twice, and rings
SELECT pg_temp.ask('a; b < a; S = a b; T = a b');
SELECT pg_temp.ask('a; b < a; S = a b a');
SELECT pg_temp.ask('a; S = S a');
SELECT pg_temp.ask('a; S = T a; T = S');
-- together they would stand on one another
SELECT pg_temp.ask('a; b < a; x; y < x; x2 < x @ a; b2 < a @ x; S @ x = a b b2; T @ a = x y x2');
-- labels of others; ranges whose ends are not there, or the wrong way round
SELECT pg_temp.ask('a; b < a; c < b # l; S # l = a b');
SELECT pg_temp.ask('S = a:c');
SELECT pg_temp.ask('a; b < a; S = b:a');
-- values
SELECT migr_load(E'-- migr:revision S\n-- migr:replaces');
SELECT migr_load(E'-- migr:revision S\n-- migr:replaces a:');
SELECT migr_load(E'-- migr:revision S\n-- migr:replaces a b@c');
-- a revision that comes later must not stand inside either
SELECT pg_temp.ask('a; b < a; S = a b');
SELECT migr_load(pg_temp.scripts('x < a'));

--
-- Names of what is not in force
--

SELECT pg_temp.ask('a; b < a; c < b; d < c; S = a b c', 'S', 'd');
SELECT revision FROM migr_show('c');
SELECT revision FROM migr_show('b');
SELECT migr_downgrade('b');
SELECT migr_downgrade('c');
SELECT migr_script('b') = pg_temp.scripts('b < a') AS stored;
SELECT pg_temp.ask('d < c; S = a b c', 'S', 'd');
SELECT revision FROM migr_show('c');
SELECT revision FROM migr_show('b');
SELECT * FROM migr_validate();
-- where some are applied, the squash is its head
SELECT pg_temp.ask('a; b < a; c < b; d < c; S = a b c', 'a');
SELECT migr_upgrade('S');
SELECT revision FROM migr.version ORDER BY ordinal;

--
-- The next run
--

SET client_min_messages = notice;
-- nothing is pending, and all the same it changes rows
SELECT pg_temp.put('a; b < a; c < b; S = a b c', 'a', 'b', 'c');
SELECT migr_check(), up_to_date, current_heads, applied, pending, unknown FROM migr_status();
SELECT revision, applied_by FROM migr_current();
SELECT status, detail FROM migr_verify('{chain,scripts,versions}');
SELECT migr_upgrade(dry_run => true);
SELECT revision FROM migr.version ORDER BY ordinal;
SELECT migr_upgrade();
SELECT revision, ordinal, stamped, checksum = (SELECT checksum FROM migr.revision WHERE revision = 'S') AS own FROM migr.version;
SELECT action, target, from_heads, to_heads, revisions, detail FROM migr.log ORDER BY id DESC LIMIT 1;
SELECT migr_upgrade();
-- in the middle the order of application stays
SELECT pg_temp.ask('z; a < z; b < a; c < b; d < c; S < z = a b c', 'z', 'a', 'b', 'c', 'd');
SELECT migr_downgrade('-1');
SELECT revision, ordinal FROM migr.version ORDER BY ordinal;
SELECT migr_downgrade('-1');
-- a squash of a squash takes the rows of all
SELECT pg_temp.ask('a; b < a; S = a b; c < b; e < c; T = S c', 'a', 'b', 'c');
SELECT migr_upgrade();
SELECT revision FROM migr.version ORDER BY ordinal;
-- a stamp, and a repair, too
SELECT pg_temp.ask('a; b < a; d < b; S = a b', 'a', 'b');
SELECT migr_stamp('heads');
SELECT revision, stamped FROM migr.version ORDER BY ordinal;
SELECT migr_stamp('base');
SELECT count(*) FROM migr.version;
SELECT pg_temp.ask('a; b < a; d < b; S = a b', 'a', 'b');
SELECT finding, action FROM migr_repair(check_only => true);
SELECT revision FROM migr.version ORDER BY ordinal;
SELECT finding, action FROM migr_repair();
SELECT revision FROM migr.version ORDER BY ordinal;
-- names in a stamp: the head of what is replaced, and what lies inside (error)
SELECT migr_stamp('b');
SELECT migr_stamp('a');
-- protect does not speak against it
SELECT pg_temp.ask('a; b < a; S = a b', 'a', 'b');
SET migr.protect = on;
SELECT migr_upgrade();
RESET migr.protect;
SET client_min_messages = warning;

-- unload: what is replaced may go, whoever names it; not its rows, nor what is needed (error)
SELECT pg_temp.ask('a; b < a; c < b; S = a b', 'S');
SELECT migr_unload('a');
SELECT migr_unload('b');
SELECT revision, down_revision, is_head FROM migr.revision ORDER BY 1;
SELECT migr_unload('S');
SELECT pg_temp.ask('a; b < a; c < b; S = a b', 'a', 'b');
SELECT migr_unload('b');
SELECT pg_temp.ask('a; b < a; c < b; S = a b', 'a');
SELECT migr_unload('b');
-- ... nor what a squash needs to take its place, itself or one within (error)
SELECT pg_temp.ask('a; b < a; S = a b', 'a');
SELECT migr_unload('b');
SELECT migr_unload('S');
SELECT migr_unload('b');
SELECT pg_temp.ask('a; b < a; S = a b; c < b; T = S c', 'a', 'b', 'c');
SELECT migr_unload('S');
SELECT migr_upgrade();
SELECT migr_unload('S');
-- heads in the store
SELECT pg_temp.ask('a; b < a; S = a b');
SELECT revision, is_head FROM migr.revision ORDER BY 1;
SELECT migr_load(pg_temp.scripts('c < b'));
SELECT revision, is_head FROM migr.revision ORDER BY 1;
SELECT * FROM migr_validate();
UPDATE migr.revision SET replaces = '{a}' WHERE revision = 'S';
SELECT * FROM migr_validate();
SELECT check_name, object, status, detail FROM migr_verify('{chain,scripts,versions}') WHERE status <> 'ok';

--
-- Real ones
--

DELETE FROM migr.version;
DELETE FROM migr.revision;
CREATE FUNCTION pg_temp.timeless(script text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(script, '(created) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00', '\1 NOW')
$$;
\set scripts `cat test/data/squash.txt`
SELECT revision FROM migr_load(:'scripts');
SELECT migr_squash('a001:a001');
SELECT migr_squash('a001');
SELECT migr_squash('b002:d004');
SELECT migr_squash(':d004', revision_id => 'c003');
SELECT pg_temp.timeless(migr_squash(':d004', 'the beginning', 's100'));
SELECT pg_temp.timeless(migr_squash('e005:f006', revision_id => 's200'));
SELECT * FROM migr_validate() WHERE problem <> 'id_style';
-- on an empty database
SELECT migr_upgrade();
SELECT check_name, status, detail FROM migr_verify('{chain,scripts,versions,sections,drift}');
SELECT revision, status, detail FROM migr_test();
SELECT migr_fingerprint() AS by_squash \gset
SELECT migr_downgrade('base');
SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace;
-- offline
SELECT regexp_replace(migr_sql('base:s100'), '[0-9a-f]{64}', '...', 'g');
-- the old ones build the same
SELECT migr_unload('s200'), migr_unload('s100');
SELECT migr_upgrade();
SELECT migr_fingerprint() = :'by_squash' AS same;
-- all of them are applied when the squash comes: nothing to do, but for rows
SELECT pg_temp.timeless(migr_squash(':d004', 'the beginning', 's100')) <> '' AS written;
SELECT migr_check();
SELECT migr_sql('current:head');
SELECT regexp_replace(migr_sql('current:d004', 'downgrade'), '[0-9a-f]{64}', '...', 'g');
SELECT migr_sql('current:d004', 'downgrade') AS script \gset
BEGIN;
\o /dev/null
:script
\o
SELECT revision, stamped FROM migr.version ORDER BY ordinal;
ROLLBACK;
SELECT migr_upgrade();
SELECT revision, stamped FROM migr.version ORDER BY ordinal;
SELECT check_name, status, detail FROM migr_verify('{scripts,versions,log,drift}');
SELECT migr_downgrade('base');
SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace;
-- some of them are: they go on, then it takes their place
SELECT migr_unload('s100');
SELECT migr_upgrade('b002');
SELECT pg_temp.timeless(migr_squash(':d004', 'the beginning', 's100')) <> '' AS written;
SELECT revision, status, detail FROM migr_verify('{drift}') v, migr_current();
SELECT revision, is_applied FROM migr_history();
SELECT migr_upgrade();
SELECT migr_fingerprint() = :'by_squash' AS same;
SELECT * FROM item ORDER BY id;
SELECT migr_upgrade();
SELECT revision, stamped FROM migr.version ORDER BY ordinal;
-- a squash of a squash, of which the first one is applied by now
SELECT pg_temp.timeless(migr_squash(':e005', revision_id => 's300')) ~ 'replaces s100, e005' AS nested;
SELECT migr_upgrade();
SELECT revision, stamped FROM migr.version ORDER BY ordinal;
SELECT migr_downgrade('base');
SELECT migr_upgrade();
SELECT migr_fingerprint() = :'by_squash' AS same;
SELECT * FROM migr_validate() WHERE problem <> 'id_style';
-- the version is lost: in the middle of what was replaced, and behind it
SELECT migr_stamp('base');
SELECT finding, action, detail FROM migr_repair();
SELECT migr_downgrade('base');
SELECT migr_unload('s300'), migr_unload('s100');
SELECT migr_upgrade('b002');
SELECT pg_temp.timeless(migr_squash(':d004', 'the beginning', 's100')) <> '' AS written;
SELECT migr_stamp('base');
SELECT revision FROM migr_pending();
DELETE FROM migr.version;
SELECT finding, action, detail FROM migr_repair();
SELECT revision FROM migr.version ORDER BY ordinal;
SELECT migr_upgrade();
-- a reset builds from squashes
SELECT migr_reset(current_database());
SELECT migr_fingerprint() = :'by_squash' AS same;
-- what is there and not in the scripts of a squash is what it loses
SELECT revision FROM migr_load($migr$
-- migr:revision g007
-- migr:revises f006
-- migr:upgrade
ALTER TABLE item ADD COLUMN old text;
-- migr:downgrade
ALTER TABLE item DROP COLUMN old;

-- migr:revision h008
-- migr:revises g007
-- migr:upgrade
ALTER TABLE item ADD COLUMN later text;
-- migr:downgrade
ALTER TABLE item DROP COLUMN later;

-- migr:revision i009
-- migr:revises h008
-- migr:upgrade
ALTER TABLE item RENAME COLUMN old TO fresh;
-- migr:downgrade
ALTER TABLE item RENAME COLUMN fresh TO old;
$migr$);
SET client_min_messages = notice;
SELECT pg_temp.timeless(migr_squash('h008:i009', revision_id => 's400'));
SET client_min_messages = warning;
-- what can't be built the same is not written (error)
SELECT migr_unload('s400');
SELECT revision FROM migr_load($migr$
-- migr:revision j010
-- migr:revises i009
-- migr:upgrade
ALTER TABLE item DROP COLUMN name CASCADE;
ALTER TABLE item ADD COLUMN name text;
-- migr:downgrade

-- migr:revision k011
-- migr:revises j010
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT migr_squash('j010:k011');
SELECT count(*) FROM migr.revision WHERE replaces <> '{}';
-- who may not write scripts; and who may, for whom a superuser does not run them
CREATE ROLE squash_writer;
SET ROLE squash_writer;
SELECT migr_squash(':f006');
RESET ROLE;
GRANT EXECUTE ON FUNCTION migr_load, migr_squash TO squash_writer;
SELECT pg_temp.put('a; b < a', 'a', 'b');
GRANT EXECUTE ON FUNCTION pg_temp.scripts(text) TO squash_writer;
SELECT pg_temp.scripts('S = a b') AS script \gset
SET ROLE squash_writer;
SELECT migr_load(:'script');
RESET ROLE;
SELECT migr_upgrade();
SELECT revision FROM migr.version ORDER BY ordinal;
SELECT pg_temp.put('a');
SELECT pg_temp.scripts('b < a; c < b') AS script \gset
SET ROLE squash_writer;
SELECT migr_load(:'script');
RESET ROLE;
SELECT migr_squash('b:c');
REVOKE ALL ON FUNCTION migr_load, migr_squash FROM squash_writer;
DROP OWNED BY squash_writer;
DROP ROLE squash_writer;

-- for the tests that follow
DROP EXTENSION migr;
CREATE EXTENSION migr;
DROP TABLE item CASCADE;
DROP FUNCTION twice;
DROP TYPE mood;
