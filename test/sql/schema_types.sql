-- Types in migr_schema(): enum, composite, domain, range, base and shell
-- types, with names that need care; the text builds them again.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE DATABASE regress_types TEMPLATE template0;
CREATE DATABASE regress_types_again TEMPLATE template0;
\c regress_types
SET client_min_messages = warning;
CREATE EXTENSION migr;
CREATE SCHEMA plain;
CREATE SCHEMA "Odd ""one""";
SET search_path = plain;

-- Enum: labels keep their order, whichever way they came.
CREATE TYPE mood AS ENUM ('sad', 'happy');
ALTER TYPE mood ADD VALUE 'so so' BEFORE 'happy';
ALTER TYPE mood ADD VALUE '' BEFORE 'sad';
ALTER TYPE mood ADD VALUE 'it''s "fine"' AFTER 'sad';
ALTER TYPE mood ADD VALUE E'back\\slash';
ALTER TYPE mood ADD VALUE E'two\nlines';
ALTER TYPE mood ADD VALUE 'größe';
COMMENT ON TYPE mood IS 'how one''s \ feels';
CREATE TYPE "Odd ""one""".empty AS ENUM ();
CREATE TYPE "Odd ""one"""."select" AS ENUM ('a');
CREATE TYPE "Odd ""one"""."Mixed Case" AS ENUM ('a');
CREATE TYPE "Odd ""one"""."größe" AS ENUM ('a');
CREATE TYPE "Odd ""one""".a23456789_123456789_123456789_123456789_123456789_123456789_123
  AS ENUM ('a23456789_123456789_123456789_123456789_123456789_123456789_123');

-- Composite: a dropped attribute leaves no trace.
CREATE TYPE nothing AS ();
CREATE TYPE pair AS (gone integer, "First" mood, "second one" numeric(10,2)[]);
ALTER TYPE pair DROP ATTRIBUTE gone;
ALTER TYPE pair ADD ATTRIBUTE "order" text COLLATE "C";
ALTER TYPE pair ADD ATTRIBUTE code varchar(3);
ALTER TYPE pair ADD ATTRIBUTE single "char";
ALTER TYPE pair ADD ATTRIBUTE padded char(4);
ALTER TYPE pair ADD ATTRIBUTE blank bpchar;
ALTER TYPE pair ADD ATTRIBUTE at timestamp(3) with time zone;
ALTER TYPE pair ADD ATTRIBUTE span interval day to second(2);
ALTER TYPE pair ADD ATTRIBUTE bits bit varying(5);
COMMENT ON TYPE pair IS 'two and more';
COMMENT ON COLUMN pair."second one" IS 'a list, isn''t it';
COMMENT ON COLUMN pair."order" IS E'back\\slash';
-- One that sorts before what it is made of.
CREATE TYPE "Odd ""one""".zz AS (a integer);
CREATE TYPE "Odd ""one""".aa AS (z "Odd ""one""".zz, zs "Odd ""one""".zz[]);

-- Domain.
CREATE DOMAIN bare AS integer;
CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL
  CONSTRAINT "Above zero" CHECK (VALUE > 0) CHECK (VALUE < 1000);
COMMENT ON DOMAIN positive IS 'a count';
COMMENT ON CONSTRAINT "Above zero" ON DOMAIN positive IS 'of "things"';
CREATE DOMAIN "Odd ""one"""."Word" AS varchar(20) COLLATE "C"
  DEFAULT 'it''s' CHECK (VALUE <> '' AND VALUE NOT LIKE '% %');
CREATE DOMAIN words AS "Odd ""one"""."Word"[] CHECK (cardinality(VALUE) < 10);
CREATE DOMAIN one_of AS varchar CHECK (VALUE IN ('a', 'b')) CHECK (VALUE <> ALL ('{c,d}'));
-- Two layers, the upper one sorting first.
CREATE DOMAIN a_layer AS positive CHECK (VALUE % 2 = 0);
CREATE DOMAIN old AS text;
CREATE TABLE old_rows (word old);
INSERT INTO old_rows VALUES ('too long');
ALTER DOMAIN old ADD CONSTRAINT short CHECK (length(VALUE) < 3) NOT VALID;
-- A function that a domain's check needs.
CREATE FUNCTION is_even(integer) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS 'SELECT $1 % 2 = 0';
CREATE DOMAIN even AS integer DEFAULT length('ab') CHECK (is_even(VALUE));
CREATE DOMAIN of_pair AS pair CHECK ((VALUE)."First" IS NOT NULL);
-- Constraints come before what holds arrays or rows of their domain.
CREATE TYPE holder AS (p positive);
CREATE TABLE aaa (a positive, b positive[], c holder);

-- Range.
CREATE TYPE span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
COMMENT ON TYPE span IS 'from, to';
CREATE TYPE "Odd ""one"""."Text range" AS RANGE (SUBTYPE = text,
  SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = "C");
CREATE TYPE of_mood AS RANGE (SUBTYPE = mood);
-- Functions and a table that use what comes with a range.
CREATE FUNCTION "Odd ""one""".first_of(span) RETURNS float8 LANGUAGE sql IMMUTABLE
  AS 'SELECT lower($1)';
CREATE TABLE spans (a span DEFAULT plain.span(1, 2), b span[] DEFAULT ARRAY[plain.span(3, 4)]);
CREATE VIEW from_spans AS SELECT plain.span(1, 2) AS made;
-- One whose canonical function needs the type.
CREATE TYPE steps;
CREATE FUNCTION steps_canonical(steps) RETURNS steps LANGUAGE internal
  IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE steps AS RANGE (SUBTYPE = integer, CANONICAL = steps_canonical);
CREATE DOMAIN up AS steps CHECK (NOT isempty(VALUE));

-- Base: the functions need the type, and the type needs the functions.
CREATE TYPE "Odd ""one"""."Number";
CREATE FUNCTION "Odd ""one"""."Number in"(cstring) RETURNS "Odd ""one"""."Number"
  LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION "Odd ""one""".number_out("Odd ""one"""."Number") RETURNS cstring
  LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION "Odd ""one""".number_recv(internal) RETURNS "Odd ""one"""."Number"
  LANGUAGE internal IMMUTABLE STRICT AS 'int4recv';
CREATE FUNCTION "Odd ""one""".number_send("Odd ""one"""."Number") RETURNS bytea
  LANGUAGE internal IMMUTABLE STRICT AS 'int4send';
CREATE TYPE "Odd ""one"""."Number" (INPUT = "Odd ""one"""."Number in",
  OUTPUT = "Odd ""one""".number_out, RECEIVE = "Odd ""one""".number_recv,
  SEND = "Odd ""one""".number_send, LIKE = integer, DEFAULT = '42',
  CATEGORY = 'N', PREFERRED = true, DELIMITER = ';');
COMMENT ON TYPE "Odd ""one"""."Number" IS 'like integer';
CREATE TYPE string;
CREATE FUNCTION string_in(cstring, oid, integer) RETURNS string
  LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
CREATE FUNCTION string_out(string) RETURNS cstring
  LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
CREATE FUNCTION string_typmod_in(cstring[]) RETURNS integer
  LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin';
CREATE FUNCTION string_typmod_out(integer) RETURNS cstring
  LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout';
CREATE TYPE string (INPUT = string_in, OUTPUT = string_out,
  TYPMOD_IN = string_typmod_in, TYPMOD_OUT = string_typmod_out,
  COLLATABLE = true, STORAGE = extended, DEFAULT = 'it''s \');
CREATE FUNCTION string_length(string) RETURNS integer LANGUAGE sql IMMUTABLE
  AS 'SELECT length($1::text)';
CREATE DOMAIN named AS string(10) COLLATE "C" CHECK (string_length(VALUE) > 0);
CREATE TYPE point3;
CREATE FUNCTION point3_in(cstring) RETURNS point3
  LANGUAGE internal IMMUTABLE STRICT AS 'point_in';
CREATE FUNCTION point3_out(point3) RETURNS cstring
  LANGUAGE internal IMMUTABLE STRICT AS 'point_out';
CREATE TYPE point3 (INPUT = point3_in, OUTPUT = point3_out,
  INTERNALLENGTH = 16, ELEMENT = float8, ALIGNMENT = double);
-- A domain whose default calls what returns it.
CREATE DOMAIN "Odd ""one""".later AS text COLLATE "C" NOT NULL CHECK (VALUE <> '');
CREATE FUNCTION "Odd ""one""".make_later() RETURNS "Odd ""one""".later LANGUAGE plpgsql
  AS $$ BEGIN RETURN 'x'; END $$;
ALTER DOMAIN "Odd ""one""".later SET DEFAULT "Odd ""one""".make_later();
COMMENT ON DOMAIN "Odd ""one""".later IS 'after its function';
-- Announced and never defined.
CREATE TYPE "Odd ""one"""."Some day";
COMMENT ON TYPE "Odd ""one"""."Some day" IS 'not yet';

\pset format unaligned
\pset tuples_only on
SELECT migr_schema();
SELECT migr_schema() AS text \gset

-- The text builds the same again.
\c regress_types_again
SET client_min_messages = warning;
CREATE EXTENSION migr;
:text
SELECT migr_schema() = :'text' AS same;

\c postgres
DROP DATABASE regress_types;
DROP DATABASE regress_types_again;
