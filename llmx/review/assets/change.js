/* What can be done to a state {gold, notes}. Each function changes the copy that it is given. */

function valueAt(gold, pointer) {
  return partsOf(pointer).reduce((value, token) => (value === null || value === undefined ? undefined : value[token]), gold);
}

function setValue(gold, pointer, value) {
  const tokens = partsOf(pointer), last = tokens.pop();
  let here = gold;
  for (const token of tokens) {
    if (here[token] === null || typeof here[token] !== "object") here[token] = {};
    here = here[token];
  }
  here[last] = value;
}

/** The pointer of the list element that is, or encloses, the value at `pointer`; null if there is none. */
function elementOf(gold, pointer) {
  for (let at = pointer; at; at = parentOf(at)) if (Array.isArray(valueAt(gold, parentOf(at))) && lastOf(parentOf(at)) !== "any") return at;
  return null;
}

/** Forget the notes at and under `pointer`, and return them by the rest of their pointers. */
function liftNotes(notes, pointer) {
  const lifted = {};
  for (const key of Object.keys(notes)) {
    if (!isWithin(key, pointer)) continue;
    lifted[key.slice(pointer.length)] = notes[key];
    delete notes[key];
  }
  return lifted;
}

function layNotes(notes, pointer, lifted) {
  for (const [rest, note] of Object.entries(lifted)) notes[pointer + rest] = note;
}

/** Give a value to a leaf. `note` replaces what was known of it. */
function giveValue(state, pointer, value, note) {
  liftNotes(state.notes, pointer);
  const old = valueAt(state.gold, pointer);
  setValue(state.gold, pointer, isAlternatives(old) ? { any: [value, ...old.any.slice(1).filter((each) => !same(each, value))] } : value);
  state.notes[pointer] = note;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** One more right answer for the value at `pointer`; false if it is there already. */
function addAlternative(state, pointer, value) {
  const old = valueAt(state.gold, pointer);
  const answers = isAlternatives(old) ? old.any : [old ?? null];
  if (answers.some((each) => same(each, value))) return false;
  setValue(state.gold, pointer, { any: [...answers, value] });
  state.notes[pointer] = { ...(state.notes[pointer] || {}), how: "corrected" };
  return true;
}

function dropAlternative(state, pointer, number) {
  const old = valueAt(state.gold, pointer);
  if (!isAlternatives(old)) return false;
  const left = old.any.filter((_, i) => i !== number);
  setValue(state.gold, pointer, left.length === 1 ? left[0] : { any: left });
  state.notes[pointer] = { ...(state.notes[pointer] || {}), how: "corrected" };
  return true;
}

/** Take a list element out; the notes of those behind it move up. */
function removeElement(state, pointer) {
  const list = valueAt(state.gold, parentOf(pointer)), at = Number(lastOf(pointer));
  list.splice(at, 1);
  liftNotes(state.notes, pointer);
  for (let i = at + 1; i <= list.length; i++) layNotes(state.notes, childOf(parentOf(pointer), i - 1), liftNotes(state.notes, childOf(parentOf(pointer), i)));
  const free = parentOf(parentOf(pointer));
  if (lastOf(free) === "_optional" && !list.length) { // an empty list of optional elements says nothing
    const holder = valueAt(state.gold, free);
    delete holder[lastOf(parentOf(pointer))];
    if (!Object.keys(holder).length) delete valueAt(state.gold, parentOf(free))["_optional"];
  }
}

/** Add `value` to the list at `pointer`; returns the new element's pointer. */
function addElement(state, pointer, value) {
  if (!Array.isArray(valueAt(state.gold, pointer))) setValue(state.gold, pointer, []);
  const list = valueAt(state.gold, pointer);
  list.push(value);
  return childOf(pointer, list.length - 1);
}

/** Make a list element optional (gold may list it or not), or required again; returns where it is now. */
function turnOptional(state, pointer) {
  const value = valueAt(state.gold, pointer), list = parentOf(pointer), name = lastOf(list), holder = parentOf(list);
  const lifted = liftNotes(state.notes, pointer);
  const target = lastOf(holder) === "_optional" ? childOf(parentOf(holder), name) : childOf(childOf(holder, "_optional"), name);
  removeElement(state, pointer);
  const now = addElement(state, target, value);
  layNotes(state.notes, now, lifted);
  const note = state.notes[now];
  state.notes[now] = { ...(note || {}), how: note && note.how !== "run" ? note.how : "accepted" };
  return now;
}

/** The leaves of two golds that differ: [{pointer, mine, theirs}]. */
function differencesOf(mine, theirs) {
  const flat = (gold) => new Map(rowsOf(gold, isAlternatives).filter((row) => row.kind === "leaf").map((row) => [row.pointer, row.value]));
  const free = (gold) => new Map(rowsOf(gold._optional || {}, isAlternatives).filter((row) => row.kind === "leaf").map((row) => [`/_optional${row.pointer}`, row.value]));
  const a = new Map([...flat(mine), ...free(mine)]), b = new Map([...flat(theirs), ...free(theirs)]);
  return [...new Set([...a.keys(), ...b.keys()])].filter((pointer) => !same(a.get(pointer), b.get(pointer)))
    .map((pointer) => ({ pointer, mine: a.get(pointer), theirs: b.get(pointer) }));
}
