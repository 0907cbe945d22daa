// Pointer, wheel and keys of a panel. Dragging moves, dragging with Shift or over the time axis or the overview picks a
// span; the wheel and two fingers zoom at the pointer.

import { kAxis } from "./layout.js";

const kWheelZoom = 0.0016; // per unit of wheel
const kClick = 4; // pixels that a click may move
const kStep = 0.15;
const kPage = 0.9; // of the window

// `view` is told what was chosen: view.hover(panel, thing), view.choose(panel, thing), view.key(panel, event).
export function attach_gestures(panel, view) {
  attach_pointer(panel, view);
  attach_overview(panel);
  panel.canvas.addEventListener("wheel", (event) => wheel(panel, event), { passive: false });
  panel.canvas.addEventListener("keydown", (event) => {
    if (!event.altKey && !event.ctrlKey && !event.metaKey && (key(panel, event) || view.key(panel, event)))
      event.preventDefault();
  });
  panel.canvas.addEventListener("dblclick", (event) =>
    panel.window.zoom(event.shiftKey ? 4 : 0.25, panel.layout.time(event.offsetX)),
  );
}

function wheel(panel, event) {
  event.preventDefault();
  const { layout, window } = panel;
  const lines = event.deltaMode === 1 ? 16 : 1;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    window.pan(((event.deltaX || event.deltaY) * lines) / layout.scale);
  } else if (event.altKey) {
    layout.scroll += event.deltaY * lines;
    panel.redraw();
  } else {
    window.zoom(Math.exp(event.deltaY * lines * kWheelZoom), layout.time(event.offsetX));
  }
}

function key(panel, event) {
  const { window, layout } = panel;
  const step = event.shiftKey ? kPage : kStep;
  const moves = {
    ArrowLeft: () => window.pan(-step * window.span),
    ArrowRight: () => window.pan(step * window.span),
    ArrowUp: () => scroll(panel, -3 * layout.row_height),
    ArrowDown: () => scroll(panel, 3 * layout.row_height),
    "+": () => window.zoom(1 / 1.5),
    "=": () => window.zoom(1 / 1.5),
    "-": () => window.zoom(1.5),
    _: () => window.zoom(1.5),
    0: () => window.show_all(),
    Home: () => window.set(0, window.span),
    End: () => window.set(window.end - window.span, window.end),
  };
  if (!(event.key in moves)) return false;
  moves[event.key]();
  return true;
}

function scroll(panel, distance) {
  panel.layout.scroll += distance;
  panel.redraw();
}

function attach_pointer(panel, view) {
  const { canvas } = panel;
  const fingers = new Map();
  let drag = null; // {x, y, moved, brush}
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    drag = { x: event.offsetX, y: event.offsetY, moved: false, brush: event.shiftKey || event.offsetY < kAxis };
  });
  canvas.addEventListener("pointermove", (event) => {
    const here = { x: event.offsetX, y: event.offsetY };
    const last = fingers.get(event.pointerId);
    panel.pointer = here;
    if (!last) view.hover(panel, panel.at(here.x, here.y));
    else if (fingers.size === 2) pinch(panel, fingers, event.pointerId, here);
    else move(panel, drag, last, here);
    if (last) fingers.set(event.pointerId, here);
    panel.redraw();
  });
  const end = (event) => {
    if (!fingers.delete(event.pointerId) || !drag) return;
    if (panel.brush) brush_to(panel);
    else if (!drag.moved && event.type === "pointerup") view.choose(panel, panel.at(event.offsetX, event.offsetY));
    drag = null;
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => {
    panel.pointer = null;
    view.hover(panel, null);
    panel.redraw();
  });
}

function move(panel, drag, last, here) {
  if (!drag) return;
  drag.moved ||= Math.hypot(here.x - drag.x, here.y - drag.y) > kClick;
  if (!drag.moved) return;
  if (drag.brush) {
    panel.brush = [drag.x, here.x];
  } else {
    panel.layout.scroll += last.y - here.y;
    panel.window.pan((last.x - here.x) / panel.layout.scale);
  }
}

function pinch(panel, fingers, moving, here) {
  const last = fingers.get(moving);
  const other = [...fingers].find(([id]) => id !== moving)[1];
  const { layout, window } = panel;
  const before = Math.max(8, Math.abs(last.x - other.x));
  const after = Math.max(8, Math.abs(here.x - other.x));
  window.zoom(before / after, layout.time(other.x));
}

function brush_to(panel) {
  const [a, b] = panel.brush;
  panel.brush = null;
  panel.window.set(panel.layout.time(Math.min(a, b)), panel.layout.time(Math.max(a, b)));
}

// Within the frame a drag moves the window; elsewhere it picks a span, and a click centres the window there.
function attach_overview(panel) {
  const { strip, overview, window } = panel;
  let drag = null; // {x, last, grabbed}
  strip.addEventListener("pointerdown", (event) => {
    const [from, to] = overview.frame(window);
    const x = event.offsetX;
    strip.setPointerCapture(event.pointerId);
    drag = { x, last: x, grabbed: !window.whole && x >= from && x <= to };
  });
  strip.addEventListener("pointermove", (event) => {
    const x = event.offsetX;
    if (!drag) return;
    if (drag.grabbed) window.pan((x - drag.last) / overview.scale);
    else if (Math.abs(x - drag.x) > kClick)
      window.set(overview.time(Math.min(x, drag.x)), overview.time(Math.max(x, drag.x)));
    drag.last = x;
  });
  strip.addEventListener("pointerup", (event) => {
    if (drag && !drag.grabbed && Math.abs(event.offsetX - drag.x) <= kClick)
      window.centre(overview.time(event.offsetX));
    drag = null;
  });
  strip.addEventListener("pointercancel", () => (drag = null));
}
