-- What scripts say beside their statements: conversions that fail, what takes time, what goes along, what is kept.
\set VERBOSITY terse
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_notes TEMPLATE template0;
\c regress_notes
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
\set VERBOSITY default

-- conversions that fail: by text, by a cast, by length, into a domain; NULL is in nobody's way
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE t (to_uuid int NOT NULL DEFAULT 3, "to bigint" timestamp, to_time boolean, to_int text, shorter text,
    smaller bigint, to_positive int, fine text, blanks text, empty int);
INSERT INTO t SELECT i, '2020-01-01', true, 'x' || i, 'long', 3000000000, i - 2, i, 'a    ', NULL FROM generate_series(1, 3) i;
INSERT INTO t (to_uuid) VALUES (9);
SELECT migr_diff($$
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE t (to_uuid uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', "to bigint" bigint, to_time timestamp, to_int int, shorter varchar(3),
    smaller int, to_positive positive, fine int, blanks varchar(1), empty uuid);
$$);

-- it is so, and the steps work
ALTER TABLE t ALTER COLUMN to_uuid DROP DEFAULT, ALTER COLUMN to_uuid TYPE uuid USING to_uuid::text::uuid;
BEGIN;
ALTER TABLE public.t ADD COLUMN to_uuid_new uuid;
UPDATE public.t SET to_uuid_new = lpad(to_hex(to_uuid), 32, '0')::uuid;
ALTER TABLE public.t DROP COLUMN to_uuid;
ALTER TABLE public.t RENAME COLUMN to_uuid_new TO to_uuid;
ALTER TABLE public.t ALTER COLUMN to_uuid SET DEFAULT '00000000-0000-0000-0000-000000000000'::uuid;
ALTER TABLE public.t ALTER COLUMN to_uuid SET NOT NULL;
SELECT to_uuid FROM t ORDER BY 1 LIMIT 1;
ROLLBACK;
DROP TABLE t;
DROP DOMAIN positive;

-- a label that the script adds is there in time
CREATE TYPE mood AS ENUM ('good');
CREATE TABLE t (a text, b mood);
INSERT INTO t VALUES ('new', 'good');
SELECT migr_diff($$CREATE TYPE mood AS ENUM ('good', 'new'); CREATE TABLE t (a mood, b text);$$);
DROP TABLE t;
DROP TYPE mood;

-- what the owner may not see all of is not checked
CREATE TABLE t (a int);
INSERT INTO t VALUES (1);
ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE ROLE regress_notes;
ALTER TABLE t OWNER TO regress_notes;
SELECT migr_diff('CREATE TABLE t (a uuid); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;');
DROP TABLE t;
DROP ROLE regress_notes;

-- what takes time, where there are rows
CREATE TABLE rewritten (a int, b varchar(3), c numeric(4,1));
CREATE TABLE added1 (a int);
CREATE TABLE added2 (a int);
CREATE TABLE added3 (a int);
CREATE TABLE checked (a int);
CREATE TABLE proven (a int, CONSTRAINT c CHECK (a IS NOT NULL));
CREATE TABLE referring (a int);
CREATE TABLE quick (a int, b varchar(3), c numeric(4,1), d timestamp(3));
CREATE TABLE logged (a int);
CREATE TABLE empty (a int);
CREATE TABLE "its part" (k int);
CREATE TABLE whole (k int) PARTITION BY LIST (k);
CREATE TABLE keys (a int PRIMARY KEY);
INSERT INTO keys VALUES (1);
INSERT INTO rewritten VALUES (1), (2);
INSERT INTO added1 VALUES (1);
INSERT INTO added2 VALUES (1);
INSERT INTO added3 VALUES (1);
INSERT INTO checked VALUES (1);
INSERT INTO proven VALUES (1);
INSERT INTO referring VALUES (1);
INSERT INTO quick VALUES (1);
INSERT INTO logged VALUES (1);
INSERT INTO "its part" VALUES (1);
SELECT migr_diff($$
CREATE TABLE rewritten (a bigint, b varchar(3), c numeric(4,2));
CREATE TABLE added1 (a int, b uuid DEFAULT gen_random_uuid());
CREATE TABLE added2 (a int, b int GENERATED ALWAYS AS IDENTITY, c int GENERATED ALWAYS AS (a + 1) STORED);
CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE added3 (a int, b int DEFAULT mine());
CREATE TABLE checked (a int CHECK (a > 0));
CREATE TABLE proven (a int NOT NULL, CONSTRAINT c CHECK (a IS NOT NULL));
CREATE TABLE keys (a int PRIMARY KEY);
CREATE TABLE referring (a int REFERENCES keys);
CREATE TABLE quick (a int, b text, c numeric(6,1), d timestamp, e int DEFAULT 3, f timestamptz DEFAULT now(), g varchar(5) DEFAULT 'x');
CREATE UNLOGGED TABLE logged (a int);
CREATE TABLE empty (a bigint NOT NULL CHECK (a > 0), b uuid DEFAULT gen_random_uuid());
CREATE TABLE whole (k int) PARTITION BY LIST (k);
CREATE TABLE "its part" PARTITION OF whole FOR VALUES IN (1);
$$);
DROP TABLE rewritten, added1, added2, added3, checked, proven, keys, referring, quick, logged, empty, whole, "its part";

-- what goes with a column, and what comes back
SELECT migr_diff('CREATE TABLE t (b int, c int, UNIQUE (b))', 'CREATE TABLE t (a serial PRIMARY KEY, b int, c int, CHECK (a > b), UNIQUE (b));
    CREATE INDEX "i ""x" ON t (a, b); CREATE STATISTICS s ON a, b FROM t; CREATE INDEX j ON t (c);');
SELECT migr_diff('CREATE TABLE t (b int); CREATE INDEX i ON t (b);', 'CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a, b);');

-- what keeps results of a function
\set kept 'CREATE OPERATOR @@@ (FUNCTION = f, RIGHTARG = int); CREATE TABLE x (a int CONSTRAINT c CHECK (f(a) > 0), g int GENERATED ALWAYS AS (f(a)) STORED, d int DEFAULT f(1), EXCLUDE USING btree (f(a) WITH =)); CREATE INDEX i ON x ((@@@ a)); CREATE VIEW between AS SELECT f(a) AS a FROM x; CREATE MATERIALIZED VIEW m AS SELECT a FROM between; CREATE DOMAIN dom AS int CHECK (f(VALUE) > 0); CREATE TABLE parts (a int) PARTITION BY LIST (f(a)); CREATE VIEW only_looks AS SELECT f(1) AS f;'
SELECT migr_diff('CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS ''SELECT $1 + 1'';' || :'kept',
                 'CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS ''SELECT $1'';' || :'kept');

-- time zones
SELECT migr_diff('CREATE TABLE t (a timestamptz, b timestamp, c timestamptz[], d text, e timestamptz, f time)',
                 'CREATE TABLE t (a timestamp, b timestamptz, c timestamp[], d timestamptz, e text, f timetz)');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_notes;
