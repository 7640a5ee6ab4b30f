-- Revisions that are written from the desired schema, and renames.
\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_autogenerate TEMPLATE template0;
\c regress_autogenerate
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.timeless(script text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(script, '(created) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00', '\1 NOW')
$$;

-- the first revision; nothing is run, nothing is left
SELECT pg_temp.timeless(migr_revision('vendors', autogenerate => true, revision_id => 'r1', desired => $$
    CREATE TYPE state AS ENUM ('open', 'paid');
    CREATE TABLE vendor (
        id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name  text NOT NULL,
        state state NOT NULL DEFAULT 'open'
    );
$$));
SELECT to_regclass('vendor');
-- not before it is applied (error)
SELECT migr_revision('more', autogenerate => true, desired => '');
SELECT migr_upgrade();
INSERT INTO vendor (name) VALUES ('Acme'), ('Bolt');

-- nothing differs: no revision, whatever else was to be in it
SELECT migr_revision('same', autogenerate => true, desired => migr_schema()) IS NULL;
SELECT migr_revision('same', 'SELECT 1;', autogenerate => true, desired => migr_schema()) IS NULL;
SELECT count(*) FROM migr.revision;

-- SQL of one's own comes behind what is generated; on the way back, before it
SELECT pg_temp.timeless(migr_revision('a note', 'UPDATE vendor SET note = name;', 'UPDATE vendor SET name = note;',
    verify => 'SELECT bool_and(note = name) FROM vendor;', autogenerate => true, revision_id => 'r2',
    branch_labels => '{main}', desired => migr_schema() || 'ALTER TABLE public.vendor ADD note text;'));
SELECT migr_upgrade();
SELECT * FROM vendor ORDER BY id;
SELECT migr_downgrade('-1');
SELECT migr_schema() = migr_schema('r1');
SELECT migr_upgrade();
-- without a way back
SELECT pg_temp.timeless(migr_revision('for ever', downgrade => NULL, autogenerate => true, revision_id => 'r3',
    desired => migr_schema() || 'DROP TABLE public.vendor;'));
SELECT reversible FROM migr_show('r3');
SELECT migr_unload('r3');

-- arguments that do not go together, or make no sense (error)
SELECT migr_revision('x', desired => '');
SELECT migr_revision('x', renames => '{"vendor": "seller"}');
SELECT migr_revision('x', autogenerate => NULL);
SELECT migr_revision('x', autogenerate => true);
SELECT migr_revision('x', autogenerate => true, revision_id => 'r1', desired => '-- migr:empty');
SELECT migr_diff('', renames => r::jsonb) FROM unnest(ARRAY['[]', '[["a", "b"]]', '"a"', 'null']) r;
SELECT migr_diff('-- migr:empty', renames => '{"vendor": 1}');
SELECT migr_diff('-- migr:empty', renames => '{"vendor": null}');
SELECT migr_diff('-- migr:empty', renames => '{"vendor": ["seller"]}');
SELECT migr_diff('-- migr:empty', renames => '{"vendor": {"name": "label"}}');
SELECT migr_diff(migr_schema(), renames => '{}') IS NULL;

-- DDL that does not work: which line (error)
SELECT migr_revision('x', autogenerate => true, desired => E'CREATE TABLE a (i int);\n\nCREATE TABLE b (\n    i nosuch\n);');
SELECT migr_revision('x', autogenerate => true, desired => E'CREATE TABLE a (i int);\nCREATE TABEL b ();');
SELECT migr_revision('x', autogenerate => true, desired => E'CREATE TABLE a (i int);\nCOMMIT;');
SELECT migr_revision('x', autogenerate => true, desired => E'CREATE TABLE a (i int);\n-- migr:downgrade\nDROP TABLE a;');
SELECT migr_revision('x', autogenerate => true, desired => E'CREATE TABLE a (i int);\n\\d a');
SELECT migr_revision('x', autogenerate => true, desired => E'VACUUM FULL;\nALTER SYSTEM SET work_mem = 1;');
SELECT count(*) FROM migr.revision;
-- what pg_dump writes is DDL, rows and all
SELECT migr_diff(E'\\restrict yTd3\nSET statement_timeout = 0;\nSELECT pg_catalog.set_config(''search_path'', '''', false);\nCREATE TABLE public.a (i int);\nCOPY public.a (i) FROM stdin;\n1\n\\.\n\\unrestrict yTd3\n', '');
SHOW search_path;

-- a name that looks like a directive, or ends a comment, stays a name
SELECT migr_revision('hard', autogenerate => true, revision_id => 'hard', desired => migr_schema() || $x$
    CREATE TABLE public."-- migr:verify" ("it's ""x""" int DEFAULT 1);
    COMMENT ON TABLE public."-- migr:verify" IS E'a\n-- migr:downgrade\nb';
    CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS E'SELECT\n-- migr:upgrade\n''$$ $function$''';
$x$) IS NOT NULL;
SELECT * FROM migr_test('hard');
SELECT migr_unload('hard');

SELECT migr_downgrade('base');
SELECT migr_unload('r2'), migr_unload('r1');

-- Renames.
SET client_min_messages = warning;
SELECT migr_revision('all kinds', autogenerate => true, revision_id => 'k1', desired => $$
    CREATE SCHEMA app;
    CREATE TABLE app.item (id int);
    CREATE TYPE mood AS ENUM ('sad', 'Happy');
    CREATE TYPE address AS (street text, zip text);
    CREATE DOMAIN positive AS int CONSTRAINT above CHECK (VALUE > 0);
    CREATE SEQUENCE counter;
    CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION g("T" text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE PROCEDURE pr(INOUT a int) LANGUAGE sql AS 'SELECT 1';
    CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
    CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TABLE person (id int PRIMARY KEY, name text, mood mood, home address, p positive, a int, b int);
    CREATE TABLE "Order" ("Who?" int REFERENCES person, CONSTRAINT "c c" CHECK ("Who?" > 0));
    CREATE INDEX person_name ON person (name);
    CREATE STATISTICS stat ON a, b FROM person;
    CREATE TRIGGER tr BEFORE INSERT ON person FOR EACH ROW EXECUTE FUNCTION fired();
    CREATE POLICY pol ON person USING (true);
    CREATE RULE ru AS ON DELETE TO "Order" DO INSTEAD NOTHING;
    CREATE VIEW names AS SELECT id, name FROM person;
    CREATE FUNCTION resident(address) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FOREIGN DATA WRAPPER regress_wrapper;
    CREATE SERVER regress_server FOREIGN DATA WRAPPER regress_wrapper;
    CREATE FOREIGN TABLE far (i int, CONSTRAINT away CHECK (i > 0)) SERVER regress_server;
    CREATE TABLE part (i int, j int) PARTITION BY RANGE (i);
    CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (10);
    CREATE MATERIALIZED VIEW stored AS SELECT 1 AS one;
$$) IS NOT NULL;
SELECT count(*) FROM migr_upgrade();
INSERT INTO person VALUES (1, 'Ann', 'Happy', ('Main St', '1000'), 7, 1, 2);
INSERT INTO "Order" VALUES (1);
SELECT nextval('counter'), nextval('counter');

-- one of each kind: the script, and what is left to do when the desired schema
-- is what the renames make
CREATE TABLE pg_temp.renaming (n int GENERATED ALWAYS AS IDENTITY, old text, new text, sql text);
INSERT INTO pg_temp.renaming (old, new, sql) VALUES
    ('app',                  'application', 'ALTER SCHEMA app RENAME TO application'),
    ('app.item',             'article',   'ALTER TABLE app.item RENAME TO article'),
    ('app.item.id',          'number',    'ALTER TABLE app.item RENAME id TO number'),
    ('person',               'people',    'ALTER TABLE person RENAME TO people'),
    ('public.person.name',   '"full name"', 'ALTER TABLE person RENAME name TO "full name"'),
    ('person.mood',          'select',    'ALTER TABLE person RENAME mood TO "select"'),
    ('"Order"',              '"order"',   'ALTER TABLE "Order" RENAME TO "order"'),
    ('"Order"."Who?"',       'Who',       'ALTER TABLE "Order" RENAME "Who?" TO who'),
    ('mood',                 'temper',    'ALTER TYPE mood RENAME TO temper'),
    ('mood.sad',             '"it''s"',   'ALTER TYPE mood RENAME VALUE ''sad'' TO ''it''''s'''),
    ('public.mood."Happy"',  'happy',     'ALTER TYPE mood RENAME VALUE ''Happy'' TO ''happy'''),
    ('address',              'place',     'ALTER TYPE address RENAME TO place'),
    ('address.zip',          'postcode',  'ALTER TYPE address RENAME ATTRIBUTE zip TO postcode'),
    ('positive',             'natural1',  'ALTER DOMAIN positive RENAME TO natural1'),
    ('positive.above',       'over',      'ALTER DOMAIN positive RENAME CONSTRAINT above TO over'),
    ('counter',              'ticker',    'ALTER SEQUENCE counter RENAME TO ticker'),
    ('f',                    'ff',        'ALTER FUNCTION f(int) RENAME TO ff'),
    ('public.g(integer)',    'gg',        'ALTER FUNCTION g(int) RENAME TO gg'),
    ('public.g("T" text)',   'gg',        'ALTER FUNCTION g(text) RENAME TO gg'),
    ('pr',                   'proc',      'ALTER PROCEDURE pr(int) RENAME TO proc'),
    ('total',                'sum1',      'ALTER AGGREGATE total(int) RENAME TO sum1'),
    ('fired',                'shot',      'ALTER FUNCTION fired() RENAME TO shot'),
    ('person.person_pkey',   'pk',        'ALTER TABLE person RENAME CONSTRAINT person_pkey TO pk'),
    ('"Order"."c c"',        'cc',        'ALTER TABLE "Order" RENAME CONSTRAINT "c c" TO cc'),
    ('"Order"."Order_Who?_fkey"', 'fk',   'ALTER TABLE "Order" RENAME CONSTRAINT "Order_Who?_fkey" TO fk'),
    ('person_name',          'by_name',   'ALTER INDEX person_name RENAME TO by_name'),
    ('stat',                 'stat2',     'ALTER STATISTICS stat RENAME TO stat2'),
    ('person.tr',            'tr2',       'ALTER TRIGGER tr ON person RENAME TO tr2'),
    ('person.pol',           'pol2',      'ALTER POLICY pol ON person RENAME TO pol2'),
    ('"Order".ru',           'ru2',       'ALTER RULE ru ON "Order" RENAME TO ru2'),
    ('names',                'called',    'ALTER VIEW names RENAME TO called'),
    ('names.name',           'label',     'ALTER VIEW names RENAME name TO label'),
    ('stored',               'kept',      'ALTER MATERIALIZED VIEW stored RENAME TO kept'),
    ('regress_server',       'regress_server_2', 'ALTER SERVER regress_server RENAME TO regress_server_2'),
    ('far',                  'distant',   'ALTER FOREIGN TABLE far RENAME TO distant'),
    ('far.i',                'j',         'ALTER FOREIGN TABLE far RENAME i TO j'),
    ('far.away',             'away2',     'ALTER TABLE far RENAME CONSTRAINT away TO away2'),
    ('part.i',               'k',         'ALTER TABLE part RENAME i TO k'),
    ('part_1',               'part_one',  'ALTER TABLE part_1 RENAME TO part_one'),
    ('stored.one',           'uno',       'ALTER MATERIALIZED VIEW stored RENAME one TO uno');
SELECT old, migr_diff(migr_schema() || E'\nSET search_path = public;\n' || sql, renames => jsonb_build_object(old, new))
  FROM pg_temp.renaming ORDER BY n;

-- all at once; the rows stay, and the way back leads back
SELECT migr_schema() AS before \gset
SELECT pg_temp.timeless(migr_revision('new names', autogenerate => true, revision_id => 'k2',
    renames => '{"app": "application", "app.item": "article", "app.item.id": "number", "person": "people",
        "person.name": "label", "mood": "temper", "mood.sad": "blue", "address": "place", "address.zip": "postcode",
        "counter": "ticker", "f": "ff", "resident": "inhabitant", "person.tr": "tr2", "person.pol": "pol2", "\"Order\"": "\"order\"",
        "\"Order\".ru": "ru2", "person_name": "by_name", "names": "called", "positive.above": "over", "positive": "natural1"}',
    desired => :'before' || $$
        SET search_path = public;
        ALTER TRIGGER tr ON person RENAME TO tr2;
        ALTER POLICY pol ON person RENAME TO pol2;
        ALTER RULE ru ON "Order" RENAME TO ru2;
        ALTER TABLE "Order" RENAME TO "order";
        ALTER TABLE person RENAME name TO label;
        ALTER TABLE person RENAME TO people;
        ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
        ALTER TYPE mood RENAME TO temper;
        ALTER TYPE address RENAME ATTRIBUTE zip TO postcode;
        ALTER TYPE address RENAME TO place;
        ALTER DOMAIN positive RENAME CONSTRAINT above TO over;
        ALTER DOMAIN positive RENAME TO natural1;
        ALTER SEQUENCE counter RENAME TO ticker;
        ALTER FUNCTION f(int) RENAME TO ff;
        ALTER FUNCTION resident(place) RENAME TO inhabitant;
        ALTER INDEX person_name RENAME TO by_name;
        ALTER VIEW names RENAME TO called;
        ALTER TABLE app.item RENAME id TO number;
        ALTER TABLE app.item RENAME TO article;
        ALTER SCHEMA app RENAME TO application;
        ALTER TABLE people ADD COLUMN since date;
    $$));
SELECT * FROM migr_test('k2');
SELECT count(*) FROM migr_upgrade();
SELECT * FROM people;
SELECT * FROM "order";
SELECT last_value FROM ticker;
SELECT count(*) FROM migr_downgrade('-1');
SELECT * FROM person;
SELECT last_value FROM counter;
SELECT migr_schema() = :'before';
SELECT migr_unload('k2');

-- a name is given up before another object gets it, there and back
SELECT migr_diff(migr_schema() || 'ALTER TABLE public.person RENAME b TO c; ALTER TABLE public.person RENAME a TO b;',
    renames => '{"person.a": "b", "public.person.b": "c"}');
SELECT migr_revision('chain', autogenerate => true, revision_id => 'k3', renames => '{"person.a": "b", "public.person.b": "c"}',
    desired => migr_schema() || 'ALTER TABLE public.person RENAME b TO c; ALTER TABLE public.person RENAME a TO b;') IS NOT NULL;
SELECT * FROM migr_test('k3');
SELECT migr_unload('k3');
-- of what current builds, not of what is there
SELECT migr_diff('CREATE TABLE b (i int);', 'CREATE TABLE a (i int);', '{"a": "b"}');
-- a table that takes a new one's place is no rename
SELECT migr_diff('CREATE TABLE b (i int); CREATE TABLE a (j text);', 'CREATE TABLE a (i int);', '{"a": "b"}');
-- nothing is guessed
SET client_min_messages = notice;
SELECT migr_diff('CREATE TABLE b (i int);', 'CREATE TABLE a (i int);');
SET client_min_messages = warning;

-- what is excluded, and stood upon by what is not, is no obstacle
CREATE VIEW public.of_excluded AS SELECT p.id, t.i FROM person p, (SELECT 1 AS i) t;
CREATE TABLE public.tmp_import (i int);
CREATE OR REPLACE VIEW public.of_excluded AS SELECT p.id, t.i FROM person p, public.tmp_import t;
SELECT migr_schema() AS before \gset
SET migr.exclude = 'public.tmp_*';
SELECT migr_diff(:'before' || 'ALTER TABLE public.person RENAME TO people;', renames => '{"person": "people"}');
SELECT migr_diff('-- migr:empty', renames => '{"tmp_import": "import"}');
RESET migr.exclude;
DROP VIEW public.of_excluded;
DROP TABLE public.tmp_import;

-- what can't be renamed (error)
SELECT migr_diff('-- migr:empty', renames => '{"nosuch": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"person.nosuch": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"mood.nosuch": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"Order": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"g": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"a.b.c.d": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"\"": "x"}');
SELECT migr_diff('-- migr:empty', renames => '{"person": ""}');
SELECT migr_diff('-- migr:empty', renames => '{"person": "app.person"}');
SELECT migr_diff('-- migr:empty', renames => '{"person": "two words"}');
SELECT migr_diff('-- migr:empty', renames => '{"person": "person"}');
SELECT migr_diff('-- migr:empty', renames => '{"person": "x", "public.person": "y"}');
-- nothing has that name afterwards, or something has it already (error)
SELECT migr_diff(migr_schema(), renames => '{"person": "people"}');
SELECT migr_diff('CREATE VIEW public.people AS SELECT 1 AS a;', renames => '{"person": "people"}');
SELECT migr_diff(migr_schema(), renames => '{"person.a": "b"}');
-- but if both get each other's
SELECT migr_diff(migr_schema(), renames => '{"person.a": "b", "person.b": "a"}');
SELECT migr_diff('-- migr:empty', 'CREATE SCHEMA y; CREATE TABLE y (i int);', renames => '{"y": "z"}');
-- in full, it is clear
SELECT migr_diff('CREATE SCHEMA y; CREATE TABLE y (i int); CREATE TABLE y.j (i int);', 'CREATE SCHEMA y; CREATE TABLE y (i int); CREATE TABLE y.i (i int);', renames => '{"y.i": "j"}');
SELECT count(*) FROM migr.revision;

-- by a role that owns the database and is no superuser
\c postgres
SET client_min_messages = warning;
CREATE ROLE regress_author LOGIN;
CREATE DATABASE regress_autogenerate_2 OWNER regress_author TEMPLATE template0;
\c regress_autogenerate_2
SET client_min_messages = error;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_author; END IF; END$$;
SET ROLE regress_author;
CREATE EXTENSION migr;
RESET ROLE;
DO 'BEGIN PERFORM migr_scratch_create(''regress_author''); END';
SET ROLE regress_author;
RESET client_min_messages;
SELECT migr_revision('mine', autogenerate => true, revision_id => 'm1', desired => 'CREATE TABLE t (i int);') IS NOT NULL;
SELECT migr_upgrade();
SELECT migr_revision('ours', autogenerate => true, revision_id => 'm2', renames => '{"t": "u"}',
    desired => 'CREATE TABLE u (i int, j int);') IS NOT NULL;
SELECT migr_upgrade();
SELECT * FROM migr_test();
SELECT migr_downgrade('base');
-- What was detected is told: of many objects some, without the current schema.
-- What stands on a table that comes or goes is not told.
SELECT migr_upgrade();
CREATE INDEX old_index ON u (j);
CREATE TABLE old_table (i int PRIMARY KEY, x text);
SELECT migr_revision('theirs', autogenerate => true, desired =>
    $$CREATE TABLE u (i bigint, j int); COMMENT ON TABLE u IS 'us';
      CREATE SCHEMA app; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE VIEW "public.v" AS SELECT 1 AS one; $$ ||
    string_agg(format('CREATE TABLE app.t%s (id int PRIMARY KEY, a text); CREATE INDEX ON app.t%1$s (a);',
                      to_char(i, 'fm00')), '')) IS NOT NULL
  FROM generate_series(1, 12) i;
-- the location is not for everyone to set (error)
SET migr.schema_location = '/tmp';
RESET ROLE;
DO 'BEGIN PERFORM migr_scratch_drop(''regress_author''); END';

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_autogenerate;
DROP DATABASE regress_autogenerate_2;
DROP ROLE regress_author;
