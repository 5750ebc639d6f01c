/* The record as a form: a row for every place in the schema or in the gold. */

const ANY_NODE = { kind: "leaf", type: "any", label: "", choices: [] };

/** All rows of `gold` by `node`, in the schema's order; the optional elements of a list follow its others. `notes` tell
which objects are one value, such as a sum: that has one row. */
function formRows(gold, node, notes) {
  const rows = [];
  const row = (pointer, label, depth, more) => rows.push({ pointer, label, depth, field: fieldOf(pointer), optional: false, inList: false, ...more });

  function walk(value, at, pointer, label, depth, more = {}) {
    if (isAlternatives(value)) return row(pointer, label, depth, { kind: "leaf", node: at, value, ...more });
    if (at.kind === "list" || (at.kind === "leaf" && Array.isArray(value))) return walkList(value, at, pointer, label, depth, more);
    const object = value !== null && typeof value === "object";
    if (object && isWhole(value, pointer, at.kind === "leaf" && at.type === "typed" ? { [pointer]: true } : notes[pointer]?.quote ? notes : {})) return row(pointer, label, depth, { kind: "leaf", node: at.kind === "leaf" ? at : ANY_NODE, value, ...more });
    if (at.kind === "object" && (object || !pointer)) return walkObject(value || {}, at, pointer, label, depth, more);
    if (object) {
      row(pointer, label, depth, { kind: "group", node: at, value, ...more });
      for (const [name, each] of Object.entries(value)) walk(each, ANY_NODE, childOf(pointer, name), name, depth + 1);
      return null;
    }
    const plain = value !== null && value !== undefined && at.kind === "object"; // gold may name an object by its key alone
    return row(pointer, label, depth, { kind: "leaf", node: plain ? ANY_NODE : at, value: value ?? null, ...more });
  }

  function walkList(value, at, pointer, label, depth, more) {
    const elements = Array.isArray(value) ? value : [];
    const free = childOf(childOf(parentOf(pointer), "_optional"), lastOf(pointer));
    const others = valueAt(gold, free) || [];
    row(pointer, label, depth, { kind: "list", node: at, value: elements, count: elements.length, ...more });
    elements.forEach((each, i) => walk(each, at.item || ANY_NODE, childOf(pointer, i), String(i + 1), depth + 1, { inList: true }));
    others.forEach((each, i) => walk(each, at.item || ANY_NODE, childOf(free, i), "○", depth + 1, { inList: true, optional: true }));
  }

  function walkObject(value, at, pointer, label, depth, more) {
    if (pointer) row(pointer, label, depth, { kind: more.inList ? "element" : "group", node: at, value, ...more });
    const below = pointer ? depth + 1 : 0, known = new Set((at.fields || []).map((field) => field.name));
    const others = Object.keys(value).filter((name) => !known.has(name) && !name.startsWith("_")).map((name) => ({ ...ANY_NODE, name }));
    [...(at.fields || []), ...others].forEach((field, i) => walk(value[field.name], field, childOf(pointer, field.name), field.name, below, { optional: more.optional, told: i > 0 }));
  }

  walk(gold, node, "", "", 0);
  return rows;
}

const HOW = { accepted: "accepted", corrected: "corrected", selected: "from the text", added: "added" };

/** One row as an element. `note` is what is known about its value, `issues` what the run filed at it, `sure` its confidence. */
function formRow(row, { note, problems, issues, sure, hue, on }) {
  const looked = note && note.how !== "run" && row.kind !== "element";
  const leaf = row.kind === "leaf", empty = leaf && isEmpty(row.value), unproven = leaf && !empty && note?.how === "run" && !note.quote && issues.some((issue) => issue.code === "unproven" || issue.code === "kept");
  const classes = ["row", row.kind === "list" ? "group" : row.kind, empty ? "empty" : "", note?.quote ? "proven" : "", unproven ? "unproven" : "", looked ? "looked" : "", row.optional ? "optional" : "", problems.length ? "is-mismatch" : "", leaf && isObject(row.value) && !isAlternatives(row.value) && (problems.length || (!looked && issues.length)) ? "whole" : ""];
  const key = row.inList ? el("span", { class: "key nth" }, row.label) : el("span", { class: "key", title: row.node.description || row.label }, labelOf(row.label));
  const tags = el("span", { class: "tags" },
    problems.length ? el("span", { class: "tag wrong", title: problems.join("\n") }, problems[0]) : null,
    row.optional && !row.told && row.kind !== "element" ? el("span", { class: "tag" }, "optional") : null,
    looked ? null : issues.map((issue) => el("span", { class: "tag warn", title: issue.message }, issue.code)),
    sure !== null && !looked && leaf && !empty ? el("span", { class: `sure${sure < 0.5 ? " low" : ""}`, title: `Confidence ${sure.toFixed(2)}` }, sure.toFixed(2)) : null,
    looked ? el("span", { class: "tag right", title: HOW[note.how] }, note.how === "accepted" ? "✓" : `✓ ${HOW[note.how]}`) : null,
    row.kind === "list" ? el("button", { type: "button", class: "add", tabIndex: -1, title: "Add an element (i)", aria: { label: `Add to ${labelOf(row.label)}` }, onclick: (event) => { event.stopPropagation(); on.add(row.pointer); } }, "+") : null);
  return el("div", { class: classes.filter(Boolean).join(" "), role: "treeitem", tabIndex: -1, data: { pointer: row.pointer }, style: { "--h": hue, "--depth": row.depth }, aria: { level: row.depth + 1, selected: "false" } },
    key, valueElement(row, on), tags);
}

function valueElement(row, on) {
  if (row.kind === "list") return el("span", { class: "value muted" }, row.count ? plural(row.count, "item") : "none");
  if (row.kind === "element") return el("span", { class: "value" });
  if (row.kind === "group") return el("span", { class: "value muted" }, row.node.label || "");
  if (!isAlternatives(row.value)) return el("span", { class: `value of-${typeof row.value}`, dir: "auto" }, valueText(row.value));
  return el("span", { class: "value answers" }, row.value.any.map((each, i) => el("span", { class: "answer", dir: "auto" }, each === null ? el("em", {}, "nothing") : valueText(each),
    el("button", { type: "button", tabIndex: -1, title: "Remove this answer", aria: { label: `Remove the answer ${each === null ? "nothing" : valueText(each)}` }, onclick: (event) => { event.stopPropagation(); on.dropAnswer(row.pointer, i); } }, "×"))));
}

/** The field in which a value is typed or chosen. `done(words | {value})` and `left()` are called. */
function editor(row, { text, done, left, typed }) {
  const { node } = row;
  const flag = node.type === "flag";
  const box = (node.type === "choice" || flag)
    ? el("select", { aria: { label: labelOf(row.label) } }, [null, ...(flag ? [true, false] : node.choices)].map((each) => el("option", { value: JSON.stringify(each), selected: same(each, row.value) }, each === null ? "—" : labelOf(String(each)))))
    : el("input", { type: "text", value: text, dir: "auto", spellcheck: false, autocomplete: "off", aria: { label: labelOf(row.label) }, placeholder: node.label ? `${node.label}, as words or as a value` : "" });
  const say = el("div", { class: "say", aria: { live: "polite" } });
  const choose = box.tagName === "SELECT", words = () => (choose ? { value: JSON.parse(box.value) } : box.value);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); done(words()); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); left(); }
  });
  if (!choose) box.addEventListener("input", () => typed(box.value));
  const take = el("button", { type: "button", tabIndex: -1, title: "Apply (Enter)", onclick: () => done(words()) }, "Apply");
  return { wrap: el("div", { class: "editor" }, el("div", { class: "entry" }, box, take), say), box, say, words };
}
