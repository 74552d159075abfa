#compdef assumerole
# Completion of assumerole. `complete` of the program does the work.

_assumerole() {
    local -a typed found
    typed=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    found=("${(@f)$(command assumerole complete --shell zsh ${1-} -- "${typed[@]}" 2>/dev/null)}")
    # An option may wait for a file.
    if [[ -z $found ]]; then
        _files
    else
        _describe -V assumerole found
    fi
}
