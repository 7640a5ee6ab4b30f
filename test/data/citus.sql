-- Stand-ins for Citus, where there is none: what migr looks up of it, with the names, the
-- arguments and the rules of the real one, but on one node.  They are members of an extension
-- of that name: made by hand below, or by CREATE EXTENSION, of a server that has a copy of this (061).
--
-- Of what Citus does, they keep its catalogs, make shards of reference tables beside them, and
-- refuse what it refuses: to distribute twice, to distribute and to go back where a foreign key
-- is in the way, to drop the column that tables are distributed by.  The sql_drop trigger is
-- what cleans the catalogs.  Each call is told to citus_test.call.

SET client_min_messages = warning;
CREATE SCHEMA citus;
CREATE SCHEMA citus_test;

CREATE TYPE citus.distribution_type AS ENUM ('hash', 'range', 'append');

CREATE TABLE citus.pg_dist_partition (
	logicalrelid regclass NOT NULL UNIQUE, partmethod "char" NOT NULL, partkey text,
	colocationid int NOT NULL DEFAULT 0, repmodel "char" NOT NULL DEFAULT 's',
	autoconverted bool NOT NULL DEFAULT false);
CREATE TABLE citus.pg_dist_shard (logicalrelid regclass NOT NULL, shardid int8 PRIMARY KEY);
CREATE TABLE citus.pg_dist_colocation (
	colocationid int PRIMARY KEY, shardcount int NOT NULL, replicationfactor int NOT NULL DEFAULT 1,
	distributioncolumntype oid NOT NULL DEFAULT 0);
CREATE TABLE citus.pg_dist_local_group (groupid int PRIMARY KEY);
CREATE TABLE citus.pg_dist_schema (schemaid oid PRIMARY KEY, colocationid int NOT NULL);
INSERT INTO citus.pg_dist_local_group VALUES (0);
ALTER TABLE citus.pg_dist_partition SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_shard SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_colocation SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_local_group SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_schema SET SCHEMA pg_catalog;
GRANT SELECT ON pg_catalog.pg_dist_partition, pg_catalog.pg_dist_shard, pg_catalog.pg_dist_colocation,
	pg_catalog.pg_dist_local_group, pg_catalog.pg_dist_schema TO PUBLIC;

CREATE SEQUENCE citus_test.shard START 102008;
CREATE SEQUENCE citus_test.colocation;
CREATE TABLE citus_test.call (id int GENERATED ALWAYS AS IDENTITY, call text, mode text);
GRANT USAGE ON SCHEMA citus_test TO PUBLIC;
GRANT SELECT, INSERT ON citus_test.call TO PUBLIC;

CREATE FUNCTION citus_test.note(call text) RETURNS void LANGUAGE sql
	AS $$ INSERT INTO citus_test.call (call, mode)
	      VALUES (call, current_setting('citus.multi_shard_modify_mode', true)) $$;

CREATE FUNCTION pg_catalog.column_to_column_name(table_name regclass, column_var_text text) RETURNS text
	LANGUAGE sql STABLE AS 'SELECT column_var_text';

CREATE FUNCTION pg_catalog.relation_is_a_known_shard(regclass) RETURNS bool
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM pg_class c JOIN pg_dist_shard s ON c.relname ~ ('_' || s.shardid || '$')
	                 JOIN pg_class t ON t.oid = s.logicalrelid AND t.relnamespace = c.relnamespace
	                WHERE c.oid = $1) $$;

-- The foreign keys between a table and others that are not where it is.
CREATE FUNCTION citus_test.keys(t regclass) RETURNS TABLE (key name)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT k.conname FROM pg_constraint k
	 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid <> k.confrelid AND t IN (k.conrelid, k.confrelid)
	   AND NOT EXISTS (SELECT FROM pg_dist_partition r WHERE r.logicalrelid = k.confrelid AND r.repmodel = 't') $$;

CREATE FUNCTION citus_test.enter(t regclass, method "char", key text, colocation int, model "char")
	RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	one regclass;
BEGIN
	IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = t) THEN
		RAISE EXCEPTION 'table "%" is already distributed', t;
	END IF;
	IF method = 'h' AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = t AND attname = key AND NOT attisdropped) THEN
		RAISE EXCEPTION 'column "%" does not exist', key;
	END IF;
	IF EXISTS (SELECT FROM citus_test.keys(t)) THEN
		RAISE EXCEPTION 'cannot distribute relation "%": foreign key % is in the way', t, (SELECT key FROM citus_test.keys(t) LIMIT 1);
	END IF;
	FOR one IN SELECT relid FROM pg_partition_tree(t) UNION SELECT t LOOP
		INSERT INTO pg_dist_partition VALUES (one, method, key, colocation, model);
		INSERT INTO pg_dist_shard VALUES (one, nextval('citus_test.shard'));
	END LOOP;
END $$;

CREATE FUNCTION pg_catalog.create_distributed_table(
	table_name regclass, distribution_column text, distribution_type citus.distribution_type DEFAULT 'hash',
	colocate_with text DEFAULT 'default', shard_count int DEFAULT NULL)
	RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	model CONSTANT "char" := 's';
	method "char" := CASE WHEN distribution_column IS NULL THEN 'n' WHEN distribution_type = 'hash' THEN 'h'
	                      WHEN distribution_type = 'range' THEN 'r' ELSE 'a' END;
	wanted int := CASE WHEN method = 'n' THEN 1 ELSE coalesce(shard_count, 32) END;
	type oid := coalesce((SELECT atttypid FROM pg_attribute WHERE attrelid = table_name AND attname = distribution_column), 0);
	colocation int;
BEGIN
	PERFORM citus_test.note(format('create_distributed_table(%s, %s)', table_name, distribution_column));
	IF colocate_with = 'default' THEN
		SELECT c.colocationid INTO colocation FROM pg_dist_colocation c
		 WHERE c.shardcount = wanted AND c.distributioncolumntype = type ORDER BY 1 LIMIT 1;
	ELSIF colocate_with <> 'none' THEN
		SELECT p.colocationid INTO STRICT colocation FROM pg_dist_partition p
		 WHERE p.logicalrelid = colocate_with::regclass;
		IF shard_count IS NOT NULL THEN
			RAISE EXCEPTION 'Cannot use colocate_with with a table and shard_count at the same time';
		END IF;
	END IF;
	IF colocation IS NULL THEN
		colocation := nextval('citus_test.colocation');
		INSERT INTO pg_dist_colocation VALUES (colocation, wanted, 1, type);
	END IF;
	PERFORM citus_test.enter(table_name, method, distribution_column, colocation, model);
END $$;

-- Reference tables have a shard on each node, the coordinator too.
CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass)
	RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM citus_test.note(format('create_reference_table(%s)', table_name));
	PERFORM citus_test.enter(table_name, 'n', NULL, 0, 't');
	EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL)',
		(SELECT relnamespace::regnamespace::name FROM pg_class WHERE oid = table_name),
		(SELECT relname FROM pg_class WHERE oid = table_name) || '_' ||
		(SELECT shardid FROM pg_dist_shard WHERE logicalrelid = table_name), table_name);
END $$;

CREATE FUNCTION pg_catalog.citus_add_local_table_to_metadata(table_name regclass, cascade_via_foreign_keys bool DEFAULT false)
	RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM citus_test.note(format('citus_add_local_table_to_metadata(%s)', table_name));
	PERFORM citus_test.enter(table_name, 'n', NULL, 0, 's');
END $$;

CREATE FUNCTION citus_test.leave(t oid) RETURNS void
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM pg_dist_partition WHERE logicalrelid = t;
	DELETE FROM pg_dist_shard WHERE logicalrelid = t;
	DELETE FROM pg_dist_colocation c WHERE NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.colocationid = c.colocationid);
END $$;

CREATE FUNCTION pg_catalog.undistribute_table(table_name regclass, cascade_via_foreign_keys bool DEFAULT false)
	RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard text := (SELECT to_regclass(format('%s_%s', table_name, s.shardid))::text FROM pg_dist_shard s
	                WHERE s.logicalrelid = table_name);
BEGIN
	PERFORM citus_test.note(format('undistribute_table(%s)', table_name));
	IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = table_name) THEN
		RAISE EXCEPTION 'cannot undistribute table because the table is not distributed';
	END IF;
	IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND table_name IN (conrelid, confrelid)) THEN
		RAISE EXCEPTION 'cannot undistribute table because table % has a foreign key', table_name;
	END IF;
	IF shard IS NOT NULL THEN
		EXECUTE format('DROP TABLE %s', shard);
	END IF;
	PERFORM citus_test.leave(relid) FROM pg_partition_tree(table_name);
	PERFORM citus_test.leave(table_name);
END $$;

CREATE FUNCTION pg_catalog.alter_distributed_table(
	table_name regclass, distribution_column text DEFAULT NULL, shard_count int DEFAULT NULL,
	colocate_with text DEFAULT NULL, cascade_to_colocated bool DEFAULT NULL)
	RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	was pg_dist_partition;
	wanted int;
	colocation int;
BEGIN
	PERFORM citus_test.note(format('alter_distributed_table(%s, %s, %s, %s, %s)', table_name, distribution_column,
		shard_count, colocate_with, cascade_to_colocated));
	SELECT * INTO STRICT was FROM pg_dist_partition WHERE logicalrelid = table_name AND partmethod = 'h';
	wanted := coalesce(shard_count, (SELECT c.shardcount FROM pg_dist_colocation c WHERE c.colocationid = was.colocationid));
	IF cascade_to_colocated AND (distribution_column IS NOT NULL OR colocate_with = 'none') THEN
		RAISE EXCEPTION 'that cannot be cascaded to colocated tables';
	END IF;
	IF shard_count IS NOT NULL AND cascade_to_colocated IS NULL AND
	   (SELECT count(*) > 1 FROM pg_dist_partition WHERE colocationid = was.colocationid) THEN
		RAISE EXCEPTION 'cascade_to_colocated parameter is necessary';
	END IF;
	IF distribution_column IS NOT NULL THEN
		UPDATE pg_dist_partition SET partkey = distribution_column WHERE logicalrelid = table_name;
	END IF;
	IF cascade_to_colocated THEN
		UPDATE pg_dist_colocation SET shardcount = wanted WHERE colocationid = was.colocationid;
	ELSIF colocate_with IS NOT NULL OR shard_count IS NOT NULL THEN
		IF coalesce(colocate_with, 'none') IN ('none', 'default') THEN
			colocation := nextval('citus_test.colocation');
			INSERT INTO pg_dist_colocation VALUES (colocation, wanted);
		ELSE
			SELECT colocationid INTO STRICT colocation FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass;
		END IF;
		UPDATE pg_dist_partition SET colocationid = colocation WHERE logicalrelid = table_name;
		DELETE FROM pg_dist_colocation c WHERE NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.colocationid = c.colocationid);
	END IF;
END $$;

CREATE FUNCTION pg_catalog.citus_drop_trigger() RETURNS event_trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	gone record;
	shard text;
BEGIN
	FOR gone IN SELECT * FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table' LOOP
		SELECT format('%I.%I', gone.schema_name, gone.object_name || '_' || s.shardid) INTO shard
		  FROM pg_dist_shard s WHERE s.logicalrelid = gone.objid;
		PERFORM citus_test.leave(gone.objid);
		IF to_regclass(shard) IS NOT NULL THEN
			EXECUTE 'DROP TABLE ' || shard;
		END IF;
	END LOOP;
END $$;
CREATE EVENT TRIGGER citus_cascade_to_partition ON sql_drop EXECUTE FUNCTION pg_catalog.citus_drop_trigger();

-- What follows makes an extension of it by hand, for servers that have no control file of it.
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
	VALUES (pg_nextoid('pg_extension', 'oid', 'pg_extension_oid_index'), 'citus',
	        current_user::regrole, 'pg_catalog'::regnamespace, false, '0');
DO $$
DECLARE
	member text;
BEGIN
	FOR member IN
		SELECT 'SCHEMA ' || nspname FROM pg_namespace WHERE nspname IN ('citus', 'citus_test')
		UNION ALL SELECT 'TYPE citus.distribution_type'
		UNION ALL SELECT 'EVENT TRIGGER citus_cascade_to_partition'
		UNION ALL SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || oid::regclass FROM pg_class
		           WHERE oid >= 16384 AND relkind IN ('r', 'S') AND relname <> 'call_id_seq' AND
		                 (relnamespace = 'citus_test'::regnamespace OR relnamespace = 'pg_catalog'::regnamespace)
		UNION ALL SELECT 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
		           WHERE p.oid >= 16384 AND l.lanname IN ('sql', 'plpgsql') AND
		                 p.proname !~ '^migr_' AND
		                 p.pronamespace IN ('citus_test'::regnamespace, 'pg_catalog'::regnamespace)
	LOOP
		EXECUTE 'ALTER EXTENSION citus ADD ' || member;
	END LOOP;
END $$;
RESET client_min_messages;
