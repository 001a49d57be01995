"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.texts;
  const box = document.getElementById("drawing"), card = document.getElementById("card");
  const svg = box.querySelector("svg");
  const view = panZoom(box, svg);
  const pieces = new Map(data.pieces.map((piece) => [piece.key, piece]));
  const wires = new Map(data.wires.map((wire) => [wire.key, wire]));
  // The wire that leaves a piece first tells of its node: before a fork it has the whole gradient.
  const leaving = new Map();
  for (const wire of data.wires) if (!leaving.has(wire.from)) leaving.set(wire.from, wire);
  let chosen = null;

  function called(key) {
    const piece = pieces.get(key);
    if (piece.kind === "fork") return leaving.get(key) ? called(before(key)) : words.fork;
    return piece.label || piece.gate || [piece.path, piece.title].filter(Boolean).join(" ") || words[piece.kind];
  }
  function before(fork) {
    return data.wires.find((wire) => wire.to === fork).from;
  }
  function row(list, name, text, look = "") {
    if (text === "" || text === undefined || text === null) return;
    const pair = document.createElement("div");
    const term = document.createElement("dt"), told = document.createElement("dd");
    term.textContent = name;
    told.textContent = text;
    told.className = look;
    pair.append(term, told);
    list.append(pair);
  }
  function amounts(list, wire) {
    row(list, words.shape, wire.shape);
    row(list, words.value, wire.value.exact, "value");
    if (wire.gradient) {
      const mark = wire.mark ? ` (${words[wire.mark]})` : "";
      row(list, words.gradient, wire.gradient.exact + mark, "gradient");
    }
    if (wire.local) row(list, words.local, wire.local.exact);
  }
  function tell(key) {
    const heading = document.createElement("b"), list = document.createElement("dl");
    const wire = wires.get(key), piece = pieces.get(key);
    if (wire) {
      heading.textContent = [called(wire.from), wire.name, called(wire.to)].filter(Boolean).join(" → ");
      amounts(list, wire);
    } else {
      heading.textContent = `${words[piece.kind]} ${piece.kind === "fork" ? "" : called(key)}`;
      row(list, words.formula, piece.formula);
      for (const text of piece.rows || []) row(list, "", text);
      if (leaving.has(key)) amounts(list, leaving.get(key));
    }
    card.replaceChildren(heading, list);
  }
  function choose(element) {
    if (chosen) chosen.classList.remove("chosen");
    chosen = element;
    if (!element) { card.textContent = words.hint; return; }
    element.classList.add("chosen");
    tell(element.dataset.key);
    view.show(element);
  }

  const elements = [...svg.querySelectorAll("[data-key]")];
  const entries = [];
  for (const element of elements) {
    element.querySelector("title")?.remove();  // the card tells it
    const key = element.dataset.key, piece = pieces.get(key), wire = wires.get(key);
    const text = piece
      ? [piece.label, piece.gate, piece.symbol, piece.path, piece.title, ...(piece.rows || [])]
      : [wire.name];
    entries.push({ element, text: text.filter(Boolean).join(" ") });
  }
  svg.addEventListener("pointerover", (event) => {
    const element = event.target.closest("[data-key]");
    if (element) tell(element.dataset.key);
    else if (chosen) tell(chosen.dataset.key);
  });
  svg.addEventListener("click", (event) => choose(event.target.closest("[data-key]")));
  searchIn(
    document.getElementById("search"), document.getElementById("count"), entries, choose, words,
  );
  document.getElementById("larger").addEventListener("click", () => view.zoom(1.25));
  document.getElementById("smaller").addEventListener("click", () => view.zoom(0.8));
  document.getElementById("fit").addEventListener("click", view.fit);
})();
