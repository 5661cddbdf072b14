/** Accumulators of reductions: how an element enters, how two partial results combine, what is stored. */
import type { Dtype } from '../../../ir/types.ts';

export interface Monoid {
  /** WGSL type of the accumulator and how many 4-byte words it has. */
  readonly type: string;
  readonly words: 1 | 2;
  readonly wordType: 'f32' | 'i32';
  /** WGSL declarations that the expressions below use. */
  readonly declarations: string;
  readonly init: string;
  /** The accumulator after the element `x` at position `r`. */
  step(acc: string, x: string, r: string): string;
  combine(a: string, b: string): string;
  /** The result, from a finished accumulator over `length` elements. */
  result(acc: string): string;
}

/** −∞ has no literal, and a constant expression may not evaluate to it. */
const NEGATIVE_INFINITY = `fn negative_infinity() -> f32 {
  var bits = 0xff800000u;
  return bitcast<f32>(bits);
}`;

export function sumMonoid(dtype: Dtype): Monoid {
  const type = dtype === 'int' ? 'i32' : 'f32';
  return {
    type,
    words: 1,
    wordType: type,
    declarations: '',
    init: `${type}(0)`,
    step: (acc, x) => `${acc} + ${x}`,
    combine: (a, b) => `${a} + ${b}`,
    result: (acc) => acc,
  };
}

export function maxMonoid(dtype: Dtype): Monoid {
  const int = dtype === 'int';
  return {
    type: int ? 'i32' : 'f32',
    words: 1,
    wordType: int ? 'i32' : 'f32',
    declarations: int ? '' : NEGATIVE_INFINITY,
    init: int ? 'i32(-2147483648)' : 'negative_infinity()',
    step: (acc, x) => `max(${acc}, ${x})`,
    combine: (a, b) => `max(${a}, ${b})`,
    result: (acc) => acc,
  };
}

/** (value, position) of the largest value; the first of equal values wins in whatever order lanes are combined. */
export function argmaxMonoid(dtype: Dtype): Monoid {
  const int = dtype === 'int';
  const value = int ? 'i32' : 'f32';
  return {
    type: 'Best',
    words: 2,
    wordType: value,
    declarations: `${int ? '' : NEGATIVE_INFINITY}
struct Best { value: ${value}, position: i32 }
fn better(a: Best, b: Best) -> Best {
  if (b.value > a.value || (b.value == a.value && b.position < a.position)) { return b; }
  return a;
}`,
    init: `Best(${int ? 'i32(-2147483648)' : 'negative_infinity()'}, 2147483647i)`,
    step: (acc, x, r) => `better(${acc}, Best(${x}, i32(${r})))`,
    combine: (a, b) => `better(${a}, ${b})`,
    // Only NaN leaves the initial position.
    result: (acc) => `select(${acc}.position, 0i, ${acc}.position == 2147483647i)`,
  };
}

/** (m, s) stands for m + log s; the running maximum keeps every exponential at most 1. */
export function logsumexpMonoid(): Monoid {
  return {
    type: 'vec2<f32>',
    words: 2,
    wordType: 'f32',
    declarations: `${NEGATIVE_INFINITY}
fn finite_or_zero(m: f32) -> f32 { return select(0.0f, m, abs(m) < 3.4e38f); }
fn log_add(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let m = max(a.x, b.x);
  let shift = finite_or_zero(m);
  return vec2<f32>(m, a.y * exp(a.x - shift) + b.y * exp(b.x - shift));
}`,
    init: 'vec2<f32>(negative_infinity(), 0.0f)',
    step: (acc, x) => `log_add(${acc}, vec2<f32>(${x}, 1.0f))`,
    combine: (a, b) => `log_add(${a}, ${b})`,
    result: (acc) => `(finite_or_zero(${acc}.x) + m_log(${acc}.y))`,
  };
}
