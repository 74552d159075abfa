# shellcheck shell=bash disable=SC2030,SC2031
# The start-up file of the bash that `assumerole ROLE` starts: the person's own,
# and the role in front of a prompt that does not show it.

# Before each prompt. In front of it stands the name of a variable that is not
# exported: no other shell takes over a role with a prompt.
__assumerole_mark() {
    local __assumerole_status=$? __assumerole_set=$-
    local -
    set +aeu
    PS1=${PS1#"$__assumerole_front"}
    if [[ -z $AWS_ACCOUNT || -z $PS1 ]]; then
        __assumerole_seen='' __assumerole_role=''
    elif [[ $__assumerole_seen != "$AWS_ACCOUNT ${ASSUMEROLE_PROD-} $PWD $PS1" ]]; then
        # What a prompt shows is asked for once, and not each time.
        __assumerole_seen="$AWS_ACCOUNT ${ASSUMEROLE_PROD-} $PWD $PS1" __assumerole_role=''
        # Nothing in a name means something to a prompt.
        __assumerole_shown "${PS1@P}" ||
            __assumerole_role="(${AWS_ACCOUNT//[\`\\\$!%[:cntrl:]]/?}) "
    fi
    if [[ -n $__assumerole_role ]]; then
        # shellcheck disable=SC2016 # it is for the prompt
        __assumerole_front='${__assumerole_role-}'
        shopt -q promptvars || __assumerole_front=$__assumerole_role
        if [[ ${ASSUMEROLE_PROD-} == 1 && -z $NO_COLOR && ${TERM:-dumb} != dumb ]]; then
            __assumerole_front='\[\e[1;31m\]'$__assumerole_front'\[\e[0m\]'
        fi
        PS1=$__assumerole_front$PS1
    fi
    # For what follows in PROMPT_COMMAND. Under `set -e` it would end the shell.
    [[ $__assumerole_set == *e* ]] || return "$__assumerole_status"
}

# Whether a text shows the role: as a word, and not as the title of the window,
# a folder, the person or the machine.
__assumerole_shown() {
    local __assumerole_text=${1//$'\e\\'/$'\a'} __assumerole_rest __assumerole_folder=$PWD
    while [[ $__assumerole_text == *$'\e]'*$'\a'* ]]; do
        __assumerole_rest=${__assumerole_text#*$'\e]'}
        __assumerole_text=${__assumerole_text%%$'\e]'*}${__assumerole_rest#*$'\a'}
    done
    __assumerole_rest=$__assumerole_text
    [[ -z $HOME || $PWD != "$HOME"/* ]] || __assumerole_folder=\~${PWD#"$HOME"}
    if [[ $PWD != / ]]; then
        __assumerole_text=${__assumerole_text//"$__assumerole_folder"/}
        __assumerole_text=${__assumerole_text//"$PWD"/}
        if [[ $__assumerole_text == "$__assumerole_rest" ]]; then
            __assumerole_text=${__assumerole_text/"${PWD##*/}"/}
        fi
    fi
    __assumerole_text=${__assumerole_text//"$USER@"/}
    __assumerole_text=${__assumerole_text//"@${HOSTNAME%%.*}"/}
    __assumerole_rest='[^[:alnum:]_-]'
    __assumerole_folder=$'\e\\[[0-9;]*m'
    [[ " $__assumerole_text " =~ ($__assumerole_rest|$__assumerole_folder)"$AWS_ACCOUNT"$__assumerole_rest ]]
}

__assumerole_install() {
    # Older ones do not say what a prompt shows.
    [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]] ||
        return 0
    local -
    set +aeu
    # What is read-only stays as it is.
    (PS1='' && PROMPT_COMMAND='') 2>/dev/null || return 0
    __assumerole_front='' __assumerole_seen='' __assumerole_role=''
    # Nothing, where PROMPT_COMMAND is exported to another bash.
    __assumerole_last=__assumerole_mark
    # The last of them: the others see the status of what was run, and may write
    # the prompt.
    # shellcheck disable=SC2016 # it is expanded before each prompt
    if [[ -n ${PROMPT_COMMAND[1]-} ]]; then
        PROMPT_COMMAND+=('${__assumerole_last-}')
    else
        # shellcheck disable=SC2178,SC2128 # a list of one
        PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}'${__assumerole_last-}'
    fi
}

if [[ -r ~/.bashrc ]]; then
    # shellcheck disable=SC1090 # the person's own
    . ~/.bashrc
fi
__assumerole_install
unset -f __assumerole_install
