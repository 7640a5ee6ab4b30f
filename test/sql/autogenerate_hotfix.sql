-- Revisions from the desired schema, in a database that was changed by hand.
\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;
CREATE ROLE regress_reporting;
CREATE DATABASE regress_hotfix TEMPLATE template0;
CREATE DATABASE regress_hotfix_clean TEMPLATE template0;
-- Where it costs two checkpoints, that has to be said.
ALTER DATABASE regress_hotfix SET migr.scratch_database = 'create';
ALTER DATABASE regress_hotfix_clean SET migr.scratch_database = 'create';

-- Where only the scripts have run.
\c regress_hotfix_clean
SET client_min_messages = error;
CREATE EXTENSION migr;

\c regress_hotfix
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
\pset format unaligned
\pset tuples_only on
SELECT migr_revision('first', autogenerate => true, revision_id => 'r1', desired => $$
  CREATE TYPE mood AS ENUM ('a','b');
  CREATE TYPE comp AS (x int);
  CREATE TABLE t (id int PRIMARY KEY, a text, m mood, gone_col int);
  CREATE TABLE gone (i int PRIMARY KEY);
  CREATE TABLE w (i int);
  CREATE VIEW v AS SELECT id, a FROM t;
  CREATE VIEW gone_v AS SELECT 1 AS one;
  CREATE INDEX gone_i ON t (a);
  CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION gone_f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE POLICY gone_p ON t USING (true);
  ALTER TABLE t ADD CONSTRAINT gone_c CHECK (id > 0);
  CREATE SEQUENCE gone_s;
  ALTER TABLE w ADD CONSTRAINT old_name CHECK (i > 0);
$$) IS NOT NULL;
SELECT migr_upgrade();
INSERT INTO t VALUES (1, 'x', 'a', 1);
-- what is gone
ALTER TABLE t DROP gone_col; DROP TABLE gone; DROP VIEW gone_v; DROP INDEX gone_i; DROP FUNCTION gone_f; DROP POLICY gone_p ON t; ALTER TABLE t DROP CONSTRAINT gone_c; DROP SEQUENCE gone_s;
-- hot fixes
ALTER TABLE t ADD h int, ADD h2 int, ADD h3 text;
CREATE INDEX hi ON t (h);
CREATE TABLE ht (i int PRIMARY KEY, x int);
CREATE VIEW hv AS SELECT i FROM ht;
CREATE FUNCTION hf(a int) RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION hf2(a int) RETURNS int LANGUAGE sql AS 'SELECT 3';
CREATE TYPE ht1 AS ENUM ('q');
COMMENT ON TYPE ht1 IS 'by hand';
CREATE DOMAIN hd AS int CHECK (VALUE > 0);
CREATE SEQUENCE hs;
ALTER TABLE t ADD CONSTRAINT hc CHECK (id < 1000);
CREATE POLICY hp ON t USING (id > 0);
ALTER TYPE mood ADD VALUE 'c';
CREATE FUNCTION htf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER htr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION htf();
ALTER TABLE w RENAME CONSTRAINT old_name TO new_name;
CREATE SCHEMA hsch;
CREATE STATISTICS hst ON id, a FROM t;
CREATE PUBLICATION regress_hpub FOR TABLE t;
CREATE MATERIALIZED VIEW hm AS SELECT 1 AS one;
CREATE AGGREGATE hagg(int) (SFUNC = int4pl, STYPE = int);
CREATE CAST (mood AS int) WITH INOUT;
CREATE RULE hr AS ON DELETE TO w DO INSTEAD NOTHING;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON t TO regress_reporting; UPDATE t SET h2 = 1;

-- What is there is not made, what is gone is not dropped; elsewhere it is.
SET client_min_messages = notice;
SELECT migr_revision('second', autogenerate => true, revision_id => 'r2', desired => $$
  CREATE TYPE mood AS ENUM ('a','b', 'c', 'd');
  CREATE TYPE comp AS (x int, y int);
  CREATE TABLE t (id bigint PRIMARY KEY, a text, m mood, h int, h2 bigint NOT NULL DEFAULT 3, h3 text);
  ALTER TABLE t ENABLE ROW LEVEL SECURITY;
  CREATE TABLE w (i int);
  ALTER TABLE w ADD CONSTRAINT new_name CHECK (i > 0);
  CREATE VIEW v AS SELECT id, a FROM t;
  CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE INDEX hi ON t (h);
CREATE TABLE ht (i int PRIMARY KEY, x int, z int DEFAULT 4, CONSTRAINT ht_x CHECK (x < 5));
CREATE VIEW hv AS SELECT i FROM ht;
CREATE FUNCTION hf(a int) RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION hf2(a int) RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE TYPE ht1 AS ENUM ('q');
COMMENT ON TYPE ht1 IS 'by script';
GRANT USAGE ON TYPE ht1 TO regress_reporting;
CREATE DOMAIN hd AS int CHECK (VALUE > 0);
CREATE SEQUENCE hs;
ALTER TABLE t ADD CONSTRAINT hc CHECK (id < 1000);
CREATE POLICY hp ON t USING (id > 0);
CREATE FUNCTION htf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER htr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION htf();
CREATE SCHEMA hsch;
CREATE STATISTICS hst ON id, a FROM t;
SET client_min_messages = error; CREATE PUBLICATION regress_hpub FOR TABLE t; SET client_min_messages = notice; -- of what wal_level the server has
CREATE MATERIALIZED VIEW hm AS SELECT 1 AS one;
CREATE AGGREGATE hagg(int) (SFUNC = int4pl, STYPE = int);
CREATE CAST (mood AS int) WITH INOUT;
CREATE RULE hr AS ON DELETE TO w DO INSTEAD NOTHING;
GRANT SELECT ON t TO regress_reporting;
$$) AS script \gset
SET client_min_messages = error;
SELECT regexp_replace(:'script', '(created) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00', '\1 NOW');
SELECT migr_upgrade();
SELECT migr_schema() = migr_schema('heads');
SELECT * FROM t;
SELECT migr_downgrade('-1');
SELECT migr_schema() = migr_schema('r1');
SELECT string_agg(migr_script(revision), E'\n') AS scripts FROM migr_history() \gset

\c regress_hotfix_clean
SET client_min_messages = error;
SELECT count(*) FROM migr_load(:'scripts');
SELECT migr_upgrade();
SELECT migr_schema() = migr_schema('heads');
SELECT migr_downgrade('-1');
SELECT migr_schema() = migr_schema('r1');
SELECT * FROM migr_test();

-- What is there as another one, and what is missing: told, and left to the server.
SELECT migr_unload('r2');
RESET client_min_messages;
CREATE INDEX wi ON w (i);
CREATE TABLE x (i text);
DROP VIEW v;
ALTER TABLE t RENAME a TO b;
SELECT migr_revision('third', autogenerate => true, revision_id => 'r3', desired => migr_schema('heads') || $$
    CREATE UNIQUE INDEX wi ON public.w (i);
    CREATE TABLE public.x (i xml GENERATED ALWAYS AS (NULL) STORED);
    ALTER TABLE public.t ALTER a SET NOT NULL;
    COMMENT ON VIEW public.v IS 'seen';
$$) ~ '-- Note: another index public.wi is there already where this was written';
\set VERBOSITY terse
\set SHOW_CONTEXT never
SELECT migr_upgrade();

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c regress_hotfix
SET client_min_messages = error;
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_hotfix;
DROP DATABASE regress_hotfix_clean;
DROP ROLE regress_reporting;
