-- migr_diff() and autogenerate in a database where others have put something: what is
-- taken away is said, and what the desired schema says nothing of is left as it is.
\set VERBOSITY default
\set SHOW_CONTEXT errors
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_migr_dev LOGIN;
CREATE ROLE regress_migr_app;
CREATE ROLE "regress_migr ""Odd"", x";
GRANT regress_migr_app TO regress_migr_dev;
CREATE DATABASE regress_converge TEMPLATE template0 OWNER regress_migr_dev;
-- Where it costs two checkpoints, that has to be said.
ALTER DATABASE regress_converge SET migr.scratch_database = 'create';
\c regress_converge
SET client_min_messages = error;
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_dev; END IF; END$$;
GRANT ALL ON SCHEMA public TO regress_migr_app;
CREATE EXTENSION citext;
CREATE SCHEMA monitor;
CREATE TABLE monitor.host (id int PRIMARY KEY);
GRANT USAGE ON SCHEMA monitor TO regress_migr_dev;
GRANT SELECT, REFERENCES, TRIGGER ON monitor.host TO regress_migr_dev;
CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
ALTER FUNCTION public.watch() OWNER TO regress_migr_dev;
CREATE EXTENSION migr;
DO $$BEGIN PERFORM migr_scratch_create('regress_migr_dev'); END$$; -- before 15, none is made by itself
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO regress_migr_dev;
SET SESSION AUTHORIZATION regress_migr_dev;

CREATE TABLE item (id int PRIMARY KEY, "Odd ""n""" int, name citext, price int);
CREATE VIEW "Vi ew" AS SELECT id, price FROM item;
ALTER VIEW "Vi ew" OWNER TO regress_migr_app;
CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * a';
CREATE POLICY own ON item USING (price > 0);
CREATE INDEX item_price ON item (price);
CREATE TABLE child (id int, item int REFERENCES item);
GRANT SELECT ON item TO regress_migr_app WITH GRANT OPTION;
GRANT UPDATE ("Odd ""n"""), SELECT (price) ON item TO "regress_migr ""Odd"", x";
GRANT SELECT (price) ON "Vi ew" TO "regress_migr ""Odd"", x";
REVOKE EXECUTE ON FUNCTION twice(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION twice(int) TO regress_migr_app;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "regress_migr ""Odd"", x";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO "regress_migr ""Odd"", x";
CREATE FUNCTION pg_temp.acls() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT relname || ' ' || relowner::regrole || ' ' || coalesce(replace(relacl::text, 'Dxtm', 'Dxt'), '-') FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
    UNION ALL
    SELECT attrelid::regclass || '.' || attname || ' ' || attacl::text FROM pg_attribute WHERE attacl IS NOT NULL
      AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL
    SELECT proname || ' ' || proowner::regrole || ' ' || coalesce(proacl::text, '-') FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace AND proname IN ('twice', 'thrice')
    ORDER BY 1
$$;
CREATE TEMP TABLE before AS SELECT acls FROM pg_temp.acls();
SELECT acls FROM before;
SET client_min_messages = notice;

-- Rebuilt are a view of another owner, and a function; a new table has what default privileges give it.
SELECT migr_diff($$
CREATE TABLE item (id int PRIMARY KEY, "Odd ""n""" int, name citext, price bigint);
CREATE VIEW "Vi ew" AS SELECT id, price FROM item;
CREATE FUNCTION twice(a int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 2 * a';
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE POLICY own ON item USING (price > 0);
CREATE INDEX item_price ON item (price);
CREATE TABLE child (id int, item int REFERENCES item);
CREATE TABLE fresh (i int);
$$) AS script \gset
\echo :script
:script
\echo
SELECT acls FROM pg_temp.acls() EXCEPT SELECT acls FROM before ORDER BY 1;
SELECT acls FROM before EXCEPT SELECT acls FROM pg_temp.acls() ORDER BY 1;
-- The setting says so as well, and that they are always to be compared.
SET migr.compare_privileges = off;
SELECT migr_diff(migr_schema() || 'REVOKE ALL ON item FROM CURRENT_USER') IS NULL;
SET migr.compare_privileges = always;
SELECT migr_diff($$
CREATE TABLE item (id int PRIMARY KEY, "Odd ""n""" int, name citext, price bigint);
CREATE VIEW "Vi ew" AS SELECT id, price FROM item;
$$);
SET migr.compare_privileges = sometimes;
RESET migr.compare_privileges;
-- One word about privileges, and all are compared.
SELECT migr_diff(migr_schema() || 'REVOKE SELECT ON public.item FROM regress_migr_app; DROP POLICY own ON public.item;');
-- Two texts: what one of them says counts.
SELECT migr_diff('CREATE TABLE a (i int)', 'CREATE TABLE a (i int); GRANT SELECT ON a TO regress_migr_app');

-- Every kind that goes is named, by its name; what is replaced, or goes with its table, is not.
SELECT migr_diff($$
CREATE TABLE item (id bigint PRIMARY KEY, name citext, price bigint);
CREATE TABLE child (id int, item bigint REFERENCES item);
$$);
-- An extension of no script stays, and what uses it can be built. One of a script goes.
SELECT migr_diff('CREATE TABLE n (c citext)') ~ 'DROP EXTENSION';
RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
SELECT count(*) FROM migr_load($m$
-- migr:revision e1
-- migr:upgrade
-- create extension citext;
DO 'BEGIN NULL; /* CREATE EXTENSION citext */ END';
CREATE EXTENSION IF NOT EXISTS hstore;
$m$);
CREATE EXTENSION hstore;
SELECT migr_diff('CREATE TABLE public.item (id int)') ~ 'DROP EXTENSION citext',
       migr_diff('CREATE TABLE public.item (id int)') ~ 'DROP EXTENSION hstore';
SET client_min_messages = notice;
-- What is made of others' things is said not to be managed.
SET SESSION AUTHORIZATION regress_migr_dev;
SET migr.exclude = 'public.Vi?ew, public.child, public.item, public.fresh, public.twice, public.watch';
SELECT migr_diff($$
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER "Wat ch" AFTER INSERT ON monitor.host EXECUTE FUNCTION watch();
CREATE TABLE child (id int);
CREATE TABLE other (id int REFERENCES monitor.host);
$$);
RESET migr.exclude;

RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
DO $$BEGIN PERFORM migr_scratch_drop('regress_migr_dev'); PERFORM migr_scratch_drop(); END$$;
\c postgres
SET client_min_messages = error;
DROP DATABASE regress_converge;
DROP ROLE regress_migr_dev, regress_migr_app, "regress_migr ""Odd"", x";
