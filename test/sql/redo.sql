-- migr_redo(): down by the script that ran, load, up; all of it or nothing.
DROP EXTENSION migr;
CREATE EXTENSION migr;
CREATE SCHEMA redo;

-- Nothing is there, or nothing is applied (error)
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE redo.one (a int);
-- migr:downgrade
DROP TABLE redo.one;
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
CREATE TABLE redo.two (a int);
-- migr:downgrade
DROP TABLE redo.two;
$migr$);
SELECT migr_redo();
SELECT migr_redo('r1');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_redo('r2', 'SELECT 1;');
SELECT * FROM migr_upgrade();

-- Without new scripts: the same again.
INSERT INTO redo.two VALUES (1);
SELECT * FROM migr_redo();
SELECT count(*) FROM redo.two;

-- An edited upgrade section; then under another name.
\set edited '-- migr:revision r2\n-- migr:revises r1\n-- migr:upgrade\nCREATE TABLE redo.two (a int, b text);\n-- migr:downgrade\nDROP TABLE redo.two;\n'
\set edited E:'edited'
SELECT migr_load(:edited);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_redo('r2', :edited);
SELECT attname FROM pg_attribute WHERE attrelid = 'redo.two'::regclass AND attnum > 0;
SELECT revision, action FROM migr_load(:edited);
SELECT * FROM migr_redo('head');

-- An edited downgrade section: undone by the old one, and by the new one from
-- then on.
SELECT * FROM migr_redo(scripts => $migr$
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
CREATE TABLE redo.second (a int);
-- migr:downgrade
DROP TABLE redo.second;
$migr$);
SELECT relname FROM pg_class WHERE relnamespace = 'redo'::regnamespace ORDER BY 1;
SELECT * FROM migr_downgrade('r1');
SELECT relname FROM pg_class WHERE relnamespace = 'redo'::regnamespace ORDER BY 1;
SELECT * FROM migr_upgrade();

-- The new upgrade fails: everything is as it was, the script as well (error)
SELECT checksum AS before FROM migr.version WHERE revision = 'r2' \gset
SELECT count(*) AS log FROM migr.log \gset
SELECT * FROM migr_redo('r2', $migr$
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
CREATE TABLE redo.third (a int);
SELECT 1 / 0;
-- migr:downgrade
DROP TABLE redo.third;
$migr$);
\echo :LAST_ERROR_SQLSTATE
-- ... or its verify section does, or the text is malformed (error)
SELECT * FROM migr_redo('r2', $migr$
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
-- migr:downgrade
-- migr:verify
SELECT count(*) = 1
  FROM pg_class
 WHERE relname = 'third';
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_redo('r2', '-- migr:revises');
\echo :LAST_ERROR_SQLSTATE
SELECT relname FROM pg_class WHERE relnamespace = 'redo'::regnamespace ORDER BY 1;
SELECT v.checksum = :'before' AND r.checksum = :'before' AS same
  FROM migr.version v JOIN migr.revision r USING (revision) WHERE revision = 'r2';
SELECT count(*) = :log AS same_log FROM migr.log;

-- Another applied script that was edited is refused as ever (error)
SELECT * FROM migr_redo('r2', E'-- migr:revision r1\n-- migr:upgrade\n-- migr:revision r2\n-- migr:revises r1\n-- migr:upgrade\n');
\echo :LAST_ERROR_SQLSTATE

-- Only what is the last of its line: what stands on it is named in the order in
-- which it has to go, whatever ties it to the revision (error)
SELECT count(*) FROM migr_load($migr$
-- migr:revision r3
-- migr:revises r2
-- migr:upgrade
-- migr:downgrade
-- migr:revision side
-- migr:labels aside
-- migr:depends r3
-- migr:upgrade
-- migr:downgrade
-- migr:revision r4
-- migr:revises r3
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT * FROM migr_upgrade('heads');
SELECT migr_redo('r2');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_redo('r3');
SELECT * FROM migr_redo('r4');
SELECT * FROM migr_redo('side');
-- ... by default that which was applied last.
SELECT * FROM migr_redo();
SELECT * FROM migr_redo('r4');
SELECT * FROM migr_redo();

-- What is pending above does not matter, and is left alone.
SELECT * FROM migr_downgrade('r3-1');
SELECT * FROM migr_downgrade('r2');
SELECT * FROM migr_redo('r2');
SELECT revision FROM migr_pending('heads');

-- A merge is undone by itself, too, though two ways lead down from it.
SELECT count(*) FROM migr_load($migr$
-- migr:revision m1
-- migr:revises r1
-- migr:upgrade
-- migr:downgrade
-- migr:revision m2
-- migr:revises m1, r2
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT * FROM migr_upgrade('m2');
SELECT * FROM migr_redo('m2');

-- A script that gets another parent, which is not applied: that comes first.
SELECT * FROM migr_redo('m2', $migr$
-- migr:revision m3
-- migr:revises m1
-- migr:upgrade
-- migr:downgrade
-- migr:revision m2
-- migr:revises m3, r2
-- migr:upgrade
-- migr:downgrade
$migr$);

-- Steps are for downgrades (error)
SELECT migr_redo('-1');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_redo('m2-1');
SELECT migr_redo('base');
SELECT migr_redo('nonsense');
SELECT migr_redo('');

-- What can't be undone, or not in a transaction (error)
SELECT count(*) FROM migr_load($migr$
-- migr:revision final
-- migr:revises m2
-- migr:upgrade
$migr$);
SELECT * FROM migr_upgrade('final');
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_redo('final', E'-- migr:revision final\n-- migr:revises m2\n-- migr:downgrade\n');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM migr_load(E'-- migr:revision alone\n-- migr:revises final\n-- migr:transaction off\n-- migr:downgrade\n');
SELECT * FROM migr_stamp('alone');
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE

-- One whose script is lost (error)
SELECT * FROM migr_stamp('m2');
BEGIN;
DELETE FROM migr.version WHERE revision = 'm2';
DELETE FROM migr.revision WHERE revision IN ('final', 'alone');
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('lost', 10000, true, 'me');
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- migr.protect refuses it; so does a read-only transaction, and a script (error)
SET migr.protect = on;
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE
RESET migr.protect;
BEGIN READ ONLY;
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT * FROM migr_redo('m2', $migr$
-- migr:revision m2
-- migr:revises m3, r2
-- migr:upgrade
SELECT migr_redo();
$migr$);
\echo :LAST_ERROR_SQLSTATE

-- Nobody has it but who is given it (error)
CREATE ROLE regress_migr_redo;
SET ROLE regress_migr_redo;
SELECT migr_redo();
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP ROLE regress_migr_redo;

-- In the caller's transaction, at any level.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM migr_redo();
SELECT * FROM migr_redo();
ROLLBACK;

-- The log has what was done: undone, loaded, applied.
SELECT * FROM migr_redo('m2', E'-- migr:revision m2\n-- migr:revises m3, r2\n-- migr:downgrade\n');
SELECT action, target, from_heads, to_heads, revisions FROM migr.log ORDER BY id DESC LIMIT 3;
SELECT check_name, status, detail FROM migr_verify('chain, scripts, versions, log');

SET client_min_messages = warning;
DROP SCHEMA redo CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
