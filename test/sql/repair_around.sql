-- migr_repair() in a database full of what no script made: it finds the revision
-- in spite of all that, names it, and proposes nothing that would take it away.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\pset format unaligned

CREATE ROLE regress_migr_reads;
CREATE ROLE regress_migr_writes;
CREATE DATABASE regress_around TEMPLATE template0;
\c regress_around
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SELECT count(*) FROM migr_load($migr$
-- migr:revision a1
-- migr:upgrade
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE place AS (street text);
CREATE TABLE client (id int PRIMARY KEY, name text NOT NULL, mood mood);
COMMENT ON TABLE client IS 'who buys';
GRANT SELECT ON client TO regress_migr_reads;
-- migr:downgrade
DROP TABLE client;
DROP TYPE mood, place;
-- migr:revision a2
-- migr:revises a1
-- migr:upgrade
CREATE FUNCTION greet(who text) RETURNS text LANGUAGE sql AS $$SELECT 'hello ' || who$$;
REVOKE EXECUTE ON FUNCTION greet(text) FROM PUBLIC;
CREATE VIEW clients AS SELECT id, name FROM client;
-- migr:downgrade
DROP VIEW clients;
DROP FUNCTION greet(text);
-- migr:revision a3
-- migr:revises a2
-- migr:upgrade
ALTER TABLE client ADD COLUMN phone text;
CREATE INDEX client_phone ON client (phone);
CREATE TABLE call (id int PRIMARY KEY, client int REFERENCES client);
-- migr:downgrade
DROP TABLE call;
ALTER TABLE client DROP COLUMN phone;
-- migr:revision a4
-- migr:revises a3
-- migr:upgrade
COMMENT ON COLUMN client.phone IS 'with the country';
GRANT UPDATE (phone) ON client TO regress_migr_writes;
-- migr:downgrade
REVOKE UPDATE (phone) ON client FROM regress_migr_writes;
COMMENT ON COLUMN client.phone IS NULL;
$migr$);

-- schema public as an older server, or somebody with CASCADE, has left it
DROP SCHEMA public;
CREATE SCHEMA public;
GRANT ALL ON SCHEMA public TO PUBLIC;
-- what others put there before
CREATE EXTENSION pgtap;
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('abc');
CREATE TABLE client_backup_2020 (id int, name text);
CREATE SCHEMA monitor;
CREATE TABLE monitor.host (id int PRIMARY KEY);
ALTER DEFAULT PRIVILEGES FOR ROLE regress_migr_reads GRANT SELECT ON TABLES TO regress_migr_writes;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- the scripts' own
SELECT count(*) AS applied FROM migr_upgrade('a3');
DELETE FROM migr.version;

-- what others put around it since
CREATE VIEW monitor.names AS SELECT name FROM client;
CREATE FUNCTION monitor.seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER seen AFTER INSERT ON client FOR EACH ROW EXECUTE FUNCTION monitor.seen();
CREATE POLICY own ON client TO regress_migr_writes USING (name = current_user);
ALTER TABLE client ENABLE ROW LEVEL SECURITY;
ALTER TABLE client SET (fillfactor = 90);
ALTER TABLE client ALTER COLUMN name SET STATISTICS 500;
ALTER TABLE client REPLICA IDENTITY FULL;
GRANT INSERT ON client TO regress_migr_reads;
GRANT ALL ON client TO regress_migr_writes WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION greet(text) TO regress_migr_reads;
GRANT SELECT (name) ON clients TO regress_migr_reads;
COMMENT ON COLUMN client.name IS 'first, last';
COMMENT ON COLUMN clients.id IS 'by hand';
COMMENT ON COLUMN place.street IS 'by hand';
COMMENT ON INDEX client_pkey IS 'by hand';
CREATE INDEX client_name ON client (lower(name));
SET client_min_messages = error; -- of what wal_level the server has
CREATE PUBLICATION everything FOR TABLE client;
SET client_min_messages = warning;
CREATE TABLE journal (id int, client int REFERENCES client);
SELECT finding, action, replace(detail, quote_ident(current_user), 'CURRENT_USER') AS detail FROM migr_repair(true);
SELECT finding, action FROM migr_repair();
SELECT finding, action FROM migr_repair();
SELECT string_agg(revision, ' ' ORDER BY ordinal) AS version FROM migr.version;
-- drift tells all of that, object by object
SELECT count(*) > 5 AS told, bool_and(status = 'fail') AS fails, count(*) FILTER (WHERE object = 'schema public') AS public
  FROM migr_verify('{drift}');

-- one more revision, and the version that fits both is the one that was there
SELECT * FROM migr_upgrade();
SELECT finding, action FROM migr_repair();
SELECT count(*) > 0 AS stamped FROM migr_stamp('a2');
SELECT finding, action, substring(detail, '^[^;]*') AS detail FROM migr_repair();
SELECT count(*) AS undone FROM migr_downgrade('a2');
SELECT finding, action, substring(detail, '^[^;]*') AS detail FROM migr_repair();

-- of what another revision makes a part: that is no stranger
ALTER TABLE client ADD COLUMN phone varchar(20);
SELECT finding, action, substring(detail, '^(.*); not made by') AS detail, substring(detail, 'it would take:\n(.*)') AS sql
  FROM migr_repair();
ALTER TABLE client DROP COLUMN phone;
CREATE TABLE call (id int PRIMARY KEY, client int);
SELECT finding, action, substring(detail, '^(.*); not made by') AS detail, substring(detail, 'it would take:\n(.*)') AS sql
  FROM migr_repair();
DROP TABLE call;

-- what the scripts said, and is no longer so; the SQL leaves alone what others did
REVOKE SELECT ON client FROM regress_migr_reads;
GRANT EXECUTE ON FUNCTION greet(text) TO PUBLIC;
COMMENT ON TABLE client IS NULL;
ALTER TABLE client ALTER COLUMN name DROP NOT NULL;
SELECT finding, action, substring(detail, '^(.*); not made by') AS detail, substring(detail, 'it would take:\n(.*)') AS sql
  FROM migr_repair();
SELECT substring(detail, 'it would take:\n(.*)') AS sql FROM migr_repair(true) \gset
:sql
SELECT finding, action, substring(detail, '^[^;]*') AS detail FROM migr_repair();
SELECT has_table_privilege('regress_migr_reads', 'client', 'INSERT') AS still,
       has_table_privilege('regress_migr_writes', 'client', 'DELETE') AS as_well,
       has_function_privilege('regress_migr_reads', 'greet(text)', 'EXECUTE') AS here;
-- a trigger of a script that was switched off is not as it was made
SELECT count(*) FROM migr_load($migr$
-- migr:revision a5
-- migr:revises a4
-- migr:upgrade
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER loud AFTER UPDATE ON client FOR EACH ROW EXECUTE FUNCTION loud();
$migr$);
SELECT count(*) AS applied FROM migr_upgrade();
ALTER TABLE client DISABLE TRIGGER loud;
ALTER TABLE client DISABLE TRIGGER seen;
SELECT finding, action, substring(detail, 'with [^;]*; [^;]*') AS detail FROM migr_repair(true);
ALTER TABLE client ENABLE TRIGGER loud;
SELECT finding, action FROM migr_repair(true);

-- nothing of the scripts is there: that is fresh, whatever else is
SET client_min_messages = error;
DROP FUNCTION loud() CASCADE;
DROP TABLE client, call CASCADE;
DROP TYPE mood, place;
DROP FUNCTION greet(text);
DELETE FROM migr.version;
SELECT finding, action FROM migr_repair(true);
SELECT migr_unload(i) FROM unnest('{a5,a4,a3,a2,a1}'::text[]) i;

-- what can't be built may be what is left over, if it is named there
SELECT count(*) FROM migr_load($migr$
-- migr:revision b1
-- migr:upgrade
CREATE TABLE built (a int);
-- migr:revision b2
-- migr:revises b1
-- migr:upgrade
DO $$BEGIN IF NOT EXISTS (SELECT FROM built) THEN RAISE 'no rows'; END IF; END$$;
CREATE TABLE behind (a int);
$migr$);
CREATE TABLE built (a int);
SELECT finding, action, substring(detail, '^[^;]*') AS detail FROM migr_repair(true);
CREATE TABLE behind (a int);
SELECT finding, action, detail FROM migr_repair(true);
SELECT count(*) AS stamped FROM migr_stamp('b1');
SELECT finding, action, substring(detail, '^[^;]*') AS detail FROM migr_repair(true);
DROP TABLE built, behind;
DELETE FROM migr.version;
SELECT migr_unload(i) FROM unnest('{b2,b1}'::text[]) i;

-- two lines of revisions, of each of which a part is applied
SELECT count(*) FROM migr_load($migr$
-- migr:revision l1
-- migr:upgrade
CREATE TABLE left_one (a int);
-- migr:revision l2
-- migr:revises l1
-- migr:upgrade
CREATE TABLE left_two (a int);
-- migr:revision r1
-- migr:upgrade
CREATE TABLE right_one (a int);
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
CREATE TABLE right_two (a int);
$migr$);
SELECT migr_upgrade('l1');
SELECT migr_upgrade('r1');
SELECT finding, action, substring(detail, '^[^;]*') AS detail FROM migr_repair(true);

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_around;
DROP ROLE regress_migr_reads;
DROP ROLE regress_migr_writes;
