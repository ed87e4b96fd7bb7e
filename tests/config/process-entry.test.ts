/** The keys of a process in procsup.yaml: what they mean in a plan, and what is wrong with them. */
import { describe, expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { WATCH_DEFAULTS as WATCH } from '../../src/core/plan/watching.ts';

const readText = (text: string) => readAppFileText('procsup.yaml', { ok: true, text });
/** The settings of a process with these keys, indented by the test. */
const settingsOf = (keys: string) => {
  const { settings = [], problems } = readText(`processes:\n  web:\n    ${keys}\n`);
  expect(problems).toEqual([]);
  const { name, saidAt, place, ...rest } = settings[0] ?? expect.fail('no settings');
  expect([name, typeof saidAt, place.line]).toEqual(['web', 'object', 2]);
  return rest;
};
const problemsOf = (keys: string) =>
  readText(`processes:\n  web:\n    ${keys}\n`).problems.map(({ message, place }) => [
    message,
    `${String(place?.line)}:${String(place?.column)}`,
  ]);

const restartOf = (restarts: number, withinMs = 60_000) => ({ giveUp: { restarts, withinMs } });
const need = (process: string, until = 'ready', more = {}) => ({ process, until, ...more });

describe('means', () => {
  test.each<[string, object]>([
    ['command: node server.js', { command: 'node server.js', script: 'exec node server.js' }],
    ['command: cd a && b', { command: 'cd a && b', script: 'cd a && b' }],
    [
      'command: [echo, "a b", 1.10, true]',
      { command: "echo 'a b' 1.10 true", script: "exec echo 'a b' 1.10 true" },
    ],
    ['kind: task', { kind: 'task' }],
    ['instances: 3', { instances: 3 }],
    ['working_dir: app', { workingDir: 'app' }],
    [
      'environment: {A: b, N: 1.10, T: true, E: "", U: }',
      { environment: { A: 'b', N: '1.10', T: 'true', E: '' } },
    ],
    ['environment: [A=b=c, U]', { environment: { A: 'b=c' } }],
    ['uses: db', { uses: [{ cap: 'db', amount: 1 }] }],
    [
      'uses: {db: 2, gpu: 1}',
      {
        uses: [
          { cap: 'db', amount: 2 },
          { cap: 'gpu', amount: 1 },
        ],
      },
    ],
    [
      'uses: [db, gpu]',
      {
        uses: [
          { cap: 'db', amount: 1 },
          { cap: 'gpu', amount: 1 },
        ],
      },
    ],
    ['profiles: dev', { profiles: ['dev'] }],
    ['profiles: [dev, e2e]', { profiles: ['dev', 'e2e'] }],
    ['autostart: false', { autostart: false }],
    ['depends_on: db', { needs: [need('db')] }],
    ['depends_on: [db, migrate]', { needs: [need('db'), need('migrate')] }],
    [
      'depends_on: {a: started, b: ready, c: succeeded, d: }',
      { needs: [need('a', 'started'), need('b'), need('c', 'succeeded'), need('d')] },
    ],
    [
      'depends_on: {a: service_started, b: service_healthy, c: service_completed_successfully}',
      { needs: [need('a', 'started'), need('b'), need('c', 'succeeded')] },
    ],
    [
      'depends_on: {a: process_started, b: process_healthy, c: process_log_ready, d: process_completed_successfully}',
      { needs: [need('a', 'started'), need('b'), need('c'), need('d', 'succeeded')] },
    ],
    [
      'depends_on: {a: {condition: service_healthy, restart: true, required: false}, b: {restart: stop}}',
      {
        needs: [
          need('a', 'ready', { onRestart: 'restart', required: false }),
          need('b', 'ready', { onRestart: 'stop' }),
        ],
      },
    ],
    ['ready: listening', { ready: { checks: [{ kind: 'listening' }] } }],
    [
      'ready: {listening: true, within: 30s}',
      { ready: { checks: [{ kind: 'listening' }], withinMs: 30_000 } },
    ],
    ['ready: {listening: 3000}', { ready: { checks: [{ kind: 'listening', port: 3_000 }] } }],
    ['ready: {tcp: 5432}', { ready: { checks: [{ kind: 'tcp', port: 5_432 }] } }],
    ['ready: {tcp: "db:5432"}', { ready: { checks: [{ kind: 'tcp', port: 5_432, host: 'db' }] } }],
    ['ready: {tcp: "[::1]:5432"}', { ready: { checks: [{ kind: 'tcp', port: 5_432, host: '::1' }] } }],
    ['ready: {http: /healthz}', { ready: { checks: [{ kind: 'http', target: '/healthz' }] } }],
    [
      'ready: {http: {url: "http://localhost:1/x", status: 204, headers: {X-Id: 7}}}',
      {
        ready: {
          checks: [{ kind: 'http', target: 'http://localhost:1/x', status: [204], headers: { 'X-Id': '7' } }],
        },
      },
    ],
    ['ready: {log: "^ready"}', { ready: { checks: [{ kind: 'log', pattern: '^ready' }] } }],
    ['ready: {exec: [pg_isready, -q]}', { ready: { checks: [{ kind: 'exec', command: 'pg_isready -q' }] } }],
    ['ready: {notify: true}', { ready: { checks: [{ kind: 'notify' }] } }],
    ['ready: {fd: 3}', { ready: { checks: [{ kind: 'fd', fd: 3 }] } }],
    ['ready: {delay: 2s}', { ready: { checks: [{ kind: 'delay', ms: 2_000 }] } }],
    [
      'ready: [{tcp: 1}, {log: x, within: 1m}]',
      {
        ready: {
          checks: [
            { kind: 'tcp', port: 1 },
            { kind: 'log', pattern: 'x' },
          ],
          withinMs: 60_000,
        },
      },
    ],
    ['fail: {log: "EADDRINUSE"}', { failLog: 'EADDRINUSE' }],
    [
      'health: {http: /, every: 5s, failures: 2, action: restart}',
      { health: { checks: [{ kind: 'http', target: '/' }], everyMs: 5_000, failures: 2, action: 'restart' } },
    ],
    [
      'health: {tcp: 1}',
      { health: { checks: [{ kind: 'tcp', port: 1 }], everyMs: 10_000, failures: 3, action: 'warn' } },
    ],
    ['restart: never', { restart: { mode: 'never' } }],
    ['restart: "no"', { restart: { mode: 'never' } }],
    ['restart: no', { restart: { mode: 'never' } }],
    ['restart: unless-stopped', { restart: { mode: 'always' } }],
    ['restart: on-failure:3', { restart: { mode: 'on-failure', ...restartOf(3) } }],
    [
      'restart: {policy: always, delay: 1s, max_delay: 5s, attempts: 2, within: 10s}',
      { restart: { mode: 'always', delayMs: 1_000, maxDelayMs: 5_000, ...restartOf(2, 10_000) } },
    ],
    ['restart: {attempts: 0}', { restart: restartOf(0) }],
    ['success_status: [0, 143]', { successStatus: [0, 143] }],
    ['success_status: 3', { successStatus: [3] }],
    ['stop_signal: int', { stop: { signal: 'SIGINT' } }],
    ['stop_signal: SIGQUIT', { stop: { signal: 'SIGQUIT' } }],
    ['stop_grace_period: 1m30s', { stop: { timeoutMs: 90_000 } }],
    ['stop_command: kill $PROCSUP_PID', { stop: { command: 'kill $PROCSUP_PID' } }],
    ['stop_target: main', { stop: { target: 'main' } }],
    ['pre_start: ./migrate', { hooks: { preStart: { command: './migrate', timeoutMs: 60_000 } } }],
    [
      'post_stop: {command: [rm, -f, "a b"], timeout: 5s}',
      { hooks: { postStop: { command: "rm -f 'a b'", timeoutMs: 5_000 } } },
    ],
    ['on_exit: stop-on-failure', { onExit: 'stop-on-failure' }],
    ['tty: true', { tty: true }],
    ['stdin: null', { stdin: 'null' }],
    ['stdin: open', { stdin: 'open' }],
    ['ports: [3000, "3001"]', { ports: [3_000, 3_001] }],
    ['ports: 3000', { ports: [3_000] }],
    ['watch: src', { watch: { ...WATCH, paths: ['src'] } }],
    ['watch: [src, "*.json"]', { watch: { ...WATCH, paths: ['src', '*.json'] } }],
    ['watch: true', { watch: { ...WATCH, paths: ['.'] } }],
    ['watch: false', { watch: 'off' }],
    [
      'watch: {paths: src, ignore: gen, action: HUP, debounce: 1s, gitignore: true, poll: true}',
      {
        watch: {
          ...{ paths: ['src'], ignore: ['gen'], action: { kind: 'signal', signal: 'SIGHUP' } },
          ...{ debounceMs: 1000, gitignore: true, pollMs: 1000 },
        },
      },
    ],
    [
      'watch: {paths: [src], action: make css}',
      { watch: { ...WATCH, paths: ['src'], action: { kind: 'command', command: 'make css' } } },
    ],
    ['watch: {paths: src, action: restart, poll: 5s}', { watch: { ...WATCH, paths: ['src'], pollMs: 5000 } }],
    ['schedule: "*/5 * * * *"', { schedule: { cron: '*/5 * * * *', overlap: 'skip' } }],
    [
      'schedule: {cron: "0 3 * * *", tz: Europe/Berlin, overlap: queue}',
      { schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', overlap: 'queue' } },
    ],
    ['{tty: true, x-note: {anything: [1]}}', { tty: true }],
  ])('%s', (keys, expected) => {
    expect(settingsOf(keys)).toEqual(expected);
  });

  test('files with variables are named, and read later', () => {
    expect(settingsOf('env_file: .env.web')).toMatchObject({
      envFiles: [{ file: '.env.web', required: true }],
    });
    expect(settingsOf('env_file: [a, {path: b, required: false}]')).toMatchObject({
      envFiles: [
        { file: 'a', required: true, place: { line: 3, column: 16 } },
        { file: 'b', required: false, place: { line: 3, column: 26 } },
      ],
    });
  });

  test('each key has the place where it was said', () => {
    const { settings } = readText(
      'x-b: &b {restart: always}\nprocesses:\n  web:\n    <<: *b\n    tty: true\n    depends_on:\n      - db\n',
    );
    const places = Object.entries(settings?.[0]?.saidAt ?? {}).map(([key, { line, column }]) => [
      key,
      line,
      column,
    ]);
    expect(places.sort()).toEqual([
      ['depends_on', 6, 5],
      ['depends_on.db', 7, 9],
      ['restart', 1, 10],
      ['tty', 5, 5],
    ]);
  });
});

describe('is wrong', () => {
  test.each<[string, [string, string][]]>([
    ['command: ""', [['empty command', '3:14']]],
    ['command: []', [['empty command', '3:14']]],
    [
      'command: [a, {b: c}]',
      [
        [
          "item 2 of 'command' in process 'web' must be a string, a number or true or false, got a map",
          '3:18',
        ],
      ],
    ],
    ['kind: tsak', [["invalid value 'tsak' for 'kind'", '3:11']]],
    ['instances: 1.5', [["invalid value 1.5 for 'instances'", '3:16']]],
    ['instances: 1001', [["invalid value 1001 for 'instances'", '3:16']]],
    ['working_dir: " "', [["empty value for 'working_dir'", '3:18']]],
    ['environment: {"A=B": c}', [["invalid name of a variable 'A=B'", '3:19']]],
    [
      'environment: {A: [b]}',
      [["'A' in process 'web' must be a string, a number or true or false, got a list", '3:22']],
    ],
    ['env_file: 5', [["'env_file' in process 'web' must be a string, a map or a list, got 5", '3:15']]],
    ['profiles: [a b]', [["invalid name of a profile 'a b'", '3:16']]],
    ['depends_on: {db: helthy}', [["invalid value 'helthy' for 'condition'", '3:22']]],
    [
      'depends_on: {db: process_completed}',
      [["cannot wait for 'process_completed': an end by a failure counts as well", '3:22']],
    ],
    ['depends_on: [a, a]', [["duplicate name 'a' in 'depends_on'", '3:21']]],
    ['depends_on: {a: {conditoin: ready}}', [["unknown key 'conditoin'", '3:22']]],
    ['ready: {}', [["no check in 'ready'", '3:12']]],
    ['ready: {within: 5s}', [["no check in 'ready'", '3:12']]],
    ['ready: {htpt: /}', [["unknown key 'htpt'", '3:13']]],
    ['ready: {tcp: 1, log: x}', [["two checks in one entry: 'tcp' and 'log'", '3:21']]],
    [
      'ready: [{tcp: 1, within: 1s}, {tcp: 2, within: 2s}]',
      [["duplicate key 'within': it holds for all checks of the list", '3:44']],
    ],
    ['ready: {tcp: 70000}', [["invalid value 70000 for 'tcp'", '3:18']]],
    ['ready: {tcp: "x"}', [["invalid address 'x' for 'tcp'", '3:18']]],
    ['ready: {http: "localhost:3000/x"}', [["invalid URL 'localhost:3000/x'", '3:19']]],
    ['ready: {http: {url: /, headers: {"a b": c}}}', [["invalid header 'a b'", '3:38']]],
    ['ready: {http: {url: /, status: 99}}', [['invalid status 99', '3:36']]],
    ['ready: {log: "("}', [['invalid regular expression: unterminated group', '3:18']]],
    ['ready: {listening: false}', [["invalid value false for 'listening'", '3:24']]],
    ['ready: {fd: 2}', [["invalid value 2 for 'fd'", '3:17']]],
    ['ready: listen', [["invalid value 'listen' for 'ready'", '3:12']]],
    ['ready: {tcp: 1, within: soon}', [["invalid duration 'soon'", '3:29']]],
    ['fail: {log: "[a"}', [['invalid regular expression: unterminated character class', '3:17']]],
    ['health: {log: x}', [["unknown key 'log'", '3:14']]],
    ['health: {tcp: 1, every: 1ms}', [["'every' is too short (the limit is 100ms)", '3:29']]],
    ['health: {tcp: 1, action: explode}', [["invalid value 'explode' for 'action'", '3:30']]],
    ['restart: on-faliure', [["invalid value 'on-faliure' for 'restart'", '3:14']]],
    ['restart: {policy: maybe}', [["invalid value 'maybe' for 'policy'", '3:23']]],
    ['restart: {delay: -1}', [["invalid duration '-1'", '3:22']]],
    ['success_status: 256', [['invalid status 256', '3:21']]],
    ['stop_signal: SIGTREM', [["unknown signal 'SIGTREM'", '3:18']]],
    ['pre_start: {timeout: 5s}', [["missing key 'command' in 'pre_start' in process 'web'", '3:5']]],
    ['on_exit: restart', [["invalid value 'restart' for 'on_exit'", '3:14']]],
    ['stdin: terminal', [["invalid value 'terminal' for 'stdin'", '3:12']]],
    ['ports: ["3000:3000"]', [["cannot map ports: '3000:3000'", '3:13']]],
    ['ports: [0]', [["invalid port '0'", '3:13']]],
    ['schedule: {cron: "* * * * *", tz: Berlin/Europe}', [["unknown time zone 'Berlin/Europe'", '3:39']]],
    ['healthcheck: {test: x}', [["unknown key 'healthcheck'", '3:5']]],
    ['watches: src', [["unknown key 'watches'", '3:5']]],
    ['watch: {ignore: x}', [["missing key 'paths' in 'watch' in process 'web'", '3:5']]],
    ['watch: {paths: src, action: restrat}', [["invalid value 'restrat' for 'action'", '3:33']]],
    ['watch: {paths: src, poll: 1ms}', [["invalid value for 'poll'", '3:31']]],
    ['watch: {paths: src, run: build}', [["unknown task 'build'", '3:30']]],
  ])('%s', (keys, expected) => {
    expect(problemsOf(keys)).toEqual(expected);
  });

  test('a name', () => {
    expect(readText('processes: {"a b": {command: x}}').problems).toMatchObject([
      { code: 'app-file-name', message: "invalid process name 'a b'" },
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['services: {}', "unknown key 'services'", /^use 'processes'$/],
    ['processes: {a: {image: x}}', "unknown key 'image'", /not containers/],
    ['processes: {a: {healthcheck: {}}}', "unknown key 'healthcheck'", /^use 'ready: .*'health'/],
    ['processes: {a: {cwd: x}}', "unknown key 'cwd'", /^use 'working_dir'$/],
    ['defaults: {command: x}', "unknown key 'command'", /for each process/],
    ['processes: {a: {stop_sginal: INT}}', "unknown key 'stop_sginal'", /^did you mean 'stop_signal'\?$/],
  ])('the word of another tool, with a remedy: %s', (text, message, remedy) => {
    const [problem, ...others] = readText(text).problems;
    expect(others).toEqual([]);
    expect(problem?.message).toBe(message);
    expect(problem?.remedy).toMatch(remedy);
  });
});

test('a process may be empty, and so may all', () => {
  expect(readText('defaults:\nprocesses:\n  web:\n').problems).toEqual([]);
  expect(readText('processes:\n').settings).toBeUndefined();
});

test('what holds for all is read as what holds for one', () => {
  const { defaults, problems } = readText(
    'defaults: {restart: always, stop_signal: INT, environment: {A: b}}\n',
  );
  expect(problems).toEqual([]);
  expect(defaults).toMatchObject({
    restart: { mode: 'always' },
    stop: { signal: 'SIGINT' },
    environment: { A: 'b' },
    saidAt: { restart: { line: 1, column: 12 } },
  });
});
