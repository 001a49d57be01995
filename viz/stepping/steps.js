"use strict";

(() => {
  const { frames, words } = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const box = by("drawing"), svg = box.querySelector("svg"), card = by("card");
  const view = panZoom(box, svg, { arrows: false });
  const elements = [...svg.querySelectorAll("[data-key]")];
  const element = new Map(elements.map((each) => [each.dataset.key, each]));
  const tooltips = new Map();
  let now = 0, timer = null, told = null;

  // For each wire the step at which its value and its gradient appear.
  const valueAt = new Map(), gradientAt = new Map(), firstAt = new Map();
  frames.forEach((frame, number) => {
    for (const key of frame.values) if (!valueAt.has(key)) valueAt.set(key, number);
    for (const key of frame.gradients) gradientAt.set(key, number);
    for (const key of [...frame.lit, ...frame.values]) if (!firstAt.has(key)) firstAt.set(key, number);
  });

  function line(text, look, tag = "p") {
    const made = document.createElement(tag);
    made.textContent = text;
    made.className = look;
    return made;
  }
  function paint() {
    const frame = frames[now], lit = new Set(frame.lit);
    svg.classList.toggle("forwards", frame.phase === "start" || frame.phase === "forward");
    for (const each of elements) {
      const key = each.dataset.key;
      each.classList.toggle("lit", lit.has(key));
      each.classList.toggle("waiting", !(firstAt.get(key) <= now));
      for (const text of each.querySelectorAll(".gg-value")) {
        text.classList.toggle("unknown", !(valueAt.get(key) <= now));
      }
      for (const text of each.querySelectorAll(".gg-gradient")) {
        text.classList.toggle("unknown", !(gradientAt.get(key) <= now));
      }
    }
    const heading = line("", "heading");
    heading.append(line(words[`phase ${frame.phase}`], "chip", "span"), frame.heading);
    card.className = `card phase-${frame.phase}`;
    card.replaceChildren(heading, ...frame.lines.map((text) => line(text, "formula")));
    if (frame.hint) card.append(line(frame.hint, "hint"));
    card.scrollTop = 0;
    by("place").textContent = words.of.replace("{number}", now + 1).replace("{count}", frames.length);
    by("slider").value = now + 1;
    by("slider").setAttribute("aria-valuetext", `${now + 1}: ${frame.heading}`);
    by("first").disabled = by("back").disabled = now === 0;
    by("next").disabled = by("last").disabled = now === frames.length - 1;
    const shown = frame.lit.find((key) => element.has(key));
    if (shown && frame.phase !== "start" && frame.phase !== "end") view.show(element.get(shown));
    if (told) tell(told);
  }
  function go(number) {
    now = Math.min(Math.max(number, 0), frames.length - 1);
    paint();
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    label(false);
  }
  function label(playing) {
    by("play").textContent = playing ? words.pause : words.play;
    // Read aloud at every tick, the steps would never come to an end.
    card.setAttribute("aria-live", playing ? "off" : "polite");
  }
  function start() {
    clearInterval(timer);
    timer = setInterval(() => {
      if (now === frames.length - 1) stop();
      else go(now + 1);
    }, 1600 / by("speed").value);
    label(true);
  }
  function toggle() {
    if (timer) { stop(); return; }
    if (now === frames.length - 1) go(0);
    start();
  }

  // The history of a node: what is said of it, step by step, up to the end.
  function tell(key) {
    told = key;
    const list = document.createElement("ol");
    frames.forEach((frame, number) => {
      const about = frame.phase === "forward" || frame.phase === "backward"
        ? frame.lit[0] === key || frame.lit.includes(key) && key.startsWith("w")
        : frame.lit.includes(key) && frame.phase !== "start" && frame.phase !== "end";
      if (!about) return;
      const entry = document.createElement("li"), jump = line(frame.lines.join(", "), "", "button");
      jump.type = "button";
      if (number === now) jump.setAttribute("aria-current", "true");
      jump.addEventListener("click", () => { stop(); go(number); });
      entry.append(jump);
      list.append(entry);
    });
    by("history").replaceChildren(line(tooltips.get(key) || words.history, "", "b"), list);
  }
  function forget() {
    told = null;
    by("history").replaceChildren(line(words.hint, ""));
  }

  const entries = elements.map((each) => {
    const title = each.querySelector("title");
    if (title) { tooltips.set(each.dataset.key, title.textContent.split("\n")[0]); title.remove(); }
    const texts = [...each.querySelectorAll("text")].filter((text) => text.matches(".gg-ink, .gg-muted"));
    const text = texts.map((part) => part.textContent).join(" ");
    if (!title) tooltips.set(each.dataset.key, text);
    return { element: each, text: `${text} ${each.dataset.gate || ""}` };
  });
  function choose(each) {
    svg.querySelector(".chosen")?.classList.remove("chosen");
    if (!each) { forget(); return; }
    each.classList.add("chosen");
    view.show(each);
    tell(each.dataset.key);
  }
  svg.addEventListener("pointerover", (event) => {
    const each = event.target.closest("[data-key]");
    if (each) tell(each.dataset.key);
  });
  svg.addEventListener("click", (event) => choose(event.target.closest("[data-key]")));
  searchIn(by("search"), by("count"), entries, choose, words);

  const jumps = { first: () => 0, back: () => now - 1, next: () => now + 1, last: () => frames.length - 1 };
  for (const [id, target] of Object.entries(jumps)) {
    by(id).addEventListener("click", () => { stop(); go(target()); });
  }
  by("play").addEventListener("click", toggle);
  by("slider").addEventListener("input", () => { stop(); go(by("slider").value - 1); });
  by("speed").addEventListener("input", () => {
    by("pace").textContent = `${by("speed").value}×`;
    if (timer) start();
  });
  by("larger").addEventListener("click", () => view.zoom(1.25));
  by("smaller").addEventListener("click", () => view.zoom(0.8));
  by("fit").addEventListener("click", view.fit);
  const keys = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    if (keys[event.key]) { stop(); go(jumps[keys[event.key]]()); event.preventDefault(); }
    if (event.key === " " && !event.target.matches("button")) { toggle(); event.preventDefault(); }
  });
  paint();
})();
