-- Whatever a run does: what is recorded is what a look at all objects gives, byte
-- for byte, and nothing differs from it.
SET client_min_messages = warning;
SELECT current_database() AS home \gset
CREATE ROLE regress_recorded;
CREATE DATABASE regress_recorded;
\c regress_recorded
SET client_min_messages = warning;
CREATE EXTENSION migr;

SET migr.exclude = 'test, test.*';
CREATE SCHEMA test;
CREATE TABLE test.tried (statement text, changed bigint);

-- What is recorded of each object, and what all of it comes to.
CREATE VIEW test.recorded AS
    SELECT o.id, o.object, o.hash, o.owner, o.catalog, o.oid, o.place, o.root_catalog, o.root_oid, r.fingerprint
      FROM migr.object o, migr.recorded r;

-- Run a statement, tell what was recorded otherwise than it is, and take it back.
CREATE PROCEDURE test.try(statement text) LANGUAGE plpgsql AS $$
DECLARE
    line text;
    changed bigint;
BEGIN
    BEGIN
        CREATE TEMPORARY TABLE before AS SELECT * FROM test.recorded;
        PERFORM migr_load(format(E'-- migr:revision tried\n-- migr:revises first\n-- migr:upgrade\n%s;\n', statement));
        PERFORM migr_upgrade();
        CREATE TEMPORARY TABLE after AS SELECT * FROM test.recorded;
        changed := (SELECT count(*) FROM before b FULL JOIN after a USING (id) WHERE a.hash IS DISTINCT FROM b.hash);
        FOR line IN SELECT concat_ws(' ', object, status, detail) FROM migr_verify('{drift}')
                     WHERE object IS NOT NULL OR status <> 'ok' LOOP
            RAISE WARNING '%', line;
        END LOOP;
        PERFORM migr_stamp('current');
        FOR line IN SELECT concat_ws(' ', a.object, '->', w.object)
                      FROM after a FULL JOIN test.recorded w USING (id)
                     WHERE (w.hash, w.owner, w.catalog, w.oid, w.place, w.root_catalog, w.root_oid, w.fingerprint) IS DISTINCT FROM
                           (a.hash, a.owner, a.catalog, a.oid, a.place, a.root_catalog, a.root_oid, a.fingerprint) LOOP
            RAISE WARNING 'recorded otherwise: %', line;
        END LOOP;
        RAISE SQLSTATE 'Z0000';
    EXCEPTION WHEN SQLSTATE 'Z0000' THEN
        NULL;
    END;
    INSERT INTO test.tried VALUES (statement, changed);
END
$$;

-- Some of everything.
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE moods (all_of mood[] DEFAULT '{good}');
CREATE DOMAIN positive AS int CONSTRAINT is_positive CHECK (VALUE > 0);
CREATE TYPE span AS RANGE (subtype = int);
CREATE SEQUENCE numbers;
CREATE COLLATION german FROM "C";
CREATE FUNCTION plus(a int, b positive) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION is_fine(m mood) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION trigger_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE base (id int PRIMARY KEY, name text DEFAULT 'x', mood mood DEFAULT 'good',
    CONSTRAINT fine CHECK (is_fine(mood)));
CREATE TABLE other (id int REFERENCES base, n int GENERATED ALWAYS AS IDENTITY, s serial,
    p positive, c text COLLATE german, d int DEFAULT nextval('numbers'), r span, q pair);
CREATE TABLE child (more int) INHERITS (base);
CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE part_2 (id int, at date);
CREATE INDEX parted_id ON parted (id);
CREATE INDEX base_name ON base (lower(name));
CREATE UNIQUE INDEX other_n ON other (n);
CREATE STATISTICS base_stats ON name, mood FROM base;
CREATE VIEW joined AS SELECT * FROM base JOIN other USING (id);
CREATE VIEW above AS SELECT id, mood = 'good' AS fine FROM joined;
CREATE MATERIALIZED VIEW stored AS SELECT base.id, plus(base.id, 1) FROM base;
CREATE RULE noted AS ON DELETE TO other DO ALSO SELECT 1 FROM base WHERE base.id = old.id;
CREATE TRIGGER checked BEFORE UPDATE OF name ON base FOR EACH ROW EXECUTE FUNCTION trigger_function();
ALTER TABLE base ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON base USING (is_fine(mood));
CREATE FUNCTION of_rows(r base, a mood[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION bases() RETURNS SETOF base LANGUAGE sql AS 'SELECT NULL::base';
CREATE VIEW from_bases AS SELECT id FROM bases();
CREATE AGGREGATE summed(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
SET client_min_messages = error;
CREATE PUBLICATION published FOR TABLE base;
SET client_min_messages = warning;
CREATE FOREIGN DATA WRAPPER wrapper;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper;
CREATE FOREIGN TABLE far (id int) SERVER elsewhere;
CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER noticed ON ddl_command_end WHEN TAG IN ('CREATE RULE') EXECUTE FUNCTION noticed();
CREATE SCHEMA apart CREATE TABLE inside (id int);
ALTER DEFAULT PRIVILEGES IN SCHEMA apart GRANT SELECT ON TABLES TO PUBLIC;
COMMENT ON COLUMN base.name IS 'before';

SELECT count(*) FROM migr_load(E'-- migr:revision first\n-- migr:upgrade\nSELECT;\n');
SELECT * FROM migr_stamp('first');

-- Nothing is missed.
CALL test.try('SELECT 1');
CALL test.try('CREATE TABLE made (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, t text UNIQUE CHECK (t > ''''))');
CALL test.try('CREATE TEMPORARY TABLE made (id serial PRIMARY KEY, t text UNIQUE CHECK (t > ''''))');
CALL test.try('ALTER TABLE base ADD x int');
CALL test.try('ALTER TABLE other ADD name text');
CALL test.try('ALTER TABLE base DROP name CASCADE');
CALL test.try('ALTER TABLE base RENAME name TO label');
CALL test.try('ALTER TABLE base RENAME TO ground');
CALL test.try('ALTER TABLE base SET SCHEMA apart');
CALL test.try('ALTER TABLE base OWNER TO regress_recorded');
CALL test.try('DROP VIEW joined CASCADE; ALTER TABLE other ALTER c TYPE varchar(7) COLLATE "C", ALTER p TYPE bigint');
CALL test.try('ALTER TABLE base ALTER name SET DEFAULT ''y''');
CALL test.try('ALTER TABLE base ALTER name DROP DEFAULT');
CALL test.try('ALTER TABLE base ALTER name SET NOT NULL');
CALL test.try('ALTER TABLE base ALTER name SET STATISTICS 7, ALTER name SET STORAGE external, ALTER name SET (n_distinct = 5)');
CALL test.try('ALTER TABLE base SET (fillfactor = 50, toast.autovacuum_enabled = off)');
CALL test.try('ALTER TABLE base RENAME CONSTRAINT fine TO good');
CALL test.try('ALTER TABLE base ADD CONSTRAINT c CHECK (id > 0) NOT VALID');
CALL test.try('ALTER TABLE base DROP CONSTRAINT base_pkey CASCADE');
CALL test.try('ALTER TABLE other ADD FOREIGN KEY (n) REFERENCES base DEFERRABLE');
CALL test.try('ALTER TABLE base REPLICA IDENTITY FULL');
CALL test.try('ALTER TABLE base REPLICA IDENTITY USING INDEX base_pkey');
CALL test.try('ALTER TABLE base CLUSTER ON base_name');
CALL test.try('ALTER TABLE base DISABLE TRIGGER checked');
CALL test.try('ALTER TABLE base DISABLE TRIGGER ALL');
CALL test.try('ALTER TABLE base DISABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
CALL test.try('ALTER TABLE other DISABLE RULE noted');
CALL test.try('ALTER TABLE child NO INHERIT base');
CALL test.try('ALTER TABLE other ADD name text, ADD mood mood; ALTER TABLE other ADD CONSTRAINT fine CHECK (is_fine(mood)), ALTER id SET NOT NULL; ALTER TABLE other INHERIT base');
CALL test.try('ALTER TABLE other ALTER n SET INCREMENT 5');
CALL test.try('ALTER TABLE other ALTER n DROP IDENTITY');
CALL test.try('ALTER TABLE other ALTER n SET GENERATED ALWAYS RESTART WITH 7');
CALL test.try('ALTER SEQUENCE other_n_seq RENAME TO n_seq');
CALL test.try('ALTER SEQUENCE other_s_seq RENAME TO s_seq');
CALL test.try('ALTER SEQUENCE other_s_seq OWNED BY NONE');
CALL test.try('ALTER SEQUENCE numbers OWNED BY other.d');
CALL test.try('ALTER SEQUENCE numbers RENAME TO n; ALTER SEQUENCE n INCREMENT 3 CACHE 5');
CALL test.try('COMMENT ON SEQUENCE other_n_seq IS ''c''; GRANT SELECT ON SEQUENCE other_n_seq TO PUBLIC');
CALL test.try('ALTER TABLE other ADD CONSTRAINT by_n UNIQUE USING INDEX other_n');
CALL test.try('ALTER INDEX base_name RENAME TO by_name');
CALL test.try('ALTER INDEX base_pkey RENAME TO key');
CALL test.try('ALTER INDEX base_name ALTER COLUMN 1 SET STATISTICS 9');
CALL test.try('ALTER INDEX parted_id RENAME TO parted_by_id');
CALL test.try('CREATE INDEX part_1_more ON part_1 (at); CREATE INDEX parted_more ON ONLY parted (at); ALTER INDEX parted_more ATTACH PARTITION part_1_more');
CALL test.try('ALTER TABLE parted ATTACH PARTITION part_2 FOR VALUES FROM (''2021-01-01'') TO (''2022-01-01'')');
CALL test.try('ALTER TABLE parted DETACH PARTITION part_1');
CALL test.try('ALTER TABLE parted RENAME TO pieces');
CALL test.try('ALTER TABLE parted RENAME at TO day');
CALL test.try('DROP TABLE parted');
CALL test.try('DROP TABLE base CASCADE');
CALL test.try('DROP INDEX base_name; CREATE INDEX base_name ON base (name)');
CALL test.try('DROP VIEW above; CREATE VIEW above AS SELECT 1 AS id');
CALL test.try('CREATE OR REPLACE VIEW above AS SELECT id, true AS fine FROM base');
CALL test.try('ALTER VIEW joined SET (security_barrier); ALTER VIEW joined ALTER n SET DEFAULT 4; COMMENT ON VIEW joined IS ''v''');
CALL test.try('ALTER MATERIALIZED VIEW stored RENAME id TO number');
CALL test.try('REFRESH MATERIALIZED VIEW stored');
CALL test.try('CREATE INDEX ON stored (id)');
CALL test.try('ALTER RULE noted ON other RENAME TO marked');
CALL test.try('ALTER TRIGGER checked ON base RENAME TO watched');
CALL test.try('CREATE CONSTRAINT TRIGGER late AFTER INSERT ON other DEFERRABLE FOR EACH ROW EXECUTE FUNCTION trigger_function()');
CALL test.try('ALTER POLICY mine ON base TO regress_recorded USING (true)');
CALL test.try('ALTER FUNCTION is_fine RENAME TO is_well');
CALL test.try('ALTER FUNCTION trigger_function RENAME TO f');
CALL test.try('ALTER FUNCTION is_fine SET SCHEMA apart');
CALL test.try('ALTER FUNCTION noticed RENAME TO seen');
CALL test.try('CREATE OR REPLACE FUNCTION is_fine(m mood) RETURNS bool STABLE LANGUAGE sql AS ''SELECT false''');
CALL test.try('GRANT EXECUTE ON FUNCTION is_fine TO regress_recorded; REVOKE EXECUTE ON FUNCTION plus FROM PUBLIC');
CALL test.try('ALTER AGGREGATE summed(int) RENAME TO added');
CALL test.try('ALTER TYPE mood RENAME TO feeling');
CALL test.try('ALTER TYPE mood RENAME VALUE ''good'' TO ''fine''');
CALL test.try('ALTER TYPE mood ADD VALUE ''worse'' AFTER ''bad''');
CALL test.try('ALTER TYPE mood SET SCHEMA apart');
CALL test.try('ALTER TYPE pair ADD ATTRIBUTE c int');
CALL test.try('ALTER TYPE pair RENAME ATTRIBUTE a TO x');
CALL test.try('ALTER TYPE pair RENAME TO couple');
CALL test.try('CREATE TABLE uses (p pair, m mood, s span)');
CALL test.try('ALTER TYPE span RENAME TO range_of');
CALL test.try('ALTER DOMAIN positive RENAME CONSTRAINT is_positive TO p');
CALL test.try('ALTER DOMAIN positive ADD CHECK (VALUE < 10)');
CALL test.try('ALTER DOMAIN positive RENAME TO natural_number');
CALL test.try('ALTER DOMAIN positive SET NOT NULL');
CALL test.try('ALTER COLLATION german RENAME TO english');
CALL test.try('CREATE COLLATION french FROM "C"');
CALL test.try('ALTER STATISTICS base_stats RENAME TO s; ALTER STATISTICS s SET STATISTICS 3');
CALL test.try('ALTER PUBLICATION published ADD TABLE other');
CALL test.try('ALTER PUBLICATION published SET (publish = ''insert'')');
CALL test.try('ALTER TABLE other RENAME TO others');
CALL test.try('ALTER SERVER elsewhere RENAME TO there');
CALL test.try('ALTER SERVER elsewhere OPTIONS (ADD a ''b''); CREATE USER MAPPING FOR PUBLIC SERVER elsewhere');
CALL test.try('ALTER FOREIGN DATA WRAPPER wrapper RENAME TO w');
CALL test.try('ALTER FOREIGN TABLE far OPTIONS (ADD x ''y'')');
CALL test.try('ALTER TEXT SEARCH DICTIONARY words RENAME TO w');
CALL test.try('ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH words');
CALL test.try('ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH words; ALTER TEXT SEARCH DICTIONARY words RENAME TO w');
CALL test.try('ALTER EVENT TRIGGER noticed DISABLE');
CALL test.try('ALTER DEFAULT PRIVILEGES IN SCHEMA apart GRANT INSERT ON TABLES TO regress_recorded');
CALL test.try('ALTER SCHEMA apart RENAME TO beside');
CALL test.try('ALTER SCHEMA apart OWNER TO regress_recorded; GRANT USAGE ON SCHEMA apart TO PUBLIC; COMMENT ON SCHEMA apart IS ''s''');
CALL test.try('DROP SCHEMA apart CASCADE');
CALL test.try('CREATE SCHEMA more CREATE VIEW v AS SELECT 1 AS a');
CALL test.try('COMMENT ON SCHEMA public IS ''p''; GRANT CREATE ON SCHEMA public TO regress_recorded');
CALL test.try('COMMENT ON COLUMN base.name IS ''c''; COMMENT ON CONSTRAINT fine ON base IS ''d''; COMMENT ON INDEX base_pkey IS ''e''; COMMENT ON INDEX base_name IS ''f''');
CALL test.try('COMMENT ON TYPE mood IS ''c''; COMMENT ON FUNCTION plus IS ''c''; COMMENT ON TRIGGER checked ON base IS ''c''; COMMENT ON POLICY mine ON base IS ''c''; COMMENT ON RULE noted ON other IS ''c''');
CALL test.try('GRANT SELECT (name) ON base TO regress_recorded; GRANT ALL ON other TO PUBLIC; GRANT USAGE ON TYPE mood TO regress_recorded');
CALL test.try('ALTER ROLE regress_recorded RENAME TO regress_touching');
CALL test.try('ALTER ROLE regress_recorded SET work_mem = 64');
CALL test.try('ALTER DATABASE regress_recorded SET work_mem = 64');
CALL test.try('CREATE ROLE regress_touching; ALTER TABLE base OWNER TO regress_touching');
CALL test.try('REASSIGN OWNED BY regress_recorded TO CURRENT_USER; DROP OWNED BY regress_recorded');
CALL test.try('CREATE CAST (mood AS pair) WITH INOUT AS IMPLICIT');
CALL test.try('CREATE CAST (mood AS pair) WITH INOUT; CREATE TYPE wide AS RANGE (subtype = numeric)');
CALL test.try('CREATE FUNCTION same(mood, mood) RETURNS bool LANGUAGE sql AS ''SELECT true''; CREATE OPERATOR === (LEFTARG = mood, RIGHTARG = mood, FUNCTION = same)');
CALL test.try('CREATE OPERATOR CLASS other_ops FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int)');
CALL test.try('ALTER LANGUAGE plpgsql RENAME TO pl');
CALL test.try('CLUSTER base USING base_name; ANALYZE base; REINDEX TABLE base; TRUNCATE base CASCADE');

-- Whatever did it.
CALL test.try('DO $d$ BEGIN
    BEGIN ALTER TABLE base ADD x int; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;
    BEGIN ALTER TABLE other ADD y int; EXCEPTION WHEN division_by_zero THEN NULL; END;
    END $d$');
CALL test.try('UPDATE pg_class SET reloptions = ''{fillfactor=20}'' WHERE relname = ''base''');
CALL test.try('UPDATE pg_attribute SET attname = ''label'' WHERE attrelid = ''base''::regclass AND attname = ''name''');
CALL test.try('DELETE FROM pg_description WHERE objoid = ''base''::regclass');
CALL test.try('DELETE FROM pg_depend WHERE objid = ''other_s_seq''::regclass AND deptype = ''a''');
CALL test.try('ALTER EXTENSION plpgsql ADD FUNCTION is_fine(mood); ALTER EXTENSION plpgsql ADD TABLE other');
CALL test.try('ALTER FUNCTION is_fine DEPENDS ON EXTENSION migr; ALTER INDEX base_name DEPENDS ON EXTENSION migr');
CALL test.try('ALTER EXTENSION plpgsql DROP FUNCTION plpgsql_call_handler()');
CALL test.try('SELECT FROM pg_class WHERE relname = ''base'' FOR UPDATE; ALTER TABLE base ADD x int');

-- What changes nothing that is recorded.
SELECT statement FROM test.tried WHERE changed = 0;

-- Which revision was it?  What was done by hand before it, in the same transaction,
-- is not its doing.
SELECT count(*) FROM migr_load($m$
-- migr:revision one
-- migr:revises first
-- migr:upgrade
ALTER TABLE other ADD one int;
CREATE TABLE made (id int);
CREATE TABLE passing (id int);
DO $$BEGIN
    ALTER TABLE child ADD gone int;
    RAISE SQLSTATE 'Z0000';
EXCEPTION WHEN SQLSTATE 'Z0000' THEN
    COMMENT ON VIEW above IS 'seen';
END$$;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
DROP TABLE passing;
ALTER TABLE made ADD two int;
CREATE INDEX ON other (c);
DROP STATISTICS base_stats;
ALTER VIEW joined RENAME TO joint;
$m$);
BEGIN;
ALTER TABLE base ADD by_hand int;
SELECT count(*) FROM migr_upgrade();
SELECT object, created_by, created_action, changed_by, changed_action FROM migr.object
 WHERE created_action IS NOT NULL OR changed_action IS NOT NULL ORDER BY object;
SELECT object, status FROM migr_verify('{drift}') WHERE status <> 'ok';
-- Where a run is at it as well, it is recorded, and told; what the run replaces is told
-- before.
SELECT count(*) FROM migr_load(E'-- migr:revision three\n-- migr:revises two\n-- migr:upgrade\nALTER TABLE base ADD three int;\nCREATE OR REPLACE FUNCTION is_fine(m mood) RETURNS bool IMMUTABLE LANGUAGE sql AS ''SELECT NULL::bool'';\n');
ALTER TABLE base ALTER name SET NOT NULL;
CREATE OR REPLACE FUNCTION is_fine(m mood) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT false';
CREATE TABLE nobodys (id int);
SET LOCAL client_min_messages = notice;
SELECT migr_upgrade();
RESET client_min_messages;
SELECT object, created_by, created_action, changed_by, changed_action FROM migr.object
 WHERE object ~ 'public.base' AND (created_action IS NOT NULL OR changed_action IS NOT NULL) ORDER BY object;
SELECT object, status FROM migr_verify('{drift}') WHERE status <> 'ok';
ROLLBACK;

-- What others had before the last record is not taken for a run's, also where one was
-- not recorded; what was made since then is.
CREATE TABLE others (id int);
SELECT count(*) FROM migr_load(E'-- migr:revision four\n-- migr:revises first\n-- migr:upgrade\nCREATE TABLE four (id int);\n'
    '-- migr:revision five\n-- migr:revises four\n-- migr:upgrade\nCREATE TABLE five (id int);\nALTER TABLE base ADD five int;\n'
    '-- migr:revision six\n-- migr:revises five\n-- migr:upgrade\nCREATE TABLE six (id int);\n');
SELECT count(*) FROM migr_upgrade('four');
SET migr.record_fingerprints = off;
SELECT count(*) FROM migr_upgrade('five');
RESET migr.record_fingerprints;
SELECT object, status FROM migr_verify('{drift}');
SELECT count(*) FROM migr_upgrade('six');
SELECT object, status FROM migr_verify('{drift}');
SELECT object, created_by, created_action, changed_by, changed_action FROM migr.object
 WHERE object ~ 'table public.(four|five|six|others)|base.five' ORDER BY object;

-- A run says that all is as the one before left it, as far as it sees; also what has been
-- frozen since is seen.
CREATE DATABASE regress_recorded_seen;
\c regress_recorded_seen
CREATE EXTENSION migr;
SELECT count(*) FROM migr_load(E'-- migr:revision first\n-- migr:upgrade\nCREATE TABLE one (id int);\n-- migr:downgrade\nDROP TABLE one;\n'
    '-- migr:revision second\n-- migr:revises first\n-- migr:upgrade\nCREATE TABLE two (id int);\n-- migr:downgrade\nDROP TABLE two;\n');
SELECT count(*) FROM migr_upgrade('first');
SELECT drift_free, drift_checked_at FROM migr_status();
SELECT count(*) FROM migr_downgrade('base');
CALL migr_deploy('second');
SELECT drift_free, drift_checked_at FROM migr_status();
ALTER TABLE one ADD COLUMN note text DEFAULT 'secret';
VACUUM FREEZE pg_class;
VACUUM FREEZE pg_attribute;
VACUUM FREEZE pg_attrdef;
VACUUM FREEZE pg_depend;
SELECT count(*) FROM migr_downgrade('first');
SELECT drift_free, drift_checked_at FROM migr_status();
SELECT object, status, detail FROM migr_verify('{drift}');
SELECT drift_free, drift_checked_at IS NOT NULL AS checked FROM migr_status();

-- What differs is told to everybody, how it reads to its owner.
SET ROLE regress_recorded;
SELECT object, status, detail FROM migr_verify('{drift}');
SELECT object, created_by FROM migr.object WHERE kind = 'table';
SELECT definition FROM migr.object;
-- What he finds is what he is told, and nobody else.
SET migr.exclude = '*';
SELECT object, status FROM migr_verify('{drift}');
RESET migr.exclude;
RESET ROLE;
SELECT drift_free FROM migr_status();

-- What others make is not as the last run left it; what they have unmade again is.
ALTER TABLE one DROP COLUMN note;
CREATE TABLE hand (id int);
SELECT count(*) FROM migr_verify('{drift}');
SELECT count(*) FROM migr_upgrade();
SELECT drift_free FROM migr_status();
DROP TABLE hand;
SELECT count(*) FROM migr_verify('{drift}') WHERE status = 'ok';
SELECT count(*) FROM migr_downgrade('first');
SELECT drift_free, drift_checked_at FROM migr_status();
\c regress_recorded
DROP DATABASE regress_recorded_seen;

\c :home
DROP DATABASE regress_recorded;
DROP ROLE regress_recorded;
