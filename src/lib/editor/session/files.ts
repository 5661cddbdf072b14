/** The open experiment as a file and as a link. */
import { ARCHIVE_EXTENSION, encodeArchive } from '../../experiments/archive.ts';
import { encodeLink, LinkError, type LinkedTable } from '../../experiments/link.ts';
import { storedTables } from '../../experiments/records.ts';
import { download, fileName } from '../../plots/export.ts';
import type { Fingerprint, GraphDocument } from '../../runtime/graph/document.ts';
import type { Checkpoint } from '../../runtime/run/protocol.ts';
import { textOf } from '../../runtime/table/index.ts';
import type { Session } from './session.svelte.ts';

/** Everything of it: graph, results, the person's tables. */
export function exportExperiment(session: Session): Promise<void> {
  return downloadExperiment(session.document, {
    readTable: (hash) => session.readTable(hash),
    fingerprint: session.engine.fingerprint,
    checkpoints: session.keeper.checkpoints(),
  });
}

/** A document that need not be open, with what goes with it. @throws ArchiveError */
export async function downloadExperiment(
  document: GraphDocument,
  rest: {
    readonly readTable: (hash: string) => Promise<{ name: string; csv: Blob } | null>;
    readonly fingerprint: Fingerprint | null;
    readonly checkpoints: readonly Checkpoint[];
  },
): Promise<void> {
  const tables = new Map<string, { name: string; csv: Uint8Array }>();
  for (const hash of storedTables(document)) {
    const table = await rest.readTable(hash);
    if (table)
      tables.set(hash, { name: table.name, csv: new Uint8Array(await table.csv.arrayBuffer()) });
  }
  const { fingerprint, checkpoints } = rest;
  const bytes = encodeArchive({ experiments: [{ document, fingerprint, checkpoints }], tables });
  download(
    fileName(document.title, ARCHIVE_EXTENSION.slice(1)),
    new Blob([bytes], { type: 'application/zip' }),
  );
}

export type LinkResult =
  | { readonly ok: true; readonly url: string; readonly hasResults: boolean }
  | { readonly ok: false; readonly tooLarge: boolean; readonly message: string };

/** The address that holds the experiment; `base` is the lab's own address without query and fragment. */
export async function makeLink(session: Session, base: string): Promise<LinkResult> {
  try {
    const tables = new Map<string, LinkedTable>();
    for (const hash of storedTables(session.document)) {
      const table = await session.readTable(hash);
      if (!table) continue;
      const csv = textOf(new Uint8Array(await table.csv.arrayBuffer()));
      tables.set(hash, { name: table.name, csv });
    }
    const { fingerprint } = session.engine;
    const fragment = encodeLink({ document: session.document, tables, fingerprint });
    return { ok: true, url: base + fragment, hasResults: fingerprint !== null };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { ok: false, tooLarge: error.kind === 'too-large', message: error.message };
  }
}
