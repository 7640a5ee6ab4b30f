-- Owners and privileges in migr_schema(): the difference to what a new object
-- has, whoever owns it, in an order that does not depend on that of the grants.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE DATABASE regress_acl TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE regress_acl_again TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_acl
SET client_min_messages = warning;
\encoding UTF8
CREATE ROLE regress_migr_owner;
CREATE ROLE regress_migr_super SUPERUSER;
CREATE ROLE regress_migr_a;
CREATE ROLE regress_migr_b;
CREATE ROLE regress_migr_c;
CREATE ROLE "regress_migr ""D"" = /x";
CREATE ROLE "regress_migr_größe";
CREATE ROLE "regress_migr,{e}\";
CREATE ROLE regress_migr_6789_123456789_123456789_123456789_123456789_12345;
CREATE EXTENSION migr;

-- Nothing but what new objects have, with acls all the same.
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO PUBLIC;
CREATE TABLE app.same (id integer);
GRANT SELECT ON app.same TO regress_migr_a;
REVOKE SELECT ON app.same FROM regress_migr_a;
GRANT SELECT (id) ON app.same TO regress_migr_a;
REVOKE SELECT (id) ON app.same FROM regress_migr_a;
CREATE FUNCTION app.same() RETURNS integer LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION app.same() FROM PUBLIC;
GRANT ALL ON FUNCTION app.same() TO PUBLIC;

-- All kinds of roles and rights.
CREATE TABLE app.roles (id integer, "some name" text, "all" text, none text);
GRANT INSERT, SELECT ON app.roles TO regress_migr_b;
GRANT ALL ON app.roles TO "regress_migr ""D"" = /x";
GRANT SELECT ON app.roles TO regress_migr_a;
GRANT DELETE ON app.roles TO regress_migr_a WITH GRANT OPTION;
GRANT TRUNCATE, REFERENCES, TRIGGER, UPDATE ON app.roles TO "regress_migr,{e}\";
GRANT SELECT ON app.roles TO "regress_migr_größe",
  regress_migr_6789_123456789_123456789_123456789_123456789_12345 WITH GRANT OPTION;
GRANT SELECT ON app.roles TO PUBLIC;
GRANT SELECT ("some name"), UPDATE ("some name") ON app.roles TO regress_migr_c;
GRANT ALL ("all") ON app.roles TO regress_migr_c;
GRANT INSERT ("some name") ON app.roles TO PUBLIC;
GRANT REFERENCES (id) ON app.roles TO "regress_migr ""D"" = /x" WITH GRANT OPTION;

-- Two tables with the same rights, granted in another order.
CREATE TABLE app.order_1 (id integer);
GRANT SELECT ON app.order_1 TO regress_migr_a;
GRANT INSERT, UPDATE ON app.order_1 TO regress_migr_b;
GRANT SELECT ON app.order_1 TO PUBLIC;
CREATE TABLE app.order_2 (id integer);
GRANT SELECT ON app.order_2 TO PUBLIC;
GRANT UPDATE ON app.order_2 TO regress_migr_b;
GRANT INSERT ON app.order_2 TO regress_migr_b;
GRANT SELECT ON app.order_2 TO regress_migr_a;

-- Rights that others than the owner have granted.
CREATE TABLE app.chain (id integer);
GRANT SELECT, INSERT ON app.chain TO regress_migr_c WITH GRANT OPTION;
GRANT UPDATE ON app.chain TO "regress_migr ""D"" = /x" WITH GRANT OPTION;
SET ROLE regress_migr_c;
GRANT SELECT ON app.chain TO regress_migr_b WITH GRANT OPTION;
GRANT INSERT ON app.chain TO regress_migr_a;
SET ROLE regress_migr_b;
GRANT SELECT ON app.chain TO regress_migr_a WITH GRANT OPTION;
SET ROLE regress_migr_a;
GRANT SELECT ON app.chain TO PUBLIC;
SET ROLE "regress_migr ""D"" = /x";
GRANT UPDATE ON app.chain TO regress_migr_a;
RESET ROLE;
GRANT SELECT ON app.chain TO regress_migr_a;
GRANT INSERT (id) ON app.chain TO regress_migr_b WITH GRANT OPTION;
SET ROLE regress_migr_b;
GRANT INSERT (id) ON app.chain TO regress_migr_a;
RESET ROLE;
-- Each has a right from the other.
CREATE TABLE app.mutual (id integer);
GRANT SELECT ON app.mutual TO regress_migr_a WITH GRANT OPTION;
GRANT INSERT ON app.mutual TO regress_migr_b WITH GRANT OPTION;
SET ROLE regress_migr_a;
GRANT SELECT ON app.mutual TO regress_migr_b WITH GRANT OPTION;
SET ROLE regress_migr_b;
GRANT INSERT ON app.mutual TO regress_migr_a WITH GRANT OPTION;
GRANT SELECT ON app.mutual TO regress_migr_c;
SET ROLE regress_migr_a;
GRANT INSERT ON app.mutual TO regress_migr_c;
RESET ROLE;

-- Rights of the owner; another owner has the same.
CREATE TABLE app.owner_less (id integer);
REVOKE DELETE, TRUNCATE ON app.owner_less FROM CURRENT_USER;
CREATE TABLE app.owner_none (id integer);
REVOKE ALL ON app.owner_none FROM CURRENT_USER;
CREATE TABLE app.owner_more (id integer);
GRANT SELECT ON app.owner_more TO CURRENT_USER WITH GRANT OPTION;
GRANT INSERT (id) ON app.owner_more TO CURRENT_USER;
CREATE TABLE app.of_another (id integer);
GRANT SELECT ON app.of_another TO regress_migr_a;
REVOKE TRIGGER ON app.of_another FROM CURRENT_USER;
ALTER TABLE app.of_another OWNER TO regress_migr_owner;

-- All kinds of objects.
CREATE SCHEMA "Odd ""one""";
GRANT CREATE ON SCHEMA "Odd ""one""" TO regress_migr_a;
GRANT ALL ON SCHEMA "Odd ""one""" TO regress_migr_b;
CREATE VIEW "Odd ""one"""."View" AS SELECT 1 AS "a b";
GRANT SELECT ON "Odd ""one"""."View" TO regress_migr_a;
GRANT SELECT ("a b") ON "Odd ""one"""."View" TO PUBLIC;
CREATE MATERIALIZED VIEW "Odd ""one"""."Kept" AS SELECT 1 AS x WITH NO DATA;
GRANT SELECT ON "Odd ""one"""."Kept" TO regress_migr_a;
CREATE SEQUENCE "Odd ""one"""."Numbers";
GRANT USAGE ON SEQUENCE "Odd ""one"""."Numbers" TO regress_migr_a;
GRANT ALL ON SEQUENCE "Odd ""one"""."Numbers" TO regress_migr_b;
REVOKE UPDATE ON SEQUENCE "Odd ""one"""."Numbers" FROM CURRENT_USER;
CREATE FUNCTION "Odd ""one"""."F"(a integer, OUT b integer, VARIADIC c text[])
  LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION "Odd ""one"""."F"(integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "Odd ""one"""."F"(integer, text[]) TO regress_migr_a WITH GRANT OPTION;
CREATE FUNCTION "Odd ""one"""."G"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION "Odd ""one"""."G"() FROM CURRENT_USER, PUBLIC;
CREATE PROCEDURE "Odd ""one"""."P"(INOUT a integer) LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON PROCEDURE "Odd ""one"""."P"(integer) TO regress_migr_a;
REVOKE EXECUTE ON PROCEDURE "Odd ""one"""."P"(integer) FROM PUBLIC;
CREATE AGGREGATE "Odd ""one"""."Sum"(integer) (SFUNC = int4pl, STYPE = integer);
REVOKE ALL ON FUNCTION "Odd ""one"""."Sum"(integer) FROM PUBLIC;
CREATE AGGREGATE "Odd ""one""".counted(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
GRANT EXECUTE ON FUNCTION "Odd ""one""".counted() TO regress_migr_a;
CREATE AGGREGATE "Odd ""one""".at_rank(float8 ORDER BY anyelement)
  (SFUNC = ordered_set_transition, STYPE = internal,
   FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
REVOKE ALL ON FUNCTION "Odd ""one""".at_rank(float8, anyelement) FROM PUBLIC;
CREATE TYPE "Odd ""one""".mood AS ENUM ('so so');
REVOKE ALL ON TYPE "Odd ""one""".mood FROM PUBLIC;
GRANT USAGE ON TYPE "Odd ""one""".mood TO regress_migr_a;
CREATE DOMAIN "Odd ""one""".word AS text;
REVOKE ALL ON DOMAIN "Odd ""one""".word FROM PUBLIC;
CREATE TYPE "Odd ""one""".pair AS (a integer);
GRANT USAGE ON TYPE "Odd ""one""".pair TO regress_migr_a WITH GRANT OPTION;
CREATE TRUSTED LANGUAGE "Own 'L'" HANDLER plpgsql_call_handler;
REVOKE ALL ON LANGUAGE "Own 'L'" FROM PUBLIC;
GRANT USAGE ON LANGUAGE "Own 'L'" TO regress_migr_a;
CREATE FOREIGN DATA WRAPPER "Wrapper";
GRANT USAGE ON FOREIGN DATA WRAPPER "Wrapper" TO regress_migr_a WITH GRANT OPTION;
CREATE SERVER "Server" FOREIGN DATA WRAPPER "Wrapper";
GRANT USAGE ON FOREIGN SERVER "Server" TO regress_migr_a;
REVOKE USAGE ON FOREIGN SERVER "Server" FROM CURRENT_USER;
CREATE FOREIGN TABLE app.far (id integer) SERVER "Server";
GRANT SELECT ON app.far TO regress_migr_a;
CREATE TABLE app.parted (id integer) PARTITION BY LIST (id);
GRANT SELECT ON app.parted TO regress_migr_a;

-- Default privileges: of all schemas and of one, of all kinds.  What was made
-- under them has its rights of its own.
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner
  GRANT SELECT, INSERT ON TABLES TO regress_migr_b, regress_migr_a;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner REVOKE DELETE ON TABLES FROM regress_migr_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner
  GRANT USAGE ON SCHEMAS TO "regress_migr ""D"" = /x" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "regress_migr ""D"" = /x" IN SCHEMA "Odd ""one"""
  GRANT ALL ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner IN SCHEMA "Odd ""one"""
  GRANT EXECUTE ON FUNCTIONS TO regress_migr_a WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner IN SCHEMA "Odd ""one"""
  GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_owner IN SCHEMA app
  GRANT ALL ON TABLES TO regress_migr_owner;
GRANT CREATE, USAGE ON SCHEMA app TO regress_migr_owner;
SET ROLE regress_migr_owner;
CREATE TABLE app.made (id integer);
CREATE FUNCTION app.made() RETURNS integer LANGUAGE sql AS 'SELECT 1';
RESET ROLE;
REVOKE CREATE ON SCHEMA app FROM regress_migr_owner;

\pset format unaligned
SELECT migr_schema();
\pset format aligned
SELECT migr_schema() AS ddl \gset

-- The same rights, for another owner.
\c regress_acl_again
SET client_min_messages = warning;
\encoding UTF8
SET SESSION AUTHORIZATION regress_migr_super;
:ddl
RESET SESSION AUTHORIZATION;
CREATE EXTENSION migr;
SELECT migr_schema() = :'ddl' AS same;
SELECT DISTINCT pg_get_userbyid(relowner) AS owner
  FROM pg_class WHERE relnamespace = 'app'::regnamespace;

-- With owners: they must be the same, too.
\c regress_acl
SET client_min_messages = warning;
DROP DATABASE regress_acl_again;
CREATE DATABASE regress_acl_again TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
SET migr.compare_owners = on;
REASSIGN OWNED BY regress_migr_owner TO regress_migr_c;
ALTER SCHEMA app OWNER TO "regress_migr_größe";
ALTER SCHEMA public OWNER TO regress_migr_a;
ALTER FUNCTION "Odd ""one"""."F" OWNER TO "regress_migr ""D"" = /x";
ALTER AGGREGATE "Odd ""one""".at_rank(float8 ORDER BY anyelement) OWNER TO regress_migr_a;
ALTER TYPE "Odd ""one""".mood OWNER TO regress_migr_a;
ALTER DOMAIN "Odd ""one""".word OWNER TO regress_migr_a;
ALTER MATERIALIZED VIEW "Odd ""one"""."Kept" OWNER TO regress_migr_a;
ALTER LANGUAGE "Own 'L'" OWNER TO regress_migr_a;
ALTER SERVER "Server" OWNER TO regress_migr_a;
ALTER FOREIGN DATA WRAPPER "Wrapper" OWNER TO regress_migr_super;
SELECT migr_schema() AS ddl \gset
SELECT m[1] AS statement FROM regexp_matches(:'ddl', '^ALTER [^;]* OWNER TO "?regress_[^;]*;', 'gn') m;
SELECT :'ddl' LIKE '%FROM CURRENT_USER%' AS relative;
\c regress_acl_again
SET client_min_messages = warning;
\encoding UTF8
:ddl
CREATE EXTENSION migr;
SET migr.compare_owners = on;
SELECT migr_schema() = :'ddl' AS same;
RESET migr.compare_owners;
SELECT migr_schema() <> :'ddl' AS shorter;

-- Without either.
SET migr.compare_privileges = off;
SELECT migr_schema() ~ '(GRANT|REVOKE|PRIVILEGES|ROLE)' AS privileges;
RESET migr.compare_privileges;

-- Schema public.
\c regress_acl
SET client_min_messages = warning;
DROP DATABASE regress_acl_again;
CREATE DATABASE regress_acl_again TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_acl_again
SET client_min_messages = warning;
CREATE EXTENSION migr;
\pset format unaligned
\pset tuples_only
GRANT USAGE ON SCHEMA public TO regress_migr_a WITH GRANT OPTION;
SELECT migr_schema();
REVOKE ALL ON SCHEMA public FROM regress_migr_a;
SELECT migr_schema();
-- What differs between servers: new, for everybody, for nobody.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SELECT replace(migr_schema(), 'ALL', 'USAGE');
GRANT CREATE ON SCHEMA public TO PUBLIC;
SELECT migr_schema() ~ '^REVOKE USAGE ON SCHEMA public FROM PUBLIC;' AS usage;
GRANT ALL ON SCHEMA public TO PUBLIC;
DROP SCHEMA public;
CREATE SCHEMA public;
COMMENT ON SCHEMA public IS 'standard public schema';
SELECT replace(migr_schema(), 'ALL', 'USAGE') ~ 'REVOKE USAGE ON SCHEMA public FROM PUBLIC;\n$';
GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC;
SELECT migr_schema() ~ 'REVOKE';
\pset tuples_only
\pset format aligned

\c postgres
DROP DATABASE regress_acl;
DROP DATABASE regress_acl_again;
DROP ROLE regress_migr_owner, regress_migr_super, regress_migr_a, regress_migr_b,
  regress_migr_c, "regress_migr ""D"" = /x", "regress_migr_größe",
  "regress_migr,{e}\", regress_migr_6789_123456789_123456789_123456789_123456789_12345;
