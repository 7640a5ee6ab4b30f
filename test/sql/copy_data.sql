-- COPY data in scripts: what is around it keeps its lines and its directives, and
-- what is in it arrives as it is, from small data to more than is stored as it is.

\set VERBOSITY default
\set SHOW_CONTEXT always
SET client_min_messages = error;
CREATE DATABASE regress_copy_data TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_copy_data
SET client_min_messages = error;
CREATE EXTENSION migr;
SET client_min_messages = warning;
SET migr.show_summary = off;
\pset format unaligned
\pset tuples_only on

-- Several in one section, of each form of data, with directives and comments between.
SELECT * FROM migr_load($migr$
-- migr:revision forms
-- migr:upgrade
CREATE TABLE t (a text, b text);
COPY t FROM stdin; -- of text
a\\.b	\\.
\\.	-- migr:upgrade
\N	;';$x$
\.
-- A comment; with 'a quote
COPY t (b, a) FROM stdin WITH (FORMAT csv, HEADER);
b,a
"one
two","three ""four"""
" -- migr:downgrade","\\."
\.

COPY t FROM stdin;
\.
-- migr:allow drop-table
DROP TABLE IF EXISTS nothing;
COPY t (a) FROM stdin (ENCODING 'LATIN1');
ü€
\.
-- migr:expect 6
UPDATE t SET b = coalesce(b, 'none');
-- migr:downgrade
DROP TABLE t;
$migr$);
SELECT migr_upgrade();
SELECT replace(a, E'\n', '<LF>'), replace(b, E'\n', '<LF>') FROM t ORDER BY a COLLATE "C", b COLLATE "C";
SELECT position(E'€\n\\.\n-- migr:expect 6\n' IN migr_script('forms')) > 0;
-- The same by psql.
SELECT substring(migr_sql('base:forms') FROM E'(CREATE TABLE.*\n\\\\\\.)\n');
SELECT migr_downgrade('base');
SELECT migr_unload('forms');

-- Errors behind data say the line of the script, and within it that of the data.
CREATE FUNCTION pg_temp.try(sql text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    at text;
    message text;
BEGIN
    PERFORM migr_load(E'-- migr:revision bad\n-- migr:upgrade\nCREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n2\n\\.\n' || sql);
    PERFORM migr_upgrade('bad');
    RETURN NEXT 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS at = PG_EXCEPTION_CONTEXT, message = MESSAGE_TEXT;
    RETURN NEXT message;
    RETURN QUERY SELECT line FROM regexp_split_to_table(at, '\n') line WHERE line ~ '^(COPY|revision)';
END $$;
SELECT pg_temp.try(E'SELECT 1 / 0;\n');
SELECT pg_temp.try(E'\nSELECT 1,\n  nonsense;\n');
SELECT pg_temp.try(E'SELECT (;\n');
SELECT pg_temp.try(E'COPY t FROM stdin;\n3\nfour\n\\.\n');
SELECT pg_temp.try(E'COPY t FROM stdin;\n3\n\\.\nCOPY t FROM stdin;\n5\n\\.\nCOMMIT;\n');
SELECT pg_temp.try(E'COPY t FROM stdin;\n3\n\\.\n-- migr:expect 2\nUPDATE t SET a = 1;\n');
SELECT pg_temp.try(E'COPY t FROM stdin;\n3\n');
SELECT pg_temp.try(E'COPY t FROM stdin;\n-- migr:upgrade\n\\.\n');
SELECT pg_temp.try(E'COPY t FROM stdin (FORMAT binary);\nPGCOPY\n\\.\n');
SELECT pg_temp.try(E'\\restrict k\nCOPY t FROM stdin;\n3\n\\.\n\\unrestrict k\nSELECT 2 / 0;\n');

-- Line ends: those of the file are not in the data.
SELECT migr_load(replace(E'-- migr:revision ends\n-- migr:upgrade\nCREATE TABLE t (a text);\nCOPY t FROM stdin;\nx\ny \n\\.\n-- migr:downgrade\nDROP TABLE t;', E'\n', E'\r\n'));
SELECT migr_upgrade();
SELECT quote_literal(a) FROM t ORDER BY a;
SELECT migr_downgrade('base');
SELECT migr_unload('ends');

-- A client of another encoding: the data is in that of the database, as the script is.
SET client_encoding = 'LATIN1';
SELECT migr_load(E'-- migr:revision latin\n-- migr:upgrade\nCREATE TABLE t (a text);\nCOPY t FROM stdin;\né\n\\.\n-- migr:downgrade\nDROP TABLE t;\n');
SELECT migr_upgrade();
RESET client_encoding;
SELECT a, char_length(a), octet_length(a) FROM t;
SELECT migr_downgrade('base');
SELECT migr_unload('latin');

-- The checksum is that of the text without white space at the ends of lines.
CREATE FUNCTION pg_temp.checksum(script text) RETURNS text LANGUAGE sql AS $$
    SELECT encode(sha256(convert_to(regexp_replace(regexp_replace(script, E'[ \\t\\r\\n\\f\\v]+$', ''),
        E'[ \\t\\r\\f\\v]+(?=\\n)', '', 'g'), 'UTF8')), 'hex') $$;
CREATE TABLE texts (n int, script text);
INSERT INTO texts VALUES
    (1, E'-- migr:revision s1\n-- migr:upgrade\nSELECT 1;'),
    (2, E'-- migr:revision s2\n-- migr:revises s1  \n\t\n-- migr:upgrade \t\n\n  SELECT 1; \x0b\f\t\n \n\n'),
    (3, E'-- migr:revision s3\n-- migr:revises s2\n-- migr:upgrade\nCREATE TABLE s3 (a text);\nCOPY s3 FROM stdin;\na \n \n\t\n\\.\n \n');
SELECT migr_load(script) FROM texts ORDER BY n;
SELECT n, checksum = pg_temp.checksum(texts.script) FROM texts JOIN migr.revision ON revision = 's' || n ORDER BY n;
SELECT * FROM migr_load((SELECT string_agg(script || E'\n \n', '' ORDER BY n) FROM texts));
SELECT revision, quote_literal(right(script, 3)), checksum = pg_temp.checksum(script) FROM migr.revision ORDER BY 1;
SELECT migr_unload('s3'), migr_unload('s2'), migr_unload('s1');

-- Much of it, more than is stored without being compressed, and what can't be.
CREATE TABLE large (name text, script text);
INSERT INTO large
    SELECT 'rows', E'-- migr:revision rows\n-- migr:upgrade\nCREATE TABLE t (a int, b text);\nCOPY t FROM stdin;\n'
        || string_agg(i || E'\tä row ' || i || E'\n', '' ORDER BY i) || E'\\.\n-- migr:downgrade\nDROP TABLE t;\n'
      FROM generate_series(1, 100000) i;
INSERT INTO large
    SELECT 'noise', E'-- migr:revision noise\n-- migr:revises rows\n-- migr:upgrade\nCOPY t FROM stdin;\n'
        || string_agg(i || E'\t' || encode(sha256(i::text::bytea), 'base64') || encode(sha256((i || 'b')::bytea), 'hex') || E'\n', '' ORDER BY i)
        || E'\\.\n-- migr:downgrade\nDELETE FROM t WHERE a > 100000;\n'
      FROM generate_series(100001, 120000) i;
SELECT name, octet_length(script) > 1024 * 1024 FROM large ORDER BY name;
SELECT migr_load(string_agg(script, '' ORDER BY name DESC)) FROM large;
SELECT name, migr_script(name) = script FROM large ORDER BY name;
SELECT migr_upgrade();
SELECT count(*), sum(a), min(b), max(length(b)) FROM t;
SELECT migr_load(script) FROM large WHERE name = 'noise';
SELECT migr_load(replace(script, E'\\.\n-- migr:d', E'0\tmore\n\\.\n-- migr:d'), replace => true) FROM large WHERE name = 'noise';
SELECT right(migr_script('noise'), 80);
SELECT migr_downgrade('base');

\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_copy_data;
