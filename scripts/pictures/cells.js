// What `tmux capture-pane -e` prints, as runs of characters with one look.

/**
 * @typedef {object} Look
 * @property {string} [fill]        a color of CSS; nothing: the default
 * @property {string} [background]
 * @property {boolean} [bold]
 * @property {boolean} [dim]
 * @property {boolean} [reverse]
 */

/** @typedef {{ column: number, width: number, text: string, look: Look }} Run */

/** Readable on a dark background. */
const PALETTE = [
  ...['#484f58', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#c9d1d9'],
  ...['#6e7681', '#ffa198', '#a5f3b0', '#f2cc60', '#a5d6ff', '#e2c5ff', '#8be9f0', '#f0f6fc'],
];
const CUBE = [0, 95, 135, 175, 215, 255];

/** @param {string} captured @returns {Run[][]} by line */
export function readScreen(captured) {
  let look = {};
  return captured
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      const runs = [];
      let column = 0;
      // Shift out and shift in switch to the line drawing characters, which UTF-8 does not need.
      for (const [, parameters, text] of line
        .replace(/[\x0e\x0f]/g, '')
        .matchAll(/\x1b\[([\d;:]*)m|([^\x1b]+)/g)) {
        if (text === undefined) {
          look = changed(look, parameters);
          continue;
        }
        const width = [...text].length;
        runs.push({ column, width, text, look });
        column += width;
      }
      return runs;
    });
}

/** @param {Look} look @param {string} parameters of SGR @returns {Look} */
function changed(look, parameters) {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = { ...look };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 7) next.reverse = true;
    else if (code === 27) next.reverse = false;
    else if (code === 39) delete next.fill;
    else if (code === 49) delete next.background;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(at + 1));
      next[code === 38 ? 'fill' : 'background'] = color;
      at += used;
    } else if (code >= 30 && code <= 37) next.fill = PALETTE[code - 30];
    else if (code >= 90 && code <= 97) next.fill = PALETTE[code - 82];
    else if (code >= 40 && code <= 47) next.background = PALETTE[code - 40];
    else if (code >= 100 && code <= 107) next.background = PALETTE[code - 92];
  }
  return next;
}

/** @returns {[color: string, used: number]} */
function extended([kind, a = 0, b = 0, c = 0]) {
  if (kind === 2) return [`rgb(${a},${b},${c})`, 4];
  if (a < 16) return [PALETTE[a] ?? '', 2];
  if (a >= 232)
    return [
      `rgb(${Array(3)
        .fill(8 + (a - 232) * 10)
        .join()})`,
      2,
    ];
  const cube = a - 16;
  return [
    `rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((n) => CUBE[n]).join()})`,
    2,
  ];
}
