/* The open document on the page: its form, its text, and the chosen value. */

function draw() {
  rows = formRows(doc.gold, index.tree, doc.notes);
  const shownRows = rows.map((row) => {
    const found = nearestNote(row), own = found && found[0] === row.pointer;
    const note = own || (row.kind === "leaf" && !isEmpty(row.value)) ? found?.[1] : null;
    const asRun = same(valueAt(doc.gold, row.pointer), valueAt(doc.record.data, row.pointer)); // then what the run said of it holds
    row.sure = asRun ? nearest(doc.record.confidence, row.pointer)?.[1] ?? null : null;
    const line = formRow(row, { note, issues: asRun ? doc.record.issues.filter((each) => each.path === row.pointer) : [], sure: row.sure, problems: doc.problems.filter((each) => each.path === row.pointer).map((each) => each.message), hue: hueOf(row.field),
      on: { add: (at) => add(at), dropAnswer: (at, i) => edit("removed an answer", (state) => dropAlternative(state, at, i)) } });
    line.addEventListener("click", (event) => { if (!event.target.closest(".editor")) choose(row.pointer); });
    line.addEventListener("dblclick", (event) => { if (!event.target.closest(".editor, button")) startEditing(); });
    line.addEventListener("mouseenter", () => near(row.pointer));
    line.addEventListener("mouseleave", () => near(null));
    row.line = line;
    line.id = `value-${rows.indexOf(row)}`;
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
  drawBoxes();
}

/** Put the boxes of all proofs on the page; the server knows where the words of the text stand. */
async function drawBoxes() {
  if (!doc.pages) return;
  const { id } = doc, spans = Object.fromEntries(Object.entries(doc.notes).filter(([, note]) => note.quote).map(([key, note]) => [key, [note.start, note.end]]));
  const signature = JSON.stringify([id, spans]);
  if (boxed === signature) return;
  boxed = signature;
  let answer;
  try { answer = await call("places", { id, spans }); } catch (error) { if (!(error instanceof Refused)) throw error; boxed = ""; return; }
  if (doc.id !== id || boxed !== signature) return;
  paper.show(Object.entries(answer.places).map(([key, boxes]) => ({ key, hue: hueOf(fieldOf(key)), quote: doc.notes[key]?.quote, boxes })));
  const row = mark(), found = row ? marksOf(pointer) : [];
  if (found.length && paper.isShown()) paper.revealBox(found[0]);
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
  if (!found) return [];
  return paper.isShown() ? paper.marksOf(found[0]) : shown.marks.get(found[0]) || [];
}

function mark() {
  for (const each of document.querySelectorAll(".row.chosen, .hit.on, .box.on")) { each.classList.remove("chosen", "on"); if (each.matches(".row")) each.setAttribute("aria-selected", "false"); }
  const row = rows.find((each) => each.pointer === pointer);
  byId("form").setAttribute("aria-activedescendant", row ? row.line.id : "");
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
  if (!found.length || !scroll || cursor?.on) return;
  if (paper.isShown()) paper.revealBox(found[0]); else reveal(found[0], byId("text-pane"));
}

function step(by) {
  const at = rows.findIndex((row) => row.pointer === pointer);
  for (let i = at + by; i >= 0 && i < rows.length; i += by) if (rows[i].kind !== "element") { choose(rows[i].pointer); return; }
}

const isLooked = (row) => (nearestNote(row)?.[1].how ?? "run") !== "run";

let doubted = null; // the value that `stepDoubts` chose last

/** Choose the value that the run is least certain of, of those that nobody has looked at; from there the next of them. */
function stepDoubts() {
  const left = rows.filter((row) => row.kind === "leaf" && !isEmpty(row.value) && row.sure !== null && (row.pointer === pointer || !isLooked(row))).sort((a, b) => a.sure - b.sure);
  const at = pointer === doubted ? left.findIndex((row) => row.pointer === pointer) : -1;
  const next = left.filter((row) => row.pointer !== pointer || at >= 0)[at < 0 ? 0 : (at + 1) % left.length];
  doubted = next?.pointer ?? null;
  if (next) choose(next.pointer); else toast("No value with a confidence is left to check.");
}

const current = () => rows.find((row) => row.pointer === pointer) || null;
