-- A materialized view is filled before it is given to an owner who may not read
-- what it reads.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE regress_engine_owner;
CREATE ROLE regress_engine_reader;
CREATE DATABASE regress_engine TEMPLATE template0;
CREATE DATABASE regress_engine_again TEMPLATE template0;
\c regress_engine
SET client_min_messages = warning;
CREATE EXTENSION migr;
SET migr.compare_owners = on;
CREATE TABLE secret (id int);
CREATE MATERIALIZED VIEW shown AS SELECT id FROM secret;
CREATE MATERIALIZED VIEW of_it AS SELECT count(*) AS n FROM shown;
GRANT SELECT ON shown TO regress_engine_reader;
ALTER MATERIALIZED VIEW shown OWNER TO regress_engine_owner;
GRANT CREATE ON SCHEMA public TO regress_engine_owner;
\pset tuples_only on
\pset format unaligned
SELECT migr_schema() AS text \gset
SELECT line FROM regexp_split_to_table(:'text', '\n') line WHERE line ~ 'shown';
\c regress_engine_again
SET client_min_messages = warning;
CREATE EXTENSION migr;
SET migr.compare_owners = on;
:text
SELECT migr_schema() = :'text' AS same;
\c postgres
DROP DATABASE regress_engine;
DROP DATABASE regress_engine_again;
DROP ROLE regress_engine_owner, regress_engine_reader;
