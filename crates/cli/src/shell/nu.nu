# Roles in this shell, from config.nu:
#   assumerole init nu | save --force ($nu.data-dir | path join vendor/autoload/assumerole.nu)

# Change the role of this shell.
@complete "nu-complete assumerole {{cmd}}"
def --env --wrapped {{cmd}} [...args: string] {
    let previous = $env.__assumerole_previous? | default [""] | first
    let answer = with-env { ASSUMEROLE_PREVIOUS: $previous } {
        ^assumerole export --in-place --format nu ...$args
    }
    __assumerole_apply $answer
}

def "nu-complete assumerole {{cmd}}" [words: list<string>] {
    ^assumerole complete --shell nu --in-place -- ...$words | from json
}

# What is null is unset; what is no text is never exported.
def --env __assumerole_apply [answer: string] {
    if ($answer | str trim | is-empty) { return }
    let wanted = $answer | from json
    let gone = $wanted | transpose name value | where value == null | get name
    # The last role is left: the credentials from before the first come back.
    let kept = if "__assumerole_kept" in $gone { $env.__assumerole_kept? | default {} } else { {} }
    hide-env --ignore-errors ...$gone
    load-env ($wanted | reject ...$gone)
    load-env $kept
}

# Before each prompt: two variables and the time are compared, nothing more.
def --env __assumerole_prompt [] {
    let at = $env.ASSUMEROLE_CHECK_AT? | default ""
    if $at !~ '^\d+$' or $env.ASSUMEROLE_REFRESH? == "0" { return }
    let now = (date now | into int) // 1_000_000_000
    if $now < ($at | into int) { return }
    # If the program says nothing: again in a minute, not at every prompt.
    $env.ASSUMEROLE_CHECK_AT = ($now + 60 | into string)
    # What it prints counts whatever its status is.
    let answer = do --ignore-errors { ^assumerole renew --format nu --cmd {{cmd}} } | lines | str join
    __assumerole_apply $answer
}

export-env {
    $env.config.hooks.pre_prompt = (
        $env.config.hooks.pre_prompt? | default [] | append {|| __assumerole_prompt }
    )
}
