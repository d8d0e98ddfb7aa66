// Forms that open over the page: htmx puts them into #step, this opens and closes the dialog around it.
(() => {
  const huiyin = window.huiyin;
  const dialog = document.getElementById("step-dialog");
  const place = document.getElementById("step");
  if (!dialog || !place) return;

  document.addEventListener("htmx:afterSwap", (event) => {
    const xhr = event.detail.xhr;
    // A step that was taken swaps nothing in here: its answer goes to the parts of the page.
    if (event.detail.target !== place || !place.firstElementChild || (xhr && xhr.getResponseHeader("HX-Reswap") === "none")) return;
    dialog.classList.toggle("dialog--wide", Boolean(place.querySelector(".form--two")));
    huiyin.open(dialog);
    const form = place.querySelector("form[data-focus]");
    const wanted = form && form.dataset.focus && form.querySelector(`[name="${CSS.escape(form.dataset.focus)}"]`);
    if (wanted) wanted.focus();
  });
  // The server says that a step was taken (HX-Trigger: step).
  document.addEventListener("step", () => dialog.close());
  // "Cancel" is a link to the page for those without scripts; here it only closes.
  place.addEventListener("click", (event) => { if (event.target.closest("[data-closes]")) event.preventDefault(); });
  // An empty filter says nothing: it need not stand in the address.
  place.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  dialog.addEventListener("close", () => { place.textContent = ""; });
  document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.classList?.remove("is-sending"));
})();
