-- What the store does not have: applied revisions without a script, a project
-- that is not loaded.
DROP EXTENSION migr;
CREATE EXTENSION migr;
CREATE SCHEMA missing;

--
-- Nothing is loaded
--

-- That is not up to date (error)
SELECT migr_check();
\echo :LAST_ERROR_SQLSTATE
SELECT applied, pending, up_to_date FROM migr_status();
SELECT * FROM migr_upgrade();
SELECT * FROM migr_upgrade('heads', dry_run => true);
SELECT revision FROM migr_pending();
-- A name means nothing yet (error)
SELECT * FROM migr_upgrade('a1');
SELECT revision FROM migr_pending('a1');
-- ... in a read-only transaction, too (error)
BEGIN READ ONLY;
SELECT up_to_date FROM migr_status();
SELECT migr_check();
ROLLBACK;
-- The first revision can be written.
SELECT migr_revision('first', '', '', revision_id => 'first') LIKE '-- migr:revision first%' AS written;
SELECT migr_unload('first');

--
-- An applied revision whose script is gone
--

SELECT * FROM migr_load($migr$
-- migr:revision a1
-- migr:upgrade
CREATE TABLE missing.a1 (i int);
-- migr:downgrade
DROP TABLE missing.a1;
-- migr:revision a2
-- migr:revises a1
-- migr:upgrade
CREATE TABLE missing.a2 (i int);
-- migr:downgrade
DROP TABLE missing.a2;
-- migr:revision b1
-- migr:labels side
-- migr:upgrade
CREATE TABLE missing.b1 (i int);
-- migr:downgrade
DROP TABLE missing.b1;
-- migr:revision a3
-- migr:revises a2
-- migr:upgrade
CREATE TABLE missing.a3 (a2 int);
-- migr:downgrade
DROP TABLE missing.a3;
-- migr:revision b2
-- migr:revises b1
-- migr:upgrade
CREATE TABLE missing.b2 (i int);
-- migr:downgrade
DROP TABLE missing.b2;
$migr$);
SET client_min_messages = warning;
SELECT * FROM migr_upgrade('a2');
SELECT * FROM migr_upgrade('b1');
SELECT * FROM migr_upgrade('a3');
RESET client_min_messages;
SELECT migr_script('a3') AS a3 \gset
DELETE FROM migr.revision WHERE revision = 'a3';
UPDATE migr.revision SET is_head = true WHERE revision = 'a2';

-- It is told: by what says that all is well,
SELECT applied, pending, up_to_date, unknown FROM migr_status();
SELECT * FROM migr_upgrade('a2');
SELECT revision FROM migr_current();
-- and by what says that it is not (error)
SELECT migr_check();
-- What is known can run.
SELECT * FROM migr_upgrade('heads');
SELECT migr_check();

-- What was applied behind it can't stand under it.
SELECT * FROM migr_downgrade('side@b1');
-- Else it would have to be undone, or passed over: refused in whatever words
-- (errors)
SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_downgrade('-2');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_downgrade('a1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_downgrade('a2');
SELECT * FROM migr_downgrade('a2-1');
SELECT * FROM migr_downgrade('a2@base');
SELECT * FROM migr_downgrade('side@base');
SELECT migr_sql('current:a1', 'downgrade');

-- A stamp does not know of it, and says so.
BEGIN;
SELECT * FROM migr_stamp('base');
SELECT revision FROM migr.version;
SELECT * FROM migr_stamp('a1');
SELECT revision FROM migr.version ORDER BY ordinal;
SELECT * FROM migr_stamp('base', purge => true);
SELECT revision FROM migr.version;
ROLLBACK;

-- With its script, all of it goes on.
SELECT * FROM migr_load(:'a3');
SELECT * FROM migr_upgrade('heads');
SELECT migr_check();
SELECT * FROM migr_downgrade('base');

-- Of many, not all are named; with no script at all, nothing is up to date (error)
INSERT INTO migr.version (revision, ordinal, stamped, applied_by)
SELECT 'lost_' || to_char(i, 'FM00'), i + 100, true, '-' FROM generate_series(1, 12) i;
DELETE FROM migr.revision;
SELECT migr_check();
SELECT * FROM migr_upgrade();
SELECT up_to_date, cardinality(unknown) AS unknown FROM migr_status();

SET client_min_messages = warning;
DROP SCHEMA missing CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
