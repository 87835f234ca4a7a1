/** One line for who reads the output of the tests. */
export function report(line: string): void {
  process.stdout.write(`faults: ${line}\n`);
}
