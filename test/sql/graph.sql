-- The computed cases of test/data/graph.json: graphs of revisions, questions
-- about them, and the answers of Alembic 1.19.2, each asked through SQL.
-- Where a case carries a quirk of Alembic's, the answers that are right are
-- listed in graph_accepts().

\set cases `cat test/data/graph.json`
SET client_min_messages = error;
CREATE TEMP TABLE entry AS SELECT e FROM jsonb_array_elements(:'cases') e;

CREATE FUNCTION pg_temp.words(a jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(w, ' ' ORDER BY place), '')
      FROM jsonb_array_elements_text(a) WITH ORDINALITY t (w, place)
$$;

-- The scripts of an entry's graph, with nothing in their sections.
CREATE FUNCTION pg_temp.graph_scripts(entry jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format(E'-- migr:revision %s\n-- migr:revises %s\n-- migr:message %s\n'
                             '-- migr:depends %s\n-- migr:labels %s\n'
                             '-- migr:upgrade\n-- migr:downgrade\n',
                             n ->> 'rev', pg_temp.words(n -> 'down'), n ->> 'message',
                             pg_temp.words(n -> 'deps'), pg_temp.words(n -> 'labels')), E'\n')
      FROM jsonb_array_elements(entry -> 'graph') n
$$;

-- An array, sorted.
CREATE FUNCTION pg_temp.sorted(a anyarray) RETURNS text[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(x::text ORDER BY x::text COLLATE "C"), '{}') FROM unnest(a) x
$$;
CREATE FUNCTION pg_temp.sorted(a jsonb) RETURNS text[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(x ORDER BY x COLLATE "C"), '{}') FROM jsonb_array_elements_text(a) x
$$;

-- The labels in force by the rule: of the revision, of all that come of it, and
-- below it down to the nearest branch point.
CREATE FUNCTION pg_temp.labels_by_rule(entry jsonb) RETURNS jsonb LANGUAGE sql AS $$
    WITH RECURSIVE
    edge AS (SELECT n ->> 'rev' AS child, jsonb_array_elements_text(n -> 'down') AS parent
               FROM jsonb_array_elements(entry -> 'graph') n),
    label AS (SELECT n ->> 'rev' AS rev, jsonb_array_elements_text(n -> 'labels') AS label
                FROM jsonb_array_elements(entry -> 'graph') n),
    above AS (SELECT * FROM label
              UNION SELECT child, label FROM above JOIN edge ON parent = rev),
    below AS (SELECT * FROM label
              UNION SELECT parent, label FROM below b JOIN edge e ON child = rev
                     WHERE 1 = (SELECT count(*) FROM edge o WHERE o.parent = e.parent)),
    held AS (SELECT * FROM above UNION SELECT * FROM below)
    SELECT jsonb_object_agg(n ->> 'rev', to_jsonb(pg_temp.sorted(
               ARRAY(SELECT label FROM held WHERE rev = n ->> 'rev'))))
      FROM jsonb_array_elements(entry -> 'graph') n
$$;

-- Bring the version to what the case starts from.  A row may name a revision
-- that has no script.
CREATE FUNCTION pg_temp.graph_start(current jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known text := (SELECT string_agg(c, ',') FROM jsonb_array_elements_text(current) c
                    JOIN migr.revision r ON r.revision = c);
BEGIN
    PERFORM migr_stamp(coalesce(known, 'base'), purge => true);
    INSERT INTO migr.version (revision, ordinal, stamped, applied_by)
        SELECT c, 1000000 + place, true, 'test'
          FROM jsonb_array_elements_text(current) WITH ORDINALITY t (c, place)
         WHERE NOT EXISTS (SELECT FROM migr.revision r WHERE r.revision = c);
END $$;

-- Is the graph one that can be loaded?  Where it can't, every question is
-- answered by what speaks against loading it.
CREATE FUNCTION pg_temp.loads(entry jsonb) RETURNS bool LANGUAGE sql AS $$
    SELECT NOT EXISTS (SELECT FROM jsonb_array_elements(entry -> 'cases') c
                        WHERE c ->> 'op' = 'load' AND c -> 'expect' ? 'error')
$$;

-- Do what a case asks for; the answer has the shape of the expected one.
CREATE FUNCTION pg_temp.graph_ask(entry jsonb, c jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    op text := CASE WHEN pg_temp.loads(entry) THEN c ->> 'op' ELSE 'load' END;
    target text := CASE jsonb_typeof(c -> 'target')
                   WHEN 'array' THEN replace(pg_temp.words(c -> 'target'), ' ', ',')
                   ELSE c ->> 'target' END;
    ids text[];
BEGIN
    IF op = 'load' THEN
        PERFORM migr_load(pg_temp.graph_scripts(entry));
    ELSIF op = 'upgrade' THEN
        SELECT array_agg(u) INTO ids FROM migr_upgrade(target) u;
    ELSIF op = 'downgrade' THEN
        SELECT array_agg(d) INTO ids FROM migr_downgrade(target) d;
    ELSIF op = 'stamp' THEN
        PERFORM migr_stamp(target, purge => coalesce((c #>> '{options,purge}')::bool, false));
    ELSIF op IN ('resolve', 'resolve-one') THEN
        SELECT array_agg(revision) INTO ids FROM migr_show(target);
    ELSIF op = 'history-range' THEN
        SELECT array_agg(revision) INTO ids
          FROM migr_history(CASE target WHEN '' THEN 'base:heads' ELSE target END);
    ELSIF op = 'current' THEN
        SELECT array_agg(revision) INTO ids FROM migr_current();
    ELSIF op IN ('check-heads', 'up-to-date') THEN
        PERFORM migr_check();
    ELSIF op = 'heads' THEN
        RETURN jsonb_build_object(
            'heads', (SELECT jsonb_agg(revision ORDER BY revision COLLATE "C") FROM migr_heads()),
            'effective', (SELECT to_jsonb(script_heads) FROM migr_status()),
            'bases', (SELECT jsonb_agg(revision ORDER BY revision COLLATE "C") FROM migr_history() WHERE is_base));
    ELSIF op = 'branches' THEN
        RETURN jsonb_build_object(
            'branchpoints', (SELECT coalesce(jsonb_agg(jsonb_build_object('rev', b.revision, 'into',
                                 (SELECT jsonb_agg(h.revision ORDER BY h.revision COLLATE "C")
                                    FROM migr_history() h WHERE b.revision = ANY (h.down_revision)))
                                 ORDER BY b.revision COLLATE "C"), '[]') FROM migr_branches() b),
            'mergepoints', (SELECT coalesce(jsonb_agg(revision ORDER BY revision COLLATE "C"), '[]')
                              FROM migr_history() WHERE is_merge_point));
    ELSIF op = 'labels' THEN
        RETURN jsonb_build_object('labels',
            (SELECT jsonb_object_agg(revision, to_jsonb(pg_temp.sorted(branch_labels)))
               FROM migr_history()), 'rule', pg_temp.labels_by_rule(entry));
    ELSE
        RAISE 'unknown operation %', op;
    END IF;
    RETURN jsonb_build_object('ids', coalesce(to_jsonb(ids), '[]'),
                              'final', to_jsonb(pg_temp.sorted((SELECT current_heads FROM migr_status()))));
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('error', SQLERRM, 'code', SQLSTATE);
END $$;

-- Is this order of steps one in which each revision finds what it needs?
CREATE FUNCTION pg_temp.valid_order(ids text[], down bool) RETURNS bool LANGUAGE sql AS $$
    SELECT NOT EXISTS (
        SELECT FROM migr_history() h, unnest(h.down_revision || h.depends_on) parent (name)
          JOIN migr_history() p ON p.revision = name OR name = ANY (p.branch_labels)
         WHERE h.revision = ANY (ids) AND p.revision = ANY (ids)
           AND (name = p.revision)
           AND (array_position(ids, h.revision) < array_position(ids, p.revision)) <> down)
$$;

-- Does the answer agree with an expected one?
CREATE FUNCTION pg_temp.graph_agrees(c jsonb, answer jsonb, expect jsonb) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
    op text := c ->> 'op';
    steps jsonb := (SELECT coalesce(jsonb_agg(s -> 'rev'), '[]') FROM jsonb_array_elements(expect -> 'steps') s);
    codes jsonb := '{"no_such_revision": "MG001", "no_such_branch": "MG001", "not_in_branch": "MG001",
        "ambiguous_prefix": "MG002", "multiple_heads": "MG003", "relative_out_of_range": "MG004",
        "ambiguous_walk": "MG004", "ambiguous_current": "MG004", "not_applied": "MG004",
        "not_ancestor": "MG004", "bad_range": "22023", "not_up_to_date": "MG009", "cycle": "MG005",
        "self_loop": "MG005", "dependency_cycle": "MG005", "dependency_self_loop": "MG005",
        "duplicate_label": "MG005", "missing_revision": "MG005", "illegal_character": "MG006"}';
BEGIN
    IF expect ? 'error' THEN
        RETURN answer ->> 'code' = codes ->> (expect ->> 'code');
    ELSIF answer ? 'error' THEN
        RETURN false;
    END IF;
    CASE
    WHEN op IN ('upgrade', 'downgrade') THEN
        RETURN answer -> 'final' = to_jsonb(pg_temp.sorted(expect -> 'final'))
           AND (answer -> 'ids' = steps OR c ->> 'order' <> 'exact')
           AND pg_temp.sorted(answer -> 'ids') = pg_temp.sorted(steps)
           AND pg_temp.valid_order(ARRAY(SELECT jsonb_array_elements_text(answer -> 'ids')), op = 'downgrade');
    WHEN op = 'stamp' THEN
        RETURN answer -> 'final' = to_jsonb(pg_temp.sorted(expect -> 'final'));
    WHEN op IN ('resolve', 'history-range', 'current') THEN
        RETURN pg_temp.sorted(answer -> 'ids') = pg_temp.sorted(expect -> 'revs')
           AND (op <> 'history-range' OR
                pg_temp.valid_order(ARRAY(SELECT jsonb_array_elements_text(answer -> 'ids')), true));
    WHEN op = 'resolve-one' THEN
        RETURN coalesce(answer #>> '{ids,0}', '') = coalesce(expect ->> 'rev', '');
    WHEN op IN ('check-heads', 'up-to-date') THEN
        RETURN true;
    WHEN op = 'load' THEN
        RETURN true;
    WHEN op = 'heads' THEN
        RETURN pg_temp.sorted(answer -> 'heads') = pg_temp.sorted(expect -> 'heads')
           AND pg_temp.sorted(answer -> 'effective') = pg_temp.sorted(expect -> 'effective')
           AND pg_temp.sorted(answer -> 'bases') = pg_temp.sorted(expect -> 'bases');
    WHEN op = 'branches' THEN
        RETURN answer = expect;
    WHEN op = 'labels' THEN
        -- Alembic's own are among these: its walk down ends at more than branch points
        RETURN answer -> 'labels' = answer -> 'rule'
           AND NOT EXISTS (SELECT FROM jsonb_each(expect -> 'labels') l
                            WHERE NOT (answer -> 'labels' -> l.key) @> l.value);
    END CASE;
END $$;

-- Is an answer right, quirks considered?
CREATE FUNCTION pg_temp.graph_accepts(c jsonb, answer jsonb) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
    quirk jsonb := coalesce(c -> 'quirk', '[]');
    own_error bool := coalesce(answer ->> 'code' LIKE 'MG0%', false);
BEGIN
    -- a bare -N undoes the N revisions applied last
    IF quirk ? 'ambiguous-relative-downgrade' THEN
        RETURN own_error AND answer ->> 'code' = 'MG004' OR
               jsonb_array_length(answer -> 'ids') = - (c ->> 'target')::int;
    -- what is applied is a place to go down to, if only others depend on it
    ELSIF c ->> 'op' = 'downgrade' AND c #>> '{expect,code}' = 'not_applied' AND answer -> 'ids' = '[]' THEN
        RETURN EXISTS (SELECT FROM migr.version WHERE revision = c ->> 'target');
    -- several targets on one line: the topmost counts
    ELSIF quirk ? 'crash' AND c ->> 'op' = 'stamp' THEN
        RETURN jsonb_array_length(answer -> 'final') > 0 AND c -> 'target' @> (answer -> 'final');
    -- a version that holds a revision and its ancestor is the revision's
    ELSIF quirk ? 'stamp-leaves-redundant-head' THEN
        RETURN answer -> 'final' = to_jsonb(pg_temp.sorted(c -> 'expect' -> 'final')) OR
               answer -> 'final' = jsonb_build_array(c -> 'target');
    ELSIF quirk ? 'crash' THEN
        RETURN CASE WHEN c ? 'ideal' THEN pg_temp.graph_agrees(c, answer, c -> 'ideal') ELSE own_error END;
    ELSIF quirk ? 'heads-not-maximal' THEN
        RETURN pg_temp.graph_agrees(c, answer, c -> 'ideal');
    ELSIF quirk ?| '{label-not-checked,duplicate-revision-id}' THEN
        RETURN own_error;
    ELSIF quirk ?| '{current-not-consistent,stamp-leaves-redundant-head}' THEN
        RETURN own_error OR pg_temp.graph_agrees(c, answer, c -> 'expect') OR
               answer -> 'final' = to_jsonb(pg_temp.sorted(c #> '{ideal,final}'));
    END IF;
    RETURN pg_temp.graph_agrees(c, answer, c -> 'expect');
END $$;

CREATE TEMP TABLE result (id text, op text, target text, answer jsonb, ok bool, c jsonb);
DO $$
DECLARE
    entry jsonb;
    c jsonb;
    answer jsonb;
BEGIN
    FOR entry IN SELECT e FROM entry LOOP
        DELETE FROM migr.version;
        DELETE FROM migr.revision;
        IF pg_temp.loads(entry) THEN
            PERFORM migr_load(pg_temp.graph_scripts(entry));
        END IF;
        FOR c IN SELECT jsonb_array_elements(entry -> 'cases') LOOP
            PERFORM pg_temp.graph_start(c -> 'current');
            answer := pg_temp.graph_ask(entry, c);
            INSERT INTO result VALUES (c ->> 'id', c ->> 'op', c ->> 'target', answer,
                                       coalesce(pg_temp.graph_accepts(c, answer), false), c);
        END LOOP;
    END LOOP;
    DELETE FROM migr.version;
    DELETE FROM migr.revision;
END $$;

-- Every operation, and no case that is answered wrongly.
SELECT op, count(*) AS cases, count(*) FILTER (WHERE ok) AS right FROM result GROUP BY op ORDER BY op COLLATE "C";
SELECT id, op, target, answer, c -> 'expect' AS expected FROM result WHERE NOT ok ORDER BY id;
