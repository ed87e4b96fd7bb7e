/** What has happened, as the public sees it: flat, without our inner words, and with a sentence. */
import type { EventRecord } from '../control/api.ts';
import type { Exit } from '../core/process/exit.ts';
import { publicExitOf } from '../core/process/public-exit.ts';
import type { JournalEntry } from '../runtime/journal.ts';
import { noticeText } from '../ui/supervisor-notices.ts';

export function eventRecord({ seq, wallMs, name, notice }: JournalEntry): EventRecord {
  const { type, ...details } = notice;
  return {
    seq,
    time: new Date(wallMs).toISOString(),
    event: type,
    ...(name !== null && { name }),
    ...Object.fromEntries(Object.entries(details).map(([key, value]) => [key, publicValue(key, value)])),
    text: noticeText(name, notice),
  };
}

function publicValue(key: string, value: unknown): unknown {
  if (key === 'exit') return publicExitOf(value as Exit);
  return key === 'cause' ? (value as { readonly by: string }).by : value;
}
