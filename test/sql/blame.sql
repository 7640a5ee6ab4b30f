-- Who made an object, and who changed it last: by name, and never about something
-- else that has the name by now.
\set VERBOSITY terse
\pset null -
DROP EXTENSION migr;
CREATE EXTENSION migr;
SET client_min_messages = warning;
CREATE ROLE regress_migr_blame;
CREATE TABLE before_all (a int);
SELECT count(*) FROM migr_load($migr$
-- migr:revision one
-- migr:message first
-- migr:upgrade
CREATE SCHEMA app;
CREATE TABLE app."Order Items" (id int PRIMARY KEY, "The Name" text, "a""b.c(d" int);
CREATE TABLE orders (id int PRIMARY KEY, total numeric, note text, CHECK (id > 0));
CREATE INDEX orders_total ON orders (total);
CREATE FUNCTION f(a int, b timestamptz, c varchar[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app."f(x"(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE mood AS ENUM ('a');
CREATE CAST (mood AS int) WITH INOUT;
CREATE TABLE "star*" (a int);
CREATE TABLE starred (a int);
-- migr:downgrade
DROP TABLE "star*", starred, orders;
DROP SCHEMA app CASCADE;
DROP FUNCTION f(int, timestamptz, varchar[]);
DROP FUNCTION f(int);
DROP FUNCTION f();
DROP CAST (mood AS int);
DROP TYPE mood;

-- migr:revision two
-- migr:revises one
-- migr:message second
-- migr:upgrade
ALTER TABLE orders ADD COLUMN discount int;
ALTER TABLE orders ALTER COLUMN total SET DEFAULT 3;
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE starred RENAME TO fresh;
ALTER SCHEMA app RENAME TO shop;
COMMENT ON COLUMN before_all.a IS 'touched';
-- migr:downgrade
ALTER SCHEMA shop RENAME TO app;
ALTER TABLE fresh RENAME TO starred;
ALTER TABLE orders RENAME COLUMN remark TO note;
ALTER TABLE orders ALTER COLUMN total DROP DEFAULT;
ALTER TABLE orders DROP COLUMN discount;
COMMENT ON COLUMN before_all.a IS NULL;

-- migr:repeatable sums
-- migr:message what reports read
-- migr:upgrade
CREATE OR REPLACE VIEW sums AS SELECT sum(total) FROM orders;
$migr$);

-- Nothing is recorded yet.
SET client_min_messages = notice;
SELECT * FROM migr_blame('orders');
SET client_min_messages = warning;
SELECT migr_upgrade('one');
SELECT kind, object, created_by, created_action, created_role = session_user AS by_me,
       created_at <= clock_timestamp() AS at, changed_by, changed_action, changed_role, changed_at, message, by_hand
  FROM migr_blame('orders');

-- Names, as one writes them.
CREATE FUNCTION pg_temp.blamed(pattern text) RETURNS text LANGUAGE sql
    AS $$ SELECT string_agg(object, ', ' ORDER BY object) FROM migr_blame(pattern) $$;
SELECT name, pg_temp.blamed(name) FROM unnest(ARRAY[
    'orders.total', 'public.orders.total', 'PUBLIC.Orders.TOTAL', '"Total"', 'total', ' orders . total ',
    'other.orders.total', 'orders_total', 'public.orders_total', 'orders_pkey', 'orders.orders_pkey', 'orders_t*',
    'orders.*a*', 'orders.n?te', 'app', 'Order Items.id', '"Order Items".id', '"order items".id',
    'app."Order Items"."a""b.c(d"', 'the name', '"The Name"', 'The Name', 'f(int)', 'f(INTEGER)', 'public.f(int4)',
    'f()', 'f(*)', 'f(int, timestamptz, varchar[])', 'f(a integer, b timestamp with time zone, c character varying[])',
    'f(text)', 'f', '"f(x"', '"f(x"(int)', 'mood', '(public.mood AS integer)', 'cast (public.mood AS integer)',
    'column public.orders.total', 'table public.orders', '"star*"', 'star*', 'public."star*".*', '[e-n]ot*', '', '.',
    '*.*.*.*', '"', '(', 'f(', '\', 'orders.total.x', repeat('x', 100)]) WITH ORDINALITY AS n (name, i) ORDER BY i;
SELECT migr_blame(NULL);
SET client_min_messages = notice;
\set VERBOSITY default
SELECT object FROM migr_blame('orders.totl');
SELECT object FROM migr_blame('nothing');
\set VERBOSITY terse
SET client_min_messages = warning;

-- What a second revision and a repeatable script have done.
SELECT migr_upgrade();
CREATE VIEW blamed AS
    SELECT b.object, b.created_by, b.created_action, b.changed_by, b.changed_action, b.message, b.by_hand
      FROM unnest(ARRAY['orders', 'sums', 'fresh', 'starred', 'shop.*', 'app.*', 'shop', 'before_all']) WITH ORDINALITY AS n (name, i),
           migr_blame(n.name) WITH ORDINALITY AS b (kind, object, created_by, created_action, created_role, created_at,
               changed_by, changed_action, changed_role, changed_at, message, by_hand, j)
     ORDER BY i, j;
TABLE blamed;
SELECT revision, made, changed FROM migr_show('heads') \gx
SELECT revision, cardinality(made), changed FROM migr_show('one');

-- Down and up again: what is made again is of that run.
SELECT migr_downgrade('one');
TABLE blamed;
SELECT migr_upgrade();
SELECT object, created_by, created_action, changed_by, changed_action FROM migr_blame('orders.*') WHERE object ~ 'discount|total|remark';

-- The script edited in place: the view is as it was made, and changed by the same.
SELECT count(*) FROM migr_load($migr$
-- migr:repeatable sums
-- migr:message what reports read, by now
-- migr:upgrade
CREATE OR REPLACE VIEW sums AS SELECT sum(total) + 1 AS sum FROM orders;
$migr$);
SELECT migr_upgrade();
SELECT object, created_by, changed_by, message FROM migr_blame('sums');

-- What was done by hand.
ALTER TABLE orders ADD COLUMN hotfix int;
ALTER TABLE orders ALTER COLUMN discount SET DEFAULT 1;
ALTER TABLE orders DROP COLUMN remark, ADD COLUMN remark text;
DROP INDEX orders_total;
ALTER TABLE fresh RENAME TO foul;
DROP FUNCTION f(int);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP TABLE "star*";
CREATE TABLE "star*" (a int);
CREATE TABLE by_hand (a int);
SELECT object, created_by, changed_by, by_hand
  FROM unnest(ARRAY['orders', 'orders_total', 'foul', 'fresh', 'f(int)', '"star*"', 'by_hand', 'by_hand.a', 'hotfix']) WITH ORDINALITY AS n (name, i),
       migr_blame(n.name) WHERE by_hand IS NOT NULL ORDER BY i, object;
ALTER SCHEMA shop RENAME TO other;
SELECT object, created_by, by_hand FROM migr_blame('other.*');
ALTER SCHEMA other RENAME TO shop;

-- What migr.exclude names is told of, too.
SET migr.exclude = 'public.orders';
SELECT object, by_hand FROM migr_blame('orders.total');
RESET migr.exclude;

-- By anybody, in a read-only transaction; nobody else can.
SET ROLE regress_migr_blame;
BEGIN READ ONLY;
SELECT object, created_by, by_hand FROM migr_blame('orders.hotfix');
SELECT made FROM migr_show('two');
ROLLBACK;
RESET ROLE;

-- Taken up by a stamp: nobody is known to have made it.
SELECT migr_stamp('current');
SELECT object, created_by, created_action, changed_by, changed_action, by_hand FROM migr_blame('orders.*') WHERE object ~ 'hotfix|discount';
SELECT object, created_by, created_action, by_hand FROM migr_blame('by_hand');

-- A script that is stored no more, and one that was replaced: what is known stays.
SELECT migr_stamp('one');
SELECT migr_unload('two');
SELECT object, created_by, message FROM migr_blame('orders.discount');

-- Rows that somebody has written, and a record that is none.
BEGIN;
UPDATE migr.object SET definition = 'forged' WHERE object = 'column public.orders.total';
SELECT object, created_by FROM migr_blame('orders.total');
ROLLBACK;
BEGIN;
UPDATE migr.object SET hash = sha256('forged') WHERE object = 'column public.orders.total';
SELECT object, created_by, by_hand FROM migr_blame('orders.total');
ROLLBACK;
BEGIN;
UPDATE migr.object SET oid = 1, root_oid = 1 WHERE object ~ 'orders';
SELECT object, created_by, by_hand FROM migr_blame('orders.total');
ROLLBACK;
BEGIN;
DELETE FROM migr.object WHERE object = 'column public.orders.total';
SELECT object, created_by, by_hand FROM migr_blame('orders.total');
ROLLBACK;
BEGIN;
UPDATE migr.recorded SET server_major = 9;
SELECT object, created_by, by_hand FROM migr_blame('orders.hotfix');
ROLLBACK;
BEGIN;
UPDATE migr.recorded SET installation = 'elsewhere';
UPDATE migr.object SET oid = 1259, root_oid = 1259;
SELECT object, created_by, by_hand FROM migr_blame('orders.total');
ROLLBACK;
SET migr.record_fingerprints = off;
SELECT count(*) FROM migr_load(E'-- migr:revision three\n-- migr:revises one\n-- migr:upgrade\nALTER TABLE orders DROP COLUMN discount;');
SELECT migr_upgrade('three');
SELECT object, created_by, by_hand FROM migr_blame('orders.discount');
RESET migr.record_fingerprints;
SELECT migr_stamp('current');
SELECT object, created_by, by_hand FROM migr_blame('orders.discount');
SELECT object, created_by, created_role = session_user AS by_me, by_hand FROM migr_blame('orders.total');

-- By a script, while it runs: of what is there by now, it says nothing.
SELECT count(*) FROM migr_load($migr$
-- migr:revision four
-- migr:revises three
-- migr:upgrade
ALTER TABLE orders ADD COLUMN late int;
CREATE TABLE told AS SELECT object, created_by, by_hand FROM migr_blame('orders.total');
$migr$);
SELECT migr_upgrade('four');
TABLE told;

-- A squash in place of revisions: what these made stays theirs.
SELECT count(*) FROM migr_load($migr$
-- migr:revision squash
-- migr:replaces one:four
-- migr:message all of it
-- migr:upgrade
SELECT 1;
$migr$);
SELECT migr_upgrade();
SELECT object, created_by, message FROM migr_blame('orders.l*');

-- No revision is applied any more: nothing is recorded.
SELECT migr_stamp('base');
SET client_min_messages = notice;
SELECT object FROM migr_blame('orders');

SET client_min_messages = error;
DROP VIEW blamed, sums;
DROP TABLE before_all, orders, foul, "star*", by_hand, told;
DROP SCHEMA shop CASCADE;
DROP FUNCTION f(), f(int), f(int, timestamptz, varchar[]);
DROP TYPE mood CASCADE;
DROP ROLE regress_migr_blame;
