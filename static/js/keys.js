// Keys for staff. Markup: data-key="r" clicks or focuses the element, data-key-label says what it does in the ? dialog.
// Scripts: huiyin.keys.add("j", "Down", act). Two keys after one another are written "g q". Nothing fires while typing,
// while an input method composes, or behind an open dialog; data-key-typing lets a key (Ctrl+Enter) through in a field.
(() => {
  const huiyin = window.huiyin;
  const acts = new Map();
  let before = "";
  let beforeAt = 0;

  const typing = (node) => node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.nodeName) || (node.nodeName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(node.type));
  const shown = (node) => node.getClientRects().length > 0;

  huiyin.keys = {
    /** Call `act(event)` on `key`; `label` is listed in the help. */
    add(key, label, act) { acts.set(key, { label, act }); },
    list() {
      const all = [...acts].map(([key, { label }]) => [key, label]);
      for (const node of document.querySelectorAll("[data-key]")) {
        const label = node.dataset.keyLabel || node.getAttribute("aria-label") || node.title || node.textContent.trim();
        if (!all.some(([key]) => key === node.dataset.key)) all.push([node.dataset.key, label]);
      }
      return all.filter(([, label]) => label);
    },
  };

  const press = (key, event) => {
    const own = acts.get(key);
    if (own) { own.act(event); return true; }
    for (const node of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) {
      if (!shown(node) && !node.closest("details[data-menu]")) continue;
      if (node.matches("input, textarea, select")) { node.focus(); if (node.select) node.select(); } else node.click();
      return true;
    }
    return false;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    const target = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = target.closest("form");
      const button = form && form.querySelector("[data-key-typing='ctrl+enter']");
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details[data-menu][open]")) { menu.open = false; menu.querySelector("summary").focus(); return; }
      if (typing(target)) { target.blur(); return; }
    }
    if (typing(target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pair = Date.now() - beforeAt < 900 ? `${before} ${key}` : "";
    if ((pair && press(pair, event)) || press(key, event)) { event.preventDefault(); before = ""; return; }
    before = key;
    beforeAt = Date.now();
  });

  function help() {
    const dialog = document.getElementById("keys");
    const list = dialog && dialog.querySelector("[data-keys]");
    if (!list) return;
    list.querySelectorAll("[data-found]").forEach((row) => row.remove());
    for (const [key, label] of huiyin.keys.list()) {
      const row = document.createElement("div");
      row.dataset.found = "";
      const keys = document.createElement("dt");
      for (const part of key.split(" ")) {
        const cap = document.createElement("span");
        cap.className = "kbd";
        cap.textContent = part.length === 1 ? part.toUpperCase() : part;
        keys.append(cap);
      }
      const said = document.createElement("dd");
      said.textContent = label;
      row.append(keys, said);
      list.append(row);
    }
    huiyin.open(dialog);
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-key-help]")) help(); });
})();
