-- Repeatable scripts: nothing is lost, and nobody gains a right.
\set VERBOSITY terse
SET client_min_messages = warning;
DROP EXTENSION migr;
CREATE EXTENSION migr;
CREATE ROLE regress_migr_attacked;
GRANT CREATE, USAGE ON SCHEMA public TO regress_migr_attacked;

CREATE FUNCTION load_shown(view text, result text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT revision || ' ' || action FROM migr_load(
        E'-- migr:repeatable shown\n-- migr:upgrade\n'
        'CREATE OR REPLACE VIEW public.base_view AS SELECT ' || view || E';\n'
        'CREATE OR REPLACE FUNCTION public.f(int) RETURNS ' || result ||
        E' IMMUTABLE LANGUAGE sql AS ''SELECT $1::' || result || E''';\n');
$$;
SELECT load_shown('1 AS a', 'int');
SELECT migr_upgrade();

-- What stands on them, of another owner.
GRANT SELECT ON base_view TO regress_migr_attacked;
SET ROLE regress_migr_attacked;
CREATE FUNCTION who() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
CREATE FUNCTION is_keeper(bigint) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'regress_migr_attacked' THEN
        RAISE EXCEPTION 'the rows are checked as another role';
    END IF;
    RETURN true;
END $$;
CREATE MATERIALIZED VIEW filled AS SELECT a, who() FROM base_view;
CREATE UNIQUE INDEX filled_a ON filled (a);
CREATE MATERIALIZED VIEW empty AS SELECT a, who() FROM base_view WITH NO DATA;
CREATE VIEW "quo""ted" WITH (security_barrier) AS SELECT a AS "A""b" FROM base_view;
GRANT SELECT ("A""b") ON "quo""ted" TO PUBLIC;
ALTER VIEW "quo""ted" ALTER COLUMN "A""b" SET DEFAULT 7;
COMMENT ON COLUMN "quo""ted"."A""b" IS 'it''s';
CREATE RULE nothing AS ON INSERT TO "quo""ted" DO INSTEAD NOTHING;
CREATE TABLE checked (i int DEFAULT f(4), s text, CHECK (is_keeper(f(i))));
INSERT INTO checked VALUES (1, 'kept');
CREATE INDEX checked_f ON checked (f(i));
ALTER TABLE checked ENABLE ROW LEVEL SECURITY;
CREATE POLICY one ON checked USING (f(i) = 1);
RESET ROLE;

SELECT load_shown('0 AS z, 1 AS a', 'bigint');
SELECT migr_upgrade();
SELECT relname, relowner::regrole, relispopulated, reloptions
  FROM pg_class WHERE relname IN ('filled', 'filled_a', 'empty', 'quo"ted') ORDER BY 1;
SELECT * FROM filled;
SELECT pg_get_expr(adbin, adrelid), adrelid::regclass FROM pg_attrdef
 WHERE adrelid IN ('checked'::regclass, '"quo""ted"'::regclass) ORDER BY 2;
SELECT attacl, col_description(attrelid, attnum) FROM pg_attribute
 WHERE attrelid = '"quo""ted"'::regclass AND attnum = 1;
SELECT rulename FROM pg_rules WHERE tablename = 'quo"ted';
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'checked'::regclass;
SELECT indexdef FROM pg_indexes WHERE tablename = 'checked';
SELECT policyname, qual FROM pg_policies;
SELECT i, s FROM checked;

-- Where that is not compared, it stays all the same.
SET migr.compare_privileges = off;
SELECT load_shown('1 AS a', 'bigint');
SELECT migr_upgrade();
RESET migr.compare_privileges;
SELECT has_table_privilege('regress_migr_attacked', 'base_view', 'SELECT'),
       has_column_privilege('public', '"quo""ted"', 'A"b', 'SELECT');

-- What has rows is not dropped.
CREATE TABLE generated (i int, g bigint GENERATED ALWAYS AS (f(i)) STORED);
SELECT load_shown('1 AS a', 'int');
SELECT migr_upgrade();
DROP TABLE generated;
CREATE TABLE parts (i int) PARTITION BY RANGE (f(i));
SELECT migr_upgrade();
DROP TABLE parts;
CREATE DOMAIN dom AS bigint DEFAULT f(1);
CREATE TABLE of_domain (i dom);
SELECT migr_upgrade();
DROP TABLE of_domain;
DROP DOMAIN dom;
CREATE TYPE pair AS (x base_view, y int);
SELECT load_shown('2 AS b, 1 AS a', 'bigint');
SELECT migr_upgrade();
DROP TYPE pair;

-- What can't be made again is not dropped.
CREATE TEMP VIEW passing AS SELECT * FROM base_view;
SELECT migr_upgrade();
DROP VIEW passing;
SELECT migr_upgrade();

-- What goes by one name is in the schema where it is created.
CREATE TEMP VIEW named AS SELECT 5 AS five;
SELECT revision, action FROM migr_load($$-- migr:repeatable named
-- migr:upgrade
CREATE OR REPLACE VIEW named AS SELECT 1 AS a;
$$);
SELECT migr_upgrade();
SELECT revision, action FROM migr_load($$-- migr:repeatable named
-- migr:upgrade
CREATE OR REPLACE VIEW named AS SELECT 2 AS b;
$$);
SELECT migr_upgrade();
SELECT * FROM public.named;
SELECT * FROM pg_temp.named;

-- A schema made anew: defaults stay, and tables in it stop it.
SELECT revision, action FROM migr_load($$-- migr:repeatable api
-- migr:upgrade
DROP SCHEMA IF EXISTS api CASCADE;
CREATE SCHEMA api;
CREATE FUNCTION api.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
$$);
SELECT migr_upgrade();
CREATE TABLE uses_api (i int DEFAULT api.one());
CREATE TABLE api.kept (i int);
SELECT revision, action FROM migr_load($$-- migr:repeatable api
-- migr:upgrade
DROP SCHEMA IF EXISTS api CASCADE;
CREATE SCHEMA api;
CREATE FUNCTION api.one() RETURNS int LANGUAGE sql AS 'SELECT 1 + 0';
$$);
SELECT migr_upgrade();
DROP TABLE api.kept;
SELECT migr_upgrade();
SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'uses_api'::regclass;

-- After a downgrade they are due again; migr_sql() names what it leaves out.
SELECT revision, action FROM migr_load($$-- migr:revision a1
-- migr:upgrade
CREATE TABLE t (id int);
-- migr:downgrade
DROP TABLE t CASCADE;
-- migr:repeatable on_t
-- migr:depends a1
-- migr:upgrade
CREATE OR REPLACE VIEW on_t AS SELECT id FROM t;
$$);
SELECT migr_upgrade();
SELECT migr_downgrade('base');
SELECT name, applied_checksum IS NULL AS due FROM migr.repeatable ORDER BY name;
SELECT migr_upgrade();
SELECT count(*) FROM on_t;
SELECT migr_redo();
SELECT count(*) FROM on_t;
SELECT revision, action FROM migr_load($$-- migr:repeatable on_t
-- migr:depends a1
-- migr:upgrade
CREATE OR REPLACE VIEW on_t AS SELECT id, 1 AS one FROM t;
$$);
SELECT migr_sql();

-- Who loads another text does not vouch for the one that ran.
GRANT EXECUTE ON FUNCTION migr_load, migr_upgrade TO regress_migr_attacked;
GRANT INSERT, UPDATE, DELETE ON migr.revision, migr.version, migr.repeatable TO regress_migr_attacked;
SELECT migr_upgrade();
SET ROLE regress_migr_attacked;
SELECT revision, action FROM migr_load(E'-- migr:repeatable his\n-- migr:upgrade\nSELECT 1;\n');
SELECT migr_upgrade();
RESET ROLE;
SELECT revision, action FROM migr_load(E'-- migr:repeatable his\n-- migr:upgrade\nSELECT 2;\n');
SELECT loaded_by = 'regress_migr_attacked' AS new_text, applied_loaded_by, applied_loader::regrole
  FROM migr.repeatable WHERE name = 'his';
SELECT migr_upgrade();
SELECT applied_loaded_by = loaded_by AS same FROM migr.repeatable WHERE name = 'his';

SET client_min_messages = error;
DROP EXTENSION migr CASCADE;
DROP VIEW pg_temp.named;
DROP OWNED BY regress_migr_attacked CASCADE;
DROP ROLE regress_migr_attacked;
DROP SCHEMA api CASCADE;
DROP TABLE t, uses_api CASCADE;
DROP VIEW named, base_view CASCADE;
DROP FUNCTION load_shown, f CASCADE;
CREATE EXTENSION migr;
