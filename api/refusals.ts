import type { Context } from './operation.ts';

/**
 * Versions are of a later release. Asking for one is refused rather than ignored: a client that believes it has
 * published a version would start executions of something else.
 *
 * @throws ApiError ValidationException
 */
export function requireVersionless(
  { publish, versionDescription }: { readonly publish?: boolean; readonly versionDescription?: string },
  { reject }: Context,
): void {
  if (publish) throw reject('ValidationException', 'Publishing state machine versions is not supported yet');
  if (versionDescription !== undefined) {
    throw reject('ValidationException', 'Version description can only be set when publish is true');
  }
}
