"""Our VMC stream in another party's receiver: the ``vmcp`` package over osc4py3."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from medtalk_live.output.vmc import VmcSink, head_bone
from medtalk_live.rig.arkit import SHAPE_NAMES
from medtalk_live.rig.controls import NEUTRAL, index
from medtalk_live.rig.frames import ControlFrame

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("vmcp") is None or importlib.util.find_spec("osc4py3") is None,
    reason="the VMC receiver is not installed (pip install 'vmcp[osc4py3]')",
)

HEAD = np.asarray([20, -10, 5, 1, 2, 3], np.float32)
FRAMES = 30

RECEIVER = """
import json, socket, time
from vmcp.events import (
    BlendShapeApplyEvent, BlendShapeEvent, BoneTransformEvent, RelativeTimeEvent, StateEvent,
)
from vmcp.facades import on_receive
from vmcp.osc import OSC
from vmcp.osc.backend.osc4py3 import as_comthreads as backend

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
seen = []

def shape(event):
    seen.append(["shape", event.key, event.value])

def bone(event):
    r, p = event.rotation, event.position
    seen.append(["bone", event.joint.value, [p.x, p.y, p.z, r.x, r.y, r.z, r.w]])

osc = OSC(backend)
with osc.open():
    entrance = osc.create_receiver("127.0.0.1", port, "in").open()
    on_receive(entrance, BlendShapeEvent, shape)
    on_receive(entrance, BoneTransformEvent, bone)
    on_receive(entrance, BlendShapeApplyEvent, lambda event: seen.append(["apply"]))
    on_receive(entrance, StateEvent, lambda event: seen.append(["state", event.model_state.value]))
    on_receive(entrance, RelativeTimeEvent, lambda event: seen.append(["time", event.delta]))
    print(port, flush=True)
    end = time.monotonic() + 20
    while sum(entry[0] == "apply" for entry in seen) < FRAMES and time.monotonic() < end:
        osc.run()
        time.sleep(0.002)
    print(json.dumps(seen), flush=True)
"""


def test_a_vmc_program_sees_every_frame_whole_and_in_order() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RECEIVER.replace("FRAMES", str(FRAMES))],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    sink = VmcSink("127.0.0.1", int(process.stdout.readline()))
    sink.open()
    for number in range(FRAMES):
        controls = NEUTRAL.copy()
        controls[index("C_jaw.ty")] = number / 32
        sink.send(ControlFrame(number, 100 + number / 64, controls, HEAD))
        time.sleep(1 / 60)
    sink.close()
    out, _ = process.communicate(timeout=60)
    seen = json.loads(out)
    assert len(seen) == FRAMES * (3 + len(SHAPE_NAMES) + 1)
    each = len(seen) // FRAMES
    for number in range(FRAMES):
        state, moment, bone, *shapes, apply = seen[number * each : (number + 1) * each]
        assert (state, moment, apply) == (["state", 1], ["time", number / 64], ["apply"])
        assert bone[:2] == ["bone", "Head"]
        assert bone[2] == pytest.approx(head_bone(HEAD), abs=1e-6)
        assert [name for _, name, _ in shapes] == list(SHAPE_NAMES)
        moving = {name: value for _, name, value in shapes if value}
        assert moving == ({"JawOpen": number / 32} if number else {})
