-- Directives in front of a statement: what they mean, and where and how they can stand.
DROP EXTENSION migr;
CREATE EXTENSION migr;
\set SHOW_CONTEXT always
SET client_min_messages = warning;
SET migr.scratch_database = 'create';

-- Load a revision with this in its upgrade section; run it in a savepoint; say what came of it.
CREATE FUNCTION pg_temp.load(script text) RETURNS TABLE (message text, hint text)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migr_load(script, replace => true);
    RETURN QUERY SELECT 'loaded', NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN QUERY SELECT SQLSTATE || ' ' || SQLERRM, hint;
END $$;
CREATE FUNCTION pg_temp.upgrade(section text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    PERFORM migr_load(E'-- migr:revision try\n-- migr:upgrade\n' || section || E'\n-- migr:downgrade\n');
    PERFORM migr_upgrade('try');
    PERFORM migr_downgrade('base');
    PERFORM migr_unload('try');
    RETURN 'ran';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || SQLERRM || ' / ' || detail;
END $$;
CREATE TABLE item (id int PRIMARY KEY, n int, t text);
INSERT INTO item SELECT i FROM generate_series(1, 2500) i;

--
-- How they are written
--

\x on
SELECT line, said.* FROM unnest(ARRAY[
    '-- migr:require SELECT true;', '-- migr:expect', '-- migr:expect many', '-- migr:expect 3..1',
    '-- migr:expect 1..', '-- migr:expect -1', '-- migr:expect 1 .. 3', '-- migr:batch x', '-- migr:batch 0',
    '-- migr:batch 10 20', '-- migr:batch 1s 10', '-- migr:batch 10, 1s', '-- migr:batch 1 s',
    '-- migr:batch 10 -1s', '-- migr:batch 99999999999', '-- migr:allow', '-- migr:allow a.b',
    '-- migr:phase later', '--migr:expect 1', ' -- migr:batch 100', '-- migr.require', '-- migr:expects 1'
]) line, pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\n' || line || E'\nUPDATE item SET n = 1 WHERE n IS NULL;\n') said;

--
-- Where they stand
--

SELECT section, said.* FROM unnest(ARRAY[
    E'-- migr:expect 1\n-- migr:expect 1\nDELETE FROM item;',
    E'-- migr:batch\n-- migr:batch\nDELETE FROM item;',
    E'-- migr:batch\n-- migr:expect 1\nDELETE FROM item;',
    E'DELETE FROM item\n-- migr:expect 1\nWHERE id = 1;',
    E'DELETE FROM item\n-- migr:expect 1\n;',
    E'DELETE FROM item;\n-- migr:expect 1\n',
    E'DELETE FROM item;\n-- migr:expect 1\n-- migr:downgrade\n',
    E'SELECT 1;\n-- migr:verify\n-- migr:require\nSELECT true;',
    E'-- migr:require\nDELETE FROM item;',
    E'-- migr:require\nSELECT 1 INTO made;',
    E'-- migr:require\nSELECT true FROM item FOR UPDATE;',
    E'-- migr:require\nWITH gone AS (DELETE FROM item RETURNING id) SELECT count(*) > 0 FROM gone;',
    E'-- migr:expect 1\nSELECT 1;',
    E'-- migr:expect 1\nALTER TABLE item ADD c int;',
    E'-- migr:batch\nSELECT 1;',
    E'-- migr:batch\nINSERT INTO item VALUES (1);',
    E'-- migr:batch\nINSERT INTO item DEFAULT VALUES;',
    E'-- migr:batch\nINSERT INTO item SELECT 1;',
    E'-- migr:batch\nINSERT INTO item SELECT id FROM item WHERE id = 1 ON CONFLICT (id) DO UPDATE SET n = 1;',
    E'-- migr:batch\nUPDATE item SET n = 1;',
    E'-- migr:batch\nUPDATE item SET n = 1 WHERE CURRENT OF c;',
    E'-- migr:batch\nWITH gone AS (DELETE FROM item RETURNING *) INSERT INTO item SELECT * FROM gone WHERE id > 0;'
]) section, pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\n' || section || E'\n') said;
SELECT said.* FROM pg_temp.load(E'-- migr:expect 1\nDELETE FROM item;') said;
SELECT said.* FROM pg_temp.load(E'-- migr:revision a\n-- migr:expect 1\n-- migr:upgrade\nDELETE FROM item;') said;
SELECT said.* FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\nSELECT 1;\n\n-- migr:revision b\n-- migr:revises a\n-- migr:upgrade\n-- migr:batch\nUPDATE item SET n = 1;') said;
\x off

-- What can stand: several before one statement, comments between, within quotes nothing; the phase of the script.
SELECT said.* FROM pg_temp.load($m$
-- migr:revision a
-- migr:phase after
-- migr:upgrade
-- migr:require
-- Is there anything to do?
SELECT count(*) > 0 FROM item;

-- migr:allow data-in-ddl, change-type-rewrite
-- migr:allow lock-table
-- migr:expect 1

/* this one */
UPDATE item SET t = '
-- migr:expect 7
' WHERE id = 1;
-- migr:batch 100 0.5s
DELETE FROM item WHERE id > 2490
-- migr:downgrade
-- migr:expect 0..10
DELETE FROM item WHERE id > 2490;
$m$) said;
SELECT * FROM migr_validate();
SELECT * FROM migr_upgrade();
SELECT count(*), count(t) FROM item;
SELECT * FROM migr_downgrade('base');
SELECT migr_unload('a');

--
-- require
--

SELECT upgrade FROM unnest(ARRAY[
    E'SELECT true;', E'SELECT false;', E'SELECT NULL::boolean;', E'SELECT true WHERE false;',
    E'VALUES (true), (false);', E'SELECT 1;', E'SELECT true, true;', E'SELECT nothing;'
]) query, pg_temp.upgrade(E'SELECT 1;\n-- migr:require\n' || query);

-- It is asked before the first statement, wherever it stands, with the settings in front of it, and leaves no lock.
SELECT pg_temp.upgrade($s$
DROP TABLE item;
-- migr:require
SELECT count(*) = 1 FROM item WHERE id = 1;
CREATE TABLE item (id int PRIMARY KEY, n int, t text);
$s$);
INSERT INTO item SELECT i FROM generate_series(1, 2500) i;
CREATE SCHEMA aside;
CREATE TABLE aside.here (i int);
SELECT pg_temp.upgrade($s$
SET search_path = aside;
-- migr:require
SELECT count(*) = 0 FROM here;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_locks WHERE relation = 'aside.here'::regclass AND pid = pg_backend_pid()) THEN
        RAISE 'there is a lock left';
    END IF;
END $$;
$s$);
SELECT * FROM migr_load($m$
-- migr:revision q1
-- migr:upgrade
CREATE TABLE made (i int);
-- migr:require
SELECT count(*) > 5 FROM aside.here;
-- migr:downgrade
-- migr:require
SELECT false;
DROP TABLE made;
$m$);
SELECT migr_upgrade();
INSERT INTO aside.here SELECT generate_series(1, 6);
SELECT migr_upgrade();
SELECT migr_downgrade('base');
-- A trial has no rows, and does not ask.
SELECT * FROM migr_test();
SELECT migr_stamp('base');
DROP TABLE made;
SELECT migr_unload('q1');
-- Nor does it count.
SELECT count(*) FROM migr_load($m$
-- migr:revision c1
-- migr:upgrade
CREATE TABLE made (i int);
-- migr:revision c2
-- migr:revises c1
-- migr:upgrade
-- migr:expect 5
UPDATE made SET i = 1;
-- migr:batch 100
UPDATE made SET i = 1 WHERE i <> 1;
CREATE INDEX ON made (i);
-- migr:downgrade
DROP INDEX made_i_idx;
-- migr:expect 1
DELETE FROM made;
$m$);
SELECT * FROM migr_test();
SELECT migr_unload(id) FROM unnest(ARRAY['c2', 'c1']) id;

--
-- expect
--

SELECT upgrade FROM unnest(ARRAY[
    E'-- migr:expect 3\nUPDATE item SET n = 0 WHERE id <= 3;',
    E'-- migr:expect 4\nUPDATE item SET n = 0 WHERE id <= 3;',
    E'-- migr:expect 1..3\nDELETE FROM item WHERE id <= 3;',
    E'-- migr:expect 1..100\nDELETE FROM item WHERE id <= 3;',
    E'-- migr:expect 0\nDELETE FROM item WHERE id <= 3;',
    E'-- migr:expect 2\nINSERT INTO item VALUES (1), (2), (3) ON CONFLICT DO NOTHING;',
    E'-- migr:expect 3\nINSERT INTO item VALUES (1), (2), (3) ON CONFLICT DO NOTHING;',
    E'-- migr:expect 3\nWITH w AS (SELECT 3 AS i) UPDATE item SET n = 1 FROM w WHERE id <= i RETURNING id;'
]) section, pg_temp.upgrade(section);
SELECT count(*) FROM migr_load(E'-- migr:revision x\n-- migr:upgrade\n\n-- migr:expect 1\nUPDATE item SET n = 9;\n');
SELECT migr_upgrade();
SELECT count(*) FROM item WHERE n = 9;
SELECT migr_unload('x');

--
-- batch
--

-- How many rows each statement that is run has changed.
CREATE TABLE seen (ordinal int GENERATED ALWAYS AS IDENTITY, rows bigint);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO seen (rows) SELECT count(*) FROM old_rows HAVING count(*) > 0;
    ELSE
        INSERT INTO seen (rows) SELECT count(*) FROM new_rows HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;
CREATE PROCEDURE look_at(relation regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER i AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION see()', relation);
    EXECUTE format('CREATE TRIGGER u AFTER UPDATE ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION see()', relation);
    EXECUTE format('CREATE TRIGGER d AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION see()', relation);
END $$;
CREATE FUNCTION pg_temp.batch(section text, OUT said text, OUT batches text) LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE seen RESTART IDENTITY;
    said := pg_temp.upgrade(section);
    batches := (SELECT string_agg(rows || CASE WHEN times > 1 THEN ' x ' || times ELSE '' END, ', ' ORDER BY first)
                  FROM (SELECT rows, count(*) AS times, min(ordinal) AS first FROM seen GROUP BY rows) s);
END $$;
CALL look_at('item');
TRUNCATE item;
INSERT INTO item SELECT i FROM generate_series(1, 2500) i;
CREATE TABLE "It""em" (id int, "on" int, "conflict" int);
INSERT INTO "It""em" SELECT i, i, i FROM generate_series(1, 25) i;
CALL look_at('"It""em"');
CREATE TABLE parted (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (200);
INSERT INTO parted SELECT i FROM generate_series(90, 110) i;
CALL look_at('parted');
CREATE TABLE source (id int, v int);
INSERT INTO source SELECT i, i FROM generate_series(1, 2500) i;

-- A thousand at a time, or as many as it says.
SELECT * FROM pg_temp.batch(E'-- migr:batch\nUPDATE item SET n = id WHERE n IS NULL;');
SELECT count(*) FROM item WHERE n = id;
SELECT * FROM pg_temp.batch(E'-- migr:batch 600 10s\nUPDATE ONLY public.item AS i SET n = -id -- to it\nWHERE i.n > 0 -- where\n  OR i.n IS NULL RETURNING i.n;');
SELECT count(*) FROM item WHERE n = -id;
-- A LIMIT in what is written is no limit of rows; one in the condition is.
SELECT * FROM pg_temp.batch(E'-- migr:batch\nUPDATE item SET t = (SELECT v FROM source ORDER BY v LIMIT 1) WHERE t IS NULL;');
SELECT * FROM pg_temp.batch(E'-- migr:batch\nUPDATE item SET t = NULL WHERE id IN (SELECT id FROM item WHERE t IS NOT NULL LIMIT 1250);');
SELECT * FROM pg_temp.batch(E'-- migr:batch 100\nWITH part AS (SELECT id FROM item WHERE t IS NULL FETCH FIRST 2000 ROWS ONLY) UPDATE item SET t = ''x'' FROM part WHERE item.id = part.id;');
-- Other tables, operators with FROM, WITH.
SELECT * FROM pg_temp.batch(E'-- migr:batch 2000\nUPDATE item SET n = v, t = (t IS NOT DISTINCT FROM ''x'')::text FROM source s WHERE s.id = item.id AND item.n IS DISTINCT FROM s.v;');
SELECT t, count(*) FROM item GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.batch(E'-- migr:batch 2000\nWITH big AS (SELECT id FROM source WHERE v > 100) UPDATE item SET n = 0 WHERE n <> 0 AND id IN (SELECT id FROM big);');
SELECT * FROM pg_temp.batch(E'-- migr:batch 50\nDELETE FROM item USING source s WHERE s.id = item.id AND s.v <= 120;');
SELECT * FROM pg_temp.batch(E'-- migr:batch 10\nDELETE FROM "It""em" WHERE "on" > 4;');
SELECT * FROM pg_temp.batch(E'-- migr:batch 3\nDELETE FROM "It""em";');
-- Partitions; a condition that holds for a place in several of them.
SELECT said FROM pg_temp.batch(E'-- migr:batch 5\nUPDATE parted SET n = 1 WHERE n IS NULL;');
SELECT count(*) FROM parted WHERE n = 1;
SELECT said FROM pg_temp.batch(E'-- migr:batch 5\nDELETE FROM parted WHERE id <> 100;');
SELECT id FROM parted;
-- INSERT: what is not there yet; conflicts; what it returns; rows that move.
SELECT * FROM pg_temp.batch(E'-- migr:batch 50\nINSERT INTO item (id, n) SELECT 7000 + s.id, ''7'' FROM source s LEFT JOIN item x ON x.id = s.id WHERE NOT EXISTS (SELECT FROM item i WHERE i.id = 7000 + s.id) AND s.id <= 120;');
SELECT pg_temp.upgrade('CREATE TABLE copy (LIKE source); CREATE UNIQUE INDEX ON copy (id);');
CALL look_at('copy');
SELECT * FROM pg_temp.batch(E'-- migr:batch 1000\nINSERT INTO copy SELECT s.* FROM source s JOIN "It""em" conflict ON conflict IS NULL OR true WHERE s.id NOT IN (SELECT id FROM copy) ON CONFLICT DO NOTHING RETURNING id;');
INSERT INTO "It""em" VALUES (1, 1, 1);
SELECT * FROM pg_temp.batch(E'-- migr:batch 1000\nINSERT INTO copy SELECT s.* FROM source s JOIN "It""em" conflict ON conflict.conflict = 1 WHERE s.id NOT IN (SELECT id FROM copy) ON CONFLICT DO NOTHING RETURNING id;');
SELECT * FROM pg_temp.batch(E'-- migr:batch 1500\nINSERT INTO item (id) (SELECT -id FROM copy EXCEPT SELECT id FROM item) ORDER BY 1 RETURNING id;');
SELECT * FROM pg_temp.batch(E'-- migr:batch\nWITH gone AS (DELETE FROM copy WHERE id IN (SELECT id FROM copy ORDER BY id LIMIT 1250) RETURNING *) INSERT INTO "It""em" SELECT id, v FROM gone;');
SELECT count(*) FROM "It""em";

-- Rows that a trigger keeps as they are don't keep it going.
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER keep BEFORE UPDATE ON item FOR EACH ROW WHEN (old.id % 2 = 0) EXECUTE FUNCTION keep();
-- Which rows are met together is the server's choice.
SELECT said FROM pg_temp.batch(E'-- migr:batch 500\nUPDATE item SET t = ''kept'' WHERE t IS DISTINCT FROM ''kept'';');
SELECT count(*) FILTER (WHERE id % 2 <> 0 AND t IS DISTINCT FROM 'kept'), count(*) FILTER (WHERE id % 2 = 0 AND t = 'kept') FROM item;
CREATE TRIGGER keep BEFORE UPDATE ON parted FOR EACH ROW EXECUTE FUNCTION keep();
SELECT * FROM pg_temp.batch(E'-- migr:batch 500\nUPDATE parted SET n = 2 WHERE n = 1;');

-- What has no rows of its own needs a LIMIT (error); errors are those of the statement.
CREATE VIEW item_view AS SELECT * FROM item;
SELECT pg_temp.upgrade(E'-- migr:batch 5\nUPDATE item_view SET n = 5 WHERE id = 1;');
SELECT count(*) FROM migr_load(E'-- migr:revision x\n-- migr:upgrade\n\n-- migr:batch 5\nUPDATE item_view SET n = 5 WHERE id = 1;\n');
SELECT migr_upgrade();
SELECT count(*) FROM migr_load(E'-- migr:revision x\n-- migr:upgrade\n\n-- migr:batch 5\nUPDATE item SET n = 1 / 0 WHERE id = 2491;\n');
SELECT migr_upgrade();
SELECT migr_unload('x');

-- Repeatable scripts have them too.
SELECT count(*) FROM migr_load($m$
-- migr:repeatable rows
-- migr:upgrade
-- migr:require
SELECT count(*) > 1000000 FROM item;
-- migr:batch 5
UPDATE item SET n = 5 WHERE id < 10;
$m$);
SELECT migr_upgrade();
SELECT migr_unload('rows');

-- A script for psql does the same, but for the size of a batch.
SELECT count(*) FROM migr_load($m$
-- migr:revision o
-- migr:upgrade
SET search_path = aside;
INSERT INTO here VALUES (7);
-- migr:require
SELECT count(*) = 6 FROM here;
-- migr:expect 1..2
DELETE FROM here WHERE i = 1 AND 'it''s' <> '$migr$';
-- migr:batch 2
DELETE FROM here WHERE i IN (SELECT i FROM here WHERE i < 5 LIMIT 2);
$m$);
SELECT substr(sql, strpos(sql, 'SET search_path = aside'), strpos(sql, 'RESET SESSION') - strpos(sql, 'SET search_path = aside')) AS script FROM migr_sql('base:o') sql \gset
BEGIN;
SELECT :'script' ~ 'DO .*INSERT .*DO .*DO ' AS "the question comes first";
:script
SELECT i FROM aside.here;
ROLLBACK;
UPDATE aside.here SET i = 2 WHERE i = 1;
\set VERBOSITY terse
BEGIN;
:script
ROLLBACK;
INSERT INTO aside.here VALUES (8);
BEGIN;
:script
ROLLBACK;
\set VERBOSITY default
SELECT migr_unload('o');
DROP SCHEMA aside CASCADE;
DROP VIEW item_view;
DROP TABLE item, "It""em", parted, source, copy, seen;
DROP FUNCTION see(), keep();
DROP PROCEDURE look_at(regclass);
