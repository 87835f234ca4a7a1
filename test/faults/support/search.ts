/** The search over REST, after processes that did not know its indexes have worked. */

type Counts = {
  readonly statuses: Readonly<Record<string, number>>;
  readonly states?: readonly { readonly state: string }[];
};

/** Looks for what is open, over all and by state: what the search comes upon that is no longer so, it puts right. */
export async function lookForOpen(url: string, stateMachineArns: Iterable<string>): Promise<string[]> {
  const found = await findAll(url, { status: 'RUNNING' });
  for (const stateMachineArn of stateMachineArns) {
    const { states = [] } = await countsOf(url, stateMachineArn);
    for (const { state } of states) found.push(...(await findAll(url, { stateMachineArn, waitingIn: state })));
  }
  return found;
}

/** How many executions each status has, over all. */
export const countsOf = async (url: string, stateMachineArn?: string): Promise<Counts> => {
  const of = stateMachineArn === undefined ? '' : `/state-machines/${encodeURIComponent(stateMachineArn)}`;
  return (await get(url, `${of}/counts`)) as Counts;
};

async function findAll(url: string, conditions: Readonly<Record<string, string>>): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const query = new URLSearchParams({ ...conditions, maxResults: '1000', ...(nextToken && { nextToken }) });
    const page = (await get(url, `/executions?${query}`)) as {
      executions: { executionArn: string }[];
      nextToken?: string;
    };
    arns.push(...page.executions.map(({ executionArn }) => executionArn));
    ({ nextToken } = page);
  } while (nextToken);
  return arns;
}

async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
