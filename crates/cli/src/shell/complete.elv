# Completion of assumerole. `complete` of the program does the work.

fn __assumerole_complete {|words @more|
    use str
    try {
        e:assumerole complete --shell tab $@more -- $@words 2>/dev/null
    } catch { } | from-lines | each {|line|
        var value @meaning = (str:split "\t" $line)
        if (eq $meaning []) {
            put $value
        } else {
            edit:complex-candidate $value &display=$value'  ('$meaning[0]')'
        }
    }
}
set edit:completion:arg-completer[assumerole] = {|@words| __assumerole_complete $words }
