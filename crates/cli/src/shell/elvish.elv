# Roles in this shell: eval (assumerole init elvish | slurp)

use math
use path
use str

var __assumerole_kept = ''
var __assumerole_previous = ''

fn __assumerole_apply {|script|
    eval $script &on-end={|ns|
        if (has-key $ns __assumerole_kept) {
            if (eq $ns[__assumerole_kept] $nil) {
                # The last role is left: the credentials from before the first
                # come back.
                eval $__assumerole_kept
                set __assumerole_kept = ''
            } else {
                set __assumerole_kept = $ns[__assumerole_kept]
            }
        }
        if (has-key $ns __assumerole_previous) {
            set __assumerole_previous = $ns[__assumerole_previous]
        }
    }
}

# Change the role of this shell.
fn {{cmd}} {|@args|
    var script = ''
    {
        tmp E:ASSUMEROLE_PREVIOUS = $__assumerole_previous
        set script = (e:assumerole export --in-place --format elvish $@args | slurp)
    }
    __assumerole_apply $script
}
edit:add-var {{cmd}}~ ${{cmd}}~

# Only Linux tells elvish the time without another process.
if (path:is-regular /proc/uptime) {
    var booted = 0
    each {|line|
        if (str:has-prefix $line 'btime ') {
            set booted = (num (str:trim-prefix $line 'btime '))
        }
    } < /proc/stat

    # Before each prompt: two variables and the time are compared, nothing more.
    fn __assumerole_prompt {
        if (or (not (has-env ASSUMEROLE_CHECK_AT)) (eq $E:ASSUMEROLE_REFRESH 0)) {
            return
        }
        var up = [(str:split ' ' (slurp < /proc/uptime))][0]
        var now = (+ $booted (math:floor (num $up)))
        var at = $now
        try { set at = (num $E:ASSUMEROLE_CHECK_AT) } catch { return }
        if (< $now $at) {
            return
        }
        # If the program says nothing: again in a minute, not at every prompt.
        set-env ASSUMEROLE_CHECK_AT (to-string (math:trunc (+ $now 60)))
        var script = ''
        try {
            set script = (e:assumerole renew --format elvish --cmd {{cmd}} | slurp)
        } catch { }
        __assumerole_apply $script
    }
    set edit:before-readline = [$@edit:before-readline $__assumerole_prompt~]
}
