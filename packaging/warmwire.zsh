#compdef warmwire
# zsh completion of warmwire: asks the program itself for its commands and options, so it is never out of date.
local program=$words[1] command='' word
local -a commands options
commands=(${(f)"$($program --help 2>/dev/null | sed -nE '/^[Ss](ubcommands|UBCOMMANDS):/,$ s/^  ([a-z]+) +(.*)/\1:\2/p')"})
for word in $words[2,CURRENT-1]; do
  if [[ -n ${(M)commands:#$word:*} ]]; then
    command=$word
    break
  fi
done

if [[ $PREFIX == -* ]]; then
  options=(${(f)"$($program $command --help 2>/dev/null | sed -nE 's/^  (-[^ ]*).*/\1/p' | tr ',' '\n' |
    sed -nE 's/^(--?[A-Za-z0-9-]+).*/\1/p')"})
  compadd -a options
elif [[ -z $command ]]; then
  _describe 'command' commands
else
  _files
fi
