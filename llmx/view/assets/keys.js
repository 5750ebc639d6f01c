/* The keyboard, its help, and light or dark. */

/** Call what belongs to a key when it is pressed. `keys`: [{on: names, does, what, whileTyping, inDialog}]; a name is
KeyboardEvent.key, after "Ctrl+" (or Cmd) where that is held, and after "Shift+" for keys that are no character. */
function listen(keys) {
  const byName = new Map(keys.flatMap((key) => key.on.map((name) => [name, key])));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const key = byName.get(nameOf(event)) || byName.get(nameOf(event, event.key.toLowerCase()));
    if (!key) return;
    if (!key.whileTyping && event.target.closest?.("input, textarea, select")) return;
    if (!key.inDialog && document.querySelector("dialog[open]")) return;
    if (key.does(event) !== false) event.preventDefault();
  });
}

/** The name of what was pressed; caps lock changes nothing, a held shift does. */
function nameOf(event, character = event.key) {
  const single = event.key.length === 1;
  if (single && event.shiftKey) character = event.key;
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.shiftKey && !single ? "Shift+" : ""}${character}`;
}

/** A dialog that lists `keys`; returns the function that opens and closes it. */
function helpDialog(keys) {
  const rows = keys.filter((key) => key.what).map((key) =>
    el("div", { class: "help-row" }, el("span", {}, (key.shown || key.on).map((name) => el("kbd", {}, name))), el("span", {}, key.what)));
  const close = el("button", { class: "quiet", type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = el("dialog", { class: "help", aria: { label: "Keyboard" } }, el("h2", {}, "Keyboard"), el("div", { class: "help-rows" }, rows), close);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  return () => (dialog.open ? dialog.close() : dialog.showModal());
}

/** Take the theme that was chosen last; returns the function that turns light into dark and back. */
function theming(button) {
  const dark = () => (document.documentElement.style.colorScheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { button.title = dark() ? "Light (t)" : "Dark (t)"; button.setAttribute("aria-label", button.title); };
  const kept = memory.get("theme");
  if (kept === "dark" || kept === "light") document.documentElement.style.colorScheme = kept;
  const turn = () => {
    document.documentElement.style.colorScheme = dark() ? "light" : "dark";
    memory.set("theme", document.documentElement.style.colorScheme);
    name();
  };
  button.addEventListener("click", turn);
  name();
  return turn;
}
