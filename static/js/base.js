// What every page may use, customers' old phones included: plain functions, no syntax newer than 2015.
// data-due: ticking time · data-copy · data-opens / data-closes: dialogs · data-confirm · data-autosize · data-once
// · data-menu · data-undo: toasts. Everything here makes a working page quicker; nothing depends on it.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  var huiyin = (window.huiyin = window.huiyin || {});

  var block = document.getElementById("words");
  var words = block ? JSON.parse(block.textContent) : {};
  huiyin.words = words;

  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function closest(node, selector) { return node && node.closest ? node.closest(selector) : null; }

  // ── time that ticks ──────────────────────────────────────────────────────
  // The same rounding as common/wording.py duration(): down to the minute, two neighbouring units.
  huiyin.duration = function (milliseconds, most) {
    var minutes = Math.floor(Math.abs(milliseconds) / 60000);
    if (!minutes) return words.none;
    var said = [];
    var seen = 0;
    for (var i = 0; i < words.units.length && seen < most; i++) {
      var unit = words.units[i];
      var count = Math.floor(minutes / unit[0]);
      minutes -= count * unit[0];
      if (seen || count) seen += 1;
      if (count) said.push(count + " " + (count === 1 ? unit[1] : unit[2]));
    }
    return said.join(" ");
  };

  // The server's clock, not the phone's: phones are often minutes off.
  var skew = 0;
  huiyin.setServerTime = function (text) { var at = Date.parse(text); if (at) skew = at - Date.now(); };
  huiyin.now = function () { return Date.now() + skew; };

  // A page taken from the browser's history was written long ago: then the phone's clock is the better one.
  var entries = window.performance && performance.getEntriesByType ? performance.getEntriesByType("navigation") : [];
  if (!(entries[0] && entries[0].type === "back_forward")) huiyin.setServerTime(root.getAttribute("data-now") || "");

  function tick() {
    if (!words.units) return;
    var now = huiyin.now();
    each(document.querySelectorAll("[data-due]"), function (node) {
      var due = Date.parse(node.getAttribute("data-due"));
      if (!due) return;
      var said = huiyin.duration(due - now, Number(node.getAttribute("data-units")) || 2);
      if (node.textContent !== said) node.textContent = said;
      var chip = closest(node, "[data-sla]");
      if (!chip || due > now) return;
      var state = chip.getAttribute("data-sla");
      if (state !== "ontime" && state !== "risk") return;
      chip.className = "sla sla--late";
      chip.setAttribute("data-sla", "late");
      var phrase = chip.querySelector("[data-words]");
      if (phrase) {   // "{time} late": the word stands before or after the time, as the language wants it
        var around = words.late.split("{time}");
        phrase.textContent = "";
        phrase.appendChild(document.createTextNode(around[0]));
        phrase.appendChild(node);
        phrase.appendChild(document.createTextNode(around[1] || ""));
      }
      var use = chip.querySelector("use");
      if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#clock-exclamation"));
    });
  }
  huiyin.tick = tick;
  setInterval(tick, 30000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) tick(); });

  // ── toasts ───────────────────────────────────────────────────────────────
  function count(toast) {
    var seconds = Number(toast.getAttribute("data-undo")) || 6;
    var shown = toast.querySelector("[data-seconds]");
    var timer = setInterval(step, 1000);
    function step() {
      if (shown) shown.textContent = words.seconds ? words.seconds.replace("%(n)s", seconds) : "";
      if (toast.parentNode && toast.parentNode.querySelector && toast.matches && toast.matches(":hover, :focus-within")) return;
      seconds -= 1;
      if (seconds < 0) {
        clearInterval(timer);
        toast.classList.add("is-going");
        setTimeout(function () { if (toast.parentNode) toast.parentNode.removeChild(toast); }, 260);
      }
    }
    step();
  }
  each(document.querySelectorAll("[data-undo]"), count);

  huiyin.toast = function (text, undo, seconds) {
    var place = document.querySelector("[data-toasts]");
    if (!place) return;
    var toast = document.createElement("div");
    toast.className = "undo";
    toast.setAttribute("data-undo", seconds || 6);
    var said = document.createElement("span");
    said.textContent = text;
    toast.appendChild(said);
    if (undo) {
      var form = document.createElement("form");
      form.method = "post";
      form.action = undo;
      var token = document.createElement("input");
      token.type = "hidden";
      token.name = "csrfmiddlewaretoken";
      token.value = huiyin.csrf();
      var button = document.createElement("button");
      button.className = "btn";
      button.type = "submit";
      button.appendChild(document.createTextNode(words.undo + " "));
      var left = document.createElement("span");
      left.className = "num";
      left.setAttribute("data-seconds", "");
      button.appendChild(left);
      form.appendChild(token);
      form.appendChild(button);
      toast.appendChild(form);
    }
    place.appendChild(toast);
    count(toast);
  };

  huiyin.csrf = function () {
    var meta = document.querySelector('meta[name="csrf-token"]');
    if (meta) return meta.getAttribute("content");
    var field = document.querySelector('input[name="csrfmiddlewaretoken"]');
    return field ? field.value : "";
  };

  // ── dialogs ──────────────────────────────────────────────────────────────
  huiyin.open = function (dialog) {
    if (!dialog || !dialog.showModal) return false;
    if (!dialog.open) dialog.showModal();
    var first = dialog.querySelector("[autofocus], input:not([type=hidden]), textarea, select");
    if (first) first.focus();
    return true;
  };
  huiyin.confirm = function (question, go) {
    var dialog = document.createElement("dialog");
    if (!dialog.showModal) { if (window.confirm(question)) go(); return; }
    dialog.className = "dialog";
    dialog.setAttribute("aria-label", question);
    var body = document.createElement("div");
    body.className = "dialog__body";
    var text = document.createElement("p");
    text.textContent = question;
    var buttons = document.createElement("div");
    buttons.className = "dialog__do";
    function button(label, primary, act) {
      var made = document.createElement("button");
      made.type = "button";
      made.className = primary ? "btn btn-primary" : "btn";
      made.textContent = label;
      made.addEventListener("click", function () { dialog.close(); if (act) act(); });
      buttons.appendChild(made);
      return made;
    }
    button(words.no || "Cancel", false, null);
    var yes = button(words.yes || "OK", true, go);
    body.appendChild(text);
    body.appendChild(buttons);
    dialog.appendChild(body);
    dialog.addEventListener("close", function () { dialog.parentNode.removeChild(dialog); });
    document.body.appendChild(dialog);
    dialog.showModal();
    yes.focus();
  };

  // ── clicks ───────────────────────────────────────────────────────────────
  document.addEventListener("click", function (event) {
    var opener = closest(event.target, "[data-opens]");
    if (opener && !event.ctrlKey && !event.metaKey && huiyin.open(document.getElementById(opener.getAttribute("data-opens")))) {
      event.preventDefault();
      var menu = closest(opener, "details[data-menu]");
      if (menu) menu.open = false;
    }
    var closer = closest(event.target, "[data-closes]");
    if (closer) { var dialog = closest(closer, "dialog"); if (dialog) dialog.close(); }
    if (event.target.nodeName === "DIALOG") event.target.close();   // a click on the backdrop
    each(document.querySelectorAll("details[data-menu][open]"), function (menu) { if (!menu.contains(event.target)) menu.open = false; });
    var copier = closest(event.target, "[data-copy]");
    if (copier) copy(copier.getAttribute("data-copy"));
  });

  function copy(text) {
    function said() { huiyin.toast(words.copied); }
    function old() {
      var area = document.createElement("textarea");
      area.value = text;
      area.className = "vh";
      area.setAttribute("readonly", "");
      document.body.appendChild(area);
      area.select();
      var done = false;
      try { done = document.execCommand("copy"); } catch (refused) { done = false; }
      document.body.removeChild(area);
      huiyin.toast(done ? words.copied : words.copy_failed);
    }
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(said, old);
    else old();
  }

  // ── forms: asked once, sent once ─────────────────────────────────────────
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var submitter = event.submitter;
    var question = (submitter && submitter.getAttribute("data-confirm")) || form.getAttribute("data-confirm");
    if (question && !form.hasAttribute("data-confirmed")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      huiyin.confirm(question, function () {
        form.setAttribute("data-confirmed", "");
        if (form.requestSubmit) form.requestSubmit(submitter || undefined); else form.submit();
        form.removeAttribute("data-confirmed");
      });
      return;
    }
    if (form.hasAttribute("data-once")) {
      if (form.classList.contains("is-sending")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
      form.classList.add("is-sending");
      setTimeout(function () { form.classList.remove("is-sending"); }, 15000);
    }
  }, true);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) each(document.querySelectorAll(".is-sending"), function (form) { form.classList.remove("is-sending"); });
  });

  // ── a text field as high as its text ─────────────────────────────────────
  function fit(area) { area.style.height = "auto"; area.style.height = area.scrollHeight + 2 + "px"; }
  document.addEventListener("input", function (event) {
    if (event.target.hasAttribute && event.target.hasAttribute("data-autosize")) fit(event.target);
  });
  huiyin.fit = fit;
  huiyin.each = each;
})();
