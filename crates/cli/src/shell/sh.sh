# shellcheck shell=sh
# Roles in this shell: eval "$(assumerole init sh)"

{{cmd}}() {
    __assumerole_out=$(ASSUMEROLE_PREVIOUS=${__assumerole_previous-} \
        command assumerole export --in-place --format sh "$@") || {
        set -- "$?"
        unset __assumerole_out
        return "$1"
    }
    eval "$__assumerole_out"
    unset __assumerole_out
}
