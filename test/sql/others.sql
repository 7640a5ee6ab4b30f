-- A database full of what others own: a role that is no superuser compares its
-- own schema, and all else is left alone.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_migr_tenant LOGIN CREATEDB;
CREATE DATABASE regress_others TEMPLATE template0 OWNER regress_migr_tenant;
\c regress_others
SET client_min_messages = error;
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_tenant; END IF; END$$;

-- What an administrator has put there.
CREATE EXTENSION dblink;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION pg_trgm;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere');
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE SCHEMA monitor;
CREATE TABLE monitor.host (id int PRIMARY KEY, name text CHECK (name <> ''));
CREATE VIEW monitor.hosts AS SELECT * FROM monitor.host;
CREATE TYPE monitor.state AS ENUM ('up', 'down');
CREATE FUNCTION monitor.next(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1 / 0';
CREATE FUNCTION monitor.noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER noticed ON ddl_command_end EXECUTE FUNCTION monitor.noticed();
GRANT USAGE ON SCHEMA monitor TO regress_migr_tenant;
GRANT REFERENCES, SELECT ON ALL TABLES IN SCHEMA monitor TO regress_migr_tenant;

-- The role's own, which refers to it.
SET SESSION AUTHORIZATION regress_migr_tenant;
CREATE EXTENSION migr;
SELECT migr_scratch_create();
SELECT count(*) FROM migr_load($migr$
-- migr:revision o1
-- migr:upgrade
CREATE SCHEMA app;
CREATE TABLE app.box (id int PRIMARY KEY DEFAULT monitor.next(1), host int REFERENCES monitor.host,
                      state monitor.state, label text);
CREATE INDEX box_label ON app.box USING gin (label gin_trgm_ops);
CREATE VIEW app.boxes AS SELECT box.id, hosts.name FROM app.box JOIN monitor.hosts ON hosts.id = box.host;
-- migr:downgrade
DROP SCHEMA app CASCADE;
$migr$);
SELECT count(*) FROM migr_upgrade();

SET client_min_messages = notice;
-- The live schema as text is the live schema.
SELECT migr_diff(migr_schema()) IS NULL AS equal;
-- What is not desired, and not ours, stays.
SELECT migr_diff($$
CREATE SCHEMA app;
CREATE TABLE app.box (id int PRIMARY KEY DEFAULT monitor.next(1), host int REFERENCES monitor.host,
                      state monitor.state, label text, weight int);
CREATE INDEX box_label ON app.box USING gin (label gin_trgm_ops);
CREATE VIEW app.boxes AS SELECT box.id, hosts.name FROM app.box JOIN monitor.hosts ON hosts.id = box.host;
$$);
-- Stand-ins are hollow: nothing of what others wrote runs.
SELECT object, status FROM migr_verify('{drift}');
SELECT revision, status, detail FROM migr_test();
SELECT finding, action FROM migr_repair(check_only => true);
SELECT migr_schema('head');
-- What only a superuser can create is told by its name,
SELECT migr_diff('CREATE EXTENSION pageinspect');
\set VERBOSITY default
SELECT migr_diff('CREATE EXTENSION dblink; CREATE VIEW v AS SELECT dblink_connect(''x'')');
\set VERBOSITY terse
-- until it has been prepared.
RESET SESSION AUTHORIZATION;
SELECT migr_scratch_create('regress_migr_tenant');
SET SESSION AUTHORIZATION regress_migr_tenant;
SELECT migr_diff(migr_schema() || 'CREATE VIEW public.v AS SELECT dblink_connect(''x'')');
SELECT migr_diff(migr_schema()) IS NULL AS equal;

SET client_min_messages = error;
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_others;
DROP ROLE regress_migr_tenant;
