#!/usr/bin/env bash
# Run by ctest, see CMakeLists.txt: lists what a shared library exports, and fails for what is neither public nor Asio's.
set -euo pipefail
library=$1

# "T warmwire::client::chat(…)"; what has no type in lower case is exported.
exported=$(nm --dynamic --defined-only --demangle --no-sort "$library" | cut -d' ' -f2-)

# The strong ones are what the library says it has.
strong=$(grep -E '^[TDBR] ' <<<"$exported")
about='((vtable|typeinfo|typeinfo name|guard variable) for |non-virtual thunk to )?'
wrong=$(grep -vE "^. (${about}(warmwire::[a-z_]+|boost::asio::)|boost_asio_[a-z_]+$)" <<<"$strong") || true
# warmwire's own inner namespaces and classes.
inner='warmwire::((detail|net|http|pool|connection|providers|emulator|cli)|[a-z_]+::state)::'
wrong+=$(grep -E "^. $about$inner" <<<"$strong") || true

for public in 'warmwire::client::chat(' 'warmwire::transport::stats(' 'boost::asio::io_context::run('; do
  grep -qF "$public" <<<"$strong" || wrong+=$'\n'"missing: $public"
done

# The weak ones are of templates and inline functions, which programs have copies of. One of an inner type would do no
# harm, but is no program's business. Those of std::thread are exported whatever they hold: GCC has them so.
wrong+=$(grep -E '^[WVu] ' <<<"$exported" | grep -vE '^. (vtable|typeinfo|typeinfo name) for std::thread::' |
  grep -E "$inner") || true

printf '%s strong symbols, %s in all\n' "$(wc -l <<<"$strong")" "$(wc -l <<<"$exported")"
[[ -z $wrong ]] || { printf 'not public:\n%s\n' "$wrong" | head -n 40; exit 1; }
