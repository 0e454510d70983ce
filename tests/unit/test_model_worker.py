"""A worker process: answers, errors, deaths, hangs, and its place behind everything else."""

import os
import sys
import threading

import pytest

from medtalk_live.model.encoders.worker import WorkerError, WorkerProcess

SCRIPT = """
import os, sys, time
from medtalk_live.model.encoders.worker import serve

def start():
    print("libraries print when they start")
    if sys.argv[1] == "broken":
        raise OSError("the weights are missing")
    return answer

def answer(request):
    print("and when they work")
    if request == "die":
        os._exit(1)
    if request == "hang":
        time.sleep(1_000_000)
    if request == "nice":
        import psutil
        return {"nice": int(psutil.Process().nice())}
    return {"twice": 2 * request["number"]}

serve(start)
"""


@pytest.fixture
def worker(tmp_path, monkeypatch):
    (tmp_path / "doubling_worker.py").write_text(SCRIPT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = []

    def make(word="whole", answer_seconds=30.0):
        made.append(WorkerProcess("doubling_worker", lambda: (word,), 60.0, answer_seconds))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_one_process_answers_request_after_request(worker):
    process = worker()
    assert [process.ask({"number": n})["twice"] for n in (1, 2, 3)] == [2, 4, 6]


def test_what_a_request_raises_comes_back_in_words_and_the_worker_lives(worker):
    process = worker()
    assert "number" in process.ask({})["error"]
    assert process.ask({"number": 2})["twice"] == 4


def test_a_worker_that_dies_is_started_anew_by_the_next_request(worker):
    process = worker()
    with pytest.raises(WorkerError, match="its process ended"):
        process.ask("die")
    assert process.ask({"number": 4})["twice"] == 8


def test_a_worker_that_hangs_is_ended(worker):
    process = worker(answer_seconds=1.0)
    process.start()
    with pytest.raises(WorkerError):
        process.ask("hang")


def test_closing_ends_a_request_that_would_take_days(worker):
    process = worker(answer_seconds=1_000_000.0)
    process.start()
    failed = []

    def ask():
        try:
            process.ask("hang")
        except WorkerError as error:
            failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not process._lock.locked():
        asking.join(0.01)
    process.close()  # else the time limit of a test ends this one
    asking.join()
    assert len(failed) == 1
    assert process.ask({"number": 4})["twice"] == 8


def test_a_start_that_fails_says_why(worker):
    with pytest.raises(WorkerError, match="the weights are missing"):
        worker("broken").start()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes instead of numbers")
def test_a_worker_stands_behind_the_process_that_started_it(worker):
    assert worker().ask("nice")["nice"] >= max(5, os.nice(0))
