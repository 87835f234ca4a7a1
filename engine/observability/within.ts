/**
 * What takes longer is not waited for.
 *
 * @throws Error when the time is over, or what the work throws
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Whoever came second is heard by nobody.
    work.catch(() => {});
    late.catch(() => {});
  }
}
