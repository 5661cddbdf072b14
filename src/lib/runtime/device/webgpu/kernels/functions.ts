/**
 * WGSL functions that generated kernels call. WGSL allows its built-ins large errors (2⁻¹¹ absolute for sin and cos, 2⁻²¹ for log near 1),
 * so the ones that matter are written out; each is within a few units in the last place of float32 on its stated domain.
 * A kernel includes only the functions it names; `uses` lists what a function calls.
 */
interface WgslFunction {
  readonly uses?: readonly string[];
  readonly code: string;
}

const float = (x: number): string => {
  const text = String(Math.fround(x));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
};

/** Horner's scheme, constant coefficient first. */
export function polynomial(coefficients: readonly number[], x: string): string {
  return coefficients
    .slice(0, -1)
    .reduceRight((sum, c) => `fma(${sum}, ${x}, ${float(c)})`, float(coefficients.at(-1) ?? 0));
}

/** 2/√π · (−1)ⁿ / (n! (2n + 1)): erf(x)/x in powers of x². */
const ERF_SERIES = Array.from({ length: 11 }, (_, n) => {
  let factorial = 1;
  for (let i = 2; i <= n; i += 1) factorial *= i;
  return ((2 / Math.sqrt(Math.PI)) * (n % 2 === 0 ? 1 : -1)) / (factorial * (2 * n + 1));
});

/** Press et al., Numerical Recipes, 2nd edition, section 6.2, `erfcc`. */
const ERFC_POLYNOMIAL = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];

/** π/2 in three parts of at most 11 leading bits each, and the rest: products with a quadrant number below 2¹³ are exact. */
const HALF_PI_1 = 1.5703125;
const HALF_PI_2 = 4.83751296997e-4;
const HALF_PI_3 = 7.54978995489e-8;

export const WGSL_FUNCTIONS: Readonly<Record<string, WgslFunction>> = {
  // exp(x) − 1 without cancellation: 2 sinh(x/2) exp(x/2) near 0.
  m_expm1: {
    code: `fn m_expm1(x: f32) -> f32 {
  let h = 0.5f * x;
  let s = ${polynomial([1, 1 / 6, 1 / 120, 1 / 5040, 1 / 362880], 'h * h')};
  return select(exp(x) - 1.0f, x * s * exp(h), abs(x) < 0.5f);
}`,
  },
  // log(1 + x): 2 artanh(x / (2 + x)) near 0.
  m_log1p: {
    code: `fn m_log1p(x: f32) -> f32 {
  let s = x / (x + 2.0f);
  let near = 2.0f * s * ${polynomial([1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11], 's * s')};
  return select(log(1.0f + x), near, x > -0.25f && x < 0.5f);
}`,
  },
  // log(x): x − 1 is exact near 1.
  m_log: {
    uses: ['m_log1p'],
    code: `fn m_log(x: f32) -> f32 {
  return select(log(x), m_log1p(x - 1.0f), x > 0.75f && x < 1.5f);
}`,
  },
  // No exponential overflows; ±1 is reached smoothly.
  m_tanh: {
    uses: ['m_expm1'],
    code: `fn m_tanh(x: f32) -> f32 {
  let t = m_expm1(-2.0f * min(abs(x), 20.0f));
  return sign(x) * (-t / (t + 2.0f));
}`,
  },
  m_sigmoid: {
    code: `fn m_sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0f, x >= 0.0f) / (1.0f + e);
}`,
  },
  m_softplus: {
    uses: ['m_log1p'],
    code: `fn m_softplus(x: f32) -> f32 {
  return max(x, 0.0f) + m_log1p(exp(-abs(x)));
}`,
  },
  m_erf: {
    code: `fn m_erf(x: f32) -> f32 {
  let a = abs(x);
  let inner = min(a, 1.0f);
  let near = ${polynomial(ERF_SERIES, '(inner * inner)')};
  let t = 1.0f / (1.0f + 0.5f * a);
  let far = 1.0f - t * exp(${polynomial(ERFC_POLYNOMIAL, 't')} - a * a);
  return select(sign(x) * far, x * near, a < 1.0f);
}`,
  },
  // Cody and Waite's reduction by π/2, then Taylor polynomials on |r| ≤ π/4. For |x| < 10⁴.
  m_sincos: {
    code: `fn m_sincos(x: f32, shift: i32) -> f32 {
  let k = round(x * ${float(2 / Math.PI)});
  let r = ((x - k * ${float(HALF_PI_1)}) - k * ${float(HALF_PI_2)}) - k * ${float(HALF_PI_3)};
  let r2 = r * r;
  let s = r * ${polynomial([1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880], 'r2')};
  let c = ${polynomial([1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320], 'r2')};
  let quadrant = (i32(k) + shift) & 3;
  let value = select(s, c, (quadrant & 1) == 1);
  return select(value, -value, quadrant >= 2);
}`,
  },
  // x > 0, or an integer exponent.
  m_pow: {
    code: `fn m_pow(x: f32, y: f32) -> f32 {
  let odd = y - 2.0f * floor(0.5f * y) == 1.0f;
  let magnitude = pow(abs(x), y);
  let value = select(magnitude, -magnitude, x < 0.0f && odd);
  return select(value, 1.0f, y == 0.0f);
}`,
  },
  m_floor_div: {
    code: `fn m_floor_div(a: i32, b: i32) -> i32 {
  let q = a / b;
  return q - select(0, 1, a % b != 0 && (a < 0) != (b < 0));
}`,
  },
  m_mod: {
    code: `fn m_mod(a: i32, b: i32) -> i32 {
  let r = a % b;
  return r + select(0, b, r != 0 && (r < 0) != (b < 0));
}`,
  },
  // ir/random-bits.ts, word for word.
  m_threefry: {
    code: `fn m_threefry(k0: u32, k1: u32, c0: u32, c1: u32) -> vec2<u32> {
  var key = array<u32, 3>(k0, k1, k0 ^ k1 ^ 0x1bd11bdau);
  var odd = array<u32, 4>(13u, 15u, 26u, 6u);
  var even = array<u32, 4>(17u, 29u, 16u, 24u);
  var x0 = c0 + k0;
  var x1 = c1 + k1;
  for (var group = 1u; group <= 5u; group++) {
    for (var round = 0u; round < 4u; round++) {
      let r = select(even[round], odd[round], (group & 1u) == 1u);
      x0 = x0 + x1;
      x1 = ((x1 << r) | (x1 >> (32u - r))) ^ x0;
    }
    x0 = x0 + key[group % 3u];
    x1 = x1 + key[(group + 1u) % 3u] + group;
  }
  return vec2<u32>(x0, x1);
}`,
  },
  m_random_bits: {
    uses: ['m_threefry'],
    code: `fn m_random_bits(k0: i32, k1: i32, i: u32, bits: u32) -> i32 {
  let block = m_threefry(bitcast<u32>(k0), bitcast<u32>(k1), i >> 1u, 0u);
  return bitcast<i32>(select(block.x, block.y, (i & 1u) == 1u) >> (32u - bits));
}`,
  },
  m_permute: {
    uses: ['m_threefry'],
    code: `fn m_permute(k0: i32, k1: i32, position: i32, n: u32, half: u32) -> i32 {
  var keys: array<u32, 8>;
  for (var r = 0u; r < 8u; r++) {
    keys[r] = m_threefry(bitcast<u32>(k0), bitcast<u32>(k1), r, 1u).x;
  }
  let mask = (1u << half) - 1u;
  var x = min(bitcast<u32>(position), n - 1u);
  loop {
    var left = x >> half;
    var right = x & mask;
    for (var r = 0u; r < 8u; r++) {
      var h = right + keys[r];
      h = (h ^ (h >> 16u)) * 0x85ebca6bu;
      h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
      h = h ^ (h >> 16u);
      let next = left ^ (h & mask);
      left = right;
      right = next;
    }
    x = (left << half) | right;
    if (x < n) { break; }
  }
  return bitcast<i32>(x);
}`,
  },
};

/** The functions that `code` names, with what they call, callees first. */
export function functionsFor(code: string): string {
  const included = new Set<string>();
  const include = (name: string): void => {
    if (included.has(name)) return;
    for (const other of WGSL_FUNCTIONS[name].uses ?? []) include(other);
    included.add(name);
  };
  for (const name of Object.keys(WGSL_FUNCTIONS)) if (code.includes(`${name}(`)) include(name);
  return [...included].map((name) => WGSL_FUNCTIONS[name].code).join('\n');
}
