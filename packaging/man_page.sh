#!/bin/sh
# Writes the man page of warmwire on standard output: the template, and in it what the program's own help says.
# Arguments: the program, its version, the template.
set -eu
program=$1 version=$2 template=$3

# Help as CLI11 prints it, to roff: options with their texts, which go on in lines indented deeper, and at the end what a
# command has to say beside them, as it is.
as_roff() {
  awk '
    function escape(text) {
      gsub(/\\/, "\\e", text)
      gsub(/-/, "\\-", text)
      if (text ~ /^[.\x27]/) text = "\\&" text
      return text
    }
    NR == 1 || /^[Uu](sage|SAGE):/ || /^ *-h,--help / { next }
    /^(Positionals|POSITIONALS|Options|OPTIONS|Subcommands|SUBCOMMANDS):$/ { listing = 1; next }
    /^ *$/ { if (as_is) print ".sp"; next }
    as_is { print escape($0); next }
    listing && match($0, /^  [^ ]/) {
      split_at = match(substr($0, 3), /  +[^ ]/)
      option = split_at ? substr($0, 3, split_at - 1) : substr($0, 3)
      text = split_at ? substr($0, 2 + split_at) : ""
      sub(/^ +/, "", text)
      print ".TP\n.B " escape(option)
      if (text != "") print escape(text)
      next
    }
    listing && /^   / { sub(/^ +/, ""); print escape($0); next }
    { as_is = 1; print ".PP\n.nf\n" escape($0) }
    END { if (as_is) print ".fi" }
  '
}

commands() {
  "$program" --help | sed -nE '/^[Ss](ubcommands|UBCOMMANDS):/,$ s/^  ([a-z]+) .*/\1/p'
}

while IFS= read -r line; do
  case $line in
    @OPTIONS@) "$program" --help | sed -E '/^[Ss](ubcommands|UBCOMMANDS):/,$d' | as_roff ;;
    @COMMANDS@)
      for command in $(commands); do
        printf '.SS warmwire %s\n' "$command"
        "$program" "$command" --help | sed -n 1p
        "$program" "$command" --help | as_roff
      done
      ;;
    *) printf '%s\n' "$line" | sed "s/@VERSION@/$version/g" ;;
  esac
done <"$template"
