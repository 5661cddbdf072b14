// Puts the chosen theme back before the first paint; see src/lib/ui/theme.svelte.ts.
try {
  const theme = localStorage.getItem('adjoint.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme is shown.
}
