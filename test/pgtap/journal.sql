-- The database that examples/journal builds, at its head. The session must be
-- allowed to SET ROLE journal_app, as a superuser is.
\set QUIET on
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SELECT plan(81);

-- migr itself
SELECT is((SELECT array_agg(revision) FROM migr_current()), ARRAY['005'],
          'the database is at the head of the chain');
SELECT ok(migr_check(), 'nothing is pending');

-- Tables and columns
SELECT has_table('public', t, 'table ' || t)
  FROM unnest(ARRAY['users', 'tags', 'prompts', 'entry_tags', 'encryption_keys',
                    'encrypted_entries', 'journal_audit']) AS t;
SELECT hasnt_table('public', 'entries', 'the plain table is gone');
SELECT columns_are('public', 'encrypted_entries',
    ARRAY['id', 'user_id', 'prompt_id', 'key_id', 'cipher', 'nonce', 'ciphertext', 'mood',
          'written_at', 'created_at', 'updated_at', 'sealed_at']);
SELECT col_type_is('public', 'encrypted_entries', 'ciphertext', 'bytea', 'ciphertext is bytea');
SELECT col_type_is('public', 'encrypted_entries', 'nonce', 'bytea', 'nonce is bytea');
SELECT col_not_null('public', 'encrypted_entries', 'ciphertext', 'ciphertext is required');
SELECT enum_has_labels('public', 'entry_cipher', ARRAY['none', 'aes-256-gcm', 'xchacha20-poly1305']);
SELECT fk_ok('public', 'encrypted_entries', ARRAY['key_id', 'user_id'],
             'public', 'encryption_keys', ARRAY['id', 'user_id'], 'a key of the same user');
SELECT fk_ok('public', 'entry_tags', 'entry_id', 'public', 'encrypted_entries', 'id');
SELECT col_is_unique('public', 'encrypted_entries', ARRAY['key_id', 'nonce'], 'a nonce serves once per key');
SELECT is((SELECT pg_get_expr(indpred, indrelid) FROM pg_index
            WHERE indexrelid = 'public.encryption_keys_one_active'::regclass),
          '(retired_at IS NULL)', 'one active key');
SELECT index_is_unique('public', 'users', 'users_lower_email_key', 'one account per address');
SELECT is_empty(
    $$SELECT c.conname FROM pg_constraint AS c
       WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
         AND NOT EXISTS (SELECT FROM pg_index AS i
                          WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
                            AND i.indpred IS NULL AND i.indisvalid)$$,
    'every foreign key has an index');

-- Row-level security
SELECT ok((SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = ('public.' || t)::regclass), 'row-level security is forced on ' || t)
  FROM unnest(ARRAY['users', 'tags', 'entry_tags', 'encryption_keys', 'encrypted_entries']) AS t;
SELECT policies_are('public', 'users', ARRAY['users_self']);
SELECT policies_are('public', 'encryption_keys',
    ARRAY['encryption_keys_read', 'encryption_keys_add', 'encryption_keys_retire']);
SELECT policies_are('public', 'encrypted_entries', ARRAY['encrypted_entries_own', 'encrypted_entries_sealed']);
SELECT policies_are('public', 'journal_audit', ARRAY['journal_audit_own']);
SELECT policy_cmd_is('public', 'encrypted_entries', 'encrypted_entries_own'::name, 'all');
SELECT policy_cmd_is('public', 'encrypted_entries', 'encrypted_entries_sealed'::name, 'update');
SELECT policy_cmd_is('public', 'journal_audit', 'journal_audit_own'::name, 'select');
SELECT is((SELECT array_agg(DISTINCT roles::text) FROM pg_policies
            WHERE schemaname = 'public' AND tablename IN ('users', 'tags', 'entry_tags',
                  'encryption_keys', 'encrypted_entries', 'journal_audit')),
          ARRAY['{public}'], 'the policies hold for every role');
SELECT is((SELECT permissive FROM pg_policies WHERE policyname = 'encrypted_entries_sealed'),
          'RESTRICTIVE', 'sealing takes something away');

-- Triggers and functions
SELECT triggers_are('public', 'users', ARRAY['users_touch', 'users_audit']);
SELECT triggers_are('public', 'encrypted_entries', ARRAY['encrypted_entries_touch', 'encrypted_entries_audit']);
SELECT triggers_are('public', 'encryption_keys', ARRAY['encryption_keys_audit']);
SELECT triggers_are('public', 'journal_audit', ARRAY['journal_audit_append_only']);
SELECT is_definer('public', 'journal_audit_row', '{}'::name[], 'the audit writes with its owner''s rights');
SELECT ok((SELECT proconfig = ARRAY['search_path=pg_catalog, pg_temp'] FROM pg_proc
            WHERE oid = 'public.journal_audit_row()'::regprocedure), 'and with its own search_path');
SELECT isnt_definer('public', 'journal_set_user', ARRAY['uuid'], 'journal_set_user has the caller''s rights');

-- The application's role
SELECT has_role('journal_app', 'role journal_app');
SELECT isnt_superuser('journal_app', 'which is no superuser');
SELECT ok(NOT rolbypassrls AND NOT rolcanlogin, 'does not bypass the policies and has no login')
  FROM pg_roles WHERE rolname = 'journal_app';
SELECT function_privs_are('public', 'journal_set_user', ARRAY['uuid'], 'journal_app', ARRAY['EXECUTE']);
SELECT function_privs_are('public', 'journal_audit_row', '{}'::text[], 'journal_app', '{}');
SELECT table_privs_are('public', 'encrypted_entries', 'journal_app',
    ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('public', 'users', 'journal_app', ARRAY['SELECT']);
SELECT table_privs_are('public', 'prompts', 'journal_app', ARRAY['SELECT']);
SELECT table_privs_are('public', 'journal_audit', 'journal_app', ARRAY['SELECT']);
SELECT column_privs_are('public', 'users', 'display_name', 'journal_app', ARRAY['SELECT', 'UPDATE']);
SELECT column_privs_are('public', 'users', 'email', 'journal_app', ARRAY['SELECT']);

-- The seed
SELECT results_eq(
    $$SELECT language, count(*)::integer FROM public.prompts
       WHERE id::text LIKE '5e0a1f60-0000-4000-8000-%' GROUP BY language ORDER BY language$$,
    $$VALUES ('de', 1), ('en', 2), ('es', 1), ('fr', 1)$$,
    'five prompts in four languages');
SELECT is((SELECT body FROM public.prompts WHERE id = '5e0a1f60-0000-4000-8000-000000000003'),
          'Qu''est-ce qui t''a étonné aujourd''hui ?', 'accents arrived as they were written');

-- Two users, written by maintenance
SET LOCAL journal.user_id = '';
INSERT INTO public.users (id, email, display_name)
    VALUES ('a0000000-0000-4000-8000-00000000000a', 'anna@journal.example', 'Anna'),
           ('b0000000-0000-4000-8000-00000000000b', 'ben@journal.example', 'Ben');
SELECT is((SELECT count(*)::integer FROM public.journal_audit
            WHERE table_name = 'users' AND action = 'INSERT' AND actor_id IS NULL
              AND owner_id IN ('a0000000-0000-4000-8000-00000000000a',
                               'b0000000-0000-4000-8000-00000000000b')),
          2, 'maintenance is audited, as nobody''s');
SELECT throws_ok(
    $$INSERT INTO public.users (email, display_name) VALUES ('ANNA@journal.example', 'Other')$$,
    '23505', NULL, 'an address in capitals is the same address');

-- The application, before it has said for whom it works
SET LOCAL ROLE journal_app;
SELECT is_empty('SELECT 1 FROM public.users', 'no context, no users');
SELECT is_empty('SELECT 1 FROM public.encrypted_entries', 'no context, no entries');
SELECT throws_ok(
    $$INSERT INTO public.tags (user_id, name) VALUES ('a0000000-0000-4000-8000-00000000000a', 'x')$$,
    '42501', NULL, 'no context, no writing');
SELECT throws_ok(
    $$SELECT public.journal_set_user('c0000000-0000-4000-8000-00000000000c')$$,
    '28000', 'there is no such user', 'the context takes no stranger');

-- Anna
SELECT lives_ok(
    $$SELECT public.journal_set_user('a0000000-0000-4000-8000-00000000000a')$$, 'the context takes Anna');
SELECT results_eq('SELECT display_name FROM public.users', ARRAY['Anna'], 'she sees herself alone');
SELECT lives_ok(
    $$INSERT INTO public.encryption_keys (id, user_id, wrapped_key, salt)
      VALUES ('a1000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-00000000000a',
              '\xc0de', '\x000102030405060708090a0b0c0d0e0f')$$,
    'she stores a key');
SELECT lives_ok(
    $$INSERT INTO public.encrypted_entries (id, user_id, key_id, cipher, nonce, ciphertext)
      VALUES ('a2000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-00000000000a',
              'a1000000-0000-4000-8000-000000000001', 'aes-256-gcm',
              '\x000102030405060708090a0b', '\x5ec3e7')$$,
    'and writes an entry');
SELECT throws_ok(
    $$INSERT INTO public.encrypted_entries (user_id, key_id, cipher, nonce, ciphertext)
      VALUES ('a0000000-0000-4000-8000-00000000000a', 'a1000000-0000-4000-8000-000000000001',
              'aes-256-gcm', '\x000102030405060708090a0b', '\x5ec3e7')$$,
    '23505', NULL, 'the nonce does not serve twice');
SELECT throws_ok(
    $$INSERT INTO public.encrypted_entries (user_id, key_id, cipher, nonce, ciphertext)
      VALUES ('a0000000-0000-4000-8000-00000000000a', 'a1000000-0000-4000-8000-000000000001',
              'aes-256-gcm', '\x00', '\x5ec3e7')$$,
    '23514', NULL, 'a nonce has the length of its cipher');
SELECT throws_ok(
    $$UPDATE public.users SET email = 'mallory@journal.example'$$, '42501', NULL,
    'her address is not hers to change');
UPDATE public.encrypted_entries SET mood = 5;
SELECT throws_ok('DELETE FROM public.encryption_keys', '42501', NULL, 'a key is not deleted');
SELECT lives_ok('UPDATE public.encryption_keys SET retired_at = now()', 'but retired');
UPDATE public.encrypted_entries SET sealed_at = now();
UPDATE public.encrypted_entries SET mood = 1;
SELECT is((SELECT mood::integer FROM public.encrypted_entries), 5, 'a sealed entry stays as it is');
SELECT results_eq(
    $$SELECT action, changed_columns FROM public.journal_audit
       WHERE row_id = 'a2000000-0000-4000-8000-000000000001' ORDER BY happened_at$$,
    $$VALUES ('INSERT', NULL), ('UPDATE', ARRAY['mood', 'updated_at']),
             ('UPDATE', ARRAY['sealed_at', 'updated_at'])$$,
    'the audit tells each change');
SELECT is_empty(
    $$SELECT 1 FROM public.journal_audit
       WHERE row_id = 'a2000000-0000-4000-8000-000000000001'
         AND actor_id IS DISTINCT FROM 'a0000000-0000-4000-8000-00000000000a'$$,
    'and that it was Anna');
SELECT throws_ok(
    $$INSERT INTO public.journal_audit (owner_id, table_name, row_id, action)
      VALUES ('a0000000-0000-4000-8000-00000000000a', 'users', gen_random_uuid(), 'UPDATE')$$,
    '42501', NULL, 'which she cannot forge');

-- Ben
SELECT lives_ok(
    $$SELECT public.journal_set_user('b0000000-0000-4000-8000-00000000000b')$$, 'the context takes Ben');
SELECT is_empty('SELECT 1 FROM public.encrypted_entries', 'he sees nothing of Anna''s journal');
SELECT is_empty(
    $$SELECT 1 FROM public.journal_audit WHERE owner_id = 'a0000000-0000-4000-8000-00000000000a'$$,
    'nor of its audit');
SELECT throws_ok(
    $$INSERT INTO public.tags (user_id, name) VALUES ('a0000000-0000-4000-8000-00000000000a', 'x')$$,
    '42501', NULL, 'he cannot write in her name');
SELECT is((SELECT count(*)::integer FROM public.prompts
            WHERE id::text LIKE '5e0a1f60-0000-4000-8000-%'), 5, 'prompts are for everybody');
RESET ROLE;

SELECT throws_ok('DELETE FROM public.journal_audit', '42501',
                 'the audit is append only: DELETE is not allowed', 'not even the owner trims the audit');
DELETE FROM public.users WHERE id = 'a0000000-0000-4000-8000-00000000000a';
SELECT is((SELECT count(*)::integer FROM public.journal_audit
            WHERE owner_id = 'a0000000-0000-4000-8000-00000000000a' AND action = 'DELETE'),
          3, 'a user takes entry and key along, and the audit says so');

SELECT * FROM finish();
ROLLBACK;
