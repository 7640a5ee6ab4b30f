-- New revisions: migr_revision() and migr_merge().

\pset format unaligned
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
CREATE FUNCTION pg_temp.timeless(script text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(script, '(created) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00', '\1 NOW')
$$;

-- the first revision is a base; sections that are empty are there all the same
SELECT pg_temp.timeless(migr_revision('initial', revision_id => 'r1'));
-- SQL, verify, labels; the message is one line whatever it was
SELECT pg_temp.timeless(migr_revision(E'add\nt', 'CREATE TABLE t (a int);', E'DROP TABLE t;\r\n',
    verify => 'SELECT true;', revision_id => 'r2', branch_labels => '{main,trunk}'));
-- an id is 12 hex digits, and random
SELECT migr_revision('one') AS script \gset
SELECT :'script' ~ E'^-- migr:revision [0-9a-f]{12}\n-- migr:revises r2\n' AS generated;
SELECT migr_script(revision) = :'script' AS stored FROM migr_heads();
-- a NULL downgrade makes it irreversible
SELECT pg_temp.timeless(migr_revision('for ever', downgrade => NULL, revision_id => 'r4')) LIKE '%downgrade%' AS has_downgrade;
SELECT reversible FROM migr_show('r4');

-- what is no head needs splice (error)
SELECT migr_revision('branch', head => 'r2', revision_id => 'b1');
SELECT pg_temp.timeless(migr_revision('branch', head => 'r2', splice => true, revision_id => 'b1',
    depends_on => '{main,r4}', branch_labels => '{side}'));
-- an independent base
SELECT pg_temp.timeless(migr_revision('island', head => 'base', revision_id => 'i1'));
-- several heads (error)
SELECT migr_revision('which?');
-- named twice (error)
SELECT migr_revision('twice', head => 'b1, b1');
SELECT migr_revision('twice', head => 'heads, b1');
-- unknown head or dependency (error)
SELECT migr_revision('x', head => 'nosuch');
SELECT migr_revision('x', head => 'b1', depends_on => '{nosuch}');
-- ids and labels that are none, or taken (error)
SELECT migr_revision('x', head => 'b1', revision_id => 'a b');
SELECT migr_revision('x', head => 'b1', revision_id => 'head');
SELECT migr_revision('x', head => 'b1', revision_id => 'r1');
SELECT migr_revision('x', head => 'b1', revision_id => 'main');
SELECT migr_revision('x', head => 'b1', branch_labels => '{main}');
SELECT migr_revision('x', head => 'b1', branch_labels => '{"a@b"}');
SELECT migr_revision('x', head => 'b1', branch_labels => '{NULL}');
-- sections can't smuggle directives (error)
SELECT migr_revision('x', E'SELECT 1;\n-- migr:verify\nSELECT 2;', head => 'b1');
SELECT migr_revision('x', E'SELECT 1;\r\n-- migr:labels stolen', head => 'b1');
SELECT migr_revision('x', E'SELECT 1;\n-- migr:revision evil\n-- migr:upgrade\nSELECT 2;', head => 'b1');
SELECT migr_revision('x', 'SELECT ''unterminated', revision_id => 'x1', head => 'b1');
SELECT migr_revision('x', 'COMMIT;', revision_id => 'x1', head => 'b1');
-- what is for autogenerate (error); the rest of it is in autogenerate.sql
SELECT migr_revision('x', head => 'b1', renames => '{"t": "u"}');
SELECT migr_revision('x', head => 'b1', desired => 'CREATE TABLE t ();');

-- a merge of all heads
SELECT pg_temp.timeless(migr_merge(revision_id => 'm1'));
SELECT revision, is_merge_point FROM migr_heads();
-- of two that are named, with everything said
SELECT migr_revision('left', revision_id => 'x1') IS NOT NULL AS x1,
       migr_revision('right', head => 'm1', splice => true, revision_id => 'x2') IS NOT NULL AS x2;
SELECT pg_temp.timeless(migr_merge('{x1,x2}', 'together', '{joined}', 'm2'));
-- nothing to merge, or what is no head (error)
SELECT migr_merge('{}');
SELECT migr_merge('{x1,x2}');

-- what was written can be run, and loading it again changes nothing
SELECT count(*) FROM migr_upgrade('joined');
SELECT l.action FROM (SELECT migr_script('m2') AS s) m, migr_load(m.s) l;
SELECT current_heads, up_to_date FROM migr_status();

-- irreversible (error); so forget it all by hand
SELECT * FROM migr_downgrade('base');
SELECT * FROM migr_stamp('base');
DROP TABLE t;
DELETE FROM migr.revision;
DO 'BEGIN PERFORM migr_scratch_drop(); END';
