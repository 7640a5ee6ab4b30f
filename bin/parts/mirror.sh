# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the mirror of a remote, a database of the workbench that has the extension,
# the version of the remote and, where that counts, its schema. Verbs that look, look at it.

forget=         # nothing of the environment is for the workbench
mirror=         # the name of the database, while it is there

# quoted TEXT: as a value in what psql connects to.
quoted()
{
    printf "'%s'" "$(printf '%s' "$1" | sed "s/[\\\\']/\\\\&/g")"
}

# with_database TARGET NAME: the same server, another database.
with_database()
{
    case $1 in
        *://*\?*) printf '%s&dbname=%s' "$1" "$2" ;;
        *://*) printf '%s?dbname=%s' "$1" "$2" ;;
        *=*) printf '%s dbname=%s' "$1" "$2" ;;
        *) printf 'dbname=%s' "$2" ;;
    esac
}

# --- which workbench --------------------------------------------------------------

# Sets bench: a folder, of a throw-away server, or nothing, and then bench_target.
choose_bench()
{
    choose_server_user
    own_target=$target
    bench_target='' bench=''
    read_target MIGR_WORKBENCH "${opt_workbench:-}" "${MIGR_WORKBENCH:-}"
    case $target in
        /*)
            bench=${target%/}
            is_running "$bench" || fail "there is no workbench in $bench" ;;
        ?*)
            bench_target=$target
            use_password "$has_password" "$password" ;;
        *)
            lasting_folder
            if is_running "$lasting"; then
                bench=$lasting
            elif is_bench "$own_target"; then
                bench_target=$own_target
            else
                start_own_bench
                bench=$bench_folder
            fi ;;
    esac
    forget=$bench
}

# Is what the environment and migr.conf name a database with the extension, on a server
# where we may make others?
is_bench()
{
    [ -n "$1${PGHOST:-}${PGDATABASE:-}${PGSERVICE:-}" ] || return 1
    [ "$(PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5} psql --dbname="$1" -w -X -A -t -q 2>/dev/null <<'SQL'
SELECT rolcreatedb AND NOT rolsuper FROM pg_catalog.pg_roles
 WHERE rolname = current_user AND EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'migr');
SQL
    )" = t ]
}

# --- its database -------------------------------------------------------------------

# Roles are names here, with what they are members of; of those that may do more than
# others in this server, nobody is.
make_roles()
{
    cat <<'SQL'
SET client_min_messages = warning;
SELECT name INTO TEMP TABLE role
  FROM pg_catalog.json_array_elements_text(CAST(:'facts' AS json) -> 'roles') AS r (name) WHERE name !~ '^pg_';
SELECT pg_catalog.format('CREATE ROLE %I', name) FROM role
 WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles) \gexec
SELECT pg_catalog.format('GRANT %I TO %I', r.role, r.member)
  FROM pg_catalog.json_to_recordset(CAST(:'facts' AS json) -> 'members') AS r (role text, member text)
 WHERE role IN (SELECT rolname FROM pg_catalog.pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_')
       AND member !~ '^pg_' \gexec
SELECT pg_catalog.format('GRANT %I TO migr_loader', name) FROM role
 WHERE name IN (SELECT rolname FROM pg_catalog.pg_roles WHERE NOT rolsuper) AND name <> 'migr_loader' \gexec
SELECT pg_catalog.format('ALTER ROLE %I LOGIN CREATEDB', name)
  FROM pg_catalog.json_extract_path_text(CAST(:'facts' AS json), 'user') AS name
 WHERE name IN (SELECT rolname FROM pg_catalog.pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_') \gexec
SQL
}

make_database()
{
    cat <<'SQL'
SELECT pg_catalog.format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L', :'mirror',
           CAST(:'facts' AS json) ->> 'encoding', 'C', 'C') \gexec
SQL
}

# Extensions of the remote, as far as they are here, and whose schema public is.
make_extensions()
{
    cat <<'SQL'
SET client_min_messages = error;
SELECT pg_catalog.format('ALTER SCHEMA public OWNER TO %I', coalesce((SELECT rolname FROM pg_catalog.pg_roles
           WHERE rolname = CAST(:'facts' AS json) ->> 'public'), CAST(:'facts' AS json) ->> 'user')) \gexec
SELECT pg_catalog.format('CREATE SCHEMA IF NOT EXISTS %I', e.schema)
  FROM pg_catalog.json_to_recordset(CAST(:'facts' AS json) -> 'extensions') AS e (name text, schema text)
 WHERE name IN (SELECT name FROM pg_catalog.pg_available_extensions) AND schema !~ '^pg_' \gexec
SELECT pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I CASCADE', e.name, e.schema)
  FROM pg_catalog.json_to_recordset(CAST(:'facts' AS json) -> 'extensions') AS e (name text, schema text)
 WHERE name IN (SELECT name FROM pg_catalog.pg_available_extensions) \gexec
SELECT pg_catalog.string_agg(e.name, ', ') AS missing
  FROM pg_catalog.json_to_recordset(CAST(:'facts' AS json) -> 'extensions') AS e (name text, schema text)
 WHERE name NOT IN (SELECT extname FROM pg_catalog.pg_extension) \gset
\if :{?missing}
    \warn 'WARNING:  extensions of the remote that the workbench lacks:' :missing
\endif
SQL
}

facts_of()
{
    # shellcheck disable=SC2016 # for psql to expand
    printf '%s\n' '\set facts `cat "$MIGR_TMP/facts"`'
}

# make_mirror FULL: the database, and target for sessions in it.
make_mirror()
{
    name=migr_remote_$$_$(date +%s)
    if [ -n "$bench" ]; then
        [ "$(cat "$tmp/user")" != migr_workbench ] || fail "role migr_workbench of the remote is the workbench's superuser here"
        { facts_of; make_roles; make_database; printf '%s\n' "SELECT pg_catalog.format('ALTER DATABASE %I OWNER TO %I',
            :'mirror', CAST(:'facts' AS json) ->> 'user') \\gexec"; } >"$tmp/make" || exit 1
        bench_psql "$bench" template1 -v mirror="$name" -f "$tmp/make" || exit 1
        mirror=$name target="host=$bench port=5432 user=$(quoted "$(cat "$tmp/user")") dbname=$mirror"
    else
        { facts_of; make_database; } >"$tmp/make" || exit 1
        run_psql --dbname="$bench_target" ${ask:+"$ask"} -X -q -v ON_ERROR_STOP=1 -v mirror="$name" -f "$tmp/make" || {
            [ "$?" = 2 ] || say "the role of the workbench has to be one that may create databases"
            exit 1
        }
        mirror=$name target=$(with_database "$bench_target" "$mirror")
        [ -z "$1" ] || harmless
        # Here they can't be others'. A line end would begin another setting.
        [ -z "$1" ] || opt_set="${opt_set:+$opt_set$newline}migr.exclude=${exclude:+$exclude, }$(
            printf %s "$(cat "$tmp/others")" | tr '\n' '?')"
    fi
    [ -z "$1" ] || load_schema
    mirror_psql -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION IF NOT EXISTS migr' || exit 1
    [ -z "$1" ] || prepare_scratch
    copy_version
    gather
    load_mirror
}

# What the schema of a remote says, runs as the role of the workbench.
harmless()
{
    [ "$(mirror_psql <<'SQL'
SELECT rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                            WHERE r.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
                                  AND pg_catalog.pg_has_role(r.oid, 'MEMBER'))
  FROM pg_catalog.pg_roles WHERE rolname = current_user;
SQL
    )" = f ] || fail "the role of the workbench must be no superuser, nor one that may run programs or reach files:" \
        "what the schema of a remote says would run as it"
}

mirror_psql()
{
    run_psql --dbname="$target" ${ask:+"$ask"} -X -A -t -q -v ON_ERROR_STOP=1 "$@"
}

# What the scripts build is built there, with the extensions that only a superuser creates.
prepare_scratch()
{
    if [ -n "$bench" ]; then
        bench_psql "$bench" "$mirror" -v user="$(cat "$tmp/user")" <<'SQL' >/dev/null || exit 1
SET client_min_messages = warning;
SELECT pg_catalog.migr_scratch_create(:'user');
SQL
    else
        mirror_psql -c 'SET client_min_messages = warning' -c 'SELECT pg_catalog.migr_scratch_create()' >/dev/null || exit 1
    fi
}

# The version of the remote, row by row, is that of the mirror.
copy_version()
{
    { facts_of; cat <<'SQL'; } >"$tmp/make" || exit 1
BEGIN;
DELETE FROM migr.version;
INSERT INTO migr.version (revision, ordinal, checksum, stamped, applied_at, applied_by)
SELECT revision, ordinal, nullif(checksum, ''), stamped, applied_at, applied_by
  FROM pg_catalog.json_to_recordset(CAST(:'facts' AS json) -> 'version')
       AS v (revision text, ordinal bigint, checksum text, stamped boolean, applied_at timestamptz, applied_by text);
COMMIT;
SQL
    mirror_psql -f "$tmp/make" || exit 1
}

# From here on the mirror has the scripts, and nothing has to be loaded.
load_mirror()
{
    scripts=$load
    session keep >"$tmp/out" </dev/null || exit 1
    opt_no_load=yes load=
}

leave_mirror()
{
    # With its server, it goes by itself.
    [ -n "$mirror" ] && [ -z "$bench_folder" ] || return 0
    mirror_psql -c 'SELECT pg_catalog.migr_scratch_drop()' >/dev/null 2>&1
    if [ -n "$bench" ]; then
        bench_psql "$bench" template1 -c "DROP DATABASE IF EXISTS $mirror WITH (FORCE)"
    else
        run_psql --dbname="$bench_target" ${ask:+"$ask"} -X -q -c "DROP DATABASE IF EXISTS $mirror WITH (FORCE)"
    fi 2>/dev/null || say "database $mirror of the workbench is left"
    mirror=
}

# --- its schema ---------------------------------------------------------------------

# Sets dump: a pg_dump that can read a server of major $1, the oldest that can.
find_dump()
{
    dump='' best=1000000 seen=''
    for program in "$(dirname "$(readlink -f "$0" || echo "$0")")" "$(${PG_CONFIG:-pg_config} --bindir 2>/dev/null)" \
        /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin "$(dirname "$(command -v pg_dump)")"
    do
        [ -x "$program/pg_dump" ] || continue
        major=$("$program/pg_dump" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        seen="$seen $major"
        if [ "$major" -ge "$1" ] && [ "$major" -lt "$best" ]; then
            dump=$program/pg_dump best=$major
        fi
    done
    [ -n "$dump" ] || fail "the remote is PostgreSQL $1: pg_dump of that version or later is needed to read its schema," \
        "and here is ${seen:-none}"
}

# The remote's schema, without what we may not read, is made in the mirror.
load_schema()
{
    find_dump "$(cat "$tmp/major")"
    set -- -s --lock-wait-timeout=60s --no-subscriptions --no-security-labels --no-tablespaces -N migr_standalone
    [ -n "$bench" ] || set -- "$@" -O
    while IFS= read -r pattern; do
        case $pattern in --exclude-schema=* | --exclude-table=*) set -- "$@" "$pattern" ;; esac
    done <"$tmp/barred"
    remote_run "$dump" "$@" >"$tmp/dumped" || fail "the schema of the remote can't be read"
    without_marks <"$tmp/dumped" >"$tmp/dump" || exit 1
    cp "$tmp/facts" "$tmp/facts_before" || exit 1
    ask_remote
    cmp -s "$tmp/facts" "$tmp/facts_before" || fail "somebody was at work on the remote meanwhile: try again"
    if [ -n "$bench" ]; then
        { facts_of; make_extensions; } >"$tmp/make"
        bench_psql "$bench" "$mirror" -v ON_ERROR_STOP=0 -f "$tmp/make"
        bench_psql "$bench" "$mirror" -v ON_ERROR_STOP=0 -c "GRANT CREATE ON DATABASE $mirror TO migr_loader" || exit 1
    fi
    guard
    loader_psql -f "$tmp/guard" -f "$tmp/dump" >/dev/null 2>"$tmp/refused"
    # What grants the rights that an owner needs comes last in a dump.
    if [ -n "$bench" ]; then
        grep '^ALTER .* OWNER TO .*;$' "$tmp/dump" >"$tmp/owners"
        loader_psql -f "$tmp/guard" -f "$tmp/owners" >/dev/null 2>&1
    fi
    tell_refused
}

# Late minor releases keep a mark of their own among the options of every column. Their pg_dump
# does not show it; one of another major does, and no other server would take it.
without_marks()
{
    sed '/^ALTER [A-Z ]*TABLE .* ALTER COLUMN .* SET (.*);$/ {
            s/\(SET (\|, \)pg_attver=[^,)]*\([,)]\)/\1\2/
            s/\(SET (\), /\1/
            s/, \([,)]\)/\1/
            / SET ();$/d
        }'
}

# Makes a file by which psql takes no commands of its own from what comes behind it, where
# a text may look like one, or be one: \! runs programs here.
guard()
{
    printf '\\restrict %s\n' "$(od -A n -N 16 -t x1 /dev/urandom | tr -dc '0-9a-f')" >"$tmp/guard"
    printf '%s\n' '\echo heard' >"$tmp/heard"
    [ -n "$(loader_psql -f "$tmp/guard" -f "$tmp/heard" 2>/dev/null)" ] || return 0
    : >"$tmp/guard"
    ! sed '/^\\\(un\)\{0,1\}restrict [A-Za-z0-9]*$/d' "$tmp/dump" | grep '[\]' >/dev/null ||
        fail "the schema of the remote has backslashes, and this psql would take commands from it:" \
            "a minor release since August 2025 is needed"
}

# A dump is somebody else's text: it runs as who may do as little as possible.
loader_psql()
{
    if [ -n "$bench" ]; then
        run_psql --dbname="host=$bench port=5432 user=migr_loader dbname=$mirror" -w -X -q -v ON_ERROR_STOP=0 -v ECHO=errors "$@"
    else
        mirror_psql -v ON_ERROR_STOP=0 -v ECHO=errors "$@"
    fi
}

# What of the remote could not be made, but for what does not count: settings of another
# version, owners, and what the extensions bring.
tell_refused()
{
    sed 's/^psql:[^ ]*: //' "$tmp/refused" | awk '
        function tell() {
            if (error != "" && statement !~ /^STATEMENT: +(ALTER .* OWNER TO |COMMENT ON EXTENSION |CREATE SCHEMA |SET )/)
            {
                if (n++ < 10) print "WARNING:  the workbench can not have what the remote has: " error
            }
            error = ""
        }
        /^ERROR:  / { tell(); error = substr($0, 9); statement = "" }
        /^STATEMENT:  / { statement = $0 }
        END { tell(); if (n > 10) print "WARNING:  and " n - 10 " more of that kind" }' >&2
}
