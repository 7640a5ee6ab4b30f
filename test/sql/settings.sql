-- The settings, each with its default, and what they do.  How long a run waits
-- (migr.lock_timeout) takes two sessions and is not tested here.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE SCHEMA settings;

SELECT name, setting, unit, vartype, context
  FROM pg_settings
 WHERE name IN ('migr.guard', 'migr.lock_timeout', 'migr.max_script_size', 'migr.protect',
                'migr.record_fingerprints',
                'migr.script_location', 'migr.verify_after_upgrade')
 ORDER BY name COLLATE "C";

-- A value that is none (error)
\set VERBOSITY sqlstate
SET migr.max_script_size = '0';
SET migr.max_script_size = 'huge';
SET migr.verify_after_upgrade = 'perhaps';
SET migr.lock_timeout = '-1';
SET migr.guard = 'on';
SET migr.protect = 'error';
\set VERBOSITY default

--
-- migr.max_script_size
--

SET migr.max_script_size = '1kB';
-- 1024 bytes are accepted (the text ends with a newline, which counts).
SELECT revision, action
  FROM migr_load(rpad(E'-- migr:revision big\n-- migr:upgrade\n-- ', 1021, 'x') || E'\n;');
SELECT length(migr_script('big'));
-- One more is not (error)
SELECT migr_load(rpad(E'-- migr:revision big\n-- migr:upgrade\n-- ', 1022, 'x') || E'\n;');
\echo :LAST_ERROR_SQLSTATE
-- It holds for each script, not for the input as a whole.
SELECT revision, action
  FROM migr_load((SELECT string_agg(rpad(format(E'-- migr:revision big%s\n-- migr:upgrade\n-- ', i), 1000, 'x') || E'\n;', E'\n')
                    FROM generate_series(1, 3) i));
-- One that is too large keeps the others out (error)
SELECT migr_load(E'-- migr:revision small\n' ||
                 rpad(E'-- migr:revision large\n-- migr:upgrade\n-- ', 2000, 'x') || E'\n;');
SELECT count(*) FROM migr.revision WHERE revision IN ('small', 'large');
RESET migr.max_script_size;
DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- migr.record_fingerprints
--

SELECT action FROM migr_load(E'-- migr:revision marked\n-- migr:upgrade\nCREATE TABLE settings.marked (a int);\n-- migr:downgrade\nDROP TABLE settings.marked;\n');
SELECT migr_upgrade('marked');
SELECT fingerprint = (SELECT fingerprint FROM migr.recorded) AS recorded FROM migr.version WHERE revision = 'marked';
SELECT migr_downgrade('marked-1');
SET migr.record_fingerprints = off;
SELECT migr_upgrade('marked');
SELECT fingerprint, server_major FROM migr.version WHERE revision = 'marked';
RESET migr.record_fingerprints;
SELECT migr_downgrade('marked-1');
SELECT migr_unload('marked');

--
-- migr.verify_after_upgrade
--

SELECT * FROM migr_load($migr$
-- migr:revision verified
-- migr:upgrade
CREATE TABLE settings.verified (a int);
-- migr:downgrade
DROP TABLE settings.verified;
-- migr:verify
SELECT false AS fits;
$migr$);
-- On: the verify section runs (error)
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
-- Off: it does not.
SET migr.verify_after_upgrade = off;
SELECT * FROM migr_upgrade();
SELECT * FROM migr_downgrade('base');
-- ... and is not even parsed.
SELECT * FROM migr_load($migr$
-- migr:revision unparsed
-- migr:upgrade
-- migr:downgrade
-- migr:verify
SELECT FROM WHERE;
$migr$);
SELECT * FROM migr_upgrade('unparsed');
SELECT * FROM migr_downgrade('base');
RESET migr.verify_after_upgrade;

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- migr.script_location and migr_load_directory()
--

\set versions `pwd` '/examples/journal/versions'
SELECT * FROM migr_load_directory(:'versions');
SELECT * FROM migr_load_directory(:'versions');
SELECT revision FROM migr_history();
SELECT count(*) FROM migr.log;

-- A directory that there is not (error)
\set VERBOSITY sqlstate
SELECT migr_load_directory('/nowhere/at/all');
-- A path by way of a parent directory (error)
SELECT migr_load_directory('../versions');
SELECT migr_load_directory(:'versions' || '/../versions');
SELECT migr_load_directory(:'versions' || '/..');
-- No path (error)
SELECT migr_load_directory('');
SELECT migr_load_directory(',');
-- A file instead of a directory (error)
SELECT migr_load_directory(:'versions' || '/004_audit.sql');
\set VERBOSITY default

DROP EXTENSION migr;
CREATE EXTENSION migr;

-- When it is set, what only looks sees the files, and stores nothing.
SET migr.script_location = :'versions';
SELECT revision FROM migr_pending();
SELECT revision FROM migr_pending('+2');
SELECT current_heads, script_heads, applied, pending, up_to_date FROM migr_status();
-- Revisions that only the files have are pending (error)
SELECT migr_check();
SELECT count(*) FROM migr.revision;
-- It is the default of migr_load_directory().
SELECT count(*) FROM migr_load_directory();
-- An upgrade loads first, even where it finds nothing to run.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SELECT * FROM migr_upgrade('base');
SELECT revision FROM migr.revision ORDER BY revision;
-- Several directories may be listed; the same script in two of them is one too
-- many (error)
SET migr.script_location = :'versions', :'versions';
SELECT migr_pending();
\echo :LAST_ERROR_SQLSTATE
RESET migr.script_location;

SET client_min_messages = warning;
DROP SCHEMA settings CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
