/** JSON from anywhere, looked at before it is parsed: a few megabytes of brackets would become hundreds of megabytes of objects. */
import { printable } from './show.ts';

export const JSON_LIMITS = {
  /** Values of any kind. */
  values: 400_000,
  depth: 32,
} as const;

/** What the text is, for a message: `got …`. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

/**
 * Parses a JSON text with at most `JSON_LIMITS.values` values that nest at most `JSON_LIMITS.depth` deep, in time and
 * memory linear in its length. @throws JsonError
 */
export function parseJson(text: string): unknown {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfText(text, at);
    } else if (code === 0x5b || code === 0x7b) {
      values++;
      if (++depth > JSON_LIMITS.depth)
        throw new JsonError(`values nested deeper than ${JSON_LIMITS.depth}`);
    } else if (code === 0x5d || code === 0x7d) depth--;
    else if (code === 0x2c && ++values > JSON_LIMITS.values)
      throw new JsonError(`more than ${JSON_LIMITS.values} values`);
  }
  if (values > JSON_LIMITS.values) throw new JsonError(`more than ${JSON_LIMITS.values} values`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new JsonError(
      `text that is not (${printable(error instanceof Error ? error.message : String(error), 100)})`,
    );
  }
}

/** Where the text literal that begins at `at` ends, or the end of the whole. */
function endOfText(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    // Ends after the slashes before this place at the latest, with no character left of the text.
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
