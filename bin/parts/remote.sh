# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: databases that can't have the extension. A workbench thinks; they get
# plain SQL, and keep their version in plain tables, schema migr_standalone.

remote_target=

# Sets does: what a verb is done by. With --remote, target is the mirror behind it.
begin_remote()
{
    does=verb_
    case $verb${opt_remote:-}${MIGR_REMOTE:-} in
        workbench* | convert*) return ;;
        "$verb")
            [ -z "${opt_workbench:-}" ] || wrong "--workbench is for --remote"
            return ;;
    esac
    case $verb in
        load | redo | adopt | approve) wrong "$verb is not for a remote, which keeps no scripts" ;;
        deploy | revert) wrong "$verb is not for a remote: upgrade and downgrade send it plain SQL" ;;
        tenants) wrong "$verb is not for a remote, which has one version" ;;
        blame) wrong "$verb is not for a remote, which keeps no record of who made what" ;;
        init)
            opt_no_database=yes
            return ;;
    esac
    [ -z "${opt_no_load:-}" ] || wrong "--no-load is not for a remote, which keeps no scripts"
    [ -z "${opt_tenant:-}" ] || wrong "--tenant is not for a remote, which has one version"
    [ -z "${opt_dry_run:-}" ] || wrong "--dry-run is not for a remote: migr sql prints what would run, migr test tries it"
    [ -z "${opt_tag:-}" ] || wrong "--tag is not for a remote, whose log has none"
    own=$target
    read_target MIGR_REMOTE "${opt_remote:-}" "${MIGR_REMOTE:-}"
    remote_target=$target remote_has_password=$has_password remote_password=$password target=$own
    share_settings
    ask_remote
    choose_bench
    make_mirror "$(full_mirror)"
    case $verb in
        upgrade | downgrade | stamp | sql | status | verify | drift | repair) does=remote_ ;;
    esac
}

# What has to be known of the remote's schema, for this verb?
full_mirror()
{
    case $verb${opt_autogenerate:-} in
        verify | drift | repair | diff | schema | check | test | merge | squash | revisionyes) echo yes ;;
    esac
}

leave_remote()
{
    leave_mirror
    leave_bench
}

# Settings of migr are for the workbench, others for the remote.
share_settings()
{
    : >"$tmp/settings"
    all=${opt_set:-} opt_set='' exclude=
    while [ -n "$all" ]; do
        one=${all%%"$newline"*}
        case $all in *"$newline"*) all=${all#*"$newline"} ;; *) all= ;; esac
        case $one in
            migr.exclude=*) exclude=${one#*=} ;;
        esac
        case $one in
            migr.*) opt_set=${opt_set:+$opt_set$newline}$one ;;
            *) printf '%s\n' "$one" >>"$tmp/settings" ;;
        esac
    done
}

# --- asking ---------------------------------------------------------------------------

# remote_run PROGRAM [OPTION...]: a client of the remote.
remote_run()
(
    use_password "$remote_has_password" "$remote_password"
    client=$1
    shift
    exec "$client" --dbname="$remote_target" ${ask:+"$ask"} "$@"
)

remote_psql()
{
    remote_run psql -X -A -t -q -P pager=off -v ON_ERROR_STOP=1 "$@"
}

# ask_remote [HOW]: leaves in $tmp what is known of the remote: facts, as JSON; and for the
# shell user, major, barred (options of pg_dump), others (for migr.exclude), heads, ids and
# unfinished. HOW: again, and it may fail; now, the same, and when nobody runs any more.
ask_remote()
{
    {
        printf '%s\n' '\set SHOW_CONTEXT never'
        [ "${1:-}" != now ] || cat <<'SQL'
BEGIN;
SET LOCAL lock_timeout = '15s';
SELECT pg_catalog.pg_advisory_xact_lock(1835624306, 1) \g /dev/null
ROLLBACK;
SQL
        look_for_tables
        answers
        echo 'COMMIT;'
    } >"$tmp/questions" || exit 1
    remote_psql -f "$tmp/questions" 2>"$tmp/said" || {
        sed 's/^psql:[^ ]*: //' "$tmp/said" >&2
        [ -n "${1:-}" ] || exit 1
        return 1
    }
}

# Without the tables, it is as if they were empty. To read what belongs to a role that is not
# trusted could run code of its, as scripts of migr_sql() say, too.
look_for_tables()
{
    cat <<'SQL'
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL search_path = pg_catalog, pg_temp;
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'migr') AS has_extension,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'migr_standalone' AND c.relname = 'version') AS has_tables,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'migr_standalone'
                  AND NOT CASE WHEN EXISTS (SELECT FROM pg_roles r WHERE r.rolname = current_user AND r.rolsuper)
                               THEN c.relowner IN (WITH RECURSIVE own (role) AS (
                                        SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user
                                        UNION SELECT m.roleid FROM pg_auth_members m JOIN own ON m.member = own.role)
                                    SELECT own.role FROM own)
                               ELSE pg_has_role(current_user, c.relowner, 'USAGE') END
                  AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = c.relowner AND r.rolsuper)
                  AND NOT EXISTS (SELECT FROM pg_database d
                                   WHERE d.datname = current_database() AND d.datdba = c.relowner)) AS is_others \gset
\if :has_extension
    DO $$ BEGIN
        RAISE EXCEPTION 'the remote has extension migr' USING HINT = 'Name it by -d or DATABASE_URL, without --remote.';
    END $$;
\endif
\if :is_others
    DO $$ BEGIN
        RAISE EXCEPTION 'the tables of migr_standalone belong to another role' USING ERRCODE = '42501',
            DETAIL = 'What belongs to a role that is not trusted may run code of its whenever it is read.',
            HINT = 'Connect as their owner, or as a member of that role.';
    END $$;
\endif
\if :has_tables
    \set version migr_standalone.version
    \set begun migr_standalone.unfinished
    \set log migr_standalone.log
\else
    \set version '(SELECT NULL::text AS revision, 0 AS ordinal, NULL::text[] AS parents, NULL::text[] AS depends_on LIMIT 0)'
    \set begun '(SELECT NULL::text AS revision, 0 AS statement, 0 AS of, NULL::text AS sql LIMIT 0)'
    \set log '(SELECT 0 AS id, NULL::text AS action, NULL::text AS at, NULL::text AS by LIMIT 0)'
\endif
SQL
}

# answer NAME: what the query that comes by stdin gives goes to that file.
answer()
{
    # shellcheck disable=SC2016 # for psql to expand
    printf '\\set file `printf %%s "$MIGR_TMP/%s"`\n' "$1" && cat && printf '%s\n' '\g :file'
}

answers()
{
    answer user <<'SQL'
SELECT current_user
SQL
    answer major <<'SQL'
SELECT current_setting('server_version_num')::int / 10000
SQL
    answer ids <<'SQL'
SELECT v.revision FROM :version v ORDER BY v.ordinal
SQL
    answer heads <<'SQL'
SELECT coalesce(string_agg(v.revision, ', ' ORDER BY v.ordinal), '<base>') FROM :version v
 WHERE NOT EXISTS (SELECT FROM :version o WHERE v.revision = ANY (o.parents || o.depends_on))
SQL
    answer unfinished <<'SQL'
SELECT format('revision "%s" has begun, and has not come to its end: statement %s of %s, %s',
              b.revision, b.statement, b.of, b.sql)
  FROM :begun b
SQL
    answer others <<'SQL'
SELECT coalesce(string_agg(concat(kind, translate(name, ', *?[]:.', '????????')), ', '), '')
  FROM (SELECT NULL AS kind, nspname AS name, nspowner AS owner FROM pg_namespace
        UNION ALL SELECT 'extension:', extname, extowner FROM pg_extension) o
 WHERE name !~ '^pg_' AND name NOT IN ('public', 'information_schema', 'plpgsql') AND NOT pg_has_role(owner, 'USAGE')
SQL
    answer facts <<'SQL'
SELECT json_build_object(
    'user', current_user, 'database', current_database(), 'encoding', getdatabaseencoding(),
    'version', coalesce((SELECT json_agg(v ORDER BY v.ordinal) FROM :version v), '[]'),
    'last', (SELECT row_to_json(l) FROM (SELECT action, at, by FROM :log o ORDER BY id DESC LIMIT 1) l),
    'public', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'),
    'roles', (SELECT json_agg(rolname ORDER BY rolname) FROM pg_roles WHERE rolname !~ '^pg_'),
    'members', coalesce((SELECT json_agg(DISTINCT jsonb_build_object('role', r.rolname, 'member', m.rolname))
                           FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member), '[]'),
    'extensions', (SELECT json_agg(json_build_object('name', extname, 'schema', nspname) ORDER BY extname)
                     FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace))
SQL
    answer barred <<'SQL'
SELECT o FROM (
    SELECT concat('--exclude-schema="', replace(nspname, '"', '""'), '"') AS o
      FROM pg_namespace WHERE nspname !~ '^pg_' AND NOT has_schema_privilege(oid, 'USAGE')
    UNION ALL
    SELECT concat('--exclude-table="', replace(nspname, '"', '""'), '"."', replace(relname, '"', '""'), '"')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'USAGE')
           AND NOT has_table_privilege(c.oid, 'SELECT')) AS b
 WHERE o !~ E'\n'
SQL
}

# --- sending ----------------------------------------------------------------------------

# text RANGE DIRECTION: what is to be sent, in $tmp/out.
text()
{
    session plain -v range="$1" -v direction="$2" -v purge="${purge:-no}" >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.migr_sql(:'range', :'direction', standalone => true,
           applied => CASE WHEN :'purge' THEN CAST('{}' AS text[]) END);
SQL
    trim
    [ -z "${purge:-}" ] || forget_rows
}

# The text is that of a stamp, which begins with no row: so there is none, in its
# transaction, once it has seen whose tables these are.
forget_rows()
{
    [ -s "$tmp/ids" ] || return 0
    mv "$tmp/out" "$tmp/stamp" || exit 1
    awk '
        { print }
        /^SET LOCAL standard_conforming_strings = on;$/ && !n++ { print "DELETE FROM migr_standalone.version;" }
        END { exit n == 0 }' "$tmp/stamp" >"$tmp/out" || fail "this is no stamp of migr_sql()"
}

# send RANGE DIRECTION WORD: runs it on the remote, and says what came of it. If somebody
# else has run meanwhile, what is left is asked for anew.
send()
{
    tries=1
    while :; do
        text "$1" "$2"
        if sed -n 1p "$tmp/out" | grep -q '^-- Nothing to do'; then
            [ -n "${opt_quiet:-}" ] || sed -n '1s/^-- Nothing to do for \(.*\)\.$/NOTICE:  nothing to do for \1/p' "$tmp/out" >&2
            : >"$tmp/done"
            break
        fi
        send_once "$2"
        ! moved_meanwhile || [ "$tries" = 5 ] || {
            tries=$((tries + 1))
            copy_version
            continue
        }
        outcome "$2" "$3"
        break
    done
    [ -z "${opt_json:-}" ] || print_done
}

moved_meanwhile()
{
    [ "$sent" != 0 ] && [ "$asked" = 0 ] && grep -q 'is not where this script starts from' "$tmp/err"
}

# Sets sent, psql's exit code; asked, whether the remote could be asked again; interrupted.
send_once()
{
    cp "$tmp/ids" "$tmp/ids_before" && cp "$tmp/heads" "$tmp/heads_before" || exit 1
    sed -n "s/^-- Running \($1 .* -> .*\)/\1/p" "$tmp/out" >"$tmp/running"
    [ -n "${opt_quiet:-}" ] || sed 's/^/NOTICE:  sending /' "$tmp/running" >&2
    interrupted=
    trap 'interrupted=129' HUP
    trap 'interrupted=130' INT
    trap 'interrupted=143' TERM
    cat >"$tmp/before" <<'SQL'
\set settings `cat "$MIGR_TMP/settings"`
SELECT pg_catalog.set_config(pg_catalog.split_part(s, '=', 1), pg_catalog.substring(s, '=(.*)'), false)
  FROM pg_catalog.unnest(pg_catalog.string_to_array(nullif(:'settings', ''), E'\n')) AS s;
SQL
    {
        {
            remote_psql -f "$tmp/before" -f - <"$tmp/out" 2>&1 >/dev/null 3>&-
            echo $? >"$tmp/status"
        } | (
            trap '' HUP INT TERM
            tee "$tmp/err" | sed 's/^psql:<stdin>:[0-9]*: //
                /^CONTEXT:  PL.pgSQL function inline_code_block line [0-9]* at RAISE$/d' >&2
        )
    } 3>&1
    sent=$(cat "$tmp/status")
    # psql that is stopped by Ctrl-C, or by an error of the first of two files, says so, and no more.
    [ "$sent" != 0 ] || [ -z "$interrupted" ] && ! grep -q '^psql:[^ ]*: ERROR:  ' "$tmp/err" || sent=3
    ask_again
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Sets asked, and busy: a session is at work there. One that we have lost may be, for
# a while, and what it commits then is not seen yet.
ask_again()
{
    asked=1 busy='' tries_left=5
    while [ "$tries_left" -gt 0 ]; do
        if [ "$sent" != 0 ] && [ -z "$busy" ]; then
            ask_remote now 2>"$tmp/asking" && asked=0 && return
            ! grep -q 'lock timeout' "$tmp/asking" || busy=yes
        fi
        if [ "$sent" = 0 ] || [ -n "$busy" ]; then
            ask_remote again 2>"$tmp/asking" && asked=0 && return
        fi
        tries_left=$((tries_left - 1))
        sleep 2
    done
}

# outcome DIRECTION WORD: tells where the remote is now, and ends if that is not where it
# was to go.
outcome()
{
    before=$(cat "$tmp/heads_before")
    [ "$asked" = 0 ] || {
        say "the remote can't be asked where it is:"
        sed 's/^psql: //' "$tmp/asking" >&2
        say "it is at $before as before, or as far as the run has come: migr current tells"
        exit "${interrupted:-1}"
    }
    case $1 in
        downgrade) grep -v -x -F -f "$tmp/ids" "$tmp/ids_before" ;;
        *) grep -v -x -F -f "$tmp/ids_before" "$tmp/ids" ;;
    esac >"$tmp/done"
    now=$(cat "$tmp/heads")
    if [ "$sent" = 0 ]; then
        [ -n "${opt_quiet:-}" ] || printf 'NOTICE:  %s%s, now at %s\n' \
            "$([ "$1" = stamp ] || wc -l <"$tmp/done" | tr -d ' \n')" "$2" "$now" >&2
        return
    fi
    blame_remote "$1"
    [ -z "$busy" ] || say "a session is still at work there"
    if [ -s "$tmp/unfinished" ]; then
        while IFS= read -r line; do say "$line"; done <"$tmp/unfinished"
        say "mend what that has left, and tell by migr stamp where the remote is"
    fi
    if [ "$sent" = 2 ] && [ "$1" != stamp ] && [ -s "$tmp/done" ] &&
        ! revision_of "$1" <"$tmp/running" | grep -q -v -x -F -f "$tmp/done"; then
        say "it has come to its end all the same: the remote is at $now"
        return
    fi
    if cmp -s "$tmp/ids" "$tmp/ids_before"; then
        say "the remote is at $now, as before"
    else
        say "the remote is at $now; it was at $before"
    fi
    exit "${interrupted:-1}"
}

# The revisions of lines "upgrade PARENTS -> ID, MESSAGE".
revision_of()
{
    case $1 in
        downgrade) sed 's/^downgrade \(.*\)/\1/; s/ -> .*//' ;;
        *) sed 's/^[a-z]* //; s/^.* -> //; s/,.*//' ;;
    esac
}

# Which file the first error is about, and its line, if only one is like that.
blame_remote()
{
    number=$(sed -n 's/^psql:<stdin>:\([0-9]*\): \(ERROR\|FATAL\|error\): .*/\1/p' "$tmp/err" | sed -n 1p)
    [ -n "$number" ] || return 0
    find_file "$(sed -n "1,${number}s/^-- Running \($1 .* -> .*\)/\1/p" "$tmp/out" | sed -n '$p' | revision_of "$1")"
    [ -n "$file" ] || return 0
    sed -n "${number}p" "$tmp/out" >"$tmp/line"
    number=$(grep -n -x -F -f "$tmp/line" "$file" | sed 's/:.*//')
    case $number in
        '' | *[!0-9]*) say "that is in $file" ;;
        *) say "that is in $file, line $number" ;;
    esac
}

print_done()
{
    session plain <<'SQL' || exit 1
\set done `cat "$MIGR_TMP/done"`
SELECT coalesce(pg_catalog.json_agg(r), '[]')
  FROM pg_catalog.unnest(pg_catalog.string_to_array(nullif(:'done', ''), E'\n')) AS r;
SQL
}

# --- the verbs ----------------------------------------------------------------------------

remote_upgrade()
{
    [ "$scripts" != nothing ] || fail "there is no script in $versions"
    remote_run_or_print "current:${1:-head}" upgrade ' applied'
}

remote_downgrade()
{
    remote_run_or_print "current:$1" downgrade ' undone'
}

remote_run_or_print()
{
    if [ -n "${opt_sql:-}" ]; then
        text "$1" "$2"
        deliver
    else
        send "$@"
    fi
}

remote_sql()
{
    if [ -n "${opt_down:-}" ]; then
        text "${1:-current:-1}" downgrade
    else
        text "${1:-current:head}" upgrade
    fi
    deliver
}

remote_stamp()
{
    purge=${opt_purge:-}
    send "$([ -z "$purge" ] && echo current || echo base):$(printf '%s,' "$@" | sed 's/,$//')" stamp stamped
}

# What is known of the remote may be longer than an argument.
remote_status()
{
    show_status "SELECT pg_catalog.json_extract_path_text(f, 'action') AS action,
            CAST(pg_catalog.json_extract_path_text(f, 'at') AS pg_catalog.timestamptz) AS started_at,
            pg_catalog.json_extract_path_text(f, 'by') AS performed_by
        FROM pg_catalog.json_extract_path(CAST(:'facts' AS pg_catalog.json), 'last') AS f" \
        "$newline$(facts_of)${newline}CAST(:'facts' AS pg_catalog.json)"
    while IFS= read -r line; do say "$line"; done <"$tmp/unfinished"
    [ -z "${opt_exit_code:-}" ] || at_heads
}

# What can be told of a mirror: it has no rows, and no record of runs.
remote_verify()
{
    [ $# -gt 0 ] || set -- chain scripts versions drift integrity
    list=
    # Names of checks are words, and no patterns.
    set -f
    for check in $(printf '%s ' "$@" | tr ',' ' '); do
        case $check in
            drift) check=built ;;
            integrity) check='integrity.foreign_key_type integrity.validated_constraint integrity.enabled_trigger
                integrity.row_security integrity.valid_body' ;;
            sections | log | integrity.valid_index | integrity.sequence_headroom)
                wrong "$check can't be told of a remote" ;;
        esac
        list="$list $check"
    done
    # shellcheck disable=SC2086 # in words
    set -- $list
    set +f
    verb_verify "$@"
}

remote_drift()
{
    remote_verify drift
}

# Where the mirror's version comes to be, the remote's goes.
remote_repair()
{
    verb_repair >"$tmp/found"
    session plain >"$tmp/repaired" <<'SQL' || exit 1
SELECT pg_catalog.string_agg(revision, ',' ORDER BY revision) FROM pg_catalog.migr_current();
SELECT revision FROM migr.version ORDER BY revision;
SQL
    goal=$(sed -n 1p "$tmp/repaired")
    sed 1d "$tmp/repaired" | sed '/^$/d' >"$tmp/ids_repaired"
    if ! sort "$tmp/ids" | cmp -s - "$tmp/ids_repaired" && [ -z "${opt_check_only:-}" ]; then
        copy_version
        opt_quiet=yes opt_json='' purge=yes
        send "base:${goal:-base}" stamp stamped
    fi
    cat "$tmp/found"
}
