-- migr_verify(): chain, scripts, versions and verify sections; who may call it,
-- and that it changes nothing.  drift and rules have tests of their own.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE DATABASE regress_checks TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_checks
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
CREATE ROLE regress_migr_reader;
CREATE ROLE regress_migr_deploy LOGIN;
SELECT count(*) FROM migr_load($migr$
-- migr:revision c1
-- migr:upgrade
CREATE SCHEMA app;
SET search_path = app;
SELECT pg_catalog.set_config('checks.factor', '2', false);
CREATE TABLE stock (id int PRIMARY KEY, amount int);
INSERT INTO stock VALUES (1, 10), (2, 20);
-- migr:downgrade
DROP SCHEMA app CASCADE;
-- migr:verify
SELECT count(*) >= 2 AS enough FROM stock;
SELECT current_setting('checks.factor') = '2';
INSERT INTO stock VALUES (3, 30);
-- migr:revision c2
-- migr:revises c1
-- migr:upgrade
CREATE VIEW app.total AS SELECT sum(amount) AS sum FROM app.stock;
-- migr:downgrade
DROP VIEW app.total;
-- migr:verify
SELECT sum > 0 AS positive
  FROM app.total;
-- migr:revision c3
-- migr:revises c2
-- migr:upgrade
-- migr:downgrade
-- migr:verify
-- migr:revision later
-- migr:revises c3
-- migr:upgrade
SELECT 1;
-- migr:downgrade
SELECT 1;
-- migr:verify
SELECT false;
$migr$);
SELECT migr_upgrade('c3');

-- All is well: one row for each check.
SELECT * FROM migr_verify() WHERE check_name !~ 'integrity';
-- What is asked for, each once, in the usual order; nothing; all.
SELECT check_name, status FROM migr_verify(ARRAY['versions', 'chain', 'versions']);
SELECT check_name, status FROM migr_verify('{}');
SELECT count(DISTINCT check_name) FROM migr_verify(NULL);
-- What there is not (error)
\set VERBOSITY default
SELECT * FROM migr_verify('{chain, drifts}');
\set VERBOSITY sqlstate
SELECT * FROM migr_verify('{chain, NULL}');
SELECT * FROM migr_verify('{Chain}');
SELECT * FROM migr_verify('{integrity.}');
\set VERBOSITY terse

-- Nothing is changed, and nothing is logged.
SELECT count(*) FROM app.stock;
SELECT action, count(*) FROM migr.log GROUP BY action ORDER BY action;
SHOW search_path;
SELECT coalesce(current_setting('checks.factor', true), '') = '' AS unset;

-- scripts: edited by the rules, or by hand
BEGIN;
SELECT action FROM migr_load(replace(migr_script('c3'), 'verify', E'verify\nSELECT true;'), replace => true);
UPDATE migr.revision SET script = replace(script, 'SELECT 1', 'SELECT 2') WHERE revision = 'later';
SELECT * FROM migr_verify('{scripts}');
UPDATE migr.revision SET script = replace(script, 'sum', 'max') WHERE revision = 'c2';
UPDATE migr.revision SET script = 'nonsense' WHERE revision = 'c1';
SELECT * FROM migr_verify('{scripts, sections, drift}');
ROLLBACK;
-- a stamp says nothing of the script that was applied: there is none
BEGIN;
SELECT migr_stamp('later');
SELECT * FROM migr_verify('{scripts}');
ROLLBACK;

-- versions: unknown revisions, gaps
BEGIN;
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('lost', 99, true, 'me');
DELETE FROM migr.version WHERE revision IN ('c1', 'c2');
SELECT * FROM migr_verify('{versions, drift}');
ROLLBACK;

-- sections: false, not ok, an error; the others run all the same.
BEGIN;
DELETE FROM app.stock WHERE id = 2;
SELECT * FROM migr_verify('{sections}');
DELETE FROM app.stock;
SELECT * FROM migr_verify('{sections}');
DROP TABLE app.stock CASCADE;
SELECT * FROM migr_verify('{sections}');
-- the transaction goes on
SELECT count(*) FROM migr_verify('{chain}');
ROLLBACK;
BEGIN;
SELECT action FROM migr_load($migr$
-- migr:revision bad1
-- migr:revises c3
-- migr:upgrade
-- migr:verify
SELECT 'not ok 1 - it should be';
-- migr:revision bad2
-- migr:revises bad1
-- migr:upgrade
SELECT set_config('search_path', 'app', true);
-- migr:verify
DO $$ BEGIN RAISE EXCEPTION 'no rows' USING DETAIL = 'None at all.'; END $$;
-- migr:revision bad3
-- migr:revises bad2
-- migr:upgrade
-- migr:verify
SELECT FROM FROM;
-- migr:revision bad4
-- migr:revises bad3
-- migr:upgrade
-- migr:verify
SELECT migr_stamp('base');
-- migr:revision bad5
-- migr:revises bad4
-- migr:upgrade
-- migr:verify
DELETE FROM migr.version;
-- migr:revision bad6
-- migr:revises bad5
-- migr:upgrade
-- migr:verify
VACUUM;
-- migr:revision bad7
-- migr:revises bad6
-- migr:upgrade
-- migr:verify
DO $$ BEGIN RAISE lock_not_available; END $$;
-- migr:revision good
-- migr:revises bad7
-- migr:upgrade
-- migr:verify
SELECT count(*) > 0 FROM migr_verify('{sections, drift}') WHERE status = 'skipped';
$migr$);
SELECT migr_stamp('good');
SELECT object, status, detail FROM migr_verify('{sections}');
-- What cancels the session cancels this (error)
SELECT action FROM migr_load($migr$
-- migr:revision cancel
-- migr:revises good
-- migr:upgrade
-- migr:verify
SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60);
$migr$);
SELECT migr_stamp('cancel');
SAVEPOINT s;
SELECT count(*) FROM migr_verify('{sections}');
ROLLBACK TO s;
-- ... and the session is not left as if a script were running
SELECT migr_stamp('good');
ROLLBACK;

-- A script can call it: it sees that it is in one.
SELECT action FROM migr_load($migr$
-- migr:revision within
-- migr:revises c3
-- migr:upgrade
CREATE TABLE app.report AS SELECT check_name, status, detail FROM migr_verify('{chain, sections, drift}');
-- migr:downgrade
DROP TABLE app.report;
$migr$);
SELECT migr_upgrade('within');
TABLE app.report;
SELECT migr_downgrade('c3');
SELECT migr_unload('within');

-- In a read-only transaction: what needs to write is skipped.
BEGIN READ ONLY;
SELECT * FROM migr_verify('{chain, scripts, versions, sections, drift}');
ROLLBACK;

-- A role that may only read; one that may look into the schema; the one that
-- deploys, and can tell what is forbidden from what is wrong.
SET ROLE regress_migr_reader;
SELECT * FROM migr_verify('{chain, scripts, versions, sections, drift}');
RESET ROLE;
GRANT USAGE ON SCHEMA app TO regress_migr_reader;
GRANT SELECT ON app.total TO regress_migr_reader;
SET ROLE regress_migr_reader;
SELECT * FROM migr_verify('{sections}');
RESET ROLE;
SELECT migr_downgrade('base');
GRANT CREATE ON DATABASE regress_checks TO regress_migr_deploy;
GRANT EXECUTE ON FUNCTION migr_upgrade, migr_stamp TO regress_migr_deploy;
SET SESSION AUTHORIZATION regress_migr_deploy;
SELECT migr_upgrade('c3');
SELECT * FROM migr_verify('{sections, drift}');
REVOKE INSERT ON app.stock FROM regress_migr_deploy;
SELECT * FROM migr_verify('{sections}');
RESET SESSION AUTHORIZATION;

-- Revoked from PUBLIC, it is refused like any other function (error)
REVOKE EXECUTE ON FUNCTION migr_verify(text[], text) FROM PUBLIC;
SET ROLE regress_migr_reader;
SELECT * FROM migr_verify('{chain}');
RESET ROLE;

-- The owner of the database, who is no superuser, needs no more for drift.
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_checks;
CREATE DATABASE regress_checks TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' OWNER regress_migr_deploy;
\c regress_checks
SET client_min_messages = warning;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_deploy; END IF; END$$;
SET SESSION AUTHORIZATION regress_migr_deploy;
CREATE EXTENSION migr;
RESET SESSION AUTHORIZATION;
DO 'BEGIN PERFORM migr_scratch_create(''regress_migr_deploy''); END';
SET SESSION AUTHORIZATION regress_migr_deploy;
SELECT count(*) FROM migr_load(E'-- migr:revision d1\n-- migr:upgrade\nCREATE TABLE d1 (a int PRIMARY KEY);\n-- migr:downgrade\nDROP TABLE d1;\n-- migr:verify\nSELECT count(*) = 0 FROM d1;\n');
SELECT migr_upgrade();
INSERT INTO migr.rule VALUES ('primary_key');
SELECT check_name, status FROM migr_verify() WHERE status <> 'ok';
CREATE TABLE by_hand (a int);
SELECT check_name, object, status FROM migr_verify() WHERE status <> 'ok';
RESET SESSION AUTHORIZATION;

DO 'BEGIN PERFORM migr_scratch_drop(''regress_migr_deploy''); END';
\c postgres
DROP DATABASE regress_checks;
DROP ROLE regress_migr_reader, regress_migr_deploy;
