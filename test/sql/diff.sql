-- From one schema to another: the SQL, its order, what it loses.
-- Each pair shows the script; that it leads where it should is for
-- t/006_diff.pl to try.
\set VERBOSITY terse
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_diff TEMPLATE template0;
\c regress_diff
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
\set VERBOSITY default

-- nothing differs: order of statements and of columns, and how an expression is
-- written, are no difference
SELECT migr_diff($$
CREATE VIEW v AS SELECT 1 AS a;
CREATE TABLE t (a varchar(9), b int, CHECK (a IN ('x', 'y')), CHECK (b BETWEEN 1 AND 4));
$$, $$
CREATE TABLE t (b integer CHECK (b >= 1 AND b <= 4), a varchar(9));
ALTER TABLE t ADD CHECK ((a)::text = ANY (ARRAY['x'::varchar, 'y'::varchar]::text[]));
CREATE VIEW v AS SELECT 1 AS a;
$$) IS NULL AS empty;

-- the live schema is where it starts if nothing else is given
CREATE TABLE live (a int);
SELECT migr_diff('CREATE TABLE live (a int, "B c" text DEFAULT ''it''''s'');');
DROP TABLE live;

-- columns, with what each of them may lose
SELECT migr_diff($$
CREATE TABLE t (a bigint DEFAULT 5, c numeric(4,1), "New one" text NOT NULL, e date);
$$, $$
CREATE TABLE t (a int DEFAULT 5, b text, c numeric(8,4), e timestamp);
$$);

-- a type that views, triggers and policies stand on: they come back complete
-- (views of several tables, since 16 prints the columns of a single one without it)
SELECT migr_diff(replace($$
CREATE TABLE t (a int, b text);
CREATE VIEW v WITH (security_barrier) AS SELECT t.a FROM t, t u;
COMMENT ON COLUMN v.a IS 'of the view';
GRANT SELECT ON v TO PUBLIC;
ALTER VIEW v ALTER a SET DEFAULT 3;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER late BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (OLD.a > 3) EXECUTE FUNCTION f();
ALTER TABLE t DISABLE TRIGGER late;
CREATE POLICY p ON t USING (a > 1);
CREATE MATERIALIZED VIEW m AS SELECT v.a FROM v, t;
CREATE UNIQUE INDEX i ON m (a);
$$, 'a int', 'a bigint'), $$
CREATE TABLE t (a int, b text);
CREATE VIEW v WITH (security_barrier) AS SELECT t.a FROM t, t u;
COMMENT ON COLUMN v.a IS 'of the view';
GRANT SELECT ON v TO PUBLIC;
ALTER VIEW v ALTER a SET DEFAULT 3;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER late BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (OLD.a > 3) EXECUTE FUNCTION f();
ALTER TABLE t DISABLE TRIGGER late;
CREATE POLICY p ON t USING (a > 1);
CREATE MATERIALIZED VIEW m AS SELECT v.a FROM v, t;
CREATE UNIQUE INDEX i ON m (a);
$$);

-- an attribute whose values a column holds
SELECT migr_diff('CREATE TYPE c AS (a int); CREATE TABLE t (x c);',
                 'CREATE TYPE c AS (a int, b text); CREATE TABLE t (x c);');

-- what a child has of parents' checks goes with them, unless it is of another one
SELECT migr_diff($$
CREATE TABLE q (a int, CONSTRAINT m CHECK (a > 1));
CREATE TABLE c (a int, CONSTRAINT l CHECK (a > 0)) INHERITS (q);
$$, $$
CREATE TABLE p (a int, CONSTRAINT k CHECK (a > 2), CONSTRAINT l CHECK (a > 0));
CREATE TABLE q (a int, CONSTRAINT m CHECK (a > 1));
CREATE TABLE c (a int) INHERITS (p, q);
$$);

-- labels: added where they belong; a new one that is used at once, and one that
-- goes, build the type anew
SELECT migr_diff($$CREATE TYPE e AS ENUM ('a', 'b', 'c', 'it''s');$$,
                 $$CREATE TYPE e AS ENUM ('b', 'c');$$);
SELECT migr_diff($$
CREATE TYPE e AS ENUM ('a', 'new');
CREATE TABLE t (x e DEFAULT 'new');
$$, $$
CREATE TYPE e AS ENUM ('a');
CREATE TABLE t (x e DEFAULT 'a');
$$);
SELECT migr_diff($$
CREATE TYPE e AS ENUM ('b', 'a');
CREATE DOMAIN d AS e CHECK (VALUE <> 'b');
CREATE TABLE t (x e DEFAULT 'a', y e[], z d, CHECK (x <> 'b'));
CREATE INDEX i ON t (y) WHERE x = 'a';
$$, $$
CREATE TYPE e AS ENUM ('a', 'b', 'gone');
CREATE DOMAIN d AS e CHECK (VALUE <> 'b');
CREATE TABLE t (x e DEFAULT 'a', y e[], z d, CHECK (x <> 'b'));
CREATE INDEX i ON t (y) WHERE x = 'a';
$$);

-- the names of a function's arguments, with a generated column on top
SELECT migr_diff($$
CREATE FUNCTION f(b int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE t (a int DEFAULT f(1), g int GENERATED ALWAYS AS (f(a)) STORED, CHECK (f(a) > 0));
$$, $$
CREATE FUNCTION f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE t (a int DEFAULT f(1), g int GENERATED ALWAYS AS (f(a)) STORED, CHECK (f(a) > 0));
$$);

-- foreign keys in a circle, both ways
SELECT migr_diff($$
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
$$, '');
SELECT migr_diff('-- migr:empty', $$
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
$$);

-- serial to identity, and back: the numbers go on
SELECT migr_diff('CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);',
                 'CREATE TABLE t (id serial);');
SELECT migr_diff('CREATE TABLE t (id serial);',
                 'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);');

-- partitions: bounds, columns through the parent, a key of another type
SELECT migr_diff($$
CREATE TABLE p (a bigint, b int DEFAULT 3) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p (b DEFAULT 4) FOR VALUES FROM (0) TO (20);
$$, $$
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
$$);
SELECT migr_diff($$
CREATE TABLE p (a int, b int DEFAULT 3, CHECK (b > 0)) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p (b DEFAULT 4) FOR VALUES FROM (0) TO (10);
$$, $$
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
$$);

-- a table becomes a view; a view gets a column, and another type
SELECT migr_diff('CREATE VIEW x AS SELECT 1 AS a; CREATE VIEW y AS SELECT x.a FROM x, x z;',
                 'CREATE TABLE x (a int); CREATE VIEW y AS SELECT x.a FROM x, x z;');
SELECT migr_diff('CREATE VIEW x AS SELECT 1 AS a, 2 AS b; CREATE VIEW y AS SELECT 1::text AS a;',
                 'CREATE VIEW x AS SELECT 1 AS a; CREATE VIEW y AS SELECT 1 AS a;');

-- constraints: validated, not added again; the text of a check
SELECT migr_diff('CREATE TABLE t (a int, CONSTRAINT k CHECK (a > 0), CONSTRAINT l CHECK (a < 9));',
                 'CREATE TABLE t (a int, CONSTRAINT l CHECK (a < 8)); ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;');

-- what looks like another name is told, and not guessed
SELECT migr_diff('CREATE TABLE person (id int, name text); CREATE TABLE t (b int);',
                 'CREATE TABLE people (id int, name text); CREATE TABLE t (a int);');

-- default privileges give nothing to what is created
SELECT migr_diff($$
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
CREATE TABLE t (a int);
REVOKE ALL ON t FROM PUBLIC;
$$, 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;') ~ 'REVOKE SELECT.*CREATE TABLE.*GRANT SELECT' AS suspended;

-- a column that one child keeps, and another loses
SELECT migr_diff('CREATE TABLE p (a int); CREATE TABLE c (b int) INHERITS (p); CREATE TABLE d () INHERITS (p);',
                 'CREATE TABLE p (a int, b int); CREATE TABLE c () INHERITS (p); CREATE TABLE d () INHERITS (p);');

-- a table gets a parent with checks that it lacks, or has of its own
CREATE TABLE p (a int CHECK (a > 0), b int CHECK (b <> 1), CONSTRAINT n CHECK (a < 9) NO INHERIT);
CREATE TABLE c (a int, b int, CONSTRAINT p_a_check CHECK (a > 0));
CREATE TABLE d (a int, b int);
SELECT migr_diff($$
CREATE TABLE p (a int CHECK (a > 0), b int CHECK (b <> 1), CONSTRAINT n CHECK (a < 9) NO INHERIT);
CREATE TABLE c () INHERITS (p);
CREATE TABLE d (CHECK (b > 1)) INHERITS (c);
$$) AS script \gset
\echo :script
:script
SELECT migr_diff($$
CREATE TABLE p (a int CHECK (a > 0), b int CHECK (b <> 1), CONSTRAINT n CHECK (a < 9) NO INHERIT);
CREATE TABLE c () INHERITS (p);
CREATE TABLE d (CHECK (b > 1)) INHERITS (c);
$$) IS NULL AS equal;
DROP TABLE p, c, d;

-- what pg_dump --clean --if-exists writes
SELECT migr_diff('DROP TABLE IF EXISTS t; DROP EXTENSION IF EXISTS hstore; CREATE TABLE t (a int);', '');

-- a dump of an old server
SELECT migr_diff($$SET standard_conforming_strings = off;
SET escape_string_warning = off;
CREATE VIEW v AS SELECT 'it\'s; \\'::text AS a;$$, '');

-- what comes back has its owner again, and a sequence that of its table
CREATE ROLE regress_diff_owner;
SELECT migr_diff('CREATE TABLE t (a bigint, b serial); CREATE VIEW v AS SELECT t.a FROM t, t u;', $$
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT t.a FROM t, t u;
ALTER TABLE t OWNER TO regress_diff_owner;
ALTER VIEW v OWNER TO regress_diff_owner;
$$);
DROP ROLE regress_diff_owner;

-- bad input: the statement and its line, and nothing is left
\set VERBOSITY terse
SELECT migr_diff(NULL);
SELECT migr_diff(E'CREATE TABLE ok (a int);\nCREATE TABLE bad (a nosuchtype);');
SELECT migr_diff('SELECT (');
SELECT count(*) FROM pg_class WHERE relname IN ('ok', 'bad');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_diff;
