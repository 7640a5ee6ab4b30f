-- Pairs of schemas, as in pairs.sql: what CREATE TABLE has inside, and what runs
-- functions that read more than the catalogs know.

-- pair checks-call-functions
CREATE TABLE account (id int PRIMARY KEY, kind text);
-- to
CREATE TABLE kinds (name text PRIMARY KEY);
CREATE FUNCTION is_kind(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 IS NULL OR EXISTS (SELECT FROM kinds WHERE name = $1)';
CREATE FUNCTION a_kind(text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN is_kind($1) OR EXISTS (SELECT FROM z_more); END';
CREATE TABLE account (id int PRIMARY KEY, kind text, CHECK (is_kind(kind)));
CREATE TABLE z_more (kind text);
CREATE TABLE a_first (kind text);
ALTER TABLE a_first ADD CHECK (a_kind(kind));
-- rows
INSERT INTO account VALUES (1, NULL);

-- pair domain-checks-call-functions
CREATE TABLE price (id int PRIMARY KEY, amount int);
-- to
CREATE DOMAIN amount AS int;
CREATE TABLE limits (most int);
CREATE FUNCTION is_amount(int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 IS NULL OR $1 <= coalesce((SELECT max(most) FROM limits), $1)';
ALTER DOMAIN amount ADD CHECK (is_amount(VALUE));
CREATE TABLE a_price (id int PRIMARY KEY, amount amount);
CREATE TABLE price (id int PRIMARY KEY, amount amount);
-- rows
INSERT INTO price VALUES (1, 2);

-- pair domain-checks-look-at-their-tables
CREATE TABLE t (n int);
-- to
CREATE DOMAIN d AS int;
CREATE TABLE t (n int, m d);
CREATE FUNCTION few() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT count(*) < 100 FROM t';
ALTER DOMAIN d ADD CHECK (few());
CREATE DOMAIN e AS d CHECK (VALUE > 0);
CREATE TABLE u (e e, list e[]);
-- rows
INSERT INTO t VALUES (1);

-- pair indexes-call-functions
CREATE TABLE word (id int PRIMARY KEY, word text);
-- to
CREATE TABLE word (id int PRIMARY KEY, word text);
CREATE TABLE z_stop (word text);
CREATE FUNCTION stem(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT coalesce((SELECT min(word) FROM public.z_stop WHERE word = $1), $1)';
CREATE FUNCTION a_stem(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.stem($1); END';
CREATE INDEX by_stem ON word (a_stem(word)) WHERE stem('x') = word;
CREATE TABLE a_word (word text);
CREATE UNIQUE INDEX a_by_stem ON a_word (stem(word));
-- rows
INSERT INTO word VALUES (1, 'a');

-- pair columns-call-functions
CREATE TABLE item (id int PRIMARY KEY);
-- to
CREATE TABLE z_next (n int);
CREATE FUNCTION next() RETURNS int LANGUAGE sql AS 'SELECT coalesce(max(n), 0) + 1 FROM z_next';
CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 * (2 + (SELECT count(*) FROM z_next)); END';
CREATE TABLE item (id int PRIMARY KEY, n int NOT NULL DEFAULT next(), m int GENERATED ALWAYS AS (twice(id)) STORED, UNIQUE (m));
-- rows
INSERT INTO item VALUES (1), (2);

-- pair filled-through-functions
CREATE TABLE sale (id int PRIMARY KEY, amount int);
-- to
CREATE TABLE sale (id int PRIMARY KEY, amount int);
CREATE MATERIALIZED VIEW z_total AS SELECT sum(amount) AS total FROM sale;
CREATE FUNCTION total() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT total FROM public."z_total"); END';
CREATE FUNCTION half() RETURNS bigint LANGUAGE sql AS 'SELECT public.total() / 2';
CREATE VIEW m_view AS SELECT half() AS half;
CREATE MATERIALIZED VIEW a_half AS SELECT half FROM m_view;
CREATE MATERIALIZED VIEW b_both AS SELECT half FROM a_half, z_total;
-- rows
INSERT INTO sale VALUES (1, 10);

-- pair inside
CREATE TABLE a (id int PRIMARY KEY);
-- to
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE "In side" (
    id serial CONSTRAINT "the key" PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,
    code text CONSTRAINT "a code" UNIQUE WITH (fillfactor = 70),
    n int CHECK (n > 0),
    m int,
    r int4range,
    CONSTRAINT apart EXCLUDE USING gist (r WITH &&) WHERE (n > 1),
    CONSTRAINT more UNIQUE (n) INCLUDE (m),
    CONSTRAINT alone CHECK (m > 0) NO INHERIT,
    CONSTRAINT refers FOREIGN KEY (m) REFERENCES a
);
ALTER TABLE "In side" ADD CONSTRAINT "not yet" CHECK (m < 100) NOT VALID;
COMMENT ON CONSTRAINT "a code" ON "In side" IS 'said of a key';
COMMENT ON CONSTRAINT "In side_n_check" ON "In side" IS 'said of a check';
COMMENT ON INDEX more IS 'said of an index';
CREATE TABLE child (more text UNIQUE, CONSTRAINT "In side_n_check" CHECK (n > 0)) INHERITS ("In side");
CREATE TABLE parted (id int, n int CHECK (n > 0), PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE parted1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
ALTER TABLE parted1 ADD CONSTRAINT own UNIQUE (id, n);
CREATE TABLE parted2 PARTITION OF parted FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
CREATE TABLE parted2a PARTITION OF parted2 FOR VALUES IN (11, 12);
-- rows
INSERT INTO a VALUES (1);

-- pair only-where-there-are-children
CREATE TABLE parent (id int PRIMARY KEY, v text DEFAULT 'a');
CREATE TABLE child () INHERITS (parent);
CREATE TABLE plain (id int PRIMARY KEY, v text DEFAULT 'a');
-- to
CREATE TABLE parent (id int PRIMARY KEY, v text DEFAULT 'b');
ALTER TABLE parent ALTER v SET STATISTICS 10;
CREATE TABLE child () INHERITS (parent);
ALTER TABLE child ALTER v SET DEFAULT 'a';
CREATE TABLE plain (id int PRIMARY KEY, v text DEFAULT 'b');
ALTER TABLE plain ALTER v SET STATISTICS 10;
-- rows
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (2);
INSERT INTO plain VALUES (1);

-- pair keys-alike
CREATE TABLE a (id int NOT NULL, b int);
-- to
CREATE TABLE a (id int NOT NULL, b int, CONSTRAINT a_pkey PRIMARY KEY (id));
ALTER TABLE a ADD CONSTRAINT one UNIQUE (id), ADD CONSTRAINT two UNIQUE (id), ADD CONSTRAINT "both" UNIQUE (id, b);
ALTER TABLE a ADD CONSTRAINT other UNIQUE (id, b);
CREATE TABLE n (id int, CONSTRAINT n1 UNIQUE (id));
ALTER TABLE n ADD CONSTRAINT n2 UNIQUE (id);
-- rows
INSERT INTO a VALUES (1, 2);
