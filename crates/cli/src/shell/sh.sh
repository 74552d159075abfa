# shellcheck shell=sh
# Roles in this shell: eval "$(assumerole init sh)"

# An alias would come first.
unalias {{cmd}} 2>/dev/null || :
{{cmd}}() {
    __assumerole_out=$(ASSUMEROLE_PREVIOUS=${__assumerole_previous-} \
        command assumerole export --in-place --format sh "$@") || {
        set -- "$?"
        unset __assumerole_out
        return "$1"
    }
    # What is kept for this shell alone must not be exported by `set -a`.
    case $- in
        *a*) set +a; set -- -a ;;
        *) set -- +a ;;
    esac
    eval "$__assumerole_out"
    set -- "$?" "$1"
    unset __assumerole_out
    set "$2"
    return "$1"
}
