/** What `top` draws with beside letters. */
export interface Glyphs {
  readonly ascii: boolean;
  readonly rule: string;
  /** Stands where something was cut. */
  readonly mark: string;
}

export const UNICODE_GLYPHS: Glyphs = { ascii: false, rule: '─', mark: '…' };
export const ASCII_GLYPHS: Glyphs = { ascii: true, rule: '-', mark: '~' };
