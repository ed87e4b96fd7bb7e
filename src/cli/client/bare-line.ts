/** Log lines without prefixes: a part of a line has no newline, which comes before what another process writes next. */

export interface BarePart {
  readonly name: string;
  readonly bytes: Buffer;
  /** The rest of its line comes later. */
  readonly isUnfinished: boolean;
  /** It takes the place of what was shown of its line. */
  readonly isRedrawn: boolean;
}

export function createBareLine(): (part: BarePart) => Buffer {
  /** Whose line is open. */
  let owner: string | undefined;
  /** Their lines were ended by us. */
  const broken = new Set<string>();
  return ({ name, bytes, isUnfinished, isRedrawn }) => {
    const breaks = owner !== undefined && (owner !== name || isRedrawn);
    if (breaks && owner !== name) broken.add(owner ?? '');
    const wasBroken = broken.delete(name);
    owner = isUnfinished ? name : undefined;
    const hasEnd = !isUnfinished && !(wasBroken && bytes.length === 0);
    return Buffer.concat([...(breaks ? [NEWLINE] : []), bytes, ...(hasEnd ? [NEWLINE] : [])]);
  };
}

const NEWLINE = Buffer.from('\n');
