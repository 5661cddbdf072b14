/** What is open and what is being dragged: the editor's state that no one saves. */
import type { GraphEdge } from '../../runtime/graph/document.ts';
import type { Point } from '../canvas/flow.svelte.ts';

/** One end of a wire: a port of a node. */
export interface WireEnd {
  readonly node: string;
  readonly port: string;
  readonly side: 'in' | 'out';
}

export interface BegunWire {
  readonly end: WireEnd;
  readonly mode: 'drag' | 'click';
  /** The wire whose other end is being moved; it is as good as gone while the new end is chosen. */
  readonly moved?: GraphEdge;
}

export interface QuickAdd {
  /** Where the list opens, in page coordinates. */
  readonly page: Point;
  /** Where the node will stand, in canvas coordinates. */
  readonly place: Point;
  /** Connects the new node to this end, and lists only what can be. */
  readonly wire: WireEnd | null;
}

export type DialogName = 'share' | 'keys' | 'commands' | 'connect' | 'history' | null;
export type Sheet = 'palette' | 'inspector' | 'panel' | null;

/** Below this width the palette, the inspector and the plots are sheets. */
export const NARROW = '(max-width: 860px)';
const isNarrow = () => window.matchMedia(NARROW).matches;

export class Ui {
  quickAdd = $state.raw<QuickAdd | null>(null);
  /** The end at which a wire was begun; `drag` follows the pointer, `click` waits for a second click. */
  wire = $state.raw<BegunWire | null>(null);
  dialog = $state.raw<DialogName>(null);
  /** The node for which the connect dialog is open. */
  connectNode = $state.raw<string | null>(null);
  /** On narrow screens one sheet at a time covers the lower part of the canvas. */
  sheet = $state.raw<Sheet>(null);
  paletteOpen = $state.raw(true);
  inspectorOpen = $state.raw(true);
  panelOpen = $state.raw(true);
  panelHeight = $state.raw(320);
  /** A node id, 'runs' or 'log'. */
  panelTab = $state.raw('');
  minimap = $state.raw(true);
  /** False where the notes of an experiment are to be looked at only on demand. */
  notesOpen = $state.raw(true);

  /** Moves the canvas to a node; set by the canvas. */
  moveTo: (nodeId: string) => void = () => {};

  /** Brings a node before the person's eyes: its card, and its parameters where there is room for both. */
  look(nodeId: string): void {
    if (isNarrow()) this.sheet = null;
    else this.inspectorOpen = true;
    this.moveTo(nodeId);
  }

  /** Closes the topmost thing that is open; false when nothing was. */
  dismiss(): boolean {
    if (this.dialog) this.dialog = null;
    else if (this.quickAdd) this.quickAdd = null;
    else if (this.wire) this.wire = null;
    else if (this.sheet && isNarrow()) this.sheet = null;
    else return false;
    return true;
  }

  /** Shows a node's picture in the large panel. */
  showInPanel(tab: string): void {
    this.panelTab = tab;
    this.panelOpen = true;
    if (isNarrow()) this.sheet = 'panel';
  }
}
