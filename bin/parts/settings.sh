# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: migr.conf, the environment, and how psql gets to the database.

# Settings are name = value, a line each; those of the environment come first.
read_config()
{
    number=0
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        line=$(printf '%s' "$line" | tr -d '\r' | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//')
        case $line in
            '' | '#'*) continue ;;
            *=*) ;;
            *) wrong "$1, line $number: not \"name = value\"" ;;
        esac
        value=$(printf '%s' "${line#*=}" | sed 's/^[[:blank:]]*//')
        name=${line%%=*}
        case ${name%"${name##*[![:blank:]]}"} in
            database_url) database_url=$value ;;
            versions) versions=$value ;;
            schema) schema=$value ;;
            file_template) file_template=$value ;;
            *) wrong "$1, line $number: there is no setting \"$name\"" ;;
        esac
    done <"$1"
}

settings()
{
    database_url='' versions=versions schema='' file_template='%(rev)s_%(slug)s' base=.
    config=${opt_config:-${MIGR_CONFIG:-}}
    if [ -n "$config" ] || [ -e migr.conf ]; then
        config=${config:-migr.conf}
        readable "$config" || wrong "can't read $config"
        case $config in */*) base=${config%/*} ;; esac
        read_config "$config"
    fi
    # Names in migr.conf are seen from its folder, others from here.
    versions=$(in_base "$versions")
    [ -z "$schema" ] || schema=$(in_base "$schema")
    versions=${opt_versions:-${MIGR_VERSIONS:-$versions}}
    schema=${opt_schema:-${MIGR_SCHEMA:-$schema}}
    file_template=${MIGR_FILE_TEMPLATE:-$file_template}
    if [ -z "$schema" ]; then
        if [ -e "$base/schema.sql" ]; then schema=$base/schema.sql
        elif [ -d "$base/schema" ]; then schema=$base/schema
        fi
    fi
    # These are about no database that is named.
    case $verb in
        convert | workbench) ;;
        *) connection ;;
    esac
}

# Each of a list of paths, seen from the folder of migr.conf.
in_base()
{
    if [ "$base" = . ]; then
        printf '%s' "$1"
    else
        printf '%s' "$1" | tr ',' '\n' | base=$base awk '{ sub(/^[ \t]+/, "")
            printf "%s%s", (NR > 1 ? "," : ""), (/^\// ? $0 : ENVIRON["base"] "/" $0) }'
    fi
}

# Undoes %XX.  What comes behind the end keeps line ends at the end.
decode()
{
    rest=$1
    while :; do
        case $rest in
            *%[0-9A-Fa-f][0-9A-Fa-f]*) ;;
            *) break ;;
        esac
        before=${rest%%\%[0-9A-Fa-f][0-9A-Fa-f]*}
        hex=${rest#"$before%"}
        rest=${hex#??}
        # shellcheck disable=SC2059 # the format is the character
        printf '%s' "$before" && printf "\\$(printf %o "0x${hex%"$rest"}")"
    done
    printf '%s.' "$rest"
}

# Sets target, what psql connects to, ask, and PGPASSWORD: a password is for the
# environment, since everybody can see the arguments of a command.
connection()
{
    # Without a terminal, psql would take what it is to run for the password.
    ask=
    (: </dev/tty) 2>/dev/null || ask=--no-password
    given_password=${PGPASSWORD-} password_is_given=${PGPASSWORD+yes}
    read_target DATABASE_URL "${opt_database:-}" "${DATABASE_URL:-$database_url}"
    use_password "$has_password" "$password"
}

# use_password HAS PASSWORD: that of a target, if it has one; or what the environment
# says, but not that of another target.
use_password()
{
    if [ -n "$1" ]; then
        PGPASSWORD=$2
        export PGPASSWORD
    elif [ -n "$password_is_given" ]; then
        PGPASSWORD=$given_password
    else
        unset PGPASSWORD
    fi
}

# read_target SETTING OPTION VALUE: of the option or else the value of the setting makes
# target, and password, if has_password is not empty.
read_target()
{
    setting=$1 target=$3 password='' has_password=
    if [ -n "$2" ]; then
        target=$2
        case $target in
            *://*:*@* | *[Pp]assword*=*)
                wrong "others can see a password on a command line: use $setting, PGPASSWORD or ~/.pgpass" ;;
        esac
    fi
    case $target in
        postgresql://* | postgres://* | postgresql+*://* | postgres+*://*) ;;
        *://*) wrong "$setting is not of PostgreSQL" ;;
        *password*=*) wrong "for a password, $setting has to be a URL, as postgresql://user:password@host/name" ;;
        *) return ;;
    esac
    # As libpq does it: the user ends at the first @, if that comes before any /.
    target=${target#*://} user=
    case ${target%%/*} in
        *@*) user=${target%%@*}@ target=${target#*@} ;;
        *) case $target in *@*) unreadable ;; esac ;;
    esac
    case $user in
        *:*)
            password=$(decode "${user#*:}")
            password=${password%@.} has_password=yes
            user=${user%%:*}@ ;;
    esac
    query=
    case $target in *\?*) query=${target#*\?} target=${target%%\?*} ;; esac
    case $target in *@*) unreadable ;; esac
    target=postgresql://$user$target
    parameters
}

unreadable()
{
    wrong "$setting can't be read: in a password, / @ and % are written as %2F %40 and %25"
}

# What drivers and pools of other languages have in a URL is nothing to libpq.
parameters()
{
    separator=\?
    while [ -n "$query" ]; do
        parameter=${query%%&*}
        case $query in *\&*) query=${query#*&} ;; *) query= ;; esac
        case $parameter in
            password=*)
                password=$(decode "${parameter#*=}")
                password=${password%.} has_password=yes
                continue ;;
            sslpassword=*) wrong "sslpassword can't be in $setting" ;;
            ssl=disable | ssl=allow | ssl=prefer | ssl=require | ssl=verify-*) parameter=sslmode=${parameter#*=} ;;
            schema=* | pgbouncer=* | connection_limit=* | pool_* | max_overflow=* | statement_cache_* | \
                prepared_statement_* | async_fallback=* | command_timeout=*) continue ;;
        esac
        target=$target$separator$parameter separator=\&
    done
}
