# shellcheck shell=bash
# Completion of assumerole. `complete` of the program does the work.

__assumerole_complete() {
    local __assumerole_line __assumerole_shell=bash __assumerole_more=${4-}
    # A list that is shown and not inserted has room for what things mean.
    [[ ${COMP_TYPE-} == 63 ]] && __assumerole_shell=bash-list
    COMPREPLY=()
    while IFS= read -r __assumerole_line; do
        COMPREPLY+=("$__assumerole_line")
    done < <(command assumerole complete --shell "$__assumerole_shell" \
        ${__assumerole_more:+"$__assumerole_more"} --line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    # A folder goes on.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o default -F __assumerole_complete assumerole
