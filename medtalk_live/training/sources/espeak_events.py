"""A program of its own: speaks by the espeak-ng library, prints phone events.

Run as ``python espeak_events.py VOICE RATE_WPM PITCH OUT.wav`` with the text
on standard input; prints one JSON line ``[[start_s, "name"], ...]``. It is
run in a process of its own, so that the library (GPL-3) stays a tool. The
protocol is the library's C interface: speak_lib.h, event types 1 to 8.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import sys
import wave

_RETRIEVE_MODE = 1
_PHONE_EVENTS_IN_IPA = 1 | 2
_CHARS_UTF8 = 1
_RATE, _PITCH = 1, 3
_PHONE_EVENT, _LIST_END = 7, 0


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def main(voice: str, rate_wpm: str, pitch: str, out: str) -> int:
    """Speak standard input into the file `out`; print the phone events."""
    library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
    rate_hz = library.espeak_Initialize(_RETRIEVE_MODE, 500, None, _PHONE_EVENTS_IN_IPA)
    sound = bytearray()
    events: list[tuple[float, str]] = []

    def receive(samples, count, event) -> int:  # type: ignore[no-untyped-def]
        if samples and count:
            sound.extend(ctypes.string_at(samples, count * 2))
        index = 0
        while event[index].type != _LIST_END:
            if event[index].type == _PHONE_EVENT:
                name = event[index].id.string.decode("utf-8", "replace")
                events.append((event[index].audio_position_ms / 1000, name))
            index += 1
        return 0

    callback = _Callback(receive)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        print(f"espeak-ng has no voice {voice!r}", file=sys.stderr)
        return 1
    library.espeak_SetParameter(_RATE, int(rate_wpm), 0)
    library.espeak_SetParameter(_PITCH, int(pitch), 0)
    text = sys.stdin.buffer.read()
    library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _CHARS_UTF8, None, None)
    library.espeak_Synchronize()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(sound))
    print(json.dumps(events))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
