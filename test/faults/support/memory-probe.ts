/** Loaded before a server whose memory a test looks at: SIGUSR2 makes it collect its garbage and tell what is left. */

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ msg: 'memory', bytes: heapUsed + external + arrayBuffers })}\n`);
});
