/** Which of the series colours each thing in a view has. */

/**
 * A run keeps its colour in every view; what belongs to no run (a truth, a reference) takes the first free ones. Where one
 * run has several series, one for each class, colour tells these apart instead.
 */
export function assignColors(
  owners: readonly (string | undefined)[],
  runs: ReadonlyMap<string, number>,
): number[] {
  const known = owners.flatMap((id) => (id === undefined ? [] : [id]));
  if (new Set(known).size < known.length) return owners.map((_, i) => i);
  const used = new Set(known.flatMap((id) => runs.get(id) ?? []));
  let next = 0;
  return owners.map((id) => {
    const own = id === undefined ? undefined : runs.get(id);
    if (own !== undefined) return own;
    while (used.has(next)) next++;
    used.add(next);
    return next;
  });
}
