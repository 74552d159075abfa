# Completion of assumerole. `complete` of the program does the work.

fn __assumerole_complete {|words @more|
    use re
    use str
    try {
        e:assumerole complete --shell tab $@more -- $@words 2>/dev/null
    } catch { } | from-lines | each {|line|
        var value @meaning = (str:split "\t" $line)
        if (eq $meaning []) {
            put $value
        } elif (not-eq $value '') {
            edit:complex-candidate $value &display=$value'  ('$meaning[0]')'
        } elif (eq $meaning[0] files) {
            # `--config=` stays where it is.
            var flag file = '' $words[-1]
            if (re:match '^--[^=]*=' $file) {
                set flag file = (re:replace '=.*' '=' $file) (re:replace '^[^=]*=' '' $file)
            }
            edit:complete-filename $file | each {|found|
                edit:complex-candidate $flag$found[stem] &code-suffix=$found[code-suffix] ^
                    &display=$found[display]
            }
        } else {
            # Another command begins there.
            edit:complete-sudo (all $words[(- $meaning[0] 1)..])
        }
    }
}
set edit:completion:arg-completer[assumerole] = {|@words| __assumerole_complete $words }
