# shellcheck shell=bash
# Roles in this shell: eval "$(assumerole init bash)"

# An alias would come first.
unalias {{cmd}} 2>/dev/null || :
{{cmd}}() {
    local __assumerole_out
    __assumerole_out=$(ASSUMEROLE_PREVIOUS=${__assumerole_previous-} \
        command assumerole export --in-place --format bash "$@") || return
    __assumerole_apply "$__assumerole_out"
}

# What is kept for this shell alone must not be exported by `set -a`.
__assumerole_apply() {
    case $- in
        *a*) set +a; set -- "$1" -a ;;
        *) set -- "$1" +a ;;
    esac
    eval "$1"
    set -- "$?" "$2"
    set "$2"
    return "$1"
}

# Before each prompt: two variables and the time are compared, nothing more.
__assumerole_prompt() {
    local __assumerole_status=$? __assumerole_now
    if [[ -n ${ASSUMEROLE_CHECK_AT-} && ${ASSUMEROLE_CHECK_AT-} != *[!0-9]* &&
        ${ASSUMEROLE_REFRESH-} != 0 ]]; then
        printf -v __assumerole_now '%(%s)T' -1
        if [[ $__assumerole_now -ge $ASSUMEROLE_CHECK_AT ]]; then
            __assumerole_look "$__assumerole_now"
        fi
    fi
    # For what follows in PROMPT_COMMAND. Under `set -e` it would end the shell.
    [[ $- == *e* ]] || return "$__assumerole_status"
}

__assumerole_look() {
    # If the program says nothing: again in a minute, not at every prompt.
    export ASSUMEROLE_CHECK_AT=$(($1 + 60))
    __assumerole_apply "$(command assumerole renew --format bash --cmd {{cmd}})"
}

# Older ones cannot tell the time without another process.
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 2 ]]; then
    # The last of them, so that the others see all statuses of what was run.
    if [[ ${PROMPT_COMMAND[*]-} != *__assumerole_prompt* ]]; then
        if [[ -n ${PROMPT_COMMAND[1]-} ]]; then
            PROMPT_COMMAND+=(__assumerole_prompt)
        else
            # shellcheck disable=SC2178,SC2128 # a list of one
            PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__assumerole_prompt
        fi
    fi
fi
