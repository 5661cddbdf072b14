/** The memory that a value holds, as far as it can be seen from outside: its typed arrays, each buffer once, and its lists. */
export interface Kept {
  readonly buffers: ReadonlySet<ArrayBufferLike>;
  /** Of lists of numbers and texts, at eight bytes an entry. */
  readonly bytes: number;
}

/** Walks plain objects and lists; what functions have closed over is not seen. */
export function keptBy(...values: readonly unknown[]): Kept {
  const buffers = new Set<ArrayBufferLike>();
  const seen = new Set<object>();
  const open: unknown[] = [...values];
  let bytes = 0;
  // Ends since each object is opened once.
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
    else if (value instanceof ArrayBuffer) buffers.add(value);
    else if (Array.isArray(value)) {
      bytes += 8 * value.length;
      // Lists are of one kind.
      if (typeof value[0] === 'object') for (const item of value) open.push(item);
    } else if (value instanceof Map) for (const item of value.values()) open.push(item);
    else for (const item of Object.values(value)) open.push(item);
  }
  return { buffers, bytes };
}
