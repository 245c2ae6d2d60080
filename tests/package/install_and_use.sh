#!/usr/bin/env bash
# Installs the packages of a folder and uses them as somebody would who has nothing else: the program, its man page and
# completions, and the library by pkg-config and by CMake, each shared and static. Run as root in a system that may be
# thrown away: `./dev fresh bookworm package` does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
packages=$(cd "${1:?the folder of the packages}" && pwd)

say() { printf '== %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
install() { DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "$@" >/tmp/apt.log 2>&1 || {
  tail -n 20 /tmp/apt.log
  fail "apt-get install $*"
}; }

apt-get -q update >/dev/null

say "the program alone"
install "$packages"/warmwire_*.deb
if dpkg-query --show --showformat "\${Package} \${db:Status-Status}\n" "lib*-dev" 2>/dev/null | grep ' installed$'; then
  fail "the program brought packages for development along"
fi
warmwire --version
warmwire demo >/tmp/demo.txt || fail "warmwire demo"
grep -q 'After closing: 0 idle, 0 active' /tmp/demo.txt || fail "the demo did not come to its end"

say "its man page and completions"
[[ $(dpkg -L warmwire | grep -c '/man1/warmwire.1.gz$') == 1 ]] || fail "no man page"
# A minimal system may leave man pages out when it installs.
if [[ -e /usr/share/man/man1/warmwire.1.gz ]]; then
  zcat /usr/share/man/man1/warmwire.1.gz | grep '^\.SS warmwire chat' >/dev/null || fail "the man page does not tell of chat"
fi
# shellcheck disable=SC1091
source /usr/share/bash-completion/completions/warmwire
completions_of() {
  COMP_WORDS=(warmwire "$@") COMP_CWORD=$# COMPREPLY=()
  _warmwire
  printf '%s ' "${COMPREPLY[@]}"
}
[[ $(completions_of de) == 'demo ' ]] || fail "bash completes 'de' to '$(completions_of de)'"
[[ $(completions_of chat --verb) == '--verbose ' ]] || fail "bash completes '--verb' to '$(completions_of chat --verb)'"
for file in zsh/vendor-completions/_warmwire fish/vendor_completions.d/warmwire.fish doc/warmwire/copyright; do
  dpkg -L warmwire | grep "/usr/share/$file$" >/dev/null || fail "the package has no $file"
done

say "stripped, and the debug symbols apart"
install file binutils
file -L /usr/bin/warmwire | grep ', stripped' >/dev/null || fail "the program is not stripped"
install "$packages"/warmwire-dbgsym_*.deb
build_id=$(readelf -n /usr/bin/warmwire | sed -n 's/.*Build ID: *//p')
[[ -e /usr/lib/debug/.build-id/${build_id:0:2}/${build_id:2}.debug ]] || fail "no debug symbols of $build_id"

say "the library"
install "$packages"/libwarmwire-dev_*.deb
install g++ cmake make pkg-config
ldconfig --print-cache | grep 'libwarmwire\.so\.' >/dev/null || fail "the loader does not know the shared library"
file -L /usr/lib/*/libwarmwire.so | grep ', stripped' >/dev/null || fail "the shared library is not stripped"

# expect_library PROGRAM shared|static: runs it, and looks whether it wants the shared library.
expect_library() {
  "$1" || fail "$1 failed"
  local wants=static
  ! readelf --dynamic "$1" | grep 'NEEDED.*libwarmwire' >/dev/null || wants=shared
  [[ $wants == "$2" ]] || fail "$1 is $wants, not $2"
}

say "a program by pkg-config"
read -r -a flags < <(pkg-config --cflags --libs warmwire)
g++ -std=c++20 consumer/main.cpp -o /tmp/by_pkg_config "${flags[@]}"
expect_library /tmp/by_pkg_config shared
read -r -a flags < <(pkg-config --static --cflags --libs warmwire)
g++ -std=c++20 consumer/main.cpp -o /tmp/by_pkg_config_static "${flags[@]/#-lwarmwire/-l:libwarmwire.a}"
expect_library /tmp/by_pkg_config_static static

say "a program by CMake"
cmake -S consumer -B /tmp/by_cmake >/tmp/cmake.log || { cat /tmp/cmake.log; fail "cmake"; }
cmake --build /tmp/by_cmake
expect_library /tmp/by_cmake/consumer shared
cmake -S consumer -B /tmp/by_cmake_static -D warmwire_USE_STATIC_LIBS=ON >/tmp/cmake.log || fail "cmake, static"
cmake --build /tmp/by_cmake_static
expect_library /tmp/by_cmake_static/consumer static

say "gone without a trace"
DEBIAN_FRONTEND=noninteractive apt-get -q -y purge warmwire warmwire-dbgsym libwarmwire-dev >/dev/null
left=$(find / -xdev -name '*warmwire*' -not -path '/srv/*' -not -path '/tmp/*' -not -path '/proc/*' \
  -not -path '/var/log/*' -not -path '/var/cache/*')
[[ -z $left ]] || fail "left behind: $left"
echo "1 passed, 0 failed"
