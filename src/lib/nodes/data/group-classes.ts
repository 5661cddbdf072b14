import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';

const WHERE = 'Group classes';

interface Group {
  readonly name: string;
  readonly members: readonly string[];
}

/** Classes put together to fewer: y ∈ {1, …, K} → g(y) ∈ {1, …, G}. Features as they are. */
export default defineNode({
  type: 'data/group-classes',
  version: 1,
  family: 'data',
  title: WHERE,
  summary: 'Puts classes together to fewer, such as digits to even and odd.',
  formula: String.raw`g : \{1,\dots,K\} \to \{1,\dots,G\},\qquad y_i \mapsto g(y_i)`,
  description: [
    'Groups stand between semicolons, each with a name, a colon and its classes between commas, as in "even: 0, 2, 4; odd: 1, 3, 5". Every class of the data stands in one group.',
    'Classes that a line tells from each other may be mixed by grouping so that none tells the groups apart: a way to make a problem that needs a hidden layer.',
  ],
  keywords: ['merge', 'relabel', 'one versus rest', 'binary', 'parity', 'classes'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., §4.2' },
  ],
  params: {
    groups: {
      kind: 'text',
      label: 'Groups',
      help: 'For example even: 0, 2, 4; odd: 1, 3, 5.',
      default: '',
      maxLength: 10_000,
    },
  },
  inputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, input }) {
    const data = input('dataset', 'dataset');
    const { targets } = data;
    if (targets.kind !== 'labels') {
      throw new NodeError(
        'targets',
        `${WHERE} (dataset): expected data with classes, got ${targets.kind === 'none' ? 'no target' : 'target values'} in "${data.name}". Choose "classes" as the target of the table.`,
        'dataset',
      );
    }
    if (params.groups.trim() === '') {
      throw new NodeError(
        'waiting',
        `Write the groups of the classes ${targets.classes.slice(0, 6).join(', ')}${targets.classes.length > 6 ? ', …' : ''}, for example ${targets.classes[0]} and others: “first: ${targets.classes[0]}; rest: …”.`,
        'groups',
      );
    }
    const groups = parse(params.groups);
    const places = targets.classes.map((name) => placeOf(name, groups));
    const known = new Set(targets.classes);
    const stranger = groups.flatMap(({ members }) => members).find((name) => !known.has(name));
    if (stranger !== undefined) {
      throw new NodeError(
        'groups',
        `${WHERE} (groups): expected the classes ${targets.classes.slice(0, 12).join(', ')}, got "${stranger}". Take it out, or write it as in the data.`,
        'groups',
      );
    }
    const dataset: DatasetValue = {
      ...data,
      targets: {
        ...targets,
        labels: hostInt(Int32Array.from(targets.labels.data, (label) => places[label])),
        classes: groups.map(({ name }) => name),
      },
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [{ groups: 'low: c0; high: c1' }, { groups: 'c1; c0' }],
    invalid: [
      { params: { groups: '' }, message: /Write the groups of the classes c0, c1/ },
      {
        params: { groups: 'low: c0; high: c2' },
        message: /each class in one group, got "c1" in none/,
      },
      {
        params: { groups: 'low: c0; high: c1, c9' },
        message: /expected the classes c0, c1, got "c9"/,
      },
      {
        params: { groups: 'all: c0, c1' },
        message: /at least two groups of different names, got 1/,
      },
    ],
  },
});

function parse(text: string): Group[] {
  const groups = text
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const colon = part.indexOf(':');
      const members = part
        .slice(colon + 1)
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
      const name = colon < 0 ? members.join(', ') : part.slice(0, colon).trim();
      return { name, members };
    });
  const repeated = groups.find(({ name }, i) => groups.findIndex((g) => g.name === name) !== i);
  if (groups.length < 2 || repeated !== undefined) {
    throw new NodeError(
      'groups',
      `${WHERE} (groups): expected at least two groups of different names, got ${repeated === undefined ? groups.length : `"${repeated.name}" twice`}. Separate groups by semicolons.`,
      'groups',
    );
  }
  return groups;
}

function placeOf(name: string, groups: readonly Group[]): number {
  const places = groups.flatMap(({ members }, g) => (members.includes(name) ? [g] : []));
  if (places.length === 1) return places[0];
  throw new NodeError(
    'groups',
    `${WHERE} (groups): expected each class in one group, got "${name}" in ${places.length === 0 ? 'none' : places.length}. ${places.length === 0 ? 'Add it to one' : 'Take it out of all but one'}.`,
    'groups',
  );
}
