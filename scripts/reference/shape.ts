import { code, codes } from './markdown.ts';

/** What a JSON Schema says of a value, as far as the reference pages tell it. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Ours: a size that is a setting. */
  readonly quota?: string;
}

/** A member of an input or output, with those inside it as `a.b` and `a[].b`. */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
}

export function membersOf({ properties = {}, required = [] }: Shape, before = ''): Member[] {
  return Object.entries(properties).flatMap(([name, shape]) => {
    const path = before + name;
    const inner = shape.items ?? shape;
    const deeper = membersOf(inner, shape.items ? `${path}[].` : `${path}.`);
    return [{ name: path, type: typeOf(shape), isRequired: required.includes(name) }, ...deeper];
  });
}

function typeOf(shape: Shape): string {
  if (shape.enum) return codes(shape.enum);
  switch (shape.type) {
    case 'string':
      return `text${lengthOf(shape)}`;
    case 'integer':
      return `whole number${rangeOf(shape)}`;
    case 'array':
      return `list of ${shape.items?.properties ? 'objects' : 'values'}`;
    default:
      return String(shape.type ?? 'any JSON');
  }
}

const QUOTAS: Readonly<Record<string, string>> = {
  payload: `, at most ${code('STEPYARD_MAX_PAYLOAD_BYTES')} bytes of UTF-8`,
  definition: ', at most 1 MiB of UTF-8',
};

function lengthOf({ minLength = 0, maxLength, quota = '' }: Shape): string {
  if (maxLength !== undefined) return `, ${minLength} to ${maxLength} characters`;
  return QUOTAS[quota] ?? '';
}

const rangeOf = ({ minimum, maximum }: Shape): string =>
  minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`;
