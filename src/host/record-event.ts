/** Something of the supervisor's own goes into the journal, and among the lines that it prints. */
import type { SupervisorNotice } from '../core/supervisor-notice.ts';
import { noticeText } from '../ui/supervisor-notices.ts';
import type { Running } from './wire.ts';

export function noteFor(
  { journal, announcer }: Pick<Running, 'journal' | 'announcer'>,
  notice: SupervisorNotice,
): void {
  journal.add(null, notice);
  announcer.say(noticeText(null, notice));
}
