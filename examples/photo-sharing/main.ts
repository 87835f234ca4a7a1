import { createClient } from '../support/client.ts';
import { putMachine, readDefinition, runExecution } from '../support/machine.ts';
import { runExample } from '../support/run-example.ts';
import { printTimeline } from '../support/timeline.ts';
import { ALBUM } from './album.ts';
import { startPhotoWorkers } from './workers.ts';

/** `npm run example:photos`: shares every photo of the album, and one that is not in it. */

await runExample(async (endpoint, onExit) => {
  const client = createClient(endpoint);
  onExit(async () => client.destroy());
  const workers = await startPhotoWorkers(client);
  onExit(workers.stop);
  const definition = readDefinition(new URL('./definition.asl.json', import.meta.url), workers.activityArns[0]);
  const machine = await putMachine(client, 'photo-sharing', definition);
  for (const file of [...ALBUM.keys(), 'lost.jpg']) {
    printTimeline(file, await runExecution(client, machine, { file }));
  }
  return 0;
});
