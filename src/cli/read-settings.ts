import { parseDuration } from '../text/duration.ts';
import type { Problem } from '../core/problem.ts';
import { parseSize } from '../text/size.ts';
import { suggest } from '../text/suggest.ts';
import type { RawOptions } from './command-line.ts';
import type { CommandName } from './table/commands.ts';
import {
  optionNamed,
  twins,
  type ChoiceName,
  type ChoiceOf,
  type Option,
  type OptionName,
} from './table/options.ts';

/** Reads single options (the flag, else its environment variable, else the default) and collects their problems. */
export interface SettingsReader {
  readonly problems: readonly Problem[];
  /** Where the options that were given come from: `--port`, or `$PROCSUP_PORT`. */
  labels<Name extends OptionName>(...names: Name[]): Partial<Record<Name, string>>;
  /** The options that were given, by name. */
  texts<Name extends OptionName>(...names: Name[]): Partial<Record<Name, string>>;
  /** May contain empty items. */
  list(name: OptionName): string[] | undefined;
  /** `detached`: use the default for `start -d`. */
  choice<Name extends ChoiceName>(name: Name, detached?: boolean): ChoiceOf<Name>;
  /** In milliseconds. */
  duration(name: OptionName): number;
  /** A duration that has no default. */
  optionalDuration(name: OptionName): number | undefined;
  /** In bytes. */
  size(name: OptionName): number;
  /** An integer, at least 0; undefined if it is not given and has no default. */
  count(name: OptionName): number | undefined;
  isOn(name: OptionName): boolean;
  /** The text as converted by `convert`; undefined if the option is not given or its text is invalid. */
  text<T>(name: OptionName, convert: (text: string) => { readonly value: T } | Wrong): T | undefined;
}

/** Why a value is invalid, and what to do about it. */
export interface Wrong {
  readonly message: string;
  readonly remedy: string;
}

/** A value and its origin: `--timeout` or `$PROCSUP_TIMEOUT`. */
interface Given {
  readonly label: string;
  readonly text: string;
}

const ON = ['1', 'true', 'yes', 'on'];
const OFF = ['0', 'false', 'no', 'off', ''];

/** undefined: neither on nor off. */
export function switchOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return ON.includes(word) ? true : OFF.includes(word) ? false : undefined;
}

export function readSettings(
  options: RawOptions,
  env: Readonly<Record<string, string | undefined>>,
  command?: CommandName,
): SettingsReader {
  const problems: Problem[] = [];
  const optionOf = (name: OptionName): Option => optionNamed(name, command);

  function given(name: OptionName): Given | undefined {
    const flag = options[name];
    if (flag !== undefined) return { label: `--${name}`, text: flag === true ? '1' : flag };
    // An empty variable is the usual way to unset one for a single command.
    const twin = twins(optionOf(name)).find((variable) => (env[variable] ?? '') !== '');
    return twin === undefined ? undefined : { label: `$${twin}`, text: env[twin] ?? '' };
  }

  function complain(code: string, { label, text }: Given, message: string, remedy: string): void {
    const place = { file: label, line: 1, column: 1, length: text.length, text };
    problems.push({ code, severity: 'error', message, place, remedy });
  }

  function textOf(name: OptionName): string | undefined {
    const found = given(name);
    if (found?.text !== '') return found?.text;
    complain('option-empty', found, 'empty value', `set a value, or omit ${found.label}`);
    return undefined;
  }

  function durationOf(name: OptionName, standard: string | undefined): number | undefined {
    const found = given(name) ?? { label: '', text: standard ?? '' };
    if (found.label === '' && standard === undefined) return undefined;
    const ms = parseDuration(found.text);
    if (ms !== undefined) return ms;
    complain(
      'option-duration',
      found,
      `invalid duration '${found.text}'`,
      'use for example 500ms, 5s or 1m30s; a plain number means seconds; the limit is 24 days',
    );
    return undefined;
  }

  return {
    problems,

    labels(...names) {
      const labels: Partial<Record<(typeof names)[number], string>> = {};
      for (const name of names) {
        const found = given(name);
        if (found !== undefined) labels[name] = found.label;
      }
      return labels;
    },

    texts(...names) {
      const texts: Partial<Record<(typeof names)[number], string>> = {};
      for (const name of names) {
        const text = textOf(name);
        if (text !== undefined) texts[name] = text;
      }
      return texts;
    },

    list: (name) => given(name)?.text.split(','),

    choice(name, detached = false) {
      const { choices = [], default: usual, detachedDefault } = optionOf(name);
      const standard = detached ? (detachedDefault ?? usual) : usual;
      const found = given(name) ?? { label: '', text: standard ?? '' };
      if (choices.includes(found.text)) return found.text as ChoiceOf<typeof name>;
      const meant = suggest(found.text, choices);
      complain(
        'option-choice',
        found,
        `invalid value '${found.text}'`,
        meant === undefined ? `use one of: ${choices.join(', ')}` : `did you mean '${meant}'?`,
      );
      return standard as ChoiceOf<typeof name>;
    },

    duration: (name) => durationOf(name, optionOf(name).default) ?? 0,
    optionalDuration: (name) => durationOf(name, undefined),

    size(name) {
      const found = given(name) ?? { label: '', text: optionOf(name).default ?? '' };
      const bytes = parseSize(found.text);
      if (bytes !== undefined) return bytes;
      complain('option-size', found, `invalid size '${found.text}'`, 'use for example 512KB, 10MB or 1GiB');
      return 0;
    },

    count(name) {
      const found = given(name) ?? { label: '', text: optionOf(name).default ?? '' };
      if (found.text === '') return undefined;
      if (/^\d{1,9}$/.test(found.text)) return Number(found.text);
      complain('option-count', found, `invalid number '${found.text}'`, 'use an integer, 0 or greater');
      return 0;
    },

    text(name, convert) {
      const found = given(name);
      if (found === undefined) return undefined;
      const converted = convert(found.text);
      if ('value' in converted) return converted.value;
      complain(`option-${name}`, found, converted.message, converted.remedy);
      return undefined;
    },

    isOn(name) {
      const found = given(name);
      if (found === undefined) return false;
      const isOn = switchOf(found.text);
      if (isOn !== undefined) return isOn;
      complain(
        'option-switch',
        found,
        `invalid value '${found.text}'`,
        'use 1, true, yes or on; or 0, false, no, off or an empty value',
      );
      return false;
    },
  };
}
