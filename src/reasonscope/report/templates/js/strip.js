// The strip of steps, drawn on a canvas: one cell a step, or one column a pixel when there are
// more steps than pixels. A second strip around the current step opens when cells get too thin.
const LENS_STEPS = 60;
const THIN = 5;
const AFTER = 26;
const INSET = 3;
const GLYPH_ROOM = 10;
const BAND = 24;
const ROW = 12;
const LOW_ROW = 6;
const GUTTER = 84;

let colours = {};
const probe = make("span");
probe.hidden = true;
document.body.append(probe);

function readColours() {
  const names = ["ink", "muted", "line", "strong-line", "accent", "sheet", "good", "bad", "open", "none"];
  for (const state of STATES) names.push(`${state}-cell`, state);
  for (let i = 0; i <= 12; i += 1) names.push(`cat${i}`);
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
}

/** Left ends of cells (and the right end of the last): wide by length, but never invisible. */
function edgesOf(lengths, room, inset) {
  const width = room - inset;
  const total = lengths.reduce((sum, length) => sum + length, 0) || 1;
  const least = Math.min(5, (0.7 * width) / Math.max(lengths.length, 1));
  const rest = width - least * lengths.length;
  const edges = new Float64Array(lengths.length + 1).fill(inset);
  lengths.forEach((length, i) => { edges[i + 1] = edges[i] + least + (rest * length) / total; });
  return edges;
}

function stepAt(edges, x) {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= x) low = middle; else high = middle - 1;
  }
  return Math.max(low, 0);
}

const drawnRows = (trace) => trace.rows.slice(0, MOST_ROWS);
const rowsTop = (trace) => 53 + (trace.candidates.length ? 13 : 0);
const bandOf = (trace) => (trace.arcs.length ? BAND : 0);
const isThin = (count, width) => (width - AFTER) / Math.max(count, 1) < THIN;
/** Rows of the whole strip are low where a lens shows them again with their names. */
const pitchOf = (trace, count, width) => (isThin(trace.ends.length, width) && count === trace.ends.length ? LOW_ROW : ROW);
const heightOf = (trace, pitch) => bandOf(trace) + rowsTop(trace) + pitch * drawnRows(trace).length + 2;
/** Room at the left for the names of the rows, where the window has it. */
const insetOf = (trace, width) => (trace.rows.length && width > 560 ? GUTTER : INSET);

function drawStrip(canvas, trace, from, to, current) {
  const width = canvas.clientWidth;
  const pitch = pitchOf(trace, to - from, width);
  const height = heightOf(trace, pitch);
  if (!width) return new Float64Array([0, 0]);
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const lengths = trace.lengths.slice(from, to);
  const edges = edgesOf(lengths, width - AFTER, insetOf(trace, width));
  const state = (i) => STATES[Number(trace.states[from + i])];
  drawArcs(pen, edges, trace, from, to, current);
  pen.translate(0, bandOf(trace));
  if ((width - AFTER) / Math.max(lengths.length, 1) < 3) drawColumns(pen, edges, state, lengths.length);
  else lengths.forEach((_, i) => drawCell(pen, edges[i], edges[i + 1], state(i)));
  drawGlyphs(pen, edges, state, lengths.length);
  drawFirstError(pen, edges, trace.firstError - from, lengths.length, width);
  drawTicks(pen, edges, trace, from, to);
  drawRows(pen, edges, trace, from, to, pitch);
  drawAfter(pen, width, trace);
  if (current >= from && current < to) drawCurrent(pen, edges[current - from], edges[current - from + 1]);
  return edges;
}

function drawCell(pen, left, right, state) {
  const wide = Math.max(right - left - (right - left > 4 ? 1.5 : 0.5), 1);
  const [top, tall] = { bad: [28, 22], none: [42, 8] }[state] ?? [32, 18];
  pen.fillStyle = pen.strokeStyle = colours[`${state}-cell`];
  if (state === "open" || state === "retracted") {
    pen.lineWidth = 1.3;
    pen.strokeRect(left + 0.7, top + 0.7, Math.max(wide - 1.4, 0.5), tall - 1.4);
    if (state === "retracted") hatch(pen, left, top, wide, tall);
  } else pen.fillRect(left, top, wide, tall);
}

function hatch(pen, left, top, wide, tall) {
  pen.save();
  pen.beginPath();
  pen.rect(left, top, wide, tall);
  pen.clip();
  pen.beginPath();
  for (let x = left - tall; x < left + wide; x += 5) {
    pen.moveTo(x, top + tall);
    pen.lineTo(x + tall, top);
  }
  pen.stroke();
  pen.restore();
}

function drawColumns(pen, edges, state, count) {
  const columns = new Map();
  for (let i = 0; i < count; i += 1) {
    const x = Math.floor(edges[i]);
    const last = Math.max(x, Math.ceil(edges[i + 1]) - 1);
    const order = STATES.indexOf(state(i));
    for (let at = x; at <= last; at += 1) columns.set(at, Math.min(columns.get(at) ?? 9, order));
  }
  for (const [x, order] of columns) {
    const name = STATES[order];
    const [top, tall] = { bad: [28, 22], none: [42, 8] }[name] ?? [32, 18];
    pen.fillStyle = colours[`${name}-cell`];
    pen.fillRect(x, top, 1, tall);
  }
}

function drawGlyphs(pen, edges, state, count) {
  const taken = [];
  pen.textAlign = "center";
  pen.font = "700 11px system-ui, sans-serif";
  for (const wanted of ["bad", "retracted", "open", "good"]) {
    pen.fillStyle = colours[wanted];
    for (let i = 0; i < count; i += 1) {
      if (state(i) !== wanted) continue;
      const middle = (edges[i] + edges[i + 1]) / 2;
      const slot = Math.round(middle / GLYPH_ROOM);
      const quiet = wanted === "good" || wanted === "open";
      if (quiet && edges[i + 1] - edges[i] < GLYPH_ROOM) continue;
      if (taken[slot] || taken[slot - 1] || (quiet && taken[slot + 1])) continue;
      taken[slot] = true;
      pen.fillText(GLYPHS[wanted], middle, wanted === "bad" ? 25 : 28);
    }
  }
}

function drawFirstError(pen, edges, place, count, width) {
  if (!(place >= 0 && place < count)) return;
  const middle = (edges[place] + edges[place + 1]) / 2;
  const right = middle < width - 90;
  pen.font = "600 11px system-ui, sans-serif";
  pen.textAlign = right ? "left" : "right";
  pen.fillStyle = pen.strokeStyle = colours.bad;
  pen.strokeStyle = colours.sheet;
  pen.lineWidth = 4;
  pen.strokeText("first error", middle + (right ? 6 : -6), 11);
  pen.fillText("first error", middle + (right ? 6 : -6), 11);
  pen.strokeStyle = colours.bad;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(middle, 2);
  pen.lineTo(middle, 15);
  pen.stroke();
}

function drawTicks(pen, edges, trace, from, to) {
  for (const [step, correct, , , , final] of trace.candidates) {
    if (step === null || step < from || step >= to) continue;
    triangle(pen, (edges[step - from] + edges[step - from + 1]) / 2, 53, correct, final ? 5 : 4);
  }
}

function triangle(pen, x, top, correct, half) {
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x + half, top + 1.8 * half);
  pen.lineTo(x - half, top + 1.8 * half);
  pen.closePath();
  pen.lineWidth = 1.3;
  pen.strokeStyle = pen.fillStyle = colours[correct === null ? "open" : correct ? "good" : "bad"];
  if (correct) pen.fill(); else pen.stroke();
}

function drawRows(pen, edges, trace, from, to, pitch) {
  pen.font = "10px system-ui, sans-serif";
  pen.textAlign = "right";
  drawnRows(trace).forEach(({ layer, marks, swatches }, place) => {
    const top = rowsTop(trace) + pitch * place;
    const [lift, tall] = pitch === LOW_ROW ? [0, 4] : swatches.length ? [0, 9] : [2, 5];
    pen.fillStyle = colours.muted;
    if (edges[0] > INSET && pitch === ROW) pen.fillText(layer.slice(0, 16), edges[0] - 6, top + 8, GUTTER - 10);
    for (const { step, kind, colour } of marks) {
      if (step === null || step < from || step >= to) continue;
      pen.fillStyle = colour === null ? colours[kind] ?? colours.accent : colours[`cat${colour}`];
      const left = edges[step - from];
      pen.fillRect(left, top + lift, Math.max(edges[step - from + 1] - left - 1, 1.5), tall);
    }
  });
}

/** Arcs of returns within the window, faint, and all arcs of the current step, clear. */
function drawArcs(pen, edges, trace, from, to, current) {
  const own = [...(trace.from.get(current) ?? []), ...(trace.to.get(current) ?? [])];
  const inside = (step) => step >= from && step < to;
  pen.globalAlpha = 0.45;
  for (const arc of trace.returns.slice(0, MOST_ARCS)) {
    if (inside(arc.step) && inside(arc.target)) drawArc(pen, edges, from, to, arc, "muted");
  }
  pen.globalAlpha = 1;
  for (const arc of own.slice(0, MOST_ARCS)) drawArc(pen, edges, from, to, arc, arc.step === current ? "accent" : "muted");
}

/** One arc with its head at the target; an end outside the window lies at the window's edge. */
function drawArc(pen, edges, from, to, { step, target }, colour) {
  if (Math.max(step, target) < from || Math.min(step, target) >= to) return;
  const middle = (at) => {
    const place = Math.max(0, Math.min(to - from - 1, at - from));
    return (edges[place] + edges[place + 1]) / 2;
  };
  const [start, end] = [middle(step), middle(target)];
  const foot = BAND + 14;
  const rise = Math.min(2 * (foot - 4), 16 + Math.abs(start - end) * 0.5);
  pen.strokeStyle = pen.fillStyle = colours[colour];
  pen.lineWidth = 1.4;
  pen.setLineDash(target > step ? [4, 3] : []);
  pen.beginPath();
  pen.moveTo(start, foot);
  pen.quadraticCurveTo((start + end) / 2, foot - rise, end, foot);
  pen.stroke();
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(end, foot + 2);
  pen.lineTo(end - 3, foot - 4);
  pen.lineTo(end + 3, foot - 4);
  pen.fill();
}

function drawAfter(pen, width, trace) {
  pen.fillStyle = colours[trace.correct === null ? "open" : trace.correct ? "good" : "bad"];
  pen.font = "700 15px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillText(outcomeGlyph(trace.correct), width - 10, 46);
  pen.fillStyle = colours["strong-line"];
  pen.fillRect(width - AFTER + 4, 28, 1, 22);
}

function drawCurrent(pen, left, right) {
  const wide = Math.max(right - left - 1, 2);
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.strokeRect(left - 1.5, 26.5, wide + 3, 25);
}

/** A bracket over the part of the whole strip that the lens shows. */
function drawWindow(canvas, left, right) {
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colours.muted;
  pen.lineWidth = 1;
  pen.strokeRect(left + 0.5, 52.5, Math.max(right - left - 1, 2), 0.1);
}

/** A strip with its lens: what one sees, moves on and listens to. */
function stripOf(trace, go) {
  const root = make("div", "strip");
  const whole = make("div", "whole");
  const canvas = make("canvas");
  const lens = make("canvas", "lens");
  whole.tabIndex = 0;
  whole.setAttribute("role", "slider");
  whole.setAttribute("aria-label", "Step");
  whole.setAttribute("aria-valuemin", "1");
  whole.setAttribute("aria-valuemax", String(trace.ends.length));
  whole.append(canvas);
  const closer = make("div", "closer");
  root.append(whole, closer, lens);
  if (trace.rows.length) root.append(rowLegend(trace));
  const strip = { root, whole, closer, from: 0, edges: null, lensEdges: null };
  const at = (event, edges, from) => from + stepAt(edges, event.offsetX);
  canvas.addEventListener("click", (event) => { go(at(event, strip.edges, 0)); whole.focus({ preventScroll: true }); });
  lens.addEventListener("click", (event) => go(at(event, strip.lensEdges, strip.from)));
  hoverTip(canvas, (event) => tipFor(trace, at(event, strip.edges, 0)));
  hoverTip(lens, (event) => tipFor(trace, at(event, strip.lensEdges, strip.from)));
  strip.draw = (step) => drawBoth(strip, canvas, lens, trace, step);
  return strip;
}

function drawBoth(strip, canvas, lens, trace, step) {
  const count = trace.ends.length;
  strip.edges = drawStrip(canvas, trace, 0, count, step);
  const thin = isThin(count, canvas.clientWidth);
  lens.hidden = !thin;
  strip.from = Math.max(0, Math.min(step - LENS_STEPS / 2, count - LENS_STEPS));
  strip.closer.hidden = !thin;
  if (thin) {
    const to = Math.min(strip.from + LENS_STEPS, count);
    strip.closer.textContent = `Closer: steps ${(strip.from + 1).toLocaleString("en")} to ${to.toLocaleString("en")}`;
    drawWindow(canvas, strip.edges[strip.from], strip.edges[to]);
    strip.lensEdges = drawStrip(lens, trace, strip.from, to, step);
  }
  const state = STATES[Number(trace.states[step])];
  strip.whole.setAttribute("aria-valuenow", String(step + 1));
  strip.whole.setAttribute("aria-valuetext", [`Step ${step + 1} of ${count}: ${WORDS[state] ?? ""}`, ...categoriesAt(trace, step)].join(", "));
}

function tipFor(trace, step) {
  const text = stepText(trace, step).trim();
  const state = STATES[Number(trace.states[step])];
  const start = text.length > 160 ? `${text.slice(0, 160)}…` : text;
  return [`${step + 1} ${GLYPHS[state]} ${[WORDS[state], ...categoriesAt(trace, step)].join(", ")}`, start].join("\n");
}

const tip = make("div", "tip");
tip.hidden = true;
document.body.append(tip);

function hoverTip(element, say) {
  element.addEventListener("mousemove", (event) => {
    tip.textContent = say(event);
    tip.hidden = false;
    tip.style.left = `${Math.min(event.clientX + 12, window.innerWidth - 370)}px`;
    tip.style.top = `${event.clientY + 18}px`;
  });
  element.addEventListener("mouseleave", () => { tip.hidden = true; });
}
