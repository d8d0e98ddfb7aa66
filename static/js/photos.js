// Files of a form: shrunk on the phone, sent one by one under the form's key, each retried by itself.
// huiyin.photos(form, changed) -> { counts(), retry(), names(), restore(list, key), clear() }. Plain 2015 syntax.
(function () {
  var huiyin = window.huiyin;
  var LONGEST = 1600;                 // pixels of the longer side
  var SMALL = 300 * 1024;             // bytes: below this shrinking costs more than it saves
  var LARGEST = 20 * 1024 * 1024;
  var STALLED = 30000;                // no byte moved for so long: the line is gone
  var TRIES = 3;

  var block = document.getElementById("file-words");
  var words = block ? JSON.parse(block.textContent) : {};
  huiyin.fileWords = words;
  huiyin.say = function (text, values) {
    return String(text || "").replace(/%\((\w+)\)s/g, function (all, name) { return values && name in values ? values[name] : all; });
  };

  // ── photos not sent yet survive a closed page ────────────────────────────
  var store = (function () {
    var base = null;
    var waiting = [];
    function ready(act) { if (base) act(base); else if (waiting) waiting.push(act); }
    try {
      var asked = window.indexedDB.open("huiyin", 1);
      asked.onupgradeneeded = function () { asked.result.createObjectStore("photos", { keyPath: "id" }); };
      asked.onsuccess = function () { base = asked.result; waiting.forEach(function (act) { act(base); }); waiting = null; };
      asked.onerror = function () { waiting = null; };
    } catch (refused) { waiting = null; }
    function write(act) {
      ready(function (db) { try { act(db.transaction("photos", "readwrite").objectStore("photos")); } catch (refused) { /* private window */ } });
    }
    return {
      keep: function (row) { write(function (rows) { rows.put(row); }); },
      drop: function (id) { write(function (rows) { rows["delete"](id); }); },
      of: function (key, act) {
        ready(function (db) {
          try {
            var got = db.transaction("photos").objectStore("photos").getAll();
            got.onsuccess = function () {
              var now = Date.now();
              got.result.forEach(function (row) {
                if (row.key === key) act(row);
                else if (now - row.at > 172800000) store.drop(row.id);
              });
            };
          } catch (refused) { /* too old: only what was sent comes back */ }
        });
      },
    };
  })();

  // ── shrinking ────────────────────────────────────────────────────────────
  // Old browsers draw a photo as the sensor held it and forget which way is up: there the server turns it.
  var turns = null;
  function drawsUpright(answer) {
    if (turns !== null) return answer(turns);
    var probe = new Image();
    probe.onload = function () { turns = probe.width === 1 && probe.height === 2; answer(turns); };
    probe.onerror = function () { turns = false; answer(false); };
    // A picture of 2 x 1 pixels whose EXIF says "turn me by 90 degrees".
    probe.src = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/wAALCAABAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AZf/Z";
  }
  function shrink(file, done) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < SMALL || !window.URL || !HTMLCanvasElement.prototype.toBlob) return done(file);
    drawsUpright(function (upright) {
      if (!upright && file.type === "image/jpeg") return done(file);
      var address = URL.createObjectURL(file);
      var image = new Image();
      image.onerror = function () { URL.revokeObjectURL(address); done(file); };   // HEIC and the like: the server opens it
      image.onload = function () {
        var scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
        var canvas = document.createElement("canvas");
        canvas.width = Math.max(1, Math.round(image.width * scale));
        canvas.height = Math.max(1, Math.round(image.height * scale));
        var pen = canvas.getContext("2d");
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        URL.revokeObjectURL(address);
        canvas.toBlob(function (blob) { done(blob && blob.size < file.size ? blob : file); }, "image/jpeg", 0.82);
      };
      image.src = address;
    });
  }

  function icon(name) {
    var used = document.querySelector("svg use");
    var sprite = used ? used.getAttribute("href").split("#")[0] : "";
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    var use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", sprite + "#" + name);
    svg.appendChild(use);
    return svg;
  }

  huiyin.photos = function (form, changed) {
    var root = form.querySelector("[data-photos]");
    var shots = root.hasAttribute("data-shots") ? root : root.querySelector("[data-shots]");
    var add = form.querySelector("[data-add]");
    var input = add.querySelector("input");
    var most = Number(root.getAttribute("data-most")) || 9;
    var small = root !== add.parentNode && !root.contains(add);
    var items = [];
    var busy = null;
    var numbers = 0;

    function key() { return form.elements.key.value; }

    function why(text) {
      var shown = root.querySelector(".shots__why");
      if (shown) shown.parentNode.removeChild(shown);
      if (!text) return;
      var line = document.createElement("p");
      line.className = "field__error shots__why";
      line.setAttribute("role", "alert");
      line.appendChild(icon("alert-triangle"));
      var said = document.createElement("span");
      said.textContent = text;
      line.appendChild(said);
      shots.appendChild(line);
    }

    function draw(item) {
      if (!item.node) {
        item.node = document.createElement("div");
        item.node.className = small ? "shot shot--sm" : "shot";
        shots.insertBefore(item.node, shots.contains(add) ? add : null);
      }
      var node = item.node;
      node.textContent = "";
      var address = item.preview || (item.blob && /^image\//.test(item.blob.type) && window.URL ? (item.local = item.local || URL.createObjectURL(item.blob)) : "");
      if (address) {
        var picture = document.createElement("img");
        picture.alt = item.name;
        picture.onerror = function () { if (picture.parentNode) node.replaceChild(name(), picture); };
        picture.src = address;
        node.appendChild(picture);
      } else node.appendChild(name());
      function name() { var text = document.createElement("span"); text.className = "shot__name"; text.textContent = item.name; return text; }
      if (item.state === "lost") {
        var again = document.createElement("button");
        again.type = "button";
        again.className = "shot__again";
        again.appendChild(icon("refresh"));
        again.appendChild(document.createTextNode(words.again));
        again.addEventListener("click", function () { item.tries = 0; item.state = "wait"; draw(item); next(); });
        node.appendChild(again);
      } else if (item.state !== "done") {
        var state = document.createElement("span");
        state.className = "shot__state";
        state.textContent = item.state === "bad" ? words.bad : item.state === "send" ? huiyin.say(words.percent, { percent: item.percent || 0 }) : words.wait;
        node.appendChild(state);
        item.shown = state;
      }
      var remove = document.createElement("button");
      remove.type = "button";
      remove.className = "shot__x";
      remove.setAttribute("aria-label", huiyin.say(words.remove, { name: item.name }));
      remove.appendChild(icon("x"));
      remove.addEventListener("click", function () { drop(item); });
      node.appendChild(remove);
    }

    function drop(item) {
      items.splice(items.indexOf(item), 1);
      if (item.node && item.node.parentNode) item.node.parentNode.removeChild(item.node);
      if (busy === item) { busy = null; if (item.request) item.request.abort(); }
      if (item.id) {
        var data = new FormData();
        data.append("key", key());
        data.append("id", item.id);
        ask(form.getAttribute("data-discard"), data, function () {});
      }
      if (item.kept) store.drop(item.kept);
      why(item.state === "bad" ? "" : null);
      tell();
      next();
    }

    function ask(address, data, answered, progressed) {
      var request = new XMLHttpRequest();
      var timer = 0;
      function alive() { clearTimeout(timer); timer = setTimeout(function () { request.abort(); }, STALLED); }
      request.open("POST", address);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.setRequestHeader("X-CSRFToken", huiyin.csrf());
      request.upload.onprogress = function (event) { alive(); if (progressed && event.lengthComputable) progressed(event.loaded / event.total); };
      request.onloadend = function () {
        clearTimeout(timer);
        var told = null;
        try { told = JSON.parse(request.responseText); } catch (notJson) { told = null; }
        answered(request.status, told);
      };
      alive();
      request.send(data);
      return request;
    }

    function send(item) {
      busy = item;
      item.state = "send";
      item.percent = 0;
      draw(item);
      tell();
      var data = new FormData();
      data.append("key", key());
      data.append("file", item.blob, item.name);
      item.request = ask(form.getAttribute("data-upload"), data, function (status, told) {
        if (items.indexOf(item) < 0) return;
        busy = null;
        if (status === 201 && told) {
          item.state = "done";
          item.id = told.id;
          item.preview = told.preview;
          if (item.kept) store.drop(item.kept);
          item.kept = null;
        } else if (status >= 400 && status < 500 && told && told.message) {
          item.state = "bad";
          why(told.message);
        } else {
          item.tries = (item.tries || 0) + 1;
          item.state = item.tries < TRIES ? "wait" : "lost";
          if (item.state === "wait") { draw(item); tell(); setTimeout(next, 1500 * item.tries); return; }
        }
        draw(item);
        tell();
        next();
      }, function (share) {
        item.percent = Math.round(share * 100);
        if (item.shown) item.shown.textContent = huiyin.say(words.percent, { percent: item.percent });
      });
    }

    function next() {
      if (busy) return;
      for (var i = 0; i < items.length; i++) if (items[i].state === "wait" && items[i].blob) { send(items[i]); return; }
    }

    function take(file) {
      if (items.length >= most) { why(huiyin.say(words.most, { most: most })); return; }
      numbers += 1;
      var item = { name: file.name || "photo.jpg", state: "wait", number: numbers };
      items.push(item);
      draw(item);
      shrink(file, function (blob) {
        item.blob = blob;
        if (blob !== file) item.name = item.name.replace(/\.\w+$/, "") + ".jpg";
        if (blob.size > LARGEST) { item.state = "bad"; why(huiyin.say(words.large, { name: item.name })); draw(item); tell(); return; }
        item.kept = key() + ":" + Date.now() + ":" + item.number;
        store.keep({ id: item.kept, key: key(), name: item.name, blob: blob, at: Date.now() });
        draw(item);
        tell();
        next();
      });
      tell();
    }

    function tell() {
      add.hidden = items.length >= most;
      if (changed) changed();
    }

    input.removeAttribute("name");   // from here on files go by themselves, never with the form
    input.addEventListener("change", function () {
      why(null);
      huiyin.each(input.files, take);
      input.value = "";
    });
    huiyin.each(shots.querySelectorAll("[data-kept]"), function (node) {
      items.push({ id: Number(node.getAttribute("data-kept")), name: node.getAttribute("data-name"), preview: node.getAttribute("data-preview") || "", state: "done", node: node });
      draw(items[items.length - 1]);
    });
    window.addEventListener("online", function () { retry(); });

    function retry() {
      items.forEach(function (item) { if (item.state === "lost") { item.tries = 0; item.state = "wait"; draw(item); } });
      tell();
      next();
    }

    return {
      retry: retry,
      counts: function () {
        var found = { all: items.length, waiting: 0, lost: 0, bad: 0, done: 0 };
        items.forEach(function (item) { found[item.state === "wait" || item.state === "send" ? "waiting" : item.state] += 1; });
        return found;
      },
      names: function () { return items.filter(function (item) { return item.state === "done"; }).map(function (item) { return { id: item.id, name: item.name, preview: item.preview }; }); },
      restore: function (list) {
        (list || []).forEach(function (kept) {
          var item = { id: kept.id, name: kept.name, preview: kept.preview, state: "done" };
          items.push(item);
          draw(item);
        });
        store.of(key(), function (row) {
          if (items.length >= most || items.some(function (item) { return item.kept === row.id; })) return;
          var item = { name: row.name, blob: row.blob, kept: row.id, state: "wait" };
          items.push(item);
          draw(item);
          tell();
          next();
        });
        tell();
      },
      clear: function () {
        items.forEach(function (item) { if (item.kept) store.drop(item.kept); if (item.node && item.node.parentNode) item.node.parentNode.removeChild(item.node); });
        items = [];
        why(null);
        tell();
      },
    };
  };
})();
