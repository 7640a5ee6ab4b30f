-- migr.refuse_on_drift: an upgrade that touches what is not as migr left it.
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE DATABASE regress_migr_drift TEMPLATE template0;
\c regress_migr_drift
SET client_min_messages = warning;
CREATE EXTENSION migr;
SELECT current_database() AS db \gset

SELECT count(*) FROM migr_load($$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE one (id int PRIMARY KEY, a int);
CREATE TABLE two (id int PRIMARY KEY REFERENCES one, b int);
CREATE VIEW seen AS SELECT id FROM two;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:downgrade
DROP FUNCTION f(); DROP VIEW seen; DROP TABLE two, one;
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
ALTER TABLE two ADD COLUMN c int;
-- migr:downgrade
ALTER TABLE two DROP COLUMN c;
-- migr:revision r3
-- migr:revises r2
-- migr:upgrade
DO $do$ BEGIN EXECUTE 'ALTER TABLE one ADD COLUMN c int'; END $do$;
-- migr:downgrade
ALTER TABLE one DROP COLUMN c;
-- migr:revision r4
-- migr:revises r3
-- migr:upgrade
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE OR REPLACE VIEW seen AS SELECT id FROM two;
-- migr:downgrade
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:revision r5
-- migr:revises r4
-- migr:upgrade
DROP TABLE two CASCADE;
-- migr:revision r6
-- migr:revises r5
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY one_a ON one (a);
$$);
SELECT migr_upgrade('r1');

-- Off, as it comes: it is told, and runs.
SHOW migr.refuse_on_drift;
ALTER TABLE two ADD COLUMN by_hand int;
SET client_min_messages = notice;
SELECT migr_upgrade('r2');
SET client_min_messages = warning;
SELECT migr_downgrade('r1');

-- On, for everybody.
ALTER DATABASE :"db" SET migr.refuse_on_drift = on;
SHOW migr.refuse_on_drift;
CREATE ROLE regress_migr_drift;
SET ROLE regress_migr_drift;
SET migr.refuse_on_drift = off;
SET migr.refuse_on_drift = on;
RESET migr.refuse_on_drift;
RESET ROLE;
DROP ROLE regress_migr_drift;

-- What was recorded with the run is as it was left.
SELECT migr_upgrade('r2');
ALTER TABLE one ALTER COLUMN a TYPE bigint;
CREATE INDEX by_hand ON one (a);
\set VERBOSITY default
SELECT migr_upgrade('r3');
\set VERBOSITY terse
SELECT migr_upgrade('r3', dry_run => true);
CALL migr_deploy('r3');
SELECT revision FROM migr_current();
SELECT count(*) FROM pg_attribute WHERE attrelid = 'one'::regclass AND attname = 'c';
SELECT outcome, left(detail, 60) AS detail FROM migr.log ORDER BY id DESC LIMIT 1;

-- A downgrade is not refused.
SELECT migr_downgrade('r1');
SELECT migr_upgrade('r2');

-- What the run does not touch may be as it is.
SELECT migr_stamp('current');
ALTER TABLE one ALTER COLUMN a TYPE int;
CREATE TABLE others (i int);
ALTER TABLE others ADD COLUMN j int;
\set VERBOSITY default
SELECT migr_upgrade('r4');
\set VERBOSITY terse
SELECT migr_downgrade('r2');
SELECT migr_upgrade('r3');
SELECT migr_stamp('current');
SELECT migr_upgrade('r3');

-- Replaced, or dropped, by hand.
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 3';
DROP VIEW seen;
\set VERBOSITY default
SELECT migr_upgrade('r4');
\set VERBOSITY terse
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT migr_upgrade('r4');
CREATE VIEW seen AS SELECT id FROM two;
SELECT migr_upgrade('r4');

-- What a run drops.
COMMENT ON TABLE two IS 'by hand';
SELECT migr_upgrade('r5');
COMMENT ON TABLE two IS NULL;
SELECT migr_upgrade('r5');

-- What runs in no transaction is known only when it has run.
COMMENT ON FUNCTION f() IS 'by hand';
\set VERBOSITY default
CALL migr_deploy('head');
\set VERBOSITY terse
SELECT migr_stamp('current');
CALL migr_deploy('head');
SELECT revision FROM migr_current();

-- A record that can't be gone by is no reason to go on.
SELECT count(*) FROM migr_load($$
-- migr:revision r7
-- migr:revises r6
-- migr:upgrade
ALTER TABLE one ADD COLUMN d int;
-- migr:revision r8
-- migr:revises r7
-- migr:upgrade
ALTER TABLE one ADD COLUMN e int;
$$);
SET migr.record_fingerprints = off;
SELECT migr_upgrade('r7');
RESET migr.record_fingerprints;
\set VERBOSITY default
SELECT migr_upgrade('r8');
\set VERBOSITY terse
SELECT migr_stamp('current');
SELECT migr_upgrade('r8');

\c postgres
DROP DATABASE regress_migr_drift;
