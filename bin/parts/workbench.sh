# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the workbench, a throw-away server where PostgreSQL is installed.  It is
# reached by a socket in a folder that nobody else may enter, and by nothing else.

bench_folder=           # of the one that ends with this call
watcher=                # a process that ends it if we can't
programs=               # the folder of the server's programs

# --- whose server it is -----------------------------------------------------------

# A server refuses to run as root: then it is postgres' or nobody's.
choose_server_user()
{
    server_user=
    [ "$(id -u)" = 0 ] || return 0
    for server_user in postgres nobody; do
        ! id "$server_user" >/dev/null 2>&1 || return 0
    done
    fail "a server can't run as root, and there is neither user postgres nor nobody"
}

# as_server COMMAND...
as_server()
{
    if [ -z "$server_user" ]; then
        "$@"
    elif command -v runuser >/dev/null; then
        runuser -u "$server_user" -- "$@"
    else
        # shellcheck disable=SC2016 # for the inner shell to expand
        su -s /bin/sh -c 'exec "$@"' "$server_user" -- sh "$@"
    fi
}

# What the environment says of connections is about other servers.
forget_environment()
{
    unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS \
        PGSSLMODE PGSSLNEGOTIATION PGSSLCERT PGSSLKEY PGSSLROOTCERT PGSSLCRL PGREQUIRESSL PGREQUIREPEER \
        PGREQUIREAUTH PGCHANNELBINDING PGGSSENCMODE PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS PGDATA
}

# --- where PostgreSQL is ------------------------------------------------------------

# Has the server that is installed in folder $1 the extension?
has_extension()
{
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ] && [ -x "$1/pg_ctl" ] || return 1
    installed="$installed $1"
    share=$(cd / && as_server "$1/initdb" --show -D / 2>&1 | sed -n 's/^share_path=//p')
    [ -e "$share/extension/migr.control" ]
}

# Sets programs: the folder of the programs of a server that has the extension.
find_programs()
{
    installed=
    # The newest first, of those that packages put beside each other.
    for programs in "$(${PG_CONFIG:-pg_config} --bindir 2>/dev/null)" "$(dirname "$(readlink -f "$0" || echo "$0")")" \
        $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t / -k 5nr) /usr/pgsql-*/bin \
        "$(dirname "$(command -v initdb)")" /usr/local/pgsql/bin
    do
        ! has_extension "$programs" || return 0
    done
    [ -z "$installed" ] ||
        fail "no server here has the extension, to start a workbench with:$installed; install it, or name another by PG_CONFIG"
    fail "no server is installed here, to start a workbench with: install PostgreSQL and migr," \
        "or name a database that has the extension by --workbench"
}

# --- starting and stopping ----------------------------------------------------------

# Sets base: where folders of workbenches are. Names of sockets have to be short, and the
# server may be another user's.
find_base()
{
    for base in "${XDG_RUNTIME_DIR:-}" "${TMPDIR:-}" /tmp; do
        case $base in
            [!/]* | '' | *[!A-Za-z0-9_./-]*) continue ;;
        esac
        if [ "${#base}" -le 60 ] && [ -d "$base" ] && [ -w "$base" ] && (cd / && as_server test -x "$base"); then
            return
        fi
    done
    fail "there is no folder for a workbench: TMPDIR has to name one"
}

# The folder of the one that stays.
lasting_folder()
{
    choose_server_user
    find_base
    lasting=$base/migr-workbench.$(id -u)
}

# bench_psql FOLDER DATABASE [OPTION...]: as its superuser.
bench_psql()
(
    forget_environment
    inside=$1 name=$2
    shift 2
    exec psql --dbname="host=$inside port=5432 user=migr_workbench dbname='$name'" -w -X -A -t -q -v ON_ERROR_STOP=1 "$@"
)

# Nobody else can have put folder $1 there.
is_ours()
{
    [ ! -L "$1" ] && [ -n "$(find "$1" -prune -user "${server_user:-$(id -u)}" 2>/dev/null)" ]
}

# Is a workbench running in folder $1?
is_running()
{
    is_ours "$1" && bench_psql "$1" template1 -c '' 2>/dev/null
}

# start_bench FOLDER, which is there and empty.
start_bench()
{
    find_programs
    [ -z "$server_user" ] || chown "$server_user" "$1" || exit 1
    (
        forget_environment
        cd "$1" && umask 077 || exit 1
        LC_ALL=C
        export LC_ALL
        as_server "$programs/initdb" -D "$1/data" -U migr_workbench -A trust -E UTF8 --locale=C \
            --no-sync --wal-segsize=1 >"$1/log" 2>&1 &&
            as_server "$programs/pg_ctl" -D "$1/data" -s -w -l "$1/data/log" -o "-k $1 -p 5432 -c listen_addresses= \
                -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_locks_per_transaction=1024 \
                -c wal_level=minimal -c max_wal_senders=0 -c shared_buffers=32MB -c migr.scratch_database=create" start >>"$1/log" 2>&1
    ) || {
        tail -n 5 "$1/log" "$1/data/log" 2>/dev/null >&2
        fail "the workbench did not start"
    }
    bench_psql "$1" template1 -c 'CREATE ROLE workbench LOGIN CREATEDB' -c 'CREATE ROLE migr_loader LOGIN' \
        -c 'CREATE DATABASE workbench OWNER workbench' &&
        bench_psql "$1" workbench -c 'SET ROLE workbench' -c 'CREATE EXTENSION migr' || exit 1
}

# A server whose folder is gone would end by itself, but later. One that has only begun to
# start has not written yet what it was started by.
stop_bench()
{
    (
        choose_server_user
        started_by=$(sed -n '1s|/postgres .*||p' "$1/data/postmaster.opts")
        cd / && as_server "${started_by:-$programs}/pg_ctl" -D "$1/data" -s -w -m immediate stop
    ) >/dev/null 2>&1
    rm -rf "$1" 2>/dev/null || {
        sleep 1
        rm -rf "$1"
    }
}

# Sets bench_folder: of a workbench that ends with this call.
start_own_bench()
{
    choose_server_user
    find_base
    bench_folder=$(mktemp -d "$base/migr-bench.XXXXXX") || exit 1
    start_bench "$bench_folder"
    # If this is killed in a way that it can't see, who cleans up?
    (
        while kill -0 $$; do sleep 2; done
        stop_bench "$bench_folder"
    ) </dev/null >/dev/null 2>&1 &
    watcher=$!
}

# At the end of this call.
leave_bench()
{
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    [ -z "$bench_folder" ] || stop_bench "$bench_folder"
}

# --- the verb -------------------------------------------------------------------------

verb_workbench()
{
    action=$1
    shift
    case $action in
        run) [ $# -gt 0 ] || wrong "run what?" ;;
        start | stop | status) [ $# -eq 0 ] || wrong "workbench $action has no argument $1" ;;
        *) wrong "workbench does start, stop, status and run, and not $action" ;;
    esac
    lasting_folder
    "workbench_$action" "$@"
}

workbench_start()
{
    if is_running "$lasting"; then
        say "it is running already"
    else
        # Of a machine that has been switched off, say.
        ! is_ours "$lasting" || stop_bench "$lasting"
        mkdir -m 700 "$lasting" || fail "$lasting is somebody else's"
        bench_folder=$lasting
        start_bench "$lasting"
        bench_folder=
    fi
    workbench_status
}

workbench_status()
{
    is_running "$lasting" || fail "no workbench is running; migr workbench start starts one"
    printf 'host=%s port=5432 user=workbench dbname=workbench\n' "$lasting"
}

workbench_stop()
{
    is_ours "$lasting" || fail "no workbench is running"
    stop_bench "$lasting"
}

# The command finds it as its database, and as the workbench of --remote.
workbench_run()
{
    inside=$lasting
    is_running "$inside" || {
        start_own_bench
        inside=$bench_folder
    }
    forget_environment
    MIGR_WORKBENCH=$inside PGHOST=$inside PGPORT=5432 PGUSER=workbench PGDATABASE=workbench
    DATABASE_URL="postgresql://workbench@/workbench?host=$inside&port=5432"
    export MIGR_WORKBENCH PGHOST PGPORT PGUSER PGDATABASE DATABASE_URL
    unset PGAPPNAME
    env "$@"
    exit $?
}
