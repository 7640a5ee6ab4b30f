-- Errors that users can reach and no other test does, found by looking at what had not run.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE DATABASE regress_reached TEMPLATE template0;
\c regress_reached
SET client_min_messages = warning;
CREATE EXTENSION migr;

-- Numbers and times out of range (error)
SELECT migr_log(-1);
CALL migr_deploy(attempts => 0);
CALL migr_deploy(lock_timeout => '-1s');
CALL migr_deploy(lock_timeout => '1 month');
CALL migr_deploy(lock_timeout => '30 days');

-- What stands before a statement does not stand within a body (error)
SELECT migr_load($$-- migr:revision within
-- migr:upgrade
CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM t WHERE false;
-- migr:allow lock-table
UPDATE t SET a = a);
$$);

-- COPY is no way around row-level security (error)
CREATE ROLE regress_migr_reached;
GRANT EXECUTE ON FUNCTION migr_load, migr_upgrade TO regress_migr_reached;
CREATE TABLE secured (owner name);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secured USING (owner = current_user);
GRANT SELECT, INSERT ON secured TO regress_migr_reached;
SET SESSION AUTHORIZATION regress_migr_reached;
SELECT revision FROM migr_load(E'-- migr:revision copied\n-- migr:upgrade\nCOPY secured FROM stdin;\nsomebody\n\\.\n');
SELECT migr_upgrade();
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM secured;
\c contrib_regression
DROP DATABASE regress_reached;
DROP ROLE regress_migr_reached;
