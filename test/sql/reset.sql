-- migr_reset(): what it drops and what stays, and that it leaves the database
-- as it was when it can't.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

CREATE ROLE regress_migr_resetter;
CREATE ROLE regress_migr_visitor;
CREATE DATABASE "regress ""Reset"" 'x'" TEMPLATE template0 OWNER regress_migr_resetter;
\c "regress ""Reset"" 'x'"
SET client_min_messages = warning;
SELECT current_database() AS db \gset
CREATE EXTENSION migr;

-- Without a script there is nothing to build the schema from (error)
CREATE TABLE precious (a int);
SELECT migr_reset(:'db');
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('precious');
DROP TABLE precious;

-- One of each kind that a script can create.
SELECT count(*) FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
CREATE SCHEMA "Hard ""name"" $$;--";
SET search_path = "Hard ""name"" $$;--";
CREATE TYPE "e 'x'" AS ENUM ('a', 'b');
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, e "e 'x'");
SET search_path = public;
CREATE TABLE p (id int PRIMARY KEY, up int REFERENCES p) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY REFERENCES a DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE inherits () INHERITS (a);
CREATE SEQUENCE owned OWNED BY a.id;
CREATE VIEW v AS SELECT * FROM a;
CREATE FUNCTION of_view(v) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE MATERIALIZED VIEW m AS SELECT * FROM v;
CREATE INDEX m_id ON m (id);
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER fires AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION fires();
CREATE FUNCTION fires_too() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN
    IF current_query() ~ 'migr_reset' AND EXISTS
       (SELECT FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table')
    THEN RAISE 'fired'; END IF;
END $$;
CREATE EVENT TRIGGER fires_too ON sql_drop EXECUTE FUNCTION fires_too();
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE USER MAPPING FOR PUBLIC SERVER s;
CREATE FOREIGN TABLE f (a int) SERVER s;
CREATE DOMAIN d AS int CHECK (value > 0);
CREATE TYPE pair AS (a int, b d);
CREATE CAST (pair AS point) WITH INOUT;
CREATE TYPE span AS RANGE (subtype = int4);
CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int4);
CREATE FUNCTION same(d, d) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR === (leftarg = d, rightarg = d, function = same);
CREATE OPERATOR FAMILY family USING btree;
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION conf (PARSER = default);
CREATE COLLATION coll FROM "C";
CREATE STATISTICS stats ON id, up FROM p;
CREATE RULE rule AS ON UPDATE TO a DO ALSO NOTHING;
CREATE POLICY policy ON a USING (true);
CREATE TRUSTED LANGUAGE lang HANDLER plpgsql_call_handler;
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1);
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
CREATE TABLE r2 (a int);
-- migr:revision r3
-- migr:revises r1
-- migr:upgrade
CREATE TABLE r3 (a int);
$migr$);
SELECT count(*) FROM migr_upgrade('heads');
SELECT migr_schema() AS clean, migr_fingerprint() AS fingerprint \gset

-- The name has to be right (error)
SELECT migr_reset('regress_reset');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_reset(lower(:'db'));
SELECT migr_reset('');
SELECT migr_reset(NULL);
\echo :LAST_ERROR_SQLSTATE

-- What somebody else has put there goes, and so does all data.
CREATE TABLE extra (a int);
CREATE VIEW extra_v AS SELECT * FROM a;
CREATE SCHEMA extra CREATE TABLE t (a int);
INSERT INTO r2 VALUES (1);
ALTER TABLE r3 RENAME TO renamed;
DROP TRIGGER fires ON a;
SET client_min_messages = notice;
SELECT * FROM migr_reset(:'db');
SET client_min_messages = warning;
SELECT migr_schema() = :'clean' AS same, to_regnamespace('extra'), (SELECT count(*) FROM r2) AS rows;
SELECT fingerprint = :'fingerprint' AS same FROM migr.version ORDER BY ordinal DESC LIMIT 1;
SELECT action, target = :'db' AS db, from_heads, to_heads, revisions FROM migr.log
 WHERE id > 2 ORDER BY id;
-- A script may drop schema public, and will find one again.
DROP EVENT TRIGGER fires_too;
DROP SCHEMA public CASCADE;
SELECT count(*) FROM migr_reset(:'db');
SELECT migr_schema() = :'clean' AS same;
-- It can be taken back.
BEGIN;
INSERT INTO r2 VALUES (2);
SAVEPOINT s;
SELECT count(*) FROM migr_reset(:'db');
ROLLBACK TO s;
SELECT * FROM r2;
ROLLBACK;
-- A table that the session is reading can't go (error)
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM a;
FETCH c;
SELECT migr_reset(:'db');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- A script can't (error)
SELECT count(*) FROM migr_load(E'-- migr:revision r4\n-- migr:revises r2 r3\n-- migr:upgrade\nSELECT migr_reset(current_database());\n');
SELECT migr_upgrade();
-- When the upgrade fails, nothing has happened (error)
SELECT count(*) FROM migr_load(E'-- migr:revision r4\n-- migr:revises r2 r3\n-- migr:upgrade\nSELECT 1/0;\n');
INSERT INTO r2 VALUES (3);
SELECT migr_reset(:'db');
SELECT migr_schema() = :'clean' AS same, (SELECT count(*) FROM r2) AS rows, (SELECT count(*) FROM migr.version);
SELECT migr_unload('r4');

-- What migr.exclude names stays, with its data,
CREATE SCHEMA keep;
CREATE TABLE keep.t (a int);
INSERT INTO keep.t VALUES (1);
SET migr.exclude = 'keep, public.odd_*';
SELECT count(*) FROM migr_reset(:'db');
SELECT * FROM keep.t;
-- unless it would have to go with something else (error)
CREATE VIEW keep.v AS SELECT * FROM a;
\set VERBOSITY default
SELECT migr_reset(:'db');
DROP VIEW keep.v;
CREATE TABLE odd_part PARTITION OF p FOR VALUES FROM (10) TO (20);
SELECT migr_reset(:'db');
\set VERBOSITY terse
ALTER TABLE p DETACH PARTITION odd_part;
DROP TABLE odd_part;
CREATE SEQUENCE odd_seq OWNED BY a.id;
SELECT migr_reset(:'db');
DROP SEQUENCE odd_seq;
-- so with a temporary object (error)
CREATE TEMP VIEW temporary AS SELECT * FROM a;
SELECT migr_reset(:'db');
DROP VIEW temporary;

-- An extension stays, if no script creates it; its members do in any case.
CREATE EXTENSION hstore;
SELECT count(*) FROM migr_reset(:'db');
SELECT extname FROM pg_extension WHERE extname IN ('migr', 'hstore') ORDER BY 1;
SELECT count(*) FROM migr_load(E'-- migr:revision r4\n-- migr:revises r2 r3\n-- migr:upgrade\nCREATE SCHEMA h; CREATE EXTENSION hstore SCHEMA h;\n');
SELECT oid AS old_oid FROM pg_extension WHERE extname = 'hstore' \gset
SELECT count(*) FROM migr_reset(:'db');
SELECT oid <> :old_oid AS new, extnamespace::regnamespace FROM pg_extension WHERE extname = 'hstore';
SELECT count(*) FROM migr_reset(:'db');

-- What others have set on DROP sees each statement, finds what it is used to find, and can
-- keep it from happening (error)
CREATE TABLE keep.seen (id int GENERATED ALWAYS AS IDENTITY, tag text, name text);
CREATE FUNCTION keep.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO keep.seen (tag, name)
    SELECT tg_tag, object_identity FROM pg_event_trigger_dropped_objects()
     WHERE original AND to_regclass('seen') IS NOT NULL;
END $$;
CREATE FUNCTION keep.forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'nobody does % here', tg_tag USING errcode = 'KEEP1';
END $$;
CREATE EVENT TRIGGER keep_watch ON sql_drop EXECUTE FUNCTION keep.watch();
SET migr.exclude = 'keep, public.odd_*, event_trigger:keep_*';
SET search_path = public, keep;
SELECT count(*) FROM migr_reset(:'db');
SHOW search_path;
SELECT tag, string_agg(name, ', ' ORDER BY id) FROM keep.seen GROUP BY tag ORDER BY min(id);
CREATE EVENT TRIGGER keep_forbid ON ddl_command_start WHEN tag IN ('DROP VIEW') EXECUTE FUNCTION keep.forbid();
SELECT migr_reset(:'db');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_schema() ~ 'CREATE TABLE public.r2' AS all_there;
DROP EVENT TRIGGER keep_forbid;
DROP EVENT TRIGGER keep_watch;
RESET search_path;
SET migr.exclude = 'keep, public.odd_*';

-- It takes the right to drop everything (error)
GRANT EXECUTE ON FUNCTION migr_reset(text) TO regress_migr_resetter, regress_migr_visitor;
SET ROLE regress_migr_visitor;
SELECT migr_reset(:'db');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SELECT count(*) FROM migr.version;
REVOKE EXECUTE ON FUNCTION migr_reset(text) FROM regress_migr_visitor;
SET ROLE regress_migr_visitor;
SELECT migr_reset(:'db');
RESET ROLE;

-- Who owns all there is can, with no other rights.
\c postgres
DROP DATABASE :"db";
CREATE DATABASE regress_reset TEMPLATE template0 OWNER regress_migr_resetter;
\c regress_reset
SET client_min_messages = warning;
SET ROLE regress_migr_resetter;
CREATE EXTENSION migr;
SELECT count(*) FROM migr_load($$
-- migr:revision o1
-- migr:upgrade
CREATE SCHEMA o; CREATE TABLE o.t (a int); CREATE TYPE o.e AS ENUM ('a');
CREATE FUNCTION o.f(o.e) RETURNS text LANGUAGE sql AS 'SELECT 1::text';
CREATE CAST (o.e AS text) WITH FUNCTION o.f;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
$$);
SELECT * FROM migr_upgrade();
SELECT * FROM migr_reset('regress_reset');
-- Somebody else's object in his schema is his to drop; elsewhere it is not (error)
RESET ROLE;
CREATE TABLE o.others (a int);
SET ROLE regress_migr_resetter;
SELECT * FROM migr_reset('regress_reset');
RESET ROLE;
CREATE SCHEMA others CREATE TABLE t (a int);
SET ROLE regress_migr_resetter;
\set VERBOSITY default
SELECT * FROM migr_reset('regress_reset');
\set VERBOSITY terse
-- All of a chain is reset, so a revision that can't run in a transaction keeps
-- it from happening (error)
SET migr.exclude = 'others';
SELECT count(*) FROM migr_load(E'-- migr:revision o2\n-- migr:revises o1\n-- migr:transaction off\n-- migr:upgrade\nVACUUM;\n');
SELECT * FROM migr_reset('regress_reset');
RESET ROLE;
SELECT to_regclass('o.t');

\c postgres
DROP DATABASE regress_reset;
DROP ROLE regress_migr_resetter, regress_migr_visitor;
