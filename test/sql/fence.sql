-- What scripts may not do to migr's own objects, in whatever form.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself

CREATE ROLE regress_migr_fence;
CREATE SCHEMA fence;
CREATE TABLE fence.child (LIKE migr.version);
CREATE TABLE fence.part (LIKE migr.version) PARTITION BY LIST (revision);
CREATE TABLE fence.plain (a int PRIMARY KEY, revision text);
CREATE VIEW fence.current AS SELECT revision FROM migr.version;
CREATE FUNCTION fence.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION fence.alters() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'ALTER TABLE migr.' || 'version DISABLE TRIGGER ALL';
    RETURN 1;
END $$;
CREATE FUNCTION fence.alters_by_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM fence.alters(); RETURN NEW; END $$;
CREATE TRIGGER alters BEFORE INSERT ON fence.plain FOR EACH ROW EXECUTE FUNCTION fence.alters_by_trigger();
GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) TO regress_migr_fence;

-- attempt(): what a script with this statement raises, and whether it leaves
-- migr's objects as they are.
CREATE FUNCTION fence.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    PERFORM migr_load(E'-- migr:revision attempt\n-- migr:upgrade\n' || statement || E';\n');
    BEGIN
        PERFORM migr_upgrade('attempt');
        detail := 'it may';
        RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
    EXCEPTION
        WHEN SQLSTATE 'UNDO1' THEN NULL;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            detail := SQLSTATE || CASE SQLERRM WHEN 'a revision script can''t change migr''s own objects' THEN '' ELSE ' ' || SQLERRM END
                || ': ' || detail;
    END;
    PERFORM migr_unload('attempt');
    RETURN detail;
END $$;

\pset format unaligned
\pset tuples_only on

-- The table itself
SELECT statement, fence.attempt(statement) FROM unnest(ARRAY[
    'ALTER TABLE migr.version ALTER COLUMN revision TYPE text USING ''forged''',
    'ALTER TABLE migr.log ALTER COLUMN tag SET DEFAULT ''forged''',
    'ALTER TABLE migr.log ADD COLUMN note text',
    'ALTER TABLE migr.log DROP COLUMN tag',
    'ALTER TABLE migr.log DROP COLUMN statement CASCADE',
    'ALTER TABLE migr.log ALTER COLUMN outcome DROP NOT NULL',
    'ALTER TABLE migr.log ALTER COLUMN tag SET STATISTICS 10',
    'ALTER TABLE migr.log ALTER COLUMN tag SET STORAGE PLAIN',
    'ALTER TABLE migr.log ADD CHECK (id > 1000)',
    'ALTER TABLE migr.log DROP CONSTRAINT log_pkey',
    'ALTER TABLE migr.log DROP CONSTRAINT log_action_check',
    'ALTER TABLE migr.log RENAME CONSTRAINT log_action_check TO x',
    'ALTER TABLE migr.version RENAME TO forged',
    'ALTER TABLE migr.version RENAME COLUMN checksum TO forged',
    'ALTER TABLE migr.version SET SCHEMA public',
    'ALTER TABLE migr.version OWNER TO regress_migr_fence',
    'ALTER TABLE migr.version DISABLE TRIGGER guard',
    'ALTER TABLE migr.version DISABLE TRIGGER ALL',
    'ALTER TABLE migr.version ENABLE REPLICA TRIGGER guard',
    'ALTER TABLE migr.version ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE migr.version FORCE ROW LEVEL SECURITY',
    'ALTER TABLE migr.version REPLICA IDENTITY FULL',
    'ALTER TABLE migr.version SET UNLOGGED',
    'ALTER TABLE migr.version SET (fillfactor = 50)',
    'ALTER TABLE migr.version CLUSTER ON version_pkey',
    'ALTER TABLE migr.version INHERIT fence.plain',
    'ALTER TABLE ONLY migr.version ALTER COLUMN stamped SET DEFAULT true',
    'ALTER TABLE IF EXISTS migr.version ADD UNIQUE (applied_at)',
    'SET search_path = migr; ALTER TABLE version ADD COLUMN x int',
    'CLUSTER migr.version USING version_pkey',
    'DROP TABLE migr.version',
    'DROP TABLE fence.plain, migr.log CASCADE']) statement;

-- What stands on a table
SELECT statement, fence.attempt(statement) FROM unnest(ARRAY[
    'CREATE INDEX ON migr.log (tag)',
    'CREATE UNIQUE INDEX fenced ON migr.log (action)',
    'ALTER INDEX migr.version_pkey RENAME TO forged',
    'ALTER INDEX migr.version_pkey SET (fillfactor = 50)',
    'DROP INDEX migr.revision_head',
    'CREATE TRIGGER x BEFORE INSERT ON migr.log FOR EACH ROW EXECUTE FUNCTION fence.nothing()',
    'CREATE CONSTRAINT TRIGGER x AFTER INSERT ON migr.log DEFERRABLE FOR EACH ROW EXECUTE FUNCTION fence.nothing()',
    'ALTER TRIGGER guard ON migr.log RENAME TO x',
    'DROP TRIGGER guard ON migr.log',
    'CREATE RULE x AS ON INSERT TO migr.log DO INSTEAD NOTHING',
    'CREATE POLICY x ON migr.log USING (false)',
    'CREATE STATISTICS fence.x ON action, tag FROM migr.log',
    'CREATE TABLE fence.refers (r text REFERENCES migr.version)',
    'ALTER TABLE fence.plain ADD FOREIGN KEY (revision) REFERENCES migr.revision',
    'CREATE TABLE fence.inherits () INHERITS (migr.version)',
    'ALTER TABLE fence.child INHERIT migr.version',
    'ALTER TABLE fence.part ATTACH PARTITION migr.version DEFAULT',
    'ALTER SEQUENCE migr.log_id_seq RESTART',
    'ALTER SEQUENCE migr.log_id_seq OWNED BY NONE',
    'DROP SEQUENCE migr.log_id_seq']) statement;

-- Schema, type, functions, event triggers, extension
SELECT statement, fence.attempt(statement) FROM unnest(ARRAY[
    'ALTER SCHEMA migr RENAME TO x',
    'ALTER SCHEMA migr OWNER TO regress_migr_fence',
    'DROP SCHEMA migr CASCADE',
    'CREATE TABLE migr.x (a int)',
    'CREATE VIEW migr.x AS SELECT 1',
    'CREATE SEQUENCE migr.x',
    'CREATE TYPE migr.x AS ENUM (''a'')',
    'CREATE DOMAIN migr.x AS int',
    'CREATE FUNCTION migr.x() RETURNS int LANGUAGE sql AS ''SELECT 1''',
    'CREATE OPERATOR migr.### (procedure = int4eq, leftarg = int, rightarg = int)',
    'ALTER TABLE fence.plain SET SCHEMA migr',
    'ALTER FUNCTION fence.alters() SET SCHEMA migr',
    'ALTER TYPE migr.revision_info ADD ATTRIBUTE x int',
    'ALTER TYPE migr.revision_info RENAME TO x',
    'ALTER TYPE migr.revision_info SET SCHEMA public',
    'ALTER TYPE migr.revision_info OWNER TO regress_migr_fence',
    'DROP TYPE migr.revision_info CASCADE',
    'CREATE OR REPLACE FUNCTION pg_catalog.migr_script(revision text) RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED AS ''SELECT 1::text''',
    'CREATE OR REPLACE FUNCTION migr.guard_table() RETURNS trigger LANGUAGE plpgsql AS $x$ BEGIN RETURN NULL; END $x$',
    'ALTER FUNCTION migr_script(text) RENAME TO x',
    'ALTER FUNCTION migr_script(text) SECURITY DEFINER',
    'ALTER FUNCTION migr_script(text) SET SCHEMA public',
    'ALTER FUNCTION migr_script(text) OWNER TO regress_migr_fence',
    'ALTER FUNCTION migr_script(text) SET search_path = public',
    'ALTER FUNCTION migr_script(text) DEPENDS ON EXTENSION plpgsql',
    'ALTER INDEX migr.revision_head DEPENDS ON EXTENSION plpgsql',
    'ALTER TRIGGER guard ON migr.log DEPENDS ON EXTENSION plpgsql',
    'DROP FUNCTION migr_script(text)',
    'ALTER EVENT TRIGGER migr_guard_end DISABLE',
    'ALTER EVENT TRIGGER migr_guard_end RENAME TO x',
    'DROP EVENT TRIGGER migr_guard_end',
    'ALTER EXTENSION migr ADD TABLE fence.plain',
    'ALTER EXTENSION migr DROP TABLE migr.version',
    'ALTER EXTENSION migr DROP FUNCTION migr_script(text)',
    'DO $x$ BEGIN EXECUTE ''DROP EXTENSION migr CASCADE''; END $x$']) statement;

-- Rights, comments, owners
SELECT statement, fence.attempt(statement) FROM unnest(ARRAY[
    'GRANT INSERT ON migr.version TO regress_migr_fence',
    'GRANT SELECT (statement) ON migr.log TO PUBLIC',
    'REVOKE SELECT ON migr.version FROM PUBLIC',
    'GRANT ALL ON ALL TABLES IN SCHEMA migr TO regress_migr_fence',
    'GRANT CREATE ON SCHEMA migr TO PUBLIC',
    'GRANT USAGE ON SEQUENCE migr.log_id_seq TO regress_migr_fence',
    'GRANT USAGE ON TYPE migr.revision_info TO regress_migr_fence',
    'GRANT EXECUTE ON FUNCTION migr_upgrade TO PUBLIC',
    'GRANT EXECUTE ON ROUTINE migr_upgrade(text, boolean, text, text, boolean) TO PUBLIC',
    'REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog FROM regress_migr_fence',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA migr GRANT SELECT ON TABLES TO PUBLIC',
    'COMMENT ON TABLE migr.version IS ''x''',
    'COMMENT ON COLUMN migr.version.revision IS ''x''',
    'COMMENT ON TRIGGER guard ON migr.version IS ''x''',
    'COMMENT ON CONSTRAINT version_pkey ON migr.version IS ''x''',
    'COMMENT ON EXTENSION migr IS ''x''',
    'COMMENT ON FUNCTION migr_script(text) IS ''x''',
    'SECURITY LABEL ON TABLE migr.version IS ''x''',
    'DROP OWNED BY regress_migr_fence']) statement;

-- Whoever runs it
SELECT statement, fence.attempt(statement) FROM unnest(ARRAY[
    'DO $x$ BEGIN ALTER TABLE migr.version ADD COLUMN x int; END $x$',
    'DO $x$ BEGIN EXECUTE format(''CREATE INDEX ON %s (tag)'', ''migr.log''::regclass); END $x$',
    'SELECT fence.alters()',
    'INSERT INTO fence.plain VALUES (1)',
    'CREATE SCHEMA fence_too CREATE TABLE x (r text REFERENCES migr.version)',
    'PREPARE p AS SELECT fence.alters(); EXECUTE p',
    'SET session_replication_role = replica; DROP TRIGGER guard ON migr.version']) statement;
-- ... in a verify section, and in a dry run
SELECT migr_load(E'-- migr:revision verified\n-- migr:upgrade\n-- migr:verify\nCREATE INDEX ON migr.log (tag);\n') \g /dev/null
SELECT migr_upgrade('verified');
SELECT migr_upgrade('verified', dry_run => true);
SELECT status, detail FROM migr_test('verified');
SELECT migr_unload('verified');
-- ... and in DDL that is built in scratch
\set VERBOSITY terse
SELECT migr_diff('ALTER TABLE migr.version ADD COLUMN x int');
\set VERBOSITY default

-- What looks, or changes something else, may.
SET client_min_messages = error;
SELECT statement, fence.attempt(statement) FROM unnest(ARRAY[
    'CREATE VIEW fence.x AS SELECT * FROM migr.log',
    'CREATE TABLE fence.x (LIKE migr.version INCLUDING ALL)',
    'CREATE TABLE fence.x AS TABLE migr.version',
    'CREATE FUNCTION fence.x() RETURNS SETOF migr.revision_info LANGUAGE sql AS ''SELECT * FROM migr_current()''',
    'DROP VIEW fence.current',
    'CREATE PUBLICATION x FOR TABLE migr.log',
    'DO $x$ BEGIN ALTER TABLE migr.version ADD COLUMN x int; EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL; END $x$',
    'DROP TRIGGER alters ON fence.plain; ALTER TABLE fence.plain ADD COLUMN b int, ADD CHECK (a > 0)',
    'CREATE ROLE regress_migr_other; GRANT SELECT ON fence.plain TO regress_migr_other; COMMENT ON TABLE fence.plain IS ''x''; DROP OWNED BY regress_migr_other; DROP ROLE regress_migr_other',
    'DROP TABLE IF EXISTS migr.nothing, fence.nothing; DROP FUNCTION IF EXISTS migr_nothing()',
    'ANALYZE migr.version']) statement;

-- All that somebody owns, where migr's tables are his
CREATE DATABASE regress_fence TEMPLATE template0 OWNER regress_migr_fence;
\c regress_fence
SET client_min_messages = warning;
SET ROLE regress_migr_fence;
CREATE EXTENSION migr;
-- Outside of scripts, who owns them may add to them, and not write them anew.
ALTER TABLE migr.log ALTER COLUMN performed_by TYPE text USING 'forged';
ALTER TABLE migr.log DROP COLUMN detail;
ALTER TABLE migr.log DISABLE TRIGGER guard;
ALTER TABLE migr.log ADD COLUMN note text;
ALTER TABLE migr.log DROP COLUMN note;
RESET ROLE;
ALTER TABLE migr.log DROP COLUMN note;
ALTER TABLE migr.revision OWNER TO CURRENT_USER;
ALTER TABLE migr.version OWNER TO CURRENT_USER;
ALTER TABLE migr.repeatable OWNER TO CURRENT_USER;
ALTER TABLE migr.log OWNER TO CURRENT_USER;
ALTER TABLE migr.rule OWNER TO CURRENT_USER;
SELECT migr_load(E'-- migr:revision r\n-- migr:upgrade\nREASSIGN OWNED BY regress_migr_fence TO CURRENT_USER;\n'
    '-- migr:revision d\n-- migr:upgrade\nDROP OWNED BY regress_migr_fence CASCADE;\n') \g /dev/null
-- Which of them is met first is not ours to say.
\set VERBOSITY terse
SELECT migr_upgrade('r');
SELECT migr_upgrade('d');
\set VERBOSITY default
SELECT extowner::regrole FROM pg_extension WHERE extname = 'migr';
\c contrib_regression
SET client_min_messages = warning;
DROP DATABASE regress_fence;
\pset format unaligned

-- Outside of scripts a superuser may do what he likes.
BEGIN;
ALTER TABLE migr.log ADD COLUMN note text;
CREATE INDEX ON migr.log (tag);
COMMENT ON TABLE migr.log IS 'x';
ROLLBACK;

\pset format aligned
\pset tuples_only off
SELECT * FROM migr_verify('{versions}');
DROP OWNED BY regress_migr_fence;
DROP ROLE regress_migr_fence;
DROP SCHEMA fence CASCADE;
DO 'BEGIN PERFORM migr_scratch_drop(); END';
DROP EXTENSION migr;
CREATE EXTENSION migr;
