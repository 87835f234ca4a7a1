import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';

/**
 * Two workers on the plain AWS SDK, with nothing between: ask for a task, do the work, answer.
 * (A worker that is to live long also sends heartbeats, does several tasks at a time and survives a server that is away:
 * see ../support/worker.ts, which the other examples use.)
 */

/** What the activities do, by their names. */
const WORK: { readonly [activity: string]: (text: string) => string } = {
  'hello-greet': (name) => `Hello, ${name}!`,
  'hello-shout': (greeting) => greeting.toUpperCase(),
};

/**
 * Starts both workers.
 *
 * @param stopping ends them
 * @returns the ARNs of the activities
 */
export async function startHelloWorkers(client: SFNClient, stopping: AbortSignal): Promise<string[]> {
  return Promise.all(
    Object.entries(WORK).map(async ([name, work]) => {
      const { activityArn = '' } = await client.send(new CreateActivityCommand({ name }));
      void pollFor(client, activityArn, work, stopping);
      return activityArn;
    }),
  );
}

async function pollFor(
  client: SFNClient,
  activityArn: string,
  work: (text: string) => string,
  stopping: AbortSignal,
): Promise<void> {
  const request = new GetActivityTaskCommand({ activityArn, workerName: 'hello' });
  try {
    while (!stopping.aborted) {
      // Answers as soon as there is a task, or after about a minute without one.
      const { taskToken, input } = await client.send(request, { abortSignal: stopping });
      if (!taskToken || !input) continue;
      // Input and output are JSON: here a text in quotation marks. SendTaskFailure is for work that can fail.
      const output = JSON.stringify(work(JSON.parse(input)));
      await client.send(new SendTaskSuccessCommand({ taskToken, output }));
    }
  } catch (error) {
    if (!stopping.aborted) console.error(`the worker of ${activityArn} gives up:`, error);
  }
}
