-- migr.guard: schema changes outside of migr are noticed or refused.  What
-- comes with connections, dumps and restores is tested in test/t/008_guard.pl.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

SELECT current_user AS super \gset
CREATE ROLE regress_migr_keeper LOGIN;
CREATE ROLE regress_migr_coder LOGIN;
CREATE DATABASE regress_guard TEMPLATE template0 OWNER regress_migr_keeper;
\c regress_guard
SET client_min_messages = warning;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_keeper; END IF; END$$;
SET SESSION AUTHORIZATION regress_migr_keeper;
CREATE EXTENSION migr;
RESET SESSION AUTHORIZATION;
DO 'BEGIN PERFORM migr_scratch_create(''regress_migr_keeper''); END';
SET SESSION AUTHORIZATION regress_migr_keeper;
-- The event triggers and what they call stay a superuser's.
SELECT evtname, evtevent, (SELECT rolsuper FROM pg_roles r WHERE r.oid = evtowner) AS super,
       evtenabled, evttags FROM pg_event_trigger ORDER BY evtname;
SELECT rolsuper FROM pg_proc p JOIN pg_roles r ON r.oid = proowner WHERE p.oid = 'migr.guard_schema'::regproc;
SELECT migr.guard_schema();
ALTER EVENT TRIGGER migr_guard_end DISABLE;
ALTER EXTENSION migr DROP EVENT TRIGGER migr_guard_end;
ALTER EXTENSION migr DROP FUNCTION migr.guard_schema();
CREATE OR REPLACE FUNCTION migr.guard_schema() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';

SELECT migr_check();
CREATE FUNCTION seen(OUT command text, OUT objects text[], OUT statement text) RETURNS SETOF record
    LANGUAGE sql AS $$ SELECT command, objects, statement FROM migr.log WHERE action = 'ddl' ORDER BY id $$;
GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_upgrade(text, boolean, text, text, boolean),
    migr_downgrade(text, boolean, text, text), migr_reset(text) TO regress_migr_coder;
GRANT CREATE ON SCHEMA public TO regress_migr_coder;

--
-- log
--

ALTER DATABASE regress_guard SET migr.guard = log;
-- Not before there is a version,
CREATE TABLE early (a int);
SELECT count(*) FROM migr_load($migr$
-- migr:revision g1
-- migr:upgrade
CREATE TABLE g1 (a int);
INSERT INTO g1 VALUES (1);
DO $$ BEGIN CREATE TABLE nested (a int); END $$;
-- migr:downgrade
DROP TABLE g1, nested;
-- migr:verify
CREATE TABLE in_verify (a int);
SELECT true;
-- migr:revision g2
-- migr:revises g1
-- migr:upgrade
CREATE EXTENSION pgcrypto;
CREATE SCHEMA g2;
-- migr:downgrade
DROP EXTENSION pgcrypto;
DROP SCHEMA g2;
$migr$);
-- nor what migr runs: up, down, in scratch.
SELECT count(*) FROM migr_upgrade();
SELECT count(*) FROM migr_downgrade('g1');
SELECT count(*) FROM migr_upgrade('head', dry_run => true);
SELECT count(*) FROM migr_upgrade();
SELECT length(migr_schema('g1')) > 0 AS scratch;
SELECT count(*) FROM seen();

-- Everything else is, by the command, with what it changes and by whom.
CREATE TABLE t (id serial PRIMARY KEY, b text);
ALTER TABLE t ADD COLUMN c int, DROP COLUMN b;
ALTER TABLE t RENAME c TO "c ""x""";
CREATE INDEX "ind ex" ON t (id);
CREATE INDEX CONCURRENTLY concurrent ON t (id);
CREATE VIEW v AS SELECT * FROM t;
CREATE OR REPLACE VIEW v AS SELECT *, 1 AS n FROM t;
COMMENT ON COLUMN t.id IS 'x';
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER tr AFTER INSERT ON t EXECUTE FUNCTION f();
CREATE RULE ru AS ON UPDATE TO t DO ALSO NOTHING;
CREATE POLICY po ON t USING (true);
CREATE STATISTICS st ON id, "c ""x""" FROM t;
GRANT SELECT ON t, g1 TO PUBLIC;
GRANT EXECUTE ON FUNCTION f() TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
CREATE SCHEMA s CREATE TABLE inside (a int);
CREATE TYPE s.e AS ENUM ('a');
CREATE DOMAIN s.d AS int;
ALTER DOMAIN s.d ADD CONSTRAINT positive CHECK (value > 0);
ALTER TABLE s.inside SET SCHEMA public;
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
CREATE TABLE by_query AS SELECT 1 AS a;
SELECT 1 AS a INTO by_select;
DO $$ BEGIN EXECUTE 'CREATE TABLE dynamic (a int)'; END $$;
DROP TRIGGER tr ON t;
DROP POLICY po ON t;
DROP INDEX "ind ex";
DROP VIEW v;
DROP TABLE by_query, by_select;
DROP SCHEMA s CASCADE;
CREATE EXTENSION hstore;
DROP EXTENSION hstore;
SELECT * FROM seen();
-- A transaction that is rolled back has changed nothing.
SELECT count(*) AS before FROM seen() \gset
BEGIN;
CREATE TABLE undone (a int);
ROLLBACK;
SELECT count(*) - :before AS added FROM seen();

-- What is no part of the schema is not noticed: temporary objects, members of
-- extensions, their privileges, and what changes data only.
CREATE TEMP TABLE tmp (a int);
CREATE INDEX ON tmp (a);
ALTER TABLE tmp ADD COLUMN b int;
CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER "a on public.t" AFTER INSERT ON tmp EXECUTE FUNCTION pg_temp.f();
COMMENT ON TABLE tmp IS 'x';
GRANT SELECT ON tmp TO PUBLIC;
DROP TRIGGER "a on public.t" ON tmp;
DROP TABLE tmp;
DROP FUNCTION pg_temp.f();
GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean), migr_stamp(text, boolean, text, text) TO regress_migr_coder;
GRANT SELECT ON migr.log TO regress_migr_coder;
REVOKE SELECT (statement) ON migr.log FROM regress_migr_coder;
REFRESH MATERIALIZED VIEW m;
REINDEX TABLE t;
TRUNCATE t;
ANALYZE t;
SELECT count(*) - :before AS added FROM seen();
-- A temporary object's name does not hide a permanent one.
CREATE TRIGGER "x on pg_temp.y" AFTER INSERT ON t EXECUTE FUNCTION f();
DROP TRIGGER "x on pg_temp.y" ON t;
SELECT * FROM seen() OFFSET :before;
SELECT count(*) AS before FROM seen() \gset

-- migr.exclude counts as the database has it, not as the session says.
SET migr.exclude = '*';
CREATE TABLE hidden (a int);
RESET migr.exclude;
ALTER DATABASE regress_guard SET migr.exclude = 'loose, public.tmp_*';
CREATE SCHEMA loose;
CREATE TABLE loose.t (a int);
CREATE TABLE tmp_t (a int);
CREATE INDEX named ON tmp_t (a);
CREATE TRIGGER tr AFTER INSERT ON tmp_t EXECUTE FUNCTION f();
CREATE FUNCTION tmp_f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON tmp_t, loose.t TO PUBLIC;
COMMENT ON TABLE loose.t IS 'x';
DROP TRIGGER tr ON tmp_t;
DROP FUNCTION tmp_f(int);
DROP TABLE tmp_t, loose.t;
DROP SCHEMA loose;
ALTER DATABASE regress_guard RESET migr.exclude;
SELECT command, objects FROM seen() OFFSET :before;

-- Who: the user of the session and the current one.  Others see that, but not
-- the statement, which can hold more than they should know (error)
SELECT max(id) AS last FROM migr.log \gset
SET SESSION AUTHORIZATION regress_migr_coder;
CREATE FUNCTION as_definer() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'CREATE TABLE definer (a int)';
SET SESSION AUTHORIZATION regress_migr_keeper;
SELECT as_definer() \g /dev/null
SELECT performed_by, run_as, command, objects, from_heads, to_heads, revisions, outcome, target, tag
  FROM migr.log WHERE id > :last;
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_migr_watcher;
SET SESSION AUTHORIZATION regress_migr_watcher;
SELECT action, command FROM migr.log WHERE id > :last;
SELECT statement FROM migr.log;
SELECT last_action FROM migr_status();
-- nobody writes there (error)
INSERT INTO migr.log (action, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as)
    VALUES ('ddl', '{}', '{}', '{}', now(), '0', 'somebody', 'else');
SET SESSION AUTHORIZATION regress_migr_keeper;
-- A long statement is shortened, at a character.
SELECT 'CREATE TABLE long_one (a int /* ' || repeat('ä', 4000) || ' */);' AS long \gset
:long
SELECT octet_length(statement) <= 4096 AS short, octet_length(statement) > 4000 AS long FROM seen() ORDER BY 2 DESC LIMIT 1;

--
-- error
--

SELECT count(*) AS before FROM seen() \gset
ALTER DATABASE regress_guard SET migr.guard = error;
\set VERBOSITY default
CREATE TABLE refused (a int);
\set VERBOSITY terse
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t;
ALTER TABLE t ADD COLUMN d int;
GRANT SELECT ON t TO regress_migr_coder;
ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC;
DO $$ BEGIN CREATE TABLE refused (a int); END $$;
CREATE EXTENSION hstore;
-- what commits on its way, before it does anything
CREATE INDEX CONCURRENTLY refused ON t (id);
DROP INDEX CONCURRENTLY concurrent;
SELECT indisvalid FROM pg_index WHERE indexrelid = 'concurrent'::regclass;
SELECT CASE WHEN current_setting('server_version_num')::int >= 140000 THEN 'CONCURRENTLY' ELSE '' END AS concurrently \gset
ALTER TABLE p DETACH PARTITION p1 :concurrently;
SELECT count(*) FROM pg_inherits WHERE inhrelid = 'p1'::regclass;
SELECT to_regclass('refused'), to_regclass('t');
-- superusers, too
RESET SESSION AUTHORIZATION;
CREATE TABLE refused (a int);
-- but not in temporary schemas, nor what migr runs; for a superuser it runs what
-- one vouches for
ALTER TABLE migr.revision OWNER TO CURRENT_USER;
ALTER TABLE migr.version OWNER TO CURRENT_USER;
ALTER TABLE migr.repeatable OWNER TO CURRENT_USER;
ALTER TABLE migr.log OWNER TO CURRENT_USER;
ALTER TABLE migr.rule OWNER TO CURRENT_USER;
UPDATE migr.revision SET loader = current_user::regrole;
CREATE TEMP TABLE tmp (a int);
CREATE INDEX CONCURRENTLY ON tmp (a);
DROP TABLE tmp;
SELECT count(*) FROM migr_load(E'-- migr:revision g3\n-- migr:revises g1\n-- migr:upgrade\nCREATE INDEX by_migr ON g1 (a);\n-- migr:downgrade\nDROP INDEX by_migr;\n');
SELECT * FROM migr_upgrade('g3');
SET ROLE regress_migr_keeper;
SELECT length(migr_schema('g3')) > 0 AS scratch;
RESET ROLE;
SELECT count(*) FROM migr_downgrade('g1');
-- An error in a migration does not leave the session inside (error)
SELECT count(*) FROM migr_load(E'-- migr:revision g4\n-- migr:revises g1\n-- migr:upgrade\nSELECT 1/0;\n');
SELECT migr_upgrade('g4');
CREATE TABLE refused (a int);
BEGIN;
SAVEPOINT s;
SELECT migr_upgrade('g4');
ROLLBACK TO s;
CREATE TABLE refused (a int);
ROLLBACK;

-- A session can't weaken it (error)
SET SESSION AUTHORIZATION regress_migr_keeper;
SET migr.guard = off;
\echo :LAST_ERROR_SQLSTATE
SET migr.guard = log;
SET "Migr.Guard" = off;
SELECT set_config('migr.guard', 'off', false);
SET session_replication_role = replica;
CREATE FUNCTION off() RETURNS void LANGUAGE sql SET migr.guard = off AS 'CREATE TABLE refused (a int)';
CREATE TABLE refused (a int);
\c - regress_migr_coder
SET migr.guard = off;
CREATE TABLE refused (a int);
SET client_min_messages = error;
\c - regress_migr_coder
SET client_min_messages = error;
SELECT migr_check();
ALTER ROLE regress_migr_coder SET migr.guard = off;
\c - regress_migr_coder
SET client_min_messages = error;
CREATE TABLE refused (a int);
-- but can make it stricter for itself.
\c - :super
ALTER ROLE regress_migr_coder RESET migr.guard;
ALTER DATABASE regress_guard SET migr.guard = off;
\c - regress_migr_coder
CREATE TABLE allowed (a int);
SET migr.guard = log;
SET migr.guard = error;
CREATE TABLE refused (a int);
RESET migr.guard;
DROP TABLE allowed;
-- A superuser can set it as he likes.
\c - :super
ALTER DATABASE regress_guard SET migr.guard = error;
CREATE TABLE refused (a int);
SET migr.guard = off;
CREATE TABLE allowed (a int);
RESET migr.guard;
DROP TABLE allowed;
SELECT count(*) - :before AS added FROM seen();

-- A reset is migr's own doing.
SELECT migr_unload('g4');
SELECT count(*) FROM migr_reset('regress_guard');
SELECT to_regclass('t'), to_regclass('g1');
SELECT action FROM migr.log ORDER BY id DESC LIMIT 2;

-- migr_verify() shows what was caught beside the drift that came of it; what
-- made no difference is there as well.
ALTER DATABASE regress_guard SET migr.guard = log;
CREATE TABLE "By hand" (a int);
ALTER TABLE "By hand" ADD COLUMN b int;
CREATE TRIGGER touch BEFORE UPDATE ON "By hand" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE FUNCTION hand(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA hand;
CREATE TABLE undone (a int);
DROP TABLE undone;
ALTER DATABASE regress_guard SET migr.guard = off;
CREATE TABLE unseen (a int);
CREATE VIEW caught AS
SELECT object, status, substring(detail FROM 'migr.guard: .* by ') AS what,
       detail ~ ' at 2[-0-9]* [-:+0-9]*($|; it makes no difference$)' AS has_time
  FROM migr_verify('{drift}') WHERE object <> 'view public.caught';
GRANT SELECT ON caught TO regress_migr_keeper;
SET datestyle = ISO;
SET ROLE regress_migr_keeper;
SELECT * FROM caught;
BEGIN READ ONLY;
SELECT * FROM caught WHERE object ~ 'undone|hand';
ROLLBACK;
RESET ROLE;
DROP TABLE "By hand", unseen;
DROP FUNCTION hand(int);
DROP SCHEMA hand;
SELECT object, what FROM caught WHERE object ~ 'By hand';
SELECT count(*) > 0 AS stamped FROM migr_stamp('heads');
SET ROLE regress_migr_keeper;
SELECT * FROM caught;
RESET ROLE;
DROP VIEW caught;
RESET datestyle;

-- The extension goes, and comes back.
DO 'BEGIN PERFORM migr_scratch_drop(''regress_migr_keeper''); END';
DROP EXTENSION migr;
SELECT count(*) FROM pg_event_trigger;
CREATE TABLE after (a int);
CREATE EXTENSION migr;
CREATE TABLE after_too (a int);
SET SESSION AUTHORIZATION regress_migr_keeper;
DROP EXTENSION IF EXISTS migr;
RESET SESSION AUTHORIZATION;
DROP EXTENSION migr;

\c postgres
DROP DATABASE regress_guard;
DROP ROLE regress_migr_keeper, regress_migr_coder, regress_migr_watcher;
