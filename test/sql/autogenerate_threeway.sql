-- Revisions from the desired schema, in a database full of other people's things.
\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;
CREATE ROLE regress_reporting;
CREATE ROLE regress_admin;
CREATE DATABASE regress_threeway TEMPLATE template0;
CREATE DATABASE regress_threeway_clean TEMPLATE template0;
-- Where it costs two checkpoints, that has to be said.
ALTER DATABASE regress_threeway SET migr.scratch_database = 'create';
ALTER DATABASE regress_threeway_clean SET migr.scratch_database = 'create';

-- Where only the scripts have run.
\c regress_threeway_clean
SET client_min_messages = error;
CREATE EXTENSION migr;

\c regress_threeway
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.timeless(script text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(script, '(created) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00', '\1 NOW')
$$;
SELECT migr_revision('first', autogenerate => true, revision_id => 'r1', desired => $$
    CREATE TYPE mood AS ENUM ('a', 'b');
    CREATE TABLE t (id int PRIMARY KEY, a text, m mood, c int);
    CREATE TABLE p (id int, k int) PARTITION BY RANGE (k);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
    CREATE VIEW v AS SELECT t.id, t.a FROM t;
    CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE dropped (i int PRIMARY KEY, j int);
    GRANT SELECT ON t TO regress_reporting;
$$) IS NOT NULL;
SELECT migr_upgrade();
INSERT INTO t VALUES (1, 'x', 'a', 1);
INSERT INTO p VALUES (1, 1);

-- What no script names is not dropped, revoked or changed: nothing differs.
CREATE EXTENSION citext;
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
CREATE SCHEMA admin AUTHORIZATION regress_admin;
CREATE FUNCTION admin.fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE FUNCTION admin.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER regress_watch ON ddl_command_end WHEN TAG IN ('CREATE CONVERSION') EXECUTE FUNCTION admin.watch();
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_reporting;
GRANT SELECT, INSERT ON t, v TO regress_admin;
GRANT EXECUTE ON FUNCTION f(int) TO regress_admin;
CREATE POLICY own ON t TO regress_reporting USING (id > 0);
CREATE TRIGGER when_id BEFORE UPDATE ON t FOR EACH ROW WHEN (new.id > 0) EXECUTE FUNCTION admin.fired();
CREATE TRIGGER instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION admin.fired();
CREATE RULE negative AS ON INSERT TO t WHERE new.id < 0 DO INSTEAD NOTHING;
CREATE INDEX by_f ON t (f(c));
CREATE INDEX dropped_j ON dropped (j);
ALTER TABLE t ADD CONSTRAINT of_f CHECK (f(c) = 1);
ALTER TABLE t ADD next int GENERATED ALWAYS AS (id + 1) STORED;
CREATE TABLE admin.ref (id int REFERENCES t, m mood DEFAULT 'a', f int DEFAULT f(1));
ALTER TABLE admin.ref OWNER TO regress_admin;
INSERT INTO admin.ref VALUES (1, 'b');
CREATE VIEW admin.v1 AS SELECT t.id, v.a FROM t JOIN v ON t.id = v.id;
CREATE VIEW admin.v2 WITH (security_barrier) AS SELECT v1.id FROM admin.v1;
COMMENT ON VIEW admin.v2 IS 'two';
GRANT SELECT ON admin.v2 TO regress_reporting;
ALTER VIEW admin.v1 OWNER TO regress_admin;
CREATE MATERIALIZED VIEW admin.stored AS SELECT t.id, t.m FROM t;
CREATE UNIQUE INDEX ON admin.stored (id);
CREATE FUNCTION admin.of_row(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION admin.of_mood(mood) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN admin.mild AS mood DEFAULT 'a';
CREATE TABLE admin.p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE VIEW admin.of_p2 AS SELECT p2.id FROM admin.p2;
INSERT INTO p VALUES (11, 11);
CREATE TABLE admin.child () INHERITS (t);
CREATE PUBLICATION regress_pub FOR TABLE t;
SELECT current_setting('server_version_num')::int >= 150000 AS since_15 \gset
\if :since_15
ALTER PUBLICATION regress_pub SET TABLE t WHERE (id > 0);
CREATE FUNCTION admin.whole() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT max(t.id) FROM t; END;
\else
CREATE FUNCTION admin.whole() RETURNS int LANGUAGE sql AS 'SELECT max(t.id) FROM public.t';
\endif
SELECT migr_schema() AS before \gset
RESET client_min_messages;
SELECT migr_revision('same', autogenerate => true, desired => migr_schema('heads')) IS NULL;

-- It is left alone, and told once.
SELECT pg_temp.timeless(migr_revision('one more', autogenerate => true, revision_id => 'r2',
    desired => migr_schema('heads') || 'ALTER TABLE public.t ADD d int;'));
SELECT migr_unload('r2');

-- What stands on what changes goes and comes back, with its owner and privileges.
SET client_min_messages = warning;
CREATE VIEW pg_temp.others AS
    SELECT c.oid::regclass::text AS name, c.relowner::regrole::text AS owner, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(c.relacl) a) AS acl,
           obj_description(c.oid) AS comment, c.reloptions::text AS options
      FROM pg_class c WHERE c.relnamespace = 'admin'::regnamespace OR c.relname IN ('t', 'v', 'by_f')
    UNION ALL
    SELECT p.oid::regprocedure::text, p.proowner::regrole::text,
           (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(p.proacl) a), NULL, NULL
      FROM pg_proc p WHERE p.pronamespace = 'admin'::regnamespace OR p.proname = 'f'
    UNION ALL SELECT polname, NULL, NULL, NULL, NULL FROM pg_policy
    UNION ALL SELECT tgname, NULL, NULL, NULL, NULL FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT rulename, NULL, NULL, NULL, NULL FROM pg_rewrite WHERE rulename <> '_RETURN' AND oid > 16384
    UNION ALL SELECT conname, NULL, NULL, NULL, NULL FROM pg_constraint WHERE connamespace <> 'pg_catalog'::regnamespace AND contype <> 'n'
    UNION ALL SELECT pubname, pubowner::regrole::text, NULL, NULL, NULL FROM pg_publication
    UNION ALL SELECT evtname, evtowner::regrole::text, NULL, NULL, NULL FROM pg_event_trigger
    UNION ALL SELECT extname, NULL, NULL, NULL, NULL FROM pg_extension
    UNION ALL SELECT typname, typowner::regrole::text, NULL, NULL, NULL FROM pg_type
               WHERE typnamespace = 'admin'::regnamespace AND typtype = 'd';
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.others;
SELECT migr_revision('second', autogenerate => true, revision_id => 'r2', desired => $$
    CREATE TYPE mood AS ENUM ('b', 'a');
    CREATE TABLE t (id bigint PRIMARY KEY, a text, m mood, c int);
    CREATE TABLE p (id bigint, k int, x int) PARTITION BY RANGE (k);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
    CREATE VIEW v AS SELECT t.id, t.a, t.c FROM t;
    CREATE FUNCTION f(a int) RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT 1::bigint';
    GRANT SELECT ON t TO regress_reporting;
$$) AS script \gset
SET client_min_messages = error;
SELECT migr_upgrade();
CREATE TEMP TABLE after AS SELECT * FROM pg_temp.others;
SELECT * FROM before WHERE name <> 'dropped_pkey' EXCEPT SELECT * FROM after;
SELECT * FROM after EXCEPT SELECT * FROM before;
SELECT * FROM admin.ref;
SELECT * FROM p ORDER BY id;
SELECT * FROM admin.v2;
SELECT * FROM admin.stored;
SELECT count(*) FROM pg_index WHERE indexrelid = 'admin.stored_id_idx'::regclass;
SELECT migr_downgrade('-1');
SELECT * FROM before EXCEPT SELECT * FROM pg_temp.others;
-- but for the index that went with its table
SELECT migr_diff(:'before');
SELECT migr_upgrade();
SELECT string_agg(migr_script(revision), E'\n') AS scripts FROM migr_history() \gset

\c regress_threeway_clean
SET client_min_messages = error;
SELECT count(*) FROM migr_load(:'scripts');
SELECT migr_upgrade();
SELECT migr_schema() = migr_schema('heads');
SELECT migr_downgrade('-1');
SELECT migr_schema() = migr_schema('r1');
SELECT * FROM migr_test();

-- What needs what goes for good: told, and refused by the server, who names it.
\c regress_threeway
\pset format unaligned
\pset tuples_only on
RESET client_min_messages;
SELECT migr_revision('too much', autogenerate => true, revision_id => 'r3', desired => $$
    CREATE TYPE mood AS ENUM ('b', 'a');
    CREATE TABLE t (id bigint PRIMARY KEY, a text, m mood);
    CREATE TABLE p (id bigint, k int, x int) PARTITION BY RANGE (k);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
    CREATE FUNCTION f(a int) RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT 1::bigint';
    GRANT SELECT ON t TO regress_reporting;
$$) ~ '-- Note: the script fails where this is so: view admin.v1';
\set VERBOSITY terse
\set SHOW_CONTEXT never
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_unload('r3');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c regress_threeway_clean
SET client_min_messages = error;
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_threeway;
DROP DATABASE regress_threeway_clean;
DROP ROLE regress_reporting, regress_admin;
