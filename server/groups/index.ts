export { GroupStore, type GroupStoreEvents, type GroupStoreOptions } from './GroupStore.ts';
export * from './errors.ts';
export type * from './model.ts';
export type { Membership } from './members.ts';
export { check, GroupFields, parseJson, readImport, UserFields } from './import-json.ts';
export { isLayimAnswer, readLayimInit, readLayimMembers } from './import-layim.ts';
export { isStorableId } from './storable.ts';
export { MembersSource, type Freshness, type MembersSourceOptions } from './MembersSource.ts';
