-- migr:revision ca4653c80b38
-- migr:message initial schema: vendors, invoices, lines and exceptions
-- migr:created 2026-01-12 08:30:00+00

-- migr:upgrade
-- Enum types, not text: a status that nobody declared cannot get in, and the
-- order of the labels is the order of the work.
CREATE TYPE public.invoice_status AS ENUM (
    'received', 'in_review', 'exception', 'approved', 'scheduled', 'paid', 'void'
);
COMMENT ON TYPE public.invoice_status IS 'Where an invoice stands, from the inbox to the payment';

CREATE TYPE public.exception_kind AS ENUM (
    'price_mismatch', 'quantity_mismatch', 'duplicate', 'missing_order', 'tax', 'other'
);
CREATE TYPE public.exception_severity AS ENUM ('low', 'medium', 'high', 'blocking');
CREATE TYPE public.exception_status AS ENUM ('open', 'in_progress', 'resolved', 'dismissed');

-- What every business table starts with. The others copy it (LIKE) and do not
-- inherit from it: a primary key is not inherited, a foreign key to the parent
-- would not find the children's rows, and reading the parent would read them all.
CREATE TABLE public.base_uuid_mixin (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    -- A template has no rows. LIKE copies no check unless it is told to, so
    -- this one stays here.
    CONSTRAINT base_uuid_mixin_has_no_rows CHECK (false) NO INHERIT
);
COMMENT ON TABLE public.base_uuid_mixin IS 'Template: columns that every table copies by LIKE';
COMMENT ON COLUMN public.base_uuid_mixin.id IS 'Made by the server, so that a client needs no round trip to know it is unique';
COMMENT ON COLUMN public.base_uuid_mixin.created_at IS 'When the row was written';
COMMENT ON COLUMN public.base_uuid_mixin.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE public.vendors (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    name text NOT NULL CONSTRAINT vendors_name_not_blank CHECK (btrim(name) <> ''),
    tax_id text CONSTRAINT vendors_tax_id_key UNIQUE,
    email text,
    payment_terms_days integer DEFAULT 30 NOT NULL
        CONSTRAINT vendors_payment_terms_sane CHECK (payment_terms_days BETWEEN 0 AND 365),
    currency character(3) DEFAULT 'USD' NOT NULL,
    address jsonb DEFAULT '{}' NOT NULL,
    is_active boolean DEFAULT true NOT NULL
);
COMMENT ON TABLE public.vendors IS 'Whom we owe';
COMMENT ON COLUMN public.vendors.currency IS 'ISO 4217, the vendor''s usual currency; an invoice may differ';

CREATE TABLE public.invoices (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    -- A vendor with invoices is deactivated, never deleted.
    vendor_id uuid NOT NULL
        CONSTRAINT invoices_vendor_id_fkey REFERENCES public.vendors (id) ON DELETE RESTRICT,
    invoice_number text NOT NULL,
    status public.invoice_status DEFAULT 'received' NOT NULL,
    currency character(3) DEFAULT 'USD' NOT NULL,
    total numeric(14,2) NOT NULL,
    issued_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    -- json keeps the text as it came, key order and blanks included: it is the
    -- evidence. jsonb is what we query.
    raw_document json,
    extracted jsonb DEFAULT '{}' NOT NULL,
    CONSTRAINT invoices_vendor_number_key UNIQUE (vendor_id, invoice_number),
    CONSTRAINT invoices_due_after_issue CHECK (due_at >= issued_at)
);
COMMENT ON TABLE public.invoices IS 'One row per invoice received';
COMMENT ON COLUMN public.invoices.raw_document IS 'What the recognition service sent, unchanged';
COMMENT ON COLUMN public.invoices.extracted IS 'What was read from it: purchase order, tax, confidence';
COMMENT ON CONSTRAINT invoices_vendor_number_key ON public.invoices IS 'The same invoice is not booked twice';

CREATE TABLE public.invoice_lines (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    -- A line is part of its invoice and goes with it.
    invoice_id uuid NOT NULL
        CONSTRAINT invoice_lines_invoice_id_fkey REFERENCES public.invoices (id) ON DELETE CASCADE,
    line_number integer NOT NULL CONSTRAINT invoice_lines_number_positive CHECK (line_number > 0),
    description text DEFAULT '' NOT NULL,
    quantity numeric(12,3) DEFAULT 1 NOT NULL,
    unit_price numeric(14,4) NOT NULL,
    amount numeric(14,2) GENERATED ALWAYS AS (round(quantity * unit_price, 2)) STORED,
    -- Serves the foreign key too: its first column is invoice_id.
    CONSTRAINT invoice_lines_number_key UNIQUE (invoice_id, line_number)
);
COMMENT ON TABLE public.invoice_lines IS 'What an invoice charges for';

CREATE TABLE public.exceptions (
    LIKE public.base_uuid_mixin INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING COMMENTS,
    invoice_id uuid NOT NULL
        CONSTRAINT exceptions_invoice_id_fkey REFERENCES public.invoices (id) ON DELETE CASCADE,
    -- When a line is corrected away, what was said about it stays.
    line_id uuid
        CONSTRAINT exceptions_line_id_fkey REFERENCES public.invoice_lines (id) ON DELETE SET NULL,
    kind public.exception_kind NOT NULL,
    severity public.exception_severity DEFAULT 'medium' NOT NULL,
    status public.exception_status DEFAULT 'open' NOT NULL,
    details jsonb DEFAULT '{}' NOT NULL,
    resolved_at timestamptz,
    resolved_by text
);
COMMENT ON TABLE public.exceptions IS 'Why an invoice cannot be paid yet';
COMMENT ON COLUMN public.exceptions.line_id IS 'The line in question; NULL for the whole invoice';

-- A foreign key makes no index of its own; without one, each delete in the
-- referenced table reads the whole referencing one.
CREATE INDEX exceptions_invoice_id_idx ON public.exceptions (invoice_id);
CREATE INDEX exceptions_line_id_idx ON public.exceptions (line_id);

CREATE FUNCTION public.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION public.touch_updated_at() IS 'Keeps updated_at; LIKE copies no trigger, so each table names it';

CREATE TRIGGER vendors_touch BEFORE UPDATE ON public.vendors
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
CREATE TRIGGER invoices_touch BEFORE UPDATE ON public.invoices
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
CREATE TRIGGER invoice_lines_touch BEFORE UPDATE ON public.invoice_lines
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
CREATE TRIGGER exceptions_touch BEFORE UPDATE ON public.exceptions
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- migr:downgrade
-- In reverse, and without CASCADE: if something that this revision does not
-- know hangs on a table, the downgrade should say so, not take it along.
DROP TABLE public.exceptions;
DROP TABLE public.invoice_lines;
DROP TABLE public.invoices;
DROP TABLE public.vendors;
DROP TABLE public.base_uuid_mixin;
DROP FUNCTION public.touch_updated_at();
DROP TYPE public.exception_status;
DROP TYPE public.exception_severity;
DROP TYPE public.exception_kind;
DROP TYPE public.invoice_status;

-- migr:verify
SELECT to_regclass(name) IS NOT NULL
  FROM unnest(ARRAY['public.base_uuid_mixin', 'public.vendors', 'public.invoices',
                    'public.invoice_lines', 'public.exceptions']) AS name;

-- The delete actions, by doing. All of it is rolled back.
DO $verify$
DECLARE
    v_vendor uuid;
    v_invoice uuid;
    v_line uuid;
BEGIN
    INSERT INTO public.vendors (name) VALUES ('Verify Ltd') RETURNING id INTO v_vendor;
    INSERT INTO public.invoices (vendor_id, invoice_number, total, issued_at, due_at)
        VALUES (v_vendor, 'V-1', 12.50, '2026-01-01 00:00+00', '2026-01-31 00:00+00')
        RETURNING id INTO v_invoice;
    INSERT INTO public.invoice_lines (invoice_id, line_number, quantity, unit_price)
        VALUES (v_invoice, 1, 2.5, 5) RETURNING id INTO v_line;
    INSERT INTO public.exceptions (invoice_id, line_id, kind)
        VALUES (v_invoice, v_line, 'price_mismatch');

    IF (SELECT amount FROM public.invoice_lines WHERE id = v_line) IS DISTINCT FROM 12.50 THEN
        RAISE EXCEPTION 'the amount of a line is not quantity times price';
    END IF;

    BEGIN
        DELETE FROM public.vendors WHERE id = v_vendor;
        RAISE EXCEPTION 'a vendor with invoices could be deleted';
    EXCEPTION
        -- PostgreSQL 18 has a code of its own for RESTRICT.
        WHEN foreign_key_violation OR restrict_violation THEN NULL;
    END;

    DELETE FROM public.invoice_lines WHERE id = v_line;
    IF NOT EXISTS (SELECT FROM public.exceptions WHERE invoice_id = v_invoice AND line_id IS NULL) THEN
        RAISE EXCEPTION 'an exception went with its line, or still names it';
    END IF;

    DELETE FROM public.invoices WHERE id = v_invoice;
    IF EXISTS (SELECT FROM public.exceptions WHERE invoice_id = v_invoice) THEN
        RAISE EXCEPTION 'an exception outlived its invoice';
    END IF;

    BEGIN
        INSERT INTO public.base_uuid_mixin DEFAULT VALUES;
        RAISE EXCEPTION 'the template took a row';
    EXCEPTION
        WHEN check_violation THEN NULL;
    END;
END;
$verify$;
