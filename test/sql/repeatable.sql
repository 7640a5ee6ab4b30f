-- Repeatable scripts running: behind the revisions, whenever their text has changed;
-- what stands on what they replace stays; who shows them, and who compares with them.
DROP EXTENSION migr;
CREATE EXTENSION migr;
\pset format unaligned
\set SHOW_CONTEXT never
SET migr.scratch_database = 'create';

SELECT * FROM migr_load($m$
-- migr:revision a1
-- migr:labels base_tables
-- migr:upgrade
CREATE TABLE t (id int, v text);
-- migr:downgrade
DROP TABLE t;

-- migr:revision b1
-- migr:revises a1
-- migr:upgrade
CREATE TABLE u (id int);
-- migr:downgrade
DROP TABLE u;

-- migr:repeatable totals
-- migr:message what there is
-- migr:depends b1, helpers
-- migr:upgrade
CREATE OR REPLACE VIEW totals AS SELECT id, v, one() AS one FROM t;
GRANT SELECT ON totals TO PUBLIC;
-- migr:verify
SELECT count(*) = 0 FROM totals;

-- migr:repeatable helpers
-- migr:depends a1
-- migr:upgrade
CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
$m$);

--
-- First they wait with the revisions, and then run behind them, in order
--
SELECT revision, depends_on, message FROM migr_pending();
SELECT revision FROM migr_pending('a1');
SELECT pending, up_to_date FROM migr_status();
SELECT migr_upgrade(dry_run => true);
SELECT name, applied_checksum FROM migr.repeatable ORDER BY 1;
-- ... those that have what they depend on
SELECT migr_upgrade('a1');
SELECT migr_upgrade();
SELECT migr_upgrade();
SELECT migr_check();
SELECT name, applied_checksum = checksum AS applied, applied_script = script AS same, applied_by = session_user AS by_me,
       duration IS NOT NULL AS timed FROM migr.repeatable ORDER BY 1;
SELECT revisions, from_heads, to_heads,
       detail = (SELECT string_agg(format('repeatable %s has checksum %s', name, checksum), E'\n' ORDER BY name)
                   FROM migr.repeatable WHERE name = 'totals') AS told
  FROM migr.log WHERE action = 'upgrade' ORDER BY id;
SELECT revision FROM migr_current();
SELECT check_name, object, status FROM migr_verify('{scripts,versions,sections,drift}') WHERE status <> 'ok';

--
-- Edited, one is due
--
CREATE VIEW on_totals AS SELECT id, v FROM totals;
COMMENT ON VIEW on_totals IS 'kept';
COMMENT ON COLUMN on_totals.v IS 'kept, too';
GRANT SELECT (id) ON on_totals TO PUBLIC;
CREATE VIEW "uses One" AS SELECT one() + 1 AS x;
SELECT * FROM migr_load($m$
-- migr:repeatable totals
-- migr:depends b1, helpers
-- migr:upgrade
CREATE OR REPLACE VIEW totals AS SELECT v, one() AS one, id FROM t;
GRANT SELECT ON totals TO PUBLIC;
-- migr:repeatable helpers
-- migr:depends a1
-- migr:upgrade
CREATE OR REPLACE FUNCTION one() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
$m$);
SELECT migr_check();
\echo :LAST_ERROR_SQLSTATE
SELECT applied, pending, up_to_date FROM migr_status();
SELECT revision FROM migr_pending();
-- ... and runs, where the server would not replace what is there
SELECT migr_upgrade();
SELECT migr_check();
SELECT relname, (SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid) AS columns, relacl IS NOT NULL AS granted, obj_description(oid) AS comment,
       col_description(oid, 2) AS column_comment
  FROM pg_class c WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY 1;
SELECT has_column_privilege('pg_monitor', 'on_totals', 'id', 'SELECT') AS column_granted,
       has_table_privilege('pg_monitor', 'totals', 'SELECT') AS granted;

--
-- What they have made is what the scripts say; what stands on it by hand is not
--
SELECT object, status FROM migr_verify('{drift}') WHERE status <> 'ok';
DROP VIEW on_totals, "uses One";
SELECT object, status FROM migr_verify('{drift}') WHERE status <> 'ok';
CREATE OR REPLACE FUNCTION one() RETURNS bigint LANGUAGE sql AS 'SELECT 2::bigint';
SELECT object, status FROM migr_verify('{drift}') WHERE status <> 'ok';
-- Loaded, but not run: the schema is to be what ran last
CREATE OR REPLACE FUNCTION one() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
SELECT * FROM migr_load(E'-- migr:repeatable helpers\n-- migr:depends a1\n-- migr:upgrade\nCREATE OR REPLACE FUNCTION one() RETURNS bigint LANGUAGE sql AS ''SELECT 3::bigint'';\n');
SELECT object, status FROM migr_verify('{drift}') WHERE status <> 'ok';
SELECT revision, status, detail FROM migr_test('head') WHERE status <> 'ok' OR revision IS NULL OR revision = 'helpers';
SELECT migr_upgrade();

--
-- What fails takes the whole run back
--
SELECT * FROM migr_load($m$
-- migr:revision c1
-- migr:revises b1
-- migr:upgrade
CREATE TABLE c (id int);
-- migr:downgrade
DROP TABLE c;
-- migr:repeatable failing
-- migr:depends c1
-- migr:upgrade
CREATE VIEW failing AS SELECT * FROM c;
-- migr:verify
SELECT count(*) > 0 FROM failing;
$m$);
\set SHOW_CONTEXT errors
SELECT migr_upgrade();
SELECT * FROM migr_load(E'-- migr:repeatable failing\n-- migr:depends c1\n-- migr:upgrade\n\nCREATE VIEW failing AS SELECT x FROM c;\n');
SELECT migr_upgrade();
\set SHOW_CONTEXT never
SELECT to_regclass('c'), (SELECT count(*) FROM migr.version), (SELECT applied_checksum FROM migr.repeatable WHERE name = 'failing');
SELECT migr_unload('failing');
SELECT migr_upgrade();

--
-- Nobody with many rights runs what others wrote
--
CREATE ROLE regress_migr_repeats;
GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean) TO regress_migr_repeats;
SET ROLE regress_migr_repeats;
SELECT * FROM migr_load(E'-- migr:repeatable takes_over\n-- migr:upgrade\nALTER ROLE regress_migr_repeats SUPERUSER;\n');
RESET ROLE;
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_migr_repeats';
SELECT migr_unload('takes_over');
REVOKE EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean) FROM regress_migr_repeats;
DROP ROLE regress_migr_repeats;

--
-- Down and up again
--
DROP VIEW totals;
DROP FUNCTION one();
SELECT migr_downgrade('base');
SELECT revision FROM migr_pending();
SELECT migr_upgrade();
SELECT to_regclass('totals') IS NOT NULL AS there;
SELECT migr_check();

DROP VIEW totals;
DROP FUNCTION one();
SELECT migr_downgrade('base');
DROP EXTENSION migr;
CREATE EXTENSION migr;
