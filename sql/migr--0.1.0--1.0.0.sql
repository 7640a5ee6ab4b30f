-- From version 0.1.0 to 1.0.0.
--
-- This runs as a superuser also where somebody else owns the extension and its tables, as it
-- is trusted.  So nothing here runs what the owner may have put there: no row is written
-- (that is for migr.update_rows(), which does it as the owner), no table is written anew, and
-- what is evaluated over rows are operators of the server's, on types of the server's, which
-- migr.update_begin() makes sure of first.  Nothing is taken over: what has a name that is
-- needed is in the way.

\echo Use "ALTER EXTENSION migr UPDATE" to load this file. \quit

-- What helps here, and is gone at the end.
CREATE FUNCTION migr.update_begin() RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_update_begin';
CREATE FUNCTION migr.update_rows() RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_update_rows';
CREATE FUNCTION migr.update_owners() RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_update_owners';
CREATE FUNCTION migr.hand_over(former pg_catalog.regprocedure, successor pg_catalog.regprocedure)
    RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_hand_over';
REVOKE ALL ON FUNCTION migr.update_begin(), migr.update_owners(), migr.update_rows(),
    migr.hand_over(pg_catalog.regprocedure, pg_catalog.regprocedure) FROM PUBLIC;

LOCK TABLE migr.revision, migr.version, migr.log, migr.rule IN ACCESS EXCLUSIVE MODE;
SELECT migr.update_begin();

--
-- Tables that are there
--

ALTER TABLE migr.revision
    ADD COLUMN replaces text[] NOT NULL DEFAULT '{}',
    ADD COLUMN loader oid,
    ADD COLUMN loaded_in text,
    ADD COLUMN loaded_session oid,
    ADD COLUMN loaded_session_name text;
CREATE INDEX revision_squash ON migr.revision (revision) WHERE replaces <> '{}';
COMMENT ON COLUMN migr.revision.replaces IS 'of a squash: the revisions whose place it takes, a range written out';
COMMENT ON COLUMN migr.revision.is_head IS 'no stored revision revises or depends on this one, and no squash replaces it; kept by migr_load() and migr_unload()';
COMMENT ON COLUMN migr.revision.loaded_by IS 'name of the role with whose rights the script was loaded';
COMMENT ON COLUMN migr.revision.loader IS 'that role; 0 where migr.script_location said what to load, which a superuser set; NULL: nobody vouches for the script';
COMMENT ON COLUMN migr.revision.loaded_session IS 'the role that the session was opened as in which this text came first; who approves it is another one';
COMMENT ON COLUMN migr.revision.loaded_session_name IS 'its name';
COMMENT ON COLUMN migr.revision.loaded_in IS 'the installation that the role belongs to: identifier of the server''s data directory, and OID of the extension';

-- The rows have no hash, which is right for what comes before the first one that has: the
-- chain begins with the next.
ALTER TABLE migr.log
    DROP CONSTRAINT log_action_check,
    ADD CONSTRAINT log_action_check
        CHECK (action IN ('load', 'unload', 'upgrade', 'downgrade', 'stamp', 'squash', 'repair', 'reset', 'ddl',
                          'deploy', 'revert', 'step', 'approve', 'withdraw')),
    DROP CONSTRAINT log_outcome_check,
    ADD CONSTRAINT log_outcome_check CHECK (outcome IN ('running', 'done', 'failed')),
    ADD COLUMN follows bigint[],
    ADD COLUMN hash text,
    ADD COLUMN durations interval[],
    ADD COLUMN step integer,
    ADD COLUMN checksum text,
    ADD COLUMN lsn pg_lsn,
    ADD COLUMN timeline integer,
    ADD COLUMN restore_point text,
    ADD COLUMN tenant text;
-- Where rows were written that are there is not known.
ALTER TABLE migr.log
    ALTER COLUMN lsn SET DEFAULT pg_catalog.pg_current_wal_insert_lsn(),
    ALTER COLUMN timeline SET DEFAULT ('x' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.pg_walfile_name(
        pg_catalog.pg_current_wal_insert_lsn()), 8))::pg_catalog.bit(32)::integer;
CREATE INDEX log_step_idx ON migr.log ((revisions[1]), id) WHERE action = 'step';
CREATE INDEX log_failed_idx ON migr.log (id) WHERE outcome = 'failed';
COMMENT ON TABLE migr.log IS 'append-only: every load, run and stamp that changed something, deploys that failed, statements that ran by themselves, and what migr.guard saw';
COMMENT ON COLUMN migr.log.detail IS 'of action repair: what was done, and why; of what failed: the error; of a batch: how many rows so far, and how fast';
COMMENT ON COLUMN migr.log.command IS 'of action ddl: the command that changed the schema outside of migr; of action step: the one that ran by itself';
COMMENT ON COLUMN migr.log.objects IS 'of action ddl: kind and identity of what it changed; of action step: indexes that were there before';
COMMENT ON COLUMN migr.log.step IS 'of action step: which statement of the section it was, from 1';
COMMENT ON COLUMN migr.log.checksum IS 'of action step: SHA-256 of the statement; of approve and withdraw: of the script';
COMMENT ON COLUMN migr.log.lsn IS 'where the write-ahead log was before what the row tells of: of a run, before its first statement';
COMMENT ON COLUMN migr.log.timeline IS 'of the write-ahead log';
COMMENT ON COLUMN migr.log.restore_point IS 'what that place is called, if migr.restore_point was on';
COMMENT ON COLUMN migr.log.tenant IS 'which tenant it was about; NULL: what all share';
COMMENT ON COLUMN migr.log.durations IS 'how long each of the revisions took that were run';
COMMENT ON COLUMN migr.log.follows IS 'rows whose hashes went into this one''s';
COMMENT ON COLUMN migr.log.hash IS 'SHA-256 of the row, statement included, and of the hashes of the rows that it follows; so not for PUBLIC';
GRANT SELECT (durations, step, checksum, lsn, timeline, restore_point, tenant) ON migr.log TO PUBLIC;

ALTER TABLE migr.rule
    ADD COLUMN query text,
    ADD COLUMN message text,
    ADD COLUMN before_commit boolean NOT NULL DEFAULT false,
    ADD COLUMN owner text COLLATE "C";
COMMENT ON COLUMN migr.rule.query IS 'of a rule of one''s own: what gives the objects that break it, and may say in a second column why';
COMMENT ON COLUMN migr.rule.message IS 'what is said of objects of which the query says nothing';
COMMENT ON COLUMN migr.rule.before_commit IS 'whether an upgrade is taken back that leaves such objects';
COMMENT ON COLUMN migr.rule.owner IS 'the role with whose rights the query runs, reading only';

--
-- Tables that are new
--

-- What is run again whenever its text has changed; with the text that ran last.
CREATE TABLE migr.repeatable (
    name        text COLLATE "C" PRIMARY KEY,
    depends_on  text[] NOT NULL,
    message     text NOT NULL,
    checksum    text NOT NULL,
    script      text NOT NULL,
    loaded_at   timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    loaded_by   text NOT NULL,
    loader      oid,
    loaded_in   text,
    applied_script   text,
    applied_checksum text,
    applied_at  timestamptz,
    applied_by  text,
    duration    interval,
    applied_loader    oid,
    applied_loaded_by text,
    applied_loaded_in text,
    loaded_session      oid,
    loaded_session_name text
);
COMMENT ON TABLE migr.repeatable IS 'scripts that run behind the revisions whenever their text has changed: a row each';
COMMENT ON COLUMN migr.repeatable.loader IS 'as in migr.revision';
COMMENT ON COLUMN migr.repeatable.loaded_session IS 'as in migr.revision';
COMMENT ON COLUMN migr.repeatable.applied_script IS 'the text that ran last; NULL if none did';
COMMENT ON COLUMN migr.repeatable.applied_loader IS 'who loaded the text that ran last; by and in as for loader';

CREATE TABLE migr.log_end (
    id   bigint PRIMARY KEY,
    hash text NOT NULL
);
COMMENT ON TABLE migr.log_end IS 'the ends of the log''s chain: the rows that no other follows yet';

-- What runs left of the schema, object by object.
CREATE TABLE migr.object (
    id           bytea NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    object       text COLLATE "C" NOT NULL,
    identity     text COLLATE "C" NOT NULL,
    catalog      oid NOT NULL,
    oid          oid NOT NULL,
    place        integer NOT NULL,
    root_catalog oid NOT NULL,
    root_oid     oid NOT NULL,
    schema       text COLLATE "C",
    name         text COLLATE "C" NOT NULL,
    sort         text NOT NULL,
    definition   text NOT NULL,
    privileges   text,
    owner        text,
    hash         bytea NOT NULL,
    created_by     text COLLATE "C",
    created_action text,
    created_role   text,
    created_at     timestamptz,
    changed_by     text COLLATE "C",
    changed_action text,
    changed_role   text,
    changed_at     timestamptz
);
CREATE INDEX object_name ON migr.object (name, schema);
-- A dump that is restored over what is there brings nothing twice.
CREATE UNIQUE INDEX object_id ON migr.object (id);
ALTER TABLE migr.object REPLICA IDENTITY USING INDEX object_id;
CREATE INDEX object_root ON migr.object (root_oid, root_catalog);
CREATE INDEX object_created_by ON migr.object (created_by);
CREATE INDEX object_changed_by ON migr.object (changed_by);
COMMENT ON TABLE migr.object IS 'the recorded schema: a row for each object that runs, stamps and scripts left';
COMMENT ON COLUMN migr.object.id IS 'SHA-256 of its kind and what it is called';
COMMENT ON COLUMN migr.object.catalog IS 'with oid, where it is in the installation that migr.recorded names';
COMMENT ON COLUMN migr.object.place IS 'of a column: its number in the table; else 0';
COMMENT ON COLUMN migr.object.root_oid IS 'with root_catalog, what it stands on: of a column, the table';
COMMENT ON COLUMN migr.object.definition IS 'SQL that makes it; of a table, without its columns';
COMMENT ON COLUMN migr.object.sort IS 'as migr.compare names it';
COMMENT ON COLUMN migr.object.privileges IS 'SQL that gives and takes rights; NULL: as it was created';
COMMENT ON COLUMN migr.object.owner IS 'SQL that gives it its owner';
COMMENT ON COLUMN migr.object.hash IS 'SHA-256 of definition and privileges';
COMMENT ON COLUMN migr.object.created_by IS 'the revision, or repeatable script, that made it; NULL if nobody knows';
COMMENT ON COLUMN migr.object.changed_by IS 'the one that changed it last';

CREATE TABLE migr.recorded (
    current      boolean NOT NULL,
    installation text NOT NULL,
    server_major integer NOT NULL,
    format       integer NOT NULL,
    sum          bytea NOT NULL,
    fingerprint  text NOT NULL,
    objects      bigint NOT NULL,
    horizon      bigint NOT NULL,
    written      pg_lsn NOT NULL,
    clean        boolean NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
ALTER TABLE migr.recorded REPLICA IDENTITY FULL;
CREATE UNIQUE INDEX recorded_one ON migr.recorded ((true));
COMMENT ON TABLE migr.recorded IS 'what holds for all rows of migr.object: one row';
COMMENT ON COLUMN migr.recorded.current IS 'do they say what the last run left?';
COMMENT ON COLUMN migr.recorded.installation IS 'that the addresses belong to: identifier of the server''s data directory, and OID of migr.revision';
COMMENT ON COLUMN migr.recorded.format IS 'of the definitions, as the library prints them';
COMMENT ON COLUMN migr.recorded.sum IS 'LtHash over roots: of each, the ids and hashes of what stands on it';
COMMENT ON COLUMN migr.recorded.fingerprint IS 'SHA-256 of the sum';
COMMENT ON COLUMN migr.recorded.horizon IS 'no transaction before this one was running when it was recorded';
COMMENT ON COLUMN migr.recorded.written IS 'the place in the log of the server where it was recorded';
COMMENT ON COLUMN migr.recorded.clean IS 'has each run found what the one before it had left, as far as runs see?';

-- Without a key, as rows that replication brings are in nobody's way.  It is a table of its
-- own, so that no run waits for who looks.
CREATE TABLE migr.looked (
    looked_at   timestamptz,
    recorded_at timestamptz,
    fingerprint text,
    differing   integer
);
ALTER TABLE migr.looked REPLICA IDENTITY FULL;
COMMENT ON TABLE migr.looked IS 'when somebody last looked whether the database is as it was recorded: one row';
COMMENT ON COLUMN migr.looked.recorded_at IS 'with fingerprint, which record that was';
COMMENT ON COLUMN migr.looked.differing IS 'how many objects were not';

-- Scratch databases of this one are recognised by what is noted here, and what a
-- dump brings from elsewhere would be wrong: so it is not taken along.
CREATE TABLE migr.scratch (
    live       oid NOT NULL,
    role       oid NOT NULL,
    database   oid NOT NULL,
    name       text COLLATE "C" NOT NULL,
    contents   text NOT NULL,
    extensions text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (live, role)
);
COMMENT ON TABLE migr.scratch IS 'the scratch databases of this one, a row for each role that builds';
COMMENT ON COLUMN migr.scratch.live IS 'this database; another one if it is a copy';
COMMENT ON COLUMN migr.scratch.extensions IS 'what a superuser has prepared in it';
COMMENT ON COLUMN migr.scratch.contents IS 'digest of what was prepared in it; empty if nothing was';

-- Who has approved which run, until it has run.  No part of a dump: where one is restored, it is
-- approved anew.
CREATE TABLE migr.approval (
    revision    text COLLATE "C" NOT NULL,
    direction   text COLLATE "C" NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
    checksum    text NOT NULL,
    objects     text[] NOT NULL,
    addresses   text[] NOT NULL,
    hashes      text[] NOT NULL,
    before      text[] NOT NULL,
    before_checksums text[] NOT NULL,
    comment     text NOT NULL,
    approver    oid NOT NULL,
    approved_by text NOT NULL,
    approved_in text NOT NULL,
    approved_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    begun       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (revision, direction)
);
COMMENT ON TABLE migr.approval IS 'approvals that are not used up: a row each; what came of them is in migr.log';
COMMENT ON COLUMN migr.approval.checksum IS 'of the script that was approved';
COMMENT ON COLUMN migr.approval.objects IS 'what its statements name, as it was found then';
COMMENT ON COLUMN migr.approval.addresses IS 'of each of these: catalogs and OIDs of what it means, which is more where others inherit from it';
COMMENT ON COLUMN migr.approval.hashes IS 'of each of these: SHA-256 of what it was; empty: it was not there';
COMMENT ON COLUMN migr.approval.before IS 'the revisions that were to run before it';
COMMENT ON COLUMN migr.approval.before_checksums IS 'of each of these, of its script';
COMMENT ON COLUMN migr.approval.approver IS 'the role that the session was opened as; its name, and installation and OID of the database, beside it';
COMMENT ON COLUMN migr.approval.begun IS 'its script says transaction off, and has run in part';

-- What is known of the three tables of scripts and version, so that it need not be found
-- out again.  None of it is taken along by a dump: where it is restored, it is found out.
-- Neither table has a key: rows that replication brings from elsewhere are in nobody's way.
CREATE TABLE migr.generation (
    written_by text NOT NULL,
    number     bigint NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE migr.generation REPLICA IDENTITY FULL;
COMMENT ON TABLE migr.generation IS 'which writes of scripts, version and repeatable scripts were the last: a row for each that went on at the same time';
COMMENT ON COLUMN migr.generation.written_by IS 'the transaction';
COMMENT ON COLUMN migr.generation.number IS 'of its write';

-- What desired schemas came to when they were built: nobody's business but that of who
-- built them, and no part of a dump, since it goes by this server and this database.  Unlogged, so
-- that no replica gets it, nor who subscribes to all tables.
CREATE UNLOGGED TABLE migr.remembered (
    build       uuid NOT NULL,
    piece       integer NOT NULL,
    role        oid NOT NULL,
    environment text COLLATE "C" NOT NULL,
    desired     text COLLATE "C" NOT NULL,
    bytes       bigint,
    made_at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    content     bytea NOT NULL
);

-- Nothing is unique here, so nobody who writes waits for anybody.
CREATE INDEX remembered_build_idx ON migr.remembered (build, piece);
CREATE INDEX remembered_role_idx ON migr.remembered (role, environment) WHERE piece = 0;

COMMENT ON TABLE migr.remembered IS 'what desired schemas came to when they were built, in pieces; written and read by migr alone, each role''s for that role';
COMMENT ON COLUMN migr.remembered.environment IS 'digest of all that a build depends on besides its DDL';
COMMENT ON COLUMN migr.remembered.desired IS 'digest of the DDL';
COMMENT ON COLUMN migr.remembered.bytes IS 'of piece 0: how large all are';
COMMENT ON COLUMN migr.remembered.content IS 'of piece 0, sealed with a secret of the server: the digests of the others, and what goes with all';

-- A row for each tenant, never one for tenant and revision.  It is the schema's name that
-- counts: OIDs are others behind a dump.
CREATE TABLE migr.tenant (
    tenant      text COLLATE "C" PRIMARY KEY,
    heads       text[] NOT NULL,
    applied     integer NOT NULL,
    state       text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'failed')),
    fingerprint text,
    error       text,
    sqlstate    text,
    tries       integer NOT NULL DEFAULT 0,
    changed_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    changed_by  text NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE migr.tenant IS 'where each tenant stands: schemas that have a version of their own, by the branch that migr.tenant_label names';
COMMENT ON COLUMN migr.tenant.tenant IS 'the schema';
COMMENT ON COLUMN migr.tenant.heads IS 'the revisions that it is at: these are applied to it, and of their branch all that they stand on';
COMMENT ON COLUMN migr.tenant.applied IS 'how many these are';
COMMENT ON COLUMN migr.tenant.state IS 'failed: the last run of it was rolled back';
COMMENT ON COLUMN migr.tenant.fingerprint IS 'of its schema as its last run left it, the name left out; NULL: nobody took it';
COMMENT ON COLUMN migr.tenant.error IS 'why the last run of it was rolled back';
COMMENT ON COLUMN migr.tenant.tries IS 'runs that were, since the last one that was not';

-- What runs have dropped with rows, while migr.keep_dropped says for how long.  The rows are in a
-- schema of their own, in which others than the owner of these tables find nothing by name.
CREATE SCHEMA migr_kept;
COMMENT ON SCHEMA migr_kept IS 'what runs have dropped, as migr.keep_dropped says; migr_kept() tells of it';
CREATE TABLE migr.kept (
    id          bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('table', 'column')),
    schema_name text COLLATE "C" NOT NULL,
    table_name  text COLLATE "C" NOT NULL,
    column_name text COLLATE "C",
    relation    text COLLATE "C" NOT NULL,
    revision    text COLLATE "C" NOT NULL,
    action      text COLLATE "C" NOT NULL,
    owner       text COLLATE "C" NOT NULL,
    key_columns text[] NOT NULL,
    sequence_columns text[] NOT NULL,
    sequence_values  text[] NOT NULL,
    rows        bigint,
    kept_by     text COLLATE "C" NOT NULL,
    kept_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX kept_revision ON migr.kept (revision, action);
COMMENT ON TABLE migr.kept IS 'the tables and columns that runs have dropped and whose rows are kept: a row each';
COMMENT ON COLUMN migr.kept.relation IS 'where they are, in schema migr_kept';
COMMENT ON COLUMN migr.kept.revision IS 'whose section dropped it';
COMMENT ON COLUMN migr.kept.action IS 'which one: upgrade or downgrade';
COMMENT ON COLUMN migr.kept.key_columns IS 'of a column: by which its values find their rows';
COMMENT ON COLUMN migr.kept.sequence_columns IS 'of a table: columns with a sequence, and in sequence_values how far it was';
COMMENT ON COLUMN migr.kept.rows IS 'how many there were; of a table, what the server believed';
COMMENT ON COLUMN migr.kept.expires_at IS 'when migr_discard() may drop them';

SELECT pg_catalog.pg_extension_config_dump('migr.repeatable', '');
SELECT pg_catalog.pg_extension_config_dump('migr.log_end', '');
SELECT pg_catalog.pg_extension_config_dump('migr.object', '');
SELECT pg_catalog.pg_extension_config_dump('migr.recorded', '');
SELECT pg_catalog.pg_extension_config_dump('migr.tenant', '');
SELECT pg_catalog.pg_extension_config_dump('migr.kept', '');
SELECT pg_catalog.pg_extension_config_dump('migr.kept_id_seq', '');

REVOKE ALL ON migr.repeatable, migr.log_end, migr.scratch,
    migr.generation, migr.object, migr.recorded, migr.looked, migr.remembered, migr.approval, migr.kept, migr.tenant FROM PUBLIC;
GRANT SELECT ON migr.repeatable, migr.generation, migr.recorded, migr.looked, migr.approval, migr.kept, migr.tenant TO PUBLIC;
GRANT SELECT (id, kind, object, identity, catalog, oid, place, root_catalog, root_oid, schema, name, sort, owner,
              hash, created_by, created_action, created_role, created_at,
              changed_by, changed_action, changed_role, changed_at) ON migr.object TO PUBLIC;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.repeatable
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.scratch
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.log_end
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.object
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.recorded
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.looked
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.generation
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.approval
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
ALTER TABLE migr.approval ENABLE ALWAYS TRIGGER guard;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.tenant
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.kept
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
ALTER TABLE migr.kept ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.generation ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.tenant ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.repeatable ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.scratch ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.looked ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.object ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.recorded ENABLE ALWAYS TRIGGER guard;
ALTER TABLE migr.log_end ENABLE ALWAYS TRIGGER guard;

-- Whoever writes a row of these, by hand or by replication, what was known of them is so
-- no more.  It needs no path of its own, which each row would pay for: it uses none.
CREATE FUNCTION migr.note_written() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'migr_note_written';
COMMENT ON FUNCTION migr.note_written() IS 'notes in migr.generation that rows are written';
REVOKE ALL ON FUNCTION migr.note_written() FROM PUBLIC;

CREATE TRIGGER written BEFORE INSERT OR UPDATE OR DELETE ON migr.revision
    FOR EACH ROW EXECUTE FUNCTION migr.note_written();
CREATE TRIGGER written BEFORE INSERT OR UPDATE OR DELETE ON migr.version
    FOR EACH ROW EXECUTE FUNCTION migr.note_written();
CREATE TRIGGER written BEFORE INSERT OR UPDATE OR DELETE ON migr.repeatable
    FOR EACH ROW EXECUTE FUNCTION migr.note_written();
ALTER TABLE migr.revision ENABLE ALWAYS TRIGGER written;
ALTER TABLE migr.version ENABLE ALWAYS TRIGGER written;
ALTER TABLE migr.repeatable ENABLE ALWAYS TRIGGER written;

-- Whoever writes a row of the log, by hand too, it is chained to those before.
-- What a dump or replication brings again is left out, so that a dump can be restored
-- over what is there.
CREATE FUNCTION migr.chain_log() RETURNS trigger
    LANGUAGE c SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'migr_chain_log';
COMMENT ON FUNCTION migr.chain_log() IS 'gives each row of the log an id that no other has, and a hash of it and of those before; leaves out what is there';
REVOKE ALL ON FUNCTION migr.chain_log() FROM PUBLIC;

CREATE TRIGGER chain BEFORE INSERT ON migr.log
    FOR EACH ROW EXECUTE FUNCTION migr.chain_log();
CREATE TRIGGER chain BEFORE INSERT ON migr.log_end
    FOR EACH ROW EXECUTE FUNCTION migr.chain_log();
ALTER TABLE migr.log ENABLE ALWAYS TRIGGER chain;
ALTER TABLE migr.log_end ENABLE ALWAYS TRIGGER chain;

-- The same, and what the record knows of it.
CREATE TYPE migr.revision_shown AS (
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
    reversible      boolean,
    made            text[],
    changed         text[]
);
COMMENT ON TYPE migr.revision_shown IS 'what there is to know of a revision, with what of the schema it has made, and what it has changed last';

-- The same of what is pending, and whom it waits for.
CREATE TYPE migr.revision_pending AS (
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
    reversible      boolean,
    approval        text
);
COMMENT ON TYPE migr.revision_pending IS 'what there is to know of a revision that is pending, with whose approval it has, or waits for';

-- One row, changed in its place; its reader looks whether it is of what is stored now.
CREATE TABLE migr.standing (
    generation text NOT NULL,
    revisions  int NOT NULL,
    applied    int NOT NULL,
    pending    int NOT NULL,
    due        int NOT NULL,
    unknown    text[] NOT NULL,
    heads      text[] NOT NULL,
    current    text[] NOT NULL,
    plain      boolean NOT NULL,
    waiting    text[],
    tips       migr.revision_info[]
) WITH (fillfactor = 50);
ALTER TABLE migr.standing REPLICA IDENTITY FULL;
COMMENT ON TABLE migr.standing IS 'where the database stands, as migr''s commands left it: what migr_check(), migr_current() and migr_status() answer';
COMMENT ON COLUMN migr.standing.generation IS 'name of what was stored then: as long as that is stored, the rest of the row holds';
COMMENT ON COLUMN migr.standing.plain IS 'there is no label and no squash';
COMMENT ON COLUMN migr.standing.waiting IS 'what is pending; NULL: too much to keep, or something applied stands on it';
COMMENT ON COLUMN migr.standing.tips IS 'what migr_current() returns; NULL: too much to keep';
REVOKE ALL ON migr.standing FROM PUBLIC;
GRANT SELECT ON migr.standing TO PUBLIC;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON migr.standing
    FOR EACH STATEMENT EXECUTE FUNCTION migr.guard_table();
ALTER TABLE migr.standing ENABLE ALWAYS TRIGGER guard;

-- What a publisher has in its tables of the same names says nothing of this database.  The name
-- comes before those of the other triggers, which need not see such rows.
CREATE FUNCTION migr.skip_replicated() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'migr_skip_replicated';
COMMENT ON FUNCTION migr.skip_replicated() IS 'leaves out rows that logical replication brings';
REVOKE ALL ON FUNCTION migr.skip_replicated() FROM PUBLIC;

CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.revision
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.version
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.repeatable
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.log
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.log_end
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.object
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.recorded
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.looked
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.rule
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.scratch
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.generation
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.standing
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.kept
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.tenant
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
CREATE TRIGGER apply BEFORE INSERT OR UPDATE OR DELETE ON migr.approval
    FOR EACH ROW EXECUTE FUNCTION migr.skip_replicated();
ALTER TABLE migr.revision ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.version ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.repeatable ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.log ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.log_end ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.object ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.recorded ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.looked ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.rule ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.scratch ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.generation ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.standing ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.kept ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.tenant ENABLE ALWAYS TRIGGER apply;
ALTER TABLE migr.approval ENABLE ALWAYS TRIGGER apply;

--
-- Functions that are there
--

COMMENT ON FUNCTION migr_script(text) IS 'text of a stored script';
COMMENT ON FUNCTION migr_unload(text) IS 'forget an unapplied revision, or a repeatable script, that no other names';
COMMENT ON FUNCTION migr_fingerprint(text) IS 'fingerprint of the schema: of all its objects';
COMMENT ON FUNCTION migr_test(text) IS 'each revision up, down and up again, in a scratch database';

-- It builds what it is given.
REVOKE ALL ON FUNCTION migr_diff(text, text, jsonb) FROM PUBLIC;

-- These have other arguments, or other columns.  What has taken the place of one belongs to
-- the same role, and whoever was granted that one may run it.
ALTER FUNCTION pg_catalog.migr_load(text, boolean) RENAME TO migr_load_0_1_0;
ALTER FUNCTION pg_catalog.migr_load_directory(text) RENAME TO migr_load_directory_0_1_0;
ALTER FUNCTION pg_catalog.migr_pending(text) RENAME TO migr_pending_0_1_0;
ALTER FUNCTION pg_catalog.migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb) RENAME TO migr_revision_0_1_0;
ALTER FUNCTION pg_catalog.migr_show(text) RENAME TO migr_show_0_1_0;
ALTER FUNCTION pg_catalog.migr_upgrade(text, boolean, text) RENAME TO migr_upgrade_0_1_0;
ALTER FUNCTION pg_catalog.migr_downgrade(text, boolean, text) RENAME TO migr_downgrade_0_1_0;
ALTER FUNCTION pg_catalog.migr_stamp(text, boolean, text) RENAME TO migr_stamp_0_1_0;
ALTER FUNCTION pg_catalog.migr_history(text) RENAME TO migr_history_0_1_0;
ALTER FUNCTION pg_catalog.migr_verify(text[]) RENAME TO migr_verify_0_1_0;
ALTER FUNCTION pg_catalog.migr_check() RENAME TO migr_check_0_1_0;
ALTER FUNCTION pg_catalog.migr_sql(text, text) RENAME TO migr_sql_0_1_0;
ALTER FUNCTION pg_catalog.migr_status() RENAME TO migr_status_0_1_0;

CREATE FUNCTION migr_load(scripts text, replace boolean DEFAULT false,
                          prune boolean DEFAULT false, rebase boolean DEFAULT false,
                          OUT revision text, OUT action text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_load_1_0';
COMMENT ON FUNCTION migr_load(text, boolean, boolean, boolean) IS 'register revision scripts, all or none; with prune, they are the whole project';

CREATE FUNCTION migr_load_directory(path text DEFAULT NULL, prune boolean DEFAULT false,
                                    OUT file text, OUT revision text, OUT action text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_load_directory_1_0';
COMMENT ON FUNCTION migr_load_directory(text, boolean) IS 'register the *.sql files of server directories; by default those of migr.script_location';

CREATE FUNCTION migr_revision(message text, upgrade text DEFAULT '', downgrade text DEFAULT '',
                              verify text DEFAULT '', revision_id text DEFAULT NULL,
                              head text DEFAULT 'head', splice boolean DEFAULT false,
                              branch_labels text[] DEFAULT NULL, depends_on text[] DEFAULT NULL,
                              autogenerate boolean DEFAULT false, desired text DEFAULT NULL,
                              renames jsonb DEFAULT NULL, base text DEFAULT 'scripts',
                              online boolean DEFAULT false, tenant text DEFAULT NULL)
    RETURNS text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_revision_1_0';
COMMENT ON FUNCTION migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb, text, boolean, text)
    IS 'write, register and return a new revision script; online, a chain of them';


CREATE FUNCTION migr_show(revision text) RETURNS SETOF migr.revision_shown
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'migr_show_1_0';
COMMENT ON FUNCTION migr_show(text) IS 'the revisions that a name means, with what they made';

CREATE FUNCTION migr_status(tenant text DEFAULT NULL, OUT current_heads text[], OUT script_heads text[],
                            OUT applied integer, OUT pending integer, OUT up_to_date boolean,
                            OUT unknown text[], OUT drift_free boolean,
                            OUT last_action text, OUT last_at timestamptz, OUT last_by text,
                            OUT last_failure text, OUT interrupted text,
                            OUT drift_checked_at timestamptz)
    RETURNS record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_status_1_0';
COMMENT ON FUNCTION migr_status(text) IS 'the state of this database in one row';

CREATE FUNCTION migr_upgrade(target text DEFAULT 'head', dry_run boolean DEFAULT false,
                             tag text DEFAULT NULL, tenant text DEFAULT NULL,
                             new_tenant boolean DEFAULT false)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_upgrade_1_0';
COMMENT ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) IS 'apply revisions up to a target, in one transaction';

CREATE FUNCTION migr_downgrade(target text, dry_run boolean DEFAULT false,
                               tag text DEFAULT NULL, tenant text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_downgrade_1_0';
COMMENT ON FUNCTION migr_downgrade(text, boolean, text, text) IS 'undo revisions down to a target, in one transaction';

CREATE FUNCTION migr_stamp(target text, purge boolean DEFAULT false, tag text DEFAULT NULL,
                           tenant text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_stamp_1_0';
COMMENT ON FUNCTION migr_stamp(text, boolean, text, text) IS 'set the version without running anything';

CREATE FUNCTION migr_history(range text DEFAULT 'base:heads', tenant text DEFAULT NULL)
    RETURNS SETOF migr.revision_info
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'migr_history_1_0';
COMMENT ON FUNCTION migr_history(text, text) IS 'the stored revisions of a range, newest first';

CREATE FUNCTION migr_pending(target text DEFAULT 'head', tenant text DEFAULT NULL)
    RETURNS SETOF migr.revision_pending
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'migr_pending_1_0';
COMMENT ON FUNCTION migr_pending(text, text) IS 'the revisions that an upgrade would apply, in order';

CREATE FUNCTION migr_check(tenant text DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_check_1_0';
COMMENT ON FUNCTION migr_check(text) IS 'true, or an error when a revision is pending or the scripts do not build the desired schema';

CREATE FUNCTION migr_verify(checks text[] DEFAULT NULL, tenant text DEFAULT NULL, OUT check_name text, OUT object text,
                            OUT status text, OUT detail text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_verify_1_0';
COMMENT ON FUNCTION migr_verify(text[], text) IS 'check this database: chain, scripts, versions, log, sections, drift, built, tenants, integrity';

CREATE FUNCTION migr_sql(range text DEFAULT 'current:head', direction text DEFAULT 'upgrade',
                         standalone boolean DEFAULT false, applied text[] DEFAULT NULL,
                         tenant text DEFAULT NULL)
    RETURNS text LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'migr_sql_1_0';
COMMENT ON FUNCTION migr_sql(text, text, boolean, text[], text) IS 'the SQL of an upgrade or downgrade, for psql; standalone: for a server without the extension';

REVOKE ALL ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_load_directory(text, boolean),
    migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb, text, boolean, text),
    migr_upgrade(text, boolean, text, text, boolean), migr_downgrade(text, boolean, text, text),
    migr_stamp(text, boolean, text, text)
    FROM PUBLIC;

SELECT migr.hand_over('pg_catalog.migr_upgrade_0_1_0(text, boolean, text)',
                      'pg_catalog.migr_upgrade(text, boolean, text, text, boolean)');
SELECT migr.hand_over('pg_catalog.migr_downgrade_0_1_0(text, boolean, text)',
                      'pg_catalog.migr_downgrade(text, boolean, text, text)');
SELECT migr.hand_over('pg_catalog.migr_stamp_0_1_0(text, boolean, text)',
                      'pg_catalog.migr_stamp(text, boolean, text, text)');
SELECT migr.hand_over('pg_catalog.migr_history_0_1_0(text)',
                      'pg_catalog.migr_history(text, text)');
SELECT migr.hand_over('pg_catalog.migr_pending_0_1_0(text)',
                      'pg_catalog.migr_pending(text, text)');
SELECT migr.hand_over('pg_catalog.migr_check_0_1_0()',
                      'pg_catalog.migr_check(text)');
SELECT migr.hand_over('pg_catalog.migr_verify_0_1_0(text[])',
                      'pg_catalog.migr_verify(text[], text)');
SELECT migr.hand_over('pg_catalog.migr_load_0_1_0(text, boolean)',
                      'pg_catalog.migr_load(text, boolean, boolean, boolean)');
SELECT migr.hand_over('pg_catalog.migr_load_directory_0_1_0(text)',
                      'pg_catalog.migr_load_directory(text, boolean)');
SELECT migr.hand_over('pg_catalog.migr_revision_0_1_0(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb)',
                      'pg_catalog.migr_revision(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb, text, boolean, text)');
SELECT migr.hand_over('pg_catalog.migr_show_0_1_0(text)',
                      'pg_catalog.migr_show(text)');
SELECT migr.hand_over('pg_catalog.migr_status_0_1_0()',
                      'pg_catalog.migr_status(text)');

SELECT migr.hand_over('pg_catalog.migr_sql_0_1_0(text, text)',
                      'pg_catalog.migr_sql(text, text, boolean, text[], text)');

DROP FUNCTION pg_catalog.migr_upgrade_0_1_0(text, boolean, text);
DROP FUNCTION pg_catalog.migr_downgrade_0_1_0(text, boolean, text);
DROP FUNCTION pg_catalog.migr_stamp_0_1_0(text, boolean, text);
DROP FUNCTION pg_catalog.migr_history_0_1_0(text);
DROP FUNCTION pg_catalog.migr_pending_0_1_0(text);
DROP FUNCTION pg_catalog.migr_check_0_1_0();
DROP FUNCTION pg_catalog.migr_verify_0_1_0(text[]);
DROP FUNCTION pg_catalog.migr_load_0_1_0(text, boolean);
DROP FUNCTION pg_catalog.migr_load_directory_0_1_0(text);
DROP FUNCTION pg_catalog.migr_revision_0_1_0(text, text, text, text, text, text, boolean, text[], text[], boolean, text, jsonb);
DROP FUNCTION pg_catalog.migr_show_0_1_0(text);
DROP FUNCTION pg_catalog.migr_sql_0_1_0(text, text);
DROP FUNCTION pg_catalog.migr_status_0_1_0();

--
-- Functions that are new
--

CREATE FUNCTION migr_squash(range text, message text DEFAULT NULL, revision_id text DEFAULT NULL)
    RETURNS text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_squash(text, text, text) IS 'write, register and return a revision that takes the place of a range of others';

CREATE PROCEDURE migr_deploy(target text DEFAULT 'head', lock_timeout interval DEFAULT '2s',
                             attempts integer DEFAULT 30, tag text DEFAULT NULL, phase text DEFAULT 'all')
    LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON PROCEDURE migr_deploy(text, interval, integer, text, text) IS 'apply revisions up to a target, with a commit for each and short locks';

CREATE PROCEDURE migr_revert(target text, lock_timeout interval DEFAULT '2s',
                             attempts integer DEFAULT 30, tag text DEFAULT NULL)
    LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON PROCEDURE migr_revert(text, interval, integer, text) IS 'undo revisions down to a target, with a commit for each and short locks';

CREATE PROCEDURE migr_deploy_tenants(pattern text DEFAULT '*', target text DEFAULT 'head',
                                     lock_timeout interval DEFAULT '2s', attempts integer DEFAULT 30,
                                     stop_after integer DEFAULT 10, canary text DEFAULT NULL,
                                     tag text DEFAULT NULL)
    LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON PROCEDURE migr_deploy_tenants(text, text, interval, integer, integer, text, text)
    IS 'apply revisions to the tenants that match a pattern, with a commit for each of them';

CREATE FUNCTION migr_redo(revision text DEFAULT NULL, scripts text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_redo(text, text) IS 'for development: undo a revision, the last one by default, load its script anew, apply it again';

CREATE FUNCTION migr_approve(revision text, comment text, direction text DEFAULT 'upgrade',
                             checksum text DEFAULT NULL, withdraw boolean DEFAULT false)
    RETURNS text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_approve(text, text, text, text, boolean) IS 'approve one run of a script that another role has loaded, as migr.require_approval wants it';

CREATE FUNCTION migr_adopt(version_table regclass DEFAULT NULL, tool text DEFAULT NULL, skip_lost boolean DEFAULT false,
                           check_only boolean DEFAULT false, tag text DEFAULT NULL,
                           OUT revision text, OUT action text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_adopt(regclass, text, boolean, boolean, text) IS 'record as applied what the version table of another tool says';

CREATE FUNCTION migr_adopt_tenants(pattern text, check_only boolean DEFAULT false,
                                   OUT tenant text, OUT heads text[], OUT action text, OUT detail text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_adopt_tenants(text, boolean) IS 'finds out at which revision schemas are that were there before migr, and makes them tenants';

CREATE FUNCTION migr_log("limit" integer DEFAULT NULL) RETURNS SETOF text
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_log(integer) IS 'the revisions with their graph, one line each, newest first';

CREATE FUNCTION migr_graph(format text DEFAULT 'text') RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_graph(text) IS 'the revisions as a picture: text, mermaid or dot';

CREATE FUNCTION migr_blame(pattern text, OUT kind text, OUT object text,
                           OUT created_by text, OUT created_action text, OUT created_role text, OUT created_at timestamptz,
                           OUT changed_by text, OUT changed_action text, OUT changed_role text, OUT changed_at timestamptz,
                           OUT message text, OUT by_hand text)
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_blame(text) IS 'which revisions made objects, and changed them last';

CREATE FUNCTION migr_schema_files(OUT path text, OUT ddl text) RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_schema_files() IS 'canonical DDL of this database''s schema, a file for each object';

CREATE FUNCTION migr_verify(checks text, OUT check_name text, OUT object text,
                            OUT status text, OUT detail text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migr_verify_names';
COMMENT ON FUNCTION migr_verify(text) IS 'check this database: names of checks, separated by commas';

CREATE FUNCTION migr_tenants(OUT tenant text, OUT heads text[], OUT state text, OUT form integer,
                             OUT alike integer, OUT odd boolean, OUT changed boolean,
                             OUT fingerprint text, OUT error text)
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_tenants() IS 'all tenants: where they stand, which are alike, and which are not as the others';

CREATE FUNCTION migr_plan(target text DEFAULT 'head',
                          OUT step integer, OUT revision text, OUT statement text, OUT line integer,
                          OUT command text, OUT relation text, OUT lock_mode text, OUT blocks text,
                          OUT rewrites boolean, OUT scans boolean, OUT relation_bytes bigint,
                          OUT hazard text, OUT advice text)
    RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_plan(text) IS 'what each pending statement locks, rewrites and reads, measured in a scratch database; hazards for a busy one';

CREATE FUNCTION migr_kept(OUT id bigint, OUT kind text, OUT object text, OUT revision text, OUT action text,
                          OUT owner text, OUT kept_by text, OUT kept_at timestamptz, OUT expires_at timestamptz,
                          OUT expired boolean, OUT rows bigint, OUT bytes bigint)
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_kept() IS 'what runs have dropped and migr keeps, as migr.keep_dropped says';

CREATE FUNCTION migr_take_back(id bigint) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_take_back(bigint) IS 'puts the rows or values of what migr keeps back where it was; how many';

CREATE FUNCTION migr_discard(id bigint DEFAULT NULL) RETURNS SETOF bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_discard(bigint) IS 'drops what migr keeps: the one that is named, or all that have expired';

CREATE FUNCTION migr_usage(target text DEFAULT 'head',
                           OUT revision text, OUT line integer, OUT change text, OUT kind text, OUT object text,
                           OUT last_read timestamptz, OUT read_by text, OUT read_application text,
                           OUT last_written timestamptz, OUT written_by text, OUT written_application text,
                           OUT observed_since timestamptz, OUT source text, OUT detail text)
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_usage(text) IS 'who last used what pending revisions drop or rename';

CREATE FUNCTION migr_scratch(OUT database text, OUT role text, OUT live text, OUT state text,
                             OUT size bigint, OUT created_at timestamptz)
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_scratch() IS 'the scratch databases of this one, and those that are nobody''s any more';

CREATE FUNCTION migr_scratch_create(role text DEFAULT NULL)
    RETURNS boolean LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_scratch_create(text) IS 'makes the scratch database of a role, the current one by default; true if it was not there';

CREATE FUNCTION migr_scratch_drop(role text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migr_scratch_drop(text) IS 'drops the scratch database of a role, the current one by default; a superuser also drops those that are nobody''s any more';

REVOKE ALL ON FUNCTION migr_squash(text, text, text),
    migr_redo(text, text),
    migr_approve(text, text, text, text, boolean),
    migr_adopt(regclass, text, boolean, boolean, text),
    migr_adopt_tenants(text, boolean),
    migr_plan(text),
    migr_scratch_create(text),
    migr_scratch_drop(text),
    migr_take_back(bigint),
    migr_discard(bigint)
    FROM PUBLIC;
REVOKE ALL ON PROCEDURE migr_deploy(text, interval, integer, text, text),
    migr_revert(text, interval, integer, text),
    migr_deploy_tenants(text, text, interval, integer, integer, text, text) FROM PUBLIC;

-- For who reads from elsewhere, by postgres_fdw above all, which imports no functions.  What is
-- seen is what the functions tell the caller.  They stay a superuser's, like the functions
-- in schema migr: others read them.
CREATE VIEW migr.status AS
SELECT pg_catalog.current_database()::text AS database,
       s.current_heads AS heads, s.script_heads, s.applied, s.pending, s.up_to_date, s.unknown,
       s.drift_free, s.drift_checked_at,
       r.action AS run_action, r.target AS run_target, r.tag AS run_tag, r.started_at AS run_at,
       r.performed_by AS run_by, r.duration AS run_duration, r.outcome AS run_outcome,
       s.last_failure, s.interrupted,
       (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) 'migr') AS extension_version,
       pg_catalog.current_setting('server_version') AS server_version
  FROM pg_catalog.migr_status() s
  LEFT JOIN (SELECT l.action, l.target, l.tag, l.started_at, l.performed_by, l.duration, l.outcome
               FROM migr.log l
              WHERE l.action OPERATOR(pg_catalog.=) ANY
                    ('{upgrade,downgrade,deploy,revert,stamp,repair,reset}'::pg_catalog.text[])
              ORDER BY l.id DESC LIMIT 1) r ON true;
COMMENT ON VIEW migr.status IS 'the state of this database in one row, with the last run, and of which version extension and server are';

CREATE VIEW migr.pending AS
SELECT p.ordinality AS ordinal, p.revision, p.down_revision, p.depends_on, p.branch_labels, p.message, p.created_at,
       p.reversible
  FROM pg_catalog.migr_pending('heads') WITH ORDINALITY p;
COMMENT ON VIEW migr.pending IS 'what an upgrade to all heads would apply, in order';

REVOKE ALL ON migr.status, migr.pending FROM PUBLIC;
GRANT SELECT ON migr.status, migr.pending TO PUBLIC;

-- Whoever runs this, what is new belongs to the role that has the rest.
SELECT migr.update_owners();

-- The fingerprints are of another kind: nothing can be compared with them any more.
SELECT migr.update_rows();

DROP FUNCTION migr.hand_over(pg_catalog.regprocedure, pg_catalog.regprocedure);
DROP FUNCTION migr.update_rows();
DROP FUNCTION migr.update_owners();
DROP FUNCTION migr.update_begin();

-- Behind everything else, so that it does not fire in this script.
DROP EVENT TRIGGER migr_guard_start;
CREATE EVENT TRIGGER migr_guard_start ON ddl_command_start
    WHEN TAG IN ('CREATE INDEX', 'DROP INDEX', 'ALTER TABLE', 'ALTER EXTENSION')
    EXECUTE FUNCTION migr.guard_schema();
COMMENT ON EVENT TRIGGER migr_guard_start IS 'refuses what commits before it ends';
