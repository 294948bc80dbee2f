export { GroupStore, type GroupStoreEvents, type GroupStoreOptions } from './group-store.ts';
export * from './errors.ts';
export { BadCursorError, DatabaseUrlError, StoreUnavailableError } from '../store/errors.ts';
export type * from '../store/model.ts';
export type { Membership } from '../store/member-rows.ts';
export { check, GroupFields, parseJson, readImport, UserFields } from './import-json.ts';
export { isLayimAnswer, readLayimInit, readLayimMembers, readPulledMembers } from './import-layim.ts';
export { isStorableId } from '../store/storable.ts';
export { MembersSource, type Freshness, type MembersSourceOptions } from './members-source.ts';
