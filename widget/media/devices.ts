import type { Media } from '../../protocol/index.ts';
import type { DeviceState, ProblemCode } from '../session/terms.ts';

type Kind = 'audio' | 'video';

const AUDIO: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};
const VIDEO: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

/** The browser or the user does not allow camera and microphone at all. */
export class DevicesRefused extends Error {
  override readonly name = 'DevicesRefused';
  readonly code: Extract<ProblemCode, 'permission-denied' | 'insecure-page' | 'unsupported-browser'>;

  constructor(code: DevicesRefused['code'], cause?: unknown) {
    super(`Camera and microphone cannot be used: ${code}.`, { cause });
    this.code = code;
  }
}

/** One device, open or not. */
export interface Opened {
  readonly track?: MediaStreamTrack;
  readonly state: DeviceState;
}

/** What `getUserMedia` and its neighbours are needed for; a test brings its own. */
export interface DeviceAccess {
  readonly mediaDevices?: Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'> | undefined;
  readonly permissions?: Pick<Permissions, 'query'> | undefined;
  readonly isSecureContext: boolean;
}

/** The browser's own devices. */
export function browserDevices(): DeviceAccess {
  const { mediaDevices, permissions } = navigator;
  return { mediaDevices, permissions, isSecureContext };
}

/** Whether opening the devices for this kind of call will ask nobody anything. */
export async function isPermitted(access: DeviceAccess, media: Media): Promise<boolean> {
  const states = await Promise.all(kindsOf(media).map((kind) => permissionFor(access, kind)));
  return access.mediaDevices !== undefined && states.every((state) => state === 'granted');
}

/**
 * Opens microphone and, for a video call, camera. What is busy or missing is done without: a busy camera gives
 * way to the next one, then the call goes on with sound only, then listening only.
 *
 * @throws DevicesRefused nobody may use any device here
 */
export async function openDevices(
  access: DeviceAccess,
  media: Media,
): Promise<Readonly<Record<Kind, Opened>>> {
  const { mediaDevices } = access;
  if (!mediaDevices) {
    throw new DevicesRefused(access.isSecureContext ? 'unsupported-browser' : 'insecure-page');
  }
  const off: Opened = { state: 'off' };
  try {
    // Both at once: the user is asked once.
    const stream = await mediaDevices.getUserMedia({
      audio: AUDIO,
      ...(media === 'video' && { video: VIDEO }),
    });
    const [audio, video] = [stream.getAudioTracks()[0], stream.getVideoTracks()[0]];
    return {
      audio: audio ? { track: audio, state: 'on' } : { state: 'missing' },
      video: video ? { track: video, state: 'on' } : media === 'video' ? { state: 'missing' } : off,
    };
  } catch (error) {
    if (isDenied(error) && (await everythingIsDenied(access, media))) {
      throw new DevicesRefused('permission-denied', error);
    }
  }
  return {
    audio: await openDevice(access, 'audio'),
    video: media === 'video' ? await openDevice(access, 'video') : off,
  };
}

/** Opens one device, or the next of its kind if it is busy; never throws. */
export async function openDevice(access: DeviceAccess, kind: Kind): Promise<Opened> {
  const { mediaDevices } = access;
  if (!mediaDevices) return { state: 'missing' };
  try {
    return on(await mediaDevices.getUserMedia(constraintsFor(kind)));
  } catch (error) {
    if (isDenied(error)) return { state: 'denied' };
    if (isMissing(error)) return { state: 'missing' };
  }
  for (const { deviceId } of await devicesOf(mediaDevices, kind)) {
    try {
      return on(await mediaDevices.getUserMedia(constraintsFor(kind, deviceId)));
    } catch {
      // The next one may be free.
    }
  }
  return { state: 'busy' };
}

function on(stream: MediaStream): Opened {
  const [track] = stream.getTracks();
  return track ? { track, state: 'on' } : { state: 'missing' };
}

function kindsOf(media: Media): readonly Kind[] {
  return media === 'video' ? ['audio', 'video'] : ['audio'];
}

function constraintsFor(kind: Kind, deviceId?: string): MediaStreamConstraints {
  const exactly = deviceId ? { deviceId: { exact: deviceId } } : {};
  return kind === 'audio' ? { audio: { ...AUDIO, ...exactly } } : { video: { ...VIDEO, ...exactly } };
}

async function devicesOf(
  mediaDevices: Pick<MediaDevices, 'enumerateDevices'>,
  kind: Kind,
): Promise<readonly MediaDeviceInfo[]> {
  try {
    const devices = await mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === `${kind}input` && device.deviceId);
  } catch {
    return [];
  }
}

/** With the camera alone forbidden the call still has a voice. */
async function everythingIsDenied(access: DeviceAccess, media: Media): Promise<boolean> {
  if (media === 'audio') return true;
  const [audio, video] = await Promise.all([permissionFor(access, 'audio'), permissionFor(access, 'video')]);
  return !(video === 'denied' && audio === 'granted') && !(audio === 'denied' && video === 'granted');
}

async function permissionFor(
  { permissions }: DeviceAccess,
  kind: Kind,
): Promise<PermissionState | 'unknown'> {
  try {
    const name = kind === 'audio' ? 'microphone' : 'camera';
    return (await permissions?.query({ name }))?.state ?? 'unknown';
  } catch {
    // Firefox before 132 and older Safari do not know these names.
    return 'unknown';
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

function isDenied(error: unknown): boolean {
  return ['NotAllowedError', 'SecurityError'].includes(nameOf(error));
}

function isMissing(error: unknown): boolean {
  return ['NotFoundError', 'OverconstrainedError'].includes(nameOf(error));
}
