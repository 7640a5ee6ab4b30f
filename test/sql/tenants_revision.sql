-- A new revision of what a tenant's schema has; and what is printed of scripts where there are tenants.
\set VERBOSITY default
SELECT current_database() AS home \gset
CREATE DATABASE regress_migr_tenants_revision TEMPLATE template0;
\c regress_migr_tenants_revision
CREATE EXTENSION migr;
SET migr.scratch_database = 'create';
SET client_min_messages = warning;
SELECT * FROM migr_load($migr$
-- migr:revision s1
-- migr:upgrade
CREATE TABLE public.country (code text PRIMARY KEY);
-- migr:downgrade
DROP TABLE public.country;
-- migr:revision t1
-- migr:labels shop
-- migr:depends s1
-- migr:upgrade
CREATE TABLE item (id int PRIMARY KEY, country text REFERENCES country, name varchar);
-- migr:downgrade
DROP TABLE item;
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
CREATE TABLE orders (id int PRIMARY KEY, item int REFERENCES item);
-- migr:downgrade
DROP TABLE orders;
$migr$);
SELECT format('ALTER DATABASE %I SET migr.tenant_label = shop', current_database()) AS set_label \gset
:set_label;
SELECT migr_upgrade(tenant => 'It''s "me" \', new_tenant => true);
SELECT migr_upgrade(tenant => 'bolt', new_tenant => true);
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.without_date(script text) RETURNS text LANGUAGE sql
    AS $$SELECT regexp_replace(script, '-- migr:created [^\n]*\n', '')$$;
SELECT migr_scratch_create() IS NOT NULL;
RESET client_min_messages;

-- what all share is built without what is for tenants
SELECT migr_schema('heads') = migr_schema('current'), migr_schema('heads') ~ 'item';
SELECT migr_schema('t2');
SELECT pg_temp.without_date(migr_revision('currencies', autogenerate => true, head => 's1', revision_id => 's2',
    desired => 'CREATE TABLE country (code text PRIMARY KEY, currency text);'));
SELECT migr_upgrade();

-- a revision of it can't stand on one for tenants
SELECT migr_revision('wrong', autogenerate => true, desired => 'CREATE TABLE country (code text PRIMARY KEY);', head => 't2');
SELECT migr_revision('wrong', autogenerate => true, base => 'live', desired => 'CREATE TABLE country (code text PRIMARY KEY);', head => 'shop@head');
-- nor on both, and the heads of both are not merged
SELECT migr_revision('both', 'SELECT 1;', head => 's2, t2');
SELECT migr_merge();
BEGIN;
SELECT migr_unload('s2') FROM migr_downgrade('s1');
SELECT pg_temp.without_date(migr_revision('who is it for?', 'SELECT 1;', revision_id => 'x1'));
SELECT pg_temp.without_date(migr_revision('it was said', 'SELECT 1;', revision_id => 'x2', head => 'shop@head'));
ROLLBACK;

-- nothing differs
SELECT migr_revision('nothing', autogenerate => true, tenant => 'bolt') IS NULL;

-- what somebody has made in one: without its name, there and back
ALTER TABLE "It's ""me"" \".item ADD COLUMN note text DEFAULT 'bolt.item', ADD COLUMN no serial;
CREATE VIEW "It's ""me"" \".cheap AS SELECT id, upper(name) FROM "It's ""me"" \".item JOIN public.country c ON c.code = country;
CREATE TYPE "It's ""me"" \".mood AS ENUM ('a', 'b');
ALTER TABLE "It's ""me"" \".orders ADD COLUMN mood "It's ""me"" \".mood DEFAULT 'a';
CREATE INDEX ON "It's ""me"" \".item (lower(name));
GRANT USAGE ON SCHEMA "It's ""me"" \" TO PUBLIC;
SELECT pg_temp.without_date(migr_revision('moods', autogenerate => true, tenant => 'It''s "me" \', revision_id => 't3',
    upgrade => 'SELECT ''more'';'));
SELECT migr_stamp('t3', tenant => 'It''s "me" \');
CALL migr_deploy_tenants();
SELECT tenant, heads, alike, odd FROM migr_tenants();
REVOKE USAGE ON SCHEMA "It's ""me"" \" FROM PUBLIC;
SELECT tenant, heads, alike, odd FROM migr_tenants();
SELECT * FROM migr_test('heads');

-- what is for tenants is tried in a schema of its own, also where branches of it are merged
BEGIN;
SELECT migr_load($migr$
-- migr:revision s3
-- migr:revises s2
-- migr:upgrade
CREATE TABLE item (same_name text);
-- migr:downgrade
DROP TABLE item;
-- migr:revision t4
-- migr:revises t3
-- migr:depends s3
-- migr:upgrade
ALTER TABLE item ADD COLUMN a int;
-- migr:downgrade
ALTER TABLE item DROP COLUMN a;
-- migr:revision t5
-- migr:revises t3
-- migr:upgrade
CREATE TABLE code AS SELECT same_name FROM public.item, country;
-- migr:downgrade
DROP TABLE code;
-- migr:revision t6
-- migr:revises t4, t5
-- migr:upgrade
-- migr:downgrade
-- migr:repeatable of_all
-- migr:upgrade
CREATE OR REPLACE VIEW public.of_all AS SELECT same_name FROM item;
$migr$);
SELECT * FROM migr_test('heads');
ROLLBACK;
SELECT migr_downgrade('t2', tenant => 'bolt');
SELECT migr_revision('pending', autogenerate => true, tenant => 'bolt');
SELECT migr_upgrade(tenant => 'bolt');

-- what can't be said without the name is not said
CREATE FUNCTION bolt.own() RETURNS text LANGUAGE sql SET search_path = bolt AS 'SELECT note FROM item';
SELECT migr_revision('path', autogenerate => true, tenant => 'bolt');
DROP FUNCTION bolt.own();
CREATE FUNCTION bolt.own() RETURNS text LANGUAGE sql AS 'SELECT note FROM bolt.item';
SELECT migr_revision('body', autogenerate => true, tenant => 'bolt');
DROP FUNCTION bolt.own();
CREATE FUNCTION bolt.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''x''';
CREATE VIEW bolt.low AS SELECT bolt.lower(name::text) FROM bolt.item;
SELECT migr_revision('hidden', autogenerate => true, tenant => 'bolt');
DROP VIEW bolt.low;
DROP FUNCTION bolt.lower(text);

-- asked wrongly
SELECT migr_revision('x', tenant => 'bolt');
SELECT migr_revision('x', tenant => 'bolt', autogenerate => true, base => 'live');
SELECT migr_revision('x', tenant => 'bolt', autogenerate => true, online => true);
SELECT migr_revision('x', tenant => 'bolt', autogenerate => true, head => 's2');
SELECT migr_revision('x', tenant => 'nobody', autogenerate => true);
SELECT migr_revision('x', tenant => 'pg_catalog', autogenerate => true);
SELECT count(*) FROM migr.revision;

-- what can't be a tenant
SELECT migr_upgrade(tenant => '$user', new_tenant => true);
SELECT migr_upgrade(tenant => 'migr_kept', new_tenant => true);
SELECT migr_upgrade(tenant => 'public');
SELECT migr_stamp('base', tenant => 'public');
SET migr.tenant_shared = 'public, Both, "Of All"';
SELECT migr_upgrade(tenant => 'both', new_tenant => true);
SELECT migr_upgrade(tenant => 'Of All', new_tenant => true);
CREATE SCHEMA "both";
CREATE SCHEMA "Of All";
CREATE SCHEMA "$user";
CREATE SCHEMA "Both";
SET client_min_messages = warning;
SELECT tenant, action FROM migr_adopt_tenants('*', check_only => true);
RESET client_min_messages;
RESET migr.tenant_shared;
INSERT INTO migr.tenant (tenant, heads, applied, changed_by) VALUES ('$user', '{}', 0, 'me');
CALL migr_deploy_tenants('$user');
DELETE FROM migr.tenant WHERE tenant = '$user';

-- names in messages, and in patterns
SELECT migr_load(E'-- migr:revision t4\n-- migr:revises t3\n-- migr:depends s2\n-- migr:upgrade\nSELECT 1 / (current_schema() !~ ''[%,]'')::int;\n');
SET client_min_messages = error;
SELECT count(*) FROM unnest('{"100%d",%n%s,"a,b",A*,[x],"back\\slash",select,Pg_x}'::text[]) AS name, migr_upgrade('t3', tenant => name, new_tenant => true);
RESET client_min_messages;
CALL migr_deploy_tenants('[%0-9a]*');
CALL migr_deploy_tenants('A\*');
CALL migr_deploy_tenants('[[]x]');
CALL migr_deploy_tenants('back\\slash');
CALL migr_deploy_tenants('pg_*');
CALL migr_deploy_tenants('[Ps]*');
SELECT tenant, heads, state FROM migr.tenant ORDER BY tenant COLLATE "C";

SET client_min_messages = warning;
SELECT count(*) > 0 AS dropped FROM migr_scratch_drop();
\c :home
DROP DATABASE regress_migr_tenants_revision;
