# bash completion of warmwire: asks the program itself for its commands and options, so it is never out of date.
_warmwire() {
  local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} commands command='' word
  commands=$("$program" --help 2>/dev/null | sed -nE '/^[Ss](ubcommands|UBCOMMANDS):/,$ s/^  ([a-z]+) .*/\1/p')
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word != -* && $'\n'$commands$'\n' == *$'\n'$word$'\n'* ]]; then
      command=$word
      break
    fi
  done
  if [[ $current == -* ]]; then
    local options
    # shellcheck disable=SC2086  # no word for no command
    options=$("$program" $command --help 2>/dev/null |
      sed -nE 's/^  (-[^ ]*).*/\1/p' | tr ',' '\n' | sed -nE 's/^(--?[A-Za-z0-9-]+).*/\1/p')
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _warmwire warmwire
