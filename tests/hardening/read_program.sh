#!/usr/bin/env bash
# Run by ctest, see CMakeLists.txt: a program or a shared library, and the kind of processor it is for.
set -euo pipefail
program=$1 processor=$2
failed=0

# expect WHAT PATTERN: in what `readelf` with the further arguments prints.
expect() {
  local what=$1 pattern=$2
  shift 2
  # Not grep -q, whose early end would be an error of readelf's.
  if readelf --wide "$@" "$program" | grep -E "$pattern" >/dev/null; then
    echo "$what: yes"
  else
    echo "$what: NO; there is no /$pattern/ in readelf $*"
    failed=1
  fi
}

expect 'can be laid anywhere' '^ *Type: +DYN' --file-header
expect 'relocations are read-only after the start' 'GNU_RELRO' --program-headers
expect 'everything is bound at the start' '\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*NOW' --dynamic
expect 'the stack is not executable' 'GNU_STACK .* RW +0x' --program-headers
expect 'functions with buffers check their frames' '__stack_chk_fail' --dyn-syms
expect 'sizes that the compiler knows are checked' '__[a-z]+_chk(@|$| )' --dyn-syms
expect 'the standard library asserts' '__glibcxx_assert_fail' --dyn-syms

if [[ $processor == x86_64 ]]; then
  # The linker's note of it is missing where the system's own start files are not built so; the code says it, too.
  marked=$(objdump --disassemble --no-show-raw-insn "$program" | grep -c 'endbr64') || true
  if ((marked > 1000)); then
    echo "indirect calls end at marked places: yes, $marked"
  else
    echo "indirect calls end at marked places: NO, only $marked"
    failed=1
  fi
fi
exit "$failed"
