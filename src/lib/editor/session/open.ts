/** What the lab's address asks for: a new graph, an experiment of the library, a template, or one that came in a link. */
import { ArchiveError } from '../../experiments/archive.ts';
import { readLink } from '../../experiments/decode.ts';
import { StorageError } from '../../experiments/errors.ts';
import { isLink, LinkError, type LinkedTable } from '../../experiments/link.ts';
import type { Library } from '../../experiments/library.ts';
import type { EditSession } from '../../experiments/session.ts';
import { templates } from '../../gallery/index.ts';
import { registry } from '../../nodes/index.ts';
import type { Fingerprint, GraphDocument } from '../../runtime/graph/document.ts';
import { DocumentError, emptyDocument } from '../../runtime/graph/schema.ts';
import { show } from '../../runtime/graph/show.ts';
import type { Checkpoint } from '../../runtime/run/protocol.ts';

/** What the canvas draws while the page stays responsive; a document may be larger, for the headless runner. */
export const DRAWN_LIMITS = { nodes: 500, edges: 2_000 } as const;

export interface Opened {
  readonly document: GraphDocument;
  readonly held: EditSession | null;
  readonly checkpoints: readonly Checkpoint[];
  /** The sender's numbers of a link. */
  readonly sent: Fingerprint | null;
  /** Tables that came along and are not in the library. */
  readonly tables: ReadonlyMap<string, LinkedTable>;
  /** How it came: `link` says so in a banner. */
  readonly origin: 'new' | 'library' | 'link';
  /** The page ended twice while it was opened: it is shown without being evaluated. @default false */
  readonly safe?: boolean;
}

/** Why nothing could be opened, for a page that offers an empty graph. */
export class OpenError extends Error {
  override readonly name = 'OpenError';
  readonly heading: string;
  /** What was read and cannot be shown; it can still be downloaded. */
  readonly opened: Opened | undefined;
  constructor(heading: string, message: string, options?: ErrorOptions & { opened?: Opened }) {
    super(message, options);
    this.heading = heading;
    this.opened = options?.opened;
  }
}

const NOTHING = { held: null, checkpoints: [], sent: null, tables: new Map() } as const;

export interface Address {
  readonly hash: string;
  /** Of an experiment in the library. */
  readonly id: string | null;
  /** Of a template. */
  readonly template: string | null;
}

/** @throws OpenError */
export async function open(
  address: Address,
  library: Library,
  signal?: AbortSignal,
): Promise<Opened> {
  const opened = await find(address, library, signal);
  const { nodes, edges } = opened.document;
  if (nodes.length <= DRAWN_LIMITS.nodes && edges.length <= DRAWN_LIMITS.edges) return opened;
  await opened.held?.close();
  throw new OpenError(
    'This graph is too large to draw',
    `graph: expected at most ${DRAWN_LIMITS.nodes} nodes and ${DRAWN_LIMITS.edges} wires, got ${nodes.length} nodes and ${edges.length} wires. Download it, and run it with npm run experiment or split it.`,
    { opened },
  );
}

async function find(address: Address, library: Library, signal?: AbortSignal): Promise<Opened> {
  try {
    if (isLink(address.hash)) {
      const { document, tables, fingerprint } = await readLink(address.hash, { signal });
      return { ...NOTHING, document, tables, sent: fingerprint, origin: 'link' };
    }
    if (address.id !== null) {
      const held = await library.open(address.id, registry);
      const checkpoints = await library.loadCheckpoints(address.id);
      const { document } = held.experiment;
      return { ...NOTHING, document, held, checkpoints, origin: 'library' };
    }
    if (address.template !== null) {
      const template = templates.find(({ id }) => id === address.template);
      if (!template)
        throw new OpenError(
          'There is no such template',
          `template: expected one of ${templates.map(({ id }) => id).join(', ')}, got ${show(address.template)}. Choose one in the gallery.`,
        );
      return { ...NOTHING, document: template.document, origin: 'new' };
    }
  } catch (error) {
    throw explain(error);
  }
  return { ...NOTHING, document: emptyDocument('Untitled experiment'), origin: 'new' };
}

function explain(error: unknown): OpenError {
  if (error instanceof OpenError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const heading =
    error instanceof LinkError
      ? 'This link cannot be opened'
      : error instanceof StorageError
        ? 'This experiment cannot be opened'
        : error instanceof DocumentError || error instanceof ArchiveError
          ? 'This is not a graph that can be opened'
          : 'Something went wrong while opening';
  return new OpenError(heading, message, { cause: error });
}
