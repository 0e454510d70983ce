import subprocess
import sys
from types import SimpleNamespace

import pytest

from medtalk_live.runtime import checkup
from medtalk_live.runtime.control import bound_socket
from medtalk_live.runtime.settings import CONTROL_PORT


def grades(check):
    return [(finding.grade, finding.what, finding.remedy) for finding in check()]


def test_every_finding_that_is_not_fine_has_a_remedy():
    findings = list(checkup.examine())
    assert len(findings) > 8
    for finding in findings:
        assert finding.what
        assert finding.grade == "ok" or finding.remedy, finding


def test_a_frame_goes_round_through_udp():
    ((grade, what, _),) = grades(checkup.datagram)
    assert grade == "ok"
    assert "went round" in what


def test_a_check_that_breaks_is_a_finding_and_hides_no_other(monkeypatch):
    def broken():
        raise RuntimeError("boom")
        yield

    monkeypatch.setattr(checkup, "install", broken)
    findings = list(checkup.examine())
    assert "boom" in findings[0].what
    assert findings[0].grade == "fault"
    assert len(findings) > 5


def fake_torch(cuda, available):
    return SimpleNamespace(
        __version__="2.9.0+cpu" if cuda is None else "2.9.0",
        version=SimpleNamespace(cuda=cuda),
        cuda=SimpleNamespace(is_available=lambda: available),
    )


@pytest.mark.parametrize(
    ("card", "cuda", "available", "grade", "remedy"),
    [
        ("RTX 4090", None, False, "fault", "reinstall torch with CUDA"),
        ("RTX 4090", "12.8", False, "fault", "update the NVIDIA driver"),
        ("RTX 4090", "12.8", True, "ok", ""),
        ("", None, False, "ok", ""),
    ],
)
def test_a_cpu_only_torch_beside_an_nvidia_card_is_found(
    monkeypatch, card, cuda, available, grade, remedy
):
    answer = SimpleNamespace(stdout=f"{card}\n")
    monkeypatch.setattr(checkup.shutil, "which", lambda tool: "nvidia-smi" if card else None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr(checkup, "find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "torch", fake_torch(cuda, available))
    ((found, what, mend),) = grades(checkup.graphics)
    assert found == grade
    assert mend.startswith(remedy)
    assert card in what


def test_a_control_port_that_another_program_holds_is_found():
    try:
        holder = bound_socket("127.0.0.1", CONTROL_PORT)
    except Exception:
        pytest.skip("something else holds the control port on this machine")
    try:
        found = grades(checkup.ports)
    finally:
        holder.close()
    assert found[0][0] == "fault"
    assert "--control" in found[0][2]


def test_a_missing_starter_is_a_fault(monkeypatch, tmp_path):
    monkeypatch.setattr("medtalk_live.model.checkpoint.checkpoint_roots", lambda: [tmp_path])
    found = grades(checkup.models)
    assert ("fault", "the starter model is missing", "reinstall medtalk-live") in found
