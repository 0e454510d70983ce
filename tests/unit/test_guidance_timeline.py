import numpy as np
import pytest
from fakes import SMILE, TinyModel

from medtalk_live.engine.animator import Animator, animate
from medtalk_live.errors import ConfigError, GuidanceError
from medtalk_live.guidance.request import Guidance
from medtalk_live.guidance.timeline import Cue, Timeline

SCENE = """
cues:
  - {at: 2, emotion: happy, blend: 0.5}
  - {at: 0, emotion: neutral}
  - {at: 3.0, text: left brow raised, intensity: 0.5}
"""


def written(folder, text):
    path = folder / "scene.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scene_is_read_in_the_order_of_its_times(tmp_path):
    cues = Timeline.load(written(tmp_path, SCENE)).cues
    assert [cue.at_seconds for cue in cues] == [0.0, 2.0, 3.0]
    assert [cue.guidance.kind for cue in cues] == ["labels", "labels", "text"]
    assert [cue.blend_seconds for cue in cues] == [0.4, 0.5, 0.4]
    assert cues[2].guidance.intensity == 0.5


def test_photos_of_a_scene_lie_beside_it(tmp_path):
    scene = written(tmp_path, "cues: [{at: 1, image: ref/a.png, neutral_image: rest.png}]")
    guidance = Timeline.load(scene).cues[0].guidance
    assert guidance.path == tmp_path / "ref" / "a.png"
    assert guidance.neutral_path == tmp_path / "rest.png"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cues: []", "no list 'cues'"),
        ("other: 1", "no list 'cues'"),
        ("cues: [happy]", "cue 1 is 'happy'"),
        ("cues: [{at: 0, emotion: happy, text: sad}]", "exactly one of emotion, text and image"),
        ("cues: [{at: 0}]", "exactly one of emotion, text and image"),
        ("cues: [{at: -1, emotion: happy}]", "at is -1"),
        ("cues: [{at: 0, emotion: happy, fade: 1}]", "unknown setting 'fade'"),
        ("cues: [{at: 0, emotion: hapy}]", "did you mean 'happy'"),
        ("cues: [{at: 0, emotion: happy, blend: 99}]", "a blend time of 99 s"),
        ("cues: [{at: .nan, emotion: happy}]", "at is nan"),
        ("cues: [{at: .inf, emotion: happy}]", "at is inf"),
        ("cues: [{emotion: happy}]", "cue 1: 'at' is missing"),
        ("cues: [{at: 0, text: a smile, neutral_image: a.png}]", "neutral_image goes with image"),
    ],
)
def test_what_is_wrong_with_a_scene_is_said_with_its_place(tmp_path, text, words):
    with pytest.raises((ConfigError, GuidanceError), match=r"scene\.yaml") as refusal:
        Timeline.load(written(tmp_path, text))
    assert words in str(refusal.value)


def test_cues_begin_at_the_frame_of_their_time_however_the_sound_is_cut(tmp_path):
    scene = Timeline.load(written(tmp_path, SCENE))
    sound = np.zeros(4 * 16_000, np.float32)
    whole = animate(sound, 16_000, model=TinyModel(), finish="none", timeline=scene)
    smile = whole.controls[:, SMILE[0]]
    assert smile[:120].max() == 0.0
    assert smile[121] > 0.0
    np.testing.assert_allclose(smile[150:180], 1.0)  # 0.5 s later it is there
    told = []
    animator = Animator(TinyModel(), finish="none", timeline=scene, on_cue=told.append)
    frames = [f for part in np.array_split(sound, 77) for f in animator.push(part)]
    frames += animator.flush()
    np.testing.assert_array_equal(np.stack([f.controls for f in frames]), whole.controls)
    assert [guidance.describe() for guidance in told] == [
        "neutral",
        "happy",
        '"left brow raised" x0.5',
    ]


def test_an_engine_that_is_made_anew_goes_on_with_the_scene():
    cues = tuple(
        Cue(at, Guidance.label(name)) for at, name in ((0, "sad"), (2, "happy"), (5, "fear"))
    )
    rest = Timeline(cues).since(3.0)
    assert [(cue.at_seconds, cue.guidance.describe()) for cue in rest.cues] == [
        (0.0, "happy"),
        (2.0, "fear"),
    ]
