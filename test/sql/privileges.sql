-- Who may do what, and with whose rights scripts run.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE ROLE regress_migr_nobody;
CREATE ROLE regress_migr_deployer;
CREATE ROLE regress_migr_owner LOGIN;
CREATE SCHEMA private AUTHORIZATION regress_migr_owner;
CREATE SCHEMA open;
GRANT USAGE, CREATE ON SCHEMA open TO regress_migr_deployer;

SELECT * FROM migr_load($migr$
-- migr:revision opened
-- migr:upgrade
CREATE TABLE open.t (who text DEFAULT current_user, session text DEFAULT session_user);
INSERT INTO open.t DEFAULT VALUES;
-- migr:downgrade
DROP TABLE open.t;
-- migr:verify
SELECT count(*) = 1 FROM open.t;
-- migr:revision closed
-- migr:revises opened
-- migr:upgrade
CREATE TABLE private.t (a int);
-- migr:downgrade
DROP TABLE private.t;
$migr$);

--
-- A role that has been granted nothing
--

SET ROLE regress_migr_nobody;
-- It may see where the database is,
SELECT revision FROM migr_current();
SELECT revision FROM migr_heads();
SELECT revision, is_applied FROM migr_history();
SELECT message FROM migr_show('opened');
SELECT revision FROM migr_pending();
SELECT current_heads, script_heads, applied, pending, up_to_date, last_action FROM migr_status();
SELECT substr(migr_script('closed'), 1, 24);
SELECT count(*) FROM migr.revision;
SELECT count(*) FROM migr.version;
SELECT action FROM migr.log;
-- ... be told that it is not up to date (error)
SELECT migr_check();
\echo :LAST_ERROR_SQLSTATE
-- but neither change that (error)
SELECT migr_load('');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_load_directory('/');
SELECT migr_unload('closed');
SELECT migr_upgrade();
SELECT migr_downgrade('base');
SELECT migr_stamp('head');
SELECT migr_reset(current_database());
\echo :LAST_ERROR_SQLSTATE
-- nor write the tables (error)
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('x', 1, true, 'me');
\echo :LAST_ERROR_SQLSTATE
UPDATE migr.version SET stamped = true;
DELETE FROM migr.version;
TRUNCATE migr.version;
UPDATE migr.revision SET script = '';
DELETE FROM migr.revision;
INSERT INTO migr.log (action, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as)
    VALUES ('stamp', '{}', '{}', '{}', now(), '0', 'me', 'me');
DELETE FROM migr.log;
\set VERBOSITY sqlstate
SELECT nextval('migr.log_id_seq');
CREATE TABLE migr.mine (a int);
CREATE TABLE open.mine (a int);
ALTER TABLE migr.version DISABLE TRIGGER guard;
DROP EXTENSION migr;
\set VERBOSITY default
RESET ROLE;

-- What writes, PUBLIC may not execute.
SELECT p.oid::regprocedure AS function
  FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
                 JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'migr'
 WHERE p.proname IN ('migr_load', 'migr_load_directory', 'migr_unload', 'migr_upgrade',
                     'migr_downgrade', 'migr_redo', 'migr_stamp', 'migr_reset', 'guard_table', 'guard_schema')
   AND NOT has_function_privilege('regress_migr_nobody', p.oid, 'EXECUTE')
 ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C";

--
-- A role that may execute
--

GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_load_directory(text, boolean), migr_unload(text),
    migr_upgrade(text, boolean, text, text, boolean), migr_downgrade(text, boolean, text, text),
    migr_stamp(text, boolean, text, text)
    TO regress_migr_deployer;
SET ROLE regress_migr_deployer;
-- That is all it takes; scripts run as the caller, to whom belongs what they
-- make, and the log tells who was who.
SELECT * FROM migr_upgrade('opened');
SELECT who, session = session_user AS session FROM open.t;
SELECT tableowner FROM pg_tables WHERE schemaname = 'open';
SELECT applied_by = session_user AS applied_by FROM migr.version;
SELECT performed_by = session_user AS performed_by, run_as FROM migr.log WHERE action = 'upgrade';
-- What the caller may not do, its scripts may not either (error)
SELECT migr_upgrade('closed');
\echo :LAST_ERROR_SQLSTATE
-- It may load, unload, stamp and go down.
SELECT * FROM migr_load(E'-- migr:revision extra\n-- migr:revises opened');
SELECT migr_unload('extra');
SELECT * FROM migr_stamp('closed');
SELECT * FROM migr_stamp('opened');
SELECT * FROM migr_downgrade('base');
-- ... but not read files of the server (error)
\set VERBOSITY terse
SELECT migr_load_directory('/');
\echo :LAST_ERROR_SQLSTATE
-- ... nor say where from (error)
SET migr.script_location = '/';
\echo :LAST_ERROR_SQLSTATE
-- ... but read what a superuser has named (error: there is nothing)
RESET ROLE;
SET migr.script_location = '/nosuch';
SET ROLE regress_migr_deployer;
SELECT migr_upgrade('opened');
SELECT migr_pending();
SELECT migr_status();
SELECT migr_check();
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
RESET ROLE;
RESET migr.script_location;
SET ROLE regress_migr_deployer;
-- The tables are as closed to it as to anybody (error)
DELETE FROM migr.version;
\echo :LAST_ERROR_SQLSTATE
-- ... to its scripts, too (error)
SELECT * FROM migr_load(E'-- migr:revision writes\n-- migr:revises opened\n-- migr:upgrade\nDELETE FROM migr.version;\n');
SELECT migr_upgrade('writes');
\echo :LAST_ERROR_SQLSTATE
-- A script can't become somebody the caller can't (error)
SELECT * FROM migr_load(E'-- migr:revision becomes\n-- migr:upgrade\nSET ROLE regress_migr_owner;\n');
SET SESSION AUTHORIZATION regress_migr_deployer;
\set VERBOSITY terse
SELECT migr_upgrade('becomes');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
RESET ROLE;

-- A script may take on a role that the caller is a member of, also one that may
-- do nothing here: the version is recorded all the same.
GRANT regress_migr_nobody TO regress_migr_deployer;
SELECT * FROM migr_load(E'-- migr:revision lowers\n-- migr:upgrade\nSET ROLE regress_migr_nobody;\n-- migr:downgrade\nSET ROLE regress_migr_nobody;');
SET ROLE regress_migr_deployer;
SELECT * FROM migr_upgrade('lowers');
SELECT * FROM migr_downgrade('base');
RESET ROLE;

--
-- Names that stand in front of others
--

-- Functions, operators, tables and types with the names of those that migr
-- uses, in a schema in front of pg_catalog and in the temporary schema.
CREATE SCHEMA hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
CREATE FUNCTION hostile.trap() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trapped';
END;
$$;
CREATE FUNCTION hostile.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE OPERATOR hostile.= (FUNCTION = hostile.same, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION hostile.less(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE OPERATOR hostile.= (FUNCTION = hostile.less, LEFTARG = bigint, RIGHTARG = bigint);
CREATE FUNCTION hostile.sum(bigint, int) RETURNS bigint LANGUAGE sql AS 'SELECT hostile.trap()::int::bigint';
CREATE OPERATOR hostile.+ (FUNCTION = hostile.sum, LEFTARG = bigint, RIGHTARG = int);
CREATE FUNCTION hostile.count() RETURNS bigint LANGUAGE sql AS 'SELECT hostile.trap()::int::bigint';
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT hostile.trap()::text::timestamptz';
CREATE FUNCTION hostile.unnest(text[]) RETURNS SETOF text LANGUAGE sql AS 'SELECT hostile.trap()::text';
CREATE FUNCTION hostile.has_schema_privilege(oid, oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.trap()';
CREATE FUNCTION hostile.migr_upgrade(text) RETURNS SETOF text LANGUAGE sql AS 'SELECT hostile.trap()::text';
CREATE TABLE hostile.version (a int);
CREATE TABLE hostile.revision (a int);
CREATE TABLE hostile.log (a int);
CREATE TABLE hostile.pg_constraint (a int);
CREATE TABLE hostile.pg_namespace (a int);
CREATE DOMAIN hostile.text AS int;
CREATE DOMAIN hostile.boolean AS int;
CREATE DOMAIN hostile.interval AS int;
CREATE TEMPORARY TABLE version (a int);
CREATE TEMPORARY TABLE pg_constraint (a int);
CREATE TEMPORARY TABLE pg_class (a int);

SET search_path = pg_temp, hostile, pg_catalog;
-- The trap is set (error)
\set VERBOSITY terse
SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text;
\set VERBOSITY default
-- migr does not step into it.
SELECT revision FROM pg_catalog.migr_load(E'-- migr:revision path\n-- migr:upgrade\nINSERT INTO open.path VALUES (1), (2);\n-- migr:downgrade\nDELETE FROM open.path;\n');
CREATE TABLE open.path (a int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
SELECT pg_catalog.migr_upgrade('path', false);
SELECT revision FROM pg_catalog.migr_current();
SELECT applied, pending FROM pg_catalog.migr_status();
SELECT revision FROM pg_catalog.migr_pending('opened');
SELECT pg_catalog.migr_downgrade('base', true);
SELECT pg_catalog.migr_downgrade('base');
SELECT pg_catalog.migr_stamp('path');
SELECT pg_catalog.migr_stamp('base');
SELECT pg_catalog.migr_unload('path');
RESET search_path;
DROP TABLE pg_temp.version, pg_temp.pg_constraint, pg_temp.pg_class;
SET client_min_messages = warning;
DROP SCHEMA hostile CASCADE;
DROP SCHEMA open CASCADE;
DROP SCHEMA private CASCADE;
RESET client_min_messages;

--
-- CREATE EXTENSION
--

-- By the owner of a database who is no superuser.
SELECT current_database() AS home \gset
CREATE DATABASE regression_migr OWNER regress_migr_owner;
\c regression_migr
SET SESSION AUTHORIZATION regress_migr_owner;
CREATE EXTENSION migr;
-- The owner of the extension owns the tables,
SELECT relname, pg_get_userbyid(relowner) AS owner
  FROM pg_class WHERE relnamespace = 'migr'::regnamespace AND relkind = 'r'
 ORDER BY relname COLLATE "C";
-- may call everything,
CREATE SCHEMA owned;
SELECT * FROM migr_load($migr$
-- migr:revision owned
-- migr:upgrade
CREATE TABLE owned.t (a int);
-- migr:downgrade
DROP TABLE owned.t;
$migr$);
SELECT * FROM migr_upgrade();
SELECT tableowner FROM pg_tables WHERE schemaname = 'owned';
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_stamp('head');
SELECT migr_check();
SELECT * FROM migr_stamp('base');
SELECT migr_unload('owned');
-- and may let others do so;
GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) TO regress_migr_deployer;
SELECT has_function_privilege('regress_migr_deployer', 'migr_upgrade(text, boolean, text, text, boolean)', 'EXECUTE');
REVOKE EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) FROM regress_migr_deployer;
-- but not what only those may who read files of the server (error)
\set VERBOSITY terse
SELECT migr_load_directory('/');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- What is in his tables he can have written as he likes: no superuser runs it,
SELECT * FROM migr_load($migr$
-- migr:revision who
-- migr:upgrade
CREATE TABLE owned.who AS SELECT current_user::text AS who;
-- migr:downgrade
DROP TABLE owned.who;
$migr$);
-- and what migr does to these tables runs as their owner, as does a trigger that
-- the owner has put on them.
CREATE TABLE owned.spied (who text);
GRANT INSERT ON owned.spied TO PUBLIC;
CREATE FUNCTION owned.spy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO owned.spied VALUES (current_user);
    RETURN NEW;
END;
$$;
CREATE TRIGGER spy BEFORE INSERT ON migr.version FOR EACH ROW EXECUTE FUNCTION owned.spy();
RESET SESSION AUTHORIZATION;
\set VERBOSITY sqlstate
-- (error)
SELECT * FROM migr_upgrade();
\set VERBOSITY default
SELECT * FROM migr_stamp('who');
SELECT * FROM migr_stamp('base');
SET ROLE regress_migr_owner;
SELECT * FROM migr_upgrade();
RESET ROLE;
SELECT who FROM owned.who;
SELECT who FROM owned.spied;
SET ROLE regress_migr_owner;
SELECT * FROM migr_downgrade('base');
RESET ROLE;
SET SESSION AUTHORIZATION regress_migr_owner;
DROP TRIGGER spy ON migr.version;
SET client_min_messages = warning;
DROP SCHEMA owned CASCADE;
RESET client_min_messages;
DROP EXTENSION migr;
-- Nothing is left.
SELECT count(*) FROM pg_namespace WHERE nspname = 'migr';
SELECT count(*) FROM pg_proc WHERE proname ~ '^migr_';

-- A schema that somebody planted before is not taken over (error)
CREATE SCHEMA migr;
CREATE TABLE migr.version (a int);
\set SHOW_CONTEXT never
CREATE EXTENSION migr;
\echo :LAST_ERROR_SQLSTATE
SET client_min_messages = warning;
DROP SCHEMA migr CASCADE;
RESET client_min_messages;
-- It goes nowhere else (error)
\set VERBOSITY sqlstate
CREATE SCHEMA elsewhere;
CREATE EXTENSION migr SCHEMA elsewhere;
\set VERBOSITY default

-- By somebody who may create nothing in the database (error)
SET SESSION AUTHORIZATION regress_migr_nobody;
\set VERBOSITY sqlstate
CREATE EXTENSION migr;
\set VERBOSITY default
RESET SESSION AUTHORIZATION;

\c :home
DROP DATABASE regression_migr;
REVOKE EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_load_directory(text, boolean), migr_unload(text),
    migr_upgrade(text, boolean, text, text, boolean), migr_downgrade(text, boolean, text, text),
    migr_stamp(text, boolean, text, text)
    FROM regress_migr_deployer;
DROP ROLE regress_migr_nobody, regress_migr_deployer, regress_migr_owner;
DROP EXTENSION migr;
CREATE EXTENSION migr;
