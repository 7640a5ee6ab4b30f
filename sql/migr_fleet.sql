-- Many databases, looked at and deployed to from one: the control database.
--
--     psql -d control -f "$(pg_config --sharedir)/extension/migr_fleet.sql"
--
-- No part of extension migr, which the control database does not need.  It needs dblink, which
-- comes with the server's contrib: CREATE EXTENSION dblink.  How to use it says
-- doc/howto-many-databases.md.  DROP SCHEMA migr_fleet CASCADE takes it away again.
--
-- What calls dblink is in functions whose search_path is that of here; procedures, which
-- commit, can't have one, and so do nothing but call these.

\set ON_ERROR_STOP on
BEGIN;

DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'dblink') THEN
        RAISE EXCEPTION 'extension dblink is not here' USING HINT = 'CREATE EXTENSION dblink, as a superuser.';
    END IF;
END
$do$;
SELECT pg_catalog.set_config('search_path', pg_catalog.format('pg_catalog, %I, pg_temp', n.nspname), true) AS "search_path"
  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname = 'dblink'
\gset migr_fleet_

CREATE SCHEMA migr_fleet;
COMMENT ON SCHEMA migr_fleet IS 'databases that are under revision control by migr, and what was deployed to them';

CREATE TABLE migr_fleet.database (
    name   text PRIMARY KEY,
    canary boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    id     integer GENERATED ALWAYS AS IDENTITY UNIQUE
);
COMMENT ON TABLE migr_fleet.database IS 'the databases of the fleet; how each is reached says the foreign server of its name';
COMMENT ON COLUMN migr_fleet.database.canary IS 'whether it comes before the others, which wait until it is done';
COMMENT ON COLUMN migr_fleet.database.active IS 'whether it is deployed to';

CREATE TABLE migr_fleet.release (
    name       text PRIMARY KEY,
    target     text NOT NULL,
    scripts    text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE migr_fleet.release IS 'what was to be deployed: the scripts, unless they are there already, and up to where';

CREATE TABLE migr_fleet.run (
    release    text NOT NULL REFERENCES migr_fleet.release ON DELETE CASCADE,
    database   text NOT NULL REFERENCES migr_fleet.database ON UPDATE CASCADE ON DELETE CASCADE,
    state      text NOT NULL CHECK (state IN ('loading', 'deploying', 'done', 'failed')),
    attempt    integer NOT NULL DEFAULT 1,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    heads      text[],
    sqlstate   text,
    error      text,
    PRIMARY KEY (release, database)
);
COMMENT ON TABLE migr_fleet.run IS 'how far each database is with a release: a row for each that was begun';
CREATE INDEX run_failed ON migr_fleet.run (database, ended_at) WHERE state = 'failed';

CREATE TYPE migr_fleet.report AS (
    name              text,
    database          text,
    heads             text[],
    pending           integer,
    up_to_date        boolean,
    drift_free        boolean,
    drift_checked_at  timestamptz,
    run_action        text,
    run_at            timestamptz,
    run_by            text,
    run_duration      interval,
    run_outcome       text,
    last_failure      text,
    extension_version text,
    server_version    text,
    error             text
);

--
-- One database
--

CREATE FUNCTION migr_fleet.add(name text, canary boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    options text[];
BEGIN
    SELECT srvoptions INTO options FROM pg_foreign_server s WHERE s.srvname = add.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no foreign server "%"', name USING ERRCODE = 'undefined_object',
            HINT = 'CREATE SERVER … FOREIGN DATA WRAPPER dblink_fdw, and a user mapping, say how the database is reached.';
    END IF;
    -- Who waits for one that is not there keeps all others waiting.
    IF NOT EXISTS (SELECT FROM unnest(options) o WHERE o ~ '^connect_timeout=[1-9]') THEN
        RAISE EXCEPTION 'foreign server "%" has no connect_timeout', name USING ERRCODE = 'invalid_parameter_value',
            HINT = format('ALTER SERVER %I OPTIONS (ADD connect_timeout ''3'')', name);
    END IF;
    INSERT INTO migr_fleet.database AS d (name, canary) VALUES (add.name, add.canary)
        ON CONFLICT ON CONSTRAINT database_pkey DO UPDATE SET canary = EXCLUDED.canary, active = true;
END
$body$;
COMMENT ON FUNCTION migr_fleet.add(text, boolean) IS 'adds the database that a foreign server leads to';

CREATE FUNCTION migr_fleet.connect(id integer) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    server text;
BEGIN
    SELECT d.name INTO STRICT server FROM migr_fleet.database d WHERE d.id = connect.id;
    PERFORM migr_fleet.disconnect(id);
    PERFORM dblink_connect('migr_fleet ' || id, server);
    PERFORM dblink_exec('migr_fleet ' || id, 'SET client_min_messages = warning');
END
$body$;

CREATE FUNCTION migr_fleet.disconnect(id integer) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
BEGIN
    IF 'migr_fleet ' || id = ANY (dblink_get_connections()) THEN
        PERFORM dblink_disconnect('migr_fleet ' || id);
    END IF;
END
$body$;

CREATE FUNCTION migr_fleet.send(id integer, sql text) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
BEGIN
    IF dblink_send_query('migr_fleet ' || id, sql) <> 1 THEN
        RAISE EXCEPTION 'could not send: %', dblink_error_message('migr_fleet ' || id) USING ERRCODE = 'connection_failure';
    END IF;
END
$body$;

CREATE FUNCTION migr_fleet.is_busy(id integer) RETURNS boolean
    LANGUAGE sql SET search_path FROM CURRENT AS $body$
    SELECT dblink_is_busy('migr_fleet ' || id) = 1
$body$;

-- What was sent has ended: raises its error.
CREATE FUNCTION migr_fleet.receive(id integer) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    line text;
BEGIN
    SELECT r.line INTO line FROM dblink_get_result('migr_fleet ' || id) AS r (line text);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the connection was lost: %', dblink_error_message('migr_fleet ' || id) USING ERRCODE = 'connection_failure';
    END IF;
    PERFORM FROM dblink_get_result('migr_fleet ' || id) AS r (line text);
END
$body$;

-- An error in one text, with the place in the script.
CREATE FUNCTION migr_fleet.describe(message text, detail text, context text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $body$
    SELECT concat_ws(E'\n', message, nullif(btrim(detail, E' \n'), ''), substring(context FROM 'revision "[^\n]*'))
$body$;

--
-- Looking
--

-- Which versions there are is told by a database too that has no migr.status.
CREATE FUNCTION migr_fleet.ask(id integer, patience interval) RETURNS text
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    detail text;
BEGIN
    PERFORM migr_fleet.connect(id);
    -- Nor does it go on there when nobody waits for it any more.
    PERFORM dblink_exec('migr_fleet ' || id, format('SET statement_timeout = %s', 1000 + ceil(1000 * extract(epoch FROM patience))));
    PERFORM migr_fleet.send(id,
        $sql$SELECT pg_catalog.current_database(), (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'migr'),
                    pg_catalog.current_setting('server_version');
             SELECT heads, pending, up_to_date, drift_free, drift_checked_at, run_action, run_at, run_by, run_duration,
                    run_outcome, last_failure FROM migr.status$sql$);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN migr_fleet.describe(SQLERRM, detail, NULL);
END
$body$;

CREATE FUNCTION migr_fleet.hear(id integer) RETURNS migr_fleet.report
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    r      migr_fleet.report;
    detail text;
BEGIN
    BEGIN
        SELECT a.* INTO r.database, r.extension_version, r.server_version
          FROM dblink_get_result('migr_fleet ' || id) AS a (database text, extension_version text, server_version text);
        SELECT a.* INTO r.heads, r.pending, r.up_to_date, r.drift_free, r.drift_checked_at, r.run_action, r.run_at, r.run_by,
                        r.run_duration, r.run_outcome, r.last_failure
          FROM dblink_get_result('migr_fleet ' || id)
               AS a (heads text[], pending integer, up_to_date boolean, drift_free boolean, drift_checked_at timestamptz,
                     run_action text, run_at timestamptz, run_by text, run_duration interval, run_outcome text,
                     last_failure text);
        IF NOT FOUND THEN
            r.error := 'the connection was lost';
        END IF;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        r.error := CASE WHEN r.server_version IS NOT NULL AND r.extension_version IS NULL
                        THEN 'extension migr is not there' ELSE migr_fleet.describe(SQLERRM, detail, NULL) END;
    END;
    PERFORM migr_fleet.disconnect(id);
    RETURN r;
END
$body$;

-- What has failed here last, unless something succeeded since: a run that is rolled back has no row
-- in the database itself.
CREATE FUNCTION migr_fleet.failure(name text) RETURNS text
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS $body$
    SELECT format('release %s at %s: %s', f.release, date_trunc('second', f.ended_at), f.error)
      FROM (SELECT * FROM migr_fleet.run r WHERE r.database = failure.name AND r.ended_at IS NOT NULL
             ORDER BY r.ended_at DESC LIMIT 1) f
     WHERE f.state = 'failed'
$body$;

CREATE FUNCTION migr_fleet.status(at_once integer DEFAULT 8, patience interval DEFAULT '10s')
    RETURNS SETOF migr_fleet.report
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    waiting  integer[] := ARRAY(SELECT d.id FROM migr_fleet.database d ORDER BY d.name);
    asked    integer[] := '{}';
    since    timestamptz[] := '{}';     -- in the order of asked
    one      integer;
    r        migr_fleet.report;
BEGIN
    LOOP
        WHILE cardinality(waiting) > 0 AND cardinality(asked) < greatest(at_once, 1) LOOP
            one := waiting[1];
            waiting := waiting[2:];
            r := NULL;
            r.error := migr_fleet.ask(one, patience);
            IF r.error IS NULL THEN
                asked := asked || one;
                since := since || clock_timestamp();
                CONTINUE;
            END IF;
            r.name := (SELECT d.name FROM migr_fleet.database d WHERE d.id = one);
            r.last_failure := migr_fleet.failure(r.name);
            RETURN NEXT r;
        END LOOP;
        EXIT WHEN cardinality(asked) = 0;
        FOR i IN REVERSE cardinality(asked) .. 1 LOOP
            r := NULL;
            IF NOT migr_fleet.is_busy(asked[i]) THEN
                r := migr_fleet.hear(asked[i]);
            ELSIF clock_timestamp() > since[i] + patience THEN
                PERFORM migr_fleet.disconnect(asked[i]);
                r.error := format('no answer within %s', patience);
            ELSE
                CONTINUE;
            END IF;
            r.name := (SELECT d.name FROM migr_fleet.database d WHERE d.id = asked[i]);
            r.last_failure := coalesce(r.last_failure, migr_fleet.failure(r.name));
            asked := asked[:i - 1] || asked[i + 1:];
            since := since[:i - 1] || since[i + 1:];
            RETURN NEXT r;
        END LOOP;
        PERFORM pg_sleep(0.005);
    END LOOP;
END
$body$;
COMMENT ON FUNCTION migr_fleet.status(integer, interval) IS 'a row for each database; with an error for one that can''t be asked';

--
-- Deploying
--

CREATE FUNCTION migr_fleet.note_failure(release text, id integer, state text, message text, detail text, context text)
    RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
BEGIN
    PERFORM migr_fleet.disconnect(id);
    UPDATE migr_fleet.run r
       SET state = 'failed', ended_at = clock_timestamp(), sqlstate = note_failure.state,
           error = migr_fleet.describe(message, detail, context)
      FROM migr_fleet.database d
     WHERE d.id = note_failure.id AND r.database = d.name AND r.release = note_failure.release;
END
$body$;

-- The step that a database is at: nothing that it raises is the others' business.
CREATE FUNCTION migr_fleet.step(release text, id integer, lock_timeout interval, attempts integer) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    what      migr_fleet.release;
    at        text;
    server    text;
    detail    text;
    context   text;
BEGIN
    SELECT * INTO STRICT what FROM migr_fleet.release r WHERE r.name = step.release;
    SELECT d.name INTO STRICT server FROM migr_fleet.database d WHERE d.id = step.id;
    SELECT r.state INTO at FROM migr_fleet.run r
     WHERE r.release = step.release AND r.database = server AND r.state IN ('loading', 'deploying');
    IF NOT FOUND THEN
        INSERT INTO migr_fleet.run AS r (release, database, state) VALUES (step.release, server, 'loading')
            ON CONFLICT ON CONSTRAINT run_pkey DO UPDATE
            SET state = 'loading', attempt = r.attempt + 1, started_at = clock_timestamp(), ended_at = NULL,
                sqlstate = NULL, error = NULL;
    END IF;
    IF at IS NULL THEN
        PERFORM migr_fleet.connect(id);
        PERFORM migr_fleet.send(id, CASE WHEN what.scripts IS NULL THEN 'SELECT 1'
                                         ELSE format('SELECT count(*) FROM migr_load(%L)', what.scripts) END);
    ELSIF at = 'loading' THEN
        PERFORM migr_fleet.receive(id);
        PERFORM migr_fleet.send(id, format('CALL migr_deploy(%L, %L, %L, %L)', what.target, lock_timeout, attempts, release));
        UPDATE migr_fleet.run r SET state = 'deploying' WHERE r.release = step.release AND r.database = server;
    ELSE
        PERFORM migr_fleet.receive(id);
        UPDATE migr_fleet.run r
           SET state = 'done', ended_at = clock_timestamp(),
               heads = (SELECT h.heads FROM dblink('migr_fleet ' || step.id, 'SELECT current_heads FROM migr_status()') AS h (heads text[]))
         WHERE r.release = step.release AND r.database = server;
        PERFORM migr_fleet.disconnect(id);
    END IF;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
    -- The first step's row was rolled back with it.
    IF at IS NULL THEN
        INSERT INTO migr_fleet.run AS r (release, database, state) VALUES (step.release, server, 'loading')
            ON CONFLICT ON CONSTRAINT run_pkey DO UPDATE
            SET state = 'loading', attempt = r.attempt + 1, started_at = clock_timestamp();
    END IF;
    PERFORM migr_fleet.note_failure(release, id, SQLSTATE, SQLERRM, detail, context);
END
$body$;

-- Nobody else deploys, and what was cut off has failed.
CREATE FUNCTION migr_fleet.take_up(release text, scripts text, target text) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    what migr_fleet.release;
BEGIN
    IF NOT pg_try_advisory_lock('migr_fleet.run'::regclass::oid::integer, 0) THEN
        RAISE EXCEPTION 'another session is deploying to the fleet' USING ERRCODE = 'lock_not_available';
    END IF;
    PERFORM migr_fleet.disconnect(d.id) FROM migr_fleet.database d;
    INSERT INTO migr_fleet.release (name, target, scripts) VALUES (release, coalesce(target, 'head'), scripts)
        ON CONFLICT ON CONSTRAINT release_pkey DO NOTHING;
    SELECT * INTO STRICT what FROM migr_fleet.release r WHERE r.name = take_up.release;
    IF scripts <> coalesce(what.scripts, '') OR target <> what.target THEN
        PERFORM migr_fleet.finish();
        RAISE EXCEPTION 'release "%" is of other scripts, or has another target', release USING
            ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Give what has changed another name.';
    END IF;
    UPDATE migr_fleet.run r
       SET state = 'failed', ended_at = clock_timestamp(), sqlstate = '57P01', error = 'the session that deployed was cut off'
     WHERE r.state IN ('loading', 'deploying');
    RETURN clock_timestamp();
END
$body$;

CREATE FUNCTION migr_fleet.finish() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    key integer := 'migr_fleet.run'::regclass::oid::integer;
BEGIN
    -- As often as calls that were cancelled have left it.
    WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid = 2
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                     AND classid = 'migr_fleet.run'::regclass AND objid = 0) LOOP
        PERFORM pg_advisory_unlock(key, 0);
    END LOOP;
END
$body$;

-- A little of what is to be done: on, or wait if all are busy, or done.
CREATE FUNCTION migr_fleet.turn(release text, since timestamptz, at_once integer, stop_after integer,
                                lock_timeout interval, attempts integer) RETURNS text
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    busy     integer[] := ARRAY(SELECT d.id FROM migr_fleet.run r JOIN migr_fleet.database d ON d.name = r.database
                                 WHERE r.release = turn.release AND r.state IN ('loading', 'deploying') ORDER BY d.id);
    failed   bigint := (SELECT count(*) FROM migr_fleet.run r
                         WHERE r.release = turn.release AND r.state = 'failed' AND r.started_at >= since);
    canaries bigint := (SELECT count(*) FROM migr_fleet.database d
                         WHERE d.canary AND d.active
                           AND NOT EXISTS (SELECT FROM migr_fleet.run r
                                            WHERE r.release = turn.release AND r.database = d.name AND r.state = 'done'));
    one      integer;
BEGIN
    FOREACH one IN ARRAY busy LOOP
        IF NOT migr_fleet.is_busy(one) THEN
            PERFORM migr_fleet.step(release, one, lock_timeout, attempts);
            RETURN 'on';
        END IF;
    END LOOP;
    IF cardinality(busy) < greatest(at_once, 1) AND (stop_after IS NULL OR failed < stop_after) THEN
        SELECT d.id INTO one FROM migr_fleet.database d
         WHERE d.active AND (d.canary OR canaries = 0)
           AND NOT EXISTS (SELECT FROM migr_fleet.run r
                            WHERE r.release = turn.release AND r.database = d.name
                              AND (r.state <> 'failed' OR r.started_at >= since))
         ORDER BY d.canary DESC, d.name LIMIT 1;
        IF FOUND THEN
            PERFORM migr_fleet.step(release, one, lock_timeout, attempts);
            RETURN 'on';
        END IF;
    END IF;
    RETURN CASE WHEN cardinality(busy) = 0 THEN 'done' ELSE 'wait' END;
END
$body$;

CREATE FUNCTION migr_fleet.conclude(release text) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
    done   bigint;
    failed bigint;
    rest   bigint;
    which  text;
BEGIN
    PERFORM migr_fleet.finish();
    SELECT count(*) FILTER (WHERE r.state = 'done'), count(*) FILTER (WHERE r.state = 'failed'),
           count(*) FILTER (WHERE r.state IS NULL),
           string_agg(d.name || ': ' || split_part(r.error, E'\n', 1), E'\n' ORDER BY d.name) FILTER (WHERE r.state = 'failed')
      INTO done, failed, rest, which
      FROM migr_fleet.database d LEFT JOIN migr_fleet.run r ON r.database = d.name AND r.release = conclude.release
     WHERE d.active;
    IF failed + rest > 0 THEN
        RAISE EXCEPTION 'release "%": % done, % failed, % not begun', release, done, failed, rest USING
            ERRCODE = 'object_not_in_prerequisite_state', DETAIL = which,
            HINT = format('SELECT * FROM migr_fleet.run tells all; CALL migr_fleet.deploy(%L) goes on with those that are not done.', release);
    END IF;
    RAISE NOTICE 'release "%": % done', release, done;
END
$body$;

CREATE PROCEDURE migr_fleet.deploy(release text, scripts text DEFAULT NULL, target text DEFAULT NULL,
                                   at_once integer DEFAULT 4, stop_after integer DEFAULT 3,
                                   lock_timeout interval DEFAULT '2s', attempts integer DEFAULT 30)
    LANGUAGE plpgsql AS $body$
DECLARE
    since timestamptz := migr_fleet.take_up(release, scripts, target);
    what  text;
BEGIN
    COMMIT;
    LOOP
        what := migr_fleet.turn(release, since, at_once, stop_after, lock_timeout, attempts);
        COMMIT;
        CASE what
            WHEN 'done' THEN EXIT;
            WHEN 'wait' THEN PERFORM pg_catalog.pg_sleep(0.01);
            ELSE NULL;
        END CASE;
    END LOOP;
    PERFORM migr_fleet.conclude(release);
END
$body$;
COMMENT ON PROCEDURE migr_fleet.deploy(text, text, text, integer, integer, interval, integer) IS
    'loads scripts and calls migr_deploy() in each database that is not done with the release, canaries first';

COMMIT;
