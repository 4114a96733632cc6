"""Numbers and tensors: they compute alike, and a tensor that is asked to remembers how it came about."""

import torch

from stages.lessons.examples import Example
from stages.lessons.foundations.sources import CHAPTER, TUTORIALS


def plain_function() -> Example:
    """x * x + 2 at 3.5: Python alone."""
    x = 3.5
    y = x * x + 2
    return Example(y, 14.25, source=CHAPTER)


def tensor_plus_three() -> Example:
    """A tensor that holds one number adds as numbers do."""
    x = torch.tensor(3.5)
    y = x + 3
    return Example(y.item(), 6.5, source=CHAPTER)


def tensor_remembers_when_made() -> Example:
    """A new tensor remembers nothing."""
    x = torch.ones(2, 2)
    return Example(x.requires_grad, False, source=TUTORIALS)


def tensor_remembers_when_asked() -> Example:
    """`requires_grad_()` asks it to; what is computed from it then remembers as well."""
    x = torch.ones(2, 2).requires_grad_()
    return Example((x * 2).requires_grad, True, source=TUTORIALS)


def result_remembers_inside_no_grad() -> Example:
    """Inside `no_grad()` no history is written, though x itself still asks for it."""
    x = torch.ones(2, 2).requires_grad_()
    with torch.no_grad():
        y = x * 2
    return Example(y.requires_grad, False, source=TUTORIALS)


def detached_shares_values() -> Example:
    """`detach()` copies nothing: both tensors are the same memory."""
    y = torch.ones(2, 2).requires_grad_() * 2
    return Example(y.detach().data_ptr() == y.data_ptr(), True, source=TUTORIALS)


def detached_has_a_history() -> Example:
    """What was cut off knows no more where its values came from, so no gradient passes the cut."""
    y = torch.ones(2, 2).requires_grad_() * 2
    cut = y.detach()
    return Example(cut.requires_grad or cut.grad_fn is not None, False, source=TUTORIALS)
