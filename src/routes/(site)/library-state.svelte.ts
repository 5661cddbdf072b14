import { ARCHIVE_EXTENSION } from '$lib/experiments/archive.ts';
import { readArchive } from '$lib/experiments/decode.ts';
import type { Library } from '$lib/experiments/library.ts';
import { openLibrary } from '$lib/experiments/open-library.ts';
import type { ExperimentRecord } from '$lib/experiments/records.ts';
import { download, fileName } from '$lib/plots/export.ts';
import { toast, whileShown } from '$lib/ui/toasts.svelte.ts';

/** What the home page shows of the library, and what it does to it. */
export class LibraryState {
  /** Null until it is known. */
  experiments: readonly ExperimentRecord[] | null = $state.raw(null);
  removed: readonly ExperimentRecord[] = $state.raw([]);
  usage: { readonly used: number; readonly quota: number } | null = $state.raw(null);
  /** Why nothing outlives the page. */
  notice: string | null = $state(null);
  #library: Library | undefined;
  #stop: (() => void) | undefined;
  #closed = false;

  /** Begins to follow the library; returns what ends it. */
  follow(): () => void {
    void openLibrary().then((library) => {
      if (this.#closed) return;
      this.#library = library;
      this.notice = library.notice?.message ?? null;
      void library.superseded.then(({ message }) => (this.notice = message));
      this.#stop = library.subscribe(() => void this.refresh());
      return this.refresh();
    });
    return () => {
      this.#closed = true;
      this.#stop?.();
    };
  }

  refresh(): Promise<void> {
    return this.#attempt(async (library) => {
      this.experiments = await library.list();
      this.removed = await library.listRemoved();
      this.usage = await library.usage();
    });
  }

  rename(id: string, title: string): Promise<void> {
    return this.#attempt((library) => library.rename(id, title));
  }

  duplicate({ id }: ExperimentRecord): Promise<void> {
    return this.#attempt((library) => library.duplicate(id));
  }

  remove({ id, title }: ExperimentRecord): Promise<void> {
    return this.#attempt(async (library) => {
      await library.remove(id);
      toast(`“${title}” was deleted`, {
        action: { label: 'Undo', run: () => this.undoRemove(id) },
      });
    });
  }

  undoRemove(id: string): Promise<void> {
    return this.#attempt((library) => library.undoRemove(id));
  }

  emptyRemoved(): Promise<void> {
    return this.#attempt(async (library) => {
      await library.collect({ allRemoved: true });
      await this.refresh();
    });
  }

  export(record: ExperimentRecord): Promise<void> {
    return this.#attempt(async (library) =>
      save(record.title, await library.exportArchive([record.id])),
    );
  }

  exportAll(): Promise<void> {
    return this.#attempt(async (library) =>
      save(`adjoint-library-${today()}`, await library.exportArchive()),
    );
  }

  /** Adds experiments from files; what cannot be read is said file by file. */
  async import(files: Iterable<File>): Promise<void> {
    let added = 0;
    for (const file of files) {
      await this.#attempt(async (library) => {
        const archive = await whileShown(`Reading ${file.name}`, (tell) => readArchive(file, tell));
        added += (await library.add(archive)).length;
      }, file.name);
    }
    if (added > 0)
      toast(added === 1 ? 'One experiment was added' : `${added} experiments were added`, {
        kind: 'success',
      });
  }

  /** Does it, or shows why not. */
  async #attempt(work: (library: Library) => Promise<unknown>, about?: string): Promise<void> {
    if (!this.#library) return;
    try {
      await work(this.#library);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      toast(about ? `${about}: ${message}` : message, { kind: 'error' });
    }
  }
}

function save(title: string, bytes: Uint8Array<ArrayBuffer>): void {
  download(
    fileName(title, ARCHIVE_EXTENSION.slice(1)),
    new Blob([bytes], { type: 'application/zip' }),
  );
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
