import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { boundedLoops } from './scripts/bounded-loops.mjs';
import svelteConfig from './svelte.config.js';

const noRandom = {
  object: 'Math',
  property: 'random',
  message: 'Use a key: randomness is counter-based.',
};
/** What ECMAScript leaves to the implementation: its last digit differs from one engine to the next. */
const IMPLEMENTATION_DEFINED = [
  ...['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp'],
  ...['expm1', 'hypot', 'log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh'],
];
const SAME_BITS = 'engines differ in its last digit. Use src/lib/numerics/elementary.';

/** The folders of src/lib from the lowest floor up, and what each imports. */
const FLOORS = {
  numerics: [],
  ui: [],
  runtime: ['numerics'],
  nodes: ['numerics', 'runtime'],
  gallery: ['numerics', 'runtime'],
  plots: ['runtime', 'ui'],
  worker: ['nodes', 'runtime'],
  experiments: ['nodes', 'runtime'],
  editor: ['experiments', 'gallery', 'nodes', 'plots', 'runtime', 'ui', 'worker'],
};
const floors = Object.entries(FLOORS).map(([folder, below]) => {
  const others = Object.keys(FLOORS).filter((other) => other !== folder && !below.includes(other));
  return {
    files: [`src/lib/${folder}/**/*.{ts,svelte}`],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\$lib|\\.\\.(/\\.\\.)*)/(${[...others, 'routes'].join('|')})/`,
              message: `src/lib/${folder} imports ${below.length > 0 ? below.join(', ') : 'no other folder'}: docs/architecture.md.`,
            },
          ],
        },
      ],
    },
  };
});

export default ts.config(
  { ignores: ['node_modules', '.svelte-kit', 'build', 'static'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.worker, ...globals.node },
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'no-undef': 'off',
      'no-restricted-properties': ['error', noRandom],
      'svelte/no-navigation-without-resolve': 'off',
      // Collections are values in `$state.raw`, replaced and never mutated.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['src/lib/{gallery,nodes,numerics,runtime}/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        noRandom,
        ...IMPLEMENTATION_DEFINED.map((property) => ({
          object: 'Math',
          property,
          message: `Float64 results have the same bits everywhere, and ${SAME_BITS}`,
        })),
      ],
      'no-restricted-syntax': [
        'error',
        {
          // Every engine squares by one product; powers of 2 are exact.
          selector:
            "BinaryExpression[operator='**']:not([right.value=2]):not([left.value=2][right.type='Literal']):not([left.value=2][right.type='UnaryExpression'][right.argument.type='Literal'])",
          message: `x ** y: ${SAME_BITS}`,
        },
        { selector: "AssignmentExpression[operator='**=']", message: `x **= y: ${SAME_BITS}` },
      ],
    },
  },
  ...floors,
  {
    // Nothing may stop the worker for ever.
    files: ['src/lib/{nodes,numerics,runtime}/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    plugins: { adjoint: { rules: { 'bounded-loops': boundedLoops } } },
    rules: { 'adjoint/bounded-loops': 'error' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  { files: ['*.js', 'scripts/**/*.mjs'], ...ts.configs.disableTypeChecked },
);
