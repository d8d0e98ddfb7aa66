// The case page stays fresh: asks every four seconds whether anything happened, and swaps only the parts that changed.
// What is typed, chosen or unfolded stays; a hidden page asks nothing.
(function () {
  var huiyin = window.huiyin;
  var page = document.getElementById("case");
  if (!page) return;
  var EVERY = 4000;
  var etag = page.getAttribute("data-etag");
  var address = page.getAttribute("data-fresh");
  var asking = false;
  var timer = 0;
  var slow = 1;
  huiyin.setServerTime(page.getAttribute("data-now"));

  function later() { clearTimeout(timer); timer = setTimeout(ask, EVERY * slow); }
  function ask() {
    if (document.hidden || asking) return later();
    asking = true;
    var request = new XMLHttpRequest();
    request.open("GET", address);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    if (etag) request.setRequestHeader("If-None-Match", etag);
    request.timeout = 20000;
    request.onloadend = function () {
      asking = false;
      if (request.status === 404) return;            // the link was taken back: what is there stays readable
      slow = request.status === 200 || request.status === 304 ? 1 : Math.min(slow * 2, 8);
      if (request.status === 200 && swap(request.responseText)) etag = request.getResponseHeader("ETag");
      later();
    };
    request.send();
  }
  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  window.addEventListener("online", function () { slow = 1; ask(); });
  later();

  function swap(html) {
    var fresh = document.createElement("div");
    fresh.innerHTML = html;
    var write = document.getElementById("write");
    var stood = write.getBoundingClientRect().top;
    var whole = true;
    huiyin.each(fresh.querySelectorAll("[data-part]"), function (part) {
      var old = document.getElementById(part.id);
      if (!old) return;
      if (in_use(old)) { whole = false; return; }
      keep_open(old, part);
      if (same(old, part)) return;
      old.innerHTML = part.innerHTML;
      if (part.hasAttribute("data-ask")) text.placeholder = part.getAttribute("data-ask");
    });
    // What stands above may have grown: the line being typed must not jump away under the thumb.
    if (document.activeElement && write.contains(document.activeElement)) {
      var moved = write.getBoundingClientRect().top - stood;
      if (moved) window.scrollBy(0, moved);
    }
    huiyin.tick();
    return whole;
  }
  function in_use(part) {
    var busy = part.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.nodeName);
    huiyin.each(part.querySelectorAll("input:not([type=hidden]), textarea"), function (field) { if (field.value) busy = true; });
    return busy;
  }
  function keep_open(old, part) {
    var before = old.querySelectorAll("details");
    huiyin.each(part.querySelectorAll("details"), function (now, place) { if (before[place]) now.open = before[place].open; });
  }
  // Keys of forms and ticking times differ each time and are no news.
  function same(old, part) {
    function plain(node) {
      var copy = node.cloneNode(true);
      huiyin.each(copy.querySelectorAll("input[type=hidden]"), function (field) { field.parentNode.removeChild(field); });
      huiyin.each(copy.querySelectorAll("[data-due]"), function (field) { field.textContent = ""; });
      return copy.innerHTML;
    }
    return plain(old) === plain(part);
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-focus]");
    if (link) { event.preventDefault(); var field = document.getElementById(link.getAttribute("data-focus")); field.focus(); field.scrollIntoView({ block: "center" }); }
  });

  // ── writing ──────────────────────────────────────────────────────────────
  var form = document.getElementById("write");
  var place = document.getElementById("write-net");
  var text = form.elements.body;
  var draft = huiyin.draft("case:" + location.pathname);
  var quiet = true;
  var photos = huiyin.photos(form, keep);
  function keep() {
    if (quiet) return;
    var value = { body: text.value, key: form.elements.key.value, photos: photos.names() };
    if (value.body || value.photos.length) draft.keep(value); else draft.drop();
  }
  var pause = 0;
  text.addEventListener("input", function () { clearTimeout(pause); pause = setTimeout(keep, 250); });
  window.addEventListener("pagehide", keep);
  var kept = draft.read();
  if (kept && !document.querySelector(".case__refused")) {
    if (!text.value) text.value = kept.body || "";
    if (kept.key) form.elements.key.value = kept.key;
    photos.restore(kept.photos);
  }
  quiet = false;
  huiyin.fit(text);

  huiyin.deliver(form, photos, {
    place: place,
    check: function (button) {
      var step = button && button.getAttribute("data-step");
      if (step || text.value.trim() || photos.counts().all) return true;
      text.focus();
      return false;
    },
    done: function (told, stop) {
      quiet = true;
      draft.drop();
      photos.clear();
      text.value = "";
      huiyin.fit(text);
      if (told.moved) { location.assign(told.location); return; }
      form.elements.key.value = told.key;
      quiet = false;
      stop();
      huiyin.fit(text);            // again: the button is as narrow as before now
      ask();
    },
    refused: function (told) {
      var note = document.createElement("div");
      note.className = "notice notice--late";
      note.setAttribute("role", "alert");
      note.textContent = told.message;
      place.appendChild(note);
    },
  });
})();
