import { useServer } from './server.ts';

/** Something to be ended when the example is over. */
export type Cleanup = () => Promise<void>;

/**
 * Runs an example on a server and ends what it started, last things first: also when it fails, or is interrupted.
 *
 * @param example resolves to the exit code of the process
 */
export async function runExample(
  example: (endpoint: string, onExit: (cleanup: Cleanup) => void) => Promise<number>,
): Promise<void> {
  const cleanups: Cleanup[] = [];
  const clean = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  const interrupt = async (): Promise<void> => {
    await clean();
    process.exit(130);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const server = await useServer();
    cleanups.push(server.stop);
    console.log(`server: ${server.endpoint}${server.isOwn ? ' (started for this example)' : ''}`);
    process.exitCode = await example(server.endpoint, (cleanup) => cleanups.push(cleanup));
  } finally {
    await clean();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
