// Before the first paint: the theme that was chosen here, else the system's.
(function () {
  var chosen = null;
  try { chosen = localStorage.getItem('latchkey.theme'); } catch (error) { /* storage is closed: the system's theme */ }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
