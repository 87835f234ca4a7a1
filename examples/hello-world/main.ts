import { createClient } from '../support/client.ts';
import { putMachine, readDefinition, runExecution } from '../support/machine.ts';
import { runExample } from '../support/run-example.ts';
import { printTimeline } from '../support/timeline.ts';
import { startHelloWorkers } from './workers.ts';

/** `npm run example:hello`, or `npm run example:hello -- Ada`. */

await runExample(async (endpoint, onExit) => {
  const client = createClient(endpoint);
  const stopping = new AbortController();
  onExit(async () => {
    stopping.abort();
    client.destroy();
  });
  const [activityArn] = await startHelloWorkers(client, stopping.signal);
  const definition = readDefinition(new URL('./definition.asl.json', import.meta.url), activityArn);
  const machine = await putMachine(client, 'hello-world', definition);
  const ended = await runExecution(client, machine, { name: process.argv[2] ?? 'world' });
  printTimeline('hello world', ended);
  return ended.status === 'SUCCEEDED' ? 0 : 1;
});
