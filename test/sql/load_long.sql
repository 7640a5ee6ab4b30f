-- Long texts of which most is stored: what they load is what they would if all of it were
-- parsed and compared with the whole graph.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = error;
CREATE SCHEMA long;

CREATE FUNCTION long.script(id text, revises text, body text = '') RETURNS text LANGUAGE sql AS $$
    SELECT format(E'-- migr:revision %s\n-- migr:revises %s\n-- migr:message revision %s of a long text\n\n-- migr:upgrade\n%s\n-- migr:downgrade\nSELECT %L;\n\n',
                  id, revises, id, body, repeat('x', 100))
$$;
-- A hundred that are stored, the last ones with what is hard to read.
CREATE TABLE long.stored (place int PRIMARY KEY, text text);
INSERT INTO long.stored
SELECT i, long.script('r' || i, CASE WHEN i = 1 THEN 'none' ELSE 'r' || i - 1 END, format('CREATE TABLE long.t%s ();', i))
  FROM generate_series(1, 96) i;
INSERT INTO long.stored VALUES
    (97, E'-- a comment in front\n\n' || long.script('r97', 'r96', E'SELECT $q$\n' || long.script('r5', 'r4', 'CREATE TABLE long.t5 ();') || E'$q$;\n')),
    (98, long.script('r98', 'r97', E'CREATE TABLE long.copied (t text);\nCOPY long.copied FROM stdin;\n-- no comment\n$$ ''\n\\.\n')),
    (99, long.script('r99', 'r98', E'SELECT 1 -- no semicolon, and a comment')),
    (100, long.script('r100', 'r99', E'/* -- migr:upgrade\n*/ SELECT ''a\n-- migr:revision quoted\n'';') || E'-- a comment behind\n');
SELECT count(*) FROM migr_load((SELECT string_agg(text, '' ORDER BY place) FROM long.stored));
SELECT count(*) FROM migr_upgrade('r90');

-- It takes no look at the version, even with one more, as it would for the whole graph.
CREATE FUNCTION long.read() RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce(pg_stat_get_xact_tuples_returned('migr.version'::regclass), 0) +
           coalesce(pg_stat_get_xact_tuples_fetched('migr.version'::regclass), 0)
$$;
BEGIN;
SELECT long.read() AS before \gset
SELECT count(*), count(*) FILTER (WHERE action = 'added')
  FROM migr_load((SELECT string_agg(text, '' ORDER BY place) FROM long.stored) || long.script('new', 'r100'));
SELECT long.read() = :before;
SELECT count(*) FROM migr_load(long.script('r95', 'r94'));
SELECT long.read() > :before;
ROLLBACK;

-- What a load does, and what it leaves; all of it is taken back.
CREATE FUNCTION long.outcome(input text, simply bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    outcome text;
    detail text;
    hint text;
    context text;
BEGIN
    BEGIN
        IF simply THEN
            ALTER TABLE migr.standing DISABLE TRIGGER guard;
            SET LOCAL standard_conforming_strings = off;
        END IF;
        SELECT string_agg(concat_ws(' ', l.revision, l.action), E'\n' ORDER BY place) INTO outcome
          FROM migr_load(input) WITH ORDINALITY l (revision, action, place) WHERE action <> 'unchanged' OR length(input) < 1000;
        RAISE EXCEPTION USING ERRCODE = 'MG999', MESSAGE = concat_ws(E'\n', outcome,
            (SELECT md5(string_agg(concat_ws('|', revision, down_revision, depends_on, is_head, checksum, script, message), '' ORDER BY revision))
               FROM migr.revision),
            (SELECT md5(string_agg(concat_ws('|', name, script), '' ORDER BY name)) FROM migr.repeatable),
            (SELECT string_agg(concat_ws('|', revision, is_head, is_branch_point), E'\n') FROM migr_current()),
            (SELECT concat_ws('|', script_heads, pending) FROM migr_status()));
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        RETURN concat_ws(E'\n', nullif(SQLSTATE, 'MG999'), SQLERRM, nullif(detail, ''), nullif(hint, ''));
    END;
END $$;

-- In front of, between and behind the stored ones.
CREATE FUNCTION long.try(what text, instead text = NULL, at int = 0) RETURNS TABLE (place text, said text) LANGUAGE plpgsql AS $$
DECLARE
    known text;
    simply text;
    input text;
BEGIN
    FOREACH at IN ARRAY '{0,50,96,97,98,99,100}'::int[] LOOP
        SELECT string_agg(CASE WHEN s.place <= at THEN text END, '' ORDER BY s.place) INTO input FROM long.stored s;
        input := concat(input, what, (SELECT string_agg(text, '' ORDER BY s.place) FROM long.stored s WHERE s.place > at));
        known := long.outcome(input, false);
        simply := long.outcome(input, true);
        IF known IS DISTINCT FROM simply THEN
            RETURN QUERY SELECT 'DIFFERENT, behind ' || at, E'\n' || coalesce(known, '(null)') || E'\n--- simply:\n' || coalesce(simply, '(null)');
        END IF;
        place := 'behind ' || at;
        said := regexp_replace(known, '\m[0-9a-f]{32}\M', '…', 'g');
        CONTINUE WHEN at NOT IN (50, 100);
        RETURN NEXT;
    END LOOP;
END $$;

\pset tuples_only on
\pset format unaligned
-- nothing new
SELECT * FROM long.try('');
SELECT * FROM long.try(E'\n   \n\n');
SELECT * FROM long.try(E'-- a comment\n/* and another */\n');
-- new ones
SELECT * FROM long.try(long.script('new', 'r100'));
SELECT * FROM long.try(long.script('new', 'r100') || long.script('newer', 'r50, new') || E'-- migr:revision low\n-- migr:revises r89\n-- migr:depends r3\n-- migr:upgrade\n');
SELECT * FROM long.try(E'-- about it\n\n-- more about it\n' || long.script('new', 'r100') || E'-- about the next\n');
SELECT * FROM long.try(E'-- migr:repeatable rep\n-- migr:upgrade\nSELECT 1;\n' || long.script('new', 'r100'));
-- which hold others
SELECT * FROM long.try(long.script('new', 'r100', E'SELECT $q$\n' || (SELECT string_agg(text, '' ORDER BY place) FROM long.stored WHERE place BETWEEN 20 AND 22) || E'$q$;'));
SELECT * FROM long.try(long.script('new', 'r100', E'COPY long.copied FROM stdin;\n' || (SELECT text FROM long.stored WHERE place = 20) || E'\\.\n'));
SELECT * FROM long.try(long.script('new', 'r100', E'/*\n' || (SELECT text FROM long.stored WHERE place = 20) || E'*/'));
-- other line ends
SELECT * FROM long.try(replace(long.script('new', 'r100'), E'\n', E'\r\n'));
SELECT * FROM long.try(E'\uFEFF' || long.script('new', 'r100'));
-- faults: the same ones, in the same lines
SELECT * FROM long.try('SELECT 1;' || E'\n');
SELECT * FROM long.try(long.script('new', 'r100', E'SELECT ''never ends;'));
SELECT * FROM long.try(long.script('new', 'r100', E'COPY long.copied FROM stdin;\nx\n'));
SELECT * FROM long.try(long.script('new', 'nowhere'));
SELECT * FROM long.try(long.script('r20', 'r19'));
SELECT * FROM long.try((SELECT text FROM long.stored WHERE place = 20));
SELECT * FROM long.try(long.script('new', 'r100', E'-- migr:unknown\n'));
SELECT * FROM long.try(E'-- Migr:revision odd\n');
SELECT * FROM long.try(E'-- migr message odd\n');
SELECT * FROM long.try(E'--migr:revision odd\n' || long.script('new', 'r100'));
SELECT * FROM long.try(long.script('new', 'r100') || E'-- Migr:upgrade\n');
-- a stored one that is other than it was, pending and applied
UPDATE long.stored SET text = replace(text, 'SELECT', 'SELECT  1 +') WHERE place = 95;
SELECT * FROM long.try('');
SELECT * FROM long.try(long.script('new', 'r100'));
UPDATE long.stored SET text = replace(text, 'SELECT', 'SELECT  1 +') WHERE place = 50;
SELECT * FROM long.try('');

DROP EXTENSION migr;
CREATE EXTENSION migr;
DROP SCHEMA long CASCADE;
