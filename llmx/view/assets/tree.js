/* A record as rows: fields, list elements and values, each with what is known about it. */

/** Flatten `data` into rows in order: {pointer, label, depth, kind: "group" | "element" | "leaf", value, field}.

An empty list is a leaf; so is an object or list for which `isLeaf(value, pointer)` holds (gold's alternatives, sums). */
function rowsOf(data, isLeaf = () => false) {
  const rows = [];
  const walk = (value, pointer, label, depth, inList) => {
    const nested = value !== null && typeof value === "object" && Object.keys(value).length > 0 && !isLeaf(value, pointer);
    const field = fieldOf(pointer);
    if (!nested) {
      rows.push({ pointer, label, depth, kind: "leaf", value, field, inList });
      return;
    }
    const list = Array.isArray(value);
    if (pointer) rows.push({ pointer, label, depth, kind: inList ? "element" : "group", value, field, inList, count: list ? value.length : null });
    for (const [name, child] of Object.entries(value)) {
      if (!list && name.startsWith("_")) continue;
      walk(child, childOf(pointer, name), list ? String(Number(name) + 1) : name, pointer ? depth + 1 : 0, list);
    }
  };
  walk(data, "", "", 0, false);
  return rows;
}

const isAlternatives = (value) => value !== null && typeof value === "object" && !Array.isArray(value)
  && Object.keys(value).length === 1 && Array.isArray(value.any) && value.any.length > 0;

/** Whether `value` is one in several parts, such as a sum of money: an object of plain parts that `proofs` (by pointer)
has one proof for, and none for its parts. It is shown on one line. */
function isWhole(value, pointer, proofs) {
  if (value === null || typeof value !== "object" || Array.isArray(value) || !(pointer in proofs)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.length <= 8 && names.every((name) => value[name] === null || typeof value[name] !== "object")
    && !names.some((name) => childOf(pointer, name) in proofs);
}

const MEASURES = ["amount", "value"], UNITS = ["currency", "unit"], ENDS = [["start", "end"], ["from", "to"], ["low", "high"], ["min", "max"], ["earliest", "latest"]];

/** A value in several parts on one line: "3,200,000,000 SEK, over years 5", "2024-01-01 – 2025-12-31", "Main Street 3, Lyon". */
function wholeText(value) {
  const left = new Map(Object.entries(value).filter(([, part]) => !isEmpty(part))), said = [];
  const take = (name) => { const part = left.get(name); left.delete(name); return part === undefined ? "" : groupedText(part); };
  const measure = MEASURES.find((name) => left.has(name)), ends = ENDS.find(([a, b]) => a in value && b in value && (left.has(a) || left.has(b)));
  if (measure) said.push([take(measure), take(UNITS.find((name) => left.has(name)))].filter(Boolean).join(" "));
  else if (ends) said.push(`${take(ends[0])} – ${take(ends[1])}`.trim());
  const plain = !said.length && [...left.values()].every((part) => typeof part === "string");
  for (const [name, part] of left) said.push(plain ? part : `${labelOf(name)} ${groupedText(part)}`);
  return said.join(", ") || "—";
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** A value as text; one in several parts on one line. */
const valueText = (value) => (isObject(value) && !isAlternatives(value) ? wholeText(value) : shownValue(value));

/** Digits in groups, of decimal numbers that are written as text, too. */
const groupedText = (part) => (typeof part === "string" && /^-?\d{5,}(\.\d+)?$/.test(part) ? part.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",")) : shownValue(part));

/** Whether the value at `pointer` lacks a proof that it needs: a field in the model's own words needs none, and has no issue. */
const isUnproven = (record, pointer) => record.issues.some((issue) => issue.path === pointer && (issue.code === "unproven" || issue.code === "kept"));

/** A value as people read it: digits grouped, texts as they are. */
function shownValue(value) {
  if (value === null || value === undefined) return "—";
  if (isAlternatives(value)) return value.any.map((each) => (each === null ? "nothing" : valueText(each))).join("  or  ");
  if (Array.isArray(value)) return value.length ? value.map(shownValue).join(", ") : "none";
  if (typeof value === "object") return Object.entries(value).map(([k, v]) => `${k} ${shownValue(v)}`).join(", ") || "none";
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) >= 10000) return number(value);
  return String(value);
}

const isEmpty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

/** A field's name as a label: signed_on becomes "signed on". */
const labelOf = (name) => name.replace(/_/g, " ");

function issueElement(issue) {
  return el("li", {}, el("span", { class: "tag warn" }, issue.code), issue.path ? el("code", {}, issue.path) : null, el("span", { dir: "auto" }, issue.message));
}

const KINDS = {
  exact: "The text contains the model's words exactly.",
  normalised: "Found by ignoring case, spacing, dashes and quotation marks.",
  fuzzy: "The text's words differ slightly from the model's.",
  value: "The model gave a value, and these words state it.",
};
