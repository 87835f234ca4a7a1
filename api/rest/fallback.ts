import { apiError } from '../errors.ts';
import type { RestApp } from './app.ts';
import { OwnProblem } from './problem.ts';

/**
 * What is asked for in no route: a path that is there with another method, OPTIONS, or nothing that is there. To be called before the
 * routes are added.
 */
export function addFallback(app: RestApp): void {
  const methods = new Map<string, { readonly path: RegExp; readonly allowed: Set<string> }>();
  app.addHook('onRoute', ({ url, method, schema }) => {
    if (schema?.hide === true) return;
    const pattern = url.replace(/:[A-Za-z]+/g, '[^/]+');
    const route = methods.get(pattern) ?? { path: new RegExp(`^${pattern}$`), allowed: new Set(['OPTIONS']) };
    for (const each of [method].flat()) route.allowed.add(each);
    methods.set(pattern, route);
  });

  app.all('/*', { schema: { hide: true } }, ({ method, url }, reply) => {
    const [path = ''] = url.split('?', 1);
    const route = [...methods.values()].find((each) => each.path.test(path));
    if (!route) throw apiError('ResourceNotFound', `${method} ${path}`);
    const allowed = [...route.allowed].sort().join(', ');
    reply.header('allow', allowed);
    if (method === 'OPTIONS') return reply.code(204).send();
    throw new OwnProblem('MethodNotAllowed', `${method} is not possible here: ${allowed} are.`);
  });
}
