-- What desired schemas came to is remembered: where it may be used no worker is
-- started, and where it may not, one is, which is what the tests look at.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_migr_reader LOGIN;
CREATE DATABASE regress_remembered TEMPLATE template0;
\c regress_remembered
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END';
\set one 'CREATE TABLE a (id int PRIMARY KEY, n text); CREATE TABLE b (a int REFERENCES a);'
\set two 'CREATE TABLE a (id int PRIMARY KEY, n text, m int); CREATE TABLE b (a int REFERENCES a);'

CREATE FUNCTION pg_temp.builds() RETURNS bigint LANGUAGE sql AS 'SELECT count(DISTINCT build) FROM migr.remembered WHERE piece = 0';

-- The same text again needs no build, whatever has become of the live schema.
SELECT migr_diff(:'one');
SELECT pg_temp.builds();
SET migr.max_scratch_workers = 0;
SELECT migr_diff(:'one');
CREATE TABLE a (id int PRIMARY KEY, o int);
SELECT migr_diff(:'one');
DROP TABLE a;
-- Nobody is told less for it: an empty schema has to be said.
SELECT migr_diff('');

-- Another text does, and what is the same in it is not built again.
SELECT migr_diff(:'two');
RESET migr.max_scratch_workers;
SELECT migr_diff(:'two');
SELECT pg_temp.builds();

-- So does the same where what a build goes by is another: a setting, a role, an extension ...
SELECT migr_diff(:'one') <> '';
SET migr.max_scratch_workers = 0;
SET xmloption = document;
SELECT migr_diff(:'one');
RESET xmloption;
SET migr.exclude = 'other';
SELECT migr_diff(:'one');
RESET migr.exclude;
SELECT migr_diff(:'one') <> '';
CREATE ROLE regress_migr_another;
SELECT migr_diff(:'one');
DROP ROLE regress_migr_another;
SELECT migr_diff(:'one') <> '';
CREATE EXTENSION citext;
SELECT migr_diff(:'one');
DROP EXTENSION citext;
SELECT migr_diff(:'one') <> '';

-- ... or where nobody wants it.
SET migr.remember_statements = off;
SELECT migr_diff(:'one');
RESET migr.remember_statements;

-- It is read where nothing can be written, and not where the transaction has another view
-- of the cluster than a build.
BEGIN READ ONLY;
SELECT migr_diff(:'one') <> '';
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT migr_diff(:'one') <> '';
ROLLBACK;
BEGIN;
CREATE ROLE regress_migr_another;
SELECT migr_diff(:'one') <> '';
ROLLBACK;
RESET migr.max_scratch_workers;
BEGIN READ ONLY;
SELECT migr_diff('CREATE TABLE readonly (i int)');
ROLLBACK;
SELECT pg_temp.builds();

-- What may come to something else the next time is not remembered.
DO 'BEGIN PERFORM migr_scratch_drop(); PERFORM migr_scratch_create(); END';
SELECT pg_temp.builds();
SELECT migr_diff($$CREATE TABLE t (d date DEFAULT 'today')$$) <> '';
SELECT migr_diff($$CREATE TABLE t (d timestamp[] DEFAULT '{"now"}')$$) <> '';
SELECT migr_diff($$CREATE TABLE t (d date DEFAULT E'\x6eow')$$) <> '';
SELECT migr_diff($$CREATE TABLE t (d date DEFAULT U&'\006eow')$$) <> '';
SELECT migr_diff($$CREATE TABLE t (d date DEFAULT 'no'
'w')$$) <> '';
SELECT migr_diff($$CREATE TABLE t (d timetz DEFAULT '12:00')$$) <> '';
SELECT migr_diff($$CREATE TABLE t (d time (3) with time zone DEFAULT '12:00')$$) <> '';
SELECT migr_diff($$CREATE FUNCTION f(date DEFAULT 'now') RETURNS int LANGUAGE sql AS 'SELECT 1'$$) <> '';
SELECT migr_diff($$CREATE TABLE p (d date) PARTITION BY RANGE (d);
    CREATE TABLE q PARTITION OF p FOR VALUES FROM ('2020-01-01') TO (CURRENT_DATE)$$) <> '';
SELECT migr_diff($$CREATE TABLE p (d date) PARTITION BY RANGE (d); CREATE TABLE q (d date);
    ALTER TABLE p ATTACH PARTITION q FOR VALUES FROM (now()::date) TO (MAXVALUE)$$) <> '';
SELECT migr_diff($$DO 'BEGIN CREATE TABLE t (i int); END'$$) <> '';
SELECT migr_diff($$CREATE TABLE t AS SELECT 1 AS i$$) <> '';
SELECT migr_diff($$CREATE TABLE t (i int); INSERT INTO t VALUES (1)$$) <> '';
SELECT migr_diff($$CREATE TABLE t (i int); SELECT pg_sleep(0)$$) <> '';
SELECT migr_diff($$CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e()$$) <> '';
SELECT pg_temp.builds();
-- What only speaks of it is.
SELECT migr_diff($$CREATE TYPE t AS ENUM ('now', 'later'); CREATE TABLE p (d date) PARTITION BY RANGE (d);
    CREATE TABLE q PARTITION OF p FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
    COMMENT ON TABLE p IS 'as of now';
    CREATE FUNCTION f() RETURNS timestamp LANGUAGE sql AS 'SELECT ''now''::timestamp'$$) <> '';
SELECT pg_temp.builds();

-- Names that the server chooses are the same as in a build of all, and errors too.
CREATE FUNCTION pg_temp.differs(text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    off text;
BEGIN
    SET LOCAL migr.remember_statements = off;
    off := migr_diff(current => '', desired => $1);
    SET LOCAL migr.remember_statements = on;
    RETURN migr_diff(current => '', desired => $1) IS DISTINCT FROM off;
END $$;
\set first 'CREATE TABLE a_b (c int UNIQUE);'
\set second 'CREATE TABLE a (b_c int UNIQUE);'
\set third 'CREATE TABLE d (i serial); CREATE TABLE e (i int);'
SELECT migr_diff(:'first' || :'second' || :'third') ~ 'a_b_c_key1';
SELECT pg_temp.differs(:'second' || :'third');
SELECT migr_diff(:'second' || :'third') <> '';
SELECT pg_temp.differs(:'first' || :'second' || :'third');
SELECT pg_temp.differs(:'second' || :'third' || :'first');
SELECT pg_temp.differs(:'first' || :'second' || replace(:'third', 'd (i serial)', 'd (j serial)'));
SELECT pg_temp.differs(:'first' || :'second' || :'third' || 'COMMENT ON SEQUENCE d_i_seq IS $c$x$c$;');
SELECT migr_diff(:'first' || :'second' || :'third' || 'GRANT SELECT ON SEQUENCE d_i_seq TO PUBLIC;') <> '';
SELECT pg_temp.differs(:'first' || :'second' || replace(:'third', 'd (i serial)', 'd (i bigserial)') || 'GRANT SELECT ON SEQUENCE d_i_seq TO PUBLIC;');
SELECT migr_diff(:'first' || :'second' || 'CREATE INDEX ON nowhere (i);');
SELECT migr_diff(replace(:'first', 'a_b', 'd') || :'second' || :'third');
-- A function that another statement would call.
SELECT migr_diff($$CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1::int);$$) <> '';
SELECT pg_temp.differs($$CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1::int);
    CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';$$);
SELECT pg_temp.differs($$CREATE FUNCTION f(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1::int);$$);
-- What reaches parts that are not named: partitions, children, copies.
SELECT migr_diff($$CREATE TABLE p (i int) PARTITION BY LIST (i); CREATE TABLE q PARTITION OF p FOR VALUES IN (1); CREATE TABLE r (j int);$$) <> '';
SELECT pg_temp.differs($$CREATE TABLE p (i int) PARTITION BY LIST (i); CREATE TABLE q PARTITION OF p FOR VALUES IN (1); CREATE TABLE r (j int); CREATE INDEX ON p (i);$$);
SELECT pg_temp.differs($$CREATE TABLE p (i int, k int DEFAULT 3) PARTITION BY LIST (i); CREATE TABLE q PARTITION OF p FOR VALUES IN (1); CREATE TABLE r (j int);$$);
SELECT migr_diff($$CREATE TABLE r (j int); CREATE TABLE s (LIKE r INCLUDING ALL);$$) <> '';
SELECT pg_temp.differs($$CREATE TABLE r (j int); COMMENT ON COLUMN r.j IS 'x'; CREATE TABLE s (LIKE r INCLUDING ALL);$$);

-- Poisoned, it is of no use, and does no harm.
SELECT migr_diff(:'one') <> '';
UPDATE migr.remembered SET content = '\xdeadbeef' WHERE piece > 0;
SELECT migr_diff(:'one') = migr_diff(current => '', desired => :'one');
UPDATE migr.remembered SET content = '\xff' WHERE piece = 0;
SELECT migr_diff(:'two') = migr_diff(current => '', desired => :'two');
DELETE FROM migr.remembered WHERE piece = 1;
SELECT migr_diff(:'two') = migr_diff(current => '', desired => :'two');

-- Whose it is not sees nothing of it, and gets nothing from it.
DELETE FROM migr.remembered;
SELECT migr_diff(:'one') <> '';
UPDATE migr.remembered SET role = (SELECT oid FROM pg_roles WHERE rolname = 'regress_migr_reader');
SELECT migr_scratch_create('regress_migr_reader');
GRANT EXECUTE ON FUNCTION migr_diff TO regress_migr_reader;
SET SESSION AUTHORIZATION regress_migr_reader;
SELECT count(*) FROM migr.remembered;
DELETE FROM migr.remembered;
CREATE TRIGGER mine BEFORE INSERT ON migr.remembered EXECUTE FUNCTION suppress_redundant_updates_trigger();
RESET SESSION AUTHORIZATION;
REVOKE EXECUTE ON FUNCTION migr_diff FROM regress_migr_reader;
DO 'BEGIN PERFORM migr_scratch_drop(''regress_migr_reader''); END';
SELECT pg_temp.builds();

-- So much is kept, and no more.
SELECT format('SET migr.lock_timeout = %s; SELECT migr_diff(''CREATE TABLE t%s (i int)'') <> '''';', i, i)
  FROM generate_series(1001, 1012) i \gexec
SELECT pg_temp.builds();

DO 'BEGIN PERFORM migr_scratch_drop(); END';
SELECT pg_temp.builds();
\c postgres
DROP DATABASE regress_remembered;
DROP ROLE regress_migr_reader;
