# For plugin managers of zsh: zinit, antidote, sheldon, oh-my-zsh. It does what
# docs/shell.md has you write into ~/.zshrc.
if (( $+commands[assumerole] )); then
  eval "$(assumerole init zsh)"
fi
