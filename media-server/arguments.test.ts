import { describe, expect, it } from 'vitest';
import { readCommand } from './arguments.ts';

describe('the command line', () => {
  it('has defaults', () => {
    expect(readCommand([], {})).toEqual({ kind: 'run', options: { host: '127.0.0.1', port: 8888 } });
    expect(readCommand([], {}, 0)).toMatchObject({ options: { port: 0 } });
  });

  it('is read, before the environment', () => {
    const args = [
      '--port',
      '9000',
      '--host=::1',
      '--media-ports',
      '40000-40100',
      '--media-address',
      '192.0.2.1',
    ];
    const options = {
      host: '::1',
      port: 9000,
      mediaPorts: { min: 40000, max: 40100 },
      mediaAddress: '192.0.2.1',
    };
    const env = { MEDIA_PORTS: '50000-50001', MEDIA_ADDRESS: '198.51.100.1' };
    expect(readCommand(args, env)).toEqual({ kind: 'run', options });
    expect(readCommand([], env)).toMatchObject({
      options: { mediaPorts: { min: 50000, max: 50001 }, mediaAddress: '198.51.100.1' },
    });
    expect(readCommand([], { MEDIA_PORTS: '', MEDIA_ADDRESS: '' })).toMatchObject({ kind: 'run' });
  });

  it('is refused with all its mistakes', () => {
    const args = [
      '--port',
      '70000',
      '--wrong',
      'stray',
      '--media-ports',
      '9-1',
      '--media-address',
      'here',
      '--host',
    ];
    expect(readCommand(args, {})).toEqual({
      kind: 'mistakes',
      mistakes: [
        'unknown option --wrong',
        'unexpected argument "stray"',
        '--host needs a value',
        '--port must be a number from 0 to 65535, not "70000"',
        '--media-ports must be like 40000-49999, not "9-1"',
        '--media-address must be an IP address, not "here"',
      ],
    });
  });

  it.each([['40000'], ['1-2-3'], ['0-10'], ['a-b'], ['1-70000'], ['-']])('refuses ports %s', (range) => {
    expect(readCommand([], { MEDIA_PORTS: range })).toMatchObject({ kind: 'mistakes' });
  });

  it('may ask for help', () => {
    expect(readCommand(['--help', '--port', 'x'], {})).toEqual({ kind: 'help' });
  });
});
