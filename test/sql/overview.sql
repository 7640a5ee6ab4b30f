-- The revisions at a glance: migr_log() and migr_graph().
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET TIME ZONE 'UTC';
\pset format unaligned
\pset tuples_only on

-- Of nothing, there is nothing to see.
SELECT count(*) FROM migr_log();
SELECT migr_graph();
SELECT migr_graph('mermaid');
SELECT migr_graph('dot');

SELECT count(*) FROM migr_load($migr$
-- migr:revision 1f0c8ad3e5b7
-- migr:message create books
-- migr:labels trunk
-- migr:upgrade
-- migr:downgrade
-- migr:revision 6b92d4e01c8f
-- migr:revises 1f0c8ad3e5b7
-- migr:message books have a "price" [in €], 50% <off> & more; see #12 {`x`} \N "
-- migr:labels billing, b2
-- migr:upgrade
-- migr:downgrade
-- migr:revision 7d00a1b2c3d4
-- migr:revises 1f0c8ad3e5b7
-- migr:message 1. a message that goes on and on, much longer than any line of a terminal may ever be, and then some
-- migr:upgrade
-- migr:downgrade
-- migr:revision 8e11
-- migr:revises 6b92d4e01c8f, 7d00a1b2c3d4
-- migr:upgrade
-- migr:downgrade
-- migr:revision 9f22
-- migr:depends 7d00a1b2c3d4
-- migr:message 漢字のメッセージはとても長いので切らなければなりません、そうしないと行が長くなりすぎますからね、そうですよね
-- migr:upgrade
-- migr:downgrade
$migr$);

--
-- migr_log()
--

-- Nothing is applied: nobody has a time.
SELECT * FROM migr_log();

-- What was applied, when, by whom, and how long it took; a branch is in one
-- piece.  (By hand, so that it is the same each time.)
INSERT INTO migr.version (revision, ordinal, stamped, applied_at, applied_by, duration) VALUES
    ('1f0c8ad3e5b7', 1, true, '2026-11-20 13:36:59+00', 'alice', NULL),
    ('6b92d4e01c8f', 2, false, '2026-11-20 23:59:59+00', 'alice', '4.9961 s'),
    ('7d00a1b2c3d4', 3, false, '2026-11-21 00:00:00+00', 'a deploying role, with a name', '400 us');
SELECT * FROM migr_log();
-- In the session's time zone
SET TIME ZONE 'Asia/Tokyo';
SELECT * FROM migr_log(3);
SET TIME ZONE 'UTC';
-- It fits into 100 columns on a terminal, where these take two each.
SELECT max(length(regexp_replace(l, '[\u3000-\u9fff]', '##', 'g'))) FROM migr_log() l;

-- How long
CREATE FUNCTION took(duration interval) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE migr.version v SET duration = took.duration WHERE v.revision = '6b92d4e01c8f';
    RETURN (SELECT regexp_replace(l, '^.*alice *(.*?)  +books.*$', '\1') FROM migr_log() l WHERE l LIKE '%6b92%');
END $$;
SELECT d, took(d) FROM unnest('{0,499 us,999.4 ms,999.6 ms,1 s,59.94 s,59.96 s,60 s,59 min 59.4 s,59 min 59.6 s,26:03:59,3 days}'::interval[]) d;
UPDATE migr.version SET duration = NULL WHERE revision = '6b92d4e01c8f';
SELECT * FROM migr_log(4);

-- So many revisions; lines between them do not count.
SELECT * FROM migr_log("limit" => 1);
SELECT * FROM migr_log(2);
SELECT count(*) FROM migr_log(0);
-- ... not fewer than none (error)
SELECT * FROM migr_log(-1);
\echo :LAST_ERROR_SQLSTATE

-- What is applied and has no script comes first, and counts.
INSERT INTO migr.version (revision, ordinal, stamped, applied_at, applied_by, duration) VALUES
    ('gone', 9, false, '2026-11-22 08:00:00+00', 'bob', '2 s'),
    ('lost', 10, false, 'infinity', 'bob', '2 min 3 s');
SELECT * FROM migr_log();
SELECT * FROM migr_log(1);
SELECT count(*) FROM migr_log(3);
DELETE FROM migr.version WHERE ordinal > 8;

-- Whatever a role is called, and whatever is in a message: one line
UPDATE migr.version SET applied_by = E'line\nbreak' WHERE ordinal = 2;
UPDATE migr.revision SET message = E'a\tb\r\nc\x1b[31md\u2028e\u202Ef\u0085g' WHERE revision = '8e11';
SELECT * FROM migr_log();
SELECT count(*) FROM migr_log() WHERE migr_log ~ '[\x01-\x1f\x7f-\x9f\u2028\u202e]';

-- A row that is lost: the revision counts as applied, by nobody.
DELETE FROM migr.version WHERE revision = '1f0c8ad3e5b7';
SELECT * FROM migr_log();

-- Long ids leave something of the message, and long messages of the id.
SELECT count(*) FROM migr_load(format(E'-- migr:revision %s\n-- migr:revises 9f22\n-- migr:message %s\n-- migr:upgrade\n',
                                      repeat('long_', 20), repeat('x', 200)));
SELECT * FROM migr_log(2);
SELECT length(l) FROM migr_log(1) l;

--
-- migr_graph()
--

SELECT migr_graph();
SELECT migr_graph('text') = migr_graph();
SELECT migr_graph('mermaid');
SELECT migr_graph('dot');
-- Markdown would make a list, bold, or a link of these.
DELETE FROM migr.version;
DELETE FROM migr.revision;
SELECT count(*) FROM migr_load(E'-- migr:revision __a.b__\n-- migr:message - x. 1. *b* __c__ snake_case v1.2 [a](b) https://a.b-c ~d~\n-- migr:upgrade\n');
SELECT migr_graph('mermaid');
-- Others there are not (error)
SELECT migr_graph('svg');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_graph('Mermaid');
SELECT migr_graph('');
SELECT migr_graph(NULL);
\echo :LAST_ERROR_SQLSTATE

-- A store that is broken (error)
DELETE FROM migr.revision;
SELECT count(*) FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\n-- migr:revision b\n-- migr:revises a\n-- migr:upgrade\n');
DELETE FROM migr.revision WHERE revision = 'a';
SELECT * FROM migr_log();
\echo :LAST_ERROR_SQLSTATE
DELETE FROM migr.revision;

--
-- Anybody may look, and nothing is written.
--

SELECT count(*) FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\n');
CREATE ROLE regress_migr_reader;
SET ROLE regress_migr_reader;
BEGIN READ ONLY;
SELECT * FROM migr_log();
SELECT migr_graph();
COMMIT;
RESET ROLE;
DROP ROLE regress_migr_reader;

--
-- What a run leaves: how long each revision took, for good
--

SELECT count(*) FROM migr_load(E'-- migr:revision b\n-- migr:revises a\n-- migr:upgrade\nSELECT pg_sleep(0.05);\n-- migr:downgrade\nSELECT pg_sleep(0.05);\n');
SELECT count(*) FROM migr_upgrade();
SELECT count(*) FROM migr_downgrade('a');
SELECT count(*) FROM migr_stamp('b');
SELECT action, revisions, cardinality(durations), durations[cardinality(durations)] >= '50 ms',
       duration > durations[cardinality(durations)] AS less_than_all
  FROM migr.log ORDER BY id;
-- The hash of a row is over them too, however a session shows intervals.
SET intervalstyle = 'iso_8601';
SELECT status, detail FROM migr_verify('{log}') WHERE status = 'fail';
RESET intervalstyle;
ALTER TABLE migr.log DISABLE TRIGGER guard;
UPDATE migr.log SET durations[2] = '1 ms' WHERE action = 'upgrade';
SELECT status, detail FROM migr_verify('{log}') WHERE status = 'fail';

DROP FUNCTION took(interval);
DROP EXTENSION migr;
CREATE EXTENSION migr;
