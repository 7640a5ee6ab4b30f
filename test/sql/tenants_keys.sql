-- What a run for one tenant reads of the catalogs, it finds by keys, however many there are and
-- whatever the statistics say; and each deploy notes what it left.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;
SET migr.tenant_label = keys;
SELECT count(*) FROM migr_load($migr$
-- migr:revision k1
-- migr:labels keys
-- migr:upgrade
CREATE TYPE state AS ENUM ('new', 'done');
CREATE DOMAIN amount AS numeric CHECK (VALUE >= 0);
CREATE TYPE pair AS (a state, b int);
CREATE FUNCTION label(s state) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''state '' || s::text';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE SEQUENCE counter;
CREATE TABLE item (
    id bigserial PRIMARY KEY,
    number int GENERATED ALWAYS AS IDENTITY,
    key int DEFAULT nextval('counter') CHECK (key > 0),
    state state NOT NULL DEFAULT 'new',
    price amount,
    up bigint REFERENCES item
);
COMMENT ON COLUMN item.price IS 'each';
CREATE INDEX item_state ON item (state) WHERE key > 7;
CREATE STATISTICS item_both (dependencies) ON number, key FROM item;
CREATE TRIGGER touched BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW cheap AS SELECT id, label(state) FROM item WHERE price < 10;
CREATE RULE none AS ON DELETE TO cheap DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW sums AS SELECT state, sum(price) FROM item GROUP BY state;
CREATE TABLE parted (a int) PARTITION BY RANGE (a);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10);
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON item USING (key > 1);
-- migr:revision k2
-- migr:revises k1
-- migr:upgrade
ALTER TABLE item ADD COLUMN note text;
$migr$);
SELECT count(*) FROM generate_series(1, 60) i, migr_upgrade('k1', tenant => 'regress_key_' || i, new_tenant => true);

-- What was read of catalogs of which each tenant has rows, row after row; of the others, the parts of a
-- few tables may be.
CREATE FUNCTION pg_temp.read() RETURNS numeric LANGUAGE sql AS $$
SELECT sum(seq_tup_read) FROM pg_stat_xact_sys_tables
 WHERE schemaname = 'pg_catalog' AND relname IN ('pg_class', 'pg_attribute', 'pg_depend', 'pg_description', 'pg_enum',
                                                 'pg_namespace', 'pg_proc', 'pg_sequence', 'pg_type')
$$;
SELECT migr_upgrade(tenant => 'regress_key_1');
BEGIN;
SELECT pg_temp.read() AS before \gset
SELECT pg_temp.read() AS looking \gset
SELECT migr_upgrade(tenant => 'regress_key_2');
SELECT pg_temp.read() - :looking - (:looking - :before) AS read;
COMMIT;

CALL migr_deploy_tenants();
SELECT form, alike, odd, changed, count(*) FROM migr_tenants() GROUP BY 1, 2, 3, 4;

DELETE FROM migr.tenant;
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^regress_key_' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
END $$;
DROP EXTENSION migr;
CREATE EXTENSION migr;
