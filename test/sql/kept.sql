-- What runs drop with rows is kept, and goes back by the way back.
DROP EXTENSION migr;
CREATE EXTENSION migr;
CREATE ROLE regress_migr_alice;
CREATE ROLE regress_migr_bob;
GRANT CREATE, USAGE ON SCHEMA public TO regress_migr_alice, regress_migr_bob;

CREATE VIEW kept AS SELECT id, kind, object, revision, action, owner, expired, rows, bytes > 0 AS has_bytes FROM migr_kept();
CREATE FUNCTION load(ups text, downs text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(action, ' ') FROM migr_load(format(E'-- migr:revision r1\n-- migr:upgrade\n%s\n-- migr:downgrade\n%s\n', ups, downs) ||
        CASE WHEN cardinality(more) = 2 THEN
        format(E'-- migr:revision r2\n-- migr:revises r1\n-- migr:upgrade\n%s\n-- migr:downgrade\n%s\n', more[1], more[2]) ELSE '' END, true) $$;
CREATE PROCEDURE again() LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL client_min_messages = error;
    PERFORM migr_downgrade('base');
    PERFORM migr_unload(revision) FROM migr_heads();
    PERFORM migr_unload(revision) FROM migr_heads();
    UPDATE migr.kept SET expires_at = 'epoch';
    PERFORM migr_discard();
    PERFORM setval('migr.kept_id_seq', 1, false);
END $$;
ALTER DATABASE :"DBNAME" SET migr.exclude = 'public.kept, public.load, public.again, public.later*';
SET migr.exclude = 'public.kept, public.load, public.again, public.later*';

--
-- The setting
--

SHOW migr.keep_dropped;
SET migr.keep_dropped = 'some time';
SET migr.keep_dropped = '-1 day';
SET migr.keep_dropped = '0';
SET migr.keep_dropped = '2 weeks';

-- While it is off, rows are gone as ever.
SET migr.keep_dropped = off;
SELECT load('CREATE TABLE t (id int PRIMARY KEY, a text);', 'DROP TABLE t;');
SELECT migr_upgrade();
INSERT INTO t VALUES (1, 'one');
SELECT migr_downgrade('base');
SELECT count(*) FROM kept;

--
-- A table
--

SET migr.keep_dropped = '30 days';
SELECT migr_upgrade();
-- one without rows is not kept
SELECT migr_downgrade('base');
SELECT count(*) FROM kept;
SELECT migr_upgrade();
INSERT INTO t VALUES (1, 'one'), (2, 'two');
SELECT migr_downgrade('base');
SELECT * FROM kept;
SELECT expires_at - kept_at AS for_how_long FROM migr_kept();
-- nothing of it is the schema's
SELECT migr_schema();
SET client_min_messages = warning;
SET migr.scratch_database = 'create';
SELECT * FROM migr_verify() WHERE status NOT IN ('ok', 'skipped');
RESET client_min_messages;
-- and back
SELECT migr_upgrade();
SELECT * FROM t ORDER BY id;
SELECT count(*) FROM kept;
SELECT relname FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace;
-- a dry run keeps nothing
SELECT migr_downgrade('base', dry_run => true);
SELECT count(*) FROM kept;
-- to do a revision again keeps its rows
SELECT migr_redo('r1');
SELECT * FROM t ORDER BY id;
-- a script may say that it is to be gone
CALL again();
SELECT load('CREATE TABLE t (id int PRIMARY KEY, a text);', 'SET migr.keep_dropped = off; DROP TABLE t;');
SELECT migr_upgrade();
INSERT INTO t VALUES (1, 'one');
SELECT migr_downgrade('base');
SELECT count(*) FROM kept;
CALL again();

-- With all that can stand on a table and around it.
SELECT load($$
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE "the Parent" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE FUNCTION positive(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := NEW.note || ''!''; RETURN NEW; END';
CREATE TABLE child (id serial PRIMARY KEY, parent bigint REFERENCES "the Parent" ON DELETE CASCADE,
    boss int REFERENCES child, mood mood DEFAULT 'sad', note text CHECK (note <> ''),
    n int CHECK (positive(n)), twice int GENERATED ALWAYS AS (n * 2) STORED);
CREATE INDEX ON child (note) WHERE positive(n);
CREATE STATISTICS s ON parent, n FROM child;
CREATE TRIGGER noted BEFORE INSERT OR UPDATE ON child FOR EACH ROW EXECUTE FUNCTION noted();
CREATE POLICY p ON child USING (positive(n));
ALTER TABLE child ENABLE ROW LEVEL SECURITY;
CREATE RULE r AS ON DELETE TO child WHERE OLD.id = 0 DO INSTEAD NOTHING;
CREATE VIEW v AS SELECT note FROM child;
CREATE PUBLICATION pub FOR TABLE child;
GRANT SELECT ON child TO regress_migr_bob WITH GRANT OPTION;
GRANT UPDATE (note) ON child TO PUBLIC;
$$, $$
DROP PUBLICATION pub;
DROP TABLE child, "the Parent" CASCADE;
DROP FUNCTION noted(), positive(int);
DROP TYPE mood;
$$);
SET client_min_messages = error;
SELECT migr_upgrade();
RESET client_min_messages;
INSERT INTO "the Parent" (name) SELECT 'parent ' || i FROM generate_series(1, 5) i;
INSERT INTO child (parent, boss, mood, note, n) SELECT i, 6 - i, 'happy', 'note ' || i, i FROM generate_series(1, 5) i;
SELECT migr_downgrade('base');
SELECT * FROM kept;
-- with no privilege of others, and nothing that stands on it or on what it stood on
SELECT c.relname, c.relkind, c.relacl,
       (SELECT string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum)
          FROM pg_attribute a WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attacl IS NULL) AS columns
  FROM pg_class c WHERE relnamespace = 'migr_kept'::regnamespace AND relkind <> 't' ORDER BY 1;
SELECT conname FROM pg_constraint WHERE connamespace = 'migr_kept'::regnamespace AND contype <> 'n';
SET client_min_messages = error;
SELECT migr_upgrade();
RESET client_min_messages;
SELECT * FROM child ORDER BY id;
SELECT * FROM "the Parent" ORDER BY id;
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'child'::regclass AND NOT tgisinternal;
SELECT count(*) FROM kept;
-- no number comes twice
INSERT INTO "the Parent" (name) VALUES ('another') RETURNING id;
INSERT INTO child (parent, note) VALUES (6, 'another') RETURNING id;
CALL again();

-- The server's own errors: what stands on it, who owns it, what is not there.
SELECT load('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE t2 (id int);', 'DROP TABLE t; DROP TABLE t2;');
SELECT migr_upgrade();
INSERT INTO t VALUES (1);
INSERT INTO t2 VALUES (1);
CREATE VIEW later AS SELECT * FROM t;
SELECT migr_downgrade('base');
SELECT count(*) FROM t;
DROP VIEW later;
SELECT migr_upgrade();
CALL again();
SELECT load('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE t2 (id int);',
            'CREATE VIEW v AS SELECT * FROM t; DROP TABLE IF EXISTS missing, t2, t CASCADE; DROP TABLE IF EXISTS t;');
SELECT migr_upgrade();
INSERT INTO t VALUES (1);
SELECT migr_downgrade('base');
SELECT object FROM kept;
SELECT count(*) FROM pg_class WHERE relname IN ('t', 't2', 'v');
CALL again();

-- Two of one name, and long names.
SELECT load('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE äääääääääääääääääääääääääääääää (id int);',
            'DROP TABLE t; DROP TABLE äääääääääääääääääääääääääääääää;');
SELECT migr_upgrade();
INSERT INTO t VALUES (1);
INSERT INTO äääääääääääääääääääääääääääääää VALUES (1);
SELECT migr_downgrade('base');
UPDATE migr.kept SET revision = 'another';
SELECT migr_upgrade();
INSERT INTO t VALUES (2);
SELECT migr_downgrade('base');
SELECT id, relation, octet_length(relation) < 64 AS fits FROM migr.kept ORDER BY id;
CALL again();

--
-- Partitions and children
--

SELECT load($$
CREATE TABLE p (id int, k text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 (k text, id int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE p21 PARTITION OF p2 DEFAULT;
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20);
CREATE TABLE parent (id int, a text);
CREATE TABLE child (b text) INHERITS (parent);
$$, 'DROP TABLE p; DROP TABLE parent CASCADE;',
'DROP TABLE p1; ALTER TABLE p DROP COLUMN k; DROP TABLE child;',
$$ALTER TABLE p ADD COLUMN k text; CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE child (b text) INHERITS (parent);$$);
SELECT migr_upgrade('r1');
INSERT INTO p SELECT i, 'k' || i FROM generate_series(1, 19, 6) i;
INSERT INTO parent VALUES (1, 'parent');
INSERT INTO child VALUES (2, 'child', 'b');
SELECT migr_upgrade();
SELECT * FROM kept;
SELECT * FROM p ORDER BY id;
SELECT migr_downgrade('-1');
SELECT tableoid::regclass, id, k FROM p ORDER BY id;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
SELECT migr_downgrade('base');
SELECT * FROM kept;
SELECT relname FROM pg_class WHERE relnamespace = 'migr_kept'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1;
SELECT migr_upgrade('r1');
SELECT tableoid::regclass, id, k FROM p ORDER BY id;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
CALL again();

--
-- A column
--

SELECT load($$CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE NOT NULL, mood mood, note text NOT NULL, nothing int);$$,
'DROP TABLE t; DROP TYPE mood;',
'ALTER TABLE t DROP COLUMN nothing, DROP COLUMN note; DROP TYPE mood CASCADE;',
$$CREATE TYPE mood AS ENUM ('sad', 'happy');
ALTER TABLE t ADD COLUMN note text NOT NULL, ADD nothing int; ALTER TABLE t ADD mood mood;$$);
SELECT migr_upgrade('r1');
INSERT INTO t SELECT i, 'c' || i, 'happy', repeat('note ', i * 1000), NULL FROM generate_series(1, 4) i;
SELECT migr_upgrade();
SELECT * FROM kept;
SELECT * FROM t ORDER BY id;
-- rows that came, changed and went
DELETE FROM t WHERE id = 1;
UPDATE t SET code = 'other' WHERE id = 2;
-- the row that came has no value for what has to have one (error)
INSERT INTO t VALUES (5, 'c5');
SELECT migr_downgrade('-1');
DELETE FROM t WHERE id = 5;
SELECT migr_downgrade('-1');
SELECT id, code, mood, length(note), nothing FROM t ORDER BY id;
SELECT * FROM kept;
INSERT INTO t (id, code, note) VALUES (1, 'c1', '');
SELECT migr_take_back(2), migr_take_back(1);
SELECT id, code, mood, length(note) FROM t WHERE id = 1;
SELECT * FROM kept;
CALL again();
-- By another key, if the primary one goes; without one, it stays (error).
SELECT load('CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE NOT NULL, a int); CREATE TABLE u (a int, b int);',
            'DROP TABLE t, u;', 'ALTER TABLE t DROP COLUMN id, DROP a;', 'ALTER TABLE t ADD id int PRIMARY KEY, ADD a int;');
SELECT migr_upgrade('r1');
INSERT INTO t VALUES (1, 'one', 10), (2, 'two', 20);
SELECT migr_upgrade();
SELECT key_columns, count(*) FROM migr.kept GROUP BY 1;
TRUNCATE t;
SELECT migr_downgrade('-1');
INSERT INTO u VALUES (1, 1);
SELECT migr_load($m$
-- migr:revision r3
-- migr:revises r1
-- migr:upgrade
ALTER TABLE u DROP COLUMN b;
-- migr:revision r4
-- migr:revises r1
-- migr:upgrade
SET LOCAL migr.keep_dropped = off;
ALTER TABLE u DROP COLUMN b;
$m$);
SELECT migr_upgrade('r3');
SELECT * FROM u;
SELECT migr_upgrade('r4');
SELECT migr_stamp('r1', purge => true);
SELECT migr_unload('r3'), migr_unload('r4');
CALL again();

--
-- However it is dropped
--

SELECT load($$CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY, a text); CREATE VIEW app.v AS SELECT * FROM app.t;
CREATE DOMAIN app.d AS int CHECK (VALUE > 0); CREATE TABLE u (id int PRIMARY KEY, d app.d);$$, 'DROP SCHEMA app CASCADE; DROP TABLE u;');
SELECT migr_upgrade();
INSERT INTO app.t VALUES (1, 'a');
INSERT INTO u VALUES (1, 1);
SELECT migr_downgrade('base');
SELECT * FROM kept;
SELECT migr_upgrade();
SELECT * FROM app.t;
SELECT * FROM u;
SELECT * FROM kept;
CALL again();
SELECT load('CREATE TABLE t (id int PRIMARY KEY, a int);', $$DO 'BEGIN EXECUTE ''DROP TABLE t''; END';$$,
    $$CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN ALTER TABLE t DROP COLUMN a; END'; SELECT f(); DROP FUNCTION f();$$,
    $$DO 'BEGIN ALTER TABLE t ADD a int; END';$$);
SELECT migr_upgrade('r1');
INSERT INTO t VALUES (1, 10);
SELECT migr_upgrade();
SELECT migr_downgrade('base');
SELECT * FROM kept;
SELECT migr_upgrade('r1');
SELECT * FROM t;
CALL again();

--
-- Rows that can't go back
--

SELECT load('CREATE TABLE t (id int PRIMARY KEY, a text, b int);', 'DROP TABLE t;');
SELECT migr_upgrade();
INSERT INTO t SELECT i, 'a' || i, i FROM generate_series(1, 3000) i;
SELECT migr_downgrade('base');
SELECT action FROM migr_load($m$
-- migr:revision r1
-- migr:upgrade
CREATE TABLE t (id int PRIMARY KEY, a varchar(4), b bigint CHECK (b <> 17));
INSERT INTO t VALUES (5, 'new');
-- migr:downgrade
DROP TABLE t;
$m$, true);
SELECT migr_upgrade();
SELECT count(*) FROM t;
SELECT * FROM t WHERE id IN (5, 17, 18);
SELECT * FROM kept;
SELECT migr_take_back(1);
ALTER TABLE t ALTER a TYPE text;
SELECT migr_take_back(1);
SELECT count(*) FROM t;
SELECT migr_take_back(7);
SELECT migr_discard(1);
SELECT migr_discard(1);
SELECT * FROM kept;
CALL again();

--
-- Rights
--

GRANT SELECT ON kept TO PUBLIC;
GRANT EXECUTE ON FUNCTION migr_upgrade, migr_downgrade, migr_take_back, migr_discard TO regress_migr_alice, regress_migr_bob;
SELECT load('CREATE TABLE t (id int PRIMARY KEY, a text);', 'DROP TABLE t;', 'ALTER TABLE t DROP COLUMN a;', 'ALTER TABLE t ADD COLUMN a text;');
SET ROLE regress_migr_alice;
SELECT migr_upgrade('r1');
INSERT INTO t VALUES (1, 'one');
GRANT SELECT ON t TO PUBLIC;
SET ROLE regress_migr_bob;
-- (error)
SELECT migr_downgrade('base');
SET ROLE regress_migr_alice;
SELECT migr_upgrade();
SELECT * FROM kept;
SELECT migr_downgrade('base');
SELECT * FROM kept;
-- nobody finds it by name, nor sees its rows
SELECT * FROM migr_kept.k1_a;
SET ROLE regress_migr_bob;
SELECT * FROM migr_kept.k2_t;
INSERT INTO migr.kept SELECT * FROM migr.kept;
SELECT migr_discard(2);
-- a table of another's gets nothing of it
SELECT migr_upgrade('r1');
SELECT * FROM t;
SELECT migr_take_back(2);
RESET ROLE;
GRANT INSERT ON t TO regress_migr_alice;
SET ROLE regress_migr_alice;
SELECT migr_take_back(2);
SELECT migr_discard(2);
SELECT migr_discard();
RESET ROLE;
SELECT * FROM t;
SELECT migr_downgrade('base');
-- what has expired, whoever may call it discards
UPDATE migr.kept SET expires_at = now();
SET ROLE regress_migr_alice;
SELECT migr_discard();
RESET ROLE;
SELECT count(*) FROM kept;
-- scripts do not write the table
SELECT load('DELETE FROM migr.kept;', '');
SELECT migr_upgrade();

ALTER DATABASE :"DBNAME" RESET migr.exclude;
RESET migr.exclude;
RESET migr.keep_dropped;
DROP PROCEDURE again;
DROP FUNCTION load;
DROP VIEW kept;
REVOKE ALL ON SCHEMA public FROM regress_migr_alice, regress_migr_bob;
DROP EXTENSION migr;
CREATE EXTENSION migr;
DROP ROLE regress_migr_alice, regress_migr_bob;
