import { runActivityWorker } from './activity-worker.ts';
import { ApiClient } from './api-client.ts';
import { Ledger } from './ledger.ts';

/** An activity worker as a process of its own, to be killed with tasks in hand. */
const { API_URLS = '', LEDGER_URL = '', ACTIVITY_ARN = '', WORKER_NAME = '' } = process.env;

const worker = runActivityWorker(
  {
    api: new ApiClient(API_URLS.split(' '), process.pid),
    ledger: new Ledger(LEDGER_URL),
    activityArn: ACTIVITY_ARN,
    name: WORKER_NAME,
    concurrency: 8,
    heartbeatMs: 500,
  },
  new AbortController().signal,
);
process.stdout.write('ready\n');
await worker;
