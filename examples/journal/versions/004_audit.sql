-- migr:revision 004
-- migr:revises 003
-- migr:message audit: who changed which row, and when
-- migr:created 2026-05-11 08:45:00+00

-- migr:upgrade
CREATE TABLE public.journal_audit (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    happened_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    -- No foreign keys: the audit outlives what it tells of.
    actor_id uuid,
    owner_id uuid NOT NULL,
    login_role text DEFAULT SESSION_USER NOT NULL,
    table_name text NOT NULL,
    row_id uuid NOT NULL,
    action text NOT NULL
        CONSTRAINT journal_audit_action_known CHECK (action IN ('INSERT', 'UPDATE', 'DELETE')),
    changed_columns text[]
);
COMMENT ON TABLE public.journal_audit IS 'Append only; tells that a column changed, never what it held';
COMMENT ON COLUMN public.journal_audit.actor_id IS 'journal.user_id at the time; NULL for maintenance';
COMMENT ON COLUMN public.journal_audit.owner_id IS 'Whose row it was';
CREATE INDEX journal_audit_owner_id_idx ON public.journal_audit (owner_id, happened_at DESC);
CREATE INDEX journal_audit_row_id_idx ON public.journal_audit (row_id);

-- ENABLE without FORCE: the trigger function below writes as the owner of the
-- table, for whom there is then no policy to satisfy. Others may read, and
-- only what is about them.
ALTER TABLE public.journal_audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY journal_audit_own ON public.journal_audit
    FOR SELECT
    USING (owner_id = nullif(current_setting('journal.user_id', true), '')::uuid);

-- SECURITY DEFINER, so that users leave a trace without a right to write one;
-- with its own search_path, so that they cannot choose what its names mean.
-- The argument is the column that says whose row it is.
CREATE FUNCTION public.journal_audit_row() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $audit$
DECLARE
    old_row jsonb := '{}';
    new_row jsonb := '{}';
    this_row jsonb;
    changed text[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW);
    END IF;
    this_row := CASE TG_OP WHEN 'DELETE' THEN old_row ELSE new_row END;

    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(key ORDER BY key) INTO changed
          FROM jsonb_each(new_row) AS n (key, value)
         WHERE n.value IS DISTINCT FROM old_row -> n.key;
    END IF;

    INSERT INTO public.journal_audit
           (actor_id, owner_id, table_name, row_id, action, changed_columns)
    VALUES (nullif(current_setting('journal.user_id', true), '')::uuid,
            (this_row ->> TG_ARGV[0])::uuid,
            TG_TABLE_NAME,
            (this_row ->> 'id')::uuid,
            TG_OP,
            changed);
    RETURN NULL;
END;
$audit$;
COMMENT ON FUNCTION public.journal_audit_row() IS 'Writes the audit row of a change';
-- Everybody may execute a new function unless told otherwise.
REVOKE ALL ON FUNCTION public.journal_audit_row() FROM PUBLIC;

CREATE FUNCTION public.journal_audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append only: % is not allowed', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END;
$$;
COMMENT ON FUNCTION public.journal_audit_is_append_only() IS 'Refuses, even to the owner';

CREATE FUNCTION public.journal_touch() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION public.journal_touch() IS 'Keeps updated_at';

-- Per statement: it fires for TRUNCATE too, and when no row matches.
CREATE TRIGGER journal_audit_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON public.journal_audit
    FOR EACH STATEMENT EXECUTE FUNCTION public.journal_audit_is_append_only();

-- WHEN: an update that changes nothing is no change.
CREATE TRIGGER users_touch BEFORE UPDATE ON public.users
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION public.journal_touch();
CREATE TRIGGER encrypted_entries_touch BEFORE UPDATE ON public.encrypted_entries
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION public.journal_touch();

CREATE TRIGGER users_audit AFTER INSERT OR UPDATE OR DELETE ON public.users
    FOR EACH ROW EXECUTE FUNCTION public.journal_audit_row('id');
CREATE TRIGGER encryption_keys_audit AFTER INSERT OR UPDATE OR DELETE ON public.encryption_keys
    FOR EACH ROW EXECUTE FUNCTION public.journal_audit_row('user_id');
CREATE TRIGGER encrypted_entries_audit AFTER INSERT OR UPDATE OR DELETE ON public.encrypted_entries
    FOR EACH ROW EXECUTE FUNCTION public.journal_audit_row('user_id');

-- migr:downgrade
DROP TRIGGER encrypted_entries_audit ON public.encrypted_entries;
DROP TRIGGER encryption_keys_audit ON public.encryption_keys;
DROP TRIGGER users_audit ON public.users;
DROP TRIGGER encrypted_entries_touch ON public.encrypted_entries;
DROP TRIGGER users_touch ON public.users;
DROP TABLE public.journal_audit;
DROP FUNCTION public.journal_touch();
DROP FUNCTION public.journal_audit_is_append_only();
DROP FUNCTION public.journal_audit_row();

-- migr:verify
SELECT prosecdef FROM pg_proc WHERE oid = 'public.journal_audit_row()'::regprocedure;

DO $verify$
DECLARE
    v_user uuid := gen_random_uuid();
    v_entry uuid := gen_random_uuid();
    v_actions text[];
    v_columns text[];
BEGIN
    PERFORM set_config('journal.user_id', v_user::text, true);
    INSERT INTO public.users (id, email, display_name)
        VALUES (v_user, v_user || '@example.org', 'Verify');
    INSERT INTO public.encrypted_entries (id, user_id, cipher, ciphertext)
        VALUES (v_entry, v_user, 'none', '\x7b7d');
    UPDATE public.encrypted_entries SET mood = 4 WHERE id = v_entry;
    DELETE FROM public.encrypted_entries WHERE id = v_entry;

    SELECT array_agg(action ORDER BY happened_at) INTO v_actions
      FROM public.journal_audit
     WHERE row_id = v_entry AND actor_id = v_user AND owner_id = v_user;
    IF v_actions IS DISTINCT FROM '{INSERT,UPDATE,DELETE}' THEN
        RAISE EXCEPTION 'the audit says % of an insert, an update and a delete', v_actions;
    END IF;
    SELECT changed_columns INTO v_columns
      FROM public.journal_audit
     WHERE row_id = v_entry AND action = 'UPDATE';
    IF v_columns IS DISTINCT FROM '{mood,updated_at}' THEN
        RAISE EXCEPTION 'the audit says that % changed', v_columns;
    END IF;

    BEGIN
        DELETE FROM public.journal_audit WHERE row_id = v_entry;
        RAISE EXCEPTION 'the audit can be trimmed';
    EXCEPTION
        WHEN insufficient_privilege THEN NULL;
    END;
END;
$verify$;
