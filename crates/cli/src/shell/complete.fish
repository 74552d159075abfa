# Completion of assumerole. `complete` of the program does the work.

function __assumerole_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    # As it is meant: a quote may be open.
    set -l word (string unescape -- $token)
    or set word $token
    set -l found (command assumerole complete --shell tab $argv -- $words "$word" 2>/dev/null)
    switch "$found[1]"
        case \tfiles
            # What is said of files below does it.
        case \t'*'
            # Another command begins there.
            set -l at (math 1 + (string trim -- $found[1]))
            complete --do-complete (string join ' ' -- (string escape -- $words[$at..]) $token)
        case '*'
            printf '%s\n' $found
    end
end
complete -c assumerole -f -a '(__assumerole_complete)'
complete -c assumerole -l config -r -F -d 'Instead of ~/.assumerole'
complete -c assumerole -n '__fish_seen_subcommand_from check' -F
