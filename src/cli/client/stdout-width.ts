/** How wide the terminal is that we print on. Undefined: there is none, or it does not know (a serial line says 0). */
export function stdoutWidth(): number | undefined {
  const { columns } = process.stdout as { readonly columns?: number };
  return columns === 0 ? undefined : columns;
}
