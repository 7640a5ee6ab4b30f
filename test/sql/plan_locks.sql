-- migr_plan(): lock, rewrite, scan and rule of each statement of test/data/locks.tsv,
-- where they were measured on tables with rows, on servers without migr.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE DATABASE regress_plan_locks TEMPLATE template0;
\c regress_plan_locks
SET client_min_messages = warning;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
CREATE ROLE regress_plan_owner;
SET timezone = 'Europe/Berlin';

CREATE TEMP TABLE fixture AS SELECT $fixture$
-- migr:revision fixture
-- migr:upgrade
CREATE EXTENSION citext;
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN posint AS int;
CREATE DOMAIN ck_dom AS int CHECK (value > -1000);
CREATE TYPE comp AS (x int, y int);
CREATE TABLE parent (id bigint PRIMARY KEY, a int);
CREATE TABLE child (id bigint PRIMARY KEY, a int, parent_id bigint);
ALTER TABLE child ADD CONSTRAINT child_fk FOREIGN KEY (parent_id) REFERENCES parent (id);
CREATE TABLE t (id bigserial PRIMARY KEY, a int, b text, c varchar(50), d numeric(10, 2), e timestamp,
                ts3 timestamp(3), u int, big int, parent_id bigint, r int4range, nn int NOT NULL DEFAULT 1,
                ck int CHECK (ck > 0), m mood, pos posint);
CREATE INDEX t_a_idx ON t (a);
CREATE INDEX t_b_idx ON t (b);
CREATE INDEX t_c_idx ON t (c);
CREATE INDEX t_d_idx ON t (d);
CREATE INDEX t_e_idx ON t (e);
CREATE TABLE nopk (a int, b int NOT NULL);
CREATE UNIQUE INDEX nopk_a_idx ON nopk (a);
CREATE TABLE p (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE pdef PARTITION OF p DEFAULT;
CREATE TABLE pnew (id int, at date NOT NULL);
CREATE VIEW v AS SELECT a FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT id, a FROM t;
CREATE SEQUENCE s;
CREATE FUNCTION trgf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION trgf();
CREATE UNLOGGED TABLE unl (a int);
CREATE TABLE typed OF comp;
$fixture$ AS script;
CREATE TEMP TABLE rows AS SELECT $rows$
INSERT INTO parent SELECT i, i FROM generate_series(1, 100) i;
INSERT INTO child SELECT i, i, i FROM generate_series(1, 100) i;
INSERT INTO t (a, b, c, d, e, ts3, u, big, parent_id, r, ck, m, pos)
    SELECT i, i, i, i, now(), now(), i, i, i, int4range(i, i + 1), i, 'ok', i FROM generate_series(1, 100) i;
INSERT INTO nopk SELECT i, i FROM generate_series(1, 100) i;
INSERT INTO p SELECT i, d FROM generate_series(1, 100) i,
    unnest('{2024-02-02, 2025-02-02, 2030-02-02}'::date[]) d;
INSERT INTO pnew SELECT i, '2026-02-02' FROM generate_series(1, 100) i;
INSERT INTO unl SELECT i FROM generate_series(1, 100) i;
INSERT INTO typed SELECT i, i FROM generate_series(1, 100) i;
REFRESH MATERIALIZED VIEW mv;
$rows$ AS sql;

CREATE TEMP TABLE expected (n int, rule text, statement text, locks text, rewrites text, scans text, majors text);
\copy expected FROM 'test/data/locks.tsv'
SELECT count(DISTINCT n) FROM expected;
DELETE FROM expected WHERE current_setting('server_version_num')::int / 10000
    NOT BETWEEN split_part(majors, '-', 1)::int AND coalesce(nullif(split_part(majors, '-', 2), ''), '99')::int;

SELECT count(*) FROM fixture, migr_load(script);
SELECT migr_upgrade('head');
SELECT count(*) = (SELECT count(*) FROM expected) AS all FROM expected, migr_load(format(E'-- migr:revision r%s\n-- migr:revises fixture\n%s-- migr:upgrade\n%s;\n-- migr:downgrade\n',
    n, CASE WHEN statement ~ 'concurrently' AND rule <> 'concurrently-in-transaction' THEN E'-- migr:transaction off\n' ELSE '' END, statement));

CREATE TEMP VIEW planned AS
SELECT n, p.* FROM expected, migr_plan('r' || n) p;

-- while all of it is empty, there is no hazard but in what fails or is about no table
SELECT DISTINCT hazard FROM planned WHERE hazard IS NOT NULL ORDER BY 1;

DO $do$BEGIN EXECUTE (SELECT sql FROM rows); END$do$;

CREATE TEMP TABLE last AS
SELECT p.* FROM planned p JOIN (SELECT n, max(step) AS step FROM planned GROUP BY 1) l USING (n, step);

-- a statement's locks; in the table they stand by their initials
CREATE TEMP TABLE measured AS
SELECT n,
       coalesce(string_agg(DISTINCT replace(relation, 'public.', '') || '=' || regexp_replace(lock_mode, '[a-z]', '', 'g'), ' '
           ORDER BY replace(relation, 'public.', '') || '=' || regexp_replace(lock_mode, '[a-z]', '', 'g')), '-') AS locks,
       coalesce(string_agg(DISTINCT replace(relation, 'public.', ''), ' ') FILTER (WHERE rewrites), '-') AS rewrites,
       coalesce(string_agg(DISTINCT replace(relation, 'public.', ''), ' ') FILTER (WHERE scans), '-') AS scans,
       coalesce(string_agg(DISTINCT hazard, ' '), '-') AS hazards,
       count(advice) > 0 AS advised
  FROM (SELECT n, relation, replace(replace(replace(lock_mode, 'Lock', ''), 'ShareUpdateExclusive', 'SUE'), 'Exclusive', 'X') AS lock_mode, rewrites, scans, hazard, advice FROM last) l
 GROUP BY n;
CREATE FUNCTION pg_temp.sorted(text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(w COLLATE "C", ' ' ORDER BY w COLLATE "C") FROM regexp_split_to_table($1, ' ') w$$;

-- what is not as it was measured: nothing
SELECT n, e.statement, m.locks, e.locks AS expected, m.rewrites, e.rewrites AS expected, m.scans, e.scans AS expected
  FROM expected e LEFT JOIN measured m USING (n)
 WHERE (pg_temp.sorted(m.locks), pg_temp.sorted(m.rewrites), pg_temp.sorted(m.scans))
    IS DISTINCT FROM (pg_temp.sorted(e.locks), pg_temp.sorted(e.rewrites), pg_temp.sorted(e.scans))
 ORDER BY n;

-- the rules: what is harmless is in parentheses, and told as advice
SELECT n, e.statement, e.rule, m.hazards
  FROM expected e LEFT JOIN measured m USING (n)
 WHERE m.hazards IS DISTINCT FROM CASE WHEN e.rule ~ '^\(' THEN '-' ELSE e.rule END OR NOT m.advised
 ORDER BY n;

\c postgres
DROP DATABASE regress_plan_locks;
DROP ROLE regress_plan_owner;
