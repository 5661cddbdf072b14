/** Adds up what one evaluation announces, and announces by itself what it has the float64 device execute. */
import { bufferBytes } from '../device/cpu64/index.ts';
import type { Device } from '../device/device.ts';
import type { Effort } from '../graph/node-definition.ts';
import { estimate } from '../ir/estimate.ts';
import type { HostArray, Program } from '../ir/types.ts';
import { secondsOf } from './budget.ts';
import type { Cost } from './budget.ts';

/** What a program takes on the float64 device: its buffers and copies of its outputs, and the time of one execution. */
export function programCost(program: Program): Cost {
  let cost = costs.get(program);
  if (!cost) {
    const outputs = program.outputs.reduce((total, { shape }) => {
      return total + 8 * shape.reduce((size, n) => size * n, 1);
    }, 0);
    const seconds = secondsOf(estimate(program));
    costs.set(program, (cost = { bytes: bufferBytes(program) + outputs, seconds }));
  }
  return cost;
}

const costs = new WeakMap<Program, Cost>();

/** Where a program has no sentence of its own. */
const SMALLER = 'Use fewer samples, a coarser grid or a smaller model.';

export interface Meter {
  /** @throws CostError */
  reserve(effort: Effort): void;
  readonly cpu64: Device;
  /** Bytes of what was announced as kept. */
  readonly kept: number;
}

/** `admit` is told the sum so far and throws when the next piece of work must not begin. */
export function createMeter(cpu64: Device, admit: (cost: Cost, remedy: string) => void): Meter {
  let [bytes, seconds, kept] = [0, 0, 0];
  const seen = new Set<Program>();
  const take = (more: Cost, remedy: string) => {
    admit({ bytes: bytes + more.bytes, seconds: seconds + more.seconds }, remedy);
    bytes += more.bytes;
    seconds += more.seconds;
  };
  /** Memory of a program once, however often it is executed. */
  const announce = (program: Program) => {
    const cost = programCost(program);
    take(seen.has(program) ? { bytes: 0, seconds: cost.seconds } : cost, SMALLER);
    seen.add(program);
  };
  return {
    reserve({ bytes: more = 0, flops = 0, kept: stays = false, program, times = 1, remedy }) {
      const executed = program ? programCost(program) : { bytes: 0, seconds: 0 };
      const seconds = secondsOf({ flops }) + times * executed.seconds;
      take({ bytes: more + executed.bytes, seconds }, remedy);
      if (stays) kept += more;
    },
    get kept() {
      return kept;
    },
    cpu64: {
      ...cpu64,
      async execute(program: Program, inputs: readonly HostArray[]) {
        announce(program);
        return cpu64.execute(program, inputs);
      },
      async createStepper(spec) {
        announce(spec.step);
        announce(spec.metrics);
        return cpu64.createStepper(spec);
      },
    },
  };
}
