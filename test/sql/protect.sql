-- migr.protect: what it refuses, who sets it, and that a session can't turn it
-- off.  Settings that come with a connection are tested in test/t/008_guard.pl.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

SELECT current_user AS super \gset
CREATE ROLE regress_migr_keeper LOGIN;
CREATE ROLE regress_migr_coder LOGIN;
CREATE DATABASE "regress Protect ""x""" TEMPLATE template0 OWNER regress_migr_keeper;
\c "regress Protect ""x"""
SET client_min_messages = warning;
SET SESSION AUTHORIZATION regress_migr_keeper;
CREATE EXTENSION migr;
GRANT EXECUTE ON FUNCTION migr_downgrade(text, boolean, text, text), migr_stamp(text, boolean, text, text),
    migr_load(text, boolean, boolean, boolean), migr_upgrade(text, boolean, text, text, boolean), migr_unload(text), migr_reset(text)
    TO regress_migr_coder;
SELECT count(*) FROM migr_load($$
-- migr:revision p1
-- migr:upgrade
CREATE TABLE p1 (a int);
-- migr:downgrade
DROP TABLE p1;
-- migr:revision p2
-- migr:revises p1
-- migr:upgrade
-- migr:downgrade
-- migr:revision p3
-- migr:revises p2
-- migr:upgrade
$$);
SELECT * FROM migr_upgrade('p2');

-- Only the owner sets it for the database (error)
SET SESSION AUTHORIZATION regress_migr_coder;
SELECT current_database() AS db \gset
ALTER DATABASE :"db" SET migr.protect = on;
SET SESSION AUTHORIZATION regress_migr_keeper;
ALTER DATABASE :"db" SET migr.protect = perhaps;
-- It is in force at once, in sessions that are there already.
SHOW migr.protect;
ALTER DATABASE :"db" SET migr.protect = on;
SELECT migr_downgrade('-1');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT migr_downgrade('base', dry_run => true);
\set VERBOSITY terse
SELECT migr_reset(:'db');
SELECT migr_stamp('p1', purge => true);
SELECT migr_load('-- migr:revision p3', replace => true);
-- What goes forward, looks, or only concerns what is not applied, is allowed.
SELECT * FROM migr_stamp('p1');
SELECT * FROM migr_stamp('p2');
SELECT action FROM migr_load(E'-- migr:revision p3\n-- migr:revises p2\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT * FROM migr_upgrade();
SELECT action FROM migr_load('-- migr:revision p4');
SELECT migr_unload('p4');
SELECT length(migr_sql('p3:p2', 'downgrade')) > 0 AS sql;

-- A session can't turn it off, the owner's neither (error)
SET migr.protect = off;
\echo :LAST_ERROR_SQLSTATE
SET "Migr.Protect" = off;
SET LOCAL migr.protect = off;
SELECT set_config('migr.protect', 'off', false);
SELECT set_config('MIGR.PROTECT', 'off', true);
UPDATE pg_settings SET setting = 'off' WHERE name = 'migr.protect';
BEGIN;
SET LOCAL migr.protect = off;
ROLLBACK;
-- but may turn it on for itself, and go back to what the database says.
SET migr.protect = on;
SET migr.protect = off;
RESET migr.protect;
SET migr.protect = DEFAULT;
RESET ALL;
DISCARD ALL;
SET SESSION AUTHORIZATION regress_migr_keeper;
SET client_min_messages = warning;
SELECT migr_downgrade('-1');
-- A function can't (error)
CREATE FUNCTION sly() RETURNS SETOF text LANGUAGE sql SET migr.protect = off AS
    $$ SELECT migr_downgrade('-1') $$;
SELECT sly();
CREATE FUNCTION sly() RETURNS SETOF text LANGUAGE sql AS
    $$ SELECT migr_downgrade('-1') $$;
ALTER FUNCTION sly() SET migr.protect = off;
SELECT sly();
DROP FUNCTION sly();
-- A role can't, for itself (error)
SET SESSION AUTHORIZATION regress_migr_coder;
SELECT revision FROM migr_current();
ALTER ROLE regress_migr_coder SET migr.protect = off;
ALTER ROLE regress_migr_coder IN DATABASE :"db" SET migr.protect = off;
SELECT migr_downgrade('-1');
\set VERBOSITY sqlstate
ALTER ROLE ALL SET migr.protect = off;
ALTER ROLE ALL IN DATABASE :"db" SET migr.protect = off;
ALTER SYSTEM SET migr.protect = off;
\set VERBOSITY terse
\c - regress_migr_coder
SELECT migr_downgrade('-1');
SHOW migr.protect;
SELECT migr_downgrade('-1');

-- nor by being there before the library is (error)
\c - regress_migr_coder
SET migr.protect = off;
SET "MIGR.Protect" = off;
SET client_min_messages = error;
SELECT migr_downgrade('-1');
SHOW migr.protect;
\c - regress_migr_coder
SET client_min_messages = error;
BEGIN;
SET LOCAL migr.protect = off;
SAVEPOINT a;
SELECT set_config('migr.protect', 'off', true);
SELECT migr_downgrade('-1');
ROLLBACK;
SELECT migr_downgrade('-1');
-- a superuser's function that loads the library does not make it his (error)
\c - :super
CREATE FUNCTION loads() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS
    $$ SELECT migr_downgrade('-1', dry_run => true) $$;
\c - regress_migr_coder
SET client_min_messages = error;
SET migr.protect = off;
SELECT loads();
\c - :super
DROP FUNCTION loads();
ALTER ROLE regress_migr_coder RESET ALL;
ALTER ROLE regress_migr_coder IN DATABASE :"db" RESET ALL;

-- A superuser can, in his session; and then it is off in it,
SET client_min_messages = warning;
-- (he runs only what one vouches for)
ALTER TABLE migr.revision OWNER TO CURRENT_USER;
ALTER TABLE migr.version OWNER TO CURRENT_USER;
ALTER TABLE migr.repeatable OWNER TO CURRENT_USER;
ALTER TABLE migr.log OWNER TO CURRENT_USER;
ALTER TABLE migr.rule OWNER TO CURRENT_USER;
UPDATE migr.revision SET loader = current_user::regrole;
SELECT migr_downgrade('-1', dry_run => true);
SET migr.protect = off;
SELECT migr_downgrade('-1', dry_run => true);
SET SESSION AUTHORIZATION regress_migr_keeper;
SELECT migr_downgrade('-1', dry_run => true);
-- until it is reset (error)
RESET migr.protect;
SELECT migr_downgrade('-1', dry_run => true);
RESET SESSION AUTHORIZATION;
-- and before the library is there, too.
\c - :super
SET migr.protect = off;
SELECT migr_downgrade('-1', dry_run => true);
-- A superuser's function may say so for what it does.
CREATE FUNCTION may() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET migr.protect = off AS
    $$ SELECT migr_downgrade('-1', dry_run => true) $$;
\c - regress_migr_coder
SELECT revision FROM migr_current();
SELECT may();
SELECT migr_downgrade('-1');
\c - :super
DROP FUNCTION may();

-- The owner can turn it off for the database, at once.
\c - regress_migr_keeper
SELECT migr_downgrade('-1');
ALTER DATABASE :"db" SET migr.protect = off;
SELECT migr_downgrade('-1', dry_run => true);
-- A value that is none counts as on; only a superuser can store one (error)
\c - :super
ALTER DATABASE :"db" SET "Migr.Protect" = 'perhaps';
\c - regress_migr_keeper
SET client_min_messages = error;
SELECT migr_downgrade('-1', dry_run => true);
ALTER DATABASE :"db" RESET ALL;
\c - regress_migr_keeper
SELECT migr_downgrade('-1', dry_run => true);
-- Turned on for a role, it is on for that role (error)
\c - :super
ALTER ROLE regress_migr_coder SET migr.protect = on;
\c - regress_migr_coder
SELECT migr_downgrade('-1');
\c - regress_migr_keeper
SELECT migr_downgrade('-1', dry_run => true);

\c postgres :super
DROP DATABASE :"db";
DROP ROLE regress_migr_keeper, regress_migr_coder;
