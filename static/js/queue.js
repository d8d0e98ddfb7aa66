// The queue by keyboard, and fresh every ten seconds without losing what is chosen or where one stands.
(() => {
  const huiyin = window.huiyin;
  const words = JSON.parse(document.getElementById("queue-words").textContent);
  const chosen = new Set();
  let current = "";
  try { current = sessionStorage.getItem("queue-current") || ""; } catch { /* private mode */ }

  const rows = () => [...document.querySelectorAll(".queue__row")];
  const rowOf = (number) => rows().find((row) => row.dataset.number === number);
  const linkOf = (row) => row.querySelector(".queue__say");
  const pick = document.querySelector("[data-pick]");

  function draw() {
    for (const row of rows()) {
      const is = chosen.has(row.dataset.number);
      row.classList.toggle("is-selected", is);
      row.querySelector(".check").checked = is;
      row.classList.toggle("is-current", row.dataset.number === current);
    }
    const all = document.querySelector("[data-pick-all]");
    if (all) { all.checked = rows().length > 0 && rows().every((row) => chosen.has(row.dataset.number)); all.indeterminate = chosen.size > 0 && !all.checked; }
    if (!pick) return;
    pick.hidden = chosen.size === 0;
    const said = pick.querySelector("[data-picked]");
    said.textContent = said.dataset.words.replace("%(count)s", chosen.size);
    const query = new URLSearchParams([...chosen].map((number) => ["number", number]));
    query.set("back", location.pathname + location.search);
    for (const link of pick.querySelectorAll("[data-many]")) {
      link.dataset.base ||= link.getAttribute("href");
      link.href = `${link.dataset.base}?${query}`;
    }
  }

  function stand(row) {
    if (!row) return;
    current = row.dataset.number;
    try { sessionStorage.setItem("queue-current", current); } catch { /* private mode */ }
    draw();
    row.scrollIntoView({ block: "nearest" });
    linkOf(row).focus({ preventScroll: true });
  }
  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.dataset.number === current);
    stand(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))]);
  }
  function toggle(number) { if (chosen.has(number)) chosen.delete(number); else chosen.add(number); draw(); }
  const here = () => rowOf(current) || rows()[0];

  huiyin.keys.add("j", words.down, () => step(1));
  huiyin.keys.add("k", words.up, () => step(-1));
  huiyin.keys.add("ArrowDown", "", () => step(1));
  huiyin.keys.add("ArrowUp", "", () => step(-1));
  huiyin.keys.add("o", words.open, () => { const row = here(); if (row) linkOf(row).click(); });
  huiyin.keys.add("r", words.answer, () => { const row = here(); if (row) location.href = `${linkOf(row).href}#text-reply`; });
  if (pick) {
    huiyin.keys.add("x", words.choose, () => { const row = here(); if (row) { if (!current) current = row.dataset.number; toggle(row.dataset.number); } });
    const open = (verb) => { if (!chosen.size) { const row = here(); if (!row) return; current = row.dataset.number; chosen.add(current); draw(); } pick.querySelector(`[data-many][href*="/${verb}/"]`).click(); };
    huiyin.keys.add("a", pick.querySelector("[href*='/assign/']").dataset.keyLabel, () => open("assign"));
    huiyin.keys.add("c", pick.querySelector("[href*='/categorise/']").dataset.keyLabel, () => open("categorise"));
    huiyin.keys.add("p", pick.querySelector("[href*='/prioritise/']").dataset.keyLabel, () => open("prioritise"));
    huiyin.keys.add("Escape", "", () => { chosen.clear(); draw(); });
    pick.querySelector("[data-unpick]").addEventListener("click", () => { chosen.clear(); draw(); });
    for (const link of pick.querySelectorAll("[data-many]")) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        window.htmx.ajax("GET", link.href, { target: "#step", swap: "innerHTML" });
      });
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches(".queue__row .check")) toggle(event.target.closest(".queue__row").dataset.number);
    if (event.target.matches("[data-pick-all]")) { for (const row of rows()) { if (event.target.checked) chosen.add(row.dataset.number); else chosen.delete(row.dataset.number); } draw(); }
  });
  // A click anywhere on a row opens it, unless something in it was meant or text is being marked.
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".queue__row");
    if (!row || event.target.closest("a, input, button") || String(getSelection())) return;
    stand(row);
    linkOf(row).click();
  });

  // Fresh. Not while a form is open, a menu is used or text is being marked; a failure waits for the next time.
  let misses = 0;
  async function refresh() {
    if (document.hidden || document.querySelector("dialog[open]") || String(getSelection())) return;
    const focused = document.activeElement && document.activeElement.closest(".queue__row");
    let html;
    try {
      const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      html = await answer.text();
      misses = 0;
    } catch {
      misses += 1;
      document.getElementById("queue").classList.toggle("is-gone", misses > 2);
      return;
    }
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("queue");
    const old = document.getElementById("queue");
    if (!fresh || document.querySelector("dialog[open]")) return;
    const scrolled = old.querySelector(".views").scrollLeft;
    old.replaceWith(fresh);
    fresh.querySelector(".views").scrollLeft = scrolled;
    window.htmx.process(fresh);
    huiyin.setServerTime(fresh.dataset.at);
    huiyin.tick();
    draw();
    const row = focused && rowOf(focused.dataset.number);
    if (row) linkOf(row).focus({ preventScroll: true });
  }
  setInterval(refresh, 10000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  huiyin.refreshQueue = refresh;
  draw();
})();
