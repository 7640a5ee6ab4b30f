-- pgTAP assertions in verify sections, as they are and with a plan of their
-- own; and what becomes of one that fails.  Needs no revisions in the store.

CREATE EXTENSION IF NOT EXISTS pgtap;
SET client_min_messages = warning;

SELECT count(*) AS loaded FROM migr_load($$
-- migr:revision tap1
-- migr:upgrade
CREATE TABLE public.tap1 (a int);
-- migr:downgrade
DROP TABLE public.tap1;
-- migr:verify
SELECT has_table('public', 'tap1', 'the table is there');
SELECT has_column('public', 'tap1', 'a', 'and its column');

-- migr:revision tap2
-- migr:revises tap1
-- migr:upgrade
-- migr:downgrade
-- migr:verify
SELECT plan(1);
SELECT hasnt_table('public', 'tap2', 'another one is not');
SELECT * FROM finish();

-- migr:revision tap3
-- migr:revises tap2
-- migr:upgrade
-- migr:downgrade
-- migr:verify
SELECT pass('fine so far');
SELECT has_table('public', 'nosuch', 'there is a table that nobody made');
$$) \gset

-- without a plan in this session, each section has one of its own
SELECT array_agg(u) AS applied FROM migr_upgrade('tap2') u \gset
\set ON_ERROR_STOP off
\set QUIET on
SELECT * FROM migr_upgrade('tap3') \g /dev/null
\set state :SQLSTATE
\set message :LAST_ERROR_MESSAGE
\set ON_ERROR_STOP on

-- migr_verify() runs them again, as often as it is asked
SELECT string_agg(status, ',') AS verified FROM migr_verify('{sections}') \gset
ALTER TABLE public.tap1 RENAME a TO b;
SELECT string_agg(format('%s %s', object, status), ',') AS broken,
       bool_or(detail LIKE 'not ok 2 - and its column%') AS said FROM migr_verify('{sections}') \gset
ALTER TABLE public.tap1 RENAME b TO a;

BEGIN;
SELECT plan(9);
SELECT is(:'verified'::text, 'ok', 'they hold afterwards');
SELECT is(:'broken'::text, 'revision tap1 fail', 'until somebody changes what they assert');
SELECT ok(:'said'::bool, 'and the assertion says which');
SELECT is(:'applied'::text[], '{tap1,tap2}', 'sections whose assertions hold let a revision pass');
SELECT is(:'state'::text, 'MG011', 'one whose assertion fails does not');
SELECT is(:'message'::text, 'verify section of revision "tap3" failed', 'and is named');
SELECT results_eq('SELECT revision FROM migr_current()', '{tap2}'::text[], 'nothing of the failed revision is left');

-- in a session that runs tests, the assertions of the section don't count
SELECT results_eq($$SELECT * FROM migr_downgrade('tap1')$$, '{tap2}'::text[], 'down again');
SELECT results_eq($$SELECT * FROM migr_upgrade('tap1')$$, '{}'::text[], 'and there already');
SELECT * FROM finish();
ROLLBACK;

SELECT migr_downgrade('base') \g /dev/null
SELECT migr_unload('tap3') \g /dev/null
SELECT migr_unload('tap2') \g /dev/null
SELECT migr_unload('tap1') \g /dev/null
