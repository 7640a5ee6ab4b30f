# shellcheck shell=sh disable=SC2034,SC2154 # variables of other parts
#
# Part of migr: the verb that makes scripts of what another tool has.

verb_convert()
{
    case $1 in
        alembic)
            shift
            convert_alembic "$@" ;;
        *) convert_directory "$@" ;;
    esac
}
