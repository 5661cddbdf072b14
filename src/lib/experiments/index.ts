/** Experiments: the library, share links, archives, fingerprints. Links and archives also work in Node. */
export * from './archive.ts';
export * from './errors.ts';
export * from './fingerprint.ts';
export * from './library.ts';
export * from './link.ts';
export { openLibrary } from './open-library.ts';
export * from './records.ts';
export { EditSession, type SessionEvent } from './session.ts';
