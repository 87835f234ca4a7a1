import { createFileStores, isFileBucket } from './files.ts';
import type { ObjectStores } from './object-stores.ts';
import { createS3Stores } from './s3.ts';

export interface ObjectStoreSettings {
  /** Where S3 is; undefined: AWS's own. */
  readonly s3Endpoint?: string | undefined;
  /** The folder whose subfolders are the buckets `file:DIR`; undefined: there are none. */
  readonly filesRoot?: string | undefined;
}

/** All buckets that executions may name: `file:DIR` is a folder, any other one is S3's. */
export function createObjectStores({ s3Endpoint, filesRoot }: ObjectStoreSettings): ObjectStores {
  const s3 = createS3Stores(s3Endpoint);
  const files = createFileStores(filesRoot);
  const storeOf = (bucket: string): ObjectStores => (isFileBucket(bucket) ? files : s3);
  return {
    get: (bucket, key, options) => storeOf(bucket).get(bucket, key, options),
    list: (bucket, prefix, owner, after) => storeOf(bucket).list(bucket, prefix, owner, after),
    create: (bucket, key) => storeOf(bucket).create(bucket, key),
    close: () => s3.close(),
  };
}
