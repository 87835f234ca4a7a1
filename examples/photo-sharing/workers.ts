import type { SFNClient } from '@aws-sdk/client-sfn';
import { type Handler, startWorkers, TaskError } from '../support/worker.ts';
import { ALBUM } from './album.ts';

/** The services behind the photo machine: a handler for each activity. */

interface Photo {
  readonly file: string;
  /** Once they are extracted. */
  readonly metadata?: Metadata;
}

interface Metadata {
  readonly format: 'jpeg' | 'png' | 'gif' | 'unknown';
  readonly width: number;
  readonly height: number;
}

/** Width and height of what a thumbnail must fit in. */
const THUMBNAIL = 128;

const HANDLERS: { readonly [activity: string]: Handler<Photo> } = {
  /** Reads format and size from the first bytes of the file. */
  'photo-extract-metadata': ({ file }) => {
    const bytes = ALBUM.get(file);
    if (!bytes) throw new TaskError('NoSuchPhoto', `There is no ${file} in the album`);
    return readMetadata(Buffer.from(bytes));
  },

  /** Works out the size; it paints nothing. */
  'photo-make-thumbnail': ({ file, metadata = NO_METADATA }) => {
    const scale = Math.min(1, THUMBNAIL / Math.max(metadata.width, metadata.height));
    return {
      key: `thumbnails/${file}`,
      width: Math.round(metadata.width * scale),
      height: Math.round(metadata.height * scale),
    };
  },

  /** Stands in for a model that looks at pictures: it looks at their names. */
  'photo-detect-objects': ({ file }) => {
    const found = ['boat', 'harbour', 'cat', 'sofa'].filter((thing) => file.includes(thing));
    if (found.length === 0) throw new TaskError('NothingRecognised', `${file} shows nothing that the model knows`);
    return found;
  },

  /** The key follows from the photo: to store it twice, as may happen after a timeout, is to store it once. */
  'photo-store': ({ file, metadata = NO_METADATA }) => ({ key: `photos/${metadata.format}/${file}` }),
};

const NO_METADATA: Metadata = { format: 'unknown', width: 0, height: 0 };

function readMetadata(bytes: Buffer): Metadata {
  if (bytes.toString('latin1', 1, 4) === 'PNG') {
    return { format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (bytes.toString('latin1', 0, 3) === 'GIF') {
    return { format: 'gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  }
  if (bytes.readUInt16BE(0) === 0xffd8) {
    return { format: 'jpeg', width: bytes.readUInt16BE(9), height: bytes.readUInt16BE(7) };
  }
  return NO_METADATA;
}

/** Starts a worker for each activity. */
export const startPhotoWorkers = (client: SFNClient): ReturnType<typeof startWorkers> =>
  startWorkers(HANDLERS, { client, name: 'photo-lab' });
