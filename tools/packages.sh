# shellcheck shell=bash
# The Debian packages that the commands of ./dev need, and how they come onto the machine. Sourced by ./dev.
#
# A command says what it needs and why (`need`), what it can do without (`wish`), and then `provide`s it: whatever is
# missing is named with its reason before anything is installed.

build_packages=(g++ cmake ninja-build libssl-dev libnghttp2-dev zlib1g-dev libbrotli-dev libzstd-dev libcli11-dev)
test_packages=(libgtest-dev libgmock-dev)
# With these, and as root, tests lose packets and watch sockets in a network of their own.
network_packages=(iptables iproute2)
# For the providers' own SDKs, see tests/sdk. Whoever has Node.js from elsewhere has npm with it.
node_packages=(nodejs npm)
bench_packages=(libbenchmark-dev)
# The clients that `compare` runs; its server is unpacked, see servers.sh.
compare_packages=(nghttp2-client wrk golang-go libcurl4-openssl-dev python3 openssl)
# dpkg-dev finds out which libraries a package depends on, file which of its files are programs.
package_packages=(dpkg-dev file)

# What .clang-format and .clang-tidy are written for. Other versions lay some things out differently.
clang_tools_version=14

needed=() wished=()
declare -A reasons=()

is_debian() { command -v dpkg-query >/dev/null; }

# Whether apt would install this package here.
can_be_had() {
  # Whole, since an early end of what reads it would look as if apt-cache had failed.
  local known
  known=$(apt-cache policy "$1" 2>/dev/null) || return 1
  grep -q '^ *Candidate: [^(]' <<<"$known"
}

# A machine that was just set up may not have the package lists yet.
ensure_package_lists() {
  [[ -n $(apt-cache pkgnames libboost-url 2>/dev/null) ]] && return 0
  can_become_root || return 0
  apt update || true
}

# Prints the packages of Boost: of the version that is installed, else of the release's own version, else of the oldest
# one beside it that will do. Boost.URL came with Boost 1.81, which is the oldest that will do.
boost_packages() {
  local version
  version=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' 'libboost-url*-dev' 2>/dev/null |
    sed -n 's/^libboost-url\([0-9][0-9.]*\)-dev installed$/\1/p' | sort --version-sort | sed -n 1p) || true
  if [[ -z $version ]]; then
    version=$(apt-cache depends libboost-dev 2>/dev/null | sed -n 's/^ *Depends: libboost\([0-9.]*\)-dev$/\1/p') || true
    can_be_had "libboost-url$version-dev" ||
      version=$(apt-cache pkgnames libboost-url 2>/dev/null | sed -n 's/^libboost-url\([0-9][0-9.]*\)-dev$/\1/p' |
        sort --version-sort | sed -n 1p) || true
  fi
  printf '%s\n' "libboost$version-dev" "libboost-json$version-dev" "libboost-url$version-dev"
}

# Prints the version of the clang that makes the fuzzers: the tools' version, else one that is installed, else the
# release's own.
fuzz_clang() {
  local version
  for version in "$clang_tools_version" 19 18 17 16 15; do
    if command -v "clang++-$version" >/dev/null; then
      echo "$version"
      return
    fi
  done
  version=$clang_tools_version
  can_be_had "clang-$version" ||
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p') || true
  echo "${version:-$clang_tools_version}"
}

# Prints those of the given packages that are not installed.
missing_packages() {
  local installed package
  installed=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$installed" || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

can_become_root() {
  ((EUID == 0)) && return 0
  command -v sudo >/dev/null || return 1
  # Without a terminal sudo cannot ask for a password.
  [[ -t 0 ]] || sudo -n true 2>/dev/null
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

remember_reason() {
  local why=$1 package
  shift
  for package in "$@"; do
    reasons[$package]=${reasons[$package]:-$why}
  done
}

# need WHY PACKAGE...: the command cannot go on without these.
need() {
  remember_reason "$@"
  needed+=("${@:2}")
}

# wish WHY PACKAGE...: without these the command does less.
wish() {
  remember_reason "$@"
  wished+=("${@:2}")
}

need_to_build() {
  if is_debian; then
    ensure_package_lists
    mapfile -t boost < <(boost_packages)
  else
    boost=("Boost 1.81 or newer")
  fi
  need "to build" "${build_packages[@]}" "${boost[@]}"
}

wish_for_node() {
  { command -v node && command -v npm; } >/dev/null || wish "for the tests by the providers' own SDKs" "${node_packages[@]}"
}

# Says which packages are for what.
say_reasons() {
  local package why
  local -A listed=()
  for package in "$@"; do
    listed[${reasons[$package]}]+=" $package"
  done
  for why in "${!listed[@]}"; do
    say "  $why:${listed[$why]}"
  done
}

install_packages() {
  say "installing by apt-get, as root:"
  say_reasons "$@"
  # A failed update may be a single dead mirror; whether the packages can be had is what counts.
  apt update || say "apt-get update failed; trying with the package lists that are there"
  apt install --no-install-recommends "$@"
}

# Installs what was asked for by `need` and `wish`, as far as it is missing.
provide() {
  if ! is_debian; then
    say "this is not Debian, so nothing is installed; needed are the equivalents of: ${needed[*]}"
    return 0
  fi
  local missing=() extra=() package
  mapfile -t missing < <(missing_packages "${needed[@]}")
  ((${#wished[@]} == 0)) || mapfile -t extra < <(missing_packages "${wished[@]}")
  needed=() wished=()
  ((${#missing[@]} + ${#extra[@]})) || return 0

  if ! can_become_root; then
    if ((${#missing[@]})); then
      fail "these packages are missing, and this user can become root neither directly nor by sudo." \
        "As root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    say "going on without these packages, as this user cannot become root; what needs them is skipped:"
    say_reasons "${extra[@]}"
    return 0
  fi
  ensure_package_lists
  for package in "${extra[@]}"; do
    if can_be_had "$package"; then
      missing+=("$package")
    else
      say "this release has no package $package (${reasons[$package]}); what needs it is skipped"
    fi
  done
  ((${#missing[@]})) || return 0

  local TIMEFORMAT='dev: that took %R s, of which the processor worked %U s and the kernel %S s'
  time install_packages "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]} (see above; is there a network, and is this Debian 12 or newer?)"
}

# Puts the path of a tool of clang into `found_tool`, of the version that its configuration is written for.
find_clang_tool() {
  local tool=$1 versioned=$1-$clang_tools_version
  for found_tool in "$versioned" "$tool"; do
    # A package of Python's calls it by its plain name.
    if [[ $("$found_tool" --version 2>/dev/null) == *"version $clang_tools_version."* ]]; then return; fi
  done
  found_tool=$versioned
  if is_debian; then
    ensure_package_lists
    can_be_had "$versioned" || fail "the configuration of $tool is written for version $clang_tools_version," \
      "which this release does not have. Put a $tool of that version into PATH (Python's package $tool==14.0.6 has it)," \
      "or run this on Debian 12"
    need "for this command" "$versioned"
    provide
  fi
}
