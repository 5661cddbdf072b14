/**
 * A document being edited: its history, the canvas, the reports on its nodes, and what a person can do to it. The document is an immutable value; every edit goes through `commit`, which records it, moves the canvas along and tells
 * whoever listens (the engine, the library).
 */
import { nameOf, type Connection } from '../../runtime/graph/connect.ts';
import type {
  GraphDocument,
  GraphEdge,
  GraphNode,
  ParamValue,
} from '../../runtime/graph/document.ts';
import * as edit from '../../runtime/graph/edit.ts';
import type {
  NodeDefinition,
  NodeNote,
  NodeRegistry,
} from '../../runtime/graph/node-definition.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { Flow, type Point } from '../canvas/flow.svelte.ts';
import { placeFor } from '../canvas/place.ts';
import * as clipboard from './clipboard.ts';
import * as history from './history.ts';
import { insertBefore } from './insert.ts';
import { Notices } from './notices.svelte.ts';
import { Reports } from './reports.svelte.ts';
import { Ui, type WireEnd } from './ui.svelte.ts';
import * as wiring from './wiring.ts';

/** In canvas units: the width of a card, and the distance from its top to its first port. */
const CARD_WIDTH = 232;
const FIRST_PORT = 50;

export type EditListener = (document: GraphDocument) => void;

export class Editing {
  readonly registry: NodeRegistry;
  readonly reports = new Reports();
  readonly notices = new Notices();
  readonly ui = new Ui();
  readonly flow: Flow;
  #history = $state.raw<history.History<GraphDocument>>(history.createHistory(emptyDocument()));
  readonly document = $derived(this.#history.present);
  readonly undoLabel = $derived(this.#history.past.at(-1)?.label ?? null);
  readonly redoLabel = $derived(this.#history.future.at(0)?.label ?? null);
  readonly #listeners = new Set<EditListener>();

  constructor(registry: NodeRegistry, document: GraphDocument) {
    this.registry = registry;
    this.flow = new Flow({
      nameOf: (node) => nameOf(node, registry),
      portTypeOf: (edge, source) => wiring.outputType(source, edge.from[1], registry),
      onmove: (moves, nudge) =>
        this.commit(edit.moveNodes(this.document, moves), {
          label: moves.size === 1 ? 'Move node' : 'Move nodes',
          ...(nudge ? { key: `nudge:${[...moves.keys()].join()}` } : {}),
        }),
    });
    this.open(document);
  }

  /** Starts over with another document; the history is empty again. */
  open(document: GraphDocument): void {
    this.#history = history.createHistory(document);
    this.#show(document);
  }

  /** Called with every new document, also on undo and redo. Returns the way to stop. */
  onedit(listener: EditListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  commit(document: GraphDocument, change: history.Change): void {
    if (document === this.document) return;
    this.#history = history.record(this.#history, document, change, performance.now());
    this.#show(document);
  }

  /** The next change is an undo step of its own: a field was left, a slider released. */
  seal(): void {
    this.#history = history.seal(this.#history);
  }

  undo(): void {
    this.#travel(history.undo(this.#history), 'Undone', this.undoLabel);
  }
  redo(): void {
    this.#travel(history.redo(this.#history), 'Redone', this.redoLabel);
  }
  #travel(next: history.History<GraphDocument>, verb: string, label: string | null): void {
    if (next === this.#history) return;
    this.#history = next;
    this.#show(next.present);
    this.notices.announce(`${verb}: ${label}`);
  }

  #show(document: GraphDocument): void {
    this.flow.sync(document);
    this.reports.retain(new Set(document.nodes.map((node) => node.id)));
    for (const listener of this.#listeners) listener(document);
  }

  // Looking things up

  node(id: string): GraphNode | undefined {
    return this.document.nodes.find((node) => node.id === id);
  }
  nameOf(id: string): string {
    const node = this.node(id);
    return node ? nameOf(node, this.registry) : id;
  }
  portsOf(node: GraphNode): readonly wiring.PortInfo[] {
    return wiring.portsOf(node, this.document, this.registry);
  }
  /** The nodes a command acts on: the selected ones. */
  get selection(): readonly string[] {
    return this.flow.selectedNodeIds;
  }

  // Nodes

  addNode(definition: NodeDefinition, place: Point, params: GraphNode['params'] = {}): GraphNode {
    const position = { x: Math.round(place.x), y: Math.round(place.y) };
    const node = edit.createNode(this.document, definition, position, params);
    this.commit(edit.addNode(this.document, node), { label: `Add ${definition.title}` });
    this.flow.select([node.id]);
    this.notices.announce(`${definition.title} added`);
    return node;
  }

  /** Adds a node and joins it to the end a wire was dropped from, as one undo step. */
  addWired(definition: NodeDefinition, place: Point, end: WireEnd): void {
    const type = wiring.typeAt(end, this.document, this.registry);
    const port = type === null ? undefined : wiring.matchingPort(definition, end, type);
    // The card stands so that its first port is about where the wire was dropped.
    const node = edit.createNode(this.document, definition, {
      x: Math.round(place.x - (end.side === 'in' ? CARD_WIDTH : 0)),
      y: Math.round(place.y - FIRST_PORT),
    });
    let next = edit.addNode(this.document, node);
    if (port) {
      const other: WireEnd = { node: node.id, port: port.name, side: port.side };
      next = this.#joined(next, end, other) ?? next;
    }
    this.commit(next, { label: `Add ${definition.title}` });
    this.flow.select([node.id]);
    this.notices.announce(`${definition.title} added`);
  }

  /** Puts a node that has no wires yet on a wire, where its ports allow it. */
  splice(nodeId: string, edge: GraphEdge): boolean {
    const node = this.node(nodeId);
    const definition = node && this.registry.get(node.type);
    if (!definition) return false;
    if (this.document.edges.some(({ from, to }) => from[0] === nodeId || to[0] === nodeId))
      return false;
    const ports = wiring.splicePorts(definition, edge, this.document, this.registry);
    if (!ports) return false;
    const next = edit.spliceNode(this.document, edge, nodeId, ports.input, ports.output);
    this.commit(next, { label: `Put ${definition.title} on a wire` });
    return true;
  }

  /** Puts the node that a note of `nodeId` proposes where it says, as one undo step. */
  insert(nodeId: string, { type, port, label }: NonNullable<NodeNote['insert']>): void {
    const definition = this.registry.get(type);
    if (!definition) return;
    const standing = this.document.nodes.map((node) => {
      const family = this.registry.get(node.type)?.family;
      const { position } = node;
      return { type: node.type, family, position, size: this.flow.sizeOf(node.id) };
    });
    const place = placeFor(type, definition.family, standing, { x: 0, y: 0 });
    const inserted = insertBefore(this.document, this.registry, definition, [nodeId, port], place);
    if (!inserted) return;
    this.commit(inserted.document, { label });
    this.flow.select([inserted.node.id]);
    this.notices.announce(`${definition.title} added`);
  }

  removeSelected(): void {
    const nodes = this.selection;
    const edges = this.flow.selectedEdges;
    if (nodes.length === 0 && edges.length === 0) return;
    const next = edit.removeNodes(edit.removeEdges(this.document, edges), nodes);
    const what = nodes.length === 1 ? this.nameOf(nodes[0]) : nodes.length > 1 ? 'nodes' : 'wire';
    this.commit(next, { label: `Delete ${what}` });
    this.notices.announce(`${what} deleted`);
  }

  removeNode(id: string): void {
    const name = this.nameOf(id);
    this.commit(edit.removeNodes(this.document, [id]), { label: `Delete ${name}` });
  }

  duplicateSelected(): void {
    const { document, ids } = clipboard.duplicate(this.document, this.selection);
    this.commit(document, { label: ids.length === 1 ? 'Duplicate node' : 'Duplicate nodes' });
    if (ids.length > 0) this.flow.select(ids);
  }

  /** @throws DocumentError when the text is not a graph. */
  pasteText(text: string, at: Point): void {
    const clipped = clipboard.readClip(text, this.registry);
    const { document, ids } = clipboard.paste(this.document, clipped, at);
    this.commit(document, { label: ids.length === 1 ? 'Paste node' : 'Paste nodes' });
    this.flow.select(ids);
  }

  copyText(): string | null {
    return this.selection.length > 0 ? clipboard.clipText(this.document, this.selection) : null;
  }

  rename(id: string, label: string): void {
    this.commit(edit.renameNode(this.document, id, label), {
      label: 'Rename node',
      key: `label:${id}`,
    });
  }

  setParam(id: string, param: string, value: ParamValue, held = false): void {
    const node = this.node(id);
    const spec = node && this.registry.get(node.type)?.params[param];
    this.commit(edit.setParam(this.document, id, param, value), {
      label: `Change ${spec?.label ?? param}`,
      key: `param:${id}:${param}`,
      held,
    });
  }

  place(positions: ReadonlyMap<string, Point>, label: string): void {
    this.commit(edit.moveNodes(this.document, positions), { label });
  }

  // The experiment itself

  setField<K extends 'title' | 'notes' | 'seed' | 'device'>(key: K, value: GraphDocument[K]): void {
    if (this.document[key] === value) return;
    this.commit({ ...this.document, [key]: value }, { label: `Change ${key}`, key: `doc:${key}` });
  }

  // Wires

  judge(a: WireEnd, b: WireEnd): Connection {
    return wiring.judge(a, b, this.#others(this.ui.wire?.moved), this.registry);
  }

  /** Whether the wire now begun could end here. */
  verdictAt(end: WireEnd): { readonly ok: boolean; readonly reason: string } {
    const begun = this.ui.wire;
    if (!begun) return { ok: true, reason: '' };
    const verdict = this.judge(begun.end, end);
    return verdict.ok ? { ok: true, reason: '' } : { ok: false, reason: verdict.reason };
  }

  /** The document without the wire whose end is being moved. */
  #others(moved: GraphEdge | undefined): GraphDocument {
    return moved ? edit.removeEdges(this.document, [moved]) : this.document;
  }

  /** Joins two ends, in place of the wire `moved` where there is one; or says why not beside the pointer. */
  connect(a: WireEnd, b: WireEnd, at: Point | null, moved?: GraphEdge): boolean {
    const wire = wiring.orient(a, b);
    if (wire && moved && edit.edgeKey(wire) === edit.edgeKey(moved)) return false;
    const others = this.#others(moved);
    const verdict = wiring.judge(a, b, others, this.registry);
    if (!verdict.ok) {
      if (at) this.notices.showHint(verdict.reason, at);
      this.notices.announce(verdict.reason);
      return false;
    }
    const next = this.#joined(others, a, b);
    if (!next) return false;
    this.notices.dismissHint();
    const label = moved ? 'Move wire' : verdict.replaces ? 'Replace wire' : 'Add wire';
    this.commit(next, { label });
    this.notices.announce(`${this.nameOf(a.node)} and ${this.nameOf(b.node)} are wired`);
    return true;
  }

  #joined(document: GraphDocument, a: WireEnd, b: WireEnd): GraphDocument | null {
    const wire = wiring.orient(a, b);
    const verdict = wiring.judge(a, b, document, this.registry);
    if (!wire || !verdict.ok) return null;
    return edit.addEdge(document, wire, verdict.replaces);
  }

  /** A wire dropped on the body of a card goes to the first port there that takes it. */
  connectToNode(end: WireEnd, nodeId: string, at: Point, moved?: GraphEdge): void {
    const fitting = wiring
      .candidates(end, this.#others(moved), this.registry)
      .find((candidate) => candidate.end.node === nodeId);
    if (fitting) {
      this.connect(end, fitting.end, at, moved);
      return;
    }
    const node = this.node(nodeId);
    const port = node && this.portsOf(node).find((candidate) => candidate.side !== end.side);
    if (port) this.connect(end, { node: nodeId, port: port.name, side: port.side }, at, moved);
    else if (nodeId !== end.node)
      this.notices.showHint(
        `${this.nameOf(nodeId)} has no ${end.side === 'out' ? 'inputs' : 'outputs'}.`,
        at,
      );
  }

  clickPort(end: WireEnd, at: Point): void {
    const begun = this.ui.wire;
    if (!begun || begun.mode === 'drag') {
      this.ui.wire = { end, mode: 'click' };
      this.notices.announce('Wire begun. Choose a port that is lit, or press Escape.');
      return;
    }
    this.ui.wire = null;
    const same =
      begun.end.node === end.node && begun.end.port === end.port && begun.end.side === end.side;
    if (!same) this.connect(begun.end, end, at);
  }

  candidates(end: WireEnd): readonly wiring.Candidate[] {
    return wiring.candidates(end, this.document, this.registry);
  }
}
