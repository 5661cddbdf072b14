/** Everything a key or the command list can do; one table for shortcuts, help and the list. */
import { arrange, fit, type CanvasApi } from '../canvas/arrange.ts';
import type { Session } from '../session/session.svelte.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: 'Run' | 'Edit' | 'Graph' | 'File' | 'View';
  /** The first one is shown. */
  readonly keys: readonly string[];
  /** Works in text fields too. @default false */
  readonly everywhere?: boolean;
  /** Handled by an event of the browser (copy, cut, paste); the key is listed only. */
  readonly native?: boolean;
  enabled?(): boolean;
  run(): void;
}

export interface FileActions {
  exportFile(): void;
  openFile(): void;
}

export function createCommands(
  session: Session,
  canvas: CanvasApi,
  files: FileActions,
): readonly Command[] {
  const { ui, engine, flow } = session;
  const someSelected = () => flow.selectedNodeIds.length > 0;
  const one = () => flow.selectedNodeIds.length === 1;
  const hasRuns = () => session.runIds.length > 0 && engine.state === 'ready';
  const running = () => session.runs.some((run) => run.status === 'running');
  const nothing = () => undefined;
  return [
    {
      id: 'run',
      title: 'Run, or pause',
      group: 'Run',
      keys: ['Mod+Enter'],
      everywhere: true,
      enabled: hasRuns,
      run: () => engine.command(running() ? 'pause' : 'run'),
    },
    {
      id: 'step',
      title: 'One step',
      group: 'Run',
      keys: ['Mod+Shift+Enter'],
      everywhere: true,
      enabled: hasRuns,
      run: () => engine.command('step'),
    },
    {
      id: 'stop',
      title: 'Close what is open, else stop the runs',
      group: 'Run',
      keys: ['Escape'],
      run: () => session.escape(),
    },
    {
      id: 'rewind',
      title: 'Rewind to the same initial weights',
      group: 'Run',
      keys: ['Mod+Shift+R'],
      enabled: hasRuns,
      run: () => engine.command('rewind'),
    },
    {
      id: 'undo',
      title: 'Undo',
      group: 'Edit',
      keys: ['Mod+Z'],
      enabled: () => session.undoLabel !== null,
      run: () => session.undo(),
    },
    {
      id: 'redo',
      title: 'Redo',
      group: 'Edit',
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      enabled: () => session.redoLabel !== null,
      run: () => session.redo(),
    },
    { id: 'copy', title: 'Copy', group: 'Edit', keys: ['Mod+C'], native: true, run: nothing },
    { id: 'cut', title: 'Cut', group: 'Edit', keys: ['Mod+X'], native: true, run: nothing },
    { id: 'paste', title: 'Paste', group: 'Edit', keys: ['Mod+V'], native: true, run: nothing },
    {
      id: 'duplicate',
      title: 'Duplicate, on the same inputs',
      group: 'Edit',
      keys: ['Mod+D'],
      enabled: someSelected,
      run: () => session.duplicateSelected(),
    },
    {
      id: 'delete',
      title: 'Delete',
      group: 'Edit',
      keys: ['Delete', 'Backspace'],
      enabled: () => someSelected() || flow.selectedEdges.length > 0,
      run: () => session.removeSelected(),
    },
    {
      id: 'select-all',
      title: 'Select all',
      group: 'Edit',
      keys: ['Mod+A'],
      run: () => flow.select(session.document.nodes.map((node) => node.id)),
    },
    {
      id: 'add',
      title: 'Add a node',
      group: 'Graph',
      keys: ['Shift+A'],
      run: () => session.openQuickAdd(canvas),
    },
    {
      id: 'connect',
      title: 'Wire the selected node',
      group: 'Graph',
      keys: ['C'],
      enabled: one,
      run: () => session.openConnect(flow.selectedNodeIds[0]),
    },
    {
      id: 'arrange',
      title: 'Arrange the nodes',
      group: 'Graph',
      keys: ['L'],
      enabled: () => session.document.nodes.length > 0,
      run: () => void arrange(session, canvas),
    },
    {
      id: 'fit',
      title: 'Fit the graph into view',
      group: 'View',
      keys: ['.'],
      run: () => fit(canvas),
    },
    {
      id: 'palette',
      title: 'Show or hide the nodes',
      group: 'View',
      keys: ['Mod+B'],
      run: () => (ui.paletteOpen = !ui.paletteOpen),
    },
    {
      id: 'inspector',
      title: 'Show or hide the inspector',
      group: 'View',
      keys: ['Mod+I'],
      run: () => (ui.inspectorOpen = !ui.inspectorOpen),
    },
    {
      id: 'panel',
      title: 'Show or hide the plots',
      group: 'View',
      keys: ['Mod+J'],
      run: () => (ui.panelOpen = !ui.panelOpen),
    },
    {
      id: 'share',
      title: 'Share as a link',
      group: 'File',
      keys: [],
      run: () => (ui.dialog = 'share'),
    },
    {
      id: 'export',
      title: 'Export to a file',
      group: 'File',
      keys: ['Mod+S'],
      everywhere: true,
      run: () => files.exportFile(),
    },
    {
      id: 'history',
      title: 'Show earlier versions',
      group: 'File',
      keys: [],
      run: () => (ui.dialog = 'history'),
    },
    {
      id: 'open',
      title: 'Open a file',
      group: 'File',
      keys: ['Mod+O'],
      everywhere: true,
      run: () => files.openFile(),
    },
    {
      id: 'commands',
      title: 'Find a command',
      group: 'View',
      keys: ['Mod+K'],
      everywhere: true,
      run: () => (ui.dialog = 'commands'),
    },
    {
      id: 'keys',
      title: 'Show all keys',
      group: 'View',
      keys: ['?'],
      run: () => (ui.dialog = 'keys'),
    },
  ];
}
