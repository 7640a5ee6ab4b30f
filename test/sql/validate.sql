-- migr_validate(): the store alone.  Nothing that migr does breaks it, so it is
-- broken by hand here, as a superuser can.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP EXTENSION migr;
CREATE EXTENSION migr;

-- Nothing is good.
SELECT * FROM migr_validate();
SELECT count(*) FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE validate_1 (a int);
-- migr:downgrade
DROP TABLE validate_1;
-- migr:verify
SELECT true;
-- migr:revision r2
-- migr:revises r1
-- migr:labels two
-- migr:upgrade
COPY validate_1 FROM stdin;
1
\.
-- migr:downgrade
TRUNCATE validate_1;
-- migr:revision r3
-- migr:revises r2
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY ON validate_1 (a);
-- migr:downgrade
DROP INDEX CONCURRENTLY validate_1_a_idx;
-- migr:revision side
-- migr:revises r1
-- migr:upgrade
-- migr:downgrade
-- migr:revision merged
-- migr:revises r3, side
-- migr:depends two
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT * FROM migr_validate();

-- What a store may hold, and still is worth a look.
BEGIN;
SELECT count(*) FROM migr_load($migr$
-- migr:revision irreversible
-- migr:revises merged
-- migr:upgrade
SELECT 1;
-- migr:revision undone_by_nothing
-- migr:revises merged
-- migr:upgrade
SELECT 1;
-- migr:downgrade
-- only a comment
-- migr:revision 1975ea83b712
-- migr:revises merged
-- migr:upgrade
-- migr:downgrade
-- migr:revision ae1027a6acf
-- migr:upgrade
-- migr:downgrade
-- migr:revision island
-- migr:upgrade
-- migr:downgrade
-- migr:revision on_island
-- migr:revises island
-- migr:upgrade
-- migr:downgrade
-- migr:revision a_branch
-- migr:labels branch
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT * FROM migr_validate();
ROLLBACK;

-- Each section's syntax, with its line; what no revision may contain; what
-- can't run where it stands.  One that has an error is not looked at further.
BEGIN;
SELECT count(*) FROM migr_load($migr$
-- migr:revision syntax
-- migr:revises merged
-- migr:upgrade
SELECT 1;

CREATE TABEL t (a int);
SELECT FROM FROM;
-- migr:downgrade
DROP TABLE t CASCADE CASCADE;
-- migr:verify
SELECT 'ä' AS "ä" FRM t;
-- migr:revision contents
-- migr:revises syntax
-- migr:upgrade
SELECT 1;
DROP EXTENSION migr;
-- migr:downgrade
COPY t TO stdout;
-- migr:revision outside
-- migr:revises contents
-- migr:upgrade
CREATE INDEX CONCURRENTLY i ON t (a);
VACUUM t;
-- migr:downgrade
SELECT 1;
DROP INDEX CONCURRENTLY i;
-- migr:revision outside_verify
-- migr:revises outside
-- migr:transaction off
-- migr:upgrade
VACUUM;
-- migr:downgrade
VACUUM;
-- migr:verify
VACUUM;
$migr$);
SELECT * FROM migr_validate();
-- the transaction goes on
SELECT count(*) FROM migr.revision;
ROLLBACK;

-- The graph, broken by hand: what names nothing, and all that stands on it.
BEGIN;
UPDATE migr.revision SET down_revision = '{gone,r1}', depends_on = '{lost}' WHERE revision = 'r2';
SELECT * FROM migr_validate();
ROLLBACK;
BEGIN;
DELETE FROM migr.revision WHERE revision = 'r1';
SELECT revision, problem, detail FROM migr_validate();
ROLLBACK;
-- cycles: of one, of several
BEGIN;
UPDATE migr.revision SET down_revision = '{r1}' WHERE revision = 'r1';
SELECT revision, problem, detail FROM migr_validate();
ROLLBACK;
BEGIN;
UPDATE migr.revision SET down_revision = '{r3}' WHERE revision = 'r2';
UPDATE migr.revision SET depends_on = '{side}' WHERE revision = 'side';
SELECT revision, problem, detail FROM migr_validate() WHERE problem <> 'altered';
-- ... what needs a sound graph says that it is not
SELECT * FROM migr_verify('{chain,versions,sections,drift}');
SAVEPOINT s;
SELECT migr_upgrade();
ROLLBACK TO s;
ROLLBACK;
-- labels
BEGIN;
UPDATE migr.revision SET branch_labels = '{two,r3,two}' WHERE revision = 'r1';
SELECT revision, problem, detail FROM migr_validate();
ROLLBACK;
-- all but the script
BEGIN;
UPDATE migr.revision SET message = 'another', reversible = false, transactional = true,
       is_head = true, checksum = 'none', branch_labels = '{}', depends_on = '{r1}'
 WHERE revision = 'r3';
SELECT revision, problem, detail FROM migr_validate();
ROLLBACK;
-- the script alone
BEGIN;
UPDATE migr.revision SET script = script || E'SELECT 2;\n' WHERE revision = 'r1';
UPDATE migr.revision SET script = 'nonsense' WHERE revision = 'r2';
UPDATE migr.revision SET script = '' WHERE revision = 'r3';
UPDATE migr.revision SET script = script || E'\n-- migr:revision more' WHERE revision = 'side';
UPDATE migr.revision SET script = replace(script, 'merged', 'nobody') WHERE revision = 'merged';
SELECT * FROM migr_validate();
ROLLBACK;

-- Whatever is in it, it can be looked at: each column at random.
SELECT setseed(0.5) \gset
DO $$
DECLARE
    junk text[] := '{"", r1, r2, r3, side, merged, two, head, none, "a b", "-- migr:revision x", "\\", "''", "-- migr:upgrade\n''"}';
BEGIN
    FOR i IN 1 .. 200 LOOP
        BEGIN
            EXECUTE format('UPDATE migr.revision SET %s = %s WHERE random() < 0.5',
                (ARRAY['down_revision', 'depends_on', 'branch_labels', 'message', 'checksum', 'script', 'revision'])[1 + i % 7],
                CASE WHEN i % 7 < 3 THEN '(SELECT array_agg(j) FROM unnest($1) j WHERE random() < 0.2 AND revision IS NOT NULL)'
                     WHEN i % 7 = 6 THEN 'md5(random()::text || revision)'
                     ELSE '$1[1 + floor(random() * 14)::int]' END) USING junk;
            PERFORM count(*) FROM migr_validate();
            PERFORM count(*) FROM migr_verify('{chain,scripts,versions}');
            IF i % 20 = 0 THEN
                RAISE SQLSTATE 'ZZ000';     -- else let it get worse
            END IF;
        EXCEPTION WHEN SQLSTATE 'ZZ000' OR not_null_violation THEN
            NULL;
        END;
    END LOOP;
END $$;
SELECT count(*) > 0 AS broken FROM migr_validate();
DROP EXTENSION migr;
CREATE EXTENSION migr;

-- A large store, and one with as many findings.
SELECT count(*) FROM migr_load((
    SELECT string_agg(format(E'-- migr:revision n%s\n-- migr:revises %s\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\nSELECT 2;\n',
                             i, CASE WHEN i > 1 THEN 'n' || i - 1 END), '')
      FROM generate_series(1, 10000) i));
SELECT count(*) FROM migr_validate();
UPDATE migr.revision SET down_revision = '{n10000}' WHERE revision = 'n1';
SELECT problem, count(*) FROM migr_validate() GROUP BY problem ORDER BY problem;

-- It is for everybody, and writes nothing; but who may read decides (error).
CREATE ROLE regress_migr_reader;
SET ROLE regress_migr_reader;
BEGIN READ ONLY;
SELECT problem, count(*) FROM migr_validate() GROUP BY problem ORDER BY problem;
COMMIT;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION migr_validate() FROM PUBLIC;
SET ROLE regress_migr_reader;
SELECT * FROM migr_validate();
RESET ROLE;
DROP ROLE regress_migr_reader;
SELECT provolatile, proparallel FROM pg_proc WHERE proname = 'migr_validate';
DROP EXTENSION migr;
CREATE EXTENSION migr;
