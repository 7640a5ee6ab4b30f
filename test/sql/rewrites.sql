-- Columns of one table change at once: the server rewrites it once.  An event
-- trigger tells of each time.
\set VERBOSITY terse
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_rewrites TEMPLATE template0;
\c regress_rewrites
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA apart;
CREATE FUNCTION apart.tell() RETURNS event_trigger LANGUAGE plpgsql AS
$$BEGIN RAISE NOTICE 'rewritten: %', pg_event_trigger_table_rewrite_oid()::regclass; END$$;
CREATE EVENT TRIGGER tell ON table_rewrite EXECUTE FUNCTION apart.tell();

-- types within families and beyond, a generated column over them, NOT NULL
\set narrow 'CREATE TABLE t (id int, a int DEFAULT 1, b varchar(5), c text DEFAULT \'7\', d date, e int, f real, n int, g int GENERATED ALWAYS AS (a + 1) STORED);'
\set wide 'CREATE TABLE t (id bigint, a bigint DEFAULT 1, b numeric NOT NULL, c int DEFAULT 7, d timestamp, e text, f double precision, n int NOT NULL, g bigint GENERATED ALWAYS AS (a + 1) STORED);'
SELECT migr_diff(:'wide', :'narrow') AS up, migr_diff(:'narrow', :'wide') AS down \gset
\echo :up
\echo :down
:narrow
INSERT INTO t (id, b, d, e, f, n) SELECT i, i, '2001-01-01', i, i, i FROM generate_series(1, 3) i;
:up
SELECT * FROM t;
:down
SELECT * FROM t;
DROP TABLE t;

-- a type that is built anew, and a column with another one; each table once
\set one 'CREATE TYPE st AS ENUM (\'a\', \'b\'); CREATE DOMAIN dom AS st CHECK (value <> \'b\'); CREATE TABLE p (id int, s st DEFAULT \'a\', l st[], n int, d dom) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p (s DEFAULT \'b\') FOR VALUES FROM (0) TO (9); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (9) TO (99);'
\set other 'CREATE TYPE st AS ENUM (\'b\', \'a\'); CREATE DOMAIN dom AS st CHECK (value <> \'b\'); CREATE TABLE p (id int, s st DEFAULT \'a\', l st[], n bigint, d dom) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p (s DEFAULT \'b\') FOR VALUES FROM (0) TO (9); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (9) TO (99);'
SELECT migr_diff(:'other', :'one') AS up, migr_diff(:'one', :'other') AS down \gset
:one
INSERT INTO p (id, l, n, d) VALUES (1, '{b}', 1, 'a'), (10, '{a}', 2, 'a');
:up
SELECT * FROM p ORDER BY s, id;
:down
SELECT * FROM p ORDER BY s, id;
DROP TABLE p;
DROP DOMAIN dom;
DROP TYPE st;

-- values of ranges wait as text: once to it, once from it
\set one 'CREATE TYPE r AS RANGE (subtype = float8); CREATE TABLE t (a r DEFAULT \'[1,2]\', b r[], c r NOT NULL DEFAULT \'[3,4]\', n int);'
\set other 'CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi); CREATE TABLE t (a r DEFAULT \'[1,2]\', b r[], c r NOT NULL DEFAULT \'[3,4]\', n bigint);'
SELECT migr_diff(:'other', :'one') AS up \gset
:one
INSERT INTO t DEFAULT VALUES;
:up
SELECT * FROM t;
DROP TABLE t;
DROP TYPE r;

-- what stands between two columns' changes does not part them, unless it has to:
-- columns are added in their order
SELECT migr_diff('CREATE TABLE t (a bigint NOT NULL, b int DEFAULT 3, c int NOT NULL, d int GENERATED ALWAYS AS (a + c) STORED);',
	'CREATE TABLE t (a int, c int);');
SELECT migr_diff('CREATE FUNCTION f(a bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
	CREATE TABLE t (a bigint, b int NOT NULL, d int GENERATED ALWAYS AS (f(a)) STORED);',
	'CREATE TABLE t (a int, b int);');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_rewrites;
