-- migr_sql(): what a run would do, as SQL for psql -1.

\pset format unaligned
\set SHOW_CONTEXT never
\pset tuples_only on
SET client_min_messages = warning;

SELECT count(*) FROM migr_load($migr$
-- migr:revision s1
-- migr:message it's "first"
-- migr:upgrade
CREATE TABLE s1 (a int, b text);
COPY s1 FROM stdin;
1	one; two
2	\N
\.
SET search_path = pg_catalog;
-- migr:downgrade
DROP TABLE public.s1;
-- migr:revision s2
-- migr:revises s1
-- migr:upgrade
CREATE FUNCTION s2() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2; END $$;
CREATE VIEW v2 AS SELECT s2() -- no semicolon behind it
-- migr:downgrade
DROP VIEW v2; DROP FUNCTION s2;
-- migr:verify
SELECT s2() = 2;
-- migr:revision s3
-- migr:revises s2
-- migr:upgrade
-- migr:revision off
-- migr:revises s3
-- migr:transaction off
-- migr:upgrade
VACUUM s1;
-- migr:downgrade
-- migr:revision idx
-- migr:revises off
-- migr:upgrade
CREATE INDEX CONCURRENTLY ON s1 (a);
-- migr:downgrade
$migr$);

SELECT migr_sql('s2');
SELECT migr_sql('current:s1');
-- a database that the script brought up is where migr_upgrade() would be
SELECT migr_sql(':s2') \g results/offline_up.sql
\set ECHO none
BEGIN;
\i results/offline_up.sql
COMMIT;
\set ECHO all
SELECT current_heads, pending FROM migr_status();
SHOW search_path;
TABLE s1;
TABLE v2;
SELECT v.checksum = r.checksum, ordinal, stamped FROM migr.version v JOIN migr.revision r USING (revision) ORDER BY ordinal;
SELECT action, target, from_heads, to_heads, revisions FROM migr.log ORDER BY id DESC LIMIT 1;
-- run again, it refuses (error)
\! sed -n '2,/^\$migr\$;/p' results/offline_up.sql > results/offline_start.sql
\set ON_ERROR_STOP off
\set ECHO none
BEGIN;
\i results/offline_start.sql
ROLLBACK;
\set ECHO all
-- nothing to do
SELECT migr_sql('current:s2');
-- and back
SELECT migr_sql('current:-1', 'downgrade');
SELECT migr_sql('s2:base', 'downgrade') \g results/offline_down.sql
\set ECHO none
BEGIN;
\i results/offline_down.sql
COMMIT;
\set ECHO all
SELECT current_heads, applied FROM migr_status();
SELECT to_regclass('s1') IS NULL;

-- ends that make no sense (error)
SELECT migr_sql('s2', 'downgrade');
SELECT migr_sql('s2:', 'downgrade');
SELECT migr_sql('s1:s2', 'downgrade');
SELECT migr_sql('s1:s2', 'sideways');
SELECT migr_sql('s1:s2:s3');
SELECT migr_sql('nosuch:s2');
SELECT migr_sql(NULL);
-- what no single transaction can run, or undo (error)
SELECT migr_sql('s3:off');
SELECT migr_sql('off:idx');
SELECT migr_sql('s3:s2', 'downgrade');

DELETE FROM migr.revision;
