/** The characters that `top` draws with. */
export interface Glyphs {
  readonly ascii: boolean;
  readonly rule: string;
  /** Marks cut text. */
  readonly mark: string;
}

export const UNICODE_GLYPHS: Glyphs = { ascii: false, rule: '─', mark: '…' };
export const ASCII_GLYPHS: Glyphs = { ascii: true, rule: '-', mark: '~' };
