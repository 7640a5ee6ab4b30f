-- What loses data runs only when somebody else than its loader has approved it.
\set SHOW_CONTEXT never
CREATE DATABASE regress_migr_approval TEMPLATE template0;
\c regress_migr_approval
SET client_min_messages = warning;
CREATE EXTENSION migr;
CREATE ROLE regress_migr_writer LOGIN;
CREATE ROLE regress_migr_reviewer LOGIN;
GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_upgrade, migr_downgrade, migr_stamp, migr_unload(text),
    migr_squash(text, text, text), migr_merge(text[], text, text[], text), migr_redo(text, text), migr_reset(text)
    TO regress_migr_writer;
GRANT EXECUTE ON FUNCTION migr_approve(text, text, text, text, boolean) TO regress_migr_reviewer, regress_migr_writer;
GRANT CREATE, USAGE ON SCHEMA public TO regress_migr_writer;
GRANT USAGE ON SCHEMA public TO regress_migr_reviewer;
ALTER DATABASE regress_migr_approval SET migr.require_approval = 'destructive';
SHOW migr.require_approval;

-- nobody but a superuser weakens it, as with migr.protect
SET SESSION AUTHORIZATION regress_migr_writer;
SET migr.require_approval = 'none';
SET migr.require_approval = 'all';
RESET migr.require_approval;
SHOW migr.require_approval;

-- what loses nothing runs
SELECT action FROM migr_load($migr$
-- migr:revision one
-- migr:upgrade
CREATE TABLE orders (id int PRIMARY KEY, note varchar(40), amount numeric(10, 2));
CREATE TABLE carriers (id int);
INSERT INTO orders VALUES (1, 'a', 1), (2, 'b', 2);
-- migr:downgrade
DROP TABLE orders;
DROP TABLE carriers;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
DROP TABLE orders;
-- migr:downgrade
CREATE TABLE orders (id int PRIMARY KEY, note varchar(40), amount numeric(10, 2));
$migr$);
SELECT migr_upgrade('one');

-- what does waits
SELECT revision, approval FROM migr_pending();
SELECT migr_upgrade();
SELECT migr_upgrade(dry_run => true);
SELECT migr_approve('two', 'I say so');
RESET SESSION AUTHORIZATION;
-- a function with its owner's rights, and SET ROLE, make nobody another one
CREATE FUNCTION approve(text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN RETURN migr_approve($1, 'as another'); END$$;
GRANT regress_migr_reviewer TO regress_migr_writer;
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT approve('two');
SELECT approve('two') -- migr_approve('two', 'as another')
;
SET ROLE regress_migr_reviewer;
SELECT migr_approve('two', 'as another');
RESET ROLE;
RESET SESSION AUTHORIZATION;
REVOKE regress_migr_reviewer FROM regress_migr_writer;

-- nor does what a reviewer runs of somebody else's
SET SESSION AUTHORIZATION regress_migr_writer;
CREATE TABLE notes (note text);
GRANT INSERT ON notes TO regress_migr_reviewer;
CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM migr_approve('two', 'by a trigger'); RETURN NEW; END$$;
CREATE TRIGGER trap BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION trap();
SET SESSION AUTHORIZATION regress_migr_reviewer;
INSERT INTO notes VALUES ('x');
DO $$BEGIN PERFORM migr_approve('two', 'in a block'); END$$;
INSERT INTO notes VALUES ('y') \; SELECT migr_approve('two', 'with something else');

-- somebody else does
SELECT migr_approve('two', ' ');
SELECT migr_approve('two', 'why not', 'sideways');
SELECT migr_approve('nothing', 'why not');
SELECT migr_approve('one', 'why not');
SELECT migr_approve('two', 'nobody reads it', checksum => '0123456789');
SET client_min_messages = notice;
SELECT migr_approve('two', 'nobody reads it',
                    checksum => (SELECT left(checksum, 12) FROM migr.revision WHERE revision = 'two'))
\gset
SET client_min_messages = warning;
SELECT revision, approval FROM migr_pending();

-- it can be taken back, and is given again
SELECT migr_approve('two', 'somebody does', withdraw => true);
SELECT migr_approve('two', 'somebody does', withdraw => true);
SELECT revision, approval FROM migr_pending();
SELECT migr_approve('two', 'really nobody');

-- the table is nobody's to write
INSERT INTO migr.approval SELECT * FROM migr.approval;
SET SESSION AUTHORIZATION regress_migr_writer;
UPDATE migr.approval SET approved_by = 'me';

-- another script, another approval
SELECT action FROM migr_load($migr$
-- migr:revision two
-- migr:revises one
-- migr:upgrade
DROP TABLE orders, carriers;
$migr$, replace => true);
SELECT migr_upgrade();
SELECT revision, approval FROM migr_pending();
-- the same by whom had approved it is his own now
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('two', 'both then');

-- what it touches is another one
SET SESSION AUTHORIZATION regress_migr_writer;
ALTER TABLE orders ADD COLUMN precious text;
SELECT migr_upgrade();
ALTER TABLE orders DROP COLUMN precious;
SELECT migr_upgrade();

-- used up by one run
SELECT migr_stamp('one');
CREATE TABLE orders (id int PRIMARY KEY, note varchar(40), amount numeric(10, 2));
CREATE TABLE carriers (id int);
SELECT migr_upgrade();

-- all of it is in the log
RESET SESSION AUTHORIZATION;
SELECT action, target, revisions, performed_by, checksum IS NOT NULL AS has_checksum, detail
  FROM migr.log WHERE action IN ('approve', 'withdraw') OR detail LIKE '%approved%' ORDER BY id;
SELECT status, detail FROM migr_verify('{log}');

-- marks: what a text tells, and what it does not
SET SESSION AUTHORIZATION regress_migr_writer;
CREATE FUNCTION emptied() RETURNS void LANGUAGE sql AS 'DELETE FROM carriers';
CREATE FUNCTION try(sql text, OUT state text, OUT detail text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migr_load(E'-- migr:revision trial\n-- migr:revises one\n-- migr:upgrade\n' || sql || E'\n', replace => true);
    PERFORM migr_upgrade('trial');
    PERFORM migr_stamp('one');
    state := 'ran';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
    IF state <> 'MG015' THEN detail := SQLERRM; END IF;
END$$;
CREATE TABLE parent (id int, note text, made int GENERATED ALWAYS AS (id * 2) STORED, seq int GENERATED BY DEFAULT AS IDENTITY);
CREATE TABLE child () INHERITS (parent);
RESET SESSION AUTHORIZATION;
GRANT CREATE ON DATABASE regress_migr_approval TO regress_migr_writer;
SET SESSION AUTHORIZATION regress_migr_writer;
CREATE SCHEMA other CREATE TABLE inside (id int);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE moods (mood mood);
INSERT INTO carriers VALUES (1), (2);
CREATE TABLE trap (id int);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM carriers; RETURN NULL; END$$;
CREATE FUNCTION spring() RETURNS void LANGUAGE sql AS 'INSERT INTO trap VALUES (2)';
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON trap DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
SELECT sql, state, detail
  FROM (VALUES
    ('DROP TABLE carriers;'), ('DROP TABLE IF EXISTS carriers;'), ('TRUNCATE carriers;'),
    ('DELETE FROM carriers;'), ('DELETE FROM carriers WHERE id = 3;'), ('DELETE FROM carriers WHERE true;'),
    ('DELETE FROM carriers WHERE now() IS NOT NULL;'), ('DELETE FROM parent WHERE 1 = 1;'),
    ('UPDATE orders SET note = NULL;'), ('UPDATE orders SET note = NULL WHERE id = 1;'),
    ('UPDATE orders SET note = NULL WHERE id IS NOT DISTINCT FROM id;'),
    ('WITH gone AS (DELETE FROM carriers RETURNING id) SELECT * FROM gone;'),
    ('WITH gone AS (DELETE FROM carriers WHERE true RETURNING id) SELECT * FROM gone;'),
    ('ALTER TABLE orders DROP COLUMN note;'), ('ALTER TABLE orders ALTER note TYPE text;'),
    ('ALTER TABLE orders ALTER note TYPE varchar(10);'), ('ALTER TABLE orders ALTER amount TYPE numeric(12, 2);'),
    ('ALTER TABLE orders ALTER amount TYPE int USING 0;'), ('ALTER TABLE orders ALTER note TYPE text USING note::text;'),
    ('ALTER TABLE orders ALTER amount TYPE numeric(10, 1);'),
    ('DROP SCHEMA other CASCADE;'), ('DROP TYPE mood CASCADE;'), ('DROP OWNED BY regress_migr_writer;'),
    ('CREATE TABLE t (id int); INSERT INTO t VALUES (1); DELETE FROM t; TRUNCATE t; ALTER TABLE t DROP COLUMN id; DROP TABLE t;'),
    ('CREATE TEMP TABLE t (id int); TRUNCATE t; DROP TABLE t;'),
    ('CREATE TABLE IF NOT EXISTS carriers (id int); DROP TABLE carriers;'),
    ('ALTER TABLE carriers SET (fillfactor = 90); DO $$BEGIN DROP TABLE carriers; END$$;'),
    ('DO $$BEGIN EXECUTE ''DROP TABLE carriers''; END$$;'), ('DO $$BEGIN TRUNCATE carriers; END$$;'),
    ('DO $$BEGIN DELETE FROM carriers; END$$;'), ('SELECT emptied();'),
    ('DO $$BEGIN UPDATE orders SET note = ''''; END$$;'),
    ('DO $$BEGIN ALTER TABLE orders DROP note; END$$;'), ('DO $$BEGIN ALTER TABLE orders ALTER note TYPE varchar(3); END$$;'),
    ('DO $$BEGIN DROP SCHEMA other CASCADE; END$$;'), ('DO $$BEGIN DROP TABLE carriers; EXCEPTION WHEN OTHERS THEN NULL; END$$;'),
    ('INSERT INTO trap VALUES (1);'), ('DO $$BEGIN INSERT INTO trap VALUES (1); END$$;'), ('SELECT spring();'),
    ('DECLARE later CURSOR WITH HOLD FOR SELECT emptied();'),
    ('PREPARE gone AS DELETE FROM carriers; EXECUTE gone;'), ('EXPLAIN ANALYZE DELETE FROM carriers;'),
    ('PREPARE kept AS SELECT 1 AS a; CREATE TABLE kept AS EXECUTE kept; DROP TABLE kept; DEALLOCATE kept;'),
    ('ALTER TABLE carriers ALTER id TYPE bigint;'),
    ('ALTER TABLE orders ALTER id TYPE bigint; DO $$BEGIN DROP TABLE orders; END$$;'),
    ('CLUSTER orders USING orders_pkey;'),
    ('CREATE MATERIALIZED VIEW mv AS SELECT id FROM orders; CREATE UNIQUE INDEX ON mv (id); REFRESH MATERIALIZED VIEW mv;'),
    ('REFRESH MATERIALIZED VIEW CONCURRENTLY mv; DROP MATERIALIZED VIEW mv;'),
    ('CREATE VIEW seen AS SELECT id FROM orders; DROP VIEW seen; DROP FUNCTION IF EXISTS nothing();'),
    ('ALTER TABLE carriers SET UNLOGGED; ALTER TABLE carriers SET LOGGED;'),
    ('ALTER TABLE orders DROP CONSTRAINT orders_pkey; ALTER TABLE orders ADD PRIMARY KEY (id);'),
    ('CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parted DEFAULT; ALTER TABLE parted DETACH PARTITION part; DROP TABLE part, parted;'),
    ('ALTER TABLE carriers ADD COLUMN chance float DEFAULT random();'),
    ('ALTER TABLE parent ALTER note SET DEFAULT ''x''; ALTER TABLE parent ALTER note DROP DEFAULT;'),
    ('DROP INDEX IF EXISTS nothing; CREATE TABLE made AS SELECT 1 AS a; UPDATE made SET a = 2; DROP TABLE made;'),
    ('ALTER TABLE moods ALTER mood TYPE text USING mood::text; ALTER TABLE moods ALTER mood TYPE mood USING mood::mood;'),
    ('DROP FUNCTION emptied();'), ('DROP INDEX IF EXISTS nothing;'), ('ALTER TABLE parent DROP COLUMN made;'),
    ('ALTER TABLE parent ALTER seq DROP IDENTITY;'), ('EXPLAIN DELETE FROM carriers;'),
    ('CREATE OR REPLACE FUNCTION emptied() RETURNS void LANGUAGE sql AS ''DELETE FROM carriers WHERE id = 0''; SELECT emptied();')
  ) AS trials (sql), LATERAL try(sql);
SELECT count(*) FROM carriers;

-- approved, a block does what it does
SELECT action FROM migr_load($migr$
-- migr:revision trial
-- migr:revises one
-- migr:upgrade
DO $$BEGIN DELETE FROM carriers; END$$;
$migr$, replace => true);
SELECT migr_upgrade('trial');
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('trial', 'the block was read');
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT migr_upgrade('trial');
SELECT count(*) FROM carriers;

-- downgrades lose data, too
SELECT migr_stamp('one');
SELECT migr_downgrade('one-1');
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('one', 'never wanted', 'upgrade');
SELECT migr_approve('one', 'never wanted', 'downgrade');
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT migr_redo('one');
SELECT migr_reset('regress_migr_approval');
SELECT migr_downgrade('one-1');

-- revisions that change the same: what is to run before it is bound, too
SELECT action FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE line (a int, b int, c int);
-- migr:revision r2
-- migr:revises r1
-- migr:upgrade
ALTER TABLE line DROP COLUMN a;
-- migr:revision r3
-- migr:revises r2
-- migr:upgrade
ALTER TABLE line DROP COLUMN b;
-- migr:revision apart
-- migr:upgrade
CREATE TABLE IF NOT EXISTS line (other int);
$migr$);
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('r2', 'a is of no use'), migr_approve('r3', 'nor is b');
SELECT objects, before FROM migr.approval ORDER BY revision;
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT revision, approval FROM migr_pending('r3');
-- another script of one before
SELECT action FROM migr_load(E'-- migr:revision r1\n-- migr:upgrade\nCREATE TABLE line (a int, b text, c int);\n', replace => true);
SELECT migr_upgrade('r3');
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('r2', 'a is of no use'), migr_approve('r3', 'nor is b');
SET SESSION AUTHORIZATION regress_migr_writer;
-- stamped in place of a run
SELECT migr_stamp('r1');
SELECT migr_upgrade('r3');
SELECT migr_stamp('base');
-- one that was not to run before it
SELECT migr_upgrade('apart');
SELECT migr_upgrade('r3');
DROP TABLE line;
SELECT migr_stamp('base');
SELECT migr_upgrade('r3');

-- merges and squashes are scripts of their own
SELECT action FROM migr_load($migr$
-- migr:revision s1
-- migr:revises r3
-- migr:upgrade
ALTER TABLE line DROP COLUMN c;
-- migr:revision s2
-- migr:revises s1
-- migr:upgrade
ALTER TABLE line ADD COLUMN d int;
$migr$);
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('s1', 'nor is c');
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT action FROM migr_load($migr$
-- migr:revision s
-- migr:revises r3
-- migr:replaces s1:s2
-- migr:upgrade
ALTER TABLE line DROP COLUMN c, ADD COLUMN d int;
$migr$);
SELECT migr_upgrade('s');
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('s', 'both');
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT migr_upgrade('s');

-- repeatable scripts
SELECT migr_unload('two'), migr_unload('trial');
SELECT action FROM migr_load($migr$
-- migr:repeatable cleaned
-- migr:upgrade
DELETE FROM line;
$migr$);
SELECT migr_upgrade('heads');
SET SESSION AUTHORIZATION regress_migr_reviewer;
SELECT migr_approve('cleaned', 'it is to be empty');
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT migr_upgrade('heads');

-- all of it
RESET SESSION AUTHORIZATION;
ALTER DATABASE regress_migr_approval SET migr.require_approval = 'all';
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT action FROM migr_load($migr$
-- migr:revision u1
-- migr:revises s
-- migr:upgrade
CREATE TABLE harmless (id int);
$migr$);
SELECT migr_upgrade('u1');
SELECT approval FROM migr_pending('u1');
RESET SESSION AUTHORIZATION;
-- by whom a superuser is, too, if he has not loaded it
SELECT migr_approve('u1', 'harmless');
SET SESSION AUTHORIZATION regress_migr_writer;
SELECT migr_upgrade('u1');
RESET SESSION AUTHORIZATION;

-- what hinders a look at one hinders none at the others
SELECT count(*) FROM migr_load($migr$
-- migr:revision w1
-- migr:revises u1
-- migr:upgrade
CREATE TABLE w (id int);
-- migr:revision w2
-- migr:revises w1
-- migr:upgrade
SET search_path = 'nowhere';
SELEC 1;
-- migr:revision w3
-- migr:revises w2
-- migr:upgrade
DROP TABLE w;
$migr$);
SELECT revision, approval FROM migr_pending('w3');
SHOW search_path;
SELECT migr_unload(r) FROM unnest('{w3,w2,w1}'::text[]) r;

-- in a script nobody approves
SELECT action FROM migr_load(E'-- migr:revision v1\n-- migr:revises u1\n-- migr:upgrade\nSELECT migr_approve(''v1'', ''by itself'');\n');
ALTER DATABASE regress_migr_approval RESET migr.require_approval;
SELECT migr_upgrade('v1');

SELECT count(*) FROM migr.approval;
\c contrib_regression
DROP DATABASE regress_migr_approval;
DROP ROLE regress_migr_writer, regress_migr_reviewer;
