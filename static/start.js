// Runs before the first paint and before the application starts.

// The chosen theme; see src/lib/ui/theme.svelte.ts.
try {
  const theme = localStorage.getItem('adjoint.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme is shown.
}

// A damaged link may end in a fragment that is no valid percent-encoding; the router would throw while decoding it.
try {
  decodeURIComponent(location.hash);
} catch {
  history.replaceState(history.state, '', location.hash.replaceAll('%', '%25'));
}
