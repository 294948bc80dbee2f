export * from './version.ts';
export * from './close-codes.ts';
export * from './errors.ts';
export * from './limits.ts';
export * from './fields.ts';
export * from './client-messages.ts';
export * from './server-messages.ts';
export * from './parse.ts';
