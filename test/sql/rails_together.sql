-- Guard rails together: what is kept is dropped for all others.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SELECT current_database() AS home \gset
CREATE DATABASE regress_migr_rails TEMPLATE template0;
\c regress_migr_rails
CREATE EXTENSION migr;
SET migr.keep_dropped = '30 days';
SET migr.exclude = 'public.try';
SELECT count(*) FROM migr_load($m$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
CREATE TABLE c (id int PRIMARY KEY REFERENCES t);
CREATE TABLE p (id int PRIMARY KEY, a text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE m (id int PRIMARY KEY, mood mood);
-- migr:downgrade
DROP TABLE t, c, p, m;
DROP TYPE mood;
$m$);
SELECT migr_upgrade();
INSERT INTO t VALUES (1, 'x', 'y'), (2, 'x', 'y');
INSERT INTO c VALUES (1);
INSERT INTO p VALUES (1, 'a'), (11, 'b');
INSERT INTO m VALUES (1, 'a');

-- Try statements, and take them back.
CREATE PROCEDURE try(sql text) LANGUAGE plpgsql AS $$
DECLARE
    said text;
    more text;
BEGIN
    PERFORM set_config('client_min_messages', 'error', true);
    PERFORM migr_load(format(E'-- migr:revision r2\n-- migr:revises r1\n-- migr:upgrade\n%s\n-- migr:downgrade\n', sql), true);
    BEGIN
        PERFORM migr_upgrade();
        RAISE EXCEPTION 'ran, % kept', (SELECT count(*) FROM migr.kept) USING ERRCODE = 'XX999';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS more = PG_EXCEPTION_DETAIL;
        -- What the statistics know by now is another thing each time.
        said := CASE SQLSTATE WHEN 'MG013' THEN SQLSTATE
                ELSE concat_ws(' ', nullif(SQLSTATE, 'XX999'), SQLERRM, nullif(more, '')) END;
    END;
    PERFORM set_config('client_min_messages', 'notice', true);
    RAISE NOTICE '% => %; left: % kept, % relations', sql, said, (SELECT count(*) FROM migr.kept),
        (SELECT count(*) FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace);
END $$;

--
-- What is in use, or not known not to be, is dropped by whatever way: each is told once,
-- and nothing stays kept of it
--

SET migr.refuse_drop_used_within = '1 hour';
CALL try('DROP TABLE c;');
CALL try('DROP TABLE t CASCADE;');
CALL try('DROP TABLE t, c;');
CALL try('ALTER TABLE t DROP COLUMN a, DROP COLUMN b;');
CALL try('DROP TABLE p;');
CALL try('DROP TABLE p1;');
CALL try('ALTER TABLE p DROP COLUMN a;');
CALL try('DROP TYPE mood CASCADE;');
CALL try($$DO 'BEGIN DROP TABLE c; END';$$);
CALL try($$DO 'BEGIN EXECUTE ''SET migr.keep_dropped = off''; DROP TABLE c; END';$$);
CALL try('CREATE SCHEMA s; ALTER TABLE c SET SCHEMA s; DROP SCHEMA s CASCADE;');
CALL try('SET migr.refuse_drop_used_within = off; DROP TABLE c;');
-- what is there again is not lost: one that was rolled back, one that is made anew
CALL try($$DO 'BEGIN BEGIN DROP TABLE c; RAISE EXCEPTION ''x''; EXCEPTION WHEN others THEN NULL; END; END';$$);
CALL try('DROP TABLE c; CREATE TABLE c (id int PRIMARY KEY);');
-- in a deploy, and statement by statement
\set VERBOSITY sqlstate
SELECT action FROM migr_load(E'-- migr:revision r2\n-- migr:revises r1\n-- migr:upgrade\nDROP TABLE c;\n-- migr:downgrade\nCREATE TABLE c (id int PRIMARY KEY REFERENCES t);\n', true);
CALL migr_deploy();
SELECT action FROM migr_load(E'-- migr:revision r2\n-- migr:revises r1\n-- migr:transaction off\n-- migr:upgrade\nDROP TABLE c;\n-- migr:downgrade\n', true);
CALL migr_deploy();
\set VERBOSITY terse
SELECT count(*) FROM migr_kept();
SELECT * FROM c;
RESET migr.refuse_drop_used_within;

-- a script leaves alone what is migr's
CALL try('DROP SCHEMA migr_kept CASCADE;');
CALL try('DELETE FROM migr.kept;');
CALL try('DELETE FROM migr.approval;');

--
-- What is kept has no part in the schema, there or back
--

SELECT format('ALTER DATABASE %I SET migr.refuse_on_drift = on', current_database()) AS set_drift,
       format('ALTER DATABASE %I SET migr.guard = error', current_database()) AS set_guard \gset
DROP PROCEDURE try;
RESET migr.exclude;
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'dropped: %', (SELECT string_agg(object_identity, ', ' ORDER BY object_identity)
                                  FROM pg_event_trigger_dropped_objects() WHERE original);
END $$;
CREATE EVENT TRIGGER seen ON sql_drop EXECUTE FUNCTION seen();
SELECT migr_stamp('current');
:set_drift;
:set_guard;
\c
SET client_min_messages = warning;
SET migr.keep_dropped = '30 days';
SELECT action FROM migr_load($m$
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
DROP TABLE c;
ALTER TABLE t DROP COLUMN a;
-- migr:downgrade
ALTER TABLE t ADD COLUMN a text;
CREATE TABLE c (id int PRIMARY KEY REFERENCES t);
$m$, true);
SELECT migr_upgrade();
SELECT check_name, object, status FROM migr_verify('{chain,versions,drift}') WHERE status NOT IN ('ok', 'skipped');
SELECT object, rows FROM migr_kept();
SELECT migr_downgrade('-1');
SELECT check_name, object, status FROM migr_verify('{chain,versions,drift}') WHERE status NOT IN ('ok', 'skipped');
TABLE c;
SELECT id, a FROM t ORDER BY id;
SELECT migr_upgrade();
-- by hand, while schema changes are refused
\set VERBOSITY sqlstate
SELECT migr_take_back(id) FROM migr_kept() WHERE kind = 'table';
\set VERBOSITY terse
SELECT count(*) FROM (SELECT migr_discard(id) FROM migr_kept()) AS discarded;
DROP TABLE t;
-- a rule that looks at all schemas looks at that as well
SELECT migr_downgrade('-1');
INSERT INTO c VALUES (1);
INSERT INTO migr.rule (name, query, before_commit) VALUES
('all', $$SELECT c.relname ~ '_c$' FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'migr_kept'::regnamespace$$, true);
SELECT migr_upgrade();
SELECT count(*) FROM migr_kept();
\c :home
DROP DATABASE regress_migr_rails;
