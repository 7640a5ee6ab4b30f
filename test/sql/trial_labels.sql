-- migr_test() tells of labels of enum types that have to be committed before they are used.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;
SET migr.scratch_database = 'create';
\pset format unaligned
\pset tuples_only on
SELECT count(*) FROM migr_load($m$
-- migr:revision t1
-- migr:message its own type: nothing is to be said
-- migr:upgrade
CREATE TYPE trial_state AS ENUM ('open');
ALTER TYPE trial_state ADD VALUE 'closed';
CREATE TABLE trial_ticket (s trial_state DEFAULT 'closed');
-- migr:downgrade
DROP TABLE trial_ticket;
DROP TYPE trial_state;

-- migr:revision t2
-- migr:revises t1
-- migr:message adds one, and back
-- migr:upgrade
ALTER TYPE trial_state ADD VALUE 'asked';
-- migr:downgrade
ALTER TABLE trial_ticket ALTER s DROP DEFAULT;
ALTER TYPE trial_state RENAME TO trial_state_old;
CREATE TYPE trial_state AS ENUM ('open', 'closed');
ALTER TABLE trial_ticket ALTER s TYPE trial_state USING s::text::trial_state, ALTER s SET DEFAULT 'closed';
DROP TYPE trial_state_old;

-- migr:revision t3
-- migr:revises t2
-- migr:message uses it
-- migr:upgrade
CREATE INDEX trial_asked ON trial_ticket (s) WHERE s = 'asked';
-- migr:downgrade
DROP INDEX trial_asked;

-- migr:revision t4
-- migr:revises t3
-- migr:message uses it on the way back
-- migr:upgrade
CREATE TABLE trial_other (s trial_state DEFAULT 'asked');
-- migr:downgrade
INSERT INTO trial_other DEFAULT VALUES;
DROP TABLE trial_other;

-- migr:revision t5
-- migr:revises t4
-- migr:message commits it
-- migr:transaction off
-- migr:upgrade
CREATE TYPE trial_mood AS ENUM ('sad');
ALTER TYPE trial_mood ADD VALUE 'happy';
-- migr:downgrade
DROP TYPE trial_mood;

-- migr:revision t6
-- migr:revises t5
-- migr:message so it can be used; one of its own has to be committed as well
-- migr:upgrade
ALTER TYPE trial_mood ADD VALUE 'glad';
CREATE TABLE trial_person (m trial_mood DEFAULT 'happy', n trial_mood DEFAULT 'glad');
-- migr:downgrade
DROP TABLE trial_person;
DROP TYPE trial_mood;
CREATE TYPE trial_mood AS ENUM ('sad', 'happy');

-- migr:repeatable trial_view
-- migr:depends t6
-- migr:upgrade
CREATE OR REPLACE VIEW trial_view AS SELECT FROM trial_ticket WHERE s = 'asked';
$m$);
SELECT * FROM migr_test();
-- What migr_plan() says depends on what is applied.
SELECT revision, step, hazard FROM migr_plan('t4') WHERE hazard ~ 'enum|fails';
SELECT migr_upgrade('t1');
SELECT revision, step, hazard FROM migr_plan('t4') WHERE hazard ~ 'enum|fails';
SELECT migr_downgrade('base');
DROP EXTENSION migr;
CREATE EXTENSION migr;
