// What this server runs with, for those who govern everything.

import { authorize } from '../../../commands/authorize.ts'
import * as protocol from '../../../protocol/settings.ts'
import { type Endpoint, endpoint } from '../../http/endpoint.ts'

export type SettingsParts = { readonly settings: protocol.Settings }

export function settingsEndpoint({ settings }: SettingsParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/v1/settings',
    operationId: 'readSettings',
    tag: 'Health',
    summary: 'What this server runs with',
    description:
      'Each option, its value and where it came from, as `carillon check` shows it before a start.',
    action: 'settings.read',
    replies: { 200: { description: 'All options.', schema: protocol.Settings } },
    handle: ({ who }) => {
      authorize(who, 'settings.read')
      return { status: 200, body: settings }
    },
  })
}
