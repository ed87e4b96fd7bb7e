/** Terminals for processes that want one: their code is loaded with the first. */
import type { Terminals } from '../../ports/terminals.ts';
import type { KnownTerminals } from '../../os/terminal/terminals.ts';

export interface LazyTerminals extends Terminals, Pick<KnownTerminals, 'of'> {}

export function createLazyTerminals(onDrawing: (name: string) => void): LazyTerminals {
  let known: KnownTerminals | undefined;

  const load = async (): Promise<KnownTerminals> => {
    const [{ createTerminals }, { loadFastKoffiIoctl }] = await Promise.all([
      import('../../os/terminal/terminals.ts'),
      import('../../os/pipes/koffi-addon.ts'),
    ]);
    return createTerminals(loadFastKoffiIoctl, onDrawing);
  };
  let loading: Promise<KnownTerminals> | undefined;

  return {
    async open(name) {
      known = await (loading ??= load());
      return known.open(name);
    },
    of: (name) => known?.of(name),
  };
}
