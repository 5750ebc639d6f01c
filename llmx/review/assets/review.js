/* The page of `llmx review`: go through records, correct them against the text, save them as gold. */

const index = embedded("index");
const hueOf = huesOf((index.tree.fields || []).map((field) => field.name));
const stages = new Map(Object.entries(index.stages));
const boxes = new Map();
const STAGES = { todo: "to do", edited: "not saved", saved: "saved", skipped: "skipped" };
let heading = null; // the document that was asked for last
let doc = null; // the open document: {id, text, points, record, gold, notes, version, undo, redo, problems}
let pointer = null, rows = [], shown = null, cursor = null, editing = null, listed = [], only = new Set(), query = "";

/* ---- the list ---- */

const list = virtualList(byId("list"), { height: 62, keyOf: (d) => d.id, choose: (d) => go(d.id), render: (d) => el("div", {},
  el("div", { class: "item-top" }, el("i", { class: `dot g-${stages.get(d.id)}`, title: STAGES[stages.get(d.id)] }), el("span", { class: "item-id", dir: "auto" }, d.id),
    d.status !== "ok" ? el("span", { class: `status s-${d.status}` }, d.status) : null, el("span", { class: "stage-name" }, stages.get(d.id) === "todo" ? "" : STAGES[stages.get(d.id)])),
  el("div", { class: "item-text", dir: "auto" }, d.snippet || (d.source ?? ""))) });

function filter() {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  listed = index.documents.filter((d) => (!only.size || only.has(stages.get(d.id))) && words.every((word) => `${d.id} ${d.source || ""} ${d.snippet}`.toLowerCase().includes(word)));
  const counts = Object.keys(STAGES).map((stage) => [stage, [...stages.values()].filter((each) => each === stage).length]).filter(([stage, n]) => n || only.has(stage));
  fill(byId("filters"), counts.map(([stage, n]) => el("button", { type: "button", class: "chip", data: { filter: stage }, aria: { pressed: String(only.has(stage)) }, onclick: () => { if (!only.delete(stage)) only.add(stage); filter(); } },
    el("i", { class: `dot g-${stage}` }), STAGES[stage], el("span", { class: "n" }, number(n)))));
  byId("found").textContent = listed.length === index.documents.length ? plural(listed.length, "document") : `${number(listed.length)} of ${plural(index.documents.length, "document")}`;
  list.show(listed);
  list.select(doc?.id ?? null);
  const saved = [...stages.values()].filter((each) => each === "saved").length;
  fill(byId("progress"), el("span", { class: "rail" }, el("i", { style: { width: `${(100 * saved) / Math.max(1, stages.size)}%` } })), `${number(saved)} of ${number(stages.size)} saved`);
}

function setStage(id, stage) {
  if (stages.get(id) === stage) return;
  stages.set(id, stage);
  filter();
}

/* ---- opening ---- */

async function go(id) {
  if (editing) stopEditing();
  heading = id;
  list.select(id);
  let answer;
  try { answer = await call("open", { id }); } catch (error) { if (!(error instanceof Refused)) throw error; away(error); return; }
  if (heading !== id) return; // the person has gone on
  if (!boxes.get(id)?.waiting) boxes.set(id, outbox(id, answer.version, { taken: (each, left) => taken(id, each, left), conflict: () => conflict(id), away }));
  const box = boxes.get(id), latest = box.latest();
  doc = { ...answer, points: answer.text === null ? null : pointsOf(answer.text), ...(latest ? latest.state : {}) };
  pointer = null;
  cursor = null;
  getSelection().removeAllRanges();
  fill(byId("about"), el("div", { class: "about-line" }, el("h1", { dir: "auto" }, id), el("span", { class: "muted source", dir: "auto", title: answer.file }, answer.file.split(/[\\/]/).slice(-answer.depth).join("/"))));
  setStage(id, latest ? "edited" : answer.stage);
  list.select(id);
  draw();
  byId("text-pane").scrollTop = byId("form-pane").scrollTop = 0;
  choose(rows.find((row) => row.kind === "leaf")?.pointer ?? null);
  history.replaceState(null, "", `?${new URLSearchParams({ token })}#${encodeURIComponent(id)}`);
  if (latest) box.flush();
  takeUpTyping();
}

function beside(by) {
  const at = listed.findIndex((d) => d.id === heading), next = listed[at < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, at + by))];
  if (next && next.id !== heading) go(next.id);
}

/** The next document that is still to do, after this one and then from the top. */
function nextToDo() {
  const all = index.documents, at = all.findIndex((d) => d.id === doc.id);
  const next = [...all.slice(at + 1), ...all.slice(0, at)].find((d) => ["todo", "edited"].includes(stages.get(d.id)));
  if (next) go(next.id); else toast("All documents are done.");
}

/* ---- drawing ---- */

function draw() {
  rows = formRows(doc.gold, index.tree);
  const shownRows = rows.map((row) => {
    const found = nearestNote(row), own = found && found[0] === row.pointer;
    const note = own || (row.kind === "leaf" && !isEmpty(row.value)) ? found?.[1] : null;
    const asRun = same(valueAt(doc.gold, row.pointer), valueAt(doc.record.data, row.pointer)); // then what the run said of it holds
    const line = formRow(row, { note, issues: asRun ? doc.record.issues.filter((each) => each.path === row.pointer) : [], sure: asRun ? nearest(doc.record.confidence, row.pointer)?.[1] ?? null : null, problems: doc.problems.filter((each) => each.path === row.pointer).map((each) => each.message), hue: hueOf(row.field),
      on: { add: (at) => add(at), dropAnswer: (at, i) => edit("removed an answer", (state) => dropAlternative(state, at, i)) } });
    line.addEventListener("click", (event) => { if (!event.target.closest(".editor")) choose(row.pointer); });
    line.addEventListener("dblclick", (event) => { if (!event.target.closest(".editor, button")) startEditing(); });
    line.addEventListener("mouseenter", () => near(row.pointer));
    line.addEventListener("mouseleave", () => near(null));
    row.line = line;
    return line;
  });
  const filed = stages.get(doc.id) === "saved" ? [] : doc.record.issues.filter((issue) => !rows.some((row) => row.pointer === issue.path));
  fill(byId("form"), filed.length ? el("ul", { class: "issues" }, filed.map(issueElement)) : null, shownRows);
  const leaves = rows.filter((row) => row.kind === "leaf" && !isEmpty(row.value)), looked = leaves.filter((row) => (nearestNote(row)?.[1].how ?? "run") !== "run");
  const faults = doc.problems.filter((each) => !rows.some((row) => row.pointer === each.path));
  fill(byId("form-head"), el("strong", {}, "Gold"), el("span", { class: "muted figures-line" }, `${looked.length} of ${plural(leaves.length, "value")} checked`), el("span", { class: "bar" }, el("i", { style: { width: `${(100 * looked.length) / Math.max(1, leaves.length)}%` } })),
    faults.map((each) => el("span", { class: "tag wrong", title: each.message }, each.path || "record")));
  byId("undo").disabled = doc.undo === null && !boxes.get(doc.id).waiting;
  byId("redo").disabled = doc.redo === null;
  byId("undo").title = doc.undo ? `Undo: ${doc.undo} (u)` : "Undo (u)";
  byId("skip").textContent = stages.get(doc.id) === "skipped" ? "Unskip" : "Skip";
  drawText();
  mark();
}

const nearestNote = (row) => nearest(doc.notes, row.pointer);

function drawText() {
  const proofs = Object.entries(doc.notes).filter(([, note]) => note.quote);
  if (doc.text === null) {
    fill(byId("notice"), el("div", { class: "notice" }, el("strong", {}, "The text was not found. "), doc.why));
    shown = renderText(byId("text"), "", []);
    return;
  }
  const fitting = proofs.map(([key, note]) => ({ start: doc.points.toUnit(note.start), end: doc.points.toUnit(note.end), quote: note.quote, key, hue: hueOf(fieldOf(key)) }));
  const spans = fitting.filter((span) => doc.text.slice(span.start, span.end) === span.quote);
  const signature = JSON.stringify([doc.id, spans]);
  if (shown?.signature === signature) return; // the text stays as it is, and with it the selection
  fill(byId("notice"), spans.length < fitting.length ? el("div", { class: "notice" }, `${plural(fitting.length - spans.length, "proof")} ${fitting.length - spans.length === 1 ? "is" : "are"} no longer in the text and not marked.`) : null);
  shown = { ...renderText(byId("text"), doc.text, spans), signature };
}

function marksOf(at) {
  const found = nearest(doc.notes, at);
  return found ? shown.marks.get(found[0]) || [] : [];
}

function mark() {
  for (const each of document.querySelectorAll(".row.chosen, .hit.on")) { each.classList.remove("chosen", "on"); each.setAttribute("aria-selected", "false"); }
  const row = rows.find((each) => each.pointer === pointer);
  if (row) { row.line.classList.add("chosen"); row.line.setAttribute("aria-selected", "true"); for (const each of marksOf(pointer)) each.classList.add("on"); }
  hints(row);
  return row;
}

function near(at) {
  for (const each of document.querySelectorAll(".near")) each.classList.remove("near");
  if (at && doc.text !== null) for (const each of marksOf(at)) each.classList.add("near");
}

function choose(at, { scroll = true } = {}) {
  if (editing && editing.pointer !== at) stopEditing();
  pointer = at;
  const row = mark();
  if (!row) return;
  reveal(row.line, byId("form-pane"));
  const found = marksOf(at);
  if (found.length && scroll && !cursor?.on) reveal(found[0], byId("text-pane"));
}

function step(by) {
  const at = rows.findIndex((row) => row.pointer === pointer);
  for (let i = at + by; i >= 0 && i < rows.length; i += by) if (rows[i].kind !== "element") { choose(rows[i].pointer); return; }
}

const current = () => rows.find((row) => row.pointer === pointer) || null;

/* ---- editing ---- */

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

/* ---- steps back, saving, skipping ---- */

let turn = Promise.resolve();
/** Do one thing after the other: each names the version that the one before it made. */
function inTurn(act) {
  turn = turn.catch(() => null).then(() => boxes.get(doc.id).idle()).then(() => guarded(act)); // one that failed stops no other
  return turn;
}

const travel = (by) => inTurn(async () => settle(await call(by, { id: doc.id, version: boxes.get(doc.id).version })));

async function save({ over = null } = {}) {
  const { id } = doc;
  if (editing) { await finish(editing.words()); if (editing) return; }
  await inTurn(async () => {
    if (doc.id !== id) return;
    settle(await call("save", { id, version: boxes.get(id).version, over }));
    toast(`Saved ${id}`);
    nextToDo();
  });
}

const skip = () => inTurn(async () => {
  const skipped = stages.get(doc.id) !== "skipped";
  settle(await call("skip", { id: doc.id, version: boxes.get(doc.id).version, skipped }));
  if (skipped) nextToDo();
});

function settle(answer) {
  boxes.get(answer.id).version = answer.version;
  if (doc.id === answer.id) Object.assign(doc, answer);
  setStage(answer.id, answer.stage);
  draw();
  if (pointer && !current()) choose(rows.find((row) => row.kind === "leaf")?.pointer ?? null);
}

/** Do something at the server that may meet another window's changes, or a server that is away. */
async function guarded(act) {
  try {
    await act();
    away(null);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 409 && error.data.conflict === "file") fileConflict(error.data.theirs);
    else if (error.status === 409) await conflict(doc.id);
    else if (error.status === 0) away(error);
    else toast(error.message);
  }
}

/* ---- two windows ---- */

function decide(title, text, { mine, theirs, choices }) {
  const table = el("table", { class: "differences" }, el("tr", {}, ["Value", "Mine", "Theirs"].map((each) => el("th", {}, each))),
    differencesOf(mine, theirs).map((each) => el("tr", {}, el("td", {}, el("code", {}, each.pointer)), el("td", { dir: "auto" }, shownValue(each.mine)), el("td", { dir: "auto" }, shownValue(each.theirs)))));
  const dialog = el("dialog", { class: "conflict" }, el("h2", {}, title), el("p", {}, text), table,
    el("div", { class: "choices" }, choices.map(([name, kind, act]) => el("button", { type: "button", class: kind, onclick: () => { dialog.close(); dialog.remove(); act(); } }, name))));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

async function conflict(id) {
  if (document.querySelector("dialog.conflict")) return;
  let theirs;
  try { theirs = await call("open", { id }); } catch (error) {
    if (!(error instanceof Refused)) throw error;
    away(error);
    setTimeout(() => conflict(id), 1500);
    return;
  }
  const box = boxes.get(id);
  const latest = box.latest(), mine = latest ? latest.state : doc.id === id ? { gold: doc.gold, notes: doc.notes } : theirs;
  const take = () => { box.drop(theirs.version); boxes.delete(id); go(id); };
  if (same(mine.gold, theirs.gold)) { take(); toast("Another window made the same change."); return; }
  decide("Changed in another window", `“${id}” was changed in another window after you opened it here. Nothing is lost. Which version is right?`, { mine: mine.gold, theirs: theirs.gold, choices: [
    ["Keep mine", "primary", () => box.restate([{ label: "kept this window's version", state: mine }], theirs.version).then(() => go(id))],
    ["Take theirs", "", () => box.restate([{ label: "this window's version", state: mine }, { label: "took the other window's version", state: { gold: theirs.gold, notes: theirs.notes } }], theirs.version).then(() => go(id))],
  ] });
}

function fileConflict(theirs) {
  decide("The gold file was changed", "The file was changed outside this review. Which version is right?", { mine: doc.gold, theirs: theirs.gold || {}, choices: [
    ["Keep mine", "primary", () => save({ over: theirs.file })],
    ["Take the file's", "", () => { edit("took the file's version", (state) => { state.gold = Object.fromEntries(Object.entries(theirs.gold || {}).filter(([name]) => name !== "_provenance")); state.notes = theirs.gold?._provenance?.values || {}; }); save({ over: theirs.file }); }],
  ] });
}

/** Another window, or an editor, may have been at work while this one was not looked at. */
async function lookAgain() {
  if (!doc || editing || document.querySelector("dialog[open]")) return;
  try {
    for (const [id, stage] of Object.entries(await call("stages"))) stages.set(id, stage);
    const box = boxes.get(doc.id);
    const answer = await call("open", { id: doc.id });
    if (!box.waiting && answer.version !== box.version) { const at = pointer; boxes.delete(doc.id); await go(doc.id); choose(at); toast("Updated with the changes of another window."); }
    filter();
    away(null);
  } catch (error) { if (error instanceof Refused && error.status === 0) away(error); else if (!(error instanceof Refused)) throw error; }
}

/* ---- talk ---- */

let toasting = 0;
function toast(text) {
  byId("toast").textContent = text;
  byId("toast").classList.add("up");
  clearTimeout(toasting);
  toasting = setTimeout(() => byId("toast").classList.remove("up"), 2600);
}

function away(error) {
  byId("away").hidden = !error;
  if (error) byId("away").textContent = error.status === 0 ? "The server does not answer. This browser keeps your edits and sends them when it is back."
    : error.status === 403 ? "The review was restarted at a new address. Open that one: it restores the edits that were not sent." : error.message;
}

function hints(row) {
  const key = (name, what) => el("span", {}, el("kbd", {}, name), what);
  if (editing) { fill(byId("hints"), key("Enter", "apply"), key("Esc", "cancel"), editing.box.tagName === "INPUT" ? el("span", {}, "You can type words: llmx computes the value.") : null); return; }
  if (cursor?.on) { fill(byId("hints"), key("← → ↑ ↓", "words"), key("Shift", "select more"), key("s", "set the value"), key("v", "another right answer"), key("w", "proof only"), key("Esc", "leave the text")); return; }
  fill(byId("hints"), key("a", "accept"), key("e", "correct"), key("c", "words in the text"), key("x", row?.inList ? "remove" : "not in the text"), key("o", row?.inList ? "optional" : "may be absent"), key("v", "another answer"), key("i", "add"), key("u", "undo"), key("Ctrl+S", "save"), key("?", "all keys"));
}

function bubble() {
  const units = doc && doc.text !== null ? selectedUnits(byId("text"), doc.text) : null, row = units && current();
  byId("bubble").hidden = !row || row.kind === "element";
  if (byId("bubble").hidden) return;
  const box = getSelection().getRangeAt(0).getBoundingClientRect();
  fill(byId("bubble"), el("button", { type: "button", onclick: () => fromSelection("value") }, row.kind === "list" ? `Add to ${labelOf(row.label)} ` : `Set ${row.inList ? `${labelOf(lastOf(parentOf(row.pointer)))} ` : ""}${labelOf(row.label)} `, el("kbd", {}, "s")),
    row.kind === "list" ? null : el("button", { type: "button", onclick: () => fromSelection("answer") }, "Another answer ", el("kbd", {}, "v")), row.kind === "list" ? null : el("button", { type: "button", onclick: () => fromSelection("proof") }, "Proof only ", el("kbd", {}, "w")));
  byId("bubble").style.left = `${Math.max(8, Math.min(innerWidth - 360, box.left))}px`;
  byId("bubble").style.top = `${box.top > 60 ? box.top - 42 : box.bottom + 8}px`;
}

/* ---- keys ---- */

function startCursor() {
  if (doc.text === null) return;
  cursor ??= wordCursor(byId("text"), doc.text, byId("text-pane"));
  const note = pointer ? nearest(doc.notes, pointer)?.[1] : null;
  if (note?.quote) cursor.start(doc.points.toUnit(note.start), doc.points.toUnit(note.end)); else cursor.start();
  hints(current());
}

function arrow(by, extend, lines) {
  if (cursor?.on) return cursor.move(by, { extend, lines });
  if (lines && !extend && document.activeElement === byId("list")) return beside(by);
  return lines && !extend ? step(by) : false;
}

function leave() {
  if (document.activeElement === byId("search")) byId("search").blur();
  else if (cursor?.stop()) hints(current());
  else getSelection().removeAllRanges();
}

const turnTheme = theming(byId("theme"));
const keys = [
  { on: ["n"], shown: ["n", "↓"], what: "Next value", does: () => step(1) },
  { on: ["p"], shown: ["p", "↑"], what: "Previous value", does: () => step(-1) },
  { on: ["j"], what: "Next document", does: () => beside(1) },
  { on: ["k"], what: "Previous document", does: () => beside(-1) },
  { on: ["a"], what: "Accept the value and go to the next", does: accept },
  { on: ["A"], what: "Accept everything that is left", does: acceptAll },
  { on: ["e", "Enter"], what: "Correct the value: type words or the value itself", does: () => (cursor?.on ? fromSelection("value") : document.activeElement?.tagName === "BUTTON" ? false : startEditing()) },
  { on: ["c"], what: "Go to the text and select words with the arrow keys (Shift selects more)", does: startCursor },
  { on: ["s"], what: "Set the value and its proof from the selected words", does: () => fromSelection("value") },
  { on: ["w"], what: "Make the selected words the proof; keep the value", does: () => fromSelection("proof") },
  { on: ["v"], what: "Add another right answer: the selected words, or one you type", does: () => (doc.text !== null && selectedUnits(byId("text"), doc.text) ? fromSelection("answer") : startEditing({ more: true })) },
  { on: ["V"], what: "Remove the last of several answers", does: () => { const row = current(); if (row && isAlternatives(row.value)) edit("removed an answer", (state) => dropAlternative(state, row.pointer, row.value.any.length - 1)); } },
  { on: ["x", "Delete"], shown: ["x"], what: "Not in the text: clear the value, or remove it from its list", does: absent },
  { on: ["X"], what: "Remove the list element that holds the value", does: () => removeAt(elementOf(doc.gold, pointer || "")) },
  { on: ["o"], what: "Make an element optional, or let a value be absent", does: () => optional(false) },
  { on: ["O"], what: "Make the list element that holds the value optional", does: () => optional(true) },
  { on: ["i", "+"], what: "Add an element to the list", does: () => add() },
  { on: ["r"], what: "Start over from the run's record", does: restart },
  { on: ["u", "Ctrl+z"], what: "Undo", does: () => travel("undo") },
  { on: ["U", "Ctrl+y", "Ctrl+Z"], shown: ["U", "Ctrl+y"], what: "Redo", does: () => travel("redo") },
  { on: ["."], what: "Skip the document for now", does: skip },
  { on: ["Ctrl+s", "Ctrl+Enter"], shown: ["Ctrl+S"], what: "Save as gold and go to the next document", whileTyping: true, does: () => { save(); } },
  { on: ["/"], what: "Find a document", does: () => { byId("search").focus(); byId("search").select(); } },
  { on: ["t"], what: "Light or dark theme", does: turnTheme },
  { on: ["?"], what: "This help", inDialog: true, does: () => turnHelp() },
  { on: ["Escape"], whileTyping: true, does: leave },
  ...[["ArrowRight", 1, false], ["ArrowLeft", -1, false], ["ArrowDown", 1, true], ["ArrowUp", -1, true]].flatMap(([name, by, lines]) => [
    { on: [name], does: () => arrow(by, false, lines) }, { on: [`Shift+${name}`], does: () => arrow(by, true, lines) }]),
];
const turnHelp = helpDialog(keys);

function restart() {
  const { record } = doc;
  if (record.data === null) return;
  edit("started over from the run", (state) => {
    state.gold = structuredClone(record.data);
    state.notes = Object.fromEntries(Object.entries(record.evidence).map(([at, proof]) => [at, proof && !proof.stale ? { how: "run", start: proof.start, end: proof.end, quote: proof.quote } : { how: "run" }]));
  });
}

byId("text").addEventListener("click", (event) => {
  const hit = event.target.closest?.(".hit");
  if (!hit || String(getSelection())) return;
  const found = shown.keysOf(hit);
  const at = found[(found.indexOf(nearest(doc.notes, pointer || "")?.[0]) + 1) % found.length];
  choose(rows.find((row) => row.kind !== "element" && isWithin(row.pointer, at))?.pointer ?? pointer, { scroll: false });
});
document.addEventListener("selectionchange", () => requestAnimationFrame(bubble));
byId("text-pane").addEventListener("scroll", () => { byId("bubble").hidden = true; }, { passive: true });
byId("bubble").addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
byId("undo").addEventListener("click", () => travel("undo"));
byId("redo").addEventListener("click", () => travel("redo"));
byId("skip").addEventListener("click", skip);
byId("save").addEventListener("click", () => save());
byId("help").addEventListener("click", () => turnHelp());
byId("search").addEventListener("input", () => { query = byId("search").value; filter(); });
byId("search").addEventListener("keydown", (event) => { if (event.key === "Enter" && listed[0]) { byId("search").blur(); go(listed[0].id); } });
addEventListener("focus", lookAgain);
addEventListener("beforeunload", (event) => { if ([...boxes.values()].some((box) => box.waiting && (!box.safe || !byId("away").hidden))) event.preventDefault(); });
byId("title").textContent = `review ${index.run}`;
byId("title").title = `Gold goes to ${index.gold}, signed ${index.user}`;
listen(keys.map((key) => ({ ...key, does: (event) => (doc || key.inDialog ? key.does(event) : false) })));
filter();
{
  const wanted = decodeURIComponent(location.hash.slice(1));
  const first = index.documents.find((d) => d.id === wanted) || index.documents.find((d) => stages.get(d.id) === "edited") || index.documents.find((d) => stages.get(d.id) === "todo") || index.documents[0];
  if (first) go(first.id); else fill(byId("text"), el("p", { class: "none" }, "This run has no records."));
}
