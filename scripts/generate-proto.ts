// Makes the types of proto/*.proto. They are committed; a test sees to it that this makes the same again.

import { fileURLToPath } from 'node:url'
import { generateProto } from './generated-proto.ts'

generateProto(fileURLToPath(new URL('../src/protocol/', import.meta.url)))
