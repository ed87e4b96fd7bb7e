/** `rs` and Enter in a foreground `start` that watches files: a restart by hand. */
import { watchOf } from '../core/plan/process-plan.ts';
import { selectInstances, unknownText } from '../core/plan/select.ts';
import { namedBy, namesTyped, restartedByHand, typedLines } from '../core/watch/typed.ts';
import { systemClock } from '../os/clock.ts';
import { readTyped, type TypedText } from '../os/terminal/typed.ts';
import type { Supervisor } from '../runtime/supervisor.ts';
import type { Recorder } from './records/record-event.ts';

export function openTypedRestart({
  supervisor,
  journal,
  announcer,
}: Recorder & { readonly supervisor: Supervisor }): TypedText {
  let lastNamed: readonly string[] = [];
  let heard = 0;
  let rest = '';

  const hear = (): void => {
    for (const { event } of journal.after(heard)) lastNamed = namedBy(event) ?? lastNamed;
    heard = journal.lastSeq;
  };
  const restart = (words: readonly string[]): void => {
    const all = [...supervisor.instances.values()];
    const { names, unknown } = selectInstances(words, all, []);
    const [first] = unknown;
    if (first !== undefined) {
      const help = first.meant === undefined ? '' : `; did you mean '${first.meant}'?`;
      return announcer.say(`${unknownText(first.word)}${help}`);
    }
    const watched = all.filter(({ plan }) => watchOf(plan) !== undefined).map(({ name }) => name);
    const meant =
      words.length > 0
        ? names
        : restartedByHand(lastNamed, watched, (name) => supervisor.state.members.get(name));
    if (meant.length === 0) return announcer.say(NOTHING);
    const client = { command: ['rs', ...words].join(' ') };
    void supervisor.ask('restart', meant, { by: 'request', client });
  };

  hear();
  const stop = journal.listen(hear);
  const typed = readTyped(systemClock, {
    began: () => announcer.say("watching files; type 'rs' to restart by hand"),
    typed(text) {
      const read = typedLines(rest, text);
      rest = read.rest;
      for (const line of read.lines) {
        const words = namesTyped(line);
        if (words !== undefined) restart(words);
      }
    },
  });
  return {
    close() {
      stop();
      typed.close();
    },
  };
}

const NOTHING = "nothing to restart: no watched process is running; 'rs NAME' starts one";
