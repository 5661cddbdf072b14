import { getContext, setContext } from 'svelte';
import type { Session } from './session.svelte.ts';

const KEY = Symbol('session');

export function setSession(session: Session): Session {
  return setContext(KEY, session);
}

/** The open experiment; only below an `Editor`. */
export function getSession(): Session {
  return getContext<Session>(KEY);
}
