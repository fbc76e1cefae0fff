// Keys: they act on the open trace unless one types in a field or holds a modifier.
function typing(target) {
  return target instanceof Element && target.closest("input, select, textarea, dialog") !== null;
}

const KEYS = {
  ArrowRight: () => setStep(open.step + 1, true, true),
  ArrowLeft: () => setStep(open.step - 1, true, true),
  j: () => moveTrace(1),
  k: () => moveTrace(-1),
  n: () => nextError(1),
  p: () => nextError(-1),
  "/": () => byId("query").focus(),
  "?": () => byId("help").showModal(),
};

const NEAR_KEYS = {
  ArrowDown: () => moveTrace(1),
  ArrowUp: () => moveTrace(-1),
};

const STRIP_KEYS = {
  Home: () => setStep(0, true, true),
  End: () => setStep(open.trace.ends.length - 1, true, true),
  PageDown: () => setStep(open.step + 10, true, true),
  PageUp: () => setStep(open.step - 10, true, true),
};

function keyAction(event) {
  const near = event.target instanceof Element ? event.target : document.body;
  const onStrip = near.closest(".strip") !== null;
  const horizontal = near.closest(".scroll") !== null && event.key.startsWith("Arrow");
  if (horizontal) return undefined;
  if (onStrip && STRIP_KEYS[event.key]) return STRIP_KEYS[event.key];
  if ((onStrip || near.closest("#list")) && NEAR_KEYS[event.key]) return NEAR_KEYS[event.key];
  return KEYS[event.key];
}

function onKey(event) {
  if (event.key === "Escape" && document.activeElement === byId("query")) { reader.focus(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const action = Object.hasOwn(KEYS, event.key) || NEAR_KEYS[event.key] || STRIP_KEYS[event.key] ? keyAction(event) : undefined;
  if (!action) return;
  event.preventDefault();
  action();
}
