/** An error as the system's are. */
export const failure = (code: string): Error => Object.assign(new Error(code), { code });
