"""Blender: a live run on the shape keys of a character.

Run  medtalk-live --livelink 127.0.0.1:11111  , open this file in Blender's text
editor and press Run Script. Every object of the scene whose shape keys have
ARKit's names (jawOpen or JawOpen) follows; run the script again to stop. It
reads the Live Link Face packet by itself and needs nothing but Blender.
"""

from __future__ import annotations

import socket
import struct

import bpy

PORT = 11111
ORDER = """EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft
EyeWideLeft EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight
EyeSquintRight EyeWideRight JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel MouthPucker
MouthLeft MouthRight MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight MouthDimpleLeft
MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower MouthRollUpper MouthShrugLower
MouthShrugUpper MouthPressLeft MouthPressRight MouthLowerDownLeft MouthLowerDownRight
MouthUpperUpLeft MouthUpperUpRight BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft
BrowOuterUpRight CheekPuff CheekSquintLeft CheekSquintRight NoseSneerLeft NoseSneerRight
TongueOut"""  # of the packet


def read_packet(data: bytes) -> dict[str, float] | None:
    """Shapes by name; None for what is no Live Link Face packet."""
    try:
        at = 1
        for _ in range(2):  # device and subject, each after its length
            at += 4 + struct.unpack_from(">i", data, at)[0]
        count = data[at + 16]  # after timecode and frame rate
        values = struct.unpack_from(f">{count}f", data, at + 17)
    except (struct.error, IndexError):
        return None
    return dict(zip(ORDER.split(), values, strict=False)) if count >= 52 else None


def apply(shapes: dict[str, float]) -> None:
    """Set the shape keys of every object that has them."""
    for thing in bpy.data.objects:
        keys = getattr(thing.data, "shape_keys", None)
        if keys is None:
            continue
        for name, value in shapes.items():
            block = keys.key_blocks.get(name[0].lower() + name[1:]) or keys.key_blocks.get(name)
            if block is not None:
                block.value = value


class Receiver:
    """The newest packet of the port, without ever waiting."""

    def __init__(self, port: int = PORT) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.setblocking(False)

    def tick(self) -> float:
        """Show the newest face; Blender calls again after the seconds that are returned."""
        shapes = None
        try:
            while True:
                shapes = read_packet(self.socket.recv(2048)) or shapes
        except OSError:  # nothing more has come
            pass
        if shapes is not None:
            apply(shapes)
        return 1 / 60

    def close(self) -> None:
        """Free the port."""
        self.socket.close()


def toggle() -> None:
    """Start, or stop what an earlier run of this script has started."""
    running = bpy.app.driver_namespace.pop("medtalk_live", None)
    if running is not None:
        bpy.app.timers.unregister(running.tick)
        running.close()
        print("medtalk-live: stopped")
        return
    receiver = Receiver()
    bpy.app.driver_namespace["medtalk_live"] = receiver
    bpy.app.timers.register(receiver.tick)
    print(f"medtalk-live: listening on port {PORT}")


if __name__ == "__main__":
    toggle()
