-- Scripts into the store and out of it.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE SCHEMA loaded;

--
-- Added, unchanged, updated
--

\set one '-- migr:revision one\n-- migr:upgrade\nCREATE TABLE loaded.one (a int);\n-- migr:downgrade\nDROP TABLE loaded.one;\n'
\set two '-- migr:revision two\n-- migr:revises one\n-- migr:message the second\n-- migr:upgrade\n-- migr:downgrade\n'

SELECT * FROM migr_load(:'one');
-- The same again changes nothing; rows come in the order of the input.
SELECT * FROM migr_load(:'two' || :'one');
SELECT * FROM migr_load(:'one' || :'two');
-- What is not applied can be edited at will.
SELECT * FROM migr_load(replace(:'two', 'the second', 'the second, edited'));
SELECT message FROM migr.revision WHERE revision = 'two';
SELECT * FROM migr_load(:'two');
-- The log has a row for each load that changed something.
SELECT action, target, revisions, from_heads, to_heads, outcome FROM migr.log ORDER BY id;
-- A text without a script is accepted, with a notice.
SELECT * FROM migr_load('');
SELECT * FROM migr_load(E'\n-- a comment alone\n/* and another */\n');

-- Who loaded, and when, stands there.
SELECT revision, loaded_by = session_user AS by_me,
       loaded_at BETWEEN now() - interval '1 hour' AND clock_timestamp() AS just_now
  FROM migr.revision ORDER BY revision;

--
-- All or nothing
--

-- The second script has a fault: the first is not loaded either (error)
SELECT * FROM migr_load(E'-- migr:revision good\n-- migr:upgrade\n-- migr:revision bad\n-- migr:nonsense');
-- A missing parent: the rest is not loaded (error)
SELECT * FROM migr_load(E'-- migr:revision good\n-- migr:revision bad\n-- migr:revises nowhere');
SELECT revision FROM migr.revision ORDER BY revision;

--
-- The graph
--

-- A script may name revisions that come later in the same input.
SELECT * FROM migr_load($migr$
-- migr:revision late
-- migr:revises early
-- migr:depends earliest
-- migr:revision early
-- migr:revises earliest
-- migr:revision earliest
$migr$);
SELECT revision, is_head FROM migr_heads() ORDER BY revision;

-- A parent that there is not (error)
SELECT * FROM migr_load(E'-- migr:revision child\n-- migr:revises orphan');
\echo :LAST_ERROR_SQLSTATE
-- ... a part of an id is no parent (error)
SELECT * FROM migr_load(E'-- migr:revision child\n-- migr:revises earlies');
-- A dependency that there is not (error)
SELECT * FROM migr_load(E'-- migr:revision child\n-- migr:revises early\n-- migr:depends orphan, one');
\echo :LAST_ERROR_SQLSTATE

-- The same id twice in one input (error)
SELECT * FROM migr_load(:'one' || :'one');
SELECT * FROM migr_load(E'-- migr:revision twice\n-- migr:revision once\n-- migr:revision twice\n-- migr:revises once');
\echo :LAST_ERROR_SQLSTATE

-- A label that another revision has (error)
SELECT * FROM migr_load(E'-- migr:revision l1\n-- migr:labels billing, sales');
SELECT * FROM migr_load(E'-- migr:revision l2\n-- migr:labels sales');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision l2\n-- migr:labels x\n-- migr:revision l3\n-- migr:labels y x');
-- A label that is the id of a revision, and an id that is a label (error)
SELECT * FROM migr_load(E'-- migr:revision l2\n-- migr:labels one');
SELECT * FROM migr_load('-- migr:revision billing');
SELECT * FROM migr_load(E'-- migr:revision l2\n-- migr:labels l2');
\echo :LAST_ERROR_SQLSTATE

-- A dependency may be named by a label, a parent may not (error)
SELECT * FROM migr_load(E'-- migr:revision l2\n-- migr:depends billing');
SELECT * FROM migr_load(E'-- migr:revision l3\n-- migr:revises billing');

-- A revision that revises itself (error)
SELECT * FROM migr_load(E'-- migr:revision self\n-- migr:revises self');
\echo :LAST_ERROR_SQLSTATE
-- ... that depends on itself (error)
SELECT * FROM migr_load(E'-- migr:revision self\n-- migr:depends self');
-- A cycle, which is shown (error)
SELECT * FROM migr_load($migr$
-- migr:revision c1
-- migr:revises c3
-- migr:revision c2
-- migr:revises c1
-- migr:revision c3
-- migr:revises c2
-- migr:revision c4
-- migr:revises c3
$migr$);
\echo :LAST_ERROR_SQLSTATE
-- ... by a dependency (error)
SELECT * FROM migr_load($migr$
-- migr:revision d1
-- migr:depends d2
-- migr:revision d2
-- migr:revises d1
$migr$);
-- ... of which one half is stored already (error)
SELECT * FROM migr_load(E'-- migr:revision earliest\n-- migr:revises late');
-- ... a long one is not shown in full (error)
SELECT * FROM migr_load((SELECT string_agg(format(E'-- migr:revision n%s\n-- migr:revises n%s\n',
                                                  to_char(i, 'FM00'), to_char((i + 1) % 30, 'FM00')), '' ORDER BY i)
                           FROM generate_series(0, 29) i));
-- Nothing of that is stored.
SELECT revision, down_revision FROM migr.revision ORDER BY revision;

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- Applied scripts
--

SELECT * FROM migr_load(:'one' || :'two');
SELECT * FROM migr_upgrade('one');
-- Unchanged is unchanged.
SELECT * FROM migr_load(:'one' || :'two');
-- White space at line ends is no edit.
SELECT * FROM migr_load(replace(:'one', E'\n', E'  \r\n'));

-- An applied script that was edited (error)
\set edited '-- migr:revision one\n-- migr:message edited\n-- migr:upgrade\nCREATE TABLE loaded.one (a int);\n-- migr:downgrade\nDROP TABLE loaded.one;\n'
SELECT * FROM migr_load(:'edited');
\echo :LAST_ERROR_SQLSTATE
-- ... keeps everything else out, too (error)
SELECT * FROM migr_load(E'-- migr:revision three\n-- migr:revises two\n' || :'edited');
SELECT revision, message FROM migr.revision ORDER BY revision;

-- replace => true lets it in,
SELECT * FROM migr_load(:'edited', replace => true);
SELECT message FROM migr.revision WHERE revision = 'one';
-- and the text that was applied may always come back.
SELECT * FROM migr_load(:'one');
-- The edited one may not (error)
SELECT * FROM migr_load(:'edited');
-- Once it is downgraded, it may.
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_load(:'edited');
SELECT * FROM migr_upgrade('two');
-- Now that is what was applied, and the first text an edit (error)
SELECT * FROM migr_load(:'one');

-- Scripts that are not applied may go below and above ones that are.
SELECT * FROM migr_load(E'-- migr:revision side\n-- migr:revises one\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT * FROM migr_upgrade('heads');

-- A stamped revision counts as applied (error)
SELECT * FROM migr_load(E'-- migr:revision stamped\n-- migr:upgrade\n');
SELECT * FROM migr_stamp('stamped');
SELECT * FROM migr_load(E'-- migr:revision stamped\n-- migr:upgrade\nSELECT 1;');

--
-- migr_unload()
--

SELECT * FROM migr_load(E'-- migr:revision top\n-- migr:revises two\n-- migr:revision above\n-- migr:revises top\n'
                        '-- migr:revision needs\n-- migr:depends top\n');
-- Applied (error)
SELECT migr_unload('one');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_unload('stamped');
-- Revised or depended on by another (error)
SELECT migr_unload('top');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_unload('above');
SELECT migr_unload('top');
-- There is none (error)
SELECT migr_unload('above');
\echo :LAST_ERROR_SQLSTATE
-- From the head downwards it works, and what is below becomes a head again.
SELECT migr_unload('needs');
SELECT revision FROM migr_heads() ORDER BY revision;
SELECT migr_unload('top');
SELECT revision FROM migr_heads() ORDER BY revision;
SELECT count(*) FROM migr.revision WHERE revision IN ('top', 'above', 'needs');
SELECT action, target, revisions FROM migr.log WHERE action = 'unload' ORDER BY id;
-- A prefix is enough.
SELECT * FROM migr_load('-- migr:revision abcdef012345');
SELECT migr_unload('abcd');

-- An edit that hangs a revision somewhere else moves the heads.
SELECT * FROM migr_load(E'-- migr:revision x1\n-- migr:revision x2\n-- migr:revises x1\n-- migr:revision x3\n-- migr:revises x2\n');
SELECT revision FROM migr_heads() WHERE revision ~ '^x' ORDER BY revision;
SELECT * FROM migr_load(E'-- migr:revision x3\n-- migr:revises x1\n');
SELECT revision FROM migr_heads() WHERE revision ~ '^x' ORDER BY revision;

-- The marks of heads in the store agree with the graph.
SELECT r.revision, r.is_head,
       NOT EXISTS (SELECT FROM migr.revision o
                    WHERE r.revision = ANY (o.down_revision || o.depends_on)) AS expected
  FROM migr.revision r ORDER BY r.revision;

SET client_min_messages = warning;
DROP SCHEMA loaded CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
