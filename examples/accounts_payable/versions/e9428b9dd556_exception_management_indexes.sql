-- migr:revision e9428b9dd556
-- migr:revises 797c75afebae
-- migr:message exception management: indexes and checks
-- migr:created 2026-04-20 16:40:00+00

-- migr:upgrade
-- The checks below hold for rows that are there already, so those come first.
-- Nothing here is undone by the downgrade: the repaired rows are valid before
-- this revision too.
UPDATE public.exceptions
   SET details = jsonb_build_object('value', details)
 WHERE jsonb_typeof(details) <> 'object';
UPDATE public.exceptions
   SET resolved_at = updated_at
 WHERE status IN ('resolved', 'dismissed') AND resolved_at IS NULL;
UPDATE public.exceptions
   SET resolved_at = NULL
 WHERE status IN ('open', 'in_progress') AND resolved_at IS NOT NULL;
UPDATE public.invoices
   SET extracted = jsonb_build_object('value', extracted)
 WHERE jsonb_typeof(extracted) <> 'object';
-- Of several open exceptions about the same thing the oldest stays open.
UPDATE public.exceptions AS e
   SET status = 'dismissed', resolved_at = now(), resolved_by = 'revision e9428b9dd556'
  FROM (SELECT id,
               row_number() OVER (PARTITION BY invoice_id, kind, line_id
                                  ORDER BY created_at, id) AS place
          FROM public.exceptions
         WHERE status IN ('open', 'in_progress')) AS same
 WHERE e.id = same.id AND same.place > 1;

ALTER TABLE public.exceptions
    ADD CONSTRAINT exceptions_details_is_object CHECK (jsonb_typeof(details) = 'object'),
    ADD CONSTRAINT exceptions_resolved_when_closed
        CHECK ((status IN ('resolved', 'dismissed')) = (resolved_at IS NOT NULL));
ALTER TABLE public.invoices
    ADD CONSTRAINT invoices_extracted_is_object CHECK (jsonb_typeof(extracted) = 'object');

-- The work queue asks what is in the details: details @> '{"po": "4711"}'.
-- jsonb_path_ops serves containment only, and is half the size for it.
CREATE INDEX exceptions_details_gin ON public.exceptions USING gin (details jsonb_path_ops);
-- Here people also ask whether a key is there (extracted ? 'po'), which needs
-- the default operator class.
CREATE INDEX invoices_extracted_gin ON public.invoices USING gin (extracted);

-- The queue itself: worst first, then oldest. Closed rows, nearly all after a
-- year, are not in it.
CREATE INDEX exceptions_queue_idx ON public.exceptions (severity DESC, created_at)
    WHERE status IN ('open', 'in_progress');

-- NULL differs from NULL in a unique index, so an exception about the whole
-- invoice stands under the nil uuid.
CREATE UNIQUE INDEX exceptions_one_open_per_kind
    ON public.exceptions (invoice_id, kind, (coalesce(line_id, '00000000-0000-0000-0000-000000000000'::uuid)))
    WHERE status IN ('open', 'in_progress');
COMMENT ON INDEX public.exceptions_one_open_per_kind IS 'The same complaint is open once';

-- migr:downgrade
DROP INDEX public.exceptions_one_open_per_kind;
DROP INDEX public.exceptions_queue_idx;
DROP INDEX public.invoices_extracted_gin;
DROP INDEX public.exceptions_details_gin;
ALTER TABLE public.invoices DROP CONSTRAINT invoices_extracted_is_object;
ALTER TABLE public.exceptions
    DROP CONSTRAINT exceptions_resolved_when_closed,
    DROP CONSTRAINT exceptions_details_is_object;

-- migr:verify
SELECT indisvalid
  FROM pg_index
 WHERE indexrelid IN ('public.exceptions_details_gin'::regclass,
                      'public.invoices_extracted_gin'::regclass,
                      'public.exceptions_queue_idx'::regclass,
                      'public.exceptions_one_open_per_kind'::regclass);

DO $verify$
DECLARE
    v_vendor uuid;
    v_invoice uuid;
BEGIN
    INSERT INTO public.vendors (name) VALUES ('Verify Ltd') RETURNING id INTO v_vendor;
    INSERT INTO public.invoices (vendor_id, invoice_number, total, issued_at, due_at)
        VALUES (v_vendor, 'V-1', 1, '2026-01-01 00:00+00', '2026-01-31 00:00+00')
        RETURNING id INTO v_invoice;
    INSERT INTO public.exceptions (invoice_id, kind) VALUES (v_invoice, 'tax');

    BEGIN
        INSERT INTO public.exceptions (invoice_id, kind) VALUES (v_invoice, 'tax');
        RAISE EXCEPTION 'the same complaint is open twice';
    EXCEPTION
        WHEN unique_violation THEN NULL;
    END;

    BEGIN
        UPDATE public.exceptions SET status = 'resolved' WHERE invoice_id = v_invoice;
        RAISE EXCEPTION 'resolved, but never';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;

    -- Once closed, it may come up again.
    UPDATE public.exceptions SET status = 'resolved', resolved_at = now() WHERE invoice_id = v_invoice;
    INSERT INTO public.exceptions (invoice_id, kind) VALUES (v_invoice, 'tax');

    BEGIN
        INSERT INTO public.exceptions (invoice_id, kind, details) VALUES (v_invoice, 'other', '[1]');
        RAISE EXCEPTION 'details took an array';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;
END;
$verify$;
