-- migr:revision 003
-- migr:revises 002_add_encrypted_models
-- migr:message row-level security: to each their own
-- migr:created 2026-03-21 12:00:00+00

-- migr:upgrade
-- The application connects as one role for all users, and says for whom it
-- works in the setting journal.user_id. Two things about
--     nullif(current_setting('journal.user_id', true), '')::uuid
-- "true": without the setting it is NULL, so nobody sees anything, no error.
-- nullif: once a transaction with SET LOCAL has ended, it is '', not NULL.

-- FORCE: the owner of the tables is held to it as well. Superusers and roles
-- with BYPASSRLS are not, pg_dump run by a superuser is therefore complete.
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.users FORCE ROW LEVEL SECURITY;
ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tags FORCE ROW LEVEL SECURITY;
ALTER TABLE public.encryption_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.encryption_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE public.encrypted_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.encrypted_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE public.entry_tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.entry_tags FORCE ROW LEVEL SECURITY;

-- USING alone serves as WITH CHECK too: what one may not see, one may not write.
CREATE POLICY users_self ON public.users
    USING (id = nullif(current_setting('journal.user_id', true), '')::uuid);
CREATE POLICY tags_own ON public.tags
    USING (user_id = nullif(current_setting('journal.user_id', true), '')::uuid);
CREATE POLICY encrypted_entries_own ON public.encrypted_entries
    USING (user_id = nullif(current_setting('journal.user_id', true), '')::uuid);
COMMENT ON POLICY encrypted_entries_own ON public.encrypted_entries IS 'A journal is for one pair of eyes';

-- Keys command by command, as there is none for DELETE: no policy, no row. A
-- key is retired; what it has encrypted stays readable.
CREATE POLICY encryption_keys_read ON public.encryption_keys
    FOR SELECT
    USING (user_id = nullif(current_setting('journal.user_id', true), '')::uuid);
CREATE POLICY encryption_keys_add ON public.encryption_keys
    FOR INSERT
    WITH CHECK (user_id = nullif(current_setting('journal.user_id', true), '')::uuid);
CREATE POLICY encryption_keys_retire ON public.encryption_keys
    FOR UPDATE
    USING (user_id = nullif(current_setting('journal.user_id', true), '')::uuid);

-- No user_id here; both ends must be the user's own. The policies of those two
-- tables would see to it, but a policy should not rest on another one.
CREATE POLICY entry_tags_own ON public.entry_tags
    USING (
        EXISTS (SELECT FROM public.encrypted_entries AS e
                 WHERE e.id = entry_tags.entry_id
                   AND e.user_id = nullif(current_setting('journal.user_id', true), '')::uuid)
        AND
        EXISTS (SELECT FROM public.tags AS t
                 WHERE t.id = entry_tags.tag_id
                   AND t.user_id = nullif(current_setting('journal.user_id', true), '')::uuid)
    );

-- A sealed entry can be read and deleted, but not rewritten. A restrictive
-- policy is needed to take something away; WITH CHECK (true), or the update
-- that seals it would be refused as well.
ALTER TABLE public.encrypted_entries ADD COLUMN sealed_at timestamptz;
COMMENT ON COLUMN public.encrypted_entries.sealed_at IS 'From then on it is not changed any more';
CREATE POLICY encrypted_entries_sealed ON public.encrypted_entries
    AS RESTRICTIVE FOR UPDATE
    USING (sealed_at IS NULL)
    WITH CHECK (true);

-- migr:downgrade
DROP POLICY encrypted_entries_sealed ON public.encrypted_entries;
ALTER TABLE public.encrypted_entries DROP COLUMN sealed_at;
DROP POLICY entry_tags_own ON public.entry_tags;
DROP POLICY encryption_keys_retire ON public.encryption_keys;
DROP POLICY encryption_keys_add ON public.encryption_keys;
DROP POLICY encryption_keys_read ON public.encryption_keys;
DROP POLICY encrypted_entries_own ON public.encrypted_entries;
DROP POLICY tags_own ON public.tags;
DROP POLICY users_self ON public.users;
-- FORCE is a switch of its own: left on, it would take effect again with the
-- next ENABLE.
ALTER TABLE public.entry_tags NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.entry_tags DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.encrypted_entries NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.encrypted_entries DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.encryption_keys NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.encryption_keys DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.tags NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.tags DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.users DISABLE ROW LEVEL SECURITY;

-- migr:verify
SELECT relrowsecurity AND relforcerowsecurity
  FROM pg_class
 WHERE oid IN ('public.users'::regclass, 'public.tags'::regclass,
               'public.encryption_keys'::regclass, 'public.encrypted_entries'::regclass,
               'public.entry_tags'::regclass);

DO $verify$
DECLARE
    v_anna uuid := gen_random_uuid();
    v_ben uuid := gen_random_uuid();
    v_role text := current_setting('role');
    n bigint;
BEGIN
    -- The owner is held to the policies. Who is not, a superuser mostly, tries
    -- them as a role that is made for this and rolled back with the rest.
    IF NOT row_security_active('public.users') THEN
        CREATE ROLE journal_verify_003;
        GRANT SELECT, INSERT, UPDATE, DELETE
            ON public.users, public.tags, public.encryption_keys,
               public.encrypted_entries, public.entry_tags
            TO journal_verify_003;
        SET LOCAL ROLE journal_verify_003;
    END IF;

    PERFORM set_config('journal.user_id', v_anna::text, true);
    INSERT INTO public.users (id, email, display_name)
        VALUES (v_anna, v_anna || '@example.org', 'Anna');
    INSERT INTO public.encrypted_entries (user_id, cipher, ciphertext)
        VALUES (v_anna, 'none', '\x7b7d');
    INSERT INTO public.encryption_keys (user_id, wrapped_key, salt)
        VALUES (v_anna, '\x00', decode(repeat('00', 16), 'hex'));

    DELETE FROM public.encryption_keys;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 0 THEN
        RAISE EXCEPTION 'a key could be deleted';
    END IF;

    UPDATE public.encrypted_entries SET sealed_at = now();
    UPDATE public.encrypted_entries SET mood = 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 0 THEN
        RAISE EXCEPTION 'a sealed entry was rewritten';
    END IF;

    PERFORM set_config('journal.user_id', v_ben::text, true);
    IF EXISTS (SELECT FROM public.encrypted_entries) OR EXISTS (SELECT FROM public.users) THEN
        RAISE EXCEPTION 'one user reads another''s journal';
    END IF;
    BEGIN
        INSERT INTO public.tags (user_id, name) VALUES (v_anna, 'smuggled');
        RAISE EXCEPTION 'one user writes in another''s name';
    EXCEPTION
        WHEN insufficient_privilege THEN NULL;
    END;

    -- What is left of SET LOCAL when its transaction is over.
    PERFORM set_config('journal.user_id', '', true);
    IF EXISTS (SELECT FROM public.users) THEN
        RAISE EXCEPTION 'without a user there are rows to see';
    END IF;

    PERFORM set_config('role', v_role, true);
END;
$verify$;
