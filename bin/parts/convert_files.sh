# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: what is in one of these files, as a script; a program of awk.

# Reads these lines, writes the scripts, and says of each file what became of it.  Exit
# status 1: something is a stub, or was left out.
convert_program()
{
    cat <<'PROGRAM'
    BEGIN {
        tool = ENVIRON["tool"]; made = ENVIRON["made"]
        # What means something outside of quotes.
        token = "'|\"|--|/[*]|[$]([A-Za-z_\200-\377][A-Za-z0-9_\200-\377]*)?[$]|[$][{]|[{][{]|;|\\\\|[()]|\\[|\\]|::|:=|:['\"A-Za-z_]|[A-Za-z_\200-\377][A-Za-z0-9_$\200-\377]*"
        split("head heads base current none", words, " ")
        for (i in words) reserved[words[i]] = 1
    }

    function id_of(name) {
        gsub(/[\300-\377][\200-\277]*|[^A-Za-z0-9_.]/, "_", name)
        name = substr(name, 1, 100)
        return name in reserved ? name "_2" : name
    }
    # As the file, or the folder, is called that it comes from.
    function name_of_file(path, id) {
        if (tool ~ /^(prisma|diesel)$/) sub(/\/[^\/]*$/, "", path)
        else sub(/(\.(up|down))?\.[^.\/]*$/, "", path)
        sub(/.*\//, "", path)
        if (tool == "sqitch") path = sprintf("%04d_%s", NR, id)
        gsub(/[^A-Za-z0-9_.-]/, "_", path)
        if (path == "" || path in named) path = id
        named[path] = 1
        return path
    }

    # --- SQL: what begins and ends transactions is taken out, wherever it is a statement of its own.

    function start() {
        pieces = lead = copying = copies = atomic = round = square = comment = needs_off = 0
        state = norm = problem = removed = last_word = ""
    }
    function take(text) { piece[++pieces] = text }
    function wrong(what) { if (problem == "") problem = what ", line " at }
    function joined(list, what) {
        return index(", " list ", ", ", " what ", ") ? list : list (list ? ", " : "") what
    }
    function strip(what) { removed = joined(removed, what) }
    # What is not blank begins, or goes on, with a statement.
    function word(text, upper) {
        if (norm == "") lead = pieces
        take(text)
        if (length(norm) < 8000) norm = norm upper
    }

    function end_statement(   said, found_word) {
        said = norm
        gsub(/[ \t]+/, " ", said)
        sub(/ $/, "", said)
        norm = ""
        if (said ~ /^(BEGIN|START TRANSACTION)( (WORK|TRANSACTION))?( (ISOLATION|READ|NOT|DEFERRABLE).*)?$/ ||
            said ~ /^(COMMIT|END)( (WORK|TRANSACTION))?( AND NO CHAIN)?$/ ||
            (section == "verify" && said ~ /^(ROLLBACK|ABORT)( (WORK|TRANSACTION))?$/) ||
            said ~ /^SET (SESSION |LOCAL )?TRANSACTION_TIMEOUT /) {
            found_word = said
            sub(/ .*/, "", found_word)
            strip(found_word == "SET" ? "SET transaction_timeout" : found_word == "START" ? "START TRANSACTION" : found_word)
            pieces = lead
            return 0
        }
        if (said ~ /^(ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION|COMMIT|START TRANSACTION)( |$)/) {
            sub(/ .*/, "", said)
            wrong(said " in the middle")
        }
        if (said ~ /^(CREATE( UNIQUE)? INDEX|DROP INDEX|REINDEX.*) CONCURRENTLY( |$)/ || said ~ /^VACUUM( |$|[(])/ ||
            said ~ /^REINDEX ([(].*[)] )?(DATABASE|SYSTEM|SCHEMA) / || said ~ /^REINDEX [(].*CONCURRENTLY/ ||
            said ~ /^ALTER SYSTEM / || said ~ /^ALTER DATABASE .* TABLESPACE / || said ~ /^CLUSTER$/ ||
            said ~ /^(CREATE|DROP) (DATABASE|TABLESPACE) / || said ~ /^(CREATE|ALTER|DROP) SUBSCRIPTION / ||
            said ~ /^ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY$/)
            needs_off = 1
        if (said ~ /^COPY .* FROM STDIN([^A-Z0-9_$]|$)/) copies = 1
        return 1
    }

    function scan(line,   rest, tail, c, p, found, begun, cut, upper) {
        if (copying) { take(line "\n"); if (line == "\\.") copying = 0; return }
        if (state == "" && line ~ /^[ \t]*\\/) {
            if (line ~ /^\\(un)?restrict /) { take(line); take("\n"); return }
            found = line
            sub(/^[ \t]*/, "", found)
            if (found ~ /^\\(echo|qecho|warn|timing|pset|x|a|t)([ \t]|$)/ || found ~ /^\\set +(ON_ERROR_STOP|ON_ERROR_ROLLBACK|QUIET|ECHO|VERBOSITY)([ \t]|$)/) {
                sub(/[ \t].*/, "", found); strip(found); return
            }
            sub(/[ \t].*/, "", found)
            wrong("command " found " of psql")
            take(line "\n")
            return
        }
        if (line !~ /^[ \t]*--/) {
            if ((tool == "flyway" || envsub) && line ~ /[$][{][A-Za-z_]/) wrong("a placeholder ${...}")
            if (line ~ /[{][{][ -]*[.][A-Za-z]/) wrong("a template {{...}}")
        }
        tail = line; rest = ""; begun = pieces; cut = 0
        while (rest != "" || tail != "") {
            # In parts, as a line may be as long as a file; no token has a blank.
            if (rest == "") {
                p = length(tail) > 4000 && match(substr(tail, 2000), /[ \t]/) ? 1999 + RSTART : length(tail)
                rest = substr(tail, 1, p)
                tail = substr(tail, p + 1)
            }
            if (state == "'" || state == "\"" || substr(state, 1, 1) == "$") {
                p = index(rest, state)
                if (!p) { word(rest, ""); rest = ""; continue }
                word(substr(rest, 1, p + length(state) - 1), "")
                rest = substr(rest, p + length(state))
                state = ""
                continue
            }
            if (state == "e") {
                if (!match(rest, /['\\]/)) { word(rest, ""); rest = ""; continue }
                c = substr(rest, RSTART, 1)
                p = RSTART + (c == "\\")
                word(substr(rest, 1, p), "")
                rest = substr(rest, p + 1)
                if (c == "'") state = ""
                continue
            }
            if (state == "/*") {
                if (!match(rest, /\/[*]|[*]\//)) { take(rest); rest = ""; continue }
                comment += substr(rest, RSTART, 1) == "/" ? 1 : -1
                take(substr(rest, 1, RSTART + 1))
                rest = substr(rest, RSTART + 2)
                if (!comment) state = ""
                continue
            }
            if (!match(rest, token)) p = length(rest) + 1
            else { p = RSTART; found = substr(rest, RSTART, RLENGTH) }
            # What comes before it: blanks, numbers, operators.
            if (p > 1) {
                c = substr(rest, 1, p - 1)
                rest = substr(rest, p)
                if (c ~ /^[ \t\f\v]+$/) { take(c); if (norm != "" && norm !~ / $/) norm = norm " " }
                else word(c, c)
                continue
            }
            c = substr(found, 1, 1)
            if (found == "--") {
                # No directive of ours, nor what looks like one.
                if (rest tail ~ /^--[ \t]*([Mm][A-Za-z]?[A-Za-z]?[A-Za-z]?[A-Za-z]?[ \t]*[:.]|[Mm][Ii][Gg][Rr][ \t])/) sub(/^--/, "-- |", rest)
                take(rest); take(tail)
                break
            }
            rest = substr(rest, length(found) + 1)
            if (found == "/*") { take(found); state = found; comment = 1; continue }
            if (found == ";") {
                if (atomic || round) { word(found, found); continue }
                if (norm == "") lead = pieces
                take(found)
                if (!end_statement()) cut = 1
                continue
            }
            if (found ~ /^[A-Za-z_\200-\377]/) {
                upper = toupper(found)
                if (norm ~ /^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE) /) {
                    if (upper == "ATOMIC" && last_word == "BEGIN" && !atomic) atomic = 1
                    else if (atomic && upper == "CASE") atomic++
                    else if (atomic && upper == "END") atomic--
                }
                last_word = upper
                word(found, upper)
                if (upper == "E" && substr(rest, 1, 1) == "'") { word("'", "'"); rest = substr(rest, 2); state = "e" }
                continue
            }
            if (c == "'" || c == "\"") state = c
            else if (found ~ /^[$].*[$]$/) state = found
            else if (found == "(") round++
            else if (found == ")") round -= round > 0
            else if (found == "[") square++
            else if (found == "]") square -= square > 0
            else if (found == "\\") wrong("a command of psql")
            else if (found == "${") wrong("a placeholder ${...}")
            else if (found == "{{") wrong("a template {{...}}")
            else if (found ~ /^:['"A-Za-z_]/) {
                if (tool == "sqitch" && !square) wrong("a variable of psql")
                if (found ~ /['"]/) state = substr(found, 2)
            }
            word(found, found)
        }
        if (norm != "" && norm !~ / $/ && state == "") norm = norm " "
        # Of a line that is gone, nothing stays.
        if (cut) {
            for (p = pieces; p > begun && piece[p] ~ /^[ \t]*$/; p--) ;
            if (p <= begun) { pieces = begun < pieces ? begun : pieces; if (copies) { copying = 1; copies = 0 } return }
        }
        # In a string or a body, the end of a line is part of what is stored.
        take(state == "" || state == "/*" || !(at in ending) ? "\n" : ending[at])
        if (copies) { copying = 1; copies = 0 }
    }

    # The statements of lines first to last, as text; sets problem, removed, needs_off.
    function convert(first, last, what,   i) {
        start()
        section = what
        for (i = first; i <= last; i++) {
            at = i
            if (i in text) scan(text[i])
        }
        if (state != "" && problem == "") wrong("a quote or comment that does not end")
        if (norm != "") { take(";"); if (end_statement()) pieces-- }
        while (pieces > 0 && piece[pieces] ~ /^[ \t\n]*$/) pieces--
        for (i = 1; i <= pieces && piece[i] ~ /^[ \t\n]*$/; i++) ;
        begin_piece = i
        return problem == ""
    }
    function print_section(file, heading,   i) {
        printf "\n-- migr:%s\n", heading > file
        for (i = begin_piece; i <= pieces; i++) printf "%s", piece[i] > file
        if (pieces >= begin_piece) printf "\n" > file
    }

    # --- files: lines of text, whatever ends them; and where the sections are in them.

    function read(path,   line, n, i, part, returned) {
        split("", text)
        split("", ending)
        lines = 0
        if (path == "") return
        while ((getline line < path) > 0) {
            if (!lines) sub(/^\357\273\277/, "", line)
            returned = sub(/\r$/, "", line)
            n = split(line, part, /\r/)
            if (n < 1) text[++lines] = ""
            for (i = 1; i <= n; i++) { text[++lines] = part[i]; if (i < n) ending[lines] = "\r" }
            if (returned) ending[lines] = "\r\n"
        }
        close(path)
    }
    # Sets up_first, up_last, down_first, down_last (0: there is none) and off, by the markers.
    function find_sections(   i, line, marker) {
        up_first = 1; up_last = lines; down_first = down_last = 0
        marker = tool == "dbmate" ? "^--[ \t]*migrate:(up|down)" : tool == "goose" ? "^--[ \t]*[+]goose[ \t]" : tool == "sql-migrate" ? "^--[ \t]*[+]migrate[ \t]" : ""
        if (marker == "") return
        for (i = 1; i <= lines; i++) {
            line = tolower(text[i])
            if (line !~ marker) continue
            delete text[i]
            if (line ~ /(notransaction|transaction[ \t]*:[ \t]*false|no[ \t]+transaction)/) off = 1
            if (line ~ /envsub[ \t]+on/) envsub = 1
            sub(marker, line ~ /migrate:up/ ? "up" : line ~ /migrate:down/ ? "down" : "", line)
            if (line ~ /^[ \t]*up/) { up_first = i + 1; marked = 1 }
            if (line ~ /^[ \t]*down/) {
                if (up_last >= i) up_last = i - 1
                down_first = i + 1; down_last = lines
            }
        }
        if (down_first && up_first > down_first) { down_last = up_first - 1; up_last = lines }
        if (!marked && lines) notes[++noted] = "it has no marker of an upgrade: all of it is taken for one"
    }

    function quoted(text) { gsub(/'/, "''", text); return "'" text "'" }
    function print_stub(file, id, path, why) {
        printf "\n-- migr:upgrade\nDO $migr$\nBEGIN\n    RAISE EXCEPTION USING\n" > file
        printf "        MESSAGE = %s,\n", quoted("revision \"" id "\" was not converted") > file
        why = (path == "" ? "" : path ": ") why
        gsub(/[$]migr[$]/, "$", why)
        printf "        DETAIL = %s,\n", quoted(why) > file
        printf "        HINT = 'Write this section in SQL.',\n        ERRCODE = 'feature_not_supported';\nEND $migr$;\n" > file
    }
    function say(kind, path,   i) {
        kinds[kind]++
        if (ENVIRON["brief"] && kind == "as is" && !noted) return
        printf "%-9s %s\n", kind, path
        for (i = 1; i <= noted; i++) printf "          %s\n", notes[i]
    }
    function number(n, what) { return n + 0 " " what (n == 1 ? "" : "s") }
    # Keeps what a section became, so that the directives can come before it.
    function keep(what,   i, n_removed, part_removed) {
        kept_first[what] = begin_piece; kept_last[what] = pieces
        for (i = begin_piece; i <= pieces; i++) kept[what, i] = piece[i]
        n_removed = split(removed, part_removed, ", ")
        for (i = 1; i <= n_removed; i++) all_removed = joined(all_removed, part_removed[i])
        if (needs_off) off = 1
        has[what] = 1
    }
    function print_kept(file, what,   i) {
        begin_piece = kept_first[what]; pieces = kept_last[what]
        for (i = begin_piece; i <= pieces; i++) piece[i] = kept[what, i]
        print_section(file, what)
    }

    # One line of the order.
    {
        id = id_of($2); message = $3; up = $4; down = $5; verify = $6; kind = $7; off = $8 == "off"; why = $9; depends = $10
        noted = marked = envsub = 0; all_removed = ""
        split("", notes); split("", has); split("", kept)
        if ($11 != "") { notes[++noted] = $11; status = 1 }
        if (kind == "left") { notes[++noted] = why; say("left out", up); status = 1; next }
        if (id in taken) {
            print "migr: " (up ? up : down) " and " taken[id] " would have the same id, " id > "/dev/stderr"
            exit 2
        }
        taken[id] = up ? up : down
        if (why == "") {
            read(up)
            find_sections()
            if (convert(up_first, up_last, "upgrade")) keep("upgrade")
            else why = problem
            if (down_first && why == "") {
                if (convert(down_first, down_last, "downgrade")) keep("downgrade")
                else { notes[++noted] = "downgrade left out: " problem; status = 1 }
            }
        }
        if (down != "" && why == "") {
            read(down)
            if (down ~ /\.(go|ts|js|py|rb|java|kt|rs|php)$/) { notes[++noted] = "downgrade left out: " down " is code"; status = 1 }
            else if (convert(1, lines, "downgrade")) keep("downgrade")
            else { notes[++noted] = "downgrade left out: " problem " of " down; status = 1 }
        }
        if (verify != "" && why == "") {
            read(verify)
            if (convert(1, lines, "verify")) keep("verify")
            else { notes[++noted] = "verify section left out: " problem " of " verify; status = 1 }
        }
        file = made "/" name_of_file(up ? up : down, id) ".sql"
        gsub(/[\t\r]/, " ", message)
        printf "-- migr:%s %s\n", kind, id > file
        if (kind == "revision" && parent) printf "-- migr:revises %s\n", parent > file
        if (message != "") printf "-- migr:message %s\n", message > file
        n = split(depends, need, " ")
        for (i = 1; i <= n; i++) printf "%s%s%s", (i == 1 ? "-- migr:depends " : ", "), id_of(need[i]), (i == n ? "\n" : "") > file
        if (off && kind == "revision" && why == "") { printf "-- migr:transaction off\n" > file; notes[++noted] = "transaction off" }
        if (why != "") { print_stub(file, id, up, why); notes[++noted] = why; status = 1 }
        else {
            print_kept(file, "upgrade")
            if (kind == "revision" && "downgrade" in has) print_kept(file, "downgrade")
            if ("verify" in has) print_kept(file, "verify")
        }
        close(file)
        if (all_removed) notes[++noted] = "without " all_removed
        if (id != $2 && kind == "revision") notes[++noted] = "\"" $2 "\" is \"" id "\" here"
        say(why != "" ? "stub" : all_removed ? "stripped" : "as is", up ? up : down ? down : id)
        if (kind == "revision") { parent = id; revisions++ }
        else repeatables++
    }
    END {
        if (revisions + repeatables) {
            printf "%s%s: %d as is, %d stripped, %d stub", number(revisions, "revision"),
                (repeatables ? " and " number(repeatables, "repeatable script") : ""),
                kinds["as is"], kinds["stripped"], kinds["stub"]
            print (kinds["left out"] ? "; " number(kinds["left out"], "file") " left out" : "")
        }
        exit status
    }
PROGRAM
}
