# Completion of assumerole. `complete` of the program does the work.

function global:__assumerole_complete($word, $ast, $cursor, $more) {
    $line = $ast.ToString()
    if ($line.Length -gt $cursor) { $line = $line.Substring(0, $cursor) }
    elseif ($line.Length -lt $cursor) { $line = $line + ' ' }
    $program = Get-Command -CommandType Application -Name assumerole | Select-Object -First 1
    & $program complete --shell tab @more --line $line 2>$null | ForEach-Object {
        $value, $meaning = $_ -split "`t", 2
        # Left to PowerShell, which knows files.
        if (-not $value) { return }
        if (-not $meaning) { $meaning = $value }
        $quoted = if ($value -match '^[\w./:@%,=+-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($quoted, $value, 'ParameterValue', $meaning)
    }
}
Register-ArgumentCompleter -Native -CommandName assumerole -ScriptBlock {
    param($word, $ast, $cursor)
    __assumerole_complete $word $ast $cursor @()
}
