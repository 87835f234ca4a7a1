import fastify, { type FastifyInstance } from 'fastify';

/** How a process does, for those who watch it. */
export interface Monitoring {
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Whether the process lives. */
  alive(): Health;
  /** Whether it can do its work now. */
  ready(): Promise<Health>;
}

export interface Health {
  readonly status: 'ok' | 'failed';
  readonly checks: readonly HealthCheck[];
}

/** One thing that was looked at. A warning does not make a process unfit. */
export interface HealthCheck {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  /** A sentence: how it stands, and what to do. */
  readonly message: string;
}

/** What the exposition format of Prometheus is called (version 0.0.4). */
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

/** Adds `GET /healthz`, `/readyz` and `/metrics`. */
export function addMonitoring(app: FastifyInstance, monitoring: Monitoring): void {
  app.get('/healthz', { config: { access: 'anybody' } }, async (_request, reply) => {
    const health = monitoring.alive();
    return reply.code(statusOf(health)).type('application/json').send(JSON.stringify(health));
  });
  app.get('/readyz', { config: { access: 'anybody' } }, async (_request, reply) => {
    const health = await monitoring.ready();
    return reply.code(statusOf(health)).type('application/json').send(JSON.stringify(health));
  });
  app.get('/metrics', { config: { access: 'read' } }, async (_request, reply) =>
    reply.type(PROMETHEUS).send(await monitoring.metrics()),
  );
}

const statusOf = ({ status }: Health): number => (status === 'ok' ? 200 : 503);

/** A server that answers nothing else, for processes without an API: the caller makes it listen, and closes it. */
export function createMonitoringServer(monitoring: Monitoring): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  addMonitoring(app, monitoring);
  return app;
}
