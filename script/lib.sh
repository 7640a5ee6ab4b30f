# shellcheck shell=bash
#
# What script/demo and script/test share: the packages they need, a copy of the
# tree to build in, a throw-away server, and leaving nothing behind.
#
# Nothing is written to the source tree. As root, everything but installing is
# done as an unprivileged user, because the server refuses to run as root.
#
# Environment: PG_MAJOR names the major version to use, PG_CONFIG the pg_config
# of a server that need not be the distribution's.

umask 022
program=script/$(basename "$0")
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=           # the temporary directory; all files are below it
tree=           # the copy of the source tree, in $work
bindir=         # the server's programs
major=          # the server's major version
groups=         # process groups that cleanup ends
unprivileged=() # prefix of commands that root must not run itself

die()
{
    printf '%s: %s\n' "$program" "$*" >&2
    exit 1
}

say()
{
    printf '\n== %s\n' "$*"
}

have()
{
    command -v "$1" >/dev/null 2>&1
}

as_root()
{
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

need_root()
{
    ((EUID == 0)) || have sudo || die "cannot $*: this needs root, or sudo, and there is neither"
}

# --- leaving nothing behind -------------------------------------------------

# The server processes whose data directory is in $work, whoever started them.
servers()
{
    local link
    find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$work/*" 2>/dev/null |
        while read -r link; do
            link=${link%/cwd}
            [[ $(readlink "$link/exe") != */postgres* ]] || echo "${link#/proc/}"
        done
}

live_groups()
{
    local group
    for group in $groups; do
        ! kill -0 -- "-$group" 2>/dev/null || echo "-$group"
    done
}

# Ends the processes that the function $1 lists: asks by the signal $2, insists
# a second later, and uses force after ten.
end_processes()
{
    local ids i
    for ((i = 0; i <= 100; i++)); do
        mapfile -t ids < <("$1")
        ((${#ids[@]})) || return 0
        case $i in
            0) kill -s "$2" -- "${ids[@]}" ;;
            10) kill -s TERM -- "${ids[@]}" ;;
            100) kill -s KILL -- "${ids[@]}" ;;
        esac 2>/dev/null
        sleep 0.1
    done
}

cleanup()
{
    local status=$?
    set +e
    trap '' HUP INT TERM
    cd /
    [[ -n $work ]] || exit "$status"
    # An initdb that is asked by INT leaves no shared memory, unlike by TERM.
    groups=$(jobs -pr)
    end_processes live_groups INT
    end_processes servers QUIT
    rm -rf "$work" || echo "$program: could not remove $work" >&2
    exit "$status"
}

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# In /tmp, whatever TMPDIR says: the path of a socket must be short, and the
# unprivileged user must be able to reach it.
work=$(mktemp -u "/tmp/migr-$(basename "$0").XXXXXX")
mkdir -m 700 "$work" || { work= && exit 1; }

# as_owner COMMAND...: runs a short command unprivileged.
as_owner()
{
    "${unprivileged[@]}" "$@"
}

# start LOG COMMAND...: starts a long command unprivileged, its output going to
# the log; $! is its process. It gets a session of its own, so that one signal
# ends all of it.
start()
{
    setsid env --default-signal=INT,QUIT "${unprivileged[@]}" "${@:2}" \
        >"$1" 2>&1 </dev/null &
}

# run_quiet LOG COMMAND...: the same, and waits: beside it, so that a signal need
# not wait.
run_quiet()
{
    start "$@"
    wait $!
}

# run LOG COMMAND...: the same, and shows the output too.
run()
{
    # shellcheck disable=SC2016 # for the inner shell to expand
    setsid env --default-signal=INT,QUIT bash -o pipefail -c '
        log=$1
        shift
        "$@" 2>&1 | { trap "" INT TERM; exec tee "$log"; }
    ' - "$1" "${unprivileged[@]}" "${@:2}" </dev/null &
    wait $!
}

# --- packages ---------------------------------------------------------------

apt_updated=

# apt COMMAND...: apt-get that asks nothing, and shows its output only when it
# fails.
apt()
{
    local log=$work/apt.log
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" \
        >"$log" 2>&1 </dev/null && return 0
    tail -n 12 "$log" >&2
    return 1
}

# apt_update WHAT...: makes ready to install something.
apt_update()
{
    [[ -z $apt_updated ]] || return 0
    have apt-get || die "this is missing, and there is no apt-get to install it: $*"
    need_root "install $*"
    echo "updating the list of packages"
    apt update || echo "$program: the list of packages is not up to date" >&2
    apt_updated=yes
}

# The newest major version that is here whole, with what extensions need.
installed_major()
{
    local dir
    for dir in /usr/lib/postgresql/*/; do
        [[ ! -x ${dir}bin/postgres || ! -e ${dir}lib/pgxs/src/makefiles/pgxs.mk ]] ||
            basename "$dir"
    done | sort -n | tail -n 1
}

# The major version that the distribution's package "postgresql" stands for.
distribution_major()
{
    apt-cache show --no-all-versions postgresql 2>/dev/null |
        sed -n 's/^Depends:.*\bpostgresql-\([0-9][0-9]*\).*/\1/p'
}

# Decides which server to use: sets PG_CONFIG and major, and bindir if it is
# known before anything is installed.
choose_postgres()
{
    if [[ -n ${PG_CONFIG:-} ]]; then
        have "$PG_CONFIG" || die "there is no PG_CONFIG=$PG_CONFIG"
        PG_CONFIG=$(realpath -s "$(command -v "$PG_CONFIG")")
        bindir=$("$PG_CONFIG" --bindir)
        major=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
    else
        major=${PG_MAJOR:-$(installed_major)}
        if [[ -z $major ]]; then
            apt_update "PostgreSQL"
            major=$(distribution_major) || true
            [[ -n $major ]] || die "there is no package \"postgresql\" here"
        fi
        bindir=/usr/lib/postgresql/$major/bin
        PG_CONFIG=$bindir/pg_config
    fi
    export PG_CONFIG
}

# missing_packages demo|tests: the packages that have to be installed.
missing_packages()
{
    have gcc && echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1 || echo gcc libc6-dev
    have make || echo make
    if [[ $bindir == /usr/lib/postgresql/*/bin ]]; then
        [[ -x $bindir/initdb && -x $bindir/postgres ]] || echo "postgresql-$major"
        [[ -e $bindir/../lib/pgxs/src/makefiles/pgxs.mk ]] || echo "postgresql-server-dev-$major"
    fi
    [[ $1 == tests ]] || return 0
    if [[ $bindir == /usr/lib/postgresql/*/bin ]]; then
        [[ -e /usr/share/postgresql/$major/extension/pgtap.control ]] || echo "postgresql-$major-pgtap"
    fi
    have prove && perl -MTest::More -e 1 2>/dev/null || echo perl
    perl -MIPC::Run -e 1 2>/dev/null || echo libipc-run-perl
    have pg_prove || echo libtap-parser-sourcehandler-pgtap-perl
    have alembic || echo alembic python3-psycopg2 python3-flask-migrate
}

# install_packages demo|tests: installs what is missing, if anything is.
install_packages()
{
    local packages
    choose_postgres
    mapfile -t packages < <(missing_packages "$1" | tr ' ' '\n')
    ((${#packages[@]})) || return 0
    say "packages: ${packages[*]}"
    apt_update "${packages[@]}"
    echo "installing; this can take some minutes"
    apt install --no-install-recommends "${packages[@]}" ||
        die "could not install: ${packages[*]}"
}

# --- building ---------------------------------------------------------------

# Sets tree: a copy of the source tree in which to build, and goes there.
copy_tree()
{
    local owner=$EUID
    if ((EUID == 0)); then
        owner=postgres
        id "$owner" >/dev/null 2>&1 || owner=nobody
        unprivileged=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --init-groups --)
    fi

    chown "$owner" "$work"
    tree=$work/migr
    as_owner mkdir "$tree"
    list_tree >"$work/files"
    tar -C "$top" --null -T "$work/files" -cf - | as_owner tar -C "$tree" -xf -

    # No setting of the caller's may reach the tests.
    local variable
    unset MAKEFLAGS MFLAGS MAKELEVEL
    for variable in "${!PG@}"; do
        [[ $variable == PG_* ]] || unset "$variable"
    done
    export HOME=$work TMPDIR=$work PG_TEST_PORT_DIR=$work/ports LC_ALL=C.UTF-8
    cd "$tree" || exit
}

# The files that belong to the project, each ended by a zero byte.
list_tree()
{
    local file
    # Whoever runs this, it is the repository that this script is part of.
    local -x GIT_CONFIG_GLOBAL=$work/gitconfig
    printf '[safe]\n\tdirectory = *\n' >"$GIT_CONFIG_GLOBAL"
    if [[ $(git -C "$top" rev-parse --show-toplevel 2>/dev/null) == "$top" ]]; then
        git -C "$top" ls-files -z --cached --others --exclude-standard |
            sort -zu |
            while IFS= read -r -d '' file; do
                [[ ! -e $top/$file && ! -L $top/$file ]] || printf '%s\0' "$file"
            done
    else
        (cd "$top" && find . \( -name .git -o -name 'tmp_check*' -o -path ./results -o -path ./log \
            -o -path ./output_iso -o -path ./bin/built -o -path ./random-pairs \) -prune -o \
            ! -type d ! -name '*.o' ! -name '*.bc' ! -name '*.so' ! -name 'regression.*' \
            \( ! -path './sql/migr--*.sql' -o -path './sql/migr--*--*.sql' \) ! -path './*.zip' -print0)
    fi
}

# Prints the compiler's warnings about our files from a log; false if there are
# none.
warnings()
{
    grep -E -A 3 '(^|/)src/[^ :]+:[0-9:]+ warning:' "$1"
}

build()
{
    local log=$work/build.log
    run_quiet "$log" make -s -j"$(nproc)" PG_CONFIG="$PG_CONFIG" && return 0
    tail -n 60 "$log"
    return 1
}

# Installs what was built, as root unless that is not needed.
install_extension()
{
    local as=
    if [[ ! -w $("$PG_CONFIG" --pkglibdir) || ! -w $("$PG_CONFIG" --sharedir)/extension ||
        ! -w $("$PG_CONFIG" --bindir) ]]; then
        need_root "install the extension"
        as=as_root
    fi
    $as make -s -C "$tree" install PG_CONFIG="$PG_CONFIG" >"$work/install.log" 2>&1 && return 0
    tail -n 30 "$work/install.log"
    return 1
}

# --- the server -------------------------------------------------------------

# start_server SETTING...: a new server that is reached by its socket only, and
# the environment by which clients find it.
start_server()
{
    local setting log=$work/server.log
    export PGHOST=$work PGPORT=5432 PGUSER=postgres PATH=$bindir:$PATH
    run_quiet "$work/initdb.log" initdb -D "$work/data" -U postgres -A trust \
        -E UTF8 --locale=C.UTF-8 --no-sync || {
        cat "$work/initdb.log" >&2
        die "initdb failed"
    }
    for setting in "listen_addresses = ''" "unix_socket_directories = '$work'" \
        "port = $PGPORT" "fsync = off" "full_page_writes = off" "$@"; do
        echo "$setting"
    done | as_owner tee -a "$work/data/postgresql.conf" >/dev/null
    as_owner pg_ctl -D "$work/data" -l "$log" -w start >/dev/null || {
        tail -n 30 "$log" >&2
        die "the server did not start"
    }
}
