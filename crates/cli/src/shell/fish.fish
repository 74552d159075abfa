# Roles in this shell: assumerole init fish | source

function {{cmd}} --description 'Change the role of this shell'
    # What fish exports though a variable of this shell covers it.
    set -lx ASSUMEROLE_LOCAL (set -nlx)
    set -lx ASSUMEROLE_UNIVERSAL (set -nUx)
    set -lx ASSUMEROLE_PREVIOUS $__assumerole_previous
    set -l out (command assumerole export --in-place --format fish $argv)
    or return
    string join \n -- $out | source
end

# `path` tells the time without another process.
if path mtime --relative / >/dev/null 2>&1
    # Before each prompt: two variables and the time are compared, nothing more.
    function __assumerole_prompt --on-event fish_prompt
        string match --quiet --regex '^\d+$' -- "$ASSUMEROLE_CHECK_AT"
        and test "$ASSUMEROLE_REFRESH" != 0
        or return
        set -l now (math (path mtime /) + (path mtime --relative /))
        test $now -ge $ASSUMEROLE_CHECK_AT
        or return
        # If the program says nothing: again in a minute, not at every prompt.
        set -gx ASSUMEROLE_CHECK_AT (math $now + 60)
        command assumerole renew --format fish --cmd {{cmd}} | source
    end
end
