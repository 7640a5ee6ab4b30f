-- Chains of revisions in place of one that keeps others waiting.
\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_online TEMPLATE template0;
\c regress_online
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.timeless(script text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(script, '^-- migr:created .*\n', '', 'gn'), '[0-9a-f]{12}', 'id', 'g')
$$;
SELECT * FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE customer (id serial PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customer, total numeric, note text);
CREATE INDEX orders_note ON orders (note);
CREATE INDEX orders_total ON orders (total);
INSERT INTO customer (name, email) SELECT 'name ' || g, 'email ' || g FROM generate_series(1, 10) g;
INSERT INTO orders SELECT g, g % 10 + 1, g, 'note ' || g FROM generate_series(1, 50) g;
-- migr:downgrade
DROP TABLE orders;
DROP TABLE customer;
$migr$);
SELECT migr_upgrade();

-- One of each.
SELECT pg_temp.timeless(migr_revision('sales', autogenerate => true, online => true, desired => $$
CREATE TABLE customer (id serial PRIMARY KEY, name text NOT NULL, email text UNIQUE);
CREATE TABLE orders (
    id int PRIMARY KEY,
    customer int NOT NULL REFERENCES customer,
    total numeric CHECK (total >= 0),
    note text,
    token uuid NOT NULL DEFAULT gen_random_uuid(),
    contact text REFERENCES customer (email),
    half numeric GENERATED ALWAYS AS (total / 2) STORED
);
CREATE INDEX orders_total ON orders (total, note);
CREATE INDEX orders_customer ON orders (customer);
CREATE TABLE item (id int PRIMARY KEY, orders int NOT NULL REFERENCES orders, n int CHECK (n > 0));
CREATE INDEX item_orders ON item (orders);
$$));
SELECT array_to_string(array_agg(message ORDER BY array_position(path, revision)), E'\n')
  FROM migr_history(), (SELECT array_agg(revision) AS path FROM migr_pending()) p WHERE revision = ANY (path);

-- What can't be in a transaction says so.
\set VERBOSITY sqlstate
SELECT migr_upgrade();
\set VERBOSITY default

-- An id, labels, what it depends on, a verify section, and SQL of one's own.
DO $do$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT revision FROM migr_history() WHERE NOT is_applied LOOP
        PERFORM migr_unload(name);
    END LOOP;
END
$do$;
SELECT pg_temp.timeless(migr_revision('mine', 'UPDATE orders SET note = total;', 'SELECT 1;', verify => 'SELECT true;',
    revision_id => 'last', branch_labels => '{sales}', autogenerate => true, online => true, desired => $$
CREATE TABLE customer (id serial PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customer, total numeric, note text);
CREATE INDEX orders_note ON orders (note);
CREATE INDEX orders_total ON orders (total);
CREATE INDEX orders_customer ON orders (customer);
$$));
SELECT migr_unload('last');
SELECT migr_unload('sales');

-- Irreversible.
SELECT pg_temp.timeless(migr_revision('for ever', downgrade => NULL, revision_id => 'last',
    autogenerate => true, online => true, desired => $$
CREATE TABLE customer (id serial PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customer, total numeric CHECK (total > 0), note text);
CREATE INDEX orders_note ON orders (note);
CREATE INDEX orders_total ON orders (total);
$$));
SELECT count(*) FROM migr_upgrade();

-- With names that change.
SELECT pg_temp.timeless(migr_revision('renames', revision_id => 'renamed', renames => '{"orders.note": "remark", "customer": "buyer"}',
    autogenerate => true, online => true, desired => $$
CREATE TABLE buyer (id serial PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES buyer, total numeric CHECK (total > 0), remark text CHECK (remark <> ''));
CREATE INDEX orders_note ON orders (remark);
CREATE INDEX orders_total ON orders (total);
$$));
SELECT count(*) FROM migr_upgrade();

-- Nothing that others wait for is one revision, as it is without.
SELECT pg_temp.timeless(migr_revision('plain', revision_id => 'plain', autogenerate => true, online => true, desired => $$
CREATE TABLE buyer (id serial PRIMARY KEY, name text, email text, born date);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES buyer, total numeric CHECK (total > 0), remark text CHECK (remark <> ''));
CREATE INDEX orders_note ON orders (remark);
CREATE INDEX orders_total ON orders (total);
COMMENT ON TABLE orders IS 'all of them';
$$));
SELECT migr_unload('plain');
SELECT migr_revision('same', autogenerate => true, online => true, desired => migr_schema()) IS NULL;

-- It is for what is generated.
SELECT migr_revision('x', online => true);

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_online;
