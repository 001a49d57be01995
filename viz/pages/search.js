"use strict";

// Finds elements by their texts: marks those that match, tells how many, and goes from one to the next.
function searchIn(input, count, entries, choose, words) {
  let found = [], place = -1;

  function clear() {
    for (const { element } of entries) element.classList.remove("found");
  }
  function look() {
    const sought = input.value.trim().toLowerCase();
    clear();
    found = sought ? entries.filter(({ text }) => text.toLowerCase().includes(sought)) : [];
    found.forEach(({ element }) => element.classList.add("found"));
    place = -1;
    count.textContent = sought ? words.found.replace("{count}", found.length) : "";
    if (found.length) go(1);
  }
  function go(step) {
    if (!found.length) return;
    place = (place + step + found.length) % found.length;
    count.textContent = `${place + 1} / ${found.length}`;
    choose(found[place].element);
  }
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { go(event.shiftKey ? -1 : 1); event.preventDefault(); }
    if (event.key === "Escape") { input.value = ""; look(); }
    event.stopPropagation();
  });
}
