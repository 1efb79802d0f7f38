/* What must hold for every page, as functions that return the offenders. The test adds the call at the end. */
"use strict";

const shown = (element) => {
  const box = element.getBoundingClientRect();
  const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return seen && box.width > 1 && box.height > 1 && box.right + scrollX > 0 && box.bottom + scrollY > 0;
};
const named = (element) => {
  const kind = typeof element.className === "string" ? element.className.trim().split(/\s+/).join(".") : "";
  const words = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
  return `<${element.localName}${kind && "." + kind}> ${words}`;
};

/* Elements that make the page wider than the window, the outermost of each. */
function overflowing() {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => shown(element) && element.getBoundingClientRect().right > root.clientWidth + 1,
  );
  const first = wide.filter((element) => !wide.includes(element.parentElement)).map(named);
  return [`${root.scrollWidth} px in ${root.clientWidth} px`, ...first.slice(0, 5)];
}

/* Colours as the screen mixes them. */
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const mixed = new Map();
function rgba(color) {
  if (!mixed.has(color)) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    mixed.set(color, [red, green, blue, alpha / 255]);
  }
  return mixed.get(color);
}
const over = ([r, g, b, a], below) => [r * a + below[0] * (1 - a), g * a + below[1] * (1 - a), b * a + below[2] * (1 - a), 1];
function ground(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.backgroundImage !== "none") return null;
    const color = rgba(style.backgroundColor);
    layers.push(color);
    if (color[3] === 1) break;
  }
  if (layers.at(-1)[3] < 1) layers.push(rgba(getComputedStyle(document.body).backgroundColor));
  return layers.reverse().reduce((below, color) => over(color, below));
}
function luminance(color) {
  const [red, green, blue] = color.map((part) => {
    const level = part / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/* Texts that do not stand out from their ground (WCAG 1.4.3); each look of a text once. */
function faint() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const elements = new Set(document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select"));
  while (walker.nextNode()) if (walker.currentNode.data.trim()) elements.add(walker.currentNode.parentElement);
  const found = new Map();
  for (const element of elements) {
    if (!shown(element) || element.closest(":disabled, [aria-disabled=true], svg, option")) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    if (below === null) continue;
    let [red, green, blue, alpha] = rgba(style.color);
    for (let at = element; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(over([red, green, blue, alpha], below), below);
    if (ratio < (large ? 3 : 4.5)) found.set(style.color + below, `${ratio.toFixed(2)}:1 ${named(element)}`);
  }
  return [...found.values()];
}

/* One heading that names the page, one main part, no id twice. */
function misbuilt() {
  const wrong = [];
  const heads = document.querySelectorAll("h1").length;
  if (heads !== 1) wrong.push(`${heads} h1`);
  const mains = document.querySelectorAll("main").length;
  if (mains !== 1) wrong.push(`${mains} main`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push(`id ${id} twice`);
  for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]"))
    for (const name of ["aria-describedby", "aria-labelledby"])
      for (const id of (element.getAttribute(name) || "").split(/\s+/).filter(Boolean))
        if (!document.getElementById(id)) wrong.push(`${name}=${id} leads nowhere`);
  return wrong;
}

/* Whether what has the focus shows it: an outline on it, on its label or its row, or the box it is written in. */
function unfocused() {
  const element = document.activeElement;
  if (element === document.body) return null;
  const around = [element, element.closest("label"), element.closest(".row"), element.closest(".composer")].filter(Boolean);
  const lined = around.some((part) => {
    const style = getComputedStyle(part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  return lined && shown(element) ? "" : named(element);
}

/* What still lies wholly under something else when it has the focus (WCAG 2.4.11). */
function covered() {
  const wrong = [];
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  for (const element of document.querySelectorAll(stops)) {
    if (!shown(element) || element.closest(":disabled, [inert], .skip")) continue;
    element.focus();
    if (document.activeElement !== element) continue;
    const box = element.getBoundingClientRect();
    const rows = [box.top + Math.min(10, box.height / 2), box.bottom - Math.min(10, box.height / 2)];
    const places = [0.1, 0.5, 0.9].flatMap((part) => rows.map((y) => [box.left + box.width * part, y]));
    const tops = places.map(([x, y]) => document.elementFromPoint(x, y)).filter(Boolean);
    const own = tops.some((top) => element.contains(top) || top.contains(element) || top.closest("label")?.contains(element));
    if (!own) wrong.push(`${named(element)} under ${tops.length ? named(tops[0]) : "the edge"}`);
  }
  document.activeElement.blur();
  return wrong;
}
