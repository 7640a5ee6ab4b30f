-- Routines, aggregates, operators, their families and classes in
-- migr_schema(), with names that need care; the text builds them again.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE DATABASE regress_routines TEMPLATE template0;
CREATE DATABASE regress_routines_again TEMPLATE template0;
\c regress_routines
SET client_min_messages = warning;
CREATE EXTENSION migr;
CREATE SCHEMA plain;
CREATE SCHEMA "Odd ""one""";
SET search_path = plain;

-- Functions: every property.
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION bare(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION bare(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
COMMENT ON FUNCTION bare(text) IS 'the other \ one';
CREATE FUNCTION full_house(a integer, INOUT b text DEFAULT 'it''s', OUT c numeric,
    VARIADIC d integer[] DEFAULT ARRAY[1, 2])
  RETURNS SETOF record LANGUAGE plpgsql
  STABLE LEAKPROOF STRICT SECURITY DEFINER PARALLEL RESTRICTED COST 12.5 ROWS 77
  SET search_path = plain, "Odd ""one""", pg_temp
  SET work_mem = '4MB'
  SET "my.Setting" = 'it''s "quoted"'
  SET DateStyle = 'ISO, DMY'
  AS $body$
BEGIN
  -- $function$ in a body, and 'quotes' and \ backslashes
  RETURN QUERY SELECT 'a'::text, 1.0;
END
$body$;
COMMENT ON FUNCTION full_house(integer, text, integer[]) IS 'everything';
CREATE FUNCTION empty_path() RETURNS integer LANGUAGE sql SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION blank() RETURNS text LANGUAGE sql
  AS E'\n\tSELECT ''tab before, blanks behind''  \n\n';
CREATE FUNCTION "Odd ""one"""."Mixed ""Case"" größe"("In" integer, "select" text)
  RETURNS TABLE ("Out" integer, "a b" text) LANGUAGE sql ROWS 5
  AS 'SELECT $1, $2';
CREATE FUNCTION "Odd ""one""".a23456789_123456789_123456789_123456789_123456789_123456789_123(
    a23456789_123456789_123456789_123456789_123456789_123456789_123 integer)
  RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION any_of(anyarray, VARIADIC "any") RETURNS anyelement
  LANGUAGE internal IMMUTABLE AS 'array_larger';
CREATE FUNCTION exact() RETURNS SETOF integer LANGUAGE sql COST 1234567 ROWS 7654321
  AS 'SELECT 1';
CREATE FUNCTION ranked() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE
  AS 'window_rank';
CREATE FUNCTION supported(integer) RETURNS integer LANGUAGE internal IMMUTABLE
  SUPPORT generate_series_int4_support AS 'int4inc';
-- The body names what does not exist yet.
CREATE FUNCTION early() RETURNS bigint LANGUAGE sql AS 'SELECT 1';
CREATE TABLE late (a integer, b text);
CREATE OR REPLACE FUNCTION early() RETURNS bigint LANGUAGE sql
  AS 'SELECT count(*) FROM plain.late';
-- Types and defaults that must come first.
CREATE FUNCTION row_of(late, late[] DEFAULT NULL) RETURNS SETOF late LANGUAGE sql
  AS 'SELECT $1';
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE FUNCTION "0 calls"(a mood DEFAULT 'ok', b integer DEFAULT plain.bare(1))
  RETURNS mood LANGUAGE sql AS 'SELECT $1';
-- A trigger function, and an event trigger function.
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION happened() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';

-- Bodies that are parsed at once: one that calls itself, two that call each
-- other, and one that waits for them and for a table.
CREATE FUNCTION down(n integer) RETURNS integer LANGUAGE sql RETURN n;
CREATE OR REPLACE FUNCTION down(n integer) RETURNS integer LANGUAGE sql IMMUTABLE
  BEGIN ATOMIC SELECT CASE WHEN n > 0 THEN plain.down(n - 1) ELSE 0 END; END;
COMMENT ON FUNCTION down(integer) IS 'to nothing';
CREATE FUNCTION ping("A" integer, OUT b text, OUT c text) LANGUAGE sql RETURN ('', '');
CREATE FUNCTION pong() RETURNS SETOF text LANGUAGE sql
  BEGIN ATOMIC SELECT b FROM plain.ping(1); END;
CREATE OR REPLACE FUNCTION ping("A" integer, OUT b text, OUT c text) LANGUAGE sql
  BEGIN ATOMIC SELECT p, $1::text FROM plain.pong() p; END;
CREATE FUNCTION a_waiting_one() RETURNS SETOF late LANGUAGE sql
  BEGIN ATOMIC SELECT l.* FROM plain.late l, plain.pong() p WHERE l.b = p; END;
CREATE PROCEDURE "Odd ""one""".fill(a integer, b text) LANGUAGE sql
  BEGIN ATOMIC INSERT INTO plain.late VALUES (a, b); DELETE FROM plain.late WHERE b = 'x'; END;

-- Procedures.
CREATE PROCEDURE nothing_done() LANGUAGE sql AS '';
CREATE PROCEDURE "Odd ""one"""."do it"(a integer, INOUT b text DEFAULT 'b')
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = plain AS 'BEGIN b := a; END';
COMMENT ON PROCEDURE "Odd ""one"""."do it"(integer, text) IS 'done';

-- Aggregates.
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer);
COMMENT ON AGGREGATE total(integer) IS 'sum of all';
CREATE FUNCTION one_more(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1 + 1';
CREATE AGGREGATE "Odd ""one"""."Count all"(*) (SFUNC = one_more, STYPE = bigint,
  INITCOND = '0');
COMMENT ON AGGREGATE "Odd ""one"""."Count all"(*) IS 'how many';
CREATE AGGREGATE mean("First value" float8) (SFUNC = float8_accum, STYPE = float8[],
  SSPACE = 128, FINALFUNC = float8_avg, FINALFUNC_MODIFY = SHAREABLE,
  COMBINEFUNC = float8_combine, INITCOND = '{0,0,0}', PARALLEL = SAFE);
CREATE AGGREGATE moving(integer) (SFUNC = int4_avg_accum, STYPE = bigint[],
  FINALFUNC = int8_avg, INITCOND = '{0,0}', MSFUNC = int4_avg_accum,
  MINVFUNC = int4_avg_accum_inv, MSTYPE = bigint[], MSSPACE = 64,
  MFINALFUNC = int8_avg, MFINALFUNC_MODIFY = READ_WRITE, MINITCOND = '{0,0}',
  PARALLEL = RESTRICTED);
CREATE AGGREGATE serial(numeric) (SFUNC = numeric_avg_accum, STYPE = internal,
  FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine,
  SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize);
CREATE AGGREGATE smallest(integer) (SFUNC = int4smaller, STYPE = integer, SORTOP = <);
CREATE AGGREGATE middle(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition,
  STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA,
  FINALFUNC_MODIFY = READ_ONLY);
CREATE AGGREGATE place(VARIADIC "any" ORDER BY VARIADIC "any") (
  SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final,
  FINALFUNC_EXTRA, HYPOTHETICAL);
COMMENT ON AGGREGATE place(VARIADIC "any" ORDER BY VARIADIC "any") IS 'which one';
CREATE AGGREGATE of_moods(mood) (SFUNC = array_append, STYPE = mood[], INITCOND = '{}');

-- Operators: commutators and negators that come later, before, or not at all.
CREATE FUNCTION near(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS 'SELECT abs($1 - $2) < 3';
CREATE FUNCTION far(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS 'SELECT NOT plain.near($1, $2)';
CREATE OPERATOR ~= (FUNCTION = near, LEFTARG = integer, RIGHTARG = integer,
  COMMUTATOR = ~=, NEGATOR = <~>, RESTRICT = eqsel, JOIN = eqjoinsel, MERGES, HASHES);
CREATE OPERATOR <~> (FUNCTION = far, LEFTARG = integer, RIGHTARG = integer,
  COMMUTATOR = <~>, NEGATOR = ~=);
COMMENT ON OPERATOR ~= (integer, integer) IS 'almost';
CREATE FUNCTION above(mood, text) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS 'SELECT $1 > $2::plain.mood';
CREATE FUNCTION below(text, mood) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS 'SELECT $1::plain.mood < $2';
CREATE OPERATOR >> (FUNCTION = above, LEFTARG = mood, RIGHTARG = text,
  COMMUTATOR = OPERATOR("Odd ""one""".<<));
CREATE OPERATOR "Odd ""one""".<< (FUNCTION = below, LEFTARG = text, RIGHTARG = mood,
  COMMUTATOR = OPERATOR(plain.>>));
CREATE OPERATOR "Odd ""one""".!! (FUNCTION = plain.bare, RIGHTARG = integer);
COMMENT ON OPERATOR "Odd ""one""".!! (NONE, integer) IS 'the same';
-- Its negator is named and never defined.
CREATE OPERATOR === (FUNCTION = near, LEFTARG = integer, RIGHTARG = integer, NEGATOR = !===);
-- A function's default needs an operator, which needs a function.
CREATE FUNCTION a_default(a boolean DEFAULT 1 OPERATOR(plain.~=) 2) RETURNS boolean
  LANGUAGE sql AS 'SELECT $1';

-- Operator families and classes.
CREATE TYPE parity AS (n integer);
CREATE FUNCTION parity_lt(parity, parity) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 < $2.n % 2';
CREATE FUNCTION parity_le(parity, parity) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 <= $2.n % 2';
CREATE FUNCTION parity_eq(parity, parity) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 = $2.n % 2';
CREATE FUNCTION parity_ge(parity, parity) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 >= $2.n % 2';
CREATE FUNCTION parity_gt(parity, parity) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 > $2.n % 2';
CREATE FUNCTION parity_cmp(parity, parity) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 - $2.n % 2';
CREATE FUNCTION parity_cmp(parity, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 - $2 % 2';
CREATE FUNCTION parity_eq(parity, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2 = $2 % 2';
CREATE FUNCTION parity_hash(parity) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.n % 2';
CREATE OPERATOR #< (FUNCTION = parity_lt, LEFTARG = parity, RIGHTARG = parity, COMMUTATOR = #>, NEGATOR = #>=);
CREATE OPERATOR #<= (FUNCTION = parity_le, LEFTARG = parity, RIGHTARG = parity, COMMUTATOR = #>=, NEGATOR = #>);
CREATE OPERATOR #= (FUNCTION = parity_eq, LEFTARG = parity, RIGHTARG = parity, COMMUTATOR = #=, MERGES, HASHES);
CREATE OPERATOR #>= (FUNCTION = parity_ge, LEFTARG = parity, RIGHTARG = parity, COMMUTATOR = #<=, NEGATOR = #<);
CREATE OPERATOR #> (FUNCTION = parity_gt, LEFTARG = parity, RIGHTARG = parity, COMMUTATOR = #<, NEGATOR = #<=);
CREATE OPERATOR #= (FUNCTION = parity_eq, LEFTARG = parity, RIGHTARG = integer);
CREATE OPERATOR CLASS by_parity DEFAULT FOR TYPE parity USING btree AS
  OPERATOR 1 #<, OPERATOR 2 #<=, OPERATOR 3 #=, OPERATOR 4 #>=, OPERATOR 5 #>,
  FUNCTION 1 parity_cmp(parity, parity);
COMMENT ON OPERATOR CLASS by_parity USING btree IS 'even first';
CREATE OPERATOR FAMILY "Odd ""one"""."Parities" USING btree;
COMMENT ON OPERATOR FAMILY "Odd ""one"""."Parities" USING btree IS 'loose';
CREATE OPERATOR CLASS "Odd ""one"""."Parity" FOR TYPE parity USING btree
  FAMILY "Odd ""one"""."Parities" AS
  OPERATOR 1 #<, OPERATOR 2 #<=, OPERATOR 3 #=, OPERATOR 4 #>=, OPERATOR 5 #>,
  FUNCTION 1 parity_cmp(parity, parity), FUNCTION 4 btequalimage(oid);
ALTER OPERATOR FAMILY "Odd ""one"""."Parities" USING btree ADD
  OPERATOR 3 #= (parity, integer), FUNCTION 1 (parity, integer) parity_cmp(parity, integer);
CREATE OPERATOR CLASS by_parity FOR TYPE parity USING hash AS
  OPERATOR 1 #=, FUNCTION 1 parity_hash(parity);
CREATE OPERATOR FAMILY nobody USING gin;
CREATE OPERATOR CLASS boxed FOR TYPE polygon USING gist AS
  OPERATOR 1 <<, OPERATOR 15 <-> (polygon, point) FOR ORDER BY float_ops,
  FUNCTION 1 gist_poly_consistent(internal, polygon, smallint, oid, internal),
  FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_poly_compress(internal),
  FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal),
  FUNCTION 7 gist_box_same(box, box, internal),
  FUNCTION 8 gist_poly_distance(internal, polygon, smallint, oid, internal),
  STORAGE box;
CREATE OPERATOR CLASS words FOR TYPE text[] USING gin AS
  OPERATOR 1 &&(anyarray, anyarray),
  FUNCTION 1 bttextcmp(text, text), FUNCTION 2 ginarrayextract(anyarray, internal, internal),
  FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
  FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal),
  STORAGE text;
-- A class with nothing in it, and indexes that need theirs.
CREATE OPERATOR CLASS hollow FOR TYPE parity USING gin AS STORAGE parity;
CREATE TABLE indexed (p parity, w text[]);
CREATE INDEX ON indexed (p);
CREATE INDEX ON indexed USING btree (p "Odd ""one"""."Parity");
CREATE INDEX ON indexed USING hash (p by_parity);
CREATE INDEX ON indexed USING gin (w words);

\pset format unaligned
\pset tuples_only on
SELECT migr_schema();
SELECT migr_schema() AS text \gset

-- The text builds the same again.
\c regress_routines_again
SET client_min_messages = warning;
CREATE EXTENSION migr;
:text
SELECT migr_schema() = :'text' AS same;

\c postgres
DROP DATABASE regress_routines;
DROP DATABASE regress_routines_again;
