Register-ArgumentCompleter -Native -CommandName {{cmd}} -ScriptBlock {
    param($word, $ast, $cursor)
    __assumerole_complete $word $ast $cursor @('--in-place')
}
