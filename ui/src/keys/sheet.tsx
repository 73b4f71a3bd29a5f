// All keys, shown with ?.

import { Dialog } from '../parts/dialog.tsx'
import { PLACES } from '../places.ts'
import { keySheet } from './state.ts'

const KEYS: readonly (readonly [string, string])[] = [
  ['?', 'this sheet'],
  ['Ctrl K', 'find or do anything'],
  ['/', 'search in the list'],
  ['j  k', 'down and up in a list'],
  ['Enter', 'open what is marked'],
  ['x', 'select what is marked'],
  ['n', 'new job'],
  ['arrows', 'from hour to hour in the charts'],
  ...PLACES.map(({ key, label }) => [`g ${key}`, label.toLowerCase()] as const),
]

export function Keys() {
  return (
    <Dialog
      title="Keyboard"
      onClose={() => {
        keySheet.value = false
      }}
    >
      <dl class="facts">
        {KEYS.map(([key, does]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  )
}
