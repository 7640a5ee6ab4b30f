-- Verify sections: what passes, what fails, and that nothing of them stays.
DROP EXTENSION migr;
CREATE EXTENSION migr;

CREATE SCHEMA verify;

-- Each of these is a base, so that each can be tried alone.
CREATE FUNCTION pg_temp.add(id text, verify text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT action FROM migr_load(format(E'-- migr:revision %s\n'
        '-- migr:upgrade\n'
        'CREATE TABLE verify.%1$s (a int);\n'
        '-- migr:downgrade\n'
        'DROP TABLE verify.%1$s;\n'
        '-- migr:verify\n%s\n', id, verify));
$$;

--
-- What passes
--

\t on
-- true; NULL of any type; no row; no column; other types; other text
SELECT pg_temp.add('pass_true', 'SELECT true, true;');
SELECT pg_temp.add('pass_null', 'SELECT NULL::boolean, NULL::text;');
SELECT pg_temp.add('pass_no_row', 'SELECT false WHERE false;');
SELECT pg_temp.add('pass_no_column', 'SELECT FROM verify.pass_no_column;');
SELECT pg_temp.add('pass_types', 'SELECT 0, 0.0, ARRAY[false], ROW(false), ''[false]''::json, ''x''::"char";');
SELECT pg_temp.add('pass_text', 'SELECT ''ok 1 - fine'', ''not'', ''NOT OK'', ''is not ok'', '''', ''false'', ''# not ok'';');
-- nothing at all; comments alone
SELECT pg_temp.add('pass_empty', '');
SELECT pg_temp.add('pass_comment', '-- nothing');
-- statements that return nothing
SELECT pg_temp.add('pass_do', 'DO $d$ BEGIN NULL; END $d$;');
\t off
SELECT count(*) FROM migr_upgrade('heads');

-- What a section does is rolled back: rows, tables, settings; its statements
-- see each other's work.
\t on
SELECT pg_temp.add('rolled_back', $$
INSERT INTO verify.rolled_back VALUES (1);
CREATE TABLE verify.made_by_verify (a int);
COPY verify.made_by_verify FROM stdin;
1
2
\.
SET search_path = verify;
SET LOCAL work_mem = '123kB';
SELECT count(*) = 2 FROM made_by_verify;
SELECT (SELECT a FROM rolled_back) = 1, current_setting('work_mem') = '123kB';
DROP TABLE rolled_back;
$$);
\t off
SELECT * FROM migr_upgrade('rolled_back');
SELECT count(*) FROM verify.rolled_back;
SELECT to_regclass('verify.made_by_verify') IS NULL AS gone,
       current_setting('search_path') <> 'verify' AS path_kept,
       current_setting('work_mem') <> '123kB' AS setting_kept;

-- It runs behind each upgrade, before the next revision; never at a downgrade.
SELECT * FROM migr_load($migr$
-- migr:revision one_row
-- migr:upgrade
CREATE TABLE verify.rows (a int);
INSERT INTO verify.rows VALUES (1);
-- migr:downgrade
DROP TABLE verify.rows;
-- migr:verify
SELECT count(*) = 1 FROM verify.rows;
-- migr:revision two_rows
-- migr:revises one_row
-- migr:upgrade
INSERT INTO verify.rows VALUES (2);
-- migr:downgrade
-- migr:verify
SELECT count(*) = 2 FROM verify.rows;
$migr$);
SELECT * FROM migr_upgrade('two_rows');
SELECT * FROM migr_downgrade('one_row');
SELECT count(*) FROM verify.rows;

-- It runs with the settings that the upgrade section has made.
SELECT * FROM migr_load($migr$
-- migr:revision path
-- migr:upgrade
SET search_path = verify;
CREATE TABLE here (a int);
-- migr:downgrade
DROP TABLE verify.here;
-- migr:verify
SELECT count(*) = 0 FROM here;
$migr$);
SELECT * FROM migr_upgrade('path');

SELECT count(*) FROM migr_downgrade('base');
DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- What fails
--

\t on
SELECT pg_temp.add('fail_false', 'SELECT false AS has_rows;');
SELECT pg_temp.add('fail_second_column', 'SELECT 1, true, 2 > 3 AS more;');
SELECT pg_temp.add('fail_second_row', 'SELECT a = 1 AS is_one FROM generate_series(1, 3) a;');
SELECT pg_temp.add('fail_second_statement', E'SELECT true;\n\nSELECT\n  false AS second;\nSELECT 1 / 0;');
SELECT pg_temp.add('fail_text', 'SELECT ''not ok 3 - has a key'';');
SELECT pg_temp.add('fail_text_line', 'SELECT E''ok 1\n# a comment\nnot ok 2 - the second\nok 3'';');
SELECT pg_temp.add('fail_varchar', 'SELECT ''not ok''::varchar(10);');
SELECT pg_temp.add('fail_char', 'SELECT ''not ok''::char(10);');
SELECT pg_temp.add('fail_set', 'SELECT * FROM unnest(ARRAY[''ok 1'', ''not ok 2'']) t;');
SELECT pg_temp.add('fail_values', 'VALUES (true), (false);');
SELECT pg_temp.add('fail_cte', 'WITH w AS (SELECT 1 AS a) SELECT a = 2 AS two FROM w;');
SELECT pg_temp.add('fail_returning', 'INSERT INTO verify.fail_returning VALUES (1) RETURNING a > 1 AS big;');
SELECT pg_temp.add('fail_execute', E'PREPARE migr_verify AS SELECT false AS prepared;\nEXECUTE migr_verify;');
SELECT pg_temp.add('fail_error', 'SELECT 1 / 0;');
SELECT pg_temp.add('fail_raise', 'DO $d$ BEGIN RAISE EXCEPTION ''no rows'' USING ERRCODE = ''ZZ001'', DETAIL = ''None at all.'', HINT = ''Add one.''; END $d$;');
SELECT pg_temp.add('fail_missing', E'SELECT *\n  FROM verify.nonsense;');
\t off
CREATE DOMAIN verify.flag AS boolean;
CREATE DOMAIN verify.note AS text;
\t on
SELECT pg_temp.add('fail_domain', 'SELECT false::verify.flag;');
SELECT pg_temp.add('fail_text_domain', 'SELECT ''not ok''::verify.note;');
\t off

-- A boolean false, in any column, row or statement (error)
SELECT migr_upgrade('fail_false');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('fail_second_column');
SELECT migr_upgrade('fail_second_row');
SELECT migr_upgrade('fail_second_statement');
-- A text with a line that begins with "not ok" (error)
SELECT migr_upgrade('fail_text');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('fail_text_line');
SELECT migr_upgrade('fail_varchar');
SELECT migr_upgrade('fail_char');
SELECT migr_upgrade('fail_set');
-- From whatever returns rows (error)
SELECT migr_upgrade('fail_values');
SELECT migr_upgrade('fail_cte');
SELECT migr_upgrade('fail_returning');
SELECT migr_upgrade('fail_execute');
-- Of a domain (error)
SELECT migr_upgrade('fail_domain');
SELECT migr_upgrade('fail_text_domain');
-- An error, which stands in DETAIL with its SQLSTATE (error)
SELECT migr_upgrade('fail_error');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('fail_raise');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('fail_missing');
\echo :LAST_ERROR_SQLSTATE
-- Nothing of these is applied.
SELECT count(*) FROM migr.version;
SELECT count(*) FROM pg_class WHERE relnamespace = 'verify'::regnamespace;

-- A deferred constraint that is violated by the upgrade section fails before
-- the verify section, as that (error)
SELECT * FROM migr_load($migr$
-- migr:revision deferred
-- migr:upgrade
CREATE TABLE verify.deferred (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO verify.deferred VALUES (1), (1);
-- migr:verify
SELECT false;
$migr$);
SELECT migr_upgrade('deferred');
\echo :LAST_ERROR_SQLSTATE

-- What is wrong with the session or the server is no failed verification (error)
\t on
SELECT pg_temp.add('cancelled', 'SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60);');
SELECT pg_temp.add('timed_out', 'SELECT pg_sleep(60);');
SELECT pg_temp.add('lock', 'DO $d$ BEGIN RAISE lock_not_available; END $d$;');
SELECT pg_temp.add('serialization', 'DO $d$ BEGIN RAISE serialization_failure; END $d$;');
\t off
\set VERBOSITY sqlstate
SELECT migr_upgrade('cancelled');
SET statement_timeout = '2s';
SELECT migr_upgrade('timed_out');
RESET statement_timeout;
SELECT migr_upgrade('lock');
SELECT migr_upgrade('serialization');
-- Transaction control in it is found when it is loaded (error)
SELECT pg_temp.add('control', 'SAVEPOINT s;');
\set VERBOSITY default
SELECT count(*) FROM migr.version;

--
-- migr.verify_after_upgrade
--

-- Switched off, what would fail is applied.
SET migr.verify_after_upgrade = off;
SELECT * FROM migr_upgrade('fail_false');
SELECT * FROM migr_downgrade('base');
RESET migr.verify_after_upgrade;
-- ... and switched on again it is not (error)
SELECT migr_upgrade('fail_false');
-- A script can't switch off its own verification, as all is read before (error)
SELECT * FROM migr_load($migr$
-- migr:revision sly
-- migr:upgrade
SET migr.verify_after_upgrade = off;
-- migr:verify
SELECT false AS sly;
$migr$);
SELECT migr_upgrade('sly');

SET client_min_messages = warning;
DROP SCHEMA verify CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;
