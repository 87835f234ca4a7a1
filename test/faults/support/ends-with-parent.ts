/** Preloaded into the processes that a test starts. They end when it does, however it ends: that closes their input. */
process.stdin.on('error', end).on('end', end).resume().unref();

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
