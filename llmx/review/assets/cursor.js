/* A cursor of words, so that words can be selected with the keyboard alone, in any script. */

/** Return the cursor over `text` as drawn in `pane`; `scroller` is what scrolls. */
function wordCursor(pane, text, scroller) {
  let words = null, from = -1, to = -1; // the words from..to are selected, to is the one that moves

  function ready() {
    if (words) return;
    words = [];
    for (const each of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text))
      if (each.isWordLike || (each.segment.trim() && !/^[\p{P}\s]+$/u.test(each.segment))) words.push([each.index, each.index + each.segment.length]);
  }

  function show() {
    const [low, high] = from <= to ? [from, to] : [to, from];
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(rangeOf(pane, words[low][0], words[high][1]));
    reveal({ getBoundingClientRect: () => boxOf(to) }, scroller);
  }

  const boxOf = (i) => rangeOf(pane, words[i][0], words[i][1]).getBoundingClientRect();

  /** The word in the next line (`by` 1) or the one before that stands nearest below or above. */
  function across(by) {
    const here = boxOf(to), middle = (here.left + here.right) / 2;
    let best = null, line = null;
    for (let i = to + by; i >= 0 && i < words.length; i += by) {
      const box = boxOf(i);
      if (Math.abs(box.top - here.top) < here.height / 2) continue;
      if (line === null) line = box.top;
      if (Math.abs(box.top - line) > here.height / 2) break;
      const far = Math.abs((box.left + box.right) / 2 - middle);
      if (best === null || far < best[1]) best = [i, far];
    }
    return best ? best[0] : to;
  }

  return {
    get on() { return from >= 0; },
    /** Begin at the words at UTF-16 offsets [start, end), or at the top. */
    start(start = 0, end = start + 1) {
      ready();
      if (!words.length) return;
      from = Math.max(0, words.findIndex((word) => word[1] > start));
      to = from;
      while (to + 1 < words.length && words[to + 1][0] < end) to++;
      show();
    },
    move(by, { extend = false, lines = false } = {}) {
      if (from < 0) return false;
      to = lines ? across(by) : Math.min(words.length - 1, Math.max(0, to + by));
      if (!extend) from = to;
      show();
      return true;
    },
    stop() {
      if (from < 0) return false;
      from = to = -1;
      getSelection().removeAllRanges();
      return true;
    },
  };
}
