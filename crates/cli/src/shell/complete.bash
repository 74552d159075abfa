# shellcheck shell=bash
# Completion of assumerole. `complete` of the program does the work.

__assumerole_complete() {
    __assumerole_candidates "${4-}"
    case ${COMPREPLY[0]-} in
        # Left to bash, which knows files.
        $'\tfiles') COMPREPLY=() ;;
        $'\t'*) __assumerole_complete_command "${COMPREPLY[0]#?}" "${2-}" ;;
        *) compopt +o default +o bashdefault 2>/dev/null ;;
    esac
}

__assumerole_candidates() {
    local __assumerole_shell=bash __assumerole_set=$- IFS=$'\n'
    # A list that is shown and not inserted has room for what things mean.
    [[ ${COMP_TYPE-} == 63 ]] && __assumerole_shell=bash-list
    # Split at once: to read line by line takes five times as long.
    set -f
    # shellcheck disable=SC2207 # they are lines
    COMPREPLY=($(command assumerole complete --shell "$__assumerole_shell" ${1:+"$1"} \
        --breaks "${COMP_WORDBREAKS-}" --line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
    [[ $__assumerole_set == *f* ]] || set +f
}

# Another command begins behind so many characters.
__assumerole_complete_command() {
    local __assumerole_rest=$COMP_LINE __assumerole_word=0 __assumerole_offset __assumerole_line
    while ((__assumerole_word < COMP_CWORD && ${#COMP_LINE} - ${#__assumerole_rest} < $1)); do
        __assumerole_rest=${__assumerole_rest#*"${COMP_WORDS[__assumerole_word]}"}
        __assumerole_word=$((__assumerole_word + 1))
    done
    COMPREPLY=()
    # Those of the package bash-completion, of today and before.
    for __assumerole_offset in _comp_command_offset _command_offset; do
        if declare -F "$__assumerole_offset" >/dev/null; then
            "$__assumerole_offset" "$__assumerole_word"
            return
        fi
    done
    if [[ $__assumerole_word -eq $COMP_CWORD ]]; then
        while IFS= read -r __assumerole_line; do
            COMPREPLY+=("$__assumerole_line")
        done < <(compgen -c -- "$2")
    fi
}
complete -o bashdefault -o default -F __assumerole_complete assumerole
