// The pages around the items: welcome, viewing conditions with the screen check, breaks, the end.

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function say(tag, text, className = "") {
  const element = make(tag, className);
  element.textContent = text;
  return element;
}

export function press(text, onPress, className = "go") {
  const button = say("button", text, className);
  button.addEventListener("click", onPress);
  return button;
}

/** Show a calm page of text and wait until its button is pressed. */
export function page(place, children, go) {
  return new Promise((resolve) => {
    const button = press(go, () => resolve());
    place.replaceChildren(make("section", "page", ...children, make("p", "end", button)));
    button.focus({ preventScroll: true });
    place.scrollTop = 0;
  });
}

export function alone(place, title, text) {
  place.replaceChildren(make("section", "page", say("h1", title), say("p", text)));
}

const KEYS = {
  rating: [["1 … 5", "rate (or the number under a word)"]],
  ten: [["1 … 9, 0", "rate 1 to 9, and 10"]],
  slider: [["← →", "move the slider"], ["Enter", "next"]],
  pairs: [["1", "left is better"], ["2", "no difference"], ["3", "right is better"]],
};

export function helpFor(study) {
  const answers = study.design === "pairs" ? KEYS.pairs : KEYS[study.kind] ?? KEYS.rating;
  const looks = [
    ["A, B …", "hold: show a source in the place of the fused image"],
    ["Space", "hold: show the source shown last"],
    ["+ −", "zoom; also the wheel, or two fingers"],
    ["drag", "move"],
    ["O", "one screen pixel per pixel"],
    ["F", "the whole picture"],
  ];
  const grey = [["right drag", "grey levels: left and right contrast, up and down brightness"], ["W", "all grey levels"]];
  const list = make("dl", "keys");
  for (const [key, does] of [...answers, ["Backspace", "back to the last item"], ...looks, ...grey]) {
    const name = make("dt", "", say("kbd", key));
    list.append(name, say("dd", does));
  }
  return list;
}

export function welcome(place, state) {
  const { study } = state;
  const left = state.total - state.next;
  const pairs = study.design === "pairs";
  const begun = state.next > state.training;
  const looks = pairs
    ? "You will see two fused images of the same scene and say which one is better. Both are shown in random order."
    : "You will see one fused image at a time, together with the images that it was fused from, and rate it.";
  const examples = state.training === 1 ? "The first one is an example" : `The first ${state.training} are examples`;
  return page(place, [
    say("h1", study.title),
    say("p", study.question, "lead"),
    say("p", begun ? `Welcome back. ${left} are left; you go on where you stopped.` : looks),
    ...(begun || !state.training ? [] : [say("p", `${examples} and do not count.`)]),
    say("p", "There is no right answer, and no time limit. You may stop whenever you like and come back with the same link."),
    make("details", "", say("summary", "Keys and gestures"), helpFor(study)),
    ...(study.simulated ? [say("p", "This is a rehearsal: what is said here is recorded as simulated.", "warn")] : []),
  ], begun ? "Go on" : "Begin");
}

const ASKED = [
  ["room", "The room is", ["dark", "dimmed", "bright"]],
  ["display", "I look at", ["a diagnostic monitor", "a desktop monitor", "a laptop", "a tablet", "a phone"]],
  ["sight", "Glasses or lenses", ["not needed", "worn", "needed, not worn"]],
];
const COLOURS = ["colours", "I see colours", ["normally", "with a deficiency", "I do not know"]];
/** Levels of grey next to black and next to white; who cannot tell the first ones does not see what others see. */
const DARK = [2, 4, 6, 8, 12, 16, 24, 32];
const BRIGHT = [253, 251, 249, 247, 243, 239, 231, 223];

function choice(name, answers, said, onChange, className = "choice") {
  const group = make("div", className);
  group.setAttribute("role", "group");
  for (const [value, element] of answers) {
    element.setAttribute("aria-pressed", "false");
    element.dataset.value = value;
    element.addEventListener("click", () => {
      said[name] = value;
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === element));
      onChange();
    });
    group.append(element);
  }
  return group;
}

function patches(name, levels, said, onChange) {
  const squares = levels.map((level, k) => {
    const square = make("button", `patch g${level}`);
    square.setAttribute("aria-label", `square ${k + 1}`);
    return [level, square];
  });
  const none = say("button", "none", "none");
  return choice(name, [...squares, [-1, none]], said, onChange, `patches ${name}`);
}

/** Ask where somebody sits, and which greys the screen tells apart. */
export function conditions(place, study) {
  return new Promise((resolve) => {
    const said = {};
    const asked = study.colour ? [...ASKED, COLOURS] : ASKED;
    const done = press("Continue", () => resolve(said));
    done.disabled = true;
    const names = [...asked.map(([name]) => name), "dark", "bright"];
    const check = () => {
      done.disabled = !names.every((name) => name in said);
    };
    const rows = asked.map(([name, words, answers]) =>
      make("div", "row", say("span", words), choice(name, answers.map((one) => [one, say("button", one)]), said, check)));
    const ramp = make("div", "ramp", ...Array.from({ length: 16 }, (_, k) => make("i", `g${k * 17}`)));
    place.replaceChildren(make("section", "page",
      say("h1", "Before we begin"),
      say("p", "So that others can judge what was seen, this is stored with your votes."),
      ...rows,
      say("h2", "Screen check"),
      say("p", "Set the brightness of your screen so that all steps of the ramp can be told apart."),
      ramp,
      say("p", "Press the darkest square that you can tell from the black around it."),
      patches("dark", DARK, said, check),
      say("p", "Press the lightest square that you can tell from the white around it."),
      patches("bright", BRIGHT, said, check),
      make("p", "end", done)));
    place.scrollTop = 0;
  });
}
