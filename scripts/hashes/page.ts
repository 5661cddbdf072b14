/** In the page: `globalThis.hashTemplate(id)`. */
import { hashTemplate } from './results.ts';

Object.assign(globalThis, {
  hashTemplate: (id: string) =>
    hashTemplate(id, async (name) => {
      const response = await fetch(`/data/${name}.csv`);
      if (!response.ok) throw new Error(`hashes: no table ${name} (${response.status}).`);
      return response.text();
    }),
});
