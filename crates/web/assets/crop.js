// Choosing the part of a picture that others see, before it is sent. Without this the server takes the middle.

import { speak } from "./part.js";

const STEP = 12;

function element(name, more = {}) {
  return Object.assign(document.createElement(name), more);
}

/** A picture behind a window of fixed shape: how large it is drawn, and where. */
class Cut {
  constructor(picture, width, height, canvas) {
    Object.assign(this, { picture, width, height, canvas, zoom: 1 });
    this.least = Math.max(canvas.width / picture.width, canvas.height / picture.height);
    this.x = (canvas.width - picture.width * this.least) / 2;
    this.y = (canvas.height - picture.height * this.least) / 2;
    this.draw();
  }

  get scale() {
    return this.least * this.zoom;
  }

  /** The window is always full. */
  move(dx, dy) {
    const { canvas, picture, scale } = this;
    this.x = Math.min(0, Math.max(canvas.width - picture.width * scale, this.x + dx));
    this.y = Math.min(0, Math.max(canvas.height - picture.height * scale, this.y + dy));
    this.draw();
  }

  /** The middle of the window stays where it is in the picture. */
  zoomTo(zoom) {
    const { canvas } = this;
    const [midX, midY] = [canvas.width / 2, canvas.height / 2];
    const grown = zoom / this.zoom;
    this.zoom = zoom;
    this.x = midX - (midX - this.x) * grown;
    this.y = midY - (midY - this.y) * grown;
    this.move(0, 0);
  }

  draw(on = this.canvas) {
    const size = on.width / this.canvas.width;
    const pen = on.getContext("2d");
    pen.clearRect(0, 0, on.width, on.height);
    const { picture, scale } = this;
    pen.drawImage(picture, this.x * size, this.y * size, picture.width * scale * size, picture.height * scale * size);
  }

  /** The chosen part as a file. */
  async file(type) {
    const whole = element("canvas", { width: this.width, height: this.height });
    this.draw(whole);
    const blob = await new Promise((done) => whole.toBlob(done, type, 0.92));
    return new File([blob], type === "image/png" ? "picture.png" : "picture.jpg", { type });
  }
}

function listen(cut, canvas, zoom) {
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    const size = canvas.width / canvas.getBoundingClientRect().width;
    cut.move((event.clientX - from[0]) * size, (event.clientY - from[1]) * size);
    from = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { from = null; });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    if (!step) return;
    event.preventDefault();
    cut.move(...step);
  });
  zoom.addEventListener("input", () => cut.zoomTo(Number(zoom.value)));
}

function ask(input, picture, type) {
  const [width, height] = input.dataset.crop.split("x").map(Number);
  const box = element("dialog", { className: "card crop" });
  box.setAttribute("aria-labelledby", "crop-title");
  const canvas = element("canvas", { width: 480, height: Math.round((480 * height) / width), tabIndex: 0 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", speak("crop-drag"));
  const label = element("label", { textContent: speak("crop-closer"), htmlFor: "crop-zoom" });
  const zoom = element("input", { type: "range", id: "crop-zoom", min: "1", max: "5", step: "0.05", value: "1" });
  const cut = new Cut(picture, width, height, canvas);
  listen(cut, canvas, zoom);
  const take = element("button", { type: "button", className: "primary", textContent: speak("crop-take") });
  const leave = element("button", { type: "button", textContent: speak("cancel") });
  let taken = false;
  take.addEventListener("click", async () => {
    const data = new DataTransfer();
    data.items.add(await cut.file(type));
    taken = true;
    input.files = data.files;
    const shown = document.querySelector(`[data-shows="${input.name}"]`);
    if (shown) shown.src = canvas.toDataURL(type);
    box.close();
  });
  leave.addEventListener("click", () => box.close());
  box.addEventListener("close", () => {
    if (!taken) input.value = "";
    box.remove();
    input.focus();
  });
  const line = element("p", { className: "actions" });
  line.append(take, leave);
  box.append(element("h2", { id: "crop-title", textContent: speak("crop-which") }), canvas, label, zoom, line);
  document.body.append(box);
  box.showModal();
  canvas.focus();
}

for (const input of document.querySelectorAll("[data-crop]")) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      ask(input, picture, ["image/png", "image/webp", "image/gif"].includes(file.type) ? "image/png" : "image/jpeg");
    } catch {
      // What this browser cannot read the server may: it says so if not.
    }
  });
}
