# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the verbs for a database at work.

# A run with a commit for each revision: it can't be undone, and is in no transaction.
run_by_steps()
{
    call=$1
    shift
    {
        cat <<'SQL'
COMMIT;
SELECT count(pg_catalog.set_config(pg_catalog.split_part(s, '=', 1), pg_catalog.substring(s, '=(.*)'), false))
       AS settings_made
  FROM pg_catalog.unnest(pg_catalog.string_to_array(:'settings', E'\n')) AS s \gset
\if :quiet
    SET client_min_messages = warning;
\endif
SQL
        printf '%s\n' "CALL $call;" 'BEGIN;'
    } | session keep -v lock_timeout="${opt_lock_timeout:-2s}" -v attempts="${opt_attempts:-30}" \
        -v tag="${opt_tag:-}" "$@" || exit 1
}

verb_deploy()
{
    [ -z "${opt_tenants:-}" ] || [ -z "${opt_phase:-}" ] || wrong "--phase is not together with --tenants"
    [ -n "${opt_tenants:-}" ] || [ -z "${opt_canary:-}${opt_stop_after:-}" ] || wrong "--canary and --stop-after are for --tenants"
    need_scripts
    if [ -n "${opt_tenants:-}" ]; then
        run_by_steps "pg_catalog.migr_deploy_tenants(:'pattern', :'target', :'lock_timeout', :'attempts',
            CAST(nullif(:'stop_after', 'none') AS integer), nullif(:'canary', ''), nullif(:'tag', ''))" -v pattern="$opt_tenants" \
            -v target="${1:-head}" -v stop_after="${opt_stop_after:-10}" -v canary="${opt_canary:-}"
        return
    fi
    run_by_steps "pg_catalog.migr_deploy(:'target', :'lock_timeout', :'attempts', nullif(:'tag', ''), :'phase')" \
        -v target="${1:-head}" -v phase="${opt_phase:-all}"
}

# What is applied goes by the scripts that were applied, so nothing is loaded.
verb_revert()
{
    run_by_steps "pg_catalog.migr_revert(:'target', :'lock_timeout', :'attempts', nullif(:'tag', ''))" -v target="$1"
}

# Hazards are warnings; with --strict, errors.
verb_plan()
{
    need_scripts
    level=warning
    [ -z "${opt_strict:-}" ] || level=error
    findings must "pg_catalog.migr_plan(:'target')" "SELECT CASE WHEN hazard IS NULL THEN ''ok''
        WHEN hazard = ''fails'' THEN ''error'' ELSE ''$level'' END AS level, hazard AS title, revision AS object,
        concat_ws(E''\\n'', concat_ws('' '', ''line'', line::text || '':'', statement),
            concat(relation, '': '' || lock_mode, '', keeps waiting: '' || nullif(blocks, ''nothing''),
                   CASE WHEN rewrites THEN '', rewrites it'' END, CASE WHEN scans THEN '', reads it'' END,
                   '' ('' || pg_size_pretty(nullif(relation_bytes, 0)) || '')''), advice) AS detail
        FROM json_to_recordset(:''rows'') AS r (step int, revision text, statement text, line int, relation text,
            lock_mode text, blocks text, rewrites bool, scans bool, relation_bytes bigint, hazard text, advice text)" \
        -v target="${1:-head}"
}
