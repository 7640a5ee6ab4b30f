-- The database that examples/accounts_payable builds, at its head.
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SELECT plan(73);

-- migr itself
SELECT is((SELECT array_agg(revision) FROM migr_current()), ARRAY['55a2502018a6'],
          'the database is at the head of the chain');
SELECT ok(migr_check(), 'nothing is pending');

-- Tables and columns
SELECT has_table('public', t, 'table ' || t)
  FROM unnest(ARRAY['base_uuid_mixin', 'vendors', 'invoices', 'invoice_lines', 'exceptions',
                    'stored_files', 'storage_audit', 'quickbooks_connections',
                    'quickbooks_mappings', 'quickbooks_sync_log']) AS t;
SELECT has_view('public', 'storage_savings', 'view storage_savings');
SELECT columns_are('public', 'base_uuid_mixin', ARRAY['id', 'created_at', 'updated_at']);
SELECT columns_are('public', 'exceptions',
    ARRAY['id', 'created_at', 'updated_at', 'invoice_id', 'line_id', 'kind', 'severity',
          'status', 'details', 'resolved_at', 'resolved_by']);
SELECT columns_are('public', 'stored_files',
    ARRAY['id', 'created_at', 'updated_at', 'sha256', 'byte_size', 'media_type',
          'storage_key', 'original_name', 'metadata']);
SELECT is_empty(
    $$SELECT a.attrelid::regclass, a.attname
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
         AND a.atttypid = 'timestamp'::regtype$$,
    'no timestamp without time zone');
SELECT is_empty(
    $$SELECT inhrelid::regclass FROM pg_inherits
       WHERE inhparent = 'public.base_uuid_mixin'::regclass$$,
    'the mixin is copied, not inherited from');
SELECT col_type_is('public', 'invoices', 'id', 'uuid', 'invoices.id is a uuid');
SELECT col_is_pk('public', 'invoices', 'id', 'the primary key came along with LIKE');
SELECT col_default_is('public', 'invoices', 'id', 'gen_random_uuid()', 'and so did its default');
SELECT col_type_is('public', 'invoices', 'raw_document', 'json', 'raw_document is json');
SELECT col_type_is('public', 'invoices', 'extracted', 'jsonb', 'extracted is jsonb');
SELECT col_type_is('public', 'invoices', 'issued_at', 'timestamp with time zone', 'issued_at has a zone');
SELECT col_type_is('public', 'invoices', 'status', 'invoice_status', 'status is an enum');
SELECT col_type_is('public', 'stored_files', 'sha256', 'bytea', 'a digest is bytea');
SELECT enum_has_labels('public', 'exception_status',
    ARRAY['open', 'in_progress', 'resolved', 'dismissed'], 'exception_status, in the order of the work');
SELECT enums_are('public',
    ARRAY['invoice_status', 'exception_kind', 'exception_severity', 'exception_status',
          'storage_action', 'quickbooks_connection_status', 'quickbooks_entity',
          'quickbooks_direction', 'quickbooks_sync_status']);
SELECT is(obj_description('public.base_uuid_mixin'::regclass, 'pg_class'),
          'Template: columns that every table copies by LIKE', 'the mixin has its comment');
SELECT is(col_description('public.vendors'::regclass, 1),
          col_description('public.base_uuid_mixin'::regclass, 1),
          'comments on columns are copied');

-- Keys
SELECT fk_ok('public', 'invoices', 'vendor_id', 'public', 'vendors', 'id');
SELECT fk_ok('public', 'invoices', 'stored_file_id', 'public', 'stored_files', 'id');
SELECT fk_ok('public', 'invoice_lines', 'invoice_id', 'public', 'invoices', 'id');
SELECT fk_ok('public', 'exceptions', 'line_id', 'public', 'invoice_lines', 'id');
SELECT fk_ok('public', 'quickbooks_mappings', 'connection_id', 'public', 'quickbooks_connections', 'id');
SELECT fk_ok('public', 'quickbooks_sync_log', 'mapping_id', 'public', 'quickbooks_mappings', 'id');
SELECT is((SELECT string_agg(format('%s %s', conname, confdeltype), ', ' ORDER BY conname)
             FROM pg_constraint
            WHERE contype = 'f' AND conrelid = 'public.exceptions'::regclass),
          'exceptions_invoice_id_fkey c, exceptions_line_id_fkey n',
          'exceptions: cascade with the invoice, set null with the line');
SELECT is_empty(
    $$SELECT c.conname FROM pg_constraint AS c
       WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
         AND NOT EXISTS (SELECT FROM pg_index AS i
                          WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
                            AND i.indpred IS NULL AND i.indisvalid)$$,
    'every foreign key has an index');
SELECT col_is_unique('public', 'stored_files', ARRAY['sha256'], 'a content is stored once');
SELECT col_is_unique('public', 'invoices', ARRAY['vendor_id', 'invoice_number'], 'an invoice is booked once');
SELECT has_check('public', 'exceptions', 'exceptions has checks');

-- Indexes
SELECT indexes_are('public', 'exceptions',
    ARRAY['exceptions_pkey', 'exceptions_invoice_id_idx', 'exceptions_line_id_idx',
          'exceptions_details_gin', 'exceptions_queue_idx', 'exceptions_one_open_per_kind']);
SELECT indexes_are('public', 'invoices',
    ARRAY['invoices_pkey', 'invoices_vendor_number_key', 'invoices_stored_file_id_idx',
          'invoices_extracted_gin', 'invoices_payable_idx', 'invoices_vendor_spend_idx',
          'invoices_issued_month_idx']);
SELECT index_is_type('public', 'exceptions', 'exceptions_details_gin', 'gin');
SELECT index_is_type('public', 'quickbooks_sync_log', 'quickbooks_sync_log_started_at_brin', 'brin');
SELECT index_is_unique('public', 'exceptions', 'exceptions_one_open_per_kind', 'open once per kind');
SELECT isnt((SELECT pg_get_expr(indpred, indrelid) FROM pg_index
              WHERE indexrelid = 'public.invoices_payable_idx'::regclass),
            NULL, 'the payable index is partial');
SELECT ok((SELECT indnatts = 4 AND indnkeyatts = 2 FROM pg_index
            WHERE indexrelid = 'public.invoices_vendor_spend_idx'::regclass),
          'the spend index includes two columns');
SELECT matches(pg_get_indexdef('public.invoices_issued_month_idx'::regclass, 1, false), '^date_trunc',
               'the month index is on an expression');
SELECT is((SELECT string_agg(format('%s %s', stxname, stxkind), ', ' ORDER BY stxname)
             FROM pg_statistic_ext WHERE stxnamespace = 'public'::regnamespace),
          'exceptions_kind_severity_status {m}, invoices_vendor_currency {d,f}',
          'extended statistics');

-- Triggers and functions
SELECT triggers_are('public', t, ARRAY[t || '_touch'])
  FROM unnest(ARRAY['vendors', 'invoices', 'invoice_lines', 'exceptions', 'stored_files',
                    'quickbooks_connections', 'quickbooks_mappings']) AS t;
SELECT function_returns('public', 'store_file',
    ARRAY['bytea', 'bigint', 'text', 'text', 'text'], 'uuid', 'store_file returns the id');

-- What it does: vendors, invoices, lines
INSERT INTO public.vendors (id, name)
    VALUES ('a0000000-0000-4000-8000-000000000001', 'Northwind Paper');
INSERT INTO public.invoices (id, vendor_id, invoice_number, total, issued_at, due_at, extracted, updated_at)
    VALUES ('b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'NP-1', 119,
            '2026-05-01 00:00+00', '2026-05-31 00:00+00', '{"po": "4711"}', '2026-05-01 00:00+00');
INSERT INTO public.invoice_lines (id, invoice_id, line_number, quantity, unit_price)
    VALUES ('c0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 1, 3, 33.335);

SELECT is((SELECT amount FROM public.invoice_lines
            WHERE id = 'c0000000-0000-4000-8000-000000000001'), 100.01, 'a line knows its amount');
SELECT throws_ok(
    $$INSERT INTO public.invoices (vendor_id, invoice_number, total, issued_at, due_at)
      VALUES ('a0000000-0000-4000-8000-000000000001', 'NP-1', 119, '2026-05-01', '2026-05-31')$$,
    '23505', NULL, 'the same invoice again is refused');
SELECT throws_ok(
    $$DELETE FROM public.vendors WHERE id = 'a0000000-0000-4000-8000-000000000001'$$,
    CASE WHEN current_setting('server_version_num')::integer < 180000 THEN '23503' ELSE '23001' END,
    NULL, 'a vendor with invoices stays');
SELECT throws_ok('INSERT INTO public.base_uuid_mixin DEFAULT VALUES', '23514', NULL, 'the mixin takes no row');
UPDATE public.invoices SET status = 'in_review' WHERE id = 'b0000000-0000-4000-8000-000000000001';
SELECT is((SELECT updated_at FROM public.invoices WHERE id = 'b0000000-0000-4000-8000-000000000001'),
          now(), 'an update touches updated_at');

-- What it does: deduplication
SELECT is(public.store_file(sha256('one'), 3, 's3://bucket/1', 'application/pdf', 'one.pdf'),
          public.store_file(sha256('one'), 3, 's3://bucket/2', 'application/pdf', 'copy of one.pdf'),
          'the same content is the same file');
SELECT isnt(public.store_file(sha256('two'), 3, 's3://bucket/3'),
            (SELECT id FROM public.stored_files WHERE sha256 = sha256('one')),
            'another content is another file');
SELECT results_eq(
    $$SELECT action::text FROM public.storage_audit WHERE sha256 = sha256('one') ORDER BY happened_at$$,
    ARRAY['stored', 'deduplicated'], 'the audit tells both');
SELECT is((SELECT bytes_saved FROM public.storage_savings WHERE storage_key = 's3://bucket/1'),
          3::bigint, 'three bytes saved');
SELECT throws_ok($$SELECT public.store_file(sha256('one'), 4, 's3://bucket/4')$$,
                 'XX001', 'same digest, other length: 4 is not 3', 'a digest has one length');

-- What it does: exceptions
SELECT lives_ok(
    $$INSERT INTO public.exceptions (invoice_id, kind, details)
      VALUES ('b0000000-0000-4000-8000-000000000001', 'price_mismatch', '{"expected": 30}')$$,
    'an exception is opened');
SELECT throws_ok(
    $$INSERT INTO public.exceptions (invoice_id, kind)
      VALUES ('b0000000-0000-4000-8000-000000000001', 'price_mismatch')$$,
    '23505', NULL, 'but not twice');
SELECT lives_ok(
    $$INSERT INTO public.exceptions (invoice_id, line_id, kind)
      VALUES ('b0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'price_mismatch')$$,
    'for one line it is another matter');
SELECT throws_ok(
    $$UPDATE public.exceptions SET status = 'resolved'$$, '23514', NULL, 'resolved means resolved at some time');
DELETE FROM public.invoices WHERE id = 'b0000000-0000-4000-8000-000000000001';
SELECT is_empty(
    $$SELECT 1 FROM public.exceptions WHERE invoice_id = 'b0000000-0000-4000-8000-000000000001'$$,
    'exceptions go with their invoice');

SELECT * FROM finish();
ROLLBACK;
