-- Citus: what migr does where there is a cluster, by stand-ins for what it looks up.
\set VERBOSITY terse
\set SHOW_CONTEXT never
\pset format unaligned
CREATE ROLE regress_migr_citus;
CREATE DATABASE regress_migr_citus TEMPLATE template0;
\c regress_migr_citus
CREATE EXTENSION migr;
SELECT current_database() AS db \gset

-- Somebody's own functions of those names are not called, nor are his tables read.
CREATE SCHEMA fake;
CREATE TABLE fake.pg_dist_local_group (groupid int);
INSERT INTO fake.pg_dist_local_group VALUES (1);
CREATE FUNCTION fake.relation_is_a_known_shard(regclass) RETURNS bool LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'called'; END $$;
CREATE FUNCTION pg_catalog.relation_is_a_known_shard(regclass) RETURNS bool LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'called, and no member of an extension'; END $$;
CREATE TABLE item_12 (a int);
SET search_path = fake, public;
SELECT migr_schema() ~ 'item_12';
RESET search_path;
DROP FUNCTION pg_catalog.relation_is_a_known_shard(regclass);
DROP TABLE item_12;
SET client_min_messages = warning;
DROP SCHEMA fake CASCADE;

\set ECHO none
\i test/data/citus.sql
\set ECHO all
SET citus.multi_shard_modify_mode = 'parallel';
SET client_min_messages = warning;
SELECT count(*) FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE country (code char(2) PRIMARY KEY, name text);
CREATE TABLE tenant (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (tenant_id bigint, id bigint, country char(2), PRIMARY KEY (tenant_id, id));
CREATE TABLE "Odd 'one'" ("Id ""x""" bigint PRIMARY KEY);
CREATE TABLE event (at date) PARTITION BY RANGE (at);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE ranged (id int);
CREATE TABLE alone (id int);
CREATE TABLE own (id int);
SELECT create_reference_table('country');
SELECT create_distributed_table('tenant', 'id', colocate_with => 'none', shard_count => 8);
SELECT create_distributed_table('orders', 'tenant_id', colocate_with => 'tenant');
SELECT create_distributed_table('"Odd ''one''"', 'Id "x"', colocate_with => 'none', shard_count => 4);
SELECT create_distributed_table('event', 'at', colocate_with => 'none');
SELECT create_distributed_table('ranged', 'id', 'range');
SELECT create_distributed_table('alone', NULL, colocate_with => 'none');
SELECT citus_add_local_table_to_metadata('own');
ALTER TABLE orders ADD CONSTRAINT orders_country FOREIGN KEY (country) REFERENCES country;
-- migr:downgrade
DROP TABLE orders, tenant, country, "Odd 'one'", event, ranged, alone, own;
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
CREATE TABLE account (tenant_id bigint PRIMARY KEY);
SELECT create_distributed_table('account', 'tenant_id', colocate_with => 'tenant');
-- migr:downgrade
DROP TABLE account;
-- migr:revision r3
-- migr:revises r2
-- migr:upgrade
SET citus.multi_shard_modify_mode = 'parallel';
SELECT alter_distributed_table('"Odd ''one''"', shard_count => 6);
-- migr:downgrade
SELECT alter_distributed_table('"Odd ''one''"', shard_count => 4);
$migr$);

-- Distributed, and printed behind the tables, before foreign keys.
SELECT migr_upgrade('r1');
SELECT migr_schema();
-- The shard of the reference table is there, and not in it.
SELECT count(*) FROM pg_class WHERE relname ~ '^country_[0-9]+$';
SELECT count(*) FROM migr.object WHERE name ~ '^country_[0-9]';
-- Nor is what hangs on it, and no rule is about it.
SELECT format('CREATE STATISTICS of_shard ON code, name FROM %I', relname) FROM pg_class WHERE relname ~ '^country_[0-9]+$' \gexec
ALTER TABLE country SET (fillfactor = 50);
SELECT object FROM migr_verify('{drift}') WHERE status = 'fail';
ALTER TABLE country RESET (fillfactor);
DROP STATISTICS of_shard;
INSERT INTO migr.rule (name, setting) VALUES ('tables', 'country, tenant, orders, event, ranged, alone, own, Odd ''one''');
SELECT object FROM migr_verify('{integrity.tables}') WHERE status = 'fail';
-- Shard by shard, for as long as a run goes on, unless a script says otherwise.
SELECT DISTINCT mode FROM citus_test.call;
SHOW citus.multi_shard_modify_mode;
SELECT migr_upgrade();
SELECT call, mode FROM citus_test.call ORDER BY id DESC LIMIT 2;
SHOW citus.multi_shard_modify_mode;

-- What is recorded follows: the table that others are said to be with is the first of them.
SELECT object, definition, changed_by FROM migr.object WHERE object ~ '^distribution' ORDER BY object;
SELECT object, status FROM migr_verify('{drift}');
SELECT migr_downgrade('r1');
SELECT object, definition FROM migr.object WHERE object ~ '^distribution.*(orders|tenant)' ORDER BY object;
SELECT status FROM migr_verify('{drift}');

-- What is in shards can't be kept, nor does the server count who uses it.
SET migr.keep_dropped = '7 days';
\set VERBOSITY default
SELECT migr_downgrade('base');
RESET migr.keep_dropped;
SELECT count(*) FROM migr_load($migr$
-- migr:revision gone
-- migr:revises r1
-- migr:upgrade
DROP TABLE own;
$migr$);
SET migr.refuse_drop_used_within = '1 second';
SELECT migr_upgrade('gone');
RESET migr.refuse_drop_used_within;
\set VERBOSITY terse
SELECT count(*) FROM migr_unload('gone');
SELECT count(*) FROM own;

-- By hand: seen.
SELECT alter_distributed_table('"Odd ''one''"', shard_count => 16);
ALTER TABLE orders DROP CONSTRAINT orders_country;
SELECT undistribute_table('country');
SELECT object, status, detail FROM migr_verify('{drift}');
SELECT create_reference_table('country');
ALTER TABLE orders ADD CONSTRAINT orders_country FOREIGN KEY (country) REFERENCES country;
SELECT alter_distributed_table('"Odd ''one''"', shard_count => 4);
SELECT status FROM migr_verify('{drift}');

-- A reset drops by DROP, so the books are kept.
SELECT count(*) FROM migr_reset(:'db');
SELECT logicalrelid, partmethod, partkey FROM pg_dist_partition ORDER BY logicalrelid::text COLLATE "C";
SELECT count(*) FROM pg_class WHERE relname ~ '^country_[0-9]+$';
SELECT extname FROM pg_extension WHERE extname = 'citus';
SELECT status FROM migr_verify('{drift}');

-- On a worker nothing runs, and all can be looked at.
UPDATE pg_dist_local_group SET groupid = 3;
\set VERBOSITY default
SELECT migr_upgrade();
\set VERBOSITY terse
SELECT migr_downgrade('base');
SELECT migr_stamp('head');
SELECT migr_redo();
SELECT migr_reset(:'db');
CALL migr_deploy();
CALL migr_revert('base');
\echo :LAST_ERROR_SQLSTATE
SELECT revision FROM migr_current();
SELECT status FROM migr_verify('{drift}');
SELECT status, detail FROM migr_verify('{built}');
UPDATE pg_dist_local_group SET groupid = 0;

-- Tables of a schema that is distributed as a whole, and those that Citus has taken in, follow.
UPDATE pg_dist_partition SET autoconverted = true WHERE logicalrelid = 'own'::regclass;
INSERT INTO pg_dist_schema SELECT 'public'::regnamespace, colocationid FROM pg_dist_partition
 WHERE logicalrelid = 'alone'::regclass;
SELECT migr_schema() ~ 'SELECT.*public\.(own|alone)';

-- Without it, nothing is asked.
SELECT count(*) FROM migr_downgrade('base');
DROP EXTENSION citus CASCADE;
SELECT migr_schema() = '' AS empty;
\c contrib_regression
DROP DATABASE regress_migr_citus;
DROP ROLE regress_migr_citus;
