-- Assertions of verify sections amid those of who calls migr: the caller's plan
-- and numbers stay as they are.  Needs no revisions in the store.

CREATE EXTENSION IF NOT EXISTS pgtap;
SET client_min_messages = warning;
\set QUIET on

SELECT count(*) AS loaded FROM migr_load($$
-- migr:revision counted1
-- migr:upgrade
CREATE TABLE public.counted (a int);
-- migr:downgrade
DROP TABLE public.counted;
-- migr:verify
SELECT has_table('public', 'counted', 'without a plan');
SELECT has_column('public', 'counted', 'a', 'twice');

-- migr:revision counted2
-- migr:revises counted1
-- migr:upgrade
-- migr:downgrade
-- migr:verify
SELECT plan(3);
SELECT pass('with a plan of its own, that is a round of three');
SELECT pass('of which it keeps count');
SELECT is((SELECT count(*) FROM public.counted WHERE a = 1), 0::bigint);
SELECT * FROM finish();

-- migr:revision counted3
-- migr:revises counted2
-- migr:upgrade
-- migr:downgrade
-- migr:verify
SELECT pass('the first of the section');
SELECT pass('numbers go on') ~ '^ok 2 ' AS goes_on;
$$) \gset

-- Whether numbers follow each other is seen by who reads what this prints.
BEGIN;
SELECT plan(8);
SELECT array_agg(u) AS applied FROM migr_upgrade('counted3') u \gset
SELECT is(:'applied'::text[], '{counted1,counted2,counted3}', 'sections with and without a plan, before the first test');
SELECT is(currval('__tresults___numb_seq'), 1::bigint, 'count nothing of the caller''s');
SELECT is((SELECT string_agg(status, ',') FROM migr_verify('{sections}')), 'ok', 'nor does migr_verify()');
SELECT is(currval('__tresults___numb_seq'), 3::bigint, 'as often as it is called');
INSERT INTO public.counted VALUES (1);
SELECT is((SELECT string_agg(object, ',') FROM migr_verify('{sections}') WHERE status = 'fail'),
          'revision counted2', 'an assertion of a section fails');
SELECT is(num_failed(), 0, 'which is no failure of the caller''s');
SELECT is((SELECT count(*) FROM pg_class WHERE relname ~ '^__migr_'), 0::bigint, 'nothing is left aside');
SELECT results_eq($$SELECT * FROM migr_downgrade('base')$$, '{counted3,counted2,counted1}'::text[], 'down again');
SELECT * FROM finish();
ROLLBACK;

SELECT migr_unload('counted3') \g /dev/null
SELECT migr_unload('counted2') \g /dev/null
SELECT migr_unload('counted1') \g /dev/null
