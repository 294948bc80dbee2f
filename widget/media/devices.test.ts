import { describe, expect, it } from 'vitest';
import { isPermitted, openDevice, openDevices, type DeviceAccess } from './devices.ts';

type Kind = 'audio' | 'video';
type Refusal = 'NotAllowedError' | 'NotFoundError' | 'NotReadableError';

interface Machine {
  /** Why a device (by id, or a whole kind) cannot be opened. */
  readonly refusals?: Readonly<Record<string, Refusal>>;
  readonly devices?: readonly string[];
  readonly permissions?: Partial<Record<Kind, PermissionState>>;
  readonly secure?: boolean;
}

/** A browser with some devices; a device's id begins with its kind. */
function machine({
  refusals = {},
  devices = ['audio1', 'video1'],
  permissions = {},
  secure = true,
}: Machine) {
  const asked: string[] = [];
  const open = (kind: Kind, constraint: boolean | MediaTrackConstraints | undefined): MediaStreamTrack => {
    const wanted =
      typeof constraint === 'object'
        ? (constraint.deviceId as { exact?: string } | undefined)?.exact
        : undefined;
    const id = wanted ?? devices.find((device) => device.startsWith(kind));
    asked.push(wanted ?? kind);
    const name = id === undefined ? 'NotFoundError' : (refusals[id] ?? refusals[kind]);
    if (name) throw new DOMException('', name);
    return { kind, id } as MediaStreamTrack;
  };
  const access: DeviceAccess = {
    isSecureContext: secure,
    mediaDevices: secure
      ? {
          getUserMedia: async ({ audio, video } = {}) => {
            const tracks = [
              ...(audio ? [open('audio', audio)] : []),
              ...(video ? [open('video', video)] : []),
            ];
            const of = (kind: Kind) => () => tracks.filter((track) => track.kind === kind);
            return {
              getTracks: () => tracks,
              getAudioTracks: of('audio'),
              getVideoTracks: of('video'),
            } as unknown as MediaStream;
          },
          enumerateDevices: async () =>
            devices.map(
              (deviceId) => ({ deviceId, kind: `${deviceId.slice(0, 5)}input` }) as MediaDeviceInfo,
            ),
        }
      : undefined,
    permissions: {
      query: async ({ name }) => {
        const state = permissions[(name as string) === 'camera' ? 'video' : 'audio'] ?? 'prompt';
        return { state } as PermissionStatus;
      },
    },
  };
  return { access, asked };
}

const states = async (given: Machine, media: 'video' | 'audio' = 'video') => {
  const { audio, video } = await openDevices(machine(given).access, media);
  return [audio.state, video.state, video.track?.id];
};

describe('openDevices', () => {
  it('asks once for both', async () => {
    const { access, asked } = machine({});
    await openDevices(access, 'video');
    expect(asked).toEqual(['audio', 'video']);
  });

  it('takes the next camera when one is busy', async () => {
    const given = {
      devices: ['audio1', 'video1', 'video2'],
      refusals: { video1: 'NotReadableError' },
    } as const;
    expect(await states(given)).toEqual(['on', 'on', 'video2']);
  });

  it.each([
    ['every camera is busy', { refusals: { video: 'NotReadableError' } }, ['on', 'busy', undefined]],
    ['there is no camera', { devices: ['audio1'] }, ['on', 'missing', undefined]],
    ['there is no microphone', { devices: ['video1'] }, ['missing', 'on', 'video1']],
    ['there is nothing', { devices: [] }, ['missing', 'missing', undefined]],
    [
      'only the camera is forbidden',
      { refusals: { video: 'NotAllowedError' }, permissions: { audio: 'granted', video: 'denied' } },
      ['on', 'denied', undefined],
    ],
  ] as const)('goes on when %s', async (_, given, expected) => {
    expect(await states(given)).toEqual(expected);
  });

  it('leaves the camera alone in a voice call', async () => {
    const { access, asked } = machine({});
    const { video } = await openDevices(access, 'audio');
    expect(video).toEqual({ state: 'off' });
    expect(asked).toEqual(['audio']);
  });

  it.each([
    ['permission-denied', { refusals: { audio: 'NotAllowedError' } }],
    ['insecure-page', { secure: false }],
  ] as const)('throws %s', async (code, given) => {
    await expect(openDevices(machine(given).access, 'video')).rejects.toMatchObject({ code });
  });
});

describe('openDevice', () => {
  it('never throws', async () => {
    const { access } = machine({ refusals: { video: 'NotAllowedError' } });
    expect(await openDevice(access, 'video')).toEqual({ state: 'denied' });
  });
});

describe('isPermitted', () => {
  it.each([
    ['video', { audio: 'granted', video: 'granted' }, true],
    ['video', { audio: 'granted' }, false],
    ['audio', { audio: 'granted' }, true],
  ] as const)('%s with %o: %s', async (media, permissions, expected) => {
    expect(await isPermitted(machine({ permissions }).access, media)).toBe(expected);
  });

  it('is false where the browser does not say', async () => {
    const { access } = machine({});
    const query = () => Promise.reject(new TypeError('camera is not a permission'));
    expect(await isPermitted({ ...access, permissions: { query } }, 'audio')).toBe(false);
    expect(await isPermitted({ ...access, permissions: undefined }, 'audio')).toBe(false);
  });
});
