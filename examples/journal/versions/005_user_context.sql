-- migr:revision 005
-- migr:revises 004
-- migr:message the application's role, its user context, and prompts in français and für alle
-- migr:created 2026-07-01 06:30:00+00

-- migr:upgrade
-- A role belongs to the cluster: another database with this chain may have
-- made it already, and may make it at this very moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'journal_app') THEN
        CREATE ROLE journal_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END;
$$;

-- The one way for the application to say for whom it works. For the current
-- transaction only: behind a connection pool the next one is somebody else's.
-- The policies hold in here too, so it finds the one user that it has just set.
CREATE FUNCTION public.journal_set_user(user_id uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('journal.user_id', user_id::text, true);
    IF NOT EXISTS (SELECT FROM public.users AS u WHERE u.id = journal_set_user.user_id) THEN
        -- The error takes the setting back with it.
        RAISE EXCEPTION 'there is no such user'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
END;
$$;
COMMENT ON FUNCTION public.journal_set_user(uuid) IS
    'Says whose journal this transaction works on; call it first';
REVOKE ALL ON FUNCTION public.journal_set_user(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.journal_set_user(uuid) TO journal_app;
-- What a policy lets through still needs the right to the table.
GRANT SELECT, UPDATE (display_name, time_zone) ON public.users TO journal_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.tags TO journal_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.encrypted_entries TO journal_app;
GRANT SELECT, INSERT, DELETE ON public.entry_tags TO journal_app;
GRANT SELECT, INSERT, UPDATE (retired_at) ON public.encryption_keys TO journal_app;
GRANT SELECT ON public.prompts, public.journal_audit TO journal_app;

-- Fixed ids: clients refer to them, and the downgrade finds them again.
COPY public.prompts (id, language, body) FROM stdin;
5e0a1f60-0000-4000-8000-000000000001	en	What surprised you today?
5e0a1f60-0000-4000-8000-000000000002	en	What would you do again?
5e0a1f60-0000-4000-8000-000000000003	fr	Qu'est-ce qui t'a étonné aujourd'hui ?
5e0a1f60-0000-4000-8000-000000000004	de	Worüber hast du dich gefreut?
5e0a1f60-0000-4000-8000-000000000005	es	¿Qué harías de otra manera mañana?
\.

-- migr:downgrade
-- Entries that began with one of these prompts stay, without the prompt.
DELETE FROM public.prompts
 WHERE id IN ('5e0a1f60-0000-4000-8000-000000000001',
              '5e0a1f60-0000-4000-8000-000000000002',
              '5e0a1f60-0000-4000-8000-000000000003',
              '5e0a1f60-0000-4000-8000-000000000004',
              '5e0a1f60-0000-4000-8000-000000000005');

DROP FUNCTION public.journal_set_user(uuid);
-- One by one: DROP OWNED BY would take what others have granted, too. REVOKE
-- on a table includes its columns.
REVOKE ALL ON public.users, public.tags, public.encrypted_entries, public.entry_tags,
              public.encryption_keys, public.prompts, public.journal_audit
    FROM journal_app;

-- The role goes with its last user. It stays while another database has
-- grants to it, while a login is a member of it (DROP ROLE would end the
-- membership without a word; the creator's own, since PostgreSQL 16, is an
-- admin's), or when whoever runs this did not make it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_auth_members AS m
                 JOIN pg_roles AS r ON r.oid = m.roleid
                WHERE r.rolname = 'journal_app' AND NOT m.admin_option) THEN
        RAISE NOTICE 'role journal_app has members and stays';
        RETURN;
    END IF;
    DROP ROLE IF EXISTS journal_app;
EXCEPTION
    WHEN dependent_objects_still_exist THEN
        RAISE NOTICE 'role journal_app is used elsewhere and stays';
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role journal_app is another role''s to drop and stays';
END;
$$;

-- migr:verify
SELECT count(*) = 5 FROM public.prompts WHERE id::text LIKE '5e0a1f60-0000-4000-8000-%';

SELECT has_function_privilege('journal_app', 'public.journal_set_user(uuid)', 'EXECUTE');
SELECT NOT has_table_privilege('journal_app', 'public.journal_audit', 'INSERT, UPDATE, DELETE');
SELECT NOT has_column_privilege('journal_app', 'public.users', 'email', 'UPDATE');

DO $verify$
DECLARE
    v_anna uuid := gen_random_uuid();
    v_ben uuid := gen_random_uuid();
    v_role text := current_setting('role');
BEGIN
    PERFORM set_config('journal.user_id', v_anna::text, true);
    INSERT INTO public.users (id, email, display_name)
        VALUES (v_anna, v_anna || '@example.org', 'Anna');
    PERFORM set_config('journal.user_id', v_ben::text, true);
    INSERT INTO public.users (id, email, display_name)
        VALUES (v_ben, v_ben || '@example.org', 'Ben');

    -- The owner is held to the policies; a superuser takes the application's role.
    IF NOT row_security_active('public.users') THEN
        SET LOCAL ROLE journal_app;
    END IF;

    PERFORM public.journal_set_user(v_anna);
    INSERT INTO public.encrypted_entries (user_id, cipher, ciphertext)
        VALUES (v_anna, 'none', '\x7b7d');
    PERFORM public.journal_set_user(v_ben);
    IF EXISTS (SELECT FROM public.encrypted_entries) THEN
        RAISE EXCEPTION 'Ben reads Anna''s journal';
    END IF;

    BEGIN
        PERFORM public.journal_set_user(gen_random_uuid());
        RAISE EXCEPTION 'the context took a user who does not exist';
    EXCEPTION
        WHEN invalid_authorization_specification THEN NULL;
    END;
    IF current_setting('journal.user_id') <> v_ben::text THEN
        RAISE EXCEPTION 'a refused user stayed in the context';
    END IF;

    PERFORM set_config('role', v_role, true);
END;
$verify$;
