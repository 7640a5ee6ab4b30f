-- Revisions from the desired schema: where the way begins, and with whose rights.
\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;
CREATE ROLE regress_reporting;
CREATE ROLE regress_admin;
CREATE ROLE regress_base LOGIN;
GRANT regress_admin TO regress_base;
CREATE DATABASE regress_base OWNER regress_base TEMPLATE template0;
\c regress_base
SET client_min_messages = error;
-- Before 15, schema public is not the database owner's.
DO $$BEGIN IF current_setting('server_version_num')::int < 150000 THEN ALTER SCHEMA public OWNER TO regress_base; END IF; END$$;
SET ROLE regress_base;
CREATE EXTENSION migr;
RESET ROLE;
DO 'BEGIN PERFORM migr_scratch_create(''regress_base''); END';
CREATE EXTENSION citext;
CREATE SCHEMA admin AUTHORIZATION regress_admin;
GRANT CREATE ON SCHEMA public TO regress_admin;
\c - regress_base
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.timeless(script text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(script, '(created) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00', '\1 NOW')
$$;

-- an empty schema is one that somebody says (error)
CREATE TABLE used (i int);
SELECT migr_revision('x', autogenerate => true, desired => '');
SELECT migr_revision('x', autogenerate => true, desired => E' \n-- nothing\n/* at all */\n');
SELECT migr_diff('');
SELECT migr_diff('SET search_path = public;');
SELECT migr_diff('CREATE SCHEMA IF NOT EXISTS public', 'CREATE TABLE t (i int)');
SELECT migr_diff(E'-- migr:empty\nCREATE TABLE t (i int)', '');
SELECT migr_diff('-- migr:empty', 'CREATE TABLE t (i int)');
SELECT migr_diff('CREATE TABLE t (i int)', '');

-- no script is stored: from the live schema, without drops
CREATE TABLE other (i int);
GRANT SELECT ON used TO regress_reporting;
SELECT pg_temp.timeless(migr_revision('first', autogenerate => true, revision_id => 'x1',
    desired => 'CREATE TABLE used (i bigint, j int)'));
SELECT migr_unload('x1');
DROP TABLE used;

-- several heads; an administrator's view, and a view that got another owner
SELECT count(*) FROM migr_load($m$
-- migr:revision a1
-- migr:upgrade
CREATE TABLE t (i int);
-- migr:downgrade
DROP TABLE t;
-- migr:revision b1
-- migr:upgrade
CREATE TABLE u (i int);
CREATE VIEW of_u AS SELECT i FROM u;
GRANT SELECT ON of_u TO regress_reporting;
-- migr:downgrade
DROP VIEW of_u;
DROP TABLE u;
$m$);
SELECT count(*) FROM migr_upgrade('heads');
ALTER VIEW of_u OWNER TO regress_admin;
GRANT SELECT ON u TO regress_admin;
SET ROLE regress_admin;
CREATE VIEW admin.report AS SELECT i FROM public.u;
RESET ROLE;
SELECT migr_revision('second', autogenerate => true, head => 'b1', revision_id => 'b2', desired => $$
    CREATE TABLE t (i int);
    CREATE TABLE u (i bigint);
    CREATE VIEW of_u AS SELECT i FROM u;
    GRANT SELECT ON of_u TO regress_reporting;
$$) IS NOT NULL;
SELECT migr_upgrade('heads');
SELECT relname, relowner::regrole, replace(relacl::text, 'Dxtm', 'Dxt') FROM pg_class WHERE relname IN ('of_u', 'report') ORDER BY 1;

-- renamed with what stands on it
SELECT migr_revision('third', autogenerate => true, head => 'b2', revision_id => 'b3', renames => '{"u": "u2"}', desired => $$
    CREATE TABLE t (i int);
    CREATE TABLE u2 (i int);
    CREATE VIEW of_u AS SELECT i FROM u2;
    GRANT SELECT ON of_u TO regress_reporting;
$$) IS NOT NULL;
SELECT migr_upgrade('heads');
SELECT relname, relowner::regrole, replace(relacl::text, 'Dxtm', 'Dxt') FROM pg_class WHERE relname IN ('of_u', 'report') ORDER BY 1;
SELECT migr_downgrade('b3@-1');
SELECT relname, relowner::regrole, replace(relacl::text, 'Dxtm', 'Dxt') FROM pg_class WHERE relname IN ('of_u', 'report') ORDER BY 1;
SELECT migr_unload('b3');

-- from the live schema: what was made by hand stays, what scripts made goes
CREATE INDEX by_hand ON t (i);
SELECT pg_temp.timeless(migr_revision('fourth', autogenerate => true, base => 'live', head => 'b2', revision_id => 'b3',
    desired => 'CREATE TABLE t (i int, n int); CREATE TABLE u (i bigint);'));
SELECT migr_unload('b3');

-- scripts that can't be built (error), and the way without them
SELECT count(*) FROM migr_load($m$
-- migr:revision a2
-- migr:revises a1
-- migr:upgrade
DO $$BEGIN IF current_setting('migr.in_scratch', true) = 'on' THEN RAISE 'not in scratch'; END IF; END$$;
-- migr:downgrade
$m$);
SELECT count(*) FROM migr_upgrade('heads');
SELECT migr_revision('x', autogenerate => true, head => 'b2', desired => 'CREATE TABLE t (i bigint)');
SELECT pg_temp.timeless(migr_revision('fifth', autogenerate => true, base => 'live', head => 'b2', revision_id => 'b3',
    desired => 'CREATE TABLE t (i bigint)'));

-- arguments (error)
SELECT migr_revision('x', autogenerate => true, base => 'dead', desired => 'CREATE TABLE t (i int)');
SELECT migr_revision('x', base => 'live');
SELECT migr_revision('x', autogenerate => true, base => NULL, desired => 'CREATE TABLE t (i int)');

\c - postgres
SET client_min_messages = error;
DO 'BEGIN PERFORM migr_scratch_drop(''regress_base''); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_base;
DROP ROLE regress_base, regress_admin, regress_reporting;
