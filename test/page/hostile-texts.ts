// Texts that want to be more than text: markup, script, addresses, templates, and characters that hide or turn.

const CALL = 'window.hacked=1'

const MARKUP = [
  `<script>${CALL}</script>`,
  `<img src=x onerror=${CALL}>`,
  `<svg onload=${CALL}>`,
  `<svg><script>${CALL}</script></svg>`,
  `<iframe srcdoc="<script>parent.${CALL}</script>"></iframe>`,
  `<body onload=${CALL}>`,
  `<input autofocus onfocus=${CALL}>`,
  `<details open ontoggle=${CALL}>`,
  `<video><source onerror=${CALL}></video>`,
  `<marquee onstart=${CALL}>`,
  `<a href="javascript:${CALL}">x</a>`,
  `<form action="javascript:${CALL}"><input type=submit></form>`,
  `<object data="javascript:${CALL}">`,
  `<embed src="javascript:${CALL}">`,
  `<math href="javascript:${CALL}">x</math>`,
  `<base href="javascript:${CALL}//">`,
  `<link rel=stylesheet href="javascript:${CALL}">`,
  `<style>*{background:url("javascript:${CALL}")}</style>`,
  `<meta http-equiv=refresh content="0;url=javascript:${CALL}">`,
  `<template><script>${CALL}</script></template>`,
] as const

const BREAKOUTS = ['', '"', "'", '`', '-->', '</title>', '</textarea>', '</style>', ']]>', '\\"'] as const

const OTHERS = [
  `javascript:${CALL}`,
  `data:text/html,<script>${CALL}</script>`,
  `{{constructor.constructor('${CALL}')()}}`,
  `\${${CALL}}`,
  `#{${CALL}}`,
  `%3Cscript%3E${CALL}%3C/script%3E`,
  `&lt;script&gt;${CALL}&lt;/script&gt;`,
  `\u003cscript\u003e${CALL}\u003c/script\u003e`,
  `'; ${CALL}; '`,
  `" onmouseover="${CALL}" x="`,
  `' onfocus='${CALL}' autofocus='`,
  `__proto__`,
  `constructor`,
  `toString`,
  `\u202Etxt.exe`,
  `a\u200Bb\u200Bc`,
  `\u{1F514}`.repeat(60),
  'Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319'.repeat(12),
  'x'.repeat(200),
  '-1 or 1=1; --',
  `<!--#exec cmd="id"-->`,
  `$(id)`,
  '`id`',
  '%n%s%x',
  '../../../../etc/passwd'.replaceAll('/', '\u2215'),
] as const

/** A hundred or more, none with a slash (a job's name has none) unless `slashes`. */
export function hostileTexts(slashes = true): string[] {
  const all = [...BREAKOUTS.flatMap((before) => MARKUP.map((markup) => before + markup)), ...OTHERS]
  return slashes ? all : all.map((text) => text.replaceAll('/', '\u2215').slice(0, 200))
}
