-- What got another name, as the desired DDL says it: "-- migr:renamed_from" before
-- an object, a column, a constraint, a label; names that are swapped; sequences.

\pset format unaligned
\pset tuples_only on
\set SHOW_CONTEXT never

DO 'BEGIN PERFORM migr_scratch_create(); END';
-- a table, its columns, a constraint; the serial's sequence follows
SELECT migr_diff($$
-- migr:renamed_from person
CREATE TABLE people (
    -- migr:renamed_from no
    id serial PRIMARY KEY,
    -- migr:renamed_from name
    "full name" text NOT NULL,
    age int DEFAULT 0,
    -- migr:renamed_from person_age_check
    CONSTRAINT grown CHECK (age >= 0),
    CHECK (age < 200)
);
$$, $$
CREATE TABLE person (no serial PRIMARY KEY, name text NOT NULL, age int DEFAULT 0,
    CONSTRAINT person_age_check CHECK (age >= 0), CONSTRAINT people_age_check CHECK (age < 200));
$$);
-- all other kinds; qualified, quoted, with blanks in front, several of a kind
SELECT migr_diff($$
    -- migr:renamed_from "Old"
CREATE SCHEMA IF NOT EXISTS s;
-- migr:renamed_from public.Mood
CREATE TYPE state AS ENUM (
    'a',
    -- migr:renamed_from 'in progress'
    'doing',
    -- migr:renamed_from "fin"
    'done');
-- migr:renamed_from pair
CREATE TYPE couple AS (
    -- migr:renamed_from x
    one int, y int);
-- migr:renamed_from natural
CREATE DOMAIN nat AS int
    -- migr:renamed_from natural_check
    CONSTRAINT positive CHECK (VALUE > 0);
-- migr:renamed_from f
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:renamed_from f
CREATE OR REPLACE FUNCTION g(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(bool) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:renamed_from old_seq
CREATE SEQUENCE seq;
CREATE TABLE t (a int, b nat, s state);
-- migr:renamed_from i
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS j ON t (a, b) WHERE a > 0;
-- migr:renamed_from v
CREATE OR REPLACE VIEW w WITH (security_barrier) AS SELECT a FROM t;
-- migr:renamed_from m
CREATE MATERIALIZED VIEW n AS SELECT a FROM t;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
-- migr:renamed_from tr
CREATE TRIGGER trigger_on BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION tf();
-- migr:renamed_from po
CREATE POLICY policy ON public.t USING (true);
-- migr:renamed_from ru
CREATE RULE rule AS ON DELETE TO t DO INSTEAD NOTHING;
ALTER TABLE ONLY t
    -- migr:renamed_from u
    ADD CONSTRAINT uu UNIQUE (b);
-- migr:renamed_from k
ALTER TABLE t ADD CONSTRAINT kk UNIQUE (s);
$$, $$
CREATE SCHEMA "Old";
CREATE TYPE mood AS ENUM ('a', 'in progress', 'fin');
CREATE TYPE pair AS (x int, y int);
CREATE DOMAIN natural_ AS int; DROP DOMAIN natural_;
CREATE DOMAIN "natural" AS int CONSTRAINT natural_check CHECK (VALUE > 0);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(bool) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE old_seq;
CREATE TABLE t (a int, b "natural", s mood);
CREATE UNIQUE INDEX i ON t (a, b) WHERE a > 0;
CREATE VIEW v WITH (security_barrier) AS SELECT a FROM t;
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE POLICY po ON t USING (true);
CREATE RULE ru AS ON DELETE TO t DO INSTEAD NOTHING;
ALTER TABLE ONLY t ADD CONSTRAINT u UNIQUE (b), ADD CONSTRAINT k UNIQUE (s);
$$);

-- done already, or never to be done: passed over, with a notice
SELECT migr_diff($$
-- migr:renamed_from a
CREATE TABLE b (
    -- migr:renamed_from x
    y int);
CREATE TABLE c (z int);
$$, 'CREATE TABLE b (y int);');
SELECT migr_diff($$
-- migr:renamed_from a
CREATE TABLE b (y int);
CREATE TABLE a (y int);
$$, 'CREATE TABLE b (y int); CREATE TABLE a (x int);');
SELECT migr_diff($$
CREATE TABLE b (
    -- migr:renamed_from x
    y int);
$$, 'CREATE TABLE a (y int);');
-- from whichever of two names there is
SELECT migr_diff($$
-- migr:renamed_from b
-- migr:renamed_from a
CREATE TABLE c (x int);
$$, 'CREATE TABLE a (x int);');
SELECT migr_diff($$
-- migr:renamed_from b
-- migr:renamed_from a
CREATE TABLE c (x int);
$$, 'CREATE TABLE a (x int); CREATE TABLE b (x int);');
-- one after the other: b becomes c, a becomes b; and when that is done
SELECT migr_diff($$
-- migr:renamed_from b
CREATE TABLE c (x int);
-- migr:renamed_from a
CREATE TABLE b (y int);
$$, 'CREATE TABLE a (y int); CREATE TABLE b (x int);');
SELECT migr_diff($$
-- migr:renamed_from b
CREATE TABLE c (x int);
-- migr:renamed_from a
CREATE TABLE b (y int);
$$, 'CREATE TABLE b (y int); CREATE TABLE c (x int);');
-- a ring, before and behind it, and one that can't be seen
SELECT migr_diff($$
-- migr:renamed_from b
CREATE TABLE a (x int);
-- migr:renamed_from a
CREATE TABLE b (y int);
$$, 'CREATE TABLE a (y int); CREATE TABLE b (x int);');
SELECT migr_diff($$
-- migr:renamed_from b
CREATE TABLE a (x int);
-- migr:renamed_from a
CREATE TABLE b (y int);
$$, 'CREATE TABLE a (x int); CREATE TABLE b (y int);');
SELECT migr_diff($$
-- migr:renamed_from b
CREATE TABLE a (x int);
-- migr:renamed_from a
CREATE TABLE b (x int);
$$, 'CREATE TABLE a (x int); CREATE TABLE b (x int);');
-- "renames" wins, with a notice where it says otherwise
SELECT migr_diff($$
-- migr:renamed_from a
CREATE TABLE c (x int);
$$, 'CREATE TABLE a (x int); CREATE TABLE b (x int);', renames => '{"b": "c"}');
SELECT migr_diff($$
-- migr:renamed_from a
CREATE TABLE c (
    -- migr:renamed_from x
    y int);
$$, 'CREATE TABLE a (x int);', renames => '{"a": "c"}');
-- in the current text, it is a comment
SELECT migr_diff($$
-- migr:renamed_from b
CREATE TABLE c (x int);
$$, $$
-- migr:renamed_from a
CREATE TABLE b (x int);
$$);
-- within strings, bodies and comments, too
SELECT migr_diff($migr$
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$
-- migr:renamed_from g
SELECT '
-- migr:renamed_from h
' $$;
/*
-- migr:renamed_from i
*/
$migr$, 'CREATE FUNCTION g() RETURNS text LANGUAGE sql AS ''SELECT 1''') ~ 'DROP FUNCTION public.g';

-- one that can't be about anything, or is misspelt (errors)
SELECT migr_diff('-- migr:renamed_from a');
SELECT migr_diff(E'-- migr:renamed_from\nCREATE TABLE a ();');
SELECT migr_diff(E'CREATE TABLE a ();\n-- migr:renamed_from b\nCOMMENT ON TABLE a IS ''x'';');
SELECT migr_diff(E'CREATE TABLE a (x int,\n-- migr:renamed_from b\nPRIMARY KEY (x));');
SELECT migr_diff(E'CREATE TABLE a (x int\n-- migr:renamed_from b\n);');
SELECT migr_diff(E'CREATE VIEW v AS SELECT\n-- migr:renamed_from b\n 1 AS a;');
SELECT migr_diff(E'\n--migr:renamed_from a\nCREATE TABLE b ();');
SELECT migr_diff(E'\n-- migr: renamed_from a\nCREATE TABLE b ();');
SELECT migr_diff(E'CREATE TABLE b (\n -- migr.renamed_from a\n c int);');
SELECT migr_diff(E'CREATE TABLE b ( -- migr:renamed_from a\n c int);');
SELECT migr_diff(E'\n-- migr:rename_from a\nCREATE TABLE b ();');
SELECT migr_diff(E'-- migr:renamed_from a.b.c.d\nCREATE TABLE b ();');
SELECT migr_diff(E'-- migr:renamed_from a b\nCREATE TABLE b ();');
SELECT migr_diff(E'-- migr:renamed_from other.a\nCREATE TABLE b ();', 'CREATE SCHEMA other CREATE TABLE a ();');
SELECT migr_diff(E'CREATE SCHEMA s;\n-- migr:renamed_from a\nCREATE TABLE b (); CREATE TABLE s.b ();');
-- revisions have no such line (error)
SELECT migr_load(E'-- migr:revision a\n-- migr:upgrade\n-- migr:renamed_from a\n');

-- names that are swapped, by "renames": two, three, and in a row
SELECT migr_diff('CREATE TABLE a (y int); CREATE TABLE b (x int);',
                 'CREATE TABLE a (x int); CREATE TABLE b (y int);', '{"a": "b", "b": "a"}');
SELECT migr_diff('CREATE TABLE a (x int); CREATE VIEW b AS SELECT 1 AS x; CREATE SEQUENCE c; CREATE TABLE e (z int);',
                 'CREATE TABLE d (z int); CREATE SEQUENCE a; CREATE TABLE b (x int); CREATE VIEW c AS SELECT 1 AS x;',
                 '{"a": "c", "b": "a", "c": "b", "d": "e"}');
SELECT migr_diff('CREATE TABLE t (a int, b text, CONSTRAINT c CHECK (b > ''''), CONSTRAINT d CHECK (a > 0));',
                 'CREATE TABLE t (a text, b int, CONSTRAINT c CHECK (b > 0), CONSTRAINT d CHECK (a > ''''));',
                 '{"t.a": "b", "t.b": "a", "t.c": "d", "t.d": "c"}');
SELECT migr_diff('CREATE TYPE a AS ENUM (''x'', ''y''); CREATE TYPE b AS (i int, j int);',
                 'CREATE TYPE b AS ENUM (''y'', ''x''); CREATE TYPE a AS (j int, i int);',
                 '{"a": "b", "b": "a", "b.x": "y", "b.y": "x", "a.i": "j", "a.j": "i"}');
SELECT migr_diff('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ''SELECT 1''; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS ''SELECT 2'';',
                 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ''SELECT 2''; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS ''SELECT 1'';',
                 '{"f": "g", "g": "f"}');
SELECT migr_diff('CREATE TABLE t (a int, b int); CREATE INDEX i ON t (b); CREATE INDEX j ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE (a), ADD CONSTRAINT l UNIQUE (b);',
                 'CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a); CREATE INDEX j ON t (b); ALTER TABLE t ADD CONSTRAINT k UNIQUE (b), ADD CONSTRAINT l UNIQUE (a);',
                 '{"i": "j", "j": "i", "t.k": "l", "t.l": "k"}');
-- the name between is free, and no longer than a name may be
SELECT migr_diff(format('CREATE TABLE %1$I (y int); CREATE TABLE %2$I (x int); CREATE TABLE %3$I ();', n || 'a', n || 'b', left(n || 'a', 54) || '_migr_old'),
                 format('CREATE TABLE %1$I (x int); CREATE TABLE %2$I (y int); CREATE TABLE %3$I ();', n || 'a', n || 'b', left(n || 'a', 54) || '_migr_old'),
                 jsonb_build_object(n || 'a', n || 'b', n || 'b', n || 'a'))
  FROM repeat('n', 62) n;

-- a serial's sequence: with its table, its column, by itself; somebody's name wins
SELECT migr_diff('CREATE TABLE new (id serial, x int);', 'CREATE TABLE old (id serial, x int);', '{"old": "new"}');
SELECT migr_diff('CREATE TABLE t (no serial);', 'CREATE TABLE t (id serial);', '{"t.id": "no"}');
SELECT migr_diff('CREATE TABLE t (id serial); ALTER SEQUENCE t_id_seq RENAME TO numbers;', 'CREATE TABLE t (id serial);');
SELECT migr_diff('CREATE TABLE new (id serial);', 'CREATE TABLE old (id serial);', '{"old": "new", "old_id_seq": "new_id_seq"}');
SELECT migr_diff('CREATE TABLE new (id int GENERATED ALWAYS AS IDENTITY);', 'CREATE TABLE old (id int GENERATED ALWAYS AS IDENTITY);', '{"old": "new"}');

-- autogenerated: both ways, and "renames" as before
CREATE TABLE old (id serial, name text);
INSERT INTO old (name) VALUES ('x');
SELECT regexp_replace(migr_revision('rename', autogenerate => true, revision_id => 'a1', desired => $$
-- migr:renamed_from old
CREATE TABLE new (
    id serial,
    -- migr:renamed_from name
    title text);
$$), 'created [^\n]*', 'created ...');
SELECT migr_upgrade();
SELECT * FROM new;
-- nothing more to do there; from an empty database no script leads there
SELECT migr_revision('rename', autogenerate => true, base => 'live', desired => $$
-- migr:renamed_from old
CREATE TABLE new (
    id serial,
    -- migr:renamed_from name
    title text);
$$);
SELECT migr_downgrade('base');
SELECT * FROM old;
DROP TABLE old;
SELECT migr_unload('a1');

-- what nobody desires is left alone beside it, as it is on what keeps its name
CREATE TABLE one (id int, name text, other int, CONSTRAINT one_pkey PRIMARY KEY (id), CONSTRAINT other CHECK (other > 0));
CREATE TABLE another (id serial, a int, b int);
CREATE INDEX ON another (b);
CREATE VIEW of_one AS SELECT o.name FROM one o JOIN one p USING (id);
INSERT INTO one VALUES (1, 'x', 2);
SELECT regexp_replace(migr_revision('some', autogenerate => true, revision_id => 'a3', renames => '{"another.a": "c"}', desired => $$
-- migr:renamed_from one
CREATE TABLE two (
    id int PRIMARY KEY,
    -- migr:renamed_from name
    title varchar(9));
CREATE TABLE another (
    -- migr:renamed_from id
    no serial,
    c int);
$$), 'created [^\n]*', 'created ...');
SELECT migr_upgrade();
SELECT * FROM two;
SELECT * FROM of_one;
SELECT migr_downgrade('base');
SELECT * FROM one;
DROP TABLE one, another CASCADE;
SELECT migr_unload('a3');

-- something new gets the old name: on the way back it is put aside, and goes
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0));
CREATE TABLE x (i int);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
INSERT INTO t VALUES (4);
SELECT regexp_replace(migr_revision('new ones', autogenerate => true, revision_id => 'a2', desired => $$
CREATE TABLE t (
    -- migr:renamed_from a
    b int,
    a text,
    -- migr:renamed_from c
    CONSTRAINT d CHECK (b > 0),
    CONSTRAINT c CHECK (b > 1));
-- migr:renamed_from x
CREATE TABLE y (i int);
CREATE VIEW x AS SELECT 1 AS one;
-- migr:renamed_from f
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
$$), 'created [^\n]*', 'created ...');
SELECT migr_upgrade();
SELECT migr_downgrade('base');
SELECT * FROM t;
DROP TABLE t, x;
DROP FUNCTION f;
SELECT migr_unload('a2');
