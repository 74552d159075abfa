__assumerole_complete_{{cmd}}() {
    _assumerole --in-place
}
# compinit may come later: then this line belongs behind it.
if typeset -f compdef >/dev/null; then
    compdef _assumerole assumerole
    compdef __assumerole_complete_{{cmd}} {{cmd}}
fi
