#!/usr/bin/env bash
# Run by `./dev agents`: a folder to install into, the program, and what to run (see run.mjs). Installs the agents from
# npm, once for as long as the lock file is the same, and runs them where there is no network but loopback.
set -euo pipefail
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
folder=$1 warmwire=$(realpath "$2")
shift 2

mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
if ! cmp -s "$sources/package-lock.json" "$folder/.installed"; then
  echo "installing the agents, over 1 GB, into $folder" >&2
  rm -f "$folder/.installed"
  cp "$sources/package.json" "$sources/package-lock.json" "$folder"
  # Their programs come as packages; their install scripts would only link them. Not `npm ci`, which wants all that is
  # optional in the lock file, for other systems too.
  (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved) >&2
  cp "$sources/package-lock.json" "$folder/.installed"
fi
# Gemini CLI needs Node.js 20, which Debian 12 does not have.
node=$(echo "$folder"/node_modules/node-linux-*/bin/node)

as_user=()
((EUID == 0)) || as_user=(--user --map-root-user)
exec unshare "${as_user[@]}" --net env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  sh -c 'ip link set lo up && exec "$@"' sh "$node" "$sources/run.mjs" "$folder" "$warmwire" "$@"
