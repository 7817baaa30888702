/** The mark: an A with a tick for its bar. */
export function Mark({ size = 32 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="14" fill="var(--mantine-color-pine-8)" />
      <g fill="none" strokeWidth="6" strokeLinecap="round" strokeLinejoin="round">
        <path d="M15 48 32 15l17 33" stroke="#fff" />
        <path d="m24.500 41.500 6 6 11-13.500" stroke="#9fe0d4" />
      </g>
    </svg>
  );
}
