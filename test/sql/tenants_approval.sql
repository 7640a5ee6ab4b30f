-- Guard rails in runs of tenants: approvals, use, what is kept.
\set VERBOSITY terse
SELECT current_database() AS home \gset
CREATE ROLE regress_migr_boss SUPERUSER;
CREATE DATABASE regress_migr_tenants_rails TEMPLATE template0;
\c regress_migr_tenants_rails
CREATE EXTENSION migr;
SELECT format('ALTER DATABASE %I SET migr.', current_database()) AS db \gset
:db tenant_label = shop;
\c
SELECT count(*) FROM migr_load($m$
-- migr:revision t1
-- migr:labels shop
-- migr:upgrade
CREATE TABLE item (id int PRIMARY KEY, a text);
-- migr:downgrade
DROP TABLE item;
-- migr:revision t2
-- migr:revises t1
-- migr:upgrade
ALTER TABLE item DROP COLUMN a;
-- migr:downgrade
ALTER TABLE item ADD COLUMN a text;
$m$);
SET client_min_messages = warning;
SELECT migr_upgrade('t1', tenant => x, new_tenant => true) FROM unnest('{ta,tb,tc}'::text[]) x;
INSERT INTO ta.item VALUES (1, 'of a');
INSERT INTO tb.item VALUES (1, 'of b');
RESET client_min_messages;

--
-- Approvals
--

:db require_approval = destructive;
\c
SELECT migr_upgrade('shop@head', tenant => 'ta');
CALL migr_deploy_tenants('*');
SELECT tenant, heads, state, sqlstate FROM migr.tenant ORDER BY tenant;
SELECT migr_approve('t2', 'my own');
SET SESSION AUTHORIZATION regress_migr_boss;
SELECT migr_approve('t2', 'fine');
RESET SESSION AUTHORIZATION;
SELECT revision, direction FROM migr.approval;
SELECT migr_upgrade('shop@head', tenant => 'ta', dry_run => true);
-- it is good for one tenant after the other
SELECT migr_upgrade('shop@head', tenant => 'ta');
SELECT detail FROM migr.log ORDER BY id DESC LIMIT 1;
CALL migr_deploy_tenants('tb');
SELECT revision, direction FROM migr.approval;
-- and for those that come, until it is taken back, or is another text
SELECT count(migr_approve('t2', 'no more', withdraw => true)) AS withdrawn;
SELECT migr_upgrade('shop@head', tenant => 'tc');
-- each direction by itself
SELECT migr_downgrade('t1', tenant => 'ta');
SELECT migr_downgrade('base', tenant => 'ta');
SELECT tenant, heads FROM migr.tenant ORDER BY tenant;
:db require_approval = 'all';
\c
SELECT migr_upgrade('t2', tenant => 'ta');
SET SESSION AUTHORIZATION regress_migr_boss;
SELECT migr_approve('t2', 'again');
RESET SESSION AUTHORIZATION;
SELECT migr_upgrade('t2', tenant => 'ta');
SELECT action FROM migr_load(E'-- migr:revision t3\n-- migr:revises t2\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n');
SET SESSION AUTHORIZATION regress_migr_boss;
SELECT migr_approve('t3', 'harmless');
RESET SESSION AUTHORIZATION;
SELECT action FROM migr_load(E'-- migr:revision t3\n-- migr:revises t2\n-- migr:upgrade\nSELECT 2;\n-- migr:downgrade\n', true);
SELECT migr_upgrade('t3', tenant => 'ta');
:db require_approval = none;
\c
SELECT migr_unload('t3');

--
-- What is kept is each tenant's own
--

SET client_min_messages = warning;
SELECT migr_downgrade('t1', tenant => x) FROM unnest('{ta,tb}'::text[]) x;
UPDATE ta.item SET a = 'of a';
UPDATE tb.item SET a = 'of b';
RESET client_min_messages;
SET migr.keep_dropped = '30 days';
SELECT migr_upgrade('t2', tenant => x) FROM unnest('{ta,tb}'::text[]) x;
SELECT object, rows FROM migr_kept() ORDER BY object;
-- a column of that name in another's is no place for this one's
ALTER TABLE tb.item ADD COLUMN a text;
SELECT migr_downgrade('t1', tenant => 'ta');
TABLE ta.item;
TABLE tb.item;
SELECT object, rows FROM migr_kept() ORDER BY object;
ALTER TABLE tb.item DROP COLUMN a;
SELECT migr_downgrade('t1', tenant => 'tb');
TABLE tb.item;
SELECT count(*) FROM migr_kept();

--
-- What is in use
--

\set VERBOSITY sqlstate
SET migr.refuse_drop_used_within = '1 hour';
SELECT migr_upgrade('t2', tenant => 'ta');
CALL migr_deploy_tenants('t[ab]');
SELECT tenant, heads, state, sqlstate FROM migr.tenant ORDER BY tenant;
SELECT count(*) FROM migr_kept();
\set VERBOSITY terse
RESET migr.refuse_drop_used_within;
CALL migr_deploy_tenants('t[ab]');

-- rules of one's own
SELECT migr_downgrade('t1', tenant => 'ta');
INSERT INTO migr.rule (name, query, before_commit) VALUES
('has_a', $$SELECT c.oid::regclass FROM pg_class c WHERE c.relname = 'item' AND c.relkind = 'r'
               AND c.relnamespace = 'ta'::regnamespace AND NOT EXISTS (SELECT FROM pg_attribute
               WHERE attrelid = c.oid AND attname = 'a' AND NOT attisdropped)$$, true);
SELECT migr_upgrade('t2', tenant => 'ta');
\c :home
DROP DATABASE regress_migr_tenants_rails;
DROP ROLE regress_migr_boss;
