// The words of a trace: steps as spans, judged claims underlined, long texts in parts.
const RUN_STEPS = 150;
const LONG_STEP = 12000;
const MOST_SPANS = 200;

const startOf = (trace, step) => (step ? trace.ends[step - 1] : 0);
const stepText = (trace, step) => trace.reasoning.slice(startOf(trace, step), trace.ends[step]);

/** Spans to mark in a step (or in the answer, for null): start, end, class and what to say. */
function spansOf(trace, step) {
  const spans = [];
  for (const [, state, start, end, , reason] of trace.at.verdicts.get(step) ?? []) {
    if (start !== null && end !== null) spans.push([start, end, `claimed ${STATES[state]}`, reason]);
  }
  for (const [, correct, start, end] of trace.at.candidates.get(step) ?? []) {
    const says = `candidate answer: ${outcomeWord(correct)}`;
    if (start !== null && end !== null) spans.push([start, end, `stated ${outcomeWord(correct)}`, says]);
  }
  for (const { start, end, layer, text } of trace.at.marks.get(step) ?? []) {
    if (start !== null && end !== null) spans.push([start, end, "noted", `${layer}: ${text}`]);
  }
  return spans.slice(0, MOST_SPANS);
}

/** Put text into an element, with its spans; overlapping spans share their classes. */
function fillText(parent, text, offset, spans) {
  const clip = (place) => Math.max(0, Math.min(text.length, place - offset));
  const held = spans.map(([start, end, kind, says]) => [clip(start), clip(end), kind, says])
    .filter(([start, end]) => start < end);
  const bounds = [...new Set([0, text.length, ...held.flatMap(([start, end]) => [start, end])])];
  bounds.sort((a, b) => a - b);
  for (let i = 0; i + 1 < bounds.length; i += 1) {
    const [start, end] = [bounds[i], bounds[i + 1]];
    const over = held.filter((span) => span[0] <= start && span[1] >= end);
    const piece = text.slice(start, end);
    if (!over.length) { parent.append(piece); continue; }
    const element = make("span", lastStated(over, end), piece);
    element.title = over.map((span) => span[3]).join("\n");
    parent.append(element);
  }
}

/** Classes of a piece; the sign of a candidate answer stands only at its end. */
function lastStated(over, end) {
  return over.map(([, stop, kind]) => (kind.startsWith("stated") && stop !== end ? "" : kind)).join(" ");
}

/** One step as a span; a very long one is cut, with a button for the rest. */
function stepSpan(trace, step) {
  const state = STATES[Number(trace.states[step])];
  const element = make("span", `step ${state}`);
  element.dataset.step = String(step);
  element.dir = "auto";
  const text = stepText(trace, step);
  const spans = spansOf(trace, step);
  const offset = startOf(trace, step);
  fillText(element, text.slice(0, text.length > LONG_STEP ? LONG_STEP / 2 : undefined), offset, spans);
  if (text.length > LONG_STEP) {
    const rest = plural(text.length - LONG_STEP / 2, "more character");
    element.append(button("quiet cut", `… ${rest}: show`, (event) => {
      event.stopPropagation();
      element.replaceChildren();
      fillText(element, text, offset, spans);
    }));
  }
  return element;
}

/** Where runs of steps begin; a run ends where a line ends, if one does nearby. */
function runStarts(trace) {
  const starts = [0];
  const count = trace.ends.length;
  if (count <= 2 * RUN_STEPS) return [0, count];
  for (let step = RUN_STEPS; step < count; step += 1) {
    const since = step - starts[starts.length - 1];
    const lineEnds = trace.reasoning[trace.ends[step - 1] - 1] === "\n";
    if (since >= 2 * RUN_STEPS || (since >= RUN_STEPS && lineEnds)) starts.push(step);
  }
  return [...starts, count];
}

/** The reasoning as runs of steps, filled when they come near the window. */
function proseOf(trace) {
  const root = make("div", "text");
  const starts = runStarts(trace);
  const runs = [];
  const fill = (run) => {
    if (run.filled) return;
    run.filled = true;
    for (let step = run.from; step < run.to; step += 1) run.root.append(stepSpan(trace, step));
    run.root.style.minHeight = "";
  };
  const watcher = new IntersectionObserver((seen) => {
    for (const entry of seen) if (entry.isIntersecting) fill(entry.target.run);
  }, { rootMargin: "600px" });
  for (let i = 0; i + 1 < starts.length; i += 1) {
    const run = { from: starts[i], to: starts[i + 1], root: make("div", starts.length > 2 ? "run" : ""), filled: false };
    run.root.run = run;
    runs.push(run);
    root.append(run.root);
    if (starts.length === 2) { fill(run); continue; }
    const characters = Math.min(trace.ends[run.to - 1] - startOf(trace, run.from), LONG_STEP * (run.to - run.from));
    run.root.style.minHeight = `${Math.ceil(characters / 75) * 24}px`;
    watcher.observe(run.root);
  }
  const find = (step) => {
    const run = runs.find((held) => step >= held.from && step < held.to);
    if (!run) return null;
    fill(run);
    return run.root.children[step - run.from] ?? null;
  };
  return { root, find, fillAll: () => runs.forEach(fill), stop: () => watcher.disconnect() };
}
