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
INSERT INTO t VALUES (1, 'one', 'a', DEFAULT, 9), (2, NULL, 'b', DEFAULT, 8);

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
