// The page of a comparison: which rows and columns are shown, and two pictures on each other.

for (const tabled of document.querySelectorAll(".tabled")) {
  const table = tabled.querySelector("table");
  const search = tabled.querySelector("input[type=search]");
  const family = tabled.querySelector(".tools select");
  const told = tabled.querySelector("output");
  const headings = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.cells[0].dataset.sort.toLowerCase().includes(wanted);
    const shown = headings.map((one) => !family.value || !one.dataset.family || one.dataset.family === family.value);
    for (const row of [table.tHead.rows[0], ...rows]) {
      [...row.cells].forEach((cell, column) => { cell.hidden = !shown[column]; });
    }
    const metrics = headings.filter((one) => one.dataset.family);
    const count = (all, left, what) => `${left.length === all.length ? "" : `${left.length} of `}${all.length} ${what}`;
    told.textContent = [
      count(rows, rows.filter((row) => !row.hidden), "methods"),
      count(metrics, metrics.filter((one) => !one.hidden), "metrics"),
    ].join(", ");
  };
  search.addEventListener("input", filter);
  family.addEventListener("change", filter);
  filter();
}

for (const gallery of document.querySelectorAll(".gallery")) {
  const scenes = [...gallery.querySelectorAll(".scene")];
  const sides = { over: gallery.querySelector("select.left"), under: gallery.querySelector("select.right") };
  const fill = () => {
    for (const scene of scenes) {
      for (const [place, select] of Object.entries(sides)) {
        const label = select.selectedOptions[0].textContent;
        const picture = scene.querySelector(`.slider .${place}`);
        picture.querySelector("use").setAttribute("href", `#${scene.id}-p${select.value}`);
        picture.setAttribute("aria-label", label);
        scene.querySelector(`.tag.${place === "over" ? "left" : "right"}`).textContent = label;
      }
    }
  };
  const choose = (id) => scenes.forEach((scene) => { scene.hidden = scene.id !== id; });
  for (const select of Object.values(sides)) select.addEventListener("change", fill);
  gallery.querySelector(".swap").addEventListener("click", () => {
    [sides.over.value, sides.under.value] = [sides.under.value, sides.over.value];
    fill();
  });
  for (const radio of gallery.querySelectorAll("input[type=radio]")) {
    radio.addEventListener("change", () => choose(radio.value));
    if (radio.checked) choose(radio.value);
  }
  for (const slider of gallery.querySelectorAll(".slider")) {
    const range = slider.querySelector("input");
    const move = () => slider.style.setProperty("--at", `${range.value}%`);
    range.addEventListener("input", move);
    move();
  }
  fill();
}
