# Lends this machine to the StarAI pool named below, on Windows. Not tried on Windows yet: tell us what went wrong.
#   irm <pool>/join.ps1 | iex                                           joins and works until Ctrl-C
#   & ([scriptblock]::Create((irm <pool>/join.ps1))) inspect            any other command of the worker, with its options
# It does what <pool>/join does elsewhere, and says so there. A block that is not whole is not run.
& {
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue'
  $pool = '@POOL@'
  $archive = '@ARCHIVE@'
  $sha256 = '@SHA256@'

  foreach ($tool in 'node', 'npm', 'tar') {
    if (-not (Get-Command $tool -ErrorAction SilentlyContinue)) {
      throw "The worker needs $tool, which is not here: get Node.js 20.19 or newer (with npm) from https://nodejs.org; tar comes with Windows 10 and newer. Then run the command again."
    }
  }
  $parts = (node --version).TrimStart('v').Split('.')
  if ([int]$parts[0] -lt 20 -or ([int]$parts[0] -eq 20 -and [int]$parts[1] -lt 19)) {
    throw "The worker needs Node.js 20.19 or newer; this is $(node --version). Get a current one from https://nodejs.org and run the command again."
  }

  $copies = Join-Path $env:LOCALAPPDATA 'starai'
  $copy = Join-Path $copies $sha256.Substring(0, 12)
  if (-not (Test-Path $copy)) {
    $download = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
    $part = "$copy.part-$PID"
    try {
      Invoke-WebRequest -UseBasicParsing -Uri "$pool/join/$archive" -OutFile $download
      $found = (Get-FileHash -Algorithm SHA256 $download).Hash.ToLower()
      if ($found -ne $sha256) {
        throw "What came from $pool/join/$archive is not what the pool named: its sha256 is $found and not $sha256. Nothing was installed. Run the command again, and tell the pool's operator if that stays so."
      }
      New-Item -ItemType Directory -Force $part | Out-Null
      tar -xf $download -C $part
      if ($LASTEXITCODE -ne 0) { throw "The worker's archive cannot be unpacked into ${part}: is the disk full?" }
      Move-Item $part $copy
    } finally {
      Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $download, $part
    }
  }
  Write-Host "The worker is in ${copy}; its other commands: & ([scriptblock]::Create((irm $pool/join.ps1))) help"

  $words = @($args)
  if ($words.Count -eq 0 -or "$($words[0])".StartsWith('-')) { $words = @('start') + $words }
  $env:STARAI_POOL_URL = $pool
  # How the worker names its other commands: none works in a folder that its owner is not in.
  $env:STARAI_COMMAND = "& ([scriptblock]::Create((irm $pool/join.ps1)))"
  Push-Location $copy
  try { node scripts/run.mjs worker @words } finally { Pop-Location }
} @args
