/* The pages of a document as pictures, with the words of its values in boxes. One of the panes shows the text or the page.

A sheet has its size from the start, so that three hundred of them scroll like one; its picture comes when it is near and
goes when it is far. Boxes are placed in shares of the sheet: zooming moves nothing but the sheets' width. */

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
const FREE = 12; // points that stay free around a box that is brought into sight

/** Set up the pane. `on`: choose(key), hover(key | null), turned(shown). Returns the functions that the page calls. */
function paperPane(on) {
  const text = byId("text"), paper = byId("paper"), bar = byId("paper-bar"), pane = byId("text-pane");
  let pages = [], picture = null, sheets = new Map(), marks = new Map(), owners = new WeakMap(), zoom = 1, near = null;
  let wanted = memory.get("paper") !== "text"; // what the person chose last

  const sheetList = el("div", { class: "sheets", tabIndex: 0, aria: { label: "Pages" } });
  const strip = el("nav", { class: "strip", aria: { label: "Page strip" } });
  fill(paper, strip, sheetList);
  const button = (name, title, does) => el("button", { type: "button", class: "quiet", title, onclick: does }, name);
  const asText = button("Text", "Show the text", () => turn(false)), asPage = button("Page", "Show the page", () => turn(true));
  const level = el("span", { class: "muted zoom-level" });
  const zooming = el("span", { class: "zooming" }, button("−", "Smaller", () => zoomBy(-1)), level, button("+", "Larger", () => zoomBy(1)), button("Fit", "As wide as the pane", () => setZoom(1)));
  fill(bar, el("span", { class: "tabs", role: "group", aria: { label: "Text or page" } }, asText, asPage), zooming);

  function turn(shown) {
    wanted = shown;
    memory.set("paper", shown ? "page" : "text");
    arrange();
    on.turned(isShown());
  }

  const isShown = () => wanted && pages.length > 0;

  function arrange() {
    bar.hidden = !pages.length;
    paper.hidden = !isShown();
    text.hidden = isShown();
    zooming.hidden = !isShown();
    pane.classList.toggle("with-paper", isShown());
    asText.setAttribute("aria-pressed", String(!isShown()));
    asPage.setAttribute("aria-pressed", String(isShown()));
  }

  function setZoom(to) {
    const middle = (sheetList.scrollTop + sheetList.clientHeight / 2) / Math.max(1, sheetList.scrollHeight);
    zoom = to;
    level.textContent = `${Math.round(100 * to)} %`;
    sheetList.style.setProperty("--zoom", String(to));
    sheetList.scrollTop = middle * sheetList.scrollHeight - sheetList.clientHeight / 2;
  }

  function zoomBy(by) {
    const at = ZOOMS.findIndex((each) => each >= zoom - 0.001);
    setZoom(ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, at + by))]);
  }

  /** Show the pages of another document; `draws(number)` gives the picture of one as a data URL, now or later. */
  function open(list, draws) {
    pages = list || [];
    picture = draws;
    near?.disconnect();
    near = new IntersectionObserver((seen) => seen.forEach((each) => look(each.target, each.isIntersecting)), { root: sheetList, rootMargin: "900px 0px" });
    sheets = new Map(pages.map((page) => [page.number, sheetOf(page)]));
    const widest = Math.max(...pages.map((page) => page.width), 1);
    for (const [number, sheet] of sheets) sheet.style.setProperty("--share", String(pages.find((page) => page.number === number).width / widest));
    fill(sheetList, [...sheets.values()]);
    fill(strip, pages.map((page) => el("button", { type: "button", data: { page: String(page.number) }, title: `Page ${page.number}`, onclick: () => goTo(page.number) }, String(page.number))));
    for (const sheet of sheets.values()) near.observe(sheet);
    marks = new Map();
    setZoom(1);
    sheetList.scrollTop = 0;
    arrange();
    here();
  }

  function sheetOf(page) {
    return el("div", { class: "sheet", data: { page: String(page.number) }, style: { "--ratio": `${page.width || 595} / ${page.height || 842}` }, aria: { label: `Page ${page.number}` } }, el("div", { class: "boxes" }));
  }

  async function look(sheet, isNear) {
    const old = sheet.querySelector("img");
    if (!isNear) { old?.remove(); return; }
    if (old) return;
    const image = el("img", { alt: `Page ${sheet.dataset.page}`, decoding: "async" });
    sheet.prepend(image);
    const source = await picture(Number(sheet.dataset.page));
    if (source) image.src = source;
    else if (image.isConnected) { image.remove(); if (!sheet.querySelector(".no-picture")) sheet.prepend(el("p", { class: "no-picture" }, `Page ${sheet.dataset.page}: there is no picture of it here.`)); }
  }

  /** Draw the boxes of all values: `values` are {key, hue, boxes: [[page, x0, y0, x1, y1]], quote}. */
  function show(values) {
    marks = new Map();
    owners = new WeakMap();
    const parts = new Map([...sheets.keys()].map((number) => [number, []]));
    for (const value of values) {
      for (const [number, x0, y0, x1, y1] of value.boxes) {
        const page = pages.find((each) => each.number === number);
        if (!page || !page.width) continue;
        const share = (size, of) => `${(100 * size) / of}%`;
        const box = el("div", { class: "box", title: value.quote || "", style: { "--h": value.hue, left: share(x0, page.width), top: share(y0, page.height), width: share(x1 - x0, page.width), height: share(y1 - y0, page.height) } });
        owners.set(box, value.key);
        marks.set(value.key, [...(marks.get(value.key) || []), box]);
        parts.get(number).push([(x1 - x0) * (y1 - y0), box]);
      }
    }
    for (const [number, boxes] of parts) {
      boxes.sort((a, b) => b[0] - a[0]); // smaller boxes on top, so that each can be pointed at
      fill(sheets.get(number).querySelector(".boxes"), boxes.map(([, box]) => box));
      strip.querySelector(`[data-page="${number}"]`)?.classList.toggle("proves", boxes.length > 0);
    }
  }

  function goTo(number) {
    const sheet = sheets.get(number);
    if (sheet) sheetList.scrollTop = sheet.offsetTop - 12;
  }

  /** Bring the box into sight, unless it is. */
  function revealBox(box) {
    const at = box.getBoundingClientRect(), frame = sheetList.getBoundingClientRect();
    if (at.top < frame.top + FREE || at.bottom > frame.bottom - FREE) sheetList.scrollTop += at.top - frame.top - frame.height / 3;
    if (at.left < frame.left + FREE || at.right > frame.right - FREE) sheetList.scrollLeft += at.left - frame.left - frame.width / 3;
  }

  /** Mark in the strip which page is in sight. */
  function here() {
    const top = sheetList.scrollTop + sheetList.clientHeight / 3;
    let seen = null;
    for (const sheet of sheets.values()) { if (sheet.offsetTop > top && seen) break; seen = sheet; }
    const before = strip.querySelector("[aria-current]");
    if (before?.dataset.page === seen?.dataset.page) return;
    before?.removeAttribute("aria-current");
    const mark = seen && strip.querySelector(`[data-page="${seen.dataset.page}"]`);
    mark?.setAttribute("aria-current", "page");
    if (mark) reveal(mark, strip);
  }

  let waits = false;
  sheetList.addEventListener("scroll", () => { if (!waits) { waits = true; requestAnimationFrame(() => { waits = false; here(); }); } }, { passive: true });
  sheetList.addEventListener("click", (event) => { const box = event.target.closest?.(".box"); if (box) on.choose(owners.get(box)); });
  sheetList.addEventListener("mouseover", (event) => { const box = event.target.closest?.(".box"); on.hover(box ? owners.get(box) : null); });
  arrange();
  return { open, show, revealBox, turn, zoomBy, isShown, has: () => pages.length > 0, marksOf: (key) => marks.get(key) || [], keys: () => [...marks.keys()] };
}

/** The boxes of a record's proof as [page, x0, y0, x1, y1]. */
function boxesOf(proof) {
  return (proof.boxes || []).map(([x0, y0, x1, y1, page]) => [page ?? proof.page, x0, y0, x1, y1]);
}
