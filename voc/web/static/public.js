/* Comfort for public forms: what is typed survives a closed tab's reload until it was sent. Nothing depends on it. */
(() => {
  "use strict";
  const store = (() => { try { return window.sessionStorage; } catch { return null; } })();
  if (!store) return;

  const sent = document.querySelector("[data-sent]");
  if (sent) store.removeItem("voc:" + sent.dataset.sent);

  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const key = "voc:" + form.dataset.keep;
  const fields = [...form.elements].filter((field) => field.name && !field.name.startsWith("_"));
  const chosen = (field) => field.type === "radio" || field.type === "checkbox";
  const empty = fields.every((field) => (chosen(field) ? !(field.checked && field.value) : !field.value));

  if (empty) {
    let kept = {};
    try { kept = JSON.parse(store.getItem(key)) || {}; } catch { kept = {}; }
    for (const field of fields) {
      if (!(field.name in kept)) continue;
      if (chosen(field)) field.checked = field.value === kept[field.name];
      else field.value = kept[field.name];
    }
  }
  form.addEventListener("input", () => {
    const kept = {};
    for (const field of fields) {
      if (chosen(field)) { if (field.checked) kept[field.name] = field.value; }
      else if (field.value) kept[field.name] = field.value;
    }
    try { store.setItem(key, JSON.stringify(kept)); } catch { /* full or forbidden: typing goes on */ }
  });
  const note = form.querySelector("[data-kept]");
  if (note) note.hidden = false;
})();
