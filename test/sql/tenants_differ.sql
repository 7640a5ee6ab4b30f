-- Which tenants differ: equal ones are equal whatever they are called, odd ones are told with SQL that mends them.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS acme CASCADE;

-- Where there are none.
SELECT * FROM migr_tenants();
SELECT * FROM migr_verify('{tenants}');
SELECT count(*) FROM migr_verify() WHERE check_name = 'tenants';

--
-- Equal ones
--

CREATE SCHEMA shared;
CREATE TYPE shared.color AS ENUM ('red', 'green');
CREATE TABLE shared.country (id int PRIMARY KEY);
CREATE ROLE regress_migr_app;
CREATE ROLE regress_migr_other;

-- What no run has written: the tests of runs are others.
CREATE FUNCTION shared.register(name text, VARIADIC heads text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE migr.tenant DISABLE TRIGGER guard;
    INSERT INTO migr.tenant (tenant, heads, applied, changed_by) VALUES (name, heads, 1, 'nobody')
        ON CONFLICT (tenant) DO UPDATE SET heads = excluded.heads;
    ALTER TABLE migr.tenant ENABLE ALWAYS TRIGGER guard;
END $$;

-- One script for all, and what a script can only write with the name in it.
CREATE FUNCTION shared.make(name text) RETURNS void LANGUAGE plpgsql AS $make$
BEGIN
    EXECUTE format('CREATE SCHEMA %I', name);
    PERFORM set_config('search_path', quote_ident(name), true);
    CREATE TYPE state AS ENUM ('new', 'done');
    CREATE DOMAIN amount AS numeric CONSTRAINT amount_check CHECK (VALUE >= 0);
    CREATE TYPE pair AS (a state, b int);
    CREATE SEQUENCE counter;
    CREATE FUNCTION label(s state) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''state '' || s';
    CREATE TABLE acme (id int PRIMARY KEY, gamma int DEFAULT 7);
    CREATE TABLE item (
        id bigserial PRIMARY KEY,
        number int DEFAULT nextval('counter'),
        key int GENERATED ALWAYS AS IDENTITY,
        state state NOT NULL DEFAULT 'new',
        states state[] DEFAULT '{new}',
        color shared.color,
        country int REFERENCES shared.country,
        acme int REFERENCES acme,
        price amount,
        pairs pair[],
        label text GENERATED ALWAYS AS (label('new')) STORED,
        CONSTRAINT price_is_new CHECK (state <> 'new'::state OR price > 0)
    );
    CREATE INDEX item_label ON item (label(state)) WHERE state = 'new';
    CREATE STATISTICS item_both (dependencies) ON number, country FROM item;
    CREATE TABLE parted (a int, b state DEFAULT 'done') PARTITION BY RANGE (a);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10);
    CREATE TABLE heir (c int) INHERITS (acme);
    CREATE VIEW shown AS SELECT acme.id, acme.gamma, item.state, 'item'::regclass AS of
        FROM acme JOIN item ON item.acme = acme.id WHERE item.state <> 'done';
    CREATE MATERIALIZED VIEW summed AS SELECT shown.state, count(*) FROM shown JOIN acme USING (id) GROUP BY 1;
    CREATE FUNCTION total(state) RETURNS SETOF item LANGUAGE sql STABLE AS 'SELECT * FROM item WHERE state = $1';
    CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS 'BEGIN RETURN new; END';
    EXECUTE format('CREATE FUNCTION named(i %I.item) RETURNS int LANGUAGE plpgsql AS %L', name,
                   format('DECLARE r %1$I.state; BEGIN SELECT i.state INTO r FROM %1$I.item i; RETURN 1; END', name));
    CREATE AGGREGATE collected(state) (SFUNC = array_append, STYPE = state[], INITCOND = '{}');
    CREATE FUNCTION later(state, state) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1::text > $2::text';
    CREATE OPERATOR >>> (LEFTARG = state, RIGHTARG = state, FUNCTION = later);
    CREATE VIEW operated AS SELECT item.id FROM item JOIN shared.country ON country.id = item.country WHERE item.state >>> 'new';
    CREATE TRIGGER touched BEFORE UPDATE ON item FOR EACH ROW WHEN (new.state = 'done') EXECUTE FUNCTION touched();
    CREATE RULE kept AS ON DELETE TO acme DO INSTEAD UPDATE item SET acme = NULL WHERE acme = old.id;
    ALTER TABLE item ENABLE ROW LEVEL SECURITY;
    EXECUTE format('CREATE ROLE %I', name);
    EXECUTE format('CREATE POLICY own ON item TO %I USING (id IN (SELECT id FROM acme WHERE acme.gamma = item.acme))', name);
    EXECUTE format('GRANT SELECT, INSERT ON item TO %I, regress_migr_app', name);
    EXECUTE format('GRANT USAGE ON SCHEMA %1$I TO %1$I', name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT SELECT ON TABLES TO %1$I', name);
    EXECUTE format('ALTER TABLE parted OWNER TO %I', name);
    CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.simple);
    COMMENT ON TABLE item IS 'items';
    COMMENT ON COLUMN item.price IS 'what it costs';
    COMMENT ON INDEX item_label IS 'by label';
    PERFORM shared.register(name, 'r1');
    RESET search_path;
END $make$;

-- Names that are those of tables and columns, keywords, prefixes of others, and hard to quote.
SELECT count(shared.make(name)) FROM unnest('{regress_acme,acme,gamma,item,select,Beta-1,"a\"b","it''s",e,$x$,state,item_label}'::text[]) name;

SELECT tenant, heads, state, form, alike, odd, changed, error FROM migr_tenants();
SELECT count(DISTINCT fingerprint), min(length(fingerprint)) FROM migr_tenants();
SELECT object, status, detail FROM migr_verify('tenants');
-- Owners: that of one is the role that is called so.
SET migr.compare_owners = on;
SELECT count(*), max(form) FROM migr_tenants();
RESET migr.compare_owners;

-- What a run will have recorded.
ALTER TABLE migr.tenant DISABLE TRIGGER guard;
UPDATE migr.tenant t SET fingerprint = s.fingerprint FROM migr_tenants() s WHERE s.tenant = t.tenant;
ALTER TABLE migr.tenant ENABLE ALWAYS TRIGGER guard;
SELECT changed, count(*) FROM migr_tenants() GROUP BY 1;

--
-- Odd ones
--

-- Run what it says that mends them.
CREATE PROCEDURE shared.mend() LANGUAGE plpgsql AS $$
DECLARE row record;
BEGIN
    FOR row IN SELECT * FROM migr_verify('{tenants}') WHERE object ~ '^tenant ' AND status = 'fail'
    LOOP
        EXECUTE substr(row.detail, strpos(row.detail, E'\n') + 1);
    END LOOP;
    SET check_function_bodies = on;
END $$;

ALTER TABLE "Beta-1".item ALTER price TYPE numeric(10, 2);
DROP INDEX gamma.item_label;
ALTER TABLE "it's".item ADD COLUMN extra int;
ALTER TABLE acme.acme ALTER gamma SET DEFAULT 8;
ALTER TABLE e.item RENAME CONSTRAINT price_is_new TO other;
ALTER TABLE state.item DISABLE TRIGGER touched;
COMMENT ON TABLE "a""b".item IS 'other items';
SELECT tenant, form, alike, odd, changed FROM migr_tenants() WHERE form > 1;
SELECT object, status, detail FROM migr_verify('tenants');
CALL shared.mend();
SELECT tenant, form, alike, odd, changed FROM migr_tenants() WHERE form > 1 OR changed;

-- What names the schema, in all the ways that there are.
CREATE OR REPLACE VIEW "select".operated AS SELECT item.id FROM "select".item JOIN shared.country ON country.id = item.country
    WHERE item.state OPERATOR("select".>>>) 'done'::"select".state;
ALTER TABLE item.item DROP CONSTRAINT item_acme_fkey;
DROP TABLE "$x$".heir;
DROP MATERIALIZED VIEW regress_acme.summed;
SELECT tenant, form, alike, odd FROM migr_tenants() WHERE form > 1;
SELECT object, detail FROM migr_verify('tenants') WHERE status = 'fail';
CALL shared.mend();
SELECT tenant, form, alike, odd, changed FROM migr_tenants() WHERE form > 1 OR changed;
ALTER TYPE gamma.state ADD VALUE 'gone';
CREATE OR REPLACE FUNCTION "Beta-1".total("Beta-1".state) RETURNS SETOF "Beta-1".item LANGUAGE sql STABLE AS 'SELECT * FROM "Beta-1".item LIMIT 1';
ALTER FUNCTION acme.touched() SET search_path = acme, shared;
REVOKE INSERT ON item_label.item FROM item_label;
GRANT SELECT ON e.item TO regress_migr_other;
SELECT object, detail FROM migr_verify('tenants') WHERE status = 'fail';
CALL shared.mend();
SELECT tenant, form, alike, odd, changed FROM migr_tenants() WHERE form > 1 OR changed;
ALTER POLICY own ON state.item TO regress_migr_other;
ALTER DOMAIN "a""b".amount DROP CONSTRAINT amount_check;
ALTER TABLE "it's".parted ADD COLUMN c "it's".state DEFAULT 'new';
SELECT object, detail FROM migr_verify('tenants') WHERE status = 'fail';
CALL shared.mend();
SELECT tenant, form, alike, odd, changed FROM migr_tenants() WHERE form > 1 OR changed;

-- A default that says the name of the schema is another default.
ALTER TABLE acme.acme ADD COLUMN tenant text DEFAULT 'acme';
SELECT count((shared.register('acme', 'r1', 'x'), shared.register('gamma', 'r1', 'x')));
ALTER TABLE gamma.acme ADD COLUMN tenant text DEFAULT 'gamma';
-- Two forms that are as frequent, and tenants at other revisions.
SELECT tenant, heads, form, alike, odd FROM migr_tenants() WHERE cardinality(heads) = 2;
SELECT object, status, detail FROM migr_verify('tenants');
SELECT count((shared.register('acme', 'r1'), shared.register('gamma', 'r1')));
CALL shared.mend();
SELECT count(*), max(form) FROM migr_tenants();

-- What is compared.
COMMENT ON SCHEMA acme IS 'the first';
GRANT SELECT ON acme.acme TO regress_migr_other;
ALTER TABLE acme.acme OWNER TO regress_migr_other;
CREATE FUNCTION acme.more() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT object, detail FROM migr_verify('tenants') WHERE status = 'fail';
SET migr.compare_owners = on;
SELECT object, detail FROM migr_verify('tenants') WHERE object = 'tenant acme';
CALL shared.mend();
SELECT count(*), max(form) FROM migr_tenants();
RESET migr.compare_owners;
-- What is left out of everything.
CREATE TABLE acme.log (a int);
SET migr.exclude = '*.log';
SELECT count(*), max(form) FROM migr_tenants();
SET migr.exclude = 'acme';
SELECT form, count(*) FROM migr_tenants() GROUP BY 1;
RESET migr.exclude;
DROP TABLE acme.log;
CREATE FUNCTION acme.more() RETURNS int LANGUAGE sql AS 'SELECT 1';
SET migr.compare = 'table, view';
SELECT count(*), max(form) FROM migr_tenants();
RESET migr.compare;
DROP FUNCTION acme.more();

-- A schema that has gone, and one that has another name.
DROP SCHEMA e CASCADE;
ALTER SCHEMA "$x$" RENAME TO other;
SELECT tenant, state, form, alike, odd, changed, fingerprint IS NULL FROM migr_tenants() WHERE state <> 'ok';
SELECT object, status, detail FROM migr_verify('tenants');
ALTER SCHEMA other RENAME TO "$x$";

-- What this transaction has done counts; one that is read-only can look.
BEGIN;
ALTER TABLE acme.item DROP price;
SELECT tenant FROM migr_tenants() WHERE odd;
ROLLBACK;
BEGIN READ ONLY;
SELECT count(*), max(form) FROM migr_tenants();
SELECT status, detail FROM migr_verify('tenants');
COMMIT;

-- Who only looks is told what differs, not how it reads.
ALTER TABLE acme.item ADD COLUMN hidden int;
SET ROLE regress_migr_other;
SELECT tenant FROM migr_tenants() WHERE odd;
SELECT object, detail FROM migr_verify('tenants') WHERE status = 'fail';
RESET ROLE;

SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', tenant) FROM migr.tenant \gexec
SELECT format('DROP OWNED BY %I', tenant), format('DROP ROLE %I', tenant) FROM migr.tenant \gexec
DROP SCHEMA shared CASCADE;
DROP ROLE regress_migr_app;
DROP ROLE regress_migr_other;
DROP EXTENSION migr;
CREATE EXTENSION migr;
