-- CR LF: how a file is kept, but for what is within quotes, which is kept.

\set VERBOSITY default
\set SHOW_CONTEXT errors
SET client_min_messages = warning;

CREATE DATABASE regress_line_ends TEMPLATE template0;
\c regress_line_ends
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.ends(text) RETURNS text LANGUAGE sql AS
    $$SELECT replace(replace($1, E'\r', '<CR>'), E'\n', E'<LF>\n')$$;

-- In DDL of a schema: strings, bodies, names; not what is outside of them.
SELECT pg_temp.ends(migr_diff(replace($$
CREATE TYPE "a
b" AS ENUM ('c
d');
-- comment
CREATE TABLE t (
    e text DEFAULT 'f
g',
    h text DEFAULT E'i\n
j'
);
COMMENT ON TABLE t IS $q$k
l$q$;
/* m
n */
CREATE FUNCTION o() RETURNS text LANGUAGE sql AS $q$
    SELECT 'p'
$q$;
$$, E'\n', E'\r\n')));

-- Text of either sort differs in that alone.
SELECT pg_temp.ends(migr_diff(
    current => E'CREATE TABLE t (\n a text DEFAULT ''b\nc'');\n',
    desired => E'CREATE TABLE t (\r\n a text DEFAULT ''b\r\nc'');\r\n'));
SELECT migr_diff(
    current => E'CREATE TABLE t (\n a text DEFAULT ''b\r\nc'');\n',
    desired => E'CREATE TABLE t (\r\n a text DEFAULT ''b\r\nc'');\r\n') IS NULL;

-- In a revision, whose text has them and whose checksum has not.
SELECT * FROM migr_load(E'-- migr:revision ends\r\n-- migr:upgrade\r\nCREATE TABLE t (\r\n a text DEFAULT ''b\r\nc'');\r\n'
                        'CREATE TABLE rows (a text, b int);\r\nCOPY rows FROM stdin;\r\nx''\t1\r\ny''\t2\r\n\\.\r\n'
                        '-- migr:downgrade\r\nDROP TABLE t, rows;\r\n');
SELECT pg_temp.ends(migr_script('ends'));
SELECT * FROM migr_load(E'-- migr:revision ends\n-- migr:upgrade\nCREATE TABLE t (\n a text DEFAULT ''b\nc'');\n'
                        'CREATE TABLE rows (a text, b int);\nCOPY rows FROM stdin;\nx''\t1\ny''\t2\n\\.\n'
                        '-- migr:downgrade\nDROP TABLE t, rows;\n');
SELECT * FROM migr_load(migr_script('ends'));
SELECT migr_upgrade();
INSERT INTO t DEFAULT VALUES;
SELECT pg_temp.ends(a) FROM t;
SELECT pg_temp.ends(a), length(a), b FROM rows ORDER BY b;
SELECT status FROM migr_test();

-- A directive that a quote encloses is none, whatever ends its line.
SELECT * FROM migr_load(E'-- migr:revision quoted\r\n-- migr:revises ends\r\n-- migr:upgrade\r\nSELECT ''\r\n-- migr:downgrade\r\n'';\r\n');
SELECT pg_temp.ends(migr_script('quoted'));
SELECT migr_unload('quoted');

-- Several returns before a line's end, read again as they are stored.
SELECT * FROM migr_load(E'-- migr:revision several\r\r\n-- migr:revises ends\r\r\n-- migr:upgrade\r\r\nSELECT 1\r\r\r\n;\r\r\n'
                        '-- migr:revision other\n-- migr:revises several\n-- migr:upgrade\nSELECT 1;\n');
SELECT pg_temp.ends(migr_script('several'));
SELECT action FROM migr_load(migr_script('several'));
SELECT migr_unload('other');
SELECT migr_unload('several');

-- What is written has them, so what was desired is there and nothing is left.
SELECT pg_temp.ends(regexp_replace(migr_revision('more', autogenerate => true, revision_id => 'more',
    desired => E'CREATE TABLE t (a text DEFAULT ''b\r\nc'');\r\nCREATE TABLE rows (a text, b int);\r\n'
               'CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\r\nSELECT ''x''::text\r\n$$;'),
    '-- migr:created .*?\n', ''));
SELECT migr_upgrade();
SELECT pg_temp.ends(prosrc) FROM pg_proc WHERE proname = 'f';
SELECT migr_diff(E'CREATE TABLE t (a text DEFAULT ''b\r\nc'');\r\nCREATE TABLE rows (a text, b int);\r\n'
                 'CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\r\nSELECT ''x''::text\r\n$$;') IS NULL;
SELECT check_name, object, status FROM migr_verify() WHERE status <> 'ok';

-- By hand, too.
SELECT pg_temp.ends(regexp_replace(migr_revision('by hand', E'SELECT 1;\r\nSELECT ''a\r\nb'';\r\n\r\n', '', revision_id => 'hand'),
    '-- migr:created .*?\n', ''));

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_line_ends;
