# Roles in this shell: eval "$(assumerole init zsh)"

# An alias would come first.
unalias {{cmd}} 2>/dev/null || :
function {{cmd}} {
    emulate -L zsh
    # Else what is kept for this shell alone would be exported, too.
    unsetopt all_export
    local __assumerole_out
    __assumerole_out=$(ASSUMEROLE_PREVIOUS=${__assumerole_previous-} \
        command assumerole export --in-place --format zsh "$@") || return
    eval "$__assumerole_out"
}

# Before each prompt: two variables and the time are compared, nothing more.
__assumerole_prompt() {
    emulate -L zsh
    unsetopt all_export
    if [[ ${ASSUMEROLE_CHECK_AT-} == <-> && ${ASSUMEROLE_REFRESH-} != 0 ]] &&
        (( EPOCHSECONDS >= ASSUMEROLE_CHECK_AT )); then
        # If the program says nothing: again in a minute, not at every prompt.
        export ASSUMEROLE_CHECK_AT=$(( EPOCHSECONDS + 60 ))
        eval "$(command assumerole renew --format zsh --cmd {{cmd}})"
    fi
}

if zmodload zsh/datetime 2>/dev/null; then
    typeset -ga precmd_functions
    if [[ " ${precmd_functions[*]} " != *" __assumerole_prompt "* ]]; then
        precmd_functions=(__assumerole_prompt "${precmd_functions[@]}")
    fi
fi
