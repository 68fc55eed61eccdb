// Runs before the first paint, so that a dark page never starts white.
(() => {
  const stored = localStorage.getItem('color-scheme');
  const dark =
    stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
