"""For VRM avatars without the 52 ARKit shapes: VMC in, the presets that every VRM has out.

Run  medtalk-live --vmc 127.0.0.1:39540  and
     python examples/vmc_to_vrm.py --listen 39540 --to 127.0.0.1:39539
with the VTuber program listening on 39539. Avatars made for "perfect sync"
need none of this. ``--vrm1`` uses the preset names of VRM 1.0.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Mapping
from typing import Any

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_server import BlockingOSCUDPServer
from pythonosc.udp_client import UDPClient

VRM1 = {
    "A": "aa",
    "I": "ih",
    "U": "ou",
    "E": "ee",
    "O": "oh",
    "Blink_L": "blinkLeft",
    "Blink_R": "blinkRight",
    "Joy": "happy",
    "Angry": "angry",
    "Sorrow": "sad",
}


def presets(shapes: Mapping[str, float]) -> dict[str, float]:
    """VRM 0.x presets (0 to 1) from ARKit shapes."""

    def mean(*names: str) -> float:
        return sum(shapes.get(name, 0.0) for name in names) / len(names)

    def both(name: str) -> float:
        return mean(f"{name}Left", f"{name}Right")

    def limit(value: float) -> float:
        return min(1.0, max(0.0, value))

    parted = 0.5 * both("MouthLowerDown") + 0.5 * both("MouthUpperUp")
    opened = limit(1.8 * (mean("JawOpen") - mean("MouthClose")) + parted)
    rounded = limit(1.3 * mean("MouthPucker") + 1.3 * mean("MouthFunnel"))
    spread = limit(2.0 * both("MouthStretch") + both("MouthSmile")) * (1 - rounded)
    down, raised = both("BrowDown"), mean("BrowInnerUp")
    return {
        "A": opened * (1 - rounded) * (1 - 0.6 * spread),
        "I": limit(3 * opened) * spread * (1 - opened),
        "U": rounded * (1 - opened),
        "E": opened * 0.6 * spread,
        "O": opened * rounded,
        "Blink_L": limit(mean("EyeBlinkLeft")),
        "Blink_R": limit(mean("EyeBlinkRight")),
        "Joy": limit(1.2 * both("MouthSmile") * (1 - down)),
        "Angry": limit(1.2 * down - both("MouthSmile")),
        "Sorrow": limit(raised * 0.6 + both("MouthFrown") - down),
    }


class Translator:
    """Gathers the shapes of a frame and sends its presets when the frame is whole."""

    def __init__(self, client: UDPClient, names: Mapping[str, str]) -> None:
        self._client = client
        self._names = names
        self._shapes: dict[str, float] = {}
        self._bones: list[tuple[Any, ...]] = []

    def on_shape(self, address: str, name: str, value: float) -> None:
        """``/VMC/Ext/Blend/Val``: one shape of the frame."""
        self._shapes[name] = value

    def on_bone(self, address: str, *values: Any) -> None:
        """``/VMC/Ext/Bone/Pos``: handed on as it is."""
        self._bones.append(values)

    def on_apply(self, address: str) -> None:
        """``/VMC/Ext/Blend/Apply``: the frame is whole."""
        bundle = OscBundleBuilder(IMMEDIATELY)
        for bone in self._bones:
            bundle.add_content(message("/VMC/Ext/Bone/Pos", *bone))
        for name, value in presets(self._shapes).items():
            bundle.add_content(message("/VMC/Ext/Blend/Val", self._names.get(name, name), value))
        bundle.add_content(message("/VMC/Ext/Blend/Apply"))
        self._client.send(bundle.build())
        self._bones.clear()


def message(address: str, *values: Any) -> Any:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", type=int, default=39540, metavar="PORT")
    parser.add_argument("--to", default="127.0.0.1:39539", metavar="HOST:PORT")
    parser.add_argument("--vrm1", action="store_true", help="preset names of VRM 1.0")
    parser.add_argument("--seconds", type=float, help="end by itself")
    chosen = parser.parse_args()
    host, _, port = chosen.to.partition(":")

    translator = Translator(UDPClient(host, int(port)), VRM1 if chosen.vrm1 else {})
    dispatcher = Dispatcher()
    dispatcher.map("/VMC/Ext/Blend/Val", translator.on_shape)
    dispatcher.map("/VMC/Ext/Bone/Pos", translator.on_bone)
    dispatcher.map("/VMC/Ext/Blend/Apply", translator.on_apply)
    server = BlockingOSCUDPServer(("127.0.0.1", chosen.listen), dispatcher)
    if chosen.seconds is not None:
        threading.Timer(chosen.seconds, server.shutdown).start()
    print(f"VMC from port {server.server_address[1]} to {chosen.to} as VRM presets", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
