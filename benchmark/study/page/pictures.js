// Loads pictures and decodes them ahead, so that an item is on the screen at once when its turn comes.

const KEPT = 24;
const WAIT = 1000;
const loaded = new Map();

async function fetched(name) {
  for (;;) {
    try {
      const answer = await fetch(`picture/${name}.png`, { credentials: "same-origin" });
      if (answer.ok) return await answer.blob();
      if (answer.status === 401 || answer.status === 404) throw new DOMException("no picture", "NotFoundError");
    } catch (error) {
      if (error.name === "NotFoundError") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT));
  }
}

/** One decoded picture: what is drawn is `shown`, which a window of grey levels may have changed. */
class Picture {
  constructor(about, bitmap) {
    this.width = about.width;
    this.height = about.height;
    this.grey = about.grey;
    this.bitmap = bitmap;
    this.shown = bitmap;
  }

  /** Spread the levels around `level` over black to white, as every viewer of radiological pictures does. */
  window(width, level) {
    if (!this.grey) return;
    if (width >= 255 && level === 127.5) {
      this.shown = this.bitmap;
      return;
    }
    if (!this.canvas) {
      this.canvas = new OffscreenCanvas(this.width, this.height);
      this.context = this.canvas.getContext("2d", { willReadFrequently: true });
      this.context.drawImage(this.bitmap, 0, 0);
      this.before = this.context.getImageData(0, 0, this.width, this.height);
      this.after = this.context.createImageData(this.width, this.height);
      this.after.data.fill(255);
    }
    const table = new Uint8ClampedArray(256);
    for (let grey = 0; grey < 256; grey++) table[grey] = ((grey - level) / width + 0.5) * 255;
    const from = this.before.data;
    const to = this.after.data;
    for (let k = 0; k < from.length; k += 4) to[k] = to[k + 1] = to[k + 2] = table[from[k]];
    this.context.putImageData(this.after, 0, 0);
    this.shown = this.canvas;
  }
}

/** Return a promise of a decoded picture; the newest ones are kept. */
export function picture(about) {
  let promise = loaded.get(about.picture);
  loaded.delete(about.picture);
  if (!promise) {
    promise = fetched(about.picture)
      .then((blob) => createImageBitmap(blob))
      .then((bitmap) => new Picture(about, bitmap));
    promise.catch(() => loaded.delete(about.picture));
  }
  loaded.set(about.picture, promise);
  while (loaded.size > KEPT) loaded.delete(loaded.keys().next().value);
  return promise;
}

/** Decode all pictures of an item. */
export async function decoded(item) {
  const [fused, sources] = await Promise.all([
    Promise.all(item.fused.map(picture)),
    Promise.all(item.sources.map(picture)),
  ]);
  return { ...item, fused, sources: sources.map((one, k) => ({ label: item.sources[k].label, picture: one })) };
}
