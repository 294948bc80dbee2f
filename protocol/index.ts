export * from './errors.ts';
export * from './fields.ts';
export * from './client-messages.ts';
export * from './server-messages.ts';
export * from './parse.ts';

/** Version of the wire protocol, sent in `registerResponse`. */
export const PROTOCOL_VERSION = 1;
