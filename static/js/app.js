// Staff pages: what htmx needs from us. Toasts come in the HX-Trigger header (common/toasts.py); a failure is said where it happened.
(() => {
  const huiyin = window.huiyin;

  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = huiyin.csrf(); });
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    huiyin.confirm(event.detail.question, () => event.detail.issueRequest(true));
  });
  document.addEventListener("toast", (event) => huiyin.toast(event.detail.text, event.detail.undo, event.detail.seconds));
  document.addEventListener("htmx:afterSwap", (event) => {
    huiyin.tick();
    event.detail.target.querySelectorAll?.("[data-autosize]").forEach(huiyin.fit);
    document.dispatchEvent(new CustomEvent("huiyin:fresh", { detail: { root: event.detail.target } }));
  });
  // A quiet refresh that fails says nothing and tries again; something a person asked for says what became of it.
  const asked = (event) => event.detail.requestConfig && event.detail.requestConfig.verb !== "get";
  document.addEventListener("htmx:sendError", (event) => { if (asked(event)) huiyin.toast(huiyin.words.failed, "", 12); });
  document.addEventListener("htmx:timeout", (event) => { if (asked(event)) huiyin.toast(huiyin.words.failed, "", 12); });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500 && asked(event)) huiyin.toast(huiyin.words.server, "", 12);
  });
  document.querySelectorAll("[data-autosize]").forEach(huiyin.fit);

  // The views bar and other rows that scroll: bring the current one into sight.
  document.querySelectorAll(".views [aria-current]").forEach((node) => node.scrollIntoView({ block: "nearest", inline: "nearest" }));
})();
