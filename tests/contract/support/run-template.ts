import { readFileSync } from 'node:fs';
import { registry } from '../../../src/lib/nodes/index.ts';
import { createDeviceManager } from '../../../src/lib/runtime/device/select.ts';
import type { GraphDocument } from '../../../src/lib/runtime/graph/document.ts';
import type { NodeRegistry } from '../../../src/lib/runtime/graph/node-definition.ts';
import { runHeadless } from '../../../src/lib/runtime/run/headless.ts';
import type { HeadlessResult } from '../../../src/lib/runtime/run/headless.ts';

const root = new URL('../../../', import.meta.url);

/** Runs a document to its end with the tables that ship. */
export async function runDocument(
  document: GraphDocument,
  options: { readonly seed?: number; readonly registry?: NodeRegistry } = {},
): Promise<HeadlessResult> {
  const devices = createDeviceManager();
  try {
    return await runHeadless(document, {
      registry,
      devices,
      tables: {
        builtin: async (name) => readFileSync(new URL(`static/data/${name}.csv`, root), 'utf8'),
        stored: async () => null,
      },
      ...options,
    });
  } finally {
    devices.dispose();
  }
}
