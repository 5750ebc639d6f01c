/* Small ways to make elements. Text is only ever set as text: nothing in these pages parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** Return a new element; `props` are properties, but for class, style (custom properties too), data and aria. */
function el(tag, props, ...children) {
  return furnish(document.createElement(tag), props, children);
}

/** Return a new SVG element; everything in `attributes` is set as an attribute. */
function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, String(value));
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function furnish(made, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined) continue;
    if (name === "class") made.className = value;
    else if (name === "style") for (const [key, each] of Object.entries(value)) made.style.setProperty(key, String(each));
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "aria") for (const [key, each] of Object.entries(value)) made.setAttribute(`aria-${key}`, String(each));
    else if (name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Put `children` in place of what `parent` holds. */
function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return parent;
}

const byId = (id) => document.getElementById(id);

/** What is embedded in the page under `id`, as a value. */
function embedded(id) {
  const found = byId(id);
  return found ? JSON.parse(found.textContent) : null;
}

/** Something to remember between visits; a browser that forbids it only forgets. */
const memory = {
  get(key) {
    try { return localStorage.getItem(`llmx.${key}`); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(`llmx.${key}`, value); return true; } catch { return false; }
  },
  drop(key) {
    try { localStorage.removeItem(`llmx.${key}`); } catch { /* nothing was kept */ }
  },
};

/** 12345 as "12,345"; digits after the point as they are needed. */
function number(value, digits = 0) {
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}

/** A model's name; of a file with weights, the file's. */
const nameOfModel = (name) => (/[\\/].*\.gguf$/.test(name) ? name.split(/[\\/]/).at(-1) : name);

function plural(count, one, many) {
  return `${number(count)} ${count === 1 ? one : many || `${one}s`}`;
}
