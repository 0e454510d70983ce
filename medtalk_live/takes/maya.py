"""A take as a Python script for Maya: keys on the controls of the older MetaHuman rig.

The script carries its own data and needs nothing but ``maya.cmds``; values
that do not move get one key, a value that is held its two ends. Run it in the script
editor, or ``import`` it and call ``apply(namespace, start_frame)``.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from medtalk_live.rig.controls import NAMES
from medtalk_live.takes.take import Take

_UNITS = {24: "film", 25: "pal", 30: "ntsc", 48: "show", 50: "palf", 60: "ntscf"}

_SCRIPT = '''"""Keys of a recorded take for the controls of a MetaHuman's face rig. Run in Maya."""
import json

from maya import cmds

TAKE = {name!r}
RATE = "{unit}"
FRAMES = json.loads("""{frames}""")
KEYS = json.loads("""{keys}""")


def apply(namespace="", start_frame=1):
    """Set the keys; controls that the scene does not have are listed and left out."""
    cmds.currentUnit(time=RATE)
    missing = []
    for control, (rows, values) in sorted(KEYS.items()):
        plug = namespace + control
        if not cmds.objExists(plug):
            missing.append(plug)
            continue
        for row, value in zip(rows, values):
            cmds.setKeyframe(plug, time=start_frame + FRAMES[row], value=value)
        cmds.keyTangent(plug, inTangentType="linear", outTangentType="linear")
    cmds.playbackOptions(minTime=start_frame, maxTime=start_frame + FRAMES[-1])
    if missing:
        print("%d controls are not in this scene: %s" % (len(missing), ", ".join(missing)))
    return missing


if __name__ == "__main__":
    apply()
'''


def maya_script(take: Take) -> str:
    """The script of a take that holds at least one row."""
    fps = take.info.fps
    times = (take.times - take.start_time) * float(fps)
    keys = {
        name.replace("-", "."): _keys(np.asarray(take.controls[:, column], np.float64))
        for column, name in enumerate(NAMES)
    }
    return _SCRIPT.format(
        name=take.info.name,
        unit=_UNITS.get(int(fps), f"{int(fps)}fps")
        if fps.denominator == 1
        else f"{float(fps):g}fps",
        frames=json.dumps([round(float(t), 3) for t in times]),
        keys=json.dumps(keys),
    )


def _keys(values: NDArray[np.float64]) -> tuple[list[int], list[float]]:
    """Rows that need a key, and their values; in between the value is held."""
    if np.ptp(values) == 0:
        return [0], [round(float(values[0]), 5)]
    moves = np.diff(values) != 0
    rows = np.flatnonzero(np.concatenate(([True], moves)) | np.concatenate((moves, [True])))
    return [int(row) for row in rows], [round(float(values[row]), 5) for row in rows]
