-- Names of revisions: each cause of failure has an error of its own, whose
-- DETAIL lists the candidates or the path.  What names mean is asked for many
-- graphs in graph.sql.

\pset format unaligned
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- base - a111 - b222 (billing) - b333 - m444 - z999
--             \ c222 (catalog) --------/
-- other: o111 (other), depends on b222 by its label
SELECT count(*) FROM migr_load($$
-- migr:revision a111
-- migr:upgrade
-- migr:downgrade
-- migr:revision b222
-- migr:revises a111
-- migr:labels billing
-- migr:upgrade
-- migr:downgrade
-- migr:revision b333
-- migr:revises b222
-- migr:upgrade
-- migr:downgrade
-- migr:revision c222
-- migr:revises a111
-- migr:labels catalog
-- migr:upgrade
-- migr:downgrade
-- migr:revision m444
-- migr:revises b333, c222
-- migr:upgrade
-- migr:downgrade
-- migr:revision z999
-- migr:revises m444
-- migr:upgrade
-- migr:downgrade
-- migr:revision o111
-- migr:labels other
-- migr:depends billing
-- migr:upgrade
-- migr:downgrade
$$);

CREATE FUNCTION pg_temp.named(name text) RETURNS text LANGUAGE sql AS
    'SELECT coalesce(string_agg(revision, '' ''), ''(none)'') FROM migr_show(name)';

-- every form
SELECT n AS name, pg_temp.named(n) AS means
  FROM unnest('{a111,b33,z99,billing,cata,heads,base,current,other@head,z999@head,
                billing@heads,other@base,z999-1,o111+0,other@-1,z999@head-1,a111+0,-1}'::text[]) n;

-- what the graph looks like
SELECT revision, is_base, is_head, is_branch_point, is_merge_point, branch_labels FROM migr_history();
SELECT revision FROM migr_branches();
SELECT revision FROM migr_heads();

-- unknown (error)
SELECT pg_temp.named('nosuch');
-- a label that does not exist, with whatever behind it (error)
SELECT pg_temp.named('nosuch@head');
SELECT pg_temp.named('head@heads');
SELECT * FROM migr_upgrade('nosuch@a111');
SELECT * FROM migr_downgrade('nosuch@base');
-- not on the branch named (error)
SELECT pg_temp.named('other@b333');
-- several revisions begin so (error)
SELECT pg_temp.named('b');
SELECT * FROM migr_upgrade('b');
-- several heads (error)
SELECT pg_temp.named('head');
SELECT * FROM migr_upgrade();
SELECT * FROM migr_stamp('head');
-- no name at all (error)
SELECT pg_temp.named('');
SELECT pg_temp.named('a b');
SELECT pg_temp.named('@head');
SELECT pg_temp.named('a111@');
SELECT pg_temp.named('a@b@c');
SELECT pg_temp.named('head-1junk');
SELECT pg_temp.named('head-');
SELECT pg_temp.named('a111:b222');
SELECT pg_temp.named(E'a111\n');
-- walks: a fork, a merge, off either end, a number beyond all bounds (error)
SELECT pg_temp.named('a111+1');
SELECT pg_temp.named('+1');
SELECT pg_temp.named('m444-1');
SELECT pg_temp.named('z999+1');
SELECT pg_temp.named('a111-2');
SELECT pg_temp.named('z999-99999999999999999999');
SELECT * FROM migr_upgrade('+1');
SELECT * FROM migr_upgrade('-1');
SELECT * FROM migr_upgrade('+0');
SELECT * FROM migr_downgrade('+1');
SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_downgrade('billing@-1');
-- the label says which way to go
SELECT * FROM migr_upgrade('billing@+2');
SELECT * FROM migr_upgrade('catalog@+1');
SELECT * FROM migr_upgrade('other@head');
SELECT current_heads FROM migr_status();
-- several current revisions (error)
SELECT * FROM migr_upgrade('+1');
-- undoing a revision undoes what depends on it in another branch
SELECT * FROM migr_downgrade('billing@a111', dry_run => true);
-- one branch only
SELECT * FROM migr_downgrade('catalog@a111', dry_run => true);
-- not applied, or no such branch above (error)
SELECT * FROM migr_downgrade('m444');
SELECT * FROM migr_downgrade('other@a111');
-- several targets at once
SELECT * FROM migr_upgrade('m444, o111');
-- a bare -N undoes what was applied last, merges or not
SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_downgrade('-2');
-- a redundant target of a stamp is dropped
SELECT * FROM migr_stamp('a111, b333, o111');
SELECT * FROM migr_stamp('c222');
SELECT * FROM migr_stamp('other@base');
SELECT * FROM migr_stamp('heads');
SELECT * FROM migr_stamp('a111', purge => true);

-- ranges
CREATE FUNCTION pg_temp.range(r text) RETURNS text LANGUAGE sql AS
    'SELECT string_agg(revision, '' '') FROM migr_history(r)';
SELECT r AS range, pg_temp.range(r) AS holds
  FROM unnest('{:,base:heads,:b333,b333:,b222:m444,b222:+2,-1:,other@base:heads,current:,:current,current:current,z999:z999,c222:z999}'::text[]) r;
-- no ranges, and ends that are not on one line (error)
SELECT pg_temp.range('b333');
SELECT pg_temp.range('a111:b222:b333');
SELECT pg_temp.range('b333:c222');
SELECT pg_temp.range('z999:a111');
SELECT pg_temp.range('a111:+1');
SELECT pg_temp.range('nosuch:');
SELECT pg_temp.range(NULL);

SELECT * FROM migr_stamp('base');
DELETE FROM migr.revision;

-- A trunk with two branches, of which one is applied; each makes a table.
--   a001 - b001 (billing)
--        \ s001 (shipping) - s002
SELECT count(*) FROM migr_load($$
-- migr:revision a001
-- migr:upgrade
CREATE TABLE trunk (a int);
-- migr:downgrade
DROP TABLE trunk;
-- migr:revision b001
-- migr:revises a001
-- migr:labels billing
-- migr:upgrade
CREATE TABLE bill (a int);
-- migr:downgrade
DROP TABLE bill;
-- migr:revision s001
-- migr:revises a001
-- migr:labels shipping
-- migr:upgrade
CREATE TABLE ship (a int);
-- migr:downgrade
DROP TABLE ship;
-- migr:revision s002
-- migr:revises s001
-- migr:upgrade
-- migr:downgrade
$$);
SELECT * FROM migr_upgrade('billing@head');
-- nothing of the branch is applied, by whatever name: the trunk stays (error)
SELECT * FROM migr_downgrade('shipping@-1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_downgrade('shipping@-2');
SELECT * FROM migr_downgrade('shipping@base');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_downgrade('s001@-1');
SELECT * FROM migr_downgrade('s002@base');
SELECT * FROM migr_downgrade('ship@-1');
SELECT * FROM migr_downgrade('shipping@head-3');
SELECT migr_sql('current:shipping@-1', 'downgrade');
SELECT current_heads FROM migr_status();
-- nothing above is applied
SELECT * FROM migr_downgrade('shipping@a001');
-- going up, it begins where the branch does
BEGIN; SELECT * FROM migr_upgrade('shipping@+1'); ROLLBACK;
-- with the trunk alone, too (error)
SELECT * FROM migr_downgrade('billing@-1');
SELECT * FROM migr_downgrade('billing@-1');
SELECT * FROM migr_downgrade('billing@base');
-- what is applied is undone
SELECT * FROM migr_upgrade('heads');
SELECT * FROM migr_downgrade('shipping@-2', dry_run => true);
SELECT * FROM migr_downgrade('a001@-1', dry_run => true);
SELECT * FROM migr_downgrade('shipping@base', dry_run => true);

-- labels in force: down to the branch point, which is not of the branch
SELECT revision, branch_labels FROM migr_history();
SELECT r AS range, pg_temp.range(r) AS holds
  FROM unnest('{shipping@base:,shipping@base:s001,shipping@base:a001,billing@base:heads,s001@base:,a001@base:,shipping@base:current}'::text[]) r;

-- Several heads: what a hint says can be done.
SELECT * FROM migr_downgrade('base');
-- (error)
SELECT migr_check();
SELECT * FROM migr_upgrade('heads');
SELECT * FROM migr_downgrade('heads');
SELECT * FROM migr_downgrade('head');
SELECT * FROM migr_downgrade('current');
SELECT migr_script('heads');
SELECT pg_temp.named('head');
SELECT pg_temp.named('a001@head');
SELECT pg_temp.named('a001@heads');
-- from which to count (error, then not)
SELECT pg_temp.range('current:+1');
SELECT pg_temp.range('b001:+1');
SELECT pg_temp.range('a001:+1');
SELECT pg_temp.range('a001:shipping@+1');
SELECT * FROM migr_upgrade('+1');
-- a label is no head (error, then not)
SELECT migr_revision('more', head => 'shipping');
SELECT split_part(migr_revision('more', head => 'shipping@head', revision_id => 's003'), E'\n', 2);
SELECT migr_merge('{billing, shipping}');
SELECT split_part(migr_merge('{billing, s003}', revision_id => 'm004'), E'\n', 2);
SELECT migr_merge('{m004, shipping@head}');
-- (error)
SELECT migr_merge('{b001, a001}');
SELECT migr_revision('two', head => 'b001 s003');
SELECT * FROM migr_upgrade('b001 s003');
SELECT * FROM migr_stamp('b001 shipping@head-1');
SELECT * FROM migr_downgrade('b001 s003');
SELECT * FROM migr_downgrade('b001,s003');
SELECT pg_temp.named('b001, s003');
-- down a merge, no label chooses (error)
SELECT * FROM migr_stamp('heads');
SELECT * FROM migr_downgrade('m004-1');
SELECT * FROM migr_downgrade('billing@m004-1');
-- (error)
SELECT * FROM migr_load(E'-- migr:revision twice\n-- migr:labels one, one\n-- migr:upgrade\n');

SELECT * FROM migr_stamp('base');
DELETE FROM migr.revision;
DROP TABLE IF EXISTS trunk, bill, ship;

-- What is applied only because something depends on it is a place to go down to.
SELECT count(*) FROM migr_load($$
-- migr:revision core
-- migr:upgrade
-- migr:downgrade
-- migr:revision app
-- migr:depends core
-- migr:upgrade
-- migr:downgrade
-- migr:revision core2
-- migr:revises core
-- migr:upgrade
-- migr:downgrade
$$);
SELECT * FROM migr_upgrade('app');
SET client_min_messages = notice;
SELECT * FROM migr_downgrade('core');
SELECT * FROM migr_downgrade('core@core');
SET client_min_messages = warning;
SELECT current_heads FROM migr_status();
-- (error)
SELECT * FROM migr_downgrade('core2');
SELECT * FROM migr_stamp('base');
DELETE FROM migr.revision;
