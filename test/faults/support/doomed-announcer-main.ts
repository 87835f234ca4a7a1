import { AWS_LIMITS, createAnnouncer, createEngine, WebhookList } from '../../../engine/index.ts';
import { connect } from '../../../engine/store/redis/connect.ts';
import { createRedisStore } from '../../../engine/store/redis/redis-store.ts';
import { createBullmqTaskQueue } from '../../../engine/tasks/bullmq.ts';
import { createBullmqDeliveryQueue } from '../../../engine/tasks/bullmq-deliveries.ts';

/** An engine that is killed when the queue of a webhook is to hear of a commit, before or after it has. */
const { REDIS_URL = '', DIES = '' } = process.env;
const SILENT = { info() {}, warn() {}, error() {} };
const onError = () => {};

const store = await createRedisStore({ url: REDIS_URL, shards: 2, retentionMs: 86_400_000 });
const connection = connect(REDIS_URL, 'owner', onError);
const deliveries = createBullmqDeliveryQueue({ connection, onError, lockMs: 1000, attempts: 3, retryMs: 10 });
const list = new WebhookList({ store: store.webhooks, log: SILENT });
await list.start();
const announcer = createAnnouncer(list, {
  async add(added) {
    if (DIES === 'after') await deliveries.add(added);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
});
const engine = createEngine({
  store,
  queue: createBullmqTaskQueue({ connection, onError }),
  owner: 'doomed',
  limits: AWS_LIMITS,
  leaseMs: 1000,
  announcer,
  log: SILENT,
});
await engine.start();
process.stdout.write('ready\n');
