// The layers of PyTorch that GANs of digits are made of, for one picture at a time. Values are kept as float32, as in
// PyTorch; sums are added up in JavaScript's float64. Pictures lie in one array, channel by channel, row by row.

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);

// Weights as rounded_weights.py packs them: whole numbers of `bits` bits, one after the other, lowest bit first, and a
// scale for each row; those of one number to a unit are float32 as they are.
function restore(tensor) {
  if (typeof tensor === "string") return floatsOf(tensor);
  const { bits, count, scales, numbers } = tensor;
  const bytes = bytesOf(numbers), scaleOfRow = floatsOf(scales), weights = new Float32Array(count);
  const columns = count / scaleOfRow.length, half = 2 ** (bits - 1);
  let held = 0, width = 0, next = 0;
  for (let place = 0; place < count; place += 1) {
    for (; width < bits; width += 8) held |= bytes[next++] << width;
    weights[place] = ((held & (2 ** bits - 1)) - half) * scaleOfRow[Math.floor(place / columns)];
    held >>>= bits;
    width -= bits;
  }
  return weights;
}

function dot(weights, start, values) {
  let sum = 0;
  for (let place = 0; place < values.length; place += 1) sum += weights[start + place] * values[place];
  return sum;
}

// Calls `meet` with the places of output, input and kernel that meet in a convolution from `from` to `to` channels, of
// [channels, height, width]; `outer` is the picture in which the kernel lies, `inner` the one with a pixel per step.
function slide({ kernel, stride, padding }, inner, outer, meet) {
  const [, rows, columns] = inner, [, height, width] = outer;
  for (let row = 0; row < rows; row += 1) for (let column = 0; column < columns; column += 1) {
    for (let down = 0; down < kernel; down += 1) for (let right = 0; right < kernel; right += 1) {
      const y = row * stride - padding + down, x = column * stride - padding + right;
      if (y >= 0 && y < height && x >= 0 && x < width) {
        meet(row * columns + column, y * width + x, down * kernel + right);
      }
    }
  }
}

function convolve(layer, values, transposed) {
  const { weight, bias, input, output, kernel } = layer, [from] = input, [to] = output;
  const sizeIn = input[1] * input[2], sizeOut = output[1] * output[2], taps = kernel * kernel;
  const sums = new Float64Array(to * sizeOut).map((_, place) => bias[Math.floor(place / sizeOut)]);
  const [inner, outer] = transposed ? [input, output] : [output, input];
  slide(layer, inner, outer, (small, large, tap) => {
    const [read, write] = transposed ? [small, large] : [large, small];
    for (let one = 0; one < from; one += 1) {
      const value = values[one * sizeIn + read];
      for (let other = 0; other < to; other += 1) {
        // PyTorch's order: [from, to, kernel, kernel] where transposed, else [to, from, kernel, kernel]
        const pair = transposed ? one * to + other : other * from + one;
        sums[other * sizeOut + write] += value * weight[pair * taps + tap];
      }
    }
  });
  return Float32Array.from(sums);
}

const LAYERS = {
  // `projection`: what each label adds to the weights, a row per label
  Linear({ weight, bias, projection }, values, label) {
    return bias.map((start, row) => start + dot(weight, row * values.length, values)
      + (projection ? dot(projection, label * values.length, values) : 0));
  },
  LeakyReLU: ({ slope }, values) => values.map((value) => (value < 0 ? slope * value : value)),
  Sigmoid: (_, values) => values.map((value) => 1 / (1 + Math.exp(-value))),
  LayerNorm({ weight, bias, epsilon }, values) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const scale = 1 / Math.sqrt(variance + epsilon);
    return values.map((value, place) => (value - mean) * scale * weight[place] + bias[place]);
  },
  Conv2d: (layer, values) => convolve(layer, values, false),
  ConvTranspose2d: (layer, values) => convolve(layer, values, true),
  // [channels * factor * factor, h, w] to [channels, h * factor, w * factor]
  PixelShuffle({ factor, input: [, rows, columns], output: [, height, width] }, values) {
    return values.map((_, place) => {
      const x = place % width, y = Math.floor(place / width) % height, channel = Math.floor(place / width / height);
      const from = (channel * factor + (y % factor)) * factor + (x % factor);
      return values[(from * rows + Math.floor(y / factor)) * columns + Math.floor(x / factor)];
    });
  },
  // without the outermost pixels
  Trim({ input: [channels, rows, columns] }, values) {
    return values.filter((_, place) => {
      const x = place % columns, y = Math.floor(place / columns) % rows;
      return x > 0 && x < columns - 1 && y > 0 && y < rows - 1;
    });
  },
};

// A network from its description: its weights read once. It maps values, and a label or null, to values.
function network({ layers, labels }) {
  const ready = layers.map((layer) => {
    const tensors = ["weight", "bias", "projection"].filter((name) => name in layer);
    return { ...layer, ...Object.fromEntries(tensors.map((name) => [name, restore(layer[name])])) };
  });
  return (values, label) => {
    // the label stands beside the values, 1 in its place, unless it is projected
    const beside = Float32Array.from({ length: labels }, (_, place) => Number(place === label));
    let current = Float32Array.of(...values, ...beside);
    for (const layer of ready) current = LAYERS[layer.kind](layer, current, label);
    return current;
  };
}
