/** The width of our terminal. Undefined without a terminal, or if the width is unknown (a serial line reports 0). */
export function stdoutWidth(): number | undefined {
  const { columns } = process.stdout as { readonly columns?: number };
  return columns === 0 ? undefined : columns;
}
