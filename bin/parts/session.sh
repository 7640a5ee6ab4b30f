# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: what psql is given, and what it says.

# session HOW [OPTION...]: psql, as quiet as it gets, runs what comes by stdin, in a
# transaction that has loaded the scripts.  HOW: look, and it is rolled back; must,
# the same, and it is an error if nothing can be loaded; keep, and it is another
# transaction, behind that of the loading; plain, without loading.
session()
{
    how=$1
    shift
    case $how in
        plain) load= ;;
        must) [ "$load" != nothing ] || fail "there is no script in $versions" ;;
        look | keep) [ "$load" != nothing ] || load= ;;
    esac
    # In a file, because who writes to a psql that has given up would complain.
    { prelude "$how" && cat && ending "$how"; } >"$tmp/statements" || exit 1
    # What it says on stderr is shown at once, and kept to see which file it is about.
    {
        {
            run_psql --dbname="$target" ${ask:+"$ask"} -X -A -t -q -P pager=off -v ON_ERROR_STOP=1 \
                -v settings="${opt_set:-}" -v quiet="${opt_quiet:-no}" -v json="${opt_json:-no}" \
                -v replace="${opt_replace:-no}" -v tenant="${opt_tenant:-}" "$@" <"$tmp/statements" 2>&1 >&3 3>&-
            echo $? >"$tmp/status"
        } | tee "$tmp/err" >&2
    } 3>&1
    [ "$(cat "$tmp/status")" = 0 ] || {
        blame
        return 1
    }
}

# psql with what the environment says, or without, for a workbench of our own.
run_psql()
(
    [ -z "$forget" ] || forget_environment
    exec psql "$@"
)

# The first error in $tmp/err, in a line: revision, line in its script, text. A line of all
# that was loaded has = for revision, what is about no script has -.
first_error()
{
    awk '/^[A-Z]+:  / && text != "" { if (!/^(DETAIL|HINT|QUERY|CONTEXT):/) exit }
        /^(ERROR|FATAL):  / || text != "" { text = text (text == "" ? "" : "%0A") $0 }
        END {
            sub(/^[A-Z]+:  /, "", text)
            if (match(text, /It is line [0-9]+ of the text/) ||
                match(text, /malformed (script( of revision "[^"]*")?|repeatable script "[^"]*") at line [0-9]+/))
                revision = "="
            else if (match(text, /(revision|repeatable script) "[^"]*", [a-z]+ section, line [0-9]+/) ||
                     match(text, /revision "[^"]*" was edited/))
                revision = quoted(substr(text, RSTART, RLENGTH))
            where = RSTART > 0 ? substr(text, RSTART, RLENGTH) : ""
            if (match(where, /line [0-9]+/)) line = substr(where, RSTART + 5, RLENGTH - 5)
            if (text != "") printf "%s\t%d\t%s\n", revision == "" ? "-" : revision, line, text
        }
        function quoted(s) { split(s, piece, "\""); return piece[2] }' "$tmp/err"
}

# Says which file an error is about: that of the revision that it names, or where the
# line is in all that was loaded. Leaves it in $tmp/place, as in the index, for "-".
blame()
{
    first_error >"$tmp/first"
    line=$(cut -f 2 "$tmp/first")
    case $(cat "$tmp/first") in
        '') ;;
        =*)
            xargs -0 awk -v n="$line" 'n > 0 && !--n { printf "-\t%d\t%s\n", FNR, FILENAME }' <"$tmp/list" ;;
        -*) ;;
        *)
            find_file "$(cut -f 1 "$tmp/first")"
            # How far down a script begins in a file of several is not known here.
            [ "$(cut -f 3- "$tmp/index" | grep -c -x -F -e "$file")" = 1 ] && [ "$line" -gt 0 ] || line=1
            [ -z "$file" ] || printf '%s\t%d\t%s\n' - "$line" "$file" ;;
    esac >"$tmp/place"
    awk -F '\t' '{ line = $2; sub(/^[^\t]*\t[^\t]*\t/, "")
        print "migr: that is in " $0 ", line " line }' "$tmp/place" >&2
}

# What is set is local, since behind a pooler the session is not ours.
prelude()
{
    printf '%s\n' '\set SHOW_CONTEXT never' 'BEGIN;'
    cat <<'SQL'
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'migr') THEN
        RAISE EXCEPTION 'extension "migr" is not installed in database "%"', pg_catalog.current_database()
            USING ERRCODE = 'undefined_object', HINT = 'Run migr init, or CREATE EXTENSION migr.';
    END IF;
END $$;
SQL
    settings_of_session
    if [ -n "$load" ]; then
        printf '%s\n' "\\set must $([ "$1" = look ] && echo no || echo yes)"
        load_scripts
        # The store stays locked no longer than it takes: not at all if it is as the files are.
        case $1 in
            keep) printf '%s\n' '\set anew yes' 'COMMIT;' ;;
            *) printf '%s\n' '\if :anew' 'ROLLBACK;' '\endif' ;;
        esac
        printf '%s\n' '\if :anew' 'BEGIN;'
        settings_of_session
        printf '%s\n' '\endif'
    fi
    printf '%s\n' '\set SHOW_CONTEXT errors'
}

ending()
{
    case $1 in
        look | must) echo 'ROLLBACK;' ;;
        *) echo 'COMMIT;' ;;
    esac
}

settings_of_session()
{
    cat <<'SQL'
\if :quiet
    SET LOCAL client_min_messages = warning;
\endif
SELECT count(pg_catalog.set_config(pg_catalog.split_part(s, '=', 1), pg_catalog.substring(s, '=(.*)'), true))
       AS settings_made
  FROM pg_catalog.unnest(pg_catalog.string_to_array(:'settings', E'\n')) AS s \gset
SQL
}

load_scripts()
{
    cat <<'SQL'
\set anew no
SELECT pg_catalog.current_setting('transaction_read_only') AS read_only,
       pg_catalog.has_function_privilege('pg_catalog.migr_load(text, boolean, boolean, boolean)', 'EXECUTE') AS can_load,
       pg_catalog.has_function_privilege('pg_catalog.migr_unload(text)', 'EXECUTE') AS can_unload \gset
\if :can_unload
\else
    \set can_load no
\endif
\if :read_only
    \set can_load no
\endif
\if :can_load
    \set scripts `cat "$MIGR_TMP/scripts"`
    SELECT pg_catalog.json_agg(r) AS loaded
      FROM pg_catalog.migr_load(:'scripts', replace => :'replace', prune => true) AS r \gset
    SELECT pg_catalog.string_agg(r.revision, ', ') FILTER (WHERE pg_catalog.texteq(r.action, 'missing')) AS missing,
           pg_catalog.bool_and(r.action IN ('unchanged', 'missing')) AS anew
      FROM pg_catalog.json_to_recordset(:'loaded') AS r (revision text, action text) \gset
    \if :{?missing}
        \warn 'WARNING:  applied, and in no file:' :missing
    \endif
\elif :must
    DO $$ BEGIN
        RAISE EXCEPTION 'the scripts of the project can not be loaded'
            USING DETAIL = 'The server is read-only, or migr_load() and migr_unload() are not granted.',
                  HINT = '--no-load goes by what the database has.';
    END $$;
\else
    DO $$ BEGIN
        RAISE WARNING 'this is what the database has: the scripts of the project can not be loaded'
            USING DETAIL = 'The server is read-only, or migr_load() and migr_unload() are not granted.';
    END $$;
\endif
SQL
}

# rows HOW CALL [OPTION...]: what a function returns, formatted by the statements that
# come by stdin, or as JSON, goes to $tmp/out.  These statements have :'rows', and
# a search_path in which nobody can put anything.
rows()
{
    call=$2
    {
        printf '%s\n' "SELECT coalesce(pg_catalog.json_agg(r), '[]') AS rows FROM $call AS r \\gset"
        cat <<'SQL'
SET LOCAL search_path = pg_catalog, pg_temp;
\if :json
    SELECT :'rows';
\else
SQL
        cat
        printf '%s\n' '\endif'
    } | {
        how=$1
        shift 2
        session "$how" "$@" >"$tmp/out"
    } || exit 1
}

# Prints $tmp/out, in colours on a terminal.
paint()
{
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
        off=$(printf '\033[m') red=$(printf '\033[31m') green=$(printf '\033[32m') yellow=$(printf '\033[33m')
        sed "s/(current)/$green&$off/; s/ current  /$green&$off/; s/^fail  /$red&$off/; s/^ok  /$green&$off/; s/^skipped /$yellow&$off/" "$tmp/out"
    else
        cat "$tmp/out"
    fi
}

# revisions HOW CALL ARROW CURRENT [OPTION...]: revisions, a line each.
revisions()
{
    arrow=$3 current=$4 how=$1 call=$2
    shift 4
    rows "$how" "$call" -v arrow="$arrow" -v current="$current" -v verbose="${opt_verbose:-no}" "$@" <<'SQL'
\if :verbose
SELECT concat_ws(E'\n',
       concat('Rev: ', revision, CASE WHEN is_head THEN ' (head)' END,
              CASE WHEN is_branch_point THEN ' (branchpoint)' END,
              CASE WHEN is_merge_point THEN ' (mergepoint)' END, CASE WHEN is_current THEN ' (current)' END),
       concat(CASE WHEN is_merge_point THEN 'Merges: ' ELSE 'Parent: ' END,
              CASE WHEN is_base THEN '<base>' ELSE array_to_string(down_revision, ', ') END),
       'Branch names: ' || nullif(array_to_string(branch_labels, ', '), ''),
       'Depends on: ' || nullif(array_to_string(depends_on, ', '), ''),
       'Created: ' || to_char(created_at, 'YYYY-MM-DD HH24:MI:SS'),
       CASE WHEN is_applied THEN concat('Applied: ', to_char(applied_at, 'YYYY-MM-DD HH24:MI:SS'), ' by ', applied_by) END,
       CASE WHEN NOT reversible THEN 'No way back' END,
       E'\n    ' || nullif(message, '')) || E'\n'
  FROM json_populate_recordset(NULL::migr.revision_info, :'rows');
\else
SELECT concat(CASE WHEN :'arrow' THEN
                   concat(CASE WHEN is_base THEN '<base>' ELSE array_to_string(down_revision, ', ') END, ' -> ') END,
              revision, ' (' || nullif(array_to_string(branch_labels, ', '), '') || ')',
              CASE WHEN is_head THEN ' (head)' END,
              CASE WHEN is_branch_point THEN ' (branchpoint)' END,
              CASE WHEN is_merge_point THEN ' (mergepoint)' END,
              CASE WHEN :'current' AND is_current THEN ' (current)' END, ', ' || nullif(message, ''))
  FROM json_populate_recordset(NULL::migr.revision_info, :'rows');
\endif
SQL
    paint
}

# findings HOW CALL FORM [OPTION...]: rows of something that is checked.  FORM makes
# of :'rows' columns level (error, warning, skipped, ok), title, object, detail.
findings()
{
    how=$1 call=$2 form=$3 status=0
    shift 3
    {
        cat <<SQL
SELECT coalesce(pg_catalog.json_agg(r), '[]') AS rows FROM $call AS r \\gset
\\if :github
    SELECT coalesce(pg_catalog.json_object_agg(name, pg_catalog.split_part(
               pg_catalog.concat(E'\\n', script), pg_catalog.concat(E'\\n-- migr:', word), 1)), '{}') AS heads
      FROM (SELECT revision AS name, script, 'revision' AS word FROM migr.revision
            UNION ALL SELECT name, script, 'repeatable' FROM migr.repeatable) s \\gset
\\endif
SET LOCAL search_path = pg_catalog, pg_temp;
\\set form '$(printf '%s' "$form" | tr '\n' ' ')'
SQL
        cat <<'SQL'
\set verdict `printf %s "$MIGR_TMP/verdict"`
SELECT count(*) FROM (:form) f WHERE level = 'error' OR level = 'skipped' AND :'strict' \g :verdict
\if :json
    SELECT :'rows';
\elif :github
    SELECT concat_ws(E'\t', CASE level WHEN 'skipped' THEN 'notice' ELSE level END, object,
                     coalesce(substring(detail, 'line ([0-9]+)'), '0'),
                     length(head) - length(replace(head, E'\n', '')) + 1, coalesce(title, 'migr'),
                     replace(replace(replace(concat_ws(': ', object, detail), '%', '%25'), E'\r', '%0D'), E'\n', '%0A'))
      FROM (:form) f, coalesce(cast(:'heads' AS json) ->> object, '') head WHERE level <> 'ok';
\else
    SELECT concat(rpad(CASE level WHEN 'error' THEN 'fail' ELSE level END, 8), concat_ws('  ', title, object),
                  replace(E'\n' || rtrim(nullif(detail, ''), E'\n'), E'\n', E'\n        '))
      FROM (:form) f;
\endif
SQL
    } | session "$how" -v github="${opt_github:-no}" -v strict="${opt_strict:-no}" "$@" >"$tmp/out" || status=1
    if [ -z "${opt_github:-}" ]; then
        paint
    else
        annotations
    fi
    [ "$status" = 0 ] && [ "$(cat "$tmp/verdict")" = 0 ] || exit 1
}

# What is in $tmp/out as annotations: level, revision, line, line of its directive, title, text.
annotations()
{
    if [ "$(cat "$tmp/status")" != 0 ]; then
        printf 'error\t-\t0\t0\tmigr\t%s\n' "$(cut -f 3- "$tmp/first")" >>"$tmp/out"
        cat "$tmp/place" >>"$tmp/index"
    fi
    LC_ALL=C awk -F '\t' '
        function property(s) { gsub(/%/, "%25", s); gsub(/:/, "%3A", s); gsub(/,/, "%2C", s); return s }
        { rest = $0 }
        FILENAME == ARGV[1] { sub(/^[^\t]*\t[^\t]*\t(\.\/)?/, "", rest); at[$1] = $2; file[$1] = rest; next }
        {
            for (i = 0; i < 5; i++) sub(/^[^\t]*\t/, "", rest)
            where = !($2 in file) ? "" : "file=" property(file[$2]) ",line=" (at[$2] + ($3 ? $3 - $4 : 0)) ","
            printf "::%s %stitle=%s::%s\n", $1, where, property($5), rest
        }' "$tmp/index" "$tmp/out"
}
