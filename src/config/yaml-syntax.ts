/** The wording for what is no YAML. */
import type { PlaceAt } from './line-places.ts';
import type { Problem } from '../core/problem.ts';

/** What the parser has to say. `pos` are offsets in the text. */
interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

interface Parsed {
  readonly range: readonly [number, number, number];
  readonly errors: readonly Complaint[];
  readonly warnings: readonly Complaint[];
}

const QUOTE = 'put quotes around it, if it is meant as a text';

const REMEDIES: Readonly<Record<string, string>> = {
  BAD_INDENT: 'check the white space at the beginning of the lines, and quote texts with brackets',
  BAD_SCALAR_START: QUOTE,
  BLOCK_AS_IMPLICIT_KEY: "put quotes around a text with ': ' in it",
  MISSING_CHAR: 'close it, or put quotes around the text',
  MULTILINE_IMPLICIT_KEY: "write 'key: value', with white space after the colon",
  TAB_AS_INDENT: 'use spaces',
  TAG_RESOLVE_FAILED: "put quotes around a text that begins with '!'",
  UNEXPECTED_TOKEN: 'put quotes around the whole of a text that has quotes or brackets at its beginning',
};

/** One for each line: what follows an error in its line is mostly its echo. */
export function syntaxProblems(documents: readonly Parsed[], text: string, placeAt: PlaceAt): Problem[] {
  const [first, second] = documents;
  const end = text.trimEnd().length;
  const problems = [
    ...(first?.errors ?? []).map((complaint) => problemOf('yaml-syntax', 'error', complaint, end, placeAt)),
    ...(first?.warnings ?? []).map((complaint) => problemOf('yaml-tag', 'warning', complaint, end, placeAt)),
  ];
  const lines = new Set<number>();
  const unique = problems.filter(({ place }) => {
    const isNew = place !== undefined && !lines.has(place.line);
    if (place !== undefined) lines.add(place.line);
    return isNew;
  });
  return second === undefined ? unique : [...unique, secondDocument(second, placeAt)];
}

/** At the end of the file there is nothing to see: the last thing that is there shows more. */
function problemOf(
  code: string,
  severity: Problem['severity'],
  { code: why, message, pos: [start, stop] }: Complaint,
  end: number,
  placeAt: PlaceAt,
): Problem {
  const at = Math.max(0, Math.min(start, end - 1));
  const remedy = REMEDIES[why];
  return {
    code,
    severity,
    message: message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, ''),
    place: placeAt(at, stop - start),
    ...(remedy !== undefined && { remedy }),
  };
}

function secondDocument({ range: [start] }: Parsed, placeAt: PlaceAt): Problem {
  return {
    code: 'yaml-syntax',
    severity: 'error',
    message: "a second document begins here, after '---'",
    place: placeAt(start, '---'.length),
    remedy: 'remove it: the file is one document',
  };
}
