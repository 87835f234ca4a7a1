import type { Json } from '../../../schemas/json.ts';

/** What a filter may use while it looks at one item. */
export interface Session {
  /** The document that `$` means inside a filter. */
  readonly root: Json;
  /** Pays for work whose size the data decides; throws when the evaluation has become too expensive. */
  spend(cost: number): void;
}

export type FilterTest = (item: Json, session: Session) => boolean;

export type Segment =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly test: FilterTest }
  | { readonly kind: 'length' }
  /** `$.items.sum()` and the like: AWS accepts them in a definition and never finds anything. */
  | { readonly kind: 'nothing' };

/** What a path starts from: the input `$`, the context object `$$` or a variable `$name`. */
export type Root =
  | { readonly kind: 'input' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string };

export interface PathSyntax {
  readonly root: Root;
  readonly segments: readonly Segment[];
}

/** Whether a path names one value; others give a list, which may be empty. */
export const isDefinite = (segments: readonly Segment[]): boolean =>
  segments.every((segment, index) => {
    if (segment.kind === 'names') return segment.names.length === 1 || index === segments.length - 1;
    if (segment.kind === 'indexes') return segment.indexes.length === 1;
    return segment.kind === 'length' || segment.kind === 'nothing';
  });
