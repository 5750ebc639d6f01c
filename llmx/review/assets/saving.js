/* Undo and redo, saving and skipping; and what happens if another window or program changed something. */

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
  const take = () => { box.drop(theirs.version); go(id); };
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
    await inTurn(async () => { // after this window's own changes, which are no other window's
      const { id } = doc, answer = await call("open", { id }), box = boxes.get(id);
      if (doc.id !== id || editing || box.waiting || answer.version === box.version) return;
      const at = pointer;
      await go(id); // which makes the new version's box: until then the old one serves
      choose(at);
      toast("Updated with the changes of another window.");
    });
    filter();
    away(null);
  } catch (error) { if (error instanceof Refused && error.status === 0) away(error); else if (!(error instanceof Refused)) throw error; }
}
