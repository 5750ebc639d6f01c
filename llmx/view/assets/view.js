/* The page of `llmx view`: documents on the left, the text in the middle, what each run made of it on the right. */

const index = embedded("index");
const hueOf = huesOf(index.fields);
const several = index.runs.length > 1;
const hasGold = index.has_gold;
const store = documentStore();
const state = { at: -1, run: 0, pointer: null, page: "documents", gold: false, filters: new Set(), query: "", list: [], full: null, drawn: -1 };
let panels = [], shownText = null, over = null, paperOf = -1, values = null;

/* ---- the list and its filters ---- */

const FLAGS = [
  { name: "issues", label: "Issues", test: (d, field) => facetsOf(d, field).some((facet) => facet.codes?.length) },
  ...["unproven", ...(hasGold ? ["wrong"] : []), ...(several ? ["differs"] : [])].map((name) => (
    { name, label: { unproven: "Unproven", wrong: "Gold differs", differs: "Runs differ" }[name], test: (d, field) => facetsOf(d, field).some((facet) => facet.flags?.includes(name)) })),
];
const STATES = ["ok", "partial", "invalid", "refused", "failed", "missing"];

const list = virtualList(byId("list"), { height: 66, render: listRow, choose: (d) => open(d.at), keyOf: (d) => d.at });
index.documents.forEach((d, at) => { d.at = at; });
const picked = facetFilter(byId("facets"), { documents: index.documents, fields: index.fields, changed: () => { drawFilters(); filter(); } });

function listRow(d) {
  const dots = d.statuses.map((status, r) => el("i", { class: `dot s-${status || "missing"}`, title: `${several ? `${index.runs[r].name}: ` : ""}${status || "no record"}` }));
  const badge = (counts, kind, title) => {
    const most = Math.max(0, ...counts.map((n) => n || 0));
    return most ? el("span", { class: `badge ${kind}`, title: plural(most, title[0], title[1]) }, String(most)) : null;
  };
  return el("div", {}, el("div", { class: "item-top" }, el("span", { class: "dots" }, dots), el("span", { class: "item-id", dir: "auto" }, d.id),
    el("span", { class: "badges" }, badge(d.issues, "warn", ["issue"]), badge(d.unproven, "doubt", ["unproven value"]), hasGold ? badge(d.wrong, "wrong", ["difference from gold", "differences from gold"]) : null)),
    el("div", { class: "item-text", dir: "auto" }, d.snippet || (d.source ?? "")));
}

function drawFilters() {
  const counts = (test) => index.documents.reduce((sum, d) => sum + (test(d, picked.field()) ? 1 : 0), 0);
  const chips = [
    ...STATES.map((status) => ({ name: `s-${status}`, label: status === "missing" ? "no record" : status, dot: status, test: (d) => d.statuses.some((s) => (s || "missing") === status) })),
    ...FLAGS,
  ].map((chip) => ({ ...chip, count: counts(chip.test) })).filter((chip) => chip.count || state.filters.has(chip.name));
  fill(byId("filters"), chips.map((chip) => {
    const button = el("button", { type: "button", class: "chip", data: { filter: chip.name }, aria: { pressed: String(state.filters.has(chip.name)) } }, chip.dot ? el("i", { class: `dot s-${chip.dot}` }) : null, chip.label, el("span", { class: "n" }, number(chip.count)));
    button.addEventListener("click", () => {
      if (!state.filters.delete(chip.name)) state.filters.add(chip.name);
      button.setAttribute("aria-pressed", String(state.filters.has(chip.name)));
      filter();
    });
    return button;
  }));
}

const haystacks = new Map();
const hayOf = (d, full) => [d.id, d.source || "", full.text || "", ...full.records.map((record) => (record ? JSON.stringify(record.data) : ""))].join("\n").toLowerCase();
function haystack(d) {
  if (!haystacks.has(d.at)) haystacks.set(d.at, hayOf(d, store.get(d.at)));
  return haystacks.get(d.at);
}

let searching = 0; // the search that runs; one that began before it stops
function filter() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean), mine = ++searching;
  if (!store.packed || !words.length) { showFound((d) => words.every((word) => haystack(d).includes(word))); return; }
  const hits = new Set();
  let drawn = performance.now();
  showFound(() => false, "searching …");
  const plain = words.filter((word) => !/["\\<>&\u0000-\u001f\u2028\u2029]/.test(word)); // the others are escaped in JSON
  const namedIn = (word, first, last) => index.documents.slice(first, last).some((d) => `${d.id}\n${d.source || ""}`.toLowerCase().includes(word));
  store.each((full, at) => { const hay = hayOf(index.documents[at], full); if (words.every((word) => hay.includes(word))) hits.add(at); }, {
    holds: (text, first, last) => { const low = text.toLowerCase(); return plain.every((word) => low.includes(word) || namedIn(word, first, last)); },
    goesOn: (share) => {
      if (mine !== searching) return false;
      if (share === 1 || performance.now() - drawn > 250) { drawn = performance.now(); showFound((d) => hits.has(d.at), share < 1 ? `searching, ${percent(share)} …` : ""); }
      return true;
    },
  });
}

/** Show the documents that pass the filters and `matches`, in the order that was chosen. */
function showFound(matches, note = "") {
  const states = [...state.filters].filter((name) => name.startsWith("s-")).map((name) => name.slice(2));
  const flags = FLAGS.filter((flag) => state.filters.has(flag.name));
  state.list = picked.ordered(index.documents.filter((d) => (!states.length || d.statuses.some((s) => states.includes(s || "missing")))
    && flags.every((flag) => flag.test(d, picked.field())) && picked.passes(d) && matches(d)));
  byId("found").textContent = [state.list.length === index.documents.length ? plural(state.list.length, "document") : `${number(state.list.length)} of ${plural(index.documents.length, "document")}`, note].filter(Boolean).join(", ");
  list.show(state.list);
  list.select(state.at);
}

/* ---- one document ---- */

function open(at, pointer = null, run = state.run) {
  state.at = at;
  state.run = Math.min(run, index.runs.length - 1);
  state.pointer = pointer;
  if (state.page !== "documents") turnTo("documents");
  document.body.dataset.shows = "document";
  list.select(at);
  const full = store.get(at);
  if (!full.then) { show(full); return; }
  const failed = (error) => fill(byId("notice"), el("div", { class: "notice" }, `This browser cannot unpack the documents of the page: ${error.message}`));
  full.then((unpacked) => { if (state.at === at) show(unpacked); }, failed);
}

function show(full) {
  const { pointer } = state;
  state.full = full;
  drawDocument();
  byId("text-pane").scrollTop = 0;
  if (pointer) choose(pointer, state.run); else remember();
}

function drawDocument() {
  const d = index.documents[state.at], { full } = state;
  state.drawn = state.at;
  for (const old of document.querySelectorAll(".run-pane")) old.remove();
  over = null;
  fill(byId("about"), aboutElement(d));
  panels = index.runs.map((run, r) => runPane(run, r, full.records[r]));
  byId("panes").append(...panels.map((each) => each.pane));
  if (state.gold) byId("panes").append(el("section", { class: "pane run-pane gold-pane" }, el("div", { class: "pane-head" }, el("strong", {}, "Gold")), goldPanel(full.gold, hueOf)));
  for (const { tree, order } of panels) tree?.addEventListener("keydown", (event) => { const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]; if (by) { event.preventDefault(); step(order, by); } });
  byId("panes").style.setProperty("--columns", String(panels.length + (state.gold ? 1 : 0)));
  const { at } = state;
  if (paperOf !== at) { paperOf = at; paper.open(full.pages, (number) => embedded(`d${at}-p${number}`)); }
  drawText();
}

function aboutElement(d) {
  const turn = (title, name, does) => el("button", { type: "button", class: "quiet icon narrow-only", title, aria: { label: title }, onclick: does }, name);
  return el("div", { class: "about-line" }, turn("All documents", "‹", () => { document.body.dataset.shows = "list"; byId("list").focus(); }), el("h1", { dir: "auto" }, d.id), d.source && d.source !== d.id ? el("span", { class: "muted source", dir: "auto" }, d.source) : null,
    el("span", { class: "narrow-only turns" }, turn("Previous document", "↑", () => go(-1)), turn("Next document", "↓", () => go(1))));
}

function runPane(run, r, record) {
  const choosable = { choose: (pointer) => choose(pointer, r), hover: (pointer) => hover(pointer, r) };
  const head = el("div", { class: "pane-head" },
    several ? el("button", { type: "button", class: "run-button", aria: { pressed: String(r === state.run) }, onclick: () => focusRun(r) }, el("i", { style: { background: inkOf(r) } }), run.name) : el("strong", {}, "Record"),
    el("span", { class: `status s-${record ? record.status : "missing"}` }, record ? record.status : "no record"),
    run.torn ? el("span", { class: "tag warn", title: "The last record of this run is torn: the run was interrupted." }, "interrupted") : null,
    record ? el("span", { class: "muted figures-line" }, runFacts(record)) : null);
  const built = record ? recordPanel(record, { run, number: r, hueOf, on: choosable, withGold: hasGold, compared: r ? index.runs[0].name : "" }) : { panel: el("p", { class: "none" }, "This run has no record of the document."), tree: null, rows: new Map(), order: [], problems: [], doubts: [] };
  const pane = el("section", { class: `pane run-pane${r === state.run && several ? " active" : ""}`, aria: { label: run.name } }, head, built.panel);
  return { ...built, pane, record, head };
}

function runFacts(record) {
  const parts = [nameOfModel(record.model), record.mode, record.seconds ? `${number(record.seconds, 1)} s` : "", record.tokens ? plural(record.tokens, "token") : "", record.attempts > 1 ? plural(record.attempts, "request") : ""];
  return parts.filter(Boolean).join(" · ");
}

function drawText() {
  const { full } = state, record = full.records[state.run], notice = byId("notice");
  const quotes = Object.entries(record?.evidence || {}).filter(([, proof]) => proof);
  paper.show(quotes.filter(([, proof]) => proof.boxes).map(([key, proof]) => ({ key, hue: hueOf(fieldOf(key)), quote: proof.quote, boxes: boxesOf(proof) })));
  if (full.text === null) {
    fill(notice, el("div", { class: "notice" }, el("strong", {}, "The text was not found. "), full.why, quotes.length ? " The record kept these words:" : ""));
    const words = quotes.map(([, proof]) => proof.quote);
    let at = 0;
    const spans = quotes.map(([key, proof]) => { const span = { start: at, end: at + proof.quote.length, key, hue: hueOf(fieldOf(key)) }; at = span.end + 1; return span; });
    shownText = renderText(byId("text"), words.join("\n"), spans);
  } else {
    const points = pointsOf(full.text);
    const stale = quotes.filter(([, proof]) => proof.stale).length;
    fill(notice, stale ? el("div", { class: "notice" }, el("strong", {}, "The text has changed. "), `${plural(stale, "proof")} of this record ${stale === 1 ? "is" : "are"} no longer at the recorded place and ${stale === 1 ? "is" : "are"} not marked.`) : null);
    const spans = quotes.filter(([, proof]) => !proof.stale).map(([key, proof]) => ({ start: points.toUnit(proof.start), end: points.toUnit(proof.end), key, hue: hueOf(fieldOf(key)) }));
    shownText = renderText(byId("text"), full.text, spans);
  }
}

function focusRun(r) {
  if (r === state.run) return;
  state.run = r;
  const panes = byId("panes");
  if (getComputedStyle(panes).scrollSnapType !== "none") panes.scrollLeft = r * panes.clientWidth; // a phone shows one run at a time
  panels.forEach((each, i) => { each.pane.classList.toggle("active", several && i === r); each.head.querySelector(".run-button")?.setAttribute("aria-pressed", String(i === r)); });
  drawText();
  remember();
}

/* ---- values and their words ---- */

function marksOf(pointer) {
  const panel = panels[state.run];
  if (!panel?.record) return [];
  const proof = nearest(panel.record.evidence, pointer);
  const own = proof ? placesOf(proof[0]) : [];
  if (own.length || panel.rows.get(pointer)?.row.kind === "leaf") return own;
  const keys = paper.isShown() ? paper.keys() : [...shownText.marks.keys()];
  return keys.filter((key) => isWithin(key, pointer)).flatMap(placesOf);
}

/** What is marked of a proof: its words in the text, or its boxes where the page is shown. */
const placesOf = (key) => (paper.isShown() ? paper.marksOf(key) : shownText.marks.get(key) || []);

function choose(pointer, r = state.run, { fromText = false } = {}) {
  focusRun(r);
  for (const each of document.querySelectorAll(".row.chosen, .hit.on, .box.on")) { each.classList.remove("chosen", "on"); if (each.matches(".row")) each.setAttribute("aria-selected", "false"); }
  for (const each of document.querySelectorAll(".detail")) each.remove();
  pointer = rowAt(r, pointer);
  const entry = panels[r].rows.get(pointer);
  state.pointer = entry ? pointer : null;
  remember();
  if (!entry) { panels[r].tree?.removeAttribute("aria-activedescendant"); return; }
  panels[r].tree.setAttribute("aria-activedescendant", entry.line.id);
  entry.line.classList.add("chosen");
  entry.line.setAttribute("aria-selected", "true");
  const { pane } = panels[r];
  reveal(entry.line, pane);
  if (entry.row.kind === "leaf" || entry.facts.own) {
    const detail = detailElement(entry.row, entry.facts);
    entry.line.after(detail);
    pane.scrollTop += Math.max(0, detail.getBoundingClientRect().bottom + 12 - pane.getBoundingClientRect().bottom);
  }
  const marks = marksOf(pointer);
  for (const mark of marks) mark.classList.add("on");
  if (marks.length && !fromText) { if (paper.isShown()) paper.revealBox(marks[0]); else reveal(marks[0], byId("text-pane")); }
}

/** The row of a value, or of the value that it is a part of. */
function rowAt(r, pointer) {
  for (let at = pointer; at; at = parentOf(at)) if (panels[r].rows.has(at)) return at;
  return null;
}

function hover(pointer, r = state.run) {
  for (const each of document.querySelectorAll(".near")) each.classList.remove("near");
  if (!pointer || r !== state.run) return;
  for (const mark of marksOf(pointer)) mark.classList.add("near");
  panels[r].rows.get(rowAt(r, pointer))?.line.classList.add("near");
}

const paper = paperPane({
  choose: (pointer) => choose(pointer, state.run, { fromText: true }),
  hover: (key) => { if (key !== over) { over = key; hover(key); } },
  turned: () => { if (state.pointer) choose(state.pointer); },
});

byId("text").addEventListener("click", (event) => {
  const mark = event.target.closest?.(".hit");
  if (!mark || String(getSelection())) return;
  const keys = shownText.keysOf(mark); // innermost first; a second click goes on to the next around it
  choose(keys[(keys.indexOf(state.pointer) + 1) % keys.length], state.run, { fromText: true });
});
byId("text").addEventListener("mouseover", (event) => {
  const mark = event.target.closest?.(".hit");
  const key = mark ? shownText.keysOf(mark)[0] : null;
  if (key !== over) { over = key; hover(key); }
});

function step(pointers, by) {
  if (!pointers?.length) return;
  const at = pointers.indexOf(state.pointer);
  choose(pointers[at < 0 ? (by > 0 ? 0 : pointers.length - 1) : (at + by + pointers.length) % pointers.length]);
}

let doubted = ""; // where `stepDoubts` was last

/** The least certain value of the document; from there the next by confidence, and after the last that of the next document. */
function stepDoubts() {
  const place = () => `${state.at} ${state.run} ${state.pointer}`, { doubts } = panels[state.run], before = state.at;
  const at = place() === doubted ? doubts.indexOf(state.pointer) + 1 : 0;
  if (at < doubts.length) choose(doubts[at]); else go(1);
  if (state.at !== before && state.drawn === state.at && panels[state.run].doubts.length) choose(panels[state.run].doubts[0]);
  doubted = place();
}

function go(by) {
  if (state.page === "values") { values.step(by); return; }
  if (state.page !== "documents") return;
  const at = state.list.findIndex((d) => d.at === state.at);
  const next = state.list[at < 0 ? 0 : Math.min(state.list.length - 1, Math.max(0, at + by))];
  if (next && next.at !== state.at) open(next.at);
}

/* ---- pages, places, keys ---- */

function turnTo(page) {
  state.page = page;
  for (const each of ["documents", "values", "figures"]) {
    byId(`${each}-page`).hidden = each !== page;
    byId(`tab-${each}`).setAttribute("aria-pressed", String(each === page));
  }
  if (page === "values") {
    if (!values) { values = valuesPage(index, embedded("tables"), { open, hueOf }); fill(byId("values-page"), values.element); }
    values.look();
    byId("values-page").querySelector(".list").focus();
  }
  if (page === "figures" && !byId("figures-page").firstChild) fill(byId("figures-page"), figuresPage(index, embedded("graphs"), (at) => open(at)));
  remember();
}

function turnGold() {
  if (!hasGold) return;
  state.gold = !state.gold;
  byId("gold-toggle").setAttribute("aria-pressed", String(state.gold));
  const { pointer } = state;
  drawDocument();
  if (pointer) choose(pointer);
}

/** Keep the place in the address, so that a link or a reload comes back to it. */
function remember() {
  const place = new URLSearchParams();
  if (state.at >= 0) place.set("doc", index.documents[state.at].id);
  if (several) place.set("run", String(state.run));
  if (state.pointer) place.set("value", state.pointer);
  if (state.page !== "documents") place.set("page", state.page);
  try { history.replaceState(null, "", `#${place}`); } catch { /* some browsers forbid it for files */ }
}

function come() {
  const place = new URLSearchParams(location.hash.slice(1));
  const at = index.documents.findIndex((d) => d.id === place.get("doc"));
  const page = place.get("page");
  if (index.documents.length) open(Math.max(0, at), place.get("value"), Number(place.get("run")) || 0);
  if (at < 0) document.body.dataset.shows = "list"; // on a narrow screen, where one of the two is shown
  if (page === "figures" || page === "values") turnTo(page);
}

const focusSearch = () => { turnTo("documents"); byId("search").focus(); byId("search").select(); };
const turnTheme = theming(byId("theme"));
const keys = [
  { on: ["j"], what: "Next document", does: () => go(1) },
  { on: ["k"], what: "Previous document", does: () => go(-1) },
  { on: ["n"], what: "Next value", does: () => step(panels[state.run]?.order, 1) },
  { on: ["p"], what: "Previous value", does: () => step(panels[state.run]?.order, -1) },
  { on: ["m"], what: "Next problem: unproven, an issue, different from gold or from the first run", does: () => step(panels[state.run]?.problems, 1) },
  { on: ["l"], what: "Next value, the least certain first", does: stepDoubts },
  ...(several ? [{ on: ["r"], what: "Next run", does: () => focusRun((state.run + 1) % index.runs.length) }] : []),
  ...(hasGold ? [{ on: ["g"], what: "Show gold beside the runs", does: turnGold }] : []),
  { on: ["d"], what: `${several ? "Values in which the runs differ, and the" : "The"} least certain values of all documents, or back`, does: () => turnTo(state.page === "values" ? "documents" : "values") },
  { on: ["f"], what: "Figures, or back to the documents", does: () => turnTo(state.page === "figures" ? "documents" : "figures") },
  { on: ["v"], what: "The page or its text", does: () => (paper.has() ? paper.turn(!paper.isShown()) : false) },
  { on: ["+", "="], shown: ["+"], what: "Enlarge the page", does: () => paper.zoomBy(1) },
  { on: ["-"], what: "Make the page smaller", does: () => paper.zoomBy(-1) },
  { on: ["/"], what: "Search", does: focusSearch },
  { on: ["t"], what: "Light or dark theme", does: turnTheme },
  { on: ["?"], what: "This help", inDialog: true, does: () => turnHelp() },
  { on: ["Escape"], what: "Close the search, or deselect the value", whileTyping: true, does: leave },
  { on: ["ArrowDown"], does: () => (isList() ? go(1) : false) },
  { on: ["ArrowUp"], does: () => (isList() ? go(-1) : false) },
  { on: ["Enter"], does: () => (state.page === "values" && isList() ? values.enter() : false) },
];
const turnHelp = helpDialog(keys);
const isList = () => document.activeElement?.getAttribute("role") === "listbox";

function leave() {
  if (document.activeElement === byId("search")) { byId("search").blur(); return; }
  if (state.pointer) choose(null);
}

/** A large run is split over several pages, which lie side by side. */
function drawParts() {
  const { names, here } = index.parts, link = (at, text) => (names[at] ? el("a", { href: encodeURIComponent(names[at]) }, text) : null);
  byId("parts").hidden = names.length < 2;
  fill(byId("parts"), link(here - 1, "‹ before"), el("span", {}, `part ${number(here + 1)} of ${number(names.length)}`), link(here + 1, "next ›"));
}

let typing = 0;
byId("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => { state.query = byId("search").value; filter(); }, 120);
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") { state.query = byId("search").value; filter(); if (state.list[0]) open(state.list[0].at); byId("search").blur(); }
});
byId("tab-documents").addEventListener("click", () => turnTo("documents"));
byId("tab-values").addEventListener("click", () => turnTo("values"));
byId("tab-figures").addEventListener("click", () => turnTo("figures"));
byId("help").addEventListener("click", () => turnHelp());
byId("gold-toggle").addEventListener("click", turnGold);
byId("gold-toggle").hidden = !hasGold;
byId("title").textContent = index.title;
document.body.classList.toggle("several", several);
drawParts();
listen(keys);
drawFilters();
filter();
come();
addEventListener("hashchange", come);
