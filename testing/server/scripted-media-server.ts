import { parseArgs } from 'node:util';
import { ScriptedKurento } from './scripted-kurento.ts';

// Stands for media-server/main.ts where a test wants a process without media. It is deaf to SIGTERM when it
// has the media address 192.0.2.1.
const { values } = parseArgs({
  options: {
    host: { type: 'string' },
    port: { type: 'string', default: '0' },
    'media-ports': { type: 'string' },
    'media-address': { type: 'string' },
  },
});

process.on('disconnect', () => process.exit());
if (values['media-address'] === '192.0.2.1') process.on('SIGTERM', () => undefined);

const server = await ScriptedKurento.start(Number(values.port)).catch(() => process.exit(1));
process.send?.({ type: 'listening', port: server.port });
