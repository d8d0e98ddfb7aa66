// Loaded before anything is painted, on staff pages: Tabler knows only an explicit theme, so "like the device" is resolved here.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  if (root.getAttribute("data-theme") !== "system") return;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function follow() { root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light"); }
  follow();
  if (dark.addEventListener) dark.addEventListener("change", follow);
})();
