-- Pairs of schemas as in pairs.sql, in which types change: of columns that
-- partitions and children have too, and of what functions take and return.

-- pair type-under-the-default-of-a-partition
CREATE TABLE p (id int, v text DEFAULT '1') PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p (v DEFAULT '2') FOR VALUES FROM (10) TO (20);
-- keeps SELECT array_agg(v::text ORDER BY id) FROM p
-- to
CREATE TABLE p (id int, v int DEFAULT 1) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p (v DEFAULT 2) FOR VALUES FROM (10) TO (20);
-- rows
INSERT INTO p VALUES (1, '7'), (11, '8');

-- pair type-under-defaults-in-three-levels
CREATE TABLE a (id int, v text DEFAULT '1') PARTITION BY RANGE (id);
CREATE TABLE b PARTITION OF a (v DEFAULT '2') FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE c PARTITION OF b (v DEFAULT '3', CHECK (v <> '5')) FOR VALUES IN (1, 2);
CREATE INDEX ci ON c ((v || 'x')) WHERE v <> 'y';
CREATE STATISTICS cs ON (v || 'a'), id FROM c; -- 14+
CREATE VIEW cv AS SELECT v FROM c;
-- keeps SELECT array_agg(v::text ORDER BY id) FROM a
-- to
CREATE TABLE a (id int, v int) PARTITION BY RANGE (id);
CREATE TABLE b PARTITION OF a (v DEFAULT 2) FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE c PARTITION OF b (v DEFAULT 3, CHECK (v <> 5)) FOR VALUES IN (1, 2);
CREATE INDEX ci ON c ((v + 1)) WHERE v <> 0;
CREATE STATISTICS cs ON (v + 1), id FROM c; -- 14+
CREATE VIEW cv AS SELECT v FROM c;
-- rows
INSERT INTO a VALUES (1, '7'), (2, '8');

-- pair type-under-what-children-have
CREATE TABLE a (id int, v text DEFAULT '1', w text DEFAULT 'w');
CREATE TABLE b (n int DEFAULT 7, g text GENERATED ALWAYS AS (v || '!') STORED) INHERITS (a);
CREATE TABLE c (v text DEFAULT '4', CONSTRAINT cc CHECK (v <> 'q')) INHERITS (b);
CREATE INDEX ci ON c ((v || 'x'));
CREATE POLICY p ON c USING (v = 'a');
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tw BEFORE UPDATE ON b FOR EACH ROW WHEN (OLD.v IS DISTINCT FROM NEW.v) EXECUTE FUNCTION tf();
CREATE TRIGGER tu BEFORE UPDATE OF v ON c FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE r AS ON INSERT TO b WHERE NEW.v = 'zz' DO INSTEAD NOTHING;
-- keeps SELECT array_agg(v::text ORDER BY id) FROM a
-- to
CREATE TABLE a (id int, v int DEFAULT 1, w text DEFAULT 'w');
CREATE TABLE b (n int DEFAULT 7, g text GENERATED ALWAYS AS (v::text || '!') STORED) INHERITS (a);
CREATE TABLE c (v int DEFAULT 5, CONSTRAINT cc CHECK (v <> 12)) INHERITS (b);
CREATE INDEX ci ON c ((v + 1));
CREATE POLICY p ON c USING (v = 3);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tw BEFORE UPDATE ON b FOR EACH ROW WHEN (OLD.v IS DISTINCT FROM NEW.v) EXECUTE FUNCTION tf();
CREATE TRIGGER tu BEFORE UPDATE OF v ON c FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE r AS ON INSERT TO b WHERE NEW.v = 9 DO INSTEAD NOTHING;
-- rows
INSERT INTO a (id, v) VALUES (1, '5');
INSERT INTO b (id, v) VALUES (2, '6');
INSERT INTO c (id, v) VALUES (3, '7');

-- pair type-of-two-parents
CREATE TABLE a (v text DEFAULT '1');
CREATE TABLE b (v text DEFAULT '1');
CREATE TABLE c (v text DEFAULT '3', g text GENERATED ALWAYS AS (v || '!') STORED) INHERITS (a, b);
-- keeps SELECT array_agg(v::text ORDER BY v::text) FROM a
-- to
CREATE TABLE a (v int DEFAULT 1);
CREATE TABLE b (v int DEFAULT 1);
CREATE TABLE c (v int DEFAULT 3, g text GENERATED ALWAYS AS (v::text || '!') STORED) INHERITS (a, b);
-- rows
INSERT INTO c VALUES ('5');

-- pair enum-rebuilt-above-children
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TABLE p (id int, s st DEFAULT 'a', l st[] DEFAULT '{a}') PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p (s DEFAULT 'b', CHECK (s <> 'a' OR id > 0)) FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE p2 PARTITION OF p1 (l DEFAULT '{b}') FOR VALUES IN (1, 2);
CREATE INDEX i ON p2 ((s = 'b'));
CREATE TABLE q (s st DEFAULT 'a');
CREATE TABLE q1 (g bool GENERATED ALWAYS AS (s = 'a') STORED, s st DEFAULT 'b') INHERITS (q);
-- keeps SELECT array_agg(s::text ORDER BY id) FROM p
-- to
CREATE TYPE st AS ENUM ('b', 'a');
CREATE TABLE p (id int, s st DEFAULT 'a', l st[] DEFAULT '{a}') PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p (s DEFAULT 'b', CHECK (s <> 'a' OR id > 0)) FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE p2 PARTITION OF p1 (l DEFAULT '{b}') FOR VALUES IN (1, 2);
CREATE INDEX i ON p2 ((s = 'b'));
CREATE TABLE q (s st DEFAULT 'a');
CREATE TABLE q1 (g bool GENERATED ALWAYS AS (s = 'a') STORED, s st DEFAULT 'b') INHERITS (q);
-- rows
INSERT INTO p VALUES (1, 'a', '{}'), (2, 'b', '{b,a}');
INSERT INTO q1 VALUES ('a');

-- pair function-of-an-enum
CREATE TYPE st AS ENUM ('a', 'b');
CREATE FUNCTION f(s st) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT CASE s WHEN 'a' THEN 1 ELSE 2 END$$;
CREATE FUNCTION back(i int) RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT CASE i WHEN 1 THEN 'a'::st ELSE 'b' END$$;
CREATE FUNCTION l(VARIADIC s st[]) RETURNS st[] LANGUAGE sql IMMUTABLE AS $$SELECT s$$;
CREATE PROCEDURE pr(s st) LANGUAGE sql AS $$SELECT s$$;
CREATE TABLE t (s st DEFAULT back(1), r int GENERATED ALWAYS AS (f(s)) STORED, n int DEFAULT f('a'), CHECK (f(s) > 0));
CREATE INDEX i ON t (f(s));
CREATE FUNCTION tt(x t) RETURNS int LANGUAGE sql AS $$SELECT x.r$$;
CREATE VIEW v AS SELECT f(s) AS one, l(s) AS list, back(r) AS s FROM t;
CREATE TABLE other (n int DEFAULT f('b'));
-- keeps SELECT array_agg(s::text || n ORDER BY s::text) FROM t
-- to
CREATE TYPE st AS ENUM ('b', 'a');
CREATE FUNCTION f(s st) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT CASE s WHEN 'a' THEN 1 ELSE 2 END$$;
CREATE FUNCTION back(i int) RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT CASE i WHEN 1 THEN 'a'::st ELSE 'b' END$$;
CREATE FUNCTION l(VARIADIC s st[]) RETURNS st[] LANGUAGE sql IMMUTABLE AS $$SELECT s$$;
CREATE PROCEDURE pr(s st) LANGUAGE sql AS $$SELECT s$$;
CREATE TABLE t (s st DEFAULT back(1), r int GENERATED ALWAYS AS (f(s)) STORED, n int DEFAULT f('a'), CHECK (f(s) > 0));
CREATE INDEX i ON t (f(s));
CREATE FUNCTION tt(x t) RETURNS int LANGUAGE sql AS $$SELECT x.r$$;
CREATE VIEW v AS SELECT f(s) AS one, l(s) AS list, back(r) AS s FROM t;
CREATE TABLE other (n int DEFAULT f('b'));
-- rows
INSERT INTO t VALUES ('a'), ('b');

-- pair functions-of-composites-and-domains
CREATE TYPE c AS (x int, y text);
CREATE DOMAIN d AS text CHECK (value <> 'q');
CREATE FUNCTION fc(c) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT ($1).x::int$$;
CREATE FUNCTION fd(d) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT length($1::text)$$;
CREATE TABLE t (id int, c c DEFAULT ROW(1, 'z')::c, d d DEFAULT 'k', gc int GENERATED ALWAYS AS (fc(c)) STORED,
    gd int GENERATED ALWAYS AS (fd(d)) STORED);
CREATE INDEX i ON t (fc(c), fd(d));
CREATE VIEW v AS SELECT fc(c), fd(d) FROM t;
-- keeps SELECT array_agg((c).x::text || d ORDER BY id) FROM t
-- to
CREATE TYPE c AS (x bigint, y text);
CREATE DOMAIN d AS varchar(20) CHECK (value <> 'q');
CREATE FUNCTION fc(c) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT ($1).x::int$$;
CREATE FUNCTION fd(d) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT length($1::text)$$;
CREATE TABLE t (id int, c c DEFAULT ROW(1, 'z')::c, d d DEFAULT 'k', gc int GENERATED ALWAYS AS (fc(c)) STORED,
    gd int GENERATED ALWAYS AS (fd(d)) STORED);
CREATE INDEX i ON t (fc(c), fd(d));
CREATE VIEW v AS SELECT fc(c), fd(d) FROM t;
-- rows
INSERT INTO t VALUES (1, '(3,a)', 'dd'), (2, '(4,b)', 'ee');

-- pair what-stands-on-an-enum
CREATE TYPE st AS ENUM ('a', 'b');
CREATE FUNCTION plus(st, st) RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT greatest($1, $2)$$;
CREATE FUNCTION num(st) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE OPERATOR ### (LEFTARG = st, RIGHTARG = st, FUNCTION = plus);
CREATE AGGREGATE most(st) (SFUNC = plus, STYPE = st, INITCOND = 'a');
CREATE CAST (st AS int) WITH FUNCTION num(st);
CREATE TABLE t (id int, s st, n int GENERATED ALWAYS AS (s::int) STORED, CHECK (s ### 'a' >= 'a'));
CREATE VIEW v AS SELECT most(s), max(s ### s) FROM t;
-- keeps SELECT array_agg(s::text ORDER BY id) FROM t
-- to
CREATE TYPE st AS ENUM ('b', 'a', 'c');
CREATE FUNCTION plus(st, st) RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT greatest($1, $2)$$;
CREATE FUNCTION num(st) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE OPERATOR ### (LEFTARG = st, RIGHTARG = st, FUNCTION = plus);
CREATE AGGREGATE most(st) (SFUNC = plus, STYPE = st, INITCOND = 'a');
CREATE CAST (st AS int) WITH FUNCTION num(st);
CREATE TABLE t (id int, s st, n int GENERATED ALWAYS AS (s::int) STORED, CHECK (s ### 'a' >= 'a'));
CREATE VIEW v AS SELECT most(s), max(s ### s) FROM t;
-- rows
INSERT INTO t VALUES (1, 'a');

-- pair function-of-an-enum-in-a-domain
CREATE TYPE st AS ENUM ('a', 'b');
CREATE FUNCTION f(st) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION g() RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT 'a'::st$$;
CREATE DOMAIN d AS st DEFAULT g() CHECK (f(value) > 0);
CREATE DOMAIN dd AS d DEFAULT g() CHECK (f(value) > 0);
CREATE TABLE t (id int, d d, dd dd DEFAULT 'b');
-- keeps SELECT array_agg(d::text || dd ORDER BY id) FROM t
-- to
CREATE TYPE st AS ENUM ('b', 'a');
CREATE FUNCTION f(st) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION g() RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT 'a'::st$$;
CREATE DOMAIN d AS st DEFAULT g() CHECK (f(value) > 0);
CREATE DOMAIN dd AS d DEFAULT g() CHECK (f(value) > 0);
CREATE TABLE t (id int, d d, dd dd DEFAULT 'b');
-- rows
INSERT INTO t VALUES (1, 'a', 'b');

-- pair range-under-a-default
CREATE TYPE r AS RANGE (subtype = float8);
CREATE TABLE t (id int, v r DEFAULT '[1,2]', l r[] DEFAULT '{"[1,2]"}' NOT NULL);
-- keeps SELECT array_agg(lower(v)::text || lower(l[1]) ORDER BY id) FROM t
-- to
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE t (id int, v r DEFAULT '[1,2]', l r[] DEFAULT '{"[1,3]"}' NOT NULL);
-- rows
INSERT INTO t VALUES (1, '[3,4]', '{"[4,5]"}');

-- pair ranges-and-what-stands-on-them
CREATE FUNCTION dist(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT $1 - $2$$;
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = dist);
CREATE FUNCTION f(r) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT lower($1)$$;
CREATE TABLE t (id int, v r DEFAULT r(1, 2), g float8 GENERATED ALWAYS AS (f(v)) STORED, CHECK (f(v) > 0));
CREATE INDEX i ON t USING gist (v);
CREATE INDEX i2 ON t (f(v));
CREATE VIEW w AS SELECT f(v), v FROM t;
-- keeps SELECT array_agg(lower(v) ORDER BY id) FROM t
-- to
CREATE FUNCTION dist(numeric, numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT ($1 - $2)::float8$$;
CREATE TYPE r AS RANGE (subtype = numeric, subtype_diff = dist);
CREATE FUNCTION f(r) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT lower($1)::float8$$;
CREATE TABLE t (id int, v r DEFAULT r(1, 2), g float8 GENERATED ALWAYS AS (f(v)) STORED, CHECK (f(v) > 0));
CREATE INDEX i ON t USING gist (v);
CREATE INDEX i2 ON t (f(v));
CREATE VIEW w AS SELECT f(v), v FROM t;
-- rows
INSERT INTO t VALUES (1, '[3,4]');

-- pair range-above-children
CREATE TYPE r AS RANGE (subtype = float8);
CREATE TABLE p (id int, v r DEFAULT '[1,2]') PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p (v DEFAULT '[1,3]') FOR VALUES FROM (0) TO (10);
CREATE TABLE q (v r DEFAULT '[1,2]');
CREATE TABLE q1 (v r DEFAULT '[1,3]') INHERITS (q);
CREATE TABLE q2 () INHERITS (q);
-- keeps SELECT array_agg(lower(v) ORDER BY id) FROM p
-- to
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE p (id int, v r DEFAULT '[1,2]') PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p (v DEFAULT '[1,3]') FOR VALUES FROM (0) TO (10);
CREATE TABLE q (v r DEFAULT '[1,2]');
CREATE TABLE q1 (v r DEFAULT '[1,3]') INHERITS (q);
CREATE TABLE q2 () INHERITS (q);
-- rows
INSERT INTO p VALUES (1, '[3,4]');
INSERT INTO q1 VALUES ('[5,6]');

-- pair types-of-several-columns
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 1, b varchar(5), c text DEFAULT '7', s st DEFAULT 'a', n int,
    g int GENERATED ALWAYS AS (a + 1) STORED, k int UNIQUE, CHECK (a < 9000 AND b <> 'q'));
CREATE INDEX i ON t (a, b, (c || 'x'));
CREATE VIEW v AS SELECT a, b, c FROM t;
-- keeps SELECT array_agg(a::text || b || c || s || g ORDER BY id) FROM t
-- to
CREATE TYPE st AS ENUM ('b', 'a');
CREATE TABLE t (id bigint PRIMARY KEY, a bigint DEFAULT 1, b text NOT NULL, c int DEFAULT 7, s st DEFAULT 'a', n int NOT NULL,
    g bigint GENERATED ALWAYS AS (a + 1) STORED, k bigint UNIQUE, CHECK (a < 9000 AND b <> 'q'));
CREATE INDEX i ON t (a, b, (c + 1));
CREATE VIEW v AS SELECT a, b, c FROM t;
-- rows
INSERT INTO t (id, a, b, c, n, k) VALUES (1, 5, 'x', '6', 1, 1), (2, 6, 'y', '8', 2, 2);

-- pair types-of-several-parents
CREATE TABLE x (k int);
CREATE TABLE a (v text DEFAULT '1', CONSTRAINT ca CHECK (v <> 'a'));
CREATE TABLE b (v text DEFAULT '1', w int, CONSTRAINT cb CHECK (v <> 'b'));
CREATE TABLE a2 (n int) INHERITS (a);
CREATE TABLE a3 (m int) INHERITS (a);
CREATE TABLE diamond (z int) INHERITS (a2, a3);
CREATE TABLE c (v text, w int, o int) INHERITS (x, a, b);
CREATE TABLE d (p int) INHERITS (c);
CREATE INDEX i ON d ((v || 'd'));
-- keeps SELECT array_agg(v::text ORDER BY v::text) FROM a
-- to
CREATE TABLE x (k int);
CREATE TABLE a (v int DEFAULT 1, CONSTRAINT ca CHECK (v <> 99));
CREATE TABLE b (v int DEFAULT 1, w bigint, CONSTRAINT cb CHECK (v <> 98));
CREATE TABLE a2 (n int) INHERITS (a);
CREATE TABLE a3 (m int) INHERITS (a);
CREATE TABLE diamond (z int) INHERITS (a2, a3);
CREATE TABLE c (v int, w bigint, o int) INHERITS (x, a, b);
CREATE TABLE d (p int) INHERITS (c);
CREATE INDEX i ON d ((v + 1));
-- rows
INSERT INTO c VALUES (1, '5', 6, 7);
INSERT INTO d VALUES (1, '6', 6, 7);
INSERT INTO diamond VALUES ('7');

-- pair enum-of-two-parents
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TYPE r AS RANGE (subtype = float8);
CREATE TABLE a (s st DEFAULT 'a', r r DEFAULT '[1,2]');
CREATE TABLE b (s st DEFAULT 'a', r r DEFAULT '[1,2]');
CREATE TABLE c () INHERITS (a, b);
-- keeps SELECT array_agg(s::text || lower(r) ORDER BY s::text) FROM a
-- to
CREATE TYPE st AS ENUM ('b', 'a');
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE a (s st DEFAULT 'a', r r DEFAULT '[1,2]');
CREATE TABLE b (s st DEFAULT 'a', r r DEFAULT '[1,2]');
CREATE TABLE c () INHERITS (a, b);
-- rows
INSERT INTO c VALUES ('a', '[3,4]'), ('b', '[4,5]');

-- pair defaults-by-casts
CREATE TYPE st AS ENUM ('a','b','c');
CREATE FUNCTION f(s st DEFAULT 'a') RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE CAST (st AS int) WITH FUNCTION f(st) AS ASSIGNMENT;
CREATE FUNCTION tost(int) RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT 'a'::st$$;
CREATE CAST (int AS st) WITH FUNCTION tost(int) AS IMPLICIT;
CREATE TABLE t (id int, s st DEFAULT 5, n int DEFAULT 'b'::st);
-- keeps SELECT array_agg(s::text ORDER BY id) FROM t
-- to
CREATE TYPE st AS ENUM ('c','b','a');
CREATE FUNCTION f(s st DEFAULT 'a') RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE CAST (st AS int) WITH FUNCTION f(st) AS ASSIGNMENT;
CREATE FUNCTION tost(int) RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT 'a'::st$$;
CREATE CAST (int AS st) WITH FUNCTION tost(int) AS IMPLICIT;
CREATE TABLE t (id int, s st DEFAULT 5, n int DEFAULT 'b'::st);
-- rows
INSERT INTO t (id,s) VALUES (1,'a'),(2,'b');

-- pair enum-deep-in-other-types
CREATE TYPE st AS ENUM ('a','b','c');
CREATE DOMAIN d AS st[] DEFAULT '{a}' CHECK (array_length(value,1)>0);
CREATE TYPE c AS (d d, n int);
CREATE DOMAIN dc AS c CHECK ((value).n > 0);
CREATE FUNCTION f(dc) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT ($1).n$$;
CREATE TABLE t (id int, s st, x dc DEFAULT ROW('{a}',1)::c, y d, g int GENERATED ALWAYS AS (f(x)) STORED);
CREATE VIEW v AS SELECT f(x), x, y FROM t;
-- keeps SELECT array_agg(s::text ORDER BY id) FROM t
-- to
CREATE TYPE st AS ENUM ('c','b','a');
CREATE DOMAIN d AS st[] DEFAULT '{a}' CHECK (array_length(value,1)>0);
CREATE TYPE c AS (d d, n int);
CREATE DOMAIN dc AS c CHECK ((value).n > 0);
CREATE FUNCTION f(dc) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT ($1).n$$;
CREATE TABLE t (id int, s st, x dc DEFAULT ROW('{a}',1)::c, y d, g int GENERATED ALWAYS AS (f(x)) STORED);
CREATE VIEW v AS SELECT f(x), x, y FROM t;
-- rows
INSERT INTO t (id,s) VALUES (1,'a'),(2,'b');

-- pair what-stands-on-a-composite
CREATE TYPE c AS (x int, y text);
CREATE FUNCTION f(c) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION mk(int) RETURNS c LANGUAGE sql IMMUTABLE AS $$SELECT ROW($1,'z')::c$$;
CREATE FUNCTION ceq(c,c) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT true$$;
CREATE OPERATOR @@@ (LEFTARG=c, RIGHTARG=c, FUNCTION=ceq);
CREATE TABLE t (id int, c c DEFAULT mk(3), l c[], g int GENERATED ALWAYS AS (f(c)) STORED, CHECK (c @@@ mk(1)));
CREATE TABLE t1 () INHERITS (t);
 ALTER TABLE t1 ALTER c SET DEFAULT mk(4);
CREATE VIEW v AS SELECT f(c), mk(id) m FROM t;
-- keeps SELECT array_agg((c).x::text || (c).y ORDER BY id) FROM t
-- to
CREATE TYPE c AS (x bigint, y varchar(30));
CREATE FUNCTION f(c) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION mk(int) RETURNS c LANGUAGE sql IMMUTABLE AS $$SELECT ROW($1,'z')::c$$;
CREATE FUNCTION ceq(c,c) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT true$$;
CREATE OPERATOR @@@ (LEFTARG=c, RIGHTARG=c, FUNCTION=ceq);
CREATE TABLE t (id int, c c DEFAULT mk(3), l c[], g int GENERATED ALWAYS AS (f(c)) STORED, CHECK (c @@@ mk(1)));
CREATE TABLE t1 () INHERITS (t);
 ALTER TABLE t1 ALTER c SET DEFAULT mk(4);
CREATE VIEW v AS SELECT f(c), mk(id) m FROM t;
-- rows
INSERT INTO t (id,c,l) VALUES (1,'(1,a)','{"(2,b)"}');INSERT INTO t1 (id) VALUES (2);

-- pair what-stands-on-a-domain
CREATE DOMAIN d AS text DEFAULT 'a' CHECK (value <> 'q');
CREATE FUNCTION f(d) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION mk() RETURNS d LANGUAGE sql IMMUTABLE AS $$SELECT 'k'::d$$;
CREATE DOMAIN dd AS d DEFAULT mk() CHECK (f(value)=1);
CREATE TABLE t (id int, d d DEFAULT mk(), x dd, g int GENERATED ALWAYS AS (f(d)) STORED, CHECK (f(d)=1));
CREATE FUNCTION sf(text,d) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT $1$$;
CREATE AGGREGATE ad(d) (SFUNC=sf, STYPE=text);
CREATE VIEW v AS SELECT ad(d), mk() FROM t;
CREATE TABLE t1 (CHECK (f(x)=1)) INHERITS (t);
-- keeps SELECT array_agg(d::text ORDER BY id) FROM t
-- to
CREATE DOMAIN d AS varchar(9) DEFAULT 'a' CHECK (value <> 'q');
CREATE FUNCTION f(d) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION mk() RETURNS d LANGUAGE sql IMMUTABLE AS $$SELECT 'k'::d$$;
CREATE DOMAIN dd AS d DEFAULT mk() CHECK (f(value)=1);
CREATE TABLE t (id int, d d DEFAULT mk(), x dd, g int GENERATED ALWAYS AS (f(d)) STORED, CHECK (f(d)=1));
CREATE FUNCTION sf(text,d) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT $1$$;
CREATE AGGREGATE ad(d) (SFUNC=sf, STYPE=text);
CREATE VIEW v AS SELECT ad(d), mk() FROM t;
CREATE TABLE t1 (CHECK (f(x)=1)) INHERITS (t);
-- rows
INSERT INTO t (id) VALUES (1);INSERT INTO t1 (id,x) VALUES (2,'v');

-- pair ranges-multiranges-and-arrays
CREATE TYPE r AS RANGE (subtype=float8);
CREATE TABLE t (id int, r r DEFAULT r(1,2) NOT NULL, EXCLUDE USING gist (r WITH &&));
COMMENT ON COLUMN t.r IS 'cc';
GRANT SELECT (r) ON t TO regress_diff_reader;
ALTER TABLE t ADD m r_multirange DEFAULT '{[1,2]}'; -- 14+
CREATE FUNCTION fm(r_multirange) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$; -- 14+
CREATE FUNCTION fa(VARIADIC r[]) RETURNS r LANGUAGE sql IMMUTABLE AS $$SELECT $1[1]$$;
ALTER TABLE t ADD CHECK (fa(r) = r);
ALTER TABLE t ADD g int GENERATED ALWAYS AS (fm(m)) STORED; -- 14+
CREATE VIEW w AS SELECT fm(m) FROM t; -- 14+
CREATE VIEW v AS SELECT fa(r,r) FROM t;
-- keeps SELECT array_agg(lower(r) ORDER BY id) FROM t
-- to
CREATE TYPE r AS RANGE (subtype=float8, subtype_diff=float8mi);
CREATE TABLE t (id int, r r DEFAULT r(1,2) NOT NULL, EXCLUDE USING gist (r WITH &&));
COMMENT ON COLUMN t.r IS 'cc';
GRANT SELECT (r) ON t TO regress_diff_reader;
ALTER TABLE t ADD m r_multirange DEFAULT '{[1,2]}'; -- 14+
CREATE FUNCTION fm(r_multirange) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$; -- 14+
CREATE FUNCTION fa(VARIADIC r[]) RETURNS r LANGUAGE sql IMMUTABLE AS $$SELECT $1[1]$$;
ALTER TABLE t ADD CHECK (fa(r) = r);
ALTER TABLE t ADD g int GENERATED ALWAYS AS (fm(m)) STORED; -- 14+
CREATE VIEW w AS SELECT fm(m) FROM t; -- 14+
CREATE VIEW v AS SELECT fa(r,r) FROM t;
-- rows
INSERT INTO t (id) VALUES (1);INSERT INTO t (id,r) VALUES (2,'[7,8]');

-- pair range-in-domains-and-composites
CREATE TYPE r AS RANGE (subtype=float8);
CREATE DOMAIN d AS r DEFAULT r(3,4) CHECK (lower(value) > 0);
CREATE TYPE c AS (d d, r r);
CREATE FUNCTION f(c) RETURNS r LANGUAGE sql IMMUTABLE AS $$SELECT ($1).r$$;
CREATE TABLE t (id int, r r, d d, c c DEFAULT ROW(r(1,2), r(1,2))::c, l d[], g r GENERATED ALWAYS AS (f(c)) STORED);
-- keeps SELECT array_agg(lower(r) ORDER BY id) FROM t
-- to
CREATE TYPE r AS RANGE (subtype=float8, subtype_diff=float8mi);
CREATE DOMAIN d AS r DEFAULT r(3,4) CHECK (lower(value) > 0);
CREATE TYPE c AS (d d, r r);
CREATE FUNCTION f(c) RETURNS r LANGUAGE sql IMMUTABLE AS $$SELECT ($1).r$$;
CREATE TABLE t (id int, r r, d d, c c DEFAULT ROW(r(1,2), r(1,2))::c, l d[], g r GENERATED ALWAYS AS (f(c)) STORED);
-- rows
INSERT INTO t (id,r,l) VALUES (1,'[1,2]','{"[3,4]"}');

-- pair generated-columns-with-their-base
CREATE TABLE t (id int, s text, a int, g int GENERATED ALWAYS AS (a+1) STORED, h text GENERATED ALWAYS AS (s||'x') STORED);
-- keeps SELECT array_agg(s::text ORDER BY id) FROM t
-- to
CREATE TABLE t (id bigint, s varchar(9), a bigint, g bigint GENERATED ALWAYS AS (a+1) STORED, h text GENERATED ALWAYS AS (s||'y') STORED, k int GENERATED ALWAYS AS (length(s)) STORED);
-- rows
INSERT INTO t (id,s) VALUES (1,'a'),(2,'b');

-- pair parents-and-drop
CREATE TABLE a (id int, v text DEFAULT '1', z int);
CREATE TABLE b (v text DEFAULT '1');
CREATE TABLE c (v text, n int) INHERITS (a, b);
-- to
CREATE TABLE a (id int, v int DEFAULT 1, y int NOT NULL DEFAULT 3);
CREATE TABLE b (v int DEFAULT 1);
CREATE TABLE c (v int, n int, CHECK (v > 0)) INHERITS (a, b);
-- rows
INSERT INTO c (v) VALUES ('1');

-- pair three-enums-a-table
CREATE TYPE a AS ENUM ('a','b');
CREATE TYPE b AS ENUM ('a','b');
CREATE FUNCTION fa(a) RETURNS b LANGUAGE sql IMMUTABLE AS $$SELECT $1::text::b$$;
CREATE FUNCTION fb(b) RETURNS a LANGUAGE sql IMMUTABLE AS $$SELECT $1::text::a$$;
CREATE DOMAIN d AS a CHECK (fa(value) <> 'b');
CREATE DOMAIN e AS b CHECK (fb(value) <> 'b') DEFAULT fa('a');
CREATE TABLE t (id int, a a DEFAULT fb('b'), b b DEFAULT fa('a'), d d, e e, n int);
CREATE VIEW v AS SELECT fa(a), fb(b), d, e FROM t;
-- keeps SELECT array_agg(a::text || b || e) FROM t
-- to
CREATE TYPE a AS ENUM ('b','a');
CREATE TYPE b AS ENUM ('b','a');
CREATE FUNCTION fa(a) RETURNS b LANGUAGE sql IMMUTABLE AS $$SELECT $1::text::b$$;
CREATE FUNCTION fb(b) RETURNS a LANGUAGE sql IMMUTABLE AS $$SELECT $1::text::a$$;
CREATE DOMAIN d AS a CHECK (fa(value) <> 'b');
CREATE DOMAIN e AS b CHECK (fb(value) <> 'b') DEFAULT fa('a');
CREATE TABLE t (id int, a a DEFAULT fb('b'), b b DEFAULT fa('a'), d d, e e, n bigint);
CREATE VIEW v AS SELECT fa(a), fb(b), d, e FROM t;
-- rows
INSERT INTO t (id, n) VALUES (1, 2);
