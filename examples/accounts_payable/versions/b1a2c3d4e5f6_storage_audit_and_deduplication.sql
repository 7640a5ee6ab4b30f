-- migr:revision b1a2c3d4e5f6
-- migr:revises ca4653c80b38
-- migr:message storage audit and deduplication
-- migr:created 2026-02-03 14:05:00+00

-- migr:upgrade
-- Vendors send the same PDF by mail, by portal and once more with the
-- reminder. A file is known by its content: one row per SHA-256 digest.
CREATE TABLE public.stored_files (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    sha256 bytea NOT NULL
        CONSTRAINT stored_files_sha256_key UNIQUE
        CONSTRAINT stored_files_sha256_length CHECK (octet_length(sha256) = 32),
    byte_size bigint NOT NULL CONSTRAINT stored_files_size_not_negative CHECK (byte_size >= 0),
    media_type text DEFAULT 'application/pdf' NOT NULL,
    storage_key text NOT NULL CONSTRAINT stored_files_storage_key_key UNIQUE,
    original_name text,
    metadata jsonb DEFAULT '{}' NOT NULL
);
COMMENT ON TABLE public.stored_files IS 'Files in the object store, each content once';
COMMENT ON COLUMN public.stored_files.sha256 IS 'Digest of the content, 32 bytes';
COMMENT ON COLUMN public.stored_files.storage_key IS 'Where the object store keeps it';

CREATE TRIGGER stored_files_touch BEFORE UPDATE ON public.stored_files
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

CREATE TYPE public.storage_action AS ENUM ('stored', 'deduplicated', 'checked', 'missing', 'deleted');

-- No copy of the template: an audit row has one moment and never changes.
CREATE TABLE public.storage_audit (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    happened_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    action public.storage_action NOT NULL,
    -- The row outlives the file; the digest still tells which one it was.
    stored_file_id uuid
        CONSTRAINT storage_audit_stored_file_id_fkey
        REFERENCES public.stored_files (id) ON DELETE SET NULL,
    sha256 bytea NOT NULL,
    actor text DEFAULT SESSION_USER NOT NULL,
    detail jsonb DEFAULT '{}' NOT NULL
);
COMMENT ON TABLE public.storage_audit IS 'What happened to stored files, oldest first by happened_at';
CREATE INDEX storage_audit_stored_file_id_idx ON public.storage_audit (stored_file_id);
CREATE INDEX storage_audit_sha256_idx ON public.storage_audit (sha256, happened_at);

-- A file that an invoice rests on is evidence: it cannot be deleted.
ALTER TABLE public.invoices
    ADD COLUMN stored_file_id uuid
        CONSTRAINT invoices_stored_file_id_fkey
        REFERENCES public.stored_files (id) ON DELETE RESTRICT;
COMMENT ON COLUMN public.invoices.stored_file_id IS 'The document itself; several invoices may share one';
CREATE INDEX invoices_stored_file_id_idx ON public.invoices (stored_file_id);

-- ON CONFLICT leaves the race between two uploads of one file to the unique
-- index: the second waits for the first, then finds its row.
CREATE FUNCTION public.store_file(
    content_sha256 bytea,
    content_length bigint,
    location text,
    content_type text DEFAULT 'application/pdf',
    file_name text DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known public.stored_files;
    file_id uuid;
BEGIN
    INSERT INTO public.stored_files (sha256, byte_size, storage_key, media_type, original_name)
        VALUES (content_sha256, content_length, location, content_type, file_name)
        ON CONFLICT (sha256) DO NOTHING
        RETURNING id INTO file_id;
    IF FOUND THEN
        INSERT INTO public.storage_audit (action, stored_file_id, sha256)
            VALUES ('stored', file_id, content_sha256);
        RETURN file_id;
    END IF;

    SELECT * INTO STRICT known FROM public.stored_files WHERE sha256 = content_sha256;
    IF known.byte_size <> content_length THEN
        RAISE EXCEPTION 'same digest, other length: % is not %', content_length, known.byte_size
            USING ERRCODE = 'data_corrupted',
                  HINT = 'Compute the digest over the whole file.';
    END IF;
    INSERT INTO public.storage_audit (action, stored_file_id, sha256, detail)
        VALUES ('deduplicated', known.id, content_sha256,
                jsonb_build_object('location', location, 'file_name', file_name));
    RETURN known.id;
END;
$$;
COMMENT ON FUNCTION public.store_file(bytea, bigint, text, text, text) IS
    'Registers a file; returns the row of the same content if there is one';

CREATE VIEW public.storage_savings AS
    SELECT f.id,
           f.storage_key,
           f.byte_size,
           count(a.id) AS duplicates,
           count(a.id) * f.byte_size AS bytes_saved
      FROM public.stored_files AS f
      LEFT JOIN public.storage_audit AS a
        ON a.stored_file_id = f.id AND a.action = 'deduplicated'
     GROUP BY f.id;
COMMENT ON VIEW public.storage_savings IS 'What deduplication is worth, per file';

-- migr:downgrade
DROP VIEW public.storage_savings;
DROP FUNCTION public.store_file(bytea, bigint, text, text, text);
-- The index and the foreign key go with the column.
ALTER TABLE public.invoices DROP COLUMN stored_file_id;
DROP TABLE public.storage_audit;
DROP TABLE public.stored_files;
DROP TYPE public.storage_action;

-- migr:verify
DO $verify$
DECLARE
    v_digest bytea := sha256(convert_to(gen_random_uuid()::text, 'UTF8'));
    v_first uuid;
    v_second uuid;
BEGIN
    v_first := public.store_file(v_digest, 1000, 'verify/' || encode(v_digest, 'hex'));
    v_second := public.store_file(v_digest, 1000, 'verify/again/' || encode(v_digest, 'hex'));
    IF v_first <> v_second THEN
        RAISE EXCEPTION 'one content, two files';
    END IF;
    IF (SELECT bytes_saved FROM public.storage_savings WHERE id = v_first) IS DISTINCT FROM 1000 THEN
        RAISE EXCEPTION 'the duplicate is not counted';
    END IF;

    BEGIN
        PERFORM public.store_file(v_digest, 999, 'verify/short');
        RAISE EXCEPTION 'a digest was accepted for two lengths';
    EXCEPTION
        WHEN data_corrupted THEN NULL;
    END;

    BEGIN
        INSERT INTO public.stored_files (sha256, byte_size, storage_key)
            VALUES ('\xc0ffee', 3, 'verify/no-digest');
        RAISE EXCEPTION 'three bytes passed for a SHA-256 digest';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;

    DELETE FROM public.stored_files WHERE id = v_first;
    IF (SELECT count(*) FROM public.storage_audit
         WHERE sha256 = v_digest AND stored_file_id IS NULL) <> 2 THEN
        RAISE EXCEPTION 'the audit rows went with the file';
    END IF;
END;
$verify$;
