"""Errors that a user can act on: one base, one class for each thing that can be mended.

Every message is one sentence that says what was found, what was expected and
what to do. The command line prints it and exits with 1 (2 for a wrong call);
a live run turns it into a counter and a state change instead of dying.
"""

from __future__ import annotations


class MedTalkError(Exception):
    """A named problem; its text is fit to be shown to a user as it is."""


class ConfigError(MedTalkError):
    """A setting, option or profile is unknown, of the wrong type or out of range."""


class AudioError(MedTalkError):
    """An audio file or device could not be read, or holds nothing usable."""


class DeviceError(AudioError):
    """An audio device is missing, ambiguous, or was unplugged."""


class CheckpointError(MedTalkError):
    """A model folder or file is missing, foreign, truncated or of another version."""


class GuidanceError(MedTalkError):
    """A label, sentence or picture could not be turned into an expression."""


class SinkError(MedTalkError):
    """A receiver's address or an output file cannot be used."""


class ControlError(MedTalkError):
    """A control message was refused: unknown address, wrong types, bad token."""


class TakeError(MedTalkError):
    """A take cannot be written, read, repaired or exported."""


class RigError(MedTalkError):
    """Control values, names or a control table do not fit the rig of 174 controls."""


class PhoneError(MedTalkError):
    """A phone symbol or a file of timed phones cannot be read."""


class TrainingError(MedTalkError):
    """A corpus, configuration or state of a training run is unusable."""


class MissingExtraError(MedTalkError):
    """An optional part is not installed; the message names the extra to install."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package '{package}', which is not installed: "
            f"run  pip install 'medtalk-live[{extra}]'"
        )
