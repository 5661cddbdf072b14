/** What can be dropped or pasted on the canvas. */
export const NODE_MIME = 'application/x-adjoint-node';

export type Dropped =
  | { readonly kind: 'node'; readonly type: string }
  | { readonly kind: 'table'; readonly file: File }
  | { readonly kind: 'picture'; readonly file: File }
  | { readonly kind: 'experiment'; readonly file: File }
  | { readonly kind: 'unknown'; readonly name: string };

const TABLE_NAME = /\.(csv|tsv|txt|data)$/i;
const PICTURE_NAME = /\.(png|jpe?g|webp)$/i;
const EXPERIMENT_NAME = /\.(json|adjoint|zip)$/i;

/** Tells what was dropped by its type and name; null when it carries nothing of use. */
export function readDrop(transfer: DataTransfer): Dropped | null {
  const type = transfer.getData(NODE_MIME);
  if (type) return { kind: 'node', type };
  const file = transfer.files[0];
  if (!file) return null;
  if (EXPERIMENT_NAME.test(file.name)) return { kind: 'experiment', file };
  if (TABLE_NAME.test(file.name) || file.type === 'text/csv') return { kind: 'table', file };
  // Other kinds of picture are refused where they are read, with the reason.
  if (PICTURE_NAME.test(file.name) || file.type.startsWith('image/'))
    return { kind: 'picture', file };
  return { kind: 'unknown', name: file.name };
}

/** Text with columns, as a file; null for anything else. */
export function tableOf(text: string): Dropped | null {
  const [first, second] = text.split(/\r?\n/, 2);
  if (!/[,;\t]/.test(first) || !second) return null;
  return { kind: 'table', file: new File([text], 'pasted.csv', { type: 'text/csv' }) };
}

/** Whether a drag may be dropped here; its contents are not readable before the drop. */
export function accepts(transfer: DataTransfer): boolean {
  return transfer.types.includes(NODE_MIME) || transfer.types.includes('Files');
}
