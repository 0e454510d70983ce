"""medtalk-live: make a MetaHuman speak and feel, live, from a microphone.

The public names are loaded when first used, so that the command line starts
fast; see ``docs/api.md`` for the tour.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Animator": "medtalk_live.engine.animator",
    "animate": "medtalk_live.engine.animator",
    "load_model": "medtalk_live.model.checkpoint",
    "Guidance": "medtalk_live.guidance.request",
    "ControlFrame": "medtalk_live.rig.frames",
    "Curves": "medtalk_live.rig.frames",
    "MedTalkError": "medtalk_live.errors",
}

__all__ = [
    "Animator",
    "ControlFrame",
    "Curves",
    "Guidance",
    "MedTalkError",
    "__version__",
    "animate",
    "load_model",
]

if TYPE_CHECKING:
    from medtalk_live.engine.animator import Animator, animate
    from medtalk_live.errors import MedTalkError
    from medtalk_live.guidance.request import Guidance
    from medtalk_live.model.checkpoint import load_model
    from medtalk_live.rig.frames import ControlFrame, Curves


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'medtalk_live' has no attribute '{name}'")
