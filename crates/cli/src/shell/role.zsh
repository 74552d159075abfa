# The first start-up file of the zsh that `assumerole ROLE` starts: the person's
# own, and the role in front of a prompt that does not show it. zsh finds the
# others by itself, where they are.

# Before each prompt, behind all others, which may write it.
__assumerole_mark() {
    local __assumerole_subst=no_ __assumerole_percent=no_
    if [[ -o prompt_subst ]]; then __assumerole_subst=; fi
    if [[ -o prompt_percent ]]; then __assumerole_percent=; fi
    emulate -L zsh
    setopt extended_glob ${__assumerole_subst}prompt_subst ${__assumerole_percent}prompt_percent
    if [[ ${precmd_functions[-1]} != __assumerole_mark ]]; then
        precmd_functions=(${precmd_functions:#__assumerole_mark} __assumerole_mark)
    fi
    if [[ ${(t)PS1} == *readonly* || ${(t)PROMPT} == *readonly* ]]; then
        return 0
    fi
    PROMPT=${PROMPT#"$__assumerole_front"}
    if [[ -z $AWS_ACCOUNT || -z $PROMPT ]]; then
        __assumerole_seen= __assumerole_front=
        return 0
    fi
    local __assumerole_now="$AWS_ACCOUNT $ASSUMEROLE_PROD $PWD $PROMPT $RPROMPT"
    # What a prompt shows is asked for once, and not each time.
    if [[ $__assumerole_seen != "$__assumerole_now" ]]; then
        typeset -g __assumerole_seen=$__assumerole_now __assumerole_front=
        if ! __assumerole_shown "$(print -rP -- "$PROMPT $RPROMPT" 2>/dev/null)"; then
            # Nothing in a name means something to a prompt.
            __assumerole_front="(${AWS_ACCOUNT//[\`\\\$!%[:cntrl:]]/?}) "
            if [[ $ASSUMEROLE_PROD == 1 && -z $NO_COLOR && -z $__assumerole_percent &&
                ${TERM:-dumb} != dumb ]]; then
                __assumerole_front="%B%F{red}$__assumerole_front%f%b"
            fi
        fi
    fi
    if [[ -n $__assumerole_front ]]; then
        # No other shell takes over a role with a prompt.
        typeset -g +x PS1 PROMPT
        PROMPT=$__assumerole_front$PROMPT
    fi
    return 0
}

# Whether a text shows the role: as a word, and not as the title of the window,
# a folder, the person or the machine.
__assumerole_shown() {
    local text=${1//$'\e\\'/$'\a'} rest folder=$PWD
    while [[ $text == *$'\e]'*$'\a'* ]]; do
        rest=${text#*$'\e]'}
        text=${text%%$'\e]'*}${rest#*$'\a'}
    done
    rest=$text
    if [[ -n $HOME && $PWD == "$HOME"/* ]]; then folder=\~${PWD#"$HOME"}; fi
    if [[ $PWD != / ]]; then
        text=${text//"$folder"/}
        text=${text//"$PWD"/}
        if [[ $text == "$rest" ]]; then text=${text/"${PWD:t}"/}; fi
    fi
    text=${text//"$USER@"/}
    text=${text//"@${HOST%%.*}"/}
    text=" ${text//$'\e'\[[0-9;]#m/ } "
    [[ $text == *[^[:alnum:]_-]"$AWS_ACCOUNT"[^[:alnum:]_-]* ]]
}

typeset -g __assumerole_seen= __assumerole_front=
typeset -ga precmd_functions
precmd_functions+=(__assumerole_mark)
# Run before the list is looked at: the first prompt is written by all of it.
precmd() {
    unfunction precmd
    precmd_functions=("${(@)precmd_functions:#__assumerole_mark}" __assumerole_mark)
}

if (( ${+ASSUMEROLE_ZDOTDIR} )); then
    export ZDOTDIR=$ASSUMEROLE_ZDOTDIR
    unset ASSUMEROLE_ZDOTDIR
else
    unset ZDOTDIR
fi
if [[ -r ${ZDOTDIR-$HOME}/.zshenv ]]; then
    builtin source "${ZDOTDIR-$HOME}/.zshenv"
fi
