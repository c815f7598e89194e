// The page that steps itself: what is seen of the walk, and what a mouse and a keyboard do to it.

backward();
const find = (selector) => section.querySelector(selector);
const frames = [...section.querySelectorAll("[data-box]")].map((element) => {
  const box = Number(element.dataset.box);
  return { element, box, sum: Number(element.dataset.sum ?? box) }; // a neuron shows the δ of its weighted sum
});
const weights = [...section.querySelectorAll("[data-weight]")];
const lines = edges.map((_, at) => find(`[data-edge="${at}"]`));
const list = find("ol"), scene = find("figure");
let at = 0, timer = null;

// A new element; what is said about it: its attributes, and `text`.
function make(name, attributes = {}, ...children) {
  const { text, ...rest } = attributes, made = document.createElement(name);
  for (const [key, x] of Object.entries(rest)) made.setAttribute(key, x);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z", back: "M11 3v10L4 8z", play: "M4 2l10 6-10 6z", next: "M5 3v10l7-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z", pause: "M4 3h3v10H4zM9 3h3v10H9z",
};

function button(what, label, act) {
  const made = make("button", { type: "button", class: what, "aria-label": label, title: label });
  made.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path/></svg>`;
  made.querySelector("path").setAttribute("d", ICONS[what]);
  made.addEventListener("click", act);
  return made;
}

const slider = make("input", { type: "range", class: "at", min: 0, step: 1, "aria-label": "Step" });
const player = button("play", "Play (space)", () => (timer ? pause() : play()));
const speed = make("select", { class: "speed", "aria-label": "Speed" });
const WAITS = { slow: 3000, normal: 1500, fast: 600 }; // milliseconds
for (const [text, value] of Object.entries(WAITS)) speed.append(make("option", { text, value }));
speed.value = WAITS.normal;
find(".bar").append(
  button("first", "To the start (Home)", () => go(0)), button("back", "One step back (←)", () => go(at - 1)), player,
  button("next", "One step on (→)", () => go(at + 1)), button("last", "To the end (End)", () => go(events.length)),
  slider, speed,
);
slider.addEventListener("input", () => go(Number(slider.value)));
speed.addEventListener("change", () => timer && play());

function play() {
  pause();
  if (at === events.length) go(0);
  timer = setInterval(() => (at < events.length ? show(at + 1) : pause()), Number(speed.value));
  face("pause", "Pause (space)");
}

function pause() {
  clearInterval(timer);
  timer = null;
  face("play", "Play (space)");
}

function face(icon, label) {
  player.querySelector("path").setAttribute("d", ICONS[icon]);
  player.title = label;
  player.setAttribute("aria-label", label);
}

function go(to) {
  pause();
  show(to);
}

const PHASES = { forward: "Forward", backward: "Backward", update: "Update" };

// Everything as it is after the first `to` events.
function show(to) {
  at = Math.max(0, Math.min(to, events.length));
  const data_ = boxes.map((box, i) => (box.made ? null : dataText(i))), grad_ = boxes.map(() => null);
  const drawn = new Set(), passed = new Set();
  for (const event of events.slice(0, at)) {
    const { target } = event;
    if (event.phase === "forward") data_[target] = dataText(target);
    else if (event.phase === "update") data_[target] = event.now === null ? "unknown" : number(event.now);
    else grad_[target] = event.now;
    if (event.phase === "backward") passed.add(target);
    if (event.edge !== undefined) drawn.add(event.edge);
  }
  const over = at === events.length;
  const largest = Math.max(...grad.filter((g) => g && isFinite(g)).map(Math.abs), 0) || 1;
  for (const { element, box, sum } of frames) {
    const g = over ? grad[sum] : grad_[sum], unknown = !over && g === null && !passed.has(sum);
    const text = unknown ? "" : g === grad[sum] ? gradText(sum) : g === null ? "unknown" : number(g);
    write(element, ".data", data_[box] ?? "");
    write(element, ".sum", data_[sum] ?? "");
    write(element, ".grad", text);
    shade(element.querySelector(".shade"), text === "≈ 0" || text === "" ? 0 : g, largest);
    element.classList.remove("works", "changes");
    const name = boxes[box].made ? `${boxes[box].name} = ${boxes[box].made}` : boxes[box].name;
    element.querySelector("title").textContent = `${name}\ndata ${value[box]}\ngrad ${text && g}`;
  }
  for (const line of weights) {
    const box = line.dataset.weight, w = value[box];
    line.setAttribute("class", `weight ${w >= 0 ? "plus" : "minus"}`); // lit again below
    line.setAttribute("stroke-width", Math.min(0.5 + 1.5 * Math.abs(w), 6).toFixed(1));
    line.querySelector("title").textContent = `${boxes[box].name}\ndata ${w}\ngrad ${grad[box]}`;
  }
  lines.forEach((line, i) => {
    if (!line) return;
    const label = line.querySelector("text");
    if (label) label.textContent = drawn.has(i) && partial[i] !== null ? number(partial[i]) : "";
    line.querySelector(".line").classList.toggle("dead", dead[i] || partial[i] === 0);
    line.classList.remove("flows");
  });
  const event = events[at - 1];
  if (event) light(event);
  const { line, local, sentence } = event ? told(event) : { line: data.given, local: "", sentence: data.start };
  find(".phase").textContent = event ? `${PHASES[event.phase]} · step ${at} of ${events.length}` : "Start";
  find(".formula").textContent = line;
  find(".local").textContent = local;
  find(".sentence").textContent = sentence;
  slider.max = events.length;
  slider.value = at;
  slider.setAttribute("aria-valuetext", line);
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  list.children[at - 1]?.setAttribute("aria-current", "step");
}

function write(frame, selector, text) {
  const element = frame.querySelector(selector);
  if (element) element.textContent = text;
}

function shade(band, g, largest) {
  if (!band) return;
  const strength = isFinite(g) ? Math.sqrt(Math.abs(g) / largest) : 1;
  band.setAttribute("class", `shade ${g !== g ? "nan" : g > 0 ? "plus" : "minus"}`);
  band.setAttribute("fill-opacity", g ? (0.1 + 0.45 * strength).toFixed(2) : 0);
}

function light(event) {
  const mark = (at, kind) => frames.forEach((f) => f.element.classList.toggle(kind, f.box === at || f.sum === at));
  if (event.kind !== "seed") mark(event.near ?? event.box, "works");
  if (event.phase !== "forward") mark(event.target, "changes");
  const lit = event.phase === "forward" ? boxes[event.box].edges : event.edge === undefined ? [] : [event.edge];
  for (const line of lit.map((e) => lines[e]).filter(Boolean)) {
    line.classList.add("flows");
    frames[0].element.before(line); // over the other lines
  }
  for (const line of weights) line.classList.toggle("lit", (event.lit ?? []).includes(Number(line.dataset.weight)));
  if (scene.scrollWidth > scene.clientWidth) {
    const seen = scene.getBoundingClientRect();
    const box = frames.find((f) => f.box === event.target || f.sum === event.target)?.element.getBoundingClientRect();
    if (box && (box.left < seen.left || box.right > seen.right)) {
      scene.scrollLeft += box.left + box.width / 2 - seen.left - seen.width / 2;
    }
  }
}

// The list under the picture: each step in a line, a link to it.
function relist() {
  while (list.children.length > events.length) list.lastChild.remove();
  events.forEach((event, i) => {
    const item = list.children[i] ?? list.appendChild(make("li"));
    item.textContent = told(event).line;
  });
}
list.addEventListener("click", (e) => {
  const item = e.target.closest("li");
  if (item) go([...list.children].indexOf(item) + 1);
});
find("details").open = false;
find("details").addEventListener("toggle", () => changed && relist());

// Numbers that are changed ---------------------------------------------------------------------------------------------

const start = [...value];

// Both passes anew, with these numbers in place of some leaves'.
function change(numbers) {
  for (const [box, x] of numbers) value[box] = x;
  changed = true;
  forward();
  backward();
  if (find("details").open) relist();
  fields.forEach((field, box) => field(value[box]));
  show(at);
}

const panel = find(".leaves"), fields = new Map(), MOST = 16;

// A field to type a leaf's number into, and a slider to drag it.
function control(box) {
  const name = boxes[box].name, x = start[box], reach = 2 * Math.max(1, Math.abs(isFinite(x) ? x : 0));
  const typed = make("input", { type: "number", step: "any", "aria-label": `${name}, number` });
  const dragged = make("input", { type: "range", step: "any", "aria-label": `${name}, slider` });
  const show = (x) => {
    if (document.activeElement !== typed) typed.value = x;
    if (!(x >= Number(dragged.min) && x <= Number(dragged.max) && dragged.min)) {
      dragged.min = x - reach;
      dragged.max = x + reach;
    }
    dragged.value = x;
  };
  typed.addEventListener("input", () => typed.value !== "" && change([[box, Number(typed.value)]]));
  typed.addEventListener("change", () => (typed.value = value[box]));
  dragged.addEventListener("input", () => change([[box, Number(Number(dragged.value).toPrecision(4))]]));
  fields.set(box, show);
  show(value[box]);
  return make("label", { "data-leaf": box }, make("span", { text: name }), typed, dragged);
}

panel.append(make("p", { text: data.hint }));
if (data.live) {
  const shown = data.editable.length <= MOST ? data.editable : data.train.slice(0, MOST);
  panel.append(...shown.map(control));
  const reset = make("button", { type: "button", class: "reset", text: "Reset" });
  reset.addEventListener("click", () => {
    losses.length = 0;
    change(data.editable.map((box) => [box, start[box]]));
    curve();
  });
  panel.append(reset);
  for (const box of data.editable) scrub(box);
}

// A box of a leaf in the picture: dragged to the right its number grows; a click or Enter goes to its field.
function scrub(box) {
  const line = weights.find((weight) => Number(weight.dataset.weight) === box);
  const frame = frames.find((f) => f.box === box)?.element ?? line;
  if (!frame) return;
  frame.setAttribute("tabindex", "0");
  frame.setAttribute("role", "button");
  frame.setAttribute("aria-label", `${boxes[box].name}: change its number`);
  const field = () => {
    if (!fields.has(box)) panel.insertBefore(control(box), panel.querySelector(".reset"));
    find(`[data-leaf="${box}"] input`).select();
  };
  frame.addEventListener("keydown", (e) => e.key === "Enter" && field());
  frame.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    frame.setPointerCapture(down.pointerId);
    const from = value[box], unit = 10 ** Math.floor(Math.log10(Math.max(Math.abs(from), 1))) / 100;
    let moved = false;
    const move = (e) => {
      if (!moved && Math.abs(e.clientX - down.clientX) < 3) return;
      moved = true;
      change([[box, Number((from + Math.round(e.clientX - down.clientX) * unit).toPrecision(6))]]);
    };
    const up = () => {
      frame.removeEventListener("pointermove", move);
      if (!moved) field();
    };
    frame.addEventListener("pointermove", move);
    frame.addEventListener("pointerup", up, { once: true });
    frame.addEventListener("pointercancel", up, { once: true });
  });
}

// Descent ----------------------------------------------------------------------------------------------------------------

const losses = [], descent = find(".descent");

if (data.live && data.train.length) {
  const rate = make("input", { type: "number", step: "any", min: 0, value: data.lr, "aria-label": "Learning rate" });
  rate.addEventListener("input", () => {
    if (!(Number(rate.value) > 0)) return;
    data.lr = Number(rate.value);
    change([]);
  });
  const down = (times) => () => {
    if (!losses.length) losses.push(value[root]);
    for (let i = 0; i < times; i++) {
      change(data.train.filter((box) => grad[box] !== null).map((box) => [box, lower(box)]));
      losses.push(value[root]);
    }
    curve();
  };
  const one = make("button", { type: "button", class: "downhill", text: "Step downhill" });
  const ten = make("button", { type: "button", class: "downhill10", text: "10 steps" });
  one.addEventListener("click", down(1));
  ten.addEventListener("click", down(10));
  descent.append(make("p", { text: data.downhill }), one, ten, make("label", {}, make("span", { text: "lr" }), rate));
  scene.after(make("figure", { class: "curve" }));
}

// The loss after each step downhill.
function curve() {
  const figure = find(".curve");
  if (!figure) return;
  const seen = losses.filter(isFinite), low = Math.min(...seen), high = Math.max(...seen);
  const across = 224 / Math.max(losses.length - 1, 1), up = 80 / (high - low || 1);
  const points = losses.map((y, i) => [8 + across * i, 92 - up * (y - low)]);
  const dots = points.filter(([, y]) => isFinite(y)).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  figure.replaceChildren();
  if (!losses.length) return;
  const count = losses.length - 1, ends = `${number(losses[0])} → ${number(losses[count])}`;
  const text = `${boxes[root].name}: ${ends} in ${count} step${count === 1 ? "" : "s"} downhill`;
  figure.innerHTML = `<svg viewBox="0 0 240 100" role="img"><polyline points="${dots}"/></svg>`;
  figure.querySelector("svg").setAttribute("aria-label", text);
  figure.append(make("figcaption", { text }));
}

// Keys -------------------------------------------------------------------------------------------------------------------

const KEYS = {
  ArrowRight: () => go(at + 1), ArrowLeft: () => go(at - 1), Home: () => go(0), End: () => go(events.length),
  " ": () => player.click(),
};

function key(e) {
  const own = e.key === " " ? "input, select, summary, button, [role=button]" : "input, select";
  if (e.target.closest(own) || !(e.key in KEYS) || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  KEYS[e.key]();
}
section.addEventListener("keydown", key);
// Where it is alone on its page it listens wherever the focus is.
const alone = () => document.querySelectorAll(".autograd-steps").length === 1;
document.addEventListener("keydown", (e) => !section.contains(e.target) && alone() && key(e));

section.classList.add("live");
show(0);
