-- What goes and comes back has the owner that it had, there and back; servers go
-- with their user mappings.

\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE ROLE regress_kept_app;
CREATE ROLE regress_kept_reader;
CREATE ROLE regress_kept_owner LOGIN IN ROLE regress_kept_app;
CREATE DATABASE regress_owners_kept TEMPLATE template0;
\c regress_owners_kept
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
\set owners 'SELECT c.relname, c.relowner::regrole, replace(c.relacl::text, ''Dxtm'', ''Dxt''),        (SELECT a.attacl FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ''kept'' AND c.relkind <> ''i'' UNION ALL SELECT n.nspname, n.nspowner::regrole, n.nspacl::text, NULL FROM pg_namespace n WHERE n.nspname = ''kept'' UNION ALL SELECT p.proname, p.proowner::regrole, p.proacl::text, NULL   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''kept''  ORDER BY 1;'

-- An owner of the schema's objects who may have them by the schema's privileges
-- only, which go.
\set setup 'CREATE SCHEMA kept; GRANT USAGE, CREATE ON SCHEMA kept TO regress_kept_app; CREATE TABLE kept.base (a int, b int); CREATE VIEW kept.vw AS SELECT a, b FROM kept.base; ALTER VIEW kept.vw OWNER TO regress_kept_app; GRANT SELECT ON kept.vw TO regress_kept_reader; GRANT UPDATE (a) ON kept.vw TO regress_kept_reader WITH GRANT OPTION; CREATE TABLE kept.gone (a serial); ALTER TABLE kept.gone OWNER TO regress_kept_app; CREATE FUNCTION kept.f(a int) RETURNS int LANGUAGE sql AS ''SELECT 1''; ALTER FUNCTION kept.f OWNER TO regress_kept_app;'
\set desired 'CREATE SCHEMA kept; CREATE TABLE kept.base (a int, b int); CREATE VIEW kept.vw AS SELECT b, a FROM kept.base; CREATE FUNCTION kept.f(b int) RETURNS int LANGUAGE sql AS ''SELECT 1'';'

:setup
:owners
SELECT regexp_replace(migr_revision('v', autogenerate => true, revision_id => 'v', desired => :'desired'), '-- migr:created .*?\n', '');
SELECT migr_upgrade();
:owners
SELECT migr_downgrade('base');
:owners
SELECT migr_unload('v');
DROP SCHEMA kept CASCADE;

-- Privileges on columns alone, on some that scripts grant as well, and of a view
-- of nobody's script; a column that goes has none.
\set columns 'SELECT c.relname, a.attname, a.attacl FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ''kept'' AND a.attacl IS NOT NULL ORDER BY 1, 2;'
SELECT migr_revision('v', autogenerate => true, revision_id => 'v1', desired => $$
    CREATE SCHEMA kept; CREATE TABLE kept.t (a int, "B 's %s" int, c int);
    CREATE VIEW kept.v AS SELECT a, "B 's %s", c FROM kept.t;
    CREATE VIEW kept.w AS SELECT a, "B 's %s" FROM kept.t; GRANT SELECT (a) ON kept.w TO regress_kept_app;
$$) <> '';
SELECT migr_upgrade();
GRANT SELECT ("B 's %s"), UPDATE (c) ON kept.v TO PUBLIC;
GRANT UPDATE (a) ON kept.w TO regress_kept_app WITH GRANT OPTION;
GRANT SELECT ("B 's %s") ON kept.w TO regress_kept_app;
GRANT UPDATE (a) ON kept.w TO regress_kept_reader;
CREATE VIEW kept.other AS SELECT a FROM kept.v;
ALTER VIEW kept.other OWNER TO regress_kept_app;
GRANT SELECT (a) ON kept.other TO regress_kept_reader;
:columns
SELECT migr_revision('v', autogenerate => true, revision_id => 'v2', desired => $$
    CREATE SCHEMA kept; CREATE TABLE kept.t (a int, "B 's %s" int, c int);
    CREATE VIEW kept.v AS SELECT "B 's %s", a FROM kept.t;
    CREATE VIEW kept.w AS SELECT "B 's %s", a FROM kept.t; GRANT SELECT (a) ON kept.w TO regress_kept_app;
$$) <> '';
SELECT migr_upgrade();
:columns
SELECT migr_downgrade('v1');
:columns
DROP SCHEMA kept CASCADE;
SELECT migr_stamp('base');
SELECT migr_unload('v2');
SELECT migr_unload('v1');

-- Whose a schema was it is again.
CREATE SCHEMA kept AUTHORIZATION regress_kept_app;
SELECT regexp_replace(migr_revision('s', autogenerate => true, revision_id => 's', desired => 'CREATE SCHEMA another'), '-- migr:created .*?\n', '');
SELECT migr_upgrade();
SELECT migr_downgrade('base');
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'kept';
SELECT migr_unload('s');
DROP SCHEMA kept;

-- Where owners are compared, they are what is desired.
SET migr.compare_owners = on;
SELECT migr_diff(current => 'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; ALTER VIEW v OWNER TO regress_kept_app;',
                 desired => 'CREATE TABLE t (a bigint); CREATE VIEW v AS SELECT a FROM t; ALTER VIEW v OWNER TO regress_kept_reader;');
RESET migr.compare_owners;

--
-- User mappings
--

-- Who may log in where is part of no schema; they go with the server, and it is said.
CREATE FOREIGN DATA WRAPPER regress_kept_w;
CREATE SERVER "regress_kept 's %s" TYPE 'a' FOREIGN DATA WRAPPER regress_kept_w;
CREATE USER MAPPING FOR PUBLIC SERVER "regress_kept 's %s";
CREATE USER MAPPING FOR regress_kept_app SERVER "regress_kept 's %s" OPTIONS (password 'x');
SET client_min_messages = notice;
SELECT migr_diff('CREATE FOREIGN DATA WRAPPER regress_kept_w') AS script \gset
\echo :script
:script
SELECT count(*) FROM pg_user_mappings;
-- One that has to be made anew has none.
SELECT migr_diff(current => 'CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s TYPE ''a'' FOREIGN DATA WRAPPER w;',
                 desired => 'CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s TYPE ''b'' FOREIGN DATA WRAPPER w;');
SET client_min_messages = warning;
DROP FOREIGN DATA WRAPPER regress_kept_w;

-- The same by one who is no superuser.
DO 'BEGIN PERFORM migr_scratch_drop(); END';
CREATE DATABASE regress_owners_kept_2 OWNER regress_kept_owner TEMPLATE template0;
\c regress_owners_kept_2
SET client_min_messages = error;
SET ROLE regress_kept_owner;
CREATE EXTENSION migr;
RESET ROLE;
DO 'BEGIN PERFORM migr_scratch_create(''regress_kept_owner''); END';
SET client_min_messages = warning;
SET ROLE regress_kept_owner;
:setup
:owners
SELECT migr_revision('v', autogenerate => true, revision_id => 'v', desired => :'desired') <> '';
SELECT migr_upgrade();
:owners
SELECT migr_downgrade('base');
:owners
SELECT migr_unload('v');
DROP SCHEMA kept CASCADE;
RESET ROLE;


DO 'BEGIN PERFORM migr_scratch_drop(''regress_kept_owner''); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_owners_kept;
DROP DATABASE regress_owners_kept_2;
DROP ROLE regress_kept_owner, regress_kept_app, regress_kept_reader;
