"""Chapter 1, the autograd tutorials and Weidman's first chapter: what a gradient is, and how PyTorch finds it."""

from pydantic import Field

from stages.core.parameters import Block
from stages.lessons.examples import Example
from stages.lessons.foundations import chains, derivatives, gradients, graph, jacobians, matrices, tensors

ALONE = (
    tensors.plain_function, tensors.tensor_plus_three, tensors.tensor_remembers_when_made,
    tensors.tensor_remembers_when_asked, tensors.result_remembers_inside_no_grad, tensors.detached_shares_values,
    tensors.detached_has_a_history,
    gradients.factors_and_slope, gradients.polynomial_and_slope, gradients.slope_of_two_steps,
    gradients.slope_of_two_paths, gradients.value_of_mean, gradients.gradient_of_mean,
    graph.operations_of_two_steps, graph.paths_of_a,
    chains.slope_of_two_lines,
    matrices.slopes_of_sigmoid_of_sum, matrices.product_gradient_for_x, matrices.product_gradient_for_w,
    matrices.layer_gradient_for_x, matrices.layer_gradient_for_w, matrices.sum_of_layer,
    matrices.summed_gradient_as_printed, matrices.summed_gradient_for_x, matrices.summed_gradient_for_w,
    jacobians.backward_on_a_vector, jacobians.number_of_doublings, jacobians.vector_jacobian_product,
    jacobians.product_of_jacobians, jacobians.jacobian_of_all_steps, jacobians.doubling_from_other_starts,
)
STEPPED = (derivatives.kink_of_leaky_relu, matrices.stepped_gradient_for_x, matrices.stepped_gradient_for_w)


class Settings(Block):
    """The block of this lesson in params.yaml."""

    # a larger step is too rough for the tolerances, a smaller one lost in rounding
    step: float = Field(ge=1e-5, le=0.002)


def work_out(settings: Settings) -> dict[str, Example]:
    """Every worked example by name; a name is that of the function that computes it, or says what is compared."""
    examples = {function.__name__: function() for function in ALONE}
    examples |= {function.__name__: function(settings.step) for function in STEPPED}
    for function in derivatives.SLOPES:
        name = f"error_of_central_difference_of_{function.__name__}"
        examples[name] = derivatives.against_autograd(function, settings.step)
    for name in chains.CHAINS:
        rule = f"error_of_chain_rule_of_{name}"
        examples[f"{rule}_against_autograd"] = chains.rule_against_autograd(name)
        examples[f"{rule}_against_central_difference"] = chains.rule_against_central_difference(name, settings.step)
    return examples
