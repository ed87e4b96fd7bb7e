import type { EnvFile, PortSetting } from './sources.ts';
import type { Checked, Place, Problem } from '../problem.ts';

export const HIGHEST_PORT = 65_535;
const DEFAULT_BASE = 5_000;
export const PORTS_PER_PROCESS = 100;
/** Instead of a number: a base of this directory alone. `config/auto-port.ts` replaces it. */
export const AUTO_PORT = 'auto';

/** Where the base may come from, the strongest first. */
export interface PortSources {
  /** The argument of `-p`. */
  readonly option: string | undefined;
  /** Where that came from: `--port`, the default, or a variable. */
  readonly optionLabel?: string | undefined;
  /** `port` in procsup.yaml. */
  readonly appFile?: PortSetting | undefined;
  readonly envFiles: readonly EnvFile[];
  readonly realEnv: Readonly<Record<string, string | undefined>>;
}

/**
 * The PORT of an instance. `index` is the process's place in the Procfile from 0, `instance` counts from 1, `step` is from
 * one process to the next.
 */
export function portOf(base: number, index: number, instance: number, step = PORTS_PER_PROCESS): number {
  return base + step * index + (instance - 1);
}

/**
 * The PORT of the first instance of the first process: `-p`, else `port` of procsup.yaml, else PORT of the files, else
 * $PORT, else 5000.
 */
export function portBase(sources: PortSources): Checked<number> {
  const { value, place } = strongest(sources);
  if (value === undefined) return { value: DEFAULT_BASE, problems: [] };
  const base = Number(value);
  if (/^\d{1,9}$/.test(value) && base >= 1 && base <= HIGHEST_PORT) return { value: base, problems: [] };
  return { value: undefined, problems: [invalidBase(value, place)] };
}

interface Found {
  readonly value?: string | undefined;
  readonly place?: Place | undefined;
}

// An empty PORT counts as none, as `PORT= procsup start` means it in a shell.
function strongest({ option, optionLabel = '--port', appFile, envFiles, realEnv }: PortSources): Found {
  if (option !== undefined) return { value: option, place: wholeText(optionLabel, option) };
  if (appFile !== undefined) return { value: appFile.text, place: appFile.place };
  const envFile = envFiles.findLast(({ values }) => Object.hasOwn(values, 'PORT'));
  const fromFile = envFile?.values['PORT'];
  if (envFile && fromFile) return { value: fromFile, place: placeOfPort(envFile) };
  const real = realEnv['PORT'];
  return real ? { value: real, place: wholeText('$PORT', real) } : {};
}

function invalidBase(value: string, place: Place | undefined): Problem {
  return {
    code: 'port-invalid',
    severity: 'error',
    message: `invalid port '${value}'`,
    ...(place && { place }),
    remedy: `use an integer from 1 to ${HIGHEST_PORT}, or '${AUTO_PORT}' for -p`,
  };
}

function wholeText(file: string, text: string): Place {
  return { file, line: 1, column: 1, length: text.length, text };
}

function placeOfPort({ file, text }: EnvFile): Place | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const index = lines.findLastIndex((line) => /^\s*(?:export\s+)?PORT\s*[=:]/.test(line));
  const line = lines[index];
  if (line === undefined) return undefined;
  const start = line.search(/\S/);
  return { file, line: index + 1, column: start + 1, length: line.trimEnd().length - start, text: line };
}
