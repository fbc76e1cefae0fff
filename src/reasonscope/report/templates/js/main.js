// Start: theme, help, printing, and the trace that the address names.
const THEMES = ["auto", "light", "dark"];

function startTheme() {
  const toggle = byId("theme");
  let theme = "auto";
  try { theme = window.localStorage.getItem("reasonscope-theme") ?? "auto"; } catch { /* no storage */ }
  const apply = () => {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    toggle.textContent = `Theme: ${THEMES.includes(theme) ? theme : "auto"}`;
    redraw();
  };
  toggle.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try { window.localStorage.setItem("reasonscope-theme", theme); } catch { /* no storage */ }
    apply();
  });
  toggle.hidden = false;
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  apply();
}

function redraw() {
  readColours();
  if (open.trace) open.strip.draw(open.step);
}

/** The row and step that the address names, if any. */
function addressed() {
  const said = new URLSearchParams(window.location.hash.slice(1));
  const id = said.get("trace");
  const row = id ? rows.find((held) => held.id.startsWith(id)) : undefined;
  const step = Number.parseInt(said.get("step") ?? "", 10);
  return { row, step: Number.isFinite(step) ? step - 1 : null };
}

async function followAddress() {
  const { row, step } = addressed();
  if (!row) return false;
  await openTrace(row, step, false);
  mark();
  byId("traces").scrollIntoView({ block: "start" });
  return true;
}

function startPrinting() {
  const opened = [];
  window.addEventListener("beforeprint", () => {
    for (const held of document.querySelectorAll("main details:not([open])")) { held.open = true; opened.push(held); }
    open.prose?.fillAll();
    redraw();
  });
  window.addEventListener("afterprint", () => {
    for (const held of opened.splice(0)) held.open = false;
    redraw();
  });
}

function startHelp() {
  const help = byId("help");
  byId("help-open").addEventListener("click", () => help.showModal());
  byId("help-close").addEventListener("click", () => help.close());
}

/** The list of panels closes once one is chosen; a folded panel opens when one goes to it. */
function startContents() {
  const contents = byId("contents");
  const unfold = () => {
    const wanted = window.location.hash.startsWith("#panel-") ? byId(window.location.hash.slice(1)) : null;
    const folded = wanted?.querySelector(":scope > details");
    if (folded) folded.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  if (!contents) return;
  contents.addEventListener("click", (event) => { if (event.target.closest("a")) contents.open = false; });
  document.addEventListener("click", (event) => { if (!contents.contains(event.target)) contents.open = false; });
  contents.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !contents.open) return;
    contents.open = false;
    contents.querySelector("summary").focus();
  });
}

async function start() {
  startTheme();
  startContents();
  startPrinting();
  if (!byId("bench")) return;
  byId("bench").hidden = false;
  startHelp();
  startList();
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", followAddress);
  new ResizeObserver(redraw).observe(reader);
  await refresh();
  if (!(await followAddress()) && shown.length) {
    await openTrace(shown[0], null, false);
    mark();
  }
}

start().finally(() => { document.documentElement.dataset.ready = "true"; });
