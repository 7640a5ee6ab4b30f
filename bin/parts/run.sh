# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the verbs that change the database.

verb_load()
{
    gather
    session keep >"$tmp/out" <<'SQL' || exit 1
SET LOCAL search_path = pg_catalog, pg_temp;
\if :{?loaded}
\else
    \set loaded '[]'
\endif
\if :json
    SELECT :'loaded';
\else
    SELECT concat(rpad(action, 10), revision) FROM json_to_recordset(:'loaded') AS r (revision text, action text);
\endif
SQL
    cat "$tmp/out"
}

# The scripts of the project, as they are stored.
stored()
{
    cat <<SQL
SELECT coalesce(pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat(revision, checksum), '' ORDER BY revision)), '') AS $1
  FROM migr.revision
 WHERE revision IN (SELECT l.revision FROM pg_catalog.json_to_recordset(:'loaded') AS l (revision text COLLATE "C")) \\gset
SQL
}

# run CALL [OPTION...]: a run, in a transaction behind the one that has loaded the
# scripts, so that nobody who only looks waits for it. If somebody has loaded others
# meanwhile, it is undone.
run()
{
    call=$1
    shift
    {
        printf '%s\n' "SELECT pg_catalog.has_table_privilege('migr.revision', 'SELECT') AS may_read \\gset" \
            '\if :{?loaded}' '\else' '\set may_read no' '\endif' '\if :may_read' "$(stored before)" '\endif' \
            "SELECT coalesce(pg_catalog.json_agg(r), '[]') AS rows FROM $call AS r \\gset" \
            '\if :may_read' "$(stored after)"
        cat <<'SQL'
    SELECT pg_catalog.texteq(:'before', :'after') AS same \gset
    \if :same
    \else
        \set SHOW_CONTEXT never
        DO $$ BEGIN
            RAISE EXCEPTION 'other scripts were loaded meanwhile, and the run is undone'
                USING ERRCODE = 'serialization_failure', HINT = 'Somebody deploys from another state of the project.';
        END $$;
    \endif
\endif
\if :json
    SELECT :'rows';
\endif
SQL
    } | session keep "$@" || exit 1
}

# sql_of RANGE DIRECTION: the SQL of a run.
sql_of()
{
    gather
    session look -v range="$1" -v direction="$2" >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.migr_sql(:'range', :'direction', tenant => nullif(:'tenant', ''));
SQL
    deliver
}

need_scripts()
{
    gather
    [ "$load" != nothing ] || fail "there is no script in $versions"
}

verb_upgrade()
{
    if [ -n "${opt_sql:-}" ]; then
        sql_of "${1:-head}" upgrade
        return
    fi
    need_scripts
    run "pg_catalog.migr_upgrade(:'target', dry_run => :'dry_run', tag => nullif(:'tag', ''),
        tenant => nullif(:'tenant', ''), new_tenant => :'new_tenant')" \
        -v target="${1:-head}" -v dry_run="${opt_dry_run:-no}" -v new_tenant="${opt_new_tenant:-no}" -v tag="${opt_tag:-}"
}

# What is applied goes by the scripts that were applied, so nothing is loaded.
verb_downgrade()
{
    if [ -n "${opt_sql:-}" ]; then
        sql_of "$1" downgrade
        return
    fi
    run "pg_catalog.migr_downgrade(:'target', dry_run => :'dry_run', tag => nullif(:'tag', ''),
        tenant => nullif(:'tenant', ''))" \
        -v target="$1" -v dry_run="${opt_dry_run:-no}" -v tag="${opt_tag:-}"
}

verb_redo()
{
    need_scripts
    session plain -v target="${1:-}" >"$tmp/out" <<'SQL' || exit 1
\set scripts `cat "$MIGR_TMP/scripts"`
SELECT coalesce(pg_catalog.json_agg(r), '[]') AS rows FROM pg_catalog.migr_redo(nullif(:'target', ''), :'scripts') AS r \gset
\if :json
    SELECT :'rows';
\endif
SQL
    cat "$tmp/out"
}

# Nothing is loaded: who approves a script is not the one who brings it.
verb_approve()
{
    [ -n "${opt_message:-}" ] || wrong "approve takes --message, which says why"
    direction=upgrade
    [ -z "${opt_down:-}" ] || direction=downgrade
    run "pg_catalog.migr_approve(:'target', :'comment', :'direction', nullif(:'checksum', ''), :'withdraw')" \
        -v target="$1" -v comment="$opt_message" -v direction="$direction" -v checksum="${opt_checksum:-}" \
        -v withdraw="${opt_withdraw:-no}"
}

verb_stamp()
{
    gather
    run "pg_catalog.migr_stamp(:'target', purge => :'purge', tag => nullif(:'tag', ''),
        tenant => nullif(:'tenant', ''))" \
        -v target="$(printf '%s,' "$@" | sed 's/,$//')" -v purge="${opt_purge:-no}" -v tag="${opt_tag:-}"
}

verb_adopt()
{
    how=keep
    [ -z "${opt_check_only:-}" ] || how=look
    gather
    rows "$how" "pg_catalog.migr_adopt(CAST(nullif(:'table', '') AS pg_catalog.regclass), nullif(:'tool', ''),
        skip_lost => :'skip_lost', check_only => :'check_only', tag => nullif(:'tag', ''))" \
        -v table="${1:-}" -v tool="${opt_tool:-}" -v skip_lost="${opt_skip_lost:-no}" \
        -v check_only="${opt_check_only:-no}" -v tag="${opt_tag:-}" <<'SQL'
SELECT concat(rpad(action, 10), revision) FROM json_to_recordset(:'rows') AS r (revision text, action text);
SQL
    cat "$tmp/out"
}
