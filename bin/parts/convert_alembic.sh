# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: how the converter of Alembic's revisions is run.

# Alembic does it itself, in the project's own Python.
convert_alembic()
{
    [ $# -le 1 ] || wrong "of Alembic, one folder is named: where the scripts go"
    ini=${settings_of_tool:-alembic.ini}
    [ -n "$settings_of_tool" ] || [ -e "$ini" ] || ini=pyproject.toml
    readable "$ini" || fail "can't read $ini: name the file of settings of Alembic by -c"
    [ -z "${opt_baseline:-}" ] || readable "$opt_baseline" || fail "can't read $opt_baseline"
    chosen=
    each_folder choose_folder
    python=$(python_of_alembic)
    command -v "$python" >/dev/null || fail "there is no $python: name the Python of the project by --python"
    program_of_alembic >"$tmp/convert.py" || exit 1
    set -- "$tmp/convert.py" "--config=$ini" "--output=${1:-$chosen}" \
        ${opt_force:+--force} ${opt_quiet:+--quiet} ${opt_name:+"--name=$opt_name"} \
        ${opt_baseline:+"--baseline=$opt_baseline"}
    rest=${opt_set:-}
    while [ -n "$rest" ]; do
        set -- "$@" "-x${rest%%"$newline"*}"
        case $rest in *"$newline"*) rest=${rest#*"$newline"} ;; *) rest= ;; esac
    done
    PYTHONDONTWRITEBYTECODE=1 PYTHONIOENCODING=utf-8:surrogateescape "$python" "$@" </dev/null
}

# The Python whose alembic this is: of the environment that is active, or of the command.
python_of_alembic()
{
    if [ -n "${opt_python:-}" ]; then
        printf '%s' "$opt_python"
    elif [ -x "${VIRTUAL_ENV:-}/bin/python" ]; then
        printf '%s' "$VIRTUAL_ENV/bin/python"
    else
        command=$(command -v alembic) || command=/dev/null
        # pip writes a line for sh instead if the path is long.
        python=$(sed -n "1s/^#! *\([^ ]*python[^ ]*\).*/\1/p; 2s/^'''exec' \"\{0,1\}\([^\" ]*\).*/\1/p" "$command" |
            sed -n 1p)
        printf '%s' "${python:-python3}"
    fi
}
