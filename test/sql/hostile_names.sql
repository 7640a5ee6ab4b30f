-- Scripts of autogenerate ask what is there already: names that are not as one would like
-- break out of no quotes, and operators that somebody has put in the way are not called.
SET client_min_messages = warning;
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET migr.scratch_database = 'create';

SELECT migr_revision('start', autogenerate => true, desired => $desired$
    CREATE SCHEMA "Sch'ema $migr$";
    CREATE TYPE "Sch'ema $migr$"."Mo""od" AS ENUM ('it''s', '$$');
    CREATE TABLE "Sch'ema $migr$"."Ta""ble ' $do$" ("Co""l ' \" int PRIMARY KEY, "select" text);
$desired$) IS NOT NULL AS written;
SELECT migr_upgrade() IS NOT NULL AS applied;

-- What is made by hand meanwhile, and wanted by the next revision.
CREATE EXTENSION citext;
ALTER TABLE "Sch'ema $migr$"."Ta""ble ' $do$" ADD COLUMN "ne""w '$$" int DEFAULT 1;
ALTER TABLE "Sch'ema $migr$"."Ta""ble ' $do$" ADD CONSTRAINT "che""ck '$$" CHECK (length('''"$$') IS NOT NULL);
CREATE INDEX "in""dex '$$" ON "Sch'ema $migr$"."Ta""ble ' $do$" ("select");
ALTER TYPE "Sch'ema $migr$"."Mo""od" ADD VALUE '"new'' $$';
CREATE FUNCTION "Sch'ema $migr$"."fun""c '$$"("a""rg" int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE POLICY "pol""icy '$$" ON "Sch'ema $migr$"."Ta""ble ' $do$" USING (length('''"$$') IS NOT NULL);

SELECT migr_revision('hot fixes', autogenerate => true, desired => $desired$
    CREATE EXTENSION citext;
    CREATE SCHEMA "Sch'ema $migr$";
    CREATE TYPE "Sch'ema $migr$"."Mo""od" AS ENUM ('it''s', '$$', '"new'' $$');
    CREATE TABLE "Sch'ema $migr$"."Ta""ble ' $do$" ("Co""l ' \" int PRIMARY KEY, "select" text,
        "ne""w '$$" int DEFAULT 1, CONSTRAINT "che""ck '$$" CHECK (length('''"$$') IS NOT NULL));
    CREATE INDEX "in""dex '$$" ON "Sch'ema $migr$"."Ta""ble ' $do$" ("select");
    CREATE FUNCTION "Sch'ema $migr$"."fun""c '$$"("a""rg" int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE POLICY "pol""icy '$$" ON "Sch'ema $migr$"."Ta""ble ' $do$" USING (length('''"$$') IS NOT NULL);
$desired$) AS script \gset
\pset format unaligned
SELECT regexp_replace(:'script', '^.*?-- migr:upgrade\n', '') AS script;
\pset format aligned

-- Each of them fails if it is called.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.called() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'an operator of another schema was called';
END $$;
DO $$
DECLARE
    types text[] := '{oid,regclass,regtype,regproc,regprocedure,regnamespace,name,text,"\"char\"",int2,int4,int8,bool,varchar,unknown}';
    l text;
    r text;
BEGIN
    FOREACH l IN ARRAY types LOOP
        FOREACH r IN ARRAY types LOOP
            CONTINUE WHEN 'unknown' IN (l, r);
            EXECUTE format('CREATE FUNCTION hostile.compare(%s, %s) RETURNS boolean LANGUAGE sql AS ''SELECT hostile.called()''', l, r);
            EXECUTE format('CREATE OPERATOR hostile.= (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.compare)', l, r);
            EXECUTE format('CREATE OPERATOR hostile.<> (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.compare)', l, r);
        END LOOP;
    END LOOP;
END $$;
CREATE FUNCTION hostile.to_regclass(text) RETURNS regclass LANGUAGE sql AS 'SELECT hostile.called()::text::regclass';
CREATE FUNCTION hostile.to_regprocedure(text) RETURNS regprocedure LANGUAGE sql AS 'SELECT hostile.called()::text::regprocedure';
CREATE FUNCTION hostile.to_regtype(text) RETURNS regtype LANGUAGE sql AS 'SELECT hostile.called()::text::regtype';
CREATE TABLE hostile.pg_class AS SELECT * FROM pg_class LIMIT 0;
CREATE TABLE hostile.pg_constraint AS SELECT 1 AS i;
CREATE TABLE hostile.pg_policy AS SELECT 1 AS i;
SET search_path = hostile, pg_catalog, public;
SELECT pg_catalog.migr_upgrade() IS NOT NULL AS applied;

-- What the scripts build is what is there, but for what is hostile.
SELECT pg_catalog.migr_downgrade('-1') IS NOT NULL AS undone;
SELECT pg_catalog.migr_upgrade() IS NOT NULL AS applied;
RESET search_path;
DROP SCHEMA hostile CASCADE;
SELECT check_name, object, status FROM migr_verify('drift');

SELECT migr_downgrade('base') IS NOT NULL AS undone;
DROP EXTENSION migr;
CREATE EXTENSION migr;
