/**
 * Work on the page in slices. What fits into the present task is done at once, so that a short text is there at once; the
 * rest waits for later frames, one slice a frame, so that neither the work nor the layout that follows it blocks the page.
 */

/** Milliseconds of one slice; the layout of what it made takes about as long again. */
const SLICE_MS = 12;

const queue = new Set<() => void>();
let spent = 0;
let counting = false;
let scheduled = false;

/** Does the work now or soon, in the order of the calls. Returns what takes it out of the queue. */
export function inSlices(work: () => void): () => void {
  if (queue.size === 0 && spent < SLICE_MS) {
    const start = performance.now();
    work();
    spent += performance.now() - start;
    if (!counting) {
      counting = true;
      setTimeout(() => {
        counting = false;
        spent = 0;
      });
    }
    return () => undefined;
  }
  queue.add(work);
  schedule();
  return () => void queue.delete(work);
}

/** Does the work after the next frame was painted: for work whose cost comes after it, such as a change of what is shown. */
export function nextFrame(work: () => void): () => void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    work();
  };
  // A hidden tab has no frames, and may become one while a frame is waited for.
  if (document.visibilityState === 'hidden') setTimeout(once, 50);
  else {
    requestAnimationFrame(() => setTimeout(once));
    setTimeout(once, 1_000);
  }
  return () => void (done = true);
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  nextFrame(drain);
}

function drain(): void {
  scheduled = false;
  const start = performance.now();
  for (const work of queue) {
    queue.delete(work);
    work();
    if (performance.now() - start >= SLICE_MS) break;
  }
  if (queue.size > 0) schedule();
}
