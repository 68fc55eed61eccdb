/** The mark of Rollcall. */
export function Mark({ className }: { readonly className?: string | undefined }) {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true" className={className}>
      <rect width="24" height="24" rx="6.5" fill="var(--accent-fill)" />
      <g stroke="var(--on-accent)" strokeWidth="2" strokeLinecap="round" fill="none">
        <path d="M10.5 7h7.5M10.5 17h7.5M6 7h.01M6 17h.01" opacity=".62" />
        <path d="M5.6 12.1l2 2 3.6-4.2M14 12h4" />
      </g>
    </svg>
  );
}
