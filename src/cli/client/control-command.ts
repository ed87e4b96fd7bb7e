/** The parts of a command that asks a running supervisor for something. */
import type { LockOwner, CrashedOwner } from '../../os/files/lock.ts';
import type { ControlClient } from '../../control/client.ts';
import type { Io } from '../io.ts';
import type { SettingsReader } from '../read-settings.ts';

export interface CommandContext {
  readonly io: Io;
  readonly client: ControlClient;
  /** The owner of the project: the supervisor that is asked. */
  readonly owner: LockOwner;
}

/** A command in two steps: all problems of its settings are known before the supervisor is asked. */
export type ControlCommand = (read: SettingsReader, operands: readonly string[]) => ReadyCommand;

export interface ReadyCommand {
  carryOut(context: CommandContext): Promise<number>;
  /** Called if no supervisor is running. Without it that is an error, status 3. */
  readonly alone?: (io: Io, root: string, crashed: readonly CrashedOwner[]) => Promise<number | undefined>;
}

/** `crashed`: locks of supervisors that were killed. Returns undefined if the command has nothing to do. */
type Alone<Settings> = (
  io: Io,
  settings: Settings,
  root: string,
  crashed: readonly CrashedOwner[],
) => Promise<number | undefined>;

export interface ControlCommandParts<Settings> {
  readonly settings: (read: SettingsReader, operands: readonly string[]) => Settings;
  readonly carryOut: (context: CommandContext, settings: Settings) => Promise<number>;
  readonly alone?: Alone<Settings>;
}

export function controlCommand<Settings>({
  settings: settingsOf,
  carryOut,
  alone,
}: ControlCommandParts<Settings>): ControlCommand {
  return (read, operands) => {
    const settings = settingsOf(read, operands);
    return {
      carryOut: (context) => carryOut(context, settings),
      ...(alone && { alone: (io, root, crashed) => alone(io, settings, root, crashed) }),
    };
  };
}
