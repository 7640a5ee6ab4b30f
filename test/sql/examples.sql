-- The chains of examples/: up, down to nothing, up again.
DROP EXTENSION migr;
CREATE EXTENSION migr;
-- Not the progress, which names messages.
SET client_min_messages = warning;

-- What there is besides the extension and the server.
CREATE VIEW pg_temp.objects AS
    SELECT pg_describe_object(classid, objid, 0) AS object
      FROM (SELECT 'pg_class'::regclass AS classid, oid AS objid, relnamespace AS schema FROM pg_class
            UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
            UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
            UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxnamespace FROM pg_statistic_ext
            UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator
            UNION ALL SELECT 'pg_constraint'::regclass, oid, connamespace FROM pg_constraint
            UNION ALL SELECT 'pg_namespace'::regclass, oid, NULL FROM pg_namespace
                       WHERE nspname <> 'public') o
     WHERE NOT EXISTS (SELECT FROM pg_namespace n
                        WHERE n.oid IN (o.schema, o.objid)
                          AND (n.nspname IN ('pg_catalog', 'information_schema', 'migr') OR n.nspname ~ '^pg_(toast|temp)'));
CREATE TEMPORARY TABLE at_start AS SELECT object FROM pg_temp.objects;
-- Where that differs from what there was before.
CREATE VIEW pg_temp.changes AS
    (SELECT 'new' AS what, object FROM pg_temp.objects EXCEPT ALL SELECT 'new', object FROM at_start)
    UNION ALL
    (SELECT 'lost', object FROM at_start EXCEPT ALL SELECT 'lost', object FROM pg_temp.objects);

--
-- Accounts payable
--

\set scripts `cat examples/accounts_payable/versions/*.sql`
SELECT * FROM migr_load(:'scripts') ORDER BY revision COLLATE "C";
SELECT revision, down_revision, reversible, message <> '' AS has_message, created_at IS NOT NULL AS has_date
  FROM migr_history();
-- Every script has a verify section.
SELECT count(*) FROM migr.revision WHERE script !~ '\n-- migr:verify\n';

SELECT * FROM migr_upgrade('head');
SELECT migr_check();
CREATE TEMPORARY TABLE first_time AS SELECT * FROM pg_temp.changes;
SELECT what, count(*) > 10 AS many FROM first_time GROUP BY what;

-- Down by one and up again, then to nothing: the schema is empty.
SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_upgrade('+1');
SELECT * FROM migr_downgrade('base');
SELECT * FROM pg_temp.changes;

-- Up again it is what it was; step by step this time.
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT count(*) > 0 AS some FROM pg_temp.changes;
(SELECT 'first time' AS "when", * FROM first_time EXCEPT ALL SELECT 'first time', * FROM pg_temp.changes)
UNION ALL
(SELECT 'second time', * FROM pg_temp.changes EXCEPT ALL SELECT 'second time', * FROM first_time);
SELECT migr_check();
SELECT count(*) FROM migr_downgrade('base');
SELECT * FROM pg_temp.changes;
DROP TABLE first_time;

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- Journal
--

\set scripts `cat examples/journal/versions/*.sql`
SELECT * FROM migr_load(:'scripts') ORDER BY revision COLLATE "C";
SELECT revision, down_revision, reversible, message <> '' AS has_message, created_at IS NOT NULL AS has_date
  FROM migr_history();
SELECT count(*) FROM migr.revision WHERE script !~ '\n-- migr:verify\n';

SELECT * FROM migr_upgrade('head');
SELECT migr_check();
SELECT count(*) > 0 AS some FROM pg_policies;
SELECT rolname FROM pg_roles WHERE rolname = 'journal_app';
SELECT count(*) FROM public.prompts;
CREATE TEMPORARY TABLE first_time AS SELECT * FROM pg_temp.changes;
SELECT what, count(*) > 10 AS many FROM first_time GROUP BY what;

SELECT * FROM migr_downgrade('-1');
SELECT * FROM migr_upgrade('+1');
SELECT * FROM migr_downgrade('base');
SELECT * FROM pg_temp.changes;
SELECT rolname FROM pg_roles WHERE rolname = 'journal_app';

SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT migr_upgrade('+1');
SELECT count(*) > 0 AS some FROM pg_temp.changes;
(SELECT 'first time' AS "when", * FROM first_time EXCEPT ALL SELECT 'first time', * FROM pg_temp.changes)
UNION ALL
(SELECT 'second time', * FROM pg_temp.changes EXCEPT ALL SELECT 'second time', * FROM first_time);
SELECT migr_check();
SELECT count(*) FROM migr_downgrade('base');
SELECT * FROM pg_temp.changes;
DROP TABLE first_time;

DROP EXTENSION migr;
CREATE EXTENSION migr;
