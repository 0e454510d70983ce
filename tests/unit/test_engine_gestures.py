import numpy as np

from medtalk_live.engine.gestures import Gestures
from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.articulation import lip_aperture, members
from medtalk_live.rig.controls import COUNT, NEUTRAL, index, pair

JAW, TOGETHER = index("C_jaw.ty"), members("mouth_lipsTogether")
SMILE = pair("mouth_cornerPull")[0]


def work(number, voice, controls=None):
    gesture = np.zeros(COUNT, np.float32)
    gesture[JAW], gesture[SMILE] = 0.4, 0.6
    face = np.array(NEUTRAL if controls is None else controls, np.float32)
    return FaceWork(number, face, np.zeros(6, np.float32), 0.0, voice, 0.0, gesture=gesture)


def shown(gestures, voices, controls=None):
    rows = []
    for number, voice in enumerate(voices):
        frame = work(number, voice, controls)
        gestures.apply(frame)
        rows.append(frame.controls)
    return np.stack(rows)


def test_a_mouth_that_is_meant_to_be_open_is_open_at_rest():
    closed = NEUTRAL.copy()
    closed[TOGETHER] = 1.0
    face = shown(Gestures(), [0.0], closed)[0]
    assert lip_aperture(face) > 0.2


def test_speech_takes_the_jaw_and_leaves_the_smile():
    rows = shown(Gestures(), [1.0] * 60)
    assert rows[-1, JAW] < 0.05
    assert rows[-1, SMILE] > 0.5


def test_the_gesture_comes_back_after_speech_without_a_jump():
    rows = shown(Gestures(), [0.0] * 10 + [1.0] * 60 + [0.0] * 90)
    assert rows[-1, JAW] == rows[0, JAW]
    # a jaw gesture of 0.4 takes ten frames to yield: never faster than a jaw in speech
    assert np.abs(np.diff(rows[:, JAW])).max() < 0.08


def test_a_frame_without_gesture_is_left_alone():
    frame = work(0, 1.0)
    frame.gesture = np.zeros(COUNT, np.float32)
    Gestures().apply(frame)
    np.testing.assert_array_equal(frame.controls, NEUTRAL)
