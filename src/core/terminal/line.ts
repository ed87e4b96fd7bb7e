/**
 * One line of a terminal, as it looks after everything that was written to it: carriage returns, backspaces, cursor moves
 * within the line and erasures have happened. A line that is longer than the terminal is wide goes on in further rows.
 *
 * Most lines are only appended to: they are kept as one string. The first edit makes cells of it.
 */
import { coloursAfter } from './colours.ts';
import { createScanner, firstNumber } from './scanner.ts';

export interface Line {
  readonly isEmpty: boolean;
  /** Nothing was written to it, and what will be is in the usual colours. */
  readonly isUntouched: boolean;
  /** What is written now has colours. */
  readonly hasColours: boolean;
  /** In characters, erased ones included. */
  readonly length: number;
  /** As it was written, with its colours; what was erased at its end is left out. */
  text(): string;
  write(text: string): void;
  /** A change of colours: applies to what is written from now on, also in the next line. */
  colour(parameters: string): void;
  carriageReturn(): void;
  /** Returns false if the sequence does not edit a line. */
  edit(parameters: string, final: string): boolean;
  backspace(): void;
  /** Up by so many rows; false if that leaves the line. */
  up(rows: number): boolean;
  clear(): void;
}

interface Cell {
  readonly character: string;
  readonly colours: string;
}

/** Cells that a line may have: a cursor move can ask for more than anybody would write. */
const MOST_CELLS = 64 * 1024;
const RESET = '\u001b[0m';

export function createLine(width: () => number): Line {
  let plain = '';
  /** The number of characters in `plain`. */
  let plainCells = 0;
  let cells: Cell[] | undefined;
  let column = 0;
  let colours = '';

  const cellsOfPlain = (): Cell[] => {
    let own = '';
    const made: Cell[] = [];
    for (const token of createScanner().scan(plain)) {
      if (token.type === 'csi') own = coloursAfter(own, token.parameters);
      else for (const character of token.source) made.push({ character, colours: own });
    }
    return made;
  };
  const edited = (): Cell[] => (cells ??= cellsOfPlain());
  /** A cursor behind the last column is still in that row. */
  const rowStart = (): number => Math.max(0, Math.ceil(column / width()) - 1) * width();
  const moveTo = (to: number): void => {
    edited();
    column = Math.max(0, Math.min(to, MOST_CELLS));
  };

  const line: Line = {
    get isEmpty() {
      return cells === undefined ? plainCells === 0 : !cells.some(({ character }) => character !== ' ');
    },
    get hasColours() {
      return colours !== '';
    },
    get isUntouched() {
      return cells === undefined && plainCells === 0 && column === 0 && colours === '';
    },
    get length() {
      return cells === undefined ? plainCells : cells.length;
    },
    text() {
      if (cells !== undefined) return rendered(cells);
      return plain + (colours === '' || plain === '' ? '' : RESET);
    },
    write(text) {
      if (cells === undefined) {
        if (plain === '') plain = colours;
        plain += text;
        plainCells += text.length;
        column += text.length;
        return;
      }
      for (const character of text) {
        while (cells.length < column) cells.push({ character: ' ', colours: '' });
        cells[column] = { character, colours };
        if (column < MOST_CELLS) column += 1;
      }
    },
    colour(parameters) {
      const before = colours;
      colours = coloursAfter(before, parameters);
      if (cells === undefined && plain !== '' && colours !== before)
        plain += (before === '' ? '' : RESET) + colours;
    },
    carriageReturn: () => moveTo(rowStart()),
    backspace: () => moveTo(column - 1),
    edit(parameters, final) {
      const count = firstNumber(parameters, 1);
      switch (final) {
        case 'G':
        case '`':
          moveTo(rowStart() + count - 1);
          return true;
        case 'C':
        case 'a':
          moveTo(column + count);
          return true;
        case 'D':
          moveTo(column - count);
          return true;
        case 'K':
          erase(edited(), column, parameters);
          return true;
        case 'X':
          edited().fill({ character: ' ', colours: '' }, column, column + count);
          return true;
        case 'P':
          edited().splice(column, count);
          return true;
        case '@':
          edited().splice(column, 0, ...Array<Cell>(Math.min(count, width())).fill(BLANK));
          return true;
        default:
          return false;
      }
    },
    up(rows) {
      if (column - rows * width() < 0) return false;
      moveTo(column - rows * width());
      return true;
    },
    clear() {
      plain = '';
      plainCells = column = 0;
      cells = undefined;
    },
  };
  return line;
}

const BLANK: Cell = { character: ' ', colours: '' };

function erase(cells: Cell[], column: number, parameters: string): void {
  if (parameters === '' || parameters === '0') cells.length = Math.min(cells.length, column);
  else if (parameters === '1') cells.fill(BLANK, 0, column + 1);
  else if (parameters === '2') cells.length = 0;
}

function rendered(cells: readonly Cell[]): string {
  const end = cells.findLastIndex(({ character }) => character !== ' ') + 1;
  let text = '';
  let colours = '';
  for (const cell of cells.slice(0, end)) {
    if (cell.colours !== colours) text += (colours === '' ? '' : RESET) + cell.colours;
    colours = cell.colours;
    text += cell.character;
  }
  return colours === '' ? text : text + RESET;
}
