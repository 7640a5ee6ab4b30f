# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the verbs that look.

verb_current()
{
    gather
    [ -z "${opt_check_heads:-}" ] || at_heads
    revisions look 'pg_catalog.migr_current()' no no
}

# Fails if a revision is pending.
at_heads()
{
    session must >/dev/null <<'SQL' || exit 1
SELECT pg_catalog.int8ne(count(*), 0) AS pending FROM pg_catalog.migr_pending('heads', tenant => nullif(:'tenant', '')) \gset
\if :pending
    \set SHOW_CONTEXT never
    DO $$ BEGIN RAISE EXCEPTION 'the database is not at all heads' USING ERRCODE = 'MG009'; END $$;
\endif
SQL
}

verb_history()
{
    history "${opt_rev_range:-${1:-base:heads}}"
}

history()
{
    gather
    revisions look "pg_catalog.migr_history(:'range', tenant => nullif(:'tenant', ''))" yes "${opt_indicate_current:-no}" -v range="$1"
}

verb_heads()
{
    gather
    if [ -n "${opt_resolve_dependencies:-}" ]; then
        revisions look "pg_catalog.migr_show('heads')" no yes
    else
        revisions look 'pg_catalog.migr_heads()' no yes
    fi
}

verb_branches()
{
    gather
    revisions look 'pg_catalog.migr_branches()' no yes
}

verb_pending()
{
    gather
    revisions look "pg_catalog.migr_pending(:'target', tenant => nullif(:'tenant', ''))" yes no -v target="${1:-heads}"
}

verb_show()
{
    gather
    if [ -n "${opt_script:-}" ]; then
        session look -v revision="$1" >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.migr_script(:'revision');
SQL
        deliver
        return
    fi
    opt_verbose=yes
    revisions look "pg_catalog.migr_show(:'revision')" no yes -v revision="$1"
    [ -z "${opt_json:-}" ] || return 0
    sed -n 's/^Rev: \([^ ]*\).*/\1/p' "$tmp/out" | while read -r revision; do
        find_file "$revision"
        [ -z "$file" ] || printf 'File: %s\n' "$file"
    done
}

verb_blame()
{
    gather
    rows look "pg_catalog.migr_blame(:'pattern')" -v pattern="$1" <<'SQL'
SELECT concat_ws(E'\n    ', object,
                 CASE WHEN created_at IS NOT NULL THEN concat('made by ', created_by, ', ' || created_role,
                      to_char(created_at, '" at "YYYY-MM-DD HH24:MI:SS')) END,
                 CASE WHEN changed_at IS NOT NULL THEN concat('changed by ', changed_by, ', ' || changed_role,
                      to_char(changed_at, '" at "YYYY-MM-DD HH24:MI:SS')) END,
                 nullif(message, ''), by_hand || ' by hand')
  FROM json_to_recordset(:'rows') AS r (object text, created_by text, created_role text, created_at timestamptz,
       changed_by text, changed_role text, changed_at timestamptz, message text, by_hand text);
SQL
    cat "$tmp/out"
}

verb_log()
{
    case ${1:-1} in *[!0-9]*) wrong "log needs a number: $1" ;; esac
    if [ -n "${opt_json:-}" ]; then
        history base:heads
        return
    fi
    gather
    session look -v number="${1:-}" >"$tmp/out" <<'SQL' || exit 1
SELECT * FROM pg_catalog.migr_log(CAST(nullif(:'number', '') AS integer));
SQL
    paint
}

verb_status()
{
    gather
    # The last of the log before our own load, which is taken back.
    show_status "SELECT action, started_at, performed_by FROM migr.log
        WHERE action OPERATOR(pg_catalog.<>) 'ddl' AND started_at OPERATOR(pg_catalog.<) pg_catalog.now()
        AND (:'tenant' OPERATOR(pg_catalog.=) '' OR tenant OPERATOR(pg_catalog.=) :'tenant') ORDER BY id DESC LIMIT 1"
    [ -z "${opt_exit_code:-}" ] || at_heads
}

# show_status LAST [COLUMN]: LAST is a query for the last row of the log; COLUMN, what is told of
# a remote as "remote": its database and user. Of that, the schema is not known here.
show_status()
{
    rows look "(SELECT s.current_heads, s.script_heads, s.applied, s.pending, s.up_to_date, s.unknown, s.drift_free,
        s.drift_checked_at,
        l.action AS last_action, l.started_at AS last_at, l.performed_by AS last_by,
        (SELECT pg_catalog.json_agg(p) FROM pg_catalog.migr_pending('heads', tenant => nullif(:'tenant', '')) p) AS revisions${2:+, $2 AS remote}
        FROM pg_catalog.migr_status(nullif(:'tenant', '')) s LEFT JOIN ($1) l ON true)" \
        <<'SQL'
SELECT concat_ws(E'\n',
       concat('Database  ', coalesce(remote ->> 'database', current_database()), ', as ', coalesce(remote ->> 'user', current_user)),
       'Tenant    ' || nullif(:'tenant', ''),
       concat('Current   ', coalesce(nullif(array_to_string(current_heads, ', '), ''), '<base>')),
       concat('Heads     ', coalesce(nullif(array_to_string(script_heads, ', '), ''), 'no script')),
       'Unknown   ' || nullif(array_to_string(unknown, ', '), ''),
       concat('Applied   ', applied),
       concat('Pending   ', pending),
       (SELECT string_agg(concat('          ', p ->> 'revision', ', ' || nullif(p ->> 'message', '')), E'\n' ORDER BY n)
          FROM json_array_elements(revisions) WITH ORDINALITY AS p (p, n) WHERE n <= 20),
       '          and ' || nullif(greatest(pending - 20, 0), 0) || ' more',
       CASE WHEN remote IS NULL THEN
           concat('Drift     ', CASE WHEN drift_free AND drift_checked_at IS NULL THEN 'no run has seen any'
                                    WHEN drift_free THEN 'none'
                                    WHEN NOT drift_free THEN 'the schema was not as the last run left it'
                                    ELSE 'nobody has looked since the last run' END,
                  to_char(drift_checked_at, '", looked at "YYYY-MM-DD HH24:MI:SS')) END,
       'Last      ' || last_action || to_char(last_at, '" at "YYYY-MM-DD HH24:MI:SS" by "') || last_by)
  FROM json_to_recordset(:'rows') AS s (current_heads text[], script_heads text[], applied bigint, pending bigint,
       up_to_date boolean, unknown text[], drift_free boolean, drift_checked_at timestamptz, last_action text, last_at timestamptz, last_by text,
       revisions json, remote json);
SQL
    paint
}

verb_tenants()
{
    gather
    rows look 'pg_catalog.migr_tenants()' <<'SQL'
\set verdict `printf %s "$MIGR_TMP/verdict"`
SELECT count(*) FROM json_to_recordset(:'rows') AS r (state text, odd bool) WHERE state <> 'ok' OR odd \g :verdict
SELECT concat(rpad(tenant, max(length(tenant)) OVER ()), '  ', rpad(shown, max(length(shown)) OVER ()), '  ', state,
              CASE WHEN odd THEN ', not as the others' END, CASE WHEN changed THEN ', changed by hand since' END,
              replace(E'\n' || rtrim(error, E'\n'), E'\n', E'\n    '))
  FROM (SELECT *, coalesce(nullif(array_to_string(heads, ', '), ''), '<base>') AS shown
          FROM json_to_recordset(:'rows') AS r (tenant text, heads text[], state text, odd bool, changed bool, error text)) t
 ORDER BY tenant COLLATE "C";
SQL
    paint
    [ -z "${opt_exit_code:-}" ] || [ "$(cat "$tmp/verdict")" = 0 ] || exit 1
}

verb_check()
{
    gather
    session must >/dev/null <<'SQL' || exit 1
SELECT pg_catalog.migr_check(nullif(:'tenant', ''));
SQL
    # The desired schema is of what all share.
    [ -z "${opt_no_schema:-}${opt_tenant:-}" ] && gather_schema || return 0
    session must >"$tmp/out" <<'SQL' || exit 1
SET LOCAL client_min_messages = warning;
\set desired `cat "$MIGR_TMP/desired"`
SELECT pg_catalog.migr_diff(:'desired', pg_catalog.migr_schema('heads'));
SQL
    ! grep -q . "$tmp/out" || {
        cat "$tmp/out"
        fail "the scripts do not build the desired schema: this is what lacks"
    }
}

verb_validate()
{
    gather
    findings look 'pg_catalog.migr_validate()' "SELECT CASE WHEN problem IN (''no_downgrade'', ''empty_downgrade'', ''id_style'',
        ''island'', ''isolation_level'', ''not_compared'') THEN ''warning'' ELSE ''error'' END AS level, problem AS title, revision AS object,
        detail FROM json_to_recordset(:''rows'') AS r (revision text, problem text, detail text)"
}

verb_verify()
{
    need_scripts
    findings must "pg_catalog.migr_verify(pg_catalog.string_to_array(nullif(:'checks', ''), E'\\n'), tenant => nullif(:'tenant', ''))" "SELECT CASE status
        WHEN ''fail'' THEN ''error'' ELSE status END AS level, check_name AS title, object, detail
        FROM json_to_recordset(:''rows'') AS r (check_name text, object text, status text, detail text)" \
        -v checks="$(printf '%s\n' "$@" | tr ',' '\n')"
}

verb_drift()
{
    verb_verify drift
}

verb_test()
{
    need_scripts
    findings must "pg_catalog.migr_test(:'target')" "SELECT CASE status WHEN ''fail'' THEN ''error'' ELSE status END AS level,
        CAST(NULL AS text) AS title, revision AS object, detail
        FROM json_to_recordset(:''rows'') AS r (revision text, status text, detail text)" -v target="${1:-heads}"
}

verb_repair()
{
    how=keep
    [ -z "${opt_check_only:-}" ] || how=look
    gather
    rows "$how" "pg_catalog.migr_repair(:'check_only')" -v check_only="${opt_check_only:-no}" <<'SQL'
SELECT concat(rpad(finding, 18), action, replace(E'\n' || rtrim(detail, E'\n'), E'\n', E'\n    '))
  FROM json_to_recordset(:'rows') AS r (finding text, action text, detail text);
SQL
    paint
}

verb_sql()
{
    if [ -n "${opt_down:-}" ]; then
        sql_of "${1:-current:-1}" downgrade
    else
        sql_of "${1:-current:head}" upgrade
    fi
}

verb_schema()
{
    if [ -n "${opt_split:-}" ]; then
        [ $# -eq 0 ] || wrong "--split is for the live schema"
        split_schema
        return
    fi
    gather
    session look -v revision="${1:-}" >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.migr_schema(nullif(:'revision', ''));
SQL
    deliver
}

# One file for each object, in a folder that replaces the one that was there.
split_schema()
{
    case ${opt_split%/} in
        . | .. | */. | */.. | '') wrong "--split needs a folder of its own" ;;
        -*) opt_split=./$opt_split ;;
    esac
    folder=${opt_split%/}
    session plain >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.concat(path, E'\n', pg_catalog.regexp_replace(pg_catalog.rtrim(ddl, E'\n'), '^', E'\t', 'gn'))
  FROM pg_catalog.migr_schema_files();
SQL
    ! grep -v "^$(printf '\t')" "$tmp/out" | grep -E '^/|(^|/)\.\.?(/|$)' >/dev/null || fail "migr_schema_files() names a file outside"
    part=$(mktemp -d "$folder.XXXXXX") || fail "can't write beside $folder"
    chmod "$(printf %o $((0777 & ~$(umask))))" "$part"
    grep -v "^$(printf '\t')" "$tmp/out" | sed -n 's|/[^/]*$||p' | sort -u | tr '\n' '\0' | (cd "$part" && xargs -0 mkdir -p -- .) || exit 1
    (cd "$part" && LC_ALL=C awk '/^\t/ { print substr($0, 2) > file; next }
        { if (file != "") close(file); file = "./" $0 }' "$tmp/out") || fail "can't write to $folder"
    if [ -d "$folder" ]; then
        (cd "$folder" && find . -type f | sort) >"$tmp/old"
        (cd "$part" && find . -type f | sort) >"$tmp/new"
        others=$(comm -23 "$tmp/old" "$tmp/new")
        [ -z "$others" ] || [ -n "${opt_force:-}" ] ||
            fail "$folder has files of what is not in the schema (--force removes them):$newline$others"
        mv "$folder" "$part.old" && mv "$part" "$folder" && rm -rf "$part.old" || exit 1
    else
        mv "$part" "$folder" || exit 1
    fi
    part=
}

verb_diff()
{
    if ! gather_schema "${1:-}"; then
        fail "there is no schema.sql and no schema: name a file"
    fi
    {
        renames
        cat <<'SQL'
\set desired `cat "$MIGR_TMP/desired"`
SELECT pg_catalog.migr_diff(:'desired', renames => CAST(nullif(:'renames', '') AS pg_catalog.jsonb));
SQL
    } | session plain -v renames="${opt_rename:-}" >"$tmp/out" || exit 1
    deliver
    [ -z "${opt_exit_code:-}" ] || ! grep -q . "$tmp/out" || exit 1
}
