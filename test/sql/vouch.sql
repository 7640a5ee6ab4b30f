-- Who runs a script for whom: a superuser runs what a superuser has loaded, and
-- nobody becomes who he is not by way of a script.  Each case is an attack, or
-- the way out.  What migr.script_location says is tested in test/t/004_directory.pl.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

SELECT current_user AS super \gset
CREATE ROLE regress_migr_super SUPERUSER LOGIN;
CREATE ROLE regress_migr_dep LOGIN;
CREATE ROLE regress_migr_other LOGIN;
CREATE DATABASE regress_vouch TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_vouch regress_migr_super
SET client_min_messages = warning;
CREATE EXTENSION migr;
GRANT ALL ON SCHEMA public TO regress_migr_dep, regress_migr_other;
GRANT EXECUTE ON FUNCTION migr_load, migr_unload, migr_revision, migr_merge, migr_upgrade, migr_downgrade(text, boolean, text, text),
    migr_stamp, migr_test, migr_repair TO regress_migr_dep, regress_migr_other;
DO 'BEGIN
    PERFORM migr_scratch_create(rolname) FROM pg_roles WHERE rolname ~ ''^regress_migr_(super|dep|other)$'';
END';
-- What tells as whom a script runs; a build has a stand-in of it.
ALTER DATABASE regress_vouch SET migr.exclude = 'watch, public.loaders';
SET migr.exclude = 'watch, public.loaders';
CREATE SCHEMA watch;
GRANT USAGE ON SCHEMA watch TO PUBLIC;
CREATE TABLE watch.ran (n int GENERATED ALWAYS AS IDENTITY, who text);
GRANT ALL ON watch.ran TO PUBLIC;
CREATE FUNCTION watch.note() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE WARNING 'as %', current_user;
    INSERT INTO watch.ran (who) VALUES (current_user);
    RETURN true;
END;
$$;
CREATE VIEW loaders AS
    SELECT revision, loaded_by, loader::regrole FROM migr.revision ORDER BY revision;
GRANT SELECT ON loaders TO PUBLIC;

--
-- A superuser runs nothing that a lesser role has loaded
--

\set one '-- migr:revision one\n-- migr:upgrade\nSELECT watch.note();\nCREATE TABLE one (a int);\n-- migr:downgrade\nSELECT watch.note();\nDROP TABLE one;\n-- migr:verify\nSELECT watch.note();\n'
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT * FROM migr_load(:'one');
RESET SESSION AUTHORIZATION;
SELECT * FROM loaders;
-- Upgrade, dry or not (error)
SELECT migr_upgrade();
\set VERBOSITY sqlstate
SELECT migr_upgrade(dry_run => true);
SELECT migr_reset('regress_vouch');
-- Builds run as who has loaded it: schema, fingerprint, test, repair, merge
SELECT migr_schema('one') ~ 'CREATE TABLE public.one' AS built;
SELECT migr_fingerprint('one') IS NOT NULL AS built;
SELECT * FROM migr_test();
SELECT * FROM migr_repair();
\set VERBOSITY terse
SET client_min_messages = notice;
SELECT * FROM migr_load(E'-- migr:revision two\n-- migr:upgrade\nCREATE TABLE two (a int);\n-- migr:downgrade\nDROP TABLE two;\n');
SELECT migr_merge(revision_id => 'both') ~ 'revises one, two' AS merged;
SET client_min_messages = warning;
SELECT migr_unload('both');
SELECT migr_unload('two');
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT action FROM migr_load($$
-- migr:revision whose
-- migr:upgrade
DO 'BEGIN RAISE WARNING ''as %, of %'', current_user, session_user; END';
$$);
RESET SESSION AUTHORIZATION;
SELECT migr_schema('whose') IS NOT NULL AS built;
SELECT migr_unload('whose');
-- It is run by who has loaded it; then downgrade (error), and drift
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT migr_upgrade();
RESET SESSION AUTHORIZATION;
SELECT migr_downgrade('base');
SELECT object, status, detail FROM migr_verify('{drift}');
-- Verify sections run on the live database, as who has loaded them.
SELECT object, status, detail FROM migr_verify('{sections}');
-- With SET ROLE all works.
SET ROLE regress_migr_dep;
SELECT * FROM migr_verify('{sections}');
SELECT migr_downgrade('base');
SELECT migr_upgrade();
SELECT migr_downgrade('base');
RESET ROLE;
SELECT DISTINCT who FROM watch.ran;
TRUNCATE watch.ran;

--
-- Loading the same text vouches for it
--

SELECT * FROM migr_load(:'one');
SELECT * FROM loaders;
SELECT action, revisions, performed_by FROM migr.log ORDER BY id DESC LIMIT 1;
SELECT count(*) AS before FROM migr.log \gset
-- Again, it is no news; and a lesser role can't take it away, by the same text,
SELECT * FROM migr_load(:'one');
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT * FROM migr_load(:'one');
SELECT * FROM migr_load(:'one' || E'  \n-- and a comment\n');
RESET SESSION AUTHORIZATION;
SELECT count(*) - :before AS logged FROM migr.log;
SELECT script = :'one' AS mine FROM migr.revision;
SELECT migr_upgrade();
SELECT object, status FROM migr_verify('{sections,drift}');
SELECT status FROM migr_test();
SELECT migr_downgrade('base');
SELECT DISTINCT who FROM watch.ran;
TRUNCATE watch.ran;
-- but has loaded another one when it changes it (error)
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT * FROM migr_load(replace(:'one', 'SELECT watch.note()', 'SELECT  watch.note()'));
RESET SESSION AUTHORIZATION;
SELECT * FROM loaders;
SELECT migr_upgrade();
-- Blanks at line ends and comments around a script are no change for the
-- checksum; a superuser vouches for the bytes that he has loaded all the same.
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT * FROM migr_load(:'one' || '-- comment');
SELECT * FROM migr_load(E'-- before\n' || replace(:'one', E'watch.note();\n', E'watch.note();  \n') || '-- comment');
RESET SESSION AUTHORIZATION;
SELECT * FROM migr_load(:'one');
SELECT script = :'one' AS mine FROM migr.revision;
-- A revision that is applied is vouched for in the same way.
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT * FROM migr_load(E'-- migr:revision next\n-- migr:revises one\n-- migr:upgrade\n-- migr:downgrade\nSELECT watch.note();\n');
SELECT migr_upgrade();
RESET SESSION AUTHORIZATION;
SELECT migr_downgrade('base');
SELECT * FROM migr_load(E'-- migr:revision next\n-- migr:revises one\n-- migr:upgrade\n-- migr:downgrade\nSELECT watch.note();\n');
SELECT * FROM migr_downgrade('base');

-- Who writes a revision has loaded it (error)
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT migr_revision('evil', 'SELECT watch.note();', revision_id => 'evil') ~ 'evil' AS written;
RESET SESSION AUTHORIZATION;
SELECT * FROM loaders;
SELECT migr_upgrade();
-- all of those that are refused are named, by their loaders
SET SESSION AUTHORIZATION regress_migr_other;
SELECT count(*) FROM migr_load((SELECT string_agg(format(E'-- migr:revision l%s\n-- migr:revises evil\n', i), '') FROM generate_series(1, 25) i));
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
SELECT migr_upgrade('heads');
\set VERBOSITY terse
SELECT count(migr_unload('l' || i)) FROM generate_series(1, 25) i;

--
-- Functions that call migr for others
--

-- A function of the attacker's that a superuser calls loads as the attacker,
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT migr_unload('evil');
CREATE FUNCTION loads() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS
    $$ SELECT action FROM migr_load(E'-- migr:revision evil\n-- migr:upgrade\nSELECT watch.note();\n') $$;
CREATE FUNCTION upgrades() RETURNS SETOF text LANGUAGE sql AS $$ SELECT migr_upgrade('evil') $$;
RESET SESSION AUTHORIZATION;
SELECT loads();
SELECT * FROM loaders;
-- and one that runs as the caller is no way round (error)
SELECT upgrades();
-- A function of a superuser's that the attacker calls runs as the superuser,
-- what superusers have loaded (error)
CREATE FUNCTION superuser_upgrades(text) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS $$ SELECT migr_upgrade($1) $$;
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT superuser_upgrades('evil');
SELECT superuser_upgrades('one');
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who FROM watch.ran;
TRUNCATE watch.ran;
DROP FUNCTION loads(), upgrades(), superuser_upgrades(text);
SELECT migr_downgrade('base') \g /dev/null

--
-- Roles change
--

-- A role that gets another name is the same; one that gets its name is not (error)
\set VERBOSITY default
ALTER ROLE regress_migr_dep RENAME TO regress_migr_renamed;
SELECT migr_upgrade('evil');
CREATE ROLE regress_migr_dep LOGIN;
SELECT migr_upgrade('evil');
DROP ROLE regress_migr_dep;
ALTER ROLE regress_migr_renamed RENAME TO regress_migr_dep;
-- One that is dropped vouches for nothing, a superuser neither (error)
CREATE ROLE regress_migr_gone SUPERUSER;
SET ROLE regress_migr_gone;
SELECT action FROM migr_load(E'-- migr:revision gone\n-- migr:upgrade\nSELECT watch.note();\n');
RESET ROLE;
DROP ROLE regress_migr_gone;
CREATE ROLE regress_migr_gone SUPERUSER;
SELECT migr_upgrade('gone');
\set VERBOSITY terse
SELECT migr_schema('gone');
-- It counts what the role is now (error)
UPDATE migr.revision SET loader = 'regress_migr_gone'::regrole WHERE revision = 'gone';
ALTER ROLE regress_migr_gone NOSUPERUSER;
SELECT migr_upgrade('gone');
-- Member of a superuser's role is not superuser (error)
GRANT regress_migr_super TO regress_migr_gone;
SELECT migr_upgrade('gone');
ALTER ROLE regress_migr_gone SUPERUSER;
SELECT migr_upgrade('gone');
SELECT migr_stamp('base') \g /dev/null

-- In another installation, where a dump is restored, OID and name have to agree
-- (error)
UPDATE migr.revision SET loaded_in = '0/0', loaded_by = 'somebody' WHERE revision = 'gone';
\set VERBOSITY default
SELECT migr_upgrade('gone');
\set VERBOSITY terse
UPDATE migr.revision SET loaded_by = 'regress_migr_gone' WHERE revision = 'gone';
SELECT migr_upgrade('gone');
SELECT migr_stamp('base') \g /dev/null
-- what a setting there said counts for nothing here, nor does what nobody has
-- loaded (error)
UPDATE migr.revision SET loader = 0 WHERE revision = 'gone';
\set VERBOSITY default
SELECT migr_upgrade('gone');
UPDATE migr.revision SET loader = NULL WHERE revision = 'gone';
SELECT migr_upgrade('gone');
\set VERBOSITY terse
-- Loaded again, it is one of here.
SELECT action FROM migr_load(E'-- migr:revision gone\n-- migr:upgrade\nSELECT watch.note();\n');
SELECT loaded_in <> '0/0' AS here FROM migr.revision WHERE revision = 'gone';
SELECT migr_upgrade('gone');
SELECT migr_stamp('base') \g /dev/null
SELECT migr_unload('gone');
DROP ROLE regress_migr_gone;

-- Nobody but a superuser says who has loaded what, whatever he was granted (error)
GRANT ALL ON migr.revision TO regress_migr_dep;
SET SESSION AUTHORIZATION regress_migr_dep;
UPDATE migr.revision SET loader = 10;
INSERT INTO migr.revision SELECT * FROM migr.revision;
RESET SESSION AUTHORIZATION;
REVOKE ALL ON migr.revision FROM regress_migr_dep;
TRUNCATE watch.ran;

--
-- After SET ROLE a script can't go back
--

-- Each tries to become the user of the session (error)
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT count(*) FROM migr_load((SELECT string_agg(format(E'-- migr:revision %s\n-- migr:upgrade\n%s\nSELECT watch.note();\n-- migr:downgrade\n%s\nSELECT watch.note();\n', id, sql, sql), '')
  FROM (VALUES
    ('reset_role', 'RESET ROLE;'),
    ('set_role', 'SET ROLE regress_migr_super;'),
    ('role_none', 'SET LOCAL ROLE NONE;'),
    ('reset_auth', 'RESET SESSION AUTHORIZATION;'),
    ('set_auth', 'SET SESSION AUTHORIZATION regress_migr_super;'),
    ('set_config', 'SELECT set_config($$role$$, $$none$$, false);'),
    ('in_do', 'DO $$ BEGIN EXECUTE $x$RESET ROLE$x$; END $$;'),
    ('function', 'CREATE FUNCTION f() RETURNS text LANGUAGE sql SET role = none AS $$ SELECT current_user $$; SELECT f();')) v (id, sql)));
SELECT count(*) FROM migr_load(E'-- migr:revision in_verify\n-- migr:upgrade\n-- migr:verify\nRESET ROLE;\nSELECT watch.note();\n');
RESET SESSION AUTHORIZATION;
CREATE FUNCTION try_all(query text) RETURNS TABLE (id text, state text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH id IN ARRAY '{reset_role,set_role,role_none,reset_auth,set_auth,set_config,in_do,function,in_verify}'::text[] LOOP
        BEGIN
            state := NULL;
            EXECUTE format(query, id);
        EXCEPTION WHEN OTHERS THEN
            state := concat_ws(' ', SQLSTATE, SQLERRM);
        END;
        RETURN NEXT;
    END LOOP;
END;
$$;
SET ROLE regress_migr_dep;
SELECT * FROM try_all('SELECT migr_upgrade(%L)');
SELECT * FROM try_all('SELECT migr_upgrade(%L, dry_run => true)') WHERE state IS NULL;
SELECT * FROM migr_stamp('heads') \g /dev/null
SELECT * FROM try_all('SELECT migr_downgrade(%1$L || ''@base'')') WHERE state IS NULL;
SELECT object, status, detail FROM migr_verify('{sections}');
RESET ROLE;
-- the same where SET SESSION AUTHORIZATION has made the user of the session
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT * FROM migr_stamp('base') \g /dev/null
SELECT * FROM try_all('SELECT migr_upgrade(%L)');
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who FROM watch.ran;
TRUNCATE watch.ran;

-- nor leave something that runs when it is over (error)
SET SESSION AUTHORIZATION regress_migr_dep;
CREATE TABLE bait (a int);
CREATE FUNCTION springs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') ~ '^running ' THEN
        SET CONSTRAINTS ALL DEFERRED;
        INSERT INTO public.bait VALUES (2);
    ELSE
        SET LOCAL ROLE NONE;
        PERFORM watch.note();
    END IF;
    RETURN NULL;
END;
$$;
CREATE CONSTRAINT TRIGGER springs AFTER INSERT ON bait DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION springs();
CREATE FUNCTION inserts() RETURNS void LANGUAGE sql VOLATILE AS 'INSERT INTO public.bait VALUES (1)';
CREATE FUNCTION rises() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL ROLE NONE; PERFORM watch.note(); RETURN 1; END $$;
SELECT count(*) FROM migr_load($migr$
-- migr:revision trigger
-- migr:upgrade
INSERT INTO bait VALUES (1);
-- migr:revision hidden_trigger
-- migr:upgrade
SELECT inserts();
-- migr:revision cursor
-- migr:upgrade
DO $$ BEGIN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT public.rises()'; END $$;
-- migr:revision plain_cursor
-- migr:upgrade
DECLARE c CURSOR FOR SELECT 1;
CREATE TABLE parent (a int PRIMARY KEY);
CREATE TABLE child (a int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
INSERT INTO child VALUES (1);
INSERT INTO parent VALUES (1);
$migr$);
RESET SESSION AUTHORIZATION;
SET ROLE regress_migr_dep;
\set VERBOSITY default
SELECT migr_upgrade('trigger');
\set VERBOSITY terse
SELECT migr_upgrade('hidden_trigger');
SELECT migr_upgrade('cursor');
SELECT migr_upgrade('plain_cursor');
RESET ROLE;
SELECT DISTINCT who FROM watch.ran;
TRUNCATE watch.ran;

-- What the user of the session vouches for may set roles, after SET ROLE, too.
SELECT action FROM migr_load(E'-- migr:revision honest\n-- migr:upgrade\nSET ROLE regress_migr_other;\nSELECT watch.note();\nRESET ROLE;\nSELECT watch.note();\n');
SET ROLE regress_migr_dep;
SELECT migr_upgrade('honest');
SELECT current_user;
RESET ROLE;
SELECT who FROM watch.ran ORDER BY n;
TRUNCATE watch.ran;

--
-- Verify sections of others, in the session of a superuser
--

SELECT * FROM migr_stamp('base') \g /dev/null
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT count(*) FROM migr_load((SELECT string_agg(format(E'-- migr:revision %s\n-- migr:upgrade\n-- migr:verify\n%s\n', id, sql), '')
  FROM (VALUES
    ('fails', 'SELECT false AS "wrong";'),
    ('temporary', 'CREATE TEMP TABLE t (a int);'),
    ('prepares', 'PREPARE left_over AS SELECT public.rises();'),
    ('holds', 'DECLARE c CURSOR WITH HOLD FOR SELECT public.rises();'),
    ('resets', 'RESET ROLE; SELECT watch.note();'),
    ('becomes', 'SET SESSION AUTHORIZATION regress_migr_super; SELECT watch.note();'),
    ('springs', 'INSERT INTO bait VALUES (1);'),
    ('notes', 'SELECT watch.note();'),
    ('lacks', 'SELECT count(*) > 0 FROM closed.t;')) v (id, sql)));
SELECT * FROM migr_stamp('fails,temporary,prepares,holds,resets,becomes,springs,notes,lacks') \g /dev/null
RESET SESSION AUTHORIZATION;
CREATE SCHEMA closed CREATE TABLE t (a int);
SELECT object, status, detail FROM migr_verify('{sections}') ORDER BY object COLLATE "C";
SELECT current_user = session_user AS back, (SELECT count(*) FROM pg_prepared_statements) AS prepared, (SELECT count(*) FROM pg_cursors WHERE is_holdable) AS held;
SELECT count(*) FROM watch.ran;
SELECT * FROM migr_stamp('base') \g /dev/null

--
-- migr.check_loader: the rule for everybody
--

SET SESSION AUTHORIZATION regress_migr_dep;
SELECT action FROM migr_load(E'-- migr:revision by_dep\n-- migr:upgrade\nSELECT watch.note();\n-- migr:downgrade\n-- migr:verify\nSELECT watch.note();\n');
-- Off, who loads gains the rights of who upgrades.
SET SESSION AUTHORIZATION regress_migr_other;
SELECT * FROM migr_upgrade('by_dep', dry_run => true);
RESET SESSION AUTHORIZATION;
ALTER DATABASE regress_vouch SET migr.check_loader = on;
-- On, it takes somebody with all his rights (error)
\c - regress_migr_other
SET client_min_messages = warning;
SELECT migr_check();
SET migr.check_loader = off;
\set VERBOSITY default
SELECT migr_upgrade('by_dep');
\set VERBOSITY terse
SELECT migr_schema('by_dep');
SELECT * FROM migr_stamp('by_dep');
SELECT object, status, detail FROM migr_verify('{sections}');
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_stamp('base');
-- He may vouch for it himself. Then it is the other one who may not (error)
SELECT action FROM migr_load(E'-- migr:revision by_dep\n-- migr:upgrade\nSELECT watch.note();\n-- migr:downgrade\n-- migr:verify\nSELECT watch.note();\n');
SELECT * FROM migr_upgrade('by_dep', dry_run => true);
\c - regress_migr_dep
SET client_min_messages = warning;
SELECT migr_upgrade('by_dep');
-- A superuser vouches to all.
SELECT * FROM migr_upgrade('one');
SELECT * FROM migr_downgrade('base');
-- One who is a member of the caller's role has its rights, and the caller not his (error)
\c - regress_migr_super
SET client_min_messages = warning;
GRANT regress_migr_dep TO regress_migr_other;
\c - regress_migr_dep
SET client_min_messages = warning;
SELECT * FROM migr_upgrade('by_dep', dry_run => true);
SELECT action FROM migr_load(E'-- migr:revision by_dep\n-- migr:upgrade\nSELECT watch.note();\n-- migr:downgrade\n-- migr:verify\nSELECT watch.note();\n');
SELECT * FROM loaders WHERE revision = 'by_dep';
SELECT action FROM migr_load(E'-- migr:revision by_dep\n-- migr:upgrade\nSELECT watch.note(), 2;\n-- migr:downgrade\n-- migr:verify\nSELECT watch.note();\n');
\c - regress_migr_other
SET client_min_messages = warning;
SELECT * FROM migr_upgrade('by_dep');
-- who is a member can have verify sections run as that role
SELECT * FROM migr_stamp('by_dep');
SELECT object, status, detail FROM migr_verify('{sections}');
SELECT * FROM migr_stamp('base');
SELECT migr_test('by_dep');
\c - regress_migr_super
SET client_min_messages = warning;
REVOKE regress_migr_dep FROM regress_migr_other;
ALTER DATABASE regress_vouch RESET migr.check_loader;
-- anybody may be strict with himself
\c - regress_migr_other
SET client_min_messages = warning;
SELECT migr_check();
SET migr.check_loader = on;
SELECT * FROM migr_upgrade('by_dep');
SET migr.check_loader = off;
SELECT * FROM migr_upgrade('by_dep', dry_run => true);

--
-- Where the tables belong to no superuser, their owner can write into them what
-- he likes: nothing there vouches
--

\c - :super
DO 'BEGIN
    PERFORM migr_scratch_drop(rolname) FROM pg_roles WHERE rolname ~ ''^regress_migr_(super|dep|other)$'';
END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_vouch;
CREATE DATABASE regress_vouch TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' OWNER regress_migr_dep;
\c regress_vouch regress_migr_super
SET client_min_messages = warning;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_migr_dep; END IF; END$$;
SET SESSION AUTHORIZATION regress_migr_dep;
CREATE EXTENSION migr;
RESET SESSION AUTHORIZATION;
DO 'BEGIN PERFORM migr_scratch_create(''regress_migr_dep''); END';
SET SESSION AUTHORIZATION regress_migr_dep;
ALTER DATABASE regress_vouch SET migr.exclude = 'watch';
SET migr.exclude = 'watch';
CREATE SCHEMA watch;
GRANT USAGE ON SCHEMA watch TO PUBLIC;
CREATE TABLE watch.ran (who text);
GRANT ALL ON watch.ran TO PUBLIC;
CREATE FUNCTION watch.note() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO watch.ran VALUES (current_user); RAISE WARNING 'as %', current_user; RETURN true; END $$;
SELECT action FROM migr_load(E'-- migr:revision one\n-- migr:upgrade\nSELECT watch.note();\n-- migr:downgrade\nSELECT watch.note();\n-- migr:verify\nSELECT watch.note();\n');
SELECT * FROM migr_upgrade();
UPDATE migr.revision SET loader = (SELECT oid FROM pg_roles WHERE rolname = 'regress_migr_super');
RESET SESSION AUTHORIZATION;
-- (error)
\set VERBOSITY default
SELECT migr_downgrade('base');
\set VERBOSITY terse
SELECT object, status, detail FROM migr_verify('{sections,drift}');
\set VERBOSITY sqlstate
SELECT migr_schema('one');
SELECT migr_fingerprint('one');
SELECT * FROM migr_test();
SELECT * FROM migr_repair(true);
-- not even if he has loaded it himself (error)
SELECT action FROM migr_load(E'-- migr:revision one\n-- migr:upgrade\nSELECT watch.note();\n-- migr:downgrade\nSELECT watch.note();\n-- migr:verify\nSELECT watch.note();\n');
SELECT migr_downgrade('base');
-- nor to anybody whose rights the owner has not (error)
GRANT EXECUTE ON FUNCTION migr_downgrade(text, boolean, text, text) TO regress_migr_other;
\set VERBOSITY default
SET SESSION AUTHORIZATION regress_migr_other;
SET migr.check_loader = on;
SELECT migr_downgrade('base');
RESET SESSION AUTHORIZATION;
\set VERBOSITY terse
-- The way out
SET ROLE regress_migr_dep;
SELECT * FROM migr_downgrade('base');
RESET ROLE;
-- In builds there is no way back either (error)
SET SESSION AUTHORIZATION regress_migr_dep;
SELECT action FROM migr_load(E'-- migr:revision two\n-- migr:upgrade\nRESET ROLE;\nSELECT pg_reload_conf();\n');
RESET SESSION AUTHORIZATION;
SET ROLE regress_migr_dep;
SELECT migr_schema('two');
SELECT status, split_part(detail, E'\n', 1) FROM migr_test() WHERE revision = 'two';
RESET ROLE;
SELECT DISTINCT who FROM watch.ran;

\c - :super
DO 'BEGIN
    PERFORM migr_scratch_drop(rolname) FROM pg_roles WHERE rolname ~ ''^regress_migr_(super|dep|other)$'';
END';
\c postgres
DROP DATABASE regress_vouch;
DROP ROLE regress_migr_super, regress_migr_dep, regress_migr_other;
