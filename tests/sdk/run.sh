#!/usr/bin/env bash
# Run by ctest, see CMakeLists.txt: the folder of the tests, a folder to install into, the program, a test file, and
# the program of our own calls. Exits with 77 when there is no Node.js or the packages cannot be fetched.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../start_emulator.sh"
sources=$1 folder=$2 warmwire=$3 file=$4 calls=$5

skip() {
  echo "skipped: $*" >&2
  exit 77
}

command -v node >/dev/null || skip "there is no node"
command -v npm >/dev/null || skip "there is no npm"

npm_in() {
  local where=$1 failed=0
  shift
  (cd "$where" && npm "$@" --ignore-scripts --no-audit --no-fund --prefer-offline --omit-lockfile-registry-resolved \
    --fetch-retries=1 --fetch-timeout=60000) >"$folder/install.log" 2>&1 || failed=1
  if ((failed)); then
    cat "$folder/install.log" >&2
    local network='ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|network|E40[37]|E50[0-9]|CERT|UNABLE_TO_VERIFY'
    if grep -qE "$network" "$folder/install.log"; then skip "the package registry cannot be reached"; fi
    exit 1
  fi
}

# The SDKs need Node.js 20 at least, which Debian 12 does not have. The registry has it as a package, for each processor;
# what is run has the hash that the lock file in node/ pins, or is not installed.
is_too_old() {
  local major
  major=$(node --version | sed -n 's/^v\([0-9]*\)\..*/\1/p')
  ((${major:-0} < 20))
}
install_node() {
  local processor
  case $(uname -m) in
    x86_64) processor=x64 ;;
    aarch64) processor=arm64 ;;
    *) skip "node is older than version 20, and there is none for $(uname -m)" ;;
  esac
  local pinned=$sources/node/$processor at=$folder/node/node_modules/node-linux-$processor/bin
  if ! cmp -s "$pinned/package-lock.json" "$folder/node/.installed"; then
    mkdir -p "$folder/node"
    rm -f "$folder/node/.installed"
    cp "$pinned/package.json" "$pinned/package-lock.json" "$folder/node"
    npm_in "$folder/node" ci
    cp "$pinned/package-lock.json" "$folder/node/.installed"
  fi
  PATH=$at:$PATH
}

# Installs the packages of the lock file, once for as long as that is the same.
install_packages() {
  mkdir -p "$folder"
  exec 9>"$folder/.lock"
  flock 9
  if is_too_old; then install_node; fi
  if cmp -s "$sources/package-lock.json" "$folder/.installed"; then return; fi
  rm -f "$folder/.installed"
  cp "$sources/package.json" "$sources/package-lock.json" "$folder"
  npm_in "$folder" ci
  cp "$sources/package-lock.json" "$folder/.installed"
}
install_packages
exec 9>&-

# HTTP/1.1 only, so that both sides of a comparison speak the same.
start_emulator "$warmwire" --http1 --record --strict --script "$sources/faults.script"

# Nothing of the user's own may reach the SDKs: neither keys nor proxies.
unset "${!OPENAI_@}" "${!ANTHROPIC_@}" "${!GOOGLE_@}" "${!GEMINI_@}" "${!AZURE_@}"
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
export EMULATOR_ORIGIN=${base%/v1} NODE_EXTRA_CA_CERTS=$ca SSL_CERT_FILE=$ca OUR_CALLS=$calls
# The SDKs are found from where the tests are.
cp "$sources"/*.mjs "$folder"
cd "$folder"
node --test --test-reporter=spec "$file"
