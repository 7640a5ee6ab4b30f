-- Schemas, extensions, languages, collations, access methods, casts,
-- transforms, conversions, text search, foreign data, publications and event
-- triggers in migr_schema(), with names that need care; the text builds them
-- again.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = error;

CREATE DATABASE regress_others TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE regress_others_again TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_others
SET client_min_messages = error;
\encoding UTF8
CREATE EXTENSION migr;

-- Nothing: nothing that initdb makes is printed.
SELECT migr_schema() = '' AS nothing;

-- Schemas.
CREATE SCHEMA plain;
CREATE SCHEMA "Odd ""one""";
CREATE SCHEMA "select";
CREATE SCHEMA " größe ";
CREATE SCHEMA a23456789_123456789_123456789_123456789_123456789_123456789_123;
COMMENT ON SCHEMA "Odd ""one""" IS 'It''s "one" \ größe';
COMMENT ON SCHEMA "select" IS E'two\nlines';

-- Languages.
CREATE TRUSTED LANGUAGE "Own 'L'" HANDLER plpgsql_call_handler
  INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE LANGUAGE "größe" HANDLER plpgsql_call_handler;
COMMENT ON LANGUAGE "Own 'L'" IS 'a language';
-- A language after its handler, and a function after its language.
CREATE FUNCTION "Odd ""one"""."Call"() RETURNS language_handler
  LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE aa HANDLER "Odd ""one"""."Call";
CREATE FUNCTION "Odd ""one""".aa() RETURNS void LANGUAGE aa AS 'BEGIN END';

-- Collations.
CREATE COLLATION plain.posix (provider = libc, locale = 'POSIX');
CREATE COLLATION "Odd ""one"""."order" (lc_collate = 'C', lc_ctype = 'POSIX');
CREATE COLLATION plain."größe" FROM "C";
COMMENT ON COLLATION "Odd ""one"""."order" IS 'in order';

-- Access methods.
CREATE ACCESS METHOD "Index 'am'" TYPE INDEX HANDLER bthandler;
CREATE ACCESS METHOD "table" TYPE TABLE HANDLER heap_tableam_handler;
CREATE FUNCTION plain."Handle"(internal) RETURNS index_am_handler
  LANGUAGE internal AS 'bthandler';
CREATE ACCESS METHOD own TYPE INDEX HANDLER plain."Handle";
COMMENT ON ACCESS METHOD "table" IS 'as usual';

-- Casts: by a function, by text, by nothing; in all contexts.
CREATE TYPE plain."Pair" AS (a integer, b integer);
CREATE TYPE plain.pair AS (a integer, b integer);
CREATE DOMAIN plain."Text" AS text;
CREATE FUNCTION "Odd ""one"""."Make"(plain."Pair") RETURNS text
  LANGUAGE sql IMMUTABLE AS $$ SELECT ($1).a || 'x' || ($1).b $$;
CREATE FUNCTION "Odd ""one""".number(plain.pair, integer, boolean)
  RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $2';
CREATE CAST (plain."Pair" AS text)
  WITH FUNCTION "Odd ""one"""."Make"(plain."Pair") AS ASSIGNMENT;
CREATE CAST (plain.pair AS integer)
  WITH FUNCTION "Odd ""one""".number(plain.pair, integer, boolean);
CREATE CAST (plain.pair AS varchar) WITH INOUT AS IMPLICIT;
CREATE CAST (date AS "char") WITH INOUT;
CREATE CAST (integer AS "bit"[]) WITH INOUT;
CREATE TYPE plain.shade AS ENUM ('dark');
CREATE TYPE plain.tone AS ENUM ('dark');
CREATE CAST (plain.shade AS plain.tone) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (plain."Pair" AS text) IS 'a pair''s text';
-- A cast after the table whose rows it takes, a view after the cast.
CREATE TABLE plain.thing (id integer);
CREATE FUNCTION plain.thing_number(plain.thing) RETURNS integer
  LANGUAGE sql AS 'SELECT $1.id';
CREATE CAST (plain.thing AS integer) WITH FUNCTION plain.thing_number(plain.thing);
CREATE VIEW "Odd ""one""".number AS
  SELECT t::integer AS number, 'dark'::plain.shade::plain.tone AS tone
    FROM plain.thing t;

-- Transforms.
CREATE TRANSFORM FOR integer LANGUAGE "größe" (
  FROM SQL WITH FUNCTION prsd_lextype(internal),
  TO SQL WITH FUNCTION int4recv(internal));
CREATE TRANSFORM FOR plain."Pair"[] LANGUAGE "Own 'L'" (
  FROM SQL WITH FUNCTION prsd_lextype(internal));
COMMENT ON TRANSFORM FOR integer LANGUAGE "größe" IS 'back and forth';

-- Conversions.
CREATE DEFAULT CONVERSION plain."Latin 'one'"
  FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CONVERSION "Odd ""one"""."table"
  FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
COMMENT ON CONVERSION "Odd ""one"""."table" IS 'to and fro';

-- Text search.
CREATE FUNCTION plain."Begin"(internal, integer) RETURNS internal
  LANGUAGE internal AS 'prsd_start';
CREATE TEXT SEARCH PARSER plain."Parser" (START = plain."Begin",
  GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH PARSER "Odd ""one"""."user" (START = prsd_start,
  GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype,
  HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE plain."Template" (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH TEMPLATE "Odd ""one"""."user" (INIT = dsimple_init,
  LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY plain."größe" (TEMPLATE = snowball,
  Language = german, StopWords = 'german');
CREATE TEXT SEARCH DICTIONARY plain.a_bare (TEMPLATE = plain."Template");
CREATE TEXT SEARCH DICTIONARY "Odd ""one"""."user" (
  TEMPLATE = "Odd ""one"""."user", Accept = false);
CREATE TEXT SEARCH CONFIGURATION plain.none (PARSER = plain."Parser");
CREATE TEXT SEARCH CONFIGURATION plain."Copy" (COPY = english);
CREATE TEXT SEARCH CONFIGURATION "Odd ""one"""."user"
  (PARSER = "Odd ""one"""."user");
ALTER TEXT SEARCH CONFIGURATION "Odd ""one"""."user"
  ADD MAPPING FOR word, asciiword, email
  WITH plain."größe", "Odd ""one"""."user", english_stem;
ALTER TEXT SEARCH CONFIGURATION "Odd ""one"""."user"
  ADD MAPPING FOR url WITH plain.a_bare;
COMMENT ON TEXT SEARCH PARSER plain."Parser" IS 'a parser';
COMMENT ON TEXT SEARCH TEMPLATE plain."Template" IS 'a template';
COMMENT ON TEXT SEARCH DICTIONARY plain."größe" IS 'a dictionary';
COMMENT ON TEXT SEARCH CONFIGURATION plain.none IS 'a configuration';

-- Foreign data: options are in the order of their names; what a user's mapping
-- holds is never printed.
CREATE FOREIGN DATA WRAPPER plain VALIDATOR postgresql_fdw_validator;
CREATE FOREIGN DATA WRAPPER "Odd ""one"""
  OPTIONS (host 'it''s "there"', dbname E'back\\slash');
CREATE SERVER plain FOREIGN DATA WRAPPER plain;
CREATE SERVER "Odd ""server""" TYPE 'größe' VERSION '''1'''
  FOREIGN DATA WRAPPER "Odd ""one"""
  OPTIONS ("with space" 'b', "user" '', zz 'two
lines', "Case" 'a');
CREATE USER MAPPING FOR public SERVER plain OPTIONS ("user" 'me', password 'secret');
COMMENT ON FOREIGN DATA WRAPPER plain IS 'a wrapper';
COMMENT ON SERVER "Odd ""server""" IS 'a server';

-- Publications.
CREATE TABLE plain."Table" (id integer, name text, "Case" integer);
CREATE TABLE "Odd ""one"""."user" (id integer);
CREATE TABLE plain.child () INHERITS (plain."Table");
CREATE PUBLICATION nothing;
CREATE PUBLICATION "every table" FOR ALL TABLES WITH (publish = 'delete, insert');
CREATE PUBLICATION "some 'tables'" FOR TABLE "Odd ""one"""."user", ONLY plain."Table"
  WITH (publish = '', publish_via_partition_root);
COMMENT ON PUBLICATION "some 'tables'" IS 'for some';

-- Event triggers.
CREATE FUNCTION plain."On it"() RETURNS event_trigger LANGUAGE plpgsql
  AS 'BEGIN END';
CREATE EVENT TRIGGER at_end ON ddl_command_end EXECUTE FUNCTION plain."On it"();
CREATE EVENT TRIGGER "Tagged" ON sql_drop
  WHEN TAG IN ('DROP VIEW', 'DROP TABLE') EXECUTE FUNCTION plain."On it"();
CREATE EVENT TRIGGER "it's never" ON ddl_command_start
  EXECUTE FUNCTION plain."On it"();
ALTER EVENT TRIGGER "it's never" DISABLE;
CREATE EVENT TRIGGER "größe" ON table_rewrite EXECUTE FUNCTION plain."On it"();
ALTER EVENT TRIGGER "größe" ENABLE ALWAYS;
CREATE EVENT TRIGGER replica ON ddl_command_start
  EXECUTE FUNCTION plain."On it"();
ALTER EVENT TRIGGER replica ENABLE REPLICA;
COMMENT ON EVENT TRIGGER "Tagged" IS 'of things dropped';

\pset format unaligned
SELECT migr_schema();
\pset format aligned
SELECT migr_schema() AS ddl \gset
\c regress_others_again
SET client_min_messages = error;
\encoding UTF8
:ddl
CREATE EXTENSION migr;
SELECT migr_schema() = :'ddl' AS same;
DROP EXTENSION migr;

-- What depends on the server's version or on what is installed is built anew
-- here as well, but its text is not shown.
\c regress_others
SET client_min_messages = error;
\encoding UTF8
SELECT current_setting('server_version_num')::integer >= 150000 AS server_15,
       current_setting('server_version_num')::integer >= 170000 AS server_17,
       current_setting('server_version_num')::integer >= 180000 AS server_18,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hstore') AS hstore,
       EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS icu \gset
SELECT migr_schema() AS before \gset
-- The cast to its multirange comes with the range.
CREATE TYPE plain.spans AS RANGE (subtype = date);
\if :server_15
CREATE PUBLICATION "in 'schemas'" FOR TABLES IN SCHEMA plain, "Odd ""one""", public;
CREATE PUBLICATION filtered FOR
  TABLE plain."Table" WHERE (id > 1 AND "Case" IN (1, 2)),
  "Odd ""one"""."user" (id);
CREATE PUBLICATION by_name FOR
  TABLE plain."Table" WHERE (name IN ('it''s', 'b') OR name || '\' = 'c');
CREATE PUBLICATION columns FOR TABLE ONLY plain."Table" (name, id, "Case");
CREATE PUBLICATION mixed FOR TABLE "Odd ""one"""."user" WHERE (true), TABLES IN SCHEMA plain;
\endif
\if :server_17
CREATE COLLATION plain.builtin (provider = builtin, locale = 'C.UTF-8');
CREATE EVENT TRIGGER on_login ON login EXECUTE FUNCTION plain."On it"();
ALTER EVENT TRIGGER on_login DISABLE;
\endif
\if :server_18
CREATE PUBLICATION generated FOR TABLE plain."Table" WITH (publish_generated_columns = stored);
\endif
\if :icu
CREATE COLLATION plain.german (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
\endif
\if :hstore
CREATE SCHEMA "for hstore";
CREATE EXTENSION hstore WITH SCHEMA "for hstore";
COMMENT ON EXTENSION hstore IS NULL;
CREATE TABLE plain.settings (id integer, value "for hstore".hstore);
\endif
-- Schema public: a new one, without a comment, of an owner of its own.
DROP SCHEMA public;
CREATE SCHEMA public;
SELECT migr_schema() AS ddl \gset
SELECT :'ddl' <> :'before' AS different,
       :'ddl' LIKE '%COMMENT ON SCHEMA public IS NULL%' AS comment,
       :'ddl' LIKE '%CREATE SCHEMA public%' AS created;
\c postgres
DROP DATABASE regress_others_again;
CREATE DATABASE regress_others_again TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_others_again
SET client_min_messages = error;
\encoding UTF8
:ddl
CREATE EXTENSION migr;
SELECT migr_schema() = :'ddl' AS same;
DROP EXTENSION migr;

-- Schema public in all its states: its own comment, none, another name.
\c regress_others
SET client_min_messages = error;
DROP DATABASE regress_others_again;
CREATE DATABASE regress_others_again TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_others_again
SET client_min_messages = error;
CREATE EXTENSION migr;
\pset format unaligned
\pset tuples_only
COMMENT ON SCHEMA public IS 'ours';
SELECT migr_schema();
COMMENT ON SCHEMA public IS 'standard public schema';
SELECT migr_schema();
ALTER SCHEMA public RENAME TO former;
REVOKE ALL ON SCHEMA former FROM PUBLIC;
SELECT migr_schema();
COMMENT ON SCHEMA former IS NULL;
SELECT migr_schema();
DROP SCHEMA former;
SELECT migr_schema();

-- A routine that names no transform does not need the one that was there first.
CREATE SCHEMA s;
CREATE TRANSFORM FOR date LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal));
CREATE FUNCTION s.silent(date) RETURNS date LANGUAGE plpgsql AS 'begin return $1; end';
CREATE FUNCTION s.aware(date) RETURNS date TRANSFORM FOR TYPE date LANGUAGE plpgsql AS 'begin return $1; end';
SELECT line FROM regexp_split_to_table(migr_schema(), '\n') line WHERE line LIKE 'CREATE%';
\pset tuples_only
\pset format aligned

\c postgres
DROP DATABASE regress_others;
DROP DATABASE regress_others_again;
