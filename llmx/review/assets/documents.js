/* The documents of the review: the state of the page, the list, and opening one of them. */

const index = embedded("index");
const hueOf = huesOf((index.tree.fields || []).map((field) => field.name));
const stages = new Map(Object.entries(index.stages));
const boxes = new Map();
const STAGES = { todo: "to do", edited: "not saved", saved: "saved", skipped: "skipped" };
let heading = null; // the document that was asked for last
let doc = null; // the open document: {id, text, points, record, gold, notes, version, undo, redo, problems}
let boxed = ""; // the places whose boxes are on the page
let pointer = null, rows = [], shown = null, cursor = null, editing = null, listed = [], only = new Set(), query = "";

/* ---- the list ---- */

const list = virtualList(byId("list"), { height: 62, keyOf: (d) => d.id, choose: (d) => go(d.id), render: (d) => el("div", {},
  el("div", { class: "item-top" }, el("i", { class: `dot g-${stages.get(d.id)}`, title: STAGES[stages.get(d.id)] }), el("span", { class: "item-id", dir: "auto" }, d.id),
    d.status !== "ok" ? el("span", { class: `status s-${d.status}` }, d.status) : null, el("span", { class: "stage-name" }, stages.get(d.id) === "todo" ? "" : STAGES[stages.get(d.id)])),
  el("div", { class: "item-text", dir: "auto" }, d.snippet || (d.source ?? ""))) });

const picked = facetFilter(byId("facets"), { documents: index.documents, fields: (index.tree.fields || []).map((field) => field.name), statusOf: (d) => d.status, changed: () => filter() });

function filter() {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  listed = picked.ordered(index.documents.filter((d) => (!only.size || only.has(stages.get(d.id))) && picked.passes(d) && words.every((word) => `${d.id} ${d.source || ""} ${d.snippet}`.toLowerCase().includes(word))));
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
  document.body.dataset.shows = "document";
  fill(byId("about"), el("div", { class: "about-line" }, el("button", { type: "button", class: "quiet icon narrow-only", title: "All documents", aria: { label: "All documents" }, onclick: () => { document.body.dataset.shows = "list"; byId("list").focus(); } }, "‹"), el("h1", { dir: "auto" }, id), el("span", { class: "muted source", dir: "auto", title: answer.file }, answer.file.split(/[\\/]/).slice(-answer.depth).join("/"))));
  boxed = "";
  paper.open(doc.pages, async (number) => { try { return (await call("page", { id, page: number })).picture; } catch (error) { if (!(error instanceof Refused)) throw error; return ""; } });
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
  const all = [...listed, ...index.documents.filter((d) => !listed.includes(d))], at = all.findIndex((d) => d.id === doc.id);
  const next = [...all.slice(at + 1), ...all.slice(0, at)].find((d) => ["todo", "edited"].includes(stages.get(d.id)));
  if (next) go(next.id); else toast("All documents are done.");
}
