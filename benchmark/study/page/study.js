// A sitting at the study, from the link to the last item.

import { get, post, remember, Refused } from "./api.js";
import { answersOf } from "./answers.js";
import { decoded } from "./pictures.js";
import { alone, conditions, helpFor, make, page, press, say, welcome } from "./screens.js";
import { Viewer } from "./viewer.js";

const $ = (id) => document.getElementById(id);
const place = $("screen");
/** Milliseconds in which a second press is taken for a slip of the finger. */
const SLIP = 250;

const notice = (text) => {
  $("notice").textContent = text;
  $("notice").classList.toggle("shown", Boolean(text));
};
const quiet = () => notice("");

/** Exchange the token in the link for a session, and take it out of the address. */
async function enter() {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  await post("api/session", { token }, notice, quiet);
}

class Sitting {
  constructor(state) {
    this.state = state;
    this.study = state.study;
    this.items = new Map();
    this.done = state.next;
  }

  /** Load an item, decoded; asking twice loads once. */
  load(position) {
    if (!this.items.has(position)) {
      const promise = get(`api/slot/${position}`, notice, quiet).then(decoded);
      promise.catch(() => this.items.delete(position));
      this.items.set(position, promise);
    }
    return this.items.get(position);
  }

  build() {
    this.frame = make("section", "work");
    this.viewer = new Viewer(this.frame, this.study);
    this.tools = this.toolbar();
    this.answers = answersOf(this.study, (value) => this.answer(value));
    this.frame.append(make("div", "desk", this.tools, this.answers.element));
    this.viewer.onChange = () => this.read();
    place.replaceChildren(this.frame);
    $("question").textContent = this.study.question;
    $("help").hidden = $("full").hidden = false;
    $("full").hidden = !document.documentElement.requestFullscreen;
  }

  toolbar() {
    const { viewer } = this;
    this.labels = make("div", "labels");
    this.zoomed = press("", () => viewer.home(), "tool readout");
    this.zoomed.title = "The whole picture (F)";
    const closer = press("+", () => viewer.step(1), "tool");
    const farther = press("−", () => viewer.step(-1), "tool");
    const exact = press("1:1", () => viewer.zoomTo(1), "tool");
    exact.title = "One screen pixel per pixel (O)";
    this.grey = press("", () => {
      viewer.tool = viewer.tool === "grey" ? "move" : "grey";
      this.grey.setAttribute("aria-pressed", String(viewer.tool === "grey"));
    }, "tool grey");
    this.grey.append(make("i", "half"), say("span", "Grey levels"));
    this.grey.setAttribute("aria-label", "Grey levels");
    this.grey.setAttribute("aria-pressed", "false");
    this.grey.title = "Drag in a picture to change contrast and brightness";
    this.greys = press("", () => viewer.grey(255, 127.5), "tool readout");
    this.greys.title = "All grey levels (W)";
    for (const [button, name] of [[closer, "Zoom in"], [farther, "Zoom out"], [exact, "One to one"]]) {
      button.setAttribute("aria-label", name);
    }
    const zooms = make("div", "zooms", farther, this.zoomed, closer, exact);
    const tools = make("div", "tools", this.labels, zooms, make("div", "greys", this.grey, this.greys));
    if (this.study.notes) {
      this.note = make("textarea", "note");
      this.note.placeholder = "Note (a lesion, an artefact); no names";
      this.note.maxLength = 1000;
      this.note.rows = 1;
      this.note.setAttribute("aria-label", "Note");
      tools.append(this.note);
    }
    return tools;
  }

  /** Buttons that show a source in the place of the fused image while they are held, or until they are pressed again. */
  sourceButtons(item) {
    const { viewer } = this;
    this.labels.replaceChildren(...item.sources.map((source, k) => {
      const short = item.sources.length > 3 ? source.label.replace(/^Source /, "") : source.label;
      const button = say("button", short, "tool source");
      button.setAttribute("aria-label", source.label);
      button.title = `Hold to see it in the place of the fused image (${String.fromCharCode(65 + k)})`;
      button.addEventListener("pointerdown", () => this.hold(k));
      for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
        button.addEventListener(end, () => this.release());
      }
      button.addEventListener("contextmenu", (event) => event.preventDefault());
      return button;
    }));
    viewer.last = 0;
  }

  hold(k) {
    if (k >= this.viewer.sourcePanes.length || this.viewer.flickering === k) return;
    this.viewer.last = k;
    this.viewer.flicker(k);
  }

  release() {
    if (this.viewer.flickering !== null) this.viewer.flicker(null);
  }

  read() {
    const { viewer } = this;
    const zoom = viewer.zoom * 100;
    this.zoomed.textContent = `${zoom < 100 ? zoom.toFixed(0) : Math.round(zoom)} %`;
    this.greys.textContent = viewer.windowed ? `${Math.round(viewer.width)} / ${Math.round(viewer.level)}` : "";
    this.greys.hidden = !viewer.windowed;
    this.grey.parentElement.hidden = !viewer.hasGrey;
    [...this.labels.children].forEach((button, k) => button.setAttribute("aria-pressed", String(k === viewer.flickering)));
  }

  async show(position) {
    const item = await this.load(position);
    this.position = position;
    this.item = item;
    this.attempt = item.attempt;
    this.viewer.show(item);
    this.sourceButtons(item);
    this.answers.set(item.value);
    if (this.note) this.note.value = item.note;
    this.count();
    this.since = performance.now();
    this.busy = false;
    place.dataset.position = position;
    for (const next of [position + 1]) {
      if (next < this.state.total && next <= this.done + 1) {
        this.load(next).then(() => { place.dataset.ready = next; }).catch(() => {});
      }
    }
    for (const old of this.items.keys()) if (Math.abs(old - position) > 1) this.items.delete(old);
  }

  count() {
    const { training, total } = this.state;
    const trains = this.position < training;
    const [at, of] = trains ? [this.position + 1, training] : [this.position - training + 1, total - training];
    $("count").textContent = trains ? `Example ${at} of ${of}` : `${at} of ${of}`;
    const share = total ? this.done / total : 0;
    $("progress").firstElementChild.style.width = `${100 * share}%`;
    $("progress").setAttribute("aria-valuenow", this.done);
    $("progress").setAttribute("aria-valuemax", total);
    $("back").hidden = this.position === 0 || this.position === training;
  }

  async answer(value) {
    if (this.busy || performance.now() - this.since < SLIP) return;
    this.busy = true;
    this.answers.given(value);
    const details = {
      ...this.viewer.details,
      ms: Math.round(performance.now() - this.since),
      width: window.innerWidth,
      height: window.innerHeight,
      ratio: window.devicePixelRatio,
    };
    const same = value === this.item.value && (this.note?.value ?? "") === this.item.note;
    const vote = { position: this.position, attempt: this.attempt + 1, value, note: this.note?.value ?? "", details };
    try {
      if (!same) this.done = (await post("api/vote", vote, notice, quiet)).next;
      quiet();
      this.items.delete(this.position);
      this.turn.resolve(this.position + 1);
    } catch (error) {
      if (error instanceof Refused && error.status === 409) await this.catchUp(error).catch(this.turn.reject);
      else this.turn.reject(error);
    }
  }

  /** Go where another window of the same rater is. */
  async catchUp(error) {
    notice(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`);
    this.items.clear();
    this.done = (await get("api/state")).next;
    this.turn.resolve(this.done);
  }

  back() {
    if ($("back").hidden || this.busy) return;
    this.items.delete(this.position - 1);
    this.turn.resolve(this.position - 1);
  }

  async pauses(position) {
    const { training, total } = this.state;
    const { pause } = this.study;
    if (position === training && training && this.done <= training) {
      await this.interval("The examples are over", "From now on your votes count.", "Go on");
    } else if (pause && position > training && (position - training) % pause === 0 && position < total) {
      await this.interval(
        "Time for a break",
        `${total - position} are left. Look into the distance for a while, or come back another day with the same link.`,
        "Go on",
      );
    }
  }

  async interval(title, text, go) {
    $("back").hidden = true;
    $("question").textContent = $("count").textContent = "";
    await page(place, [say("h1", title), say("p", text)], go);
    place.replaceChildren(this.frame);
    $("question").textContent = this.study.question;
  }

  async run() {
    const { total } = this.state;
    this.build();
    let position = this.state.next;
    let forward = true;
    while (position < total) {
      if (forward) await this.pauses(position);
      if (this.frame.parentElement !== place) place.replaceChildren(this.frame);
      const turn = new Promise((resolve, reject) => { this.turn = { resolve, reject }; });
      await this.show(position);
      const next = await turn;
      forward = next > position;
      position = next;
    }
    $("progress").firstElementChild.style.width = "100%";
    $("count").textContent = $("question").textContent = "";
    for (const id of ["back", "help"]) $(id).hidden = true;
    alone(place, "Thank you", "All your votes are stored. You may close this window.");
  }

  listen() {
    const { viewer } = this;
    const typing = () => document.activeElement === this.note || $("keys").open;
    // Letters beyond E mean other things, or nothing.
    const letters = (event) => {
      const number = event.key.length === 1 ? event.key.toUpperCase().charCodeAt(0) - 65 : -1;
      return number < 5 ? number : -1;
    };
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.note?.blur();
      if (event.ctrlKey || event.metaKey || event.altKey || typing() || !this.frame.isConnected) return;
      const source = letters(event);
      if (event.key === " ") this.hold(viewer.last);
      else if (source >= 0 && source < viewer.sourcePanes.length) this.hold(source);
      else if (event.repeat && event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      else if (event.key === "Backspace") this.back();
      else if (event.key === "+" || event.key === "=") viewer.step(1);
      else if (event.key === "-") viewer.step(-1);
      else if (event.key === "f" || event.key === "F") viewer.home();
      else if (event.key === "o" || event.key === "O") viewer.zoomTo(1);
      else if (event.key === "w" || event.key === "W") viewer.grey(255, 127.5);
      else if (!this.answers.key(event)) return;
      event.preventDefault();
    });
    document.addEventListener("keyup", (event) => {
      const source = letters(event);
      if (event.key === " " || (source >= 0 && source < viewer.sourcePanes.length)) this.release();
    });
    $("back").addEventListener("click", () => this.back());
    $("help").addEventListener("click", () => {
      $("keys").replaceChildren(say("h2", "Keys and gestures"), helpFor(this.study),
        make("p", "end", press("Close", () => $("keys").close())));
      $("keys").showModal();
    });
    $("full").addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    });
    addEventListener("blur", () => this.release());
  }
}

async function begin() {
  try {
    await enter();
    const state = await get("api/state", notice, quiet);
    remember(state.csrf);
    document.title = state.study.title;
    if (navigator.webdriver && !state.study.simulated) {
      alone(place, "For people", "This browser is driven by a program, and this study is for people. A study of simulated raters is made with --simulated.");
      return;
    }
    if (state.next >= state.total) {
      alone(place, "Thank you", "All your votes are stored. You may close this window.");
      return;
    }
    await welcome(place, state);
    if (state.ask) {
      const said = await conditions(place, state.study);
      const pointer = matchMedia("(pointer: coarse)").matches ? "touch" : "mouse";
      const screen_ = `${screen.width}x${screen.height}`;
      await post("api/conditions", { ...said, screen: screen_, pixels: devicePixelRatio, pointer }, notice, quiet);
    }
    const sitting = new Sitting(state);
    const run = sitting.run();
    sitting.listen();
    await run;
  } catch (error) {
    quiet();
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) alone(place, "Please use your link", "This study is opened with a link that was given to you alone. It may have been replaced by a newer one: ask whoever gave it to you.");
    else alone(place, "This did not work", `${error.message}.`);
  }
}

begin();
addEventListener("hashchange", () => location.reload());
