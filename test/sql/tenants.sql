-- Tenants: schemas that each have a version of their own.
\set VERBOSITY terse
SELECT current_database() AS home \gset
CREATE DATABASE regress_migr_tenants TEMPLATE template0;
\c regress_migr_tenants
CREATE EXTENSION migr;
SET migr.scratch_database = 'create';
CREATE FUNCTION pg_temp.rows_of() RETURNS TABLE (tenant text, heads text[], applied int, state text, sqlstate text, tries int)
    LANGUAGE sql AS 'SELECT tenant, heads, applied, state, sqlstate, tries FROM migr.tenant ORDER BY tenant COLLATE "C"';
SELECT * FROM migr_load($migr$
-- migr:revision s1
-- migr:upgrade
CREATE TABLE public.tenant_country (code text PRIMARY KEY);
-- migr:downgrade
DROP TABLE public.tenant_country;
-- migr:revision t1
-- migr:labels shop
-- migr:depends s1
-- migr:upgrade
CREATE TABLE item (id int PRIMARY KEY, country text REFERENCES tenant_country);
-- migr:downgrade
DROP TABLE item;
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
CREATE TABLE orders (id int PRIMARY KEY, item int REFERENCES item);
CREATE FUNCTION newest() RETURNS int LANGUAGE sql SET search_path FROM CURRENT AS 'SELECT max(id) FROM orders';
-- migr:downgrade
DROP FUNCTION newest();
DROP TABLE orders;
-- migr:verify
SELECT count(*) = 0 FROM orders;
$migr$);

-- where there are no tenants, none can be named; a path by hand chooses no version
SELECT migr_upgrade(tenant => 'acme', new_tenant => true);
SELECT migr_status('acme');
CREATE SCHEMA tenant_a;
SET search_path = tenant_a, public;
SELECT migr_upgrade('heads');
DROP TABLE orders, item;
DROP FUNCTION newest();
SELECT migr_upgrade('heads');
RESET search_path;
SELECT migr_stamp('base', purge => true);
DROP TABLE public.tenant_country;

-- which branch is for them; a session can't say otherwise
SET migr.tenant_label = 'no label';
SELECT format('ALTER DATABASE %I SET migr.tenant_label = shop', current_database()) AS set_label \gset
:set_label;
SET migr.tenant_label = '';

-- a new tenant has to be asked for, or to be an empty schema
SELECT migr_upgrade(tenant => 'acme');
SELECT migr_upgrade(tenant => 'pg_toast', new_tenant => true);
SELECT migr_upgrade(tenant => 'migr', new_tenant => true);
SELECT migr_upgrade(tenant => '', new_tenant => true);
SELECT migr_upgrade(tenant => repeat('x', 64), new_tenant => true);
SELECT migr_upgrade(tenant => 'acme', new_tenant => true, dry_run => true);
SELECT count(*) FROM pg_namespace WHERE nspname = 'acme';
SELECT migr_upgrade(tenant => 'acme', new_tenant => true);
SELECT migr_upgrade(tenant => 'acme');
SELECT migr_upgrade(tenant => 'tenant_a');
SELECT * FROM pg_temp.rows_of();
SELECT id - min(id) OVER () AS id, action, target, from_heads, to_heads, revisions, tenant FROM migr.log
 WHERE tenant IS NOT NULL ORDER BY id;
SHOW search_path;
SELECT proconfig FROM pg_proc WHERE proname = 'newest' ORDER BY pronamespace;

-- names of any kind
SELECT migr_upgrade(tenant => 'Sch"ön ''x', new_tenant => true);
SELECT migr_upgrade('t1', tenant => repeat('é', 31) || 'x', new_tenant => true);
SELECT tenant, heads, to_regclass(format('%I.item', tenant)) IS NOT NULL AS item,
       to_regclass(format('%I.orders', tenant)) IS NOT NULL AS orders
  FROM migr.tenant ORDER BY tenant COLLATE "C";

-- what all share does not have them
SELECT revision FROM migr_heads();
SELECT revision, is_applied FROM migr_history();
SELECT revision, is_applied FROM migr_history(tenant => repeat('é', 31) || 'x');
SELECT revision FROM migr_pending(tenant => repeat('é', 31) || 'x');
SELECT migr_check(), migr_check('acme');
SELECT migr_check(repeat('é', 31) || 'x');
SELECT current_heads, script_heads, applied, pending, up_to_date, last_action FROM migr_status('acme');
SELECT current_heads, script_heads, applied, pending, up_to_date FROM migr_status();
SELECT migr_status('nobody');
SELECT object, status, detail FROM migr_verify('{drift}');

SELECT check_name, object, status, detail FROM migr_verify(tenant => 'acme');
SELECT check_name, object, status, detail FROM migr_verify('{sections,log}', tenant => 'tenant_a');
INSERT INTO acme.item VALUES (1);
INSERT INTO acme.orders VALUES (1, 1);
SELECT check_name, object, status, detail FROM migr_verify('{sections}', tenant => 'acme');
SELECT check_name, object, status FROM migr_verify(tenant => 'nobody');

-- back, stamps
SELECT migr_downgrade('-1', tenant => 'acme');
SELECT migr_downgrade('s1', tenant => 'acme');
SELECT migr_downgrade('base', tenant => 'acme');
SELECT migr_downgrade('base', tenant => 'acme');
SELECT migr_stamp('head', tenant => 'acme');
SELECT migr_upgrade(tenant => 'acme');
SELECT migr_stamp('base', tenant => 'acme');
SELECT migr_upgrade(tenant => 'acme');

-- a path that looks as if a tenant were meant
SET search_path = acme;
SELECT migr_upgrade();
CREATE SCHEMA tenant_b;
SET search_path = tenant_b, public;
SELECT migr_upgrade();
SET migr.tenant_shared = 'public, tenant_b';
SELECT migr_upgrade();
RESET migr.tenant_shared;
RESET search_path;
SET migr.tenant_shared = 'a b';

-- what was there before migr
CREATE SCHEMA tenant_c;
CREATE TABLE tenant_c.item (id int PRIMARY KEY, country text REFERENCES public.tenant_country);
CREATE SCHEMA tenant_d;
CREATE TABLE tenant_d.other ();
SELECT migr_upgrade(tenant => 'tenant_c');
SET client_min_messages = warning;
SELECT * FROM migr_adopt_tenants('tenant_[b-d]', check_only => true);
SELECT * FROM migr_adopt_tenants('tenant_[b-d]');
RESET client_min_messages;
SELECT * FROM migr_adopt_tenants('tenant_[bc]');
SELECT check_name, object, status FROM migr_verify('{drift}', tenant => 'tenant_c');
ALTER TABLE tenant_c.item ADD COLUMN x int;
SELECT check_name, object, status FROM migr_verify('{drift}', tenant => 'tenant_c');
ALTER TABLE tenant_c.item DROP COLUMN x;
SELECT migr_upgrade(tenant => 'tenant_c');
SELECT * FROM migr_verify('{tenants}') WHERE status <> 'ok';
DROP SCHEMA tenant_d CASCADE;

-- schemas that are gone, renamed or made anew
ALTER SCHEMA tenant_b RENAME TO tenant_e;
SELECT migr_upgrade(tenant => 'tenant_b');
SELECT migr_upgrade(tenant => 'tenant_b', new_tenant => true);
SELECT migr_upgrade(tenant => 'tenant_e');
DELETE FROM migr.tenant WHERE tenant = 'tenant_b';
DROP SCHEMA tenant_c CASCADE;
SELECT migr_upgrade(tenant => 'tenant_c', new_tenant => true);
CREATE SCHEMA tenant_c;
SELECT migr_upgrade(tenant => 'tenant_c');
SELECT migr_stamp('base', tenant => 'tenant_c');
SELECT migr_upgrade(tenant => 'tenant_c');

-- scripts may not
SELECT * FROM migr_load($migr$
-- migr:revision bad
-- migr:revises t2
-- migr:upgrade
DROP SCHEMA tenant_c CASCADE;
$migr$);
SELECT migr_upgrade(tenant => 'tenant_c');
SELECT * FROM migr_load($migr$
-- migr:revision bad
-- migr:revises t2
-- migr:upgrade
UPDATE migr.tenant SET heads = '{}';
$migr$);
SELECT migr_upgrade(tenant => 'tenant_c');
SELECT * FROM migr_load($migr$
-- migr:revision bad
-- migr:revises t2
-- migr:transaction off
-- migr:upgrade
VACUUM item;
$migr$);
SELECT migr_upgrade(tenant => 'tenant_c');
SELECT migr_unload('bad');

-- what is applied to a tenant stays
SELECT migr_unload('t2');
SELECT * FROM migr_load($migr$
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
CREATE TABLE orders (id bigint);
$migr$);
SELECT migr_load($migr$
-- migr:revision s2
-- migr:revises s1
-- migr:depends t1
-- migr:upgrade
SELECT 1;
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision s1
-- migr:upgrade
CREATE TABLE public.tenant_country (code text PRIMARY KEY);
-- migr:downgrade
DROP TABLE public.tenant_country;
$migr$, prune => true);

-- and the store says what is wrong with a branch for tenants
INSERT INTO migr.revision (revision, down_revision, depends_on, branch_labels, message, reversible, transactional, is_head, checksum, script, loaded_by)
SELECT 's9', '{s1}', '{t1}', '{}', '', true, true, true, 'x', E'-- migr:revision s9\n-- migr:revises s1\n-- migr:depends t1\n', current_user;
SELECT revision, problem FROM migr_validate() WHERE problem IN ('shared_on_tenants', 'several_heads');
SELECT migr_upgrade();
DELETE FROM migr.revision WHERE revision = 's9';
SELECT revision, problem FROM migr_validate() WHERE problem IN ('shared_on_tenants', 'several_heads');

-- protected
SET migr.protect = on;
SELECT migr_downgrade('base', tenant => 'acme');
SELECT migr_stamp('base', purge => true, tenant => 'acme');
RESET migr.protect;

-- as a script
SELECT migr_downgrade('t1', tenant => 'acme');
SELECT migr_sql(tenant => 'acme') AS script \gset
\pset format unaligned
\pset tuples_only on
SELECT :'script';
\pset format aligned
\pset tuples_only off
BEGIN;
:script
COMMIT;
SELECT * FROM pg_temp.rows_of() WHERE tenant = 'acme';
SELECT to_regclass('acme.orders');
SELECT migr_upgrade(tenant => 'acme');
SELECT migr_sql('t1:t2', tenant => 'acme');
SELECT migr_sql('current:base', 'downgrade', standalone => true, tenant => 'acme');
BEGIN;
:script
ROLLBACK;

-- many: what fails is its own
SELECT migr_load($migr$
-- migr:revision t3
-- migr:revises t2
-- migr:upgrade
ALTER TABLE orders ADD COLUMN note text;
-- migr:downgrade
ALTER TABLE orders DROP COLUMN note;
$migr$);
ALTER TABLE tenant_c.orders ADD COLUMN note int;
CALL migr_deploy_tenants('nobody*');
CALL migr_deploy_tenants(canary => 'tenant_c');
SELECT * FROM pg_temp.rows_of();
CALL migr_deploy_tenants();
SELECT * FROM pg_temp.rows_of();
SELECT error FROM migr.tenant WHERE tenant = 'tenant_c';
SELECT last_failure FROM migr_status('tenant_c');
SELECT outcome, tenant, detail FROM migr.log WHERE outcome = 'failed' ORDER BY id;
ALTER TABLE tenant_c.orders DROP COLUMN note;
CALL migr_deploy_tenants();
CALL migr_deploy_tenants();
CALL migr_deploy_tenants('a*', 't1');
BEGIN;
CALL migr_deploy_tenants();
ROLLBACK;
SHOW application_name;

-- what all share comes first
SELECT migr_load($migr$
-- migr:revision s2
-- migr:revises s1
-- migr:upgrade
CREATE TABLE public.tenant_currency (code text PRIMARY KEY);
-- migr:downgrade
DROP TABLE public.tenant_currency;
-- migr:revision t4
-- migr:revises t3
-- migr:depends s2
-- migr:upgrade
ALTER TABLE item ADD COLUMN currency text REFERENCES tenant_currency;
$migr$);
SELECT migr_sql(tenant => 'acme');
CALL migr_deploy_tenants('a*');
SELECT migr_upgrade(tenant => 'tenant_a');
SELECT * FROM pg_temp.rows_of();

-- what would be for all, or name a schema
SELECT migr_reset(current_database());
SELECT migr_squash('t2:t3', 'in one');
SELECT migr_load(E'-- migr:repeatable view_of_items\n-- migr:depends t1\n-- migr:upgrade\nSELECT 1;\n');
SELECT migr_redo('t4');
SELECT migr_upgrade('t4');

-- a revision that has come in below what tenants are at
SELECT migr_load($migr$
-- migr:revision t0
-- migr:labels early
-- migr:upgrade
SELECT 1;
-- migr:revision t1
-- migr:labels shop
-- migr:revises t0
-- migr:depends s1
-- migr:upgrade
CREATE TABLE item (id int PRIMARY KEY, country text REFERENCES tenant_country);
-- migr:downgrade
DROP TABLE item;
$migr$, replace => true);
SELECT migr_upgrade(tenant => 'acme');
SELECT migr_stamp('t4', tenant => 'acme');
SELECT migr_upgrade(tenant => 'acme');

SET client_min_messages = warning;
SELECT count(*) > 0 AS dropped FROM migr_scratch_drop();
\c :home
DROP DATABASE regress_migr_tenants;
