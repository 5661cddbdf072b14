/**
 * An image [rows, columns] on a coarser grid: each new pixel is the mean of the old ones it covers, those it cuts counted by their share.
 *
 * The mean of the image stays, and so does a constant. Rows and columns are averaged one after the other.
 */
export function areaAverage(
  values: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float64Array {
  const narrow = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++)
    averageLine(
      (c) => values[r * columns + c],
      columns,
      width,
      (j, mean) => {
        narrow[r * width + j] = mean;
      },
    );
  const small = new Float64Array(height * width);
  for (let j = 0; j < width; j++)
    averageLine(
      (r) => narrow[r * width + j],
      rows,
      height,
      (i, mean) => {
        small[i * width + j] = mean;
      },
    );
  return small;
}

function averageLine(
  read: (i: number) => number,
  length: number,
  pieces: number,
  write: (i: number, mean: number) => void,
): void {
  const size = length / pieces;
  for (let i = 0; i < pieces; i++) {
    const [from, to] = [(i * length) / pieces, ((i + 1) * length) / pieces];
    let sum = 0;
    for (let k = Math.floor(from); k < Math.min(length, Math.ceil(to)); k++)
      sum += read(k) * (Math.min(k + 1, to) - Math.max(k, from));
    write(i, sum / size);
  }
}
