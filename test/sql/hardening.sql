-- Abuse and odd corners, each once found to matter.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

-- A carriage return ends a comment for the server, so it does for us.
SELECT action FROM migr_load(E'-- migr:revision cr\n-- migr:upgrade\nCREATE TABLE seen (a int);\n'
    '-- note\rCREATE TABLE hidden (a int);\nINSERT INTO seen VALUES (1);\n'
    '-- migr:downgrade\nDROP TABLE seen, hidden;\n');
SELECT * FROM migr_upgrade('cr');
SELECT count(*) AS once, to_regclass('hidden') IS NOT NULL AS both FROM seen;
SELECT * FROM migr_downgrade('base');
SELECT migr_unload('cr');
-- A directive holds no control character, which would be a line of its own in
-- a script for psql (error)
SELECT migr_load(E'-- migr:revision x\n-- migr:message harmless\r\\! id\n');
SELECT migr_load(E'-- migr:revision x\n-- migr:message \x1b[2J\n');
SELECT migr_revision(E'harmless\r\\! id', revision_id => 'cr2') ~ E'\n-- migr:message harmless .! id\n' AS one_line;
SELECT migr_unload('cr2');

-- The owner of migr's tables can't have a trigger of his run by somebody else.
CREATE ROLE regress_migr_mallory;
CREATE DATABASE regress_hardening TEMPLATE template0 OWNER regress_migr_mallory;
\c regress_hardening
SET client_min_messages = warning;
SET ROLE regress_migr_mallory;
CREATE EXTENSION migr;
CREATE TABLE who (name text, super text);
GRANT ALL ON who TO PUBLIC;
CREATE FUNCTION grab() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO public.who VALUES (current_user, current_setting('is_superuser')); RETURN NULL; END $$;
CREATE TRIGGER at_once AFTER INSERT ON migr.log FOR EACH ROW EXECUTE FUNCTION grab();
RESET ROLE;
SELECT action FROM migr_load('-- migr:revision m1');
SELECT name FROM who;
SET ROLE regress_migr_mallory;
CREATE CONSTRAINT TRIGGER put_off AFTER INSERT ON migr.log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION grab();
RESET ROLE;
-- (error, or a trigger that runs as its owner)
SELECT action FROM migr_load('-- migr:revision m2') \g /dev/null
SELECT DISTINCT name FROM who;
-- nor say which directory others load from (error)
SET ROLE regress_migr_mallory;
SET migr.script_location = '/';
-- what he installed he can hide
REVOKE EXECUTE ON FUNCTION migr_script(text) FROM PUBLIC;
SELECT has_function_privilege('public', 'migr_script(text)', 'execute') AS public;
RESET ROLE;
\c postgres
DROP DATABASE regress_hardening;
DROP ROLE regress_migr_mallory;
\c contrib_regression
SET client_min_messages = warning;
\pset format unaligned

-- A stamp fills gaps below; a run runs them, also beside rows whose script is lost.
SELECT count(*) FROM migr_load(E'-- migr:revision g1\n-- migr:upgrade\n-- migr:downgrade\n'
    '-- migr:revision g2\n-- migr:revises g1\n-- migr:upgrade\n-- migr:downgrade\n'
    '-- migr:revision g3\n-- migr:revises g2\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT * FROM migr_stamp('g2');
DELETE FROM migr.version WHERE revision = 'g1';
SELECT * FROM migr_stamp('g2');
SELECT revision, ordinal FROM migr.version ORDER BY ordinal;
SELECT * FROM migr_downgrade('-1');
DELETE FROM migr.version;
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('lost', 1, true, '-'), ('g2', 2, true, '-');
SELECT * FROM migr_upgrade('g3');
SELECT revision, ordinal FROM migr.version ORDER BY ordinal;
-- what was applied last can't be undone if its script is lost (error)
UPDATE migr.version SET ordinal = 10 WHERE revision = 'lost';
SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_downgrade('base');
DELETE FROM migr.version;
DELETE FROM migr.revision;

-- COPY … WHERE takes the rights it takes in COPY, and no generated column.
SELECT current_setting('server_version_num')::int >= 140000 AS copy_where \gset
\if :copy_where
CREATE ROLE regress_migr_copier;
CREATE TABLE filtered (a int, b int, g int GENERATED ALWAYS AS (a * 2) STORED);
GRANT INSERT ON filtered TO regress_migr_copier;
GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) TO regress_migr_copier;
SELECT count(*) FROM migr_load($$
-- migr:revision w1
-- migr:upgrade
COPY filtered (a, b) FROM stdin WHERE b > 1;
1	1
2	2
\.
-- migr:revision w2
-- migr:upgrade
COPY filtered (a) FROM stdin WHERE g > 2;
1
\.
$$);
SET ROLE regress_migr_copier;
-- (error)
SELECT * FROM migr_upgrade('w1');
RESET ROLE;
SELECT * FROM migr_upgrade('w1');
TABLE filtered;
-- (error)
SELECT * FROM migr_upgrade('w2');
DROP TABLE filtered;
REVOKE ALL ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) FROM regress_migr_copier;
DROP ROLE regress_migr_copier;
DELETE FROM migr.version;
DELETE FROM migr.revision;
\endif

-- No revision is blamed for what the caller's transaction has put off (error)
CREATE TABLE pk (a int PRIMARY KEY);
CREATE TABLE fk (a int REFERENCES pk DEFERRABLE INITIALLY DEFERRED);
SELECT action FROM migr_load(E'-- migr:revision innocent\n-- migr:upgrade\nSELECT 1;\n');
\set SHOW_CONTEXT errors
BEGIN;
INSERT INTO fk VALUES (1);
SELECT migr_upgrade('innocent');
ROLLBACK;
DROP TABLE fk, pk;
SELECT migr_unload('innocent');
-- migrations don't run where only harmless things may (error)
CREATE FUNCTION sly(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN PERFORM migr_upgrade('base'); RETURN 1; END $$;
CREATE TABLE sly (a int);
INSERT INTO sly VALUES (1);
\set SHOW_CONTEXT never
CREATE INDEX ON sly (sly(a));
DROP TABLE sly;
DROP FUNCTION sly;
