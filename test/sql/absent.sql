-- A dump of another server speaks of what is not here: settings, roles, extensions.

\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_absent TEMPLATE template0;
\c regress_absent
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_absent;

--
-- In a desired schema and a current one
--

-- A newer server's settings, wherever they stand: dumps may be put together.
SELECT migr_diff(E'\\restrict Zk3\nSET transaction_timeout_of_20 = 0;\nSELECT pg_catalog.set_config(''search_path'', '''', false);\n'
                 'CREATE TABLE public.depot (id int);\nSET "Of 21" TO DEFAULT;\nSET transaction_timeout_of_20 = 1;\n\\unrestrict Zk3\n');

-- What is anybody's is set; a value that is none is an error.
SELECT migr_diff('SET my.thing = 1; CREATE TABLE depot (id int)');
SELECT migr_diff('SET statement_timeout = nonsense; CREATE TABLE depot (id int)');

-- Roles, with how many statements; of several, those that are here count.
SELECT migr_diff($$
    CREATE TABLE depot (id int);
    ALTER TABLE depot OWNER TO regress_nobody;
    ALTER FUNCTION lower(text) OWNER TO regress_nobody;
    GRANT SELECT ON depot TO regress_nobody;
    GRANT INSERT ON depot TO regress_absent, "regress No one";
    GRANT UPDATE ON depot TO "regress No one", regress_absent, regress_nobody;
    GRANT DELETE ON depot TO "regress No one", regress_nobody;
    REVOKE ALL ON depot FROM regress_nobody;
    GRANT regress_nobody TO regress_absent;
    ALTER DEFAULT PRIVILEGES FOR ROLE regress_nobody GRANT SELECT ON TABLES TO regress_absent;
    ALTER DEFAULT PRIVILEGES FOR ROLE regress_absent GRANT SELECT ON TABLES TO regress_nobody;
    ALTER DEFAULT PRIVILEGES FOR ROLE regress_nobody, regress_absent GRANT INSERT ON TABLES TO regress_absent, regress_nobody;
    CREATE VIEW v AS SELECT id FROM depot;
    ALTER VIEW v OWNER TO regress_nobody;
    SET SESSION AUTHORIZATION 'regress_nobody';
    SET ROLE regress_nobody;
    GRANT SELECT ON v TO regress_absent;
    RESET SESSION AUTHORIZATION;
    CREATE FOREIGN DATA WRAPPER w;
    CREATE SERVER s FOREIGN DATA WRAPPER w;
    CREATE USER MAPPING FOR regress_nobody SERVER s OPTIONS (password 'x');
$$);

-- Whom a policy is for changes what is seen (error).
SELECT migr_diff('CREATE TABLE depot (id int); CREATE POLICY p ON depot TO regress_nobody;');

-- Extensions, with what is said of them.
SELECT migr_diff($$
    CREATE EXTENSION IF NOT EXISTS no_extension WITH SCHEMA public;
    COMMENT ON EXTENSION no_extension IS 'of another server';
    ALTER EXTENSION no_extension SET SCHEMA public;
    CREATE TABLE depot (id int);
$$);
-- What needs one names it (error).
SELECT migr_diff('CREATE EXTENSION no_extension; CREATE TABLE depot (place no_type)');
SELECT migr_diff('CREATE EXTENSION no_extension; CREATE TABLE depot (place text DEFAULT no_function(1))');

-- In both, each in the one where it is.
SELECT migr_diff(current => 'SET of_20 = 1; CREATE TABLE depot (id int); GRANT SELECT ON depot TO regress_nobody',
                 desired => 'SET of_21 = 1; CREATE TABLE depot (id int); GRANT SELECT ON depot TO regress_absent');

--
-- In a revision
--

-- What a dump sets first, and the server does not know, is not set ...
SELECT * FROM migr_load($$
-- migr:revision head_of_dump
-- migr:upgrade
-- PostgreSQL database dump
\restrict Zk3
SET statement_timeout = 0;
SET transaction_timeout_of_20 = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET setting_of_21 = off;
CREATE TABLE public.depot (id int);
\unrestrict Zk3
-- migr:downgrade
DROP TABLE public.depot;
-- migr:verify
SELECT true FROM public.depot HAVING count(*) = 0;
$$);
SELECT migr_upgrade();
SELECT status FROM migr_test();
SELECT * FROM migr_verify() WHERE status <> 'ok';
-- nor by what psql runs.
SELECT regexp_replace(substring(migr_sql('base:head_of_dump') FROM '.*CREATE TABLE public.depot[^;]*;'), '.*\n(?=SET statement)', '');

-- ... but what stands behind other statements is the author's (error).
SELECT * FROM migr_load($$
-- migr:revision behind
-- migr:revises head_of_dump
-- migr:upgrade
CREATE TABLE public.other (id int);
SET transaction_timeout_of_20 = 0;
$$);
SELECT migr_upgrade();
SELECT migr_unload('behind');

-- A revision is run as it is written: roles and extensions have to be there (error).
SELECT * FROM migr_load($$
-- migr:revision of_nobody
-- migr:revises head_of_dump
-- migr:upgrade
GRANT SELECT ON public.depot TO regress_nobody;
$$);
SELECT migr_upgrade();
SELECT migr_unload('of_nobody');

-- The dump of a database with migr says what migr is.
SELECT * FROM migr_load($$
-- migr:revision dump_of_migr
-- migr:revises head_of_dump
-- migr:upgrade
CREATE EXTENSION IF NOT EXISTS migr WITH SCHEMA migr;
COMMENT ON EXTENSION migr IS 'schema revision control inside the server';
-- migr:downgrade
$$);
SET client_min_messages = warning;
SELECT migr_upgrade();
SELECT status FROM migr_test();

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_absent;
DROP ROLE regress_absent;
