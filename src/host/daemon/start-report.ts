/** The last start as the public sees it, from the events that are kept. */
import { analyzeStart, type AnalyzedInstance, type StartAnalysis } from '../../core/analyze.ts';
import type { ReportedInstance, StartReport } from '../../core/start-report.ts';
import { systemClock } from '../../os/clock.ts';
import type { JournalEntry } from '../../runtime/journal.ts';
import type { Running } from '../wire.ts';

export function startReport(
  { journal, supervisor }: Pick<Running, 'journal' | 'supervisor'>,
  names: readonly string[] | undefined,
): StartReport | null {
  const { members } = supervisor.state.spec;
  // The journal keeps the events of each instance apart: those of a start may not be among the latest of all any more.
  const entries = new Map<number, JournalEntry>();
  for (const entry of journal.after(0)) entries.set(entry.seq, entry);
  for (const { name } of members) for (const entry of journal.about(name)) entries.set(entry.seq, entry);
  const analysis = analyzeStart([...entries.values()], members, systemClock.wallNow(), names);
  return analysis === undefined ? null : publicReport(analysis);
}

function publicReport({ verb, sinceMs, tookMs, chain, instances }: StartAnalysis): StartReport {
  return {
    ...{ verb, since: new Date(sinceMs).toISOString(), took: seconds(tookMs), chain },
    instances: instances.map(publicInstance),
  };
}

function publicInstance(one: AnalyzedInstance): ReportedInstance {
  const { name, end, waitingMs, startedMs, endMs, after, waitedMs, tookMs, failedRuns, isCritical } = one;
  return {
    ...{ name, state: end, waiting: seconds(waitingMs), started: seconds(startedMs), ended: seconds(endMs) },
    ...{ after, waited: waitedMs / 1000, took: seconds(tookMs), failedRuns, critical: isCritical },
  };
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
