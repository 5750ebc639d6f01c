/* The documents of the page: there at once in a small page; in a large one packed in groups that are unpacked when wanted. */

/** Return {get(at), each(visit), packed}: `get` gives a document, or a promise of it where its group has to be unpacked. */
function documentStore(most = 64) {
  const groups = embedded("groups"), kept = new Map(), unpacked = new Map();

  const groupOf = (at) => { let low = 0, high = groups.firsts.length - 1; while (low < high) { const middle = (low + high + 1) >> 1; if (groups.firsts[middle] <= at) low = middle; else high = middle - 1; } return low; };

  async function textOf(number) {
    const stream = new Blob([bytesOf(byId(`g${number}`).textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  const unpack = async (number) => JSON.parse(await textOf(number));

  function fromGroup(at) {
    const number = groupOf(at), found = unpacked.get(number);
    if (found && !found.then) return found[at - groups.firsts[number]];
    if (!found) {
      if (unpacked.size >= 6) unpacked.delete(unpacked.keys().next().value);
      unpacked.set(number, unpack(number).then((list) => { if (unpacked.has(number)) unpacked.set(number, list); return list; }));
    }
    return unpacked.get(number).then((list) => list[at - groups.firsts[number]]);
  }

  function get(at) {
    if (groups) return fromGroup(at);
    if (!kept.has(at)) {
      if (kept.size > most) kept.delete(kept.keys().next().value);
      kept.set(at, embedded(`d${at}`));
    }
    return kept.get(at);
  }

  /** Call `visit(document, at)` for the documents of a packed page, group by group; it stops when `goesOn(share)` says no.
  A group is passed over where `holds(text, first, last)` says that nothing in its JSON or its numbers is looked for. */
  async function each(visit, { holds, goesOn }) {
    for (let number = 0; number < groups.firsts.length; number++) {
      const text = await textOf(number), first = groups.firsts[number];
      if (holds(text, first, groups.firsts[number + 1] ?? groups.documents)) JSON.parse(text).forEach((each, i) => visit(each, first + i));
      if (!goesOn((number + 1) / groups.firsts.length)) return;
    }
  }
  return { get, each, packed: Boolean(groups) };
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
