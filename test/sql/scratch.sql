-- Scratch builds: migr_schema('revision') builds what the scripts say in an empty
-- database, prints it, and leaves nothing.
\set VERBOSITY terse
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_scratch TEMPLATE template0;
\c regress_scratch
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
\pset format unaligned

-- Both example chains: at each revision, what the scripts build is what an
-- upgrade leaves.
\set s `cat examples/accounts_payable/versions/*.sql examples/journal/versions/*.sql`
SELECT count(*) FROM migr_load(:'s');
SELECT count(*) FILTER (WHERE same) AS same, count(*)
  FROM unnest('{ca4653c80b38,b1a2c3d4e5f6,797c75afebae,e9428b9dd556,55a2502018a6}'::text[]) r,
       LATERAL (SELECT count(*) FROM migr_upgrade(r)) u,
       LATERAL (SELECT migr_fingerprint() = migr_fingerprint(r) AND u.count >= 0 AS same) f;
-- the fingerprint of what each run left is recorded; a dry run leaves none
SELECT revision, fingerprint = migr_fingerprint(revision) AS same,
       server_major = current_setting('server_version_num')::int / 10000 AS here
  FROM migr.version ORDER BY ordinal;
SELECT count(*) FROM migr_downgrade('-2');
SELECT count(*) FROM migr_upgrade('55a2502018a6', dry_run => true);
SELECT count(*) FROM migr_upgrade('55a2502018a6');
SELECT revision, fingerprint = migr_fingerprint(revision) AS same
  FROM migr.version ORDER BY ordinal DESC LIMIT 3;
SELECT count(*) FROM migr_upgrade('004');
SELECT migr_schema('current') = migr_schema() AS same;
SELECT migr_schema('base') = '' AS empty;
SELECT migr_fingerprint() = (SELECT fingerprint FROM migr.recorded) AS of_the_record;
-- nothing is left of it, and the rows are where they were
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1;
INSERT INTO vendors (name) VALUES ('kept');
SELECT migr_schema('current') = migr_schema() AS same;
SELECT name FROM vendors;
SELECT current_heads FROM migr_status();

-- temporary objects of the session are in nobody's way
CREATE TEMP TABLE vendors (id int PRIMARY KEY, other text);
INSERT INTO pg_temp.vendors VALUES (1, 'a'), (2, 'b');
CREATE FUNCTION pg_temp.two() RETURNS int LANGUAGE sql AS 'SELECT 2';
BEGIN;
DECLARE temporary CURSOR FOR SELECT *, pg_temp.two() FROM pg_temp.vendors ORDER BY id;
FETCH temporary;
SELECT migr_schema('current') = migr_schema() AS same;
FETCH temporary;
COMMIT;
SELECT other FROM vendors ORDER BY id DESC;
DROP TABLE pg_temp.vendors;

-- A change by hand shows.
ALTER TABLE vendors ADD COLUMN by_hand int;
SELECT migr_schema('current') = migr_schema() AS same;
ALTER TABLE vendors DROP COLUMN by_hand;

-- Schemas of one's own, extensions, roles that exist already, what no
-- transaction may hold, data, and settings that a script leaves behind.
CREATE ROLE regress_migr_scratch;
CREATE FUNCTION fires() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'it fires'; END $$;
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER sv FOREIGN DATA WRAPPER w;
CREATE PUBLICATION pub FOR ALL TABLES;
CREATE EVENT TRIGGER fires ON ddl_command_start EXECUTE FUNCTION fires();
SELECT count(*) FROM migr_load($$
-- migr:revision s1
-- migr:upgrade
CREATE SCHEMA shop;
CREATE ROLE regress_migr_scratch;
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER sv FOREIGN DATA WRAPPER w;
CREATE PUBLICATION pub;
CREATE CAST (int AS xml) WITH INOUT;
SET search_path = shop;
CREATE TABLE t (a int PRIMARY KEY);
INSERT INTO t VALUES (1), (2);
COPY t FROM stdin;
3
\.
VACUUM t;
-- migr:revision s2
-- migr:revises s1
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY "concurrently" ON shop.t (a);
REINDEX TABLE CONCURRENTLY shop.t;
-- migr:revision bad
-- migr:revises s2
-- migr:upgrade
CREATE TABLE fine (a int);
CREATE TABLE broken (
    a nosuchtype
);
-- migr:revision system
-- migr:revises s2
-- migr:upgrade
ALTER SYSTEM SET work_mem = '8MB';
-- migr:revision self
-- migr:revises s2
-- migr:upgrade
SELECT migr_upgrade('s1');
$$);
SELECT migr_schema('s2');
SHOW search_path;
SELECT evtname, evtenabled FROM pg_event_trigger WHERE evtname !~ '^migr_guard';
DROP EVENT TRIGGER fires;
DROP PUBLICATION pub;
DROP SERVER sv;
-- (error) each leaves nothing
\set VERBOSITY default
SELECT migr_schema('bad');
\set VERBOSITY terse
SELECT migr_schema('system');
SELECT migr_schema('self');
SELECT migr_schema('nosuch');
\echo :LAST_ERROR_SQLSTATE
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1;
-- a transaction that is read-only can do it, too
BEGIN READ ONLY;
SELECT migr_schema() <> '' AS live, migr_schema('s1') ~ 'shop' AS built;
ROLLBACK;
-- a caller in a transaction of his own, who goes on
BEGIN;
CREATE TABLE mine (a int);
SELECT migr_schema('s1') ~ 'mine' AS there;
INSERT INTO mine VALUES (1);
COMMIT;
TABLE mine;
DROP TABLE mine;

-- What has no schema of its own, and is in the live database as well: casts,
-- access methods, default privileges, extensions with those that they require.
CREATE EXTENSION hstore;
CREATE EXTENSION earthdistance CASCADE;
CREATE CAST (int AS date) WITH INOUT;
CREATE ACCESS METHOD regress_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE other (a int) USING regress_heap;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
SELECT count(*) FROM migr_load($$
-- migr:revision nameless
-- migr:revises s2
-- migr:upgrade
CREATE EXTENSION earthdistance CASCADE;
CREATE EXTENSION hstore;
CREATE SCHEMA moved;
ALTER EXTENSION hstore SET SCHEMA moved;
CREATE CAST (int AS date) WITH INOUT;
CREATE ACCESS METHOD regress_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE plain (a moved.hstore, b cube, c earth) USING regress_heap;
CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION p;
COMMENT ON SUBSCRIPTION sub IS 'no part of the schema';
$$);
SELECT migr_schema('nameless');
SELECT extname, extnamespace::regnamespace FROM pg_extension WHERE extname IN ('hstore', 'cube', 'earthdistance') ORDER BY 1;
SELECT castmethod FROM pg_cast WHERE castsource = 'int'::regtype AND casttarget = 'date'::regtype;
DROP TABLE other;

-- The owner of a database needs no more; who has not been granted it can't (error).
CREATE ROLE regress_migr_owner LOGIN;
CREATE ROLE regress_migr_nobody;
CREATE DATABASE regress_scratch_owner TEMPLATE template0 OWNER regress_migr_owner;
\c regress_scratch_owner
SET client_min_messages = warning;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_owner; END IF; END$$;
SET ROLE regress_migr_owner;
CREATE EXTENSION migr;
RESET ROLE;
DO 'BEGIN PERFORM migr_scratch_create(''regress_migr_owner''); END';
SET ROLE regress_migr_owner;
CREATE TABLE old (a int);
SELECT action FROM migr_load(E'-- migr:revision o1\n-- migr:upgrade\nCREATE TABLE new (a int);\n');
SELECT migr_schema('o1');
SET ROLE regress_migr_nobody;
SELECT migr_schema('o1');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_schema();

-- What an extension's owner has added to it stays where it is, wherever desired
-- DDL wants the extension: in pg_catalog, where the queries of others would find
-- it, or in a schema that is not his.
RESET ROLE;
CREATE SCHEMA closed;
SET ROLE regress_migr_owner;
CREATE EXTENSION citext;
CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'not what it was' $$;
ALTER EXTENSION citext ADD FUNCTION lower(varchar);
CREATE VIEW places AS
SELECT p.oid::regprocedure, p.pronamespace::regnamespace, e.extnamespace::regnamespace
  FROM pg_proc p, pg_extension e WHERE p.prosrc ~ 'not what it was' AND e.extname = 'citext';
SET migr.exclude = 'closed, public.places, public.old';
SELECT migr_diff('CREATE EXTENSION citext') IS NULL AS same;
SELECT migr_diff('CREATE EXTENSION citext SCHEMA pg_catalog');
SELECT migr_diff('CREATE EXTENSION citext; ALTER EXTENSION citext SET SCHEMA pg_catalog');
SELECT migr_diff('CREATE SCHEMA other; CREATE EXTENSION citext SCHEMA other');
SELECT migr_diff('CREATE SCHEMA other; SET search_path = other; CREATE EXTENSION citext');
SELECT migr_diff('CREATE EXTENSION citext SCHEMA closed; CREATE TYPE none AS ENUM ()');
SELECT * FROM places;
-- What others own is no obstacle: in schemas of extensions,
RESET ROLE;
CREATE SCHEMA ext;
CREATE TABLE ext.guest (a int);
ALTER EXTENSION citext ADD SCHEMA ext;
SET ROLE regress_migr_owner;
SELECT migr_diff('CREATE EXTENSION citext') IS NOT NULL AS built;
-- casts,
RESET ROLE;
CREATE CAST (int AS xml) WITH INOUT;
SET ROLE regress_migr_owner;
SELECT migr_diff('CREATE EXTENSION citext') IS NOT NULL AS built;
RESET ROLE;
DROP CAST (int AS xml);
ALTER EXTENSION citext DROP SCHEMA ext;
DROP SCHEMA ext CASCADE;
-- what is temporary; functions of others that look for what the caller could put
-- in its place find what they always found
CREATE TEMP TABLE of_the_session (a int);
GRANT SELECT ON of_the_session TO PUBLIC;
CREATE TABLE closed.guarded (a int);
CREATE FUNCTION closed.finds() RETURNS regclass LANGUAGE sql SECURITY DEFINER
    SET search_path = closed, pg_temp AS 'SELECT ''guarded''::pg_catalog.regclass';
GRANT USAGE ON SCHEMA closed TO regress_migr_owner;
SET ROLE regress_migr_owner;
SELECT migr_diff($$
CREATE EXTENSION citext;
CREATE TEMP TABLE guarded (a int);
DO 'BEGIN IF closed.finds() IS NOT NULL THEN RAISE ''a stand-in has a body''; END IF; END';
$$) IS NULL AS same;
SELECT closed.finds();
RESET ROLE;
RESET migr.exclude;

-- an extension that makes a schema, where the server has such a one
DO 'BEGIN PERFORM migr_scratch_drop(''regress_migr_owner''); END';
\c postgres
CREATE DATABASE regress_guests TEMPLATE template0;
\c regress_guests
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SELECT 'CREATE EXTENSION postgis; CREATE EXTENSION postgis_topology' AS insists
 WHERE EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgis_topology')
 UNION ALL SELECT 'CREATE SCHEMA topology' LIMIT 1 \gset
SELECT format(E'-- migr:revision insists\n-- migr:upgrade\n%s;\nCREATE TABLE topology.more (a int);', :'insists') AS script \gset
SELECT count(*) FROM migr_load(:'script');
SELECT count(*) FROM migr_upgrade('insists');
SELECT to_regclass('topology.more') IS NOT NULL AS made,
       strpos(migr_schema('insists'), 'CREATE TABLE topology.more') > 0 AS same;

-- labels that have been added
SELECT migr_diff($$
CREATE TYPE mood AS ENUM ('sad');
ALTER TYPE mood ADD VALUE 'glad';
CREATE TABLE person (m mood DEFAULT 'glad');
CREATE INDEX ON person (m) WHERE m = 'glad';
$$, $$
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE person (m mood DEFAULT 'glad');
CREATE INDEX ON person (m) WHERE m = 'glad';
$$) IS NULL AS same;
SELECT count(*) FROM migr_load($migr$
-- migr:revision mood
-- migr:upgrade
CREATE TYPE mood AS ENUM ('sad');
ALTER TYPE mood ADD VALUE 'glad';
-- migr:revision person
-- migr:revises mood
-- migr:upgrade
CREATE TABLE person (m mood DEFAULT 'glad');
CREATE INDEX ON person (m) WHERE m = 'glad';
-- migr:revision jolly
-- migr:revises person
-- migr:upgrade
ALTER TYPE mood ADD VALUE 'jolly';
ALTER TABLE person ADD CHECK (m <> 'jolly');
$migr$);
SELECT migr_schema('person');
SELECT migr_schema('jolly');
CREATE TYPE mood AS ENUM ('sad');
BEGIN;
ALTER TYPE mood ADD VALUE 'glad';
SELECT migr_schema('person') IS NOT NULL AS built;
SELECT 'glad'::mood;
ROLLBACK;
-- of a type that stays as well; the live one has none of them, nor has its index
CREATE SCHEMA live;
CREATE TYPE live.mood AS ENUM ('sad');
CREATE TABLE live.person (m live.mood PRIMARY KEY);
INSERT INTO live.person VALUES ('sad');
SET migr.exclude = 'live';
SELECT migr_diff(migr_schema() || $$ALTER TYPE live.mood ADD VALUE 'glad'; INSERT INTO live.person VALUES ('glad');$$) IS NULL AS same;
SELECT migr_diff(migr_schema() || $$
ALTER TYPE live.mood RENAME TO renamed;
DO 'BEGIN ALTER TYPE live.renamed ADD VALUE ''glad''; END';
INSERT INTO live.person VALUES ('glad');
$$) IS NULL AS same;
SELECT enum_range(NULL::live.mood);
SELECT m FROM live.person WHERE m >= 'sad';
RESET migr.exclude;

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_guests;
DROP DATABASE regress_scratch;
DROP DATABASE regress_scratch_owner;
DROP ROLE regress_migr_owner, regress_migr_nobody, regress_migr_scratch;
