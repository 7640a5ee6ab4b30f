# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the files of the project, read as a whole and written as a whole.

# Calls "$@ FOLDER" for each folder of scripts.
each_folder()
{
    folders=$versions
    while [ -n "$folders" ]; do
        folder=$(printf '%s' "${folders%%,*}" | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//')
        case $folders in *,*) folders=${folders#*,} ;; *) folders= ;; esac
        case $folder in
            '') continue ;;
            # To awk, name=value is no file.
            -* | [A-Za-z_]*=*) folder=./$folder ;;
        esac
        "$@" "$folder"
    done
}

readable()
{
    [ -f "$1" ] && [ -r "$1" ]
}

list_folder()
{
    [ -d "$1" ] || fail "there is no folder $1: run migr init, or name it by --versions"
    for file in "$1"/*.sql; do
        [ -e "$file" ] || [ -L "$file" ] || continue
        readable "$file" || fail "can't read $file"
        [ -s "$file" ] || fail "$file is empty"
        case $file in *"$newline"*) fail "the name of a file has a line end: $file" ;; esac
        printf '%s\0' "$file"
    done
}

# Puts files whose names are in $1 together in $2, each whole line by line, and
# writes to $3: id or name of a script, line, file; to $4 files without one. With $5, each
# begins with a line that has its name.
put_together()
{
    : >"$2" && : >"$3" && : >"$4" || exit 1
    [ -s "$1" ] || return 0
    [ "$(xargs -0 cat <"$1" | LC_ALL=C tr -dc '\000' | wc -c)" -eq 0 ] ||
        fail "a file holds zero bytes: it has to be UTF-8 text, not UTF-16"
    # shellcheck disable=SC2016 # $ is awk's
    LC_ALL=C all=$2 index=$3 lacks=$4 headed=${5:-} xargs -0 awk '
        function finish() { if (name != "" && !found) print name >> ENVIRON["lacks"] }
        FNR == 1 {
            finish(); name = base = FILENAME; found = 0
            sub(/^\357\273\277/, ""); sub(/.*\//, "", base)
            if (ENVIRON["headed"] && !/^-- migr:file /) print "-- migr:file " base >> ENVIRON["all"]
        }
        { print >> ENVIRON["all"] }
        /^-- migr:(revision|repeatable)[ \t\r]/ {
            id = $3; sub(/\r$/, "", id); found = 1
            printf "%s\t%d\t%s\n", id, FNR, name >> ENVIRON["index"]
        }
        END { finish() }' <"$1" || fail "can't read the files"
}

# Puts the scripts into $tmp/scripts, and sets load: all, or nothing if there are none.
gather()
{
    [ -z "${opt_no_load:-}" ] || return 0
    (each_folder list_folder) >"$tmp/list" || exit 1
    put_together "$tmp/list" "$tmp/scripts" "$tmp/index" "$tmp/lacks"
    if [ -s "$tmp/lacks" ]; then
        fail "no line \"-- migr:revision ID\", or \"-- migr:repeatable NAME\", is in $(head -n 1 "$tmp/lacks")"
    fi
    twice=$(cut -f 1 "$tmp/index" | sort | uniq -d | sed -n 1p)
    if [ -n "$twice" ]; then
        fail "several files have script \"$twice\": $(id=$twice awk -F '\t' '$1 == ENVIRON["id"] {
            sub(/^[^\t]*\t[^\t]*\t/, ""); printf "%s%s", n++ ? ", " : "", $0 }' "$tmp/index")"
    fi
    load=all
    [ -s "$tmp/list" ] || load=nothing
}

# Sets file, of the revision that is called so: by the files alone, if they are enough.
find_file()
{
    file=$(id=$1 awk -F '\t' 'index($1, ENVIRON["id"]) == 1 { path = $0; sub(/^[^\t]*\t[^\t]*\t/, "", path)
        if ($1 == ENVIRON["id"]) { found = path; n = 1; exit } found = path; n++ }
        END { if (n == 1) print found }' "$tmp/index")
}

# gather_schema [PATH]: the desired schema in $tmp/desired; false if there is none.
gather_schema()
{
    path=${1:-$schema}
    [ -n "$path" ] || return 1
    case $path in -* | [A-Za-z_]*=*) path=./$path ;; esac
    headed=
    if [ -d "$path" ]; then
        (list_folder "$path") >"$tmp/desired_list" || exit 1
        headed=yes
    else
        readable "$path" || fail "can't read $path"
        printf '%s\0' "$path" >"$tmp/desired_list"
    fi
    put_together "$tmp/desired_list" "$tmp/desired" "$tmp/others" "$tmp/others" "$headed"
    grep -q '[^[:space:]]' "$tmp/desired" || fail "the desired schema, $path, is empty"
}

# place FILE FORCE: what is in $tmp/out becomes that file, whole or not at all.
place()
{
    case $1 in
        */*) folder=${1%/*} ;;
        *) folder=. ;;
    esac
    [ -d "${folder:=/}" ] || fail "there is no folder $folder"
    [ ! -d "$1" ] || fail "$1 is a folder"
    part=$(mktemp "$folder/.migr.XXXXXX") || fail "can't write to $folder"
    {
        cat "$tmp/out" >"$part" && chmod "$(printf %o $((0666 & ~$(umask))))" "$part"
    } || fail "can't write $1"
    if [ -n "$2" ]; then
        mv -f "$part" "$1" || fail "can't write $1"
    else
        ln "$part" "$1" 2>/dev/null || {
            { [ ! -e "$1" ] && [ ! -L "$1" ]; } || fail "$1 exists already, and stays as it is"
            # Not every file system has links.
            (set -C && : >"$1") 2>/dev/null && mv -f "$part" "$1"
        } || fail "can't write $1"
        rm -f "$part"
    fi
    part=
}

# psql ends its output with a line end of its own.
trim()
{
    sed '${/^$/d;}' "$tmp/out" >"$tmp/trimmed" || exit 1
    mv "$tmp/trimmed" "$tmp/out" || exit 1
}

# Prints what is in $tmp/out, or makes it the file that --output names.
deliver()
{
    trim
    if [ -n "${opt_output:-}" ]; then
        case $opt_output in
            -*) opt_output=./$opt_output ;;
        esac
        place "$opt_output" "${opt_force:-}"
    else
        cat "$tmp/out"
    fi
}

# replace_word WORD VALUE: in name.
replace_word()
{
    done=
    while :; do
        case $name in
            *"{$1}"*) ;;
            *) break ;;
        esac
        done=$done${name%%"{$1}"*}$2
        name=${name#*"{$1}"}
    done
    name=$done$name
}

# The name of a file for the script in $tmp/out.
file_name()
{
    rev=$(sed -n 's/^-- migr:revision *//p' "$tmp/out" | sed -n 1p)
    slug=$(sed -n 's/^-- migr:message *//p' "$tmp/out" | sed -n 1p | LC_ALL=C tr '[:upper:]' '[:lower:]' |
        LC_ALL=C tr -cs 'a-z0-9\200-\377' '_' | LC_ALL=C awk '{
            gsub(/^_+|_+$/, "")
            if (length($0) > 40)
            {
                $0 = substr($0, 1, 41)
                if (!sub(/_[^_]*$/, ""))
                    sub(/([\300-\377][\200-\277]*|.)$/, "")
            }
            print }')
    # As in Alembic, %(word)s or %(word).2d, and %% in a file of settings.
    name=$(printf '%s' "$file_template" | sed 's/%\{1,2\}(\([a-z]*\))[.0-9]*[sd]/{\1}/g')
    for word in year:%Y month:%m day:%d hour:%H minute:%M second:%S epoch:%s date:%Y%m%d time:%H%M%S; do
        case $name in *"{${word%%:*}}"*) replace_word "${word%%:*}" "$(date "+${word#*:}")" ;; esac
    done
    replace_word slug "$slug"
    replace_word rev "$rev"
    case $name in
        *[{}/]*) wrong "the name of a file can't be made from \"$file_template\"" ;;
    esac
    # Without a message, nothing is to be seen of the slug but what joins it.
    [ -n "$slug" ] || name=$(printf '%s' "$name" | sed 's/^[_-]*//; s/[_-]*$//')
    case $name in .* | '') name=_$name ;; esac
    printf '%s.sql' "$name"
}

# Each script that is in $tmp/out becomes a file; their names are printed.
place_script()
{
    # Without a script, the server has said why.
    grep -q . "$tmp/out" || return 0
    trim
    if [ -n "${opt_sql:-}" ]; then
        cat "$tmp/out"
        return
    fi
    chosen=
    each_folder choose_folder
    [ -n "$chosen" ] || wrong "${opt_version_path:-} is none of the folders of scripts: $versions"
    LC_ALL=C awk -v to="$tmp/chain" '/^-- migr:revision / { n++ } n { print > (to n) }' "$tmp/out" || exit 1
    nth=1
    while [ -e "$tmp/chain$nth" ]; do
        mv "$tmp/chain$nth" "$tmp/out" || exit 1
        trim
        name=$(file_name) || exit
        place "$chosen/$name" ''
        printf '%s\n' "$chosen/$name"
        nth=$((nth + 1))
    done
}

choose_folder()
{
    wanted=${opt_version_path:-$1}
    [ -n "$chosen" ] || [ "${wanted%/}" != "${1%/}" ] || chosen=$1
}
