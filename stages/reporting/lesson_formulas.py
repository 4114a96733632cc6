"""One formula for each lesson: the picture on its card."""

from latex2mathml.converter import convert

FORMULAS = {
    "foundations": r"\frac{dz}{dx} = \frac{dz}{dy} \cdot \frac{dy}{dx}",
    "cuda_basics": r"C_{ij} = \sum_{k=1}^{600} A_{ik} B_{kj}",
    "gan_concept": r"D(x) \to 1, \quad D(G(z)) \to 0",
    "appendix_a": r"-\ln \frac{1}{2} = 0.693",
    "appendix_b": r"p_{ij} = \frac{n_{ij}}{8}",
    "appendix_c": r"\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",
    "appendix_d": r"r_{t+1} = r_t \sqrt{1 + \eta^2}",
}


def formula_of(lesson: str) -> str:
    """The formula of a lesson as HTML, empty where it has none."""
    return f'<span class="formula">{convert(FORMULAS[lesson])}</span>' if lesson in FORMULAS else ""
