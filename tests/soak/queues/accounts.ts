/** What the notes of all producers and consumers say about each message, and what of it must not be. */

export interface Accounts {
  readonly answered: number;
  readonly unanswered: number;
  readonly runs: number;
  /** Runs that began after a death or a failure. */
  readonly repeated: number;
  readonly finished: number;
  readonly poison: number;
  /** In words; none is as it should be. */
  readonly wrong: readonly string[];
}

interface Message {
  readonly text: string;
  readonly attempts: Set<number>;
  /** The run that was acknowledged. */
  acked?: number;
}

const isPoison = (text: string): boolean => text.startsWith('poison');

/** `dead`: the texts of all dead letters at the end, when nothing else is left in the queue. */
export function account(notes: readonly string[], dead: readonly string[]): Accounts {
  const wrong: string[] = [];
  const tried = new Set<string>();
  const ids = new Map<string, string>();
  const messages = new Map<string, Message>();
  const acks: (readonly [id: string, attempt: number])[] = [];
  const lost: (readonly [id: string, attempt: number])[] = [];
  let runs = 0;
  for (const note of notes) {
    const [what = '', first = '', second = '', text = ''] = note.split(' ');
    if (what === 'try') tried.add(first);
    if (what === 'put') ids.set(first, second);
    if (what === 'ack') acks.push([first, Number(second)]);
    if (what === 'lost') lost.push([first, Number(second)]);
    if (what !== 'took') continue;
    runs += 1;
    const message = messages.get(first) ?? { text, attempts: new Set() };
    messages.set(first, message);
    if (message.text !== text) wrong.push(`${first} is '${message.text}' and '${text}'`);
    if (message.attempts.has(Number(second))) wrong.push(`${first} was given twice as attempt ${second}`);
    message.attempts.add(Number(second));
  }
  const idOfText = new Map<string, string>();
  for (const [id, { text }] of messages) {
    const other = idOfText.get(text);
    if (other !== undefined) wrong.push(`'${text}' is ${other} and ${id}`);
    idOfText.set(text, id);
    if (!tried.has(text)) wrong.push(`'${text}' was never put`);
  }
  for (const [text, id] of ids) {
    const seen = idOfText.get(text);
    if (seen === undefined) wrong.push(`'${text}' was stored as ${id} and lost`);
    else if (seen !== id) wrong.push(`'${text}' was answered as ${id} and given as ${seen}`);
    if (isPoison(text) && !dead.includes(text)) wrong.push(`'${text}' is no dead letter`);
  }
  for (const [id, attempt] of acks) {
    const attempts = [...(messages.get(id)?.attempts ?? [])];
    if (attempts.some((one) => one > attempt))
      wrong.push(`${id} was given again after the ack of run ${String(attempt)}`);
  }
  for (const [id, attempt] of lost) {
    const attempts = [...(messages.get(id)?.attempts ?? [])];
    if (!attempts.some((one) => one > attempt))
      wrong.push(`run ${String(attempt)} of ${id} was lost to nobody`);
  }
  for (const text of dead) if (!isPoison(text)) wrong.push(`'${text}' is a dead letter`);
  return {
    answered: ids.size,
    unanswered: [...tried].filter((text) => !ids.has(text)).length,
    runs,
    repeated: runs - messages.size,
    finished: [...messages.values()].filter(({ text }) => !isPoison(text)).length,
    poison: dead.length,
    wrong,
  };
}
