/** One use of an open descriptor: it stays open, and of this number, until it is released. */
export interface HeldDescriptor {
  readonly fd: number;
  /** Again has no effect. */
  release(): void;
}
