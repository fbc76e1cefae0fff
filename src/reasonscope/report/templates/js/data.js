// The index is read at once; blocks of traces are unpacked when one of their traces is wanted.
const STATES = ["bad", "retracted", "good", "open", "none"];
const GLYPHS = { bad: "✕", retracted: "↶", good: "✓", open: "?", none: "·" };
const WORDS = {
  bad: "false", retracted: "false, taken back later", good: "holds",
  open: "could not tell", none: "nothing to check",
};
const SOURCES = {
  answers: "compared with the reference", verdicts: "by a verifier", source: "as the source says",
};

const byId = (id) => document.getElementById(id);

/** An element with a class and text; text never becomes markup. */
function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

function button(className, text, action) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", action);
  return element;
}

const plural = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
const outcomeWord = (correct) => (correct === null ? "unknown" : correct ? "right" : "wrong");
const outcomeGlyph = (correct) => (correct === null ? "?" : correct ? "✓" : "✕");

function sign(kind, glyph, title) {
  const element = make("span", `sign ${kind}`);
  const mark = make("i", "", glyph);
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", title);
  mark.title = title;
  element.append(mark);
  return element;
}

const index = JSON.parse(byId("index").textContent);
const rows = index.rows.map((held) =>
  Object.fromEntries(index.columns.map((name, place) => [name, held[place]])));
const words = (row, key) => index.words[key][row[key]];

const unpacked = new Map();

function block(name) {
  if (!unpacked.has(name)) unpacked.set(name, unpack(byId(name).textContent));
  return unpacked.get(name);
}

async function unpack(packed) {
  if (!("DecompressionStream" in window)) {
    throw new Error("This browser cannot unpack the traces. A browser from 2023 or later can.");
  }
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const embedded = (row) => row.block !== null;
const traceOf = async (row) => (await block(`block-${row.block}`))[row.place];
const arcsOf = async (row) => (row.arcBlock === null ? [] : (await block(`arcs-${row.arcBlock}`))[row.arcPlace]);

/** The text of a trace in lower case, for the search; kept once made. */
function searchable(trace) {
  trace.lower ??= `${trace.id}\n${trace.question}\n${trace.reasoning}\n${trace.answer}`.toLowerCase();
  return trace.lower;
}

/** The rows whose question, reasoning or answer holds the words. */
async function found(wanted, among) {
  const query = wanted.trim().toLowerCase();
  if (!query) return among;
  const kept = [];
  for (const row of among) {
    const text = embedded(row) ? searchable(await traceOf(row)) : `${row.id}\n${row.question}`.toLowerCase();
    if (text.includes(query)) kept.push(row);
  }
  return kept;
}
