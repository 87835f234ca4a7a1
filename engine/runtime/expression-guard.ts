import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createQueryLanguages } from '../query/index.ts';
import { type Evaluated, type EvaluationRequest, evaluateHere } from '../query/jsonata/evaluation.ts';

/**
 * Evaluates expressions that may loop, recurse or take a lot of room, on threads that are given up when one does: it fails,
 * and nothing else. Requests and answers cross as JSON text.
 */

interface GuardOptions {
  /** Threads; each is started when it is first needed. */
  readonly threads?: number;
  /** AWS: "an expression that takes longer than 1 second to evaluate will fail". */
  readonly timeoutMs?: number;
}

/** What a thread may use. AWS bounds one value by 7 MB; the evaluator needs a multiple of it. */
const ROOM = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

/** An answer may be on its way when the time is up: this process may have been the slow one. */
const GRACE_MS = 100;

interface Job {
  readonly request: string;
  readonly settle: (evaluated: Evaluated) => void;
}

interface Thread {
  worker: Worker | undefined;
  job: Job | undefined;
}

export class ExpressionGuard {
  readonly #threads: readonly Thread[];
  readonly #timeoutMs: number;
  readonly #waiting: Job[] = [];

  constructor({ threads = 2, timeoutMs = 1000 }: GuardOptions = {}) {
    this.#threads = Array.from({ length: threads }, () => ({ worker: undefined, job: undefined }));
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects: what goes wrong is the expression's fault. */
  evaluate(request: EvaluationRequest): Promise<Evaluated> {
    return new Promise((settle) => {
      this.#waiting.push({ request: JSON.stringify(request), settle });
      this.#next();
    });
  }

  /** Ends the threads. An evaluation asked for later starts them anew. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker?.terminate()));
  }

  #next(): void {
    const thread = this.#threads.find(({ job }) => job === undefined);
    const job = thread && this.#waiting.shift();
    if (!thread || !job) return;
    thread.job = job;
    thread.worker ??= this.#start(thread);
    thread.worker.ref();
    thread.worker.postMessage(job.request);
  }

  /** The clock of a job starts when its thread takes it up: starting a thread takes longer than most jobs. */
  #start(thread: Thread): Worker {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: MARK,
      resourceLimits: ROOM,
      env: {},
      stdin: false,
    });
    let clock: NodeJS.Timeout | undefined;
    const end = (evaluated: Evaluated): void => {
      clearTimeout(clock);
      const { job } = thread;
      thread.job = undefined;
      worker.unref();
      job?.settle(evaluated);
      this.#next();
    };
    const giveUp = (evaluated: Evaluated): void => {
      if (thread.worker !== worker) return;
      thread.worker = undefined;
      void worker.terminate();
      end(evaluated);
    };
    worker.on('message', (message: string) => {
      if (thread.worker !== worker) return;
      if (message !== TAKEN) return end(JSON.parse(message) as Evaluated);
      const late = () => giveUp({ type: 'exceeded', limit: 'time' });
      clock = setTimeout(() => (clock = setTimeout(late, GRACE_MS)), this.#timeoutMs);
    });
    // A thread that is out of memory ends with an error.
    worker.on('error', () => giveUp({ type: 'exceeded', limit: 'memory' }));
    worker.on('exit', () => giveUp({ type: 'exceeded', limit: 'memory' }));
    return worker;
  }
}

const shared = new ExpressionGuard();

/** The query languages with one guard for the whole process. Its threads do not keep the process alive. */
export const guardedLanguages = createQueryLanguages((request) => shared.evaluate(request));

/** How a thread knows that it is one of these. */
const MARK = 'stepyard-expressions';
const TAKEN = 'taken';

if (!isMainThread && workerData === MARK && parentPort) {
  const port = parentPort;
  port.on('message', (message: string) => {
    port.postMessage(TAKEN);
    void evaluateHere(JSON.parse(message) as EvaluationRequest).then((evaluated) =>
      port.postMessage(JSON.stringify(evaluated)),
    );
  });
}
