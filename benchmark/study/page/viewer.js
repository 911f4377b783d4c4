// Shows pictures side by side: one zoom, one place and one window of grey levels for all of them.

/** Screen pixels to a pixel, at which every pixel of a picture is equally large; below 1 pictures are made smaller. */
const STOPS = [0.125, 0.25, 0.5, 0.75, 1, 2, 3, 4, 6, 8, 12, 16, 24];
const WHEEL = 60;
const FULL = { width: 255, level: 127.5 };

const whole = (scale) => (scale >= 1 ? Math.round(scale) : scale);

class Pane {
  constructor(viewer, kind, label) {
    this.viewer = viewer;
    this.element = document.createElement("figure");
    this.element.className = `pane ${kind}`;
    this.canvas = document.createElement("canvas");
    this.caption = document.createElement("figcaption");
    this.caption.textContent = this.label = label;
    this.element.append(this.canvas, this.caption);
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.picture = null;
    this.other = null;
  }

  show(picture) {
    this.picture = picture;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.label);
  }

  /** Fit the canvas to the pixels of the screen. */
  measure(box) {
    const ratio = window.devicePixelRatio || 1;
    let [width, height] = [Math.round(this.canvas.clientWidth * ratio), Math.round(this.canvas.clientHeight * ratio)];
    const size = box?.devicePixelContentBoxSize?.[0];
    // The exact number differs from the product by rounding; where it is another one, the ratio is only pretended.
    if (size && Math.abs(size.inlineSize - width) <= 2) [width, height] = [size.inlineSize, size.blockSize];
    if (width && height && (width !== this.canvas.width || height !== this.canvas.height)) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
  }

  /** The scale at which a picture is seen as a whole: as large as whole pixels allow. */
  get home() {
    if (!this.picture) return 1;
    if (this.viewer.exact) return 1;
    const fit = Math.min(this.canvas.width / this.picture.width, this.canvas.height / this.picture.height);
    return fit >= 1 ? Math.floor(fit) : fit;
  }

  get scale() {
    return whole(this.home * this.viewer.ratio);
  }

  draw() {
    const { canvas, context } = this;
    const shown = this.other ?? this.picture;
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (!shown) return;
    const scale = this.scale;
    const width = shown.width * scale;
    const height = shown.height * scale;
    const x = Math.round(canvas.width / 2 - this.viewer.x * width);
    const y = Math.round(canvas.height / 2 - this.viewer.y * height);
    context.imageSmoothingEnabled = scale < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(shown.shown, x, y, width, height);
  }
}

export class Viewer {
  /** `place` takes the panes; `options` are those of the study. */
  constructor(place, options) {
    this.exact = options.zoom === "exact";
    this.element = document.createElement("div");
    this.element.className = `panes ${options.design} ${options.sources}`;
    place.append(this.element);
    this.panes = [];
    this.sourcePanes = [];
    this.tool = "move";
    this.pointers = new Map();
    this.wheeled = 0;
    this.onChange = () => {};
    this.observer = new ResizeObserver((entries) => {
      for (const entry of entries) entry.target.pane.measure(entry);
      this.arrange();
      this.draw();
    });
    this.reset();
  }

  get main() {
    return this.panes[0];
  }

  /** Show a decoded item from its beginning: nothing of the last item's view is left. */
  show(item) {
    const names = item.fused.length > 1 ? ["Left", "Right"] : ["Fused"];
    const labels = [...names, ...item.sources.map((source) => source.label)];
    if (labels.join("|") !== this.panes.concat(this.sourcePanes).map((pane) => pane.label).join("|")) {
      this.build(names, item.sources.map((source) => source.label));
    }
    item.fused.forEach((picture, k) => this.panes[k].show(picture));
    item.sources.forEach((source, k) => this.sourcePanes[k].show(source.picture));
    this.item = item;
    this.switches = 0;
    this.reset();
  }

  build(names, sources) {
    this.observer.disconnect();
    this.element.replaceChildren();
    const make = (kind) => (label) => {
      const pane = new Pane(this, kind, label);
      pane.canvas.pane = pane;
      this.listen(pane);
      this.observer.observe(pane.canvas);
      return pane;
    };
    this.panes = names.map(make("fused"));
    this.sourcePanes = sources.map(make("source"));
    const group = (kind, panes) => {
      const box = document.createElement("div");
      box.className = panes.length > 3 ? `${kind} many` : kind;
      box.append(...panes.map((pane) => pane.element));
      this.element.append(box);
    };
    group("judged", this.panes);
    if (sources.length) group("sources", this.sourcePanes);
    this.arrange();
    for (const pane of this.all) pane.measure();
  }

  get all() {
    return [...this.panes, ...this.sourcePanes];
  }

  /** Sources stand beside where the place is wide, below where it is high. */
  arrange() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.element.classList.toggle("high", width < height * 1.15);
  }

  reset() {
    this.ratio = 1;
    this.x = this.y = 0.5;
    for (const pane of this.panes) pane.other = null;
    this.grey(FULL.width, FULL.level);
  }

  draw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      for (const pane of this.all) pane.draw();
      this.onChange();
    });
  }

  /** Change the window of grey levels of all grey pictures. */
  grey(width, level) {
    this.width = Math.min(Math.max(width, 4), 255);
    this.level = Math.min(Math.max(level, 0), 255);
    for (const pane of this.all) pane.picture?.window(this.width, this.level);
    this.draw();
  }

  get windowed() {
    return this.width < 255 || this.level !== FULL.level;
  }

  get hasGrey() {
    return this.all.some((pane) => pane.picture?.grey);
  }

  /** Screen pixels to a pixel in the large pane. */
  get zoom() {
    return this.main ? this.main.scale : 1;
  }

  zoomTo(scale, pane = this.main, at = null) {
    const before = pane.scale;
    this.ratio = Math.min(Math.max(scale, STOPS[0]), STOPS.at(-1)) / this.main.home;
    if (at && pane.picture) {
      // The place under the pointer stays where it is.
      const after = pane.scale;
      const dx = at[0] - pane.canvas.width / 2;
      const dy = at[1] - pane.canvas.height / 2;
      this.x += (dx / before - dx / after) / pane.picture.width;
      this.y += (dy / before - dy / after) / pane.picture.height;
    }
    this.bound();
    this.draw();
  }

  step(direction, pane = this.main, at = null) {
    const now = this.zoom;
    const stops = [...STOPS, this.main.home].sort((a, b) => a - b);
    const next = direction > 0 ? stops.find((s) => s > now * 1.01) : stops.findLast((s) => s < now * 0.99);
    if (next) this.zoomTo(next, pane, at);
  }

  home() {
    this.ratio = 1;
    this.x = this.y = 0.5;
    this.draw();
  }

  bound() {
    this.x = Math.min(Math.max(this.x, 0), 1);
    this.y = Math.min(Math.max(this.y, 0), 1);
  }

  move(dx, dy, pane) {
    if (!pane.picture) return;
    this.x -= dx / pane.scale / pane.picture.width;
    this.y -= dy / pane.scale / pane.picture.height;
    this.bound();
    this.draw();
  }

  /** Show a source (or the other fused image) where the fused image stands; null shows the fused image again. */
  flicker(k) {
    for (const pane of this.panes) {
      const source = k === null ? null : this.sourcePanes[k];
      if (source && pane.other !== source.picture) this.switches++;
      pane.other = source ? source.picture : null;
      pane.caption.textContent = source ? source.label : pane.label;
      pane.element.classList.toggle("other", Boolean(source));
    }
    this.flickering = k;
    this.draw();
  }

  get details() {
    return { zoom: this.zoom, window: this.width, level: this.level, switches: this.switches };
  }

  listen(pane) {
    const { canvas } = pane;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      const ratio = canvas.width / box.width;
      return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
    };
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.wheeled += event.deltaMode ? event.deltaY * WHEEL : event.deltaY * (event.ctrlKey ? 6 : 1);
      while (Math.abs(this.wheeled) >= WHEEL) {
        const direction = Math.sign(this.wheeled);
        this.wheeled -= direction * WHEEL;
        this.step(-direction, pane, place(event));
      }
    }, { passive: false });
    canvas.addEventListener("dblclick", () => this.home());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, place(event));
      this.pinch = null;
      this.greying = event.button === 2 || (this.tool === "grey" && this.pointers.size === 1);
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = this.pointers.get(event.pointerId);
      if (!before) return;
      const now = place(event);
      this.pointers.set(event.pointerId, now);
      if (this.pointers.size === 2) this.pinched(pane);
      else if (this.greying) {
        const ratio = window.devicePixelRatio || 1;
        this.grey(this.width + (now[0] - before[0]) / ratio / 2, this.level - (now[1] - before[1]) / ratio / 2);
      } else this.move(now[0] - before[0], now[1] - before[1], pane);
    });
    const lifted = (event) => {
      this.pointers.delete(event.pointerId);
      if (this.pinch && !this.pointers.size) this.zoomTo(whole(this.zoom));
      this.pinch = null;
    };
    canvas.addEventListener("pointerup", lifted);
    canvas.addEventListener("pointercancel", lifted);
  }

  pinched(pane) {
    const [a, b] = [...this.pointers.values()];
    const apart = Math.hypot(a[0] - b[0], a[1] - b[1]);
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    if (this.pinch) {
      this.move(middle[0] - this.pinch.middle[0], middle[1] - this.pinch.middle[1], pane);
      this.zoomTo((this.pinch.zoom * apart) / this.pinch.apart, pane, middle);
      this.pinch.middle = middle;
    } else this.pinch = { apart, middle, zoom: this.zoom };
  }
}
