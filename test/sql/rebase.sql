-- A revision that comes to stand below an applied one: it is pending, in all
-- functions, until it has run.

\pset format unaligned
SET client_min_messages = notice;
SET migr.scratch_database = 'create';
\set SHOW_CONTEXT never

-- A script that makes a table of its revision's name.
CREATE FUNCTION pg_temp.script(id text, parents text = '', more text = '') RETURNS text LANGUAGE sql AS $$
    SELECT format(E'-- migr:revision %1$s\n-- migr:revises %2$s\n%3$s-- migr:upgrade\nCREATE TABLE t_%1$s (a int);\n'
                  '-- migr:downgrade\nDROP TABLE t_%1$s;\n', id, parents, more)
$$;
-- What each function says, and which tables there are.
CREATE VIEW pg_temp.state AS
    SELECT (SELECT string_agg(revision, ' ' ORDER BY ordinal) FROM migr.version) AS rows,
           (SELECT string_agg(substr(relname, 3), ' ' ORDER BY relname) FROM pg_class
             WHERE relname ~ '^t_' AND relkind = 'r') AS tables,
           array_to_string(current_heads, ' ') AS current, applied, pending, up_to_date,
           (SELECT string_agg(revision, ' ') FROM migr_pending('heads')) AS runs,
           (SELECT string_agg(revision, ' ') FROM migr_history() WHERE NOT is_applied) AS not_applied
      FROM migr_status();
CREATE FUNCTION pg_temp.clear() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM migr.version;
    DELETE FROM migr.revision;
    EXECUTE (SELECT coalesce('DROP TABLE ' || string_agg(oid::regclass::text, ','), 'SELECT')
               FROM pg_class WHERE relname ~ '^t_' AND relkind = 'r');
END $$;

--
-- The rebase of two heads: r2 is put between r1 and r3, which is applied
--
SELECT count(*) FROM migr_load(pg_temp.script('r1') || pg_temp.script('r3', 'r1'));
SELECT migr_upgrade();
-- (error)
SELECT migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'));
\echo :LAST_ERROR_SQLSTATE
SELECT migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'), replace => true);
\echo :LAST_ERROR_SQLSTATE
-- all or nothing
TABLE pg_temp.state;
-- asked for; the revision that moves is applied, so that takes both words (error)
SELECT migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'), rebase => true);
SELECT * FROM migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'), replace => true, rebase => true);
-- once moved, it is where it is
SELECT * FROM migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'));
TABLE pg_temp.state;
-- (error)
SELECT migr_check();
\echo :LAST_ERROR_SQLSTATE
SET client_min_messages = warning;
SELECT object, status, detail FROM migr_verify('{versions,drift}');
SELECT * FROM migr_repair(check_only => true);
SELECT migr_schema('current') = migr_schema() AS as_current, migr_schema('r3') = migr_schema() AS as_r3;
SET client_min_messages = notice;
SELECT migr_sql() ~ 'Running upgrade r1 -> r2', migr_sql() ~ 'Running upgrade r2 -> r3';
SELECT migr_sql('current:+1') ~ 'Running upgrade r1 -> r2', migr_sql('r3:heads');
SELECT revision, is_applied, is_current FROM migr_current();
SELECT revision, is_applied, is_current FROM migr_history();
SELECT revision, is_current FROM migr_pending();
-- every way of asking for it
BEGIN; SELECT migr_upgrade(); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_upgrade('r3'); ROLLBACK;
BEGIN; SELECT migr_upgrade('r2'); ROLLBACK;
BEGIN; SELECT migr_upgrade('+1'); ROLLBACK;
-- one step is all there is (error)
SELECT migr_upgrade('+2');
-- no downgrade writes a row for what did not run, or runs it
BEGIN; SELECT migr_downgrade('-1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('-2'); TABLE pg_temp.state; ROLLBACK;
SELECT migr_downgrade('-3');
BEGIN; SELECT migr_downgrade('r1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('r2'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('base'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('r3@-1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('r3@-2'); TABLE pg_temp.state; ROLLBACK;
SELECT migr_sql('current:r1', 'downgrade') ~ 'downgrade r2', migr_sql('current:base', 'downgrade') ~ 'downgrade r2';
-- ranges show where it is
SELECT r AS range, (SELECT string_agg(revision || CASE WHEN is_applied THEN '' ELSE '*' END, ' ') FROM migr_history(r)) AS holds
  FROM unnest('{current:,:current,r1:r3,r2:}'::text[]) r;
-- a stamp says that it is applied; that of what is current says nothing new
BEGIN; SELECT migr_stamp('current'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_stamp('r3'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_stamp('r1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_stamp('current', purge => true); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_stamp('r3', purge => true); TABLE pg_temp.state; ROLLBACK;
-- the way around
BEGIN; SELECT migr_stamp('r1'); SELECT migr_upgrade('r2'); SELECT migr_stamp('r3'); TABLE pg_temp.state; ROLLBACK;
-- another branch is run, and stamped, without it
SELECT count(*) FROM migr_load(pg_temp.script('o1'));
BEGIN; SELECT migr_upgrade('o1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_stamp('o1'); TABLE pg_temp.state; ROLLBACK;
-- it is run
SELECT migr_upgrade('heads');
TABLE pg_temp.state;
SELECT migr_check();
-- back by the graph, not by the clock
SELECT migr_downgrade('r1');
SELECT pg_temp.clear();

--
-- Its script can't run there: the run stops, and nothing is said to be applied
--
SELECT count(*) FROM migr_load(pg_temp.script('r1') || pg_temp.script('r3', 'r1'));
SELECT migr_upgrade();
SELECT count(*) FROM migr_load(replace(pg_temp.script('r2', 'r1'), 't_r2', 't_r3') || pg_temp.script('r3', 'r2'),
                               replace => true, rebase => true);
-- (error)
SELECT migr_upgrade();
TABLE pg_temp.state;
SELECT pg_temp.clear();

--
-- Several in a row, a new base, a merge, a dependency, a label that moves
--
SELECT count(*) FROM migr_load(pg_temp.script('r1') || pg_temp.script('r5', 'r1') || pg_temp.script('r6', 'r5'));
SELECT migr_upgrade('r5');
-- (error)
SELECT migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2') || pg_temp.script('r4', 'r3')
                 || pg_temp.script('r5', 'r4'), replace => true);
SELECT count(*) FROM migr_load(pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2') || pg_temp.script('r4', 'r3')
                               || pg_temp.script('r5', 'r4'), replace => true, rebase => true);
TABLE pg_temp.state;
-- steps count from the lowest
BEGIN; SELECT migr_upgrade('+1'); SELECT migr_upgrade('r5@+1'); SELECT migr_upgrade('+2'); TABLE pg_temp.state; ROLLBACK;
SELECT migr_upgrade();
-- one by one from the top, whatever ran last
SELECT migr_downgrade('-2');
SELECT migr_downgrade('-1');
TABLE pg_temp.state;
-- a new base below all (error, then not)
SELECT migr_load(pg_temp.script('r0') || pg_temp.script('r1', 'r0'), replace => true);
SELECT count(*) FROM migr_load(pg_temp.script('r0') || pg_temp.script('r1', 'r0'), replace => true, rebase => true);
TABLE pg_temp.state;
SELECT migr_upgrade('r1');
SELECT pg_temp.clear();

SELECT count(*) FROM migr_load(pg_temp.script('a') || pg_temp.script('b', 'a') || pg_temp.script('c', 'b')
                               || pg_temp.script('x', '', E'-- migr:labels side\n') || pg_temp.script('d', 'c', E'-- migr:depends side\n'));
SELECT migr_upgrade('heads');
-- an applied revision becomes a merge (error, then not)
SELECT migr_load(pg_temp.script('n', 'a') || pg_temp.script('c', 'b, n'), replace => true);
SELECT count(*) FROM migr_load(pg_temp.script('n', 'a') || pg_temp.script('c', 'b, n'), replace => true, rebase => true);
TABLE pg_temp.state;
SELECT migr_upgrade();
-- depends on one more (error, then not)
SELECT migr_load(pg_temp.script('e') || pg_temp.script('b', 'a', E'-- migr:depends e\n'), replace => true);
SELECT count(*) FROM migr_load(pg_temp.script('e') || pg_temp.script('b', 'a', E'-- migr:depends e\n'), replace => true, rebase => true);
TABLE pg_temp.state;
-- (error)
SELECT migr_check();
-- dependants are undone with it, what it misses is not
BEGIN; SELECT migr_downgrade('a'); TABLE pg_temp.state; ROLLBACK;
SELECT migr_upgrade('heads');
-- its label goes to one that is not applied (error)
SELECT migr_load(pg_temp.script('x') || pg_temp.script('y', 'x', E'-- migr:labels side\n'), replace => true);
-- to one that is
SELECT count(*) FROM migr_load(pg_temp.script('x') || pg_temp.script('n', 'a', E'-- migr:labels side\n'), replace => true);
SELECT migr_check();
-- another parent that is applied is none of its business; nor is a text that is
SELECT count(*) FROM migr_load(pg_temp.script('n', 'e', E'-- migr:labels side\n'), replace => true);
SELECT migr_check();
SELECT pg_temp.clear();

-- on a branch, by its label
SELECT count(*) FROM migr_load(pg_temp.script('a') || pg_temp.script('b1', 'a', E'-- migr:labels billing\n')
                               || pg_temp.script('b3', 'b1') || pg_temp.script('s1', 'a', E'-- migr:labels shipping\n'));
SELECT migr_upgrade('heads');
SELECT count(*) FROM migr_load(pg_temp.script('b2', 'b1') || pg_temp.script('b3', 'b2'), replace => true, rebase => true);
BEGIN; SELECT migr_upgrade('shipping@head'); SELECT migr_upgrade('billing@+1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('billing@-1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('billing@-2'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('billing@a'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('b3@b2'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_downgrade('shipping@-1'); TABLE pg_temp.state; ROLLBACK;
BEGIN; SELECT migr_stamp('shipping@base'); TABLE pg_temp.state; ROLLBACK;
-- back to where it was
SELECT count(*) FROM migr_load(pg_temp.script('b3', 'b1'), replace => true);
SELECT migr_unload('b2');
SELECT migr_check();
SELECT pg_temp.clear();

-- the scripts of a lost store come back, in whatever order
SELECT count(*) FROM migr_load(pg_temp.script('r1') || pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'));
SELECT migr_upgrade();
DELETE FROM migr.revision;
SELECT count(*) FROM migr_load(pg_temp.script('r1') || pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'));
SELECT migr_check();
-- others than ran do not come in by that way (error)
DELETE FROM migr.revision;
SELECT migr_load(pg_temp.script('r1') || pg_temp.script('r4', 'r1') || pg_temp.script('r2', 'r4') || pg_temp.script('r3', 'r2'), replace => true);
SELECT count(*) FROM migr_load(pg_temp.script('r1') || pg_temp.script('r2', 'r1') || pg_temp.script('r3', 'r2'));
-- a row that is lost is pending; its table is there, and repair finds that out
DELETE FROM migr.version WHERE revision = 'r2';
TABLE pg_temp.state;
SET client_min_messages = warning;
SELECT * FROM migr_repair();
SELECT migr_check();

SELECT pg_temp.clear();
DROP VIEW pg_temp.state;
