-- migr:revision 55a2502018a6
-- migr:revises e9428b9dd556
-- migr:message analytics indexes and statistics
-- migr:created 2026-06-08 07:00:00+00

-- migr:upgrade
-- A plain CREATE INDEX keeps writers out while it builds, which is right for
-- tables of this size. For a large one, write a revision with the transaction
-- turned off and build the index concurrently.

-- Partial: what falls due is asked for all day, and only of these two states.
CREATE INDEX invoices_payable_idx ON public.invoices (due_at)
    WHERE status IN ('approved', 'scheduled');

-- INCLUDE: the spend report of a vendor reads the index alone.
CREATE INDEX invoices_vendor_spend_idx ON public.invoices (vendor_id, issued_at)
    INCLUDE (total, currency);

-- Expressions: an index takes immutable ones only. The month of a timestamptz
-- depends on the session's time zone, the month in UTC does not.
CREATE INDEX invoices_issued_month_idx
    ON public.invoices (date_trunc('month', issued_at AT TIME ZONE 'UTC'));
CREATE INDEX vendors_lower_name_idx ON public.vendors (lower(name) text_pattern_ops);

-- BRIN: the log grows at its end, so a summary per range of blocks is enough.
CREATE INDEX quickbooks_sync_log_started_at_brin
    ON public.quickbooks_sync_log USING brin (started_at) WITH (pages_per_range = 32);

-- A vendor bills in one currency, and most old invoices are paid: columns that
-- the planner would take for independent, and so estimate too few rows.
CREATE STATISTICS public.invoices_vendor_currency (ndistinct, dependencies)
    ON vendor_id, currency FROM public.invoices;
CREATE STATISTICS public.exceptions_kind_severity_status (mcv)
    ON kind, severity, status FROM public.exceptions;
COMMENT ON STATISTICS public.invoices_vendor_currency IS 'A vendor has a currency';

-- Statistics objects are empty until the next ANALYZE.
ANALYZE public.invoices;
ANALYZE public.exceptions;

-- migr:downgrade
DROP STATISTICS public.exceptions_kind_severity_status;
DROP STATISTICS public.invoices_vendor_currency;
DROP INDEX public.quickbooks_sync_log_started_at_brin;
DROP INDEX public.vendors_lower_name_idx;
DROP INDEX public.invoices_issued_month_idx;
DROP INDEX public.invoices_vendor_spend_idx;
DROP INDEX public.invoices_payable_idx;

-- migr:verify
SELECT indisvalid
  FROM pg_index
 WHERE indexrelid IN ('public.invoices_payable_idx'::regclass,
                      'public.invoices_vendor_spend_idx'::regclass,
                      'public.invoices_issued_month_idx'::regclass,
                      'public.vendors_lower_name_idx'::regclass,
                      'public.quickbooks_sync_log_started_at_brin'::regclass);

-- Partial, covering, on an expression: each is what it was meant to be.
SELECT pg_get_expr(indpred, indrelid) IS NOT NULL
  FROM pg_index WHERE indexrelid = 'public.invoices_payable_idx'::regclass;
SELECT indnatts = 4 AND indnkeyatts = 2
  FROM pg_index WHERE indexrelid = 'public.invoices_vendor_spend_idx'::regclass;
SELECT pg_get_expr(indexprs, indrelid) IS NOT NULL
  FROM pg_index WHERE indexrelid = 'public.invoices_issued_month_idx'::regclass;

SELECT count(*) = 2
  FROM pg_statistic_ext
 WHERE stxnamespace = 'public'::regnamespace
   AND stxname IN ('invoices_vendor_currency', 'exceptions_kind_severity_status');
