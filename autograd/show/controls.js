// The page that steps itself: what is seen of the walk, and what a mouse and a keyboard do to it.

backward();
const find = (selector) => section.querySelector(selector);
const frames = [...section.querySelectorAll("[data-box]")].map((element) => {
  const box = Number(element.dataset.box);
  return { element, box, sum: Number(element.dataset.sum ?? box) }; // a neuron shows the δ of its weighted sum
});
const weights = [...section.querySelectorAll("[data-weight]")].map((line) => {
  return { line, box: Number(line.dataset.weight), title: line.querySelector("title") };
});
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
  const drawn = new Set(), passed = new Set(), moved = new Map();
  for (const event of events.slice(0, at)) {
    const { target } = event;
    if (event.phase === "forward") data_[target] = dataText(target);
    else if (event.phase === "update") {
      data_[target] = event.now === null ? "unknown" : number(event.now);
      moved.set(target, event.now ?? value[target]);
    } else grad_[target] = event.now;
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
    const below = box === sum ? "" : `\n${boxes[sum].name} ${value[sum]}`; // of a neuron, whose gradient is that of z
    const what = element.classList.contains("neuron") ? "δ" : "grad";
    element.querySelector("title").textContent = `${name}\ndata ${value[box]}${below}\n${what} ${text && g}`;
  }
  for (const { line, box, title } of weights) {
    const w = moved.get(box) ?? value[box];
    line.setAttribute("class", `weight ${w >= 0 ? "plus" : "minus"}`); // lit again below
    line.setAttribute("stroke-width", Math.min(0.5 + 1.5 * Math.abs(w), 6).toFixed(1));
    const known = over || grad_[box] !== null ? (grad[box] ?? "unknown") : "";
    title.textContent = `${boxes[box].name}\ndata ${w}\ngrad ${known}`;
  }
  lines.forEach((line, i) => {
    if (!line) return;
    const label = line.querySelector("text");
    if (label) label.textContent = drawn.has(i) && partial[i] !== null ? number(partial[i]) : "";
    line.querySelector("title").textContent = edges[i].local + (partial[i] === null ? "" : ` = ${partial[i]}`);
    line.querySelector(".line").classList.toggle("dead", dead[i] || partial[i] === 0);
    line.classList.remove("flows");
  });
  const event = events[at - 1];
  if (event) light(event);
  const { line, local, sentence } = event ? told(event) : { line: givenLine(), local: "", sentence: data.start };
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
  for (const { line, box } of weights) line.classList.toggle("lit", (event.lit ?? []).includes(box));
  if (scene.scrollWidth > scene.clientWidth) {
    const seen = scene.getBoundingClientRect();
    const places = [event.target, event.box].map((at) => frames.find((f) => f.box === at || f.sum === at)?.element);
    const [box, other = box] = places.filter(Boolean).map((place) => place.getBoundingClientRect());
    let left = Math.min(box?.left, other?.left), right = Math.max(box?.right, other?.right);
    if (right - left > seen.width) [left, right] = [box.left, box.right]; // both, where there is room for both
    if (left < seen.left || right > seen.right) scene.scrollLeft += (left + right - seen.left - seen.right) / 2;
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
