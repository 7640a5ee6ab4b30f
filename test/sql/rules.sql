-- Integrity rules: migr.rule switches them on, migr_verify() says what breaks
-- them, object by object.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE DATABASE regress_rules TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_rules
SET client_min_messages = warning;
CREATE EXTENSION migr;
CREATE ROLE regress_migr_reader;

--
-- The table
--

TABLE migr.rule;
-- What is on by itself, and holds in an empty database.
SELECT * FROM migr_verify('{integrity}');
-- A rule that is asked for by name; one that is off.
SELECT * FROM migr_verify('{integrity.valid_index, integrity.primary_key}');
-- Names and settings must mean something (error)
\set VERBOSITY default
INSERT INTO migr.rule VALUES ('primary_keys');
INSERT INTO migr.rule VALUES ('primary_key', 'uuid');
INSERT INTO migr.rule VALUES ('primary_key_type', NULL);
INSERT INTO migr.rule VALUES ('foreign_key_delete', 'cascade, truncate');
INSERT INTO migr.rule VALUES ('table_count', '-1');
INSERT INTO migr.rule VALUES ('sequence_headroom', '101');
INSERT INTO migr.rule VALUES ('tables', ' , ');
\set VERBOSITY sqlstate
INSERT INTO migr.rule VALUES ('table_count', '99999999999999999999');
INSERT INTO migr.rule VALUES ('table_count', '');
INSERT INTO migr.rule VALUES ('primary_key_type', 'uuid, nosuch');
INSERT INTO migr.rule VALUES ('primary_key_type', 'not a type at all');
INSERT INTO migr.rule VALUES (NULL, 'on');
INSERT INTO migr.rule VALUES ('primary_key', NULL, NULL);
SELECT * FROM migr_verify('{integrity.nosuch}');
\set VERBOSITY terse
-- ... an update, too (error)
INSERT INTO migr.rule VALUES ('table_count', '3');
UPDATE migr.rule SET setting = 'many';
UPDATE migr.rule SET name = 'primary_key';
TABLE migr.rule;
DELETE FROM migr.rule;
-- What may be written.
BEGIN;
INSERT INTO migr.rule VALUES
    ('primary_key'), ('foreign_key_index'), ('unused_enum');
INSERT INTO migr.rule VALUES
    ('valid_index', 'OFF'), ('duplicate_index', 'on'), ('sequence_headroom', '5%'),
    ('foreign_key_delete', 'Cascade, SET NULL'), ('primary_key_type', 'uuid, pg_catalog.int4, character varying'),
    ('tables', 'a, b.c'), ('table_count', '0'), ('enum_count', '12');
INSERT INTO migr.rule VALUES ('valid_body');
SELECT check_name, status, detail FROM migr_verify('{integrity}') WHERE object IS NULL;
ROLLBACK;
-- Everybody may read it, and only who is allowed may write it; no script may.
SET ROLE regress_migr_reader;
SELECT count(*) FROM migr.rule;
INSERT INTO migr.rule VALUES ('primary_key');
RESET ROLE;
SELECT * FROM migr_load(E'-- migr:revision rules\n-- migr:upgrade\nINSERT INTO migr.rule VALUES (''primary_key'');\n');
SELECT migr_upgrade();
SELECT migr_unload('rules');

--
-- Each rule: what breaks it, and beside it what does not
--

CREATE EXTENSION IF NOT EXISTS plpgsql;
CREATE SCHEMA other;
CREATE TABLE keyed (id int PRIMARY KEY);
CREATE TABLE keyless (id int);
CREATE TABLE other."Odd one" (id int);
CREATE TABLE parts (id uuid, at timestamptz, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE no_parts (id int, at timestamp) PARTITION BY RANGE (id);
CREATE TABLE no_parts_0 PARTITION OF no_parts FOR VALUES FROM (0) TO (9);
CREATE TEMPORARY TABLE of_session (id int, at timestamp);
CREATE VIEW of_view AS SELECT id FROM keyless;
INSERT INTO migr.rule (name) VALUES ('primary_key');
SELECT * FROM migr_verify('{integrity.primary_key}');

INSERT INTO migr.rule (name, setting) VALUES ('primary_key_type', 'uuid');
CREATE TABLE joined (a uuid, b bigint, PRIMARY KEY (b, a));
SELECT * FROM migr_verify('{integrity.primary_key_type}');
UPDATE migr.rule SET setting = 'uuid,int' WHERE name = 'primary_key_type';
SELECT * FROM migr_verify('{integrity.primary_key_type}');
DROP TABLE joined;
-- a type that is gone
CREATE DOMAIN public.key AS int;
UPDATE migr.rule SET setting = 'public.key' WHERE name = 'primary_key_type';
DROP DOMAIN public.key;
SELECT * FROM migr_verify('{integrity.primary_key_type}');

INSERT INTO migr.rule (name, setting) VALUES ('foreign_key_index', 'on'), ('foreign_key_delete', 'cascade, restrict');
CREATE TABLE wide (a int, b int, c int, PRIMARY KEY (a, b));
CREATE TABLE referring (
    plain     int CONSTRAINT plain REFERENCES keyed ON DELETE CASCADE,
    served    int CONSTRAINT served REFERENCES keyed ON DELETE RESTRICT,
    partially int CONSTRAINT partially REFERENCES keyed ON DELETE SET NULL,
    not_null  int CONSTRAINT not_null REFERENCES keyed ON DELETE CASCADE,
    hashed    int CONSTRAINT hashed REFERENCES keyed ON DELETE CASCADE,
    x int, y int,
    CONSTRAINT reversed FOREIGN KEY (x, y) REFERENCES wide ON DELETE CASCADE,
    CONSTRAINT behind FOREIGN KEY (y, plain) REFERENCES wide ON DELETE CASCADE,
    big       bigint CONSTRAINT typed REFERENCES keyed ON DELETE CASCADE UNIQUE
);
CREATE INDEX ON referring (served, plain);
CREATE INDEX ON referring (partially) WHERE x > 0;
CREATE INDEX ON referring (not_null) WHERE not_null IS NOT NULL;
CREATE INDEX ON referring USING hash (hashed);
CREATE INDEX ON referring (y, x, served);
-- the foreign key of a partitioned table is one
CREATE TABLE of_parts (id int, at int REFERENCES keyed) PARTITION BY RANGE (id);
CREATE TABLE of_parts_0 PARTITION OF of_parts FOR VALUES FROM (0) TO (9);
SELECT * FROM migr_verify('{integrity.foreign_key_index, integrity.foreign_key_delete, integrity.foreign_key_type}');
-- a domain over the type is the type
CREATE DOMAIN number AS int;
ALTER TABLE referring ALTER COLUMN big TYPE number;
SELECT * FROM migr_verify('{integrity.foreign_key_type}');

CREATE INDEX broken ON keyless (id);
CREATE INDEX broken_parts ON ONLY no_parts (id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
SELECT * FROM migr_verify('{integrity.valid_index}');
CREATE INDEX broken_part ON no_parts_0 (id);
ALTER INDEX broken_parts ATTACH PARTITION broken_part;
REINDEX INDEX broken;
SELECT * FROM migr_verify('{integrity.valid_index}');

ALTER TABLE keyless ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
ALTER TABLE no_parts ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
ALTER TABLE keyless ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES keyed NOT VALID;
ALTER DOMAIN number ADD CONSTRAINT "not one" CHECK (VALUE <> 1) NOT VALID;
SELECT * FROM migr_verify('{integrity.validated_constraint}');
ALTER TABLE keyless VALIDATE CONSTRAINT positive, VALIDATE CONSTRAINT fk;
ALTER TABLE no_parts VALIDATE CONSTRAINT positive;
ALTER DOMAIN number VALIDATE CONSTRAINT "not one";
SELECT * FROM migr_verify('{integrity.validated_constraint}');

CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noticed BEFORE INSERT ON keyless FOR EACH ROW EXECUTE FUNCTION noticed();
CREATE TRIGGER noticed AFTER INSERT ON no_parts FOR EACH ROW EXECUTE FUNCTION noticed();
ALTER TABLE no_parts DISABLE TRIGGER noticed;
ALTER TABLE keyless DISABLE TRIGGER ALL;
CREATE FUNCTION happened() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER happened ON sql_drop EXECUTE FUNCTION happened();
ALTER EVENT TRIGGER happened DISABLE;
SELECT * FROM migr_verify('{integrity.enabled_trigger}');
ALTER TABLE no_parts ENABLE TRIGGER noticed;
ALTER TABLE keyless ENABLE TRIGGER ALL;
ALTER TABLE keyless ENABLE ALWAYS TRIGGER noticed;
DROP EVENT TRIGGER happened;
SELECT * FROM migr_verify('{integrity.enabled_trigger}');
ALTER TABLE no_parts_0 DISABLE TRIGGER noticed;
SELECT * FROM migr_verify('{integrity.enabled_trigger}');
ALTER TABLE no_parts_0 ENABLE TRIGGER noticed;

CREATE POLICY own ON keyless USING (true);
SELECT * FROM migr_verify('{integrity.row_security}');
ALTER TABLE keyless ENABLE ROW LEVEL SECURITY;
SELECT * FROM migr_verify('{integrity.row_security}');

INSERT INTO migr.rule (name) VALUES ('duplicate_index'), ('unused_enum'), ('timestamptz');
CREATE TABLE indexed (a int PRIMARY KEY, b text UNIQUE, c int);
CREATE INDEX same_as_key ON indexed (a);
CREATE UNIQUE INDEX same_as_unique ON indexed (b);
CREATE INDEX c1 ON indexed (c);
CREATE INDEX c2 ON indexed (c);
CREATE INDEX other_order ON indexed (c DESC);
CREATE INDEX other_class ON indexed (b text_pattern_ops);
CREATE INDEX other_method ON indexed USING hash (c);
CREATE INDEX partial1 ON indexed (c) WHERE c > 0;
CREATE INDEX partial2 ON indexed (c) WHERE c > 0;
CREATE INDEX partial3 ON indexed (c) WHERE c > 1;
CREATE INDEX lower1 ON indexed (lower(b));
CREATE INDEX lower2 ON indexed (lower(b));
CREATE INDEX including ON indexed (c) INCLUDE (b);
CREATE INDEX parts_1a ON no_parts (id);
SELECT * FROM migr_verify('{integrity.duplicate_index}');

CREATE TYPE used AS ENUM ('a');
CREATE TYPE in_array AS ENUM ('a');
CREATE TYPE in_function AS ENUM ('a');
CREATE TYPE other.unused AS ENUM ('a');
CREATE TABLE using_them (a used, b in_array[]);
CREATE FUNCTION using_it(in_function) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT * FROM migr_verify('{integrity.unused_enum, integrity.timestamptz}');

INSERT INTO migr.rule (name, setting) VALUES ('table_count', '12'), ('enum_count', '4'),
    ('tables', 'keyed, public.keyless, other.missing, other.Odd one');
SELECT * FROM migr_verify('{integrity.table_count, integrity.enum_count, integrity.tables}');
UPDATE migr.rule SET setting = '3' WHERE name = 'enum_count';
UPDATE migr.rule SET setting = 'keyed', exceptions = '{public, other}' WHERE name = 'tables';
SELECT * FROM migr_verify('{integrity.enum_count, integrity.tables}');

CREATE SEQUENCE near AS smallint;
CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1;
CREATE SEQUENCE round MAXVALUE 10 CYCLE;
CREATE SEQUENCE fresh MAXVALUE 10;
CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY, small smallint, big bigserial);
CREATE SEQUENCE feeds OWNED BY counted.small;
SELECT setval('near', 32000), setval('down', -95), setval('round', 10), setval('feeds', 32000),
       setval('counted_id_seq', 2000000000), setval('counted_big_seq', 4000000000) \g /dev/null
SELECT * FROM migr_verify('{integrity.sequence_headroom}');
INSERT INTO migr.rule VALUES ('sequence_headroom', '4%');
SELECT object FROM migr_verify('{integrity.sequence_headroom}');
-- Who may not read a sequence gets no answer, but no error either.
GRANT SELECT ON SEQUENCE near TO regress_migr_reader;
SET ROLE regress_migr_reader;
SELECT object, status FROM migr_verify('{integrity.sequence_headroom}');
RESET ROLE;

-- Bodies: with the function's own settings, or the caller's path, or in its
-- own schema.
CREATE TABLE other.t (a int);
CREATE TABLE gone (a int);
CREATE FUNCTION lost() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM gone';
SELECT current_setting('server_version_num')::int >= 140000 AS has_atomic \gset
\if :has_atomic
CREATE FUNCTION kept() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT 1::bigint; END;
\endif
CREATE FUNCTION other.own() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE OR REPLACE FUNCTION other.own() RETURNS bigint LANGUAGE sql SET search_path = other AS 'SELECT count(*) FROM t';
CREATE FUNCTION other.near() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM other.t';
SET check_function_bodies = off;
CREATE OR REPLACE FUNCTION other.near() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t';
CREATE FUNCTION wrong(a int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN a;';
CREATE PROCEDURE wrong() LANGUAGE sql AS 'SELEKT';
CREATE FUNCTION internal_one() RETURNS int LANGUAGE internal AS 'nosuch';
RESET check_function_bodies;
DROP TABLE gone;
SELECT * FROM migr_verify('{integrity.valid_body}');
-- in a read-only transaction, too; and nothing stays
BEGIN READ ONLY;
SELECT object FROM migr_verify('{integrity.valid_body}');
COMMIT;
SHOW search_path;
SHOW check_function_bodies;

-- Exceptions are patterns; what migr.exclude names is not looked at at all,
-- nor are members of extensions.
UPDATE migr.rule SET exceptions = '{other, public.no_*}' WHERE name = 'primary_key';
SELECT object FROM migr_verify('{integrity.primary_key}');
SET migr.exclude = 'public.key*, other';
SELECT object FROM migr_verify('{integrity.primary_key, integrity.valid_body}');
RESET migr.exclude;
ALTER EXTENSION migr ADD TABLE keyless;
SELECT count(*) FROM migr_verify('{integrity.primary_key}') WHERE object ~ 'keyless';
ALTER EXTENSION migr DROP TABLE keyless;

-- A domain is what it is made of in the end; a sequence feeds a column by a
-- default, too.
CREATE DOMAIN code AS int;
CREATE DOMAIN short_code AS code;
CREATE DOMAIN moment AS timestamp;
CREATE SEQUENCE feeder;
CREATE TABLE coded (id int PRIMARY KEY);
CREATE TABLE coder (
    id   smallint PRIMARY KEY DEFAULT nextval('feeder'),
    code short_code REFERENCES coded,
    at   moment
);
SELECT setval('feeder', 32000);
INSERT INTO migr.rule (name) VALUES ('timestamptz') ON CONFLICT DO NOTHING;
SELECT * FROM migr_verify('{integrity.foreign_key_type,integrity.timestamptz,integrity.sequence_headroom}')
 WHERE object ~ 'coder|feeder';
DROP TABLE coder, coded;
DROP SEQUENCE feeder;

-- All off.
INSERT INTO migr.rule (name, setting)
    SELECT split_part(check_name, '.', 2), 'off' FROM migr_verify('{integrity}') GROUP BY 1
    ON CONFLICT (name) DO UPDATE SET setting = 'off';
SELECT * FROM migr_verify('{integrity}');

-- A role that may only read finds what a superuser finds, but for functions in
-- a schema that is closed to it.
DELETE FROM migr.rule;
INSERT INTO migr.rule (name) VALUES ('primary_key'), ('duplicate_index');
SELECT string_agg(check_name || object || detail, ',') AS found
  FROM migr_verify('{integrity}') WHERE status = 'fail' AND check_name !~ 'sequence' \gset
SET ROLE regress_migr_reader;
SELECT string_agg(check_name || object || detail, ',') = :'found' AS same
  FROM migr_verify('{integrity}') WHERE status = 'fail' AND check_name !~ 'sequence';
SELECT object, status, detail FROM migr_verify('{integrity.valid_body}') WHERE status = 'skipped';
RESET ROLE;

\c postgres
DROP DATABASE regress_rules;
DROP ROLE regress_migr_reader;
