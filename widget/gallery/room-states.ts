import type { ProblemCode } from '../session/terms.ts';
import type { InvitedView, ParticipantView, RoomView } from '../room/view.ts';
import { drawnStream } from './picture.ts';

const NAMES = Array.from('乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥');
const person = (index: number) => ({
  name: `user-${index + 2}`,
  displayName: `测试${NAMES[index] ?? index}`,
  avatar: '',
});
const self = { name: 'user-1', displayName: '测试甲', avatar: '' };
const group = { id: 'group-1', name: '测试群', avatar: '' };

const camera = (hue: number) => drawnStream({ width: 640, height: 480, hue, kind: 'person' });
const wide = (hue: number) => drawnStream({ width: 960, height: 540, hue, kind: 'person' });
const upright = (hue: number) => drawnStream({ width: 480, height: 854, hue, kind: 'person' });
const desktop = () => drawnStream({ width: 1280, height: 800, hue: 0, kind: 'screen' });
const CAMERAS = [wide, camera, camera, upright];

const own = (): ParticipantView => ({
  person: self,
  isSelf: true,
  stream: camera(30),
  flags: { audio: true, video: true, screen: false },
  level: 0,
  isConnecting: false,
});

/** The others; every third has the camera off, every fourth the microphone. */
const other = (index: number): ParticipantView => ({
  person: person(index),
  isSelf: false,
  stream: (CAMERAS[index % CAMERAS.length] ?? camera)(index * 47 + 205),
  flags: { audio: index % 4 !== 1, video: index % 3 !== 2, screen: false },
  level: index === 0 ? 0.3 : 0,
  isConnecting: false,
});

const invited = (...states: InvitedView['state'][]): InvitedView[] =>
  states.map((state, index) => ({ person: person(NAMES.length - 1 - index), state }));

type Room = Extract<RoomView, { phase: 'room' }>;

/** On the way into a room. */
const entering = (): Room => ({
  phase: 'room',
  running: [],
  group,
  media: 'video',
  status: 'connecting',
  participants: [{ ...own(), isConnecting: true }],
  invited: [],
  invitedCount: 0,
  microphone: 'on',
  camera: 'on',
  sharing: false,
  soundBlocked: false,
  canModerate: false,
});

const room = (count: number, more: Partial<Room> = {}): Room => ({
  ...entering(),
  status: 'joined',
  startedAt: Date.now() - 725_000,
  participants: [own(), ...Array.from({ length: count - 1 }, (_, index) => other(index))],
  quality: 3,
  invitedCount: more.invited?.length ?? 0,
  ...more,
});

const change = (view: Room, index: number, more: Partial<ParticipantView>): Room => ({
  ...view,
  participants: view.participants.map((one, at) => (at === index ? { ...one, ...more } : one)),
});

const running = [
  { group, participants: [person(0), person(1), person(2)], count: 3, media: 'video' as const },
];
const problem = (code: ProblemCode) => (): RoomView => ({
  phase: 'problem',
  running: [],
  group,
  media: 'video',
  problem: code,
});

/** Every state of group calls that the interface can show, by the name used in the address. */
export const roomStates: Readonly<Record<string, () => RoomView>> = {
  'group-incoming': () => ({
    phase: 'incoming',
    running: [],
    group,
    media: 'video',
    caller: self,
    participants: [self, person(1), person(2)],
    count: 3,
    memberCount: 8,
  }),
  'group-missed': () => ({
    phase: 'ended',
    running: [],
    group,
    media: 'video',
    reason: 'cancelled',
    duration: 0,
  }),
  banner: () => ({ phase: 'idle', running }),
  'banner-long': () => ({
    phase: 'idle',
    running: running.map((call) => ({
      ...call,
      media: 'audio',
      group: { ...group, name: '<b>二〇二六年第四季度产品方案评审与排期讨论群</b>' },
    })),
  }),
  'room-connecting': entering,
  'room-1': () => room(1),
  'room-ringing': () =>
    room(1, { invited: invited('ringing', 'ringing', 'declined', 'busy', 'no-answer', 'offline') }),
  'room-2': () => room(2),
  'room-4': () => room(4, { invited: invited('ringing', 'declined') }),
  'room-9': () =>
    change(room(9), 4, { isConnecting: true, flags: { audio: true, video: false, screen: false } }),
  'room-16': () => room(16),
  'room-20': () => room(20),
  'room-share': () =>
    change(room(6, { canModerate: true }), 2, {
      stream: desktop(),
      flags: { audio: true, video: true, screen: true },
    }),
  'room-sharing': () =>
    change(room(3, { sharing: true }), 0, {
      stream: desktop(),
      flags: { audio: true, video: true, screen: true },
    }),
  'room-audio': () => {
    const view = room(4, { media: 'audio', camera: 'off' });
    const participants = view.participants.map((one) => ({
      ...one,
      flags: { ...one.flags, video: false },
    }));
    return { ...view, participants };
  },
  'room-moderated': () =>
    change(room(4, { microphone: 'off', mutedBy: person(0) }), 0, {
      flags: { audio: false, video: true, screen: false },
    }),
  'room-moderator': () =>
    room(5, { canModerate: true, invited: invited('ringing', 'declined', 'no-answer', 'left') }),
  'room-reconnecting': () => room(4, { status: 'reconnecting', quality: 0 }),
  'room-sound-blocked': () => room(3, { soundBlocked: true }),
  'room-no-device': () => room(2, { camera: 'missing', microphone: 'denied' }),
  'room-ended': () => ({
    phase: 'ended',
    running: [],
    group,
    media: 'video',
    reason: 'ended',
    duration: 725_000,
  }),
  'room-left': () => ({
    phase: 'ended',
    running,
    group,
    media: 'video',
    reason: 'hangup',
    duration: 725_000,
  }),
  'room-lost': () => ({
    phase: 'ended',
    running,
    group,
    media: 'video',
    reason: 'peer-lost',
    duration: 725_000,
  }),
  'room-media-unavailable': problem('media-unavailable'),
};
