-- Every column of every catalog, for t/029_catalog_columns.pl: what a user can change
-- of it, or why nobody can.  "-- == CATALOG" is followed by a schema.  "-- >> COLUMN …"
-- is followed by what changes these columns, each of which the schema has to tell;
-- "-- not COLUMN …: why" are those that no schema tells.  The changes of a catalog
-- are made one behind the other in the end, so each has to work then.  A catalog
-- without any says so by "-- not *: why".  Lines that end with "-- 15+" or "-- 14-"
-- are for those server majors only, "-- 15+ -- 16-" for both.

-- == pg_aggregate
-- not aggkind: the word ORDER BY in its arguments, with which it is another aggregate
-- not aggfnoid: the number of its row in pg_proc
CREATE FUNCTION fin(int) RETURNS text LANGUAGE sql AS 'select null::text';
CREATE FUNCTION fin2(int) RETURNS text LANGUAGE sql AS 'select null::text';
CREATE FUNCTION finx(int, int) RETURNS text LANGUAGE sql AS 'select null::text';
CREATE FUNCTION other(int, int) RETURNS int LANGUAGE sql AS 'select $1 + $2';
CREATE FUNCTION other8(bigint, int) RETURNS bigint LANGUAGE sql AS 'select $1 + $2';
CREATE AGGREGATE trans(int) (sfunc = int4pl, stype = int);
CREATE AGGREGATE final(int) (sfunc = int4pl, stype = int, finalfunc = fin);
CREATE AGGREGATE extra(int) (sfunc = int4pl, stype = int, finalfunc = finx, finalfunc_extra);
CREATE AGGREGATE modify(int) (sfunc = int4pl, stype = int, finalfunc = fin);
CREATE AGGREGATE combine(int) (sfunc = int4pl, stype = int);
CREATE AGGREGATE serial(numeric) (sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg);
CREATE AGGREGATE moving(int) (sfunc = int4pl, stype = int);
CREATE AGGREGATE moved(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, mfinalfunc = fin, finalfunc = fin);
CREATE AGGREGATE sorted(int) (sfunc = int4larger, stype = int);
CREATE AGGREGATE direct(float8 ORDER BY float8) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
-- >> aggtransfn
CREATE OR REPLACE AGGREGATE trans(int) (sfunc = other, stype = int);
-- >> aggtranstype
DROP AGGREGATE trans(int);
CREATE AGGREGATE trans(int) (sfunc = other8, stype = bigint);
-- >> aggtransspace
CREATE OR REPLACE AGGREGATE trans(int) (sfunc = other8, stype = bigint, sspace = 100);
-- >> agginitval
CREATE OR REPLACE AGGREGATE trans(int) (sfunc = other8, stype = bigint, sspace = 100, initcond = '7');
-- >> aggfinalfn
CREATE OR REPLACE AGGREGATE final(int) (sfunc = int4pl, stype = int, finalfunc = fin2);
-- >> aggfinalextra
DROP AGGREGATE extra(int);
CREATE AGGREGATE extra(int) (sfunc = int4pl, stype = int, finalfunc = fin);
-- >> aggfinalmodify
CREATE OR REPLACE AGGREGATE modify(int) (sfunc = int4pl, stype = int, finalfunc = fin, finalfunc_modify = shareable);
-- >> aggcombinefn
CREATE OR REPLACE AGGREGATE combine(int) (sfunc = int4pl, stype = int, combinefunc = int4pl);
-- >> aggserialfn aggdeserialfn
CREATE OR REPLACE AGGREGATE serial(numeric) (sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg, combinefunc = numeric_avg_combine, serialfunc = numeric_avg_serialize, deserialfunc = numeric_avg_deserialize);
-- >> aggmtransfn aggminvtransfn aggmtranstype
CREATE OR REPLACE AGGREGATE moving(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int);
-- >> aggmtransspace aggminitval
CREATE OR REPLACE AGGREGATE moving(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, msspace = 100, minitcond = '3');
-- >> aggmfinalfn
CREATE OR REPLACE AGGREGATE moved(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, mfinalfunc = fin2, finalfunc = fin);
-- >> aggmfinalextra
CREATE OR REPLACE AGGREGATE moved(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, mfinalfunc = finx, mfinalfunc_extra, finalfunc = fin);
-- >> aggmfinalmodify
CREATE OR REPLACE AGGREGATE moved(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, mfinalfunc = finx, mfinalfunc_extra, mfinalfunc_modify = read_write, finalfunc = fin);
-- >> aggsortop
CREATE OR REPLACE AGGREGATE sorted(int) (sfunc = int4larger, stype = int, sortop = >);
-- >> aggnumdirectargs
DROP AGGREGATE direct(float8 ORDER BY float8);

-- == pg_am
-- not oid: a number of the server's own
CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler;
CREATE ACCESS METHOD am2 TYPE INDEX HANDLER bthandler;
-- >> amhandler
DROP ACCESS METHOD am;
CREATE ACCESS METHOD am TYPE INDEX HANDLER hashhandler;
-- >> amtype
DROP ACCESS METHOD am;
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler;
-- >> amname
DROP ACCESS METHOD am2;
CREATE ACCESS METHOD am3 TYPE INDEX HANDLER bthandler;

-- == pg_amop
-- not oid amopfamily amopmethod: numbers of the family
CREATE OPERATOR FAMILY fam USING btree;
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int, bigint), OPERATOR 2 <= (int, bigint), OPERATOR 3 = (int, bigint), FUNCTION 1 (int, bigint) btint48cmp(int, bigint);
CREATE OPERATOR FAMILY near USING gist;
ALTER OPERATOR FAMILY near USING gist ADD OPERATOR 1 <-> (point, point) FOR ORDER BY pg_catalog.float_ops;
-- >> amopstrategy
ALTER OPERATOR FAMILY fam USING btree DROP OPERATOR 1 (int, bigint);
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 5 < (int, bigint);
-- >> amopopr
ALTER OPERATOR FAMILY fam USING btree DROP OPERATOR 3 (int, bigint);
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 3 <> (int, bigint);
-- >> amoplefttype amoprighttype
ALTER OPERATOR FAMILY fam USING btree DROP OPERATOR 2 (int, bigint);
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 2 <= (bigint, int);
-- >> amoppurpose amopsortfamily
ALTER OPERATOR FAMILY near USING gist DROP OPERATOR 1 (point, point);
ALTER OPERATOR FAMILY near USING gist ADD OPERATOR 1 >> (point, point);

-- == pg_amproc
-- not oid amprocfamily: numbers of the family
CREATE OPERATOR FAMILY fam USING btree;
ALTER OPERATOR FAMILY fam USING btree ADD FUNCTION 1 (int, bigint) btint48cmp(int, bigint), FUNCTION 1 (int, int2) btint42cmp(int, int2);
-- >> amproc
ALTER OPERATOR FAMILY fam USING btree DROP FUNCTION 1 (int, bigint);
ALTER OPERATOR FAMILY fam USING btree ADD FUNCTION 1 (int, bigint) btint42cmp(int, int2);
-- >> amproclefttype amprocrighttype
ALTER OPERATOR FAMILY fam USING btree DROP FUNCTION 1 (int, int2);
ALTER OPERATOR FAMILY fam USING btree ADD FUNCTION 1 (int2, int) btint24cmp(int2, int);
-- >> amprocnum
ALTER OPERATOR FAMILY fam USING btree ADD FUNCTION 2 (int, int) btint4sortsupport(internal);

-- == pg_attrdef
-- not oid adrelid adnum: which column it is of
CREATE TABLE t (a int DEFAULT 1, b int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a int) SERVER s;
-- >> adbin
ALTER TABLE t ALTER a SET DEFAULT 2;
-- >> adbin
ALTER TABLE t ALTER b SET DEFAULT 2;
-- >> adbin
ALTER VIEW v ALTER a SET DEFAULT 3;
-- >> adbin
ALTER FOREIGN TABLE f ALTER a SET DEFAULT 4;

-- == pg_attribute
-- not attrelid attnum attlen attbyval attalign attndims: which one it is, and what follows from its type
-- not attcacheoff: of memory -- 17-
-- not atthasdef: is there a row of pg_attrdef
-- not atthasmissing attmissingval: how rows are stored that are older than the column
-- not attislocal: has a child it of its own as well, which no statement takes back from it
-- not attisdropped: a column that is no more
CREATE TABLE t (a int, b text, c int, d int NOT NULL, g int, i int, plain int) PARTITION BY RANGE (a);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 (a int, b text, c int, d int, g int, i int NOT NULL, n int);
CREATE INDEX e ON t2 ((a + 1), (c + 1));
CREATE TYPE comp AS (a int, b text);
CREATE VIEW v AS SELECT a, b FROM t2;
CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t2;
CREATE TABLE parent (a int);
CREATE TABLE child (a int);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a int, b text) SERVER s;
-- >> attname
ALTER TABLE t RENAME plain TO other;
-- >> attname
ALTER TYPE comp RENAME ATTRIBUTE a TO aa;
-- >> attname
ALTER VIEW v RENAME a TO aa;
-- >> attname
ALTER MATERIALIZED VIEW m RENAME a TO aa;
-- >> atttypid
ALTER TABLE t ALTER c TYPE bigint;
-- >> atttypid
ALTER FOREIGN TABLE f ALTER a TYPE bigint;
-- >> atttypid
ALTER TYPE comp ALTER ATTRIBUTE aa TYPE bigint;
-- >> atttypmod
ALTER TABLE t ALTER b TYPE varchar(10);
-- >> atttypmod
ALTER TABLE t ALTER b TYPE varchar(12);
-- >> attcollation
ALTER TABLE t ALTER b TYPE varchar(12) COLLATE "C";
-- >> attcollation
ALTER TYPE comp ALTER ATTRIBUTE b TYPE text COLLATE "C";
-- >> attstattarget
ALTER TABLE ONLY t ALTER c SET STATISTICS 77;
-- >> attstattarget
ALTER TABLE p ALTER c SET STATISTICS 78;
-- >> attstattarget
ALTER MATERIALIZED VIEW m ALTER aa SET STATISTICS 79;
-- >> attstattarget
ALTER FOREIGN TABLE f ALTER a SET STATISTICS 80;
-- >> attstattarget
ALTER INDEX e ALTER COLUMN 2 SET STATISTICS 81;
-- >> attstorage
ALTER TABLE t2 ALTER b SET STORAGE EXTERNAL;
-- >> attstorage
ALTER MATERIALIZED VIEW m ALTER b SET STORAGE MAIN;
-- >> attstorage
ALTER FOREIGN TABLE f ALTER b SET STORAGE MAIN;
-- >> attstorage
ALTER TABLE ONLY t ALTER b SET STORAGE EXTERNAL;
-- >> attcompression -- 14+
ALTER TABLE t2 ALTER b SET COMPRESSION pglz; -- 14+
-- >> attcompression -- 14+
ALTER MATERIALIZED VIEW m ALTER b SET COMPRESSION pglz; -- 14+
-- >> attcompression -- 14+
ALTER TABLE ONLY t ALTER b SET COMPRESSION pglz; -- 14+
-- >> attnotnull
ALTER TABLE t2 ALTER n SET NOT NULL;
-- >> attnotnull
ALTER TABLE t ALTER d DROP NOT NULL;
-- >> attnotnull
ALTER FOREIGN TABLE f ALTER a SET NOT NULL;
-- >> attidentity
ALTER TABLE t2 ALTER i ADD GENERATED ALWAYS AS IDENTITY;
-- >> attidentity
ALTER TABLE t2 ALTER i SET GENERATED BY DEFAULT;
-- >> attgenerated
ALTER TABLE t2 DROP g, ADD g int GENERATED ALWAYS AS (a + 1) STORED;
-- >> attgenerated -- 18+
ALTER TABLE t2 DROP g, ADD g int GENERATED ALWAYS AS (a + 1) VIRTUAL; -- 18+
-- >> attinhcount
ALTER TABLE child INHERIT parent;
-- >> attacl
GRANT SELECT (a) ON t2 TO regress_columns_a;
-- >> attacl
GRANT SELECT (aa) ON v TO regress_columns_a;
-- >> attacl
GRANT SELECT (aa) ON m TO regress_columns_a;
-- >> attacl
GRANT SELECT (a) ON f TO regress_columns_a;
-- >> attoptions
ALTER TABLE t2 ALTER a SET (n_distinct = 7);
-- >> attoptions
ALTER TABLE ONLY t ALTER a SET (n_distinct_inherited = 7);
-- >> attoptions
ALTER MATERIALIZED VIEW m ALTER aa SET (n_distinct = 7);
-- >> attoptions
ALTER FOREIGN TABLE f ALTER a SET (n_distinct = 7);
-- >> attfdwoptions
ALTER FOREIGN TABLE f ALTER a OPTIONS (ADD x 'y');

-- == pg_auth_members
-- not *: roles are of the cluster

-- == pg_authid
-- not *: roles are of the cluster

-- == pg_cast
-- not oid: a number of the server's own
CREATE TYPE c1 AS (a int);
CREATE TYPE c2 AS (a int);
CREATE TYPE c3 AS (a int);
CREATE FUNCTION ff(c1) RETURNS c2 LANGUAGE sql AS 'select $1.a';
CREATE FUNCTION ff2(c1) RETURNS c2 LANGUAGE sql AS 'select $1.a + 1';
CREATE CAST (c1 AS c2) WITH FUNCTION ff(c1);
CREATE CAST (c3 AS text) WITH INOUT;
-- >> castfunc
DROP CAST (c1 AS c2);
CREATE CAST (c1 AS c2) WITH FUNCTION ff2(c1);
-- >> castcontext
DROP CAST (c1 AS c2);
CREATE CAST (c1 AS c2) WITH FUNCTION ff2(c1) AS IMPLICIT;
-- >> castmethod
DROP CAST (c1 AS c2);
CREATE CAST (c1 AS c2) WITH INOUT AS IMPLICIT;
-- >> castsource casttarget
DROP CAST (c3 AS text);
CREATE CAST (text AS c3) WITH INOUT;

-- == pg_class
-- not oid reltype relnatts relchecks relhasindex relhasrules relhastriggers relhassubclass: what other catalogs tell
-- not relfilenode relpages reltuples relallvisible reltoastrelid relrewrite relfrozenxid relminmxid: how it is stored
-- not relallfrozen: how it is stored -- 18+
-- not relisshared: the cluster's own
-- not relkind: what it is; one becomes no other, but a table a view by rules up to 13
-- not relispopulated: are there rows; each populated view is filled when it is made
CREATE SCHEMA other;
CREATE TABLE t (a int PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY, u int UNIQUE NOT NULL);
CREATE TABLE t2 (a int, s serial);
CREATE TYPE ty AS (a int);
CREATE TABLE tt (a int);
CREATE TABLE named (a int PRIMARY KEY);
CREATE VIEW v AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
CREATE INDEX x ON t2 (a);
CREATE SEQUENCE q;
CREATE TABLE part (a int, b int) PARTITION BY LIST (a);
CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a int) SERVER s;
CREATE TYPE comp AS (a int);
-- >> relname
ALTER TABLE named RENAME TO named2;
-- >> relname
ALTER TABLE named2 RENAME CONSTRAINT named_pkey TO k;
-- >> relname
ALTER INDEX x RENAME TO x2;
-- >> relname
ALTER SEQUENCE q RENAME TO q2;
-- >> relname
ALTER SEQUENCE t_i_seq RENAME TO t_j_seq;
-- >> relname
ALTER SEQUENCE t2_s_seq RENAME TO t2_ss_seq;
-- >> relname
ALTER VIEW v RENAME TO v2;
-- >> relname
ALTER MATERIALIZED VIEW m RENAME TO m2;
-- >> relnamespace
ALTER TABLE named2 SET SCHEMA other;
-- >> relnamespace
ALTER SEQUENCE q2 SET SCHEMA other;
-- >> reloftype
ALTER TABLE tt OF ty;
-- >> relowner
ALTER TABLE t2 OWNER TO regress_columns_a;
-- >> relowner
ALTER VIEW v2 OWNER TO regress_columns_a;
-- >> relowner
ALTER MATERIALIZED VIEW m2 OWNER TO regress_columns_a;
-- >> relowner
ALTER SEQUENCE other.q2 OWNER TO regress_columns_a;
-- >> relowner
ALTER FOREIGN TABLE f OWNER TO regress_columns_a;
-- >> relowner
ALTER TYPE comp OWNER TO regress_columns_a;
-- >> relowner
ALTER TABLE part1 OWNER TO regress_columns_a;
-- >> relam
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE of_am (a int) USING am;
-- >> relam
CREATE MATERIALIZED VIEW view_of_am USING am AS SELECT 1 AS a;
-- >> relam -- 15+
ALTER TABLE t2 SET ACCESS METHOD am; -- 15+
-- >> relam -- 17+
ALTER TABLE part SET ACCESS METHOD am; -- 17+
-- >> reltablespace
ALTER TABLE t2 SET TABLESPACE regress_columns_space;
-- >> reltablespace
ALTER INDEX x2 SET TABLESPACE regress_columns_space;
-- >> reltablespace
ALTER INDEX t_pkey SET TABLESPACE regress_columns_space;
-- >> reltablespace
ALTER MATERIALIZED VIEW m2 SET TABLESPACE regress_columns_space;
-- >> reltablespace
ALTER TABLE part SET TABLESPACE regress_columns_space;
-- >> reltablespace
CREATE INDEX part_b ON part (b) TABLESPACE regress_columns_space;
-- >> relpersistence
ALTER TABLE tt SET UNLOGGED;
-- >> relpersistence -- 15+
ALTER SEQUENCE other.q2 SET UNLOGGED; -- 15+
-- >> relpersistence -- 15+
ALTER SEQUENCE t_j_seq SET UNLOGGED; -- 15+
-- >> relrowsecurity
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
-- >> relforcerowsecurity
ALTER TABLE t FORCE ROW LEVEL SECURITY;
-- >> relreplident
ALTER TABLE t REPLICA IDENTITY FULL;
-- >> relreplident
ALTER TABLE t REPLICA IDENTITY USING INDEX t_u_key;
-- >> relreplident
ALTER TABLE part1 REPLICA IDENTITY NOTHING;
-- >> relreplident
ALTER MATERIALIZED VIEW m2 REPLICA IDENTITY FULL;
-- >> relispartition relpartbound
ALTER TABLE part DETACH PARTITION part1;
-- >> relpartbound
ALTER TABLE part ATTACH PARTITION part1 FOR VALUES IN (1, 2);
-- >> relacl
GRANT SELECT ON t TO regress_columns_a;
-- >> relacl
GRANT SELECT ON v2 TO regress_columns_a WITH GRANT OPTION;
-- >> relacl
GRANT SELECT ON m2 TO regress_columns_b;
-- >> relacl
GRANT USAGE ON SEQUENCE other.q2 TO regress_columns_b;
-- >> relacl
GRANT USAGE ON SEQUENCE t_j_seq TO regress_columns_b;
-- >> relacl
GRANT USAGE ON SEQUENCE t2_ss_seq TO regress_columns_b;
-- >> relacl
GRANT SELECT ON f TO regress_columns_b;
-- >> relacl
GRANT SELECT ON part1 TO regress_columns_b;
-- >> reloptions
ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = false);
-- >> reloptions
ALTER TABLE t SET (toast.autovacuum_enabled = false, toast_tuple_target = 512);
-- >> reloptions
ALTER TABLE t ADD b text;
ALTER TABLE t SET (toast.autovacuum_enabled = false);
-- >> reloptions
ALTER VIEW v2 SET (security_barrier);
-- >> reloptions -- 15+
ALTER VIEW v2 SET (security_invoker); -- 15+
-- >> reloptions
CREATE OR REPLACE VIEW v2 WITH (security_barrier) AS SELECT a FROM t WHERE a > 0 WITH LOCAL CHECK OPTION;
-- >> reloptions
ALTER MATERIALIZED VIEW m2 SET (fillfactor = 70);
-- >> reloptions
ALTER INDEX x2 SET (fillfactor = 70);
-- >> reloptions
ALTER INDEX t_pkey SET (fillfactor = 70);

-- == pg_collation
-- not oid: a number of the server's own
-- not collversion: which release of its library has made the indexes here, which no statement chooses
CREATE SCHEMA other;
CREATE COLLATION c (locale = 'C');
CREATE COLLATION c2 (lc_collate = 'C', lc_ctype = 'C');
CREATE COLLATION icu (provider = icu, locale = 'de');
-- >> collname
ALTER COLLATION c2 RENAME TO c3;
-- >> collnamespace
ALTER COLLATION c3 SET SCHEMA other;
-- >> collowner
ALTER COLLATION c OWNER TO regress_columns_a;
-- >> collctype
DROP COLLATION c;
CREATE COLLATION c (lc_collate = 'C', lc_ctype = 'POSIX');
-- >> collcollate
DROP COLLATION c;
CREATE COLLATION c (lc_collate = 'POSIX', lc_ctype = 'POSIX');
-- >> colliculocale -- 15+ -- 16-
-- >> colllocale -- 17+
DROP COLLATION icu; -- 15+
CREATE COLLATION icu (provider = icu, locale = 'fr'); -- 15+
-- >> collisdeterministic
DROP COLLATION icu;
CREATE COLLATION icu (provider = icu, locale = 'fr', deterministic = false);
-- >> collicurules -- 16+
DROP COLLATION icu; -- 16+
CREATE COLLATION icu (provider = icu, locale = 'fr', rules = '&V << w <<< W'); -- 16+
-- >> collprovider collencoding
DROP COLLATION icu;

-- == pg_constraint
-- not oid connamespace conrelid contypid conindid conparentid: which one it is
-- not conpfeqop conppeqop conffeqop: operators that follow from the types
-- not contype: what it is; one becomes no other
-- not coninhcount: the number of parents that have it
CREATE TABLE r (a int PRIMARY KEY, b int UNIQUE, c int, d int, UNIQUE (c, d));
CREATE TABLE r2 (a int PRIMARY KEY);
CREATE TABLE t (a int, b int, c int, d int, p point,
  CONSTRAINT u UNIQUE (a),
  CONSTRAINT c CHECK (a > 0),
  CONSTRAINT f FOREIGN KEY (a) REFERENCES r,
  CONSTRAINT f2 FOREIGN KEY (c, d) REFERENCES r (c, d),
  CONSTRAINT x EXCLUDE USING gist (p WITH ~=));
CREATE TABLE child (CONSTRAINT c CHECK (a > 0)) INHERITS (t);
CREATE TABLE own (a int);
ALTER TABLE own ADD CONSTRAINT v CHECK (a > 0) NOT VALID;
CREATE DOMAIN d AS int CONSTRAINT cd CHECK (value > 0);
ALTER DOMAIN d ADD CONSTRAINT cd2 CHECK (value > 1) NOT VALID;
-- >> conname
ALTER TABLE own RENAME CONSTRAINT v TO w;
-- >> conname
ALTER DOMAIN d RENAME CONSTRAINT cd TO ce;
-- >> convalidated
ALTER TABLE own VALIDATE CONSTRAINT w;
-- >> convalidated
ALTER DOMAIN d VALIDATE CONSTRAINT cd2;
-- >> conbin
ALTER TABLE own DROP CONSTRAINT w;
ALTER TABLE own ADD CONSTRAINT w CHECK (a > 1);
-- >> conbin
ALTER DOMAIN d DROP CONSTRAINT ce;
ALTER DOMAIN d ADD CONSTRAINT ce CHECK (value > 7);
-- >> connoinherit
ALTER TABLE own DROP CONSTRAINT w;
ALTER TABLE own ADD CONSTRAINT w CHECK (a > 1) NO INHERIT;
-- >> conislocal
CREATE TABLE child2 () INHERITS (t);
-- >> condeferrable
ALTER TABLE t ALTER CONSTRAINT f DEFERRABLE;
-- >> condeferred
ALTER TABLE t ALTER CONSTRAINT f INITIALLY DEFERRED;
-- >> condeferrable condeferred
ALTER TABLE t DROP CONSTRAINT u;
ALTER TABLE t ADD CONSTRAINT u UNIQUE (a) DEFERRABLE INITIALLY DEFERRED;
-- >> conkey
ALTER TABLE t DROP CONSTRAINT u;
ALTER TABLE t ADD CONSTRAINT u UNIQUE (b);
-- >> confkey
ALTER TABLE t DROP CONSTRAINT f;
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (b);
-- >> confrelid
ALTER TABLE t ADD CONSTRAINT f3 FOREIGN KEY (a) REFERENCES r2;
-- >> confupdtype
ALTER TABLE t DROP CONSTRAINT f;
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (b) ON UPDATE CASCADE;
-- >> confdeltype
ALTER TABLE t DROP CONSTRAINT f;
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (b) ON UPDATE CASCADE ON DELETE SET NULL;
-- >> confmatchtype
ALTER TABLE t DROP CONSTRAINT f2;
ALTER TABLE t ADD CONSTRAINT f2 FOREIGN KEY (c, d) REFERENCES r (c, d) MATCH FULL;
-- >> confdelsetcols -- 15+
ALTER TABLE t DROP CONSTRAINT f2; -- 15+
ALTER TABLE t ADD CONSTRAINT f2 FOREIGN KEY (c, d) REFERENCES r (c, d) ON DELETE SET NULL (d); -- 15+
-- >> conexclop
ALTER TABLE t DROP CONSTRAINT x;
ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING btree (d WITH =);
-- >> conenforced -- 18+
ALTER TABLE t ALTER CONSTRAINT f NOT ENFORCED; -- 18+
-- >> conperiod -- 18+
CREATE TABLE period (a int4range, b tsrange, PRIMARY KEY (a, b WITHOUT OVERLAPS)); -- 18+

-- == pg_conversion
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CONVERSION c2 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
-- >> conname
ALTER CONVERSION c2 RENAME TO c3;
-- >> connamespace
ALTER CONVERSION c3 SET SCHEMA other;
-- >> conowner
ALTER CONVERSION c OWNER TO regress_columns_a;
-- >> conforencoding contoencoding conproc
DROP CONVERSION c;
CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
-- >> condefault
DROP CONVERSION c;
CREATE DEFAULT CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;

-- == pg_database
-- not *: databases are of the cluster

-- == pg_db_role_setting
-- not *: settings of roles and databases are of the cluster

-- == pg_default_acl
-- not oid: a number of the server's own
CREATE SCHEMA other;
ALTER DEFAULT PRIVILEGES IN SCHEMA other GRANT SELECT ON TABLES TO regress_columns_a;
-- >> defaclacl
ALTER DEFAULT PRIVILEGES IN SCHEMA other GRANT INSERT ON TABLES TO regress_columns_a;
-- >> defaclobjtype
ALTER DEFAULT PRIVILEGES IN SCHEMA other GRANT USAGE ON SEQUENCES TO regress_columns_a;
-- >> defaclrole
ALTER DEFAULT PRIVILEGES FOR ROLE regress_columns_b IN SCHEMA other GRANT SELECT ON TABLES TO regress_columns_a;
-- >> defaclnamespace
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_columns_a;

-- == pg_depend
-- not classid objid refclassid: which objects these are; what follows from their definitions
CREATE EXTENSION citext;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TABLE t (a int, b int);
CREATE INDEX x ON t (a);
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE SEQUENCE q OWNED BY t.a;
-- >> deptype
ALTER FUNCTION f() DEPENDS ON EXTENSION citext;
-- >> deptype
ALTER INDEX x DEPENDS ON EXTENSION citext;
-- >> deptype
ALTER MATERIALIZED VIEW m DEPENDS ON EXTENSION citext;
-- >> deptype
ALTER TRIGGER tr ON t DEPENDS ON EXTENSION citext;
-- >> refobjsubid
ALTER SEQUENCE q OWNED BY t.b;
-- >> objsubid refobjid
ALTER SEQUENCE q OWNED BY NONE;
ALTER TABLE t ALTER a SET DEFAULT nextval('q');
ALTER TABLE t ADD c int GENERATED ALWAYS AS (b + 1) STORED;

-- == pg_description
-- not objoid classoid: which object it is of
CREATE SCHEMA sc;
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0) CONSTRAINT u UNIQUE, b int GENERATED ALWAYS AS IDENTITY);
CREATE INDEX x ON t (a);
CREATE VIEW v AS SELECT a FROM t;
CREATE RULE ru AS ON DELETE TO v DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE SEQUENCE q;
CREATE TYPE comp AS (a int);
CREATE TYPE en AS ENUM ('a');
CREATE TYPE ra AS RANGE (subtype = float8);
CREATE DOMAIN d AS int CONSTRAINT cd CHECK (value > 0);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';
CREATE PROCEDURE p() LANGUAGE sql AS 'select 1';
CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int);
CREATE OPERATOR === (function = int4eq, leftarg = int, rightarg = int);
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR CLASS oc FOR TYPE int USING btree FAMILY fam AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int,int);
CREATE CAST (comp AS text) WITH INOUT;
CREATE COLLATION co (locale = 'C');
CREATE CONVERSION con FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH CONFIGURATION tc (copy = english);
CREATE TEXT SEARCH DICTIONARY td (template = simple);
CREATE TEXT SEARCH PARSER tp (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE tt (lexize = dsimple_lexize);
CREATE STATISTICS st ON a, b FROM t;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE POLICY po ON t;
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE ft (a int) SERVER s;
CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler;
CREATE PUBLICATION pu FOR TABLE t;
CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION ev();
CREATE LANGUAGE la HANDLER plpgsql_call_handler;
CREATE FUNCTION tra(internal) RETURNS internal LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE TRANSFORM FOR en LANGUAGE la (FROM SQL WITH FUNCTION tra(internal));
CREATE EXTENSION citext;
-- >> description
COMMENT ON SCHEMA sc IS 'x';
-- >> description
COMMENT ON SCHEMA public IS 'x';
-- >> description
COMMENT ON TABLE t IS 'x';
-- >> description objsubid
COMMENT ON COLUMN t.a IS 'x';
-- >> description
COMMENT ON CONSTRAINT c ON t IS 'x';
-- >> description
COMMENT ON CONSTRAINT u ON t IS 'x';
-- >> description
COMMENT ON INDEX u IS 'x';
-- >> description
COMMENT ON SEQUENCE t_b_seq IS 'x';
-- >> description
COMMENT ON INDEX x IS 'x';
-- >> description
COMMENT ON VIEW v IS 'x';
-- >> description
COMMENT ON COLUMN v.a IS 'x';
-- >> description
COMMENT ON RULE ru ON v IS 'x';
-- >> description
COMMENT ON MATERIALIZED VIEW m IS 'x';
-- >> description
COMMENT ON COLUMN m.a IS 'x';
-- >> description
COMMENT ON SEQUENCE q IS 'x';
-- >> description
COMMENT ON TYPE comp IS 'x';
-- >> description
COMMENT ON COLUMN comp.a IS 'x';
-- >> description
COMMENT ON TYPE en IS 'x';
-- >> description
COMMENT ON TYPE ra IS 'x';
-- >> description
COMMENT ON DOMAIN d IS 'x';
-- >> description
COMMENT ON CONSTRAINT cd ON DOMAIN d IS 'x';
-- >> description
COMMENT ON FUNCTION f() IS 'x';
-- >> description
COMMENT ON PROCEDURE p() IS 'x';
-- >> description
COMMENT ON AGGREGATE ag(int) IS 'x';
-- >> description
COMMENT ON OPERATOR === (int, int) IS 'x';
-- >> description
COMMENT ON OPERATOR FAMILY fam USING btree IS 'x';
-- >> description
COMMENT ON OPERATOR CLASS oc USING btree IS 'x';
-- >> description
COMMENT ON CAST (comp AS text) IS 'x';
-- >> description
COMMENT ON COLLATION co IS 'x';
-- >> description
COMMENT ON CONVERSION con IS 'x';
-- >> description
COMMENT ON TEXT SEARCH CONFIGURATION tc IS 'x';
-- >> description
COMMENT ON TEXT SEARCH DICTIONARY td IS 'x';
-- >> description
COMMENT ON TEXT SEARCH PARSER tp IS 'x';
-- >> description
COMMENT ON TEXT SEARCH TEMPLATE tt IS 'x';
-- >> description
COMMENT ON STATISTICS st IS 'x';
-- >> description
COMMENT ON TRIGGER tr ON t IS 'x';
-- >> description
COMMENT ON POLICY po ON t IS 'x';
-- >> description
COMMENT ON FOREIGN DATA WRAPPER w IS 'x';
-- >> description
COMMENT ON SERVER s IS 'x';
-- >> description
COMMENT ON FOREIGN TABLE ft IS 'x';
-- >> description
COMMENT ON COLUMN ft.a IS 'x';
-- >> description
COMMENT ON ACCESS METHOD am IS 'x';
-- >> description
COMMENT ON PUBLICATION pu IS 'x';
-- >> description
COMMENT ON EVENT TRIGGER et IS 'x';
-- >> description
COMMENT ON LANGUAGE la IS 'x';
-- >> description
COMMENT ON TRANSFORM FOR en LANGUAGE la IS 'x';
-- >> description
COMMENT ON EXTENSION citext IS 'x';

-- == pg_enum
-- not oid enumtypid: numbers of the server's own
CREATE TYPE e AS ENUM ('a', 'b');
-- >> enumlabel
ALTER TYPE e RENAME VALUE 'b' TO 'c';
-- >> enumsortorder
ALTER TYPE e ADD VALUE 'bb' BEFORE 'c';

-- == pg_event_trigger
-- not oid: a number of the server's own
CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE FUNCTION ev2() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION ev();
CREATE EVENT TRIGGER et2 ON sql_drop EXECUTE FUNCTION ev();
-- >> evtname
ALTER EVENT TRIGGER et2 RENAME TO et3;
-- >> evtenabled
ALTER EVENT TRIGGER et DISABLE;
-- >> evtenabled
ALTER EVENT TRIGGER et ENABLE ALWAYS;
-- >> evtowner
ALTER EVENT TRIGGER et OWNER TO regress_columns_super;
-- >> evtfoid
DROP EVENT TRIGGER et3;
CREATE EVENT TRIGGER et3 ON sql_drop EXECUTE FUNCTION ev2();
-- >> evttags
DROP EVENT TRIGGER et3;
CREATE EVENT TRIGGER et3 ON sql_drop WHEN TAG IN ('DROP VIEW') EXECUTE FUNCTION ev2();
-- >> evtevent
DROP EVENT TRIGGER et3;
CREATE EVENT TRIGGER et3 ON ddl_command_end WHEN TAG IN ('DROP VIEW') EXECUTE FUNCTION ev2();

-- == pg_extension
-- not oid extrelocatable extconfig extcondition: what its own script says
-- not extowner: who has created it; no statement gives it to another
-- not extversion: CREATE EXTENSION takes what is installed where it runs
CREATE SCHEMA other;
CREATE EXTENSION citext;
-- >> extnamespace
ALTER EXTENSION citext SET SCHEMA other;
-- >> extname
DROP EXTENSION citext;

-- == pg_foreign_data_wrapper
-- not oid: a number of the server's own
CREATE EXTENSION file_fdw;
CREATE FOREIGN DATA WRAPPER w;
CREATE FOREIGN DATA WRAPPER w2;
-- >> fdwname
ALTER FOREIGN DATA WRAPPER w2 RENAME TO w3;
-- >> fdwowner
ALTER FOREIGN DATA WRAPPER w3 OWNER TO regress_columns_super;
-- >> fdwhandler
ALTER FOREIGN DATA WRAPPER w HANDLER file_fdw_handler;
-- >> fdwvalidator
ALTER FOREIGN DATA WRAPPER w VALIDATOR file_fdw_validator;
-- >> fdwacl
GRANT USAGE ON FOREIGN DATA WRAPPER w TO regress_columns_a;
-- >> fdwoptions
ALTER FOREIGN DATA WRAPPER w3 OPTIONS (ADD x 'y');

-- == pg_foreign_server
-- not oid: a number of the server's own
CREATE FOREIGN DATA WRAPPER w;
CREATE FOREIGN DATA WRAPPER w2;
CREATE SERVER s TYPE 'a' VERSION '1' FOREIGN DATA WRAPPER w;
CREATE SERVER s2 FOREIGN DATA WRAPPER w;
-- >> srvname
ALTER SERVER s2 RENAME TO s3;
-- >> srvowner
ALTER SERVER s3 OWNER TO regress_columns_super;
-- >> srvversion
ALTER SERVER s VERSION '2';
-- >> srvacl
GRANT USAGE ON FOREIGN SERVER s3 TO regress_columns_a;
-- >> srvoptions
ALTER SERVER s OPTIONS (ADD x 'y');
-- >> srvtype
DROP SERVER s CASCADE;
CREATE SERVER s TYPE 'b' VERSION '2' FOREIGN DATA WRAPPER w;
-- >> srvfdw
DROP SERVER s;
CREATE SERVER s TYPE 'b' VERSION '2' FOREIGN DATA WRAPPER w2;

-- == pg_foreign_table
-- not ftrelid: which table it is
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE SERVER s2 FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a int) SERVER s;
-- >> ftoptions
ALTER FOREIGN TABLE f OPTIONS (ADD x 'y');
-- >> ftserver
DROP FOREIGN TABLE f;
CREATE FOREIGN TABLE f (a int) SERVER s2;

-- == pg_index
-- not indexrelid indrelid indimmediate: what other columns tell
-- not indisexclusion: what other catalogs tell
-- not indcheckxmin indisready indislive: how far building or dropping it has come
-- not indisvalid: an invalid one is told, and no script makes one
CREATE TABLE t (a int NOT NULL, b text NOT NULL, c int, CONSTRAINT k UNIQUE (a));
CREATE UNIQUE INDEX x ON t (a);
CREATE INDEX y ON t (b);
CREATE INDEX z ON t ((c + 1));
-- >> indisunique
DROP INDEX y;
CREATE UNIQUE INDEX y ON t (b);
-- >> indnullsnotdistinct -- 15+
DROP INDEX y; -- 15+
CREATE UNIQUE INDEX y ON t (b) NULLS NOT DISTINCT; -- 15+
-- >> indcollation
DROP INDEX y;
CREATE UNIQUE INDEX y ON t (b COLLATE "C");
-- >> indclass
DROP INDEX y;
CREATE UNIQUE INDEX y ON t (b COLLATE "C" text_pattern_ops);
-- >> indoption
DROP INDEX y;
CREATE UNIQUE INDEX y ON t (b COLLATE "C" text_pattern_ops DESC);
-- >> indnatts indkey
DROP INDEX y;
CREATE UNIQUE INDEX y ON t (b COLLATE "C" text_pattern_ops DESC) INCLUDE (c);
-- >> indnkeyatts
DROP INDEX y;
CREATE UNIQUE INDEX y ON t (b COLLATE "C" text_pattern_ops DESC, a) INCLUDE (c);
-- >> indexprs
DROP INDEX z;
CREATE INDEX z ON t ((c + 2));
-- >> indpred
DROP INDEX z;
CREATE INDEX z ON t ((c + 2)) WHERE a > 0;
-- >> indisclustered
ALTER TABLE t CLUSTER ON x;
-- >> indisclustered
ALTER TABLE t SET WITHOUT CLUSTER;
-- >> indisclustered
ALTER TABLE t CLUSTER ON k;
-- >> indisreplident
ALTER TABLE t REPLICA IDENTITY USING INDEX x;
-- >> indisprimary
ALTER TABLE t DROP CONSTRAINT k;
ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a);

-- == pg_inherits
-- not inhdetachpending: a detachment that was interrupted -- 14+
CREATE TABLE p1 (a int);
CREATE TABLE p2 (a int);
CREATE TABLE c (a int);
CREATE TABLE c2 () INHERITS (p1, p2);
-- >> inhrelid inhparent
ALTER TABLE c INHERIT p1;
-- >> inhseqno
ALTER TABLE c INHERIT p2;

-- == pg_init_privs
-- not *: what extensions and initdb have granted, from which pg_dump tells what was granted later

-- == pg_language
-- not oid lanispl: a number of the server's own, and whether it is built in
CREATE LANGUAGE la HANDLER plpgsql_call_handler;
CREATE LANGUAGE la2 HANDLER plpgsql_call_handler;
-- >> lanname
ALTER LANGUAGE la2 RENAME TO la3;
-- >> lanowner
ALTER LANGUAGE la3 OWNER TO regress_columns_a;
-- >> laninline
CREATE OR REPLACE LANGUAGE la HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler;
-- >> lanvalidator
CREATE OR REPLACE LANGUAGE la HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
-- >> lanpltrusted
CREATE OR REPLACE TRUSTED LANGUAGE la HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
-- >> lanplcallfoid
CREATE FUNCTION lh() RETURNS language_handler LANGUAGE C AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE OR REPLACE TRUSTED LANGUAGE la HANDLER lh INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
-- >> lanacl
GRANT USAGE ON LANGUAGE la TO regress_columns_a;

-- == pg_largeobject
-- not *: data

-- == pg_largeobject_metadata
-- not *: data

-- == pg_namespace
-- not oid: a number of the server's own
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE SCHEMA c;
-- >> nspname
ALTER SCHEMA b RENAME TO b2;
-- >> nspowner
ALTER SCHEMA c OWNER TO regress_columns_a;
-- >> nspacl
GRANT USAGE ON SCHEMA a TO regress_columns_a;
-- >> nspacl
GRANT USAGE ON SCHEMA public TO regress_columns_a;

-- == pg_opclass
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int,int);
CREATE OPERATOR CLASS oc2 FOR TYPE int USING btree AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int,int);
-- >> opcname
ALTER OPERATOR CLASS oc2 USING btree RENAME TO oc3;
-- >> opcnamespace
ALTER OPERATOR CLASS oc3 USING btree SET SCHEMA other;
-- >> opcowner
ALTER OPERATOR CLASS oc USING btree OWNER TO regress_columns_a;
-- >> opcfamily
DROP OPERATOR CLASS oc USING btree;
CREATE OPERATOR CLASS oc FOR TYPE int USING btree FAMILY fam AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int,int);
-- >> opcintype
DROP OPERATOR CLASS oc USING btree;
CREATE OPERATOR CLASS oc FOR TYPE int2 USING btree FAMILY fam AS OPERATOR 3 =, FUNCTION 1 btint2cmp(int2,int2);
-- >> opcdefault
CREATE TYPE en AS (a int);
CREATE OPERATOR CLASS en_ops DEFAULT FOR TYPE en USING btree AS STORAGE en;
-- >> opcmethod
CREATE OPERATOR CLASS och FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int);
-- >> opckeytype
CREATE OPERATOR CLASS ocg FOR TYPE point USING gist AS STORAGE box;

-- == pg_operator
-- not oid oprresult oprkind: what its function and its arguments tell
CREATE SCHEMA other;
CREATE FUNCTION eq(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
CREATE FUNCTION eq2(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
CREATE OPERATOR === (function = eq, leftarg = int, rightarg = int);
CREATE OPERATOR ==== (function = eq, leftarg = int, rightarg = int);
CREATE OPERATOR =?= (function = eq, leftarg = int, rightarg = int);
-- >> oprrest oprjoin
ALTER OPERATOR === (int, int) SET (restrict = eqsel, join = eqjoinsel);
-- >> oprowner
ALTER OPERATOR === (int, int) OWNER TO regress_columns_a;
-- >> oprnamespace
ALTER OPERATOR ==== (int, int) SET SCHEMA other;
-- >> oprcom
DROP OPERATOR === (int, int);
CREATE OPERATOR === (function = eq, leftarg = int, rightarg = int, commutator = ===);
-- >> oprcanmerge
DROP OPERATOR === (int, int);
CREATE OPERATOR === (function = eq, leftarg = int, rightarg = int, commutator = ===, merges);
-- >> oprcanhash
DROP OPERATOR === (int, int);
CREATE OPERATOR === (function = eq, leftarg = int, rightarg = int, commutator = ===, merges, hashes);
-- >> oprnegate
DROP OPERATOR === (int, int);
CREATE OPERATOR !=== (function = eq, leftarg = int, rightarg = int, commutator = !===);
CREATE OPERATOR === (function = eq, leftarg = int, rightarg = int, commutator = ===, merges, hashes, negator = !===);
-- >> oprcom oprcanhash -- 17+
ALTER OPERATOR =?= (int, int) SET (commutator = =?=, hashes, merges); -- 17+
-- >> oprcode
DROP OPERATOR other.==== (int, int);
CREATE OPERATOR other.==== (function = eq2, leftarg = int, rightarg = int);
-- >> oprname
DROP OPERATOR other.==== (int, int);
CREATE OPERATOR other.=~= (function = eq2, leftarg = int, rightarg = int);
-- >> oprleft oprright
CREATE FUNCTION un(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'select true';
CREATE OPERATOR @@@ (function = un, rightarg = int);

-- == pg_opfamily
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE OPERATOR FAMILY a USING btree;
CREATE OPERATOR FAMILY b USING btree;
-- >> opfname
ALTER OPERATOR FAMILY a USING btree RENAME TO aa;
-- >> opfnamespace
ALTER OPERATOR FAMILY aa USING btree SET SCHEMA other;
-- >> opfowner
ALTER OPERATOR FAMILY b USING btree OWNER TO regress_columns_a;
-- >> opfmethod
DROP OPERATOR FAMILY b USING btree;
CREATE OPERATOR FAMILY b USING hash;

-- == pg_parameter_acl
-- not *: privileges on parameters are of the cluster -- 15+

-- == pg_partitioned_table
-- not partrelid partnatts partdefid: what other columns and catalogs tell
CREATE TABLE t (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE u (a int, b text) PARTITION BY RANGE (b);
-- >> partattrs
DROP TABLE t;
CREATE TABLE t (a int, b text) PARTITION BY RANGE (a, b);
-- >> partstrat
DROP TABLE t;
CREATE TABLE t (a int, b text) PARTITION BY LIST (a);
-- >> partcollation
DROP TABLE u;
CREATE TABLE u (a int, b text) PARTITION BY RANGE (b COLLATE "C");
-- >> partclass
DROP TABLE u;
CREATE TABLE u (a int, b text) PARTITION BY RANGE (b COLLATE "C" text_pattern_ops);
-- >> partexprs
DROP TABLE u;
CREATE TABLE u (a int, b text) PARTITION BY RANGE ((a + 1));

-- == pg_policy
-- not oid polrelid: which one it is
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (a > 0);
CREATE POLICY q ON t USING (a > 0);
-- >> polname
ALTER POLICY q ON t RENAME TO r;
-- >> polroles
ALTER POLICY p ON t TO regress_columns_a;
-- >> polqual
ALTER POLICY p ON t USING (a > 1);
-- >> polwithcheck
ALTER POLICY p ON t WITH CHECK (a > 2);
-- >> polpermissive
DROP POLICY r ON t;
CREATE POLICY r ON t AS RESTRICTIVE USING (a > 0);
-- >> polcmd
DROP POLICY r ON t;
CREATE POLICY r ON t AS RESTRICTIVE FOR UPDATE USING (a > 0);

-- == pg_proc
-- not oid pronargs pronargdefaults: what other columns tell
CREATE SCHEMA other;
CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION g(a int) RETURNS SETOF int LANGUAGE sql AS 'select 1';
CREATE FUNCTION h(a int) RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION n(a int) RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION tr(internal) RETURNS internal LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE TYPE en AS ENUM ('a');
CREATE TRANSFORM FOR en LANGUAGE sql (FROM SQL WITH FUNCTION tr(internal));
CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int);
CREATE AGGREGATE ag2(int) (sfunc = int4pl, stype = int);
CREATE PROCEDURE pr() LANGUAGE sql AS 'select 1';
-- >> proname
ALTER FUNCTION n RENAME TO n2;
-- >> proname
ALTER AGGREGATE ag2(int) RENAME TO ag3;
-- >> pronamespace
ALTER FUNCTION n2 SET SCHEMA other;
-- >> pronamespace
ALTER AGGREGATE ag3(int) SET SCHEMA other;
-- >> proowner
ALTER FUNCTION f OWNER TO regress_columns_a;
-- >> proowner
ALTER PROCEDURE pr OWNER TO regress_columns_a;
-- >> proowner
ALTER AGGREGATE ag(int) OWNER TO regress_columns_a;
-- >> procost
ALTER FUNCTION f COST 7;
-- >> prorows
ALTER FUNCTION g ROWS 7;
-- >> prosecdef
ALTER FUNCTION f SECURITY DEFINER;
-- >> prosecdef
ALTER PROCEDURE pr SECURITY DEFINER;
-- >> proleakproof
ALTER FUNCTION f LEAKPROOF;
-- >> proisstrict
ALTER FUNCTION f STRICT;
-- >> provolatile
ALTER FUNCTION f IMMUTABLE;
-- >> proparallel
ALTER FUNCTION f PARALLEL SAFE;
-- >> proparallel
CREATE OR REPLACE AGGREGATE ag(int) (sfunc = int4pl, stype = int, parallel = safe);
-- >> proconfig
ALTER FUNCTION f SET work_mem = '1MB';
-- >> proconfig
ALTER PROCEDURE pr SET search_path = public, pg_temp;
-- >> proacl
GRANT EXECUTE ON FUNCTION g TO regress_columns_a;
-- >> proacl
GRANT EXECUTE ON FUNCTION ag(int) TO regress_columns_b;
-- >> proacl
GRANT EXECUTE ON PROCEDURE pr TO regress_columns_b;
-- >> prosrc
CREATE OR REPLACE FUNCTION h(a int) RETURNS int LANGUAGE sql AS 'select 2';
-- >> prosqlbody -- 14+
CREATE OR REPLACE FUNCTION h(a int) RETURNS int LANGUAGE sql RETURN a + 1; -- 14+
-- >> prolang
CREATE OR REPLACE FUNCTION h(a int) RETURNS int LANGUAGE plpgsql AS 'begin return 1; end';
-- >> proargdefaults
CREATE OR REPLACE FUNCTION h(a int DEFAULT 3) RETURNS int LANGUAGE plpgsql AS 'begin return 1; end';
-- >> proargnames
DROP FUNCTION h;
CREATE FUNCTION h(b int DEFAULT 3) RETURNS int LANGUAGE plpgsql AS 'begin return 1; end';
-- >> protrftypes
DROP FUNCTION h;
CREATE FUNCTION h(b en) RETURNS int TRANSFORM FOR TYPE en LANGUAGE sql AS 'select 1';
-- >> proargtypes
DROP FUNCTION h;
CREATE FUNCTION h(b bigint) RETURNS int LANGUAGE sql AS 'select 1';
-- >> prorettype
DROP FUNCTION h;
CREATE FUNCTION h(b bigint) RETURNS text LANGUAGE sql AS 'select ''''';
-- >> proallargtypes proargmodes
DROP FUNCTION h;
CREATE FUNCTION h(b bigint, OUT c text) RETURNS text LANGUAGE sql AS 'select ''''';
-- >> proretset
DROP FUNCTION h;
CREATE FUNCTION h(b bigint, OUT c text) RETURNS SETOF text LANGUAGE sql AS 'select ''''';
-- >> prosupport
ALTER FUNCTION g SUPPORT generate_series_int4_support;
-- >> provariadic
CREATE FUNCTION va(VARIADIC a int[]) RETURNS int LANGUAGE sql AS 'select 1';
-- >> prokind
CREATE FUNCTION wi() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
-- >> probin
CREATE FUNCTION ch() RETURNS language_handler LANGUAGE C AS '$libdir/plpgsql', 'plpgsql_call_handler';

-- == pg_publication
-- not oid: a number of the server's own
CREATE TABLE t (a int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t;
CREATE PUBLICATION q FOR TABLE t;
-- >> pubname
ALTER PUBLICATION q RENAME TO r;
-- >> pubowner
ALTER PUBLICATION p OWNER TO regress_columns_super;
-- >> pubinsert
ALTER PUBLICATION p SET (publish = 'update, delete, truncate');
-- >> pubupdate
ALTER PUBLICATION p SET (publish = 'delete, truncate');
-- >> pubdelete
ALTER PUBLICATION p SET (publish = 'truncate');
-- >> pubtruncate
ALTER PUBLICATION p SET (publish = '');
-- >> pubviaroot
ALTER PUBLICATION p SET (publish_via_partition_root);
-- >> pubgencols -- 18+
ALTER PUBLICATION p SET (publish_generated_columns = stored); -- 18+
-- >> puballtables
DROP PUBLICATION r;
CREATE PUBLICATION r FOR ALL TABLES;

-- == pg_publication_namespace
-- not oid: a number of the server's own -- 15+
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE PUBLICATION p;
-- >> pnpubid pnnspid -- 15+
ALTER PUBLICATION p ADD TABLES IN SCHEMA a; -- 15+
-- >> pnnspid -- 15+
ALTER PUBLICATION p SET TABLES IN SCHEMA b; -- 15+

-- == pg_publication_rel
-- not oid: a number of the server's own
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE TABLE u (a int PRIMARY KEY, b int);
CREATE PUBLICATION p;
-- >> prpubid prrelid
ALTER PUBLICATION p ADD TABLE t;
-- >> prrelid
ALTER PUBLICATION p SET TABLE u;
-- >> prqual -- 15+
ALTER PUBLICATION p SET TABLE u WHERE (a > 0); -- 15+
-- >> prattrs -- 15+
ALTER PUBLICATION p SET TABLE u (a); -- 15+

-- == pg_range
-- not rngtypid: which type it is
CREATE COLLATION co (locale = 'C');
CREATE TYPE r AS RANGE (subtype = float8);
CREATE TYPE rt AS RANGE (subtype = text);
-- >> rngsubdiff
DROP TYPE r;
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
-- >> rngsubtype
DROP TYPE r;
CREATE TYPE r AS RANGE (subtype = int);
-- >> rngcollation
DROP TYPE rt;
CREATE TYPE rt AS RANGE (subtype = text, collation = co);
-- >> rngsubopc
DROP TYPE rt;
CREATE TYPE rt AS RANGE (subtype = text, collation = co, subtype_opclass = text_pattern_ops);
-- >> rngmultitypid -- 14+
DROP TYPE rt; -- 14+
CREATE TYPE rt AS RANGE (subtype = text, collation = co, subtype_opclass = text_pattern_ops, multirange_type_name = many); -- 14+
-- >> rngcanonical
CREATE TYPE rc;
CREATE FUNCTION rcc(rc) RETURNS rc LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE rc AS RANGE (subtype = int4, canonical = rcc);

-- == pg_replication_origin
-- not *: of the cluster

-- == pg_rewrite
-- not oid ev_class: which one it is
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE RULE r AS ON DELETE TO t DO ALSO SELECT 1;
CREATE RULE r2 AS ON DELETE TO t DO ALSO SELECT 1;
-- >> rulename
ALTER RULE r2 ON t RENAME TO r3;
-- >> ev_enabled
ALTER TABLE t DISABLE RULE r;
-- >> ev_enabled
ALTER TABLE t ENABLE REPLICA RULE r;
-- >> is_instead
CREATE OR REPLACE RULE r3 AS ON DELETE TO t DO INSTEAD SELECT 1;
-- >> ev_qual
CREATE OR REPLACE RULE r3 AS ON DELETE TO t WHERE a > 0 DO INSTEAD SELECT 1;
-- >> ev_action
CREATE OR REPLACE RULE r3 AS ON DELETE TO t WHERE a > 0 DO INSTEAD SELECT 2;
-- >> ev_action
CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE a > 0;
-- >> ev_type
CREATE OR REPLACE RULE r3 AS ON UPDATE TO t WHERE old.a > 0 DO INSTEAD SELECT 2;

-- == pg_seclabel
-- not *: labels need a provider's library, and are left to it

-- == pg_sequence
-- not seqrelid: which one it is
CREATE SEQUENCE s;
CREATE TABLE t (a bigint GENERATED ALWAYS AS IDENTITY);
-- >> seqtypid
ALTER SEQUENCE s AS int;
-- >> seqstart
ALTER SEQUENCE s START 7;
-- >> seqincrement
ALTER SEQUENCE s INCREMENT 7;
-- >> seqmax
ALTER SEQUENCE s MAXVALUE 700;
-- >> seqmin
ALTER SEQUENCE s MINVALUE -7;
-- >> seqcache
ALTER SEQUENCE s CACHE 7;
-- >> seqcycle
ALTER SEQUENCE s CYCLE;
-- >> seqstart seqincrement seqmax seqmin seqcache seqcycle
ALTER TABLE t ALTER a SET START 3 SET INCREMENT 3 SET MAXVALUE 300 SET MINVALUE -3 SET CACHE 3 SET CYCLE;

-- == pg_shdepend
-- not *: owners and grants as other catalogs tell them

-- == pg_shdescription
-- not *: comments on what is of the cluster

-- == pg_shseclabel
-- not *: labels of what is of the cluster

-- == pg_statistic
-- not *: statistics of rows

-- == pg_statistic_ext
-- not oid stxrelid: which one it is
CREATE SCHEMA other;
CREATE TABLE t (a int, b int, c int);
CREATE STATISTICS s ON a, b FROM t;
CREATE STATISTICS s2 ON a, b FROM t;
-- >> stxname
ALTER STATISTICS s2 RENAME TO s3;
-- >> stxnamespace
ALTER STATISTICS s3 SET SCHEMA other;
-- >> stxowner
ALTER STATISTICS s OWNER TO regress_columns_super;
-- >> stxstattarget
ALTER STATISTICS s SET STATISTICS 7;
-- >> stxkeys
DROP STATISTICS other.s3;
CREATE STATISTICS other.s3 ON b, c FROM t;
-- >> stxkind
DROP STATISTICS other.s3;
CREATE STATISTICS other.s3 (mcv) ON b, c FROM t;
-- >> stxexprs -- 14+
DROP STATISTICS other.s3; -- 14+
CREATE STATISTICS other.s3 (mcv) ON b, (c + 1) FROM t; -- 14+

-- == pg_statistic_ext_data
-- not *: statistics of rows

-- == pg_subscription
-- not *: of the cluster, and each has its own connection

-- == pg_subscription_rel
-- not *: how far a subscription has come

-- == pg_tablespace
-- not *: of the cluster

-- == pg_transform
-- not oid: a number of the server's own
CREATE TYPE en AS ENUM ('a');
CREATE TYPE en2 AS ENUM ('a');
CREATE FUNCTION f(internal) RETURNS internal LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE FUNCTION f2(internal) RETURNS internal LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE FUNCTION fs(internal) RETURNS en LANGUAGE internal AS 'textin' STRICT IMMUTABLE;
CREATE TRANSFORM FOR en LANGUAGE sql (FROM SQL WITH FUNCTION f(internal));
-- >> trffromsql
CREATE OR REPLACE TRANSFORM FOR en LANGUAGE sql (FROM SQL WITH FUNCTION f2(internal));
-- >> trftosql
CREATE OR REPLACE TRANSFORM FOR en LANGUAGE sql (FROM SQL WITH FUNCTION f2(internal), TO SQL WITH FUNCTION fs(internal));
-- >> trftype trflang
CREATE TRANSFORM FOR en2 LANGUAGE plpgsql (FROM SQL WITH FUNCTION f(internal));

-- == pg_trigger
-- not oid tgrelid tgparentid tgisinternal tgconstrindid tgconstraint tgnargs: which one it is, and what follows
CREATE TABLE r (a int);
CREATE TABLE t (a int, b int);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE FUNCTION tf2() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER st AFTER UPDATE ON t REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION tf();
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TABLE part (a int) PARTITION BY LIST (a);
CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1);
CREATE TABLE part2 PARTITION OF part FOR VALUES IN (2);
CREATE TRIGGER pt AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION tf();
CREATE CONSTRAINT TRIGGER pct AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION tf();
CREATE VIEW v AS SELECT a FROM t;
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a int) SERVER s;
CREATE TRIGGER ft BEFORE INSERT ON f FOR EACH ROW EXECUTE FUNCTION tf();
-- >> tgname
ALTER TRIGGER tr2 ON t RENAME TO tr3;
-- >> tgenabled
ALTER TABLE t DISABLE TRIGGER tr;
-- >> tgenabled
ALTER TABLE t ENABLE REPLICA TRIGGER tr;
-- >> tgenabled
ALTER TABLE t DISABLE TRIGGER ct;
-- >> tgenabled
ALTER TABLE t ENABLE ALWAYS TRIGGER ct;
-- >> tgenabled
ALTER TABLE f DISABLE TRIGGER ft;
-- >> tgenabled
ALTER TABLE part1 DISABLE TRIGGER pt;
-- >> tgenabled
ALTER TABLE part1 DISABLE TRIGGER pct;
-- >> tgenabled
ALTER TABLE ONLY part ENABLE ALWAYS TRIGGER pct;
-- >> tgfoid
DROP TRIGGER tr3 ON t;
CREATE TRIGGER tr3 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf2();
-- >> tgargs
DROP TRIGGER tr3 ON t;
CREATE TRIGGER tr3 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf2('x');
-- >> tgtype
DROP TRIGGER tr3 ON t;
CREATE TRIGGER tr3 BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf2('x');
-- >> tgattr
DROP TRIGGER tr3 ON t;
CREATE TRIGGER tr3 BEFORE UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION tf2('x');
-- >> tgqual
DROP TRIGGER tr3 ON t;
CREATE TRIGGER tr3 BEFORE UPDATE OF b ON t FOR EACH ROW WHEN (new.a > 0) EXECUTE FUNCTION tf2('x');
-- >> tgoldtable tgnewtable
DROP TRIGGER st ON t;
CREATE TRIGGER st AFTER UPDATE ON t REFERENCING OLD TABLE AS o2 NEW TABLE AS n2 FOR EACH STATEMENT EXECUTE FUNCTION tf();
-- >> tgdeferrable tginitdeferred
DROP TRIGGER ct ON t;
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tf();
-- >> tgconstrrelid
DROP TRIGGER ct ON t;
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t FROM r DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tf();

-- == pg_ts_config
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE TEXT SEARCH PARSER tp (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
CREATE TEXT SEARCH CONFIGURATION a (copy = english);
CREATE TEXT SEARCH CONFIGURATION b (copy = english);
-- >> cfgname
ALTER TEXT SEARCH CONFIGURATION a RENAME TO aa;
-- >> cfgnamespace
ALTER TEXT SEARCH CONFIGURATION aa SET SCHEMA other;
-- >> cfgowner
ALTER TEXT SEARCH CONFIGURATION b OWNER TO regress_columns_a;
-- >> cfgparser
DROP TEXT SEARCH CONFIGURATION b;
CREATE TEXT SEARCH CONFIGURATION b (parser = tp);

-- == pg_ts_config_map
-- not mapcfg: which one it is of
CREATE TEXT SEARCH CONFIGURATION a (copy = english);
-- >> maptokentype
ALTER TEXT SEARCH CONFIGURATION a DROP MAPPING FOR url;
-- >> mapdict
ALTER TEXT SEARCH CONFIGURATION a ALTER MAPPING FOR word WITH simple;
-- >> mapseqno
ALTER TEXT SEARCH CONFIGURATION a ALTER MAPPING FOR word WITH english_stem, simple;

-- == pg_ts_dict
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE TEXT SEARCH DICTIONARY a (template = simple);
CREATE TEXT SEARCH DICTIONARY b (template = simple);
-- >> dictname
ALTER TEXT SEARCH DICTIONARY a RENAME TO aa;
-- >> dictnamespace
ALTER TEXT SEARCH DICTIONARY aa SET SCHEMA other;
-- >> dictowner
ALTER TEXT SEARCH DICTIONARY b OWNER TO regress_columns_a;
-- >> dictinitoption
ALTER TEXT SEARCH DICTIONARY b (accept = false);
-- >> dicttemplate
DROP TEXT SEARCH DICTIONARY b;
CREATE TEXT SEARCH DICTIONARY b (template = snowball, language = german);

-- == pg_ts_parser
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE FUNCTION st(internal, int) RETURNS internal LANGUAGE internal AS 'prsd_start' STRICT;
CREATE FUNCTION ge(internal, internal, internal) RETURNS internal LANGUAGE internal AS 'prsd_nexttoken' STRICT;
CREATE FUNCTION en(internal) RETURNS void LANGUAGE internal AS 'prsd_end' STRICT;
CREATE FUNCTION le(internal) RETURNS internal LANGUAGE internal AS 'prsd_lextype' STRICT;
CREATE TEXT SEARCH PARSER a (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
CREATE TEXT SEARCH PARSER b (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
-- >> prsname
ALTER TEXT SEARCH PARSER a RENAME TO aa;
-- >> prsnamespace
ALTER TEXT SEARCH PARSER aa SET SCHEMA other;
-- >> prsstart prstoken prsend prslextype
DROP TEXT SEARCH PARSER b;
CREATE TEXT SEARCH PARSER b (start = st, gettoken = ge, end = en, lextypes = le);
-- >> prsheadline
DROP TEXT SEARCH PARSER b;
CREATE TEXT SEARCH PARSER b (start = st, gettoken = ge, end = en, lextypes = le, headline = prsd_headline);

-- == pg_ts_template
-- not oid: a number of the server's own
CREATE SCHEMA other;
CREATE FUNCTION le(internal, internal, internal, internal) RETURNS internal LANGUAGE internal AS 'dsimple_lexize' STRICT;
CREATE TEXT SEARCH TEMPLATE a (lexize = dsimple_lexize);
CREATE TEXT SEARCH TEMPLATE b (lexize = dsimple_lexize);
-- >> tmplname
ALTER TEXT SEARCH TEMPLATE a RENAME TO aa;
-- >> tmplnamespace
ALTER TEXT SEARCH TEMPLATE aa SET SCHEMA other;
-- >> tmplinit
DROP TEXT SEARCH TEMPLATE b;
CREATE TEXT SEARCH TEMPLATE b (lexize = dsimple_lexize, init = dsimple_init);
-- >> tmpllexize
DROP TEXT SEARCH TEMPLATE b;
CREATE TEXT SEARCH TEMPLATE b (lexize = le, init = dsimple_init);

-- == pg_type
-- not oid typtype typrelid typarray: which one it is, and what follows
-- not typndims: a number of dimensions, which nothing looks at
CREATE SCHEMA other;
CREATE DOMAIN d AS int;
CREATE DOMAIN dt AS text;
CREATE TYPE en AS ENUM ('a');
CREATE TYPE comp AS (a int);
CREATE TYPE ra AS RANGE (subtype = float8);
CREATE TYPE named AS ENUM ('a');
CREATE TYPE bt;
CREATE FUNCTION bt_in(cstring) RETURNS bt LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION bt_out(bt) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION bt_recv(internal) RETURNS bt LANGUAGE internal IMMUTABLE STRICT AS 'textrecv';
CREATE FUNCTION bt_send(bt) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'textsend';
CREATE FUNCTION mod_in(cstring[]) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin';
CREATE FUNCTION mod_out(int) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout';
CREATE FUNCTION ana(internal) RETURNS bool LANGUAGE internal STRICT AS 'array_typanalyze';
CREATE TYPE bt (input = bt_in, output = bt_out, internallength = variable);
CREATE TYPE sh;
-- >> typname
ALTER TYPE named RENAME TO named2;
-- >> typname
ALTER DOMAIN dt RENAME TO dt2;
-- >> typnamespace
ALTER TYPE named2 SET SCHEMA other;
-- >> typowner
ALTER TYPE en OWNER TO regress_columns_a;
-- >> typowner
ALTER DOMAIN d OWNER TO regress_columns_a;
-- >> typowner
ALTER TYPE ra OWNER TO regress_columns_a;
-- >> typowner
ALTER TYPE bt OWNER TO regress_columns_a;
-- >> typacl
GRANT USAGE ON TYPE en TO regress_columns_b;
-- >> typacl
REVOKE USAGE ON DOMAIN d FROM PUBLIC;
-- >> typacl
REVOKE USAGE ON TYPE comp FROM PUBLIC;
-- >> typnotnull
ALTER DOMAIN d SET NOT NULL;
-- >> typdefault typdefaultbin
ALTER DOMAIN d SET DEFAULT 7;
-- >> typreceive
ALTER TYPE bt SET (receive = bt_recv);
-- >> typsend
ALTER TYPE bt SET (send = bt_send);
-- >> typmodin
ALTER TYPE bt SET (typmod_in = mod_in);
-- >> typmodout
ALTER TYPE bt SET (typmod_out = mod_out);
-- >> typanalyze
ALTER TYPE bt SET (analyze = ana);
-- >> typsubscript -- 14+
ALTER TYPE bt SET (subscript = raw_array_subscript_handler); -- 14+
-- >> typstorage
ALTER TYPE bt SET (storage = main);
-- >> typbasetype
CREATE DOMAIN d3 AS bigint;
-- >> typtypmod
DROP DOMAIN d3;
CREATE DOMAIN d3 AS varchar(10);
-- >> typcollation
DROP DOMAIN d3;
CREATE DOMAIN d3 AS varchar(10) COLLATE "C";
-- >> typisdefined
DROP TYPE sh;
-- >> typlen typbyval typalign
CREATE TYPE bu;
CREATE FUNCTION bu_in(cstring) RETURNS bu LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION bu_out(bu) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE bu (input = bu_in, output = bu_out, internallength = 4, passedbyvalue, alignment = int4);
-- >> typinput typoutput typdelim
DROP TYPE bu CASCADE;
CREATE TYPE bu;
CREATE FUNCTION bu_in2(cstring) RETURNS bu LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION bu_out2(bu) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE bu (input = bu_in2, output = bu_out2, internallength = 4, passedbyvalue, alignment = int4, delimiter = '%');
-- >> typcategory typispreferred
CREATE TYPE bw;
CREATE FUNCTION bw_in(cstring) RETURNS bw LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION bw_out(bw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE bw (input = bw_in, output = bw_out, internallength = 4, passedbyvalue, alignment = int4, category = 'x', preferred = true);
-- >> typelem
CREATE TYPE by;
CREATE FUNCTION by_in(cstring) RETURNS by LANGUAGE internal IMMUTABLE STRICT AS 'point_in';
CREATE FUNCTION by_out(by) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'point_out';
CREATE TYPE by (input = by_in, output = by_out, internallength = 16, alignment = double, element = float8, subscript = raw_array_subscript_handler); -- 14+
CREATE TYPE by (input = by_in, output = by_out, internallength = 16, alignment = double, element = float8); -- 13-

-- == pg_user_mapping
-- not *: each environment has its own, with passwords; they go with their server
