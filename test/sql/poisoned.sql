-- What an owner of migr's tables who means ill does to them: no bytes are taken for addresses.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_migr_ill LOGIN CREATEDB;
CREATE DATABASE regress_poisoned TEMPLATE template0 OWNER regress_migr_ill;
\c regress_poisoned
SET client_min_messages = warning;
SET ROLE regress_migr_ill;
CREATE EXTENSION migr;
SELECT revision FROM migr_load($$-- migr:revision one
-- migr:upgrade
CREATE TABLE a (id int);
-- migr:downgrade
DROP TABLE a;
$$);
SELECT migr_upgrade();

-- Nothing gets another shape by the owner's hand (error)
ALTER EXTENSION migr DROP TABLE migr.version;
ALTER EXTENSION migr ADD TABLE a;
ALTER TABLE migr.version RENAME duration TO was;
ALTER TABLE migr.version RENAME TO was;
ALTER INDEX migr.version_pkey RENAME TO was;
ALTER TABLE migr.version ALTER checksum DROP NOT NULL;
ALTER TABLE migr.version DROP CONSTRAINT version_pkey;
ALTER TABLE IF EXISTS migr.object RENAME COLUMN place TO was;
-- Of other tables it does.
ALTER TABLE a RENAME TO b;
ALTER TABLE b RENAME id TO number;
ALTER TABLE b RENAME number TO id;
ALTER TABLE b RENAME TO a;
RESET ROLE;
CREATE TABLE member ();
ALTER EXTENSION migr ADD TABLE member;
ALTER EXTENSION migr DROP TABLE member;
DROP TABLE member;

-- A superuser may; what then is read is an error, and no crash.
CREATE FUNCTION with_type(relation text, attribute text, type text, value text, query text) RETURNS text
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE migr.%I ALTER %I DROP DEFAULT', relation, attribute);
    EXECUTE format('ALTER TABLE migr.%I ALTER %I TYPE %s USING %s', relation, attribute, type, value);
    EXECUTE query;
    RAISE EXCEPTION 'was read';
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN SQLERRM;
WHEN raise_exception THEN
    RETURN SQLERRM;
END $$;
\set numbers 12345678
-- text
SELECT with_type('version', 'applied_by', 'bigint', :'numbers', 'SELECT migr_current()');
\c
SELECT with_type('revision', 'script', 'bigint', :'numbers', $$SELECT migr_script('one')$$);
\c
-- an array of texts
SELECT with_type('revision', 'depends_on', 'bigint', :'numbers', 'SELECT migr_history()');
\c
SELECT with_type('revision', 'depends_on', 'integer[]', $$'{1,2}'$$, 'SELECT migr_history()');
\c
-- an interval
SELECT with_type('version', 'duration', 'bigint', :'numbers', 'SELECT migr_current()');
\c
-- a time
SELECT with_type('version', 'applied_at', 'text', $$'x'$$, 'SELECT migr_current()');
\c
-- bytes
SELECT with_type('recorded', 'sum', 'bigint', :'numbers', $$SELECT migr_blame('a')$$);
\c
SELECT with_type('object', 'hash', 'bigint', :'numbers', $$SELECT migr_blame('a')$$);
\c

-- What a build came to is bytes that the owner can write: where they make no sense, all is built.
DROP FUNCTION with_type;
\set one 'CREATE TABLE a (id int, n text);'
\set superuser :USER
\c - regress_migr_ill
SET client_min_messages = warning;
DO 'BEGIN PERFORM migr_scratch_create(); END';
SELECT migr_diff(:'one');
CREATE FUNCTION pg_temp.written(text) RETURNS bigint LANGUAGE sql AS $$
    WITH written AS (
        UPDATE migr.remembered SET content = decode(replace($1, ' ', ''), 'hex') WHERE piece = 1
        RETURNING 1)
    SELECT count(*) FROM written $$;
-- more columns, attributes, or statements than there are bytes, or fewer than none
SELECT pg_temp.written('00000000 ffffff7f');
SELECT migr_diff(:'one');
SELECT pg_temp.written('00000000 fbffffff 05000000');
SELECT migr_diff(:'one');
SELECT pg_temp.written('01000000 00000000 01000000 01000000 00000000 ffffffff 01000000 6100 01000000 6100 '
    'ffffffff ffffffff ffffffff 00000000 ffffffff fbffffff 05000000');
SELECT migr_diff(:'one');
-- an object without a name, and one that stands on itself
SELECT pg_temp.written('01000000 00000000 01000000 01000000 00000000 ffffffff ffffffff 01000000 6100 '
    'ffffffff ffffffff ffffffff 00000000 ffffffff 00000000 05000000');
SELECT migr_diff(:'one');
SELECT pg_temp.written('01000000 00000000 01000000 01000000 00000000 ffffffff 01000000 6100 01000000 6100 '
    'ffffffff ffffffff ffffffff 00000000 ffffffff 00000000 02000000 00000000 00000000 00000000 00000000 05000000');
SELECT migr_diff(:'one');
-- a number of no object, and a text that ends nowhere
SELECT pg_temp.written('02000000 07000000 ffffffff 00000000 00000000 05000000');
SELECT migr_diff(:'one');
SELECT pg_temp.written('01000000 00000000 01000000 01000000 00000000 ffffff7f 6100');
SELECT migr_diff(:'one');
-- a value less than there has to be
DELETE FROM migr.remembered;
SELECT migr_diff(:'one');
UPDATE migr.remembered SET content = decode(replace(encode(content, 'hex'), '040000007465787400', 'ffffffff'), 'hex')
 WHERE piece = 1 RETURNING position('\x7465787400'::bytea IN content);
SELECT migr_diff(:'one');
-- what another build came to, the whole of it or its pieces
SELECT string_agg(format('CREATE TABLE t%s (id int);', i), ' ') AS other FROM generate_series(1, 60) i \gset
DELETE FROM migr.remembered;
SELECT migr_diff(:'one');
SELECT length(migr_diff(:'other'));
UPDATE migr.remembered r SET desired = o.desired FROM migr.remembered o
 WHERE r.piece = 0 AND o.piece = 0 AND r.desired <> o.desired RETURNING 'exchanged';
SELECT migr_diff(:'one');
SELECT length(migr_diff(:'other'));
DELETE FROM migr.remembered;
SELECT migr_diff(:'one');
SELECT length(migr_diff(:'other'));
UPDATE migr.remembered r SET content = o.content FROM migr.remembered o
 WHERE r.piece = 1 AND o.piece = 1 AND r.build <> o.build RETURNING 'exchanged';
SELECT migr_diff(:'one');
SELECT length(migr_diff(:'other'));
UPDATE migr.remembered SET content = '\xffffffff' WHERE piece = 0;
SELECT migr_diff(:'one' || ' CREATE TABLE b ();');
SELECT count(*) FROM migr_scratch_drop();
\c contrib_regression :superuser
DROP DATABASE regress_poisoned;
DROP ROLE regress_migr_ill;
