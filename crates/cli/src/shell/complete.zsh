#compdef assumerole
# Completion of assumerole. `complete` of the program does the work.

_assumerole() {
    local -a typed found
    typed=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    found=("${(@f)$(command assumerole complete --shell zsh ${1-} -- "${typed[@]}" 2>/dev/null)}")
    case $found[1] in
        '') return 1 ;;
        :files)
            [[ $PREFIX == --*=* ]] && compset -P 1 '*='
            _files
            ;;
        :<->)
            # Another command begins there.
            shift ${found[1]#:} words
            (( CURRENT -= ${found[1]#:} ))
            _normal
            ;;
        *) _describe -V assumerole found ;;
    esac
}
