/** Finding node types: by title, keywords and summary, tolerating a typo; grouped by family when nothing is sought. */
import Fuse from 'fuse.js';
import { FAMILIES, type Family, type NodeDefinition } from '../../runtime/graph/node-definition.ts';

export interface Group {
  readonly family: Family;
  readonly definitions: readonly NodeDefinition[];
}

/** Families in the order in which an experiment is wired; within one, the order of the registry. */
export function groups(definitions: readonly NodeDefinition[]): readonly Group[] {
  return FAMILIES.map((family) => ({
    family,
    definitions: definitions.filter((definition) => definition.family === family),
  })).filter((group) => group.definitions.length > 0);
}

export type Search = (query: string) => readonly NodeDefinition[];

export function createSearch(definitions: readonly NodeDefinition[]): Search {
  const fuse = new Fuse(definitions, {
    keys: [
      { name: 'title', weight: 4 },
      { name: 'keywords', weight: 2 },
      { name: 'type', weight: 1 },
    ],
    threshold: 0.35,
    ignoreLocation: true,
  });
  return (query) => {
    const sought = query.trim();
    if (sought === '') return definitions;
    // A title that begins with the query comes first, whatever the fuzzy score says.
    const starts = (definition: NodeDefinition) =>
      definition.title.toLowerCase().startsWith(sought.toLowerCase()) ? 0 : 1;
    const named = fuse.search(sought).map((match) => match.item);
    // A summary is searched for the very words: fuzzily, a sentence is close to everything.
    const described = definitions.filter(
      (definition) =>
        definition.summary.toLowerCase().includes(sought.toLowerCase()) &&
        !named.includes(definition),
    );
    return [...named, ...described].sort((a, b) => starts(a) - starts(b));
  };
}
