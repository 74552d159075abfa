__assumerole_complete_{{cmd}}() {
    __assumerole_complete "$@" --in-place
}
complete -o bashdefault -o default -F __assumerole_complete_{{cmd}} {{cmd}}
