// Who leads, in the words of a system that has a leader: here every node does.

import type { Answer } from '../../http/endpoint.ts'
import type { CompatAsk } from '../compat-door.ts'
import { told } from './envelope.ts'

export function healthcheck({ request }: CompatAsk): Answer {
  return told(200, {
    leaderAddress: `${request.protocol}://${request.host}`,
    leaderId: '1',
    raftStats: { state: 'Leader', term: '1', num_peers: '0', last_contact: '0', fsm_pending: '0' },
  })
}
