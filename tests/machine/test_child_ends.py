"""A program that is asked something is never left running."""

from __future__ import annotations

import sys
import threading

import psutil
import pytest

from vcf.machine.child import first_output


def test_a_signal_leaves_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", stop)
    with pytest.raises(KeyboardInterrupt):
        first_output([sys.executable, "-c", "import time; time.sleep(60)"], 60.0, 100)
    assert not psutil.Process().children(recursive=True)
