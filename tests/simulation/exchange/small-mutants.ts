/** The machines of values, flags, barriers and channels with one rule broken on purpose. */
import type { Mutant } from '../load-mutant.ts';

const value = 'exchange/value/value.ts';
const flag = 'exchange/flag/flag.ts';
const barrier = 'exchange/barrier/barrier.ts';
const channel = 'exchange/channel/channel.ts';

const mutant = (file: string, name: string, original: string, broken: string): Mutant => ({
  ...{ name, file, original, broken },
});

export const VALUE_MUTANTS: readonly Mutant[] = [
  mutant(value, 'a removed value begins anew', 'last += 1;', 'last = (current?.version ?? 0) + 1;'),
  mutant(value, 'the first one only is told', 'told.push([id, change]);', 'told.push([id, change]); break;'),
  mutant(value, 'a watcher is told again', 'watchers.delete(id);\n      told', 'told'),
  mutant(
    value,
    'a removal is not told',
    'current = undefined;\n      return tell();',
    'current = undefined; return [];',
  ),
  mutant(value, 'one too many is skipped', 'current.version - after - 1', 'current.version - after'),
  mutant(
    value,
    'what is awaited comes with any change',
    '? version !== after',
    '|| true ? version !== after',
  ),
  mutant(
    value,
    'one that knows the latest is answered',
    'return isDue ?',
    'return isDue || until === undefined ?',
  ),
  mutant(value, 'one that left is told', 'leave: (id) => void watchers.delete(id)', 'leave: () => undefined'),
];

export const FLAG_MUTANTS: readonly Mutant[] = [
  mutant(flag, 'one goes', 'const all = [...waiting];', 'const all = [...waiting].slice(0, 1);'),
  mutant(flag, 'they wait on', 'waiting.clear();', ''),
  mutant(flag, 'clear does nothing', 'void (isSet = false)', 'undefined'),
  mutant(flag, 'one waits for what is set', 'if (!isSet) waiting.add(id);', 'waiting.add(id);'),
  mutant(flag, 'one that left waits', 'void waiting.delete(id)', 'void id'),
];

export const BARRIER_MUTANTS: readonly Mutant[] = [
  mutant(barrier, 'one too few', 'waiting.length < parties', 'waiting.length < parties - 1'),
  mutant(barrier, 'one too many', 'waiting.length < parties', 'waiting.length <= parties'),
  mutant(barrier, 'once only', 'waiting = [];\n    return all;', 'return all;'),
  mutant(barrier, 'any number', 'waiting.length > 0 && wanted !== parties', 'false'),
  mutant(barrier, 'the others wait for the dead', 'takeAll().filter((one) => one !== id)', '[]'),
  mutant(
    barrier,
    'the dead counts on',
    'return waiting.includes(id) ? takeAll().filter((one) => one !== id) : [];',
    'return waiting.filter((one) => one !== id);',
  ),
  mutant(barrier, 'anyone breaks it', 'waiting.includes(id) ?', 'true ?'),
];

export const CHANNEL_MUTANTS: readonly Mutant[] = [
  mutant(channel, 'a send is answered with its first message', 'if (left > 0)', 'if (left > 1)'),
  mutant(
    channel,
    'a message goes twice',
    'if (!receiver.broadcast) return finish(count);',
    'if (!receiver.broadcast) return;',
  ),
  mutant(channel, 'the fastest finishes it', 'Math.min(given, ...taken)', 'given'),
  mutant(
    channel,
    'broadcast to the first only',
    'receiver.next += count;',
    'receiver.next += count; finish(receiver.next);',
  ),
  mutant(channel, 'one that comes later has it again', 'next: given, hadSender', 'next: 0, hadSender'),
  mutant(
    channel,
    'the end is told before the first sender',
    'receiver?.hadSender !== true',
    'receiver === undefined',
  ),
  mutant(channel, 'the end is told again and again', 'receiver.hadSender = false;', ''),
  mutant(
    channel,
    'the end is not told when the last one closes',
    'senders.delete(member);\n      pump();',
    'senders.delete(member);',
  ),
  mutant(channel, 'messages outlive their sender', 'entry.send === id && at >= given', 'false'),
  mutant(channel, 'what one has the others miss', 'entry.send === id && at >= given', 'entry.send === id'),
  mutant(
    channel,
    'the dead receiver keeps senders waiting',
    'receivers.delete(member);\n      pump();',
    'pump();',
  ),
  mutant(channel, 'what comes back is last', 'log.splice(given, 0,', 'log.splice(log.length, 0,'),
  mutant(channel, 'what comes back waits', 'send: undefined })));\n      pump();', 'send: undefined })));'),
  mutant(channel, 'the size only grows', 'size -= item.size;\n      if (send', 'if (send'),
];
