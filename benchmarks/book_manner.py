"""Training in the book's manner, a yardstick for speed: a table row to a tensor, one picture at a time, plain Adam."""

import pandas as pd
import torch
from torch import nn


class Player:
    """A network with its own optimiser and its own record of the loss, as the book's classes are."""

    def __init__(self, model: nn.Module, learning_rate: float) -> None:
        self.model = model
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=learning_rate)
        self.counter = 0
        self.progress: list[float] = []

    def learn(self, loss: torch.Tensor) -> None:
        """One update."""
        self.counter += 1
        if self.counter % 10 == 0:
            self.progress.append(loss.item())
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


class Classifier(Player):
    """The refined classifier of chapter 3."""

    def __init__(self) -> None:
        super().__init__(nn.Sequential(
            nn.Linear(784, 200), nn.LeakyReLU(0.02), nn.LayerNorm(200), nn.Linear(200, 10), nn.Sigmoid()
        ), learning_rate=0.001)
        self.loss_function = nn.BCELoss()


def learn_rows(classifier: Classifier, table: pd.DataFrame) -> None:
    """One pass over a table whose rows are a label and 784 pixels."""
    for place in range(len(table)):
        row = table.iloc[place]
        target = torch.zeros(10)
        target[int(row.values[0])] = 1.0
        picture = torch.FloatTensor(row.values[1:].copy()) / 255.0
        classifier.learn(classifier.loss_function(classifier.model(picture), target))


def players() -> tuple[Player, Player]:
    """The discriminator and the generator of the improved GAN of chapter 7."""
    discriminator = nn.Sequential(
        nn.Linear(784, 200), nn.LeakyReLU(0.02), nn.LayerNorm(200), nn.Linear(200, 1), nn.Sigmoid()
    )
    generator = nn.Sequential(
        nn.Linear(100, 200), nn.LeakyReLU(0.02), nn.LayerNorm(200), nn.Linear(200, 784), nn.Sigmoid()
    )
    return Player(discriminator, 0.0001), Player(generator, 0.0001)


def play_rows(discriminator: Player, generator: Player, table: pd.DataFrame) -> None:
    """One pass over a table: for each row the discriminator on it, the discriminator on a fake, the generator."""
    loss = nn.BCELoss()
    real, fake = torch.FloatTensor([1.0]), torch.FloatTensor([0.0])
    for place in range(len(table)):
        picture = torch.FloatTensor(table.iloc[place].values[1:].copy()) / 255.0
        discriminator.learn(loss(discriminator.model(picture), real))
        drawn = generator.model(torch.randn(100)).detach()
        discriminator.learn(loss(discriminator.model(drawn), fake))
        generator.learn(loss(discriminator.model(generator.model(torch.randn(100))), real))
