import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bodies } from '../../src/os/messages/bodies.ts';

const put = fc.record({ kind: fc.constant('put' as const), count: fc.integer({ min: 1, max: 3000 }) });
const end = fc.record({
  kind: fc.constant('end' as const),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  count: fc.integer({ min: 1, max: 3000 }),
  step: fc.integer({ min: 1, max: 10 }),
});

test('bodies are what was stored, whatever was put, removed and packed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(put, put, end), { maxLength: 60 }), (steps) => {
      const bodies = new Bodies();
      const model = new Map<number, string | Uint8Array>();
      let last = 0;
      for (const step of steps) {
        if (step.kind === 'put') {
          for (let count = step.count; count > 0; count -= 1) {
            last += 1;
            const body = last % 7001 === 0 ? Uint8Array.of(255) : `\n"é${String(last)}`;
            bodies.set(last, last % 3, body, last % 50);
            model.set(last, body);
          }
          continue;
        }
        const from = Math.floor(step.from * last);
        for (let seq = from; seq < from + step.count * step.step; seq += step.step) {
          expect(bodies.delete(seq)).toBe(model.has(seq) ? seq % 50 : undefined);
          model.delete(seq);
        }
      }
      for (let seq = 0; seq <= last + 1; seq += 1)
        if (bodies.bodyOf(seq) !== model.get(seq)) expect(bodies.bodyOf(seq)).toEqual(model.get(seq));
      const ofOne = [...model.keys()].filter((seq) => seq % 3 === 1);
      for (const seq of bodies.seqsOf(1)) bodies.delete(seq);
      for (const seq of ofOne) expect(bodies.bodyOf(seq)).toBeUndefined();
      expect([...bodies.seqsOf(1)]).toEqual([]);
      for (const seq of model.keys()) if (seq % 3 !== 1) expect(bodies.get(seq)?.queue).toBe(seq % 3);
    }),
    { numRuns: 40 },
  );
}, 300_000);
