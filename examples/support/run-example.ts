import { type Cleanup, type OnExit, useServer } from './server.ts';

/**
 * Runs an example on a server and ends what it started, last things first: also when it fails, or is interrupted.
 *
 * @param example resolves to the exit code of the process
 */
export async function runExample(example: (endpoint: string, onExit: OnExit) => Promise<number>): Promise<void> {
  const cleanups: Cleanup[] = [];
  const onExit: OnExit = (cleanup) => cleanups.push(cleanup);
  const run = async (): Promise<number> => {
    const { endpoint, isOwn } = await useServer(onExit);
    console.log(`server: ${endpoint}${isOwn ? ' (started for this example)' : ''}`);
    return example(endpoint, onExit);
  };
  try {
    process.exitCode = await Promise.race([run(), interruption()]);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
  // What was interrupted may wait for something that does not come any more.
  if (process.exitCode === INTERRUPTED) process.exit();
}

const INTERRUPTED = 130;

function interruption(): Promise<number> {
  return new Promise((resolve) => {
    const interrupt = (): void => resolve(INTERRUPTED);
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    // Whoever read the output has seen enough.
    process.stdout.once('error', interrupt);
  });
}
