/* Edits of the open document: by keys, by typing, and from words selected in the text. */

/** Change the open document: at once on the page and in this browser, then in the server's journal. */
function edit(label, change) {
  const state = structuredClone({ gold: doc.gold, notes: doc.notes });
  if (change(state) === false) return false;
  doc.gold = state.gold;
  doc.notes = state.notes;
  setStage(doc.id, "edited");
  boxes.get(doc.id).add(label, state);
  draw();
  if (!current()) choose(rows.find((row) => row.pointer === parentOf(pointer || ""))?.pointer ?? null);
  return true;
}

function taken(id, answer, left) {
  if (doc?.id !== id) { setStage(id, answer.stage); return; }
  if (left) return;
  Object.assign(doc, answer);
  setStage(id, answer.stage);
  if (!editing) draw();
}

function accept() {
  const row = current();
  if (row?.kind === "leaf" || row?.kind === "group") edit(`accepted ${row.label}`, (state) => acceptIn(state, row));
  step(1);
}

function acceptIn(state, row) {
  const found = nearest(state.notes, row.pointer);
  if (found && found[1].how !== "run") return false;
  const at = found ? found[0] : row.pointer;
  state.notes[at] = { ...(found ? found[1] : {}), how: "accepted" };
  return true;
}

const acceptAll = () => edit("accepted everything", (state) => rows.filter((row) => row.kind === "leaf").map((row) => acceptIn(state, row)).some(Boolean));

/** Accept all values of the list element that holds the chosen one, or of its field, and go on behind it. */
function acceptElement() {
  const within = elementOf(doc.gold, pointer || "") ?? (pointer ? childOf("", fieldOf(pointer)) : null);
  if (!within) return;
  const inside = rows.filter((row) => row.kind === "leaf" && isWithin(row.pointer, within));
  edit(`accepted ${inside.length === 1 ? inside[0].label : "an element"}`, (state) => inside.map((row) => acceptIn(state, row)).some(Boolean));
  const last = rows.findLastIndex((row) => isWithin(row.pointer, within));
  const next = rows.slice(last + 1).find((row) => row.kind !== "element");
  if (next) choose(next.pointer);
}

function absent() {
  const row = current();
  if (!row || row.kind === "list" || row.kind === "element") return;
  if (row.inList) { removeAt(row.pointer); return; }
  edit(`cleared ${row.label}`, (state) => { liftNotes(state.notes, row.pointer); setValue(state.gold, row.pointer, null); state.notes[row.pointer] = { how: "corrected" }; });
}

function removeAt(element) {
  if (!element) return;
  const after = rows.filter((row) => row.kind !== "element" && !isWithin(row.pointer, element)), at = rows.findIndex((row) => row.pointer === element);
  const next = after.find((row) => rows.indexOf(row) > at && parentOf(row.pointer) === parentOf(element)) ? element : withoutOptional(parentOf(element));
  edit("removed an element", (state) => removeElement(state, element));
  choose(rows.some((row) => row.pointer === next && row.kind !== "element") ? next : rows.find((row) => row.kind !== "element" && isWithin(row.pointer, next))?.pointer ?? rows.find((row) => row.pointer === next)?.pointer ?? null);
}

function optional(whole) {
  const row = current();
  if (!row) return;
  if (row.inList || whole) {
    const element = elementOf(doc.gold, row.pointer);
    if (!element) return;
    let now = null;
    edit("made optional or required", (state) => { now = turnOptional(state, element); });
    choose(rows.find((each) => each.kind !== "element" && isWithin(each.pointer, now))?.pointer ?? null);
    return;
  }
  if (row.kind !== "leaf") return;
  edit("allowed or forbade absence", (state) => {
    const value = valueAt(state.gold, row.pointer), answers = isAlternatives(value) ? value.any : [value];
    const at = answers.indexOf(null);
    if (at >= 0 && answers.length > 1) return dropAlternative(state, row.pointer, at);
    return at >= 0 ? false : addAlternative(state, row.pointer, null);
  });
}

const listAt = (at) => { for (; at; at = parentOf(at)) { const row = rows.find((each) => each.pointer === withoutOptional(at) && each.kind === "list"); if (row) return row; } return null; };
const emptyOf = (node) => (node.kind === "object" ? Object.fromEntries(node.fields.map((field) => [field.name, emptyOf(field)])) : node.kind === "list" ? [] : null);

/** A new element in the list at the chosen place, or an object where there is none; it is chosen, to be filled. */
function add(at = pointer) {
  const row = rows.find((each) => each.pointer === at);
  if (row?.kind === "leaf" && row.node.kind === "object") {
    edit(`added ${row.label}`, (state) => setValue(state.gold, row.pointer, emptyOf(row.node)));
    choose(rows.find((each) => each.kind === "leaf" && isWithin(each.pointer, row.pointer))?.pointer ?? null);
    return;
  }
  const target = listAt(at || "");
  if (!target) { toast("Select a list first: elements are added to lists."); return; }
  let now = null;
  edit(`added to ${target.label}`, (state) => { now = addElement(state, target.pointer, emptyOf(target.node.item || ANY_NODE)); state.notes[now] = { how: "added" }; });
  choose(rows.find((each) => each.kind === "leaf" && isWithin(each.pointer, now))?.pointer ?? null);
}

/** Open the field of the chosen value; `more` adds another right answer instead. */
function startEditing({ more = false, text = null } = {}) {
  const row = current();
  if (!row || row.kind === "list" || row.kind === "element" || (row.kind === "leaf" && row.node.kind === "object")) { if (row?.kind === "list") add(row.pointer); else if (row?.node.kind === "object") add(); return; }
  if (editing) stopEditing();
  const value = isAlternatives(row.value) && !more ? row.value.any[0] : row.value;
  const quote = doc.notes[row.pointer]?.quote || "";
  const start = text ?? (more ? "" : value === null || value === undefined ? "" : typeof value === "object" ? quote || JSON.stringify(value) : String(value));
  const made = editor({ ...row, value: more ? null : value }, { text: start, done: (words) => finish(words), left: () => stopEditing(), typed: (words) => memory.set(typingKey(), JSON.stringify({ id: doc.id, pointer: row.pointer, more, text: words })) });
  row.line.classList.add("editing");
  row.line.querySelector(".value").hidden = row.line.querySelector(".tags").hidden = true;
  row.line.append(made.wrap);
  editing = { pointer: row.pointer, more, start: text === null ? made.box.value : null, ...made };
  made.box.focus();
  made.box.select?.();
  hints(row);
}

const typingKey = () => `review.typing.${index.gold}`;

function stopEditing() {
  memory.drop(typingKey());
  const old = editing;
  editing = null;
  if (old) { old.wrap.remove(); draw(); }
}

/** What was typed when the page was left comes back into its field. */
function takeUpTyping() {
  const kept = JSON.parse(memory.get(typingKey()) || "null");
  if (!kept || kept.id !== doc.id || !rows.some((row) => row.pointer === kept.pointer)) return;
  choose(kept.pointer);
  startEditing({ more: kept.more, text: kept.text });
}

async function finish(words) {
  const { more, pointer: at, say, start: before } = editing;
  if (!more && words === before) { stopEditing(); return; }
  if (typeof words === "object") { give(at, words.value, { how: "corrected" }, more); return; }
  if (!words.trim()) { if (more) stopEditing(); else { stopEditing(); absent(); } return; }
  let said;
  try { said = await call("words", { id: doc.id, pointer: at, words, typed: true }); } catch (error) { fill(say, `${error.message}: what you typed is kept`); return; }
  if (!editing || editing.pointer !== at) return;
  if (!said.clear) {
    fill(say, said.remarks.join("; ") || "These words do not state such a value.", said.candidates.map((each) => el("button", { type: "button", onclick: () => give(at, each, { how: "corrected" }, more) }, shownValue(each))));
    return;
  }
  give(at, said.value, { how: "corrected", ...proofOf(at, said.value) }, more);
}

function give(at, value, note, more) {
  memory.drop(typingKey());
  editing = null;
  const done = edit(more ? "another right answer" : `corrected ${labelOf(lastOf(at))}`, (state) => (more ? addAlternative(state, at, value) : giveValue(state, at, value, note)));
  if (done === false) draw();
  choose(at);
}

/** The words of the text that a typed text stands in, nearest to the old proof; a computed value keeps its old words. */
function proofOf(at, value) {
  const old = nearest(doc.notes, at)?.[1];
  if (typeof value !== "string" || doc.text === null) return old?.quote ? { start: old.start, end: old.end, quote: old.quote } : {};
  const near_ = old?.quote ? doc.points.toUnit(old.start) : 0;
  let best = -1;
  for (let i = doc.text.indexOf(value); i >= 0; i = doc.text.indexOf(value, i + 1)) if (best < 0 || Math.abs(i - near_) < Math.abs(best - near_)) best = i;
  if (best >= 0) return { start: doc.points.toPoint(best), end: doc.points.toPoint(best + value.length), quote: value };
  const typed = rows.find((row) => row.pointer === at)?.node.type;
  return old?.quote && typed !== "text" ? { start: old.start, end: old.end, quote: old.quote } : {};
}

/** Set the chosen value from the words selected in the text: "value" (and its proof), "answer" (one more), "proof" only. */
async function fromSelection(what) {
  const row = current(), units = doc.text === null ? null : selectedUnits(byId("text"), doc.text);
  if (!units) { toast("Select words in the text first: with the mouse, or with c and the arrow keys."); return; }
  if (!row) { toast("Select a value first."); return; }
  if (row.kind === "list" || (row.kind === "leaf" && row.node.kind === "object")) { add(row.pointer); await fromUnits(current(), units, what); return; }
  if (row.kind !== "element") await fromUnits(row, units, what);
}

async function fromUnits(row, units, what) {
  const words = doc.text.slice(units.from, units.to), start = doc.points.toPoint(units.from), at = row.pointer;
  const proof = (from, to) => ({ start: start + from, end: start + to, quote: doc.text.slice(doc.points.toUnit(start + from), doc.points.toUnit(start + to)) });
  const whole = proof(0, doc.points.toPoint(units.to) - start);
  if (what === "proof") { edit(`proof of ${row.label}`, (state) => { state.notes[at] = { ...(state.notes[at] || {}), ...whole, how: "selected" }; }); return; }
  const said = await call("words", { id: doc.id, pointer: at, words });
  if (!said.clear) {
    startEditing({ more: what === "answer", text: words });
    fill(editing.say, said.remarks.join("; ") || "These words do not state such a value.", said.candidates.map((each) => el("button", { type: "button", onclick: () => give(at, each, { how: "selected", ...whole }, what === "answer") }, shownValue(each))));
    return;
  }
  if (what === "answer") { edit("another right answer", (state) => addAlternative(state, at, said.value)); return; }
  edit(`${row.label} from the text`, (state) => giveValue(state, at, said.value, { how: "selected", ...proof(said.start, said.end) }));
  if (said.remarks.length) toast(said.remarks.join("; "));
  cursor?.stop();
  getSelection().removeAllRanges();
}
