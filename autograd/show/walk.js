// The walk of the page that steps: both passes, computed anew when a number is changed, and what is told of each step.
// Around it stand `data`, what the page was told in Python; `ROWS`, the table's arithmetic; and `section`, its element.

const { boxes, edges, events: given, root, notes, templates } = data;
const UNIT = 2 ** -52;
// What was left out, being empty, or told elsewhere.
boxes.forEach((box, at) => {
  Object.assign(box, { earlier: null, edges: [], operands: [], ...box });
  for (const e of box.edges) {
    const empty = { derivative: null, dead: false, why: "", rule: "", arithmetic: "" };
    Object.assign(edges[e], { ...empty, ...edges[e], target: at, source: box.operands[edges[e].operand].box });
  }
});

// Numbers in writing -------------------------------------------------------------------------------------------------

// x to so many digits after the first; of two that are as near, the even one, as Python has it.
function rounded(x, digits) {
  const pattern = new RegExp(`^(-?\\d\\.\\d{${digits}})(\\d*)(e.*)$`);
  const [, kept, rest, exponent] = x.toExponential(60).match(pattern);
  return /^50*$/.test(rest) && "02468".includes(kept.at(-1)) ? kept + exponent : x.toExponential(digits);
}

// Four significant digits, with a true minus sign.
function number(x) {
  if (x === 0) return "0";
  if (!isFinite(x)) return x !== x ? "nan" : x > 0 ? "inf" : "−inf";
  const size = Math.abs(x), large = size >= 1e4 && size < 1e6;
  const text = rounded(x, large ? (size < 1e5 ? 4 : 5) : 3), power = Number(text.split("e")[1]);
  const long = power < -4 || (power > 3 && !large);
  return (long ? `${Number(text.split("e")[0])}e${power}` : `${Number(text)}`).replace(/-/g, "−");
}

const bracketed = (text, raised) => (text.startsWith("−") || (raised && text.includes("e")) ? `(${text})` : text);

// Or ≈ 0, where it is no more than the rounding on the way.
const nearZero = (x, doubt) => (x !== 0 && Math.abs(x) < 1e-12 && Math.abs(x) <= doubt ? "≈ 0" : number(x));

// A template with a number or a word for each {name}: {name!} in brackets where negative, {name^} before an exponent,
// {name?} as a truth value, and {name~} says what a factor does.
function filled(template, lookup) {
  return template.replace(/\{(\w+)([!^?~]?)\}/g, (_, name, mark) => {
    const x = lookup(name);
    if (mark === "?") return x !== 0 && x !== false ? "True" : "False";
    const text = x === null ? "unknown" : typeof x === "string" ? x : number(Number(x));
    if (mark === "~" && typeof x === "number") return effect(x);
    return mark === "!" || mark === "^" ? bracketed(text, mark === "^" && typeof x !== "string") : text;
  });
}

function effect(factor) {
  if (factor === 0) return "stays as it is";
  const size = number(Math.abs(factor));
  return `${factor < 0 ? "falls" : "grows"} ${size === "1" ? "just as much" : `${size} times as much`}`;
}

// The leaves and their numbers, which are known before the first step.
function givenLine() {
  const { editable, most } = data, told = editable.slice(0, most).map((box) => `${boxes[box].name} = ${dataText(box)}`);
  const more = editable.length - told.length;
  const first = data.constants && told.length ? `${data.constants}, ` : data.constants;
  return first + told.join(", ") + (more ? ` and ${more.toLocaleString("en")} more` : "");
}

// Both passes --------------------------------------------------------------------------------------------------------

const known = (x) => (x === null ? null : Number(x)); // numbers that are not finite come as text
const value = boxes.map((box) => known(box.data));
const partial = edges.map((edge) => known(edge.derivative));
const dead = edges.map((edge) => edge.dead);
let grad = [], doubt = [], gradDoubt = [], events = [], stale = data.stale, changed = false;

const operand = (x) => ("box" in x ? value[x.box] : typeof x.const === "boolean" ? x.const : Number(x.const));

function forward() {
  stale = false;
  boxes.forEach((box, at) => {
    if (!box.key) return; // a leaf, or made by hand
    const [out, ...partials] = ROWS[box.key](...box.operands.map(operand));
    value[at] = out;
    for (const e of box.edges) {
      partial[e] = partials[edges[e].operand];
      dead[e] = partial[e] === null;
    }
  });
}

// Whether a local derivative is not what books write: at a tie, or where there is no slope, a convention stands for it.
function isConvention(e) {
  const edge = edges[e], { key, operands } = boxes[edge.target], found = partial[e] ?? 0;
  if (!BOOKS[key] || !isFinite(found) || (stale && boxes[edge.target].stale)) return false;
  const book = BOOKS[key](...operands.map(operand))[edge.operand];
  const near = Math.max(1e-6 * Math.max(Math.abs(book), Math.abs(found)), 1e-12);
  return book !== null && !(Math.abs(book - found) <= near);
}

// The slopes to the left and to the right of an operand, where these are two: at a kink.
function kink(e) {
  const { operand: place, target } = edges[e], { key, operands } = boxes[target];
  if (!key || (stale && boxes[target].stale)) return null;
  const numbers = operands.map(operand), x = numbers[place];
  if (x !== 0 && numbers.filter((y) => y === x).length < 2) return null;
  const far = x === 0 ? 2 ** -500 : Math.abs(x) * 2 ** -36;
  const beside = (way) => ROWS[key](...numbers.map((y, at) => (at === place ? y + way * far : y)))[place + 1] ?? 0;
  const [left, here, right] = [-1, 0, 1].map(beside), size = Math.max(Math.abs(left), Math.abs(right));
  const two = Math.abs(left - right) > Math.max(1e-6 * size, 1e-100);
  return two && [left, here, right].every(isFinite) ? { left, right } : null;
}

// The boxes that live edges lead to, in the engine's order: the root first, each after all that use it.
function order() {
  const found = [], seen = new Set(), stack = [root];
  while (stack.length) {
    const box = stack.pop();
    if (box === null) found.push(stack.pop());
    else if (boxes[box].made && !seen.has(box)) {
      seen.add(box);
      stack.push(box, null, ...boxes[box].edges.filter((e) => !dead[e]).map((e) => edges[e].source));
    }
  }
  return found.reverse();
}

// The shares of the gradient in the engine's order, added up as the engine adds; with the events they are told by.
function backward() {
  const shares = [], reached = boxes.map(() => false);
  grad = boxes.map(() => 0);
  gradDoubt = boxes.map(() => 0);
  doubt = value.map((x) => UNIT * Math.abs(x));
  edges.forEach((e, at) => (doubt[e.target] += Math.abs(partial[at] ?? 0) * doubt[e.source]));
  grad[root] = 1;
  reached[root] = true;
  for (const box of order()) {
    for (const e of boxes[box].edges) {
      const target = edges[e].source, first = !reached[target], before = grad[target];
      const share = { phase: "backward", kind: boxes[box].hand ?? "share", box, target, edge: e, first, before };
      share.result = grad[box] === null ? null : grad[box] * partial[e];
      if (boxes[box].hand) share.result = boxes[box].hand === "by_hand" ? null : 0;
      else if (dead[e]) [share.kind, share.result] = ["dead", 0];
      share.now = before === null || share.result === null ? null : before + share.result;
      if (share.kind === "dead") share.now = before;
      else reached[target] = true;
      grad[target] = share.now;
      gradDoubt[target] += UNIT * Math.abs(share.result ?? 0);
      shares.push(share);
    }
  }
  const computed = boxes.map((_, box) => ({ phase: "forward", kind: "value", box, target: box, now: value[box] }));
  const moved = data.train.map((box) => ({ phase: "update", kind: "update", box, target: box, now: lower(box) }));
  const seed = { phase: "backward", kind: "seed", box: root, target: root, before: null, result: 1, now: 1 };
  const walked = given ? given.map(ofNeuron) : [...computed.filter((e) => boxes[e.box].made), seed, ...shares];
  events = [...walked, ...(given ? [] : moved)];
}

// Where a leaf goes when it is moved downhill.
const lower = (box) => (grad[box] === null ? null : value[box] - data.lr * grad[box]);

// An event of the neurons' view, with the number that is computed now.
function ofNeuron(event) {
  const { phase, target } = event;
  return { ...event, now: phase === "update" ? lower(target) : phase === "forward" ? value[target] : grad[target] };
}

// What is told -------------------------------------------------------------------------------------------------------

const dataText = (box) => nearZero(value[box], doubt[box]);
const gradText = (box) => (grad[box] === null ? "unknown" : nearZero(grad[box], gradDoubt[box]));

// The line, the local derivative, and the sentence of an event.
function told(event) {
  const { box, target } = event, of = boxes[box];
  if (event.fill) return toldOfNeuron(event);
  if (event.kind === "value") {
    const numbers = filled(of.numbers, (name) => {
      if (name === "out") return dataText(box);
      return operand(of.operands[name]);
    });
    const old = `${dataText(box)}   (${filled(notes.stale, () => of.name)})`;
    const line = `${of.formula} = ${stale && of.stale ? old : numbers}`.replace("= ≈", "≈");
    return { line, local: "", sentence: of.sentence };
  }
  const edge = edges[event.edge], sides = edge && kink(event.edge);
  const unknown = event.result === null || grad[box] === null;
  const words = {
    name: of.name, target: boxes[target].name, root: boxes[root].name,
    uses: boxes[target].uses, e: boxes[target].earlier, g: grad[event.kind === "update" ? target : box], l: edge ? partial[event.edge] : null, s: event.result ?? null,
    b: event.before ?? null, n: event.now, d: value[target], lr: data.lr, ...sides,
  };
  if (sides) words.l ??= 0;
  const fill = (template) => filled(template, (name) => words[name] ?? null);
  const adds = event.kind === "share" && !event.first && event.result !== null;
  let sentence = event.kind;
  if (event.kind === "share") {
    if (unknown) sentence = "share_unknown";
    else if (!isFinite(event.result)) sentence = "share_infinite";
    else if (grad[box] === 0) sentence = "share_zero_gradient";
    else if (sides && (partial[event.edge] === 0 || !adds)) sentence = "kink";
    else if (partial[event.edge] === 0) sentence = "share_zero_local";
    else if (adds) sentence = "share_adds";
    else sentence = `share${boxes[target].uses > 1 ? "_part" : ""}${box === root ? "_root" : ""}`;
  }
  if (event.kind === "dead" && sides) sentence = "kink";
  const remarks = [];
  if (adds) remarks.push(notes.adds);
  if (event.kind === "share" && event.result !== event.result) remarks.push(notes.nan);
  if (event.kind === "dead") remarks.push(notes[edge.why]);
  if (event.kind === "share" && isConvention(event.edge)) remarks.push(/^(max|min)/.test(of.key) ? notes.tie : notes.convention);
  if (stale && of.stale && edge) remarks.push(notes.stale);
  const begins = event.phase === "backward" && (event.first || !edge);
  if (boxes[target].earlier !== null && begins) remarks.push(notes.earlier);
  const note = remarks.length ? `   (${remarks.map(fill).join("; ")})` : "";
  const formula = edge ? edge.formula : event.kind === "update" ? boxes[target].update : of.total;
  return {
    line: `${formula} = ${fill(templates.numbers[event.kind]).replace("= ≈", "≈")}${note}`,
    local: edge ? localLine(event.edge) : "",
    sentence: event.sentence ?? fill(templates.sentences[sentence]),
  };
}

// The same in the neurons' view: {d3} is the data of box 3, {g3} its gradient, {m5} the local derivative of edge 5,
// {s9_7} that of box 9 by box 7; {D3} and {G3} are data and gradient as they stand in the picture.
function toldOfNeuron({ phase, target, formula, fill, sentence, slope, aside = [], made = [], within = [], remark }) {
  const kinds = { d: (i) => value[i], g: (i) => grad[i], m: (i) => partial[i] ?? 0, s: slopeOf, D: dataText, G: gradText };
  const write = (template) =>
    filled(template, (name) => kinds[name[0]](...name.slice(1).split("_").map(Number))).replace("= ≈", "≈");
  const off = slope !== undefined && dead[slope], old = stale ? made.filter((box) => boxes[box].stale) : [];
  const remarks = [];
  if (off) remarks.push(notes[edges[slope].why]);
  else if (slope !== undefined && isConvention(slope)) remarks.push(filled(notes.convention, () => partial[slope]));
  const odd = within.some((e) => !dead[e] && isConvention(e));
  if (odd) remarks.push(notes.special);
  for (const box of old) remarks.push(filled(notes.stale, () => boxes[box].name));
  if (remark) remarks.push(remark);
  const whole = off || old.length || remark ? (phase === "forward" ? `{D${target}}` : `{G${target}}`) : fill;
  if (phase === "backward" && boxes[target].earlier !== null) {
    remarks.push(filled(notes.earlier, () => boxes[target].earlier));
  }
  const beside = aside.map(([name, rule, template]) => {
    const parts = odd || old.length ? [name, write(template.split(" = ").at(-1))] : [name, rule, write(template)];
    return parts.filter(Boolean).join(" = ").replace("= ≈", "≈");
  });
  if (slope !== undefined) beside.push(localLine(slope));
  const note = remarks.length ? `   (${remarks.join("; ")})` : "";
  return { line: `${formula} = ${write(whole)}${note}`.replace("= ≈", "≈"), local: beside.join("; "), sentence };
}

// The derivative of one box by another which is all that it is made of.
function slopeOf(box, by) {
  const found = { [box]: 1 };
  for (let at = box; at > by; at--) {
    if (at in found && boxes[at].hand) return null;
    for (const e of at in found ? boxes[at].edges : []) {
      const { source } = edges[e];
      if (!dead[e]) found[source] = (found[source] ?? 0) + found[at] * partial[e];
    }
  }
  return found[by] ?? 0;
}

// The local derivative of an edge: its name, its formula, the formula with numbers, and the number.
function localLine(at) {
  const edge = edges[at], of = boxes[edge.target], old = stale && of.stale;
  if (of.hand || (!edge.rule && partial[at] === null)) return "";
  const last = number(partial[at] ?? 0), parts = [edge.local];
  if (edge.rule && !isConvention(at)) {
    const numberOf = (name) => (name === "out" ? value[edge.target] : operand(of.operands[name]));
    parts.push(edge.rule, old ? "" : filled(edge.arithmetic, numberOf));
  }
  const told = [...parts.filter((part) => part && part !== last), last].join(" = ");
  return old ? `${told} when it was computed` : told;
}
