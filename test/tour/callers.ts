import { type ChildProcessWithoutNullStreams, execFile, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import * as sfn from '@aws-sdk/client-sfn';
import type { Answer, Call } from './tour.ts';

/** The clients of AWS, as they are: only the endpoint is set, and that host names stay as they are. */
export interface Caller {
  readonly call: Call;
  close(): void;
}

/** An access key of the server. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const ENVIRONMENT = {
  ...process.env,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
};

const environmentOf = ({ accessKeyId, secretAccessKey }: Credentials) => ({
  ...ENVIRONMENT,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

/** As a script calls it that is told the operation at run time. */
type AnyCommand = new (input: object) => Parameters<sfn.SFNClient['send']>[0];

const COMMANDS: ReadonlyMap<string, unknown> = new Map(Object.entries(sfn));

export function sdkCaller(endpoint: string, credentials: Credentials): Caller {
  const client = new sfn.SFNClient({
    endpoint,
    region: 'us-east-1',
    credentials,
    disableHostPrefix: true,
  });
  return {
    async call(operation, input) {
      const Command = COMMANDS.get(`${operation}Command`) as AnyCommand;
      return { ...(await client.send(new Command(input))) };
    },
    close: () => client.destroy(),
  };
}

/** `CreateStateMachine` as the command line writes it. */
const kebab = (operation: string): string => operation.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();

const run = promisify(execFile);

/** The AWS CLI: a process per call. */
export function cliCaller(endpoint: string, credentials: Credentials): Caller {
  const env = { ...environmentOf(credentials), AWS_ENDPOINT_URL_SFN: endpoint, AWS_PAGER: '' };
  return {
    async call(operation, input) {
      // Without its own paging, a page is a page.
      const paging = operation.startsWith('List') || operation === 'GetExecutionHistory' ? ['--no-paginate'] : [];
      const args = ['stepfunctions', kebab(operation), '--output', 'json', '--cli-input-json', JSON.stringify(input)];
      const { stdout } = await run('aws', [...args, ...paging], { env });
      return stdout.trim() === '' ? {} : JSON.parse(stdout);
    },
    close() {},
  };
}

const SCRIPT = new URL('./boto3-caller.py', import.meta.url).pathname;

/** boto3: one Python process that is given a call per line. */
export function boto3Caller(endpoint: string, credentials: Credentials): Caller {
  const child: ChildProcessWithoutNullStreams = spawn('python3', [SCRIPT, endpoint], {
    env: environmentOf(credentials),
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(operation, input) {
      child.stdin.write(`${JSON.stringify([operation, input])}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error('The Python process is gone');
      const { answer, error } = JSON.parse(value) as { answer: Answer; error?: string };
      if (error !== undefined) throw new Error(error);
      return answer;
    },
    close: () => child.stdin.end(),
  };
}

/** Whether a client is on this machine and new enough to know all operations. */
export const hasCli = (): boolean =>
  spawnSync('aws', ['stepfunctions', 'validate-state-machine-definition', 'help'], { env: ENVIRONMENT }).status === 0;
export const hasBoto3 = (): boolean => spawnSync('python3', [SCRIPT, '--check'], { env: ENVIRONMENT }).status === 0;
