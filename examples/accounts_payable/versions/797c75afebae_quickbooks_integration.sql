-- migr:revision 797c75afebae
-- migr:revises b1a2c3d4e5f6
-- migr:message QuickBooks integration
-- migr:created 2026-03-02 09:15:00+00

-- migr:upgrade
CREATE TYPE public.quickbooks_connection_status AS ENUM ('pending', 'connected', 'expired', 'revoked');
CREATE TYPE public.quickbooks_entity AS ENUM ('vendor', 'bill', 'bill_payment', 'account');
CREATE TYPE public.quickbooks_direction AS ENUM ('push', 'pull');
CREATE TYPE public.quickbooks_sync_status AS ENUM ('queued', 'running', 'succeeded', 'failed');

CREATE TABLE public.quickbooks_connections (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    realm_id text NOT NULL CONSTRAINT quickbooks_connections_realm_id_key UNIQUE,
    company_name text NOT NULL,
    status public.quickbooks_connection_status DEFAULT 'pending' NOT NULL,
    -- The name of a secret, not the secret: a dump of this database must not
    -- be enough to write into somebody's books.
    credentials_ref text,
    token_expires_at timestamptz,
    settings jsonb DEFAULT '{}' NOT NULL,
    CONSTRAINT quickbooks_connections_connected_has_credentials
        CHECK (status <> 'connected' OR num_nulls(credentials_ref, token_expires_at) = 0)
);
COMMENT ON TABLE public.quickbooks_connections IS 'Companies that we write bills to';
COMMENT ON COLUMN public.quickbooks_connections.realm_id IS 'The company''s id at QuickBooks';
COMMENT ON COLUMN public.quickbooks_connections.credentials_ref IS 'Name of the secret in the vault';

CREATE TABLE public.quickbooks_mappings (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    connection_id uuid NOT NULL
        CONSTRAINT quickbooks_mappings_connection_id_fkey
        REFERENCES public.quickbooks_connections (id) ON DELETE CASCADE,
    entity public.quickbooks_entity NOT NULL,
    -- A vendor or an invoice, as entity says; hence no foreign key.
    local_id uuid NOT NULL,
    remote_id text NOT NULL,
    sync_token text DEFAULT '0' NOT NULL,
    last_synced_at timestamptz,
    remote_snapshot json,
    -- One to one, in both directions.
    CONSTRAINT quickbooks_mappings_local_key UNIQUE (connection_id, entity, local_id),
    CONSTRAINT quickbooks_mappings_remote_key UNIQUE (connection_id, entity, remote_id)
);
COMMENT ON TABLE public.quickbooks_mappings IS 'Which of our rows is which of theirs';
COMMENT ON COLUMN public.quickbooks_mappings.sync_token IS 'Their optimistic lock: an update must send the last one seen';
COMMENT ON COLUMN public.quickbooks_mappings.remote_snapshot IS 'Their answer as it came, to tell whose change is newer';

CREATE TABLE public.quickbooks_sync_log (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    connection_id uuid NOT NULL
        CONSTRAINT quickbooks_sync_log_connection_id_fkey
        REFERENCES public.quickbooks_connections (id) ON DELETE CASCADE,
    mapping_id uuid
        CONSTRAINT quickbooks_sync_log_mapping_id_fkey
        REFERENCES public.quickbooks_mappings (id) ON DELETE SET NULL,
    direction public.quickbooks_direction NOT NULL,
    status public.quickbooks_sync_status DEFAULT 'queued' NOT NULL,
    started_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamptz,
    request jsonb,
    response jsonb,
    error text,
    CONSTRAINT quickbooks_sync_log_finished_when_done
        CHECK ((status IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT quickbooks_sync_log_time_runs_forward CHECK (finished_at >= started_at),
    CONSTRAINT quickbooks_sync_log_failure_has_error CHECK (status <> 'failed' OR error IS NOT NULL)
);
COMMENT ON TABLE public.quickbooks_sync_log IS 'Every exchange with QuickBooks';
CREATE INDEX quickbooks_sync_log_connection_id_idx
    ON public.quickbooks_sync_log (connection_id, started_at DESC);
CREATE INDEX quickbooks_sync_log_mapping_id_idx ON public.quickbooks_sync_log (mapping_id);

CREATE TRIGGER quickbooks_connections_touch BEFORE UPDATE ON public.quickbooks_connections
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
CREATE TRIGGER quickbooks_mappings_touch BEFORE UPDATE ON public.quickbooks_mappings
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- migr:downgrade
DROP TABLE public.quickbooks_sync_log;
DROP TABLE public.quickbooks_mappings;
DROP TABLE public.quickbooks_connections;
DROP TYPE public.quickbooks_sync_status;
DROP TYPE public.quickbooks_direction;
DROP TYPE public.quickbooks_entity;
DROP TYPE public.quickbooks_connection_status;

-- migr:verify
SELECT count(*) = 3
  FROM pg_constraint
 WHERE contype = 'f'
   AND conrelid IN ('public.quickbooks_mappings'::regclass, 'public.quickbooks_sync_log'::regclass);

DO $verify$
DECLARE
    v_connection uuid;
    v_mapping uuid;
    v_local uuid := gen_random_uuid();
BEGIN
    INSERT INTO public.quickbooks_connections (realm_id, company_name)
        VALUES ('verify-' || v_local, 'Verify Inc') RETURNING id INTO v_connection;
    INSERT INTO public.quickbooks_mappings (connection_id, entity, local_id, remote_id)
        VALUES (v_connection, 'vendor', v_local, '56') RETURNING id INTO v_mapping;
    INSERT INTO public.quickbooks_sync_log (connection_id, mapping_id, direction)
        VALUES (v_connection, v_mapping, 'push');

    BEGIN
        UPDATE public.quickbooks_connections SET status = 'connected' WHERE id = v_connection;
        RAISE EXCEPTION 'connected without credentials';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;

    BEGIN
        INSERT INTO public.quickbooks_mappings (connection_id, entity, local_id, remote_id)
            VALUES (v_connection, 'vendor', gen_random_uuid(), '56');
        RAISE EXCEPTION 'two of our rows are one of theirs';
    EXCEPTION
        WHEN unique_violation THEN NULL;
    END;

    BEGIN
        UPDATE public.quickbooks_sync_log SET status = 'failed', finished_at = clock_timestamp()
         WHERE mapping_id = v_mapping;
        RAISE EXCEPTION 'a failure without a reason';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;

    DELETE FROM public.quickbooks_connections WHERE id = v_connection;
    IF EXISTS (SELECT FROM public.quickbooks_sync_log WHERE connection_id = v_connection) THEN
        RAISE EXCEPTION 'the log of a deleted connection stayed';
    END IF;
END;
$verify$;
