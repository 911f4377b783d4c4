// Light or dark; tables sorted by a click on a heading; one metric shown at a time.
"use strict";

const theme = document.querySelector(".theme");
const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();

function sortBy(heading) {
  const table = heading.closest("table");
  const headings = [...heading.parentElement.cells];
  const column = headings.indexOf(heading);
  const now = heading.getAttribute("aria-sort");
  const opposite = { ascending: "descending", descending: "ascending" };
  const order = opposite[now] || heading.dataset.first;
  const sign = order === "ascending" ? 1 : -1;
  const numeric = "numeric" in heading.dataset;
  const key = (row) => row.cells[column].dataset.sort;
  const compare = (one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === "" || b === "") return (a === "") - (b === ""); // no value: last, whatever the order
    return sign * (numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true }));
  };
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  headings.forEach((other) => other.setAttribute("aria-sort", other === heading ? order : "none"));
}

for (const button of document.querySelectorAll("table.sortable thead button")) {
  button.addEventListener("click", () => sortBy(button.closest("th")));
}

for (const chapter of document.querySelectorAll(".chapter")) {
  const chooser = chapter.querySelector(".chooser");
  const select = chooser.querySelector("select");
  const metrics = [...chapter.querySelectorAll(".metric")];
  const show = (id) => metrics.forEach((metric) => { metric.hidden = metric.id !== id; });
  const follow = () => {
    const target = metrics.find((metric) => `#${metric.id}` === location.hash);
    if (!target) return;
    select.value = target.id;
    show(target.id);
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  };
  if (!metrics.length) continue;
  select.addEventListener("change", () => show(select.value));
  show(select.value);
  addEventListener("hashchange", follow);
  follow();
}
