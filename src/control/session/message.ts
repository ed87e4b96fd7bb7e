/** A message as JSON has it: text, or bytes that may not be UTF-8. */
export type SentMessage = string | { readonly base64: string };

export const sentMessage = (value: string | Uint8Array): SentMessage =>
  typeof value === 'string' ? value : { base64: Buffer.from(value).toString('base64') };

export const bytesOf = (sent: SentMessage): Buffer =>
  typeof sent === 'string' ? Buffer.from(sent) : Buffer.from(sent.base64, 'base64');
