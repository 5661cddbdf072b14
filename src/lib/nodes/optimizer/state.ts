import type { Value } from '../../runtime/ir/types.ts';

/** Names the arrays of an optimizer's state: a plan carries them as one flat list. */
export interface StateLayout<Name extends string> {
  pack(parts: Readonly<Record<Name, readonly Value[]>>): Value[];
  unpack(state: readonly Value[]): Record<Name, readonly Value[]>;
}

/** `sizes` says how many arrays each part has, in the order of the list. */
export function stateLayout<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
): StateLayout<Name> {
  const names = Object.keys(sizes) as Name[];
  return {
    pack: (parts) =>
      names.flatMap((name) => {
        if (parts[name].length !== sizes[name]) {
          throw new Error(
            `internal: state part '${name}': expected ${sizes[name]} arrays, got ${parts[name].length}.`,
          );
        }
        return parts[name];
      }),
    unpack(state) {
      let start = 0;
      const entries = names.map((name) => [name, state.slice(start, (start += sizes[name]))]);
      return Object.fromEntries(entries) as Record<Name, readonly Value[]>;
    },
  };
}
