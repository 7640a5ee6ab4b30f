-- Scratch schemas: migr_schema('revision') builds what the scripts say in
-- empty schemas, prints it, and leaves nothing.
\set VERBOSITY terse
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_scratch TEMPLATE template0;
\c regress_scratch
SET client_min_messages = error;
CREATE EXTENSION migr;
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
SELECT migr_fingerprint() = encode(sha256(convert_to(migr_schema(), 'UTF8')), 'hex') AS of_the_text;
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
-- (error) in a read-only transaction the live schema can be seen, no other
BEGIN READ ONLY;
SELECT migr_schema() <> '' AS live;
SELECT migr_schema('s1');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- a caller in a transaction of his own, who goes on
BEGIN;
CREATE TABLE mine (a int);
SELECT migr_schema('s1') ~ 'mine' AS there;
INSERT INTO mine VALUES (1);
COMMIT;
TABLE mine;
DROP TABLE mine;

-- What has no schema of its own is set aside too: casts, access methods, default
-- privileges; extensions come with those that they require, and need not be
-- relocatable.
CREATE EXTENSION hstore;
CREATE EXTENSION earthdistance CASCADE;
UPDATE pg_extension SET extrelocatable = false WHERE extname = 'earthdistance';
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

-- The owner of a database needs no more; who owns no schema can't (error).
CREATE ROLE regress_migr_owner;
CREATE ROLE regress_migr_nobody;
CREATE DATABASE regress_scratch_owner TEMPLATE template0 OWNER regress_migr_owner;
\c regress_scratch_owner
SET client_min_messages = warning;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_owner; END IF; END$$;
SET ROLE regress_migr_owner;
CREATE EXTENSION migr;
CREATE TABLE old (a int);
SELECT action FROM migr_load(E'-- migr:revision o1\n-- migr:upgrade\nCREATE TABLE new (a int);\n');
SELECT migr_schema('o1');
SET ROLE regress_migr_nobody;
SELECT migr_schema('o1');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_schema();

-- An extension, with what its owner has added to it, appears where it is, and
-- nowhere else (error): neither in pg_catalog nor where others look.
RESET ROLE;
CREATE SCHEMA closed;
SET ROLE regress_migr_owner;
CREATE EXTENSION citext;
CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'not what it was' $$;
ALTER EXTENSION citext ADD FUNCTION lower(varchar);
SET migr.exclude = 'closed';
SELECT migr_diff('CREATE EXTENSION citext') ~ 'EXTENSION' AS different;
SELECT migr_diff('CREATE EXTENSION citext SCHEMA public CASCADE') ~ 'EXTENSION' AS different;
\set VERBOSITY default
SELECT migr_diff('CREATE EXTENSION citext SCHEMA pg_catalog');
\set VERBOSITY terse
SELECT migr_diff('CREATE EXTENSION citext SCHEMA closed');
SELECT migr_diff('CREATE SCHEMA other; CREATE EXTENSION citext SCHEMA other');
SELECT migr_diff('CREATE SCHEMA other; SET search_path = other; CREATE EXTENSION citext');
-- even if schemas are renamed before
SELECT migr_diff($$
ALTER SCHEMA public RENAME TO migr_aside_other;
CREATE SCHEMA "public ";
CREATE EXTENSION citext SCHEMA "public "
$$);
-- What others own stays in sight, so nothing can be built (error): in schemas of
-- extensions,
RESET ROLE;
CREATE SCHEMA ext;
CREATE TABLE ext.guest (a int);
ALTER EXTENSION citext ADD SCHEMA ext;
SET ROLE regress_migr_owner;
\set VERBOSITY default
SELECT migr_diff('');
\set VERBOSITY terse
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
ALTER TABLE ext.guest OWNER TO regress_migr_owner;
SET ROLE regress_migr_owner;
SELECT migr_diff('') ~ 'DROP TABLE ext.guest' AS built;
-- casts,
RESET ROLE;
CREATE CAST (int AS xml) WITH INOUT;
SET ROLE regress_migr_owner;
SELECT migr_diff('');
RESET ROLE;
DROP CAST (int AS xml);
CREATE TYPE pair AS (a int, b int);
ALTER TYPE pair OWNER TO regress_migr_owner;
CREATE CAST (pair AS xml) WITH INOUT;
SET ROLE regress_migr_owner;
SELECT migr_diff('') ~ 'DROP CAST' AS built;
-- what is temporary
RESET ROLE;
CREATE TEMP TABLE of_the_session (a int);
SET ROLE regress_migr_owner;
SELECT migr_diff('');
RESET ROLE;
RESET migr.exclude;

-- what users have put into a schema that belongs to an extension
\c postgres
CREATE DATABASE regress_guests TEMPLATE template0;
\c regress_guests
SET client_min_messages = warning;
CREATE EXTENSION migr;
SELECT CASE WHEN current_setting('server_version_num')::int >= 140000
            THEN 'BEGIN ATOMIC SELECT count(*) FROM theirs.guest; END'
            ELSE 'AS ''SELECT 1::bigint''' END AS body \gset
SELECT count(*) FROM migr_load(replace($migr$
-- migr:revision extended
-- migr:upgrade
CREATE EXTENSION IF NOT EXISTS pgtap;
-- migr:revision guests
-- migr:revises extended
-- migr:upgrade
CREATE TYPE theirs.mood AS ENUM ('glad');
CREATE DOMAIN theirs.positive AS int CONSTRAINT positive CHECK (VALUE > 0);
CREATE TABLE theirs.guest (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial, moods theirs.mood[], p theirs.positive);
CREATE INDEX ON theirs.guest (n);
CREATE VIEW theirs.guests AS SELECT * FROM theirs.guest;
CREATE FUNCTION theirs.count() RETURNS bigint LANGUAGE sql {body};
-- migr:downgrade
DROP FUNCTION theirs.count();
DROP VIEW theirs.guests;
DROP TABLE theirs.guest;
DROP DOMAIN theirs.positive;
DROP TYPE theirs.mood;
$migr$, '{body}', :'body'));
CREATE SCHEMA theirs;
CREATE EXTENSION pgtap;
CREATE TABLE theirs.own (id int PRIMARY KEY);
ALTER EXTENSION pgtap ADD SCHEMA theirs;
ALTER EXTENSION pgtap ADD TABLE theirs.own;
SELECT count(*) FROM migr_upgrade();
SELECT migr_schema() = migr_schema('head') AS same, migr_schema('extended');
SELECT * FROM migr_test() WHERE revision = 'guests';
DELETE FROM migr.version;
SELECT * FROM migr_repair();
SELECT * FROM theirs.guests;

-- an extension that makes a schema, where the server has such a one
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
-- of a type that stays, none can be used: they would be in a live index (error)
CREATE SCHEMA live;
CREATE TYPE live.mood AS ENUM ('sad');
CREATE TABLE live.person (m live.mood PRIMARY KEY);
SET migr.exclude = 'live';
SELECT migr_diff($$ALTER TYPE live.mood ADD VALUE 'glad'; INSERT INTO live.person VALUES ('glad');$$);
\echo :LAST_ERROR_SQLSTATE
SELECT migr_diff($$
ALTER TYPE live.mood RENAME TO renamed;
DO 'BEGIN ALTER TYPE live.renamed ADD VALUE ''glad''; END';
INSERT INTO live.person VALUES ('glad');
$$);
RESET migr.exclude;

\c postgres
DROP DATABASE regress_guests;
DROP DATABASE regress_scratch;
DROP DATABASE regress_scratch_owner;
DROP ROLE regress_migr_owner, regress_migr_nobody, regress_migr_scratch;
