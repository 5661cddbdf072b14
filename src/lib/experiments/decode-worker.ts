/** The worker that decodes one link or file: whatever is in it, the page can end it. */
import { registry } from '../nodes/index.ts';
import { decodeJob, type DecodeJob } from './decode-jobs.ts';

self.addEventListener('message', (event: MessageEvent<DecodeJob>) => {
  void decodeJob(event.data, registry, (reply, transfer = []) =>
    self.postMessage(reply, { transfer: transfer as Transferable[] }),
  );
});
