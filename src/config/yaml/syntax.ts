/** The wording of YAML syntax errors. */
import type { PlaceAt } from '../line-places.ts';
import type { Problem } from '../../core/problem.ts';

/** An error or warning of the parser. `pos` are offsets in the text. */
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

const QUOTE = 'if it is a string, put it in quotes';

const REMEDIES: Readonly<Record<string, string>> = {
  BAD_INDENT:
    'start all items of a list or a map in the same column, and indent what belongs to one of them further',
  BAD_SCALAR_START: QUOTE,
  BLOCK_AS_IMPLICIT_KEY: "put a string that contains ': ' in quotes",
  MISSING_CHAR: 'close it, or put the string in quotes',
  MULTILINE_IMPLICIT_KEY: "use 'key: value', with a space after the colon",
  TAB_AS_INDENT: 'indent with spaces',
  TAG_RESOLVE_FAILED: "put a string that starts with '!' in quotes",
  UNEXPECTED_TOKEN: 'put a string that starts with a quote or a bracket in quotes as a whole',
};

/** Text in brackets over several lines. */
const FLOW_INDENT = 'indent it further, or put a string with brackets in quotes';

/** One problem per line: further errors in a line mostly follow from the first. */
export function syntaxProblems(documents: readonly Parsed[], text: string, placeAt: PlaceAt): Problem[] {
  const [first, second] = documents;
  const problems = [
    ...(first?.errors ?? []).map((complaint) => problemOf('yaml-syntax', 'error', complaint, text, placeAt)),
    ...(first?.warnings ?? []).map((complaint) => problemOf('yaml-tag', 'warning', complaint, text, placeAt)),
  ];
  const lines = new Set<number>();
  const unique = problems.filter(({ place }) => {
    const isNew = place !== undefined && !lines.has(place.line);
    if (place !== undefined) lines.add(place.line);
    return isNew;
  });
  return second === undefined ? unique : [...unique, secondDocument(second, placeAt)];
}

/** An error at the end of the file is shown at the last character: there is nothing to see at the end. */
function problemOf(
  code: string,
  severity: Problem['severity'],
  complaint: Complaint,
  text: string,
  placeAt: PlaceAt,
): Problem {
  const {
    message,
    pos: [start, stop],
  } = complaint;
  const at = Math.max(0, Math.min(start, text.trimEnd().length - 1));
  const remedy = remedyFor(complaint, text);
  return {
    code,
    severity,
    message: message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, ''),
    place: placeAt(at, stop - start),
    ...(remedy !== undefined && { remedy }),
  };
}

function remedyFor({ code, message, pos: [start] }: Complaint, text: string): string | undefined {
  if (code === 'BAD_INDENT' && message.startsWith('Flow')) return FLOW_INDENT;
  // A value that goes on in a line which is indented too far: there is no colon in the first one.
  const [rest = ''] = text.slice(start).split('\n', 1);
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && !/:(\s|$)/.test(rest)) return REMEDIES['BAD_INDENT'];
  return REMEDIES[code];
}

function secondDocument({ range: [start] }: Parsed, placeAt: PlaceAt): Problem {
  return {
    code: 'yaml-syntax',
    severity: 'error',
    message: "second document after '---'",
    place: placeAt(start, '---'.length),
    remedy: 'remove it: the file must be a single document',
  };
}
