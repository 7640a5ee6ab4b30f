-- Lines that look like a directive and are none; what pg_dump writes for psql;
-- line ends; where in a script a fault is.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;
SET migr.scratch_database = 'create';

-- What loading says: the message from the place on, detail and hint.
CREATE FUNCTION pg_temp.load(script text, OUT message text, OUT detail text, OUT hint text)
    LANGUAGE plpgsql AS $$
BEGIN
    SELECT string_agg(revision || ' ' || action, ', ') INTO message FROM migr_load(script);
    DELETE FROM migr.revision;
EXCEPTION WHEN SQLSTATE 'MG006' THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                            hint = PG_EXCEPTION_HINT;
END;
$$;
-- The same of one line in an upgrade section.
CREATE FUNCTION pg_temp.line(line text, OUT message text, OUT hint text)
    LANGUAGE sql AS $$
    SELECT message, hint
      FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\n' || line || E'\nSELECT 1;\n')
$$;

--
-- Nearly a directive
--

-- Blanks, letters, the sign, the word (errors)
SELECT split_part(message, ': ', 2) || ':' || split_part(message, ': ', 3) AS message, hint
  FROM (VALUES ('--migr:revision b'), (' -- migr:revision b'), (E'\t-- migr:revision b'),
               ('--  migr:revision b'), (E'--\tmigr:revision b'), ('-- Migr:revision b'),
               ('-- MIGR:REVISION b'), ('-- migr :revision b'), (E'-- migr\t:\trevision b'),
               ('-- migr.revision b'), ('-- migr;revision b'), ('-- migr=revision b'),
               ('-- migr revision b'), ('--- migr:revision b'), ('--migr revises b, c'),
               ('--migr: downgrade'), ('--migr:downgrade   '), ('-- migr downgrade'),
               ('-- mgir:downgrade'), ('-- mgr:downgrade'), ('-- migrate:downgrade'),
               ('-- migr transaction off'), ('--migr:created 2026-11-20 13:36:00+00')) v (line),
       pg_temp.line(line);
-- A no-break space, in a database whose encoding has one.
SELECT getdatabaseencoding() = 'UTF8' AS is_utf8 \gset
\if :is_utf8
SELECT message IS NOT NULL AND hint LIKE 'Write "-- migr:downgrade"%' AS told
  FROM pg_temp.line(U&'--\00A0migr:downgrade');
\else
SELECT true AS told;
\endif
-- A word that is no directive, where the colon leaves no doubt (errors)
SELECT * FROM pg_temp.line('--migr:nonsense');
SELECT * FROM pg_temp.line('  -- migr: nonsense');
SELECT * FROM pg_temp.line('--MIGR:');
-- A long line is cut (error)
SELECT message FROM pg_temp.line('--migr:message ' || repeat('long ', 100));
-- Behind SQL, as when a file ends without a newline (error)
SELECT * FROM pg_temp.line('SELECT 1;-- migr:revision b');
SELECT * FROM pg_temp.line('/* */ -- migr:downgrade');
-- Within a statement (error)
SELECT * FROM pg_temp.line(E'SELECT 1\n  -- migr:downgrade\n;');
-- Before the first revision, and in its header (errors)
SELECT * FROM pg_temp.load(E'--migr:revision a\n-- migr:upgrade\n');
SELECT * FROM pg_temp.load(E'-- a file\n-- migr revision a\n');
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr message add a table of users\n-- migr:upgrade\n');

-- Sentences, and remarks of migr's own.
SELECT line, message
  FROM (VALUES ('-- migrate the data'), ('-- migr is nice'), ('-- migr'), ('-- migr.'),
               ('-- see migr:revision'), ('-- migrations: none'), ('-- make:upgrade x'),
               ('-- migr upgrade scripts are here'), ('-- migr depends on nothing'),
               ('-- migr.revision is a table'), ('-- migr.version'), ('-- migr_upgrade() runs this'),
               ('-- migr message catalogue of the shop'), ('-- migration: upgrade later'),
               ('-- migr: loses data: table a'), ('    -- migr: loses data: table a'),
               ('SELECT 1; -- migr: a remark'), ('SELECT 1 -- migr')) v (line),
       pg_temp.line(line);
-- Where no directive would be one, nothing is one.
SELECT message FROM pg_temp.line($$SELECT '
--migr:downgrade
', "
 -- migr:downgrade
", $q$
-- MIGR:downgrade
$q$ /*
-- migr downgrade
--migr:downgrade /*
 -- migr:downgrade */
*/ FROM t;
COPY t FROM stdin;
--migr:downgrade
 -- migr:downgrade
-- Migr:downgrade
\.$$);

-- In plain SQL (errors)
SELECT migr_diff(E'CREATE TABLE a (i int);\n--migr:downgrade\nDROP TABLE a;');
SELECT migr_diff(E'CREATE TABLE a (i int);\n -- migr:downgrade\nDROP TABLE a;');
-- ... where a sentence is none
SELECT migr_diff(E'-- migr is nice\nCREATE TABLE a (i int); -- migr: a remark', '') IS NOT NULL AS built;

--
-- What pg_dump writes for psql
--

-- It is passed over, wherever a statement may begin.
CREATE SCHEMA dumped;
SELECT * FROM migr_load($migr$
\restrict zYx0
-- migr:revision dump
-- migr:upgrade
\restrict aBc1
SET statement_timeout = 0;
CREATE TABLE dumped.a (t text);
COPY dumped.a (t) FROM stdin;
one
\\restrict data
\.
\unrestrict aBc1
\restrict dEf2
INSERT INTO dumped.a VALUES ('
\restrict string
');
\unrestrict dEf2

-- migr:revision next
-- migr:revises dump
-- migr:upgrade
SELECT pg_catalog.broken();
$migr$);
SELECT * FROM migr_upgrade('dump');
SELECT * FROM dumped.a;
-- The script is as it was loaded, and its lines count; each script has its own.
SELECT migr_script('dump');
SELECT migr_script('next');
SELECT r.checksum = encode(sha256(convert_to(rtrim(substr(r.script, strpos(r.script, '-- migr:revision')), E'\n'), 'UTF8')), 'hex') AS of_its_text
  FROM migr.revision r ORDER BY revision;
SELECT * FROM migr_upgrade('next');
SELECT text LIKE E'%INSERT INTO dumped.a VALUES (\'\n\\\\restrict string%' AS whole,
       text LIKE '%aBc1%' AS restricted
  FROM migr_sql('base:dump') text;
SELECT migr_diff(E'\\restrict aBc1\nCREATE TABLE a (i int);\n\\unrestrict aBc1\n', '') = migr_diff('CREATE TABLE a (i int);', '') AS same;
-- Within a statement, and other commands (errors)
SELECT message FROM pg_temp.line(E'SELECT 1\n\\restrict abc');
SELECT message FROM pg_temp.line(E'\\restrictabc');
SELECT message FROM pg_temp.line(E'\\unrestricted x');
-- One that nothing ends: what came behind it is not there (errors)
SELECT message, hint FROM pg_temp.line(E'\\restrict abc\nSELECT 1;');
SELECT message FROM pg_temp.line(E'\\restrict abc\nSELECT 1;\n\\unrestrict abcd\n');
SELECT message FROM pg_temp.line(E'\\restrict abc\n\\restrict d\nSELECT 1;\n\\unrestrict d\n');
DROP SCHEMA dumped CASCADE;
DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- Line ends
--

-- A carriage return alone ends no line, and no line is lost by that (errors)
SELECT * FROM pg_temp.load(E'-- migr:revision a\r-- migr:upgrade\rSELECT 1;\r');
SELECT * FROM pg_temp.load(E'-- a file\r-- migr:revision a\r-- migr:upgrade\rSELECT 1;\r');
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\r\nSELECT 1;\r-- migr:downgrade\rSELECT 2;\n');
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\rSELECT 1;\n');
-- Data may hold one; CRLF, LF and a doubled return may be mixed.
SELECT message FROM pg_temp.load(E'-- migr:revision a\r\n-- migr:upgrade\r\r\nSELECT ''a\rb'';\n-- migr:downgrade\r\r\n');

--
-- Where it is
--

-- The revision, and the line in it; the line of the text, if that is another.
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\nBEGIN;\n');
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\nSELECT 1;\n\n-- about b\n-- migr:revision b\n-- migr:upgrade\n\nCOMMIT;\n');
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\n\n\n-- migr:revision b\n-- migr:nonsense\n');
SELECT * FROM pg_temp.load(E'-- migr:revision a\n-- migr:upgrade\nSELECT 1;\n-- migr:revision b-c\n');
