# For fisher. It does what docs/shell.md has you write into config.fish.
if status is-interactive; and type --query assumerole
    assumerole init fish | source
end
