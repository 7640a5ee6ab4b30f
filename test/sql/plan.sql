-- migr_plan(): what each pending statement does, of which relations, and what the
-- author has said of it.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

CREATE DATABASE regress_plan TEMPLATE template0;
\c regress_plan
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
-- nothing is there; nothing is pending
SET client_min_messages = notice;
SELECT * FROM migr_plan();
SET client_min_messages = warning;
SELECT * FROM migr_plan('nowhere');
SELECT count(*) FROM migr_load($s$
-- migr:revision base1
-- migr:upgrade
CREATE SCHEMA "Odd one";
CREATE TABLE "Odd one"."T 1" (id int, n int, "C" text);
CREATE TABLE kept (id int PRIMARY KEY, n int);
CREATE TABLE empty (id int PRIMARY KEY, n int);
CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE job (id int PRIMARY KEY, s state);
CREATE VIEW jobs AS SELECT id FROM job;
CREATE TABLE part (id int) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (100) TO (200);
$s$);
SELECT migr_upgrade('head');
SET client_min_messages = notice;
SELECT * FROM migr_plan();
SET client_min_messages = warning;
INSERT INTO "Odd one"."T 1" SELECT i, i, i FROM generate_series(1, 100) i;
INSERT INTO kept SELECT i, i FROM generate_series(1, 100) i;
INSERT INTO job SELECT i, 'new' FROM generate_series(1, 100) i;
INSERT INTO part SELECT i FROM generate_series(1, 50) i;

CREATE TEMP VIEW told AS
SELECT step, revision, line, command, relation, lock_mode, blocks, rewrites AS rw, scans AS sc,
       relation_bytes > 0 AS big, hazard, advice FROM migr_plan();

-- live names, also where earlier ones rename; what is new is no hazard, nor what is empty
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision first
-- migr:revises base1
-- migr:upgrade
ALTER TABLE "Odd one"."T 1" RENAME TO moved;
ALTER TABLE "Odd one".moved SET SCHEMA public;
ALTER TABLE moved RENAME COLUMN "C" TO c;
CREATE TABLE made (id int PRIMARY KEY);
CREATE INDEX ON made (id);
ALTER TABLE made ADD CHECK (id > 0);
-- migr:revision second
-- migr:revises first
-- migr:upgrade
SET search_path = "Odd one", public;
CREATE INDEX ON moved (c, n);
CREATE INDEX ON made (id);
CREATE INDEX ON empty (n);
ALTER TABLE made ADD FOREIGN KEY (id) REFERENCES kept;
ALTER TABLE empty ADD COLUMN k int REFERENCES kept;
ALTER TABLE empty ALTER n SET NOT NULL, ALTER n TYPE bigint;
$s$);
SELECT revision, step, line, command, relation, lock_mode, blocks, rw, sc, big, hazard FROM told;
ROLLBACK;

-- several parts of one statement, partitions of which some are empty
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision parts
-- migr:revises base1
-- migr:upgrade
ALTER TABLE kept ADD COLUMN a bigserial UNIQUE, ADD COLUMN b json, ADD COLUMN c int NOT NULL, ALTER n TYPE bigint;
ALTER TABLE part ADD COLUMN c int DEFAULT 1;
ALTER TABLE part ALTER id SET NOT NULL;
ALTER TABLE part2 ADD CHECK (id > 0);
$s$);
SELECT revision, step, line, command, relation, lock_mode, blocks, rw, sc, big, hazard FROM told;
ROLLBACK;

-- twice through the same rows
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision twice
-- migr:revises base1
-- migr:upgrade
ALTER TABLE kept ALTER n SET NOT NULL;
ALTER TABLE kept ADD COLUMN c int;
ALTER TABLE kept ADD CHECK (n > 0);
ALTER TABLE kept ADD CHECK (n < 1000), ALTER c TYPE bigint;
$s$);
SELECT revision, step, command, relation, rw, sc, hazard FROM told;
ROLLBACK;

-- the author means it; names of rules are known
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision allowed
-- migr:revises base1
-- migr:upgrade
-- migr:allow add-index
CREATE INDEX ON kept (n);
-- migr:allow multiple-strong-locks
CREATE INDEX ON job (s);
-- migr:allow drop-index, add-index, multiple-strong-locks
CREATE INDEX ON part1 (id);
$s$);
SELECT revision, step, line, command, relation, lock_mode, blocks, rw, sc, big, hazard FROM told;
ROLLBACK;
\set VERBOSITY default
SELECT count(*) FROM migr_load($s$
-- migr:revision unknown
-- migr:revises base1
-- migr:upgrade
-- migr:allow add_index
CREATE INDEX ON kept (n);
$s$);
\set VERBOSITY terse

-- locks last to the commit, but not where each statement commits
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision long
-- migr:revises base1
-- migr:upgrade
ALTER TABLE kept ADD CONSTRAINT positive CHECK (n > 0) NOT VALID;
ALTER TABLE kept VALIDATE CONSTRAINT positive;
DELETE FROM job WHERE s = 'done';
INSERT INTO job VALUES (1000, 'new');
-- migr:batch 10
UPDATE job SET s = 'done' WHERE s = 'new';
ALTER TABLE job DROP COLUMN s;
-- migr:revision short
-- migr:revises long
-- migr:transaction off
-- migr:upgrade
ALTER TABLE kept ADD CONSTRAINT small CHECK (n < 1000000) NOT VALID;
ALTER TABLE kept VALIDATE CONSTRAINT small;
CREATE INDEX CONCURRENTLY ON job (id);
VACUUM;
REINDEX TABLE CONCURRENTLY kept;
$s$);
SELECT revision, step, line, command, relation, lock_mode, blocks, rw, sc, big, hazard FROM told;
ROLLBACK;

-- phases: what is taken away before the rollout; no way back
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision before1
-- migr:revises base1
-- migr:upgrade
DROP VIEW jobs;
DROP TABLE empty;
ALTER TABLE kept RENAME n TO m;
ALTER TABLE job DROP COLUMN s;
-- migr:downgrade
-- migr:revision after1
-- migr:revises before1
-- migr:phase after
-- migr:upgrade
DROP TABLE kept;
$s$);
SELECT revision, step, command, relation, lock_mode, hazard FROM told;
ROLLBACK;

-- the author says so
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision before2
-- migr:revises base1
-- migr:phase before
-- migr:upgrade
ALTER TABLE job DROP COLUMN s;
-- migr:downgrade
$s$);
SELECT revision, step, command, relation, lock_mode, hazard FROM told;
ROLLBACK;

-- what is required is asked in the live database
CREATE SEQUENCE counter;
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision asks
-- migr:revises base1
-- migr:upgrade
SET search_path = "Odd one";
-- migr:require
SELECT count(*) = 100 FROM "T 1";
CREATE TABLE later (id int);
-- migr:revision refuses
-- migr:revises asks
-- migr:upgrade
CREATE TABLE other (id int);
-- migr:require
SELECT count(*) > 100 FROM kept;
-- migr:revision early
-- migr:revises refuses
-- migr:upgrade
-- migr:require
SELECT count(*) = 0 FROM "Odd one".later;
DROP TABLE "Odd one".later;
-- migr:revision writes
-- migr:revises early
-- migr:upgrade
-- migr:require
SELECT nextval('counter') > 0;
$s$);
SELECT revision, step, line, command, hazard, advice FROM told;
ROLLBACK;
SELECT is_called FROM counter;

-- labels of a type that is there, and of one that is not
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision label
-- migr:revises base1
-- migr:upgrade
ALTER TYPE state ADD VALUE 'late' AFTER 'new';
CREATE TYPE fresh AS ENUM ('a');
ALTER TYPE fresh ADD VALUE 'b';
CREATE TABLE colours (c fresh DEFAULT 'b');
-- migr:revision uses
-- migr:revises label
-- migr:upgrade
ALTER TYPE fresh ADD VALUE 'c';
INSERT INTO colours VALUES ('c');
INSERT INTO job VALUES (1001, 'late');
DO $$BEGIN PERFORM 'late'::state; END$$;
-- migr:revision same
-- migr:revises uses
-- migr:upgrade
ALTER TYPE state ADD VALUE 'last' AFTER 'done';
CREATE INDEX ON job (id) WHERE s = 'last';
-- migr:revision apart
-- migr:revises same
-- migr:transaction off
-- migr:upgrade
ALTER TYPE state ADD VALUE 'very last' AFTER 'last';
INSERT INTO job VALUES (1002, 'very last');
-- migr:revision behind
-- migr:revises apart
-- migr:upgrade
INSERT INTO job VALUES (1003, 'very last');
$s$);
SELECT revision, step, command, hazard, advice FROM told;
ROLLBACK;

-- what fails, and what can't be known: made by hand, or passed over
CREATE TABLE by_hand (id int);
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision fails
-- migr:revises base1
-- migr:upgrade
ALTER TABLE job ALTER id TYPE bigint;
ALTER TABLE kept ADD COLUMN n int;
ALTER TABLE by_hand ADD COLUMN n int;
CHECKPOINT;
COPY kept TO '/nowhere';
SELECT 1 / 0;
DO $$BEGIN COMMIT; END$$;
INSERT INTO kept VALUES (1000, 1);
$s$);
SELECT revision, step, command, relation, lock_mode, hazard, advice FROM told;
ROLLBACK;

-- a script that sets how much the server says
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision quiet
-- migr:revises base1
-- migr:upgrade
SET log_min_messages = panic;
SET LOCAL client_min_messages = error;
ALTER TABLE job ADD FOREIGN KEY (id) REFERENCES kept;
SELECT set_config('log_min_messages', 'fatal', true);
ALTER TABLE job ADD FOREIGN KEY (id) REFERENCES kept;
$s$);
SELECT revision, step, line, command, relation, lock_mode, blocks, rw, sc, big, hazard FROM told;
ROLLBACK;

-- what no rule knows, and what readers of a view need not mind
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision within
-- migr:revises base1
-- migr:upgrade
DO $$BEGIN EXECUTE 'CREATE INDEX ON kept (n)'; END$$;
-- migr:allow add-index
CREATE INDEX ON kept (n);
-- migr:allow rows-under-lock
DO $$BEGIN EXECUTE 'ALTER TABLE kept ALTER n TYPE bigint'; END$$;
CREATE MATERIALIZED VIEW summary AS SELECT id FROM kept;
$s$);
SELECT revision, step, command, relation, lock_mode, rw, sc, hazard FROM told;
ROLLBACK;

-- IF NOT EXISTS, by itself and beside others
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision there
-- migr:revises base1
-- migr:transaction off
-- migr:upgrade
ALTER TABLE kept ADD COLUMN IF NOT EXISTS n int;
ALTER TABLE kept ADD COLUMN IF NOT EXISTS n int, ALTER n TYPE bigint;
CREATE TABLE IF NOT EXISTS kept (id int);
DO $$BEGIN CREATE TABLE IF NOT EXISTS kept (id int); CREATE INDEX ON kept (n); END$$;
$s$);
SELECT revision, step, command, relation, lock_mode, rw, sc, hazard FROM told;
ROLLBACK;

-- what is advised is no hazard
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision safe1
-- migr:revises base1
-- migr:transaction off
-- migr:upgrade
CREATE UNIQUE INDEX CONCURRENTLY kept_n ON kept (n);
ALTER TABLE kept ADD CONSTRAINT there CHECK (n IS NOT NULL) NOT VALID;
ALTER TABLE kept ADD CONSTRAINT job_of FOREIGN KEY (id) REFERENCES job NOT VALID;
CREATE INDEX part_id ON ONLY part (id);
CREATE INDEX CONCURRENTLY part1_id ON part1 (id);
ALTER INDEX part_id ATTACH PARTITION part1_id;
ALTER TYPE state ADD VALUE 'late' AFTER 'done';
UPDATE job SET s = 'late' WHERE s = 'done' AND id = 1;
-- migr:revision safe2
-- migr:revises safe1
-- migr:upgrade
ALTER TABLE kept VALIDATE CONSTRAINT there;
ALTER TABLE kept VALIDATE CONSTRAINT job_of;
-- migr:batch 10
UPDATE kept SET n = 0 WHERE n IS NULL;
-- migr:revision safe3
-- migr:revises safe2
-- migr:upgrade
ALTER TABLE kept ALTER n SET NOT NULL;
ALTER TABLE kept ADD CONSTRAINT kept_n UNIQUE USING INDEX kept_n;
ALTER TABLE kept DROP CONSTRAINT there;
ALTER TABLE kept ADD COLUMN c text DEFAULT 'x', ADD COLUMN at timestamptz DEFAULT now();
ALTER TABLE kept ALTER c SET DEFAULT 'y';
GRANT SELECT ON kept TO public;
ANALYZE kept;
CREATE OR REPLACE VIEW jobs AS SELECT id FROM job;
$s$);
SELECT revision, step, command, relation, lock_mode, rw, sc, hazard FROM told;
ROLLBACK;

-- repeatable scripts that are due come behind
BEGIN;
SELECT count(*) FROM migr_load($s$
-- migr:revision nothing
-- migr:revises base1
-- migr:upgrade
-- migr:repeatable keepers
-- migr:upgrade
CREATE OR REPLACE VIEW jobs AS SELECT id FROM job;
CREATE OR REPLACE VIEW keepers AS SELECT id FROM kept;
$s$);
SELECT revision, step, line, command, relation, lock_mode, blocks, rw, sc, big, hazard FROM told;
ROLLBACK;

-- who may: who has been given it, and builds as himself
CREATE ROLE regress_planner;
GRANT USAGE ON SCHEMA migr TO regress_planner;
SELECT count(*) FROM migr_load($s$
-- migr:revision mine
-- migr:revises base1
-- migr:upgrade
CREATE TABLE mine (id int);
$s$);
SET ROLE regress_planner;
SELECT count(*) FROM migr_plan();
RESET ROLE;
GRANT EXECUTE ON FUNCTION migr_plan TO regress_planner;
SET ROLE regress_planner;
SET migr.scratch_database = '';
SELECT count(*) FROM migr_plan();
RESET migr.scratch_database;
RESET ROLE;
-- nothing has changed
SELECT revision FROM migr_current();
SELECT to_regclass('mine');
BEGIN READ ONLY;
SELECT step, relation FROM migr_plan();
COMMIT;

\c postgres
DROP DATABASE regress_plan;
DROP ROLE regress_planner;
