from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from fakes import TinyModel

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.streaming import LABELS


def test_a_mix_of_labels_is_embedded_by_the_model() -> None:
    code = encode(Guidance.label("happy:0.7+surprised:0.3", 1.5), TinyModel())
    assert code.embedding[LABELS.index("happy")] == pytest.approx(0.7)
    assert code.embedding[LABELS.index("surprised")] == pytest.approx(0.3)
    assert code.intensity == 1.5
    assert not code.offsets.any()


@pytest.mark.parametrize(
    ("kind", "request_"),
    [("text", Guidance.text("a sly half smile")), ("image", Guidance.image("a.png"))],
)
def test_sentences_and_photos_go_to_the_module_of_their_kind(
    monkeypatch: pytest.MonkeyPatch, kind: str, request_: Guidance
) -> None:
    model = TinyModel()
    code = encode(Guidance.neutral(), model)
    asked = []

    def fake(guidance: Guidance, given: TinyModel) -> object:
        asked.append((guidance, given))
        return code

    monkeypatch.setitem(sys.modules, f"medtalk_live.guidance.{kind}", SimpleNamespace(encode=fake))
    assert encode(request_, model) is code
    assert asked == [(request_, model)]


def test_an_embedding_is_what_networks_take() -> None:
    code = encode(Guidance.neutral(), TinyModel())
    assert code.embedding.dtype == np.float32
    assert code.offsets.shape == (174,)


@pytest.mark.parametrize("wrong", ["happy", None, 5, {"happy": 1.0}])
def test_what_is_no_guidance_is_refused_with_one_that_is(wrong: object) -> None:
    with pytest.raises(GuidanceError, match=r"such as Guidance\.label\('happy'\)"):
        encode(wrong, TinyModel())  # type: ignore[arg-type]
