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
