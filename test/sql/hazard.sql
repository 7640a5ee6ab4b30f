-- What the rows of live tables have against a script, and the steps around it.
\set VERBOSITY terse
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_hazard TEMPLATE template0;
\c regress_hazard
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
\set VERBOSITY default

CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
INSERT INTO customer SELECT i, i % 3 FROM generate_series(1, 10) i;
CREATE TABLE orders (customer int, region int, code text, amount int);
INSERT INTO orders SELECT i, CASE WHEN i < 15 THEN i % 3 END, nullif('C' || i % 13, 'C0'), i - 2
  FROM generate_series(1, 19) i;
INSERT INTO orders VALUES (NULL, NULL, NULL, NULL), (NULL, NULL, NULL, NULL);
UPDATE orders SET amount = 99 WHERE customer = 3;
ALTER TABLE orders ADD CONSTRAINT late CHECK (amount < 20) NOT VALID;

-- each kind, over rows that it does not admit
CREATE FUNCTION diff(ddl text) RETURNS text LANGUAGE sql AS $$
    SELECT migr_diff('CREATE FUNCTION diff(ddl text) RETURNS text LANGUAGE sql AS '
        || quote_literal((SELECT prosrc FROM pg_proc WHERE proname = 'diff')) || E';\n' || ddl)
$$;
SELECT diff($$
CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
CREATE TABLE orders (customer int REFERENCES customer, region int, code text NOT NULL UNIQUE,
    amount int CHECK (amount > 0), added bigint NOT NULL, filled int NOT NULL DEFAULT 3,
    numbered int GENERATED ALWAYS AS IDENTITY, made int NOT NULL GENERATED ALWAYS AS (amount + 1) STORED,
    CONSTRAINT late CHECK (amount < 20),
    CONSTRAINT "full" FOREIGN KEY (customer, region) REFERENCES customer (id, region) MATCH FULL,
    CONSTRAINT simple FOREIGN KEY (customer, region) REFERENCES customer (id, region),
    CONSTRAINT of_new CHECK (added > 0), CONSTRAINT fine CHECK (amount < 100 OR code = 'it''s (x'));
CREATE UNIQUE INDEX expression ON orders (lower(code) COLLATE "C" text_pattern_ops DESC, (amount > 3)) INCLUDE (region) WHERE amount IS NOT NULL;
CREATE UNIQUE INDEX many ON orders (code, amount, customer, region);
$$);

-- NULLs that are equal, where the server knows them
SET client_min_messages = error;
SELECT CASE WHEN current_setting('server_version_num')::int < 150000 THEN true
            ELSE strpos(diff($$
CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
CREATE TABLE orders (customer int, region int, code text, amount int,
    CONSTRAINT unique_nulls UNIQUE NULLS NOT DISTINCT (region, code),
    CONSTRAINT late CHECK (amount < 20) NOT VALID);
$$), '-- Note: 2 rows of public.orders violate unique_nulls: they have duplicates') > 0 END;
RESET client_min_messages;

-- a script that the rows admit says nothing: NOT VALID, and what they have
SELECT diff($$
CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
CREATE TABLE orders (customer int UNIQUE, region int, code text, amount int,
    CONSTRAINT late CHECK (amount < 20) NOT VALID);
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customer NOT VALID;
ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID;
ALTER TABLE orders ADD CHECK (amount < 100);
$$);

-- it is so: each of the statements fails
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customer;
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
ALTER TABLE orders VALIDATE CONSTRAINT late;

-- the table that is referred to is yet to come
SELECT diff($$
CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
CREATE TABLE regions (id int PRIMARY KEY);
CREATE TABLE orders (customer int, region int REFERENCES regions, code text, amount int,
    CONSTRAINT late CHECK (amount < 20) NOT VALID);
$$);

-- the steps work, for each of them
SELECT count(*) FROM (SELECT diff($$
CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
CREATE TABLE orders (customer int REFERENCES customer, region int, code text NOT NULL UNIQUE, amount int,
    added bigint NOT NULL, CONSTRAINT late CHECK (amount < 20));
$$)) d;
BEGIN;
ALTER TABLE ONLY orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customer NOT VALID;
UPDATE orders SET customer = NULL WHERE customer > 10;
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fkey;
UPDATE orders SET amount = 0 WHERE amount >= 20;
ALTER TABLE orders VALIDATE CONSTRAINT late;
ALTER TABLE orders ADD CONSTRAINT c CHECK (code IS NOT NULL) NOT VALID;
UPDATE orders SET code = 'D' || coalesce(amount::text, ctid::text) WHERE code IS NULL OR amount > 11;
ALTER TABLE orders VALIDATE CONSTRAINT c;
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT c;
CREATE UNIQUE INDEX i ON orders (code);
ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX i;
ALTER TABLE orders ADD COLUMN added bigint;
UPDATE orders SET added = 0;
ALTER TABLE orders ALTER COLUMN added SET NOT NULL;
SELECT diff($$
CREATE TABLE customer (id int PRIMARY KEY, region int, UNIQUE (id, region));
CREATE TABLE orders (customer int REFERENCES customer, region int, code text NOT NULL UNIQUE, amount int,
    added bigint NOT NULL, CONSTRAINT late CHECK (amount < 20));
$$) IS NULL AS nothing_is_left;
ROLLBACK;

DROP FUNCTION diff;
DROP TABLE orders, customer;

-- types: labels that rows have, values that a domain loses
CREATE TYPE mood AS ENUM ('good', 'it''s', 'gone');
CREATE DOMAIN positive AS int;
CREATE TABLE felt (mood mood, moods mood[], amount positive, value int, dropped mood);
INSERT INTO felt VALUES ('gone', '{}', -1, 5, 'gone'), ('it''s', '{good,gone}', 0, -5, 'gone'), ('good', NULL, NULL, -5, 'gone');
CREATE TABLE spoken (mood mood, amount positive) PARTITION BY LIST (mood);
CREATE TABLE spoken_now PARTITION OF spoken DEFAULT;
INSERT INTO spoken VALUES ('gone', 3), ('gone', -2);
SELECT migr_diff($$
CREATE TYPE mood AS ENUM ('good');
CREATE DOMAIN positive AS int NOT NULL CONSTRAINT "is positive" CHECK (VALUE > 0);
CREATE TABLE felt (mood mood, moods mood[], amount positive, value int);
CREATE TABLE spoken (mood mood, amount positive) PARTITION BY LIST (mood);
CREATE TABLE spoken_now PARTITION OF spoken DEFAULT;
$$);
DROP TABLE felt, spoken;
DROP TYPE mood, positive;

-- partitions: a key, a reference and a check are told once
CREATE TABLE target (id int PRIMARY KEY);
CREATE TABLE part (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10) TO (20);
INSERT INTO part VALUES (1, 1), (1, 2), (11, NULL), (12, NULL);
-- (the steps of the foreign key as told by the version: since 18, it can be NOT VALID)
SELECT replace(migr_diff($$
CREATE TABLE target (id int PRIMARY KEY);
CREATE TABLE part (a int REFERENCES target, b int NOT NULL CHECK (b > 1), PRIMARY KEY (a)) PARTITION BY RANGE (a);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10) TO (20);
$$), CASE WHEN current_setting('server_version_num')::int >= 180000
                 THEN 'ADD CONSTRAINT part_a_fkey ... NOT VALID; correct the rows; VALIDATE CONSTRAINT part_a_fkey'
                 ELSE 'correct the rows, in a revision before this one; then ADD CONSTRAINT part_a_fkey' END,
               'those of part_a_fkey') AS migr_diff;
DROP TABLE part, target;

-- children have a say where they inherit, and none where they don't
CREATE TABLE parent (a int);
CREATE TABLE child () INHERITS (parent);
INSERT INTO child VALUES (NULL), (-1), (-1);
SELECT migr_diff($$
CREATE TABLE parent (a int NOT NULL UNIQUE CHECK (a > 0));
CREATE TABLE child () INHERITS (parent);
$$);
DROP TABLE parent CASCADE;

-- names are what they are: none of them ends a comment, or a query
CREATE TABLE "it's ""T"" (a) WHERE;
DROP TABLE kept; --" ("a) COLLATE
migr: upgrade" int, "SELECT" int, "REFERENCES" int);
CREATE TABLE kept (a int);
INSERT INTO "it's ""T"" (a) WHERE;
DROP TABLE kept; --" VALUES (NULL, 1, -1), (1, 1, -1);
SELECT migr_diff($$
CREATE TABLE kept (a int);
CREATE TABLE "it's ""T"" (a) WHERE;
DROP TABLE kept; --" ("a) COLLATE
migr: upgrade" int NOT NULL, "SELECT" int, "REFERENCES" int,
CONSTRAINT "key
migr: (a)" UNIQUE ("SELECT", "REFERENCES"),
CONSTRAINT "check
" CHECK ("REFERENCES" > 0 AND 'x
y' <> ')'));
CREATE UNIQUE INDEX "i (""SELECT"")
" ON "it's ""T"" (a) WHERE;
DROP TABLE kept; --" ("REFERENCES" DESC NULLS LAST) WHERE "a) COLLATE
migr: upgrade" IS DISTINCT FROM 3;
ALTER TABLE "it's ""T"" (a) WHERE;
DROP TABLE kept; --" ADD UNIQUE ("SELECT");
ALTER TABLE "it's ""T"" (a) WHERE;
DROP TABLE kept; --" ADD CONSTRAINT "fk (x)" FOREIGN KEY ("REFERENCES") REFERENCES "it's ""T"" (a) WHERE;
DROP TABLE kept; --" ("SELECT");
$$) AS script \gset
\echo :script
-- and what is lost has such a name as well
SELECT migr_diff('CREATE TABLE kept (a int)');
DROP TABLE kept, "it's ""T"" (a) WHERE;
DROP TABLE kept; --";

-- renames: what gets another name is not looked up by it
CREATE TABLE one (a int, b int);
CREATE TABLE two (a int, b int);
INSERT INTO one VALUES (1, 1), (1, 2);
SELECT migr_diff('CREATE TABLE three (a int UNIQUE, c int NOT NULL); CREATE TABLE two (a int, b int);',
                 NULL, '{"one": "three", "one.b": "c"}');
SELECT migr_diff('CREATE TABLE one (b int UNIQUE, c int UNIQUE); CREATE TABLE two (a int UNIQUE, b int);',
                 NULL, '{"one.a": "c"}');

-- no rows, no remarks; nor for a schema that is not the live one
SELECT migr_diff('CREATE TABLE one (a int, b int); CREATE TABLE two (a int NOT NULL UNIQUE, b int CHECK (b > 0), c int NOT NULL);');
SELECT migr_diff('CREATE TABLE one (a int UNIQUE, b int)', 'CREATE TABLE one (a int, b int)');
DROP TABLE one, two;

-- more rows than are looked at
CREATE UNLOGGED TABLE many (a int, b int);
INSERT INTO many SELECT i, nullif(i, 1000001) FROM generate_series(1, 1000001) i;
SELECT migr_diff('CREATE UNLOGGED TABLE many (a int NOT NULL CHECK (a > 999990), b int NOT NULL);');
DROP TABLE many;

-- what is not the caller's, or the owner may not see all of, is not checked
CREATE ROLE regress_hazard LOGIN;
DO 'BEGIN PERFORM migr_scratch_create(''regress_hazard''); END';
ALTER DATABASE regress_hazard OWNER TO regress_hazard;
CREATE SCHEMA s AUTHORIZATION regress_hazard;
CREATE TABLE s.secret (a int, b int);
CREATE TABLE s.secret_keys (a int PRIMARY KEY);
CREATE TABLE s.hidden (a int, b int);
CREATE TABLE s.own (a int);
INSERT INTO s.secret VALUES (NULL, 1);
INSERT INTO s.hidden VALUES (NULL, 1);
INSERT INTO s.own VALUES (1), (NULL);
GRANT SELECT ON s.secret TO regress_hazard;
ALTER TABLE s.own OWNER TO regress_hazard;
ALTER TABLE s.hidden OWNER TO regress_hazard;
ALTER TABLE s.hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- a function that writes is not let
CREATE TABLE s.written (a int);
CREATE SEQUENCE s.drawn;
INSERT INTO s.written VALUES (1);
CREATE FUNCTION s.writes(a int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN INSERT INTO s.written VALUES (a); RETURN false; END $$;
SELECT migr_schema() AS live \gset
SELECT migr_diff(:'live' || 'ALTER TABLE s.written ADD CONSTRAINT w CHECK (s.writes(a));
                             ALTER TABLE s.written ADD CONSTRAINT d CHECK (nextval(''s.drawn'') > a);');
SELECT count(*), (SELECT last_value FROM s.drawn) FROM s.written;
DROP TABLE s.written;
-- a superuser sees no more than the owner does
SELECT migr_schema() AS live \gset
SELECT migr_diff(:'live' || 'ALTER TABLE s.secret ALTER a SET NOT NULL;
                             ALTER TABLE s.hidden ALTER a SET NOT NULL;
                             ALTER TABLE s.own ADD FOREIGN KEY (a) REFERENCES s.secret_keys;');
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_hazard; END IF; END$$;
SELECT migr_schema() AS live \gset
SET client_min_messages = error;
GRANT regress_hazard TO CURRENT_USER;
GRANT EXECUTE ON FUNCTION migr_diff TO regress_hazard;
RESET client_min_messages;
SET ROLE regress_hazard;
SELECT migr_diff(:'live' || 'ALTER TABLE s.secret ALTER a SET NOT NULL, ADD UNIQUE (b), ADD CHECK (b > 1);
                             ALTER TABLE s.own ALTER a SET NOT NULL, ADD CHECK (a > 1);');
RESET ROLE;
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO CURRENT_USER; END IF; END$$;
DROP SCHEMA s CASCADE;

-- a materialized view
CREATE TABLE t (a int);
INSERT INTO t VALUES (1), (1);
CREATE MATERIALIZED VIEW v AS SELECT a FROM t;
SELECT migr_diff('CREATE TABLE t (a int); CREATE MATERIALIZED VIEW v AS SELECT a FROM t;
                  CREATE UNIQUE INDEX ON v (a);');
DROP TABLE t CASCADE;

-- in a revision, the remarks are comments, and the way back has none; in steps,
-- it is one that can be applied
SELECT revision, action FROM migr_load('-- migr:revision a1
-- migr:upgrade
CREATE TABLE t (a int);
-- migr:downgrade
DROP TABLE t;
');
SELECT migr_upgrade('head');
INSERT INTO t VALUES (1), (NULL);
SELECT regexp_replace(migr_revision('No nulls', autogenerate => true, revision_id => 'a2',
    desired => 'CREATE TABLE t (a int NOT NULL)'), 'created .*?\+00', 'created NOW');
SELECT migr_upgrade('head');
SELECT migr_unload('a2');
SELECT migr_revision('No nulls, in steps', revision_id => 'a3', upgrade => $$
ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;
UPDATE t SET a = 0 WHERE a IS NULL;
ALTER TABLE t VALIDATE CONSTRAINT c;
ALTER TABLE t ALTER COLUMN a SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT c;
$$) IS NOT NULL AS stored;
SELECT migr_upgrade('head');
SELECT migr_diff('CREATE TABLE t (a int NOT NULL)') IS NULL AS nothing_is_left;

DO 'BEGIN PERFORM migr_scratch_drop(); END';
DO 'BEGIN PERFORM migr_scratch_drop(''regress_hazard''); END';
\c postgres
DROP DATABASE regress_hazard;
DROP ROLE regress_hazard;
