-- migr_schema_files(), and desired schemas in several files; that what is written
-- is what was there, in files of the server too: test/t/022_schema_files.pl
\set SHOW_CONTEXT errors
SET client_min_messages = warning;
CREATE DATABASE regress_files TEMPLATE template0;
\c regress_files
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
CREATE TABLE customer (id serial PRIMARY KEY, name text);
CREATE TABLE "Order" (id int PRIMARY KEY, customer int REFERENCES customer);
ALTER TABLE customer ADD last_order int REFERENCES "Order";
CREATE VIEW latest AS SELECT count(*) AS latest FROM customer;
CREATE SCHEMA "a.b";
CREATE FUNCTION "a.b"."F(x)/y"(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
COMMENT ON VIEW latest IS 'of each customer';
SELECT ddl FROM migr_schema_files() ORDER BY path;

-- The same every time, and nothing of it differs.
SELECT count(*), count(DISTINCT path) FROM (
	SELECT * FROM migr_schema_files() UNION ALL SELECT * FROM migr_schema_files()) f;
SELECT count(*) FROM (SELECT * FROM migr_schema_files() UNION SELECT * FROM migr_schema_files()) f;
SELECT migr_diff(string_agg(ddl, E'\n' ORDER BY path DESC)) FROM migr_schema_files();

-- What is left out of the schema is not in files.
SET migr.exclude = 'a.b, public.latest';
SELECT path FROM migr_schema_files() ORDER BY path;
RESET migr.exclude;

-- Everybody may look, and in a read-only transaction.
CREATE ROLE regress_files;
SET ROLE regress_files;
BEGIN READ ONLY;
SELECT count(*) FROM migr_schema_files();
ROLLBACK;
RESET ROLE;
DROP ROLE regress_files;

-- Several files in one text, in an order that they ask for: an overloaded function
-- is the one that was meant.
\set files '-- migr:file v.sql\n-- migr:after f.sql\n-- migr:after gone.sql\nCREATE VIEW v AS SELECT f(1);\n-- migr:file f.sql\nCREATE FUNCTION f(numeric) RETURNS int LANGUAGE sql AS $$SELECT 1$$;\nCREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$SELECT 2$$;\n'
SELECT migr_diff(:'files', current => '');

-- Without the line, the view would be tried until there is any function.
SELECT migr_diff($$
-- migr:file g.sql
CREATE FUNCTION f(numeric) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:file v.sql
CREATE VIEW v AS SELECT f(1);
-- migr:file w.sql
-- migr:after v.sql
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2';
$$, current => '') ~ 'numeric\)';

-- Those that come after each other are tried in turn; what comes after all, last.
SELECT migr_diff($$
CREATE TABLE before (i int);
-- migr:file z.sql
-- migr:after *
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
-- migr:file a.sql
-- migr:after b.sql
CREATE TABLE a (i int PRIMARY KEY);
ALTER TABLE a ADD FOREIGN KEY (i) REFERENCES b;
-- migr:file b.sql
-- migr:after a.sql
CREATE TABLE b (i int PRIMARY KEY);
ALTER TABLE b ADD FOREIGN KEY (i) REFERENCES a;
-- migr:file c.sql
CREATE TABLE c AS SELECT * FROM d;
-- migr:file d.sql
CREATE TABLE d (i int);
$$, current => '');

-- What is wrong: the file, and the line in it.
SELECT migr_diff(E'-- migr:file a.sql\nCREATE TABLE a (i int);\n-- migr:file b.sql\n-- migr:after a.sql\n\nCREATE TABLE b (i nosuch);');
SELECT migr_diff(E'-- migr:file a.sql\nCREATE VIEW a AS SELECT * FROM b;\n-- migr:file b.sql\n-- migr:after a.sql\nCREATE TABLE b (i int);');
SELECT migr_diff(E'-- migr:file a.sql\n-- migr:before b.sql\nCREATE TABLE a (i int);');
SELECT migr_diff(E'-- migr:file\nCREATE TABLE a (i int);');
SELECT migr_diff(E'-- migr:after \nCREATE TABLE a (i int);');
-- In a quote it is no line of its own.
SELECT migr_diff(E'CREATE TABLE a (i int); COMMENT ON TABLE a IS \'\n-- migr:file b.sql\n\';', current => '');

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = warning;
DROP DATABASE regress_files;
