/**
 * Foreign values in messages: on one line, short whatever the value is, and with nothing in them that hides or turns the
 * text around them.
 */

/** Characters of a foreign value in a message. */
export const SHOWN = 40;
/** Characters of a whole message. */
export const MESSAGE = 300;

const INVISIBLE =
  /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u180b-\u180f]|\p{M}{3,}/gu;

/** Text as it may stand in a message; what is invisible or changes the direction is written as `\u{…}`. */
export function printable(text: string, length = SHOWN): string {
  // Looking at a little more than is shown suffices, however long the text is.
  const shown = text
    .slice(0, length + 1)
    .replace(/\s/g, ' ')
    .replace(INVISIBLE, (run) =>
      Array.from(run, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`).join(''),
    );
  return shown.length > length ? `${whole(shown.slice(0, length - 1))}…` : shown;
}

/** A value as it may stand in a message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${printable(value, SHOWN - 2)}'`;
  if (value === undefined) return 'nothing';
  return printable(preview(value, 2));
}

/** A message that was put together from several parts, not longer than messages are. */
export function message(text: string): string {
  return text.length > MESSAGE ? `${whole(text.slice(0, MESSAGE - 1))}…` : text;
}

/** The beginning of the JSON of a value, as far as it can be seen: nothing deep or long is visited. */
function preview(value: unknown, depth: number): string {
  if (typeof value === 'string') return `"${value.slice(0, SHOWN)}"`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    if (depth === 0) return '[…]';
    const items = value.slice(0, 8).map((item) => preview(item, depth - 1));
    return `[${items.join(',')}${value.length > 8 ? ',…' : ''}]`;
  }
  if (depth === 0) return '{…}';
  const parts: string[] = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (parts.length === 4) {
      parts.push('…');
      break;
    }
    const item: unknown = Reflect.get(value, key);
    parts.push(`"${key.slice(0, SHOWN)}":${preview(item, depth - 1)}`);
  }
  return `{${parts.join(',')}}`;
}

/** Without the first half of a character at its end. */
function whole(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}
