-- Examples: rows for migr_test(), what is to hold of them behind the upgrade, and whether they are
-- back behind the downgrade; and that nothing of them ever runs in the live database.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

SELECT current_user AS super \gset
CREATE ROLE regress_example_loader LOGIN;
CREATE DATABASE regress_example TEMPLATE template0;
\c regress_example
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself

--
-- What a script can say
--
-- (error)
SELECT migr_load($$
-- migr:revision a
-- migr:upgrade
-- migr:assert
SELECT true;
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:assert_back
-- migr:downgrade
$$);
SELECT migr_load($$
-- migr:revision other
-- migr:revision a
-- migr:revises other
-- migr:example
-- migr:assert_back
SELECT true;
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:example
-- migr:example
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:example one
$$);
SELECT migr_load($$
-- migr:repeatable a
-- migr:upgrade
-- migr:example
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:example
-- migr:expect 1
INSERT INTO t VALUES (1);
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:example
BEGIN;
INSERT INTO t VALUES (1);
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:example
COPY t FROM stdin;
$$);
SELECT migr_load($$
-- migr:revision a
-- migr:exmaple
$$);
SELECT migr_load($$
-- migr:revision a
--migr:example
$$);
\echo :LAST_ERROR_SQLSTATE
-- In any order; all of it is in the text and the checksum.
SELECT * FROM migr_load($$
-- migr:revision a
-- migr:assert_back
SELECT 1 / 0;
-- migr:assert
SELEC 1;
-- migr:example
INSERT INTO (1);
VACUUM;
-- migr:downgrade
-- migr:upgrade
$$);
SELECT problem, detail FROM migr_validate();
SELECT migr_script('a');
SELECT * FROM migr_load(replace(migr_script('a'), 'INSERT INTO (1)', 'INSERT INTO (2)'));
SELECT status, detail FROM migr_test();
SELECT migr_unload('a');

--
-- What can come of it
--
SELECT count(*) FROM migr_load($$
-- migr:revision base1
-- migr:upgrade
CREATE TABLE item (id serial PRIMARY KEY, price numeric(8,2), note text, payload json, place point, weight float8);
CREATE TABLE "Odd ""name" (k int, "Col, umn" text);
CREATE TABLE line (item int REFERENCES item DEFERRABLE INITIALLY DEFERRED, n int);
CREATE TABLE parent (a int) PARTITION BY LIST (a);
CREATE TABLE child1 PARTITION OF parent FOR VALUES IN (1);
CREATE TABLE child2 PARTITION OF parent FOR VALUES IN (2);
CREATE TYPE mood AS ENUM ('low');
INSERT INTO item (price) VALUES (1.50);
-- migr:downgrade
DROP TABLE line, item, "Odd ""name", parent;
DROP TYPE mood;
-- migr:example
-- migr:assert
SELECT count(*) = 1, min(price) = 1.50 FROM item;
-- migr:revision cents
-- migr:revises base1
-- migr:upgrade
ALTER TABLE item ADD COLUMN cents int;
UPDATE item SET cents = price * 100;
ALTER TABLE item DROP COLUMN price;
ALTER TABLE item ADD CHECK (cents >= 0);
-- migr:downgrade
ALTER TABLE item ADD COLUMN price numeric(8,2);
UPDATE item SET price = cents / 100.0;
ALTER TABLE item DROP COLUMN cents;
-- migr:example
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO line SELECT 2, i FROM generate_series(1, 5000) i;
INSERT INTO item (price, note, payload, place, weight) VALUES
    (9.99, 'it''s', '{"a": 1}', '(1,2)', 0.1), (9.99, NULL, NULL, NULL, 1e-300), (NULL, '', '[]', NULL, 'NaN');
INSERT INTO item (price) VALUES (5), (5);
INSERT INTO parent VALUES (1), (2), (2);
COPY "Odd ""name" FROM stdin;
1	one
2	\N
\.
-- migr:assert
SELECT count(*) = 2 FROM item WHERE cents = 999;
SELECT count(*) = 6 AS all_there, count(cents) = 5 AS with_cents FROM item;
-- all of it is taken back
DELETE FROM line;
DELETE FROM item;
SELECT 'ok 1 - ' || count(*) FROM item;
SELECT NULL::bool;
-- migr:revision alone
-- migr:revises cents
-- migr:upgrade
-- migr:downgrade
-- migr:example
INSERT INTO item (note) VALUES ('other examples are gone, and sequences are back');
-- migr:assert
SELECT count(*) = 2, max(id) = 2 FROM item;
-- migr:revision rounds
-- migr:revises alone
-- migr:upgrade
ALTER TABLE item ALTER COLUMN weight TYPE int USING round(weight);
-- migr:downgrade
ALTER TABLE item ALTER COLUMN weight TYPE float8;
-- migr:example
INSERT INTO item (id, weight, note) SELECT 100 + i, i / 4.0, repeat('long ', 100) FROM generate_series(0, 11) i;
-- migr:assert
SELECT count(*) = 13 FROM item;
-- migr:revision may_lose
-- migr:revises rounds
-- migr:upgrade
ALTER TABLE item DROP COLUMN place;
-- migr:downgrade
ALTER TABLE item ADD COLUMN place point;
-- migr:example
INSERT INTO item (id, place) VALUES (100, '(1,2)'), (101, NULL);
-- migr:assert_back
SELECT count(*) = 3, count(place) = 0 FROM item;
-- migr:revision loses_all
-- migr:revises may_lose
-- migr:upgrade
-- migr:downgrade
DELETE FROM item;
-- migr:example
-- migr:assert_back
SELECT count(*) = 1 AS kept FROM item;
-- migr:revision not_null
-- migr:revises loses_all
-- migr:upgrade
ALTER TABLE line ADD COLUMN kind text NOT NULL;
-- migr:downgrade
ALTER TABLE line DROP COLUMN kind;
-- migr:example
INSERT INTO line VALUES (1, 1);
-- migr:assert
SELECT false;
-- migr:revision asserts
-- migr:revises not_null
-- migr:upgrade
CREATE TABLE log (line text);
INSERT INTO log VALUES ('seed');
CREATE TABLE keep AS TABLE log;
INSERT INTO "Odd ""name" VALUES (7, 'left');
-- migr:downgrade
DROP TABLE log, keep;
-- migr:example
-- migr:assert
SELECT count(*) = 2 AS "two lines" FROM log;
-- migr:revision fails_to_assert
-- migr:revises asserts
-- migr:upgrade
-- migr:downgrade
-- migr:example
-- migr:assert
SELECT true;
SELECT nosuch
    FROM item;
-- migr:revision fails_to_fill
-- migr:revises fails_to_assert
-- migr:upgrade
-- migr:downgrade
-- migr:example
INSERT INTO item (id) VALUES (1);
-- migr:revision late
-- migr:revises fails_to_fill
-- migr:upgrade
-- migr:downgrade
-- migr:example
INSERT INTO line VALUES (77, 1, 'x');
-- migr:revision not_ok
-- migr:revises late
-- migr:upgrade
-- migr:downgrade
-- migr:example
-- migr:assert
SELECT E'ok 1\nnot ok 2 - prices';
-- migr:revision irreversible
-- migr:revises not_ok
-- migr:upgrade
CREATE TABLE kept (a int);
-- migr:example
INSERT INTO line (item, n, kind) VALUES (1, 1, 'x');
-- migr:assert
SELECT count(*) = 1 FROM line;
-- migr:revision irreversible_false
-- migr:revises irreversible
-- migr:upgrade
ALTER TYPE mood ADD VALUE 'high';
-- migr:example
-- migr:assert
SELECT 'high'::mood > 'low', false AS and_this;
-- migr:revision fails_down
-- migr:revises irreversible_false
-- migr:upgrade
CREATE UNIQUE INDEX one_note ON item (note);
ALTER TABLE line ALTER COLUMN n TYPE text;
-- migr:downgrade
ALTER TABLE line ALTER COLUMN n TYPE int USING (1 / (n::int - 5));
DROP INDEX one_note;
-- migr:example
INSERT INTO line (item, n, kind) VALUES (1, 5, 'x');
-- migr:assert
SELECT n = '6' AS six FROM line;
-- migr:revision begins_anew
-- migr:revises fails_down
-- migr:upgrade
ALTER TABLE kept ADD COLUMN id serial;
-- migr:downgrade
ALTER TABLE kept DROP COLUMN id;
-- migr:example
INSERT INTO kept VALUES (1), (2);
-- migr:assert
SELECT sum(id) = 3 FROM kept;
-- migr:revision anew_again
-- migr:revises begins_anew
-- migr:upgrade
ALTER TABLE kept RENAME COLUMN id TO was;
ALTER TABLE kept ADD COLUMN id uuid;
UPDATE kept SET id = md5(was::text)::uuid;
CREATE TABLE ids AS SELECT id, was FROM kept;
ALTER TABLE kept DROP COLUMN was;
-- migr:downgrade
ALTER TABLE kept RENAME COLUMN id TO uuid;
CREATE SEQUENCE kept_id_seq AS int;
ALTER TABLE kept ADD COLUMN id int;
UPDATE kept SET id = ids.was FROM ids WHERE ids.id = kept.uuid;
ALTER TABLE kept ALTER COLUMN id SET DEFAULT nextval('kept_id_seq');
ALTER TABLE kept ALTER COLUMN id SET NOT NULL;
ALTER SEQUENCE kept_id_seq OWNED BY kept.id;
ALTER TABLE kept DROP COLUMN uuid;
DROP TABLE ids;
-- migr:example
INSERT INTO kept VALUES (1), (2), (3);
-- migr:revision refused
-- migr:revises anew_again
-- migr:upgrade
-- migr:downgrade
-- migr:example
COPY item TO PROGRAM 'true';
-- migr:revision outside
-- migr:revises anew_again
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY kept_a ON kept (a);
-- migr:batch
UPDATE kept SET a = a + 1 WHERE a < 5;
-- migr:downgrade
DROP INDEX CONCURRENTLY kept_a;
UPDATE kept SET a = a - 1;
-- migr:example
INSERT INTO kept VALUES (1), (4);
-- migr:assert
SELECT bool_and(a IN (2, 5)) FROM kept;
-- migr:revision left
-- migr:revises anew_again
-- migr:upgrade
ALTER TABLE item ADD COLUMN l int DEFAULT 1;
-- migr:downgrade
ALTER TABLE item DROP COLUMN l;
-- migr:example
INSERT INTO item (id) VALUES (500);
-- migr:assert
SELECT bool_and(l = 1) FROM item;
-- migr:revision merged
-- migr:revises left, outside
-- migr:depends refused
-- migr:upgrade
UPDATE item SET l = 2;
-- migr:downgrade
UPDATE item SET l = 1;
-- migr:example
INSERT INTO item (id) VALUES (500);
INSERT INTO item (id, l) VALUES (501, 0);
-- migr:assert
SELECT bool_and(l = 2) FROM item;
$$);
SELECT * FROM migr_test();
-- nothing is left, nothing is applied, nothing is logged
SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace;
SELECT applied FROM migr_status();
SELECT DISTINCT action FROM migr.log;

-- A squash has none of them, and says so.
SET client_min_messages = notice;
SELECT migr_squash('base1:alone', revision_id => 'squashed') ~ 'migr:(example|assert)' AS has_examples;
SET client_min_messages = warning;
SELECT migr_unload('squashed');
DO 'BEGIN PERFORM migr_scratch_drop(); END';

--
-- Only ever in scratch
--
\c postgres :super
SET client_min_messages = warning;
DROP DATABASE regress_example;
CREATE DATABASE regress_example TEMPLATE template0;
\c regress_example
SET client_min_messages = warning;
CREATE EXTENSION migr;
GRANT ALL ON SCHEMA public TO regress_example_loader;
GRANT EXECUTE ON FUNCTION migr_load, migr_test TO regress_example_loader;
DO 'BEGIN PERFORM migr_scratch_create(rolname) FROM pg_roles WHERE rolname IN (current_user, ''regress_example_loader''); END';
LISTEN regress_example;
\set scripts '-- migr:revision live1\n-- migr:upgrade\nCREATE TABLE seen (what text);\n-- migr:downgrade\nDROP TABLE seen;\n-- migr:revision live2\n-- migr:revises live1\n-- migr:upgrade\nCREATE TABLE t (a int);\n-- migr:downgrade\nDROP TABLE t;\n-- migr:verify\nSELECT count(*) = 0 FROM seen;\n-- migr:example\nINSERT INTO seen VALUES (''example'');\nSELECT pg_notify(''regress_example'', ''example'');\nNOTIFY regress_example;\nSELECT set_config(''regress.seen'', ''example'', false);\nDO $x$ BEGIN IF current_setting(''migr.in_scratch'') <> ''on'' THEN RAISE ''live!''; END IF; END $x$;\n-- migr:assert\nINSERT INTO seen VALUES (''assert'');\nSELECT pg_notify(''regress_example'', ''assert''), current_setting(''migr.in_scratch'') = ''on'';\nSELECT count(*) = 2 FROM seen;\n-- migr:assert_back\nINSERT INTO seen VALUES (''back'');\nSELECT pg_notify(''regress_example'', ''back''), current_setting(''migr.in_scratch'') = ''on'', count(*) = 2 FROM seen;\n'
SELECT * FROM migr_load(:'scripts');
SELECT * FROM migr_test();
SELECT migr_upgrade(dry_run => true);
SELECT migr_upgrade();
SELECT * FROM migr_test();
SELECT check_name, object, status, detail FROM migr_verify('{built,chain,sections}') WHERE status <> 'ok';
SELECT migr_downgrade('live1');
CALL migr_deploy();
CALL migr_revert('live1');
SELECT count(*) FROM migr_plan();
CALL migr_deploy();
SELECT migr_redo();
SELECT count(*) FROM migr_repair();
SELECT migr_sql('base:heads') ~ 'assert|example' AS has_examples;
SELECT migr_sql('base:heads', standalone => true) ~ 'assert|example' AS has_examples;
SELECT count(*) FROM migr_reset('regress_example');
SELECT count(*) FROM seen;
SELECT current_setting('regress.seen', true) IS NULL AS unset;

-- With the rights of who has loaded it, whoever tests it.
SELECT count(*) FROM migr_reset('regress_example');
SET SESSION AUTHORIZATION regress_example_loader;
SELECT * FROM migr_load($$
-- migr:revision rights
-- migr:revises live2
-- migr:upgrade
CREATE TABLE secret (id int, note text);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY part ON secret USING (id < 2);
CREATE TABLE own (a int);
-- migr:downgrade
DROP TABLE secret, own;
-- migr:example
-- migr:assert
SELECT current_user = 'regress_example_loader', session_user = 'regress_example_loader';
-- migr:revision rights2
-- migr:revises rights
-- migr:upgrade
-- migr:downgrade
-- migr:example
INSERT INTO secret VALUES (1, 'a');
INSERT INTO own VALUES (1);
-- migr:assert
SELECT count(*) = 1 FROM secret;
-- migr:revision rights3
-- migr:revises rights2
-- migr:upgrade
-- migr:downgrade
-- migr:example
SELECT rolpassword FROM pg_authid;
$$);
RESET SESSION AUTHORIZATION;
SELECT * FROM migr_test() WHERE revision ~ 'rights';
SET SESSION AUTHORIZATION regress_example_loader;
SELECT * FROM migr_test() WHERE revision ~ 'rights';
RESET SESSION AUTHORIZATION;

DO 'BEGIN PERFORM migr_scratch_drop(rolname) FROM pg_roles WHERE rolname IN (current_user, ''regress_example_loader''); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_example;
DROP ROLE regress_example_loader;
