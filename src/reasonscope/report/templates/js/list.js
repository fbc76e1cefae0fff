// The list of traces: filters, order, search, and rows made as one scrolls.
const MORE_ROWS = 80;
const list = byId("list") ?? make("ul");
const filters = {};
let shown = [];
let made = 0;
let searching = 0;

const ORDERS = {
  telling: (a, b) => a.telling - b.telling || b.wrong - a.wrong || b.chars - a.chars,
  longest: (a, b) => b.chars - a.chars,
  shortest: (a, b) => a.chars - b.chars,
  outcome: (a, b) => rankOf(a) - rankOf(b) || b.chars - a.chars,
  wrong: (a, b) => b.wrong - a.wrong || b.retracted - a.retracted,
};
const rankOf = (row) => (row.correct === null ? 1 : row.correct ? 2 : 0);

const HOLDS = {
  wrong: (row) => row.wrong > 0,
  retracted: (row) => row.retracted > 0,
  firstError: (row) => row.correct === false && row.firstError !== null,
  lost: (row) => row.correct === false && row.firstError === null,
  unchecked: (row) => row.checked === 0,
};

function passes(row) {
  const least = Number(filters.least.value || 0);
  const most = Number(filters.most.value || Infinity);
  return (!filters.outcome.value || String(row.correct) === filters.outcome.value)
    && (!filters.has.value || HOLDS[filters.has.value](row))
    && ["model", "family", "condition"].every((key) => !filters[key].value || row[key] === Number(filters[key].value))
    && row.chars >= least && row.chars <= most;
}

/** Apply filters, search and order, and show the result. */
async function refresh() {
  const turn = (searching += 1);
  const among = rows.filter(passes);
  const kept = await found(byId("query").value, among);
  if (turn !== searching) return;
  shown = kept.sort((a, b) => Number(embedded(b)) - Number(embedded(a)) || ORDERS[filters.order.value](a, b) || (a.id < b.id ? -1 : 1));
  made = 0;
  list.replaceChildren();
  list.scrollTop = 0;
  addRows();
  const known = plural(rows.length, "trace");
  byId("count").textContent = shown.length === rows.length ? known : `${shown.length.toLocaleString("en")} of ${known}`;
  if (!shown.length) list.append(make("li", "row", "No trace fits these filters."));
  mark();
}

function addRows(upTo = made + MORE_ROWS) {
  const last = Math.min(shown.length, upTo);
  for (; made < last; made += 1) list.append(rowElement(shown[made], made));
}

function rowElement(row, place) {
  const element = make("li", embedded(row) ? "row" : "row absent");
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  element.tabIndex = -1;
  element.dataset.place = String(place);
  const word = outcomeWord(row.correct);
  element.append(sign(word, outcomeGlyph(row.correct), `${word} answer`));
  const asked = make("span", "asked", row.question || "(no question)");
  asked.dir = "auto";
  element.append(asked, make("span", "facts", factsOf(row)));
  if (row.glance) element.append(glanceOf(row.glance));
  return element;
}

function factsOf(row) {
  const parts = [`${row.chars.toLocaleString("en")} characters`, plural(row.steps, "step")];
  if (row.wrong) parts.push(`${row.wrong} ${GLYPHS.bad}`);
  if (row.retracted) parts.push(`${row.retracted} ${GLYPHS.retracted}`);
  if (!embedded(row)) parts.push("text not in this page");
  for (const key of ["model", "family", "condition"]) {
    if (index.words[key].length > 1 && words(row, key)) parts.push(words(row, key));
  }
  return parts.join(" · ");
}

/** The steps' states as a thin band of colour. */
function glanceOf(glance) {
  const band = make("span", "glance");
  band.setAttribute("aria-hidden", "true");
  const stops = [...glance].map((digit, i) => {
    const colour = `var(--${STATES[Number(digit)]}-cell)`;
    return `${colour} ${(100 * i) / glance.length}% ${(100 * (i + 1)) / glance.length}%`;
  });
  band.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  return band;
}

/** Show which row is open, and let only that row be reached by Tab. */
function mark(focus = false) {
  const place = Math.max(shown.indexOf(open.row), 0);
  if (place >= made) addRows(place + MORE_ROWS);
  for (const element of list.querySelectorAll("[role=option]")) {
    const chosen = Number(element.dataset.place) === place;
    const isOpen = chosen && shown[place] === open.row;
    element.setAttribute("aria-selected", String(isOpen));
    element.tabIndex = chosen ? 0 : -1;
    if (!isOpen) continue;
    const [top, bottom] = [element.offsetTop - list.offsetTop, element.offsetTop - list.offsetTop + element.offsetHeight];
    if (top < list.scrollTop) list.scrollTop = top;
    if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
    if (focus) element.focus({ preventScroll: true });
  }
}

function moveTrace(by) {
  if (!shown.length) return;
  const now = shown.indexOf(open.row);
  const next = now < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, now + by));
  const focus = list.contains(document.activeElement);
  if (shown[next] !== open.row) openTrace(shown[next], null, true);
  mark(focus);
}

function startList() {
  for (const key of ["outcome", "has", "order", "model", "family", "condition", "least", "most"]) filters[key] = byId(key);
  for (const key of ["model", "family", "condition"]) {
    index.words[key].forEach((word, number) => {
      const option = make("option", "", word || "(none)");
      option.value = String(number);
      filters[key].append(option);
    });
    document.querySelector(`[data-word=${key}]`).hidden = index.words[key].length < 2;
  }
  let pause = 0;
  for (const element of Object.values(filters)) element.addEventListener("input", () => { refresh(); });
  byId("query").addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(refresh, 150); });
  list.addEventListener("scroll", () => {
    if (list.scrollTop + list.clientHeight > list.scrollHeight - 600) addRows();
  });
  const choose = (event) => {
    const row = shown[Number(event.target.closest("[role=option]")?.dataset.place ?? NaN)];
    if (row) { openTrace(row, null, true).then(() => { mark(true); showReader(); }); }
  };
  list.addEventListener("click", choose);
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(event); }
  });
}
