-- What there is to see: of a diamond with a dependency and labels, of a
-- database that is behind, and of one that is damaged.
DROP EXTENSION migr;
CREATE EXTENSION migr;

-- Of nothing, there is nothing to see.
SELECT count(*) FROM migr_current();
SELECT count(*) FROM migr_heads();
SELECT count(*) FROM migr_history();
SELECT count(*) FROM migr_pending();
SELECT * FROM migr_status();
SELECT migr_check();
SELECT * FROM migr_upgrade();
-- ... by name (error)
SELECT * FROM migr_show('abc');
\echo :LAST_ERROR_SQLSTATE

SELECT * FROM migr_load($migr$
-- migr:revision root
-- migr:message the first
-- migr:created 2026-11-20 13:36:00+00
-- migr:labels main
-- migr:upgrade
-- migr:downgrade
-- migr:revision left
-- migr:revises root
-- migr:message with, commas and "quotes"
-- migr:labels l, l2
-- migr:upgrade
-- migr:downgrade
-- migr:revision right
-- migr:revises root
-- migr:depends other
-- migr:upgrade
-- migr:revision join
-- migr:revises left, right
-- migr:upgrade
-- migr:downgrade
-- migr:revision other
-- migr:upgrade
-- migr:downgrade
$migr$);

--
-- migr.revision_info
--

SELECT attname, atttypid::regtype AS type FROM pg_attribute
 WHERE attrelid = 'migr.revision_info'::regclass AND attnum > 0 ORDER BY attnum;

-- Newest first: what revises comes before what is revised, and so does what
-- depends before that on which it depends.
SELECT revision, down_revision, depends_on, message,
       created_at AT TIME ZONE 'UTC' = '2026-11-20 13:36:00' AS created_then
  FROM migr_history();
SELECT revision, is_base, is_head, is_branch_point, is_merge_point,
       is_applied, is_current, applied_at, applied_by, reversible
  FROM migr_history();

-- Nothing revises "other", so it is a head; but as something depends on it, an
-- upgrade to "join" brings it along, and "head" and "heads" mean "join" alone.
SELECT revision FROM migr_heads();
SELECT script_heads FROM migr_status();

-- migr_show() takes what names a revision, and what names several.
SELECT revision FROM migr_show('left');
SELECT revision FROM migr_show('righ');
SELECT revision FROM migr_show('heads');
SELECT revision FROM migr_show('left+1');
SELECT revision FROM migr_show('head-1');
SELECT revision FROM migr_show('join-0');
SELECT revision FROM migr_show('base');
SELECT revision FROM migr_show('current');

-- migr_pending() is in the order in which they would run; head is the default.
SELECT revision, is_applied FROM migr_pending();
SELECT revision FROM migr_pending('left');
SELECT revision FROM migr_pending('right');
SELECT revision FROM migr_pending('left+1');
SELECT revision FROM migr_pending('heads');
SELECT revision FROM migr_pending('base');

--
-- A database that is behind
--

SELECT * FROM migr_upgrade('left');
SELECT * FROM migr_upgrade('other');
SELECT revision, is_applied, is_current, applied_by = session_user AS by_me,
       applied_at BETWEEN now() - interval '1 hour' AND clock_timestamp() AS just_now
  FROM migr_history();
SELECT revision, is_current FROM migr_current();
SELECT revision FROM migr_show('current');
SELECT revision FROM migr_pending();
SELECT current_heads, script_heads, applied, pending, up_to_date, unknown, drift_free,
       last_action, last_by = session_user AS by_me, last_at IS NOT NULL AS at
  FROM migr_status();
-- migr_check() says how much is missing (error)
SELECT migr_check();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_upgrade('right');
-- ... in good English (error)
SELECT migr_check();
-- Current is what no applied revision revises.
SELECT revision, is_current FROM migr_current();

--
-- A database that is up to date
--

SELECT * FROM migr_upgrade();
SELECT migr_check();
SELECT revision, is_current FROM migr_current();
SELECT current_heads, script_heads, applied, pending, up_to_date, last_action FROM migr_status();
SELECT count(*) FROM migr_pending('heads');
-- A new script, and it is not any more (error)
SELECT * FROM migr_load(E'-- migr:revision newest\n-- migr:revises join');
SELECT migr_check();
SELECT up_to_date, pending, last_action FROM migr_status();

-- With two heads "head" names none, but all the rest works (error)
SELECT * FROM migr_load(E'-- migr:revision newer\n-- migr:revises join');
SELECT * FROM migr_pending();
SELECT revision FROM migr_pending('heads');
SELECT revision FROM migr_heads();
SELECT script_heads, pending FROM migr_status();
SELECT migr_check();

--
-- A database that is damaged
--

-- Applied revisions whose scripts are gone are shown: one that nothing names...
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('forgotten', 100, false, 'nobody');
SELECT revision FROM migr_current();
SELECT unknown, applied FROM migr_status();
SELECT revision FROM migr_history();
-- ... but there is nothing to show of them (error)
SELECT * FROM migr_show('forgotten');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM migr.version WHERE revision = 'forgotten';

-- A version row that is lost: the revision counts as applied.
DELETE FROM migr.version WHERE revision = 'root';
SELECT revision, is_applied, is_current, applied_at, applied_by FROM migr_show('root');
SELECT applied FROM migr_status();

-- A script that is gone and that others revise: the store is broken, and it is
-- said how (error)
DELETE FROM migr.revision WHERE revision = 'right';
SELECT migr_status();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_history();
SELECT migr_upgrade();
-- Loading it again mends it.
SELECT * FROM migr_load(E'-- migr:revision right\n-- migr:revises root\n-- migr:depends other\n-- migr:upgrade\n');
SELECT revision FROM migr_current();

--
-- The catalog
--

-- What only looks is stable, what writes is volatile; all are in pg_catalog.
SELECT p.proname, provolatile, proparallel, proisstrict,
       pronamespace::regnamespace AS schema
  FROM pg_proc p
 WHERE p.proname IN ('migr_load', 'migr_load_directory', 'migr_script', 'migr_unload', 'migr_upgrade',
                     'migr_downgrade', 'migr_stamp', 'migr_current', 'migr_heads', 'migr_show',
                     'migr_log', 'migr_graph',
                     'migr_pending', 'migr_status', 'migr_check')
 ORDER BY p.proname COLLATE "C";
-- Every function, table and schema is described, the type too.
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS undescribed
  FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'migr'
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
   AND (d.classid IN ('pg_proc'::regclass, 'pg_namespace'::regclass) OR
        d.objid IN (SELECT oid FROM pg_class WHERE relkind = 'r') OR
        d.objid = 'migr.revision_info'::regtype)
   AND obj_description(d.objid, d.classid::regclass::name) IS NULL
 ORDER BY 1;

DROP EXTENSION migr;
CREATE EXTENSION migr;
