/* JSON pointers (RFC 6901): '/' before each part; '~' and '/' within a part are written '~0' and '~1'. */

const escapePart = (part) => String(part).replace(/~/g, "~0").replace(/\//g, "~1");
const unescapePart = (part) => part.replace(/~1/g, "/").replace(/~0/g, "~");

/** The parts of a pointer, unescaped. */
const partsOf = (pointer) => pointer.split("/").slice(1).map(unescapePart);

/** The pointer of `part` below `pointer`. */
const childOf = (pointer, part) => `${pointer}/${escapePart(part)}`;

const parentOf = (pointer) => pointer.slice(0, pointer.lastIndexOf("/"));

/** The last part, unescaped: a field's name or an element's number. */
const lastOf = (pointer) => unescapePart(pointer.slice(pointer.lastIndexOf("/") + 1));

/** Whether `pointer` is `above` or a place within it. */
const isWithin = (pointer, above) => pointer === above || pointer.startsWith(`${above}/`);

/** The top-level field that a pointer is in; of gold's optional elements, the field of their list. */
const fieldOf = (pointer) => partsOf(pointer).find((part) => part !== "_optional") ?? "";

/** The place in a list's own numbering of an element that gold keeps under `_optional`. */
const withoutOptional = (pointer) => partsOf(pointer).filter((part) => part !== "_optional").reduce(childOf, "");

/** What `found` (keyed by pointer) has at `pointer` or at the nearest place around it: [pointer, value] or null. */
function nearest(found, pointer) {
  for (let at = pointer; at; at = parentOf(at)) if (at in found) return [at, found[at]];
  return null;
}
