-- Pairs of schemas for t/006_diff.pl: "-- pair NAME", what one is, "-- to", what
-- it becomes, and "-- rows": rows of the first, that the second has as well.
-- "-- keeps QUERY" has one result before, after and back again, "-- up_keeps QUERY"
-- before and after: the OID of what is to stay, a table's file.
-- Lines that end with "-- 15+" or "-- 14-" are for those server majors only.

-- pair type-under-view
CREATE TABLE t(a int, b text);
CREATE VIEW v WITH (security_invoker) AS SELECT a,b FROM t; -- 15+
CREATE VIEW v WITH (security_barrier) AS SELECT a,b FROM t; -- 14-
CREATE VIEW w AS SELECT a+1 AS x FROM v;
COMMENT ON VIEW v IS 'c';
COMMENT ON COLUMN v.a IS 'col';
GRANT SELECT ON v TO PUBLIC;
GRANT SELECT(a) ON v TO regress_diff_reader;
ALTER VIEW v ALTER a SET DEFAULT 3;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER it INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE ru AS ON UPDATE TO w DO INSTEAD NOTHING;
-- to
CREATE TABLE t(a bigint, b varchar(10));
CREATE VIEW v WITH (security_invoker) AS SELECT a,b FROM t; -- 15+
CREATE VIEW v WITH (security_barrier) AS SELECT a,b FROM t; -- 14-
CREATE VIEW w AS SELECT a+1 AS x FROM v;
COMMENT ON VIEW v IS 'c';
COMMENT ON COLUMN v.a IS 'col';
GRANT SELECT ON v TO PUBLIC;
GRANT SELECT(a) ON v TO regress_diff_reader;
ALTER VIEW v ALTER a SET DEFAULT 3;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER it INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE ru AS ON UPDATE TO w DO INSTEAD NOTHING;
-- rows
INSERT INTO t VALUES (1,'x');

-- pair chain-rowtype
CREATE TABLE t(a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'select * from v';
CREATE VIEW w AS SELECT * FROM f();
-- to
CREATE TABLE t(a text);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'select * from v';
CREATE VIEW w AS SELECT * FROM f();

-- pair func-before-table

-- to
CREATE FUNCTION z() RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';
CREATE FUNCTION zz(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'select true';
CREATE TABLE a(x int DEFAULT z() CHECK (zz(x)), y int GENERATED ALWAYS AS (z()) STORED);
CREATE INDEX ON a(zz(x));

-- pair func-argname
CREATE FUNCTION f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';
CREATE TABLE t(a int DEFAULT f(1), g int GENERATED ALWAYS AS (f(a)) STORED, CONSTRAINT k
    CHECK (f(a)>0));
CREATE INDEX i ON t(f(a));
COMMENT ON INDEX i IS 'ci';
COMMENT ON COLUMN t.g IS 'gen';
GRANT SELECT(g) ON t TO regress_diff_reader;
CREATE POLICY p ON t USING (f(a)>1);
CREATE VIEW v AS SELECT f(a) FROM t;
CREATE MATERIALIZED VIEW m AS SELECT f(a) x FROM t;
CREATE UNIQUE INDEX mi ON m(x);
COMMENT ON MATERIALIZED VIEW m IS 'mm';
GRANT SELECT ON m TO regress_diff_reader;
COMMENT ON FUNCTION f(int) IS 'ff';
REVOKE ALL ON FUNCTION f(int) FROM PUBLIC;
CREATE STATISTICS st ON f(a), a FROM t; -- 14+
-- to
CREATE FUNCTION f(b int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';
CREATE TABLE t(a int DEFAULT f(1), g int GENERATED ALWAYS AS (f(a)) STORED, CONSTRAINT k
    CHECK (f(a)>0));
CREATE INDEX i ON t(f(a));
COMMENT ON INDEX i IS 'ci';
COMMENT ON COLUMN t.g IS 'gen';
GRANT SELECT(g) ON t TO regress_diff_reader;
CREATE POLICY p ON t USING (f(a)>1);
CREATE VIEW v AS SELECT f(a) FROM t;
CREATE MATERIALIZED VIEW m AS SELECT f(a) x FROM t;
CREATE UNIQUE INDEX mi ON m(x);
COMMENT ON MATERIALIZED VIEW m IS 'mm';
GRANT SELECT ON m TO regress_diff_reader;
COMMENT ON FUNCTION f(int) IS 'ff';
REVOKE ALL ON FUNCTION f(int) FROM PUBLIC;
CREATE STATISTICS st ON f(a), a FROM t; -- 14+
-- rows
INSERT INTO t VALUES (3);

-- pair enum-used
CREATE TYPE e AS ENUM('a','b');
CREATE TABLE t(x e DEFAULT 'a', y e[] DEFAULT '{a}');
-- to
CREATE TYPE e AS ENUM('a','n','b');
CREATE TABLE t(x e DEFAULT 'n', y e[] DEFAULT '{a}', CHECK (x <> 'n'));
CREATE INDEX i ON t(x) WHERE x='n';
-- rows
INSERT INTO t VALUES('a'),('b');

-- pair enum-reorder-deep
CREATE TYPE e AS ENUM('a','b','c');
CREATE DOMAIN d AS e CHECK (VALUE <> 'c');
CREATE TYPE comp AS (p e, q e[]);
CREATE TABLE t(x e NOT NULL DEFAULT 'a', y e[] DEFAULT '{a,c}', z d DEFAULT 'a', w comp, ww
    comp[], zz d[], CONSTRAINT k CHECK (x <> 'c'), UNIQUE(x));
CREATE INDEX i ON t(y);
CREATE INDEX i2 ON t(x) WHERE x='a';
CREATE VIEW v AS SELECT x,z FROM t WHERE x = 'a';
CREATE FUNCTION f(e) RETURNS e LANGUAGE sql AS 'select $1';
CREATE FUNCTION g(comp) RETURNS e[] LANGUAGE sql AS 'select null::e[]';
COMMENT ON TYPE e IS 'ee';
GRANT USAGE ON TYPE e TO regress_diff_reader;
COMMENT ON COLUMN t.x IS 'x';
CREATE TABLE u(x e REFERENCES t(x));
CREATE MATERIALIZED VIEW m AS SELECT x FROM t;
-- to
CREATE TYPE e AS ENUM('c','a');
CREATE DOMAIN d AS e CHECK (VALUE <> 'c');
CREATE TYPE comp AS (p e, q e[]);
CREATE TABLE t(x e NOT NULL DEFAULT 'a', y e[] DEFAULT '{a,c}', z d DEFAULT 'a', w comp, ww
    comp[], zz d[], CONSTRAINT k CHECK (x <> 'c'), UNIQUE(x));
CREATE INDEX i ON t(y);
CREATE INDEX i2 ON t(x) WHERE x='a';
CREATE VIEW v AS SELECT x,z FROM t WHERE x = 'a';
CREATE FUNCTION f(e) RETURNS e LANGUAGE sql AS 'select $1';
CREATE FUNCTION g(comp) RETURNS e[] LANGUAGE sql AS 'select null::e[]';
COMMENT ON TYPE e IS 'ee';
GRANT USAGE ON TYPE e TO regress_diff_reader;
COMMENT ON COLUMN t.x IS 'x';
CREATE TABLE u(x e REFERENCES t(x));
CREATE MATERIALIZED VIEW m AS SELECT x FROM t;
-- rows
INSERT INTO t(x,w) VALUES('a',ROW('a','{c}'));

-- pair defpriv
CREATE SCHEMA s;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_diff_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT EXECUTE ON FUNCTIONS TO regress_diff_writer;
CREATE TABLE o(a int);
-- to
CREATE SCHEMA s;
CREATE TABLE n(a int);
CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'select 1';
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_diff_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT EXECUTE ON FUNCTIONS TO regress_diff_writer;
CREATE TABLE o(a int);

-- pair fk-cycle-drop
CREATE TABLE a(id int PRIMARY KEY, b int);
CREATE TABLE b(id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
CREATE PUBLICATION p FOR TABLE a, b;
-- to
CREATE PUBLICATION p;

-- pair pk-replace
CREATE TABLE a(id int CONSTRAINT pk PRIMARY KEY, k text NOT NULL);
CREATE TABLE b(a int REFERENCES a(id));
CREATE VIEW v AS SELECT id, k FROM a GROUP BY id;
-- to
CREATE TABLE a(id int, k text NOT NULL, CONSTRAINT pk PRIMARY KEY (id,k), UNIQUE(id));
CREATE TABLE b(a int REFERENCES a(id));
CREATE VIEW v AS SELECT id, k FROM a;

-- pair serial-identity
CREATE TABLE t(id serial PRIMARY KEY, b bigserial, c int);
-- to
CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b bigint NOT NULL, c smallint
    GENERATED BY DEFAULT AS IDENTITY (START 5 INCREMENT 2));
-- rows
INSERT INTO t(c) VALUES (1),(2);

-- pair part-bounds
CREATE TABLE p(a int, b text, PRIMARY KEY(a)) PARTITION BY RANGE(a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE INDEX pi ON p(b);
CREATE TABLE d PARTITION OF p DEFAULT;
-- to
CREATE TABLE p(a int, b text, c int DEFAULT 4, PRIMARY KEY(a)) PARTITION BY RANGE(a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (15);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (15) TO (30);
CREATE INDEX pi ON p(b);
CREATE TABLE d PARTITION OF p DEFAULT;
-- rows
INSERT INTO p VALUES (1,'x'),(16,'y');

-- pair part-cols2
CREATE TABLE p(a int, b text) PARTITION BY LIST(a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST(a);
CREATE TABLE p21 PARTITION OF p2 FOR VALUES IN (2);
-- to
CREATE TABLE p(a int NOT NULL, c int DEFAULT 3 NOT NULL, b varchar(10), d text GENERATED
    ALWAYS AS ('x') STORED, CONSTRAINT k CHECK (a<100)) PARTITION BY LIST(a);
CREATE TABLE p1 PARTITION OF p (c DEFAULT 7) FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST(a);
CREATE TABLE p21 PARTITION OF p2 FOR VALUES IN (2);
COMMENT ON COLUMN p1.c IS 'seven';
CREATE UNIQUE INDEX u ON p(a);
ALTER TABLE p ADD FOREIGN KEY (a) REFERENCES p(a);
-- rows
INSERT INTO p VALUES(1,'x');

-- pair part-attach
CREATE TABLE p(a int, b text, CONSTRAINT pp PRIMARY KEY(a)) PARTITION BY RANGE(a);
CREATE INDEX pi ON p(b);
CREATE TABLE q(a int, b text);
CREATE TABLE r PARTITION OF p FOR VALUES FROM (50) TO (60);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TABLE z(id int PRIMARY KEY);
ALTER TABLE p ADD CONSTRAINT pfk FOREIGN KEY (a) REFERENCES z;
-- to
CREATE TABLE p(a int, b text, CONSTRAINT pp PRIMARY KEY(a)) PARTITION BY RANGE(a);
CREATE INDEX pi ON p(b);
CREATE TABLE q PARTITION OF p FOR VALUES FROM (0) TO (9);
CREATE TABLE r (a int NOT NULL, b text);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE q DISABLE TRIGGER tr;
CREATE TABLE z(id int PRIMARY KEY);
ALTER TABLE p ADD CONSTRAINT pfk FOREIGN KEY (a) REFERENCES z;

-- pair plain-to-part
CREATE TABLE t(a int, b text);
CREATE INDEX i ON t(b);
CREATE VIEW v AS SELECT * FROM t;
-- to
CREATE TABLE t(a int, b text) PARTITION BY LIST(a);
CREATE INDEX i ON t(b);
CREATE TABLE t1 PARTITION OF t DEFAULT;
CREATE VIEW v AS SELECT * FROM t;

-- pair matview
CREATE TABLE t(a int);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE UNIQUE INDEX mi ON m(a);
CREATE VIEW v AS SELECT a FROM m;
COMMENT ON COLUMN m.a IS 'q';
CREATE MATERIALIZED VIEW n AS SELECT a FROM m WITH NO DATA;
CREATE VIEW o AS SELECT 1 AS a;
-- to
CREATE TABLE t(a bigint);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE UNIQUE INDEX mi ON m(a);
CREATE VIEW v AS SELECT a FROM m;
COMMENT ON COLUMN m.a IS 'q';
CREATE MATERIALIZED VIEW n AS SELECT a FROM m;
CREATE MATERIALIZED VIEW o AS SELECT 1 AS a;

-- pair table-view
CREATE TABLE x(a int, b text);
CREATE VIEW y AS SELECT a FROM x;
CREATE VIEW z AS SELECT 1 AS a;
CREATE SEQUENCE q;
CREATE TYPE ty AS ENUM('a');
-- to
CREATE VIEW x AS SELECT 1 AS a, 'b'::text AS b;
CREATE VIEW y AS SELECT a FROM x;
CREATE TABLE z(a int);
CREATE TABLE q(a int);
CREATE TABLE ty(b int);

-- pair generated
CREATE TABLE t(a int, b int GENERATED ALWAYS AS (a*2) STORED, c int GENERATED ALWAYS AS (a+1)
    STORED, d int);
CREATE INDEX i ON t(b);
CREATE VIEW v AS SELECT b FROM t;
COMMENT ON COLUMN t.b IS 'bb';
-- to
CREATE TABLE t(a bigint, b int GENERATED ALWAYS AS (a*3) STORED, c int DEFAULT 5, d int
    GENERATED ALWAYS AS (a) STORED);
CREATE INDEX i ON t(b);
CREATE VIEW v AS SELECT b FROM t;
COMMENT ON COLUMN t.b IS 'bb';
-- rows
INSERT INTO t(a) VALUES (2);

-- pair gen-type
CREATE TABLE t(a int, b int GENERATED ALWAYS AS (a*2) STORED);
CREATE INDEX i ON t(b);
-- to
CREATE TABLE t(a bigint, b bigint GENERATED ALWAYS AS (a*2) STORED);
CREATE INDEX i ON t(b);

-- pair blockers
CREATE TABLE t(a int, b int);
CREATE POLICY p ON t USING (a>1);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (OLD.a > 3) EXECUTE FUNCTION tf();
ALTER TABLE t ENABLE ALWAYS TRIGGER tr;
COMMENT ON TRIGGER tr ON t IS 'x';
CREATE RULE r AS ON INSERT TO t WHERE NEW.a = 5 DO NOTHING;
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT a FROM t; END; -- 14+
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT a FROM t'; -- 13-
CREATE PUBLICATION p FOR TABLE t WHERE (a > 3); -- 15+
CREATE PUBLICATION p FOR TABLE t; -- 14-
ALTER TABLE t REPLICA IDENTITY FULL;
-- to
CREATE TABLE t(a bigint, b int);
CREATE POLICY p ON t USING (a>1);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (OLD.a > 3) EXECUTE FUNCTION tf();
ALTER TABLE t ENABLE ALWAYS TRIGGER tr;
COMMENT ON TRIGGER tr ON t IS 'x';
CREATE RULE r AS ON INSERT TO t WHERE NEW.a = 5 DO NOTHING;
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT b FROM t; END; -- 14+
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT b FROM t'; -- 13-
CREATE PUBLICATION p FOR TABLE t WHERE (a > 3); -- 15+
CREATE PUBLICATION p FOR TABLE t; -- 14-
ALTER TABLE t REPLICA IDENTITY FULL;

-- pair details
CREATE TABLE t(a int PRIMARY KEY, b text, c text) WITH (fillfactor=70);
CREATE INDEX i ON t(b) WITH (fillfactor=50);
CREATE INDEX j ON t((a+1));
ALTER INDEX j ALTER COLUMN 1 SET STATISTICS 50;
ALTER TABLE t ALTER b SET STORAGE EXTERNAL, ALTER c SET STATISTICS 33, ALTER c SET
    (n_distinct=5);
ALTER TABLE t CLUSTER ON i;
CREATE UNIQUE INDEX ri ON t(a);
ALTER TABLE t REPLICA IDENTITY USING INDEX ri;
CREATE STATISTICS s (ndistinct) ON a,b FROM t;
-- to
CREATE TABLE t(a int PRIMARY KEY, b text, c text) WITH (autovacuum_enabled=false,
    toast.autovacuum_enabled=false);
CREATE INDEX i ON t(b) WITH (fillfactor=60);
CREATE INDEX j ON t((a+1));
ALTER INDEX j ALTER COLUMN 1 SET STATISTICS 60;
ALTER TABLE t ALTER c SET STORAGE PLAIN, ALTER c SET (n_distinct_inherited=5);
ALTER TABLE t ALTER b SET COMPRESSION pglz; -- 14+
ALTER TABLE t CLUSTER ON t_pkey;
CREATE UNIQUE INDEX ri ON t(a);
CREATE STATISTICS s (dependencies) ON a,b FROM t;
ALTER STATISTICS s SET STATISTICS 9;

-- pair domain-base
CREATE DOMAIN d AS int CHECK (VALUE > 0) DEFAULT 4;
CREATE TABLE t(a d, b d[], c int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f(d) RETURNS int LANGUAGE sql AS 'select 1';
COMMENT ON DOMAIN d IS 'dd';
-- to
CREATE DOMAIN d AS text CHECK (VALUE <> '') NOT NULL;
CREATE TABLE t(a d, b d[], c int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f(d) RETURNS int LANGUAGE sql AS 'select 1';
COMMENT ON DOMAIN d IS 'dd';
-- rows
INSERT INTO t VALUES(1,'{2,3}');

-- pair composite
CREATE TYPE c AS (a int, b text);
CREATE TABLE t(x c, y c[]);
CREATE TYPE u AS (a int);
CREATE FUNCTION f(c) RETURNS u LANGUAGE sql AS 'select null::u';
COMMENT ON COLUMN c.a IS 'q';
-- to
CREATE TYPE c AS (a bigint, b text);
CREATE TABLE t(x c, y c[]);
CREATE TYPE u AS (a int, z text);
CREATE FUNCTION f(c) RETURNS u LANGUAGE sql AS 'select null::u';
COMMENT ON COLUMN c.b IS 'q';
-- rows
INSERT INTO t VALUES (ROW(1,'x'), ARRAY[ROW(2,'y')]::c[]);

-- pair range
CREATE TYPE r AS RANGE (subtype=int4);
CREATE TABLE t(x r);
-- to
CREATE TYPE r AS RANGE (subtype=int8);
CREATE TABLE t(x r);
-- rows
INSERT INTO t VALUES ('[1,3)');

-- pair collation
CREATE COLLATION co (provider=icu, locale='en');
CREATE TABLE t(a text COLLATE co);
CREATE INDEX i ON t(a);
CREATE VIEW v AS SELECT a FROM t;
-- to
CREATE COLLATION co (provider=icu, locale='de');
CREATE TABLE t(a text COLLATE co);
CREATE INDEX i ON t(a);
CREATE VIEW v AS SELECT a FROM t;

-- pair typed-attr
CREATE TYPE c AS (a int, b text);
CREATE TABLE t OF c (PRIMARY KEY(a));
-- to
CREATE TYPE c AS (a int, b text, d int);
CREATE TABLE t OF c (PRIMARY KEY(a));

-- pair operators
CREATE FUNCTION lt(int,int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'select $1<$2';
CREATE OPERATOR <<< (FUNCTION=lt, LEFTARG=int, RIGHTARG=int);
CREATE VIEW v AS SELECT 1 <<< 2 AS a;
CREATE AGGREGATE ag(int) (SFUNC=int4pl, STYPE=int);
CREATE VIEW w AS SELECT ag(1);
-- to
CREATE FUNCTION lt(x int, y int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'select $1<$2';
CREATE OPERATOR <<< (FUNCTION=lt, LEFTARG=int, RIGHTARG=int);
CREATE VIEW v AS SELECT 1 <<< 2 AS a;
CREATE AGGREGATE ag(int) (SFUNC=int4mi, STYPE=int, INITCOND='0');
CREATE VIEW w AS SELECT ag(1);

-- pair event-trigger
CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION ef();
-- to
CREATE FUNCTION ef2() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER et ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION
    ef2();
ALTER EVENT TRIGGER et DISABLE;
CREATE TABLE x(a int);

-- pair ext-type
CREATE EXTENSION citext;
CREATE TABLE t(a citext, b int);
CREATE INDEX i ON t(a);
-- to
CREATE TABLE t(a text, b int);
CREATE INDEX i ON t(a);

-- pair func-view-loop

-- to
CREATE TABLE t(a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM v; END; -- 14+
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM v'; -- 13-
CREATE OR REPLACE VIEW v AS SELECT a, a AS b FROM t WHERE f() > 1;

-- pair view-cols
CREATE TABLE t(a int,b int);
CREATE VIEW v AS SELECT a FROM t;
CREATE VIEW w AS SELECT * FROM v;
-- to
CREATE TABLE t(a int,b int);
CREATE VIEW v AS SELECT a, b FROM t;
COMMENT ON COLUMN v.b IS 'new';
GRANT SELECT(b) ON v TO regress_diff_reader;
ALTER VIEW v ALTER b SET DEFAULT 5;
CREATE VIEW w AS SELECT a FROM v;

-- pair schema-drop
CREATE SCHEMA a;
CREATE TABLE a.t(x int);
CREATE VIEW a.v AS SELECT x FROM a.t;
CREATE FUNCTION a.f() RETURNS a.t LANGUAGE sql AS 'select null::a.t';
CREATE TYPE a.e AS ENUM('q');
COMMENT ON SCHEMA public IS 'zz';
-- to
CREATE SCHEMA b;
CREATE TABLE b.t(x int);
CREATE VIEW b.v AS SELECT x FROM b.t;
GRANT USAGE ON SCHEMA b TO regress_diff_reader;

-- pair aggr-func
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1';
CREATE PROCEDURE p() LANGUAGE sql AS 'select 1';
CREATE FUNCTION h(a int, b int DEFAULT 2) RETURNS TABLE(x int) LANGUAGE sql AS 'select 1';
-- to
CREATE AGGREGATE f(int) (SFUNC=int4pl, STYPE=int);
CREATE FUNCTION p() RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION h(a int, b int) RETURNS TABLE(x int, y int) LANGUAGE sql AS 'select 1,2';

-- pair partkey-type
CREATE TABLE p(x int, y int) PARTITION BY RANGE(x);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5);
-- to
CREATE TABLE p(x bigint, y int) PARTITION BY RANGE(x);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5);
-- rows
INSERT INTO p VALUES(2,1);

-- pair rules
CREATE TABLE t(a int, b int);
CREATE VIEW v AS SELECT a FROM t;
CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t(a,b) VALUES (NEW.a, 1);
CREATE TABLE lg(x int);
CREATE RULE l AS ON DELETE TO t DO ALSO INSERT INTO lg VALUES (OLD.a);
-- to
CREATE TABLE t(a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t(a) VALUES (NEW.a);
CREATE TABLE lg(x bigint);
CREATE RULE l AS ON DELETE TO t DO ALSO INSERT INTO lg VALUES (OLD.a);
ALTER TABLE t DISABLE RULE l;

-- pair self-ref-policy
CREATE TABLE t(a int, o text);
CREATE TABLE m(u text);
CREATE POLICY p ON t USING (EXISTS (SELECT 1 FROM m WHERE m.u = o));
CREATE POLICY q ON m USING (EXISTS (SELECT 1 FROM t WHERE t.o = u));
-- to
CREATE TABLE z(a int);

-- pair sequence-bounds
CREATE TABLE a(id bigint GENERATED BY DEFAULT AS IDENTITY (MINVALUE 1 MAXVALUE 50));
CREATE TABLE b(id int GENERATED BY DEFAULT AS IDENTITY);
CREATE TABLE c(id int GENERATED BY DEFAULT AS IDENTITY);
CREATE TABLE d(id smallint GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));
CREATE SEQUENCE s AS int;
CREATE SEQUENCE u MAXVALUE 50;
-- to
CREATE TABLE a(id bigint GENERATED BY DEFAULT AS IDENTITY (MINVALUE 100 MAXVALUE 200));
CREATE TABLE b(id bigint GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 5000000000));
CREATE TABLE c(id bigint GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 2147483647));
CREATE TABLE d(id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));
CREATE SEQUENCE s AS bigint MAXVALUE 2147483647;
CREATE SEQUENCE u MINVALUE 100;
-- rows
INSERT INTO b DEFAULT VALUES;

-- pair children-with-constraints
CREATE TABLE z(a int);
-- to
CREATE TABLE p(a int, b text CHECK (b <> ''));
CREATE TABLE c(x int, UNIQUE (a), CHECK (a > 0)) INHERITS (p);
CREATE TABLE d(CHECK (a < 0)) INHERITS (c);

-- pair generation-inherited
CREATE TABLE p(a int, g int GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE c(x int) INHERITS (p);
CREATE TABLE q(a int, g int GENERATED ALWAYS AS (a * 2) STORED) PARTITION BY RANGE (a);
CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (9);
-- to
CREATE TABLE p(a int, g int);
CREATE TABLE c(x int) INHERITS (p);
ALTER TABLE c ALTER g SET DEFAULT 3;
CREATE TABLE q(a int, g int) PARTITION BY RANGE (a);
CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (9);
-- rows
INSERT INTO c VALUES (1);
INSERT INTO q VALUES (2);

-- pair partition-under-key
CREATE TABLE p(a int PRIMARY KEY) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
CREATE TABLE r(a int REFERENCES p);
CREATE TABLE q(a int PRIMARY KEY) PARTITION BY LIST (a);
CREATE TABLE a1 PARTITION OF q FOR VALUES IN (1);
CREATE TABLE s(a int REFERENCES q);
-- to
CREATE TABLE p(a int PRIMARY KEY) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE r(a int REFERENCES p);
-- rows
INSERT INTO p VALUES (1);
INSERT INTO r VALUES (1);

-- pair partition-with-more-indexes
CREATE TABLE z(a int);
-- to
CREATE TABLE p(a int, b int NOT NULL, UNIQUE (a, b)) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p (PRIMARY KEY (a, b)) FOR VALUES IN (1);
CREATE INDEX p1_first ON p1(b);
CREATE INDEX pi ON p(b);
CREATE INDEX a_third ON p1(b);

-- pair partition-index-of-constraint
CREATE TABLE p(a int NOT NULL) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(a int NOT NULL) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE UNIQUE INDEX pi ON ONLY p(a);
ALTER TABLE p1 ADD CONSTRAINT p1_pkey PRIMARY KEY (a);
ALTER INDEX pi ATTACH PARTITION p1_pkey;

-- pair partition-collation-and-null
CREATE TABLE p(a int, b text COLLATE "C") PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p (b NOT NULL) FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
-- to
CREATE TABLE p(a int, b text COLLATE "POSIX") PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p (b NOT NULL) FOR VALUES IN (2);
-- rows
INSERT INTO p VALUES (1, 'x');

-- pair trigger-becomes-constraint
CREATE TABLE t(a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE CONSTRAINT TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER y AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
-- to
CREATE TABLE t(a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE CONSTRAINT TRIGGER y AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();

-- pair check-valid-in-partition
CREATE TABLE p(a int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(a int) PARTITION BY LIST (a);
ALTER TABLE p ADD CONSTRAINT k CHECK (a > 0) NOT VALID;
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);

-- pair partition-bounds-under-key
CREATE TABLE p(a int PRIMARY KEY) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5);
CREATE TABLE r(a int REFERENCES p);
-- to
CREATE TABLE p(a int PRIMARY KEY) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9);
CREATE TABLE r(a int REFERENCES p);
-- rows
INSERT INTO p VALUES (1);
INSERT INTO r VALUES (1);

-- pair partition-with-own-key
CREATE TABLE k(a int PRIMARY KEY);
CREATE TABLE p(a int, b int REFERENCES k) PARTITION BY LIST (a);
CREATE TABLE p1(a int, b int CONSTRAINT own REFERENCES k);
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
-- to
CREATE TABLE k(a int PRIMARY KEY);
CREATE TABLE p(a int, b int REFERENCES k) PARTITION BY LIST (a);
CREATE TABLE p1(a int, b int CONSTRAINT own REFERENCES k);

-- pair new-child
CREATE TABLE parent (a int, b int);
CREATE UNIQUE INDEX parent_a ON parent (a, b);
CREATE TABLE other (x int PRIMARY KEY);
-- to
CREATE TABLE parent (a bigint CHECK (a > 0), b int, c int);
CREATE UNIQUE INDEX parent_a ON parent (a, b);
CREATE TABLE other (x int PRIMARY KEY);
CREATE TABLE child (d int PRIMARY KEY REFERENCES other, CHECK (a > 1)) INHERITS (parent);
CREATE UNIQUE INDEX child_c ON child (c, a);
CREATE TABLE grandchild () INHERITS (child);
CREATE INDEX grandchild_d ON grandchild (d);
-- rows
INSERT INTO parent VALUES (1, 2);

-- pair child-becomes-partition
CREATE TABLE p(a int, b int);
CREATE TABLE p1(a int, b int) INHERITS (p);
CREATE INDEX p1_first ON p1(b);
CREATE INDEX pi ON p(b);
CREATE TABLE q1(a int, b int);
CREATE INDEX q1_first ON q1(b);
-- to
CREATE TABLE p(a int, b int) PARTITION BY LIST (a);
CREATE TABLE p1(a int, b int);
CREATE INDEX p1_second ON p1(b);
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
CREATE INDEX pi ON p(b);
CREATE INDEX p1_first ON p1(b);
CREATE TABLE q(a int, b int) PARTITION BY LIST (a);
CREATE TABLE q1(a int, b int);
CREATE INDEX q1_second ON q1(b);
ALTER TABLE q ATTACH PARTITION q1 FOR VALUES IN (1);
CREATE INDEX qi ON q(b);
CREATE INDEX q1_first ON q1(b);
-- rows
INSERT INTO p1 VALUES (1, 2);
INSERT INTO q1 VALUES (1, 2);

-- pair checks-through-parents
CREATE TABLE g(a int, b int, CONSTRAINT kg CHECK (b > 0));
CREATE TABLE p(a int, b int, CONSTRAINT kp CHECK (a > 0)) INHERITS (g);
CREATE TABLE c(a int, b int);
CREATE TABLE d(a int, b int, CONSTRAINT kp CHECK (a > 0));
CREATE TABLE e(a int, b int) INHERITS (p);
-- to
CREATE TABLE g(a int, b int, CONSTRAINT kg CHECK (b > 0));
CREATE TABLE p(a int, b int, CONSTRAINT kp CHECK (a > 0)) INHERITS (g);
CREATE TABLE c(a int, b int) INHERITS (p);
CREATE TABLE d(a int, b int) INHERITS (p);
CREATE TABLE e(a int, b int, CONSTRAINT kp CHECK (a > 1)) INHERITS (g);
-- rows
INSERT INTO p VALUES (1, 1);
INSERT INTO c VALUES (1, 1);
INSERT INTO d VALUES (1, 1);
INSERT INTO e VALUES (2, 1);

-- pair new-child-like-its-parent
CREATE TABLE p(a int DEFAULT 1, b int, CONSTRAINT kp CHECK (a > 0));
-- to
CREATE TABLE p(a int DEFAULT 1, b int, CONSTRAINT kp CHECK (a > 0));
CREATE TABLE c(LIKE p INCLUDING ALL) INHERITS (p);
CREATE TABLE d(a int, b int) INHERITS (p);
ALTER TABLE d ALTER a DROP DEFAULT;
-- rows
INSERT INTO p VALUES (1, 1);

-- pair foreign-keys-of-partitions
CREATE TABLE k(x int PRIMARY KEY);
CREATE TABLE p(a int, b int CONSTRAINT p_fk REFERENCES k) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
CREATE TABLE q1(a int, b int);
-- to
CREATE TABLE k(x int PRIMARY KEY);
CREATE TABLE p(a bigint, b int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
CREATE TABLE q(a int, b int CONSTRAINT q_fk REFERENCES k) PARTITION BY RANGE (a);
CREATE TABLE q1(a int, b int);
ALTER TABLE q ATTACH PARTITION q1 FOR VALUES FROM (1) TO (2);
ALTER TABLE q1 ADD CONSTRAINT q1_fk FOREIGN KEY (b) REFERENCES k;
-- rows
INSERT INTO k VALUES (1);
INSERT INTO p VALUES (1, 1);
INSERT INTO q1 VALUES (1, 1);

-- pair not-null-below
CREATE TABLE p(a int NOT NULL, b int NOT NULL);
CREATE TABLE c(a int NOT NULL, b int NOT NULL) INHERITS (p); -- 17-
CREATE TABLE c(a int, b int NOT NULL) INHERITS (p); -- 18+
CREATE TABLE d(a int NOT NULL, b int PRIMARY KEY) INHERITS (p);
CREATE TABLE e(a int NOT NULL, b int NOT NULL) INHERITS (d);
CREATE TABLE q(a int, b int NOT NULL) PARTITION BY LIST (a);
CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1);
CREATE TABLE q2 PARTITION OF q FOR VALUES IN (2);
-- to
CREATE TABLE p(a int, b int);
CREATE TABLE c(a int, b int NOT NULL) INHERITS (p);
CREATE TABLE d(a int NOT NULL, b int PRIMARY KEY) INHERITS (p);
CREATE TABLE e(a int NOT NULL, b int NOT NULL) INHERITS (d);
CREATE TABLE q(a int, b int) PARTITION BY LIST (a);
CREATE TABLE q1 PARTITION OF q (b NOT NULL) FOR VALUES IN (1);
CREATE TABLE q2 PARTITION OF q FOR VALUES IN (2);
-- rows
INSERT INTO c VALUES (1, 1);
INSERT INTO d VALUES (1, 1);
INSERT INTO q VALUES (1, 1);
-- pair typed-to-partition
CREATE TYPE c AS (a int);
CREATE TABLE t OF c;
-- to
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a);
CREATE TABLE t PARTITION OF p DEFAULT;

-- pair default-of-view-by-its-row
CREATE TABLE t(a int);
-- to
CREATE TABLE t(a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f(v[]) RETURNS int LANGUAGE sql AS 'select 1';
ALTER VIEW v ALTER a SET DEFAULT f('{}');

-- pair name-of-multirange
CREATE TYPE a AS (x int);
CREATE FUNCTION c(int, int, text) RETURNS int LANGUAGE sql AS 'select 1';
CREATE TABLE t (x a);
-- to
CREATE TYPE c AS RANGE (subtype = int, multirange_type_name = a); -- 14+
CREATE TYPE c AS RANGE (subtype = int); -- 13-
CREATE TABLE t (y c);

-- pair keys-named-as-parts-are
CREATE TABLE t(a int PRIMARY KEY) PARTITION BY LIST (a);
-- to
CREATE TABLE t(a int PRIMARY KEY) PARTITION BY LIST (a);
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t;
CREATE TABLE p PARTITION OF t DEFAULT;
ALTER TABLE t ADD CONSTRAINT b FOREIGN KEY (a) REFERENCES t;

-- pair child-attached-with-check
CREATE TABLE p (a int CHECK (a > 0), b int);
-- to
CREATE TABLE p (a int CHECK (a > 0), b int CHECK (b > 0));
CREATE TABLE c (LIKE p INCLUDING ALL);
ALTER TABLE c INHERIT p;

-- pair child-of-parent-that-loses
CREATE TABLE p (a int, b int, CONSTRAINT k CHECK (b > 0));
-- to
CREATE TABLE p (a int);
CREATE TABLE c (LIKE p INCLUDING ALL);
ALTER TABLE c INHERIT p;

-- pair partitioned-with-key-on-itself

-- to
CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t) PARTITION BY LIST (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);

-- pair partition-under-key-on-itself
CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t) PARTITION BY LIST (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);
-- to
CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t) PARTITION BY LIST (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
-- rows
INSERT INTO t VALUES (1, 1);

-- pair default-by-own-identity
CREATE TABLE t (a int);
-- to
CREATE TABLE t (a int, b int GENERATED ALWAYS AS IDENTITY, c int);
ALTER TABLE t ALTER c SET DEFAULT nextval('t_b_seq');
CREATE VIEW v AS SELECT * FROM t;
CREATE FUNCTION f(v) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT c FROM t; END; -- 14+

-- pair matview-reads-by-function

-- to
CREATE MATERIALIZED VIEW z AS SELECT 1 AS x;
CREATE FUNCTION f() RETURNS SETOF z LANGUAGE sql AS 'select * from public.z';
CREATE VIEW v AS SELECT * FROM f();
CREATE MATERIALIZED VIEW a AS SELECT * FROM v;

-- pair child-of-late-default

-- to
CREATE TABLE p (a int);
CREATE FUNCTION f(p) RETURNS int LANGUAGE sql AS 'select 1';
ALTER TABLE p ALTER a SET DEFAULT f(NULL::p);
CREATE TABLE c () INHERITS (p);
CREATE TABLE d (b int) INHERITS (c);

-- pair sequence-owned-by-text
CREATE TYPE y AS (i int);
CREATE TABLE t (a text, b numeric, c y);
-- to
CREATE TYPE y AS (i int);
CREATE TABLE t (a text, b numeric, c y);
CREATE SEQUENCE y1 OWNED BY t.c;
CREATE SEQUENCE s OWNED BY t.a;
CREATE SEQUENCE n OWNED BY t.b;
ALTER TABLE t ALTER a SET DEFAULT 'x' || nextval('s');
-- rows
INSERT INTO t VALUES ('x1', 1);

-- pair partitioned-with-keys-on-itself
CREATE TABLE t (a int, b int);
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY (a);
-- to
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);
ALTER TABLE t ADD PRIMARY KEY (a);
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t DEFERRABLE;
ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES t;
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (3);

-- pair columns-of-key-on-itself
CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t, c int);
CREATE TABLE u (a int PRIMARY KEY, b int REFERENCES u);
CREATE TABLE w (b int REFERENCES u, "key x" int UNIQUE, k int REFERENCES w("key x"));
-- to
CREATE TABLE t (c int);
CREATE TABLE u (b int);
CREATE TABLE w (b int, k int);

-- pair child-loses-with-parent
CREATE TABLE p (a int, b int, c int, CONSTRAINT k CHECK (a > 0), CONSTRAINT l CHECK (c > 0));
CREATE TABLE z (LIKE p INCLUDING ALL);
ALTER TABLE z INHERIT p;
CREATE TABLE c (LIKE p INCLUDING ALL);
ALTER TABLE c INHERIT p;
-- to
CREATE TABLE p (a int, c int, CONSTRAINT l CHECK (c > 1));
CREATE TABLE z (LIKE p INCLUDING ALL);
ALTER TABLE z INHERIT p;
CREATE TABLE c (LIKE p INCLUDING ALL);
ALTER TABLE c INHERIT p;

-- pair exclusion-by-expression
CREATE TABLE t (a int, b int, EXCLUDE USING btree ((a + b) WITH =));
-- to
CREATE TABLE t (b int);

-- pair sequences-before-their-values
CREATE TABLE below(id int NOT NULL, n bigint NOT NULL);
CREATE TABLE down(id int NOT NULL);
CREATE TABLE downstairs(id int NOT NULL);
-- to
CREATE TABLE below(id int GENERATED BY DEFAULT AS IDENTITY, n bigserial);
CREATE TABLE down(id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));
CREATE TABLE downstairs(id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));
-- rows
INSERT INTO below VALUES (-5, -7), (-3, 0);
INSERT INTO down VALUES (5), (7);
INSERT INTO downstairs VALUES (-5), (-7), (3);

-- pair goes-with-an-extension
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION g() DEPENDS ON EXTENSION plpgsql;
CREATE AGGREGATE many(int) (SFUNC = int4pl, STYPE = int);
CREATE AGGREGATE few(VARIADIC int[]) (SFUNC = array_cat, STYPE = int[]);
ALTER ROUTINE few(int[]) DEPENDS ON EXTENSION plpgsql;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
-- to
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
ALTER INDEX i DEPENDS ON EXTENSION plpgsql;
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
ALTER MATERIALIZED VIEW m DEPENDS ON EXTENSION plpgsql;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION f() DEPENDS ON EXTENSION plpgsql;
CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER FUNCTION g() DEPENDS ON EXTENSION plpgsql;
CREATE AGGREGATE many(int) (SFUNC = int4pl, STYPE = int);
ALTER ROUTINE many(int) DEPENDS ON EXTENSION plpgsql;
CREATE AGGREGATE few(VARIADIC int[]) (SFUNC = array_cat, STYPE = int[]);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TRIGGER tg ON t DEPENDS ON EXTENSION plpgsql;

-- pair label-in-letters-of-others
CREATE TYPE st AS ENUM ('open', 'done');
CREATE TABLE big (id int, s st);
-- up_keeps SELECT pg_relation_filenode('big')
-- to
CREATE TYPE st AS ENUM ('open', 'in', 'done', 'new', 'c');
CREATE TABLE big (id int, s st);
CREATE TABLE news (s st DEFAULT 'open', "new" int, renewed text DEFAULT 'new-ish', CHECK (s IN ('open', 'done')));
COMMENT ON TABLE news IS 'new';
CREATE VIEW c AS SELECT new FROM news WHERE s = 'done'::st;
CREATE FUNCTION f(new st) RETURNS st LANGUAGE plpgsql AS $$
BEGIN
	-- 'new'
	IF new IS NULL THEN RAISE 'it''s renewed, or in ''open'''; END IF;
	RETURN new;
END $$;
-- rows
INSERT INTO big VALUES (1, 'open'), (2, 'done');

-- pair labels-used-at-once
CREATE TYPE st AS ENUM ('open');
CREATE TABLE big (id int, s st);
-- to
CREATE TYPE st AS ENUM ('open', 'it''s', 'd, x');
CREATE TABLE big (id int, s st DEFAULT 'it''s');
CREATE TABLE other (a st[] DEFAULT '{open,"d, x"}');
-- rows
INSERT INTO big VALUES (1, 'open');

-- pair label-in-bodies
CREATE TYPE st AS ENUM ('open');
CREATE TABLE big (id int, s st);
-- to
CREATE TYPE st AS ENUM ('open', 'a"b\c');
CREATE TABLE big (id int, s st);
CREATE FUNCTION f() RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT E'a"b\\c'::st$$;
CREATE FUNCTION h() RETURNS st[] LANGUAGE sql IMMUTABLE AS $$SELECT '{open,"a\"b\\c"}'::st[]$$;
-- rows
INSERT INTO big VALUES (1, 'open');

-- pair label-in-unicode-escapes
CREATE TYPE st AS ENUM ('open');
CREATE TABLE big (id int, s st);
-- to
CREATE TYPE st AS ENUM ('open', 'new');
CREATE FUNCTION g() RETURNS st LANGUAGE sql IMMUTABLE AS 'SELECT U&''n\0065w''::st';
CREATE TABLE big (id int, s st, t st DEFAULT g());
-- rows
INSERT INTO big VALUES (1, 'open');

-- pair label-in-an-escape-string
CREATE TYPE st AS ENUM ('open');
CREATE TABLE big (id int, s st);
-- to
CREATE TYPE st AS ENUM ('open', 'new');
CREATE FUNCTION g() RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT E'n\x65w'::st$$;
CREATE TABLE big (id int, s st, t st DEFAULT g());
-- rows
INSERT INTO big VALUES (1, 'open');

-- pair label-in-two-lines
CREATE TYPE st AS ENUM ('open');
CREATE TABLE big (id int, s st);
-- to
CREATE TYPE st AS ENUM ('open', 'new');
CREATE FUNCTION g() RETURNS st LANGUAGE sql IMMUTABLE AS $$SELECT 'ne'
'w'::st$$;
CREATE TABLE big (id int, s st, t st DEFAULT g());
-- rows
INSERT INTO big VALUES (1, 'open');

-- pair check-of-a-parent-in-letters
CREATE TABLE a (x int, CONSTRAINT one CHECK (x > 0));
CREATE TABLE ab (x int);
CREATE TABLE child () INHERITS (ab);
-- keeps SELECT oid FROM pg_constraint WHERE conrelid = 'a'::regclass
-- to
CREATE TABLE a (x int, CONSTRAINT two CHECK (x > 0));
CREATE TABLE ab (x int);
CREATE TABLE child () INHERITS (ab);
-- rows
INSERT INTO a VALUES (1);

-- pair column-by-a-partition-key
CREATE TABLE p (k text, lower int, text int, "C" int, year int, at timestamp)
    PARTITION BY RANGE (lower(k), ((k || 'x'::varchar)::text) COLLATE "C", EXTRACT(year FROM at));
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('a', 'a', 0) TO ('n', 'a', 0);
-- keeps SELECT array_agg(oid ORDER BY relname) FROM pg_class WHERE relname IN ('p', 'p1')
-- to
CREATE TABLE p (k text, lower bigint, text bigint, "C" bigint, year bigint, at timestamp)
    PARTITION BY RANGE (lower(k), ((k || 'x'::varchar)::text) COLLATE "C", EXTRACT(year FROM at));
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('a', 'a', 0) TO ('n', 'a', 0);
-- rows
INSERT INTO p VALUES ('b', 1, 2, 3, 4, '2000-01-01');

-- pair column-of-a-partition-key
CREATE TABLE p ("a""b" int, lower varchar(10)) PARTITION BY RANGE ((("a""b" + 1)), lower(lower));
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0, 'a') TO (9, 'n');
-- to
CREATE TABLE p ("a""b" bigint, lower varchar(20)) PARTITION BY RANGE ((("a""b" + 1)), lower(lower));
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0, 'a') TO (9, 'n');
-- rows
INSERT INTO p VALUES (1, 'b');

-- pair quoted-columns-of-a-key
CREATE TABLE t (a int, "(a) REFERENCES b" int, "x ""a"" y" int, UNIQUE (a),
    CONSTRAINT k FOREIGN KEY ("(a) REFERENCES b") REFERENCES t (a),
    CONSTRAINT l FOREIGN KEY ("x ""a"" y") REFERENCES t (a));
-- to
CREATE TABLE t (a int, "x ""a"" y" int);
-- rows
INSERT INTO t VALUES (1, 1, 1);

-- pair quoted-words-in-settings
CREATE TABLE t (a int NOT NULL);
CREATE UNIQUE INDEX "a TRIGGER b" ON t (a);
ALTER TABLE t REPLICA IDENTITY USING INDEX "a TRIGGER b";
ALTER TABLE t CLUSTER ON "a TRIGGER b";
-- to
CREATE TABLE t (a int NOT NULL, b int NOT NULL);
CREATE UNIQUE INDEX "a TRIGGER b" ON t (b, a);
ALTER TABLE t REPLICA IDENTITY USING INDEX "a TRIGGER b";
ALTER TABLE t CLUSTER ON "a TRIGGER b";

-- pair dots-in-the-name-of-a-sequence
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "one.two"));
-- to
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "three.four"));
-- rows
INSERT INTO t DEFAULT VALUES;

-- pair attribute-of-a-longer-type
CREATE TYPE c AS (a varchar);
CREATE FUNCTION f() RETURNS c LANGUAGE sql AS $$SELECT ROW('x')::c$$;
CREATE VIEW v AS SELECT (f()).a;
-- to
CREATE TYPE c AS (a varchar(10));
CREATE FUNCTION f() RETURNS c LANGUAGE sql AS $$SELECT ROW('x')::c$$;
CREATE VIEW v AS SELECT (f()).a;
