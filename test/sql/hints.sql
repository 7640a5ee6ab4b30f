-- What migr adds to errors, its own and the server's: the way out, and it leads
-- out.
DROP EXTENSION migr;
CREATE EXTENSION migr;
\set SHOW_CONTEXT never
SET client_min_messages = warning;

--
-- Did you mean
--

SELECT count(*) FROM migr_load($migr$
-- migr:revision ae1027a6acf
-- migr:labels billing
-- migr:upgrade
-- migr:downgrade
-- migr:revision 1975ea83b712
-- migr:revises ae1027a6acf
-- migr:upgrade
-- migr:downgrade
-- migr:revision 1975ea83b799
-- migr:revises 1975ea83b712
-- migr:labels Shipping
-- migr:upgrade
-- migr:downgrade
$migr$);
-- A word in another case, or misspelt; with a step, behind a label (error)
SELECT migr_upgrade('HEAD');
SELECT migr_upgrade('Heads');
SELECT migr_downgrade('BASE');
SELECT migr_upgrade('haed');
SELECT migr_show('HEAD-1');
SELECT migr_upgrade('billing@Head');
SELECT migr_history('currant:head');
-- An id or a label, in any case (error)
SELECT migr_upgrade('ae1072a6acf');
SELECT migr_upgrade('AE1027A6ACF');
SELECT migr_script('1975ea83b711');
SELECT migr_upgrade('bilings');
SELECT migr_upgrade('SHIPPING@head');
-- What is near to two is either; near to none or to many, none (error)
SELECT migr_upgrade('1975ea83b792');
SELECT migr_upgrade('1975ea83b702');
SELECT migr_upgrade('xyz');
SELECT migr_upgrade('x');
SELECT count(*) FROM migr_load((SELECT string_agg(format(E'-- migr:revision 00%s\n', n), '') FROM generate_series(10, 20) n));
SELECT migr_upgrade('0021');
SELECT migr_upgrade('001x');
-- Anything that fits into a name, of any length (error)
SELECT migr_upgrade(repeat('a', 250));
-- A parent or dependency: the beginning of an id is none, a near one neither
-- (error)
SELECT migr_load(E'-- migr:revision new\n-- migr:revises ae10');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_load(E'-- migr:revision new\n-- migr:revises 1975ea83b7');
SELECT migr_load(E'-- migr:revision new\n-- migr:revises ae1072a6acf');
SELECT migr_load(E'-- migr:revision new\n-- migr:depends biling');
SELECT migr_load(E'-- migr:revision new\n-- migr:depends nothing.like.it');
-- A directive (error)
SELECT migr_load(E'-- migr:Revision new');
SELECT migr_load(E'-- migr:revision new\n-- migr:mesage typo');
SELECT migr_load(E'-- migr:revision new\n-- migr:depend ae1027a6acf');
SELECT migr_load(E'-- migr:revision new\n-- migr:upgarde');
SELECT migr_load(E'-- migr:revision new\n-- migr:description x');

-- With 10,000 revisions it takes no time worth speaking of.
BEGIN;
SELECT count(*) FROM migr_load((SELECT string_agg(format(E'-- migr:revision %s\n', md5(n::text)), '')
                                  FROM generate_series(1, 10000) n));
SET LOCAL statement_timeout = '5s';
SAVEPOINT s;
SELECT migr_show(md5('1') || 'x');
ROLLBACK TO s;
SELECT migr_load((SELECT string_agg(format(E'-- migr:revision n%s\n-- migr:revises gone%s\n', n, n), '')
                    FROM generate_series(1, 2000) n));
ROLLBACK;

--
-- What was edited, what is pending, what fails
--

-- Two heads: the upgrade that is named works.
SELECT migr_check();
SELECT count(*) FROM migr_upgrade('heads');
SELECT migr_check();
DROP EXTENSION migr;
CREATE EXTENSION migr;
SELECT count(*) FROM migr_load(E'-- migr:revision e1\n-- migr:upgrade\n-- migr:downgrade\n');
SELECT migr_check();
SELECT migr_upgrade();

-- An applied script that was edited (error), and what its hint says
SELECT migr_load(E'-- migr:revision e1\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n');
SELECT migr_redo('e1', E'-- migr:revision e1\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n');
SELECT migr_load(E'-- migr:revision e1\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n');

-- A query of a verify section: its text, in one line, of a length that can be
-- read (error)
SELECT count(*) FROM migr_load($migr$
-- migr:revision e2
-- migr:revises e1
-- migr:upgrade
-- migr:verify
SELECT true;
SELECT count(*)
         = 1    -- one of them
  FROM pg_catalog.pg_class WHERE relname = 'größe';
-- migr:downgrade
$migr$);
SELECT migr_upgrade();
SELECT migr_load(E'-- migr:revision e2\n-- migr:revises e1\n-- migr:verify\nSELECT 1 = 1 AS yes, false AS no, '
                 || repeat('''ö'',', 100) || '1');
SELECT migr_upgrade();
SELECT * FROM migr_load(E'-- migr:revision e2\n-- migr:revises e1\n-- migr:downgrade\n');

--
-- Arguments without quotes or braces
--

SELECT check_name, status FROM migr_verify('chain');
SELECT check_name, status FROM migr_verify('chain, scripts');
SELECT check_name, status FROM migr_verify('{chain}');
SELECT check_name, status FROM migr_verify(' {chain, versions}');
SELECT check_name, status FROM migr_verify(ARRAY['chain']);
SELECT check_name, status FROM migr_verify(checks => 'chain');
SELECT count(*) > 5 AS all_of_them FROM migr_verify(NULL);
SELECT count(*) FROM migr_verify('{}');
-- (error)
SELECT migr_verify('nonsense');
SELECT migr_verify('');
SELECT migr_verify('{chain');
SELECT migr_verify('{chain,NULL}');

-- A number of steps is text: the server says so (error)
SELECT migr_upgrade();
SELECT migr_downgrade(-1);
SELECT migr_downgrade('-1', dry_run => true);
-- ... for there is one function only, which can be granted by its name.
CREATE ROLE regress_migr_undoer;
GRANT EXECUTE ON FUNCTION migr_downgrade TO regress_migr_undoer;
DROP OWNED BY regress_migr_undoer;
DROP ROLE regress_migr_undoer;
DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- The server's errors
--

-- What is there already, when nothing is applied (error): migr_repair() cures it.
SET client_min_messages = error;
CREATE TABLE hint_depot (id int PRIMARY KEY);
CREATE TYPE hint_state AS ENUM ('open');
SELECT count(*) FROM migr_load($migr$
-- migr:revision h1
-- migr:upgrade
CREATE TABLE hint_depot (id int PRIMARY KEY);
-- migr:downgrade
DROP TABLE hint_depot;
-- migr:revision h2
-- migr:revises h1
-- migr:upgrade
CREATE TYPE hint_state AS ENUM ('open');
-- migr:downgrade
DROP TYPE hint_state;
$migr$);
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('h1', dry_run => true);
-- ... in a block, which may catch it, nothing of it is seen.
BEGIN;
SELECT count(*) FROM migr_load($migr$
-- migr:revision h0
-- migr:upgrade
DO $$BEGIN CREATE TYPE hint_state AS ENUM ('open'); EXCEPTION WHEN duplicate_object THEN NULL; END$$;
-- migr:downgrade
$migr$);
SELECT migr_upgrade('h0');
ROLLBACK;
-- ... not when something is applied (error)
SELECT migr_stamp('h1');
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_stamp('h2');

-- Deferred triggers that wait (error), and the cure
SELECT count(*) FROM migr_load($migr$
-- migr:revision h3
-- migr:revises h2
-- migr:upgrade
CREATE TABLE hint_site (id int PRIMARY KEY);
CREATE TABLE hint_post (id int, site int REFERENCES hint_site DEFERRABLE INITIALLY DEFERRED);
-- migr:downgrade
DROP TABLE hint_post, hint_site;
-- migr:revision h4
-- migr:revises h3
-- migr:upgrade
INSERT INTO hint_site VALUES (1);
INSERT INTO hint_post VALUES (1, 1);
ALTER TABLE hint_post ALTER site SET NOT NULL;
-- migr:downgrade
ALTER TABLE hint_post ALTER site DROP NOT NULL;
$migr$);
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_load($migr$
-- migr:revision h4
-- migr:revises h3
-- migr:upgrade
INSERT INTO hint_site VALUES (1);
INSERT INTO hint_post VALUES (1, 1);
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE hint_post ALTER site SET NOT NULL;
-- migr:downgrade
ALTER TABLE hint_post ALTER site DROP NOT NULL;
$migr$);
SELECT migr_upgrade();

-- A label of an enum that is new (error); the hint of the server stays.  Of two
-- that were added, the right one is named.
SELECT count(*) FROM migr_load($migr$
-- migr:revision h5
-- migr:revises h4
-- migr:upgrade
ALTER TYPE hint_state ADD VALUE 'closed';
ALTER TYPE hint_state ADD VALUE 'e';
-- migr:downgrade
-- migr:revision h6
-- migr:revises h5
-- migr:upgrade
ALTER TYPE hint_state ADD VALUE 'a';
-- migr:downgrade
-- migr:revision h7
-- migr:revises h6
-- migr:upgrade
CREATE TABLE hint_ticket AS SELECT 'closed'::hint_state AS state;
-- migr:downgrade
DROP TABLE hint_ticket;
$migr$);
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('h5');
SELECT migr_upgrade();
-- ... in the same revision (error)
SELECT count(*) FROM migr_load($migr$
-- migr:revision h8
-- migr:revises h7
-- migr:upgrade
ALTER TYPE hint_state ADD VALUE 'late';
INSERT INTO hint_ticket VALUES ('late');
$migr$);
SELECT migr_upgrade();
-- ... where nobody can tell (error)
SELECT count(*) FROM migr_load($migr$
-- migr:revision h8
-- migr:revises h7
-- migr:upgrade
DO $$BEGIN EXECUTE 'ALTER TYPE hint_state ADD VALUE ''late'''; END$$;
INSERT INTO hint_ticket VALUES ('late');
$migr$);
SELECT migr_upgrade();

-- What ends the transaction (error)
SELECT count(*) FROM migr_load($migr$
-- migr:revision h8
-- migr:revises h7
-- migr:upgrade
DO $$BEGIN COMMIT; END$$;
$migr$);
SELECT migr_upgrade();
\echo :LAST_ERROR_SQLSTATE

-- What belongs to somebody else (error): whom to ask, whatever the statement
-- and the kind of object
CREATE ROLE regress_migr_boss;
CREATE ROLE "regress_migr_Own er";
CREATE SCHEMA hint AUTHORIZATION regress_migr_boss;
GRANT ALL ON SCHEMA hint TO "regress_migr_Own er";
GRANT EXECUTE ON FUNCTION migr_load, migr_upgrade TO "regress_migr_Own er";
CREATE SCHEMA "hint Two" AUTHORIZATION regress_migr_boss;
GRANT USAGE ON SCHEMA "hint Two" TO "regress_migr_Own er";
SET ROLE regress_migr_boss;
CREATE TABLE hint.t (a int, b int);
CREATE TYPE hint.e AS ENUM ('a');
CREATE FUNCTION hint.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW hint.v AS SELECT 1 AS a;
CREATE FUNCTION hint.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    PERFORM migr_load(format(E'-- migr:revision own\n-- migr:revises h7\n-- migr:upgrade\n%s', statement));
    PERFORM migr_upgrade('own');
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ': ' || hint;
END$$;
RESET ROLE;
SELECT migr_unload('h8');
SET ROLE "regress_migr_Own er";
\pset format unaligned
\pset tuples_only on
SELECT hint.try('ALTER TABLE hint.t ADD c int');
SELECT hint.try('DROP TABLE hint.t');
SELECT hint.try('ALTER TABLE hint.t RENAME a TO c');
SELECT hint.try('CREATE INDEX ON hint.t (a)');
SELECT hint.try('CREATE POLICY p ON hint.t');
SELECT hint.try('COMMENT ON COLUMN hint.t.a IS ''x''');
SELECT hint.try('COMMENT ON TABLE hint.t IS ''x''');
SELECT hint.try('CREATE OR REPLACE VIEW hint.v AS SELECT 2 AS a');
SELECT hint.try('ALTER TYPE hint.e ADD VALUE ''b''');
SELECT hint.try('ALTER TYPE hint.e RENAME TO e2');
SELECT hint.try('DROP TYPE hint.e');
SELECT hint.try('ALTER FUNCTION hint.f(int) STABLE');
SELECT hint.try('DROP FUNCTION hint.f');
SELECT hint.try('ALTER FUNCTION hint.f(int) OWNER TO "regress_migr_Own er"');
SELECT hint.try('ALTER SCHEMA hint RENAME TO hint2');
SELECT hint.try('ALTER TABLE hint.t SET SCHEMA public');
SELECT hint.try('GRANT SELECT ON hint.t TO "regress_migr_Own er"');
SELECT hint.try('DROP TRIGGER x ON hint.t');
-- ... or where nothing may be created
SELECT hint.try('CREATE TABLE "hint Two".t (a int)');
SELECT hint.try('SET LOCAL search_path = "hint Two", pg_temp; CREATE VIEW v AS SELECT 1');
SELECT hint.try('CREATE FUNCTION "hint Two".f() RETURNS int LANGUAGE sql AS $$SELECT 1$$');
SELECT hint.try('CREATE TYPE "hint Two".e AS ENUM ()');
SELECT hint.try('CREATE TABLE pg_catalog.t (a int)');
-- No hint where it would be none of an owner's: another error, an object of the
-- role's own.
SELECT hint.try('ALTER TABLE hint.t2 ADD c int');
SELECT hint.try('SET LOCAL search_path = "hint Two"; CREATE TEMPORARY TABLE t4 AS SELECT * FROM hint.t');
SELECT hint.try('CREATE TABLE hint.t3 (); ALTER TABLE hint.t3 ADD a nothing');
SELECT hint.try('CREATE TABLE hint.t3 (); DROP TABLE hint.t3');
RESET ROLE;
\pset format aligned
\pset tuples_only off

SET client_min_messages = warning;
DROP EXTENSION migr;
DROP SCHEMA hint, "hint Two" CASCADE;
DROP OWNED BY "regress_migr_Own er";
DROP TABLE hint_depot, hint_post, hint_site, hint_ticket;
DROP TYPE hint_state;
DROP ROLE "regress_migr_Own er", regress_migr_boss;
CREATE EXTENSION migr;
