// Moves between seeds by hand: each move runs the generator on the seed there, and the discriminator on its picture.

const TILES = 5; // pictures in a row and in a column of the map
const STEP = 0.02, LARGE_STEP = 0.1; // of the way across the map, for an arrow key, and with Shift
const QUIET_MS = 400; // between two opinions in words: a screen reader says each

const play = document.querySelector(".play"), find = (name) => play.querySelector(`.play-${name}`);
const data = JSON.parse(find("data").textContent), [, height, width] = data.shape;
const generator = network(data.generator), discriminator = network(data.discriminator);
const [across, down] = play.querySelectorAll("input[type=range]");
const map = find("map"), point = find("point");
let corners = data.corners, x = 0, y = 0, label = data.classes ? 0 : null, waiting = false;

const sum = (values) => values.reduce((total, value) => total + value, 0);
const lengthOf = (seed) => Math.hypot(...seed);

// The seed at a place of the map: a blend of the corners, as long as they are where length is kept.
function seedAt(right, below) {
  const shares = corners.length === 2 ? [1 - right, right]
    : [(1 - right) * (1 - below), right * (1 - below), (1 - right) * below, right * below];
  const blend = Float32Array.from(corners[0], (_, place) => sum(corners.map((seed, one) => shares[one] * seed[place])));
  const length = lengthOf(blend);
  if (!data.keepsLength || length === 0) return blend;
  const wanted = sum(corners.map((seed, one) => shares[one] * lengthOf(seed)));
  return blend.map((value) => value * wanted / length);
}

function randomSeed() {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return Array.from(corners[0], data.distribution === "normal" ? normal : Math.random);
}

// Dark ink on white paper, as everywhere in the reports.
function paint(canvas, picture, left, top) {
  const pixels = new ImageData(width, height);
  picture.forEach((ink, place) => {
    pixels.data.fill(255 - Math.round(255 * ink), 4 * place, 4 * place + 3);
    pixels.data[4 * place + 3] = 255;
  });
  canvas.getContext("2d").putImageData(pixels, left, top);
}

function drawMap() {
  for (let row = 0; row < TILES; row += 1) for (let column = 0; column < TILES; column += 1) {
    const seed = seedAt(column / (TILES - 1), row / (TILES - 1));
    paint(map.querySelector("canvas"), generator(seed, label), column * width, row * height);
  }
}

let said = 0, timer = 0;
function say(text) {
  clearTimeout(timer);
  const now = () => { find("words").textContent = text; said = Date.now(); };
  timer = setTimeout(now, Math.max(0, said + QUIET_MS - Date.now()));
}

function draw() {
  waiting = false;
  const seed = seedAt(x, y), picture = generator(seed, label), [opinion] = discriminator(picture, label);
  paint(find("picture"), picture, 0, 0);
  find("meter").value = opinion;
  say(`The discriminator takes it for ${data.classes ? `a real ${label}` : "real"}:\u00a0${opinion.toFixed(2)}`);

  across.value = x;
  if (map) {
    down.value = y;
    // the places of seeds are the middles of the outer pictures
    const onMap = (share) => `${100 * (0.5 + share * (TILES - 1)) / TILES}%`;
    Object.assign(point.style, { left: onMap(x), top: onMap(y) });
  }
  play.shown = { seed, label, picture, opinion }; // for developer tools, and for the tests
}

// Draws once for all changes between two frames of the screen.
function drawSoon() {
  if (!waiting) requestAnimationFrame(draw);
  waiting = true;
}

function moveTo(right, below) {
  [x, y] = [right, below].map((share) => Math.min(1, Math.max(0, share)));
  drawSoon();
}

function follow(event) {
  const box = map.getBoundingClientRect();
  const share = (along) => (along * TILES - 0.5) / (TILES - 1);
  moveTo(share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height));
}

if (map) {
  map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); follow(event); });
  map.addEventListener("pointermove", (event) => { if (map.hasPointerCapture(event.pointerId)) follow(event); });
  map.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!move) return;
    event.preventDefault(); // the page stays where it is
    moveTo(x + move[0], y + move[1]);
  });
  down.addEventListener("input", () => moveTo(x, Number(down.value)));
}
across.addEventListener("input", () => moveTo(Number(across.value), y));

find("new").addEventListener("click", () => {
  if (!map) return moveTo(Math.random(), 0);
  corners = corners.map(randomSeed);
  drawMap();
  drawSoon();
});

play.querySelectorAll("input[type=radio]").forEach((choice) => choice.addEventListener("change", () => {
  label = Number(choice.value);
  if (map) drawMap();
  drawSoon();
}));

// a browser keeps choices when a page is loaded again; the page starts at its beginning
play.querySelectorAll("input[type=radio]").forEach((choice) => { choice.checked = Number(choice.value) === label; });
if (map) drawMap();
draw();
play.classList.add("play-ready");
find("widget").hidden = false;
