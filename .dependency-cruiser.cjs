// Who may import whom. Imports run one way:
//   schemas <- engine/query <- engine/asl <- engine/interpreter <- engine/runtime, engine/explore <- engine/index.ts <- api, cli
// and what talks to the world (Redis, BullMQ, integrations) is named only where a process is put together.

/** What the runtime and the API know of store and queues: interfaces. */
const PORTS = '(store/([a-z-]*store|access-keys|answers|live|progress|search|statistics)|tasks/(queue|deliveries))';

const COMPOSITION_ROOTS = '^(engine/index\\.ts|cli/|bench/|test/)';

/** Everything in `from` may import from `may` (paths of the project, or packages) and nothing else. */
const only = (name, comment, from, may) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: may },
});

/** Only `from` may import `to`. */
const keptTo = (name, comment, to, from) => ({
  name,
  comment,
  severity: 'error',
  from: { pathNot: from },
  to: { path: to },
});

const npm = (...names) => names.map((name) => `^node_modules/${name}/`);

module.exports = {
  forbidden: [
    { name: 'no-cycles', comment: 'Split out what both need.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      comment: 'The file or package does not exist.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^stepyard(/|$)' },
    },
    {
      name: 'published-dependencies',
      comment: 'Who installs the package does not get its devDependencies.',
      severity: 'error',
      from: { path: '^(api|cli|engine|schemas|worker)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    only('schemas', 'Shapes know nothing but typebox.', '^schemas/', ['^schemas/', ...npm('typebox')]),
    only('query', 'Pure: expressions know no definition and no world.', '^engine/query/', [
      '^(engine/query|schemas)/',
      ...npm('@noble/hashes', 'jsonata', 'jsonpath-plus', 'typebox'),
    ]),
    only('asl', 'Pure: the language knows no execution and no world.', '^engine/asl/', [
      '^(engine/(asl|query)|schemas)/',
      ...npm('ajv', 'typebox'),
    ]),
    only('interpreter', 'Pure: the interpreter decides, the runtime does.', '^engine/interpreter/', [
      '^(engine/(interpreter|asl|query)|schemas)/',
      ...npm('typebox'),
    ]),
    only('data-sets', 'Where items come from and results go: it knows no execution.', '^engine/data-sets/', [
      '^(engine/data-sets|schemas)/',
      ...npm('@aws-sdk/client-s3', 'hyparquet'),
      '^(node:)?[a-z_/]+$',
    ]),
    only('explain', 'Pure: explanations are made from data, with the code that decided.', '^engine/explain/', [
      '^(engine/(explain|interpreter|asl|query)|schemas)/',
    ]),
    only('explore', 'Pure: an exploration goes through a definition, not through the world.', '^engine/explore/', [
      '^(engine/(explore|interpreter|asl|query)|schemas)/',
    ]),
    {
      name: 'ports',
      comment: 'The runtime and its ports know no implementation: the composition root hands them over.',
      severity: 'error',
      from: {
        path: `^engine/(express/|runtime/|${PORTS}\\.ts|integrations/integration\\.ts)`,
      },
      to: {
        path: '^engine/(store|tasks|integrations)/',
        pathNot: `^engine/(${PORTS}|integrations/integration)\\.ts$`,
      },
    },
    {
      name: 'implementations',
      comment: 'What implements a port does not know the runtime that uses it.',
      severity: 'error',
      from: { path: '^engine/(store|tasks|integrations)/' },
      to: { path: '^engine/(runtime/|index\\.ts)' },
    },
    {
      name: 'engine',
      comment: 'The engine knows nothing of HTTP, workers or the command line.',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^(api|bench|cli|examples|worker)/' },
    },
    only('worker', 'Workers know the shapes and the wire, never the engine.', '^worker/', [
      '^(worker|schemas)/',
      '^node_modules/',
      '^(node:)?[a-z_/]+$',
    ]),
    {
      name: 'api',
      comment: 'The API knows the engine by its face and by the ports, which are interfaces.',
      severity: 'error',
      from: { path: '^api/' },
      to: {
        path: '^(bench|cli|engine|examples|worker)/',
        pathNot: `^engine/(index|${PORTS})\\.ts$`,
      },
    },
    only(
      'observability',
      'It listens to the engine and reads the store; nothing waits for it.',
      '^engine/observability/',
      ['^(engine/observability|schemas)/', '^engine/index\\.ts$', ...npm('@opentelemetry/[^/]+'), '^(node:)?[a-z_/]+$'],
    ),
    keptTo(
      'observability-is-optional',
      'Who is watched does not know it.',
      '^engine/observability/',
      `^engine/observability/|${COMPOSITION_ROOTS}|^scripts/`,
    ),
    keptTo(
      'open-telemetry',
      'What is told leaves the process by one door.',
      '^node_modules/@opentelemetry/',
      '^(engine/observability|test|node_modules)/',
    ),
    {
      name: 'examples',
      comment: 'Examples use what users can: the published faces.',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(api|bench|cli|engine|schemas|worker)/', pathNot: '^(engine|worker)/index\\.ts$' },
    },
    keptTo(
      'store-implementations',
      'Named only where a process is put together.',
      '^engine/(store/(redis|memory)|tasks/(bullmq|memory)|integrations/(?!integration\\.ts))',
      `${COMPOSITION_ROOTS}|^(engine/(store|tasks|integrations)|scripts/reference)/`,
    ),
    keptTo(
      'redis-clients',
      'Redis and BullMQ are reached through the ports.',
      '^node_modules/(ioredis|bullmq)/',
      `${COMPOSITION_ROOTS}|^(engine/store/redis|engine/tasks|worker|examples)/|^node_modules/`,
    ),
    keptTo(
      's3-client',
      'S3 is reached through the port of data sets.',
      '^node_modules/@aws-sdk/client-s3/',
      '^(engine/data-sets|test|node_modules)/',
    ),
    keptTo('http-server', 'HTTP belongs to the API.', '^node_modules/fastify/', '^(api|bench|test|node_modules)/'),
    keptTo('tests', 'Nothing imports tests.', '^test/', '^test/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|dist-[^/]+|coverage|test-results)/' },
    // Types are imports too: a core that names an adapter's type depends on it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
