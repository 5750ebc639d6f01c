/* The graph of a linked run: who stands together with whom. The page carries the places; a click opens a document. */

const NODE_KINDS = { organization: "organisations", person: "persons", event: "events", other: "others" };

/** A card with the picture, and the same as a list for the keyboard and for those who hear the page. */
function graphCard(graph, { title, open, index }) {
  const size = 1200, kinds = Object.keys(NODE_KINDS).filter((kind) => graph.nodes.some((node) => node.kind === kind));
  const picture = svg("svg", { viewBox: `0 0 ${size} ${size}`, class: "chart graph", role: "img", "aria-label": `${plural(graph.nodes.length, "node")}, ${plural(graph.edges.length, "edge")}` });
  for (const [from, to, weight] of graph.edges) {
    const [a, b] = [graph.nodes[from], graph.nodes[to]];
    picture.append(svg("line", { x1: a.x, y1: a.y, x2: b.x, y2: b.y, class: "edge", "stroke-width": 1 + Math.min(5, Math.log1p(weight)) }));
  }
  for (const node of graph.nodes) {
    const also = node.names.filter((name) => name !== node.label);
    const shape = svg("g", { class: `node n-${node.kind}` }, svg("title", {}, `${node.label}, ${plural(node.weight, node.kind === "event" ? "record" : "mention")}${also.length ? `; also ${also.join(", ")}` : ""}`),
      svg("circle", { cx: node.x, cy: node.y, r: 7 + 4 * Math.log1p(node.weight) }), svg("text", { x: node.x, y: node.y - 18, "text-anchor": "middle" }, node.label.length > 32 ? `${node.label.slice(0, 31)}…` : node.label));
    shape.addEventListener("click", () => node.documents.length && open(node.documents[0]));
    picture.append(shape);
  }
  const opens = (at) => el("button", { type: "button", class: "quiet", onclick: () => open(at) }, index.documents[at].id);
  const rows = graph.nodes.map((node) => el("li", {}, el("strong", { dir: "auto" }, node.label), " ", el("span", { class: "muted" }, [NODE_KINDS[node.kind] ? node.kind : "", ...node.names.filter((name) => name !== node.label)].filter(Boolean).join(", ")), " ", node.documents.map(opens)));
  const note = graph.count > graph.nodes.length ? `The ${number(graph.nodes.length)} of ${plural(graph.count, "node")} that are named most.` : null;
  return el("section", { class: "card wide" }, el("h2", {}, title), note ? el("p", { class: "note" }, note) : null,
    el("div", { class: "legend" }, kinds.map((kind) => el("span", {}, el("i", { class: `n-${kind}` }), NODE_KINDS[kind]))), picture,
    el("details", { class: "graph-list" }, el("summary", {}, "The same as a list"), el("ul", {}, rows)));
}
