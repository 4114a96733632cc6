"""Ways in which two players step on f = x y, each as a rule, as the matrix of one step, and as a factor in theory.

x wants f small and steps down its slope, y wants f large and steps up. Their balance is the middle, (0, 0).
"""

import cmath
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from stages.lessons.appendix_d.settings import Settings

Step = Callable[[Sequence[np.ndarray]], np.ndarray]  # from the points so far, each [x, y], to the next
UNIT, TURN = np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])  # TURN: by a right angle, against the clock


@dataclass(frozen=True)
class Method:
    """A rule, the matrix by which one step multiplies its state, and how much nearer to the middle or farther it gets.

    The state is the last point or, of a rule that looks back, the last two.
    """

    step: Step
    matrix: np.ndarray
    factor: float

    @property
    def eigenvalues(self) -> np.ndarray:
        """Of the matrix, the largest first, of two alike the one turned clockwise first."""
        found = np.linalg.eigvals(self.matrix)
        return np.array(sorted(found, key=lambda value: (-round(abs(value), 9), value.imag)))


def field(points: np.ndarray) -> np.ndarray:
    """Where both players pull at points [..., 2]: x against its slope, y, and y along its slope, x."""
    return points @ TURN.T


def simultaneous(rate: float) -> Method:
    """Both step from the same point: the book's way."""
    return Method(lambda points: points[-1] + rate * field(points[-1]), UNIT + rate * TURN, math.hypot(1, rate))


def alternating(rate: float) -> Method:
    """y steps from where x has just gone."""
    def step(points: Sequence[np.ndarray]) -> np.ndarray:
        x, y = points[-1]
        x = x - rate * y
        return np.array([x, y + rate * x])

    return Method(step, np.array([[1, -rate], [rate, 1 - rate**2]]), 1.0)


def momentum(rate: float, kept: float) -> Method:
    """Each step goes on with a share of the one before."""
    root = (1 + kept + 1j * rate) / 2
    return Method(
        lambda points: points[-1] + rate * field(points[-1]) + kept * (points[-1] - _before(points)),
        _looking_back((1 + kept) * UNIT + rate * TURN, -kept * UNIT),
        max(abs(root + sign * cmath.sqrt(root**2 - kept)) for sign in (1, -1)),
    )


def extra_gradient(rate: float) -> Method:
    """A step on trial; then the real one from the old point, along the slope found there."""
    return Method(lambda points: points[-1] + rate * field(points[-1] + rate * field(points[-1])),
                  UNIT + rate * TURN + rate**2 * TURN @ TURN, math.hypot(1 - rate**2, rate))


def optimistic(rate: float) -> Method:
    """Twice the slope here less the slope one step before: a guess of the next one, without a trial."""
    return Method(lambda points: points[-1] + rate * (2 * field(points[-1]) - field(_before(points))),
                  _looking_back(UNIT + 2 * rate * TURN, -rate * TURN),
                  math.sqrt((1 + math.sqrt(1 - 4 * rate**2)) / 2))


def weight_decay(rate: float, decay: float) -> Method:
    """Both are also drawn towards zero."""
    return Method(lambda points: points[-1] + rate * (field(points[-1]) - decay * points[-1]),
                  (1 - rate * decay) * UNIT + rate * TURN, math.hypot(1 - rate * decay, rate))


def penalty(rate: float, strength: float) -> Method:
    """y, which stands for the discriminator, pays for its own size: strength / 2 times y squared."""
    drawn = strength * np.diag([0.0, 1.0])
    return Method(lambda points: points[-1] + rate * (field(points[-1]) - drawn @ points[-1]),
                  UNIT + rate * (TURN - drawn), math.sqrt(1 - rate * strength + rate**2))


def walk(method: Method, start: Sequence[float], steps: int) -> np.ndarray:
    """The points [steps + 1, 2] from `start` on."""
    points = [np.array(start, float)]
    for _ in range(steps):
        points.append(method.step(points))
    return np.array(points)


def walk_by_autograd(rate: float, start: Sequence[float], steps: int) -> np.ndarray:
    """The same by simultaneous steps in PyTorch, whose `backward()` finds both slopes of f = x y."""
    x, y = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in start)
    points = [[x.item(), y.item()]]
    for _ in range(steps):
        x.grad = y.grad = None
        (x * y).backward()
        with torch.no_grad():  # not torch.optim: to load it takes longer than the whole lesson
            x -= rate * x.grad
            y += rate * y.grad
        points.append([x.item(), y.item()])
    return np.array(points)


def radii(points: np.ndarray) -> np.ndarray:
    """How far points [..., 2] are from the middle."""
    return np.hypot(points[..., 0], points[..., 1])


def measured_factor(points: np.ndarray) -> float:
    """How much the distance from the middle grows at each step, over the second half of a walk.

    Around an oval the distance itself sways. The area between a point, the next one and the middle does not: it grows
    by the square of the factor.
    """
    areas = np.abs(points[:-1, 0] * points[1:, 1] - points[:-1, 1] * points[1:, 0])
    half = len(areas) // 2
    return float((areas[-1] / areas[half]) ** (1 / (2 * (len(areas) - 1 - half))))


def compared(settings: Settings) -> dict[str, Method]:
    """Every method, by name, with the settings of params.yaml."""
    rate = settings.learning_rate
    return {
        "simultaneous": simultaneous(rate), "alternating": alternating(rate),
        "momentum": momentum(rate, settings.momentum), "extra_gradient": extra_gradient(rate),
        "optimistic": optimistic(rate), "weight_decay": weight_decay(rate, settings.weight_decay),
        "penalty": penalty(rate, settings.penalty),
    }


def _before(points: Sequence[np.ndarray]) -> np.ndarray:
    """The last point but one; at the start the first, as if it had stood still."""
    return points[-2] if len(points) > 1 else points[-1]


def _looking_back(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The matrix [4, 4] of a step from the last two points, the newer one first."""
    return np.block([[now, before], [UNIT, np.zeros((2, 2))]])
