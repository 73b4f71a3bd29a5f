// Chance comes from here and nowhere else in the core.

export interface Chance {
  /** A sortable id: prefix, underscore, 26 characters (time, then chance). Never repeats. */
  id(
    prefix:
      | 'job'
      | 'run'
      | 'gap'
      | 'eff'
      | 'prj'
      | 'key'
      | 'nod'
      | 'req'
      | 'agt'
      | 'tok'
      | 'ses'
      | 'vis'
      | 'sec'
      | 'aud',
  ): string
  /** Uniform in [0, 1). */
  random(): number
  /** `bytes` random bytes as lower-case hex; for secrets and trace ids. */
  hex(bytes: number): string
}
