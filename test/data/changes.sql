-- Changes that test/t/012_diff_changes.pl makes, and takes back: each case is a
-- schema ("-- == name") and what is done to it, one way or another ("-- >> what").
-- "in place" says that nothing may be dropped or created for it, either way or
-- one way ("up in place"); "owners", that owners are compared.  Lines that end with
-- "-- 15+" or "-- 14-" are for those server majors only.

-- == enums
CREATE TYPE e AS ENUM ('b','it''s', E'back\\slash', 'd, x');
CREATE TYPE emp AS ENUM ();
-- >> enums: labels added anywhere (up in place)
ALTER TYPE e ADD VALUE 'a' BEFORE 'b';
ALTER TYPE e ADD VALUE 'a2' BEFORE 'b';
ALTER TYPE e ADD VALUE 'c,''' AFTER 'b';
ALTER TYPE e ADD VALUE 'z';
ALTER TYPE e ADD VALUE 'zz';
ALTER TYPE emp ADD VALUE 'q';
ALTER TYPE emp ADD VALUE 'r';
COMMENT ON TYPE e IS 'c';
-- >> enums: a label of another name
ALTER TYPE e RENAME VALUE 'b' TO 'bb';
-- == composite types
CREATE TYPE c AS (a int, b text, "C x" numeric(10,2), d text COLLATE "C");
CREATE TYPE c2 AS (a int);
CREATE TYPE c0 AS ();
CREATE TABLE typed OF c2;
CREATE TYPE st AS (a int, b text);
CREATE TYPE outerst AS (x st[]);
CREATE DOMAIN outerd AS outerst;
CREATE TABLE uses (i int, o outerd);
COMMENT ON COLUMN c.a IS 'com IS "ment"; x';
COMMENT ON COLUMN c.b IS 'bb';
COMMENT ON TYPE c IS 'type';
-- >> composite types: attributes added, dropped, of another type; comments
ALTER TYPE c ADD ATTRIBUTE e date, DROP ATTRIBUTE b, ALTER ATTRIBUTE "C x" TYPE numeric(12,3), ALTER ATTRIBUTE d TYPE varchar(10) COLLATE "POSIX";
ALTER TYPE c0 ADD ATTRIBUTE z int;
COMMENT ON COLUMN c.a IS NULL;
COMMENT ON COLUMN c."C x" IS 'new';
COMMENT ON TYPE c IS NULL;
-- >> composite types: an attribute added that columns hold (in place)
ALTER TYPE st ADD ATTRIBUTE z int;
-- >> composite types: an attribute dropped that columns hold (in place)
ALTER TYPE st DROP ATTRIBUTE b;
-- >> composite types: comments on attributes (in place)
COMMENT ON COLUMN c.a IS 'else';
COMMENT ON COLUMN c.b IS NULL
-- == domains
CREATE DOMAIN d AS int;
CREATE DOMAIN d2 AS text COLLATE "C" DEFAULT 'x' NOT NULL CHECK (value <> 'y');
-- >> domains: default and NOT NULL (in place)
ALTER DOMAIN d SET DEFAULT 3;
ALTER DOMAIN d SET NOT NULL;
ALTER DOMAIN d2 DROP DEFAULT;
ALTER DOMAIN d2 DROP NOT NULL;
-- >> domains: another default (in place)
ALTER DOMAIN d2 SET DEFAULT 'it''s';
-- >> domains: everything
DROP DOMAIN d2;
CREATE DOMAIN d2 AS text;
-- == ranges
CREATE TYPE r AS RANGE (subtype = float8);
-- >> ranges: another function
DROP TYPE r;
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
-- >> ranges: dropped
DROP TYPE r;
-- == ranges that need their function
CREATE TYPE rc;
CREATE FUNCTION rcc(rc) RETURNS rc LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE rc AS RANGE (subtype = int4, canonical = rcc);
-- >> ranges with a canonical function: dropped
DROP TYPE rc CASCADE;
-- == base types
CREATE TYPE bt;
CREATE FUNCTION bt_in(cstring) RETURNS bt LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION bt_out(bt) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION bt_recv(internal) RETURNS bt LANGUAGE internal IMMUTABLE STRICT AS 'textrecv';
CREATE FUNCTION bt_send(bt) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'textsend';
CREATE TYPE bt (input = bt_in, output = bt_out, internallength = variable, storage=external);
CREATE TYPE sh;
-- >> base types: functions and storage
ALTER TYPE bt SET (RECEIVE = bt_recv, SEND = bt_send, STORAGE = extended);
-- >> base types: only announced
DROP TYPE bt CASCADE;
DROP TYPE sh;
CREATE TYPE bt;
-- >> base types: another storage, fewer functions
DROP TYPE bt CASCADE;
CREATE TYPE bt;
CREATE FUNCTION bt_in(cstring) RETURNS bt LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION bt_out(bt) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE bt (input = bt_in, output = bt_out, internallength = variable, alignment=double, default='x');
-- == routines
CREATE FUNCTION f(a int, b text DEFAULT 'x', OUT c int, OUT d text) RETURNS record LANGUAGE plpgsql STABLE COST 33 SET work_mem='1MB' SET search_path = public AS $$begin c := 1; end$$;
COMMENT ON FUNCTION f(int,text) IS 'hello';
CREATE FUNCTION g(a int) RETURNS SETOF int LANGUAGE sql ROWS 10.1234567 AS 'select 1';
CREATE PROCEDURE p(a int, INOUT b int) LANGUAGE sql AS 'select 1';
CREATE FUNCTION at(x int) RETURNS int RETURN x + 1; -- 14+
CREATE FUNCTION at(x int) RETURNS int LANGUAGE sql AS 'SELECT x + 1'; -- 13-
CREATE VIEW v AS SELECT at(3);
-- >> functions: all that OR REPLACE takes (up in place)
CREATE OR REPLACE FUNCTION f(a int DEFAULT 4, b text DEFAULT 'y', OUT c int, OUT d text) RETURNS record LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL SAFE AS $$begin c := 2; end$$;
ALTER FUNCTION g ROWS 20;
CREATE OR REPLACE PROCEDURE p(a int, INOUT b int) LANGUAGE sql SECURITY DEFINER AS 'select 2';
CREATE OR REPLACE FUNCTION at(x int) RETURNS int RETURN x + 2; -- 14+
-- >> functions: other results, a procedure that becomes a function
DROP FUNCTION f;
CREATE FUNCTION f(a int, b text DEFAULT 'x', OUT c int, OUT e text) RETURNS record LANGUAGE sql AS 'select 1,null';
DROP FUNCTION g;
CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql AS 'select 1';
DROP PROCEDURE p;
CREATE FUNCTION p(a int, b int) RETURNS int LANGUAGE sql AS 'select 1';
-- >> functions: cost that prints badly; a body of another kind (in place)
ALTER FUNCTION f(int,text) COST 44.1234567;
ALTER FUNCTION g(int) COST 0.1;
CREATE OR REPLACE FUNCTION at(x int) RETURNS int LANGUAGE sql AS 'select 1';
-- >> functions: a default less, an argument of another name
DROP FUNCTION f;
CREATE FUNCTION f(a int, b text, OUT c int, OUT d text) RETURNS record LANGUAGE sql AS 'select 1,null';
DROP FUNCTION g;
CREATE FUNCTION g(b int) RETURNS SETOF int LANGUAGE sql AS 'select 1';
-- == aggregates
CREATE FUNCTION fin(int) RETURNS text LANGUAGE sql AS 'select null::text';
CREATE FUNCTION fin2(int) RETURNS text LANGUAGE sql AS 'select null::text';
CREATE FUNCTION fin3(int) RETURNS int LANGUAGE sql AS 'select 1';
CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int, initcond = '0', finalfunc = fin, parallel = safe, combinefunc=int4pl);
COMMENT ON AGGREGATE ag(int) IS 'x';
CREATE AGGREGATE cnt(*) (sfunc = int8inc, stype = bigint, initcond='0');
CREATE AGGREGATE os(float8 ORDER BY float8) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
-- >> aggregates: all that OR REPLACE takes
CREATE OR REPLACE AGGREGATE ag(int) (sfunc = int4pl, stype = int, initcond = '1', finalfunc = fin2);
CREATE OR REPLACE AGGREGATE cnt(*) (sfunc = int8inc, stype = bigint, initcond='7', parallel=restricted);
DROP AGGREGATE os(float8 ORDER BY float8);
-- >> aggregates: another result
DROP AGGREGATE ag(int);
CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int, initcond = '1', finalfunc = fin3);
-- == operators
CREATE FUNCTION leq(int, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
CREATE FUNCTION teq(text, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
CREATE OPERATOR === (function = leq, leftarg = int, rightarg = text, commutator = ===, restrict = eqsel, join = eqjoinsel, hashes, merges);
CREATE OPERATOR === (function = teq, leftarg = text, rightarg = int, commutator = ===);
CREATE OPERATOR ~~~ (function = leq, leftarg = int, rightarg = text, restrict = eqsel);
COMMENT ON OPERATOR ~~~ (int, text) IS 'hi';
CREATE OPERATOR FAMILY fam USING btree;
-- >> operators: RESTRICT and JOIN (in place)
ALTER OPERATOR === (int, text) SET (restrict = neqsel, join = NONE);
ALTER OPERATOR ~~~ (int,text) SET (JOIN = neqjoinsel, RESTRICT=NONE);
-- >> operators: a negator
DROP OPERATOR ~~~ (int, text);
CREATE OPERATOR ~~~ (function = leq, leftarg = int, rightarg = text, restrict = eqsel, negator = !~~~);
-- >> operator families: members added (in place)
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int, bigint), OPERATOR 3 = (int, bigint), FUNCTION 1 (int, bigint) btint48cmp(int, bigint), OPERATOR 3 public.=== (int,text);
-- == operator families
CREATE SCHEMA "s(x";
CREATE FUNCTION leq(int, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
CREATE OPERATOR "s(x".=== (function = leq, leftarg = int, rightarg = text);
CREATE OPERATOR FAMILY fam USING btree;
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int, bigint), OPERATOR 3 = (int, bigint), FUNCTION 1 (int, bigint) btint48cmp(int, bigint), OPERATOR 3 "s(x".=== (int,text);
-- >> operator families: members dropped and others added (in place)
ALTER OPERATOR FAMILY fam USING btree DROP OPERATOR 3 (int, bigint), FUNCTION 1 (int, bigint), OPERATOR 3 (int, text);
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 4 >= (int, int2), FUNCTION 1 (int, bigint) btint42cmp(int, int2);
-- == operator classes
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int,int);
-- >> operator classes: fewer members
DROP OPERATOR CLASS oc USING btree;
CREATE OPERATOR CLASS oc FOR TYPE int USING btree FAMILY oc AS OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 btint4cmp(int,int);
-- >> operator classes: dropped
DROP OPERATOR FAMILY oc USING btree;
-- == public
CREATE SCHEMA beside;
SELECT 1
-- >> public: dropped
DROP SCHEMA public
-- >> public: made anew
DROP SCHEMA public;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner; -- 15+
COMMENT ON SCHEMA public IS 'mine'
-- >> public: privileges and comment (in place)
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS NULL
-- == public (owners)
CREATE SCHEMA beside;
ALTER SCHEMA public OWNER TO regress_alice;
GRANT ALL ON SCHEMA public TO regress_bob;
-- >> public with owners: given back (in place)
ALTER SCHEMA public OWNER TO pg_database_owner -- 14+
-- >> public with owners: of another owner (in place)
ALTER SCHEMA public OWNER TO regress_bob
-- >> public with owners: dropped
DROP SCHEMA public
-- == schemas
CREATE SCHEMA s;
COMMENT ON SCHEMA s IS 'x';
-- >> schemas: comment, privileges; one more
COMMENT ON SCHEMA s IS 'y';
GRANT USAGE ON SCHEMA s TO PUBLIC;
CREATE SCHEMA t
-- == languages
CREATE LANGUAGE l HANDLER plpgsql_call_handler;
COMMENT ON LANGUAGE l IS 'k';
CREATE FUNCTION f(internal) RETURNS internal LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE FUNCTION fs(internal) RETURNS int LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION f(internal), TO SQL WITH FUNCTION fs(internal));
-- >> languages and transforms: replaced
CREATE OR REPLACE TRUSTED LANGUAGE l HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
REVOKE USAGE ON LANGUAGE l FROM PUBLIC;
CREATE OR REPLACE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION f(internal));
-- == casts and others
CREATE TYPE e AS ENUM ('a');
CREATE FUNCTION f(int) RETURNS e LANGUAGE sql AS 'select null::e';
CREATE CAST (int AS e) WITH FUNCTION f(int);
CREATE COLLATION c (provider=libc, locale='C');
CREATE CONVERSION conv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
-- >> casts, collations, conversions: made anew
DROP CAST (int AS e);
CREATE CAST (int AS e) WITH FUNCTION f(int) AS IMPLICIT;
DROP COLLATION c;
CREATE COLLATION c (provider=icu, locale='de', deterministic=false);
DROP CONVERSION conv;
CREATE DEFAULT CONVERSION conv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
-- == text search
CREATE TEXT SEARCH DICTIONARY d (template = snowball, language = 'english', stopwords = 'english');
CREATE TEXT SEARCH DICTIONARY d2 (template = synonym, synonyms = 'synonym_sample');
CREATE TEXT SEARCH CONFIGURATION c (copy = english);
CREATE TEXT SEARCH CONFIGURATION "C ; FOR" (parser = default);
COMMENT ON TEXT SEARCH CONFIGURATION c IS 'x';
-- >> text search: options and mappings (in place)
ALTER TEXT SEARCH DICTIONARY d (language = 'german');
ALTER TEXT SEARCH DICTIONARY d2 (casesensitive = true);
ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR host, url;
ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word, asciiword WITH d, simple;
ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR int WITH d2;
ALTER TEXT SEARCH CONFIGURATION "C ; FOR" ADD MAPPING FOR host, url WITH simple;
-- >> text search: options taken away (in place)
ALTER TEXT SEARCH DICTIONARY d (stopwords);
ALTER TEXT SEARCH DICTIONARY d2 (synonyms = 'synonym_sample', casesensitive);
-- >> text search: no mappings (in place)
DROP TEXT SEARCH CONFIGURATION c;
CREATE TEXT SEARCH CONFIGURATION c (parser = default);
-- == foreign data
CREATE FOREIGN DATA WRAPPER w OPTIONS (a '1', "B c" 'it''s', d 'x,y');
CREATE SERVER s TYPE 't' VERSION '1' FOREIGN DATA WRAPPER w OPTIONS (h 'x');
CREATE SERVER s2 FOREIGN DATA WRAPPER w;
-- >> foreign data: options and versions (in place)
ALTER FOREIGN DATA WRAPPER w OPTIONS (DROP a, SET "B c" 'y', ADD e 'p');
ALTER SERVER s VERSION '2' OPTIONS (ADD dbname 'q');
ALTER SERVER s2 VERSION '4';
COMMENT ON SERVER s IS 'x';
GRANT USAGE ON FOREIGN SERVER s TO regress_alice;
-- >> foreign data: validator (in place)
ALTER FOREIGN DATA WRAPPER w VALIDATOR postgresql_fdw_validator OPTIONS (DROP a, DROP "B c", DROP d);
ALTER SERVER s VERSION NULL OPTIONS (DROP h);
ALTER SERVER s2 OPTIONS (ADD host 'b');
-- == publications
CREATE SCHEMA s;
CREATE SCHEMA s2;
CREATE TABLE t (a int primary key, b text);
CREATE TABLE s.u (a int);
CREATE PUBLICATION p FOR TABLE t WHERE (a > 3), TABLES IN SCHEMA s2; -- 15+
CREATE PUBLICATION p FOR TABLE t; -- 14-
CREATE PUBLICATION q;
CREATE PUBLICATION r FOR ALL TABLES;
COMMENT ON PUBLICATION p IS 'x';
CREATE PUBLICATION x FOR TABLE t;
-- >> publications: tables, schemas and options (up in place)
ALTER PUBLICATION p SET TABLE t, s.u WHERE (a IN (1,2)); -- 15+
ALTER PUBLICATION p SET TABLE t, s.u; -- 14-
ALTER PUBLICATION p SET (publish = 'insert, delete', publish_via_partition_root = true);
ALTER PUBLICATION q ADD TABLES IN SCHEMA s, s2; -- 15+
ALTER PUBLICATION q ADD TABLE t;
ALTER PUBLICATION r SET (publish='truncate');
ALTER PUBLICATION x ADD TABLE s.u;
ALTER PUBLICATION x ADD TABLES IN SCHEMA s2; -- 15+
-- >> publications: all tables
DROP PUBLICATION r;
CREATE PUBLICATION r;
-- >> publications: no table
ALTER PUBLICATION x DROP TABLE t;
-- == event triggers
CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION ef();
CREATE EVENT TRIGGER e2 ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION ef();
ALTER EVENT TRIGGER e2 DISABLE;
-- >> event triggers: their state (in place)
ALTER EVENT TRIGGER et ENABLE REPLICA;
ALTER EVENT TRIGGER e2 ENABLE;
-- >> event triggers: other tags
DROP EVENT TRIGGER e2;
CREATE EVENT TRIGGER e2 ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION ef();
COMMENT ON EVENT TRIGGER et IS 'c';
-- == extensions
CREATE EXTENSION pg_trgm;
CREATE SCHEMA s;
-- >> extensions: another schema (in place)
ALTER EXTENSION pg_trgm SET SCHEMA s;
COMMENT ON EXTENSION pg_trgm IS 'mine'
-- >> extensions: their comment (in place)
COMMENT ON EXTENSION pg_trgm IS NULL
-- >> extensions: dropped
DROP EXTENSION pg_trgm
-- == rules, triggers, policies
CREATE TABLE t (a int, b text);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE RULE r AS ON INSERT TO t DO ALSO SELECT 1;
CREATE RULE r2 AS ON DELETE TO t DO ALSO SELECT 1;
ALTER TABLE t DISABLE RULE r2;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER g2 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE t DISABLE TRIGGER g2;
CREATE CONSTRAINT TRIGGER g3 AFTER INSERT ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION tf();
CREATE POLICY p ON t USING (a > 1);
CREATE POLICY p2 ON t FOR INSERT TO regress_alice WITH CHECK (b = 'x');
COMMENT ON TRIGGER g ON t IS 'x';
COMMENT ON RULE r ON t IS 'y';
COMMENT ON POLICY p ON t IS 'z';
-- >> rules, triggers, policies: all that can be replaced
CREATE OR REPLACE RULE r AS ON INSERT TO t DO INSTEAD SELECT 2;
CREATE OR REPLACE RULE r2 AS ON DELETE TO t DO ALSO SELECT 3;
ALTER TABLE t ENABLE ALWAYS RULE r;
CREATE OR REPLACE TRIGGER g AFTER UPDATE OF a ON t FOR EACH ROW WHEN (old.a <> new.a) EXECUTE FUNCTION tf(); -- 14+
CREATE OR REPLACE TRIGGER g2 BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION tf(); -- 14+
ALTER TABLE t DISABLE TRIGGER g2;
DROP TRIGGER g3 ON t;
CREATE CONSTRAINT TRIGGER g3 AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tf();
ALTER POLICY p ON t TO regress_alice USING (a > 2);
ALTER POLICY p2 ON t TO PUBLIC WITH CHECK (a = 1);
-- >> rules, triggers, policies: state; a check is added (up in place)
ALTER TABLE t ENABLE RULE r2;
COMMENT ON TRIGGER g ON t IS NULL;
ALTER POLICY p ON t WITH CHECK (b = 'q');
-- >> policies: restrictive
DROP POLICY p ON t;
CREATE POLICY p ON t AS RESTRICTIVE USING (a > 1);
-- == privileges
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT 1 AS x;
CREATE SEQUENCE s;
CREATE TYPE e AS ENUM ('a');
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';
GRANT SELECT, INSERT ON t TO regress_alice WITH GRANT OPTION;
GRANT SELECT ON t TO regress_bob;
GRANT UPDATE (a), SELECT (b) ON t TO regress_carol;
GRANT EXECUTE ON FUNCTION f TO regress_alice;
REVOKE EXECUTE ON FUNCTION f FROM PUBLIC;
-- >> privileges: of all kinds (in place)
REVOKE GRANT OPTION FOR SELECT ON t FROM regress_alice;
REVOKE INSERT ON t FROM regress_alice;
GRANT ALL ON t TO regress_bob;
GRANT SELECT ON t TO PUBLIC;
REVOKE UPDATE (a) ON t FROM regress_carol;
GRANT INSERT (a) ON t TO regress_carol;
GRANT EXECUTE ON FUNCTION f TO PUBLIC;
REVOKE ALL ON FUNCTION f FROM regress_alice;
-- >> privileges: one more (in place)
GRANT SELECT ON t TO regress_carol;
-- >> privileges: the owner's (in place)
REVOKE ALL ON t FROM CURRENT_USER;
REVOKE USAGE ON TYPE e FROM PUBLIC;
GRANT USAGE ON SEQUENCE s TO regress_alice;
-- >> privileges: none (in place)
REVOKE ALL ON t FROM regress_alice, regress_bob, regress_carol;
-- >> privileges: options for the owner; comments on columns (in place)
GRANT ALL ON t TO CURRENT_USER WITH GRANT OPTION;
COMMENT ON COLUMN t.a IS 'x';
COMMENT ON COLUMN v.x IS 'vx';
GRANT SELECT (x) ON v TO regress_alice;
-- == privileges of columns
CREATE TABLE t (a int, b text);
GRANT SELECT (a), UPDATE (a) ON t TO regress_carol;
GRANT SELECT ON t TO regress_carol WITH GRANT OPTION;
GRANT SELECT (b) ON t TO regress_carol WITH GRANT OPTION;
-- >> privileges of columns: kept where the table's are revoked (in place)
REVOKE SELECT ON t FROM regress_carol;
GRANT SELECT (a) ON t TO regress_carol;
-- >> privileges of columns: options kept where the table's are revoked (in place)
REVOKE GRANT OPTION FOR SELECT ON t FROM regress_carol;
GRANT SELECT (b) ON t TO regress_carol WITH GRANT OPTION;
-- == privileges passed on
CREATE TABLE t (a int);
GRANT SELECT, UPDATE ON t TO regress_alice WITH GRANT OPTION;
SET ROLE regress_alice;
GRANT SELECT ON t TO regress_bob WITH GRANT OPTION;
GRANT UPDATE ON t TO regress_bob;
SET ROLE regress_bob;
GRANT SELECT ON t TO regress_carol;
RESET ROLE;
-- >> privileges passed on: all revoked (in place)
REVOKE ALL ON t FROM regress_alice CASCADE;
-- >> privileges passed on: another support (in place)
GRANT SELECT ON t TO regress_bob WITH GRANT OPTION;
REVOKE SELECT ON t FROM regress_alice CASCADE;
-- >> privileges passed on: by others (in place)
SET ROLE regress_bob;
REVOKE SELECT ON t FROM regress_carol;
RESET ROLE;
SET ROLE regress_alice;
REVOKE GRANT OPTION FOR SELECT ON t FROM regress_bob;
GRANT SELECT ON t TO regress_carol;
RESET ROLE;
-- >> privileges passed on: the other way round (in place)
GRANT SELECT ON t TO regress_carol WITH GRANT OPTION;
REVOKE ALL ON t FROM regress_alice CASCADE;
SET ROLE regress_carol;
GRANT SELECT ON t TO regress_alice WITH GRANT OPTION;
SET ROLE regress_alice;
GRANT SELECT ON t TO regress_bob;
RESET ROLE;
-- == owners (owners)
CREATE TABLE t (a int, b serial);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';
GRANT SELECT ON t TO regress_alice;
CREATE VIEW v AS SELECT 1;
CREATE SEQUENCE s;
CREATE DOMAIN d AS int;
CREATE TABLE u (a int);
CREATE SEQUENCE su OWNED BY u.a;
-- >> owners: of all kinds (in place)
ALTER TABLE t OWNER TO regress_alice;
ALTER FUNCTION f OWNER TO regress_bob;
ALTER VIEW v OWNER TO regress_carol;
ALTER SEQUENCE s OWNER TO regress_alice;
ALTER DOMAIN d OWNER TO regress_bob;
-- >> owners: a sequence that is owned no more (in place)
ALTER TABLE t OWNER TO regress_bob;
ALTER SEQUENCE t_b_seq OWNED BY NONE;
-- >> owners: a sequence that goes its own way (in place)
ALTER SEQUENCE t_b_seq OWNED BY NONE;
ALTER TABLE t OWNER TO regress_bob;
ALTER SEQUENCE t_b_seq OWNER TO regress_alice;
-- >> owners: a sequence and its table
ALTER SEQUENCE su OWNED BY NONE;
ALTER TABLE u OWNER TO regress_bob;
ALTER SEQUENCE su OWNER TO regress_bob;
ALTER TABLE u ADD c int;
ALTER SEQUENCE su OWNED BY u.a;
-- == default privileges
CREATE SCHEMA s;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_alice;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO regress_alice WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_bob REVOKE ALL ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO PUBLIC;
-- >> default privileges: of new objects
CREATE TABLE s.t (a int);
REVOKE ALL ON s.t FROM regress_alice;
CREATE TABLE t2 (a int);
CREATE TABLE s.t3 (a int);
GRANT SELECT ON s.t3 TO regress_bob;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';
GRANT EXECUTE ON FUNCTION f TO PUBLIC;
CREATE FUNCTION f2() RETURNS int LANGUAGE sql AS 'select 1';
CREATE SCHEMA s3;
CREATE SCHEMA s4;
REVOKE ALL ON SCHEMA s4 FROM PUBLIC;
CREATE TYPE e AS ENUM ();
CREATE SEQUENCE q;
-- >> default privileges: other ones (in place)
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM regress_alice;
ALTER DEFAULT PRIVILEGES IN SCHEMA s REVOKE GRANT OPTION FOR INSERT ON TABLES FROM regress_alice;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO regress_carol;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_bob GRANT ALL ON TYPES TO PUBLIC;
-- >> default privileges: more and fewer (in place)
ALTER DEFAULT PRIVILEGES FOR ROLE regress_carol GRANT SELECT ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM CURRENT_USER;
-- == triggers of partitions
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (2) TO (3);
CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION tf();
-- >> triggers of partitions: all disabled (in place)
ALTER TABLE p DISABLE TRIGGER g;
-- >> triggers of partitions: the parent's disabled (in place)
ALTER TABLE ONLY p DISABLE TRIGGER g;
-- >> triggers of partitions: one disabled (in place)
ALTER TABLE p1 DISABLE TRIGGER g;
-- >> triggers of partitions: in other states (in place)
ALTER TABLE p DISABLE TRIGGER g;
ALTER TABLE p1 ENABLE REPLICA TRIGGER g;
-- == triggers of partitions, in other states
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (2) TO (3);
CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE p1 DISABLE TRIGGER g;
-- >> triggers of partitions: replaced
DROP TRIGGER g ON p; -- 13-
CREATE TRIGGER g BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION tf(); -- 13-
CREATE OR REPLACE TRIGGER g BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION tf(); -- 14+
ALTER TABLE p1 DISABLE TRIGGER g;
-- >> triggers of partitions: all disabled but one was (in place)
ALTER TABLE p DISABLE TRIGGER g;
-- == names of constraints and indexes
CREATE DOMAIN d AS int CONSTRAINT dc CHECK (value > 0);
CREATE TABLE t (id int CONSTRAINT tpk PRIMARY KEY, a int, b int NOT NULL CONSTRAINT bu UNIQUE, CONSTRAINT ck CHECK (a > 0));
CREATE UNIQUE INDEX ia ON t (a);
CREATE INDEX ib ON t (b);
CREATE INDEX ic ON t (b);
COMMENT ON INDEX ib IS 'ib';
CREATE TABLE u (id int, t int CONSTRAINT fk REFERENCES t);
COMMENT ON CONSTRAINT fk ON u IS 'a';
CLUSTER t USING ia;
ALTER TABLE t REPLICA IDENTITY USING INDEX bu;
CREATE MATERIALIZED VIEW m AS SELECT a FROM t GROUP BY id;
CREATE INDEX "m i" ON m (a);
CREATE TABLE p (id int, c int CONSTRAINT pc CHECK (c > 1)) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE INDEX pi ON p (c);
CREATE TABLE parent (a int CONSTRAINT pk CHECK (a > 3));
CREATE TABLE child (CONSTRAINT own CHECK (a > 5)) INHERITS (parent);
CREATE UNIQUE INDEX ci ON child (a);
-- >> constraints and indexes: other names (in place)
ALTER DOMAIN d RENAME CONSTRAINT dc TO "D C";
ALTER TABLE t RENAME CONSTRAINT tpk TO t_pkey;
ALTER TABLE t RENAME CONSTRAINT bu TO t_b_key;
ALTER TABLE t RENAME CONSTRAINT ck TO t_a_check;
ALTER INDEX ia RENAME TO bu;
ALTER INDEX ib RENAME TO "I B";
ALTER INDEX "m i" RENAME TO mi;
ALTER TABLE u RENAME CONSTRAINT fk TO u_t_fkey;
COMMENT ON CONSTRAINT u_t_fkey ON u IS NULL;
-- >> constraints and indexes: names swapped
ALTER TABLE t RENAME CONSTRAINT tpk TO x;
ALTER TABLE t RENAME CONSTRAINT bu TO tpk;
ALTER TABLE t RENAME CONSTRAINT x TO bu;
ALTER INDEX ia RENAME TO x;
ALTER INDEX ic RENAME TO ia;
ALTER INDEX x RENAME TO ic;
-- >> constraints and indexes: other names, and something else
ALTER INDEX ib RENAME TO ib2;
ALTER INDEX ic RENAME TO ib;
ALTER TABLE u RENAME CONSTRAINT fk TO u_t_fkey;
ALTER TABLE u ALTER t TYPE bigint;
ALTER TABLE t ALTER b TYPE text USING b;
ALTER TABLE t RENAME CONSTRAINT ck TO ck2;
ALTER TABLE t ADD CONSTRAINT ck CHECK (a < 9);
-- >> constraints and indexes: other names in partitions and children
ALTER TABLE p RENAME CONSTRAINT pc TO p_c_check;
ALTER INDEX pi RENAME TO p_c_idx;
ALTER INDEX p1_c_idx RENAME TO p1_i;
ALTER TABLE parent RENAME CONSTRAINT pk TO pk2;
ALTER TABLE child RENAME CONSTRAINT own TO own2;
ALTER INDEX ci RENAME TO ci2;
-- == sequences of columns of any type
CREATE DOMAIN d AS int;
CREATE TABLE t (n numeric, f float, s smallint, t text, a int[], d d);
-- >> new sequences of columns that are there
CREATE SEQUENCE sn OWNED BY t.n;
CREATE SEQUENCE sf OWNED BY t.f;
CREATE SEQUENCE ss OWNED BY t.s;
CREATE SEQUENCE st OWNED BY t.t;
CREATE SEQUENCE sa OWNED BY t.a;
CREATE SEQUENCE sd OWNED BY t.d;
-- == what 18 has
CREATE TABLE t (a int PRIMARY KEY, v int GENERATED ALWAYS AS (a + 1) VIRTUAL, s int GENERATED ALWAYS AS (a + 2), g int GENERATED ALWAYS AS (a * 2) STORED); -- 18+
CREATE TABLE u (id int4range, at daterange, t int, a int, b int NOT NULL, -- 18+
    CONSTRAINT u_pkey PRIMARY KEY (id, at WITHOUT OVERLAPS), CONSTRAINT uc CHECK (a > 1) NOT ENFORCED, -- 18+
    CONSTRAINT ut FOREIGN KEY (t) REFERENCES t NOT ENFORCED); -- 18+
CREATE TABLE w (id int4range, at daterange, t int REFERENCES t, CONSTRAINT wu UNIQUE (id, at), -- 18+
    CONSTRAINT uw FOREIGN KEY (id, PERIOD at) REFERENCES u); -- 18+
CREATE VIEW x AS SELECT v, g FROM t; -- 18+
-- >> 18: other expressions (in place)
ALTER TABLE t ALTER v SET EXPRESSION AS (a + 3), ALTER g SET EXPRESSION AS (a * 3); -- 18+
-- >> 18: columns come and go
DROP VIEW x; -- 18+
ALTER TABLE t DROP v, ADD y int GENERATED ALWAYS AS (a - 1) VIRTUAL, ADD z int NOT NULL GENERATED ALWAYS AS (a - 2) VIRTUAL; -- 18+
-- >> 18: virtual instead of stored, and the other way round
DROP VIEW x; -- 18+
ALTER TABLE t DROP v, DROP g, DROP s; -- 18+
ALTER TABLE t ADD v int GENERATED ALWAYS AS (a + 1) STORED, ADD g int GENERATED ALWAYS AS (a * 2) VIRTUAL, ADD s int; -- 18+
-- >> 18: what they are made of gets another type
DROP VIEW x; -- 18+
ALTER TABLE t DROP v, DROP g, DROP s, ALTER a TYPE bigint; -- 18+
ALTER TABLE t ADD v int GENERATED ALWAYS AS (a + 1) VIRTUAL, ADD s int GENERATED ALWAYS AS (a + 2), ADD g int GENERATED ALWAYS AS (a * 2) STORED; -- 18+
CREATE VIEW x AS SELECT v, g FROM t; -- 18+
-- >> 18: constraints enforced
ALTER TABLE u ALTER CONSTRAINT ut ENFORCED, DROP CONSTRAINT uc, ADD CONSTRAINT uc CHECK (a > 1); -- 18+
ALTER TABLE w ALTER CONSTRAINT w_t_fkey NOT ENFORCED; -- 18+
-- >> 18: keys with and without overlaps, with and without a period
ALTER TABLE w DROP CONSTRAINT uw, DROP CONSTRAINT wu, ADD CONSTRAINT wu UNIQUE (id, at WITHOUT OVERLAPS); -- 18+
ALTER TABLE u DROP CONSTRAINT u_pkey, ADD CONSTRAINT u_pkey PRIMARY KEY (id, at); -- 18+
ALTER TABLE w ADD CONSTRAINT uw FOREIGN KEY (id, at) REFERENCES u; -- 18+
-- >> 18: all gone
DROP VIEW x; -- 18+
DROP TABLE u, w, t; -- 18+
-- == generated columns, since 17
CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a * 2) STORED); -- 17+
CREATE TABLE c () INHERITS (t); -- 17+
-- >> 17: another expression (in place)
ALTER TABLE t ALTER g SET EXPRESSION AS (a * 3); -- 17+
-- >> 17: another expression and type
ALTER TABLE t DROP g, ADD g bigint GENERATED ALWAYS AS (a * 3) STORED; -- 17+
