-- The objects of extension migr.  Functions live in pg_catalog, so that no
-- search_path can hide or replace them; tables and types in schema migr.

\echo Use "CREATE EXTENSION migr" to load this file. \quit

CREATE SCHEMA migr;
COMMENT ON SCHEMA migr IS 'revision control of this database''s schema: scripts, version, log';
GRANT USAGE ON SCHEMA migr TO PUBLIC;

--
-- Tables
--

CREATE TABLE migr.revision (
    revision      text COLLATE "C" PRIMARY KEY,
    down_revision text[] NOT NULL,
    depends_on    text[] NOT NULL,
    branch_labels text[] NOT NULL,
    message       text NOT NULL,
    created_at    timestamptz,
    reversible    boolean NOT NULL,
    transactional boolean NOT NULL,
    is_head       boolean NOT NULL,
    checksum      text NOT NULL,
    script        text NOT NULL,
    loaded_at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    loaded_by     text NOT NULL
);
CREATE INDEX revision_head ON migr.revision (revision) WHERE is_head;
COMMENT ON TABLE migr.revision IS 'the script store: one row per revision script that was loaded';
COMMENT ON COLUMN migr.revision.is_head IS 'no stored revision revises or depends on this one; kept by migr_load() and migr_unload()';
COMMENT ON COLUMN migr.revision.checksum IS 'SHA-256 of the script, line ends normalised and trailing white space removed';

CREATE TABLE migr.version (
    revision   text COLLATE "C" PRIMARY KEY,
    ordinal    bigint NOT NULL UNIQUE,
    checksum   text,
    stamped    boolean NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    applied_by text NOT NULL,
    duration   interval,
    fingerprint  text,
    server_major int
);
COMMENT ON TABLE migr.version IS 'the version of this database: one row per applied revision';
COMMENT ON COLUMN migr.version.ordinal IS 'place in the order of application';
COMMENT ON COLUMN migr.version.checksum IS 'of the script that ran';
COMMENT ON COLUMN migr.version.fingerprint IS 'of the schema that a run left with this revision as the last one; NULL for those within a run';
COMMENT ON COLUMN migr.version.server_major IS 'major version of the server that took the fingerprint';
COMMENT ON COLUMN migr.version.stamped IS 'recorded without running the script';

CREATE TABLE migr.log (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action       text NOT NULL CHECK (action IN ('load', 'unload', 'upgrade', 'downgrade', 'stamp', 'repair', 'reset', 'ddl')),
    target       text,
    tag          text,
    from_heads   text[] NOT NULL,
    to_heads     text[] NOT NULL,
    revisions    text[] NOT NULL,
    started_at   timestamptz NOT NULL,
    duration     interval NOT NULL,
    performed_by text NOT NULL,
    run_as       text NOT NULL,
    outcome      text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'failed')),
    command      text,
    objects      text[],
    statement    text,
    detail       text
);
COMMENT ON TABLE migr.log IS 'append-only: every load, run and stamp that changed something, and what migr.guard saw';
COMMENT ON COLUMN migr.log.detail IS 'of action repair: what was done, and why';
COMMENT ON COLUMN migr.log.command IS 'of action ddl: the command that changed the schema outside of migr';
COMMENT ON COLUMN migr.log.objects IS 'of action ddl: kind and identity of what it changed';
COMMENT ON COLUMN migr.log.statement IS 'of action ddl: what the client sent, shortened; may hold secrets, so not for PUBLIC';

-- A rule without a row is as it comes; so there are none to begin with, which
-- a dump would bring again.
CREATE TABLE migr.rule (
    name       text COLLATE "C" PRIMARY KEY,
    setting    text,
    exceptions text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE migr.rule IS 'the integrity rules that migr_verify() checks, where they are other than they come';
COMMENT ON COLUMN migr.rule.setting IS 'what the rule expects; NULL switches it on as it comes, off switches it off';
COMMENT ON COLUMN migr.rule.exceptions IS 'patterns, schema or schema.name, of objects that need not comply';

-- What pg_dump takes along with a database.
SELECT pg_catalog.pg_extension_config_dump('migr.revision', '');
SELECT pg_catalog.pg_extension_config_dump('migr.version', '');
SELECT pg_catalog.pg_extension_config_dump('migr.log', '');
SELECT pg_catalog.pg_extension_config_dump('migr.log_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('migr.rule', '');

REVOKE ALL ON migr.revision, migr.version, migr.log, migr.rule FROM PUBLIC;
GRANT SELECT ON migr.revision, migr.version, migr.rule TO PUBLIC;
GRANT SELECT (id, action, target, tag, from_heads, to_heads, revisions, started_at, duration,
              performed_by, run_as, outcome, command, objects, detail) ON migr.log TO PUBLIC;

-- Scripts may not change these tables, nor anybody what the log says.
CREATE FUNCTION migr.guard_table() RETURNS trigger
    LANGUAGE c SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'migr_guard_table';
COMMENT ON FUNCTION migr.guard_table() IS 'keeps revision scripts off migr''s tables and the log append-only';
REVOKE ALL ON FUNCTION migr.guard_table() FROM PUBLIC;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.revision
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.version
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.log
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
ALTER TABLE migr.revision ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.version ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.log ENABLE ALWAYS TRIGGER guard;

-- Rules can be set by ordinary SQL, in words that mean something.
CREATE FUNCTION migr.check_rule() RETURNS trigger
    LANGUAGE c SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'migr_check_rule';
COMMENT ON FUNCTION migr.check_rule() IS 'refuses integrity rules that there are not, and settings that make no sense';
REVOKE ALL ON FUNCTION migr.check_rule() FROM PUBLIC;

CREATE TRIGGER check_rule BEFORE INSERT OR UPDATE ON migr.rule
    FOR EACH ROW EXECUTE FUNCTION migr.check_rule();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.rule
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
ALTER TABLE migr.rule ENABLE ALWAYS TRIGGER check_rule;
ALTER TABLE migr.rule ENABLE ALWAYS TRIGGER guard;

CREATE TYPE migr.revision_info AS (
    revision        text,
    down_revision   text[],
    depends_on      text[],
    branch_labels   text[],
    message         text,
    created_at      timestamptz,
    is_base         boolean,
    is_head         boolean,
    is_branch_point boolean,
    is_merge_point  boolean,
    is_applied      boolean,
    is_current      boolean,
    applied_at      timestamptz,
    applied_by      text,
    reversible      boolean
);
COMMENT ON TYPE migr.revision_info IS 'what there is to know of a revision';

--
-- Scripts
--

CREATE FUNCTION migr_load(scripts text, replace boolean DEFAULT false,
                          OUT revision text, OUT action text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_load(text, boolean) IS 'register revision scripts, all or none';

CREATE FUNCTION migr_load_directory(path text DEFAULT NULL,
                                    OUT file text, OUT revision text, OUT action text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_load_directory(text) IS 'register the *.sql files of server directories; by default those of migr.script_location';

CREATE FUNCTION migr_script(revision text) RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_script(text) IS 'text of a stored revision script';

CREATE FUNCTION migr_unload(revision text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_unload(text) IS 'forget an unapplied revision that no other names';

CREATE FUNCTION migr_revision(message text, upgrade text DEFAULT '', downgrade text DEFAULT '',
                              verify text DEFAULT '', revision_id text DEFAULT NULL,
                              head text DEFAULT 'head', splice boolean DEFAULT false,
                              branch_labels text[] DEFAULT NULL, depends_on text[] DEFAULT NULL,
                              autogenerate boolean DEFAULT false, desired text DEFAULT NULL,
                              renames jsonb DEFAULT NULL)
    RETURNS text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb)
    IS 'write, register and return a new revision script';

CREATE FUNCTION migr_merge(revisions text[] DEFAULT '{heads}', message text DEFAULT NULL,
                           branch_labels text[] DEFAULT NULL, revision_id text DEFAULT NULL)
    RETURNS text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_merge(text[], text, text[], text) IS 'write, register and return a revision that merges heads';

--
-- Running
--

CREATE FUNCTION migr_upgrade(target text DEFAULT 'head', dry_run boolean DEFAULT false,
                             tag text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_upgrade(text, boolean, text) IS 'apply revisions up to a target, in one transaction';

CREATE FUNCTION migr_downgrade(target text, dry_run boolean DEFAULT false,
                               tag text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_downgrade(text, boolean, text) IS 'undo revisions down to a target, in one transaction';

CREATE FUNCTION migr_stamp(target text, purge boolean DEFAULT false, tag text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_stamp(text, boolean, text) IS 'set the version without running anything';

CREATE FUNCTION migr_reset(confirm text)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_reset(text) IS 'for development: drop the schema and its data, and upgrade to the heads';

CREATE FUNCTION migr_sql(range text DEFAULT 'current:head', direction text DEFAULT 'upgrade')
    RETURNS text LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_sql(text, text) IS 'the SQL of an upgrade or downgrade, for psql -1';

--
-- Inspecting
--

CREATE FUNCTION migr_current() RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_current() IS 'the revisions that the database is at';

CREATE FUNCTION migr_heads() RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_heads() IS 'the revisions that no other revises';

CREATE FUNCTION migr_branches() RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_branches() IS 'the revisions that more than one other revises';

CREATE FUNCTION migr_history(range text DEFAULT 'base:heads') RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_history(text) IS 'the stored revisions of a range, newest first';

CREATE FUNCTION migr_show(revision text) RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_show(text) IS 'the revisions that a name means';

CREATE FUNCTION migr_pending(target text DEFAULT 'head') RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_pending(text) IS 'the revisions that an upgrade would apply, in order';

CREATE FUNCTION migr_status(OUT current_heads text[], OUT script_heads text[],
                            OUT applied bigint, OUT pending bigint, OUT up_to_date boolean,
                            OUT unknown text[], OUT drift_free boolean,
                            OUT last_action text, OUT last_at timestamptz, OUT last_by text)
    RETURNS record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_status() IS 'the state of this database in one row';

CREATE FUNCTION migr_check() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_check() IS 'true, or an error when a revision is pending or the scripts do not build the desired schema';

--
-- Schema
--

CREATE FUNCTION migr_schema(revision text DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_schema(text) IS 'canonical DDL of this database''s schema, or of what the scripts build up to a revision';

CREATE FUNCTION migr_fingerprint(revision text DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_fingerprint(text) IS 'SHA-256 of what migr_schema() prints';

CREATE FUNCTION migr_diff(desired text DEFAULT NULL, current text DEFAULT NULL,
                          renames jsonb DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_diff(text, text, jsonb) IS 'SQL that turns this database''s schema, or what other DDL builds, into what the desired DDL builds';

--
-- Trust
--

CREATE FUNCTION migr_validate(OUT revision text, OUT problem text, OUT detail text)
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_validate() IS 'what is wrong with the stored scripts; nothing is good';

CREATE FUNCTION migr_verify(checks text[] DEFAULT NULL, OUT check_name text, OUT object text,
                            OUT status text, OUT detail text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_verify(text[]) IS 'check this database: chain, scripts, versions, sections, drift, integrity';

CREATE FUNCTION migr_test(target text DEFAULT 'heads',
                          OUT revision text, OUT status text, OUT detail text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_test(text) IS 'each revision up, down and up again, in scratch schemas';

CREATE FUNCTION migr_repair(check_only boolean DEFAULT false,
                            OUT finding text, OUT action text, OUT detail text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_repair(boolean) IS 'finds out at which revision the schema is, and sets the version to that';

REVOKE ALL ON FUNCTION migr_load(text, boolean), migr_load_directory(text), migr_unload(text),
    migr_upgrade(text, boolean, text), migr_downgrade(text, boolean, text),
    migr_stamp(text, boolean, text), migr_reset(text), migr_test(text), migr_repair(boolean),
    migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb),
    migr_merge(text[], text, text[], text)
    FROM PUBLIC;

-- In a trusted extension the script runs as a superuser; who installs it owns
-- what holds the state and what reads and changes it, and so can grant it to
-- others, or revoke it.
ALTER TABLE migr.revision OWNER TO @extowner@;
ALTER TABLE migr.version OWNER TO @extowner@;
ALTER TABLE migr.log OWNER TO @extowner@;
ALTER TABLE migr.rule OWNER TO @extowner@;
ALTER FUNCTION migr_load(text, boolean) OWNER TO @extowner@;
ALTER FUNCTION migr_load_directory(text) OWNER TO @extowner@;
ALTER FUNCTION migr_script(text) OWNER TO @extowner@;
ALTER FUNCTION migr_unload(text) OWNER TO @extowner@;
ALTER FUNCTION migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb)
    OWNER TO @extowner@;
ALTER FUNCTION migr_merge(text[], text, text[], text) OWNER TO @extowner@;
ALTER FUNCTION migr_upgrade(text, boolean, text) OWNER TO @extowner@;
ALTER FUNCTION migr_downgrade(text, boolean, text) OWNER TO @extowner@;
ALTER FUNCTION migr_stamp(text, boolean, text) OWNER TO @extowner@;
ALTER FUNCTION migr_reset(text) OWNER TO @extowner@;
ALTER FUNCTION migr_test(text) OWNER TO @extowner@;
ALTER FUNCTION migr_repair(boolean) OWNER TO @extowner@;
ALTER FUNCTION migr_sql(text, text) OWNER TO @extowner@;
ALTER FUNCTION migr_current() OWNER TO @extowner@;
ALTER FUNCTION migr_heads() OWNER TO @extowner@;
ALTER FUNCTION migr_branches() OWNER TO @extowner@;
ALTER FUNCTION migr_history(text) OWNER TO @extowner@;
ALTER FUNCTION migr_show(text) OWNER TO @extowner@;
ALTER FUNCTION migr_pending(text) OWNER TO @extowner@;
ALTER FUNCTION migr_status() OWNER TO @extowner@;
ALTER FUNCTION migr_check() OWNER TO @extowner@;
ALTER FUNCTION migr_schema(text) OWNER TO @extowner@;
ALTER FUNCTION migr_fingerprint(text) OWNER TO @extowner@;
ALTER FUNCTION migr_diff(text, text, jsonb) OWNER TO @extowner@;
ALTER FUNCTION migr_validate() OWNER TO @extowner@;
ALTER FUNCTION migr_verify(text[]) OWNER TO @extowner@;

-- Schema changes outside of migr.  Behind everything else, so that these do not
-- fire in this script.  The function stays a superuser's: it is called in the
-- sessions of others.
CREATE FUNCTION migr.guard_schema() RETURNS event_trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_guard_schema';
COMMENT ON FUNCTION migr.guard_schema() IS 'notices schema changes outside of migr, as migr.guard says';
REVOKE ALL ON FUNCTION migr.guard_schema() FROM PUBLIC;

CREATE EVENT TRIGGER migr_guard_start ON ddl_command_start
    WHEN TAG IN ('CREATE INDEX', 'DROP INDEX', 'ALTER TABLE')
    EXECUTE FUNCTION migr.guard_schema();
COMMENT ON EVENT TRIGGER migr_guard_start IS 'refuses what commits before it ends';
CREATE EVENT TRIGGER migr_guard_end ON ddl_command_end EXECUTE FUNCTION migr.guard_schema();
COMMENT ON EVENT TRIGGER migr_guard_end IS 'what is created and altered';
CREATE EVENT TRIGGER migr_guard_drop ON sql_drop EXECUTE FUNCTION migr.guard_schema();
COMMENT ON EVENT TRIGGER migr_guard_drop IS 'what is dropped';
