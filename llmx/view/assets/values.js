/* The page of single values over all documents: those in which runs differ, side by side, and the least certain ones. */

/** Build the page. `open(at, pointer, run)` opens a document at a value. Returns {element, step(by), enter()}. */
function valuesPage(index, tables, { open, hueOf }) {
  const several = index.runs.length > 1, narrow = matchMedia("(max-width: 720px)");
  const kinds = [several ? "differences" : null, "doubts"].filter(Boolean);
  const shown = { kind: kinds.find((kind) => tables[kind].length) || kinds[0], field: "", run: "", at: -1, rows: [] };
  const fieldOfRow = (row) => (row.here || row.first || row).path?.split(".")[0] ?? fieldOf((row.here || row.first || row).pointer);
  const found = el("span", { class: "muted", aria: { live: "polite" } });
  const pane = el("div", { class: "list values-list", role: "listbox", tabIndex: 0, aria: { label: "Values" } });
  const heads = el("div", { class: "values-heads", aria: { hidden: "true" } });
  const buttons = kinds.map((kind) => el("button", { type: "button", data: { kind }, onclick: () => { shown.kind = kind; shown.at = -1; draw(); } }, kind === "differences" ? "Runs differ" : "Least certain"));
  const bar = el("div", { class: "values-bar" }, el("span", { class: "tabs", role: "group", aria: { label: "Which values" } }, buttons),
    selectOf("Field", [["", "any field"], ...index.fields.map((field) => [field, labelOf(field)])], (field) => { shown.field = field; draw(); }),
    several ? selectOf("Run", [["", "any run"], ...index.runs.map((run, r) => [String(r), run.name])], (run) => { shown.run = run; draw(); }) : null, found);
  const element = el("main", { class: "values", aria: { label: "Values" } }, el("h1", { class: "unseen" }, "Values"), bar, heads, pane);
  const list = virtualList(pane, { height: narrow.matches ? 108 : 60, render: (row) => (shown.kind === "doubts" ? doubtRow(row) : differenceRow(row)), choose: (row) => { shown.at = row.at; enter(); }, keyOf: (row) => row.at });

  const placeOf = (at, value) => el("span", { class: "value-place" }, el("i", { class: "hue", style: { "--h": hueOf(value.path ?? fieldOf(value.pointer)) } }), el("strong", {}, labelOf(value.path ?? partsOf(value.pointer).filter((part) => !/^\d+$/.test(part)).join(" · "))), el("span", { class: "muted", dir: "auto" }, index.documents[at].id));
  const sideOf = (value, none) => el("span", { class: `side-of${value ? "" : " empty"}` }, el("span", { class: "shown", dir: "auto" }, value ? valueText(value.value) : none), value?.quote ? el("q", { class: "muted", dir: "auto" }, value.quote) : value ? el("span", { class: "tag doubt" }, "no proof") : null);
  const doubtRow = (row) => el("div", { class: "value-row doubt-row" }, el("span", { class: `sure${row.sure < 0.5 ? " low" : ""}` }, row.sure.toFixed(2)), placeOf(row.doc, row), sideOf(row, ""), several ? el("span", { class: "muted" }, index.runs[row.run].name) : null);
  const differenceRow = (row) => el("div", { class: "value-row difference-row" }, placeOf(row.doc, row.here || row.first), sideOf(row.first, "nothing"), sideOf(row.here, "nothing"), index.runs.length > 2 ? el("span", { class: "muted" }, index.runs[row.run].name) : null);

  function draw() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === shown.kind));
    const all = tables[shown.kind];
    shown.rows = all.filter((row) => (!shown.field || fieldOfRow(row) === shown.field) && (!shown.run || String(row.run) === shown.run)).map((row, at) => ({ ...row, at }));
    const more = tables.counts[shown.kind] > all.length ? `; the page keeps ${number(all.length)} of ${number(tables.counts[shown.kind])}` : "";
    found.textContent = `${shown.kind === "differences" ? plural(shown.rows.length, "difference") : plural(shown.rows.length, "value")}${more}`;
    const other = index.runs.length === 2 ? index.runs[1].name : "Other run";
    fill(heads, shown.kind === "differences" ? [el("span", {}, "Value"), el("span", {}, index.runs[0].name), el("span", {}, other)] : null);
    pane.setAttribute("aria-label", shown.kind === "differences" ? "Values in which the runs differ" : "The least certain values");
    list.show(shown.rows);
    list.select(shown.at);
  }

  function step(by) {
    if (!shown.rows.length) return;
    shown.at = Math.min(shown.rows.length - 1, Math.max(0, shown.at + by));
    list.select(shown.at);
  }

  function enter() {
    const row = shown.rows[shown.at];
    if (!row) return false;
    list.select(row.at);
    const { pointer } = row.here || row.first || row;
    open(row.doc, pointer, row.here || shown.kind === "doubts" ? row.run : 0);
    return true;
  }
  draw();
  return { element, step, enter, look: () => list.select(shown.at) };
}
