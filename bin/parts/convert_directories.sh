# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: reading the directories of SQL files that other tools have.

directory_tools='dbmate diesel drizzle flyway golang-migrate goose prisma sql-migrate sqitch supabase'

# convert_directory TOOL DIRECTORY [OUTPUT]: a script for each of its migrations, and a line
# that says what became of each file.
convert_directory()
{
    case " $directory_tools " in
        *" $1 "*) ;;
        *) wrong "there is no converter for $1: there are alembic $directory_tools" ;;
    esac
    [ -z "$settings_of_tool${opt_name:-}${opt_baseline:-}${opt_python:-}${opt_set:-}" ] ||
        wrong "-c, -x, --name, --baseline and --python are for alembic"
    [ -n "${2:-}" ] || wrong "convert $1 needs the directory of its files"
    [ -d "$2" ] || fail "there is no folder $2"
    tool=$1 source=$2 chosen=${3:-}
    case $source in -*) source=./$source ;; esac
    [ -n "$chosen" ] || each_folder choose_folder
    case $chosen in -*) chosen=./$chosen ;; esac
    mkdir "$tmp/made" || exit 1
    list_sources >"$tmp/sources" || exit 1
    tool=$tool source=${source%/} LC_ALL=C awk "$(order_program)" "$tmp/sources" >"$tmp/unsorted" || exit 1
    LC_ALL=C sort "$tmp/unsorted" >"$tmp/order" || exit 1
    tool=$tool made=$tmp/made brief=${opt_quiet:-} LC_ALL=C awk -F '\t' "$(convert_program)" "$tmp/order" >"$tmp/report"
    status=$?
    [ "$status" -le 1 ] || exit 1
    mkdir -p "$chosen" || exit 1
    for file in "$tmp/made"/*; do
        [ -e "$file" ] || fail "there is nothing to convert in $source"
        [ -n "${opt_force:-}" ] || [ ! -e "$chosen/${file##*/}" ] ||
            fail "$chosen/${file##*/} exists already, and stays as it is"
    done
    for file in "$tmp/made"/*; do
        cp "$file" "$tmp/out" || exit 1
        place "$chosen/${file##*/}" "${opt_force:-}"
    done
    cat "$tmp/report"
    [ "$status" -eq 0 ] || say "what could not be converted is named above: stubs raise an error until they are written"
    return "$status"
}

# The files that are looked at, one a line.
list_sources()
{
    case $tool in
        diesel | prisma) set -- "$source"/*/* ;;
        flyway) ;;
        sqitch)
            readable "$source/sqitch.plan" || fail "there is no $source/sqitch.plan"
            set -- "$source/sqitch.plan" ;;
        drizzle) set -- "$source"/* "$source/meta/_journal.json" ;;
        *) set -- "$source"/* ;;
    esac
    [ "$(find "$source" -type f -name '*.sql' -exec cat {} + | LC_ALL=C tr -dc '\000' | wc -c)" -eq 0 ] ||
        fail "a file in $source holds zero bytes: it has to be UTF-8 text, not UTF-16"
    odd=$(find "$source" -type f \( -name "*$newline*" -o -name "*	*" \))
    [ -z "$odd" ] || fail "the name of a file has a line end, or a tab: $odd"
    if [ "$tool" = flyway ]; then
        find "$source" -type f | LC_ALL=C sort
        return
    fi
    for file in "$@"; do
        [ -f "$file" ] || continue
        readable "$file" || fail "can't read $file"
        printf '%s\n' "$file"
    done
}

# What is one migration, and which comes when: a line for each, with a key to sort by, id,
# message, files of upgrade, downgrade and verify section, revision or repeatable, "off" or
# not, why it is a stub, what it depends on, and what else there is to say.
order_program()
{
    cat <<'PROGRAM'
    BEGIN { FS = "\n"; OFS = "\t"; tool = ENVIRON["tool"]; code = "^(go|ts|js|mjs|cjs|py|rb|java|kt|rs|php|groovy)$" }

    function base(path) { sub(/.*\//, "", path); return path }
    function folder(path) { return sub(/\/[^\/]*$/, "", path) ? path : "." }
    function extension(name) { return match(name, /\.[^.]*$/) ? substr(name, RSTART + 1) : "" }
    function without(name) { sub(/\.[^.]*$/, "", name); return name }
    function digits(name) { return match(name, /^[0-9]+/) ? substr(name, 1, RLENGTH) : "" }
    function plain(number) { sub(/^0+/, "", number); return number == "" ? "0" : number }

    # A number so that it sorts as text: how many digits, then these.
    function key_of(number) { number = plain(number); return sprintf("%03d%s", length(number), number) }

    # Parts of a version, each by number.
    function keys_of(version,   n, i, part, key) {
        n = split(version, part, ".")
        while (n > 1 && part[n] ~ /^0+$/) n--
        for (i = 1; i <= n; i++) key = key key_of(part[i]) "."
        return key
    }

    function message_of(name) { gsub(/[_-]+/, " ", name); gsub(/^ +| +$/, "", name); return name }

    function add(key, id, message) {
        if (!(id in key_by)) { ids[++count] = id; key_by[id] = key; message_by[id] = message }
    }
    function put(files, id, path) {
        if (id in files && files[id] != path) {
            print "migr: " files[id] " and " path " have the same version" > "/dev/stderr"; failed = 1; exit 2
        }
        files[id] = path
    }
    # The file of a version: SQL, or code that nothing here can read.
    function put_up(id, path) {
        put(up, id, path)
        if (extension(path) ~ code) reason[id] = "it is code"
    }
    function left_out(why) { print "~", "", "", $0, "", "", "left", "", why, "", "" }

    { name = base($0); stem = without(name); kind = extension(name) }
    tool != "sqitch" && tool != "drizzle" && kind != "sql" && kind !~ code && kind != "toml" && kind != "conf" { next }
    name ~ /_test\.(go|py|rb|js|ts)$/ || name ~ /\.(test|spec|d)\.[a-z]+$/ { next }

    tool ~ /^(dbmate|supabase|goose)$/ {
        number = digits(name)
        if (number == "" || (tool != "dbmate" && substr(name, length(number) + 1, 1) != "_")) {
            if (kind == "sql") left_out("its name does not begin with a version")
            next
        }
        id = tool == "goose" ? plain(number) : number
        if (tool == "goose" && id == "0") { left_out("version 0 is none"); next }
        add(tool == "goose" ? key_of(number) : name, id, message_of(substr(stem, length(number) + 1)))
        put_up(id, $0)
        next
    }
    tool == "sql-migrate" {
        number = digits(name)
        if (kind != "sql" && number == "") next
        add((number == "" ? "" : key_of(number)) name, stem, message_of(substr(stem, length(number) + 1)))
        put_up(stem, $0)
        next
    }
    tool == "golang-migrate" {
        number = digits(name)
        rest = substr(name, length(number) + 1)
        if (number == "" || rest !~ /^_.*\.(up|down)\.[^.]*$/) {
            if (kind == "sql") left_out("its name is not number_text.up.sql or .down.sql")
            next
        }
        id = plain(number)
        direction = extension(stem)
        add(key_of(number), id, "")
        if (direction == "down") put(down, id, $0)
        else { message_by[id] = message_of(without(without(rest))); put_up(id, $0) }
        next
    }
    tool == "flyway" && kind == "conf" {
        while ((getline line < $0) > 0)
            if (line ~ /^[ \t]*executeInTransaction[ \t]*=[ \t]*false/) alone[$0] = 1
        close($0)
        next
    }
    tool == "flyway" {
        if (name !~ /^([VUB][0-9][0-9._]*|R)__/) {
            if (kind == "sql") left_out("its name is not Vn__text, Un__text or R__text")
            next
        }
        letter = substr(name, 1, 1)
        at = index(name, "__")
        version = substr(name, 2, at - 2)
        gsub(/_/, ".", version)
        text = substr(stem, at + 2)
        if (letter == "B") { left_out("a baseline migration, which stands for others that are here"); next }
        if (letter == "R") {
            id = "R." text
            add("~R" text, id, message_of(text))
            repeatable[id] = 1
            put_up(id, $0)
            next
        }
        add(keys_of(version), version, "")
        if (letter == "U") put(down, version, $0)
        else { message_by[version] = message_of(text); put_up(version, $0) }
        next
    }
    tool == "prisma" || tool == "diesel" {
        directory = base(folder($0))
        id = directory
        if (tool == "diesel") { sub(/_.*/, "", id); gsub(/-/, "", id) }
        if (name == (tool == "prisma" ? "migration.sql" : "up.sql")) {
            text = directory
            sub(tool == "prisma" ? "^[0-9]+_*" : "^[^_]*_*", "", text)
            add(id, id, "")
            message_by[id] = message_of(text)
            put_up(id, $0)
        }
        else if (name == "down.sql") { add(id, id, ""); put(down, id, $0) }
        else if (name == "metadata.toml") {
            while ((getline line < $0) > 0)
                if (line ~ /^[ \t]*run_in_transaction[ \t]*=[ \t]*false/) off[id] = 1
            close($0)
        }
        else if (kind == "sql") left_out("it is none of the tool's")
        else if (kind ~ code && name ~ /^(up|migration)\./) { add(id, id, message_of(id)); put_up(id, $0) }
        next
    }
    tool == "drizzle" && name == "_journal.json" {
        # "when" is what the table has, "tag" the name of the file.
        while ((getline line < $0) > 0) journal = journal " " line
        close($0)
        while (match(journal, /[{][^{}]*[}]/)) {
            entry = substr(journal, RSTART, RLENGTH)
            journal = substr(journal, RSTART + RLENGTH)
            if (!match(entry, /"tag"[ ]*:[ ]*"[^"]*"/)) continue
            tag = substr(entry, RSTART, RLENGTH)
            sub(/^"tag"[ ]*:[ ]*"/, "", tag); sub(/"$/, "", tag)
            if (match(entry, /"when"[ ]*:[ ]*[0-9]+/)) {
                at = substr(entry, RSTART, RLENGTH); sub(/.*[^0-9]/, "", at); when[tag] = at
            }
        }
        next
    }
    tool == "drizzle" {
        if (kind != "sql") next
        if (digits(name) == "") { left_out("its name does not begin with a number"); next }
        add(key_of(digits(name)), stem, message_of(substr(stem, length(digits(stem)) + 1)))
        put_up(stem, $0)
        next
    }

    # The plan of sqitch: what comes of each of its lines is in the order of these.
    tool == "sqitch" { plan = $0; top = folder($0); exit }

    function there(path,   line, n) { n = getline line < path; close(path); return n >= 0 }

    function value_of(line) { sub(/^[^=]*=[ \t]*/, "", line); sub(/[ \t\r]+$/, "", line); return line }

    function read_plan(   line, n, i, word, names, change, needed, tag) {
        if ((getline line < (folder(plan) "/sqitch.conf")) >= 0) {
            do if (line ~ /^[ \t]*top_dir[ \t]*=/) top = folder(plan) "/" value_of(line)
            while ((getline line < (folder(plan) "/sqitch.conf")) > 0)
        }
        while ((getline line < plan) > 0) {
            sub(/\r$/, "", line)
            sub(/^\357\273\277/, "", line)
            sub(/^[ \t]+/, "", line)
            if (line ~ /^%project[ \t]*=/) project = value_of(line)
            if (line ~ /^%/ || line ~ /^#/ || line == "") continue
            note = line
            if (!sub(/^[^#]*#[ \t]*/, "", note)) note = ""
            sub(/[ \t]*#.*/, "", line)
            if (line ~ /^@/) {
                tag = line
                sub(/[ \t].*/, "", tag)
                tagged[tag] = changes
                # The files of a change that comes again are named by the first tag behind it.
                for (i = 1; i <= changes; i++) tags[i] = tags[i] tag " "
                continue
            }
            if (line ~ /^-/) { print "migr: " plan " undoes changes, which can't be converted" > "/dev/stderr"; failed = 1; exit 2 }
            sub(/^\+[ \t]*/, "", line)
            change = line
            sub(/[ \t].*/, "", change)
            needed = ""
            if (match(line, /[[][^]]*[]]/)) needed = substr(line, RSTART + 1, RLENGTH - 2)
            changes++
            name_at[changes] = change
            note_at[changes] = note
            nth[changes] = ++times[change]
            last[change] = changes
            needs_at[changes] = needed
            # As they are now, so that a change can need an earlier one of its own name.
            n = split(needed, word, /[ \t]+/)
            for (i = 1; i <= n; i++) {
                if (word[i] == "" || word[i] ~ /^!/) continue
                if (project != "" && index(word[i], project ":") == 1) word[i] = substr(word[i], length(project) + 2)
                if (index(word[i], ":") > 1) foreign[changes] = foreign[changes] (foreign[changes] ? ", " : "") word[i]
                else requires[changes] = requires[changes] " " resolve(word[i])
            }
        }
        close(plan)
    }
    # The number of a change that is needed: name, name@tag, @tag.
    function resolve(word,   at, tag, i) {
        sub(/^:/, "", word)
        at = index(word, "@")
        if (!at) return before(word, changes - 1)
        tag = substr(word, at)
        if (at == 1) return tag in tagged ? tagged[tag] : 0
        return before(substr(word, 1, at - 1), tag in tagged ? tagged[tag] : changes - 1)
    }
    function before(change, limit,   i) { for (i = limit; i > 0; i--) if (name_at[i] == change) return i; return 0 }
    function id_at(i) { return name_at[i] (nth[i] > 1 ? "." nth[i] : "") }
    function file_at(i, directory,   n, part, j, path) {
        path = top "/" directory "/" name_at[i]
        if (last[name_at[i]] != i) {
            n = split(tags[i], part, " ")
            for (j = 1; j <= n; j++)
                if (there(path part[j] ".sql")) return path part[j] ".sql"
            return ""
        }
        return there(path ".sql") ? path ".sql" : ""
    }
    function print_plan(   i, j, n, part, needs) {
        for (i = 1; i <= changes; i++) {
            needs = ""
            n = split(requires[i], part, " ")
            for (j = 1; j <= n; j++)
                if (part[j] > 0 && part[j] != i - 1) needs = needs (needs ? " " : "") id_at(part[j])
            print sprintf("%08d", i), id_at(i), (note_at[i] == "" ? message_of(name_at[i]) : note_at[i]),
                file_at(i, "deploy"), file_at(i, "revert"), file_at(i, "verify"), "revision", "",
                (file_at(i, "deploy") == "" ? "its file is not there" : ""), needs,
                (foreign[i] ? "it needs " foreign[i] ", of another project" : "")
        }
    }

    END {
        if (failed) exit 2
        if (tool == "sqitch") { read_plan(); if (failed) exit 2; print_plan(); exit }
        for (i = 1; i <= count; i++) {
            id = ids[i]
            if (!(id in up) && !(id in reason)) reason[id] = "there is no file of its upgrade"
            if (id in up && (up[id] ".conf") in alone) off[id] = 1
            print key_by[id], (tool == "drizzle" && id in when ? when[id] : id), message_by[id], up[id], down[id], "",
                (id in repeatable ? "repeatable" : "revision"), (id in off ? "off" : ""), reason[id], "", ""
        }
    }
PROGRAM
}
