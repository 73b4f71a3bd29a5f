// The completion script for fish.

import type { OptionWords, Place } from './tree-words.ts'

export function fishScript(places: readonly Place[]): string {
  return `# Completion of carillon for fish. Use it now: carillon completion fish | source
# For every shell to come: carillon completion fish > ~/.config/fish/completions/carillon.fish

function __carillon_path
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim "$path $word")
        if contains -- "$longer" ${places
          .filter(({ path }) => path !== '')
          .map(({ path }) => quoted(path))
          .join(' ')}
            set path $longer
        end
    end
    echo $path
end

function __carillon_at
    test (__carillon_path) = "$argv[1]"
end

function __carillon_names
    set -l words (commandline -opc)
    $words[1] __complete $argv[1] (commandline -ct) 2>/dev/null
end

complete -c carillon -f
${places.flatMap(lines).join('\n')}
`
}

function lines({ path, commands, options, names, values }: Place): string[] {
  const at = `complete -c carillon -n "__carillon_at ${quoted(path)}"`
  return [
    ...commands.map(({ word, about }) => `${at} -a ${word} -d ${quoted(about)}`),
    ...options.map((option) => `${at} ${optionWords(option)}`),
    ...(values.length === 0 ? [] : [`${at} -a ${quoted(values.join(' '))}`]),
    ...(names === null ? [] : [`${at} -a "(__carillon_names ${names})"`]),
  ]
}

function optionWords({ flags, about, takesValue, values, names, file }: OptionWords): string {
  const named = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const value =
    values.length > 0
      ? ` -a ${quoted(values.join(' '))}`
      : names === null
        ? ''
        : ` -a "(__carillon_names ${names})"`
  return `${named.join(' ')} -d ${quoted(about)}${takesValue ? ` ${file ? '-r -F' : '-x'}${value}` : ''}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
