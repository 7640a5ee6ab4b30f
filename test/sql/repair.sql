-- migr_repair(): each state that a version can be in, and what becomes of it;
-- migr_status() says whether the schema is as the last run left it.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

CREATE DATABASE regress_repair TEMPLATE template0;
\c regress_repair
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
-- what a call leaves besides its rows
CREATE TEMP VIEW state AS
SELECT (SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version) AS version,
       (SELECT count(*) FROM migr.log WHERE action = 'repair') AS logged;

-- no scripts
SELECT * FROM migr_repair();
\set s `cat examples/accounts_payable/versions/*.sql`
SELECT count(*) FROM migr_load(:'s');

-- a fresh database
SELECT * FROM migr_repair();
SELECT migr_schema('b1a2c3d4e5f6') AS middle, migr_schema('head') AS head \gset

-- tables and no version: they exist already (error), until the version is known
:middle
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
TABLE state;
SELECT * FROM migr_repair(check_only => true);
TABLE state;
SELECT * FROM migr_repair();
TABLE state;
SELECT stamped, fingerprint = migr_fingerprint() AS fingerprint FROM migr.version ORDER BY ordinal DESC LIMIT 1;
-- again: nothing is left to do
SELECT * FROM migr_repair();
TABLE state;
SELECT migr_upgrade();
-- nobody has looked since, and then somebody has
SELECT current_heads, drift_free, drift_checked_at FROM migr_status();
-- where the planner likes parallel plans
SELECT count(set_config(name, 'on', false)) FROM pg_settings
 WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT status FROM migr_verify('{drift}');
SELECT drift_free, drift_checked_at < clock_timestamp() AS looked FROM migr_status();
RESET ALL;
SET client_min_messages = warning;
-- the same, all the way up
DELETE FROM migr.version;
SELECT * FROM migr_repair();
TABLE state;

-- the version names a revision that no script has
UPDATE migr.version SET revision = 'gone' WHERE revision = '797c75afebae';
SELECT unknown FROM migr_status();
SELECT * FROM migr_repair(check_only => true);
SELECT * FROM migr_repair();
TABLE state;
SELECT unknown FROM migr_status();

-- a revision has no row, and those that stand on it have
DELETE FROM migr.version WHERE revision = 'b1a2c3d4e5f6';
SELECT object, status FROM migr_verify('{versions}');
SELECT * FROM migr_repair(check_only => true);
SELECT * FROM migr_repair();
SELECT * FROM migr_repair();
TABLE state;
SELECT object, status FROM migr_verify('{versions}');

-- the version is behind the schema, and ahead of it
SELECT count(*) > 0 AS stamped FROM migr_stamp('ca4653c80b38');
SELECT * FROM migr_repair();
TABLE state;
SELECT count(*) AS undone FROM migr_downgrade('b1a2c3d4e5f6');
SELECT count(*) > 0 AS stamped FROM migr_stamp('head');
SELECT * FROM migr_repair();
TABLE state;
SELECT count(*) AS applied FROM migr_upgrade();

-- what was added by hand is nobody's, and all that the scripts made is there
ALTER TABLE vendors ADD COLUMN by_hand int;
SELECT * FROM migr_repair();
SELECT object, status FROM migr_verify('{drift}');
ALTER TABLE vendors DROP COLUMN by_hand;

-- a change by hand: no revision has it, so nothing is done; what it takes is SQL
SELECT status FROM migr_verify('{drift}');
SELECT drift_free FROM migr_status();
ALTER TABLE vendors ALTER COLUMN name SET DEFAULT 'by hand';
SELECT object, status FROM migr_verify('{drift}');
SELECT drift_free FROM migr_status();
TABLE state;
SELECT finding, action, detail ~ E'nearest is revision 55a2502018a6, with 1 object different; different: column public.vendors.name; it would take:\n' AS named,
       split_part(detail, E'\n', 2) <> '' AS sql
  FROM migr_repair();
TABLE state;
SELECT detail ~ '^none: the schema is that of no revision' AS logged FROM migr.log ORDER BY id DESC LIMIT 1;
-- the SQL is right
SELECT substr(detail, strpos(detail, E'\n') + 1) AS sql FROM migr_repair(true) \gset
:sql
SELECT * FROM migr_repair();

-- a script was edited after it was applied: what the schema says decides
SELECT migr_script('55a2502018a6') AS script \gset
SELECT action FROM migr_load(replace(:'script', '-- migr:downgrade', E'-- edited\nSELECT 1;\n-- migr:downgrade'), replace => true);
UPDATE migr.version SET checksum = 'as it was' WHERE revision = '55a2502018a6';
SELECT * FROM migr_repair(check_only => true);
SELECT * FROM migr_repair();
SELECT * FROM migr_repair();
SELECT action FROM migr_load(replace(:'script', '-- migr:downgrade', E'CREATE TABLE forgotten (a int);\n-- migr:downgrade'), replace => true);
UPDATE migr.version SET checksum = 'as it was' WHERE revision = '55a2502018a6';
SELECT finding, action, split_part(detail, E'\n', 1) AS detail FROM migr_repair();
SELECT action FROM migr_load(:'script', replace => true);

-- revisions that change data only: the latest is taken, and that is said
SELECT count(*) FROM migr_load($$
-- migr:revision rows1
-- migr:revises 55a2502018a6
-- migr:upgrade
INSERT INTO vendors (name) VALUES ('one');
-- migr:downgrade
-- migr:revision rows2
-- migr:revises rows1
-- migr:upgrade
INSERT INTO vendors (name) VALUES ('two');
-- migr:downgrade
$$);
DELETE FROM migr.version;
SELECT * FROM migr_repair();
SELECT count(*) AS vendors FROM vendors;
-- but a version that fits is left
SELECT count(*) > 0 AS stamped FROM migr_stamp('rows1');
SELECT * FROM migr_repair();
TABLE state;

-- branches: a state on both, and one on one of them
SELECT count(*) FROM migr_load($$
-- migr:revision left
-- migr:revises rows2
-- migr:upgrade
CREATE TABLE "Left one" (a int);
-- migr:downgrade
DROP TABLE "Left one";
-- migr:revision right
-- migr:revises rows2
-- migr:upgrade
CREATE TABLE right_one (a int);
-- migr:downgrade
DROP TABLE right_one;
-- migr:revision righter
-- migr:revises right
-- migr:upgrade
CREATE TABLE righter_one (a int);
-- migr:downgrade
DROP TABLE righter_one;
$$);
CREATE TABLE right_one (a int);
SELECT * FROM migr_repair();
CREATE TABLE righter_one (a int);
CREATE TABLE "Left one" (a int);
SELECT * FROM migr_repair();
DROP TABLE "Left one";
SELECT * FROM migr_repair();

-- a script that can't be run: what stands on it is not tried
SELECT count(*) FROM migr_load($$
-- migr:revision broken
-- migr:revises righter
-- migr:upgrade
SELECT nosuch();
$$);
ALTER TABLE right_one ALTER COLUMN a TYPE bigint;
SELECT finding, action, split_part(detail, E'\n', 1) AS detail FROM migr_repair();
ALTER TABLE right_one ALTER COLUMN a TYPE int;

-- what an interrupted statement left
CREATE TABLE twice (a int);
INSERT INTO twice VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY "Twice" ON twice (a);
SELECT finding, action, split_part(detail, E'\n', 1) AS detail FROM migr_repair(true);
DROP TABLE twice;

-- who lacks the rights gets 42501, and the database stays as it was (error)
CREATE ROLE regress_migr_repairs LOGIN;
GRANT EXECUTE ON FUNCTION migr_repair(boolean) TO regress_migr_repairs;
DELETE FROM migr.version;
TABLE state;
SET SESSION AUTHORIZATION regress_migr_repairs;
SET migr.scratch_database = 'create';
\set SHOW_CONTEXT errors
\set VERBOSITY default
SELECT * FROM migr_repair();
\set SHOW_CONTEXT never
\set VERBOSITY terse
\echo :LAST_ERROR_SQLSTATE
RESET migr.scratch_database;
RESET SESSION AUTHORIZATION;
TABLE state;
-- who has been given a scratch database can tell what is different
DO 'BEGIN PERFORM migr_scratch_create(''regress_migr_repairs''); END';
SET SESSION AUTHORIZATION regress_migr_repairs;
SELECT finding, action, detail FROM migr_repair(true);
RESET SESSION AUTHORIZATION;
DO 'BEGIN PERFORM migr_scratch_drop(''regress_migr_repairs''); END';
SELECT has_function_privilege('public', 'migr_repair(boolean)', 'EXECUTE') AS for_all,
       has_function_privilege('public', 'migr_test(text)', 'EXECUTE') AS test_for_all;
-- (error) not in a read-only transaction
BEGIN READ ONLY;
SELECT * FROM migr_repair(true);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT * FROM migr_repair(NULL);
\echo :LAST_ERROR_SQLSTATE

-- extensions of scripts, which appear at one revision and are gone in the next attempt
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_repair;
CREATE DATABASE regress_repair TEMPLATE template0;
\c regress_repair
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SELECT count(*) FROM migr_load($migr$
-- migr:revision extended
-- migr:upgrade
CREATE EXTENSION pgtap;
CREATE TABLE one (id int PRIMARY KEY);
-- migr:revision more
-- migr:revises extended
-- migr:upgrade
CREATE TABLE two (id int PRIMARY KEY);
-- migr:revision broken
-- migr:upgrade
CREATE EXTENSION pgtap;
SELECT 1 / 0;
-- migr:revision other
-- migr:depends broken
-- migr:upgrade
CREATE TABLE three (id int PRIMARY KEY);
$migr$);
CREATE EXTENSION pgtap;
CREATE TABLE one (id int PRIMARY KEY);
SELECT * FROM migr_repair();
CREATE TABLE two (id int PRIMARY KEY);
SELECT * FROM migr_repair();
CREATE TABLE four (id int PRIMARY KEY);
ALTER TABLE two ALTER COLUMN id TYPE bigint;
SELECT * FROM migr_repair();

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_repair;
DROP ROLE regress_migr_repairs;
