/**
 * The store cannot be reached, or refuses writes (full, loading, a replica). Nothing is known about the request that
 * failed so: it may have been applied. Sending it again with the same request id is safe.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
