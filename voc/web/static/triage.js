/* Comfort for the working pages: single keys, dialogs on older browsers, drafts that survive an ended session.
   Everything works without it. */
"use strict";

(function () {
  const KEYS_OFF = "voc-keys-off";
  const DRAFT = "voc-draft ";
  const WEEK = 7 * 24 * 3600 * 1000;

  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* full or forbidden: no comfort */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* the same */ } },
    drafts() { try { return Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)); } catch { return []; } },
  };

  /* ——— Dialogs: command/commandfor where the browser has none; links that open one instead of a page. */
  const native = "commandForElement" in HTMLButtonElement.prototype;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const closer = event.target.closest("dialog [data-close]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog").close();
      return;
    }
    const button = event.target.closest("button[commandfor]");
    if (button && !native) {
      const target = document.getElementById(button.getAttribute("commandfor"));
      if (button.getAttribute("command") === "close") target.close(); else target.showModal();
    }
  });
  document.querySelectorAll("dialog[open]").forEach((dialog) => { dialog.close(); dialog.showModal(); });

  /* ——— Single keys, only when no field has the focus. */
  const busy = (element) => element.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]") !== null;
  const links = () => [...document.querySelectorAll(".row__who")];

  function step(by) {
    const all = links();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next].focus();
    all[next].closest(".row").scrollIntoView({ block: "nearest" });
  }

  function act(element) {
    if (element.matches("input[type=radio]")) {
      element.checked = true;
      document.getElementById("text").focus();
    } else if (element.matches("details")) {
      element.open = !element.open;
      if (element.open) element.querySelector("button").focus();
    } else if (element.matches("select, textarea, input[type=search]")) {
      element.focus();
    } else {
      element.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form && event.target.matches("textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (store.get(KEYS_OFF) || busy(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "o" && document.activeElement.matches(".row__who")) document.activeElement.click();
    else if (event.key === "?") document.getElementById("keys").showModal();
    else {
      const target = /^[a-z/]$/.test(event.key) ? document.querySelector(`[data-key="${event.key}"]`) : null;
      if (!target) return;
      act(target);
    }
    event.preventDefault();
  });

  const single = document.querySelector("[data-single-keys]");
  if (single) {
    single.checked = !store.get(KEYS_OFF);
    single.addEventListener("change", () => (single.checked ? store.drop(KEYS_OFF) : store.set(KEYS_OFF, "1")));
  }

  /* ——— Drafts: kept in this browser until they were sent, a week at most, and forgotten on signing out. */
  const said = new URLSearchParams(location.search).has("said");
  const composer = document.querySelector("[data-draft]");
  if (composer) {
    const key = DRAFT + composer.dataset.draft;
    const box = composer.querySelector("textarea");
    if (said) {
      store.drop(key);
      history.replaceState(null, "", location.pathname);
    } else if (!("typed" in composer.dataset) && box.value === "") {
      const kept = JSON.parse(store.get(key) || "null");
      if (kept && kept.text) {
        box.value = kept.text;
        const kind = composer.querySelector(`[name=kind][value="${kept.kind === "note" ? "note" : "answer"}"]`);
        if (kind) kind.checked = true;
      }
    }
    const keep = () => {
      if (box.value.trim() === "") { store.drop(key); return; }
      const kind = composer.querySelector("[name=kind]:checked");
      store.set(key, JSON.stringify({ text: box.value, kind: kind ? kind.value : "answer", at: Date.now() }));
    };
    composer.addEventListener("input", keep);
    if (box.value !== "") keep();
  }
  for (const key of store.drafts()) {
    const kept = JSON.parse(store.get(key) || "null");
    if (!kept || !(Date.now() - kept.at < WEEK)) store.drop(key);
  }
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") === "/logout") store.drafts().forEach(store.drop);
  });

  /* ——— Signed in again in the middle of writing: go on to the case. */
  const onward = document.querySelector("form[data-go-on]");
  if (onward) onward.requestSubmit();

  /* ——— What can be undone says so for ten seconds; the focus on it holds it. */
  const toast = document.querySelector("[data-toast]");
  if (toast) {
    history.replaceState(null, "", location.pathname);
    const fade = () => (toast.contains(document.activeElement) ? setTimeout(fade, 5000) : toast.remove());
    setTimeout(fade, 10000);
  }
})();
