/* The names of a linked run: which were taken for one thing, and what the reviewer says of them. */

/** The dialog; returns the function that opens and closes it. */
function namesDialog() {
  const note = el("p", { class: "muted", role: "status" }), rows = el("ul", { class: "name-pairs", aria: { label: "Pairs of names" } });
  const close = el("button", { class: "quiet", type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = el("dialog", { class: "names", aria: { label: "Names" } }, el("h2", {}, "Names"), note, rows, close);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);

  const decided = { merged: "one thing", refused: "two things", open: "open" };

  function choice(pair, said, what) {
    return el("button", { type: "button", class: "quiet", aria: { pressed: String(pair.said === said), label: `${pair.name_a}, ${pair.name_b}: ${what}` }, onclick: () => tell(pair, pair.said === said ? "" : said) }, what);
  }

  function pairRow(pair) {
    return el("li", {}, el("div", {}, el("strong", { dir: "auto" }, pair.name_a), " · ", el("strong", { dir: "auto" }, pair.name_b), " ", el("span", { class: `tag${pair.decision === "open" ? " doubt" : ""}` }, `${decided[pair.decision]}, ${pair.score.toFixed(2)}`)),
      el("div", { class: "muted" }, pair.reasons.join("; "), pair.quote ? el("q", { dir: "auto" }, pair.quote) : null), el("div", { class: "choices" }, choice(pair, "same", "One thing"), choice(pair, "different", "Two things")));
  }

  function draw(answer, words) {
    note.textContent = words || (answer.pairs.length ? `${plural(answer.count, "pair")}; what you say is kept in ${answer.file}. A second press takes it back.` : "No two names of this run are alike.");
    fill(rows, answer.pairs.map(pairRow));
  }

  async function tell(pair, said) {
    const held = document.activeElement?.getAttribute("aria-label");
    try {
      const answer = await call("say", { one: pair.name_a, two: pair.name_b, said });
      draw(answer, answer.applied ? `Kept in ${answer.file}, and the run is linked anew.` : `Kept in ${answer.file}; a model was asked, so llmx link applies it.`);
      [...rows.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === held)?.focus();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      note.textContent = error.message;
    }
  }

  return () => {
    if (dialog.open) { dialog.close(); return; }
    dialog.showModal();
    call("names").then((answer) => draw(answer), (error) => { note.textContent = error.message; });
  };
}
