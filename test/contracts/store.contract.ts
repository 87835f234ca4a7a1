import { describe } from 'vitest';
import { testAccessKeys } from './store/access-keys.ts';
import { testAnswers } from './store/answers.ts';
import { testBulkRedrives } from './store/bulk-redrives.ts';
import type { StoreHarness } from './store/fixtures.ts';
import { testListening } from './store/listening.ts';
import { testListing } from './store/listing.ts';
import { testMapRunChildren } from './store/map-run-children.ts';
import { testMapRuns } from './store/map-runs.ts';
import { testNotices } from './store/notices.ts';
import { testOwning } from './store/owning.ts';
import { testPermits } from './store/permits.ts';
import { testPolls } from './store/polls.ts';
import { testProgress } from './store/progress.ts';
import { testRedriving } from './store/redriving.ts';
import { testRegistering } from './store/registering.ts';
import { testSearching } from './store/searching.ts';
import { testStarting } from './store/starting.ts';
import { testStatistics } from './store/statistics.ts';
import { testTasks } from './store/tasks.ts';
import { testVersioning } from './store/versioning.ts';
import { testWebhooks } from './store/webhooks.ts';

/** What every store promises, whatever it is made of. */
export function testStore(name: string, harness: StoreHarness): void {
  describe(name, () => {
    testStarting(harness);
    testListing(harness);
    testTasks(harness);
    testStatistics(harness);
    testNotices(harness);
    testOwning(harness);
    testRedriving(harness);
    testBulkRedrives(harness);
    testRegistering(harness);
    testPermits(harness);
    testPolls(harness);
    testSearching(harness);
    testVersioning(harness);
    testWebhooks(harness);
    testMapRunChildren(harness);
    testMapRuns(harness);
    testListening(harness);
    testAnswers(harness);
    testProgress(harness);
    testAccessKeys(harness);
  });
}
