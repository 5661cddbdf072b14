/** Reads a document, an archive or a link, and the tables that go with it. */
import { readFile } from 'node:fs/promises';
import { decodeArchive } from '../../src/lib/experiments/archive.ts';
import { decodeLink } from '../../src/lib/experiments/link.ts';
import type { Fingerprint, GraphDocument } from '../../src/lib/runtime/graph/document.ts';
import type { NodeRegistry } from '../../src/lib/runtime/graph/node-definition.ts';
import type { TableSource } from '../../src/lib/runtime/run/tables.ts';
import { textOf } from '../../src/lib/runtime/table/index.ts';
import { UsageError } from './arguments.ts';

export interface Experiment {
  readonly document: GraphDocument;
  readonly fingerprint: Fingerprint | null;
  readonly problems: readonly { readonly message: string }[];
  readonly tables: TableSource;
}

/** @throws UsageError when there is no such file; the errors of the decoders say what is wrong with the content. */
export async function readExperiment(
  file: string,
  pick: number | undefined,
  registry: NodeRegistry,
): Promise<Experiment> {
  const fragment = /#?(x\d+=.*)$/s.exec(file);
  if (fragment) {
    const { document, fingerprint, problems, tables } = decodeLink(fragment[1], registry);
    const csv = new Map([...tables].map(([hash, table]) => [hash, table.csv]));
    return { document, fingerprint, problems, tables: tablesFrom(csv) };
  }
  const { experiments, problems, tables } = decodeArchive(await read(file), registry);
  if (experiments.length === 0)
    throw new UsageError(`${file}: expected an experiment, got an empty library.`);
  if (experiments.length > 1 && pick === undefined) {
    const titles = experiments.map(({ document }, i) => `  ${i + 1}  ${document.title}`);
    throw new UsageError(
      `${file}: expected one experiment, got ${experiments.length}. Choose with --pick:\n${titles.join('\n')}`,
    );
  }
  const chosen = experiments.at((pick ?? 1) - 1);
  if (!chosen) throw new UsageError(`--pick: expected at most ${experiments.length}, got ${pick}.`);
  const csv = new Map([...tables].map(([hash, table]) => [hash, textOf(table.csv)]));
  return {
    document: chosen.document,
    fingerprint: chosen.fingerprint,
    problems,
    tables: tablesFrom(csv),
  };
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(
      `${file}: expected a readable file, got ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** Shipped tables from the repository, stored ones from what came with the experiment. */
export function tablesFrom(csv: ReadonlyMap<string, string> = new Map()): TableSource {
  return {
    builtin: (name) =>
      readFile(new URL(`../../static/data/${name}.csv`, import.meta.url), 'utf8').catch(() => {
        throw new Error(`table '${name}': expected a shipped table, got a name that is none.`);
      }),
    stored: async (hash) => csv.get(hash) ?? null,
  };
}
