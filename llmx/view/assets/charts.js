/* Charts as inline SVG, drawn from the figures that the page carries. */

const inkOf = (i) => `var(--run-${i % 6})`;
const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(share === 1 || share === 0 ? 0 : 1)} %`);

function card(title, note, ...inside) {
  return el("section", { class: "card" }, el("h2", {}, title), note ? el("p", { class: "note" }, note) : null, inside);
}

/** The width of a chart in its own units: fewer on a phone, so that its words can be read. */
const chartWidth = () => (matchMedia("(max-width: 720px)").matches ? 370 : 560);

function legend(runs) {
  if (runs.length < 2) return null;
  return el("div", { class: "legend" }, runs.map((run, i) => el("span", {}, el("i", { style: { background: inkOf(i) } }), run.name)));
}

/** Horizontal bars, a row a field, a bar a run. `rows`: [{label, values: [0..1 | null], titles}]. */
function shareBars(rows, runs) {
  const wide = chartWidth(), left = Math.max(0.3 * wide, 130), bar = 12, gap = runs.length > 1 ? 9 : 12;
  const tall = rows.length * (bar * runs.length + gap) + 26;
  const x = (share) => left + share * (wide - left - 52);
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${tall}`, class: "chart", role: "img", "aria-label": "F1 by field" });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    picture.append(svg("line", { x1: x(share), x2: x(share), y1: 0, y2: tall - 20, class: "grid" }));
    picture.append(svg("text", { x: x(share), y: tall - 6, class: "tick", "text-anchor": "middle" }, String(share)));
  }
  rows.forEach((row, i) => {
    const top = i * (bar * runs.length + gap) + 6;
    picture.append(svg("text", { x: left - 12, y: top + (bar * runs.length) / 2 + 4, class: "label", "text-anchor": "end" }, row.label));
    row.values.forEach((share, r) => {
      const y = top + r * bar;
      if (share === null) {
        picture.append(svg("text", { x: x(0) + 6, y: y + bar - 2, class: "tick" }, "nothing to find"));
        return;
      }
      const shape = svg("rect", { x: x(0), y, width: Math.max(2, x(share) - x(0)), height: bar - 2, rx: 2, fill: inkOf(r) });
      shape.append(svg("title", {}, row.titles[r]));
      picture.append(shape, svg("text", { x: x(share) + 6, y: y + bar - 3, class: "figure" }, share.toFixed(2)));
    });
  });
  return picture;
}

/** The reliability curve: how sure a run was against how often it was right; dots grow with the number of values. */
function reliabilityChart(runs) {
  const size = 320, pad = 40;
  const at = (share) => pad + share * (size - pad - 14);
  const up = (share) => size - at(share);
  const picture = svg("svg", { viewBox: `0 0 ${size} ${size}`, class: "chart square", role: "img", "aria-label": "Calibration" });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    picture.append(svg("line", { x1: at(share), x2: at(share), y1: up(0), y2: up(1), class: "grid" }));
    picture.append(svg("line", { x1: at(0), x2: at(1), y1: up(share), y2: up(share), class: "grid" }));
    picture.append(svg("text", { x: at(share), y: size - 24, class: "tick", "text-anchor": "middle" }, String(share)));
    picture.append(svg("text", { x: pad - 7, y: up(share) + 4, class: "tick", "text-anchor": "end" }, String(share)));
  }
  picture.append(svg("line", { x1: at(0), x2: at(1), y1: up(0), y2: up(1), class: "ideal" }));
  picture.append(svg("text", { x: at(0.5), y: size - 6, class: "tick", "text-anchor": "middle" }, "confidence"));
  picture.append(svg("text", { x: 0, y: 0, class: "tick", "text-anchor": "middle", transform: `translate(10 ${up(0.5)}) rotate(-90)` }, "share right"));
  runs.forEach((run, r) => {
    const bins = run.report?.confidence?.bins || [];
    const most = Math.max(1, ...bins.map((bin) => bin.count));
    if (!bins.length) return;
    picture.append(svg("polyline", { points: bins.map((bin) => `${at(bin.confidence)},${up(bin.accuracy)}`).join(" "), fill: "none", stroke: inkOf(r), "stroke-width": 2 }));
    for (const bin of bins) {
      const dot = svg("circle", { cx: at(bin.confidence), cy: up(bin.accuracy), r: 3 + 5 * Math.sqrt(bin.count / most), fill: inkOf(r), class: "dot" });
      dot.append(svg("title", {}, `${run.name}: ${plural(bin.count, "value")} with confidence around ${bin.confidence.toFixed(2)}, ${percent(bin.accuracy)} right`));
      picture.append(dot);
    }
  });
  return picture;
}

/** One thin bar a document, largest first; a click opens the document. `values`: [{at, value, parts?, title}]. */
function documentBars(values, { unit, ink, open }) {
  const wide = chartWidth(), tall = 150, bottom = 22, left = 44;
  const sorted = [...values].sort((a, b) => b.value - a.value);
  const most = Math.max(1e-9, ...sorted.map((each) => each.value));
  const step = (wide - left) / Math.max(sorted.length, 12);
  const up = (value) => (tall - bottom) * (1 - value / most) + 8 * (value / most);
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${tall}`, class: "chart", role: "img", "aria-label": unit });
  for (const share of [0.5, 1]) {
    const label = most * share;
    picture.append(svg("line", { x1: left, x2: wide, y1: up(label), y2: up(label), class: "grid" }));
    picture.append(svg("text", { x: left - 6, y: up(label) + 4, class: "tick", "text-anchor": "end" }, shortNumber(label)));
  }
  sorted.forEach((each, i) => {
    const group = svg("g", { class: "bar", tabindex: -1 }, svg("title", {}, each.title));
    let base = tall - bottom;
    for (const [part, fade] of each.parts || [[each.value, 1]]) {
      const height = (tall - bottom - up(most)) * (part / most);
      base -= height;
      group.append(svg("rect", { x: left + i * step + step * 0.1, y: base, width: Math.max(0.6, step * 0.8), height: Math.max(0.4, height), fill: ink, opacity: fade }));
    }
    group.addEventListener("click", () => open(each.at));
    picture.append(group);
  });
  picture.append(svg("line", { x1: left, x2: wide, y1: tall - bottom, y2: tall - bottom, class: "axis" }));
  picture.append(svg("text", { x: left, y: tall - 6, class: "tick" }, `${plural(sorted.length, "document")}, largest first`));
  return picture;
}

const shortNumber = (value) => (value >= 1e6 ? `${number(value / 1e6, 1)}M` : value >= 1e4 ? `${number(value / 1e3, 0)}k` : number(value, value < 1 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0));

/** Bars of counts: [{label, count, hue?}]. */
function countBars(rows) {
  const most = Math.max(1, ...rows.map((row) => row.count));
  return el("div", { class: "counts" }, rows.map((row) => el("div", { class: "count" },
    el("span", { class: "what" }, row.label),
    el("span", { class: "rail" }, el("i", { class: row.tone || "", style: { width: `${(100 * row.count) / most}%` } })),
    el("span", { class: "figure" }, number(row.count)))));
}

/** Everything that people would rather look at than read. */
function figuresPage(index, graphs, open) {
  const { runs, documents } = index;
  const scored = runs.filter((run) => run.report);
  const page = el("main", { class: "figures", tabIndex: 0, aria: { label: "Figures" } }, el("h1", { class: "unseen" }, "Figures"), summaryTable(index));
  const cards = el("div", { class: "cards" });
  if (scored.length) {
    const paths = [...new Set(scored.flatMap((run) => Object.keys(run.report.fields)))];
    const rows = paths.map((path) => {
      const counts = runs.map((run) => run.report?.fields[path]);
      return {
        label: path,
        values: counts.map((c) => (!c || !(c.match + c.mismatch + c.omission + c.invention) ? null : c.f1)),
        titles: counts.map((c, i) => (c ? `${runs[i].name}: ${c.match} right, ${c.mismatch} different, ${c.omission} missed, ${c.invention} invented` : "")),
      };
    });
    cards.append(card("F1 by field", "How well each field agrees with gold, 1 is best.", legend(runs), shareBars(rows, runs)));
  }
  const curves = scored.filter((run) => run.report.confidence);
  if (curves.length) {
    const note = curves.map((run) => {
      const sure = run.report.confidence;
      return `${runs.length > 1 ? `${run.name}: ` : ""}${runs.length > 1 ? "off" : "Off"} by ${sure.ece.toFixed(2)} on average (ECE)${sure.auroc === null ? "" : `, tells right from wrong ${percent(sure.auroc)} of the time (AUROC)`}, ${plural(sure.count, "value")}.`;
    }).join(" ");
    cards.append(card("Calibration", `On the dashed line, confidence says how often a value is right. ${note}`, legend(runs), reliabilityChart(runs)));
  }
  const codes = new Map();
  for (const each of documents) for (const list of each.codes) for (const code of list || []) codes.set(code, (codes.get(code) || 0) + 1);
  const issueRows = [...codes].sort((a, b) => b[1] - a[1]).slice(0, 14).map(([label, count]) => ({ label, count, tone: "warn" }));
  if (issueRows.length) cards.append(card("Issues by kind", runs.length > 1 ? "All runs together." : null, countBars(issueRows)));
  runs.forEach((run, r) => {
    const suffix = runs.length > 1 ? ` · ${run.name}` : "";
    const of = (value, title, parts) => documents.filter((each) => value(each) > 0).map((each) => ({ at: each.at, value: value(each), title: `${each.id}: ${title(each)}`, parts: parts?.(each) }));
    const seconds = of((d) => d.seconds[r], (d) => `${number(d.seconds[r], 2)} s`);
    if (seconds.length) cards.append(card(`Seconds by document${suffix}`, null, documentBars(seconds, { unit: "seconds", ink: inkOf(r), open })));
    const tokens = of((d) => d.tokens[r][0] + d.tokens[r][1], (d) => `${number(d.tokens[r][0])} in, ${number(d.tokens[r][1])} out`, (d) => [[d.tokens[r][0], 0.45], [d.tokens[r][1], 1]]);
    if (tokens.length) cards.append(card(`Tokens by document${suffix}`, "Light: read. Full: written.", documentBars(tokens, { unit: "tokens", ink: inkOf(r), open })));
    const cost = of((d) => d.cost[r], (d) => `$${number(d.cost[r], 5)}`);
    if (cost.length) cards.append(card(`Cost by document${suffix}`, "US dollars by OpenAI's list price for this model.", documentBars(cost, { unit: "US dollars", ink: inkOf(r), open })));
  });
  (graphs || []).forEach((graph, r) => { if (graph?.nodes.length) page.append(graphCard(graph, { title: `Who stands together${runs.length > 1 ? ` · ${runs[r].name}` : ""}`, open, index })); });
  page.append(cards);
  return page;
}

function summaryTable(index) {
  const head = ["Run", "Model", "Documents", "ok", "Values", "Proven"];
  const anyGold = index.runs.some((run) => run.report), anyCost = index.runs.some((run) => run.cost !== null);
  if (anyGold) head.push("F1", "Precision", "Recall", "Exact");
  head.push("Tokens", "Seconds");
  if (anyCost) head.push("Cost");
  const rows = index.runs.map((run, i) => {
    const micro = run.report?.micro;
    const cells = [el("span", { class: "run-name" }, el("i", { style: { background: inkOf(i) } }), run.name, run.torn ? el("span", { class: "tag warn", title: "The last record of this run is torn: the run was interrupted." }, "interrupted") : null), run.models.map(nameOfModel).join(", ") || "–",
      number(run.documents), percent(run.documents ? (run.statuses.ok || 0) / run.documents : null), number(run.values), percent(run.sought ? run.proven / run.sought : null)];
    if (anyGold) cells.push(micro ? micro.f1.toFixed(3) : "–", percent(micro?.precision), percent(micro?.recall), percent(run.report?.exact_match));
    cells.push(number(run.input_tokens + run.output_tokens), number(run.seconds, 1));
    if (anyCost) cells.push(run.cost === null ? "–" : `$${number(run.cost, 4)}`);
    return el("tr", {}, cells.map((cell) => el("td", {}, cell)));
  });
  return el("div", { class: "scroll", tabIndex: 0, role: "group", aria: { label: "Runs" } }, el("table", { class: "summary" }, el("thead", {}, el("tr", {}, head.map((each) => el("th", {}, each)))), el("tbody", {}, rows)));
}
