-- What has to wait for the rollout of the application: migr_deploy(phase => 'before').
DROP EXTENSION migr;
CREATE EXTENSION migr;
\set VERBOSITY terse
SET client_min_messages = notice;
SET migr.show_summary = off;
SELECT * FROM migr_load($$
-- migr:revision wide
-- migr:upgrade
CREATE TABLE phase_customer (id int PRIMARY KEY, name text, full_name text);
-- migr:downgrade
DROP TABLE phase_customer;
-- migr:revision narrow
-- migr:revises wide
-- migr:phase after
-- migr:upgrade
ALTER TABLE phase_customer DROP COLUMN name;
-- migr:downgrade
ALTER TABLE phase_customer ADD COLUMN name text;
-- migr:revision upon
-- migr:revises narrow
-- migr:phase before
-- migr:upgrade
CREATE INDEX phase_full_name ON phase_customer (full_name);
-- migr:downgrade
DROP INDEX phase_full_name;
-- migr:revision beside
-- migr:revises wide
-- migr:upgrade
CREATE TABLE phase_beside (i int);
-- migr:downgrade
DROP TABLE phase_beside;
-- migr:revision leans
-- migr:revises beside
-- migr:depends narrow
-- migr:upgrade
CREATE TABLE phase_leans (i int);
-- migr:downgrade
DROP TABLE phase_leans;
-- migr:repeatable phase_names
-- migr:depends narrow
-- migr:upgrade
CREATE VIEW phase_names AS SELECT full_name FROM phase_customer;
$$);

-- Only what is marked waits, and what stands on it or depends on it.
CALL migr_deploy('heads', phase => 'before');
SELECT revision FROM migr.version ORDER BY ordinal;
SELECT column_name FROM information_schema.columns WHERE table_name = 'phase_customer' ORDER BY 1;

-- Again: all that is left waits.
CALL migr_deploy('heads', phase => 'before');
CALL migr_deploy('upon', phase => 'before');

-- Behind the rollout.
CALL migr_deploy('heads');
SELECT revision FROM migr.version ORDER BY ordinal;
CALL migr_deploy('heads', phase => 'before');

-- There is no way back to wait for.
CALL migr_revert('wide');
SELECT revision FROM migr.version ORDER BY ordinal;

CALL migr_deploy(phase => 'after');
CALL migr_deploy(phase => NULL);

DROP VIEW phase_names;
CALL migr_revert('base');
DROP EXTENSION migr;
CREATE EXTENSION migr;
