-- What is known of where the database stands: it is what would be found out, whoever
-- writes the tables of scripts and version, and however.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = error;
SET migr.record_fingerprints = off;
CREATE SCHEMA standing;

-- What the functions answer.
CREATE FUNCTION standing.answers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    status record;
    checked text := 'up to date';
    shown text;
BEGIN
    SELECT current_heads, script_heads, applied, pending, up_to_date, unknown INTO status FROM migr_status();
    BEGIN
        PERFORM migr_check();
    EXCEPTION WHEN OTHERS THEN
        DECLARE
            detail text;
            hint text;
        BEGIN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            checked := SQLERRM || ' ' || detail || ' ' || hint;
        END;
    END;
    BEGIN
        SELECT string_agg(p::text, E'\n') INTO shown FROM migr_pending('heads') p;
    EXCEPTION WHEN OTHERS THEN
        shown := SQLERRM;
    END;
    RETURN concat_ws(E'\n', status::text, checked, (SELECT string_agg(c::text, E'\n') FROM migr_current() c),
                     shown, (SELECT string_agg(h::text, E'\n') FROM migr_history() h));
END $$;

-- The same when nothing is believed that is known, as a trigger is off.
CREATE FUNCTION standing.found_out() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        ALTER TABLE migr.standing DISABLE TRIGGER guard;
        found := standing.answers();
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        RETURN found;
    END;
END $$;

-- Are both equal; and is it known, so that no script has to be read for it?
CREATE FUNCTION standing.read() RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce(pg_stat_get_xact_tuples_returned('migr.revision'::regclass), 0) +
           coalesce(pg_stat_get_xact_tuples_fetched('migr.revision'::regclass), 0)
$$;
CREATE FUNCTION standing.look() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    known text := standing.answers();
    found text := standing.found_out();
    before bigint := standing.read();
BEGIN
    IF known IS DISTINCT FROM found THEN
        RETURN format(E'DIFFERENT\n--- answered\n%s\n--- found out\n%s', known, found);
    END IF;
    PERFORM * FROM migr_current();
    RETURN CASE WHEN standing.read() = before THEN 'known ' ELSE 'found out ' END ||
           split_part(known, E'\n', 1) || E'\n' || split_part(known, E'\n', 2);
END $$;

\pset tuples_only on
\pset format unaligned
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();

--
-- migr's own commands
--
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
CREATE TABLE standing.a ();
-- migr:downgrade
DROP TABLE standing.a;
-- migr:revision b
-- migr:revises a
-- migr:upgrade
-- migr:downgrade
-- migr:revision c
-- migr:revises b
-- migr:upgrade
-- migr:downgrade
$migr$);
SELECT standing.look();
SELECT * FROM migr_upgrade('b');
SELECT standing.look();
SELECT * FROM migr_upgrade(dry_run => true);
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
-- one more, and it run
SELECT * FROM migr_load(E'-- migr:revision d\n-- migr:revises c\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
SELECT * FROM migr_upgrade();
-- all of them again; some again, and two more that need each other's names, the last first
SELECT * FROM migr_load((SELECT string_agg(script, E'\n') FROM migr.revision));
SELECT * FROM migr_load((SELECT string_agg(script, E'\n') FROM migr.revision) || E'\n' ||
    E'-- migr:revision f\n-- migr:revises e\n-- migr:depends b\n-- migr:upgrade\n-- migr:downgrade\n'
    '-- migr:revision e\n-- migr:revises d\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT standing.look();
SELECT revision, is_head FROM migr.revision ORDER BY revision;
-- a branch below what is current, and one on what is
SELECT * FROM migr_load(E'-- migr:revision g\n-- migr:revises b\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT * FROM migr_load(E'-- migr:revision h\n-- migr:revises d\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT * FROM migr_upgrade('heads');
SELECT standing.look();
SELECT revision, is_head, is_branch_point FROM migr_current();
SELECT migr_unload('nothing');
SELECT * FROM migr_downgrade('f@e');
SELECT * FROM migr_downgrade('d');
SELECT standing.look();
SELECT migr_unload('f');
SELECT migr_unload('e');
SELECT standing.look();
SELECT * FROM migr_stamp('h');
SELECT standing.look();
SELECT migr_merge('{g,h}', 'both', revision_id => 'm') IS NOT NULL;
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
-- what is new, and wrong, is told as ever
SELECT migr_load(E'-- migr:revision n\n-- migr:revises nowhere\n-- migr:upgrade\n');
SELECT migr_load(E'-- migr:revision n\n-- migr:revises o\n-- migr:upgrade\n-- migr:revision o\n-- migr:revises n\n-- migr:upgrade\n');
SELECT migr_load(E'-- migr:revision n\n-- migr:revises m\n-- migr:upgrade\n-- migr:revision n\n-- migr:revises a\n-- migr:upgrade\n');
SELECT migr_load(E'-- migr:revision n\n-- migr:revises m\n-- migr:depends n\n-- migr:upgrade\n');
SELECT migr_load(E'-- migr:revision b\n-- migr:revises a\n-- migr:upgrade\nSELECT 1;\n');
SELECT standing.look();

--
-- Other writers: what was known is so no more, until the next command that writes
--
UPDATE migr.revision SET message = 'by hand' WHERE revision = 'm';
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
DELETE FROM migr.version WHERE revision = 'm';
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
BEGIN;
COPY migr.version (revision, ordinal, stamped, applied_by) FROM stdin;
lost	99	t	me
\.
SELECT standing.look();
SELECT count(*) FROM migr_stamp('b');
SELECT standing.look();
ROLLBACK;
SELECT standing.look();
-- a statement that changes nothing is none
UPDATE migr.version SET stamped = false WHERE revision = 'nothing';
SELECT standing.look();
BEGIN;
TRUNCATE migr.version;
SELECT standing.look();
ROLLBACK;
SELECT standing.look();
-- what replication and restoring do
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM migr.version WHERE revision = 'm';
SELECT standing.look();
ROLLBACK;
SELECT standing.look();
-- triggers that were off for a while (as pg_restore --disable-triggers has it; it does not switch them on as they were)
BEGIN;
ALTER TABLE migr.version DISABLE TRIGGER ALL;
DELETE FROM migr.version WHERE revision = 'm';
SELECT standing.look();
ALTER TABLE migr.version ENABLE TRIGGER ALL;
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
ALTER TABLE migr.version ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.version ENABLE ALWAYS TRIGGER written;
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
-- ... and once more in the same transaction
ALTER TABLE migr.version DISABLE TRIGGER written;
DELETE FROM migr.version WHERE revision = 'm';
ALTER TABLE migr.version ENABLE ALWAYS TRIGGER written;
SELECT standing.look();
ROLLBACK;
SELECT standing.look();
-- one that somebody has dropped; rows that no trigger saw
BEGIN;
DROP TRIGGER written ON migr.revision;
SELECT standing.look();
ROLLBACK;
BEGIN;
ALTER TABLE migr.version ALTER stamped TYPE bool USING true, ALTER applied_by TYPE text USING 'someone';
SELECT standing.look();
ROLLBACK;
BEGIN;
CREATE TABLE standing.more () INHERITS (migr.version);
INSERT INTO standing.more (revision, ordinal, stamped, applied_by) VALUES ('lost', 99, true, 'me');
SELECT standing.look();
ROLLBACK;
SELECT standing.look();

-- within a transaction: each part of it has its own
BEGIN;
SELECT * FROM migr_downgrade('-1');
SELECT standing.look();
SAVEPOINT one;
DELETE FROM migr.version WHERE revision = 'g';
SELECT standing.look();
SAVEPOINT two;
SELECT count(*) FROM migr_upgrade('heads');
SELECT standing.look();
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('x', 50, true, 'me');
SELECT standing.look();
ROLLBACK TO two;
SELECT standing.look();
ROLLBACK TO one;
SELECT standing.look();
DELETE FROM migr.version WHERE revision = 'g';
SELECT standing.look();
COMMIT;
SELECT standing.look();
SELECT count(*) FROM migr_upgrade();
SELECT standing.look();
-- a function that asks while the statement that calls it is at work
CREATE FUNCTION standing.asks(text) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migr_stamp('m');
    RETURN standing.look() LIKE '%DIFFERENT%';
END $$;
BEGIN;
UPDATE migr.version SET stamped = standing.asks(revision) WHERE revision IN ('a', 'b');
SELECT standing.look();
ROLLBACK;

--
-- The rows themselves are nobody's to write
--
UPDATE migr.standing SET pending = 7;
DELETE FROM migr.generation;
TRUNCATE migr.generation;
INSERT INTO migr.generation VALUES ('1', 1);
CREATE ROLE regress_migr_standing;
SET ROLE regress_migr_standing;
SELECT count(*) FROM migr.standing;
SELECT migr_check(), (SELECT count(*) FROM migr_current()), (SELECT pending FROM migr_status());
RESET ROLE;
DROP ROLE regress_migr_standing;
-- where they are damaged all the same, it is found out
BEGIN;
ALTER TABLE migr.generation DISABLE TRIGGER guard;
DELETE FROM migr.generation;
ALTER TABLE migr.generation ENABLE ALWAYS TRIGGER guard;
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
ROLLBACK;

-- However often it is written, the row stays one, and its table a page
DO $$
BEGIN
    FOR i IN 1..300 LOOP
        PERFORM migr_stamp(CASE WHEN i % 2 = 0 THEN 'm' ELSE 'a' END);
        UPDATE migr.revision SET message = i::text WHERE revision = 'a';
    END LOOP;
END $$;
SELECT count(*) FROM migr.standing;
SELECT count(*) FROM migr.generation;

--
-- Labels, squashes, repeatable scripts, scripts that are gone
--
DROP EXTENSION migr;
CREATE EXTENSION migr;
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:labels left
-- migr:upgrade
-- migr:downgrade
-- migr:revision b
-- migr:revises a
-- migr:upgrade
-- migr:downgrade
-- migr:repeatable rep
-- migr:depends b
-- migr:upgrade
SELECT 1;
$migr$);
SELECT standing.look();
SELECT * FROM migr_upgrade('a');
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
SELECT * FROM migr_load(E'-- migr:revision c\n-- migr:revises b\n-- migr:labels right\n-- migr:upgrade\n-- migr:downgrade\n-- migr:repeatable rep\n-- migr:depends b\n-- migr:upgrade\nSELECT 1;\n');
SELECT standing.look();
SELECT * FROM migr_load(E'-- migr:repeatable rep\n-- migr:depends b\n-- migr:upgrade\nSELECT 2;\n');
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
UPDATE migr.repeatable SET applied_checksum = NULL;
SELECT standing.look();
SELECT * FROM migr_upgrade();
-- a name that a repeatable script has
SELECT migr_load(E'-- migr:revision rep\n-- migr:revises c\n-- migr:upgrade\n');
SELECT migr_load(E'-- migr:revision s\n-- migr:replaces a, b, c\n-- migr:labels left, right\n-- migr:upgrade\n-- migr:downgrade\n') IS NOT NULL;
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
SELECT * FROM migr_load(E'-- migr:revision t\n-- migr:revises c\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
DELETE FROM migr.revision WHERE revision = 't';
SELECT standing.look();
SELECT * FROM migr_upgrade();
SELECT standing.look();
SELECT * FROM migr_load(E'-- migr:revision t\n-- migr:revises c\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT standing.look();
-- dates are written so that they are read as what they were, whatever names time zones have
SET DateStyle = 'SQL';
SET TimeZone = 'Asia/Jakarta';
SELECT * FROM migr_downgrade('s');
SET TimeZone = 'Asia/Kolkata';
SELECT * FROM migr_upgrade();
SELECT standing.look();
SELECT c.applied_at = v.applied_at AS same FROM migr_current() c JOIN migr.version v USING (revision);
RESET TimeZone;
RESET DateStyle;
-- a store that is broken
BEGIN;
UPDATE migr.revision SET down_revision = '{nowhere}' WHERE revision = 't';
SELECT migr_check();
ROLLBACK;
SELECT standing.look();

DROP EXTENSION migr;
CREATE EXTENSION migr;
DROP SCHEMA standing CASCADE;
