"""Draws what the finish does to a real recording: ``docs/pictures/finish.png``.

Run  python docs/make_finish_picture.py  in a clone (needs matplotlib).
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import medtalk_live as mt
from medtalk_live.audio.file import read_sound
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import index

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Animate the sample recording without and with the finish, and plot both."""
    sound, rate = read_sound(ROOT / "examples" / "amiable.flac")
    sound = np.concatenate([sound, np.zeros(2 * rate, np.float32)])
    model = mt.load_model("starter", look_ahead_ms=40)
    happy = mt.Guidance.label("happy")
    raw, full = (
        mt.animate(sound, rate, model=model, guidance=happy, finish=finish, seed=3)
        for finish in ("none", "full")
    )
    figure, (wave, lips, lids, head) = plt.subplots(4, 1, figsize=(11, 8), sharex=True)
    wave.plot(np.arange(len(sound)) / rate, sound, lw=0.4, color="0.3")
    wave.set_ylabel("sound")
    lips.plot(raw.times, lip_aperture(raw.controls), color="0.7", label="network")
    lips.plot(full.times, lip_aperture(full.controls), color="tab:red", label="finished")
    lips.axhspan(-0.1, SEALED_APERTURE, color="tab:red", alpha=0.08, label="lips touch")
    lips.set_ylabel("lip aperture")
    lips.legend(loc="upper right", ncols=3)
    lids.plot(full.times, full.controls[:, index("L_eye_blink.ty")], label="blink")
    lids.plot(full.times, full.controls[:, index("L_eye.tx")], label="gaze across")
    lids.set_ylabel("eyes")
    lids.legend(loc="upper right", ncols=2)
    head.plot(full.times, full.head[:, :3], label=["yaw", "pitch", "roll"])
    head.set_ylabel("head, degrees")
    head.set_xlabel("seconds")
    head.legend(loc="upper right", ncols=3)
    figure.tight_layout()
    figure.savefig(ROOT / "docs" / "pictures" / "finish.png", dpi=80)


if __name__ == "__main__":
    main()
