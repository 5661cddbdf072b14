/** Picture files as grey values. The browser decodes them; nothing is sent anywhere. */

export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  /** Whole numbers 0 … 255, row by row from the top. */
  readonly grey: Uint8Array;
}

export const PICTURE_LIMITS = { side: 2048, pixels: 4_000_000, least: 2 } as const;
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;

/** Weights of red, green and blue in the luma of Rec. 709, for encoded components. */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** Bytes in which a file tells its size: a JPEG may carry a preview and a colour profile before it. */
const HEAD = 1 << 20;

/**
 * Decodes a PNG, JPEG or WebP file. Transparent pixels are laid on white, colours become grey by their luma, rounded.
 * @throws Error that says what is wrong with the file
 */
export async function decodePicture(file: File): Promise<GreyPicture> {
  const { name } = file;
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (pictureType(head) === null) {
    const named = (PICTURE_TYPES as readonly string[]).includes(file.type);
    const got =
      file.size === 0
        ? 'an empty file'
        : named
          ? 'a file of this name with other contents'
          : file.type || 'another kind of file';
    throw new Error(
      `${name}: expected a PNG, JPEG or WebP picture, got ${got}. Save it as one of these.`,
    );
  }
  // Before it is decoded: a small file can hold more pixels than there is memory for.
  const declared = pictureSize(head);
  if (declared) requireSize(name, declared[0], declared[1]);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(
      `${name}: expected a picture that the browser can decode, got a damaged file. Open it elsewhere and save it again.`,
    );
  }
  try {
    const { width, height } = bitmap;
    requireSize(name, width, height);
    const context = new OffscreenCanvas(width, height).getContext('2d', {
      willReadFrequently: true,
    });
    if (!context)
      throw new Error(
        `${name}: expected a canvas to decode it on, got none. Reload the page, or use a smaller picture.`,
      );
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { width, height, grey: luma(context.getImageData(0, 0, width, height).data) };
  } finally {
    bitmap.close();
  }
}

/** Grey of RGBA bytes without their alpha. */
export function luma(rgba: ArrayLike<number>): Uint8Array {
  const grey = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < grey.length; i++)
    grey[i] = Math.round(
      LUMA[0] * rgba[4 * i] + LUMA[1] * rgba[4 * i + 1] + LUMA[2] * rgba[4 * i + 2],
    );
  return grey;
}

/** One line of numbers for each row of pixels, without a header. */
export function pictureCsv({ width, height, grey }: GreyPicture): string {
  const lines: string[] = [];
  for (let i = 0; i < height; i++) lines.push(grey.subarray(i * width, (i + 1) * width).join(','));
  return `${lines.join('\n')}\n`;
}

function requireSize(name: string, width: number, height: number): void {
  const { side, pixels, least } = PICTURE_LIMITS;
  if (Math.max(width, height) > side || width * height > pixels)
    throw new Error(
      `${name}: expected at most ${side} pixels a side and ${pixels / 1e6} million in all, got ${width} × ${height}. Scale it down.`,
    );
  if (Math.min(width, height) < least)
    throw new Error(
      `${name}: expected at least ${least} × ${least} pixels, got ${width} × ${height}. Choose a larger picture.`,
    );
}

function begins(bytes: Uint8Array, at: number, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[at + i] === byte);
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
const RIFF = [0x52, 0x49, 0x46, 0x46];
const WEBP = [0x57, 0x45, 0x42, 0x50];

/** Told by the first bytes, whatever the name says. */
export function pictureType(head: Uint8Array): (typeof PICTURE_TYPES)[number] | null {
  if (begins(head, 0, PNG)) return 'image/png';
  if (begins(head, 0, JPEG)) return 'image/jpeg';
  return begins(head, 0, RIFF) && begins(head, 8, WEBP) ? 'image/webp' : null;
}

/** Width and height as the file declares them (a turned JPEG has them swapped); null where they are not found. */
export function pictureSize(head: Uint8Array): readonly [width: number, height: number] | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const type = pictureType(head);
  if (type === 'image/png')
    return head.length < 24 ? null : [view.getUint32(16), view.getUint32(20)];
  if (type === 'image/jpeg') return jpegSize(view);
  if (type === 'image/webp' && head.length >= 30) return webpSize(head, view);
  return null;
}

/** In the frame header (ISO/IEC 10918-1, B.2.2), which stands after segments of any kind. */
function jpegSize(view: DataView): readonly [number, number] | null {
  let at = 2;
  while (at + 9 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    // Fill bytes stand alone, other segments tell their length.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

/** In the first chunk (RFC 9649): extended, lossless or lossy. */
function webpSize(head: Uint8Array, view: DataView): readonly [number, number] | null {
  switch (String.fromCharCode(...head.subarray(12, 16))) {
    case 'VP8X':
      return [
        1 + (view.getUint32(24, true) & 0xffffff),
        1 + (head[27] | (head[28] << 8) | (head[29] << 16)),
      ];
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return [1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)];
    }
    case 'VP8 ':
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    default:
      return null;
  }
}
