// Every function of the table on numbers, as the browser computes it; a page takes the declarations it needs.
// What they give is within 8 units in the last place of what Python gives, far out in the tails too.

const { exp, expm1, log, log1p, log2, log10, sqrt, sin, cos, tan, asin, acos, atan, atan2 } = Math;

const { sinh, cosh, tanh, asinh, acosh, atanh, sign, abs, hypot } = Math;

const identity = (x) => x;

// As C and Python have it: 1 to any power, and -1 to an infinite one, is 1.
const power = (x, y) => (x === 1 || (x === -1 && abs(y) === Infinity) ? 1 : x ** y);

const sigmoid = (x) => (x >= 0 ? 1 : exp(-abs(x))) / (1 + exp(-abs(x)));

const softplus = (x) => (x > 0 ? x : 0) + log1p(exp(-abs(x)));

const relu = (x) => (x <= 0 ? 0 : x);

const leaky_relu = (x, slope) => (x > 0 ? x : slope * x);

const elu = (x, alpha) => (x > 0 ? x : alpha * expm1(x));

const silu = (x) => (x === -Infinity ? -0 : x * sigmoid(x));

const gelu = (x) => (x === -Infinity ? -0 : x * normal_cdf(x));

// exp(-k·x²) for k = 1 or 1/2. x² is split, for exp would magnify the rounding of a square x² times.
function gauss(x, k = 1) {
  if (!(-40 < x && x < 40)) return x === x ? 0 : x;
  const z = Math.floor(16 * x) / 16; // z² is exact
  return exp(-k * z * z) * exp(-k * (x - z) * (x + z));
}

// For |x| < 1 a series whose terms have one sign (DLMF 7.6.2), beyond it what erfc leaves.
function erf(x) {
  if (abs(x) >= 1) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x, total = x;
  for (let n = 1; abs(term) > 1e-18 * abs(total); n++) total += term *= (2 * x * x) / (2 * n + 1);
  return total * gauss(x) * 1.1283791670955126; // 2/√π
}

// 1 - erf(x) without its cancellation: Laplace's continued fraction (DLMF 7.9.1), from its far end.
function erfc(x) {
  if (!(x >= 0.5)) return 1 - erf(x);
  if (x > 40) return 0;
  let rest = x;
  for (let n = Math.ceil(12 + 200 / (x * x)); n > 0; n--) rest = x + n / 2 / rest;
  return (gauss(x) * 0.5641895835477563) / rest; // 1/√π
}

// Φ(x) = erfc(-x/√2)/2, with a first-order correction for the rounding of x/√2, which the tail magnifies.
function normal_cdf(x) {
  const product = x * 0.7071067811865476;
  if (!(-30 < product && product < 30)) return x !== x ? x : x > 0 ? 1 : 0;
  return 0.5 * erfc(-product) + root_half_rest(x, product) * 0.5641895835477563 * gauss(product);
}

// x·√½ - product, where product is that number rounded: the factors are split into halves (Dekker 1971, section 5).
function root_half_rest(x, product) {
  const root = 0.7071067811865476, root_rest = -4.833646656726457e-17, root_high = 0.7071067839860916;
  const root_low = root - root_high, split = 134217729 * x;
  const high = split - (split - x), low = x - high;
  return high * root_high - product + high * root_low + low * root_high + low * root_low + x * root_rest;
}

// exp(x - y), corrected for the rounding of the difference (Knuth's two-sum), which exp would magnify.
function exp_difference(x, y) {
  const d = x - y, back = d + y;
  return -800 < d && d < 800 ? exp(d) * (1 + (x - back - (y - (back - d)))) : exp(d);
}

const maximum = (x, y) => (x >= y || x !== x ? x : y);

const minimum = (x, y) => (x <= y || x !== x ? x : y);

const clip = (x, lo, hi) => minimum(maximum(x, lo), hi);

const xlogy = (x, y) => (x === 0 && y === y ? 0 : x * log(y));

const sum = (...xs) => (xs.length ? xs.reduce((total, x) => total + x) : 0);

const prod = (...xs) => xs.reduce((product, x) => product * x, 1);

const max = (...xs) => xs.reduce(maximum);

const min = (...xs) => xs.reduce(minimum);

// x₁·y₁ + … + xₙ·yₙ onto the bias, which comes last.
function dot(...operands) {
  const n = (operands.length - 1) / 2;
  let total = operands[2 * n];
  for (let i = 0; i < n; i++) total += operands[i] * operands[n + i];
  return total;
}

function logsumexp(...xs) {
  const top = max(...xs);
  if (top - top !== 0) return top; // inf, -inf or nan: no difference can be taken
  const at = xs.indexOf(top); // its own term is exactly 1, and log1p keeps what is small beside it
  return top + log1p(xs.reduce((total, x, i) => (i === at ? total : total + exp(x - top)), 0));
}
