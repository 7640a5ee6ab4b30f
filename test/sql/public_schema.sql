-- Schema public as another server, or an administrator, has left it: as long as no
-- script says anything about it, it is no difference.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_migr_public LOGIN;
CREATE ROLE "regress_migr, ""p""";
CREATE DATABASE regress_public TEMPLATE template0;
CREATE DATABASE regress_public_again TEMPLATE template0;
\c regress_public_again
SET client_min_messages = error;
CREATE EXTENSION migr;
CREATE TABLE t (i int);
SELECT migr_fingerprint() AS fingerprint \gset
\c regress_public
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
CREATE TABLE t (i int);
SELECT migr_fingerprint() = :'fingerprint';

-- This is how pg_upgrade leaves it, from 14 or older, or an administrator who hardens an older one.
ALTER SCHEMA public OWNER TO regress_migr_public;
DO $$BEGIN
IF current_setting('server_version_num')::int < 150000
THEN REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ELSE GRANT CREATE ON SCHEMA public TO PUBLIC;
END IF; END$$;
SELECT migr_schema();
SELECT count(*) FROM migr_schema_files() WHERE ddl ~ 'SCHEMA public';
SELECT migr_fingerprint() = :'fingerprint';
SELECT migr_diff('CREATE TABLE t (i int)') IS NULL;
SELECT migr_diff('CREATE TABLE t (i int); GRANT SELECT ON t TO PUBLIC');
SELECT count(*) FROM migr_load($m$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE t (i int);
-- migr:downgrade
DROP TABLE t;
$m$);
SELECT finding, action FROM migr_repair();
SELECT check_name, object, status FROM migr_verify() WHERE status <> 'ok';
SELECT migr_fingerprint('r1') = :'fingerprint', migr_fingerprint() = :'fingerprint';
SELECT revision, status FROM migr_test();

-- Another owner, and other privileges of an administrator's, are seen only where somebody says anything of them.
ALTER SCHEMA public OWNER TO "regress_migr, ""p""";
GRANT USAGE ON SCHEMA public TO regress_migr_public;
SELECT migr_diff('CREATE TABLE t (i int)') IS NULL;
SELECT check_name, object, status FROM migr_verify() WHERE status <> 'ok';
SELECT migr_diff('CREATE TABLE t (i int); GRANT ALL ON SCHEMA public TO regress_migr_public');
REVOKE USAGE ON SCHEMA public FROM regress_migr_public;
-- The owner is changed only when owners are compared, and somebody names one.
SET migr.compare_owners = on;
SELECT migr_diff('CREATE TABLE t (i int)') IS NULL;
SELECT migr_diff('CREATE TABLE t (i int); ALTER SCHEMA public OWNER TO regress_migr_public');
RESET migr.compare_owners;
SELECT migr_diff('CREATE TABLE t (i int); ALTER SCHEMA public OWNER TO regress_migr_public') IS NULL;

-- A script says something: what the server has is not that.
SELECT count(*) FROM migr_load($m$
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
DO $$BEGIN
IF current_setting('server_version_num')::int < 150000
THEN GRANT CREATE ON SCHEMA public TO PUBLIC;
ELSE REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END IF; END$$;
-- migr:downgrade
$m$);
SELECT migr_stamp('r2');
SELECT check_name, object, status FROM migr_verify() WHERE status <> 'ok';
SELECT migr_fingerprint() = :'fingerprint', migr_fingerprint('r2') = migr_fingerprint('r1');
SELECT migr_stamp('r1'), migr_upgrade();
SELECT check_name, object, status FROM migr_verify() WHERE status <> 'ok';
SELECT migr_fingerprint() = migr_fingerprint('r2');
SELECT migr_diff('DROP SCHEMA public; CREATE SCHEMA public; CREATE TABLE public.t (i int)');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = error;
DROP DATABASE regress_public;
DROP DATABASE regress_public_again;
DROP ROLE regress_migr_public, "regress_migr, ""p""";
