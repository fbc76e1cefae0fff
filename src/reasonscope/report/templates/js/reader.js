// The reader: question and answers, the strip, the current step with its verdicts, the whole text.
const reader = byId("reader") ?? make("article");
const open = { row: null, trace: null, step: 0, strip: null, prose: null, card: null, where: null };

/** Open a trace at a step (null: its first error, else its first step). */
async function openTrace(row, step, keep) {
  open.row = row;
  if (!embedded(row)) { showAbsent(row, keep); return; }
  let trace;
  let arcs;
  try {
    [trace, arcs] = await Promise.all([traceOf(row), arcsOf(row)]);
  } catch (error) {
    reader.replaceChildren(make("p", "ask failed", error.message));
    return;
  }
  if (open.row !== row) return;
  prepare(trace, row, arcs);
  open.prose?.stop();
  open.trace = trace;
  open.step = 0;
  reader.replaceChildren(askOf(row, trace), fixedOf(trace), spreadOf(trace));
  reader.scrollTop = 0;
  const first = row.firstError !== null && row.firstError < trace.ends.length ? row.firstError : 0;
  setStep(step ?? first, keep, step !== null);
}

/** What is derived from a trace once: lengths of steps, its outcome, its false steps. */
function prepare(trace, row, arcs) {
  if (trace.lengths) return;
  prepareMarks(trace, arcs);
  trace.lengths = trace.ends.map((end, i) => end - (i ? trace.ends[i - 1] : 0));
  trace.correct = row.correct;
  trace.firstError = row.firstError ?? -1;
  trace.errors = [...trace.states].flatMap((digit, i) => (digit === "0" ? [i] : []));
}

function showAbsent(row, keep) {
  open.trace = null;
  const box = make("div", "ask");
  box.append(make("p", "question text", row.question));
  box.append(make("p", "about-trace", "This trace's text is not in the page, which would grow too large. See it with:"));
  box.append(make("pre", "", `reasonscope show STUDY ${row.id}`));
  reader.replaceChildren(box);
  if (keep) remember(row, null);
}

function askOf(row, trace) {
  const box = make("div", "ask");
  const question = make("p", "question text", trace.question || "(no question)");
  question.dir = "auto";
  box.append(question);
  if (trace.choices.length) {
    const choices = make("ol", "choices");
    choices.type = "A";
    for (const choice of trace.choices) choices.append(make("li", "text", choice));
    box.append(choices);
  }
  const pair = make("dl", "pair");
  pair.append(term("Reference answer", trace.reference ?? "unknown"), modelAnswer(row, trace));
  box.append(pair, aboutOf(row, trace));
  return box;
}

function term(name, text) {
  const box = make("div");
  const held = make("dd", "said", text.length > 300 ? `${text.slice(0, 300)}…` : text);
  held.dir = "auto";
  box.append(make("dt", "", `${name} `), held);
  return box;
}

function modelAnswer(row, trace) {
  const final = trace.candidates.filter((held) => held[5]).at(-1);
  const box = term("Model’s answer", final ? final[4] : "none found");
  const word = outcomeWord(row.correct);
  const verdict = sign(word, outcomeGlyph(row.correct), word);
  verdict.append(` ${word}${SOURCES[row.by] ? `, ${SOURCES[row.by]}` : ""}`);
  box.append(" ", verdict);
  if (final?.[6]) box.title = final[6];
  return box;
}

function aboutOf(row, trace) {
  const box = make("p", "about-trace");
  const parts = [words(row, "model"), words(row, "family"), words(row, "condition"),
    `${row.chars.toLocaleString("en")} characters`, plural(row.steps, "step")];
  if (trace.finish && trace.finish !== "stop") parts.push(`ended by ${trace.finish}`);
  if (trace.form === "unclosed") parts.push("the reasoning never closes");
  for (const part of parts) if (part) box.append(make("bdi", "", part));
  box.append(make("code", "", trace.id));
  return box;
}

function fixedOf(trace) {
  const box = make("div", "fixed");
  open.strip = stripOf(trace, (step) => setStep(step, true, true));
  const moves = make("div", "moves");
  open.where = make("span", "where");
  open.where.setAttribute("aria-live", "polite");
  open.before = button("quiet", "←", () => setStep(open.step - 1, true, true));
  open.after = button("quiet", "→", () => setStep(open.step + 1, true, true));
  open.before.setAttribute("aria-label", "Previous step");
  open.after.setAttribute("aria-label", "Next step");
  const errors = button("quiet", trace.errors.length ? `next false (${trace.errors.length})` : "none false", () => nextError(1));
  errors.disabled = !trace.errors.length;
  moves.append(open.where, open.before, open.after, errors);
  box.append(open.strip.root, moves);
  return box;
}

function spreadOf(trace) {
  const spread = make("div", "spread");
  const prose = make("div", "prose");
  open.prose = proseOf(trace);
  prose.append(make("h3", "", trace.ends.length ? "Reasoning" : "No reasoning"), open.prose.root);
  if (!trace.ends.length && trace.reasoning) open.prose.root.append(make("span", "step", trace.reasoning.slice(0, LONG_STEP)));
  if (trace.answer) {
    const after = make("div", "text");
    after.dir = "auto";
    fillText(after, trace.answer.slice(0, 20 * LONG_STEP), 0, spansOf(trace, null));
    prose.append(make("h3", "", "Answer, after the reasoning"), after);
  }
  prose.addEventListener("click", (event) => {
    const step = event.target.closest(".step")?.dataset.step;
    if (step !== undefined && !window.getSelection()?.toString()) setStep(Number(step), true, false);
  });
  open.card = make("aside", "card");
  open.card.setAttribute("aria-label", "The current step");
  open.card.tabIndex = 0;
  spread.append(prose, open.card);
  return spread;
}

/** Make a step the current one: strip, card, highlight, address; scroll to it where asked. */
function setStep(wanted, keep, scroll) {
  const trace = open.trace;
  if (!trace) return;
  const count = trace.ends.length;
  const step = Math.max(0, Math.min(count - 1, wanted));
  open.step = step;
  open.before.disabled = step <= 0;
  open.after.disabled = step >= count - 1;
  open.where.replaceChildren();
  if (!count) {
    open.where.append("No steps: the reasoning is empty.");
    open.card.replaceChildren();
    open.strip.draw(0);
  } else {
    const held = open.card.contains(document.activeElement);
    const state = STATES[Number(trace.states[step])];
    open.where.append(make("b", "", `Step ${(step + 1).toLocaleString("en")}`), ` of ${count.toLocaleString("en")} `, sign(state, GLYPHS[state], WORDS[state]), ` ${WORDS[state]}`);
    open.strip.draw(step);
    open.card.replaceChildren(...cardOf(trace, step, state));
    open.card.scrollTop = 0;
    if (held) open.card.focus({ preventScroll: true });
    highlight(open.prose.find(step), scroll);
  }
  const box = reader.querySelector(".fixed");
  reader.style.setProperty("--below-strip", `${box.offsetHeight}px`);
  if (keep) remember(open.row, step);
}

function highlight(element, scroll) {
  for (const old of reader.querySelectorAll(".step.now")) {
    old.classList.remove("now");
    old.removeAttribute("aria-current");
  }
  if (!element) return;
  element.classList.add("now");
  element.setAttribute("aria-current", "step");
  if (scroll) bringIntoView(element);
}

/** Scroll so that the element stands in the upper part of the free room below the strip.
 *  Again on the next frames: text that is drawn for the first time changes its estimated height. */
function bringIntoView(element, frames = 8) {
  if (!element.classList.contains("now")) return;
  const fixed = reader.querySelector(".fixed");
  if (fixed.getBoundingClientRect().bottom > window.innerHeight - 80) reader.scrollIntoView({ block: "start" });
  const box = element.getBoundingClientRect();
  const strip = fixed.getBoundingClientRect();
  const own = getComputedStyle(reader).overflowY !== "visible";
  const end = own ? Math.min(reader.getBoundingClientRect().bottom, window.innerHeight) : window.innerHeight * 0.6;
  const begin = strip.bottom;
  if (box.top < begin + 10 || Math.min(box.bottom, box.top + 60) > end - 10) {
    const by = box.top - begin - (end - begin) / 4;
    if (own) reader.scrollTop += by; else window.scrollBy(0, by);
  }
  if (frames) requestAnimationFrame(() => bringIntoView(element, frames - 1));
}

function cardOf(trace, step, state) {
  const text = stepText(trace, step);
  const shownText = make("span", "now-text text");
  shownText.dir = "auto";
  const lead = text.length - text.trimStart().length;
  const clean = text.trim();
  fillText(shownText, clean.slice(0, 1500), startOf(trace, step) + lead, spansOf(trace, step));
  if (clean.length > 1500) shownText.append("…");
  const parts = [make("h3", "", `Step ${(step + 1).toLocaleString("en")}, ${plural(text.length, "character")}`), shownText];
  const verdicts = trace.at.verdicts.get(step) ?? [];
  for (const held of verdicts.slice(0, 50)) parts.push(judgedOf(held));
  if (verdicts.length > 50) parts.push(make("p", "by", `and ${verdicts.length - 50} more verdicts`));
  for (const [, correct, , , said, final] of trace.at.candidates.get(step) ?? []) {
    const word = correct === null ? "could not be compared" : outcomeWord(correct);
    parts.push(noteOf(correct === null ? "open" : correct ? "good" : "bad", `${final ? "Final" : "Candidate"} answer ${said}`, word));
  }
  if (state === "none" && parts.length === 2) parts.push(make("p", "by", "Nothing in this step could be checked by a verifier."));
  parts.push(...markNotes(trace, step), ...arcNotes(trace, step));
  return parts;
}

function judgedOf([, number, , , verifier, reason, claim, expected, backIn]) {
  const state = STATES[number];
  const box = make("div", `judged ${state}`);
  const head = make("p", "verdict");
  head.append(sign(state, GLYPHS[state], WORDS[state]), ` ${WORDS[state]}`);
  box.append(head);
  if (claim) box.append(bidiLine("", claim.length > 300 ? `${claim.slice(0, 300)}…` : claim));
  box.append(bidiLine("", reason));
  if (expected !== null) box.append(bidiLine("Expected: ", expected));
  if (backIn !== null) box.append(button("jump", `Taken back in step ${backIn + 1} →`, () => setStep(backIn, true, true)));
  box.append(make("p", "by", verifier));
  return box;
}

function bidiLine(label, text) {
  const line = make("p", "", label);
  line.append(make("bdi", "", text));
  return line;
}

function noteOf(kind, name, text) {
  const box = make("div", `judged ${kind}`);
  box.append(bidiLine("", name), bidiLine("", text));
  return box;
}

function nextError(by) {
  const errors = open.trace?.errors ?? [];
  if (!errors.length) return;
  const after = by > 0 ? errors.find((step) => step > open.step) : errors.findLast((step) => step < open.step);
  setStep(after ?? (by > 0 ? errors[0] : errors.at(-1)), true, true);
}

/** Put what is open into the address, without a new entry in the history. */
function remember(row, step) {
  const place = step === null ? "" : `&step=${step + 1}`;
  try {
    window.history.replaceState(null, "", `#trace=${row.id}${place}`);
  } catch { /* some browsers refuse this for files; the page works without */ }
}

/** On narrow windows the reader stands below the list: go there. */
function showReader() {
  if (getComputedStyle(reader).overflowY === "visible") reader.scrollIntoView({ block: "start" });
}
