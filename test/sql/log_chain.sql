-- The chain of hashes over the log: what it shows, and what it outlives.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;

SELECT migr_load(E'-- migr:revision one\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n') \g /dev/null
SELECT migr_upgrade('one', tag => 'größer');
SELECT migr_downgrade('base');
SELECT migr_stamp('one');
-- by hand, too
INSERT INTO migr.log (action, tag, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as)
    VALUES ('stamp', 'by hand', '{}', '{}', '{}', now(), '0', 'me', 'me');
SELECT id, action, follows, length(hash) FROM migr.log ORDER BY id;
SELECT e.id, e.hash = l.hash AS same FROM migr.log_end e JOIN migr.log l USING (id);
SELECT * FROM migr_verify('{log}');

-- No setting changes a hash.
SET timezone = 'Asia/Tokyo';
SET datestyle = 'German';
SET intervalstyle = 'iso_8601';
SELECT * FROM migr_verify('{log}');
RESET timezone;
RESET datestyle;
RESET intervalstyle;

-- A dry run leaves no trace, nor does what is rolled back.
SELECT migr_downgrade('base', dry_run => true);
BEGIN;
SELECT migr_downgrade('base');
SELECT count(*) FROM migr.log_end;
SAVEPOINT s;
SELECT migr_upgrade('one');
ROLLBACK TO s;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
SELECT id FROM migr.log_end;
SELECT * FROM migr_verify('{log}');

-- A transaction that keeps its first snapshot follows nothing: others may have.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT migr_downgrade('base');
COMMIT;
SELECT count(*) FROM migr.log_end;
SELECT * FROM migr_verify('{log}');
SELECT migr_upgrade('one');
SELECT count(*) FROM migr.log_end;
SELECT * FROM migr_verify('{log}');

-- Nobody changes or removes the ends (error)
DELETE FROM migr.log_end;
UPDATE migr.log_end SET hash = '';
TRUNCATE migr.log_end;

-- Whoever switches the guard off and rewrites the log: it shows.
ALTER TABLE migr.log DISABLE TRIGGER guard;
ALTER TABLE migr.log DISABLE TRIGGER chain;
SELECT min(id) AS first, max(id) AS last FROM migr.log \gset
-- a row that was rewritten
BEGIN;
UPDATE migr.log SET performed_by = 'somebody else' WHERE id = 2;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
BEGIN;
UPDATE migr.log SET started_at = started_at - interval '1 microsecond' WHERE id = 3;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
BEGIN;
UPDATE migr.log SET tag = '' WHERE tag IS NULL AND id = :first;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
-- with another hash
BEGIN;
UPDATE migr.log SET hash = repeat('0', 64) WHERE id = 3;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
BEGIN;
UPDATE migr.log SET hash = repeat('0', 64) WHERE id = :last;
SELECT count(*) FROM migr_verify('{log}') WHERE status = 'fail';
ROLLBACK;
-- by DDL
BEGIN;
ALTER TABLE migr.log ALTER COLUMN run_as TYPE text USING 'forged';
SELECT count(*) > 1 AS all FROM migr_verify('{log}') WHERE status = 'fail';
ROLLBACK;
-- rows that are gone: in the middle, the first, the last, all
BEGIN;
DELETE FROM migr.log WHERE id = 3;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
BEGIN;
DELETE FROM migr.log WHERE id < 3;
SELECT * FROM migr_verify('{log}');
ROLLBACK;
BEGIN;
DELETE FROM migr.log WHERE id = :last;
SELECT count(*) FROM migr_verify('{log}') WHERE detail = 'it is gone';
ROLLBACK;
BEGIN;
TRUNCATE migr.log;
SELECT count(*) FROM migr_verify('{log}') WHERE detail = 'it is gone';
ROLLBACK;
-- rows that came otherwise
BEGIN;
INSERT INTO migr.log (id, action, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as, hash)
    OVERRIDING SYSTEM VALUE VALUES (100, 'load', '{}', '{}', '{}', now(), '0', 'me', 'me', repeat('0', 64)), (101, 'load', '{}', '{}', '{}', now(), '0', 'me', 'me', NULL);
SELECT * FROM migr_verify('{log}');
ROLLBACK;
-- A log from before there were hashes begins with rows that have none.
BEGIN;
INSERT INTO migr.log (id, action, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as)
    OVERRIDING SYSTEM VALUE VALUES (-1, 'load', '{}', '{}', '{}', now(), '0', 'me', 'me');
SELECT * FROM migr_verify('{log}');
ROLLBACK;
ALTER TABLE migr.log ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.log ENABLE ALWAYS TRIGGER chain;
SELECT * FROM migr_verify('{log}');

-- What migr.guard logs is chained as well, row by row.
SET migr.guard = log;
BEGIN;
CREATE TABLE chained_too (a int);
CREATE INDEX ON chained_too (a);
DROP TABLE chained_too;
COMMIT;
SET migr.guard = off;
SELECT count(*) FROM migr.log_end;
SELECT * FROM migr_verify('{log}');

SELECT migr_downgrade('base');
DROP EXTENSION migr;
CREATE EXTENSION migr;
