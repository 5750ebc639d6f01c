/* Calls to the server, and the edits on their way: each is kept in this browser until the server says it has it. */

const token = new URLSearchParams(location.search).get("token") || "";

/** The server did not answer, or did not take the call: `status` 0 is no answer. */
class Refused extends Error {
  constructor(status, data) {
    super(data.error || data.conflict || "no answer");
    this.status = status;
    this.data = data;
  }
}

/** Call the server; returns its answer, throws Refused. */
async function call(name, body = {}) {
  let response;
  try {
    response = await fetch(`/api/${name}`, { method: "POST", headers: { "content-type": "application/json", "x-llmx-token": token }, body: JSON.stringify(body) });
  } catch { throw new Refused(0, { error: "the server does not answer" }); }
  const answer = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** Edits of one document that the server does not have yet. `on`: taken(answer), conflict(edits), away(error | null). */
function outbox(id, version, on) {
  const key = `review.${index.gold}.${id}`;
  const kept = JSON.parse(memory.get(key) || "null");
  let edits = kept ? kept.edits : [], known = kept ? kept.version : version, sending = null, stopped = false, safe = true;

  function keep() {
    if (edits.length) safe = memory.set(key, JSON.stringify({ version: known, edits })); else memory.drop(key);
  }

  async function send() {
    while (edits.length && !stopped) {
      try {
        const answer = await call("edit", { id, version: known, ...edits[0] });
        known = answer.version;
        edits.shift();
        keep();
        on.away(null);
        on.taken(answer, edits.length);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.status === 409) { stopped = true; on.conflict([...edits]); return; }
        on.away(error);
        if (error.status === 403) { stopped = true; return; }
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
    }
  }

  const flush = () => { sending ??= send().finally(() => { sending = null; if (edits.length && !stopped) flush(); }); return sending; };
  return {
    get waiting() { return edits.length; },
    /** Whether what is waiting would be found again by a page opened anew. */
    get safe() { return safe; },
    get version() { return known; },
    set version(value) { known = value; keep(); },
    latest: () => edits.at(-1) || null,
    add(label, state) { edits.push({ label, state }); keep(); flush(); },
    idle: () => flush() || Promise.resolve(),
    drop(value) { edits = []; known = value; stopped = false; keep(); },
    restate(instead, value) { edits = instead; known = value; stopped = false; keep(); return flush(); },
    flush,
  };
}
