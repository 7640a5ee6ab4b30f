-- Kinds of objects that are not compared: tables from models, all else by hand.
\set VERBOSITY default
\set SHOW_CONTEXT errors
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE DATABASE regress_kinds TEMPLATE template0;
\c regress_kinds
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself

-- The setting says what it does not know.
SET migr.compare = 'table, plicy';
SET migr.compare = '- ';
SET migr.compare = 'Table, FOREIGN_DATA_WRAPPER , access method,';
SHOW migr.compare;
SET migr.compare = '-policy,-trigger';

CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION next_no() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE account (id int, owner text, amount int DEFAULT next_no());
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY "my own" ON account USING (owner = CURRENT_USER AND amount > 0);
CREATE TRIGGER guard BEFORE UPDATE OF amount ON account FOR EACH ROW EXECUTE FUNCTION guard();
CREATE TRIGGER quiet BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION guard();
ALTER TABLE account DISABLE TRIGGER quiet;
CREATE VIEW rich AS SELECT id, amount FROM account WHERE amount > 1000;
CREATE INDEX account_owner ON account (owner);
CREATE PUBLICATION all_of_it FOR ALL TABLES;
CREATE TABLE gone (i int);
CREATE POLICY goes ON gone USING (true);
CREATE SEQUENCE alone;
CREATE TABLE numbered (id serial);
SET client_min_messages = notice;

-- What is left out is put back where it has to go, and goes with its table.
SET migr.compare = 'schema, table, index';
SELECT migr_diff($$
CREATE TABLE account (id int, owner text, amount bigint);
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE TABLE numbered (id serial);
CREATE TABLE extra (id int);
CREATE INDEX extra_id ON extra (id);
$$) AS script \gset
\echo :script
BEGIN;
:script
\echo
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'account'::regclass ORDER BY 1;
SELECT polname FROM pg_policy ORDER BY 1;
SELECT migr_diff($$
CREATE TABLE account (id int, owner text, amount bigint);
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE TABLE numbered (id serial);
CREATE TABLE extra (id int);
CREATE INDEX extra_id ON extra (id);
$$);
ROLLBACK;
-- In both directions; what is desired of them is said, unless it is there.
SET migr.compare = '-policy, -function, -trigger, -publication, -sequence';
SELECT regexp_replace(migr_revision('grow', autogenerate => true, revision_id => 'k1', desired => $$
CREATE FUNCTION next_no() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION new_one() RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE TABLE account (id int, owner text, amount bigint DEFAULT next_no());
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON account;
CREATE VIEW rich AS SELECT id, amount FROM account WHERE amount > 1000;
CREATE INDEX account_owner ON account (owner);
CREATE TABLE numbered (id serial);
CREATE TABLE gone (i int);
$$), 'created .*?\n', E'created NOW\n');
SELECT migr_unload('k1');
-- Tables can be left out as well, with what they are made of, and indexes be compared.
SET migr.compare = '-table';
SELECT migr_diff($$
CREATE TABLE account (id bigint, owner text);
CREATE TABLE none (i int);
CREATE INDEX none_i ON none (i);
CREATE INDEX account_id ON account (id);
CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION next_no() RETURNS int LANGUAGE sql AS 'SELECT 1';
$$);

-- Nor are they drift.
SELECT count(*) FROM migr_load($m$
-- migr:revision t1
-- migr:upgrade
CREATE TABLE account (id int, owner text, amount int);
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE INDEX account_owner ON account (owner);
CREATE TABLE gone (i int);
CREATE TABLE numbered (id serial);
CREATE FUNCTION of_a_script() RETURNS int LANGUAGE sql AS 'SELECT 1';
$m$);
SET client_min_messages = error;
SELECT migr_stamp('t1');
SET migr.compare = 'table, index';
ALTER TABLE account ALTER amount DROP DEFAULT;
CREATE VIEW hand AS SELECT 1 AS one;
CREATE POLICY hand ON account;
CREATE INDEX hand_id ON account (id);
DROP TRIGGER quiet ON account;
SELECT object, status FROM migr_verify('{drift}');
SET migr.compare = '-policy,-trigger';
SELECT object, status FROM migr_verify('{drift}');
RESET migr.compare;
SELECT object, status FROM migr_verify('{drift}');
SET client_min_messages = notice;

-- migr.exclude by kind and name: what is in no schema, and anything else.
SET client_min_messages = error;
CREATE PUBLICATION "Mine: x" FOR TABLE account;
CREATE FOREIGN DATA WRAPPER dummy;
CREATE SERVER far_away FOREIGN DATA WRAPPER dummy;
CREATE EXTENSION pg_trgm;
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER noticed ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION noticed();
ALTER EVENT TRIGGER noticed DISABLE;
CREATE CAST (text AS account) WITH INOUT;
SET client_min_messages = notice;
SET migr.exclude = 'publication:*, server:far*, event_trigger:no*, foreign_data_wrapper:dummy, extension:pg_*, cast:*, function:public.no*, policy:public.account.*, trigger:*:x';
SELECT migr_diff($$
CREATE TABLE account (id int, owner text, amount int);
CREATE POLICY everybody ON account;
CREATE FOREIGN DATA WRAPPER dummy;
$$);
SELECT migr_schema() ~ 'PUBLICATION|SERVER|EVENT|WRAPPER|EXTENSION|CAST|noticed|my own' AS any;
RESET migr.exclude;
SELECT migr_schema() ~ 'PUBLICATION' AND migr_schema() ~ 'SERVER' AND migr_schema() ~ 'EVENT' AND migr_schema() ~ 'CAST' AS all;

SET client_min_messages = error;
DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
SET client_min_messages = error;
DROP DATABASE regress_kinds;
