/* A list of any length of which only the rows in sight exist. */

let lists = 0;

/** Return {show(items, selected), select(item)} for the scrolling element `pane`.

`render(item)` makes a row, `choose(item)` is called when one is clicked; all rows are `height` pixels high. */
function virtualList(pane, { height, render, choose, keyOf }) {
  const named = `item-${(lists += 1)}`; // each list has ids of its own
  const body = el("div", { class: "rows", role: "presentation" });
  fill(pane, body);
  let items = [], selected = null, shown = new Map(), waiting = false;

  function draw() {
    waiting = false;
    const first = Math.max(0, Math.floor(pane.scrollTop / height) - 6);
    const last = Math.min(items.length, Math.ceil((pane.scrollTop + pane.clientHeight) / height) + 6);
    const kept = new Map();
    for (let i = first; i < last; i++) {
      const key = keyOf(items[i]);
      let row = shown.get(key);
      if (!row) {
        row = render(items[i]);
        row.classList.add("item");
        row.setAttribute("role", "option");
        row.style.height = `${height}px`;
        row.addEventListener("click", () => choose(items[i]));
        body.append(row);
      }
      row.style.transform = `translateY(${i * height}px)`;
      row.id = `${named}-${i}`;
      row.setAttribute("aria-setsize", String(items.length));
      row.setAttribute("aria-posinset", String(i + 1));
      row.setAttribute("aria-selected", String(key === selected));
      if (key === selected) pane.setAttribute("aria-activedescendant", row.id);
      kept.set(key, row);
    }
    for (const [key, row] of shown) if (!kept.has(key)) row.remove();
    shown = kept;
    if (!kept.has(selected)) pane.removeAttribute("aria-activedescendant");
  }

  function soon() {
    if (!waiting) { waiting = true; requestAnimationFrame(draw); }
  }

  pane.addEventListener("scroll", soon, { passive: true });
  new ResizeObserver(soon).observe(pane);
  return {
    show(list) {
      items = list;
      for (const row of shown.values()) row.remove();
      shown = new Map();
      body.style.height = `${items.length * height}px`;
      draw();
    },
    select(key) {
      selected = key;
      const at = items.findIndex((item) => keyOf(item) === key);
      if (at >= 0) {
        const top = at * height;
        if (top < pane.scrollTop) pane.scrollTop = top;
        else if (top + height > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + height - pane.clientHeight;
      }
      draw();
    },
    refresh(key) {
      shown.get(key)?.remove();
      shown.delete(key);
      draw();
    },
  };
}
