// Marks of the instruments: out of their columns, into rows of the strip, notes and links.
const KINDS = ["good", "bad", "retracted", "open", "answer", "final", "neutral"];
const MOST_ROWS = 8;
const MOST_ARCS = 200;
const MOST_NOTES = 30;
const MOST_SWATCHES = 14;
const ARC_WORDS = {
  edges: ["Uses step", "Used by step"],
  backtracking: ["Returns to step", "Returned to in step"],
};

const ofColumn = (column, place) => (Array.isArray(column) ? column[place] : column);
const wordsOf = (category) => category.replaceAll("_", " ");

/** Marks as objects; steps are stored as differences, categories as places in the page's table. */
function marksOf(layers) {
  return layers.flatMap(([layer, steps, kinds, categories, targets, starts, ends, texts]) => {
    const known = Object.hasOwn(index.categories, layer) ? index.categories[layer] : [];
    let step = 0;
    return steps.map((by, i) => {
      step += by;
      const [category, colour] = known[ofColumn(categories, i)] ?? ["", null];
      const kind = KINDS.includes(ofColumn(kinds, i)) ? ofColumn(kinds, i) : "neutral";
      return {
        layer, kind, category, colour, step: step < 0 ? null : step, target: ofColumn(targets, i),
        start: ofColumn(starts, i), end: ofColumn(ends, i), text: ofColumn(texts, i),
      };
    });
  });
}

function grouped(held, key) {
  const groups = new Map();
  for (const one of held) {
    const name = key(one);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(one);
  }
  return groups;
}

/** What is looked up by step: verdicts, answers, marks, and arcs from both their ends. */
function prepareMarks(trace, arcs) {
  trace.marks = marksOf(trace.marks);
  trace.returns = trace.marks.filter((mark) => mark.target !== null);
  trace.arcs = [...marksOf(arcs), ...trace.returns];
  trace.from = grouped(trace.arcs, (arc) => arc.step);
  trace.to = grouped(trace.arcs, (arc) => arc.target);
  trace.at = {
    verdicts: grouped(trace.verdicts, (held) => held[0]),
    candidates: grouped(trace.candidates, (held) => held[0]),
    marks: grouped(trace.marks, (mark) => mark.step),
  };
  trace.rows = rowsOf(trace);
}

/** Rows of marks below the cells, one a layer: its name, its marks, the categories it shows. */
function rowsOf(trace) {
  return [...grouped(trace.marks, (mark) => mark.layer)].map(([layer, marks]) => {
    const shades = new Map();
    for (const { category, colour } of marks) if (category) shades.set(category, colour);
    const order = Object.hasOwn(index.categories, layer) ? index.categories[layer].map(([name]) => name) : [];
    const swatches = [...shades].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    return { layer, marks, swatches };
  });
}

function swatch(colour) {
  const element = make("i", `swatch c${colour}`);
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** The names of the rows and the words of their colours. */
function rowLegend(trace) {
  const box = make("details", "layers");
  box.open = reader.clientWidth > 640;
  box.append(make("summary", "", `Rows below the cells: ${trace.rows.map((row) => row.layer).join(", ")}`));
  for (const { layer, swatches } of trace.rows.filter((row) => row.swatches.length)) {
    const line = make("p", "swatches");
    line.append(make("bdi", "row-name", layer));
    for (const [name, colour] of swatches.slice(0, MOST_SWATCHES)) {
      const word = make("span");
      word.append(swatch(colour), make("bdi", "", wordsOf(name)));
      line.append(word);
    }
    if (swatches.length > MOST_SWATCHES) line.append(`and ${swatches.length - MOST_SWATCHES} more`);
    box.append(line);
  }
  if (trace.rows.length > MOST_ROWS) box.append(make("p", "", `The first ${MOST_ROWS} rows are drawn; the card of a step tells all.`));
  if (trace.returns.length > MOST_ARCS) box.append(make("p", "", `${MOST_ARCS} of ${plural(trace.returns.length, "arc")} are drawn; those of the current step always.`));
  return box;
}

const categoriesAt = (trace, step) => (trace.at.marks.get(step) ?? []).flatMap((mark) => (mark.category ? [wordsOf(mark.category)] : []));

/** What the marks of a step say, in the card. */
function markNotes(trace, step) {
  const marks = trace.at.marks.get(step) ?? [];
  const notes = marks.slice(0, MOST_NOTES).map((mark) => {
    const box = make("div", `judged ${mark.kind}`);
    const head = make("p", "verdict");
    if (mark.category) head.append(swatch(mark.colour), make("bdi", "", wordsOf(mark.category)));
    if (mark.category) box.append(head);
    if (mark.text && mark.text !== mark.category) box.append(bidiLine("", mark.text));
    box.append(bidiLine("", mark.layer));
    box.lastChild.className = "by";
    return box;
  });
  if (marks.length > MOST_NOTES) notes.push(make("p", "by", `and ${marks.length - MOST_NOTES} more marks`));
  return notes;
}

/** Links to the steps that this one points to, and to those that point to it. */
function arcNotes(trace, step) {
  const notes = [];
  for (const [held, direction] of [[trace.from.get(step) ?? [], 0], [trace.to.get(step) ?? [], 1]]) {
    if (!held.length) continue;
    const box = make("ul", "links");
    for (const arc of held.slice(0, MOST_NOTES)) {
      const other = direction ? arc.step : arc.target;
      const says = (Object.hasOwn(ARC_WORDS, arc.layer) ? ARC_WORDS[arc.layer] : ["Points to step", "Pointed to by step"])[direction];
      const line = make("li");
      line.append(button("jump", `${says} ${(other + 1).toLocaleString("en")} →`, () => setStep(other, true, true)));
      if (!direction && arc.text) line.append(" ", make("bdi", "", arc.text));
      box.append(line);
    }
    if (held.length > MOST_NOTES) box.append(make("li", "by", `and ${held.length - MOST_NOTES} more`));
    notes.push(box);
  }
  return notes;
}
