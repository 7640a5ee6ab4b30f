-- migr_adopt(): what the version tables of other tools say, recorded as applied.
\set SHOW_CONTEXT never
\set VERBOSITY default
\pset format unaligned

SELECT current_user AS super \gset
CREATE ROLE regress_migr_owner LOGIN;
CREATE ROLE regress_migr_other LOGIN;
CREATE DATABASE regress_adopt TEMPLATE template0 OWNER regress_migr_owner ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_adopt :super
ALTER SCHEMA public OWNER TO regress_migr_owner;
GRANT CREATE, USAGE ON SCHEMA public TO regress_migr_other;
GRANT CREATE ON DATABASE regress_adopt TO regress_migr_other;
SET ROLE regress_migr_owner;
CREATE EXTENSION migr;

-- A script that would fail if anything ran it.
CREATE FUNCTION pg_temp.script(id text, revises text DEFAULT '', more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT format(E'-- migr:revision %s\n-- migr:revises %s\n%s\n-- migr:upgrade\nSELECT 1/0;\n-- migr:downgrade\n', id, revises, more)
$$;
-- Everything anew.
CREATE FUNCTION pg_temp.forget() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r text;
BEGIN
    IF EXISTS (SELECT FROM migr.revision) THEN
        PERFORM migr_stamp('base', purge => true);
    END IF;
    FOR r IN SELECT revision FROM migr_history() LOOP
        PERFORM migr_unload(r);
    END LOOP;
END
$$;
-- The same, and ids in a line.
CREATE FUNCTION pg_temp.line(VARIADIC ids text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.forget();
    PERFORM FROM migr_load((SELECT string_agg(pg_temp.script(id, ids[n - 1]), '' ORDER BY n)
                              FROM unnest(ids) WITH ORDINALITY AS i (id, n)));
    RETURN 'loaded ' || array_to_string(ids, ' ');
END
$$;

--
-- Alembic: each row is a head, and stands for all below it
--

-- nothing there
SELECT * FROM migr_adopt();
SELECT * FROM migr_adopt(tool => 'goose');
SELECT * FROM migr_adopt(tool => 'rake');

CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
SELECT * FROM migr_adopt();
INSERT INTO alembic_version VALUES ('b1');
SELECT * FROM migr_adopt();
SELECT pg_temp.line('a0', 'a1', 'a2');
SELECT * FROM migr_adopt();
UPDATE alembic_version SET version_num = 'a1';
SELECT * FROM migr_adopt(check_only => true);
SELECT count(*) FROM migr.version;
SELECT * FROM migr_adopt(tag => 'moved');
SELECT revision, stamped FROM migr.version ORDER BY ordinal;
SELECT action, target, tag, from_heads, to_heads, detail FROM migr.log ORDER BY id DESC LIMIT 1;
SELECT drift_free FROM migr_status();
SELECT count(*) > 0 AS recorded FROM migr.object;
TABLE alembic_version;
-- again: nothing to do, and nothing in the log
SELECT count(*) AS before FROM migr.log \gset
SELECT * FROM migr_adopt();
SELECT count(*) - :before AS more FROM migr.log;
-- what has run here since then stays
SELECT migr_stamp('a2');
SELECT * FROM migr_adopt();
-- a prefix is not an id
UPDATE alembic_version SET version_num = 'a';
SELECT * FROM migr_adopt();

-- branches, a merge, a dependency; several rows, and one of them lost
SELECT pg_temp.forget();
SELECT * FROM migr_load(pg_temp.script('root') || pg_temp.script('left', 'root') || pg_temp.script('right', 'root') ||
    pg_temp.script('other', '', '-- migr:depends right') || pg_temp.script('left2', 'left'));
TRUNCATE alembic_version;
INSERT INTO alembic_version VALUES ('other'), ('left'), ('gone');
SELECT * FROM migr_adopt();
SELECT * FROM migr_adopt(skip_lost => true);
DELETE FROM alembic_version WHERE version_num = 'gone';
SELECT * FROM migr_adopt();
-- one more, later
UPDATE alembic_version SET version_num = 'left2' WHERE version_num = 'left';
SELECT * FROM migr_adopt();

-- ids that are none here are written with "_"
SELECT pg_temp.line('a_1', 'head_2');
TRUNCATE alembic_version;
INSERT INTO alembic_version VALUES ('a-1');
SELECT * FROM migr_adopt();
UPDATE alembic_version SET version_num = 'head';
SELECT * FROM migr_adopt();
SELECT pg_temp.line('caf__noir');
UPDATE alembic_version SET version_num = 'café noir';
SELECT * FROM migr_adopt();

-- a squash: its last revision is the squash, another one is lost unless its script is there
SELECT pg_temp.forget();
SELECT * FROM migr_load(pg_temp.script('s', '', '-- migr:replaces o1 o2') || pg_temp.script('n', 's'));
UPDATE alembic_version SET version_num = 'o2';
SELECT * FROM migr_adopt();
SELECT migr_stamp('base');
UPDATE alembic_version SET version_num = 'o1';
SELECT * FROM migr_adopt();
SELECT * FROM migr_load(pg_temp.script('o1') || pg_temp.script('o2', 'o1'));
SELECT * FROM migr_adopt();
SELECT revision FROM migr_pending();
DROP TABLE alembic_version;

--
-- which table
--

SELECT pg_temp.line('a0', 'a1');
CREATE SCHEMA tenant;
CREATE TABLE tenant.alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO tenant.alembic_version VALUES ('a0');
SELECT * FROM migr_adopt(check_only => true);
CREATE TABLE tenant."Our ""versions""" AS TABLE tenant.alembic_version;
SELECT * FROM migr_adopt('tenant."Our ""versions"""', check_only => true);
SELECT * FROM migr_adopt('tenant."Our ""versions"""', 'goose');
CREATE TABLE alembic_version (version_num text);
INSERT INTO alembic_version VALUES ('a1');
SELECT * FROM migr_adopt();
SELECT * FROM migr_adopt('alembic_version', check_only => true);
CREATE TABLE schema_migrations (version text);
SELECT * FROM migr_adopt(tool => 'dbmate');
-- it is no table of versions, or no table
SELECT * FROM migr_adopt('pg_catalog.pg_class');
CREATE VIEW seen AS TABLE alembic_version;
SELECT * FROM migr_adopt('seen');
DROP VIEW seen;
DROP TABLE alembic_version, schema_migrations;
DROP SCHEMA tenant CASCADE;

-- somebody else's: not taken for one by itself, and nothing of his runs for who names it
SET ROLE regress_migr_other;
CREATE SCHEMA his;
GRANT USAGE ON SCHEMA his TO PUBLIC;
CREATE FUNCTION his.attack(text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RAISE WARNING 'running as %', current_user;
    RETURN $1;
END;
$$;
CREATE TABLE his.alembic_version (version_num text);
INSERT INTO his.alembic_version VALUES ('a0');
RESET ROLE;
SELECT * FROM migr_adopt();
SELECT * FROM migr_adopt('his.alembic_version', check_only => true);
SET ROLE regress_migr_owner;
SELECT * FROM migr_adopt();
SELECT * FROM migr_adopt('his.alembic_version');
SET ROLE regress_migr_other;
GRANT SELECT ON his.alembic_version TO PUBLIC;
SET ROLE regress_migr_owner;
SELECT * FROM migr_adopt('his.alembic_version', check_only => true);
SET ROLE regress_migr_other;
REVOKE USAGE ON SCHEMA his FROM PUBLIC;
SELECT 'his.alembic_version'::regclass::oid AS hidden \gset
SET ROLE regress_migr_owner;
SELECT * FROM migr_adopt(:hidden::oid::regclass, check_only => true);
SET ROLE regress_migr_other;
GRANT USAGE ON SCHEMA his TO PUBLIC;
-- may not call it
SELECT * FROM migr_adopt('his.alembic_version');
CREATE POLICY p ON his.alembic_version USING (his.attack(version_num) IS NOT NULL);
ALTER TABLE his.alembic_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE his.alembic_version FORCE ROW LEVEL SECURITY;
CREATE VIEW his.goose_db_version AS SELECT 1 AS id, 1 AS version_id, his.attack('x') = 'x' AS is_applied;
CREATE TABLE his.schema_migrations (version text) PARTITION BY LIST (version);
CREATE TYPE his.fake AS (t text);
CREATE FUNCTION his.fake_text(his.fake) RETURNS text LANGUAGE sql AS $$ SELECT his.attack(($1).t) $$;
CREATE CAST (his.fake AS text) WITH FUNCTION his.fake_text(his.fake) AS IMPLICIT;
CREATE TABLE his.fakes (version_num his.fake);
INSERT INTO his.fakes VALUES (ROW('a1'));
-- a child of it is not read
CREATE TABLE his.plain (version_num text);
CREATE TABLE his.child (CHECK (his.attack(version_num) IS NOT NULL)) INHERITS (his.plain);
SET client_min_messages = error;
INSERT INTO his.child VALUES ('a1');
RESET client_min_messages;
GRANT SELECT ON ALL TABLES IN SCHEMA his TO PUBLIC;
RESET ROLE;
SELECT * FROM migr_adopt('his.alembic_version');
SELECT * FROM migr_adopt('his.goose_db_version');
SELECT * FROM migr_adopt('his.schema_migrations');
SELECT * FROM migr_adopt('his.fakes');
SELECT * FROM migr_adopt('his.plain');
DROP SCHEMA his CASCADE;
SET ROLE regress_migr_owner;

--
-- the others
--

-- dbmate: each row is a revision; what has none is pending, though it is below
SELECT pg_temp.line('20240101', '20240102', '20240103');
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20240101'), ('20240103');
SELECT * FROM migr_adopt();
SELECT revision FROM migr_pending();
INSERT INTO schema_migrations VALUES ('20230101'), ('20230102');
SELECT * FROM migr_adopt();
SELECT * FROM migr_adopt(skip_lost => true);
DROP TABLE schema_migrations;

-- a squash of two whose files are gone; of one, it is not
SELECT pg_temp.forget();
SELECT * FROM migr_load(pg_temp.script('20240105', '', '-- migr:replaces 20240101 20240102'));
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20240101');
SELECT * FROM migr_adopt();
INSERT INTO schema_migrations VALUES ('20240102');
SELECT * FROM migr_adopt();
SELECT revision FROM migr_current();
DROP TABLE schema_migrations;

-- golang-migrate: one row
SELECT pg_temp.line('1', '2', '3');
CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
INSERT INTO schema_migrations VALUES (2, true);
SELECT * FROM migr_adopt();
UPDATE schema_migrations SET dirty = false;
SELECT * FROM migr_adopt();
DROP TABLE schema_migrations;

-- goose: rows of the past
SELECT pg_temp.line('1', '2', '3', '4');
CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp DEFAULT now());
INSERT INTO goose_db_version (version_id, is_applied) VALUES
    (0, true), (1, true), (2, true), (3, true), (3, false), (2, false), (2, true);
SELECT * FROM migr_adopt();
DROP TABLE goose_db_version;

-- flyway: a baseline, an undone one, a failed one, one without a version
SELECT pg_temp.line('0.9', '1', '1.1', '1.2', '1.10', '2');
CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200),
    type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(),
    execution_time int, success boolean);
INSERT INTO flyway_schema_history (installed_rank, version, type, success) VALUES
    (1, '1', 'BASELINE', true), (2, '1.1', 'SQL', true), (3, '1.2', 'SQL', true), (4, '1.2', 'UNDO_SQL', true),
    (5, NULL, 'SQL', true), (6, '1.10', 'SQL', false);
SELECT * FROM migr_adopt();
DELETE FROM flyway_schema_history WHERE NOT success;
SELECT * FROM migr_adopt();
SELECT revision FROM migr_pending();
DROP TABLE flyway_schema_history;

-- sqitch: a change that was reworked
SELECT pg_temp.line('users', 'views_list', 'users.2', 'users.3');
CREATE SCHEMA sqitch;
CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, change text, project text, committed_at timestamptz);
INSERT INTO sqitch.changes VALUES ('c3', 'users', 'shop', '2024-01-03'), ('c1', 'users', 'shop', '2024-01-01'),
    ('c2', 'views/list', 'shop', '2024-01-02');
-- (however the session writes dates)
SET TimeZone = 'Asia/Jakarta';
SET DateStyle = 'SQL';
SELECT * FROM migr_adopt();
RESET DateStyle;
RESET TimeZone;
INSERT INTO sqitch.changes VALUES ('x1', 'else', 'stock', '2024-01-01');
SELECT * FROM migr_adopt();
DROP SCHEMA sqitch CASCADE;

-- sql-migrate: names of files
SELECT pg_temp.line('20240101_init', '2_two.x');
CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz);
INSERT INTO gorp_migrations VALUES ('20240101-init.sql', now()), ('2 two.x.sql', now());
SELECT * FROM migr_adopt();
DROP TABLE gorp_migrations;

-- prisma: names of folders; what was rolled back was not applied
SELECT pg_temp.line('20240101_init', '20240102_two');
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), finished_at timestamptz,
    migration_name varchar(255), logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int);
INSERT INTO _prisma_migrations (id, migration_name, finished_at, rolled_back_at) VALUES
    ('1', '20240101_init', now(), NULL), ('2', '20240102_two', NULL, now()), ('3', '20240102_two', NULL, NULL);
SELECT * FROM migr_adopt();
DELETE FROM _prisma_migrations WHERE id = '3';
SELECT * FROM migr_adopt();
DROP TABLE _prisma_migrations;

-- supabase, beside what else there is of it; drizzle; diesel
SELECT pg_temp.line('20240101', '20240102');
CREATE SCHEMA supabase_migrations;
CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101');
SELECT * FROM migr_adopt();
DROP SCHEMA supabase_migrations CASCADE;
SELECT pg_temp.line('1700000000000', '1700000000001');
CREATE SCHEMA drizzle;
CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text, created_at bigint);
INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('h', 1700000000000);
SELECT * FROM migr_adopt();
DROP SCHEMA drizzle CASCADE;
SELECT pg_temp.line('00000000000000', '20240101000000');
CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp DEFAULT now());
INSERT INTO __diesel_schema_migrations VALUES ('00000000000000'), ('20240101000000');
SELECT * FROM migr_adopt();
SELECT migr_check();
DROP TABLE __diesel_schema_migrations;

-- where nothing may be written, it can still be looked at
CREATE TABLE alembic_version (version_num text);
INSERT INTO alembic_version VALUES ('20240101000000');
BEGIN READ ONLY;
SELECT * FROM migr_adopt(check_only => true);
SELECT * FROM migr_adopt();
ROLLBACK;

-- a character is one "_", in whatever encoding
\c contrib_regression :super
CREATE DATABASE regress_adopt_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_adopt_latin1
CREATE EXTENSION migr;
SELECT * FROM migr_load(E'-- migr:revision why_\n-- migr:upgrade\n-- migr:downgrade\n');
CREATE TABLE alembic_version AS SELECT 'why' || chr(191) AS version_num;
SELECT * FROM migr_adopt();

\c contrib_regression :super
DROP DATABASE regress_adopt_latin1;
DROP DATABASE regress_adopt;
DROP ROLE regress_migr_owner, regress_migr_other;
