import type { Parties } from '../call/state.ts';
import type { CallView } from '../call/view.ts';
import type { ProblemCode } from '../session/terms.ts';
import { drawnStream } from './picture.ts';

const peer = { name: 'user-2', displayName: '测试乙', avatar: '' };
const parties = { callId: 'call-1', direction: 'out', peer, media: 'video' } as const;
const talkingFor = (milliseconds: number) => Date.now() - milliseconds;

const camera = () => drawnStream({ width: 640, height: 480, hue: 140, kind: 'person' });
const face = () => drawnStream({ width: 1280, height: 720, hue: 205, kind: 'person' });
const phoneFace = () => drawnStream({ width: 480, height: 854, hue: 30, kind: 'person' });
const desktop = () => drawnStream({ width: 1280, height: 800, hue: 0, kind: 'screen' });

const outgoing = () =>
  ({
    ...parties,
    phase: 'outgoing',
    status: 'connecting',
    microphone: 'on',
    camera: 'on',
    sharing: false,
    remote: { audio: true, video: true, screen: false },
    soundBlocked: false,
    localStream: camera(),
  }) as const;

const active = () =>
  ({
    ...outgoing(),
    phase: 'active',
    status: 'talking',
    startedAt: talkingFor(201_000),
    remoteStream: face(),
    quality: 3,
  }) as const;

const problem =
  (code: ProblemCode, more: Partial<Parties> = {}) =>
  (): CallView => ({ ...parties, ...more, phase: 'problem', problem: code });

/** Every state that the interface can show, by the name used in the gallery's address. */
export const states: Readonly<Record<string, () => CallView>> = {
  incoming: () => ({ ...parties, phase: 'incoming', direction: 'in' }),
  'incoming-audio': () => ({ ...parties, phase: 'incoming', direction: 'in', media: 'audio' }),
  'incoming-long': () => ({
    ...parties,
    phase: 'incoming',
    direction: 'in',
    peer: {
      name: '<img src=x onerror=alert(1)>',
      displayName: '<img src=x onerror=alert(1)> Ölçücü',
      avatar: 'javascript:alert(1)',
    },
  }),
  missed: () => ({
    ...parties,
    phase: 'ended',
    direction: 'in',
    reason: 'cancelled',
    duration: 0,
    canCallAgain: true,
  }),
  connecting: () => ({ ...outgoing(), camera: 'opening' }),
  ringing: () => ({ ...outgoing(), status: 'ringing' }),
  'ringing-audio': () => ({ ...outgoing(), status: 'ringing', media: 'audio', camera: 'off' }),
  accepted: () => ({ ...outgoing(), phase: 'active', status: 'accepted' }),
  talking: active,
  'talking-portrait': () => ({ ...active(), remoteStream: phoneFace() }),
  'talking-camera-off': () => ({
    ...active(),
    camera: 'off',
    microphone: 'off',
    quality: 1,
    remote: { audio: false, video: false, screen: false },
  }),
  'talking-audio': () => ({
    ...active(),
    media: 'audio',
    camera: 'off',
    remote: { audio: true, video: false, screen: false },
  }),
  'talking-no-device': () => ({ ...active(), camera: 'missing', microphone: 'denied', quality: 2 }),
  'remote-screen': () => ({
    ...active(),
    remoteStream: desktop(),
    remote: { audio: true, video: true, screen: true },
  }),
  sharing: () => ({ ...active(), sharing: true, localStream: desktop() }),
  reconnecting: () => ({ ...active(), status: 'reconnecting', quality: 0 }),
  'sound-blocked': () => ({ ...active(), soundBlocked: true }),
  declined: () => ({
    ...parties,
    phase: 'ended',
    reason: 'declined',
    duration: 0,
    canCallAgain: true,
  }),
  ended: () => ({
    ...parties,
    phase: 'ended',
    reason: 'hangup',
    duration: 201_000,
    canCallAgain: false,
  }),
  'permission-denied': problem('permission-denied'),
  'permission-denied-audio': problem('permission-denied', { media: 'audio' }),
  'permission-denied-called': problem('permission-denied', { direction: 'in' }),
  certificate: () => ({
    ...parties,
    phase: 'problem',
    problem: 'certificate',
    detail: 'https://example.test:8443 is down or its certificate is not trusted.',
  }),
  'insecure-page': problem('insecure-page'),
  'server-unreachable': problem('server-unreachable'),
  'not-registered': problem('not-registered'),
  'token-expired': problem('token-expired'),
  'media-unavailable': problem('media-unavailable'),
  'media-failed': problem('media-failed'),
  'unsupported-browser': problem('unsupported-browser'),
  'group-unavailable': problem('group-unavailable'),
  failed: problem('failed'),
};
