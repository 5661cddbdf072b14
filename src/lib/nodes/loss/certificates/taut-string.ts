/**
 * argmin_x ½‖x − y‖² + λ Σ|x_{i+1} − x_i|, exactly and in linear time in practice: the taut string through the tube of radius λ around
 * the cumulative sums. One pass keeps the lowest and highest level that the present piece may still have, and cuts the piece where the
 * next sample leaves the tube. Condat 2013, algorithm of section II.
 */
export function tautString(y: ArrayLike<number>, lambda: number): Float64Array {
  const n = y.length;
  const x = new Float64Array(n);
  let k = 0;
  let first = 0;
  let lowCut = 0;
  let highCut = 0;
  let low = y[0] - lambda;
  let high = y[0] + lambda;
  let lowSlack = lambda;
  let highSlack = -lambda;
  // A turn moves k to the right, or the start of the piece, and k at most n places back.
  for (let turns = n * (n + 2); turns > 0; turns--) {
    if (k >= n - 1) {
      if (lowSlack < 0) {
        x.fill(low, first, lowCut + 1);
        k = first = lowCut = lowCut + 1;
        low = y[k];
        lowSlack = lambda;
        highSlack = y[k] + lambda - high;
      } else if (highSlack > 0) {
        x.fill(high, first, highCut + 1);
        k = first = highCut = highCut + 1;
        high = y[k];
        highSlack = -lambda;
        lowSlack = y[k] - lambda - low;
      } else {
        x.fill(low + lowSlack / (k - first + 1), first, n);
        return x;
      }
      continue;
    }
    const nextLow = lowSlack + y[k + 1] - low;
    const nextHigh = highSlack + y[k + 1] - high;
    if (nextLow < -lambda) {
      x.fill(low, first, lowCut + 1);
      k = first = lowCut = highCut = lowCut + 1;
      low = y[k];
      high = y[k] + 2 * lambda;
      lowSlack = lambda;
      highSlack = -lambda;
    } else if (nextHigh > lambda) {
      x.fill(high, first, highCut + 1);
      k = first = lowCut = highCut = highCut + 1;
      low = y[k] - 2 * lambda;
      high = y[k];
      lowSlack = lambda;
      highSlack = -lambda;
    } else {
      k++;
      lowSlack = nextLow;
      highSlack = nextHigh;
      if (lowSlack >= lambda) {
        low += (lowSlack - lambda) / (k - first + 1);
        lowSlack = lambda;
        lowCut = k;
      }
      if (highSlack <= -lambda) {
        high += (highSlack + lambda) / (k - first + 1);
        highSlack = -lambda;
        highCut = k;
      }
    }
  }
  throw new RangeError(
    'tautString(y): expected values whose sums are float64 numbers, got values too large for them. Divide them by a power of ten.',
  );
}
