# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the verbs that write scripts.

verb_init()
{
    folder=${1:-versions}
    case $folder in -*) folder=./$folder ;; esac
    mkdir -p "$folder" || exit 1
    if [ ! -e migr.conf ]; then
        cat >"$tmp/out" <<END
# Settings of migr. What the environment says comes first: DATABASE_URL,
# MIGR_VERSIONS, MIGR_SCHEMA, MIGR_FILE_TEMPLATE.

# Without it, PGHOST, PGDATABASE and the like say where the database is.
#database_url = postgresql://user@host/name

# Folders of scripts, separated by commas; new ones go to the first.
versions = $folder

# The desired schema: a file, or a folder of *.sql. If it is there, schema.sql or schema.
#schema = schema.sql

# Of rev, slug, date, time, year, month, day, hour, minute, second, epoch.
#file_template = %(rev)s_%(slug)s
END
        place migr.conf ''
    fi
    [ -z "${opt_no_database:-}" ] || return 0
    psql --dbname="$target" ${ask:+"$ask"} -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION IF NOT EXISTS migr' || exit 1
}

verb_revision()
{
    [ -z "${opt_empty:-}" ] || [ -z "${opt_autogenerate:-}${opt_upgrade:-}${opt_downgrade:-}" ] ||
        wrong "--empty is not together with --autogenerate, --upgrade and --downgrade"
    [ -z "${opt_online:-}" ] || [ -n "${opt_autogenerate:-}" ] || wrong "--online is for --autogenerate"
    [ -z "${opt_rename:-}" ] || [ -n "${opt_autogenerate:-}" ] || wrong "--rename is for --autogenerate"
    [ -z "${opt_tenant:-}" ] || [ -n "${opt_autogenerate:-}" ] || wrong "--tenant is for --autogenerate"
    gather
    desired=no
    if [ -n "${opt_autogenerate:-}" ] && [ -z "${opt_tenant:-}" ]; then
        ! gather_schema || desired=yes
    fi
    {
        renames
        cat <<'SQL'
\set desired ''
\if :desired_given
    \set desired `cat "$MIGR_TMP/desired"`
\endif
SELECT pg_catalog.migr_revision(nullif(:'message', ''), upgrade => :'up', downgrade => :'down',
           revision_id => nullif(:'id', ''), head => pg_catalog.replace(:'head', E'\n', ','), splice => :'splice',
           branch_labels => pg_catalog.string_to_array(nullif(:'labels', ''), E'\n'),
           depends_on => pg_catalog.string_to_array(nullif(:'depends', ''), E'\n'),
           autogenerate => :'autogenerate', desired => nullif(:'desired', ''),
           renames => CAST(nullif(:'renames', '') AS pg_catalog.jsonb), online => :'online',
           tenant => nullif(:'tenant', ''));
SQL
    } | session look -v message="${opt_message:-}" -v head="${opt_head:-head}" -v splice="${opt_splice:-no}" \
        -v labels="${opt_branch_label:-}" -v depends="${opt_depends_on:-}" -v id="${opt_rev_id:-}" \
        -v up="${opt_upgrade:-}" -v down="${opt_downgrade:-}" -v renames="${opt_rename:-}" \
        -v autogenerate="${opt_autogenerate:-no}" -v online="${opt_online:-no}" \
        -v desired_given="$desired" >"$tmp/out" || exit 1
    place_script
}

# Makes of :renames, OLD=NEW line by line, an object of JSON.
renames()
{
    cat <<'SQL'
SELECT pg_catalog.json_object_agg(pg_catalog.split_part(r, '=', 1), pg_catalog.substring(r, '=(.*)')) AS renames
  FROM pg_catalog.unnest(pg_catalog.string_to_array(nullif(:'renames', ''), E'\n')) AS r \gset
\if :{?renames}
\else
    \set renames ''
\endif
SQL
}

verb_merge()
{
    gather
    [ $# -gt 0 ] || set -- heads
    session look -v revisions="$(printf '%s\n' "$@" | tr ',' '\n')" -v message="${opt_message:-}" \
        -v labels="${opt_branch_label:-}" -v id="${opt_rev_id:-}" >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.migr_merge(pg_catalog.string_to_array(:'revisions', E'\n'), nullif(:'message', ''),
                  pg_catalog.string_to_array(nullif(:'labels', ''), E'\n'), nullif(:'id', ''));
SQL
    place_script
}

verb_squash()
{
    gather
    session must -v range="$1" -v message="${opt_message:-}" -v id="${opt_rev_id:-}" >"$tmp/out" <<'SQL' || exit 1
SELECT pg_catalog.migr_squash(:'range', message => nullif(:'message', ''), revision_id => nullif(:'id', ''));
SQL
    place_script
}

verb_edit()
{
    gather
    find_file "$1"
    if [ -z "$file" ]; then
        session look -v revision="$1" >"$tmp/out" <<'SQL' || exit 1
SELECT revision FROM pg_catalog.migr_show(:'revision');
SQL
        [ "$(wc -l <"$tmp/out")" -eq 1 ] || fail "\"$1\" are several revisions, or none"
        find_file "$(cat "$tmp/out")"
    fi
    [ -n "$file" ] || fail "no file has revision \"$1\""
    sh -c "${VISUAL:-${EDITOR:-vi}} \"\$1\"" editor "$file" || fail "the editor failed"
}
