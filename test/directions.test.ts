import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** An import that must not be, and the rule that says so. */
const FORBIDDEN = [
  ['schemas/a.ts', 'engine/asl/compile.ts', 'schemas'],
  ['schemas/b.ts', 'ioredis', 'schemas'],
  ['engine/query/a.ts', 'node:fs', 'query'],
  ['engine/query/b.ts', 'engine/asl/compile.ts', 'query'],
  ['engine/asl/a.ts', 'engine/interpreter/interpret.ts', 'asl'],
  ['engine/interpreter/a.ts', 'engine/runtime/engine.ts', 'interpreter'],
  ['engine/interpreter/b.ts', 'node:crypto', 'interpreter'],
  ['engine/data-sets/a.ts', 'engine/interpreter/interpret.ts', 'data-sets'],
  ['engine/runtime/f.ts', '@aws-sdk/client-s3', 's3-client'],
  ['engine/explain/a.ts', 'engine/runtime/engine.ts', 'explain'],
  ['engine/interpreter/c.ts', 'engine/explain/explain.ts', 'interpreter'],
  ['engine/explore/a.ts', 'engine/runtime/engine.ts', 'explore'],
  ['engine/explore/b.ts', 'node:fs', 'explore'],
  ['engine/runtime/a.ts', 'engine/store/memory.ts', 'ports'],
  ['engine/runtime/b.ts', 'engine/integrations/lambda.ts', 'store-implementations'],
  ['engine/runtime/c.ts', 'bullmq', 'redis-clients'],
  ['engine/store/redis/a.ts', 'engine/runtime/engine.ts', 'implementations'],
  ['engine/runtime/d.ts', 'api/server.ts', 'engine'],
  ['worker/a.ts', 'engine/index.ts', 'worker'],
  ['api/a.ts', 'engine/runtime/engine.ts', 'api'],
  ['api/b.ts', 'ioredis', 'redis-clients'],
  ['examples/cart/a.ts', 'engine/runtime/engine.ts', 'examples'],
  ['engine/observability/a.ts', 'engine/runtime/engine.ts', 'observability'],
  ['engine/runtime/g.ts', '@opentelemetry/api', 'open-telemetry'],
  ['engine/runtime/h.ts', 'engine/observability/b.ts', 'observability-is-optional'],
  ['engine/runtime/e.ts', 'fastify', 'http-server'],
  ['cli/a.ts', 'test/support/redis.ts', 'tests'],
  ['cli/b.ts', 'cli/missing.ts', 'resolvable'],
  ['cli/c.ts', 'vitest', 'published-dependencies'],
  ['cli/d.ts', 'cli/e.ts', 'no-cycles'],
] as const;

const ALLOWED = [
  ['engine/runtime/z.ts', 'engine/interpreter/interpret.ts'],
  ['engine/runtime/z.ts', 'engine/store/store.ts'],
  ['engine/runtime/z.ts', 'engine/explain/explain.ts'],
  ['engine/store/redis/z.ts', 'ioredis'],
  ['engine/data-sets/z.ts', '@aws-sdk/client-s3'],
  ['api/z.ts', 'engine/index.ts'],
  ['api/z.ts', 'fastify'],
  ['cli/z.ts', 'engine/store/memory.ts'],
  ['engine/observability/z.ts', 'engine/index.ts'],
  ['engine/observability/z.ts', '@opentelemetry/api'],
  ['worker/z.ts', 'schemas/z.ts'],
  ['test/z.ts', 'vitest'],
  ['cli/e.ts', 'cli/d.ts'], // closes the cycle above, which is told once
] as const;

describe('import directions', () => {
  let folder: string;
  let violations: { from: string; to: string; rule: { name: string } }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepyard-directions-'));
    await writeProject(folder, [...FORBIDDEN, ...ALLOWED]);
    violations = await cruise(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(FORBIDDEN)('%s must not import %s', (from, to, rule) => {
    const found = violations.filter((violation) => violation.from === from).map((violation) => violation.rule.name);
    expect(found, `${from} imports ${to}`).toContain(rule);
  });

  test.each(ALLOWED)('%s may import %s', (from) => {
    expect(violations.filter((violation) => violation.from === from)).toEqual([]);
  });
});

async function writeProject(folder: string, imports: readonly (readonly [string, string, string?])[]) {
  const sources = new Map<string, string>();
  for (const [, to, rule] of imports) if (to.endsWith('.ts') && rule !== 'resolvable') sources.set(to, '');
  for (const [from, to] of imports) {
    const specifier = to.endsWith('.ts') ? relative(dirname(from), to).replace(/^(?!\.)/, './') : to;
    // Types only: the compiler erases them, so a tool that reads the emitted JavaScript would see nothing.
    sources.set(from, `${sources.get(from) ?? ''}export type * from '${specifier}';\n`);
  }
  const packages = {
    dependencies: { '@aws-sdk/client-s3': '1', '@opentelemetry/api': '1', bullmq: '1', fastify: '1', ioredis: '1' },
    devDependencies: { vitest: '1' },
  };
  sources.set('package.json', JSON.stringify({ name: 'x', type: 'module', ...packages }));
  for (const name of ['@aws-sdk/client-s3', '@opentelemetry/api', 'bullmq', 'fastify', 'ioredis', 'vitest']) {
    sources.set(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    sources.set(`node_modules/${name}/index.js`, '');
  }
  for (const [path, text] of sources) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text || 'export type Nothing = never;\n');
  }
  for (const file of ['tsconfig.json', '.dependency-cruiser.cjs']) await copyFile(join(root, file), join(folder, file));
}

async function cruise(folder: string): Promise<{ from: string; to: string; rule: { name: string } }[]> {
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [depcruise, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1e8 }, (_error, out, err) =>
      resolve({ stdout: out, stderr: err }),
    );
  });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout).summary.violations;
}
