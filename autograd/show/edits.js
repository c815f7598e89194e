// What is changed in the page: leaves that are typed or dragged, and leaves that go downhill.

const start = [...value];

// Both passes anew, with these numbers in place of some leaves'.
function change(numbers) {
  for (const [box, x] of numbers) value[box] = x;
  changed = true;
  forward();
  backward();
  if (find("details").open) relist();
  find("summary").textContent = events.length === 1 ? "The one step" : `All ${events.length} steps`;
  find("figure svg").setAttribute("aria-label", data.told + dataText(root));
  fields.forEach((field, box) => field(value[box]));
  show(at);
}

const panel = find(".leaves"), fields = new Map(), MOST = 16, LONG = 10; // letters of a name, which then has a line of its own

// A number as its field shows it, in seven digits: 0.6000000000000001 is 0.6 there, but stays what it is.
const readable = (x) => Number(x.toPrecision(7));

// A field to type a leaf's number into, and a slider to drag it.
function control(box) {
  const name = boxes[box].name, x = start[box], reach = 2 * Math.max(1, Math.abs(isFinite(x) ? x : 0));
  const typed = make("input", { type: "number", step: "any", "aria-label": `${name}, number` });
  const dragged = make("input", { type: "range", step: "any", "aria-label": `${name}, slider` });
  const write = (x) => ([typed.value, typed.title] = [readable(x), x]);
  const show = (x) => {
    if (document.activeElement !== typed) write(x);
    if (!(x >= Number(dragged.min) && x <= Number(dragged.max) && dragged.min)) {
      dragged.min = x - reach;
      dragged.max = x + reach;
    }
    dragged.value = x;
  };
  typed.addEventListener("input", () => typed.value !== "" && change([[box, Number(typed.value)]]));
  typed.addEventListener("change", () => typed.value === "" && write(value[box]));
  dragged.addEventListener("input", () => change([[box, Number(Number(dragged.value).toPrecision(4))]]));
  fields.set(box, show);
  show(value[box]);
  const long = name.length > LONG ? { class: "long" } : {};
  return make("label", { "data-leaf": box, ...long }, make("span", { text: name }), typed, dragged);
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

// A leaf in the picture: dragged to the right its number grows; a click or Enter goes to its field.
function scrub(box) {
  const weight = weights.find((w) => w.box === box), frame = frames.find((f) => f.box === box)?.element ?? weight?.line;
  if (!frame) return;
  frame.setAttribute("tabindex", "0");
  frame.setAttribute("role", "button");
  frame.setAttribute("aria-label", `${boxes[box].name}: change its number`);
  const field = () => {
    if (!fields.has(box)) panel.insertBefore(control(box), panel.querySelector(".reset"));
    find(`[data-leaf="${box}"] input`).select();
  };
  frame.addEventListener("keydown", (e) => e.key === "Enter" && field());
  hold(frame, box, field);
  if (weight) hold(grip(weight), box, field);
}

function hold(element, box, field) {
  element.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    element.setPointerCapture(down.pointerId);
    const from = value[box], unit = 10 ** Math.floor(Math.log10(Math.max(Math.abs(from), 1))) / 100;
    let moved = false;
    const move = (e) => {
      if (!moved && Math.abs(e.clientX - down.clientX) < 3) return;
      moved = true;
      change([[box, Number((from + Math.round(e.clientX - down.clientX) * unit).toPrecision(6))]]);
    };
    const up = () => {
      element.removeEventListener("pointermove", move);
      if (!moved) field();
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up, { once: true });
    element.addEventListener("pointercancel", up, { once: true });
  });
}

// A thin line has a wide one over it that is not seen, to be caught by.
function grip({ line, title }) {
  const wide = line.cloneNode();
  wide.removeAttribute("data-weight");
  for (const mark of ["tabindex", "role", "aria-label", "stroke-width"]) wide.removeAttribute(mark);
  wide.setAttribute("class", "grip");
  wide.append(title);
  line.after(wide);
  return wide;
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
