-- Upgrade, downgrade and stamp.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE SCHEMA run;
-- What the scripts did, in order.
CREATE TABLE run.done (n int GENERATED ALWAYS AS IDENTITY, what text);

--
-- Targets, order, what is returned
--

-- A diamond: root, then left and right in the order of their ids, then join.
SELECT * FROM migr_load($migr$
-- migr:revision join
-- migr:revises right, left
-- migr:message both sides
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('join up');
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('join down');
-- migr:revision left
-- migr:revises root
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('left up');
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('left down');
-- migr:revision right
-- migr:revises root
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('right up');
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('right down');
-- migr:revision root
-- migr:message the first one
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('root up');
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('root down');
$migr$);

-- head is the default of an upgrade.
SELECT * FROM migr_upgrade();
-- Once there, there is nothing to do, and a notice says so.
SELECT * FROM migr_upgrade();
SELECT * FROM migr_upgrade('heads');
SELECT * FROM migr_upgrade('root');
SELECT * FROM migr_upgrade('base');
-- -N takes back what was applied last.
SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_downgrade('-2');
-- +N goes up from where the database is; from root there are two ways, and
-- neither is taken by chance (error)
SELECT * FROM migr_upgrade('+1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_upgrade('root+1');
-- From right there is one; the other parent of join comes along.
SELECT * FROM migr_upgrade('right');
SELECT * FROM migr_upgrade('+1');
-- A downgrade to an id undoes what is above it and leaves it applied.
SELECT * FROM migr_downgrade('root');
-- Where the database is already, there is nothing to undo.
SELECT * FROM migr_upgrade('head');
SELECT * FROM migr_downgrade('join');
-- base undoes everything.
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_downgrade('base');
-- Steps from a revision, wherever the database is.
SELECT * FROM migr_upgrade('+1');
SELECT * FROM migr_upgrade('left+1');
-- ... down from join there are two ways (error)
SELECT * FROM migr_downgrade('head-1');
-- ... and one from left.
SELECT * FROM migr_downgrade('left-1');
SELECT * FROM migr_upgrade('left');
-- A target beside or above what is applied is nothing to downgrade to (error)
SELECT * FROM migr_downgrade('right');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_downgrade('join');
SELECT * FROM migr_downgrade('base');
-- ... nor is any while nothing is applied (error)
SELECT * FROM migr_downgrade('root');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_downgrade('-1');
\echo :LAST_ERROR_SQLSTATE

-- What the scripts did is what was returned.
SELECT string_agg(what, ', ' ORDER BY n) AS done FROM run.done;
TRUNCATE run.done RESTART IDENTITY;

-- "heads" takes every branch, in one topological order with ties by id.
SELECT * FROM migr_load($migr$
-- migr:revision a2
-- migr:revises z1
-- migr:upgrade
-- migr:downgrade
-- migr:revision z1
-- migr:upgrade
-- migr:downgrade
-- migr:revision needs_a2
-- migr:revises root
-- migr:depends a2
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT * FROM migr_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_upgrade('heads');
-- Undoing a dependency undoes what depends on it.
SELECT * FROM migr_downgrade('z1');
SELECT * FROM migr_upgrade('needs_a2');
SELECT * FROM migr_downgrade('base');

DROP EXTENSION migr;
CREATE EXTENSION migr;
TRUNCATE run.done RESTART IDENTITY;

--
-- What is recorded
--

SELECT * FROM migr_load($migr$
-- migr:revision t1
-- migr:upgrade
CREATE TABLE run.t1 (id int PRIMARY KEY);
-- migr:downgrade
DROP TABLE run.t1;
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
INSERT INTO run.t1 VALUES (1);
-- migr:downgrade
DELETE FROM run.t1 WHERE id = 1;
-- migr:revision t3
-- migr:revises t2
-- migr:upgrade
INSERT INTO run.t1 VALUES (2);
INSERT INTO run.t1
    VALUES (3),
           (1);
-- migr:downgrade
DELETE FROM run.t1 WHERE id > 1;
$migr$);
SELECT * FROM migr_upgrade('t2', tag => 'release 1.2');
SELECT * FROM migr_downgrade('-1', tag => 'release 1.1');
SELECT action, target, tag, from_heads, to_heads, revisions, outcome,
       performed_by = session_user AND run_as = current_user AS by_me,
       duration >= interval '0' AND started_at BETWEEN now() - interval '1 hour' AND clock_timestamp() AS just_now
  FROM migr.log WHERE action <> 'load' ORDER BY id;
SELECT revision, stamped, applied_by = session_user AS by_me, duration >= interval '0' AS took,
       checksum = (SELECT r.checksum FROM migr.revision r WHERE r.revision = v.revision) AS same
  FROM migr.version v ORDER BY ordinal;

--
-- All or nothing
--

-- t3 breaks a key: t2 is not applied either, and nothing is logged (error)
SELECT * FROM migr_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
SELECT revision FROM migr_current();
SELECT count(*) FROM run.t1;
SELECT count(*) FROM migr.log WHERE action = 'upgrade';
-- The same for a downgrade (error)
SELECT * FROM migr_load($migr$
-- migr:revision t1
-- migr:upgrade
CREATE TABLE run.t1 (id int PRIMARY KEY);
-- migr:downgrade
DROP TABLE run.t1;
DROP TABLE run.nonsense;
$migr$, true);
SELECT * FROM migr_upgrade('t2');
SELECT * FROM migr_downgrade('base');
\echo :LAST_ERROR_SQLSTATE
SELECT revision FROM migr_current();
SELECT count(*) FROM run.t1;

-- Inside a transaction block an upgrade is part of it.
SELECT * FROM migr_stamp('base');
DROP TABLE run.t1;
BEGIN;
SELECT * FROM migr_upgrade('t2');
SELECT count(*) FROM run.t1;
SELECT * FROM migr_stamp('t1');
ROLLBACK;
SELECT revision FROM migr_current();
SELECT to_regclass('run.t1') IS NULL AS gone;
-- ... and of a savepoint: after a failure the transaction goes on.
BEGIN;
SELECT * FROM migr_upgrade('t1');
SAVEPOINT s;
SELECT * FROM migr_upgrade('t3');
ROLLBACK TO s;
SELECT * FROM migr_upgrade('t2');
COMMIT;
SELECT revision FROM migr_current();

-- A failure that plpgsql catches leaves nothing behind, and a good run is
-- possible afterwards in the same statement.
DO $$
DECLARE
    done text[];
BEGIN
    FOR i IN 1 .. 3 LOOP
        BEGIN
            PERFORM migr_upgrade('t3');
        EXCEPTION WHEN unique_violation THEN
            RAISE NOTICE 'caught: % %', SQLSTATE, SQLERRM;
        END;
    END LOOP;
    DELETE FROM run.t1 WHERE id = 1;
    SELECT array_agg(u) INTO done FROM migr_upgrade('t3') u;
    RAISE NOTICE 'applied: %', done;
END;
$$;
SELECT array_agg(id ORDER BY id) FROM run.t1;
DROP TABLE run.t1;

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- Where a failure is
--

CREATE FUNCTION run.fails(n int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    IF n = 0 THEN
        RAISE EXCEPTION 'a message of our own'
            USING ERRCODE = 'ZZ001', DETAIL = 'A detail.', HINT = 'A hint.';
    END IF;
    RETURN 1 / (n - 1);
END;
$$;

-- Each of these revisions is a base; none of them can be applied.
SELECT count(*) FROM migr_load($migr$
-- migr:revision syntax
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('first');

INSERT INTO run.done (what) VALUES ('second');
INSERT INTO run.done (what)
    VALUSE ('third');
-- migr:revision syntax_end
-- migr:upgrade
INSERT INTO run.done (what) VALUES
-- migr:revision no_table
-- migr:upgrade
SELECT 1;

SELECT 2,
       (SELECT count(*)
          FROM run.nonsense);
-- migr:revision zero
-- migr:upgrade
-- a comment first
INSERT INTO run.done (what)
    SELECT 'never'
     WHERE 1 / (SELECT count(*) FROM run.done WHERE what = 'nobody') > 1;
-- migr:revision custom
-- migr:upgrade
SELECT 1; SELECT run.fails(1 - 1);
-- migr:revision in_function
-- migr:upgrade
SELECT 1;
SELECT
  run.fails(1);
-- migr:revision in_do
-- migr:upgrade
DO $$
BEGIN
    PERFORM 1;
    PERFORM nonsense FROM run.done;
END;
$$;
-- migr:revision raised
-- migr:upgrade
DO $$ BEGIN RAISE EXCEPTION 'plain'; END $$;
-- migr:revision copy_data
-- migr:upgrade
CREATE TABLE run.numbers (n int);
COPY run.numbers
  FROM stdin;
1
2
three
\.
-- migr:revision copy_column
-- migr:upgrade
CREATE TABLE run.numbers (n int);

COPY run.numbers (n, nonsense) FROM stdin;
1
\.
-- migr:revision copy_table
-- migr:upgrade
COPY run.nonsense FROM stdin;
\.
-- migr:revision behind_copy
-- migr:upgrade
CREATE TABLE run.numbers (n int);
COPY run.numbers FROM stdin;
1
2
\.
SELECT nonsense
  FROM run.numbers;
-- migr:revision duplicate
-- migr:upgrade
CREATE TABLE run.keys (k int PRIMARY KEY);
INSERT INTO run.keys VALUES (1), (1);
-- migr:revision in_verify
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('before verify');
-- migr:verify
SELECT true;
SELECT nonsense
FROM run.done;
$migr$);

-- A syntax error in the third statement: nothing of the section runs, and the
-- cursor is where the fault is (error)
SELECT migr_upgrade('syntax');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('syntax_end');
\echo :LAST_ERROR_SQLSTATE
-- An error at run time keeps its SQLSTATE, its cursor and its line (error)
SELECT migr_upgrade('no_table');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('zero');
\echo :LAST_ERROR_SQLSTATE
-- An SQLSTATE, DETAIL and HINT of the user's own survive (error)
SELECT migr_upgrade('custom');
\echo :LAST_ERROR_SQLSTATE
-- In a function called by the script: its own context, then ours (error)
SELECT migr_upgrade('in_function');
\echo :LAST_ERROR_SQLSTATE
-- ... where the cursor is in a query of the function, not in the script (error)
SELECT migr_upgrade('in_do');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('raised');
\echo :LAST_ERROR_SQLSTATE
-- In the data of COPY, its columns, its table (error)
SELECT migr_upgrade('copy_data');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('copy_column');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('copy_table');
\echo :LAST_ERROR_SQLSTATE
-- Lines of data count (error)
SELECT migr_upgrade('behind_copy');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('duplicate');
\echo :LAST_ERROR_SQLSTATE
-- In a verify section (error)
SELECT migr_upgrade('in_verify');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM run.done;
SELECT count(*) FROM migr.version;
-- A section with a syntax error stops an upgrade before the ones below run (error)
SELECT * FROM migr_load($migr$
-- migr:revision below
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('below');
-- migr:revision above
-- migr:revises below
-- migr:upgrade
SELECT (;
-- migr:revision verify_above
-- migr:revises below
-- migr:upgrade
-- migr:verify
SELECT );
$migr$);
SELECT migr_upgrade('above');
SELECT migr_upgrade('verify_above');
\echo :LAST_ERROR_SQLSTATE

DROP EXTENSION migr;
CREATE EXTENSION migr;
DROP FUNCTION run.fails(int);

--
-- The session of a script
--

-- SET, SET ROLE, set_config() end with the revision, for the next one and for
-- the caller; the caller's search_path is the script's.
CREATE SCHEMA run_path;
CREATE ROLE regress_migr_run;
GRANT USAGE ON SCHEMA run TO regress_migr_run;
GRANT INSERT ON run.done TO regress_migr_run;
SELECT * FROM migr_load($migr$
-- migr:revision sets
-- migr:upgrade
CREATE TABLE here (a int);
SET search_path = pg_catalog;
SET work_mem = '123kB';
SET LOCAL maintenance_work_mem = '2345kB';
SELECT set_config('migr_test.session', 'set', false), set_config('migr_test.local', 'set', true);
SET SESSION AUTHORIZATION regress_migr_run;
INSERT INTO run.done (what) VALUES (current_user || ' ' || current_setting('work_mem'));
-- migr:downgrade
DROP TABLE here;
SET statement_timeout = 12345;
-- migr:verify
SELECT current_user = 'regress_migr_run', current_setting('work_mem') = '123kB';
-- migr:revision sets_not
-- migr:revises sets
-- migr:upgrade
INSERT INTO run.done (what)
    SELECT concat_ws(' ', current_user = session_user, session_user = current_setting('migr_test.caller'),
                     current_setting('search_path'), current_setting('work_mem') <> '123kB',
                     current_setting('maintenance_work_mem') <> '2345kB',
                     coalesce(nullif(current_setting('migr_test.session', true), ''), 'unset'),
                     coalesce(nullif(current_setting('migr_test.local', true), ''), 'unset'));
SET ROLE regress_migr_run;
RESET work_mem;
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('down, ' || current_setting('statement_timeout'));
$migr$);
SET migr_test.caller = :'USER';
SET search_path = run_path, run;
SET work_mem = '234kB';
SELECT * FROM migr_upgrade();
SELECT what FROM run.done ORDER BY n;
SELECT current_user = :'USER' AS user, session_user = :'USER' AS session, current_setting('search_path') AS path,
       current_setting('work_mem') AS work_mem, to_regclass('run_path.here') IS NOT NULL AS here,
       coalesce(nullif(current_setting('migr_test.session', true), ''), 'unset') AS set_config;
SELECT * FROM migr_downgrade('base');
SHOW statement_timeout;
RESET search_path;
RESET work_mem;
TRUNCATE run.done;

-- They end with a run that fails, too (error)
SELECT * FROM migr_load($migr$
-- migr:revision fails
-- migr:upgrade
SET search_path = pg_catalog;
SET ROLE regress_migr_run;
SELECT 1 / 0;
$migr$);
SELECT migr_upgrade('fails');
SELECT current_user = session_user AS same, current_setting('search_path') AS path;

DROP EXTENSION migr;
CREATE EXTENSION migr;
DROP OWNED BY regress_migr_run;
DROP ROLE regress_migr_run;
DROP SCHEMA run_path;

-- While a revision runs, application_name says which; afterwards it is what it
-- was, and after a failure, too (error)
SELECT * FROM migr_load($migr$
-- migr:revision named
-- migr:message who is it
-- migr:upgrade
INSERT INTO run.done (what) VALUES (current_setting('application_name'));
INSERT INTO run.done (what)
    SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid();
-- migr:downgrade
INSERT INTO run.done (what) VALUES (current_setting('application_name'));
-- migr:revision named_too
-- migr:revises named
-- migr:upgrade
INSERT INTO run.done (what) VALUES (current_setting('application_name'));
-- migr:downgrade
-- migr:revision named_badly
-- migr:revises named_too
-- migr:upgrade
SELECT nonsense;
$migr$);
SET application_name = 'before';
SELECT * FROM migr_upgrade('named_too');
SHOW application_name;
SELECT migr_upgrade('named_badly');
SHOW application_name;
SELECT * FROM migr_downgrade('base');
SHOW application_name;
RESET application_name;
SELECT what FROM run.done ORDER BY n;
TRUNCATE run.done;
-- It is shorter than a message may be; the count stays.
SELECT * FROM migr_load($migr$
-- migr:revision named_at_length
-- migr:revises named
-- migr:message one, two, three, four, five, six, seven, eight, nine, ten, eleven
-- migr:upgrade
INSERT INTO run.done (what) VALUES (current_setting('application_name'));
$migr$);
SELECT * FROM migr_upgrade('named_at_length');
SELECT length(what) < 64 AS shorter, what ~ '^running upgrade named -> named_at_length' AS starts, what ~ '[(]2 of 2[)]$' AS ends
  FROM run.done ORDER BY n DESC LIMIT 1;
TRUNCATE run.done;

DROP EXTENSION migr;
CREATE EXTENSION migr;

-- Statements see what those before them did; temporary tables last as long as
-- the caller's transaction, and the same one can be made by every run.
SELECT * FROM migr_load($migr$
-- migr:revision temp
-- migr:upgrade
CREATE TEMPORARY TABLE migr_temp (a int) ON COMMIT DROP;
INSERT INTO migr_temp VALUES (1), (2);
UPDATE migr_temp SET a = a * 10;
CREATE TABLE run.from_temp AS SELECT sum(a) AS sum FROM migr_temp;
DROP TABLE migr_temp;
-- migr:downgrade
CREATE TEMPORARY TABLE migr_temp AS TABLE run.from_temp;
DROP TABLE run.from_temp;
DROP TABLE migr_temp;
$migr$);
SELECT * FROM migr_upgrade();
SELECT * FROM run.from_temp;
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_upgrade();
SELECT * FROM migr_downgrade('base');

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- Deferred constraints
--

SELECT * FROM migr_load($migr$
-- migr:revision d1
-- migr:upgrade
CREATE TABLE run.parent (id int PRIMARY KEY);
CREATE TABLE run.child (
    id int PRIMARY KEY,
    initially_deferred int REFERENCES run.parent DEFERRABLE INITIALLY DEFERRED,
    deferrable_only int REFERENCES run.parent DEFERRABLE INITIALLY IMMEDIATE
);
INSERT INTO run.child VALUES (1, 10, NULL);
INSERT INTO run.parent VALUES (10);
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO run.child VALUES (2, 20, 20);
INSERT INTO run.parent VALUES (20);
-- migr:downgrade
DROP TABLE run.child, run.parent;
-- migr:revision d2
-- migr:revises d1
-- migr:upgrade
ALTER TABLE run.child ADD COLUMN note text DEFAULT 'altered' NOT NULL;
INSERT INTO run.child VALUES (3, 30, NULL);
INSERT INTO run.parent VALUES (30);
-- migr:downgrade
DELETE FROM run.child WHERE id = 3;
DELETE FROM run.parent WHERE id = 30;
ALTER TABLE run.child DROP COLUMN note;
-- migr:revision d3
-- migr:revises d2
-- migr:upgrade
INSERT INTO run.child VALUES (4, 40, NULL);
-- migr:downgrade
-- migr:revision d4
-- migr:revises d2
-- migr:upgrade
INSERT INTO run.child VALUES (5, NULL, 50);
INSERT INTO run.parent VALUES (50);
-- migr:downgrade
$migr$);
-- A revision may insert rows that a deferred constraint checks, and the next
-- one alter the table; INITIALLY DEFERRED holds in the second as in the first.
SELECT * FROM migr_upgrade('d2');
SELECT * FROM run.child ORDER BY id;
-- A constraint that is violated is reported as that revision's failure (error)
SELECT migr_upgrade('d3');
\echo :LAST_ERROR_SQLSTATE
-- SET CONSTRAINTS in d1 ends with d1: in d4, in the same run, the constraint is
-- immediate again (error)
SELECT * FROM migr_downgrade('base');
SELECT migr_upgrade('d4');
\echo :LAST_ERROR_SQLSTATE
-- Behind the run, in its transaction, constraints are as deferred as they were
-- created.
BEGIN;
SELECT * FROM migr_upgrade('d1');
INSERT INTO run.child VALUES (6, 60, NULL);
INSERT INTO run.parent VALUES (60);
INSERT INTO run.child VALUES (7, NULL, 60);
COMMIT;
SELECT count(*) FROM run.child;
SELECT * FROM migr_downgrade('base');
SELECT to_regclass('run.child') IS NULL AS gone;

-- A table that a later revision makes has its own deferred constraints; so has
-- one whose constraint shares its name with another that is not deferrable, and
-- rows may come from a function that CREATE TABLE AS calls.
CREATE FUNCTION run.fill() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run.e_child VALUES (2);
    INSERT INTO run.e_parent VALUES (2);
    RETURN 1;
END;
$$;
SELECT count(*) FROM migr_load($migr$
-- migr:revision e1
-- migr:upgrade
CREATE TABLE run.e_parent (id int PRIMARY KEY);
INSERT INTO run.e_parent VALUES (1);
-- migr:revision e2
-- migr:revises e1
-- migr:upgrade
CREATE TABLE run.e_child (id int CONSTRAINT shared REFERENCES run.e_parent DEFERRABLE INITIALLY DEFERRED);
INSERT INTO run.e_child VALUES (3);
INSERT INTO run.e_parent VALUES (3);
-- migr:revision e3
-- migr:revises e2
-- migr:upgrade
CREATE TABLE run.e_other AS SELECT run.fill();
-- migr:revision e4
-- migr:revises e3
-- migr:upgrade
ALTER TABLE run.e_child ADD COLUMN a int;
CREATE TABLE run.e_strict (id int CONSTRAINT shared REFERENCES run.e_parent);
INSERT INTO run.e_child VALUES (4);
INSERT INTO run.e_parent VALUES (4);
-- migr:revision e5
-- migr:revises e4
-- migr:upgrade
ALTER TABLE run.e_child ADD COLUMN b int;
$migr$);
SELECT * FROM migr_upgrade('e5');
DROP TABLE run.e_child, run.e_strict, run.e_other, run.e_parent;
DROP FUNCTION run.fill();

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- dry_run
--

SELECT * FROM migr_load($migr$
-- migr:revision dry1
-- migr:upgrade
CREATE TABLE run.dry (a int);
-- migr:downgrade
DROP TABLE run.dry;
-- migr:verify
SELECT to_regclass('run.dry') IS NOT NULL;
-- migr:revision dry2
-- migr:revises dry1
-- migr:upgrade
INSERT INTO run.dry VALUES (1);
-- migr:downgrade
DELETE FROM run.dry;
-- migr:verify
SELECT count(*) = 2 FROM run.dry;
$migr$);
-- It runs everything, and changes nothing.
SELECT * FROM migr_upgrade('dry1', dry_run => true);
SELECT to_regclass('run.dry') IS NULL AS gone;
SELECT count(*) FROM migr.version;
SELECT count(*) FROM migr.log WHERE action <> 'load';
-- Verify sections run, too (error)
SELECT * FROM migr_upgrade('dry2', dry_run => true);
\echo :LAST_ERROR_SQLSTATE
-- A downgrade can be tried as well.
SELECT * FROM migr_upgrade('dry1');
SELECT * FROM migr_downgrade('base', dry_run => true);
SELECT revision FROM migr_current();
SELECT to_regclass('run.dry') IS NOT NULL AS there;
-- Afterwards a real run works, in the same transaction.
BEGIN;
SELECT * FROM migr_downgrade('base', dry_run => true);
SELECT * FROM migr_downgrade('base');
COMMIT;
-- With nothing to do, there is nothing to try.
SELECT * FROM migr_downgrade('base', true);

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- What cannot run
--

SELECT count(*) FROM migr_load($migr$
-- migr:revision good
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('good up');
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('good down');
-- migr:revision one_way
-- migr:revises good
-- migr:upgrade
-- migr:revision top
-- migr:revises one_way
-- migr:upgrade
-- migr:downgrade
INSERT INTO run.done (what) VALUES ('top down');
-- migr:revision off
-- migr:revises good
-- migr:transaction off
-- migr:upgrade
SELECT 1;
-- migr:downgrade
-- migr:revision concurrently
-- migr:revises good
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('before');

CREATE INDEX CONCURRENTLY ON run.done (what);
-- migr:downgrade
-- migr:revision vacuum
-- migr:revises good
-- migr:upgrade
VACUUM run.done;
-- migr:revision drop_concurrently
-- migr:revises good
-- migr:upgrade
DROP INDEX CONCURRENTLY run.nonsense;
-- migr:revision reindex
-- migr:revises good
-- migr:upgrade
REINDEX (VERBOSE) TABLE CONCURRENTLY run.done;
-- migr:revision database
-- migr:revises good
-- migr:upgrade
CREATE DATABASE regression_migr_never;
-- migr:revision system
-- migr:revises good
-- migr:upgrade
ALTER SYSTEM SET work_mem = '1MB';
-- migr:revision in_verify
-- migr:revises good
-- migr:upgrade
-- migr:verify
VACUUM;
-- migr:revision only_down
-- migr:revises good
-- migr:upgrade
-- migr:downgrade
DROP INDEX CONCURRENTLY run.nonsense;
-- migr:revision allowed
-- migr:revises good
-- migr:upgrade
ANALYZE run.done;
REINDEX TABLE run.done;
-- migr:downgrade
$migr$);

-- Statements that no transaction block may hold: said before anything runs (error)
SELECT migr_upgrade('off');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('concurrently');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('vacuum');
SELECT migr_upgrade('drop_concurrently');
SELECT migr_upgrade('reindex');
SELECT migr_upgrade('database');
SELECT migr_upgrade('system');
SELECT migr_upgrade('in_verify');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM run.done;
-- Relatives of theirs that a transaction may hold run.
SELECT * FROM migr_upgrade('allowed');
SELECT * FROM migr_downgrade('base');
-- Only the section that runs is looked at.
SELECT * FROM migr_upgrade('only_down');
SELECT migr_downgrade('base');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_stamp('base');
TRUNCATE run.done;

-- A revision without a downgrade section is irreversible: said before anything
-- is undone (error)
SELECT * FROM migr_upgrade('top');
SELECT migr_downgrade('base');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_downgrade('-2');
SELECT what FROM run.done ORDER BY n;
-- Above it one can go back.
SELECT * FROM migr_downgrade('one_way');

-- A read-only transaction (error)
BEGIN READ ONLY;
SELECT migr_upgrade('top');
ROLLBACK;
\echo :LAST_ERROR_SQLSTATE
SET default_transaction_read_only = on;
SELECT migr_upgrade('top');
SELECT migr_downgrade('good');
SELECT migr_stamp('good');
SELECT migr_load('-- migr:revision another');
SELECT migr_unload('top');
SELECT migr_upgrade('one_way');
\echo :LAST_ERROR_SQLSTATE
-- ... in which everything that only looks works.
SELECT revision FROM migr_current();
SELECT revision FROM migr_pending('top');
SELECT current_heads, applied, up_to_date FROM migr_status();
SELECT count(*) FROM migr_history();
RESET default_transaction_read_only;

DROP EXTENSION migr;
CREATE EXTENSION migr;
TRUNCATE run.done;

--
-- migr_stamp()
--

SELECT count(*) FROM migr_load($migr$
-- migr:revision s1
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('never');
-- migr:downgrade
-- migr:revision s2
-- migr:revises s1
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('never');
-- migr:downgrade
-- migr:revision s3
-- migr:revises s2
-- migr:upgrade
INSERT INTO run.done (what) VALUES ('s3');
-- migr:downgrade
$migr$);
-- It records a revision and all below it, and runs nothing.
SELECT * FROM migr_stamp('s2', tag => 'taken over');
SELECT revision, stamped, duration IS NULL OR duration = interval '0' AS no_time
  FROM migr.version ORDER BY ordinal;
SELECT count(*) FROM run.done;
SELECT action, target, tag, from_heads, to_heads, outcome FROM migr.log WHERE action = 'stamp' ORDER BY id;
-- An upgrade goes on from there.
SELECT * FROM migr_upgrade();
SELECT what FROM run.done ORDER BY n;
-- Down, by steps, to nothing, to everything.
SELECT * FROM migr_stamp('s1');
SELECT revision FROM migr_current();
SELECT * FROM migr_stamp('+1');
SELECT * FROM migr_stamp('head-1');
SELECT * FROM migr_stamp('base');
SELECT count(*) FROM migr.version;
SELECT * FROM migr_stamp('heads');
-- purge forgets what there is first, revisions without a script included.
SELECT * FROM migr_stamp('base');
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('forgotten', 100, false, 'nobody');
SELECT * FROM migr_stamp('s1');
SELECT revision FROM migr.version ORDER BY revision;
SELECT * FROM migr_stamp('s2', purge => true);
SELECT revision FROM migr.version ORDER BY revision;

--
-- Steps along a chain
--

SELECT * FROM migr_stamp('base');
SELECT * FROM migr_upgrade('+2');
SELECT * FROM migr_upgrade('s1+2');
SELECT * FROM migr_downgrade('s3-1');
SELECT * FROM migr_upgrade('head');
SELECT * FROM migr_downgrade('head-2');
SELECT * FROM migr_upgrade('head-1');
-- The way to the target is counted, not the steps that are left to run.
SELECT * FROM migr_upgrade('s1+1');
TRUNCATE run.done;

--
-- A damaged version table
--

-- What has no row is not applied, whatever stands on it: up, down and all work.
DELETE FROM migr.version WHERE revision = 's1';
SELECT revision, is_applied FROM migr_history() ORDER BY revision;
SELECT * FROM migr_upgrade('head');
DELETE FROM migr.version WHERE revision = 's2';
SELECT * FROM migr_downgrade('-1');
SELECT revision FROM migr_current();
SELECT * FROM migr_upgrade('head');
DELETE FROM migr.version WHERE revision IN ('s1', 's2');
SELECT * FROM migr_downgrade('base');
SELECT count(*) FROM migr.version;

-- An applied revision whose script is gone: what is known can still be run.
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('forgotten', 100, false, 'nobody');
SELECT * FROM migr_upgrade('head');
SELECT revision FROM migr_current();
SELECT * FROM migr_downgrade('s1');
SELECT revision FROM migr.version ORDER BY revision;
-- ... but not the one that is gone (error)
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_downgrade('forgotten');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_upgrade('forgotten');
DELETE FROM migr.version;

SET client_min_messages = warning;
DROP SCHEMA run CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
