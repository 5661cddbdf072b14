import type { Valued } from '../run/optimality.ts';
import type { RunStatus } from '../run/run-value.ts';
import type { Standing } from './ports.ts';

/** Everything a node can show, as plain structured-cloneable data; `src/lib/plots` draws each kind. */
export type ViewData =
  | ScatterView
  | FieldView
  | ImageView
  | HeatmapView
  | LineView
  | CurvesView
  | BarsView
  | MatrixView
  | ComparisonView
  | ValueView
  | CheckView
  | TableView
  | ProblemView
  | TrajectoriesView
  | LevelSetsView;

/** Points in the plane, coloured by class or by a value. */
export interface ScatterView {
  readonly kind: 'scatter';
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly classes?: readonly string[];
  /** Class index per point. */
  readonly labels?: Int32Array;
}

/** A function on a grid (decision regions or a scalar field), with points over it. Row 0 is the smallest y; the ranges are those of the first and last column and row. */
export interface FieldView {
  readonly kind: 'field';
  readonly columns: number;
  readonly rows: number;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  /** Class index per cell, and the probability of that class. */
  readonly classIndex?: Uint8Array;
  readonly confidence?: Float32Array;
  readonly values?: Float32Array;
  /** Both axes have the same unit: a unit is drawn equally long along both. @default false */
  readonly equalScale?: boolean;
  readonly classes: readonly string[];
  readonly points: ScatterView;
  readonly precision: 'float64' | 'float32';
}

/** Grey images of one shape on one scale of brightness. */
export interface ImageView {
  readonly kind: 'image';
  readonly height: number;
  readonly width: number;
  readonly panels: readonly ImagePanel[];
  /** The values drawn black and white; what lies beyond is drawn as the nearer of the two. */
  readonly range: readonly [black: number, white: number];
  readonly precision: 'float64' | 'float32';
}
export interface ImagePanel {
  /** Row by row from the top. */
  readonly values: Float32Array | Float64Array;
  readonly caption: string;
  /** The run it comes from, so that it has that run's colour. */
  readonly nodeId?: string;
}

/** A large matrix as coloured cells, row 0 at the top. Values of both signs have two colours that meet at 0. */
export interface HeatmapView {
  readonly kind: 'heatmap';
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], row by row. */
  readonly values: Float32Array | Float64Array;
  readonly rowLabel: string;
  readonly columnLabel: string;
  /** Rows and columns of the whole matrix, where only some are drawn, evenly spread. */
  readonly of?: readonly [rows: number, columns: number];
  readonly precision: 'float64' | 'float32';
}

/** One or more functions of one variable over points: predictions on a curve, or predicted against true values. */
export interface LineView {
  readonly kind: 'line';
  readonly xLabel: string;
  readonly yLabel: string;
  /** On a logarithmic axis what is not positive is left out. @default 'linear' */
  readonly yScale?: 'linear' | 'log';
  readonly points: { readonly x: Float64Array; readonly y: Float64Array; readonly label: string }[];
  readonly lines: {
    readonly x: Float64Array;
    readonly y: Float64Array;
    readonly label: string;
    readonly dashed?: boolean;
    /** The run it comes from, so that it has that run's colour. */
    readonly nodeId?: string;
  }[];
}

/** Loss curves of runs. The page chooses the axes from the series columns. */
export interface CurvesView {
  readonly kind: 'curves';
  readonly runs: readonly RunCurve[];
  /** The series column to show first, where the runs have it. @default f − f* or the objective */
  readonly column?: string;
}
export interface RunCurve {
  readonly nodeId: string;
  readonly label: string;
  readonly status: RunStatus;
  readonly message: string;
  readonly device: string;
  readonly precision: 'float64' | 'float32';
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** Stretches of steps done with one set of live values, with f* at them; the first from step 0. See `run/segments.ts`. */
  readonly segments: readonly (Valued & {
    /** "λ 5 → 20", where it begins with a change. */
    readonly change?: string;
    /** Why f* is not known. */
    readonly reason?: string;
  })[];
  /** Why its numbers do not follow from the graph as it is, with what to do. */
  readonly outdated?: string;
  /** A measured f − f* that cannot be. */
  readonly alarm?: string;
  /** Bound on f − f* by iteration: equal-length arrays. */
  readonly theory: {
    readonly label: string;
    readonly iterations: readonly number[];
    readonly bound: readonly number[];
  } | null;
  /** Why a bound that theory gives this method is not drawn. */
  readonly noTheory?: string;
}

/** Named numbers side by side, one series per run (coefficients). */
export interface BarsView {
  readonly kind: 'bars';
  readonly names: readonly string[];
  readonly series: readonly {
    readonly label: string;
    readonly values: Float64Array;
    /** The run it comes from, so that it has that run's colour. */
    readonly nodeId?: string;
  }[];
  readonly precision: 'float64' | 'float32';
}

/** A small matrix of counts or values (confusion matrix). */
export interface MatrixView {
  readonly kind: 'matrix';
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  readonly values: Float64Array;
  readonly summary?: string;
}

/** Final values of several runs. */
export interface ComparisonView {
  readonly kind: 'comparison';
  readonly columns: readonly {
    readonly key: string;
    readonly label: string;
    readonly unit?: string;
  }[];
  readonly rows: readonly {
    readonly nodeId: string;
    readonly label: string;
    readonly status: RunStatus;
    readonly precision: 'float64' | 'float32';
    /** Where it ran, for exports. */
    readonly device?: string;
    readonly cells: Readonly<Record<string, number | null>>;
    /** What to know of its numbers: that they are outdated, changed on the way, or impossible. */
    readonly remark?: { readonly tone: 'note' | 'alarm'; readonly text: string };
  }[];
  readonly note?: string;
}

export interface ValueView {
  readonly kind: 'value';
  readonly label: string;
  readonly value: number;
  /** @default final */
  readonly standing?: Standing;
  /** Why the number cannot be true; shown as a fault. */
  readonly alarm?: string;
  readonly precision: 'float64' | 'float32';
}

/**
 * `outdated`: the run no longer follows from the graph. `unavailable`: what it measures could not be had, or is not known well enough to
 * decide. Neither is a pass.
 */
export type CheckStatus = 'pass' | 'fail' | 'pending' | 'outdated' | 'unavailable';

export interface CheckView {
  readonly kind: 'check';
  readonly label: string;
  readonly status: CheckStatus;
  /** Why it is neither a pass nor a plain fail, or what else to know, with what to do. */
  readonly reason?: string;
  readonly measured: number;
  readonly expected: string;
  readonly deviation: number;
  readonly precision: 'float64' | 'float32';
}

/** The first rows of a dataset. */
export interface TableView {
  readonly kind: 'table';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly totalRows: number;
  readonly points?: ScatterView;
}

/** The assembled optimization problem, in TeX. */
export interface ProblemView {
  readonly kind: 'problem';
  readonly formula: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
}

/** Points that move through the plane: point i is at (x, y)[f · points + i] in frame f. */
export interface TrajectoriesView {
  readonly kind: 'trajectories';
  readonly frames: number;
  readonly points: number;
  /** The time of each frame, increasing. */
  readonly times: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xLabel: string;
  readonly yLabel: string;
  /** What `times` counts. @default 't' */
  readonly timeLabel?: string;
  readonly classes?: readonly string[];
  /** Class index per point. */
  readonly labels?: Int32Array;
  /** Drawn faintly behind, e.g. the data that the points should arrive at. */
  readonly background?: ScatterView;
  readonly precision: 'float64' | 'float32';
}

/**
 * An objective on a grid in a plane, and the paths of runs projected onto it. Row 0 is the smallest y; the ranges are those of the first and last
 * column and row.
 */
export interface LevelSetsView {
  readonly kind: 'level-sets';
  readonly columns: number;
  readonly rows: number;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly xLabel: string;
  readonly yLabel: string;
  /** f − reference at each point, NaN outside the domain. */
  readonly heights: Float32Array;
  /** What heights are above: the minimum f* or the least value on the grid. */
  readonly reference: { readonly value: number; readonly label: string };
  /** Heights of the level sets, increasing. */
  readonly levels: readonly number[];
  readonly equalScale: boolean;
  readonly paths: readonly PlanePath[];
  /** The certified minimiser and its distance from the plane. */
  readonly minimiser: { readonly x: number; readonly y: number; readonly off: number } | null;
  /** Of the heights; that of a path is its run's. */
  readonly precision: 'float64';
}

/** A run's iterates in a plane: equal-length arrays. */
export interface PlanePath {
  readonly nodeId: string;
  readonly label: string;
  readonly precision: 'float64' | 'float32';
  readonly steps: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Distance from the plane. */
  readonly off: Float64Array;
}
