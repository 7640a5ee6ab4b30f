-- Integrity rules of one's own: what they find, whose rights they have, and what they keep
-- from being committed.
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_migr_alice LOGIN;
CREATE ROLE regress_migr_bob LOGIN;
CREATE ROLE regress_migr_team;
CREATE DATABASE regress_migr_own_rules TEMPLATE template0 OWNER regress_migr_alice;
\c regress_migr_own_rules
SET client_min_messages = warning;
GRANT CREATE ON SCHEMA public TO regress_migr_alice;
SELECT current_user AS super \gset
SET SESSION AUTHORIZATION regress_migr_alice;
CREATE EXTENSION migr;
GRANT SELECT, INSERT, UPDATE, DELETE ON migr.rule TO regress_migr_bob;
GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) TO regress_migr_bob;
SELECT count(*) FROM migr_load($$
-- migr:revision one
-- migr:upgrade
CREATE TABLE public.good (id int PRIMARY KEY, created_at timestamptz);
-- migr:downgrade
DROP TABLE public.good;
-- migr:revision two
-- migr:revises one
-- migr:upgrade
CREATE TABLE public.bad (id int PRIMARY KEY, price money);
-- migr:downgrade
DROP TABLE public.bad;
$$);

-- What makes no sense is refused.
INSERT INTO migr.rule (name, query) VALUES ('x', 'SELEC 1');
INSERT INTO migr.rule (name, query) VALUES ('x', 'SELECT 1; SELECT 2');
INSERT INTO migr.rule (name, query) VALUES ('x', 'DELETE FROM public.good');
INSERT INTO migr.rule (name, query) VALUES ('x', 'WITH d AS (DELETE FROM public.good RETURNING 1) SELECT * FROM d');
INSERT INTO migr.rule (name, query) VALUES ('primary_key', 'SELECT 1');
INSERT INTO migr.rule (name, query, setting) VALUES ('x', 'SELECT 1', 'perhaps');
INSERT INTO migr.rule (name, query, exceptions) VALUES ('x', 'SELECT 1', '{public.*}');
INSERT INTO migr.rule (name, query, before_commit) VALUES ('x', 'SELECT 1', NULL);
INSERT INTO migr.rule (name, before_commit) VALUES ('primary_key', true);
INSERT INTO migr.rule (name, before_commit) VALUES ('primary_key', NULL);
INSERT INTO migr.rule (name, message) VALUES ('primary_key', 'no');
INSERT INTO migr.rule (name, query, owner) VALUES ('x', 'SELECT 1', 'regress_migr_nobody');
INSERT INTO migr.rule (name, query, owner) VALUES ('x', 'SELECT 1', :'super');
INSERT INTO migr.rule (name) VALUES ('x');

-- No money, and every table says when a row came: as a linter would.
INSERT INTO migr.rule (name, query, message) VALUES ('no_money', $$
    SELECT format('column %s.%s', a.attrelid::regclass, a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE a.atttypid = 'money'::regtype AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped ORDER BY 1$$,
    'money depends on a setting of the server');
INSERT INTO migr.rule (name, query) VALUES ('created_at', $$
    SELECT format('table %s', c.oid::regclass), 'it has no column created_at' FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS
           (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'created_at')$$);
SELECT name, owner, before_commit FROM migr.rule ORDER BY name;
SELECT migr_upgrade('one');
SELECT check_name, object, status, detail FROM migr_verify('{integrity.no_money,integrity.created_at}');
SELECT migr_upgrade();
SELECT check_name, object, status, detail FROM migr_verify('{integrity.no_money,integrity.created_at}');
SELECT check_name, object, status, detail FROM migr_verify('{integrity}') WHERE status <> 'ok' ORDER BY 1;
SELECT check_name FROM migr_verify('{integrity.nothing}');

-- Before a commit.
SELECT migr_downgrade('one');
UPDATE migr.rule SET before_commit = true;
\set VERBOSITY default
SELECT migr_upgrade();
\set VERBOSITY terse
SELECT migr_upgrade(dry_run => true);
CALL migr_deploy();
SELECT revision FROM migr_current();
SELECT to_regclass('public.bad');
UPDATE migr.rule SET setting = 'off' WHERE name = 'no_money';
SELECT migr_upgrade();
UPDATE migr.rule SET setting = 'off' WHERE name = 'created_at';
SELECT migr_upgrade();
SELECT check_name, status, detail FROM migr_verify('{integrity.created_at}');
DELETE FROM migr.rule;

-- Whose rights: those of who wrote it, whoever looks, and not those of who looks.
SET SESSION AUTHORIZATION :super;
CREATE TABLE public.secret (t text);
INSERT INTO public.secret VALUES ('of the superuser');
SET SESSION AUTHORIZATION regress_migr_bob;
INSERT INTO migr.rule (name, query) VALUES ('peek', 'SELECT t FROM public.secret');
INSERT INTO migr.rule (name, query, owner) VALUES ('as_alice', 'SELECT 1', 'regress_migr_alice');
SET SESSION AUTHORIZATION :super;
SELECT check_name, status, detail FROM migr_verify('{integrity.peek}');
GRANT regress_migr_bob TO regress_migr_alice;
SELECT check_name, status, detail FROM migr_verify('{integrity.peek}');
-- Nor does a row that a superuser has changed run as one, nor one that got around the trigger.
UPDATE migr.rule SET message = 'x' WHERE name = 'peek';
SELECT owner FROM migr.rule;
UPDATE migr.rule SET owner = :'super' WHERE name = 'peek';
SELECT check_name, status, detail FROM migr_verify('{integrity.peek}');
SET SESSION AUTHORIZATION regress_migr_bob;
UPDATE migr.rule SET query = 'SELECT t FROM public.secret WHERE true' WHERE name = 'peek';
DELETE FROM migr.rule;

-- It reads, and does nothing else.
SET SESSION AUTHORIZATION regress_migr_alice;
CREATE FUNCTION public.write() RETURNS text LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.good VALUES (1); RETURN 'written'; END$$;
CREATE FUNCTION public.leave() RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('search_path', 'elsewhere', false); RETURN 'left'; END$$;
CREATE FUNCTION public.unlock() RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('transaction_read_only', 'off', true); RETURN public.write(); END$$;
CREATE FUNCTION public.become() RETURNS text LANGUAGE plpgsql AS $$BEGIN RESET SESSION AUTHORIZATION; RETURN current_user; END$$;
INSERT INTO migr.rule (name, query) VALUES ('unlocks', 'SELECT public.unlock()'), ('becomes', 'SELECT public.become()'), ('writes', 'SELECT public.write()'), ('sets', 'SELECT public.leave()'),
    ('fails', 'SELECT 1/0'), ('nulls', 'SELECT NULL, NULL'), ('empty', 'SELECT');
SELECT check_name, object, status, detail FROM migr_verify('{integrity.unlocks,integrity.becomes,integrity.writes,integrity.sets,integrity.fails,integrity.nulls,integrity.empty}');
SHOW search_path;
SHOW transaction_read_only;
SELECT count(*) FROM public.good;
UPDATE migr.rule SET before_commit = true WHERE name = 'fails';
SELECT count(*) FROM migr_load($$
-- migr:revision three
-- migr:revises two
-- migr:upgrade
CREATE TABLE public.three (i int);
$$);
\set VERBOSITY default
SELECT migr_upgrade();
\set VERBOSITY terse

\c postgres :super
DROP DATABASE regress_migr_own_rules;
DROP ROLE regress_migr_alice, regress_migr_bob, regress_migr_team;
