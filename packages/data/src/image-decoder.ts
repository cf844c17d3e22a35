import { decodeImage, unreadable, type DecodeOptions } from './decode-image.ts';
import { decodeOptions, type DecodeSettings } from './decode-settings.ts';
import type { ImageSize } from './image.ts';
import { loadSharp, type Sharp } from './load-sharp.ts';
import type { DecodeEncoded } from './stream.ts';

/** What `imageDecoder` takes. */
export interface ImageDecoderOptions extends DecodeSettings {
  /** Scale every image to cover this and crop its centre. Left out: each keeps its own size. */
  readonly size?: ImageSize | undefined;
}

/** Decodes by `options`, which go with it to other threads. */
export function encodedDecoder(sharp: Sharp, options: DecodeOptions): DecodeEncoded {
  const decode: DecodeEncoded = async ({ encoded, name }) => {
    try {
      return await decodeImage(sharp, encoded, options);
    } catch (cause) {
      throw unreadable(name, cause);
    }
  };
  return Object.assign(decode, { options });
}

/**
 * The `decode` of a stream of encoded images, on whatever thread renders them. Needs the optional peer `sharp`.
 *
 * @throws DataError `missing-dependency` or `bad-option`; what it answers throws `unreadable-image` with the image's name
 */
export async function imageDecoder(options: ImageDecoderOptions = {}): Promise<DecodeEncoded> {
  const decode = await decodeOptions(options);
  return encodedDecoder(await loadSharp(), decode);
}
