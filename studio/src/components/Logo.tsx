export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="6" fill="var(--accent)" />
      <circle cx="8.2" cy="11" r="3.35" fill="none" stroke="#fff" strokeWidth="1.9" />
      <path d="M11.6 11h6.2M15.2 11v3M17.6 11v2.1" stroke="#fff" strokeWidth="1.9" strokeLinecap="round" fill="none" />
    </svg>
  );
}
