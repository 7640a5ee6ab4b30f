-- migr_test(): each revision up, down and up again in a scratch build, and the
-- branches of merge points in any order; migr_merge() warns.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

CREATE DATABASE regress_trial TEMPLATE template0;
\c regress_trial
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SELECT * FROM migr_test();
\set s `cat examples/accounts_payable/versions/*.sql examples/journal/versions/*.sql`
SELECT count(*) FROM migr_load(:'s');
SELECT status, count(*), count(detail) AS details FROM migr_test() GROUP BY 1;
SELECT revision FROM migr_test('b1a2c3d4e5f6');
-- nothing is left, nothing is applied, nothing is logged
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1;
SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace;
SELECT applied FROM migr_status();
SELECT DISTINCT action FROM migr.log;

-- what can be wrong
SELECT count(*) FROM migr_load($$
-- migr:revision base1
-- migr:upgrade
CREATE TABLE "T one" (a int NOT NULL DEFAULT 1, b text, c text);
CREATE VIEW v AS SELECT a FROM "T one";
INSERT INTO "T one" (b) VALUES ('x');
-- migr:downgrade
DROP VIEW v;
DROP TABLE "T one";
-- migr:revision forgets
-- migr:revises base1
-- migr:upgrade
ALTER TABLE "T one" ADD CHECK (a > 0);
CREATE INDEX ON "T one" (b);
-- migr:downgrade
DROP INDEX "T one_b_idx";
-- migr:revision drifts
-- migr:revises forgets
-- migr:upgrade
CREATE TABLE IF NOT EXISTS once (a int);
CREATE SEQUENCE counter;
SELECT setval('counter', 7);
-- migr:downgrade
DROP TABLE once;
DROP SEQUENCE counter;
-- migr:revision order_of_columns
-- migr:revises drifts
-- migr:upgrade
ALTER TABLE "T one" DROP COLUMN b;
-- migr:downgrade
ALTER TABLE "T one" ADD COLUMN b text;
CREATE INDEX ON "T one" (b);
-- migr:revision second
-- migr:revises order_of_columns
-- migr:upgrade
DO $x$ BEGIN
    IF EXISTS (SELECT FROM "T one" WHERE c = 'seen') THEN CREATE TABLE "Another" (a int);
    ELSE CREATE TABLE one_thing (a int); END IF;
END $x$;
-- migr:downgrade
DROP TABLE IF EXISTS one_thing, "Another";
INSERT INTO "T one" (c) VALUES ('seen');
-- migr:revision fails_down
-- migr:revises second
-- migr:upgrade
-- migr:downgrade
DROP TABLE nosuch;
-- migr:revision irreversible
-- migr:revises fails_down
-- migr:upgrade
CREATE TABLE kept (a int);
-- migr:revision not_here
-- migr:revises irreversible
-- migr:transaction off
-- migr:upgrade
ALTER SYSTEM SET work_mem = '8MB';
-- migr:downgrade
-- migr:revision on_that
-- migr:revises not_here
-- migr:upgrade
-- migr:downgrade
-- migr:revision fails_up
-- migr:revises irreversible
-- migr:upgrade
SELECT 1/0;
-- migr:downgrade
-- migr:revision online
-- migr:revises irreversible
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY kept_a ON kept (a);
-- migr:downgrade
DROP INDEX CONCURRENTLY kept_a;
$$);
SELECT * FROM migr_test('on_that');
SELECT revision, status, detail FROM migr_test() WHERE revision IN ('fails_up', 'online');

-- (error)
SELECT * FROM migr_test('nosuch');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_test(NULL);
\echo :LAST_ERROR_SQLSTATE

-- merge points: branches that commute, in all but the order of columns, and
-- branches that don't
-- Who calls it is not told.
SELECT count(*) FROM migr_load($migr$
-- migr:revision divides
-- migr:upgrade
SELECT 1 / 0;
$migr$);
DO $$
DECLARE
    result text;
BEGIN
    SELECT detail INTO result FROM migr_test('divides') WHERE revision = 'divides';
    RAISE WARNING '%', result;
END;
$$;
SELECT migr_unload('divides');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_trial;
CREATE DATABASE regress_trial TEMPLATE template0;
\c regress_trial
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SELECT count(*) FROM migr_load($$
-- migr:revision root
-- migr:upgrade
CREATE TABLE t (a int);
-- migr:downgrade
DROP TABLE t;
-- migr:revision l1
-- migr:revises root
-- migr:upgrade
ALTER TABLE t ADD COLUMN l int;
-- migr:downgrade
ALTER TABLE t DROP COLUMN l;
-- migr:revision r1
-- migr:revises root
-- migr:upgrade
ALTER TABLE t ADD COLUMN r int;
-- migr:downgrade
ALTER TABLE t DROP COLUMN r;
$$);
SELECT split_part(migr_merge(revision_id => 'm1'), E'\n', 1);
SELECT * FROM migr_test();
SELECT count(*) FROM migr_load($$
-- migr:revision l2
-- migr:revises m1
-- migr:upgrade
COMMENT ON TABLE t IS 'left';
-- migr:downgrade
COMMENT ON TABLE t IS NULL;
-- migr:revision r2
-- migr:revises m1
-- migr:upgrade
COMMENT ON TABLE t IS 'right';
-- migr:downgrade
COMMENT ON TABLE t IS NULL;
-- migr:revision x2
-- migr:revises m1
-- migr:upgrade
CREATE TABLE apart (a int);
-- migr:downgrade
DROP TABLE apart;
$$);
\set VERBOSITY default
SELECT split_part(migr_merge(revision_id => 'm2'), E'\n', 1);
\set VERBOSITY terse
SELECT * FROM migr_test() WHERE revision = 'm2';
-- who can't build can merge all the same
SELECT migr_unload('m2');
CREATE ROLE regress_migr_merges;
GRANT EXECUTE ON FUNCTION migr_merge(text[], text, text[], text) TO regress_migr_merges;
SET SESSION AUTHORIZATION regress_migr_merges;
SET migr.scratch_database = 'create';
SET client_min_messages = notice;
SELECT split_part(migr_merge(revision_id => 'm2'), E'\n', 1);
RESET SESSION AUTHORIZATION;

-- a downgrade that scratch builds refuse has not failed; what an attempt that
-- failed has created is not there for the next one
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_trial;
CREATE DATABASE regress_trial TEMPLATE template0;
\c regress_trial
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
CREATE EXTENSION pgtap;
SELECT count(*) FROM migr_load($$
-- migr:revision e1
-- migr:upgrade
CREATE EXTENSION pgtap;
SELECT 1 / 0;
-- migr:revision e2
-- migr:upgrade
CREATE TABLE t (a int);
-- migr:downgrade
DROP TABLE t;
-- migr:revision e3
-- migr:revises e2
-- migr:upgrade
CREATE EXTENSION pgtap;
-- migr:downgrade
DROP EXTENSION pgtap;
-- migr:revision e4
-- migr:revises e3
-- migr:upgrade
-- migr:downgrade
ALTER SYSTEM RESET work_mem;
$$);
SELECT revision, status, split_part(detail, E'\n', 1) AS detail FROM migr_test('heads');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_trial;
DROP ROLE regress_migr_merges;
