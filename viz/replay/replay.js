"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.texts, epochs = data.epochs, measures = data.measures;
  const find = (id) => document.getElementById(id);
  // Unit shapes: circle, square, triangle, diamond, plus, star, triangle down, hexagon, bar, cross.
  const SHAPES = [
    "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
    "M-.88,-.88H.88V.88H-.88Z",
    "M0,-1.15L1.1,.85H-1.1Z",
    "M0,-1.25L1.1,0L0,1.25L-1.1,0Z",
    "M-.4,-1.15H.4V-.4H1.15V.4H.4V1.15H-.4V.4H-1.15V-.4H-.4Z",
    "M0,-1.3L.35,-.45L1.25,-.4L.55,.2L.8,1.1L0,.6L-.8,1.1L-.55,.2L-1.25,-.4L-.35,-.45Z",
    "M0,1.15L1.1,-.85H-1.1Z",
    "M-1.1,0L-.55,-1H.55L1.1,0L.55,1H-.55Z",
    "M-1.2,-.5H1.2V.5H-1.2Z",
    "M-1.1,-.6L-.6,-1.1L0,-.5L.6,-1.1L1.1,-.6L.5,0L1.1,.6L.6,1.1L0,.5L-.6,1.1L-1.1,.6L-.5,0Z",
  ];
  const NO_LEVEL = -32768, PARTS = 254, NO_PART = 255;
  const panels = [], changed = [];
  let at = 0, chosen = 0, neuron = null, timer = null;

  // Texts and numbers.

  function told(number, digits = 4) {
    if (number === null || number === undefined) return "–";
    if (!Number.isFinite(number)) return words["not finite"];
    const size = Math.abs(number);
    const short = size !== 0 && (size < 1e-3 || size >= 1e5)
      ? number.toExponential(digits - 2) : String(Number(number.toPrecision(digits)));
    return short.replaceAll("-", "−");
  }
  const filled = (text, parts) => text.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const floats = (text) => new Float32Array(bytes(text).buffer);
  const epochNow = () => epochs[at] === 0
    ? words.before : filled(words["epoch of"], { epoch: epochs[at], last: data.total });
  const classColour = (place) => `var(--class-${place % 10})`;

  function html(name, parent, text = "", look = "") {
    const element = document.createElement(name);
    element.textContent = text;
    if (look) element.className = look;
    parent.append(element);
    return element;
  }
  function svg(name, parent, facts = {}, text = "") {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, fact] of Object.entries(facts)) element.setAttribute(key, fact);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  }
  function write(parent, text, x, y, facts = {}, room = Infinity) {
    const element = svg("text", parent, { x, y, ...facts }, text);
    const letters = [...text];
    while (letters.length > 1 && element.getComputedTextLength() > room) {
      letters.pop();
      element.textContent = `${letters.join("")}…`;
    }
    return element;
  }
  function mark(parent, place, size, x, y) {
    const shape = svg("path", parent, {
      d: SHAPES[place % SHAPES.length], transform: `translate(${x} ${y}) scale(${size})`,
      "vector-effect": "non-scaling-stroke",
    });
    shape.style.fill = classColour(place);
    shape.style.stroke = "var(--background)";
    return shape;
  }
  function legend(name, draw, text) {
    const row = html("span", find(name).querySelector(".legend"));
    draw(svg("svg", row, { width: 18, height: 14, viewBox: "-9 -7 18 14", "aria-hidden": true }));
    html("bdi", row, text);
  }
  function stroke(colour, dashes = "none", width = 2.5) {
    return (parent) => {
      const line = svg("line", parent, { x1: -9, x2: 9, "stroke-dasharray": dashes });
      line.style.stroke = colour;
      line.style.strokeWidth = width;
    };
  }

  // Scales and axes.

  function scale(low, high, from, to, log = false) {
    const place = log ? Math.log10 : Number;
    const first = place(low), span = place(high) - first || 1;
    return (value) => from + ((place(value) - first) / span) * (to - from);
  }
  function ticks(low, high, count, whole = false) {
    const rough = (high - low) / Math.max(1, count) || 1, power = 10 ** Math.floor(Math.log10(rough));
    let step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
    if (whole) step = Math.max(1, Math.round(step));
    const found = [];
    for (let k = Math.ceil(low / step); k * step <= high + step * 1e-6; k++) {
      found.push(Number((k * step).toPrecision(12)));
    }
    return found;
  }
  function decades(low, high, most) {
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
    const step = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, most)));
    const found = [];
    for (let k = first; k <= last; k += step) found.push(k);
    return found.map((power) => [10 ** power, `1e${power}`.replace("-", "−")]);
  }
  function axes(parent, box, across, up, names) {
    for (const [place, text] of across) {
      svg("line", parent, { class: "tick", x1: place, x2: place, y1: box.top, y2: box.bottom });
      write(parent, text, place, box.bottom + 14, { "text-anchor": "middle", class: "quiet" });
    }
    for (const [place, text] of up) {
      svg("line", parent, { class: "tick", x1: box.left, x2: box.right, y1: place, y2: place });
      write(parent, text, box.left - 5, place + 4, { "text-anchor": "end", class: "quiet" });
    }
    svg("path", parent, { class: "axis", d: `M${box.left},${box.top}V${box.bottom}H${box.right}` });
    write(parent, names[0], (box.left + box.right) / 2, box.bottom + 29, { "text-anchor": "middle" },
      box.right - box.left);
    const middle = (box.top + box.bottom) / 2;
    write(parent, names[1], 12, middle,
      { "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, box.bottom - box.top);
  }
  function panel(name, draw, role = "img", label = "") {
    const plot = find(name).querySelector(".plot");
    const picture = svg("svg", plot, { role, "aria-label": label });
    panels.push({ plot, draw: () => {
      const { width, height } = plot.getBoundingClientRect();
      picture.replaceChildren();
      if (width > 60 && height > 60) changed.push(draw(picture, width, height, plot));
    } });
  }

  // The data points, and what the net makes of the plane or the line between them.

  const points = data.points, samples = data.samples || [];
  const outputs = data.outputs ? floats(data.outputs) : null;
  const perSample = outputs ? outputs.length / epochs.length / samples.length : 0;
  const outputsOf = (sample) => {
    const start = (at * samples.length + sample) * perSample;
    return outputs.subarray(start, start + perSample);
  };
  const isClassed = data.task === "binary" || data.task === "classes";
  const recorded = new Map(samples.map((point, sample) => [point, sample]));

  function drawSurface(picture, width, height, plot) {
    const surface = data.surface, box = { left: 52, right: width - 8, top: 6, bottom: height - 36 };
    const curve = surface.kind === "curve", chance = curve && isClassed;
    const x = scale(...surface.limits[0], box.left, box.right);
    const [low, high] = curve ? heights(chance) : surface.limits[1];
    const y = scale(low, high, box.bottom, box.top);
    const wide = Math.floor((box.right - box.left) / 70), tall = Math.floor((box.bottom - box.top) / 45);
    axes(picture, box, ticks(...surface.limits[0], wide).map((v) => [x(v), told(v)]),
      ticks(low, high, tall).map((v) => [y(v), told(v)]),
      [surface.features[0], curve ? (chance ? filled(words["chance curve"], { name: data.classes[1] }) : words.output)
        : surface.features[1]]);
    const show = curve ? curveOf(picture, x, y, box) : regionsOf(plot, box);
    const ups = points.features.map((row, point) => (curve ? points.targets[point] : row[1]));
    const places = points.features.map((row, point) => [x(row[0]), y(ups[point])]);
    const drawn = svg("g", picture, { class: "pick" });
    places.forEach(([px, py], point) => {
      const large = recorded.has(point);
      const shape = mark(drawn, isClassed ? points.targets[point] : 0, large ? 5.5 : 3.2, px, py);
      shape.style.strokeWidth = large ? 1.2 : 0.6;
      if (!large) shape.style.opacity = 0.75;
    });
    const ring = svg("circle", picture, { r: 10, fill: "none", "stroke-width": 3 });
    ring.style.stroke = "var(--ink)";
    ring.style.pointerEvents = "none";
    picture.classList.add("pick");
    picture.onclick = (event) => {
      const corner = picture.getBoundingClientRect();
      const away = (sample) => Math.hypot(
        places[samples[sample]][0] - event.clientX + corner.left,
        places[samples[sample]][1] - event.clientY + corner.top);
      choose(samples.reduce((best, _, sample) => (away(sample) < away(best) ? sample : best), 0));
    };
    return () => {
      show();
      ring.setAttribute("cx", places[samples[chosen]][0]);
      ring.setAttribute("cy", places[samples[chosen]][1]);
    };
  }
  function heights(chance) {
    if (chance) return [-0.08, 1.08];
    const low = Math.min(...points.targets), high = Math.max(...points.targets);
    const margin = 0.25 * (high - low) || 1;
    return [low - margin, high + margin];
  }
  function curveOf(picture, x, y, box) {
    const surface = data.surface, numbers = floats(surface.numbers), side = surface.side;
    const clip = svg("clipPath", picture, { id: "within" });
    svg("rect", clip, {
      x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top,
    });
    const line = svg("path", picture, { fill: "none", "stroke-width": 3, "clip-path": "url(#within)" });
    line.style.stroke = "var(--negative)";
    const [low, high] = surface.limits[0], far = 1e5;
    return () => line.setAttribute("d", path(Array.from({ length: side }, (_, k) => {
      const value = numbers[at * side + k];
      const height = Math.max(-far, Math.min(far, y(value)));
      return [x(low + ((high - low) * k) / (side - 1)), Number.isFinite(value) ? height : null];
    })));
  }
  function path(places) {
    let text = "", joined = false;
    for (const [x, y] of places) {
      if (y !== null) text += `${joined ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`;
      joined = y !== null;
    }
    return text;
  }
  function regionsOf(plot, box) {
    const surface = data.surface, side = surface.side, area = side * side;
    const parts = bytes(surface.numbers), told = parts.length / epochs.length / area;
    const canvas = plot.querySelector("canvas") || html("canvas", plot);
    plot.prepend(canvas);
    const wide = Math.round(box.right - box.left), high = Math.round(box.bottom - box.top);
    Object.assign(canvas, { width: wide, height: high });
    Object.assign(canvas.style, {
      left: `${box.left}px`, top: `${box.top}px`, width: `${wide}px`, height: `${high}px`,
    });
    const context = canvas.getContext("2d"), image = context.createImageData(wide, high);
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name)
      .trim().match(/[0-9a-f]{2}/gi).map((pair) => parseInt(pair, 16));
    const ground = colour("--background"), ink = colour("--ink"), quiet = colour("--quiet");
    const colours = data.classes.map((_, place) => colour(`--class-${place}`));
    const winners = new Int8Array(wide * high), chances = new Float64Array(told + 1);
    return () => {
      for (let row = 0; row < high; row++) {
        const gy = ((high - 1 - row) / Math.max(1, high - 1)) * (side - 1);
        const y0 = Math.min(side - 2, Math.floor(gy)), fy = gy - y0;
        for (let column = 0; column < wide; column++) {
          const gx = (column / Math.max(1, wide - 1)) * (side - 1);
          const x0 = Math.min(side - 2, Math.floor(gx)), fx = gx - x0;
          let rest = 1, lost = false;
          for (let k = 0; k < told; k++) {
            const a = (at * area + y0 * side + x0) * told + k;
            const b = a + told, c = a + side * told, d = c + told;
            lost = lost || parts[a] === NO_PART || parts[b] === NO_PART
              || parts[c] === NO_PART || parts[d] === NO_PART;
            const chance = ((parts[a] * (1 - fx) + parts[b] * fx) * (1 - fy)
              + (parts[c] * (1 - fx) + parts[d] * fx) * fy) / PARTS;
            chances[k + 1] = chance;
            rest -= chance;
          }
          chances[0] = rest;
          let best = 0;
          for (let k = 1; k <= told; k++) if (chances[k] > chances[best]) best = k;
          const place = row * wide + column;
          winners[place] = lost ? -1 : best;
          const edge = (column && winners[place - 1] !== winners[place])
            || (row && winners[place - wide] !== winners[place]);
          const sure = Math.max(0, (chances[best] * (told + 1) - 1) / told);
          const striped = lost && ((row + column) >> 2) & 1;
          const target = edge ? ink : lost ? quiet : colours[best];
          const share = edge ? 0.75 : lost ? (striped ? 0.5 : 0) : 0.12 + 0.4 * sure;
          for (let part = 0; part < 3; part++) {
            image.data[4 * place + part] = ground[part] + (target[part] - ground[part]) * share;
          }
          image.data[4 * place + 3] = 255;
        }
      }
      context.putImageData(image, 0, 0);
    };
  }

  // The net.

  const net = data.net && unpacked(data.net);
  function unpacked(packed) {
    const { widths } = packed;
    const layers = widths.slice(1).map((width, layer) => ({ inputs: widths[layer], width }));
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    const weights = floats(packed.weights), biases = floats(packed.biases);
    const all = sum(layers.map((layer) => layer.inputs * layer.width)), neurons = sum(widths.slice(1));
    const before = (list, layer) => sum(list.slice(0, layer));
    const sizes = layers.map((layer) => layer.inputs * layer.width);
    const columns = packed.columns.map(({ scale, levels }) => (
      { scale, levels: new Int16Array(bytes(levels).buffer) }));
    let most = 1e-12;
    for (const weight of weights) if (Number.isFinite(weight)) most = Math.max(most, Math.abs(weight));
    return {
      ...packed, most,
      weight: (layer, from, to) =>
        weights[at * all + before(sizes, layer) + from * layers[layer].width + to],
      bias: (layer, to) => biases[at * neurons + before(widths.slice(1), layer) + to],
      activation: (column, place) => {
        const { scale, levels } = columns[column];
        const level = levels[(at * samples.length + chosen) * widths[column] + place];
        return level === NO_LEVEL ? NaN : level * scale;
      },
      // The largest activation of a column in all frames has the full colour.
      share: (column, value) => Math.min(1, Math.abs(value) / (columns[column].scale * 32767)),
    };
  }
  const columnName = (column) => (column === 0 ? words.input
    : column === net.widths.length - 1 ? words.output : filled(words.layer, { n: column }));
  const sign = (value) => (value < 0 ? "var(--negative)" : "var(--positive)");

  function drawNet(picture, width, height) {
    const columns = net.widths.length, margin = Math.min(110, width * 0.24);
    const box = { left: margin, right: width - margin, top: 24, bottom: height - 24 };
    const gaps = net.widths.map((count) => Math.min(44, (box.bottom - box.top) / count));
    const sizes = gaps.map((gap) => Math.max(1.8, Math.min(15, gap * 0.38)));
    const place = (column, k) => [
      box.left + ((box.right - box.left) * column) / (columns - 1),
      (box.top + box.bottom) / 2 + (k - (net.widths[column] - 1) / 2) * gaps[column],
    ];
    const wires = [], neurons = [];
    for (let layer = 0; layer + 1 < columns; layer++) {
      for (let from = 0; from < net.widths[layer]; from++) {
        for (let to = 0; to < net.widths[layer + 1]; to++) {
          const [x1, y1] = place(layer, from), [x2, y2] = place(layer + 1, to);
          wires.push({ layer, from, to, line: svg("line", picture, { class: "weight", x1, y1, x2, y2 }) });
        }
      }
    }
    net.widths.forEach((count, column) => {
      const [x] = place(column, 0);
      write(picture, columnName(column), x, 13, { "text-anchor": "middle", class: "quiet" },
        (box.right - box.left) / (columns - 1) - 6);
      for (let k = 0; k < count; k++) {
        const [, y] = place(column, k), ground = svg("circle", picture, { cx: x, cy: y, r: sizes[column] });
        ground.style.fill = "var(--background)";
        const circle = svg("circle", picture, {
          class: "neuron pick", cx: x, cy: y, r: sizes[column], "stroke-width": 1.2,
        });
        circle.style.stroke = "var(--ink)";
        const pick = (event) => { neuron = event.type === "pointerleave" ? null : { column, k }; update(); };
        circle.addEventListener("pointerenter", pick);
        circle.addEventListener("pointerleave", pick);
        neurons.push({ column, k, circle, value: ends(column, k, x, y) });
      }
    });
    function ends(column, k, x, y) {
      if ((column && column < columns - 1) || gaps[column] < 11) return null;
      const name = (column ? net.outputs : net.inputs)[k] || "", room = margin - sizes[column] - 6;
      const facts = { "text-anchor": column ? "start" : "end" };
      const away = x + (column ? 1 : -1) * (sizes[column] + 5);
      if (gaps[column] >= 28 && name) {
        write(picture, name, away, y - 2, facts, room);
        return write(picture, "", away, y + 12, { ...facts, class: "quiet" });
      }
      return write(picture, "", away, y + 4, facts);
    }
    const line = write(picture, "", width / 2, height - 5, { "text-anchor": "middle", class: "quiet reading" });
    return () => {
      for (const { layer, from, to, line } of wires) showWire(line, net.weight(layer, from, to),
        !neuron || (neuron.column === layer && neuron.k === from)
        || (neuron.column === layer + 1 && neuron.k === to));
      for (const { column, k, circle, value } of neurons) {
        const activation = net.activation(column, k);
        circle.style.fill = Number.isFinite(activation) ? sign(activation) : "none";
        circle.style.fillOpacity = Number.isFinite(activation) ? net.share(column, activation) : 0;
        circle.setAttribute("stroke-dasharray", Number.isFinite(activation) ? "none" : "2 2");
        if (value) value.textContent = told(activation, 3);
      }
      line.textContent = neuron ? reading(neuron) : words["point at"];
    };
  }
  function showWire(line, weight, lit) {
    const finite = Number.isFinite(weight), share = finite ? Math.abs(weight) / net.most : 0.3;
    line.style.stroke = finite ? sign(weight) : "var(--quiet)";
    line.style.strokeWidth = 0.3 + 4 * share;
    line.style.strokeDasharray = finite ? "none" : "3 3";
    line.style.strokeOpacity = lit ? 0.3 + 0.65 * Math.sqrt(share) : 0.06;
  }
  function reading({ column, k }) {
    const parts = [`${words.activation} ${told(net.activation(column, k))}`];
    if (column) parts.push(`${words.bias} ${told(net.bias(column - 1, k))}`);
    return `${filled(words.neuron, { layer: columnName(column), n: k + 1 })}: ${parts.join(", ")}`;
  }

  // Loss and gradients.

  function drawLosses(picture, width, height) {
    const named = Object.entries(data.losses), total = Math.max(1, data.total);
    const all = named.flatMap(([, values]) => values).filter(Number.isFinite);
    let low = Math.min(...all), high = Math.max(...all);
    if (!all.length) [low, high] = [0, 1];
    const log = low > 0 && high / low > 30;
    if (!log) low = Math.min(0, low);
    if (low === high) high = low + 1;
    if (!log) high += 0.04 * (high - low);
    const box = { left: 58, right: width - 12, top: 8, bottom: height - 36 };
    const x = scale(Math.min(1, epochs[0]), total, box.left, box.right), y = scale(low, high, box.bottom, box.top, log);
    const tall = Math.floor((box.bottom - box.top) / 32);
    const up = log ? decades(low, high, tall) : ticks(low, high, tall).map((v) => [v, told(v)]);
    axes(picture, box,
      ticks(Math.min(1, epochs[0]), total, Math.floor(width / 80), true).map((v) => [x(v), String(v)]),
      up.map(([v, text]) => [y(v), text]),
      [words.epoch, log ? filled(words.log, { name: words.loss }) : words.loss]);
    const now = svg("line", picture, { class: "now", y1: box.top, y2: box.bottom, "stroke-width": 1.5 });
    now.style.stroke = "var(--ink)";
    const dots = named.map(([name, values]) => {
      const line = svg("path", picture, {
        fill: "none", "stroke-width": 2.2, "stroke-dasharray": name === "training" ? "none" : "6 4",
        d: path(values.map((v, k) => [x(k + 1), Number.isFinite(v) ? y(v) : null])),
      });
      const dot = svg("circle", picture, { r: 5, "stroke-width": 1.5 });
      line.style.stroke = dot.style.fill = lossColour(name);
      dot.style.stroke = "var(--background)";
      return [dot, values];
    });
    picture.classList.add("pick");
    picture.onclick = (event) => {
      const place = event.clientX - picture.getBoundingClientRect().left;
      const away = (frame) => Math.abs(x(epochs[frame]) - place);
      go(epochs.reduce((best, _, frame) => (away(frame) < away(best) ? frame : best), 0));
    };
    return () => {
      const place = x(epochs[at]);
      now.setAttribute("x1", place);
      now.setAttribute("x2", place);
      for (const [dot, values] of dots) {
        const value = values[epochs[at] - 1], shown = Number.isFinite(value);
        dot.setAttribute("visibility", shown ? "visible" : "hidden");
        dot.setAttribute("cx", place);
        dot.setAttribute("cy", shown ? y(value) : 0);
      }
    };
  }
  const lossColour = (name) => (name === "training" ? "var(--gradient)" : "var(--value)");

  function drawGradients(picture, width, height) {
    const { layers, frames } = data.gradients;
    const all = frames.flatMap((row) => row || []).filter((v) => Number.isFinite(v) && v > 0);
    let low = 10 ** Math.floor(Math.log10(Math.min(...all))), high = 10 ** Math.ceil(Math.log10(Math.max(...all)));
    if (!all.length) [low, high] = [0.1, 1];
    if (low === high) low = high / 10;
    const margin = Math.min(120, width * 0.3);
    const box = { left: margin, right: width - 74, top: 4, bottom: height - 40 };
    const x = scale(low, high, box.left, box.right, true);
    axes(picture, box,
      decades(low, high, Math.floor((box.right - box.left) / 50)).map(([v, text]) => [x(v), text]), [], ["", ""]);
    write(picture, words["gradient axis"], width / 2, height - 7, { "text-anchor": "middle" }, width - 8);
    const gap = (box.bottom - box.top) / layers.length, thick = Math.min(24, gap * 0.7);
    const rows = layers.map((name, layer) => {
      const y = box.top + gap * (layer + 0.5);
      if (gap >= 12) write(picture, name, box.left - 6, y + 4, { "text-anchor": "end" }, margin - 8);
      const bar = svg("rect", picture, { class: "bar", x: box.left, y: y - thick / 2, height: thick, rx: 2 });
      bar.style.fill = "var(--gradient)";
      return [bar, write(picture, "", box.right, y + 4, { class: "gradient-value" })];
    });
    const none = write(picture, words["no gradient"], (box.left + box.right) / 2, (box.top + box.bottom) / 2,
      { "text-anchor": "middle" }, box.right - box.left);
    return () => {
      const sizes = frames[at];
      none.setAttribute("visibility", sizes ? "hidden" : "visible");
      rows.forEach(([bar, text], layer) => {
        const size = sizes ? sizes[layer] : 0, drawn = Number.isFinite(size) && size > 0;
        const length = drawn ? Math.max(1, x(size) - box.left) : 0;
        bar.setAttribute("width", length);
        text.setAttribute("x", box.left + length + 6);
        text.textContent = sizes ? told(size, 3) : "";
      });
    };
  }

  // What is told in words, and the controls.

  const values = measures.map(({ name, label }) => {
    const pair = html("div", find("measures"));
    html("dt", pair).append(Object.assign(document.createElement("bdi"), { textContent: label }));
    const value = html("dd", pair, "–");
    value.dataset.measure = name;
    return value;
  });
  const epochTold = html("div", find("measures"));
  find("measures").prepend(epochTold);
  html("dt", epochTold, "", "hidden-visually").textContent = words.epoch;
  const epochValue = html("dd", epochTold);
  epochValue.id = "epoch";

  const className = (place) => data.classes[place];
  function verdict() {
    const point = samples[chosen], given = outputsOf(chosen), target = points.targets && points.targets[point];
    if (!isClassed) {
      const list = [...given].slice(0, 6).map((value) => told(value)).join(", ");
      return (target === null ? "" : `${words.target} ${told(target)} · `) + `${words.output} ${list}`;
    }
    const chances = given.length === 1 ? [1 - given[0], given[0]] : [...given];
    const best = chances.every(Number.isFinite) ? chances.indexOf(Math.max(...chances)) : -1;
    const said = best < 0 ? words["not finite"] : `\u2068${className(best)}\u2069 (${told(chances[best], 3)})`;
    return `${words.true} \u2068${className(target)}\u2069 → ${words.predicted} ${said}`;
  }
  function writeTable() {
    const table = document.createElement("table"), top = html("tr", html("thead", table));
    const rows = html("tbody", table);
    for (const name of ["column", "mean weight", "activations"]) {
      html("th", top, words[name]).setAttribute("scope", "col");
    }
    net.widths.forEach((count, column) => {
      const row = html("tr", rows), all = [];
      html("th", row, columnName(column)).setAttribute("scope", "row");
      for (let to = 0; column && to < count; to++) {
        for (let from = 0; from < net.widths[column - 1]; from++) all.push(Math.abs(net.weight(column - 1, from, to)));
      }
      html("td", row, column ? told(all.reduce((a, b) => a + b, 0) / all.length, 3) : "–");
      html("td", row, Array.from({ length: count }, (_, k) => told(net.activation(column, k), 3)).join("  "));
    });
    find("table").replaceChildren(table);
  }
  function update() {
    for (const show of changed) show();
    find("slider").value = at;
    find("slider").setAttribute("aria-valuetext", epochNow());
    epochValue.textContent = epochNow();
    measures.forEach((measure, place) => {
      values[place].textContent = epochs[at] ? told(measure.values[epochs[at] - 1]) : "–";
    });
    for (const id of ["first", "back"]) find(id).disabled = at === 0;
    for (const id of ["next", "last"]) find(id).disabled = at === epochs.length - 1;
    if (net) {
      find("told").textContent = verdict();
      find("sample").value = chosen;
      if (document.querySelector(".numbers").open) writeTable();
    }
  }
  function go(frame) {
    at = Math.max(0, Math.min(epochs.length - 1, frame));
    update();
  }
  function choose(sample) {
    chosen = sample;
    update();
  }
  function play(on) {
    clearInterval(timer);
    timer = on ? setInterval(() => {
      go(at + 1);
      if (at === epochs.length - 1) play(false);
    }, 1000 / Number(find("speed").value)) : null;
    find("play").textContent = on ? words.pause : words.play;
  }
  const toggle = () => {
    if (!timer && at === epochs.length - 1) go(0);
    play(!timer && epochs.length > 1);
  };
  const moves = {
    first: () => go(0), back: () => go(at - 1), next: () => go(at + 1), last: () => go(epochs.length - 1),
  };
  for (const [id, move] of Object.entries(moves)) {
    find(id).addEventListener("click", () => { play(false); move(); });
  }
  find("play").addEventListener("click", toggle);
  find("slider").max = epochs.length - 1;
  find("slider").addEventListener("input", (event) => { play(false); go(Number(event.target.value)); });
  for (const speed of [1, 2, 5, 10, 25]) {
    html("option", find("speed"), filled(words["per second"], { n: speed })).value = speed;
  }
  find("speed").value = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 5;
  find("speed").addEventListener("change", () => { if (timer) play(true); });
  const KEYS = { ArrowLeft: moves.back, ArrowRight: moves.next, Home: moves.first, End: moves.last };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select")) return;
    if (event.key === " " && !event.target.closest("button, summary")) {
      event.preventDefault();
      toggle();
    } else if (Object.hasOwn(KEYS, event.key) && event.target !== find("slider")) {
      event.preventDefault();
      play(false);
      KEYS[event.key]();
    }
  });

  find("notes").hidden = !data.notes.length;
  find("notes").textContent = data.notes.join(" ");
  if (data.surface) {
    panel("surface", drawSurface, "img", words["regions told"]);
    if (isClassed) data.classes.forEach((name, k) => legend("surface", (parent) => mark(parent, k, 5.5, 0, 0), name));
    const hints = [words.choose, ...(data.surface.means ? [words.means] : [])];
    html("span", find("surface").querySelector(".legend"), hints.join(" · "));
  }
  if (net) {
    panel("net", drawNet, "img", words["net told"]);
    legend("net", stroke("var(--positive)"), words.positive);
    legend("net", stroke("var(--negative)"), words.negative);
    samples.forEach((point, sample) => {
      const name = isClassed ? ` · \u2068${className(points.targets[point])}\u2069` : "";
      html("option", find("sample"), `#${points.rows[point]}${name}`).value = sample;
    });
    find("sample").addEventListener("change", (event) => choose(Number(event.target.value)));
    document.querySelector(".numbers").addEventListener("toggle", update);
  } else document.querySelector(".numbers").hidden = true;
  panel("losses", drawLosses, "img", words["losses told"]);
  for (const name of Object.keys(data.losses)) {
    legend("losses", stroke(lossColour(name), name === "training" ? "none" : "6 4"), words[name]);
  }
  if (data.gradients) panel("gradients", drawGradients, "img", words["gradient axis"]);

  function draw() {
    changed.length = 0;
    for (const part of panels) part.draw();
    update();
  }
  const resized = new ResizeObserver(draw);
  for (const { plot } of panels) resized.observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
