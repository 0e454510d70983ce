"""From an imported model folder to the official model, with the slow encoders it asks.

emotion2vec and Whisper run in processes of their own (``voice``,
``transcriber``); what words the networks see is the manifest's
``text_branch`` unless the call says otherwise: the published three tokens, or
the transcript. Main thread; blocks for seconds. Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from medtalk_live.errors import CheckpointError
from medtalk_live.model import authors
from medtalk_live.model.card import chosen_device
from medtalk_live.model.checkpoint import TEXT_BRANCHES
from medtalk_live.model.dynamics import Dynamics, Hear, Strengths
from medtalk_live.model.encoders.transcriber import Transcriber
from medtalk_live.model.encoders.voice import Voice
from medtalk_live.model.encoders.words import (
    PUBLISHED_IDS,
    word_features,
    word_tokenizer,
)
from medtalk_live.model.medtalk import LabelNetwork, PromptNetwork
from medtalk_live.model.official import OfficialModel
from medtalk_live.model.parts import part
from medtalk_live.rig.controls import FloatArray

_log = logging.getLogger(__name__)


def load_official(
    folder: Path,
    manifest: Mapping[str, Any],
    *,
    look_ahead_ms: int | None = None,
    compute: str = "auto",
    live: bool = False,
    text_branch: str | None = None,
) -> OfficialModel:
    """An imported model folder, ready to run.

    Args:
        folder: With its manifest.
        manifest: As ``read_manifest`` gives it.
        look_ahead_ms: One of the manifest's; the longest where nothing is said.
        compute: ``auto``, ``cpu`` or ``cuda``.
        live: Whether late answers of slow encoders are not waited for.
        text_branch: One of ``TEXT_BRANCHES``; the manifest's where nothing is said.

    Raises:
        CheckpointError: a file is missing, damaged, or that look-ahead is not offered.
        MissingExtraError: a library of the official model is not installed.
    """
    offered = tuple(manifest["look_aheads_ms"])
    look_ahead = max(offered) if look_ahead_ms is None else look_ahead_ms
    if look_ahead not in offered:
        raise CheckpointError(
            f"a look-ahead of {look_ahead} ms was asked for; "
            f"{folder.name} offers {', '.join(map(str, offered))} ms"
        )
    branch = text_branch or str(manifest.get("text_branch", TEXT_BRANCHES[0]))
    device = chosen_device(compute)
    label = authors.load(folder, "audio_semantic", manifest["config"]).network
    prompt = authors.load(folder, "clip_emotion", manifest["config"]).network
    return OfficialModel(
        label,
        prompt,
        version=str(manifest["version"]),
        look_ahead_ms=look_ahead,
        dynamics=_dynamics(folder, label, prompt, device, branch, live),
        mode=manifest.get("window_mode", "fast"),
        device=device,
    )


def _dynamics(
    folder: Path,
    label: LabelNetwork,
    prompt: PromptNetwork,
    device: str,
    branch: str,
    live: bool,
) -> Dynamics:
    """The intensity of voice and words; constant without emotion2vec's files."""
    found = part("emotion2vec").find(folder, folder.parent)
    if found is None:
        _log.warning(
            "emotion2vec is not here: the voice does not move the emotion's strength "
            "(medtalk-live models fetch emotion2vec)"
        )
        return Dynamics()
    voice = Voice(found, device)
    if not live:
        voice.warm()  # a file's frames must not depend on whether it starts
    intensity = Intensity(label, prompt, voice, device)
    if branch == "published":
        return Dynamics(intensity.measure, waits=not live)
    return Dynamics(intensity.measure, intensity.read_words(folder), waits=not live)


class Intensity:
    """The networks' own intensities, of emotion2vec's frames and the words.

    Args:
        label: Fuses voice and words.
        prompt: Reads the voice alone.
        voice: emotion2vec.
        device: Where the networks are.
    """

    def __init__(
        self, label: LabelNetwork, prompt: PromptNetwork, voice: Voice, device: str
    ) -> None:
        self._label, self._prompt, self._voice, self._device = label, prompt, voice, device
        self._tokens: Any = None
        self._said: str | None = None
        self._words = self._features(list(PUBLISHED_IDS))

    def read_words(self, folder: Path) -> Hear:
        """From now on with the words that are said; gives what hears them.

        Raises:
            CheckpointError: Whisper's weights or the vocabulary are not here.
            MissingExtraError: openai-whisper or transformers is not installed.
        """
        whisper, vocabulary = part("whisper"), part("vocabulary")
        weights = whisper.find(folder, folder.parent)
        if weights is None:
            raise CheckpointError(
                "--text-branch transcript needs Whisper's weights, which are not here: "
                "run  medtalk-live models fetch whisper, or use  --text-branch published"
            )
        self._tokens = word_tokenizer(
            vocabulary.find(folder, folder.parent) or folder / vocabulary.folder
        )
        transcriber = Transcriber(str(weights / whisper.files[0].name))
        transcriber.check()
        return lambda sound: " ".join(word.text for word in transcriber.words(sound))

    @torch.inference_mode()
    def measure(self, samples: FloatArray, said: str) -> Strengths:
        """I_t of the newest half second, for labels and for prompts.

        Args:
            samples: The newest sound, 16 kHz (n,).
            said: The newest words; not looked at where the published tokens are used.
        """
        if self._tokens is not None and said != self._said:
            self._words, self._said = self._features(self._tokens(said)), said
        frames = torch.from_numpy(self._voice.frames(samples)).to(self._device)[None]
        count = frames.shape[1]
        newest = slice(-count // 4, None)
        by_label = self._label.fused(frames, self._words, count)[0, newest].mean()
        by_prompt = self._prompt.intensity(frames, count)[0, newest].mean()
        return float(by_label), float(by_prompt)

    @torch.inference_mode()
    def _features(self, ids: list[int]) -> Tensor:
        """Of words; RoBERTa stays on the host, it is asked when the words change."""
        return word_features(self._label.text_encoder, torch.tensor([ids])).to(self._device)
