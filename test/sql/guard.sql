-- What a revision script may not do to the extension that runs it, and what
-- nobody may do to the log.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE SCHEMA guard;
CREATE TABLE guard.done (what text);

-- One revision that is applied; above it one for each attempt.
SELECT * FROM migr_load($migr$
-- migr:revision first
-- migr:upgrade
INSERT INTO guard.done VALUES ('first');
-- migr:downgrade
$migr$);
SELECT * FROM migr_upgrade('first');

SELECT count(*) FROM migr_load((
    SELECT string_agg(format(E'-- migr:revision %s\n-- migr:revises first\n-- migr:upgrade\n%s\n', id, body), '')
      FROM (VALUES
    ('load', 'SELECT migr_load($$-- migr:revision sneaked$$);'),
    ('upgrade', 'SELECT migr_upgrade($$head$$);'),
    ('downgrade', 'SELECT migr_downgrade($$base$$);'),
    ('stamp', 'SELECT migr_stamp($$base$$);'),
    ('unload', 'SELECT migr_unload($$load$$);'),
    ('by_do', 'DO $$ BEGIN PERFORM migr_stamp(''base''); EXCEPTION WHEN unique_violation THEN NULL; END $$;'),
    ('by_function', 'SELECT guard.calls_migr();'),
    ('by_trigger', 'INSERT INTO guard.calls VALUES (1);'),
    ('by_deferred', 'INSERT INTO guard.defers VALUES (1);'),
    ('looks', 'INSERT INTO guard.done SELECT revision FROM migr_current(); SELECT migr_script($$first$$); SELECT * FROM migr_status();'),
    ('drop_static', 'SELECT 1; DROP EXTENSION IF EXISTS plperl, migr CASCADE;'),
    ('drop_do', 'DO $$ BEGIN DROP EXTENSION migr; END $$;'),
    ('drop_execute', 'DO $$ BEGIN EXECUTE ''DROP EXTENSION '' || ''migr''; END $$;'),
    ('drop_and_create', 'DO $$ BEGIN EXECUTE ''DROP EXTENSION migr''; EXECUTE ''CREATE EXTENSION migr''; END $$;'),
    ('drop_schema', 'DROP SCHEMA migr CASCADE;'),
    ('drop_table', 'DROP TABLE migr.version;'),
    ('truncate_version', 'TRUNCATE migr.version;'),
    ('delete_version', 'DELETE FROM migr.version;'),
    ('update_version', 'UPDATE migr.version SET checksum = NULL;'),
    ('insert_version', 'INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ($$x$$, 99, true, $$me$$);'),
    ('delete_nothing', 'DELETE FROM migr.version WHERE false;'),
    ('copy_version', E'COPY migr.version (revision, ordinal, stamped, applied_by) FROM stdin;\nx\t99\tt\tme\n\\.'),
    ('truncate_revision', 'TRUNCATE migr.revision;'),
    ('delete_revision', 'DELETE FROM migr.revision;'),
    ('update_revision', 'UPDATE migr.revision SET script = $$$$;'),
    ('insert_revision', 'INSERT INTO migr.revision SELECT * FROM migr.revision;'),
    ('truncate_log', 'TRUNCATE migr.log;'),
    ('delete_log', 'DELETE FROM migr.log;'),
    ('update_log', 'UPDATE migr.log SET tag = $$x$$;'),
    ('insert_log', 'INSERT INTO migr.log (action, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as) VALUES ($$load$$, $${}$$, $${}$$, $${}$$, now(), $$0$$, $$me$$, $$me$$);'),
    ('delete_end', 'DELETE FROM migr.log_end;'),
    ('replica', 'SET session_replication_role = replica; DELETE FROM migr.version;'),
    ('disable_trigger', 'ALTER TABLE migr.version DISABLE TRIGGER guard; DELETE FROM migr.version;'),
    ('disable_add', 'ALTER TABLE migr.version DISABLE TRIGGER guard; INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ($$x$$, 99, true, $$me$$);'),
    ('drop_trigger', 'DROP TRIGGER guard ON migr.version; TRUNCATE migr.version;'),
    ('in_verify', E'-- migr:verify\nSELECT migr_upgrade($$heads$$);'),
    ('in_verify_too', E'-- migr:verify\nDELETE FROM migr.version;')) v (id, body)));

CREATE FUNCTION guard.calls_migr() RETURNS text LANGUAGE sql AS $$ SELECT migr_upgrade('heads') $$;
CREATE FUNCTION guard.trigger_calls_migr() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migr_upgrade('heads');
    RETURN NEW;
END;
$$;
CREATE TABLE guard.calls (a int);
CREATE TRIGGER calls BEFORE INSERT ON guard.calls
    FOR EACH ROW EXECUTE FUNCTION guard.trigger_calls_migr();
CREATE TABLE guard.defers (a int);
CREATE CONSTRAINT TRIGGER defers AFTER INSERT ON guard.defers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard.trigger_calls_migr();

--
-- A script calls migr
--

-- Directly (error)
SELECT migr_upgrade('load');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('upgrade');
SELECT migr_upgrade('downgrade');
SELECT migr_upgrade('stamp');
SELECT migr_upgrade('unload');
-- By way of a block, a function, a trigger, a deferred trigger (error)
SELECT migr_upgrade('by_do');
SELECT migr_upgrade('by_trigger');
SELECT migr_upgrade('by_deferred');
\set VERBOSITY terse
SELECT migr_upgrade('by_function');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
-- In a verify section (error)
SELECT migr_upgrade('in_verify');
\echo :LAST_ERROR_SQLSTATE
-- It may look.
SELECT * FROM migr_upgrade('looks');
SELECT * FROM guard.done;
SELECT * FROM migr_stamp('first');
-- After failures that are caught, scripts are as barred as before, and the
-- session may call migr again.
DO $$
BEGIN
    FOR i IN 1 .. 2 LOOP
        BEGIN
            PERFORM migr_script('nonsense');
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE 'caught: % %', SQLSTATE, SQLERRM;
        END;
        BEGIN
            PERFORM migr_upgrade('delete_version');
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE 'caught: % %', SQLSTATE, SQLERRM;
        END;
    END LOOP;
END;
$$;
SELECT * FROM migr_load('-- migr:revision second');
SELECT migr_unload('second');

--
-- A script drops the extension
--

-- In so many words: said before anything runs (error)
SELECT migr_upgrade('drop_static');
\echo :LAST_ERROR_SQLSTATE
-- Hidden in a block (error)
\set VERBOSITY sqlstate
SELECT migr_upgrade('drop_do');
SELECT migr_upgrade('drop_execute');
\set VERBOSITY default
SELECT migr_upgrade('drop_and_create');
\echo :LAST_ERROR_SQLSTATE
-- Parts of it (error)
SELECT migr_upgrade('drop_schema');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('drop_table');
-- It is all there, and works.
SELECT revision FROM migr_current();

--
-- A script changes migr's tables
--

-- The version (error)
SELECT migr_upgrade('truncate_version');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('delete_version');
SELECT migr_upgrade('update_version');
SELECT migr_upgrade('insert_version');
SELECT migr_upgrade('delete_nothing');
SELECT migr_upgrade('copy_version');
\echo :LAST_ERROR_SQLSTATE
-- The scripts (error)
SELECT migr_upgrade('truncate_revision');
SELECT migr_upgrade('delete_revision');
SELECT migr_upgrade('update_revision');
SELECT migr_upgrade('insert_revision');
-- The log (error)
SELECT migr_upgrade('truncate_log');
SELECT migr_upgrade('delete_log');
SELECT migr_upgrade('update_log');
SELECT migr_upgrade('insert_log');
SELECT migr_upgrade('delete_end');
\echo :LAST_ERROR_SQLSTATE
-- In a verify section (error)
SELECT migr_upgrade('in_verify_too');
-- With the triggers out of the way: as a replica they fire, too (error)
SELECT migr_upgrade('replica');
\echo :LAST_ERROR_SQLSTATE
-- ... nor can they be switched off or dropped; fence.sql has what else there is (error)
SELECT migr_upgrade('disable_trigger');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('disable_add');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('drop_trigger');
\echo :LAST_ERROR_SQLSTATE
-- A dry run is no way round (error)
SELECT migr_upgrade('disable_trigger', dry_run => true);
SELECT migr_upgrade('stamp', dry_run => true);
\echo :LAST_ERROR_SQLSTATE

-- Nothing of that has happened.
SELECT revision, ordinal FROM migr.version ORDER BY ordinal;
SELECT count(*) FROM migr.revision WHERE revision IN ('first', 'load', 'sneaked');
SELECT action, outcome, count(*) FROM migr.log GROUP BY 1, 2 ORDER BY 1, 2;
SELECT tgrelid::regclass AS "table", tgname, tgenabled FROM pg_trigger
 WHERE tgrelid IN ('migr.version'::regclass, 'migr.revision'::regclass, 'migr.log'::regclass, 'migr.log_end'::regclass)
 ORDER BY tgrelid::regclass::text COLLATE "C", tgname;

--
-- Outside scripts
--

-- The owner may mend versions and scripts by hand,
UPDATE migr.version SET applied_by = 'somebody' WHERE revision = 'first';
DELETE FROM migr.version WHERE revision = 'first';
-- and append to the log,
INSERT INTO migr.log (action, tag, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as)
    VALUES ('stamp', 'by hand', '{}', '{}', '{}', now(), '0', 'me', 'me');
-- but nobody may change what it says (error)
UPDATE migr.log SET tag = 'changed';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM migr.log;
DELETE FROM migr.log WHERE false;
TRUNCATE migr.log;
SET session_replication_role = replica;
DELETE FROM migr.log;
RESET session_replication_role;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM migr.log WHERE tag = 'by hand';

-- The guard is a trigger function and nothing else (error)
SELECT migr.guard_table();
\echo :LAST_ERROR_SQLSTATE

SET client_min_messages = warning;
DROP SCHEMA guard CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
