/** Starts programs for a launcher, in place of Node. */
export interface Children {
  /**
   * Returns its pid, or throws the system's error. Undefined: only Node can start it, or say what is wrong with it. `exited`
   * never comes before that.
   */
  start(program: ProgramOfNode, exited: Exited): number | undefined;
}

export type Exited = (code: number | null, signal: NodeJS.Signals | null) => void;

/** As spawn() of Node has it; it gets a session of its own. */
export interface ProgramOfNode {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly stdio: readonly (number | 'ignore' | 'inherit')[];
  };
}
