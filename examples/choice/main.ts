import { createClient } from '../support/client.ts';
import { putMachine, readDefinition, runExecution } from '../support/machine.ts';
import { runExample } from '../support/run-example.ts';
import { printTimeline } from '../support/timeline.ts';
import { startChoiceWorker } from './workers.ts';

/** `npm run example:choice`: four parcels, each another way. */

const PARCELS = [
  { grams: 80, country: 'DE' },
  { grams: 2300, country: 'FR' },
  { grams: 80_000, country: 'DE' },
  { country: 'DE' },
];

await runExample(async (endpoint, onExit) => {
  const client = createClient(endpoint);
  onExit(async () => client.destroy());
  const worker = await startChoiceWorker(client);
  onExit(worker.stop);
  const definition = readDefinition(new URL('./definition.asl.json', import.meta.url), worker.activityArn);
  const machine = await putMachine(client, 'choice', definition);
  for (const parcel of PARCELS) {
    printTimeline(JSON.stringify(parcel), await runExecution(client, machine, parcel));
  }
  return 0;
});
