// The completion script for zsh.

import type { OptionWords, Place } from './tree-words.ts'

export function zshScript(places: readonly Place[]): string {
  return `#compdef carillon
# Completion of carillon for zsh. Use it now: source <(carillon completion zsh)
# For every shell to come: carillon completion zsh > "\${fpath[1]}/_carillon"

_carillon_names() {
  local -a names
  names=("\${(@f)$(\${words[1]} __complete $1 "$PREFIX" 2>/dev/null)}")
  compadd -a names
}

_carillon() {
  local at="" word i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case "$at $word" in
${places.flatMap(({ path, options }) => valueOptions(options).map(({ flags }) => `      ${flags.map((flag) => `"${path} ${flag}"`).join(' | ')}) ((i++)) ;;`)).join('\n')}
${places.flatMap(({ path, commands }) => commands.map(({ word }) => `      "${path} ${word}") at="${`${path} ${word}`.trim()}" ;;`)).join('\n')}
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${places.flatMap(({ path, options }) => valueOptions(options).map((option) => valueCase(path, option))).join('\n')}
  esac
  case "$at" in
${places.map(placeCase).join('\n')}
  esac
}

if [[ \${funcstack[1]} == _carillon ]]; then _carillon "$@"; else compdef _carillon carillon; fi
`
}

function valueOptions(options: readonly OptionWords[]): OptionWords[] {
  return options.filter(({ takesValue }) => takesValue)
}

function valueCase(path: string, { flags, values, names, file }: OptionWords): string {
  const patterns = flags.map((flag) => `"${path} ${flag}"`).join(' | ')
  const act =
    values.length > 0
      ? `compadd ${values.join(' ')}`
      : file
        ? '_files'
        : names === null
          ? ':'
          : `_carillon_names ${names}`
  return `    ${patterns}) ${act}; return ;;`
}

function placeCase({ path, commands, options, names, values }: Place): string {
  const described = commands.map(({ word, about }) => quoted(`${word}:${about}`)).join(' ')
  const flags = options
    .flatMap(({ flags, about }) => flags.map((flag) => quoted(`${flag}:${about}`)))
    .join(' ')
  const words =
    values.length > 0 ? `compadd ${values.join(' ')}` : names === null ? ':' : `_carillon_names ${names}`
  const rest = commands.length > 0 ? `commands=(${described}); _describe command commands` : words
  return `    "${path}")
      options=(${flags})
      if [[ $PREFIX == -* ]]; then _describe option options; else ${rest}; fi ;;`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
