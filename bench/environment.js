// What the tools find in their environment: ours, without what would change what is measured.

/** NODE_EXTRA_CA_CERTS makes every start of Node 20 parse that file: 24 ms become 65. */
const TAKEN_OUT = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|FORCE_COLOR|CLICOLOR_FORCE|PORT|PROCFILE|PROCSUP_.*)$/;

/** @returns {Record<string, string | undefined>} */
export function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !TAKEN_OUT.test(name)));
}
