#!/usr/bin/env bash
# `./dev fresh`: runs one of ./dev's commands where nothing but bash and git is installed, in a new Debian of its own.
#
# The system lies below build/fresh, made by debootstrap. The command runs in a mount and a process namespace made for
# it, so its mounts and whatever it starts are gone with its last process, even when this script is killed; the files are
# removed at the end, and at the latest by the next run. Mirrors, proxies, resolv.conf and hosts are those of this machine.
set -euo pipefail

release=${1:-bookworm} command=${2:-demo}
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=$source_folder/build/fresh
system=$folder/$release
base=$folder/$release.tar
checkout=/srv/warmwire

say() { printf 'dev: %s\n' "$*" >&2; }

child=

# What was just killed may take a moment to be gone, and may write until then.
remove_system() {
  local tries
  for ((tries = 50; tries > 0; --tries)); do
    rm -rf --one-file-system "${system:?}" 2>/dev/null && return
    sleep 0.1
  done
  rm -rf --one-file-system "${system:?}"
}

clean_up() {
  if [[ -n $child ]]; then
    kill -KILL "$child" 2>/dev/null || true  # the signal that ends this script may have ended it first
    wait "$child" || true
  fi
  remove_system
}

# "http://mirror/debian/" of the given label, as apt has it here; nothing when this machine is not Debian.
mirror_of() {
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n "s/^$1|//p" | sed -n 1p
}

# The lines of apt's configuration here that say by which proxy a mirror is reached.
proxy_configuration() {
  apt-config dump 2>/dev/null | grep -iE '^Acquire::(http|https)::Proxy' || true
}

write_sources() {
  local debian security
  debian=$(mirror_of Debian) security=$(mirror_of Debian-Security)
  [[ -n $debian ]] || return 0  # what debootstrap wrote
  {
    echo "deb $debian $release main"
    echo "deb $debian $release-updates main"
    [[ -z $security ]] || echo "deb $security $release-security main"
  } >"$1/etc/apt/sources.list"
}

# A system with bash and git, kept for the next time.
make_base() {
  [[ ! -e $base ]] || return 0
  say "making a $release of its own by debootstrap, kept in ${base#"$source_folder"/}"
  local new=$system.base mirror log=$folder/debootstrap.log
  mirror=$(mirror_of Debian)
  rm -rf --one-file-system "$new"
  if ! run_apart debootstrap --variant=minbase --include=git "$release" "$new" ${mirror:+"$mirror"} \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -rf --one-file-system "$new"
    return 1
  fi
  write_sources "$new"
  rm -f "$new"/var/cache/apt/archives/*.deb
  tar -C "$new" -cf "$base.new" .
  mv "$base.new" "$base"
  rm -rf --one-file-system "$new"
}

lay_system() {
  remove_system
  mkdir -p "$system" "$folder/archives-$release"
  tar -C "$system" -xf "$base"
  proxy_configuration >"$system/etc/apt/apt.conf.d/90proxies"
  cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
  # Whom this machine trusts, in case a proxy is known to it alone.
  mkdir -p "$system/etc/ssl/certs"
  [[ ! -e /etc/ssl/certs/ca-certificates.crt ]] || cp -L /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/"
}

lay_sources() {
  [[ -z $(git -C "$source_folder" status --porcelain 2>/dev/null) ]] || say "what is not committed is not in the clone"
  git -c advice.detachedHead=false clone -q --no-hardlinks "$source_folder" "$system$checkout"
}

# Runs a command in namespaces of its own; all that runs there is killed when this script ends in whatever way.
run_apart() {
  # In the background, so that a signal to this script is obeyed at once.
  setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child=KILL "$@" </dev/null &
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

# Runs a shell command in the system.
run_inside() {
  # shellcheck disable=SC2016
  run_apart bash -c '
    set -euo pipefail
    system=$1 archives=$2
    shift 2
    mount --bind "$system" "$system"  # tests mount in it, for which its root must be a mount of its own
    mount -t proc proc "$system/proc"
    mount --rbind /dev "$system/dev"
    mount --bind "$archives" "$system/var/cache/apt/archives"
    exec chroot "$system" "$@"
  ' inside "$system" "$folder/archives-$release" \
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
    bash -c "cd $checkout && $1"
}

run_timed() {
  local TIMEFORMAT="dev: $release: $1: %R s of wall, of which the processors worked %U s and the kernel %S s"
  time run_inside "$1"
}

# Builds the packages in one system and uses them in another that has never seen the sources.
try_packages() {
  run_timed './dev package' || return
  local packages=$folder/packages-$release
  rm -rf "$packages"
  cp -r "$system$checkout/build/packages" "$packages"
  lay_system
  mkdir -p "$system$checkout"
  cp -r "$source_folder"/tests/package/install_and_use.sh "$source_folder/tests/install/consumer" "$system$checkout"
  cp -r "$packages" "$system$checkout/packages"
  run_timed "./install_and_use.sh packages" && say "the packages are in ${packages#"$source_folder"/}"
}

case $release in bookworm | trixie) ;; *) say "fresh knows bookworm and trixie, not '$release'"; exit 2 ;; esac
case $command in demo | test | package) ;; *) say "fresh runs demo, test or package, not '$command'"; exit 2 ;; esac
((EUID == 0)) || { say "fresh needs root, to make a system and to enter it"; exit 1; }

mkdir -p "$folder"
exec 9>"$folder/$release.lock"
flock -n 9 || { say "another run has $release"; exit 1; }
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
make_base
lay_system
lay_sources
if [[ $command == package ]]; then
  try_packages
else
  run_timed "./dev $command"
fi
