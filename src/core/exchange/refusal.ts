/** Why something of the exchange is not done, in words. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface Refused {
  readonly refused: Refusal;
}

export const refused = (code: string, message: string, remedy?: string): Refused => ({
  refused: { code, message, ...(remedy !== undefined && { remedy }) },
});
