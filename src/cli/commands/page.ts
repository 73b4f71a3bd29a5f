// A link that opens the page, signed in as the key of this command line.

import type { Fill } from '../command-tree.ts'
import { doing, finish } from '../command-tree.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'

export const fillPage: Fill = (command, walk) => {
  finish(command).action(doing(walk, showPage))
}

async function showPage(session: Session): Promise<void> {
  const ticket = await session.client.visit.ticket()
  await session.print(ticket, () => safeText(ticket.url))
  session.say('It works once, for a quarter of an hour.')
}
