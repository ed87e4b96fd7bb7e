/** Messages of sd_notify(3): lines of `NAME=value`, in any order, of which unknown ones are passed over. */

export interface NotifyMessage {
  readonly isReady: boolean;
  /** What it says about itself, for people. */
  readonly status?: string;
}

export function readNotifyMessage(text: string): NotifyMessage {
  const lines = text.split('\n');
  const status = lines.findLast((line) => line.startsWith('STATUS='))?.slice('STATUS='.length);
  return { isReady: lines.includes('READY=1'), ...(status !== undefined && { status }) };
}
