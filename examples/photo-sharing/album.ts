/** Photos, or rather the first bytes of their files: there is all that one needs to know format and size. */

const text = (characters: string): number[] => [...Buffer.from(characters, 'latin1')];
const bigEndian16 = (value: number): number[] => [value >> 8, value & 0xff];
const bigEndian32 = (value: number): number[] => [...bigEndian16(value >>> 16), ...bigEndian16(value & 0xffff)];
const littleEndian16 = (value: number): number[] => bigEndian16(value).reverse();

/** Signature, then the header chunk with width and height. */
const png = (width: number, height: number): Uint8Array =>
  Uint8Array.from([
    0x89,
    ...text('PNG\r\n\x1a\n'),
    ...bigEndian32(13),
    ...text('IHDR'),
    ...bigEndian32(width),
    ...bigEndian32(height),
  ]);

/** Start of image, then the frame header: length, bits per sample, height and width. */
const jpeg = (width: number, height: number): Uint8Array =>
  Uint8Array.from([0xff, 0xd8, 0xff, 0xc0, ...bigEndian16(17), 8, ...bigEndian16(height), ...bigEndian16(width)]);

const gif = (width: number, height: number): Uint8Array =>
  Uint8Array.from([...text('GIF89a'), ...littleEndian16(width), ...littleEndian16(height)]);

/** By file name. */
export const ALBUM: ReadonlyMap<string, Uint8Array> = new Map([
  ['harbour-with-boat.jpg', jpeg(4032, 3024)],
  ['cat-on-sofa.png', png(1200, 1600)],
  ['out-of-focus.jpg', jpeg(800, 600)],
  ['dancing-banana.gif', gif(365, 360)],
]);
