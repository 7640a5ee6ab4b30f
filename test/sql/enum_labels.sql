-- What one transaction keeps apart less than several: new labels of enum types, and temporary tables.
\pset null '(null)'
SET client_min_messages = warning;
SELECT current_setting('server_version_num')::int >= 170000 AS since_17 \gset

-- The SQLSTATE of a command, which is taken back, or "ran".
CREATE FUNCTION public.try(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
	RETURN 'ran';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

-- From nothing: made, given labels, and used by revisions behind it, in the same run.
SELECT count(*) FROM migr_load($m$
-- migr:revision a1
-- migr:upgrade
CREATE TYPE state AS ENUM ('open');
CREATE TABLE ticket (s state);
CREATE INDEX ON ticket (s);
-- migr:downgrade
DROP TABLE ticket;
DROP TYPE state;
-- migr:revision a2
-- migr:revises a1
-- migr:upgrade
ALTER TYPE state ADD VALUE 'closed';
ALTER TYPE state ADD VALUE 'asked' BEFORE 'closed';
-- migr:downgrade
-- migr:revision a3
-- migr:revises a2
-- migr:upgrade
CREATE INDEX closed ON ticket (s) WHERE s = 'closed';
INSERT INTO ticket VALUES ('closed'), ('open'), ('asked');
-- migr:downgrade
DROP INDEX closed;
DELETE FROM ticket;
-- migr:verify
SELECT count(*) = 2 FROM ticket WHERE s >= 'asked';
$m$);
SELECT * FROM migr_upgrade(dry_run => true);
SELECT * FROM migr_upgrade();
SELECT s FROM ticket ORDER BY s;

-- The type is older than the run: a commit is needed, and the hint says where.
SELECT count(*) FROM migr_downgrade('a1');
SET client_min_messages = error;
DROP TABLE ticket;
DROP TYPE state;
CREATE TYPE state AS ENUM ('open');
CREATE TABLE ticket (s state);
CREATE INDEX ON ticket (s);
INSERT INTO ticket VALUES ('open');
SELECT * FROM migr_upgrade();

-- So it is where the old type has got a new row in the catalog; and a run that is taken back leaves its index as it was.
SELECT count(*) FROM migr_load($m$
-- migr:revision a4
-- migr:revises a1
-- migr:labels old
-- migr:upgrade
ALTER TYPE state RENAME TO condition;
ALTER TYPE condition OWNER TO CURRENT_USER;
ALTER TYPE condition SET SCHEMA public;
ALTER TYPE condition ADD VALUE 'lost' BEFORE 'open';
INSERT INTO ticket VALUES ('lost');
SELECT 1 / 0;
-- migr:downgrade
$m$);
SELECT try($$SELECT migr_upgrade('a4')$$);
SET enable_seqscan = off;
INSERT INTO ticket VALUES ('open');
SELECT count(*) FROM ticket WHERE s = 'open';
SELECT count(*) FROM ticket WHERE s > 'open';
RESET enable_seqscan;
SELECT migr_unload('a4');

-- Made, renamed and given away in one run; by blocks with subtransactions, kept or taken back.
SELECT count(*) FROM migr_downgrade('base');
SELECT count(*) FROM migr_load($m$
-- migr:revision b1
-- migr:labels blocks
-- migr:upgrade
DO $$
BEGIN
	CREATE TYPE mood AS ENUM ();
EXCEPTION WHEN duplicate_object THEN
	NULL;
END $$;
DO $$
BEGIN
	ALTER TYPE mood RENAME TO temper;
	RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN
	NULL;
END $$;
-- migr:downgrade
DROP TYPE humour;
-- migr:revision b2
-- migr:revises b1
-- migr:upgrade
DO $$
BEGIN
	BEGIN
		ALTER TYPE mood ADD VALUE 'sad';
		RAISE division_by_zero;
	EXCEPTION WHEN division_by_zero THEN
		NULL;
	END;
	BEGIN
		ALTER TYPE mood ADD VALUE 'glad';
	EXCEPTION WHEN duplicate_object THEN
		NULL;
	END;
END $$;
ALTER TYPE mood RENAME TO humour;
ALTER TYPE humour RENAME VALUE 'glad' TO 'happy';
CREATE TABLE person (h humour DEFAULT 'happy');
INSERT INTO person DEFAULT VALUES;
-- migr:downgrade
DROP TABLE person;
ALTER TYPE humour RENAME TO mood;
CREATE TYPE humour AS ENUM ();
DROP TYPE mood;
$m$);
SELECT * FROM migr_upgrade('blocks@head');
SELECT h FROM person;
SELECT count(*) FROM migr_downgrade('blocks@base');

-- In the caller's transaction: with the type under the same savepoint, before it, or behind one that was released.
SELECT migr_unload(id) FROM unnest(ARRAY['b2', 'b1']) id;
BEGIN;
SAVEPOINT whole;
SELECT * FROM migr_upgrade();
ROLLBACK TO whole;
SELECT * FROM migr_upgrade('a1');
SAVEPOINT part;
SELECT CASE WHEN :'since_17' THEN '55P04' ELSE try('SELECT migr_upgrade()') END;
ROLLBACK TO part;
RELEASE part;
INSERT INTO ticket VALUES ('open');
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM ticket WHERE s = 'open';
SAVEPOINT later;
SELECT * FROM migr_upgrade('a2');
RELEASE later;
SELECT * FROM migr_upgrade('a3');
COMMIT;
SELECT s FROM ticket ORDER BY s;
SELECT count(*) FROM migr_downgrade('base');

-- A label that a savepoint has taken back is none, whatever has been let through.
BEGIN;
SELECT * FROM migr_upgrade('a1');
SAVEPOINT part;
SELECT * FROM migr_upgrade('a2');
ROLLBACK TO part;
SELECT try($$INSERT INTO ticket VALUES ('closed')$$);
RELEASE part;
SELECT * FROM migr_upgrade('a2');
SELECT * FROM migr_upgrade('a3');
ROLLBACK;

-- Temporary tables end with their revision, as at a commit; those of the session don't.
SELECT migr_unload(id) FROM unnest(ARRAY['a3', 'a2', 'a1']) id;
SELECT count(*) FROM migr_load($m$
-- migr:revision t1
-- migr:upgrade
CREATE TABLE price (i int);
CREATE TEMP TABLE stage (i int) ON COMMIT DROP;
CREATE TEMP VIEW staged AS SELECT i FROM stage;
CREATE TEMP TABLE rows (i int PRIMARY KEY) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE kept AS SELECT 7 AS i;
INSERT INTO stage VALUES (1);
INSERT INTO rows VALUES (1);
INSERT INTO price SELECT i FROM staged;
-- migr:downgrade
DROP TABLE price;
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
CREATE TEMP TABLE stage ON COMMIT DROP AS SELECT i FROM kept;
INSERT INTO rows VALUES (1);
INSERT INTO price SELECT i + 1 FROM price;
INSERT INTO price SELECT i FROM stage;
-- migr:downgrade
DELETE FROM price;
DROP TABLE kept;
DROP TABLE rows;
-- migr:revision t3
-- migr:revises t2
-- migr:upgrade
DO $$ BEGIN CREATE TEMP TABLE stage (i int) ON COMMIT DROP; END $$;
INSERT INTO price SELECT count(*) + 100 FROM rows;
-- migr:downgrade
DELETE FROM price;
$m$);
BEGIN;
CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT 1 AS i;
CREATE TEMP TABLE emptied (i int) ON COMMIT DELETE ROWS;
INSERT INTO emptied VALUES (1);
SELECT * FROM migr_upgrade();
SELECT i FROM price ORDER BY i;
SELECT count(*) FROM mine, emptied;
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY 1;
COMMIT;
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY 1;
SELECT count(*) FROM emptied;
SELECT count(*) FROM migr_downgrade('base');
DROP TABLE emptied;

-- A dry run leaves nothing of it.
SELECT * FROM migr_upgrade(dry_run => true);
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY 1;
DROP FUNCTION public.try(text);
