"""The examples of ``docs/api.md`` and of the README, run as they stand, in their order."""

import re

import numpy as np
import pytest
from command_line import ROOT, needs_starter

pytestmark = needs_starter


def examples(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


def test_every_example_of_the_page_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names = {}
    for number, example in enumerate(examples("docs/api.md")):
        exec(compile(example, f"docs/api.md, example {number}", "exec"), names)
    assert names["curves"].controls.shape == (363, 174)
    assert len(names["frames"]) == 363
    assert len(names["take"]) > 0
    said = capsys.readouterr().out
    assert "363 frames, at most 57 ms behind the sound" in said
    assert re.search(r"\d\d+ frames sent, latency \d+ ms", said)


def test_the_example_of_the_readme_runs():
    sound = np.zeros(32_000, np.float32)
    for example in examples("README.md"):
        names = {"samples": sound}
        exec(compile(example, "README.md", "exec"), names)
        assert names["curves"].controls.shape == (120, 174)


@pytest.mark.parametrize("page", ["README.md", "docs/api.md", "docs/live.md"])
def test_links_lead_to_files(page):
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert links
    for link in links:
        assert ((ROOT / page).parent / link).exists(), link
