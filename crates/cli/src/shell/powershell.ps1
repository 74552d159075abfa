# Roles in this shell: Invoke-Expression (& assumerole init powershell | Out-String)

function global:__assumerole_run {
    & (Get-Command -CommandType Application -Name assumerole | Select-Object -First 1) @args
}

if (-not (Test-Path -LiteralPath Variable:global:__assumerole_previous)) {
    $global:__assumerole_previous = $global:__assumerole_kept = ''
}

# Changes the role of this shell. An alias would come first.
Remove-Item -LiteralPath Alias:{{cmd}} -Force -ErrorAction Ignore
function global:{{cmd}} {
    $env:ASSUMEROLE_PREVIOUS = $global:__assumerole_previous
    try { $out = __assumerole_run export --in-place --format powershell @args | Out-String }
    finally { Remove-Item -LiteralPath Env:ASSUMEROLE_PREVIOUS -ErrorAction Ignore }
    if ($LASTEXITCODE -eq 0 -and $out) { Invoke-Expression $out }
}

# Before each prompt: two variables and the time are compared, nothing more.
function global:__assumerole_prompt {
    if ($env:ASSUMEROLE_CHECK_AT -notmatch '^[0-9]+$' -or $env:ASSUMEROLE_REFRESH -eq '0') { return }
    $now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
    if ($now -lt [long]$env:ASSUMEROLE_CHECK_AT) { return }
    $status = $global:LASTEXITCODE
    # If the program says nothing: again in a minute, not at every prompt.
    $env:ASSUMEROLE_CHECK_AT = "$($now + 60)"
    $out = __assumerole_run renew --format powershell --cmd {{cmd}} | Out-String
    if ($out) { Invoke-Expression $out }
    $global:LASTEXITCODE = $status
}

if (-not (Test-Path -LiteralPath Function:__assumerole_former_prompt)) {
    Copy-Item -LiteralPath Function:prompt -Destination Function:global:__assumerole_former_prompt
    function global:prompt {
        $ok = $?
        __assumerole_prompt
        # A prompt that shows it sees what became of the last command.
        if (-not $ok) { Write-Error '' -ErrorAction Ignore }
        __assumerole_former_prompt
    }
}
