// The page of a case: what is typed is kept and read along, the page stays fresh, nothing typed is ever replaced.
(() => {
  const huiyin = window.huiyin;
  const page = document.getElementById("case");
  const composer = () => document.getElementById("case-composer");

  // ── typing: draft, advice, preview ──────────────────────────────────────
  const timers = new WeakMap();
  const paragraphs = (text) => text.split(/\n{2,}/).map((part) => {
    const p = document.createElement("p");
    part.split("\n").forEach((line, index) => { if (index) p.append(document.createElement("br")); p.append(line); });
    return p;
  });
  function preview() {
    const area = document.getElementById("text-reply");
    const bubble = document.querySelector("[data-preview]");
    if (!area || !bubble) return;
    const text = area.value.trim();
    bubble.replaceChildren(...(text ? paragraphs(text) : []));
    const notice = document.querySelector("#form-reply [data-vague]");
    for (const word of (notice ? notice.dataset.vague.split("|") : []).filter(Boolean)) mark(bubble, word);
  }
  function mark(root, word) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walk.nextNode()) nodes.push(walk.currentNode);
    for (const node of nodes) {
      if (node.parentNode.nodeName === "MARK") continue;
      const at = node.data.indexOf(word);
      if (at < 0) continue;
      const found = node.splitText(at);
      found.splitText(word.length);
      const marked = document.createElement("mark");
      found.replaceWith(marked);
      marked.append(found);
    }
  }
  async function keep(form) {
    const area = form.querySelector("textarea");
    const place = form.querySelector("[data-advice-place]");
    const body = new URLSearchParams({ body: area.value, keep: form.dataset.keep || "1", csrfmiddlewaretoken: huiyin.csrf() });
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok || !place || !place.isConnected) return;
      place.innerHTML = await answer.text();
      preview();
    } catch { /* the network is away; the next key tries again */ }
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form || event.target.nodeName !== "TEXTAREA") return;
    preview();
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), 600));
  });
  document.addEventListener("submit", (event) => clearTimeout(timers.get(event.target)), true);
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".composer input[type=file]")) return;
    const said = event.target.closest("label").querySelector("[data-files]");
    const files = [...event.target.files];
    said.textContent = files.length === 1 ? files[0].name : said.dataset.words.replace("%(count)s", files.length);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-replace], [data-append]");
    if (button) {
      const area = button.closest("form").querySelector("textarea");
      if (button.dataset.replace) area.value = area.value.replace(button.dataset.replace, button.dataset.with);
      else area.value = `${area.value.trimEnd()}${/[a-z.]$/i.test(area.value.trimEnd()) ? " " : ""}${button.dataset.append}`;
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const tab = event.target.closest("[data-tab]");
    if (tab && !event.ctrlKey && !event.metaKey) { event.preventDefault(); show(tab.dataset.tab); }
  });
  function show(kind) {
    const root = composer();
    root.querySelectorAll("[data-tab]").forEach((tab) => { if (tab.dataset.tab === kind) tab.setAttribute("aria-current", "true"); else tab.removeAttribute("aria-current"); });
    root.querySelectorAll(".composer__form").forEach((form) => { form.hidden = form.id !== `form-${kind}`; });
    root.classList.toggle("composer--note", kind === "note");
    const area = document.getElementById(`text-${kind}`);
    if (area) { area.focus(); area.setSelectionRange(area.value.length, area.value.length); }
  }

  // ── fresh ───────────────────────────────────────────────────────────────
  const down = () => { const talk = document.getElementById("case-talk"); if (talk) talk.scrollTop = talk.scrollHeight; };
  async function refresh() {
    if (document.hidden || document.querySelector("dialog[open], details[data-menu][open]") || String(getSelection())) return;
    const seen = document.getElementById("case-head").dataset.seen;
    const version = (document.getElementById("version-reply") || {}).value || seen;
    const join = page.dataset.fresh.includes("?") ? "&" : "?";
    const talk = document.getElementById("case-talk");
    const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
    try {
      await window.htmx.ajax("GET", `${page.dataset.fresh}${join}seen=${seen}&version=${version}`, { source: page, target: page, swap: "none" });
    } catch { return; }
    if (atEnd && document.getElementById("case-head").dataset.seen !== seen) down();
  }
  setInterval(refresh, 6000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  huiyin.refreshCase = refresh;

  document.addEventListener("step", () => { preview(); requestAnimationFrame(down); });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "case-composer" || event.detail.target.id === "case-composer") preview(); });
  preview();
  down();
  if (location.hash === "#text-reply" && document.getElementById("text-reply")) show("reply");
})();
