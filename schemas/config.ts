import Type, { type Static, type TSchema } from 'typebox';
import { Check } from 'typebox/value';

/** Every setting as data: the command line, the environment and the reference page all follow from {@link SETTINGS}. */

export interface Setting<S extends TSchema = TSchema, D = Static<S> | undefined> {
  /** Command line: `--<flag> <value>`; a boolean takes no value. */
  readonly flag: string;
  readonly env: string;
  readonly schema: S;
  /** What the schema asks for, in words that follow the setting's name. */
  readonly must: string;
  /** `undefined`: an optional setting that nobody has set. */
  readonly default: D;
  readonly about: string;
  readonly isSecret?: true;
}

/** A schema and its words. */
type Shape<S extends TSchema> = Pick<Setting<S>, 'schema' | 'must'>;

const setting = <S extends TSchema, D extends Static<S> | undefined>(
  flag: string,
  env: string,
  shape: Shape<S>,
  fallback: D,
  about: string,
): Setting<S, D> => ({ flag, env, ...shape, default: fallback, about });

/** A setting whose value is never shown. */
const secret = <T>(shown: T): T & { readonly isSecret: true } => ({ ...shown, isSecret: true });

const whole = (minimum: number, maximum: number) => ({
  schema: Type.Integer({ minimum, maximum }),
  must: `must be a whole number from ${minimum} to ${maximum}`,
});
const oneOf = <V extends string>(...values: V[]) => ({
  schema: Type.Enum(values),
  must: `must be one of ${values.join(', ')}`,
});
const text = (pattern: string, must: string) => ({ schema: Type.String({ pattern }), must });
const atLeastZero = { schema: Type.Number({ minimum: 0, maximum: 1_000_000 }), must: 'must be a number from 0 up' };
const yesOrNo = { schema: Type.Boolean(), must: 'must be true or false' };

const hostName = text('^\\S+$', 'must be a host name or an IP address');
const redisAddress = text('^(rediss?|unix)://', 'must begin with redis://, rediss:// or unix://');
const webAddress = text('^https?://', 'must begin with http:// or https://');
const archivePlace = text('^(file:.|s3://[^/])', 'must be file: and a folder, or s3:// with a bucket');
const folder = text('.', 'must be a folder');
const twelveDigits = text('^\\d{12}$', 'must be twelve digits');
const regionName = text('^[a-z]+(-[a-z]+)+-\\d+$', 'must be the name of a region, such as us-east-1');

export const SETTINGS = {
  port: setting('port', 'PORT', whole(0, 65_535), 8083, 'port to listen on; 0 takes a free one'),
  host: setting('host', 'STEPYARD_HOST', hostName, '127.0.0.1', 'address to listen on'),
  allowInsecure: setting(
    'allow-insecure',
    'STEPYARD_ALLOW_INSECURE',
    yesOrNo,
    false,
    'listen on other addresses than loopback although no access keys protect them',
  ),
  secretKey: secret(
    setting(
      'secret-key',
      'STEPYARD_SECRET_KEY',
      text('^.{32,}$', 'must be a text of 32 characters or more, drawn at random'),
      undefined,
      'encrypts what Redis must not give away: the secrets that signatures are checked with; with a private Redis, one is made in its data folder',
    ),
  ),
  corsOrigins: setting(
    'cors-origins',
    'STEPYARD_CORS_ORIGINS',
    text(
      '^https?://[^\\s,/]+(,https?://[^\\s,/]+)*$',
      'must be origins such as https://console.example, with commas between',
    ),
    undefined,
    'web pages of other origins that may use the API',
  ),
  redisUrl: setting(
    'redis-url',
    'REDIS_URL',
    redisAddress,
    undefined,
    'Redis to keep everything in; without it, Stepyard runs a private one in its data folder',
  ),
  dataDir: setting('data', 'STEPYARD_DATA', folder, '.stepyard', 'folder of the private Redis'),
  fsync: setting(
    'fsync',
    'STEPYARD_FSYNC',
    oneOf('everysec', 'always'),
    'everysec',
    'when the private Redis forces its log to disk: a power cut loses up to a second, or nothing',
  ),
  role: setting(
    'role',
    'STEPYARD_ROLE',
    oneOf('all', 'api', 'engine', 'worker'),
    'all',
    'which part this process plays when several share one Redis',
  ),
  shards: setting(
    'shards',
    'STEPYARD_SHARDS',
    whole(1, 1024),
    16,
    'parts that the executions are spread over; fixed at the first start on a Redis',
  ),
  leaseMs: setting(
    'lease-ms',
    'STEPYARD_LEASE_MS',
    whole(100, 600_000),
    10_000,
    'milliseconds until others take over what a process that died was at: shards, and tasks on their way to a worker',
  ),
  retentionDays: setting(
    'retention-days',
    'STEPYARD_RETENTION_DAYS',
    whole(1, 3650),
    90,
    'days that closed executions are kept',
  ),
  archive: setting(
    'archive',
    'STEPYARD_ARCHIVE',
    archivePlace,
    undefined,
    'where closed executions go before they are removed, readable as before: file:FOLDER, or s3://BUCKET/PREFIX',
  ),
  archiveAfterDays: setting(
    'archive-after-days',
    'STEPYARD_ARCHIVE_AFTER_DAYS',
    whole(0, 3650),
    undefined,
    'days after which closed executions go to the archive, when that is to be earlier than at the end of retention; 0 is at once',
  ),
  redriveDays: setting(
    'redrive-days',
    'STEPYARD_REDRIVE_DAYS',
    whole(0, 3650),
    14,
    'days after its end in which an execution that did not succeed can be redriven, while it is kept',
  ),
  accountId: setting(
    'account-id',
    'STEPYARD_ACCOUNT_ID',
    twelveDigits,
    '000000000000',
    'account in the ARNs that are created',
  ),
  region: setting('region', 'STEPYARD_REGION', regionName, 'us-east-1', 'region in the ARNs that are created'),
  lambdaEndpoint: setting(
    'lambda-endpoint',
    'LAMBDA_ENDPOINT',
    webAddress,
    undefined,
    'where Lambda functions are invoked',
  ),
  s3Endpoint: setting(
    's3-endpoint',
    'S3_ENDPOINT',
    webAddress,
    undefined,
    'where the buckets are that distributed maps read from and write to; without it, in AWS',
  ),
  filesRoot: setting(
    'files-root',
    'STEPYARD_FILES_ROOT',
    folder,
    undefined,
    'folder whose subfolders distributed maps may read from and write to, as buckets named file:SUBFOLDER',
  ),
  logLevel: setting(
    'log-level',
    'STEPYARD_LOG_LEVEL',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    'info',
    'least severe log lines to print',
  ),
  metricsPort: setting(
    'metrics-port',
    'STEPYARD_METRICS_PORT',
    whole(0, 65_535),
    undefined,
    'port for /metrics, /healthz and /readyz alone, also of a process without an API; an API has them on its own port as well',
  ),
  strict: setting(
    'strict',
    'STEPYARD_STRICT',
    yesOrNo,
    false,
    'refuse to start on a Redis that may lose data: one that evicts keys or keeps no append-only log',
  ),
  maxPayloadBytes: setting(
    'max-payload-bytes',
    'STEPYARD_MAX_PAYLOAD_BYTES',
    whole(1024, 16_777_216),
    262_144,
    'largest input, output or result, in bytes of UTF-8',
  ),
  maxHistoryEvents: setting(
    'max-history-events',
    'STEPYARD_MAX_HISTORY_EVENTS',
    whole(10, 1_000_000),
    25_000,
    'events after which an execution fails',
  ),
  maxOpenExecutions: setting(
    'max-open-executions',
    'STEPYARD_MAX_OPEN_EXECUTIONS',
    whole(1, 1_000_000_000),
    1_000_000,
    'open Standard executions, children of Map Runs aside, beyond which none is started',
  ),
  waitTimeScale: setting(
    'wait-time-scale',
    'WAIT_TIME_SCALE',
    atLeastZero,
    1,
    'multiplies the delay of every Wait state; 0.01 makes a test of hours a test of seconds',
  ),
  workerConcurrency: setting(
    'worker-concurrency',
    'STEPYARD_WORKER_CONCURRENCY',
    whole(1, 10_000),
    64,
    'tasks that one worker process runs at a time',
  ),
  maxStreams: setting(
    'max-streams',
    'STEPYARD_MAX_STREAMS',
    whole(0, 1_000_000),
    5_000,
    'streams of events that one process sends at a time',
  ),
  allowPrivateNetworks: setting(
    'allow-private-networks',
    'STEPYARD_ALLOW_PRIVATE_NETWORKS',
    yesOrNo,
    undefined,
    'send webhooks to private, loopback and link-local addresses, too; without it, only a server does that listens on loopback and plays all roles',
  ),
  webhookAttempts: setting(
    'webhook-attempts',
    'STEPYARD_WEBHOOK_ATTEMPTS',
    whole(1, 20),
    15,
    'attempts to deliver to a webhook until that is given up',
  ),
  webhookRetryMs: setting(
    'webhook-retry-ms',
    'STEPYARD_WEBHOOK_RETRY_MS',
    whole(1, 3_600_000),
    5000,
    'longest milliseconds between the first attempt to deliver to a webhook and the second; each further wait is twice as long',
  ),
  pollMs: setting(
    'poll-ms',
    'STEPYARD_POLL_MS',
    whole(0, 300_000),
    55_000,
    'milliseconds that GetActivityTask waits for a task before it answers with none',
  ),
};

/** Whether what strangers name may be in the networks around this machine. By itself only where they are on this machine, too. */
export const allowsPrivateNetworks = ({ allowPrivateNetworks, role, host }: Config): boolean =>
  allowPrivateNetworks ?? (role === 'all' && LOOPBACK.test(host));

type ValueOf<T> = T extends Setting<infer S, infer D> ? Static<S> | (D extends undefined ? undefined : never) : never;

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };

/** A value from the command line: a text, or `true` for a boolean flag that is present. */
export type Flags = { readonly [N in SettingName]?: string | boolean | undefined };
export type Environment = { readonly [variable: string]: string | undefined };

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads all settings: a flag wins over the environment, the environment over the default. An empty variable counts as unset.
 * Every problem is found at once, each as a sentence that names the flag or variable to change.
 */
export function readConfig(env: Environment, flags: Flags = {}): ConfigResult {
  const names = Object.keys(SETTINGS) as SettingName[];
  const read = names.map((name) => [name, readSetting(SETTINGS[name], env, flags[name])] as const);
  const config = Object.fromEntries(read.map(([name, { value }]) => [name, value])) as Config;
  const problems = read.flatMap(([, { problem }]) => problem ?? []);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
}

function readSetting(setting: Setting, env: Environment, flag: string | boolean | undefined) {
  const written = flag ?? (env[setting.env] || undefined);
  if (written === undefined) return { value: setting.default };
  const value = parse(setting, written);
  if (Check(setting.schema, value)) return { value };
  const name = flag === undefined ? setting.env : `--${setting.flag}`;
  const shown = setting.isSecret ? '' : `, not ${JSON.stringify(written)}`;
  return { value: undefined, problem: `${name} ${setting.must}${shown}` };
}

/** The text as the type that the schema asks for; as it is when it cannot be one. */
function parse({ schema }: Setting, written: string | boolean): unknown {
  if (typeof written === 'boolean') return written;
  if (Type.IsBoolean(schema)) return { true: true, false: false }[written] ?? written;
  const isNumber = Type.IsInteger(schema) || Type.IsNumber(schema);
  return isNumber && written.trim() !== '' ? Number(written) : written;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether only this machine reaches what listens at the host. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
