// What is done in each picture, in the example application.
import { setTimeout as sleep } from 'node:timers/promises';

const ORDER = 'curl -s -d "$1" http://127.0.0.1:5000/orders';
const order = (terminal, what) => terminal.aside(ORDER.replace('$1', what));

/** The graphs of `top` need so many seconds to fill. */
const GRAPH_SECONDS = 24;

export const SCENES = [
  {
    name: 'start',
    title: 'procsup start',
    size: { columns: 84, rows: 24 },
    async play(terminal) {
      terminal.type('procsup start');
      await terminal.until(/listening on/);
      await terminal.until(/a chair is done/);
      order(terminal, 'a lamp');
      await terminal.until(/making a lamp/);
      await terminal.until(/it is/);
      terminal.press('C-c');
      await terminal.until(/closing after[^]*\n\$/);
      return terminal.screen();
    },
  },
  {
    name: 'top',
    title: 'procsup top',
    size: { columns: 104, rows: 24 },
    files: {
      Procfile:
        'web: node shop.mjs web\nworker: node shop.mjs worker\nsearch: node shop.mjs search\nclock: while sleep 5; do date; done\n',
    },
    async play(terminal) {
      terminal.aside('procsup start -d -p 3000 -m worker=2');
      terminal.type('procsup top');
      await terminal.until(/web\.1/);
      await sleep(GRAPH_SECONDS * 1000);
      return terminal.screen();
    },
  },
  {
    name: 'progress',
    title: 'procsup pipe',
    size: { columns: 84, rows: 16 },
    async play(terminal) {
      terminal.type("procsup pipe --stats 'seq 3000000 | gzip | wc -c'");
      await terminal.until(/wc -c\n\$/);
      terminal.type("procsup pipe --progress 'seq 99000000 | gzip -9 > numbers.gz'");
      await terminal.until(/\*gzip [\d.]+\S*\/s +\d{2}[\d.]*M/);
      const screen = terminal.screen();
      terminal.press('C-c');
      return screen;
    },
  },
];
