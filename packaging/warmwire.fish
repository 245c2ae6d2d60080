# fish completion of warmwire: asks the program itself for its commands and options, so it is never out of date.
function __warmwire_commands
    warmwire --help 2>/dev/null | string replace -rf '^  ([a-z]+) +(.+)' '$1\t$2'
end

function __warmwire_options
    set -l names (__warmwire_commands | string split -f1 \t)
    set -l command
    for word in (commandline -opc)[2..]
        if contains -- $word $names
            set command $word
            break
        end
    end
    warmwire $command --help 2>/dev/null | string replace -rf '^  (-\S*).*' '$1' | string split , |
        string replace -rf '^(--?[A-Za-z0-9-]+).*' '$1'
end

complete -c warmwire -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__warmwire_options)'
complete -c warmwire -n __fish_use_subcommand -f -a '(__warmwire_commands)'
