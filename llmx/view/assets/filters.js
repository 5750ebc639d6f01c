/* What documents are filtered and ordered by: fields, issues, confidence, status. `facets` of a document are by field. */

const SURE = [0.95, 0.9, 0.75, 0.5];
const facetsOf = (d, field) => (field ? [d.facets[field] || {}] : Object.values(d.facets));

/** The lowest confidence of a document, or of one of its fields; 2 where none is known. */
const leastSure = (d, field) => Math.min(2, ...facetsOf(d, field).map((facet) => facet.sure ?? 2));

/** A select with a name for those who hear the page; `options` are [value, text]. */
function selectOf(name, options, changed) {
  const made = el("select", { class: "select", title: name, aria: { label: name } }, options.map(([value, text]) => el("option", { value }, text)));
  made.addEventListener("change", () => changed(made.value));
  return made;
}

/** Fill `pane` with the selects. Returns {field(), passes(d), ordered(list)}; `changed()` is called at every choice. */
function facetFilter(pane, { documents, fields, statusOf = null, changed }) {
  const chosen = { field: "", holds: "", code: "", below: 0, status: "", order: "" };
  const tally = (values) => { const counts = new Map(); for (const d of documents) for (const value of new Set(values(d))) counts.set(value, (counts.get(value) || 0) + 1); return [...counts].sort((a, b) => b[1] - a[1]); };
  const set = (name, read = (value) => value) => (value) => { chosen[name] = read(value); arrange(); changed(); };
  const codes = tally((d) => Object.values(d.facets).flatMap((facet) => facet.codes || []));
  const known = documents.some((d) => leastSure(d, "") < 2);
  const holds = selectOf("With or without a value", [["", "with or without a value"], ["yes", "with a value"], ["no", "without a value"]], set("holds"));
  const selects = [
    fields.length ? selectOf("Field", [["", "any field"], ...fields.map((field) => [field, labelOf(field)])], set("field")) : null,
    holds,
    codes.length ? selectOf("Issue", [["", "any issue or none"], ["*", "any issue"], ...codes.map(([code, n]) => [code, `${code} (${number(n)})`])], set("code")) : null,
    known ? selectOf("Confidence", [["", "any confidence"], ...SURE.map((least) => [String(least), `confidence below ${least}`])], set("below", Number)) : null,
    statusOf ? selectOf("Status", [["", "any status"], ...tally((d) => [statusOf(d)]).map(([status, n]) => [status, `${status} (${number(n)})`])], set("status")) : null,
    known ? selectOf("Order", [["", "in the run's order"], ["sure", "least certain first"]], set("order")) : null,
  ].filter(Boolean);
  const arrange = () => { if (!chosen.field) { chosen.holds = ""; holds.value = ""; } holds.hidden = !chosen.field; };
  fill(pane, selects);
  arrange();

  function passes(d) {
    const { field, code, below } = chosen, facets = facetsOf(d, field);
    if (chosen.holds && facets.some((facet) => facet.n > 0) !== (chosen.holds === "yes")) return false;
    if (code && !facets.some((facet) => (code === "*" ? facet.codes?.length : facet.codes?.includes(code)))) return false;
    if (below && leastSure(d, field) >= below) return false;
    return !chosen.status || statusOf(d) === chosen.status;
  }
  return {
    field: () => chosen.field,
    passes,
    ordered: (list) => (chosen.order ? [...list].sort((a, b) => leastSure(a, chosen.field) - leastSure(b, chosen.field)) : list),
  };
}
