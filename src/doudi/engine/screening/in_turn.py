"""Numbered pieces of work from one queue, by as many threads as there are connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

import duckdb


def in_turn(
    makers: list[duckdb.DuckDBPyConnection],
    numbers: Iterable[int],
    make: Callable[[duckdb.DuckDBPyConnection, int], None],
    done: Callable[[int], None] = lambda number: None,
) -> None:
    """Make every piece; `done` is told each, one at a time. The first error ends the others and is raised."""
    queue: SimpleQueue[int] = SimpleQueue()
    for number in numbers:
        queue.put(number)
    errors: list[BaseException] = []
    stop, telling = Event(), Lock()

    def work(con: duckdb.DuckDBPyConnection) -> None:
        try:
            while not stop.is_set():
                number = queue.get_nowait()
                make(con, number)
                with telling:
                    done(number)
        except Empty:
            return
        except BaseException as e:
            errors.append(e)
            stop.set()

    threads = [Thread(target=work, args=(con,)) for con in makers]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        stop.set()
    if errors:
        raise errors[0]
