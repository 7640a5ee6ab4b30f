-- migr.exclude and scratch builds: of a schema that is nobody's business, there is
-- as much as scripts refer to.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

SELECT current_user AS super \gset
CREATE ROLE regress_migr_excludes LOGIN;
CREATE DATABASE regress_exclude TEMPLATE template0 OWNER regress_migr_excludes;
\c regress_exclude
SET client_min_messages = warning;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_excludes; END IF; END$$;
-- of somebody else: extensions in a schema of their own, and a table
CREATE SCHEMA "Ext x";
CREATE EXTENSION pgcrypto SCHEMA "Ext x";
CREATE EXTENSION pgtap SCHEMA "Ext x";
CREATE TABLE "Ext x".shared (id int PRIMARY KEY);
GRANT USAGE ON SCHEMA "Ext x" TO regress_migr_excludes;
GRANT SELECT, REFERENCES ON "Ext x".shared TO regress_migr_excludes;
SET SESSION AUTHORIZATION regress_migr_excludes;
CREATE EXTENSION migr;
SET SESSION AUTHORIZATION :super;
DO 'BEGIN PERFORM migr_scratch_create(''regress_migr_excludes''); END';
SET SESSION AUTHORIZATION regress_migr_excludes;
SELECT count(*) FROM migr_load($migr$
-- migr:revision e1
-- migr:upgrade
CREATE TABLE own (
    id     uuid PRIMARY KEY DEFAULT "Ext x".gen_random_uuid(),
    shared int REFERENCES "Ext x".shared
);
CREATE VIEW shares AS SELECT shared.id FROM "Ext x".shared, own; -- 16 qualifies less in views of one table
-- migr:downgrade
DROP VIEW shares;
DROP TABLE own;
-- migr:verify
SET search_path = "Ext x", public;
SELECT has_table('own');
SELECT is(count(*), 0::bigint) FROM shared;
-- migr:revision e2
-- migr:revises e1
-- migr:upgrade
CREATE SCHEMA jobs;
CREATE TABLE jobs.queue (id int);
-- migr:downgrade
DROP SCHEMA jobs CASCADE;
$migr$);
SELECT migr_upgrade();

-- So it is with what others own.
SELECT object, status, detail FROM migr_verify('{drift}');
SELECT * FROM migr_test();
-- With the setting, too; jobs is excluded, although a script makes it.
SET migr.exclude = 'Ext?x, jobs.*';
SELECT object, status, detail FROM migr_verify('{drift,sections}');
SELECT * FROM migr_test();
SELECT * FROM migr_repair();
SELECT migr_schema('e2');
SELECT migr_schema() = migr_schema('e2') AS same;
DROP TABLE jobs.queue;
SELECT object, status, detail FROM migr_verify('{drift}');
-- What an excluded schema holds stays at a reset, so what scripts make in one
-- is in their way (error).
SELECT migr_reset(current_database());
SET migr.exclude = 'Ext?x';
SELECT migr_reset(current_database());
SELECT object, status, detail FROM migr_verify('{drift}');

-- An extension that scripts create in an excluded schema is created anew.
SET SESSION AUTHORIZATION :super;
GRANT CREATE ON SCHEMA "Ext x" TO regress_migr_excludes;
SET SESSION AUTHORIZATION regress_migr_excludes;
SELECT count(*) FROM migr_load($migr$
-- migr:revision e3
-- migr:revises e2
-- migr:upgrade
CREATE EXTENSION hstore SCHEMA "Ext x";
CREATE TABLE tagged (id int PRIMARY KEY, tags "Ext x".hstore);
-- migr:downgrade
DROP TABLE tagged;
DROP EXTENSION hstore;
$migr$);
SELECT migr_upgrade();
SELECT object, status, detail FROM migr_verify('{drift}');
SELECT oid AS hstore FROM pg_extension WHERE extname = 'hstore' \gset
SELECT migr_reset(current_database());
SELECT oid <> :hstore AS anew FROM pg_extension WHERE extname = 'hstore';
SELECT extname FROM pg_extension ORDER BY extname;

-- How strings are read in the session is no matter.
SET standard_conforming_strings = off;
SET backslash_quote = off;
SET escape_string_warning = off;
SELECT object, status, detail FROM migr_verify('{drift}');
SELECT count(*) FROM migr_validate();

SET SESSION AUTHORIZATION :super;
DO 'BEGIN PERFORM migr_scratch_drop(''regress_migr_excludes''); END';
\c postgres
DROP DATABASE regress_exclude;
DROP ROLE regress_migr_excludes;
