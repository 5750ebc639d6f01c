/* Text with places marked in it.

Records count characters as code points; JavaScript strings count UTF-16 units, two for an emoji. Everything that
crosses this border goes through `pointsOf`. */

/** Return the two conversions for `text`: toUnit(code point offset) and toPoint(UTF-16 offset), by binary search. */
function pointsOf(text) {
  const wide = []; // UTF-16 offsets of characters that take two units
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) wide.push(i++);
  }
  const before = (reached) => {
    let low = 0, high = wide.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reached(middle)) low = middle + 1; else high = middle;
    }
    return low;
  };
  return {
    length: text.length - wide.length,
    toUnit: (point) => point + before((k) => wide[k] - k < point),
    toPoint: (unit) => unit - before((k) => wide[k] < unit),
  };
}

/** Cut [0, length) where spans begin and end: [{from, to, keys}], innermost (shortest) span first in keys. */
function segmentsOf(spans, length) {
  const marks = [];
  for (const span of spans) {
    if (!(span.start < span.end && span.start >= 0 && span.end <= length)) continue;
    marks.push([span.start, 1, span], [span.end, 0, span]);
  }
  marks.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const segments = [], open = new Set();
  let at = 0;
  for (const [place, opens, span] of marks) {
    if (place > at && open.size) {
      const inner = [...open].sort((a, b) => a.end - a.start - (b.end - b.start));
      segments.push({ from: at, to: place, spans: inner });
    }
    at = place;
    if (opens) open.add(span); else open.delete(span);
  }
  return segments;
}

/** A row of a table in plain text: words set apart by blanks, tabs or bars. Two of them, one below the other, are
 * shown in letters of one width, so that their columns stand as they were written. */
const ROW = /[^\s.!?] {3,}\S|\S\t+\S|^\s*\|.*\|\s*$/;
const ROW_CHARS = 2000;

/** Render `text` into `pane`, a block a line (each with its own direction), spans as <mark>.

`spans` hold start, end (UTF-16 offsets), key and hue. Returns {marks: Map key -> [elements], keysOf(element)}. */
function renderText(pane, text, spans) {
  const marks = new Map(), keysOf = new WeakMap();
  const segments = segmentsOf(spans, text.length);
  const lines = document.createDocumentFragment();
  let next = 0, start = 0, before = null;
  while (start <= text.length) {
    const stop = text.indexOf("\n", start);
    const end = stop < 0 ? text.length : stop;
    const row = ROW.test(text.slice(start, Math.min(end, start + ROW_CHARS)));
    const line = el("div", { class: end > start ? "line" : "line blank", dir: "auto", data: { start: String(start) } });
    if (row && before) [before, line].forEach((each) => each.classList.add("fixed"));
    before = row ? line : null;
    let at = start;
    while (next > 0 && segments[next - 1].to > start) next--; // a segment may go on over the end of a line
    for (; next < segments.length && segments[next].from < end; next++) {
      const piece = segments[next];
      const from = Math.max(piece.from, start), to = Math.min(piece.to, end);
      if (from >= to) continue;
      if (from > at) line.append(text.slice(at, from));
      const mark = markOf(piece, text.slice(from, to));
      line.append(mark);
      keysOf.set(mark, piece.spans.map((span) => span.key));
      for (const span of piece.spans) marks.set(span.key, [...(marks.get(span.key) || []), mark]);
      at = to;
    }
    if (at < end) line.append(text.slice(at, end));
    lines.append(line);
    if (stop < 0) break;
    start = stop + 1;
  }
  pane.replaceChildren(lines);
  return { marks, keysOf: (element) => keysOf.get(element) || [] };
}

function markOf(piece, words) {
  const mark = el("mark", { class: "hit", style: { "--h": piece.spans[0].hue } }, words);
  const outer = piece.spans.slice(1, 3).map((span, i) => `0 ${2 * (i + 1)}px 0 oklch(0.7 0.12 ${span.hue})`);
  if (outer.length) mark.style.boxShadow = outer.join(", ");
  return mark;
}

/** Bring `element` into the middle of its scrolling pane, unless it can be seen already. */
function reveal(element, pane) {
  const box = element.getBoundingClientRect(), frame = pane.getBoundingClientRect();
  const margin = Math.min(48, frame.height / 6);
  if (box.top >= frame.top + margin && box.bottom <= frame.bottom - margin) return;
  pane.scrollTop += box.top - frame.top - Math.max(margin, (frame.height - box.height) / 2.4);
}

/** The hue of each top-level field: far from its neighbours', the same in text, tree and charts. */
function huesOf(fields) {
  const hues = new Map(fields.map((field, i) => [field, Math.round((255 + i * 137.508) % 360)]));
  return (field) => hues.get(field) ?? 255;
}

/** The UTF-16 offset in the text that `renderText` drew into `pane` of a place in the document, null outside of it. */
function unitAt(pane, node, offset) {
  const here = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  if (node === pane) {
    const line = pane.children[offset];
    return line ? Number(line.dataset.start) : textLength(pane);
  }
  const line = here.closest?.(".line");
  if (!line || !pane.contains(line)) return null;
  const before = document.createRange();
  before.setStart(line, 0);
  before.setEnd(node, offset);
  return Number(line.dataset.start) + before.toString().length;
}

function textLength(pane) {
  const last = pane.lastElementChild;
  return last ? Number(last.dataset.start) + last.textContent.length : 0;
}

/** What is selected in `pane` as {from, to} in UTF-16 offsets without white space around it, null if nothing is. */
function selectedUnits(pane, text) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!pane.contains(range.startContainer) || !pane.contains(range.endContainer)) return null;
  let from = unitAt(pane, range.startContainer, range.startOffset), to = unitAt(pane, range.endContainer, range.endOffset);
  if (from === null || to === null) return null;
  while (from < to && /\s/.test(text[from])) from++;
  while (to > from && /\s/.test(text[to - 1])) to--;
  return from < to ? { from, to } : null;
}

/** The range of the document that shows UTF-16 offsets [from, to) of the text in `pane`. */
function rangeOf(pane, from, to) {
  const range = document.createRange();
  range.setStart(...placeOf(pane, from, false));
  range.setEnd(...placeOf(pane, to, true));
  return range;
}

function placeOf(pane, unit, end) {
  const lines = pane.children;
  let low = 0, high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (Number(lines[middle].dataset.start) <= unit) low = middle; else high = middle - 1;
  }
  let left = unit - Number(lines[low].dataset.start);
  const walker = document.createTreeWalker(lines[low], NodeFilter.SHOW_TEXT);
  let node = walker.nextNode(), last = null;
  for (; node; node = walker.nextNode()) {
    if (left < node.length || (end && left === node.length)) return [node, left];
    left -= node.length;
    last = node;
  }
  return last ? [last, last.length] : [lines[low], 0];
}
