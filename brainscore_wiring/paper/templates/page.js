"use strict";
// Copying, sorting, filtering, moving by keyboard, and hints: on plain tables, without a library.
const said = document.getElementById("said");

async function copy(text) {
  try { await navigator.clipboard.writeText(text); }
  catch { // pages from disk may have no clipboard
    const area = document.createElement("textarea"), before = document.activeElement;
    area.value = text;
    document.body.append(area); area.select(); document.execCommand("copy"); area.remove(); before?.focus();
  }
  said.textContent = `Copied: ${text}`;
}
document.addEventListener("click", async event => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  button.firstChild.data = "Copied";
  setTimeout(() => { button.firstChild.data = "Copy"; }, 1500);
});

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  // One cell can be focused by Tab, the first that is shown; arrow keys move on from it.
  let current;
  const enter = cell => {
    if (current) current.tabIndex = -1;
    current = cell;
    if (current) current.tabIndex = 0;
  };
  const enterFirst = () => enter([...body.rows].find(row => !row.hidden)?.cells[0]);
  enterFirst();
  const key = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  heads.forEach((head, column) => {
    head.setAttribute("aria-sort", "none");
    head.firstElementChild?.addEventListener("click", () => {
      const numeric = !head.classList.contains("words"), down = head.getAttribute("aria-sort") === "descending";
      const first = numeric ? !down : head.getAttribute("aria-sort") === "ascending"; // numbers begin with the largest
      const sign = first ? -1 : 1;
      const rows = [...body.rows].map(row => [row, key(row, column)]);
      rows.sort(([, one], [, other]) => {
        if (one === "" || other === "") return (one === "") - (other === ""); // what is missing comes last
        return sign * (numeric ? one - other : one.localeCompare(other, "en", {numeric: true}));
      });
      body.append(...rows.map(([row]) => row));
      enterFirst();
      heads.forEach(other => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
      said.textContent = `Sorted by ${head.firstElementChild.textContent}, ${sign < 0 ? "descending" : "ascending"}.`;
    });
  });

  const filters = document.querySelectorAll(`[data-filters="${table.id}"]`);
  const shown = document.getElementById(`${table.id}-shown`);
  const filter = () => {
    let count = 0;
    for (const row of body.rows) {
      row.hidden = ![...filters].every(input => !input.value || (input.dataset.column
        ? key(row, input.dataset.column) === input.value
        : input.value.toLowerCase().split(/\s+/).every(word => row.textContent.toLowerCase().includes(word))));
      count += !row.hidden;
    }
    enterFirst();
    if (shown) shown.textContent = `${count} of ${body.rows.length} rows`;
  };
  filters.forEach(input => input.addEventListener("input", filter));
  if (filters.length) filter();

  table.addEventListener("focusin", event => {
    const cell = event.target.closest("tbody th, tbody td");
    if (cell && cell !== current) enter(cell);
  });
  table.addEventListener("keydown", event => {
    const cell = event.target.closest("tbody th, tbody td");
    const command = cell?.parentElement.cells[0].dataset.command;
    if (event.key === "Enter" && command) copy(command);
    const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (!cell || !step) return;
    let row = cell.parentElement;
    if (step[0]) do row = step[0] > 0 ? row.nextElementSibling : row.previousElementSibling; while (row?.hidden);
    const next = row?.cells[cell.cellIndex + step[1]];
    if (!next) return;
    event.preventDefault();
    next.tabIndex = -1; next.focus(); next.scrollIntoView({block: "nearest", inline: "nearest"});
  });
}

// What a cell's number comes from, for the pointer and for the keyboard.
const provenance = JSON.parse(document.getElementById("provenance")?.textContent ?? "[]");
const hint = document.getElementById("hint");
const show = cell => {
  const note = cell?.dataset.from;
  if (!hint) return;
  hint.hidden = note === undefined;
  if (hint.hidden) return;
  hint.textContent = provenance[note];
  const box = cell.getBoundingClientRect(), own = hint.getBoundingClientRect();
  hint.style.left = `${Math.max(4, Math.min(box.left, innerWidth - own.width - 8))}px`;
  hint.style.top = `${box.bottom + own.height + 8 > innerHeight ? Math.max(4, box.top - own.height - 4) : box.bottom + 4}px`;
};
if (hint) {
  document.addEventListener("mouseover", event => show(event.target.closest("[data-from]")));
  document.addEventListener("focusin", event => show(event.target.closest("[data-from]")));
  document.addEventListener("focusout", () => show(null));
  document.addEventListener("keydown", event => { if (event.key === "Escape") hint.hidden = true; });
}
