import fastify from 'fastify';
import { Redis } from 'ioredis';

/** The least that an answer over HTTP can cost here: a bare Fastify route that reads one Redis hash. A process of its own, as the server is. */

const [redisUrl = '', key = ''] = process.argv.slice(2);
const redis = new Redis(redisUrl, { enableAutoPipelining: true });
const app = fastify();
app.get('/', () => redis.hgetall(key));
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.stdout.write(
  `${JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` })}\n`,
);
