# The role in front of a prompt that does not show it, in the fish that
# `assumerole ROLE` starts.

# Whether a text shows the role: as a word, and not as a folder, the person or
# the machine.
function __assumerole_shown
    set -l text (string replace --regex --all '\e\][^\a\e]*(\a|\e\\\\)' '' -- "$argv" | string collect)
    set -l rest "$text"
    set -l folder (string replace --regex '^'(string escape --style=regex -- "$HOME")'(?=/)' '~' -- "$PWD")
    if test "$PWD" != /
        set text (string replace --all -- "$folder" '' "$text" | string collect)
        set text (string replace --all -- "$PWD" '' "$text" | string collect)
        if test "$text" = "$rest"
            set text (string replace -- (string replace --regex '.*/' '' -- "$PWD") '' "$text" | string collect)
        end
    end
    set text (string replace --all -- "$USER@" '' "$text" | string collect)
    set text (string replace --all -- "@"(string replace --regex '\..*' '' -- "$hostname") '' "$text" | string collect)
    set text (string replace --regex --all '\e\[[0-9;]*m' ' ' -- "$text" | string collect)
    set -l role (string escape --style=regex -- "$AWS_ACCOUNT")
    string match --quiet --regex -- '(?<![\w-])'$role'(?![\w-])' "$text"
end

# An older one has nothing that keeps lines together.
if echo | string collect --no-trim-newlines >/dev/null 2>&1
    and functions --query fish_prompt
    functions --copy fish_prompt __assumerole_fish_prompt
    function fish_prompt
        # The first, so that it sees the status of what was run.
        set -l text (__assumerole_fish_prompt | string collect --no-trim-newlines)
        if test -n "$AWS_ACCOUNT"
            and not __assumerole_shown "$text"
            # What stands at the right is asked for once, and not each time.
            if test "$__assumerole_seen" != "$AWS_ACCOUNT"
                set -gu __assumerole_seen "$AWS_ACCOUNT"
                set -gu __assumerole_right no
                functions --query fish_right_prompt
                and __assumerole_shown (fish_right_prompt | string collect)
                and set -gu __assumerole_right yes
            end
            if test "$__assumerole_right" = no
                set -l mark (string replace --regex --all '[[:cntrl:]]' '?' -- "($AWS_ACCOUNT) ")
                if test "$ASSUMEROLE_PROD" = 1 -a -z "$NO_COLOR"
                    set_color --bold red
                    printf %s "$mark"
                    set_color normal
                else
                    printf %s "$mark"
                end
            end
        end
        printf %s "$text"
    end
end
