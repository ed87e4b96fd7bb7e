import type { CommandName } from './commands.ts';

/** An option of the command line. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Another spelling, as known from other tools. */
  readonly alias?: { readonly name: string; readonly short?: string; readonly hasVariable?: false };
  /** Name of the value in the help; an option without one is a switch. */
  readonly value?: string;
  /** Values that may be attached to a switch, as in `--stats=json`. */
  readonly forms?: readonly string[];
  /** Comma-separated and repeatable: the lists are joined. Of other options the last one wins. */
  readonly list?: true;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The default for `start -d`, where it differs. */
  readonly detachedDefault?: string;
  /**
   * false: there is no variable. Options of different commands that share a name also share the variable; where they do
   * not mean the same, only one of them has it.
   */
  readonly hasVariable?: false;
  /** `global` options belong to every command, and may also precede it. */
  readonly commands: 'global' | readonly CommandName[];
}
