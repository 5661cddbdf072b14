/** What stands beside a drawing. */
export interface Entry {
  readonly label: string;
  /** Custom property that holds the colour. */
  readonly token: `--${string}`;
  /** Index of a marker shape, a line or a cross. */
  readonly mark: number | 'line' | 'dashed' | 'cross';
}
