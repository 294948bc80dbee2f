import type { MediaFlags, Person } from '../../protocol/index.ts';
import { ownView, type MediaShown } from '../session/own-view.ts';
import type { InRoom, RoomState } from './state.ts';
import type { InvitedView, LiveRoomView, ParticipantView, RoomView, RunningCall } from './view.ts';

/** What the state machine does not know: streams and what was measured. */
export interface RoomShown {
  readonly media?: MediaShown | undefined;
  /** How loud each is, oneself included, by name. */
  readonly levels: ReadonlyMap<string, number>;
}

const SILENT: MediaFlags = { audio: false, video: false, screen: false };
const NOBODY: Person = { name: '', displayName: '', avatar: '' };

/**
 * What the interface shows in a state.
 * @param before what it showed last: participants that did not change stay the same objects
 */
export function roomViewOf(state: RoomState, media: RoomShown, before?: RoomView): RoomView {
  const { current } = state;
  const running = runningOf(state);
  switch (current.phase) {
    case 'idle':
      return { phase: 'idle', running };
    case 'incoming': {
      const { group, media, caller, memberCount } = current;
      const call = state.running.find(({ callId }) => callId === current.callId);
      const participants = call?.participants ?? [];
      const count = call?.participantCount ?? participants.length;
      return { phase: 'incoming', running, group, media, caller, memberCount, participants, count };
    }
    case 'room': {
      const shown = before?.phase === 'room' ? before.participants : [];
      return { ...inRoom(state, current, media, shown), running };
    }
    case 'ended':
      return { ...current, running };
    case 'problem': {
      const { info, ...problem } = current;
      return { ...problem, running, group: info.group, media: info.media };
    }
    default:
      return current satisfies never;
  }
}

/** The calls that can be joined: not the one that rings here or is on the screen, nor one joined elsewhere. */
function runningOf({ running, current, removedFrom, self }: RoomState): readonly RunningCall[] {
  const shown = current.phase === 'incoming' || current.phase === 'room' ? current.group.id : undefined;
  // The server's word that one is out comes later than the click.
  const left = current.phase === 'ended' && current.reason === 'hangup' ? current.callId : undefined;
  const isOther = ({ name }: Person) => name !== self?.name;
  return running
    .filter(({ groupId, callId }) => groupId !== shown && !removedFrom.includes(callId))
    .filter(({ callId, participants }) =>
      callId === left ? participants.some(isOther) : participants.every(isOther),
    )
    .map(({ groupId, groupName, participants, participantCount, media }) => {
      const others = participants.filter(isOther);
      const count = (participantCount ?? participants.length) - (participants.length - others.length);
      return { group: { id: groupId, name: groupName, avatar: '' }, participants: others, count, media };
    });
}

function inRoom(
  state: RoomState,
  room: InRoom,
  { media: own, levels }: RoomShown,
  shown: readonly ParticipantView[],
): LiveRoomView {
  const { group, media, startedAt, canModerate, mutedBy } = room;
  const invited = absentOf(state, room);
  return {
    phase: 'room',
    group,
    media,
    status: statusOf(state, room),
    ...(startedAt !== undefined && { startedAt }),
    participants: participantsOf(state, room, { media: own, levels }, shown),
    invited,
    invitedCount: absentCount(room, invited),
    canModerate,
    ...ownView(own),
    ...(mutedBy && { mutedBy }),
  };
}

/** Who was asked, or was there, and is not in the room. */
function absentOf({ self }: RoomState, { invited, left, others }: InRoom): readonly InvitedView[] {
  const present = new Set([self, ...others].map((person) => person?.name));
  const told = new Set(invited.map(({ person }) => person.name));
  const untold = left.filter(({ name }) => !told.has(name));
  return [...invited, ...untold.map((person): InvitedView => ({ person, state: 'left' }))].filter(
    ({ person }) => !present.has(person.name),
  );
}

/** The server names some of many, and counts all. */
function absentCount({ counts }: InRoom, invited: readonly InvitedView[]): number {
  if (!counts) return invited.length;
  const told = counts.ringing + counts.declined + counts.busy + counts['no-answer'] + counts.offline;
  return told + invited.filter(({ state }) => state === 'left').length;
}

function statusOf({ online, self }: RoomState, room: InRoom): 'connecting' | 'joined' | 'reconnecting' {
  if (room.startedAt === undefined) return 'connecting';
  const own = self && room.connections.get(self.name);
  return online && room.stage === 'in' && (own?.failures ?? 0) === 0 ? 'joined' : 'reconnecting';
}

function participantsOf(
  { self = NOBODY }: RoomState,
  room: InRoom,
  { media, levels }: RoomShown,
  shown: readonly ParticipantView[],
): readonly ParticipantView[] {
  const about = (person: Person) => ({
    person: { name: person.name, displayName: person.displayName, avatar: person.avatar },
    level: levels.get(person.name) ?? 0,
    isConnecting: room.connections.get(person.name)?.connected !== true,
  });
  const own = {
    ...about(self),
    isSelf: true,
    flags: media?.local.flags ?? SILENT,
    ...streamIn(media?.local.preview),
  };
  const others = room.others.map(({ audio, video, screen, ...person }) => ({
    ...about(person),
    isSelf: false,
    flags: { audio, video, screen },
    ...streamIn(media?.streams.get(person.name)),
  }));
  return keepSame(shown, [own, ...others]);
}

const streamIn = (stream: MediaStream | undefined) => (stream ? { stream } : {});

/** Old objects in place of new ones that say the same, so that only what changed is drawn again. */
function keepSame(
  before: readonly ParticipantView[],
  after: readonly ParticipantView[],
): readonly ParticipantView[] {
  const known = new Map(before.map((each) => [each.person.name, each]));
  const merged = after.map((each) => {
    const old = known.get(each.person.name);
    return old && isSame(old, each) ? old : each;
  });
  const unchanged = merged.length === before.length && merged.every((each, index) => each === before[index]);
  return unchanged ? before : merged;
}

/** All that is said of a participant, none of it nested; a stream is the same one, or another. */
function factsOf({ person, flags, ...rest }: ParticipantView): Readonly<Record<string, unknown>> {
  return { ...person, ...flags, ...rest };
}

function isSame(one: ParticipantView, other: ParticipantView): boolean {
  const [before, after] = [factsOf(one), factsOf(other)];
  return Object.keys({ ...before, ...after }).every((fact) => before[fact] === after[fact]);
}
