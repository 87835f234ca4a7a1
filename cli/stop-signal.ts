const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** One Ctrl-C may arrive several times: from the terminal, and passed on by what started us. */
const ECHO_MS = 1000;

/**
 * Resolves at the first signal to stop. From the call on no signal ends the process by itself, so that what stops cleanly is
 * not cut off; but who presses Ctrl-C again, or sends another signal a while later, is not kept waiting.
 */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let firstMs: number | undefined;
    const handle = (signal: NodeJS.Signals) => {
      firstMs ??= Date.now();
      resolve(signal);
      if (Date.now() - firstMs > ECHO_MS) process.exit(1);
    };
    for (const signal of SIGNALS) process.on(signal, handle);
  });
