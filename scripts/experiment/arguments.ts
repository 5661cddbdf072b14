import { parseArgs } from 'node:util';
import type { DeviceChoice } from '../../src/lib/runtime/device/device.ts';

export const USAGE = `Usage: npm run experiment -- FILE [options]

FILE is a graph document (JSON), an exported .adjoint file, or a share link in quotes.

  --device D   cpu64, wasm, webgpu or auto; default: the document's
  --seed N     an integer in [0, 2^31); default: the document's
  --pick N     which experiment of a file that holds several, from 1
  --allow-heavy  evaluates what takes so much memory or time that the page would ask first
  --out PATH   results.json (everything) or results.csv (the measured rows)
  --help       this text

Exit code: 0 when every check passes, 1 when a check, a run or a node fails or a number is not to be had, 2 for wrong usage. A method that refuses
its problem is a node that fails, also where that is what the experiment shows: a document cannot say so.`;

export interface Arguments {
  readonly file: string;
  readonly device: DeviceChoice | undefined;
  readonly seed: number | undefined;
  readonly pick: number | undefined;
  readonly allowHeavy: boolean;
  readonly out: { readonly path: string; readonly format: 'json' | 'csv' } | undefined;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const DEVICES: readonly string[] = ['auto', 'cpu64', 'wasm', 'webgpu'];

/** Null asks for the usage text. @throws UsageError */
export function parseArguments(args: readonly string[]): Arguments | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  if (positionals.length !== 1)
    throw new UsageError(`experiment: expected one FILE, got ${positionals.length}.`);
  const { device, out } = values;
  if (device !== undefined && !DEVICES.includes(device))
    throw new UsageError(`--device: expected one of ${DEVICES.join(', ')}, got '${device}'.`);
  const format = out === undefined ? undefined : /\.(json|csv)$/.exec(out)?.[1];
  if (out !== undefined && format === undefined)
    throw new UsageError(`--out: expected a name ending in .json or .csv, got '${out}'.`);
  return {
    file: positionals[0],
    device: device as DeviceChoice | undefined,
    seed: integer('--seed', values.seed, 0, 2 ** 31 - 1),
    pick: integer('--pick', values.pick, 1, 1e6),
    allowHeavy: values['allow-heavy'] ?? false,
    out: out === undefined ? undefined : { path: out, format: format as 'json' | 'csv' },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        device: { type: 'string' },
        seed: { type: 'string' },
        pick: { type: 'string' },
        'allow-heavy': { type: 'boolean' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function integer(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`${name}: expected an integer in [${min}, ${max}], got '${text}'.`);
  return value;
}
