import { describe, expect, it } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat, hostInt, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import {
  abs,
  add,
  cast,
  constant,
  div,
  dot,
  equal,
  exp,
  log,
  logsumexp,
  loop,
  matmul,
  max,
  maximum,
  mul,
  pow,
  reshape,
  select,
  sigmoid,
  sin,
  slice,
  softmax,
  softplus,
  sqrt,
  stopGradient,
  sub,
  sum,
  sumSquares,
  tanh,
  zeros,
} from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Value } from '../../src/lib/runtime/ir/types.ts';
import {
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  valueAndGrad,
  vjp,
} from '../../src/lib/runtime/transform/index.ts';

type Scalar = (x: Value) => Value;

function run(f: (...xs: Value[]) => Value[], ...inputs: HostArray[]): number[][] {
  return executeSync(trace(f, inputs), inputs).map((x) => [...x.data]);
}

const derivative =
  (f: Scalar): Scalar =>
  (x) =>
    grad(([y]) => sum(f(y)))([x])[0];

/** The three ways to a second derivative, elementwise. */
const secondDerivatives: Record<string, (f: Scalar) => Scalar> = {
  'reverse over reverse': (f) => derivative(derivative(f)),
  'forward over reverse': (f) => (x) =>
    jvp(([y]) => [derivative(f)(y)], [x], [add(mul(x, 0), 1)])[1][0],
  'reverse over forward': (f) =>
    derivative((x) => jvp(([y]) => [f(y)], [x], [add(mul(x, 0), 1)])[1][0]),
};

function expectClose(got: readonly number[], want: readonly number[], tolerance = 1e-12): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    const deviation = Math.abs(x - want[i]);
    if (!(deviation <= tolerance * (1 + Math.abs(want[i])))) {
      expect.fail(`element ${i}: ${x}, expected ${want[i]}`);
    }
  });
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const slope = (x: number): number => logistic(x) * logistic(-x);
const POINTS = [-30, -2.5, -0.7, 0, 0.3, 1.9, 30];

describe('second derivatives equal their closed forms', () => {
  const cases: Record<string, [Scalar, (x: number) => number]> = {
    tanh: [tanh, (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2)],
    sigmoid: [sigmoid, (x) => slope(x) * (1 - 2 * logistic(x))],
    softplus: [softplus, slope],
    'x·sigmoid(x)': [(x) => mul(x, sigmoid(x)), (x) => slope(x) * (2 + x * (1 - 2 * logistic(x)))],
    'x³': [(x) => pow(x, 3), (x) => 6 * x],
    'exp(−x²)': [(x) => exp(mul(mul(x, x), -1)), (x) => (4 * x * x - 2) * Math.exp(-x * x)],
  };
  for (const [name, [f, closed]] of Object.entries(cases)) {
    for (const [way, second] of Object.entries(secondDerivatives)) {
      it(`${name}, ${way}`, () => {
        const [got] = run((x) => [second(f)(x)], hostFloat(POINTS));
        expectClose(got, POINTS.map(closed));
      });
    }
  }

  it('the third derivative of tanh', () => {
    const [got] = run((x) => [derivative(derivative(derivative(tanh)))(x)], hostFloat(POINTS));
    const closed = (x: number) => {
      const t = Math.tanh(x);
      return (1 - t * t) * (6 * t * t - 2);
    };
    expectClose(got, POINTS.map(closed));
  });

  it('the derivative of sigmoid keeps its relative accuracy in both tails', () => {
    const [got] = run((x) => [derivative(sigmoid)(x)], hostFloat([-700, -40, 40, 700]));
    [Math.exp(-700), Math.exp(-40), Math.exp(-40), Math.exp(-700)].forEach((want, i) =>
      expect(Math.abs(got[i] / want - 1)).toBeLessThan(1e-13),
    );
  });
});

const logits = [0.5, -1.2, 2, 0.1];
function probsOf(x: readonly number[]): number[] {
  const weights = x.map((v) => Math.exp(v));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

describe('matrices of derivatives equal their closed forms', () => {
  const p = probsOf(logits);

  it('the Hessian of logsumexp is diag(p) − ppᵀ', () => {
    const [got] = run((x) => [hessian((y) => logsumexp(y), x)], hostFloat(logits));
    const want = p.flatMap((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b));
    expectClose(got, want);
  });

  it('the Jacobian of softmax is diag(p) − ppᵀ, by rows and by columns', () => {
    const want = p.flatMap((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b));
    const [columns] = run((x) => [jacobian((y) => softmax(y), x)], hostFloat(logits));
    expectClose(columns, want);
    const [rows] = run((x) => [jacobian((y) => slice(softmax(y), [1], [2]), x)], hostFloat(logits));
    expectClose(rows, want.slice(4, 12));
  });

  it('the second derivative of softmax contracted with u', () => {
    // ∂²/∂xj∂xk Σ ui pi = Σi ui pi ((δij − pj)(δik − pk) − pj(δjk − pk)).
    const u = [1, -2, 0.5, 3];
    const [got] = run(
      (x, w) => [hessian((y) => dot(w, softmax(y)), x)],
      hostFloat(logits),
      hostFloat(u),
    );
    const d = (i: number, j: number) => (i === j ? 1 : 0);
    const want = p.flatMap((pj, j) =>
      p.map((pk, k) =>
        p.reduce(
          (total, pi, i) =>
            total + u[i] * pi * ((d(i, j) - pj) * (d(i, k) - pk) - pj * (d(j, k) - pk)),
          0,
        ),
      ),
    );
    expectClose(got, want);
  });

  it('the Hessian of a quadratic form is A + Aᵀ, and its product with v agrees', () => {
    const a = [2, 1, 0, -1, 3, 0.5, 4, 0, 1];
    const inputs = [hostFloat([1, 2, 3]), hostFloat(a, [3, 3]), hostFloat([1, -1, 2])];
    const [h, hv] = run(
      (x, A, v) => {
        const f = (y: Value) => dot(y, matmul(A, y));
        return [hessian(f, x), hvp(([y]) => f(y), [x], [v])[0]];
      },
      ...inputs,
    );
    const want = a.map((_, k) => a[k] + a[(k % 3) * 3 + Math.floor(k / 3)]);
    expectClose(h, want);
    expectClose(
      hv,
      [0, 1, 2].map((i) => want[3 * i] - want[3 * i + 1] + 2 * want[3 * i + 2]),
    );
  });

  it('a Jacobian between matrices has the shape of the value, then of the variable', () => {
    const x = hostFloat([1, 2, 3, 4, 5, 6], [2, 3]);
    const program = trace((y) => [jacobian((z) => mul(z, z), y)], [x]);
    const [j] = executeSync(program, [x]);
    expect(j.shape).toEqual([2, 3, 2, 3]);
    const want = Array.from({ length: 36 }, (_, k) =>
      Math.floor(k / 6) === k % 6 ? 2 * x.data[k % 6] : 0,
    );
    expectClose([...j.data], want, 0);
  });
});

describe('derivatives at special points', () => {
  it('max shares the derivative equally among ties, and its second derivative is zero', () => {
    const inputs = hostFloat([3, 1, 3, 3]);
    const [g, h] = run((x) => [derivative((y) => max(y))(x), hessian((y) => max(y), x)], inputs);
    expectClose(g, [1 / 3, 0, 1 / 3, 1 / 3]);
    expectClose(h, new Array<number>(16).fill(0), 0);
  });

  it('the Hessian of max² is 2·mmᵀ with m the shares', () => {
    const [h] = run((x) => [hessian((y) => mul(max(y), max(y)), x)], hostFloat([2, 5, 5]));
    expectClose(h, [0, 0, 0, 0, 0.5, 0.5, 0, 0.5, 0.5]);
  });

  it('maximum gives each operand half at a tie', () => {
    const [ga, gb] = run(
      (a, b) => grad(([x, y]) => sum(maximum(x, y)))([a, b]),
      hostFloat([1, 2, 3]),
      hostFloat([2, 2, 2]),
    );
    expectClose(ga, [0, 0.5, 1], 0);
    expectClose(gb, [1, 0.5, 0], 0);
  });

  const huge = [-1000, -800, 800, 1000];
  for (const [name, f] of Object.entries<Scalar>({
    tanh,
    sigmoid,
    softplus,
    softmax: (x) => softmax(x),
    logsumexp: (x) => logsumexp(x),
  })) {
    it(`${name} and its first two derivatives are finite for |x| up to 1000`, () => {
      const results = run(
        (x) => [f(x), derivative(f)(x), derivative((y) => mul(derivative(f)(y), 3))(x)],
        hostFloat(huge),
      );
      for (const result of results) expect(result.every(Number.isFinite)).toBe(true);
    });
  }

  it('softplus is x and 0 in the tails, with slopes 1 and 0', () => {
    const [y, g] = run((x) => [softplus(x), derivative(softplus)(x)], hostFloat(huge));
    expectClose(y, [0, 0, 800, 1000], 0);
    expectClose(g, [0, 0, 1, 1], 0);
  });

  it('logsumexp of all −∞ is −∞ with derivative 0, not NaN', () => {
    const inputs = hostFloat([-Infinity, -Infinity]);
    const [y, g] = run((x) => [logsumexp(x), derivative((z) => logsumexp(z))(x)], inputs);
    expect(y).toEqual([-Infinity]);
    expect(g).toEqual([0, 0]);
  });

  it('an untaken branch of select contributes no NaN', () => {
    const x = hostFloat([0, 4]);
    for (const f of [sqrt, log, (y: Value) => pow(y, 0.5)] as Scalar[]) {
      const safe = (y: Value) => sum(select(equal(y, 0), y, f(y)));
      const [g] = run((y) => [grad(([z]) => safe(z))([y])[0]], x);
      expect(g[0]).toBe(1);
      expect(Number.isFinite(g[1])).toBe(true);
    }
  });

  it('the norm has subgradient 0 at 0, and |x| too', () => {
    const [g, a] = run(
      (x) => [derivative((y) => sqrt(sumSquares(y)))(x), derivative(abs)(x)],
      hostFloat([0, 0]),
    );
    expect(g).toEqual([0, 0]);
    expect(a).toEqual([0, 0]);
  });

  it('whole powers differentiate at 0', () => {
    const [first, second] = run(
      (x) => [derivative((y) => pow(y, 2))(x), derivative(derivative((y) => pow(y, 1)))(x)],
      hostFloat([0]),
    );
    expect(first).toEqual([0]);
    expect(second).toEqual([0]);
  });
});

describe('closures', () => {
  it('grad sees captured values as constants, and an outer grad differentiates through them', () => {
    // d/dx (∂/∂w (w²x³) at w = x) = d/dx 2x⁴ = 8x³.
    const [got] = run((x) => {
      const inner = (y: Value) => grad(([w]) => mul(mul(w, w), pow(y, 3)))([y])[0];
      return [derivative(inner)(x)];
    }, hostScalar(1.5));
    expectClose(got, [8 * 1.5 ** 3]);
  });

  it('nested forward mode does not confuse its perturbations', () => {
    // d/dx (x · d/dy (x + y)) = 1.
    const forward = (f: Scalar) => (x: Value) =>
      jvp(([y]) => [f(y)], [x], [add(mul(x, 0), 1)])[1][0];
    const [got] = run(
      (x) => [forward((y) => mul(y, forward((z) => add(y, z))(y)))(x)],
      hostScalar(2),
    );
    expect(got).toEqual([1]);
  });

  it('gives zeros for variables a function ignores', () => {
    const [a, b] = run(
      (x, y) => grad(([u]) => sum(mul(u, 2)))([x, y]),
      hostFloat([1, 2]),
      hostFloat([3]),
    );
    expect(a).toEqual([2, 2]);
    expect(b).toEqual([0]);
  });

  it('stopGradient cuts the derivative but not the value', () => {
    const [v, g] = run((x) => {
      const [value, [gradient]] = valueAndGrad(([y]) => mul(y, stopGradient(y)))([x]);
      return [value, gradient];
    }, hostScalar(3));
    expect([v, g]).toEqual([[9], [3]]);
  });

  it('vjp builds nothing for inputs that are not differentiated', () => {
    const types = [hostFloat(new Float64Array(6), [2, 3]), hostFloat(new Float64Array(3))];
    const program = trace((X, w) => grad(([v]) => sumSquares(matmul(X, v)))([w]), types);
    const shapes = program.equations.flatMap((e) =>
      e.primitive === 'matmul' ? [e.outputs[0].shape] : [],
    );
    expect(shapes).toEqual([
      [2, 1],
      [3, 1],
    ]);
  });
});

describe('loops', () => {
  type Recurrence = (x: Value, w: Value) => Value;
  const STEPS = 7;
  const step = (c: Value, w: Value, s: Value, i: Value): Value =>
    sin(add(add(mul(c, w), s), mul(cast(i, 'float'), 0.3)));
  const table = Array.from({ length: STEPS * 2 }, (_, k) => Math.cos(k));

  const looped =
    (checkpoint: number, reverse: boolean): Recurrence =>
    (x, w) => {
      const sequence = mul(constant(hostFloat(table, [STEPS, 2])), sum(w));
      const result = loop({
        steps: STEPS,
        checkpoint,
        reverse,
        carry: [x],
        sequences: [sequence],
        body: (i, _constants, [c], [s]) => {
          const next = step(c, w, s, i);
          return { carry: [next], stacked: [mul(next, w)] };
        },
      });
      return add(sum(result.carry[0]), sumSquares(result.stacked[0]));
    };
  const unrolled =
    (reverse: boolean): Recurrence =>
    (x, w) => {
      const sequence = mul(constant(hostFloat(table, [STEPS, 2])), sum(w));
      let [c, total] = [x, zeros([])];
      for (let n = 0; n < STEPS; n++) {
        const i = reverse ? STEPS - 1 - n : n;
        const s = reshape(slice(sequence, [i, 0], [1, 2]), [2]);
        c = step(c, w, s, constant(hostInt([i], [])));
        total = add(total, sumSquares(mul(c, w)));
      }
      return add(sum(c), total);
    };
  /** Values, gradients, Hessian products and reverse-over-reverse, by every variable. */
  const all = (f: Recurrence) => (x: Value, w: Value, v: Value) => {
    const g = (xs: readonly Value[]) => f(xs[0], xs[1]);
    const [value, gradients] = valueAndGrad(g)([x, w]);
    const directional = ([a, b]: readonly Value[]) =>
      grad(g)([a, b]).reduce((total, y) => add(total, dot(y, v)), zeros([]));
    return [value, ...gradients, ...hvp(g, [x, w], [v, w]), ...grad(directional)([x, w])];
  };
  const inputs = [hostFloat([0.3, -0.4]), hostFloat([0.5, 1.2]), hostFloat([1, 2])];

  for (const reverse of [false, true]) {
    for (const checkpoint of [1, 2, 3, 7, 20]) {
      const label = `${reverse ? 'reversed ' : ''}loop with checkpoint ${checkpoint}`;
      it(`a ${label} and captured weights has the derivatives of the unrolled program`, () => {
        const want = run(all(unrolled(reverse)), ...inputs);
        const got = run(all(looped(checkpoint, reverse)), ...inputs);
        got.forEach((x, k) => expectClose(x, want[k]));
      });
    }
  }

  it('checkpoints store fewer carries', () => {
    const savedRows = (checkpoint: number) => {
      const n = 64;
      const program = trace(
        (x) =>
          grad(([y]) =>
            sum(
              loop({
                steps: n,
                checkpoint,
                carry: [y],
                body: (_i, _c, [c]) => ({ carry: [tanh(c)] }),
              }).carry[0],
            ),
          )([x]),
        [hostFloat([1, 2])],
      );
      const forward = program.equations.find((e) => e.primitive === 'loop');
      return forward?.outputs[1]?.shape[0];
    };
    expect(savedRows(1)).toBe(64);
    expect(savedRows(8)).toBe(8);
  });

  it('a carry that starts inactive gets its derivative from later steps', () => {
    const [got] = run(
      (w) =>
        grad(
          ([v]) =>
            loop({
              steps: 3,
              carry: [zeros([]), zeros([])],
              body: (_i, _c, [a, b]) => ({ carry: [add(b, v), mul(add(a, v), v)] }),
            }).carry[0],
        )([w]),
      hostScalar(0.7),
    );
    // a₁ = v, b₁ = v²; a₂ = v² + v, b₂ = 2v²; a₃ = 2v² + v.
    expectClose(got, [4 * 0.7 + 1]);
  });

  it('loops inside of loops differentiate', () => {
    // Σ over outer of inner product x^3 three times: ((x³)³)³ is x^27.
    const cube = (x: Value) =>
      loop({
        steps: 2,
        carry: [x],
        body: (_i, _c, [c]) => ({ carry: [mul(c, x)] }),
      }).carry[0];
    const f = (x: Value) =>
      loop({ steps: 3, carry: [x], body: (_i, _c, [c]) => ({ carry: [cube(c)] }) }).carry[0];
    const [first, second] = run(
      (x) => [derivative(f)(x), derivative(derivative(f))(x)],
      hostScalar(1.1),
    );
    expectClose(first, [27 * 1.1 ** 26]);
    expectClose(second, [27 * 26 * 1.1 ** 25]);
  });

  it('Newton iteration for a root has the derivative of the root', () => {
    const root = (a: Value) =>
      loop({
        steps: 30,
        checkpoint: 5,
        carry: [a],
        body: (_i, _c, [x]) => ({ carry: [mul(0.5, add(x, div(a, x)))] }),
      }).carry[0];
    const [value, first, second] = run(
      (a) => [root(a), derivative(root)(a), derivative(derivative(root))(a)],
      hostScalar(2),
    );
    expectClose(value, [Math.SQRT2]);
    expectClose(first, [0.5 / Math.SQRT2]);
    expectClose(second, [-0.25 * 2 ** -1.5]);
  });
});

describe('misuse', () => {
  const F = { shape: [2], dtype: 'float' } as const;

  it('grad of a vector names what it expects', () => {
    expect(() => trace((x) => grad(([y]) => y)([x]), [F])).toThrow(
      'grad: expected a function with a float scalar as value, got float [2]. Use vjp or jacobian.',
    );
  });

  it('grad by an int names the variable', () => {
    expect(() =>
      trace((x) => grad(([y]) => sum(cast(y, 'float')))([x]), [{ shape: [2], dtype: 'int' }]),
    ).toThrow('grad: expected float variables to differentiate by, got int [2]');
  });

  it('jvp and vjp check the types of what they push', () => {
    expect(() => trace((x) => jvp(([y]) => [y], [x], [sum(x)])[1], [F])).toThrow(
      'jvp: expected tangents of types (float [2]), got (float [])',
    );
    expect(() => trace((x) => vjp(([y]) => [sub(y, 1)], [x])[1]([sum(x)]), [F])).toThrow(
      'vjp: expected cotangents of types (float [2]), got (float [])',
    );
  });
});
