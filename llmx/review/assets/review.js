/* The page of `llmx review`: messages, keys, and the start. The other scripts only declare what is used here. */

const paper = paperPane({
  choose: (key) => chooseProven([key]),
  hover: (key) => near(key),
  turned: () => { if (pointer) choose(pointer); },
});

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
  const act = (name, what, on = name) => el("button", { type: "button", class: "quiet", onmousedown: (event) => event.preventDefault(), onclick: (event) => keys.find((each) => each.on.includes(on)).does(event) }, el("kbd", { aria: { hidden: "true" } }, name), what);
  if (editing) { fill(byId("hints"), key("Enter", "apply"), key("Esc", "cancel"), editing.box.tagName === "INPUT" ? el("span", {}, "You can type words: llmx computes the value.") : null); return; }
  if (cursor?.on) { fill(byId("hints"), key("← → ↑ ↓", "words"), key("Shift", "select more"), key("s", "set the value"), key("v", "another right answer"), key("w", "proof only"), key("Esc", "leave the text")); return; }
  const element = row && elementOf(doc.gold, row.pointer);
  fill(byId("hints"), act("a", "accept"), element && element !== row.pointer ? act("y", "accept element") : null, act("e", "correct"), act("c", "words in the text"), act("x", row?.inList ? "remove" : "not in the text"), act("o", row?.inList ? "optional" : "may be absent"), act("v", "another answer"), act("i", "add"), act("l", "least certain"), act("u", "undo"), act("Ctrl+S", "save", "Ctrl+s"), act("?", "all keys"));
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
  if (paper.isShown()) paper.turn(false); // words are chosen in the text
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
  { on: ["y"], what: "Accept the whole list element that holds the value", does: acceptElement },
  { on: ["l"], what: "Next value that is not checked, the least certain first", does: stepDoubts },
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
  { on: ["b"], what: "The page or its text", does: () => (paper.has() ? paper.turn(!paper.isShown()) : false) },
  { on: [">"], what: "Enlarge the page", does: () => paper.zoomBy(1) },
  { on: ["<"], what: "Make the page smaller", does: () => paper.zoomBy(-1) },
  { on: ["/"], what: "Find a document", does: () => { byId("search").focus(); byId("search").select(); } },
  ...(index.linked ? [{ on: ["m"], what: "Names that were taken for one", inDialog: true, does: () => turnNames() }] : []),
  { on: ["t"], what: "Light or dark theme", does: turnTheme },
  { on: ["?"], what: "This help", inDialog: true, does: () => turnHelp() },
  { on: ["Escape"], whileTyping: true, does: leave },
  ...[["ArrowRight", 1, false], ["ArrowLeft", -1, false], ["ArrowDown", 1, true], ["ArrowUp", -1, true]].flatMap(([name, by, lines]) => [
    { on: [name], does: () => arrow(by, false, lines) }, { on: [`Shift+${name}`], does: () => arrow(by, true, lines) }]),
];
const turnHelp = helpDialog(keys);
const turnNames = namesDialog();

function restart() {
  const { record } = doc;
  if (record.data === null) return;
  edit("started over from the run", (state) => {
    state.gold = structuredClone(record.data);
    state.notes = Object.fromEntries(Object.entries(record.evidence).map(([at, proof]) => [at, proof && !proof.stale ? { how: "run", start: proof.start, end: proof.end, quote: proof.quote } : { how: "run" }]));
  });
}

/** Choose the value that `key` proves; where several are proven by one place, the next of them. */
function chooseProven(found) {
  const at = found[(found.indexOf(nearest(doc.notes, pointer || "")?.[0]) + 1) % found.length];
  choose(rows.find((row) => row.kind !== "element" && isWithin(row.pointer, at))?.pointer ?? pointer, { scroll: false });
}

byId("text").addEventListener("click", (event) => {
  const hit = event.target.closest?.(".hit");
  if (!hit || String(getSelection())) return;
  chooseProven(shown.keysOf(hit));
});
document.addEventListener("selectionchange", () => requestAnimationFrame(bubble));
byId("text-pane").addEventListener("scroll", () => { byId("bubble").hidden = true; }, { passive: true });
byId("bubble").addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
byId("names").hidden = !index.linked;
byId("names").addEventListener("click", () => turnNames());
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
