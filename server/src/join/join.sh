#!/bin/sh
# Lends this machine to the StarAI pool named below, on Linux or macOS:
#   curl -fsS <pool>/join | sh                     joins and works until Ctrl-C
#   curl -fsS <pool>/join | sh -s -- inspect       any other command of the worker, with its options; `help` lists them
# It fetches the worker's code from the pool, compares its sha256 with the one below, unpacks it into a folder of its own
# and starts it there; the first start installs what the code needs with npm. It asks for no password, changes nothing
# outside that folder, and opens no port: the worker dials out.

# A shell reads a group to its end before it runs any of it, so a script that was cut off does nothing.
{
set -eu
pool='@POOL@'
archive='@ARCHIVE@'
sha256='@SHA256@'

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# Writes what an address holds into a file.
fetch() {
  if command -v curl >/dev/null; then
    curl -fsS --max-time 600 -o "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -T 60 -O "$2" "$1"
  else
    fail "This needs curl or wget: install one of them and run the command again."
  fi
}

check_tools() {
  for tool in node npm tar; do
    command -v "$tool" >/dev/null ||
      fail "The worker needs $tool, which is not on this machine. Node.js 20.19 or newer from https://nodejs.org brings node and npm. Run the command again then."
  done
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    fail "The worker needs Node.js 20.19 or newer; this is $(node --version). Get a current one from https://nodejs.org and run the command again."
}

# Unpacks the archive once it is known to be the right one; the folder gets its name only when it is whole.
install_copy() {
  download=$(mktemp -d)
  part=$copy.part-$$
  # Ctrl-C and a closed terminal leave nothing half done, either.
  trap 'rm -rf "$download" "$part"' EXIT
  trap 'exit 130' INT TERM HUP
  fetch "$pool/join/$archive" "$download/worker.tar" ||
    fail "$pool/join/$archive cannot be fetched: look at the network and run the command again. Nothing was installed."
  found=$(node -e 'const { createHash } = require("crypto"); process.stdout.write(createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex"))' "$download/worker.tar")
  [ "$found" = "$sha256" ] ||
    fail "What came from $pool/join/$archive is not what the pool named: its sha256 is $found and not $sha256. Nothing was installed. Run the command again, and tell the pool's operator if that stays so."
  mkdir -p "$part"
  tar -xf "$download/worker.tar" -C "$part"
  # Of two that run at once one is enough.
  [ -d "$copy" ] || mv "$part" "$copy"
  rm -rf "$download" "$part"
  trap - EXIT INT TERM HUP
}

# Other versions stay: a service may run from one.
name_older_copies() {
  for older in "$copies"/????????????/scripts/run.mjs; do
    older=${older%/scripts/run.mjs}
    [ ! -d "$older" ] || [ "$older" = "$copy" ] || printf '· an older copy, to be deleted once nothing runs from it: %s\n' "$older" >&2
  done
}

join_pool() {
  check_tools
  copies=${XDG_DATA_HOME:-${HOME:?is not set: set it to your home folder and run the command again}/.local/share}/starai
  copy=$copies/$(printf '%.12s' "$sha256")
  if [ ! -d "$copy" ]; then
    install_copy
    name_older_copies
  fi
  STARAI_POOL_URL=$pool
  # How the worker names its other commands: none works in a folder that its owner is not in.
  if command -v curl >/dev/null; then ask='curl -fsS'; else ask='wget -qO-'; fi
  STARAI_COMMAND="$ask $pool/join | sh -s --"
  export STARAI_POOL_URL STARAI_COMMAND
  printf '· the worker is in %s; its other commands: %s help\n' "$copy" "$STARAI_COMMAND" >&2
  cd "$copy"
  # Options alone are those of `start`.
  case ${1-} in '' | -*) set -- start "$@" ;; esac
  # The worker listens to keys where a person has a terminal; its input is this script otherwise.
  if [ -t 2 ] && (: </dev/tty) 2>/dev/null; then exec node scripts/run.mjs worker "$@" </dev/tty; fi
  exec node scripts/run.mjs worker "$@" </dev/null
}

join_pool "$@"
}
