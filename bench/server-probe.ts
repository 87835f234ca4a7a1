/** Loaded before the server in its process: tells the benchmark, when asked, what the process has used. */

export interface ProcessUsage {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const usage: ProcessUsage = { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
  process.send?.(usage);
});
// The channel is no reason to go on running.
process.channel?.unref();
