"""One step of a training, on whatever device and in whatever precision; the engine makes many, an estimate a few."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from learned.training.checkpoints import Weights
from learned.training.trainee import Data, Position, Trainee, Update

if TYPE_CHECKING:
    from lightning_fabric import Fabric

_LOG = logging.getLogger("fmbench.training")


class Stepper:
    """Networks on their device, and the optimisers over them.

    Parameters
    ----------
    trainee : Trainee
    fabric : Fabric

    Attributes
    ----------
    optimisers : dict of str to Optimizer
        As the trainee made them.
    compiled : bool
        Whether networks are compiled.
    """

    def __init__(self, trainee: Trainee, fabric: Fabric) -> None:
        self.trainee, self.fabric = trainee, fabric
        self.networks: dict[str, nn.Module] = {}
        for name, network in trainee.networks.items():
            self.networks[name] = fabric.setup_module(network) if _learns(network) else fabric.to_device(network)
        self.optimisers = trainee.optimisers()
        self.compiled = False
        self._rates = {name: [group["lr"] for group in each.param_groups] for name, each in self.optimisers.items()}

    @cached_property
    def _wrapped(self) -> dict[str, Any]:
        # Only when a step is made: a state that is loaded before must be in them.
        return {name: self.fabric.setup_optimizers(optimiser) for name, optimiser in self.optimisers.items()}

    def learning(self) -> None:
        """Put all networks into the mode in which they learn."""
        for network in self.trainee.networks.values():
            network.train()

    def step(self, batch: Data, at: Position) -> Mapping[str, Tensor]:
        """Learn from one batch, at the learning rate of that position; return the losses."""
        factor = self.trainee.rate(at)
        for name, optimiser in self.optimisers.items():
            for group, rate in zip(optimiser.param_groups, self._rates[name], strict=True):
                group["lr"] = factor * rate
        return self._stepped(self.networks, batch, self._update)

    def _update(self, name: str, loss: Tensor) -> None:
        self._wrapped[name].zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        self._wrapped[name].step()

    def _stepped(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        with self.fabric.autocast():
            return self.trainee.step(networks, batch, update)

    def compile(self, batch: Data) -> None:
        """Compile what learns, if that is possible: otherwise it is said, and networks stay as they are.

        Whether it is possible shows in the first step. That is made here and changes no weight, so that a network
        which cannot be compiled is not left half way.

        Parameters
        ----------
        batch : mapping of str to Tensor
            What the trainee can learn from, on the device.
        """
        before = self.weights()
        learns = [(each, each.requires_grad) for net in self.trainee.networks.values() for each in net.parameters()]
        learning = {name: network for name, network in self.trainee.networks.items() if _learns(network)}
        try:
            compiled = {name: cast(nn.Module, torch.compile(network)) for name, network in learning.items()}
            made = {name: self.fabric.setup_module(network) for name, network in compiled.items()}
            self._stepped({**self.networks, **made}, batch, lambda name, loss: self.fabric.backward(loss))
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, OSError, ImportError) as error:  # as compilers and what calls them fail
            _LOG.warning("trains without torch.compile, which is not possible here (%s)", _first_line(error))
        else:
            self.networks |= made
            self.compiled = True
        finally:
            for name, network in self.trainee.networks.items():
                network.load_state_dict(before[name])
                network.zero_grad(set_to_none=True)
            for parameter, was in learns:  # a step that broke off may have frozen some
                parameter.requires_grad_(was)

    def weights(self) -> Weights:
        """Copy the state of all networks."""
        return {
            name: {key: tensor.detach().cpu().clone() for key, tensor in network.state_dict().items()}
            for name, network in self.trainee.networks.items()
        }


def _learns(network: nn.Module) -> bool:
    return any(parameter.requires_grad for parameter in network.parameters())


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
