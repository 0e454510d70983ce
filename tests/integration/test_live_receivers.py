"""A live run into other people's receivers: oscdump, tshark, PyLiveLinkFace, vmcp."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest
from command_line import ENVIRONMENT, ROOT, needs_starter, recording

THERE = {
    "our decoder": True,
    "PyLiveLinkFace": find_spec("pylivelinkface") is not None,
    "vmcp": find_spec("vmcp") is not None and find_spec("osc4py3") is not None,
    "liblo oscdump": shutil.which("oscdump") is not None,
    "tshark": shutil.which("tshark") is not None,
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What each receiver saw of five seconds."""
    folder = tmp_path_factory.mktemp("receivers")
    sound = recording(folder / "voice.wav", 8.0)
    benchmark = ROOT / "benchmarks" / "live_run.py"
    words = [sys.executable, benchmark, sound, "--seconds", "5", "--json", folder / "out.json"]
    done = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, timeout=120, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "out.json").read_text())
    return {result["receiver"]: result for result in report["receivers"]}


@needs_starter
@pytest.mark.parametrize("name", THERE)
def test_a_receiver_gets_every_frame_of_a_live_run(seen, name):
    if not THERE[name]:
        pytest.skip(f"{name} is not installed")
    if name == "tshark" and not seen[name]["frames"]:
        pytest.skip("tshark may not capture on this machine")
    assert seen[name]["frames"] > 200
    assert seen[name]["missing"] in (0, None)
    assert seen[name]["frames"] == pytest.approx(seen["our decoder"]["frames"], abs=2)
