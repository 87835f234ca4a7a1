/** One thing that was looked at, and a sentence: how it stands, and what to do. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

export const ok = (name: string, message: string): Check => ({ name, status: 'ok', message });
export const warning = (name: string, message: string): Check => ({ name, status: 'warning', message });
export const failed = (name: string, message: string): Check => ({ name, status: 'failed', message });

export interface Report {
  readonly status: 'ok' | 'failed';
  readonly checks: readonly Check[];
}

export const reportOf = (checks: readonly Check[]): Report => ({
  status: checks.some(({ status }) => status === 'failed') ? 'failed' : 'ok',
  checks,
});

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
