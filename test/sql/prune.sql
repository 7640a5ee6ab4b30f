-- Loading what is the whole project: what it lacks is forgotten, unless it is
-- applied.
DROP EXTENSION migr;
CREATE EXTENSION migr;
CREATE SCHEMA prune;

\set a '-- migr:revision a1\n-- migr:upgrade\n-- migr:downgrade\n-- migr:revision a2\n-- migr:revises a1\n-- migr:upgrade\n-- migr:downgrade\n'
\set b '-- migr:revision b3\n-- migr:revises a2\n-- migr:upgrade\n-- migr:downgrade\n-- migr:revision b4\n-- migr:revises b3\n-- migr:labels late\n-- migr:upgrade\n-- migr:downgrade\n'
\set c '-- migr:revision c1\n-- migr:depends b3\n-- migr:upgrade\n-- migr:downgrade\n'
\set stored 'SELECT revision, is_head, is_head = NOT EXISTS (SELECT FROM migr.revision o WHERE r.revision = ANY (o.down_revision || o.depends_on)) AS right FROM migr.revision r ORDER BY revision;'

-- Nothing to forget.
SELECT * FROM migr_load(:'a' || :'b' || :'c', prune => true);
SELECT * FROM migr_load(:'a' || :'b' || :'c', prune => true);
-- Without prune, the rest stays.
SELECT * FROM migr_load(:'a');
:stored

-- What others stand on goes behind them; the head moves.
SELECT * FROM migr_load(:'a', prune => true);
:stored
-- Each has its row in the log, as from migr_unload().
SELECT action, target, tag, from_heads, to_heads, revisions, outcome FROM migr.log ORDER BY id;

-- With what is new, changed and unchanged.
SELECT count(*) FROM migr_load(:'b');
SELECT * FROM migr_load(replace(:'a', 'revises a1', E'revises a1\n-- migr:message edited') || E'-- migr:revision d1\n-- migr:revises a2\n',
                        prune => true);
:stored

-- What is applied stays, and is reported; what is pending above it goes.
SELECT count(*) FROM migr_load(:'a' || :'b' || :'c');
SET client_min_messages = warning;
SELECT * FROM migr_upgrade('b3');
RESET client_min_messages;
SELECT * FROM migr_load(:'a', prune => true);
SELECT revision FROM migr_pending('heads');
SELECT * FROM migr_load(:'a', prune => true);
:stored
-- So is a revision whose script is not even in the store.
INSERT INTO migr.version (revision, ordinal, stamped, applied_by) VALUES ('lost', 100, true, '-');
SELECT * FROM migr_load(:'a' || :'b', prune => true);
SELECT * FROM migr_load(:'a' || :'b' || '-- migr:revision lost', prune => true);
DELETE FROM migr.version WHERE revision = 'lost';

SELECT migr_unload('lost');

-- All or nothing: a script that stands on what would go (error)
SELECT * FROM migr_load(:'a' || :'b' || :'c');
SELECT * FROM migr_load(:'a' || E'-- migr:revision b4\n-- migr:revises b3\n-- migr:revision d2\n-- migr:revises d1\n', prune => true);
SELECT * FROM migr_load(:'a' || :'b' || E'-- migr:revision d2\n-- migr:nonsense\n', prune => true);
SELECT count(*) FROM migr_load(E'-- migr:revision e1\n-- migr:revision e2\n-- migr:revises e1\n');
SELECT * FROM migr_load(:'a' || :'b' || :'c' || E'-- migr:revision e2\n-- migr:revises e1\n', prune => true);
\echo :LAST_ERROR_SQLSTATE
-- ... an applied one that was edited (error)
SELECT * FROM migr_load(replace(:'a', 'revises a1', E'revises a1\n-- migr:message edited'), prune => true);
\echo :LAST_ERROR_SQLSTATE
SELECT revision FROM migr.revision ORDER BY revision;
-- A script that stays may come to stand on another.
SELECT * FROM migr_load(:'a' || :'b' || :'c' || E'-- migr:revision e2\n-- migr:revises b4\n', prune => true);

-- An input without a revision is no project (error)
SELECT * FROM migr_load('', prune => true);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- a comment\n', prune => true);
SELECT * FROM migr_load(:'a', prune => NULL);

-- It works while migr.protect is on, as migr_unload() does; with replace it does not.
BEGIN;
SET LOCAL migr.protect = on;
SELECT * FROM migr_load(:'a' || :'b', prune => true);
SELECT * FROM migr_load(:'a' || :'b', prune => true, replace => true);
ROLLBACK;
-- In a read-only transaction it does not.
BEGIN READ ONLY;
SELECT * FROM migr_load(:'a', prune => true);
ROLLBACK;
-- Nor in a script (error)
SELECT count(*) FROM migr_load(E'-- migr:revision f1\n-- migr:upgrade\nSELECT migr_load(\'-- migr:revision f2\', prune => true);\n');
SELECT * FROM migr_upgrade('f1');

--
-- Who may
--

-- To load is not to unload (error)
CREATE ROLE regress_migr_pruner;
GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean) TO regress_migr_pruner;
SET ROLE regress_migr_pruner;
SELECT * FROM migr_load(:'a' || :'b', prune => true);
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT EXECUTE ON FUNCTION migr_unload(text) TO regress_migr_pruner;
SET ROLE regress_migr_pruner;
SELECT * FROM migr_load(:'a' || :'b', prune => true);
RESET ROLE;
SELECT action, target, performed_by = session_user AS by_session, run_as FROM migr.log ORDER BY id DESC LIMIT 1;

-- A project of 3,000, of which a third goes.
SELECT count(*) FROM migr_load((SELECT string_agg(format(E'-- migr:revision n%s\n%s', to_char(i, 'FM0000'),
                                                         CASE WHEN i > 1 THEN format(E'-- migr:revises n%s\n', to_char(i - 1, 'FM0000')) END), '')
                                  FROM generate_series(1, 3000) i));
SELECT action, count(*), min(revision), max(revision)
  FROM migr_load(:'a' || :'b' || (SELECT string_agg(format(E'-- migr:revision n%s\n%s', to_char(i, 'FM0000'),
                                                           CASE WHEN i > 1 THEN format(E'-- migr:revises n%s\n', to_char(i - 1, 'FM0000')) END), '')
                                    FROM generate_series(1, 2000) i), prune => true)
 GROUP BY action ORDER BY action;
SELECT revision FROM migr_heads() ORDER BY revision;

SET client_min_messages = warning;
DROP SCHEMA prune CASCADE;
DROP EXTENSION migr;
DROP ROLE regress_migr_pruner;
CREATE EXTENSION migr;
