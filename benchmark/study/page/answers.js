// What a rater answers with: five words, ten numbers, a slider, or left and right.

function button(text, small, className = "answer") {
  const made = document.createElement("button");
  made.className = className;
  const word = document.createElement("span");
  word.textContent = text;
  made.append(word);
  if (small) {
    const key = document.createElement("kbd");
    key.textContent = small;
    made.prepend(key);
  }
  return made;
}

/** Buttons; `values` are [value, word, key], and what stands over the word if it is not the key. */
class Buttons {
  constructor(kind, question, values, onAnswer) {
    this.element = document.createElement("div");
    this.element.className = `answers ${kind}`;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", question);
    this.keys = new Map();
    this.buttons = new Map();
    for (const [value, word, key, shown] of values) {
      const made = button(word, shown ?? key);
      made.dataset.value = value;
      made.addEventListener("click", () => onAnswer(value));
      this.element.append(made);
      this.buttons.set(value, made);
      this.keys.set(key, () => onAnswer(value));
    }
  }

  set(value) {
    for (const [one, made] of this.buttons) {
      made.setAttribute("aria-pressed", String(one === value));
      made.classList.remove("given");
    }
  }

  given(value) {
    this.buttons.get(value)?.classList.add("given");
  }

  key(event) {
    const answer = this.keys.get(event.key);
    answer?.();
    return Boolean(answer);
  }
}

/** A slider with the words of the scale under it. Nothing is chosen until it was moved. */
class Slider {
  constructor(question, scale, onAnswer) {
    this.element = document.createElement("div");
    this.element.className = "answers slider";
    this.input = document.createElement("input");
    Object.assign(this.input, { type: "range", min: scale.low, max: scale.high, step: 1 });
    this.input.setAttribute("aria-label", question);
    const words = document.createElement("div");
    words.className = "words";
    for (const [, word] of scale.labels) {
      const label = document.createElement("span");
      label.textContent = word;
      words.append(label);
    }
    const column = document.createElement("div");
    column.className = "column";
    column.append(this.input, words);
    this.button = button("Next", "", "answer next");
    this.button.addEventListener("click", () => this.answer());
    this.input.addEventListener("input", () => this.moved());
    this.input.addEventListener("pointerdown", () => this.moved());
    this.element.append(column, this.button);
    this.onAnswer = onAnswer;
    this.middle = (scale.low + scale.high) / 2;
  }

  moved() {
    this.touched = true;
    this.element.classList.remove("untouched");
    this.button.disabled = false;
    this.input.setAttribute("aria-valuetext", this.input.value);
  }

  answer() {
    if (this.touched) this.onAnswer(Number(this.input.value));
  }

  set(value) {
    this.touched = value !== null;
    this.input.value = value ?? this.middle;
    this.button.disabled = !this.touched;
    this.element.classList.toggle("untouched", !this.touched);
    this.element.classList.remove("given");
  }

  given() {
    this.element.classList.add("given");
  }

  key(event) {
    if (event.key === "Enter") this.answer();
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (step) {
      this.input.value = Number(this.input.value) + step;
      this.moved();
    }
    return event.key === "Enter" || Boolean(step);
  }
}

export function answersOf(study, onAnswer) {
  const { question, scale, kind, design } = study;
  if (design === "pairs") {
    const values = [["left", "Left", "1"], ["tie", "No difference", "2"], ["right", "Right", "3"]];
    return new Buttons("pairs", question, values, onAnswer);
  }
  if (kind === "slider") return new Slider(question, scale, onAnswer);
  const words = new Map(scale.labels);
  const values = [];
  for (let value = scale.low; value <= scale.high; value++) {
    values.push([value, words.get(value) ?? "", String(value % 10), String(value)]);
  }
  return new Buttons(kind, question, values, onAnswer);
}
