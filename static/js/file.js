// The complaint form: a draft that outlives the page, number pad or e-mail, the promise of the chosen shop.
(function () {
  var huiyin = window.huiyin;
  var form = document.getElementById("file");
  if (!form) return;
  var words;
  var draft = huiyin.draft("file:" + location.pathname + location.search);
  var fields = ["body", "contact", "order_number", "shop"];
  var place = document.getElementById("file-net");
  var restoring = true;
  var photos = huiyin.photos(form, keep);
  words = huiyin.fileWords;

  function keep() {
    if (restoring) return;
    var value = { key: form.elements.key.value, photos: photos.names() };
    fields.forEach(function (name) { if (form.elements[name]) value[name] = form.elements[name].value; });
    if (value.body || value.contact || value.photos.length) draft.keep(value); else draft.drop();
  }
  // What stands in the folded part is never hidden.
  function openKnown() {
    var known = document.getElementById("file-known");
    if (known && ["order_number", "shop"].some(function (name) { return form.elements[name] && form.elements[name].value; })) known.open = true;
  }
  var timer = 0;
  form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(keep, 250); });
  window.addEventListener("pagehide", keep);
  // What is being put right is no longer wrong; what is still missing is said when they send.
  form.addEventListener("input", function (event) {
    var field = event.target.closest ? event.target.closest(".field--wrong") : null;
    var error = field && field.querySelector(".field__error");
    if (!error || !event.target.value.trim()) return;
    field.classList.remove("field--wrong");
    error.parentNode.removeChild(error);
    event.target.removeAttribute("aria-invalid");
  });

  var kept = draft.read();
  if (kept && !form.querySelector(".field__error")) {
    fields.forEach(function (name) { if (kept[name] && form.elements[name] && !form.elements[name].value) form.elements[name].value = kept[name]; });
    openKnown();
    if (kept.key) form.elements.key.value = kept.key;
    photos.restore(kept.photos);
    if (kept.body) huiyin.toast(words.restored);
  }
  restoring = false;

  // The number pad for most; a switch for those who write e-mails.
  var contact = form.querySelector("[data-contact]");
  var input = form.elements.contact;
  var swap = contact.querySelector("[data-swap]");
  function mode(mail) {
    input.setAttribute("inputmode", mail ? "email" : "tel");
    input.setAttribute("autocomplete", mail ? "email" : "tel");
    input.placeholder = mail ? contact.getAttribute("data-mail-like") : like;
    contact.querySelector("[data-label]").textContent = contact.getAttribute(mail ? "data-mail" : "data-phone");
    swap.textContent = swap.getAttribute(mail ? "data-to-phone" : "data-to-mail");
    swap.setAttribute("data-mail-on", mail ? "1" : "");
  }
  var like = input.placeholder;
  mode(input.value.indexOf("@") >= 0);
  swap.addEventListener("click", function () { mode(!swap.getAttribute("data-mail-on")); input.focus(); });

  if (form.elements.shop) form.elements.shop.addEventListener("change", function () {
    var request = new XMLHttpRequest();
    request.open("GET", form.getAttribute("data-promise") + "?shop=" + encodeURIComponent(form.elements.shop.value));
    request.onload = function () { if (request.status === 200) document.getElementById("file-promise").innerHTML = request.responseText; };
    request.send();
  });

  huiyin.deliver(form, photos, {
    place: place,
    check: function () {
      var errors = {};
      if (!form.elements.body.value.trim()) errors.body = [words.need_body];
      if (!input.value.trim()) errors.contact = [words.need_contact];
      huiyin.showErrors(form, { errors: errors });
      return !errors.body && !errors.contact;
    },
    done: function (told) { restoring = true; draft.drop(); photos.clear(); location.assign(told.location); },
    refused: function (told) {
      openKnown();
      huiyin.showErrors(form, told);
      if (!told.message) return;
      var note = document.createElement("div");
      note.className = "notice notice--late";
      note.setAttribute("role", "alert");
      note.textContent = told.message;
      place.appendChild(note);
    },
  });
})();
