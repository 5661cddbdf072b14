/**
 * Decodes unknown input into a graph document: parse → migrate → validate. What cannot be a document throws
 * `DocumentError` with the path; what is a document with flaws (unknown types, refused parameters, wires that do not
 * fit) is kept whole and comes with a list of problems.
 */
import * as v from 'valibot';
import { DOCUMENT_FORMAT, DOCUMENT_VERSION } from './document.ts';
import type { GraphDocument, GraphNode, ParamValue } from './document.ts';
import { JsonError, parseJson } from './json.ts';
import type { NodeRegistry } from './node-definition.ts';
import { BUILTIN_TABLE_NAME, TABLE_HASH, validateParams } from './params.ts';
import type { DocumentProblem, ProblemCode } from './problem.ts';
import { message, printable, show } from './show.ts';
import { wireProblems } from './wires.ts';

export const LIMITS = {
  nodes: 2_000,
  edges: 10_000,
  title: 200,
  notes: 100_000,
  label: 100,
  paramsPerNode: 100,
  paramText: 10_000,
  paramList: 10_000,
  position: 1e6,
  /** Values of any kind in the whole document, characters of all its texts, and how deep they nest. */
  values: 200_000,
  characters: 2_000_000,
  /** Combining marks in a row: what is drawn on one letter. A browser takes seconds for thousands. */
  marks: 32,
  depth: 12,
} as const;

/** The input is not a graph document; the message begins with the path. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

function refusal(path: string, expected: string, got: string, remedy: string): DocumentError {
  const shown = printable(path, 80);
  return new DocumentError(
    shown,
    message(`document${shown && `.${shown}`}: expected ${expected}, got ${got}. ${remedy}`),
  );
}

export type { DocumentProblem, ProblemCode } from './problem.ts';

export interface Decoded {
  readonly document: GraphDocument;
  readonly problems: readonly DocumentProblem[];
}

/** Ids and names become keys of plain objects, so names that every object has are refused. */
function isSafeName(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text) && !(text in Object.prototype);
}

const Name = v.pipe(
  v.string('text'),
  v.check(isSafeName, 'a name of 1 to 64 letters, digits, _ or -'),
);
const Finite = v.pipe(v.number('a number'), v.finite('a finite number'));
const Coordinate = v.pipe(
  Finite,
  v.check((x) => Math.abs(x) <= LIMITS.position, `a number in ±${LIMITS.position}`),
);
const text = (maxLength: number) =>
  v.pipe(v.string('text'), v.maxLength(maxLength, `text of at most ${maxLength} characters`));
const Version = v.pipe(
  v.number('an integer ≥ 1'),
  v.check((n) => Number.isSafeInteger(n) && n >= 1 && n < 1e6, 'an integer ≥ 1'),
);

const TableRefSchema = v.variant(
  'source',
  [
    v.strictObject({
      source: v.literal('builtin'),
      name: v.pipe(v.string('text'), v.regex(BUILTIN_TABLE_NAME, 'the name of a shipped table')),
    }),
    v.strictObject({
      source: v.literal('stored'),
      hash: v.pipe(v.string('text'), v.regex(TABLE_HASH, 'a SHA-256 in hexadecimal')),
      name: text(200),
    }),
  ],
  'a table from a known source',
);
const ParamSchema = v.union(
  [
    Finite,
    text(LIMITS.paramText),
    v.boolean(),
    v.pipe(v.array(Finite), v.maxLength(LIMITS.paramList)),
    TableRefSchema,
  ],
  'a finite number, a short text, true or false, a list of numbers or a table',
);
const NodeSchema = v.strictObject({
  id: Name,
  type: v.pipe(
    v.string('text'),
    v.regex(/^[A-Za-z0-9-]{1,48}\/[A-Za-z0-9-]{1,48}$/, 'a type such as model/mlp'),
  ),
  version: Version,
  params: v.pipe(
    v.record(Name, ParamSchema, 'an object of parameters'),
    v.check(
      (params) => Object.keys(params).length <= LIMITS.paramsPerNode,
      `at most ${LIMITS.paramsPerNode} parameters`,
    ),
  ),
  position: v.strictObject({ x: Coordinate, y: Coordinate }, 'a position'),
  label: v.optional(text(LIMITS.label)),
});
const End = v.strictTuple([Name, Name], 'a pair of node and port');
const EdgeSchema = v.strictObject({ from: End, to: End });
const DocumentSchema = v.strictObject(
  {
    format: v.literal(DOCUMENT_FORMAT, `'${DOCUMENT_FORMAT}'`),
    version: v.literal(DOCUMENT_VERSION, `version ${DOCUMENT_VERSION}`),
    title: text(LIMITS.title),
    notes: text(LIMITS.notes),
    seed: v.pipe(
      v.number('an integer in [0, 2^31)'),
      v.check((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 31, 'an integer in [0, 2^31)'),
    ),
    device: v.picklist(['auto', 'cpu64', 'wasm', 'webgpu'], 'auto, cpu64, wasm or webgpu'),
    nodes: v.pipe(
      v.array(NodeSchema, 'a list of nodes'),
      v.maxLength(LIMITS.nodes, `at most ${LIMITS.nodes} nodes`),
    ),
    edges: v.pipe(
      v.array(EdgeSchema, 'a list of wires'),
      v.maxLength(LIMITS.edges, `at most ${LIMITS.edges} wires`),
    ),
  },
  'a graph document',
);

/** `DOCUMENT_MIGRATIONS[v]` maps a document of version v to one of v + 1. */
export const DOCUMENT_MIGRATIONS: Readonly<
  Record<number, (raw: Readonly<Record<string, unknown>>) => Record<string, unknown>>
> = {};

/** Text of a file or a link. @throws DocumentError */
export function parseDocument(json: string, registry: NodeRegistry): Decoded {
  let raw: unknown;
  try {
    raw = parseJson(json);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refusal(
      '',
      'the JSON of a graph',
      error.message,
      'The file may be truncated; export it again.',
    );
  }
  return decodeDocument(raw, registry);
}

/** @throws DocumentError when the input is not a graph document within the limits. */
export function decodeDocument(input: unknown, registry: NodeRegistry): Decoded {
  assertPlain(input);
  const result = v.safeParse(DocumentSchema, migrateDocument(input), { abortEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    throw refusal(
      v.getDotPath(issue) ?? '',
      issue.type === 'strict_object' && issue.expected === 'never'
        ? 'no such field'
        : issue.message.startsWith('Invalid')
          ? (issue.expected ?? 'an accepted value')
          : issue.message,
      show(issue.input),
      'Open an unchanged export of the experiment.',
    );
  }
  const raw: GraphDocument = result.output;
  assertConsistent(raw);
  const problems: DocumentProblem[] = [];
  const nodes = raw.nodes.map((node) => migrateNode(node, registry, problems));
  const document: GraphDocument = { ...raw, nodes };
  problems.push(...wireProblems(document, registry));
  return { document, problems };
}

/** A document without nodes. */
export function emptyDocument(title = 'Untitled'): GraphDocument {
  return {
    format: DOCUMENT_FORMAT,
    version: DOCUMENT_VERSION,
    title,
    notes: '',
    seed: 1,
    device: 'auto',
    nodes: [],
    edges: [],
  };
}

const STACK = new RegExp(`\\p{M}{${LIMITS.marks + 1}}`, 'u');

/** Only plain data, of bounded size and depth, without names that every object has. */
function assertPlain(input: unknown): void {
  let values = 0;
  let characters = 0;
  const trail: (string | number)[] = [];
  const refuse = (expected: string, got: string, remedy: string): never => {
    const keys = trail.map((key) => (typeof key === 'string' ? key.slice(0, 80) : key));
    throw refusal(keys.join('.'), expected, got, remedy);
  };
  const count = (text: string): void => {
    characters += text.length;
    if (characters > LIMITS.characters)
      refuse(`at most ${LIMITS.characters} characters in all texts`, 'more', 'Shorten them.');
    if (STACK.test(text))
      refuse(`at most ${LIMITS.marks} marks on a letter`, 'more', 'Take them out of the text.');
  };
  const visit = (value: unknown): void => {
    if (++values > LIMITS.values) {
      trail.length = 0;
      refuse(`at most ${LIMITS.values} values`, 'more', 'Split the graph.');
    }
    if (typeof value === 'string') count(value);
    if (typeof value !== 'object' || value === null) return;
    if (trail.length > LIMITS.depth)
      refuse(`depth ≤ ${LIMITS.depth}`, 'more', 'It is not a graph.');
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        trail.push(index);
        visit(value[index]);
        trail.pop();
      }
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      refuse('plain data', 'an object of a class', 'Open a JSON file.');
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      if (key in Object.prototype)
        refuse('field names that no object has', show(key), 'Rename the field.');
      count(key);
      trail.push(key);
      visit(Reflect.get(value, key));
      trail.pop();
    }
  };
  visit(input);
}

function migrateDocument(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  let raw = input as Readonly<Record<string, unknown>>;
  if (raw.format !== DOCUMENT_FORMAT || typeof raw.version !== 'number') return raw;
  if (raw.version > DOCUMENT_VERSION)
    throw refusal(
      'version',
      `at most ${DOCUMENT_VERSION}`,
      show(raw.version),
      'It was made by a newer Adjoint; reload the page to update.',
    );
  for (let version = raw.version; version < DOCUMENT_VERSION; version++) {
    const migrate = Object.hasOwn(DOCUMENT_MIGRATIONS, version) && DOCUMENT_MIGRATIONS[version];
    if (!migrate) return raw;
    raw = { ...migrate(raw), version: version + 1 };
  }
  return raw;
}

/** References between the parts: unique ids, wires between nodes that exist, no wire twice. */
function assertConsistent(document: GraphDocument): void {
  const ids = new Set<string>();
  document.nodes.forEach((node, index) => {
    if (ids.has(node.id))
      throw refusal(
        `nodes.${index}.id`,
        'an id of its own',
        `${show(node.id)} again`,
        'Rename one of the two.',
      );
    ids.add(node.id);
  });
  const wires = new Set<string>();
  document.edges.forEach((edge, index) => {
    for (const end of ['from', 'to'] as const)
      if (!ids.has(edge[end][0]))
        throw refusal(
          `edges.${index}.${end}.0`,
          'the id of a node of the document',
          show(edge[end][0]),
          'Remove the wire.',
        );
    const key = [...edge.from, ...edge.to].join(' ');
    if (wires.has(key))
      throw refusal(`edges.${index}`, 'a wire once', 'it twice', 'Remove one of them.');
    wires.add(key);
  });
}

function migrateNode(
  node: GraphNode,
  registry: NodeRegistry,
  problems: DocumentProblem[],
): GraphNode {
  const definition = registry.get(node.type);
  const report = (code: ProblemCode, text: string, param?: string) =>
    problems.push({
      code,
      nodeId: node.id,
      message: message(text),
      ...(param === undefined ? {} : { param }),
    });
  if (!definition) {
    report(
      'unknown-type',
      `${node.id}: expected a known node type, got '${node.type}'. The node is kept as it is but cannot be evaluated.`,
    );
    return node;
  }
  if (node.version > definition.version) {
    report(
      'newer-version',
      `${definition.title}: expected version ≤ ${definition.version}, got ${node.version}. It was made by a newer Adjoint; reload the page to update.`,
    );
    return node;
  }
  let params: Record<string, ParamValue> = { ...node.params };
  for (let version = node.version; version < definition.version; version++) {
    const step = definition.migrations[version];
    try {
      if (!step) throw new Error('no migration is known');
      params = { ...step.migrate(params) };
    } catch (error) {
      report(
        'migration',
        `${definition.title}: expected parameters that can be brought from version ${node.version} to ${definition.version}, got ${printable(error instanceof Error ? error.message : String(error), 80)}. Replace the node by a new one.`,
      );
      return node;
    }
  }
  for (const name of Object.keys(params)) {
    if (Object.hasOwn(definition.params, name)) continue;
    report(
      'unknown-param',
      `${definition.title}: expected a known parameter, got '${name}'. It was left out.`,
      name,
    );
    delete params[name];
  }
  for (const problem of validateParams(definition, params).problems)
    report('param', problem.message, problem.param);
  return { ...node, version: definition.version, params };
}
