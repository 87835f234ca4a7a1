/** What an ItemReader reads and a ResultWriter writes. */
export { createDataSets, type DataSets } from './data-sets.ts';
export { csvItems } from './formats/csv.ts';
export type { Item, ItemReader } from './item-reader.ts';
export { openItems } from './open-items.ts';
export { type ResultWriter, writeResults } from './result-writer.ts';
export { createObjectStores } from './stores/by-bucket.ts';
export { type ObjectContent, ObjectStoreError, type ObjectStores, type ObjectWriter } from './stores/object-stores.ts';
export { type ResultRow, resultsOf, type Transformation } from './transformation.ts';
