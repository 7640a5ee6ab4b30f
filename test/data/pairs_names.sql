-- Pairs of schemas for t/006_diff.pl: names that are swapped, and tables that become
-- partitioned ones or parts of such.  "-- renames JSON", "-- back_renames JSON": what
-- gets another name, there and back.  The rest is told in pairs.sql.

-- pair swap-tables
-- renames {"a": "b", "b": "a"}
-- back_renames {"a": "b", "b": "a"}
-- keeps SELECT string_agg(query_to_xml('TABLE ' || oid::regclass, true, true, '')::text, '' ORDER BY oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
CREATE TABLE a (id serial PRIMARY KEY, x int UNIQUE);
CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, y text, a int REFERENCES a);
COMMENT ON TABLE a IS 'ca';
GRANT SELECT ON b TO regress_diff_reader;
CREATE VIEW v AS SELECT a.x, b.y FROM a JOIN b ON b.a = a.id;
-- to
CREATE TABLE b (id serial PRIMARY KEY, x int UNIQUE);
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, y text, a int REFERENCES b);
COMMENT ON TABLE b IS 'ca';
GRANT SELECT ON a TO regress_diff_reader;
CREATE VIEW v AS SELECT a.x, b.y FROM b a JOIN a b ON b.a = a.id;
-- rows
INSERT INTO a (x) VALUES (7), (8);
INSERT INTO b (y, a) VALUES ('y', 2);

-- pair swap-ring-of-three
-- renames {"a": "b", "b": "c", "c": "a", "a.x": "y", "a.y": "z", "a.z": "x", "mood": "state", "state": "mood"}
-- back_renames {"b": "a", "c": "b", "a": "c", "b.y": "x", "b.z": "y", "b.x": "z", "mood": "state", "state": "mood"}
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TYPE state AS ENUM ('c', 'd');
CREATE TABLE a (x int, y text, z mood DEFAULT 'a');
CREATE TABLE b (s state);
CREATE TABLE c (v numeric CHECK (v > 0));
-- to
CREATE TYPE state AS ENUM ('a', 'b');
CREATE TYPE mood AS ENUM ('c', 'd');
CREATE TABLE b (y int, z text, x state DEFAULT 'a');
CREATE TABLE c (s mood);
CREATE TABLE a (v numeric CHECK (v > 0));
-- rows
INSERT INTO a VALUES (1, 'one', 'b');
INSERT INTO b VALUES ('d');
INSERT INTO c VALUES (2.5);

-- pair serial-follows
-- renames {"old": "new", "old.id": "no"}
-- back_renames {"new": "old", "new.no": "id"}
-- keeps SELECT last_value FROM pg_sequences
CREATE TABLE old (id bigserial PRIMARY KEY, v int);
GRANT USAGE ON SEQUENCE old_id_seq TO regress_diff_reader;
-- to
CREATE TABLE new (no bigserial PRIMARY KEY, v int);
GRANT USAGE ON SEQUENCE new_no_seq TO regress_diff_reader;
-- rows
INSERT INTO old (v) VALUES (1), (2);

-- pair plain-to-range
-- keeps SELECT string_agg(t::text, ' ' ORDER BY id) FROM t
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, d date NOT NULL, v text DEFAULT 'x', PRIMARY KEY (id, d));
CREATE INDEX t_v ON t (v);
COMMENT ON TABLE t IS 'c';
COMMENT ON COLUMN t.v IS 'cv';
GRANT SELECT ON t TO regress_diff_reader;
CREATE VIEW w AS SELECT id, v FROM t;
-- to
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, d date NOT NULL, v text DEFAULT 'x', PRIMARY KEY (id, d)) PARTITION BY RANGE (d); -- 17+
CREATE TABLE t (id int NOT NULL, d date NOT NULL, v text DEFAULT 'x', PRIMARY KEY (id, d)) PARTITION BY RANGE (d); -- 16-
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE td PARTITION OF t DEFAULT;
CREATE INDEX t_v ON t (v);
COMMENT ON TABLE t IS 'c';
COMMENT ON COLUMN t.v IS 'cv';
GRANT SELECT ON t TO regress_diff_reader;
CREATE VIEW w AS SELECT id, v FROM t;
-- rows
INSERT INTO t (d) VALUES ('2020-05-05'), ('2021-05-05');

-- pair plain-to-list-serial-keys-trigger
-- keeps SELECT (SELECT string_agg(t::text, ' ' ORDER BY id) FROM t) || (SELECT string_agg(r::text, ' ') FROM r) || (SELECT last_value FROM t_id_seq)
CREATE TABLE o (id int PRIMARY KEY);
CREATE TABLE t (id serial, k text NOT NULL, o int REFERENCES o, n int, CONSTRAINT tp PRIMARY KEY (id, k), CHECK (n > 0));
CREATE TABLE r (id int, k text, FOREIGN KEY (id, k) REFERENCES t ON DELETE CASCADE);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin new.n := new.n + 1; return new; end';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE POLICY p ON t USING (n > 0);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;
CREATE STATISTICS st ON id, k FROM t;
CREATE PUBLICATION pub FOR TABLE t;
-- to
CREATE TABLE o (id int PRIMARY KEY);
CREATE TABLE t (id serial, k text NOT NULL, o int REFERENCES o, n int, CONSTRAINT tp PRIMARY KEY (id, k), CHECK (n > 0)) PARTITION BY LIST (k);
CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a', 'b');
CREATE TABLE tx PARTITION OF t DEFAULT PARTITION BY HASH (id);
CREATE TABLE tx0 PARTITION OF tx FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE tx1 PARTITION OF tx FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE r (id int, k text, FOREIGN KEY (id, k) REFERENCES t ON DELETE CASCADE);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin new.n := new.n + 1; return new; end';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE POLICY p ON t USING (n > 0);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;
CREATE STATISTICS st ON id, k FROM t;
CREATE PUBLICATION pub FOR TABLE t;
-- rows
INSERT INTO o VALUES (1);
INSERT INTO t (k, o, n) VALUES ('a', 1, 1), ('b', 1, 2), ('c', NULL, 3), ('d', 1, 4);
INSERT INTO r VALUES (1, 'a'), (4, 'd');
REFRESH MATERIALIZED VIEW m;

-- pair plain-to-hash-other-columns
-- up_keeps SELECT string_agg(id::text || coalesce(v::text, ''), ' ' ORDER BY id) FROM t
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (id int, v text, m mood, g int GENERATED ALWAYS AS (id + 1) STORED, gone int);
-- to
CREATE TYPE mood AS ENUM ('b', 'a');
CREATE TABLE t (id bigint, v varchar(10), m mood, g int GENERATED ALWAYS AS (id + 2) STORED, added int DEFAULT 4) PARTITION BY HASH (id);
CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
-- rows
INSERT INTO t (id, v, m, gone) VALUES (1, 'one', 'a', 9), (2, NULL, 'b', 8);

-- pair partitioned-to-plain-one-stays
-- keeps SELECT (SELECT string_agg(t::text, ' ' ORDER BY id) FROM t WHERE id < 20) || (SELECT string_agg(t2::text, ' ' ORDER BY id) FROM t2)
CREATE TABLE t (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (20);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (20) TO (40);
-- to
CREATE TABLE t (id int, v text);
CREATE TABLE t2 (id int, v text);
-- rows
INSERT INTO t VALUES (1, 'a'), (21, 'b');

-- pair leaf-becomes-partitioned
-- keeps SELECT string_agg(t::text, ' ' ORDER BY id, k) FROM t
CREATE TABLE t (id int, k int, PRIMARY KEY (id, k)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE r (id int, k int, FOREIGN KEY (id, k) REFERENCES t);
-- to
CREATE TABLE t (id int, k int, PRIMARY KEY (id, k)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY LIST (k);
CREATE TABLE t11 PARTITION OF t1 FOR VALUES IN (1);
CREATE TABLE t1d PARTITION OF t1 DEFAULT;
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE r (id int, k int, FOREIGN KEY (id, k) REFERENCES t);
-- rows
INSERT INTO t VALUES (1, 1), (2, 2), (11, 1);
INSERT INTO r VALUES (1, 1), (11, 1);

-- pair child-index-detached
CREATE TABLE t (id int, v int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX ti ON t (v);
COMMENT ON INDEX t1_v_idx IS 'c';
-- to
CREATE TABLE t (id int, v int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX ti ON ONLY t (v);
CREATE INDEX t1_v_idx ON t1 (v);
COMMENT ON INDEX t1_v_idx IS 'c';
CREATE INDEX t2_v_idx ON t2 (v);
ALTER INDEX ti ATTACH PARTITION t2_v_idx;
-- rows
INSERT INTO t VALUES (1, 1), (11, 2);

-- pair equivalent-index-on-attach
-- keeps SELECT string_agg(t1::text, ' ') FROM t1
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE UNIQUE INDEX tu ON t (id);
CREATE INDEX ti ON t (v);
CREATE TABLE t1 (id int NOT NULL, v int);
CREATE UNIQUE INDEX t1u ON t1 (id);
CREATE INDEX t1i ON t1 (v);
CREATE INDEX t1x ON t1 (v);
-- to
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE UNIQUE INDEX tu ON t (id);
CREATE INDEX ti ON t (v);
CREATE TABLE t1 (id int NOT NULL, v int);
CREATE UNIQUE INDEX t1u ON t1 (id);
CREATE INDEX t1x ON t1 (v);
ALTER TABLE t ATTACH PARTITION t1 FOR VALUES FROM (0) TO (10);
CREATE INDEX t1i ON t1 (v);
-- rows
INSERT INTO t1 VALUES (1, 1);

-- pair equivalent-index-other-name
CREATE TABLE t (id int NOT NULL, v int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE INDEX ti ON t (v);
CREATE TABLE t1 (id int NOT NULL, v int, CONSTRAINT oldpk PRIMARY KEY (id));
CREATE INDEX oldi ON t1 (v);
-- to
CREATE TABLE t (id int NOT NULL, v int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE INDEX ti ON t (v);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows
INSERT INTO t1 VALUES (1, 1);

-- pair child-index-renamed
-- keeps SELECT string_agg(relfilenode::text, ' ' ORDER BY oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace
CREATE TABLE t (id int NOT NULL, v int, CONSTRAINT tp PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX ti ON t (v);
CREATE INDEX own ON t1 (v, id);
COMMENT ON INDEX t1_v_idx IS 'c';
-- to
CREATE TABLE t (id int NOT NULL, v int, CONSTRAINT tq PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX tj ON t (v);
ALTER INDEX t1_v_idx RENAME TO other;
ALTER INDEX t1_pkey RENAME TO another;
CREATE INDEX owned ON t1 (v, id);
COMMENT ON INDEX other IS 'c';
-- rows
INSERT INTO t VALUES (1, 1), (11, 2);

-- pair child-index-of-another
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX ta ON t (v);
CREATE INDEX tb ON ONLY t (v);
-- to
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX ta ON ONLY t (v);
CREATE INDEX tb ON t (v);
-- rows
INSERT INTO t VALUES (1, 1);

-- pair partition-key-is-another
-- keeps SELECT string_agg(t::text, ' ' ORDER BY id) FROM t
CREATE TABLE t (id int NOT NULL, k text NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE r (id int, k text);
CREATE INDEX ON t (k);
-- to
CREATE TABLE t (id int NOT NULL, k text NOT NULL) PARTITION BY LIST (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN ('a');
CREATE TABLE t2 PARTITION OF t DEFAULT;
CREATE TABLE r (id int, k text);
CREATE INDEX ON t (k);
-- rows
INSERT INTO t VALUES (1, 'a'), (2, 'b'), (11, 'a'), (12, 'c');

-- pair child-becomes-partitioned
-- keeps SELECT string_agg(id::text,' ' order by id) from c
CREATE TABLE p (id int, v text);
CREATE TABLE c (w int) INHERITS (p);
-- to
CREATE TABLE p (id int, v text);
CREATE TABLE c (id int, v text, w int) PARTITION BY RANGE (id);
CREATE TABLE c1 PARTITION OF c DEFAULT;
-- rows
INSERT INTO c VALUES (1,'a',2);

-- pair existing-table-becomes-partition
-- keeps SELECT (select string_agg(t::text,' ' order by id) from t where id < 10)||(SELECT string_agg(a::text,' ' order by id) from a)
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE a (id int PRIMARY KEY, v text);
-- to
CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE t0 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE a PARTITION OF t FOR VALUES FROM (10) TO (20);
-- rows
INSERT INTO t VALUES (1,'a');
INSERT INTO a VALUES (11,'b');

-- pair plain-to-three-levels
-- keeps SELECT string_agg(t::text,' ' order by id) from t
CREATE TABLE t (id int, k int, s text);
-- to
CREATE TABLE t (id int, k int, s text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY LIST (k);
CREATE TABLE t11 PARTITION OF t1 FOR VALUES IN (1) PARTITION BY HASH (s);
CREATE TABLE t110 PARTITION OF t11 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t111 PARTITION OF t11 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE t1d PARTITION OF t1 DEFAULT;
CREATE TABLE td PARTITION OF t DEFAULT;
-- rows
INSERT INTO t VALUES (1,1,'a'),(2,1,'b'),(3,2,'c'),(40,1,'d'),(NULL,NULL,NULL);

-- pair plain-to-partitioned-other-types
-- keeps SELECT string_agg(t::text,' ' order by id) from t
CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE COLLATION co FROM "C";
CREATE TYPE c AS (x int, y text);
CREATE TYPE r AS RANGE (SUBTYPE = int);
CREATE TABLE t (id d, v text COLLATE co, c c, r r, a c[]);
-- to
CREATE DOMAIN d AS bigint CHECK (VALUE > 0);
CREATE COLLATION co FROM "POSIX";
CREATE TYPE c AS (x bigint, y text);
CREATE TYPE r AS RANGE (SUBTYPE = bigint);
CREATE TABLE t (id d, v text COLLATE co, c c, r r, a c[]) PARTITION BY LIST (v);
CREATE TABLE t1 PARTITION OF t DEFAULT;
-- rows
INSERT INTO t VALUES (1,'x',ROW(1,'q'),'[1,3)',ARRAY[ROW(2,'z')::c]);

-- pair plain-to-partitioned-renamed
-- renames {"old": "new", "old.a": "b"}
-- back_renames {"new": "old", "new.b": "a"}
-- keeps SELECT last_value from pg_sequences where sequencename like '%id_seq'
CREATE TABLE old (id serial PRIMARY KEY, a int);
CREATE INDEX ON old (a);
-- to
CREATE TABLE new (id serial PRIMARY KEY, b int) PARTITION BY RANGE (id);
CREATE TABLE new1 PARTITION OF new FOR VALUES FROM (0) TO (100);
CREATE INDEX ON new (b);
-- rows
INSERT INTO old (a) VALUES (5),(6);

-- pair plain-to-partitioned-quoted
-- keeps SELECT string_agg("T x"::text,' ') from "S ""q"."T x"
CREATE SCHEMA "S ""q";
CREATE TABLE "S ""q"."T x" ("I d" int GENERATED BY DEFAULT AS IDENTITY, "v'v" text);
-- to
CREATE SCHEMA "S ""q";
CREATE TABLE "S ""q"."T x" ("I d" int, "v'v" text) PARTITION BY LIST ("v'v");
CREATE TABLE "S ""q"."T x1" PARTITION OF "S ""q"."T x" DEFAULT;
-- rows
INSERT INTO "S ""q"."T x" ("v'v") VALUES ('a');

-- pair key-changes-with-fk
-- keeps SELECT string_agg(t::text,' ' order by id) from t
CREATE TABLE t (id int, k int, PRIMARY KEY (id, k)) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE r (id int, k int, FOREIGN KEY (id, k) REFERENCES t);
-- to
CREATE TABLE t (id int, k int, PRIMARY KEY (id, k)) PARTITION BY HASH (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t2 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE r (id int, k int, FOREIGN KEY (id, k) REFERENCES t);
-- rows
INSERT INTO t VALUES (1,5),(11,6);
INSERT INTO r VALUES (1,5);

-- pair swap-part-serial
-- renames {"t.a": "b", "t.b": "a"}
-- back_renames {"t.a": "b", "t.b": "a"}
-- keeps SELECT string_agg(relfilenode::text,' ' ORDER BY oid) FROM pg_class WHERE relkind in ('r','S') and relnamespace='public'::regnamespace
CREATE TABLE t (a serial, b serial, c int);
-- to
CREATE TABLE t (b serial, a serial, c int);
-- rows
INSERT INTO t (c) values (1);

-- pair rename-partitioned-with-check-fk
-- renames {"p": "q"}
-- back_renames {"q": "p"}
-- keeps SELECT string_agg(oid::text||relfilenode::text,' ' ORDER BY oid) FROM pg_class WHERE relkind in ('r','i','p','I') and relnamespace='public'::regnamespace
CREATE TABLE o (id int PRIMARY KEY);
CREATE TABLE p (id int PRIMARY KEY, v int REFERENCES o, w int, UNIQUE (w, id), CHECK (v > 0)) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE INDEX ON p (v);
-- to
CREATE TABLE o (id int PRIMARY KEY);
CREATE TABLE q (id int PRIMARY KEY, v int REFERENCES o, w int, UNIQUE (w, id), CHECK (v > 0)) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF q FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF q FOR VALUES FROM (10) TO (20);
CREATE INDEX ON q (v);
-- rows
INSERT INTO o VALUES (1);
INSERT INTO p VALUES (1,1,1);

-- pair swap-types-in-use
-- renames {"a": "b", "b": "a", "d": "e", "e": "d", "f": "g", "g": "f"}
-- back_renames {"a": "b", "b": "a", "d": "e", "e": "d", "f": "g", "g": "f"}
CREATE TYPE a AS ENUM ('x'); CREATE TYPE b AS (i int);
CREATE DOMAIN d AS int; CREATE DOMAIN e AS text;
CREATE FUNCTION f(a) RETURNS d IMMUTABLE LANGUAGE sql AS 'SELECT 1::public.d';
CREATE FUNCTION g(a) RETURNS d IMMUTABLE LANGUAGE sql AS 'SELECT 2::public.d';
CREATE TABLE t (a a, b b[], d d, e e, g int GENERATED ALWAYS AS (f(a)) STORED);
CREATE INDEX ON t (g(a));
-- to
CREATE TYPE b AS ENUM ('x'); CREATE TYPE a AS (i int);
CREATE DOMAIN e AS int; CREATE DOMAIN d AS text;
CREATE FUNCTION g(b) RETURNS e IMMUTABLE LANGUAGE sql AS 'SELECT 1::public.e';
CREATE FUNCTION f(b) RETURNS e IMMUTABLE LANGUAGE sql AS 'SELECT 2::public.e';
CREATE TABLE t (a b, b a[], d e, e d, g int GENERATED ALWAYS AS (g(a)) STORED);
CREATE INDEX ON t (f(a));
-- rows
INSERT INTO t (a,b,d,e) VALUES ('x', ARRAY[ROW(1)::b], 1, 'q');

-- pair attach-many-equivalents
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE INDEX i1 ON t (v); CREATE INDEX i2 ON t (v);
ALTER TABLE t ADD CONSTRAINT u UNIQUE (id), ADD CONSTRAINT u2 UNIQUE (id);
CREATE TABLE p (id int NOT NULL, v int);
CREATE INDEX pz ON p (v); CREATE INDEX pa ON p (v); CREATE INDEX pm ON p (v);
ALTER TABLE p ADD CONSTRAINT pu UNIQUE (id), ADD CONSTRAINT pb UNIQUE (id), ADD CONSTRAINT pk UNIQUE (id);
-- to
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE INDEX i1 ON t (v); CREATE INDEX i2 ON t (v);
ALTER TABLE t ADD CONSTRAINT u UNIQUE (id), ADD CONSTRAINT u2 UNIQUE (id);
CREATE TABLE p (id int NOT NULL, v int);
CREATE INDEX pz ON p (v); CREATE INDEX pm ON p (v);
ALTER TABLE p ADD CONSTRAINT pu UNIQUE (id), ADD CONSTRAINT pk UNIQUE (id);
ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (0) TO (10);
CREATE INDEX pa ON p (v);
ALTER TABLE p ADD CONSTRAINT pb UNIQUE (id);
-- rows
INSERT INTO p VALUES (1,1);

-- pair detach-pk-child
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE t ADD CONSTRAINT u UNIQUE (id);
CREATE TABLE r (id int REFERENCES t(id));
-- to
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (10);
ALTER TABLE ONLY t ADD CONSTRAINT u UNIQUE (id);
ALTER TABLE p ADD CONSTRAINT p_id_key UNIQUE (id);
CREATE TABLE r (id int);
-- rows
INSERT INTO t VALUES (1,1);

-- pair three-level-child-index
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE m PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (v);
CREATE TABLE p PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE INDEX i ON t (v);
-- to
CREATE TABLE t (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE m PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (v);
CREATE TABLE p PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE INDEX i ON ONLY t (v);
CREATE INDEX m_v_idx ON ONLY m (v);
ALTER INDEX i ATTACH PARTITION m_v_idx;
CREATE INDEX p_v_idx ON p (v);
-- rows
INSERT INTO t VALUES (1,1);

-- pair partition-renamed
-- renames {"p": "q", "t": "s"}
-- back_renames {"q": "p", "s": "t"}
-- keeps SELECT string_agg(oid::text||relfilenode::text,' ' ORDER BY oid) FROM pg_class WHERE relnamespace='public'::regnamespace
CREATE TABLE t (id serial PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX ON t (v);
-- to
CREATE TABLE s (id serial PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE q PARTITION OF s FOR VALUES FROM (0) TO (10);
CREATE INDEX ON s (v);
-- rows
INSERT INTO t (v) VALUES (1);

-- pair leaf-with-triggers
-- keeps SELECT string_agg(t::text,' ' order by id) from t
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin new.k := new.k + 1; return new; end';
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER own AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE a DISABLE TRIGGER tr;
-- to
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin new.k := new.k + 1; return new; end';
CREATE TABLE t (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
CREATE TABLE b PARTITION OF a FOR VALUES FROM (0) TO (5);
CREATE TABLE c PARTITION OF a DEFAULT;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER own AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION tf();
-- rows
INSERT INTO t VALUES (1,1),(7,7);

-- pair plain-to-partitioned-rowtype
-- keeps SELECT string_agg(t::text,' ' order by id) from t
CREATE TABLE t (id int, k int);
CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT $1.id';
CREATE VIEW v AS SELECT f(t) FROM t;
CREATE RULE ru AS ON INSERT TO t DO INSTEAD NOTHING;
CREATE FUNCTION s() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
-- to
CREATE TABLE t (id int, k int) PARTITION BY LIST (k);
CREATE TABLE t1 PARTITION OF t DEFAULT;
CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT $1.id';
CREATE VIEW v AS SELECT f(t) FROM t;
CREATE FUNCTION s() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
-- rows
ALTER TABLE t DISABLE RULE ru; INSERT INTO t VALUES (1,2); ALTER TABLE t ENABLE RULE ru;
