// Getting a form across a bad line: the text stays on the phone, photos go first, the same key is sent until it arrives.
// huiyin.deliver(form, options): options.done(answer), options.refused(answer, status), options.place (node for words).
(function () {
  var huiyin = window.huiyin;
  var WAIT = 25000;     // a text is small: no answer for so long means the line is gone
  var TRIES = 4;
  var KEPT = 2 * 24 * 3600 * 1000;

  huiyin.draft = function (name) {
    var place = "huiyin:" + name;
    return {
      keep: function (value) { try { value.at = Date.now(); localStorage.setItem(place, JSON.stringify(value)); } catch (full) { /* private window */ } },
      read: function () {
        try {
          var value = JSON.parse(localStorage.getItem(place));
          if (value && Date.now() - value.at > KEPT) { value.key = ""; value.photos = []; }   // the server has let go of them
          return value;
        } catch (broken) { return null; }
      },
      drop: function () { try { localStorage.removeItem(place); } catch (refused) { /* nothing kept */ } },
    };
  };

  huiyin.deliver = function (form, photos, options) {
    var place = options.place;
    var sending = false;
    var tries = 0;
    var without = false;      // go on without the files that did not make it
    var pressed = null;
    var label = "";

    form.removeAttribute("data-once");
    form.addEventListener("click", function (event) {
      var button = event.target.closest && event.target.closest("button[type=submit]");
      if (button) pressed = button;
    });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (sending) return;
      if (event.submitter) pressed = event.submitter;
      if (!pressed || !form.contains(pressed)) pressed = form.querySelector("button[type=submit]");
      if (options.check && !options.check(pressed)) return;
      sending = true;
      tries = 0;
      if (photos.counts().lost) photos.retry();
      busy(true);
      go();
    });
    window.addEventListener("online", function () { if (form.classList.contains("is-waiting") && !sending) form.querySelector("button[type=submit]").click(); });

    function words() { return huiyin.fileWords; }
    function say(text, values, kind) {
      place.textContent = "";
      if (!text) return;
      var note = document.createElement("div");
      note.className = "notice" + (kind ? " notice--" + kind : "");
      note.textContent = huiyin.say(text, values);
      place.appendChild(note);
    }
    function busy(on) {
      if (!pressed) return;
      if (on) { if (!label) label = pressed.textContent; } else { pressed.textContent = label || pressed.textContent; label = ""; }
      pressed.setAttribute("aria-busy", on ? "true" : "false");
      form.classList.toggle("is-sending", on);
      if (on) { pressed.textContent = words().sending; form.classList.remove("is-waiting"); }
    }
    function stop() { sending = false; busy(false); }

    function go() {
      if (!sending) return;
      var count = photos.counts();
      if (count.waiting) {
        if (navigator.onLine === false) return lost();
        say(words().photos_first, { count: count.waiting });
        setTimeout(go, 300);
        return;
      }
      if (count.lost && !without) return lost();
      if (count.bad && !without) {
        stop();
        without = true;
        say(words().bad_files, { count: count.bad }, "risk");
        return;
      }
      post();
    }

    function post() {
      var data = new FormData();
      huiyin.each(form.elements, function (field) {
        if (field.name && field.type !== "file" && field.type !== "submit") data.append(field.name, field.value);
      });
      var request = new XMLHttpRequest();
      request.open("POST", (pressed && pressed.getAttribute("formaction")) || form.getAttribute("action") || location.href);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.timeout = WAIT;
      say(tries ? words().sending_again : "", { number: tries + 1 });
      request.onload = function () {
        var told = null;
        try { told = JSON.parse(request.responseText); } catch (notJson) { told = null; }
        if (request.status >= 200 && request.status < 300 && told) { say(""); without = false; options.done(told, stop); return; }
        if (request.status >= 400 && request.status < 500) {
          if (!told) { form.submit(); return; }        // an expired form and the like: let the server show its page
          say("");
          stop();
          options.refused(told, request.status);
          return;
        }
        failed();
      };
      request.onerror = request.ontimeout = failed;
      request.send(data);
    }

    function failed() {
      tries += 1;
      if (tries < TRIES && navigator.onLine !== false) { say(words().sending_again, { number: tries + 1 }); setTimeout(post, 1000 * tries); return; }
      lost();
    }

    function lost() {
      var count = photos.counts();
      stop();
      say(count.all ? words().offline_photos : words().offline, { count: count.all }, "risk");
      form.classList.add("is-waiting");
      label = "";
      if (pressed) pressed.textContent = words().resume;
      if (count.lost && navigator.onLine !== false) {
        var button = document.createElement("button");
        button.type = "button";
        button.className = "btn";
        button.textContent = words().without_photos;
        button.addEventListener("click", function () { without = true; pressed.click(); });
        place.appendChild(button);
      }
    }

    return { say: say };
  };

  // What was wrong, beside the field it is about, and the first of them in view.
  huiyin.showErrors = function (form, told) {
    huiyin.each(form.querySelectorAll(".field__error[data-said]"), function (node) { node.parentNode.removeChild(node); });
    huiyin.each(form.querySelectorAll(".field--wrong"), function (node) { node.classList.remove("field--wrong"); });
    huiyin.each(form.querySelectorAll("[aria-invalid]"), function (node) { node.removeAttribute("aria-invalid"); });
    huiyin.each(form.querySelectorAll(".field > .field__error"), function (node) { node.parentNode.removeChild(node); });
    var first = null;
    Object.keys(told.errors || {}).forEach(function (name) {
      var control = form.elements[name];
      var field = control && control.closest ? control.closest(".field") : form.querySelector("[data-photos]");
      if (!field) return;
      var line = document.createElement("p");
      line.className = "field__error";
      line.setAttribute("data-said", "");
      line.id = "error-" + name;
      var used = document.querySelector("svg use");
      line.innerHTML = '<svg class="icon" aria-hidden="true"><use/></svg><span></span>';
      if (used) line.querySelector("use").setAttribute("href", used.getAttribute("href").split("#")[0] + "#alert-triangle");
      line.querySelector("span").textContent = told.errors[name].join(" ");
      field.appendChild(line);
      field.classList.add("field--wrong");
      if (control && control.setAttribute) { control.setAttribute("aria-invalid", "true"); control.setAttribute("aria-describedby", line.id); }
      first = first || control || field;
    });
    if (first && first.focus) first.focus();
  };
})();
