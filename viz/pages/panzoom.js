"use strict";

// Moves and enlarges a drawing within its box: by wheel, by dragging, with two fingers, by keys.
function panZoom(box, svg, { arrows = true } = {}) {
  const whole = svg.viewBox.baseVal;
  const full = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
  const MOST = 8, LARGEST_FIT = 1.5, SMALLEST_FIT = 0.6;
  let scale = 1, left = full.x, top = full.y;
  const fingers = new Map();
  let moved = false;

  function paint() {
    const { clientWidth: width, clientHeight: height } = box;
    svg.setAttribute("viewBox", `${left} ${top} ${width / scale} ${height / scale}`);
  }
  function least() {
    return Math.min(box.clientWidth / full.width, box.clientHeight / full.height, 1) / 1.2;
  }
  function centre(x, y) {
    left = x - box.clientWidth / scale / 2;
    top = y - box.clientHeight / scale / 2;
  }
  // The whole drawing, as long as its texts stay legible; else as much of it as begins at its left.
  function fit() {
    const whole = Math.min(box.clientWidth / full.width, box.clientHeight / full.height);
    scale = Math.min(Math.max(whole, SMALLEST_FIT), LARGEST_FIT);
    centre(full.x + full.width / 2, full.y + full.height / 2);
    if (full.width * scale > box.clientWidth) left = full.x;
    if (full.height * scale > box.clientHeight) top = full.y;
    paint();
  }
  function zoom(factor, atX = box.clientWidth / 2, atY = box.clientHeight / 2) {
    const next = Math.min(Math.max(scale * factor, least()), MOST);
    left += atX / scale - atX / next;
    top += atY / scale - atY / next;
    scale = next;
    paint();
  }
  function move(dx, dy) {
    left -= dx / scale;
    top -= dy / scale;
    paint();
  }
  // Bring an element into sight, if it is not.
  function show(element) {
    const part = element.getBBox(), margin = 24 / scale;
    const width = box.clientWidth / scale, height = box.clientHeight / scale;
    const inside = part.x - margin >= left && part.x + part.width + margin <= left + width
      && part.y - margin >= top && part.y + part.height + margin <= top + height;
    if (!inside) {
      centre(part.x + part.width / 2, part.y + part.height / 2);
      // Nothing is gained by showing what lies beyond the drawing.
      if (full.width <= width) left = full.x - (width - full.width) / 2;
      else left = Math.min(Math.max(left, full.x), full.x + full.width - width);
      if (full.height <= height) top = full.y - (height - full.height) / 2;
      else top = Math.min(Math.max(top, full.y), full.y + full.height - height);
      paint();
    }
  }
  function spread() {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  }

  box.addEventListener("wheel", (event) => {
    event.preventDefault();
    const at = box.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 500), event.clientX - at.left, event.clientY - at.top);
  }, { passive: false });
  box.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved = false;
  });
  box.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const dx = event.clientX - finger.x, dy = event.clientY - finger.y;
    if (!moved && Math.hypot(dx, dy) < 4) return;
    if (!moved) box.setPointerCapture(event.pointerId);
    moved = true;
    const before = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) move(dx, dy);
    else if (fingers.size === 2 && before > 0) zoom(spread() / before);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    box.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  // What ends a drag is no choice of what lies under the pointer.
  box.addEventListener("click", (event) => { if (moved) event.stopPropagation(); }, true);
  box.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (arrows && steps[event.key] && !event.defaultPrevented) { move(...steps[event.key]); event.preventDefault(); }
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit();
  });
  new ResizeObserver(() => { svg.setAttribute("width", "100%"); svg.setAttribute("height", "100%"); fit(); }).observe(box);
  return { fit, zoom, show, scale: () => scale };
}
