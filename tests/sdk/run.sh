#!/usr/bin/env bash
# Run by ctest, see CMakeLists.txt: the folder of the tests, a folder to install into, the program, a test file, and
# the program of our own calls. Exits with 77 when there is no Node.js 20 or the packages cannot be fetched.
set -euo pipefail
sources=$1 folder=$2 warmwire=$3 file=$4 calls=$5

skip() {
  echo "skipped: $*" >&2
  exit 77
}

major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
[[ -n $major ]] || skip "there is no node"
((major >= 20)) || skip "node is older than version 20"
command -v npm >/dev/null || skip "there is no npm"

# Installs the packages of the lock file, once for as long as that is the same.
install_packages() {
  mkdir -p "$folder"
  exec 9>"$folder/.lock"
  flock 9
  if cmp -s "$sources/package-lock.json" "$folder/.installed"; then return; fi
  rm -f "$folder/.installed"
  cp "$sources/package.json" "$sources/package-lock.json" "$folder"
  local failed=0
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --omit-lockfile-registry-resolved \
    --fetch-retries=1 --fetch-timeout=60000) >"$folder/install.log" 2>&1 || failed=1
  if ((failed)); then
    cat "$folder/install.log" >&2
    local network='ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|network|E40[37]|E50[0-9]'
    if grep -qE "$network" "$folder/install.log"; then skip "the package registry cannot be reached"; fi
    exit 1
  fi
  cp "$sources/package-lock.json" "$folder/.installed"
}
install_packages
exec 9>&-

# HTTP/1.1 only, so that both sides of a comparison speak the same.
exec 3< <(exec "$warmwire" emulate --listen 127.0.0.1:0 --http1 --record --script "$sources/faults.script" 2>&1)
emulator=$!
trap 'kill "$emulator"' EXIT
base= ca=
while read -r key rest <&3; do
  case "$key $rest" in
    "base URL "*) base=${rest#URL} base=${base//[[:space:]]/} ;;
    "CA file "*) ca=${rest#file} ca=${ca%%(*} ca=${ca//[[:space:]]/} ;;
    "try "*) break ;;
  esac
done
[[ -n $base && -n $ca ]] || { echo "the emulator did not start" >&2; exit 1; }

# Nothing of the user's own may reach the SDKs: neither keys nor proxies.
unset "${!OPENAI_@}" "${!ANTHROPIC_@}" "${!GOOGLE_@}" "${!GEMINI_@}" "${!AZURE_@}"
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
export EMULATOR_ORIGIN=${base%/v1} NODE_EXTRA_CA_CERTS=$ca SSL_CERT_FILE=$ca OUR_CALLS=$calls
# The SDKs are found from where the tests are.
cp "$sources"/*.mjs "$folder"
cd "$folder"
node --test --test-reporter=spec "$file"
