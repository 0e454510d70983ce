"""Reading MEDTalk's checkpoint files into networks, and refusing all that is not one.

``read_state`` unpickles tensors only; ``build`` makes the network that a state
dict belongs to and checks every key, shape and value, so that a foreign,
truncated or broken file is refused in one sentence that names the key.
Any thread; blocks on the disk. Source: the file set of the authors' release.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from medtalk_live.errors import CheckpointError
from medtalk_live.model.content import ContentNetwork
from medtalk_live.model.encoders import clip, wav2vec2
from medtalk_live.model.medtalk import FaceNetwork, LabelNetwork, PromptNetwork
from medtalk_live.model.sizes import Sizes, read_sizes

FILES: dict[str, type[nn.Module]] = {
    "cross_recon": FaceNetwork,
    "audio_cont": ContentNetwork,
    "audio_semantic": LabelNetwork,
    "clip_emotion": PromptNetwork,
}
"""The network of each file, by the file's stem."""

_SPEECH, _CLIP, _WORDS = "audio_content_encoder.", "clip_encoder.", "text_encoder."
_UNUSED = ("embeddings.position_ids",)


def read_state(path: Path, inside: str = "") -> dict[str, Tensor]:
    """The tensors of a ``.pth`` or ``.safetensors`` file; no code in it is run.

    Args:
        path: The file.
        inside: Key that its state dict may be wrapped in.

    Raises:
        CheckpointError: missing, truncated, or holding anything but named tensors.
    """
    if not path.is_file():
        raise CheckpointError(
            f"{path} is missing: put the authors' four files (or your own) together in one folder"
        )
    state = _read_safetensors(path) if path.suffix == ".safetensors" else _unpickle(path)
    if isinstance(state, Mapping) and isinstance(state.get(inside), Mapping):
        state = state[inside]
    if not isinstance(state, Mapping) or not state:
        raise CheckpointError(
            f"{path} holds a {type(state).__name__} instead of named tensors: it is no state dict"
        )
    for key, value in state.items():
        if not (isinstance(key, str) and isinstance(value, Tensor)):
            raise CheckpointError(
                f"{path}: the entry {key!r} is a {type(value).__name__} instead of a tensor: "
                "save the network's state_dict() alone"
            )
    return {key.removeprefix("module."): value for key, value in state.items()}


def _unpickle(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{path} holds code or objects that are not tensors and was not opened: "
            "take the file from the authors again, and do not unpickle it by hand"
        ) from None
    except Exception as error:  # torch raises a dozen kinds for a file that is cut or foreign
        raise CheckpointError(
            f"{path} is no whole PyTorch file ({type(error).__name__}): download it again"
        ) from None


def _read_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read ({error}): import it again") from None


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a folder, empty where there is none.

    Raises:
        CheckpointError: it is not a JSON object.
    """
    path = folder / "config.json"
    if not path.is_file():
        return {}
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path} is not valid JSON ({error})") from None
    if not isinstance(config, dict):
        raise CheckpointError(f"{path} holds no JSON object: expected the networks' sizes by name")
    return config


def current_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict under the names of today's classes, without what never runs."""
    clean: dict[str, Tensor] = {}
    pictures: dict[str, Tensor] = {}
    for key, value in state.items():
        if key.startswith(_SPEECH):
            name = key.removeprefix(_SPEECH)
            if not name.startswith(wav2vec2.LEFT_OUT):
                clean[_SPEECH + wav2vec2.current_names(name)] = value
        elif key.startswith(_CLIP):
            pictures[key.removeprefix(_CLIP)] = value
        elif not key.endswith(_UNUSED):
            clean[key] = value
    for name, value in clip.current_names(pictures).items():
        clean[_CLIP + name] = value
    return clean


Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Network]):
    """A network with the sizes it was built for."""

    network: Network
    sizes: Sizes


def build(
    kind: type[Network], state: Mapping[str, Tensor], config: Mapping[str, Any], source: str
) -> Loaded[Network]:
    """The network of a state dict, in eval mode.

    Args:
        kind: One of ``FILES``.
        state: As ``read_state`` gives it.
        config: Of ``config.json``.
        source: What messages call the file.

    Raises:
        CheckpointError: a tensor is missing, unknown, of another shape, or not finite.
        MissingExtraError: a library of the official model is not installed.
    """
    try:
        sizes = read_sizes(state, config)
        with torch.device("meta"):
            pattern = kind(sizes).state_dict()
    except CheckpointError as error:
        raise CheckpointError(f"{source}: {error}") from None
    except (TypeError, ValueError, AssertionError, ZeroDivisionError) as error:
        raise CheckpointError(f"{source}: its sizes fit no {kind.__name__} ({error})") from None
    clean = current_state(state)
    check_tensors(clean, pattern, source)
    network = kind(sizes)
    network.load_state_dict({key: value.to(torch.float32) for key, value in clean.items()})
    return Loaded(network.eval().requires_grad_(False), sizes)


def check_tensors(state: Mapping[str, Tensor], pattern: Mapping[str, Tensor], source: str) -> None:
    """Compare a state dict with the network's own, key by key.

    Raises:
        CheckpointError: naming the first key that is wrong.
    """
    for key, wanted in pattern.items():
        if key not in state:
            raise CheckpointError(
                f"{source} lacks the tensor '{key}': it is another network's file, or cut short"
            )
        if state[key].shape != wanted.shape:
            raise CheckpointError(
                f"{source}: the tensor '{key}' has the shape {tuple(state[key].shape)}, "
                f"expected {tuple(wanted.shape)}: it was made for another rig or encoder"
            )
        if not torch.isfinite(state[key]).all():
            raise CheckpointError(
                f"{source}: the tensor '{key}' holds NaN or infinity: "
                "the training that made it had diverged, take an earlier file"
            )
    if unknown := sorted(set(state) - set(pattern)):
        raise CheckpointError(
            f"{source} holds the unknown tensor '{unknown[0]}' ({len(unknown)} in all): "
            "it is another network's file"
        )


def load(folder: Path, stem: str, config: Mapping[str, Any]) -> Loaded[Any]:
    """A network out of a folder, from ``.safetensors`` where there is one, else ``.pth``.

    Raises:
        CheckpointError: see ``read_state`` and ``build``.
    """
    ours = (folder / stem).with_suffix(".safetensors")
    return _load_file(ours, config) if ours.is_file() else load_pth(folder, stem, config)


def load_pth(folder: Path, stem: str, config: Mapping[str, Any]) -> Loaded[Any]:
    """A network out of one of the authors' files.

    Raises:
        CheckpointError: see ``read_state`` and ``build``.
    """
    return _load_file((folder / stem).with_suffix(".pth"), config)


def _load_file(path: Path, config: Mapping[str, Any]) -> Loaded[Any]:
    return build(FILES[path.stem], read_state(path), config, str(path))
