-- Drift of every kind of object is found and named: what somebody dropped by
-- hand, made by hand, or changed by hand.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = error;

CREATE DATABASE regress_drift TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_drift
SET client_min_messages = error;
CREATE ROLE regress_migr_drift;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself

-- The scripts make one of each kind, in all ways that the cases below need.
SELECT * FROM migr_load($migr$
-- migr:revision everything
-- migr:upgrade
CREATE SCHEMA s;
CREATE LANGUAGE l HANDLER plpgsql_call_handler;
CREATE COLLATION s.c (provider = libc, locale = 'POSIX');
CREATE TYPE s.shell;
CREATE TYPE s.e AS ENUM ('a', 'b');
CREATE TYPE s.pair AS (a int, b text);
CREATE DOMAIN s.d AS int CONSTRAINT positive CHECK (VALUE > 0);
CREATE TYPE s.r AS RANGE (subtype = date);
CREATE TYPE s.base;
CREATE FUNCTION s.base_in(cstring) RETURNS s.base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION s.base_out(s.base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE s.base (INPUT = s.base_in, OUTPUT = s.base_out, LIKE = int4);
CREATE FUNCTION s.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
CREATE PROCEDURE s.p() LANGUAGE sql AS '';
CREATE FUNCTION s.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION s.et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION s.near(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 3';
CREATE AGGREGATE s.total(int) (SFUNC = int4pl, STYPE = int);
CREATE OPERATOR s.=~ (FUNCTION = s.near, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR FAMILY s.fam USING btree;
CREATE OPERATOR CLASS s.oc FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int);
CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler;
CREATE CAST (s.pair AS varchar) WITH INOUT;
CREATE TRANSFORM FOR int LANGUAGE l (FROM SQL WITH FUNCTION prsd_lextype(internal));
CREATE CONVERSION s.con FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH PARSER s.tp (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE s.tt (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY s.td (TEMPLATE = simple, accept = false);
CREATE TEXT SEARCH CONFIGURATION s.tc (PARSER = s.tp);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER sv FOREIGN DATA WRAPPER w;
CREATE SEQUENCE s.q;
CREATE TABLE s.parent (id int PRIMARY KEY, note text DEFAULT 'n', at timestamptz NOT NULL DEFAULT now(), n int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE s.child (id int, parent int CONSTRAINT fk REFERENCES s.parent, q int, gone int, CONSTRAINT small CHECK (id < 9));
CREATE UNLOGGED TABLE s.other (a int);
CREATE TABLE s.heir (own int) INHERITS (s.other);
ALTER SEQUENCE s.q OWNED BY s.child.q;
CREATE TABLE s.parts (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE s.part1 PARTITION OF s.parts FOR VALUES FROM (1) TO (9);
CREATE TABLE s.part2 (id int, v text);
CREATE INDEX parts_id ON ONLY s.parts (id);
CREATE INDEX part1_id ON s.part1 (id);
ALTER INDEX s.parts_id ATTACH PARTITION s.part1_id;
CREATE FOREIGN TABLE s.ft (a int) SERVER sv;
CREATE VIEW s.v AS SELECT id FROM s.parent;
CREATE MATERIALIZED VIEW s.mv AS SELECT id FROM s.parent;
CREATE INDEX i ON s.child (parent);
CREATE STATISTICS s.st ON id, parent FROM s.child;
CREATE RULE ru AS ON DELETE TO s.other DO INSTEAD NOTHING;
CREATE TRIGGER tr BEFORE INSERT ON s.child FOR EACH ROW EXECUTE FUNCTION s.t();
CREATE POLICY po ON s.child USING (id > 0);
ALTER TABLE s.child REPLICA IDENTITY FULL;
ALTER TABLE s.parent CLUSTER ON parent_pkey;
CREATE PUBLICATION pub FOR TABLE s.parent;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC;
CREATE EVENT TRIGGER evt ON ddl_command_end EXECUTE FUNCTION s.et();
COMMENT ON TABLE s.parent IS 'all of them';
-- What has neither a schema nor a name, or can't be renamed.
CREATE CAST (date AS "char") WITH INOUT;
CREATE TRANSFORM FOR date LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal));
ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO regress_migr_drift;
GRANT SELECT ON s.other TO regress_migr_drift;
GRANT USAGE ON SCHEMA public TO regress_migr_drift;
$migr$);
SELECT migr_upgrade();
SELECT * FROM migr_verify('{drift}');

-- What migr_verify() says after a change, which is undone.
CREATE FUNCTION pg_temp.after(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE change;
    SELECT coalesce(string_agg(format('%s%s: %s', nullif(status, 'fail') || ' ', object,
                                      split_part(split_part(detail, ';', 1), ':', 1)), ', '), '-')
      INTO found FROM migr_verify('{drift}') WHERE object IS NOT NULL OR status <> 'ok';
    RAISE EXCEPTION 'undo';
EXCEPTION WHEN raise_exception THEN
    RETURN found;
END $$;

CREATE TEMPORARY TABLE cases (id int GENERATED ALWAYS AS IDENTITY, kind text, change text, found text);
INSERT INTO cases (kind, change) VALUES
    ('schema', 'CREATE SCHEMA s2'),
    ('schema', 'DROP SCHEMA public'),
    ('schema', 'COMMENT ON SCHEMA s IS ''other'''),
    ('schema', 'REVOKE USAGE ON SCHEMA public FROM PUBLIC'),
    ('language', 'CREATE LANGUAGE l2 HANDLER plpgsql_call_handler'),
    ('language', 'DROP LANGUAGE l CASCADE'),
    ('collation', 'CREATE COLLATION s.c2 FROM "C"'),
    ('collation', 'DROP COLLATION s.c'),
    ('collation', 'DROP COLLATION s.c; CREATE COLLATION s.c FROM "C"'),
    ('shell type', 'CREATE TYPE s.shell2'),
    ('shell type', 'DROP TYPE s.shell'),
    ('enum', 'CREATE TYPE s.e2 AS ENUM ()'),
    ('enum', 'DROP TYPE s.e'),
    ('enum', 'ALTER TYPE s.e ADD VALUE ''c'''),
    ('enum', 'ALTER TYPE s.e RENAME VALUE ''a'' TO ''z'''),
    ('composite', 'CREATE TYPE s.pair2 AS ()'),
    ('composite', 'DROP TYPE s.pair CASCADE'),
    ('composite', 'ALTER TYPE s.pair ADD ATTRIBUTE c int'),
    ('domain', 'CREATE DOMAIN s.d2 AS int'),
    ('domain', 'DROP DOMAIN s.d'),
    ('domain', 'ALTER DOMAIN s.d SET NOT NULL'),
    ('constraint of a domain', 'ALTER DOMAIN s.d DROP CONSTRAINT positive'),
    ('constraint of a domain', 'ALTER DOMAIN s.d ADD CONSTRAINT small CHECK (VALUE < 9)'),
    ('range', 'CREATE TYPE s.r2 AS RANGE (subtype = int)'),
    ('range', 'DROP TYPE s.r'),
    ('range', 'COMMENT ON TYPE s.r IS ''days'''),
    ('base type', 'DROP TYPE s.base CASCADE'),
    ('base type', 'CREATE TYPE s.base2; CREATE FUNCTION s.base2_in(cstring) RETURNS s.base2 LANGUAGE internal IMMUTABLE STRICT AS ''int4in''; CREATE FUNCTION s.base2_out(s.base2) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS ''int4out''; CREATE TYPE s.base2 (INPUT = s.base2_in, OUTPUT = s.base2_out, LIKE = int4)'),
    ('base type', 'COMMENT ON TYPE s.base IS ''a number'''),
    ('routine', 'CREATE FUNCTION s.f(text) RETURNS text LANGUAGE sql AS ''SELECT $1'''),
    ('routine', 'DROP FUNCTION s.f'),
    ('routine', 'CREATE OR REPLACE FUNCTION s.f(a int) RETURNS int LANGUAGE sql AS ''SELECT 2'''),
    ('routine', 'DROP FUNCTION s.f; CREATE FUNCTION s.f(b int) RETURNS int LANGUAGE sql AS ''SELECT b'''),
    ('routine', 'REVOKE EXECUTE ON FUNCTION s.f FROM PUBLIC'),
    ('routine', 'DROP PROCEDURE s.p'),
    ('aggregate', 'CREATE AGGREGATE s.total2(int) (SFUNC = int4pl, STYPE = int)'),
    ('aggregate', 'DROP AGGREGATE s.total(int)'),
    ('aggregate', 'CREATE OR REPLACE AGGREGATE s.total(int) (SFUNC = int4mi, STYPE = int)'),
    ('operator', 'CREATE OPERATOR s.=~~ (FUNCTION = s.near, LEFTARG = int, RIGHTARG = int)'),
    ('operator', 'DROP OPERATOR s.=~ (int, int)'),
    ('operator', 'ALTER OPERATOR s.=~ (int, int) SET (RESTRICT = eqsel)'),
    ('operator family', 'CREATE OPERATOR FAMILY s.fam2 USING btree'),
    ('operator family', 'DROP OPERATOR FAMILY s.fam USING btree'),
    ('operator family', 'ALTER OPERATOR FAMILY s.fam USING btree ADD FUNCTION 1 (int, int) btint4cmp(int, int)'),
    ('operator class', 'CREATE OPERATOR CLASS s.oc2 FOR TYPE int USING hash FAMILY s.oc AS STORAGE int'),
    ('operator class', 'DROP OPERATOR CLASS s.oc USING hash'),
    ('operator class', 'COMMENT ON OPERATOR CLASS s.oc USING hash IS ''o'''),
    ('access method', 'CREATE ACCESS METHOD am2 TYPE INDEX HANDLER bthandler'),
    ('access method', 'DROP ACCESS METHOD am'),
    ('access method', 'COMMENT ON ACCESS METHOD am IS ''a'''),
    ('cast', 'CREATE CAST (s.pair AS int) WITH INOUT'),
    ('cast', 'DROP CAST (s.pair AS varchar)'),
    ('cast', 'DROP CAST (s.pair AS varchar); CREATE CAST (s.pair AS varchar) WITH INOUT AS IMPLICIT'),
    ('transform', 'CREATE TRANSFORM FOR text LANGUAGE l (FROM SQL WITH FUNCTION prsd_lextype(internal))'),
    ('transform', 'DROP TRANSFORM FOR int LANGUAGE l'),
    ('transform', 'CREATE OR REPLACE TRANSFORM FOR int LANGUAGE l (TO SQL WITH FUNCTION int4recv(internal))'),
    ('conversion', 'CREATE CONVERSION s.con2 FOR ''LATIN1'' TO ''UTF8'' FROM iso8859_1_to_utf8'),
    ('conversion', 'DROP CONVERSION s.con'),
    ('conversion', 'COMMENT ON CONVERSION s.con IS ''c'''),
    ('text search parser', 'CREATE TEXT SEARCH PARSER s.tp2 (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)'),
    ('text search parser', 'DROP TEXT SEARCH PARSER s.tp CASCADE'),
    ('text search parser', 'COMMENT ON TEXT SEARCH PARSER s.tp IS ''p'''),
    ('text search template', 'CREATE TEXT SEARCH TEMPLATE s.tt2 (LEXIZE = dsimple_lexize)'),
    ('text search template', 'DROP TEXT SEARCH TEMPLATE s.tt'),
    ('text search template', 'COMMENT ON TEXT SEARCH TEMPLATE s.tt IS ''t'''),
    ('text search dictionary', 'CREATE TEXT SEARCH DICTIONARY s.td2 (TEMPLATE = simple)'),
    ('text search dictionary', 'DROP TEXT SEARCH DICTIONARY s.td'),
    ('text search dictionary', 'ALTER TEXT SEARCH DICTIONARY s.td (accept = true)'),
    ('text search configuration', 'CREATE TEXT SEARCH CONFIGURATION s.tc2 (PARSER = s.tp)'),
    ('text search configuration', 'DROP TEXT SEARCH CONFIGURATION s.tc'),
    ('text search configuration', 'ALTER TEXT SEARCH CONFIGURATION s.tc ADD MAPPING FOR word WITH simple'),
    ('foreign data wrapper', 'CREATE FOREIGN DATA WRAPPER w2'),
    ('foreign data wrapper', 'DROP FOREIGN DATA WRAPPER w CASCADE'),
    ('foreign data wrapper', 'ALTER FOREIGN DATA WRAPPER w OPTIONS (a ''1'')'),
    ('server', 'CREATE SERVER sv2 FOREIGN DATA WRAPPER w'),
    ('server', 'DROP SERVER sv CASCADE'),
    ('server', 'ALTER SERVER sv VERSION ''2'''),
    ('sequence', 'CREATE SEQUENCE s.q2'),
    ('sequence', 'DROP SEQUENCE s.q'),
    ('sequence', 'ALTER SEQUENCE s.q INCREMENT 5'),
    ('owner of a sequence', 'ALTER SEQUENCE s.q OWNED BY NONE'),
    ('owner of a sequence', 'ALTER SEQUENCE s.q OWNED BY s.parent.n'),
    ('owner of a sequence', 'ALTER SEQUENCE s.q OWNED BY s.child.id'),
    ('table', 'CREATE TABLE s.parent2 (a int PRIMARY KEY, b int CHECK (b > 0)); CREATE INDEX ON s.parent2 (b)'),
    ('table', 'DROP TABLE s.child'),
    ('table', 'ALTER TABLE s.child RENAME TO child2'),
    ('table', 'ALTER TABLE s.other SET LOGGED'),
    ('table', 'ALTER TABLE s.other SET (fillfactor = 70)'),
    ('table', 'ALTER TABLE s.child ENABLE ROW LEVEL SECURITY'),
    ('table', 'COMMENT ON TABLE s.parent IS NULL'),
    ('table', 'GRANT INSERT ON s.other TO regress_migr_drift'),
    ('foreign table', 'CREATE FOREIGN TABLE s.ft2 () SERVER sv'),
    ('foreign table', 'DROP FOREIGN TABLE s.ft'),
    ('foreign table', 'ALTER FOREIGN TABLE s.ft OPTIONS (a ''1'')'),
    ('table, of another kind', 'DROP TABLE s.other CASCADE; CREATE VIEW s.other AS SELECT 1 AS a'),
    ('column', 'ALTER TABLE s.parent ADD COLUMN more int'),
    ('column', 'ALTER TABLE s.child DROP COLUMN gone'),
    ('column', 'ALTER TABLE s.child ALTER COLUMN gone TYPE bigint'),
    ('column', 'ALTER TABLE s.child ALTER COLUMN gone SET NOT NULL'),
    ('column', 'ALTER TABLE s.parent ALTER COLUMN note SET DEFAULT ''m'''),
    ('column', 'ALTER TABLE s.parent ALTER COLUMN note DROP DEFAULT'),
    ('column', 'ALTER TABLE s.parent ALTER COLUMN note SET STATISTICS 7'),
    ('column', 'ALTER TABLE s.parent ALTER COLUMN note SET STORAGE external'),
    ('column', 'ALTER TABLE s.parent ALTER COLUMN n DROP IDENTITY'),
    ('column', 'ALTER TABLE s.parent ALTER COLUMN note TYPE text COLLATE "POSIX"'),
    ('column', 'COMMENT ON COLUMN s.parent.note IS ''n'''),
    ('column', 'GRANT SELECT (note) ON s.parent TO regress_migr_drift'),
    ('column', 'ALTER TABLE s.child RENAME COLUMN gone TO "Gone"'),
    ('column of a foreign table', 'ALTER FOREIGN TABLE s.ft ALTER COLUMN a OPTIONS (b ''2'')'),
    ('column, inherited', 'ALTER TABLE s.other ADD COLUMN b int'),
    ('column, inherited', 'ALTER TABLE s.heir ALTER COLUMN a SET DEFAULT 3'),
    ('column, of partitions', 'ALTER TABLE s.parts ADD COLUMN w int'),
    ('column, of one partition', 'ALTER TABLE s.part1 ALTER COLUMN v SET DEFAULT ''v'''),
    ('column order', 'ALTER TABLE s.child DROP COLUMN q CASCADE; ALTER TABLE s.child ADD COLUMN q int; CREATE SEQUENCE s.q OWNED BY s.child.q'),
    ('constraint', 'ALTER TABLE s.child ADD CONSTRAINT u UNIQUE (q)'),
    ('constraint', 'ALTER TABLE s.child DROP CONSTRAINT small'),
    ('constraint', 'ALTER TABLE s.child DROP CONSTRAINT small, ADD CONSTRAINT small CHECK (id < 8)'),
    ('constraint', 'ALTER TABLE s.child DROP CONSTRAINT small, ADD CONSTRAINT small CHECK (id < 9) NOT VALID'),
    ('constraint', 'COMMENT ON CONSTRAINT small ON s.child IS ''s'''),
    ('partition', 'ALTER TABLE s.parts ATTACH PARTITION s.part2 FOR VALUES FROM (9) TO (20)'),
    ('partition', 'ALTER TABLE s.parts DETACH PARTITION s.part1; ALTER TABLE s.parts ATTACH PARTITION s.part1 FOR VALUES FROM (1) TO (8)'),
    ('partition', 'ALTER TABLE s.parts DETACH PARTITION s.part1'),
    ('view', 'CREATE VIEW s.v2 AS SELECT 1 AS a'),
    ('view', 'DROP VIEW s.v'),
    ('view', 'CREATE OR REPLACE VIEW s.v AS SELECT id, note FROM s.parent'),
    ('view', 'ALTER VIEW s.v SET (security_barrier)'),
    ('view', 'COMMENT ON COLUMN s.v.id IS ''i'''),
    ('materialized view', 'DROP MATERIALIZED VIEW s.mv'),
    ('materialized view', 'DROP MATERIALIZED VIEW s.mv; CREATE MATERIALIZED VIEW s.mv AS SELECT id + 1 AS id FROM s.parent'),
    ('contents of a view', 'REFRESH MATERIALIZED VIEW s.mv WITH NO DATA'),
    ('index', 'CREATE INDEX i2 ON s.child (q)'),
    ('index', 'DROP INDEX s.i'),
    ('index', 'DROP INDEX s.i; CREATE INDEX i ON s.child (parent) WHERE parent > 0'),
    ('index', 'ALTER INDEX s.i RENAME TO ii'),
    ('index, invalid', 'UPDATE pg_index SET indisvalid = false WHERE indexrelid = ''s.i''::regclass'),
    ('index of partitions', 'CREATE INDEX parts_v ON s.parts (v)'),
    ('index of partitions', 'DROP INDEX s.parts_id'),
    ('foreign key', 'ALTER TABLE s.child ADD CONSTRAINT fk2 FOREIGN KEY (q) REFERENCES s.parent'),
    ('foreign key', 'ALTER TABLE s.child DROP CONSTRAINT fk'),
    ('foreign key', 'ALTER TABLE s.child DROP CONSTRAINT fk, ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES s.parent ON DELETE CASCADE'),
    ('statistics', 'CREATE STATISTICS s.st2 ON id, q FROM s.child'),
    ('statistics', 'DROP STATISTICS s.st'),
    ('statistics', 'ALTER STATISTICS s.st SET STATISTICS 9'),
    ('rule', 'CREATE RULE ru2 AS ON UPDATE TO s.other DO INSTEAD NOTHING'),
    ('rule', 'DROP RULE ru ON s.other'),
    ('rule', 'ALTER TABLE s.other DISABLE RULE ru'),
    ('trigger', 'CREATE TRIGGER tr2 BEFORE UPDATE ON s.child FOR EACH ROW EXECUTE FUNCTION s.t()'),
    ('trigger', 'DROP TRIGGER tr ON s.child'),
    ('trigger', 'DROP TRIGGER tr ON s.child; CREATE TRIGGER tr AFTER INSERT ON s.child FOR EACH ROW EXECUTE FUNCTION s.t()'),
    ('policy', 'CREATE POLICY po2 ON s.child USING (true)'),
    ('policy', 'DROP POLICY po ON s.child'),
    ('policy', 'ALTER POLICY po ON s.child USING (id > 1)'),
    ('setting of a table', 'ALTER TABLE s.child DISABLE TRIGGER tr'),
    ('setting of a table', 'ALTER TABLE s.child REPLICA IDENTITY NOTHING'),
    ('setting of a table', 'ALTER TABLE s.child REPLICA IDENTITY DEFAULT'),
    ('setting of a table', 'ALTER TABLE s.parent SET WITHOUT CLUSTER'),
    ('publication', 'CREATE PUBLICATION pub2'),
    ('publication', 'DROP PUBLICATION pub'),
    ('publication', 'ALTER PUBLICATION pub ADD TABLE s.child'),
    ('default privileges', 'ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT USAGE ON SEQUENCES TO PUBLIC'),
    ('default privileges', 'ALTER DEFAULT PRIVILEGES IN SCHEMA s REVOKE SELECT ON TABLES FROM PUBLIC'),
    ('default privileges', 'ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO PUBLIC'),
    ('event trigger', 'CREATE EVENT TRIGGER evt2 ON sql_drop EXECUTE FUNCTION s.et()'),
    ('event trigger', 'DROP EVENT TRIGGER evt'),
    ('event trigger', 'ALTER EVENT TRIGGER evt DISABLE');

-- What is created by hand, and what is only commented on, all at once.
INSERT INTO cases (kind, change)
    SELECT 'of all kinds', string_agg(change, E';\n' ORDER BY id)
      FROM cases WHERE change ~ '^(CREATE (?!OR )|COMMENT )' GROUP BY left(change, 7);
DELETE FROM cases WHERE kind <> 'of all kinds' AND change ~ '^(CREATE (?!OR )|COMMENT )';

-- Default privileges are of who set them, whose name is not for the expected
-- output.
\pset format unaligned
UPDATE cases SET found = replace(pg_temp.after(change), current_user, 'ME');
SELECT kind, change, found FROM cases ORDER BY kind = 'of all kinds', CASE kind WHEN 'of all kinds' THEN change END, id;
\pset format aligned

-- Not one of them goes unnoticed, and nothing of them is left.
SELECT count(*) AS unnoticed FROM cases WHERE found = '-';
SELECT * FROM migr_verify('{drift}');

-- An extension that somebody created, dropped, or moved.
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hstore') AS hstore \gset
\if :hstore
SELECT pg_temp.after('CREATE EXTENSION hstore') = 'extension hstore: unexpected' AS found;
SELECT action FROM migr_load(E'-- migr:revision more\n-- migr:revises everything\n-- migr:upgrade\nCREATE EXTENSION hstore SCHEMA s;\n');
SELECT migr_upgrade();
SELECT pg_temp.after('SELECT') = '-' AS clean,
       pg_temp.after('DROP EXTENSION hstore') = 'extension hstore: missing' AS dropped,
       pg_temp.after('ALTER EXTENSION hstore SET SCHEMA public') = 'extension hstore: different' AS moved;
\else
SELECT true AS found;
SELECT 'added' AS action;
SELECT 'more' AS migr_upgrade;
SELECT true AS clean, true AS dropped, true AS moved;
\endif

-- What is said: the definitions of both sides, as SQL; of a table that is
-- there and should not be, with its columns, and not of what stands on it.
\pset format unaligned
BEGIN;
ALTER TABLE s.parent ALTER COLUMN note TYPE varchar(10), ADD COLUMN more int[] NOT NULL DEFAULT '{}';
DROP INDEX s.i;
ALTER TABLE s.other SET LOGGED;
CREATE TABLE "By hand" (id int PRIMARY KEY, "a b" text);
SELECT object, status, detail FROM migr_verify('{drift}');
ROLLBACK;
\pset format aligned

-- What migr.exclude names is no drift; nor are owners and privileges, unless
-- they are compared.
BEGIN;
CREATE TABLE s.scratchpad (a int);
ALTER TABLE s.other OWNER TO regress_migr_drift;
REVOKE SELECT ON s.other FROM regress_migr_drift;
SET LOCAL migr.exclude = 's.scratch*';
SET LOCAL migr.compare_privileges = off;
SELECT object, status FROM migr_verify('{drift}');
SET LOCAL migr.compare_owners = on;
SELECT object, status FROM migr_verify('{drift}');
ROLLBACK;

-- Scripts that can't be built: that is a failure, with its place; what can't
-- be contained is skipped.
SELECT action FROM migr_load($migr$
-- migr:revision broken
-- migr:revises everything
-- migr:upgrade
CREATE TABLE s.a (a int);

CREATE TABLE s.b (b nosuch);
-- migr:revision reload
-- migr:revises everything
-- migr:transaction off
-- migr:upgrade
ALTER SYSTEM SET work_mem = '8MB';
$migr$);
BEGIN;
SELECT migr_stamp('broken');
SELECT object, status, detail FROM migr_verify('{drift}');
ROLLBACK;
BEGIN;
SELECT migr_stamp('reload');
SELECT object, status, detail FROM migr_verify('{drift}');
ROLLBACK;

-- Nothing is applied, but something is there.
BEGIN;
SELECT migr_stamp('base');
SELECT count(*) > 20 AS many, count(*) FILTER (WHERE detail NOT LIKE 'unexpected;%') AS others
  FROM migr_verify('{drift}');
ROLLBACK;

DO 'BEGIN PERFORM migr_scratch_drop(); END';
\c postgres
DROP DATABASE regress_drift;
DROP ROLE regress_migr_drift;
