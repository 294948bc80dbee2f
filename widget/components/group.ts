import type { Person } from '../../protocol/index.ts';
import type { Group } from '../room/view.ts';

/** A group as somebody with a face, for its avatar. */
export const faceOf = ({ id, name, avatar }: Group): Person => ({ name: id, displayName: name, avatar });
