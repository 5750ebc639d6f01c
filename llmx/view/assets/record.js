/* The record panel of one run: its rows, what is marked at them, and the details of the chosen one. */

/** Everything known about `row` of `record`. */
function factsOf(record, row) {
  const proof = nearest(record.evidence, row.pointer), sure = nearest(record.confidence, row.pointer);
  const holds = row.kind === "leaf" && !isEmpty(row.value), whole = isObject(row.value) && row.kind === "leaf";
  const parts = whole ? Object.keys(row.value).map((name) => childOf(row.pointer, name)) : [];
  return {
    proof: proof && proof[1],
    own: Boolean(proof && proof[0] === row.pointer),
    unproven: Boolean(holds && proof && proof[1] === null && isUnproven(record, proof[0])),
    confidence: row.kind === "leaf" && holds && sure ? sure[1] : null,
    issues: record.issues.filter((issue) => issue.path === row.pointer || parts.includes(issue.path)),
    mark: whole ? markOfParts(record, row, parts) : record.marks[row.pointer] || null,
    first: [row.pointer, ...parts].filter((at) => at in record.differs).map((at) => ({ part: at === row.pointer ? "" : lastOf(at), gold: record.differs[at].gold })),
  };
}

/** What gold says of a value in several parts: the worst that it says of one, with gold's parts in place of those that are wrong. */
function markOfParts(record, row, parts) {
  const marks = parts.filter((at) => at in record.marks).map((at) => [lastOf(at), record.marks[at]]);
  const wrong = marks.filter(([, mark]) => isWrong(mark));
  if (!wrong.length) return record.marks[row.pointer] || (marks.length ? marks[0][1] : null);
  if (marks.every(([, mark]) => mark.kind === "invention")) return { kind: "invention", gold: null };
  return { kind: "mismatch", gold: { ...row.value, ...Object.fromEntries(wrong.map(([name, mark]) => [name, mark.gold])) } };
}

/** Build the panel; `on` has choose(pointer) and hover(pointer | null). `order` are the pointers of the values, `doubts`
those with a confidence, the lowest first. Returns {panel, tree, rows: Map pointer -> element, order, problems, doubts}. */
function recordPanel(record, { run, number, hueOf, on, withGold, compared }) {
  const rows = new Map(), order = [], problems = [], sure = [], proven = Object.keys(record.evidence);
  const body = el("div", { class: "tree", role: "tree", tabIndex: 0, aria: { label: `Record of ${run.name}` } });
  const known = new Set();
  for (const row of record.data === null ? [] : rowsOf(record.data, (value, pointer) => isWhole(value, pointer, record.evidence) || (isSum(value) && !proven.some((at) => isWithin(at, pointer))))) {
    const facts = factsOf(record, row);
    known.add(row.pointer);
    const line = rowElement(row, facts, hueOf(row.field));
    line.id = `value-${number}-${rows.size}`;
    line.addEventListener("click", () => on.choose(row.pointer));
    line.addEventListener("mouseenter", () => on.hover(row.pointer));
    line.addEventListener("mouseleave", () => on.hover(null));
    rows.set(row.pointer, { line, row, facts });
    if (row.kind === "leaf" && !isEmpty(row.value)) order.push(row.pointer);
    if (facts.unproven || facts.issues.length || isWrong(facts.mark) || facts.first.length) problems.push(row.pointer);
    if (facts.confidence !== null) sure.push([facts.confidence, row.pointer]);
    body.append(line);
  }
  const elsewhere = record.issues.filter((issue) => !known.has(issue.path) && !(issue.path && known.has(parentOf(issue.path)) && rows.get(parentOf(issue.path)).row.kind === "leaf"));
  const panel = el("div", { class: "record" },
    elsewhere.length ? el("ul", { class: "issues" }, elsewhere.map(issueElement)) : null,
    record.data === null ? el("p", { class: "none" }, "No data: this document gave no record.") : body,
    withGold && record.missing.length ? missingElement("In gold, not in the record", record.missing, "omission") : null,
    compared && record.lacks.length ? missingElement(`In ${compared}, not here`, record.lacks, "lack") : null);
  return { panel, tree: record.data === null ? null : body, rows, order, problems, doubts: sure.sort((a, b) => a[0] - b[0]).map(([, pointer]) => pointer) };
}

const isWrong = (mark) => Boolean(mark && (mark.kind === "mismatch" || mark.kind === "invention"));

function rowElement(row, facts, hue) {
  const classes = ["row", row.kind, isEmpty(row.value) && row.kind === "leaf" ? "empty" : "", facts.proof && facts.own ? "proven" : "", facts.unproven ? "unproven" : "", facts.mark ? `is-${facts.mark.kind}` : "", row.kind === "leaf" && isObject(row.value) && (facts.issues.length || facts.first.length || isWrong(facts.mark)) ? "whole" : ""];
  const label = row.inList ? el("span", { class: "key nth" }, row.label) : el("span", { class: "key", title: row.label }, labelOf(row.label));
  const value = row.kind === "leaf"
    ? el("span", { class: `value of-${typeof row.value}`, dir: "auto" }, valueText(row.value))
    : el("span", { class: "value muted" }, row.count === null ? "" : plural(row.count, "item"));
  return el("div", { class: classes.filter(Boolean).join(" "), role: "treeitem", tabIndex: -1, data: { pointer: row.pointer }, style: { "--h": hue, "--depth": row.depth }, aria: { level: row.depth + 1, selected: "false" } },
    label, value, el("span", { class: "tags" }, tagsOf(facts)));
}

function tagsOf(facts) {
  const tags = [];
  const { mark } = facts;
  if (isWrong(mark)) tags.push(el("span", { class: "tag wrong", title: mark.kind === "mismatch" ? `Gold says: ${valueText(mark.gold)}` : "Gold has no value here" }, mark.kind === "mismatch" ? "≠ gold" : "not in gold"));
  else if (mark?.kind === "match") tags.push(el("span", { class: "tag right", title: "Agrees with gold" }, "✓"));
  else if (mark?.kind === "optional") tags.push(el("span", { class: "tag", title: "Optional in gold" }, "optional"));
  if (facts.first.length) tags.push(el("span", { class: "tag differs", title: `The first run says: ${firstText(facts)}` }, "differs"));
  if (facts.unproven) tags.push(el("span", { class: "tag doubt", title: "No words in the text prove this value" }, "unproven"));
  if (facts.proof && facts.own && ["fuzzy", "normalised"].includes(facts.proof.kind)) tags.push(el("span", { class: "tag faint", title: KINDS[facts.proof.kind] }, facts.proof.kind));
  for (const issue of facts.issues) if (issue.code !== "unproven" || !facts.unproven) tags.push(el("span", { class: "tag warn", title: issue.message }, issue.code));
  if (facts.confidence !== null) tags.push(el("span", { class: `sure${facts.confidence < 0.5 ? " low" : ""}`, title: `Confidence ${facts.confidence.toFixed(2)}` }, facts.confidence.toFixed(2)));
  return tags;
}

/** What the first run says in place of a value. */
const firstText = (facts) => facts.first.map(({ part, gold }) => `${part ? `${labelOf(part)} ` : ""}${isEmpty(gold) ? "nothing" : shownValue(gold)}`).join(", ");

function missingElement(title, list, kind) {
  return el("div", { class: `missing ${kind}` }, el("h2", {}, title), list.map((each) => el("div", { class: "gone" }, el("span", { class: "key" }, each.path), el("span", { dir: "auto" }, shownValue(each.gold)))));
}

/** The details under the chosen row: the proof, how it was found, what gold says, and the issues in words. */
function detailElement(row, facts) {
  const lines = [];
  const { proof, mark } = facts;
  const say = (name, ...what) => lines.push(el("dt", {}, name), el("dd", { dir: "auto" }, what));
  if (proof) {
    say("Proof", el("q", {}, proof.quote), " ", el("span", { class: "muted", title: KINDS[proof.kind] }, proof.kind + (proof.score < 1 ? ` ${proof.score.toFixed(2)}` : "")));
    if (proof.words) say("Model's words", el("q", {}, proof.words));
    if (proof.rule) say("Computed by", el("code", {}, proof.rule));
    if (proof.cell) say("Cell", el("code", {}, proof.cell));
    if (proof.element) say("Element", el("code", {}, proof.element));
    if (proof.stale) say("Warning", "the text has changed: these words are no longer at this place.");
  } else if (facts.unproven) say("Proof", "none: no words in the text state this value.");
  else if (row.kind === "leaf" && !isEmpty(row.value)) say("Proof", "not needed: the model writes this field in its own words.");
  if (facts.confidence !== null) say("Confidence", facts.confidence.toFixed(2));
  if (mark && mark.kind !== "match") say("Gold", mark.kind === "invention" ? "nothing" : mark.kind === "optional" ? "optional" : valueText(mark.gold));
  if (facts.first.length) say("First run", firstText(facts));
  if (row.kind === "leaf" && isObject(row.value)) for (const [name, part] of Object.entries(row.value)) if (!isEmpty(part)) say(labelOf(name), groupedText(part));
  for (const issue of facts.issues) say(issue.code, issue.message);
  say("Place", el("code", {}, row.pointer));
  return el("dl", { class: "detail" }, lines);
}

/** Where there are no proofs, as in gold, a sum or a quantity is told by its parts: first the measure, then the unit. */
const isSum = (value) => isObject(value) && MEASURES.includes(Object.keys(value)[0]) && UNITS.includes(Object.keys(value)[1]) && Object.values(value).every((part) => part === null || typeof part !== "object");
const isOneLine = (value) => isAlternatives(value) || isSum(value);

/** The gold record as a panel. */
function goldPanel(gold, hueOf) {
  const rows = gold === null ? [] : rowsOf(gold, isOneLine);
  const free = gold?._optional ? rowsOf(gold._optional, isOneLine) : [];
  const draw = (row) => rowElement(row, { proof: null, own: false, unproven: false, confidence: null, issues: [], mark: null, first: [] }, hueOf(row.field));
  return el("div", { class: "record" },
    gold === null ? el("p", { class: "none" }, "There is no gold for this document.") : el("div", { class: "tree" }, rows.map(draw)),
    free.length ? el("div", { class: "missing" }, el("h2", {}, "Optional"), el("div", { class: "tree" }, free.map(draw))) : null);
}
