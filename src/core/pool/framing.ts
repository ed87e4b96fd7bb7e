/**
 * How the messages of a worker are told apart. `line`: a text without newlines. `json`: a line of JSON. `null`: a text that
 * ends with a NUL byte. `length`: four bytes of length (big endian), then so many bytes of UTF-8.
 */
export type Framing = (typeof FRAMINGS)[number];

export const FRAMINGS = ['line', 'json', 'null', 'length'] as const;
