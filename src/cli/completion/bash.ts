// The completion script for bash.

import type { OptionWords, Place } from './tree-words.ts'

export function bashScript(places: readonly Place[]): string {
  return `# Completion of carillon for bash. Use it now: source <(carillon completion bash)
# For every shell to come: carillon completion bash > ~/.local/share/bash-completion/completions/carillon

_carillon_names() {
  local name
  while IFS= read -r name; do
    printf -v name %q "$name"
    [[ $name == "$2"* ]] && COMPREPLY+=("$name")
  done < <("\${COMP_WORDS[0]}" __complete "$1" "$2" 2>/dev/null)
}

_carillon_commands() {
  case "$1" in
${cases(places, ({ commands }) => commands.map(({ word }) => word).join(' '))}
  esac
}

_carillon_options() {
  case "$1" in
${cases(places, ({ options }) => options.flatMap(({ flags }) => flags).join(' '))}
  esac
}

# What follows the option $2 of the command $1: words, "@kind" for names to look up, "@file", or "@" for anything.
_carillon_values() {
  case "$1 $2" in
${places.flatMap(({ path, options }) => options.filter(({ takesValue }) => takesValue).map((option) => valueCase(path, option))).join('\n')}
  esac
}

_carillon_arguments() {
  case "$1" in
${cases(places, ({ names, values }) => (names === null ? values.join(' ') : `@${names}`))}
  esac
}

_carillon() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= word want i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      [[ -n $(_carillon_values "$path" "$word") ]] && ((i++))
    elif [[ " $(_carillon_commands "$path") " == *" $word "* ]]; then
      path="\${path:+$path }$word"
    fi
  done
  want=$(_carillon_values "$path" "\${COMP_WORDS[COMP_CWORD - 1]}")
  if [[ -z $want && $cur == -* ]]; then want=$(_carillon_options "$path"); fi
  if [[ -z $want ]]; then want=$(_carillon_commands "$path"); fi
  if [[ -z $want ]]; then want=$(_carillon_arguments "$path"); fi
  case "$want" in
    @) ;;
    @file) compopt -o default 2>/dev/null ;;
    @*) _carillon_names "\${want#@}" "$cur" ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$want" -- "$cur") ;;
  esac
}

complete -F _carillon carillon
`
}

function cases(places: readonly Place[], words: (place: Place) => string): string {
  return places
    .map((place) => ({ path: place.path, words: words(place) }))
    .filter((place) => place.words !== '')
    .map(({ path, words }) => `    "${path}") echo '${words}' ;;`)
    .join('\n')
}

function valueCase(path: string, { flags, values, names, file }: OptionWords): string {
  const patterns = flags.map((flag) => `"${path} ${flag}"`).join(' | ')
  const words = values.length > 0 ? values.join(' ') : file ? '@file' : `@${names ?? ''}`
  return `    ${patterns}) echo '${words}' ;;`
}
