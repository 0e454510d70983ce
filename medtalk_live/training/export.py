"""From a trained network to the model folder that ships: safetensors and manifest.

Training-only parts (the phone heads) stay behind. Blocks on the disk.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import save_file

from medtalk_live.model.checkpoint import FORMAT_VERSION, MANIFEST
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.controls import TABLE_HASH
from medtalk_live.training.networks import LEAK, LOOK_AHEADS_MS, StarterNetwork

_KEPT = ("semantic_emotion_map.", "expression_map.")


def export_starter(
    network: StarterNetwork, folder: Path, version: str, training: dict[str, Any]
) -> Path:
    """Write ``starter.safetensors`` and ``manifest.json``.

    Args:
        network: Trained.
        folder: Of the model; made if missing.
        version: Of the checkpoint.
        training: Settings, sources and time of the run, for the manifest.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        f = network.label_guidance(torch.arange(len(LABELS)))
        labels = f / torch.linalg.vector_norm(f, dim=-1, keepdim=True)
    weights = {"labels": labels.numpy()}
    for name, value in network.state_dict().items():
        if name.startswith(_KEPT):
            weights[name] = value.numpy()
        elif name.startswith("face.decoder."):
            weights[name.removeprefix("face.")] = value.numpy()
        elif name.startswith("encoder.") and ".phones." not in name:
            weights[name] = _as_matrix(name, value).numpy()
    path = folder / "starter.safetensors"
    save_file({name: array.astype("float32") for name, array in weights.items()}, path)
    manifest = {
        "format_version": FORMAT_VERSION,
        "kind": "starter",
        "name": "starter",
        "version": version,
        "control_table_hash": TABLE_HASH,
        "look_aheads_ms": list(LOOK_AHEADS_MS),
        "dilations": [block.dilation for block in network.encoder.blocks],
        "leak": LEAK,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest()},
        "training": training,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return folder


def _as_matrix(name: str, value: torch.Tensor) -> torch.Tensor:
    """Convolutions as (out, taps * in), oldest tap first, as the streaming step joins them."""
    if value.dim() != 3:
        return value
    return value.permute(0, 2, 1).reshape(value.shape[0], -1).contiguous()
