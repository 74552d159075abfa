# Completion of assumerole. `complete` of the program does the work.

function __assumerole_complete
    command assumerole complete --shell tab $argv -- (commandline -opc) (commandline -ct) 2>/dev/null
end
complete -c assumerole -f -a '(__assumerole_complete)'
