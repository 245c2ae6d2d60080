# shellcheck shell=bash
# The servers and proxies that tests/peers and `./dev compare` start. Sourced by ./dev.
#
# They are unpacked into build/servers, with the libraries that the machine does not have: nothing is installed, no
# service is started or enabled, no file outside the build folder is touched, and nobody needs to be root. What the
# machine already has is used as it is.

servers_folder=build/servers

# Each server's program, and the package that has it.
declare -A server_packages=([nginx]=nginx [nghttpd]=nghttp2-server [h2o]=h2o [squid]=squid [danted]=dante-server)

machine_has() {
  PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin command -v "$1" >/dev/null
}

# Whether a program was unpacked and finds its libraries; an upgrade of the machine may have taken one away.
is_unpacked() {
  local wrapper=$servers_folder/bin/$1
  [[ -x $wrapper ]] && [[ $(WARMWIRE_ONLY_LIST_LIBRARIES=1 "$wrapper" 2>&1) != *'not found'* ]]
}

# A command that runs a program of the unpacked files with their libraries, and nothing else with them.
write_wrapper() {
  local program=$1 libraries=$2 name=${1##*/}
  local wrapper=$servers_folder/bin/${name%-gnutls}
  cat >"$wrapper" <<TEXT
#!/bin/sh
# Written by ./dev of warmwire.
export LD_LIBRARY_PATH='$libraries' H2O_ROOT='$PWD/$servers_folder/files/usr'
[ -z "\$WARMWIRE_ONLY_LIST_LIBRARIES" ] || exec ldd '$PWD/$program'
exec '$PWD/$program' "\$@"
TEXT
  chmod 755 "$wrapper"
}

write_wrappers() {
  local files=$servers_folder/files folder libraries='' program
  for folder in "$files"/usr/lib/*-linux-* "$files"/lib/*-linux-* "$files"/usr/lib "$files"/lib; do
    [[ ! -d $folder ]] || libraries+=${libraries:+:}$PWD/$folder
  done
  mkdir -p "$servers_folder/bin"
  # Newer releases choose between several squids by a link that is made when one is installed.
  for program in "$files"/usr/{bin,sbin}/{nginx,nghttpd,h2o,squid,squid-gnutls,danted}; do
    [[ ! -x $program ]] || write_wrapper "$program" "$libraries"
  done
}

# Prints NAME=VERSION of the given packages and of those that they depend on and the machine has not.
packages_to_unpack() {
  apt-get --simulate --no-install-recommends install "$@" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p'
}

unpack_packages() (
  mkdir -p "$servers_folder/debs"
  mapfile -t packages < <(packages_to_unpack "$@")
  ((${#packages[@]})) || exit 1
  cd "$servers_folder/debs" || exit 1
  # Root would hand the downloading to a user of apt's own, who may not write here.
  as_myself=()
  ((EUID != 0)) || as_myself=(-o APT::Sandbox::User=root)
  apt-get -q -o Acquire::Retries=3 "${as_myself[@]}" download "${packages[@]}" >&2 || exit 1
  for package in *.deb; do
    dpkg --extract "$package" ../files || exit 1
  done
)

# unpack_servers PROGRAM...: makes the programs that the machine does not have ready in build/servers/bin. What cannot be
# had is said and left out; the tests that need it are skipped.
unpack_servers() {
  is_debian || return 0
  local program package missing=() kept=()
  for program in "$@"; do
    machine_has "$program" || is_unpacked "$program" || missing+=("${server_packages[$program]}")
  done
  ((${#missing[@]})) || return 0
  ensure_package_lists
  for package in "${missing[@]}"; do
    if can_be_had "$package"; then
      kept+=("$package")
    else
      say "this release has no package $package; what needs it is skipped"
    fi
  done
  ((${#kept[@]})) || return 0
  say "unpacking into $servers_folder, as peers to talk to (nothing is installed or started): ${kept[*]}"
  unpack_packages "${kept[@]}" || say "could not unpack all of them; what needs the others is skipped"
  write_wrappers
  rm -rf "$servers_folder/debs"
}
