#!/usr/bin/env bash
# Run by ctest, see CMakeLists.txt: README, build folder, scratch folder, compiler.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../start_emulator.sh"
readme=$1 build=$2 scratch=$3 compiler=$4

rm -rf "$scratch"
mkdir -p "$scratch"
cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"

# Each ```cpp block becomes NUMBER/hello.cpp beside the README's one ```cmake block.
awk -v out="$scratch" '
  /^```cpp$/   { file = sprintf("%s/%d.cpp", out, ++programs); next }
  /^```cmake$/ { file = out "/CMakeLists.txt"; next }
  /^```/       { file = ""; next }
  file != ""   { print > file }
' "$readme"
programs=("$scratch"/*.cpp)
((${#programs[@]} >= 5)) || { echo "only ${#programs[@]} programs found in the README" >&2; exit 1; }

start_emulator "$build/warmwire"
unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY
export OPENAI_BASE_URL=$base SSL_CERT_FILE=$ca OPENAI_API_KEY=sk-test

for program in "${programs[@]}"; do
  folder=${program%.cpp}
  mkdir "$folder"
  mv "$program" "$folder/hello.cpp"
  cp "$scratch/CMakeLists.txt" "$folder"
  cmake -S "$folder" -B "$folder/build" -G Ninja -D CMAKE_CXX_COMPILER="$compiler" \
    -D CMAKE_PREFIX_PATH="$scratch/prefix" -D CMAKE_BUILD_TYPE=Debug >"$folder/configure.log"
  cmake --build "$folder/build"
  said=$("$folder/build/hello")
  printf '%s\n' "$said"
  [[ -n $said ]] || { echo "${folder##*/} said nothing" >&2; exit 1; }
done
