// A screen as a picture: each run of characters at its column, whatever font there is.
const CELL = { width: 8.4, height: 19 };
const FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
const COLORS = { background: '#0d1117', bar: '#161b22', edge: '#30363d', text: '#c9d1d9', title: '#8b949e' };
const BAR = 34;
const MARGIN = 14;
const DOTS = ['#ff5f57', '#febc2e', '#28c840'];

/**
 * @param {import('./cells.js').Run[][]} screen
 * @param {{ title: string, size: { columns: number } }} scene
 */
export function toSvg(screen, { title, size }) {
  const lines = withoutEmptyEnd(screen);
  const width = round(size.columns * CELL.width + 2 * MARGIN);
  const height = BAR + lines.length * CELL.height + 2 * MARGIN;
  const dots = DOTS.map((color, i) => `<circle cx="${20 + i * 20}" cy="${BAR / 2}" r="6" fill="${color}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FONT}" font-size="14">`,
    `<title>${escaped(title)}</title>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9" fill="${COLORS.background}" stroke="${COLORS.edge}"/>`,
    `<path d="M1 ${BAR}V10a9 9 0 0 1 9-9h${width - 20}a9 9 0 0 1 9 9v${BAR - 10}z" fill="${COLORS.bar}"/>`,
    ...dots,
    `<text x="${width / 2}" y="${BAR / 2 + 5}" text-anchor="middle" font-size="13" fill="${COLORS.title}">${escaped(title)}</text>`,
    `<g fill="${COLORS.text}" xml:space="preserve">`,
    ...lines.flatMap((runs, row) => runs.flatMap((run) => drawn(run, BAR + MARGIN + row * CELL.height))),
    '</g>',
    '</svg>\n',
  ].join('\n');
}

function drawn({ column, width, text, look }, top) {
  const { fill, background } = look.reverse
    ? { fill: look.background ?? COLORS.background, background: look.fill ?? COLORS.text }
    : look;
  const x = (at) => round(MARGIN + at * CELL.width);
  const box = `x="${x(column)}" y="${top}" width="${round(width * CELL.width)}" height="${CELL.height}"`;
  const back = background ? [`<rect ${box} fill="${background}"/>`] : [];
  const visible = text.trim();
  if (!visible) return back;
  const from = column + [...text].length - [...text.trimStart()].length;
  const attributes = [
    `x="${x(from)}" y="${top + 14}" textLength="${round([...visible].length * CELL.width)}"`,
    fill && `fill="${fill}"`,
    look.bold && 'font-weight="bold"',
    look.dim && 'opacity=".62"',
  ];
  return [...back, `<text ${attributes.filter(Boolean).join(' ')}>${escaped(visible)}</text>`];
}

function withoutEmptyEnd(screen) {
  const last = screen.findLastIndex((runs) =>
    runs.some(({ text, look }) => text.trim() || look.background || look.reverse),
  );
  return screen.slice(0, last + 1);
}

const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

const escaped = (/** @type {string} */ text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');
