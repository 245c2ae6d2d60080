# Sourced by tests that are scripts.

# Starts the program's emulator with more arguments, and ends it with the script; sets `base` and `ca`, its URL and the
# file of its authority.
start_emulator() {
  local program=$1 key rest
  shift
  exec 3< <(exec "$program" emulate --listen 127.0.0.1:0 "$@" 2>&1)
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
}
