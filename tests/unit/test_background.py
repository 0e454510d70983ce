import threading

from command_line import until

from medtalk_live.background import Background


def test_the_work_runs_until_it_is_stopped_and_stopping_waits_for_it():
    rounds = []

    def work():
        while not background.stopping.wait(0.001):
            rounds.append(threading.current_thread().name)
        rounds.append("ended")

    background = Background("worker", work)
    background.start()
    until(lambda: len(rounds) > 3)
    background.stop()
    background.stop()

    assert set(rounds[:-1]) == {"worker"}
    assert rounds[-1] == "ended"


def test_what_never_began_is_stopped_at_once():
    background = Background("worker", lambda: None)
    background.stop()
    assert background.stopping.is_set()


def test_work_that_does_not_end_is_not_waited_for_longer_than_asked():
    free = threading.Event()
    background = Background("worker", lambda: free.wait(60))
    background.start()
    background.stop(patience_seconds=0.01)
    assert not free.is_set()
    free.set()
