-- Scripts that were written for another tool: what migr says of their habits.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE DATABASE regress_habits;
\c regress_habits
SET client_min_messages = warning;
SET migr.scratch_database = 'create';
CREATE EXTENSION migr;

-- Variables (errors)
SELECT count(*) FROM migr_load($m$
-- migr:revision braces
-- migr:upgrade
CREATE TABLE ${schema}.t (i int);
$m$);
SELECT migr_upgrade('braces');
SELECT count(*) FROM migr_load($m$
-- migr:revision psql
-- migr:upgrade
GRANT SELECT ON t TO :reader;
$m$);
SELECT migr_upgrade('psql');
SELECT migr_diff('CREATE TABLE {{ schema }}.t (i int)');
SELECT migr_diff('CREATE TABLE t (i int DEFAULT :''one'')');
-- What is only wrong is not taken for one.
SELECT migr_diff('CREATE TABLE t (i int DEFAULT $)');
SELECT migr_diff('CREATE TABLE t (i int : 3)');
SELECT migr_unload('braces'), migr_unload('psql');

-- The isolation level is that of the run.
SELECT count(*) FROM migr_load($m$
-- migr:revision isolated
-- migr:upgrade
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
CREATE TABLE isolated AS SELECT 1 AS i;
-- migr:downgrade
SET transaction_isolation = 'repeatable read';
SET TRANSACTION READ WRITE;
DROP TABLE isolated;
$m$);
SELECT problem, detail FROM migr_validate();
SELECT migr_upgrade();
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT migr_upgrade();
COMMIT;
SELECT * FROM migr_test();
SELECT check_name, status FROM migr_verify('{drift,built}');
SELECT count(*) > 0 FROM migr_scratch_drop();
\c contrib_regression
DROP DATABASE regress_habits;
