"""The spool file: its name, its life, and what happens when the disk fails or the process dies."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from analytics.models import Batch
from analytics.recording import spool as module
from analytics.recording.spool import spool

from .conftest import count, total

HOME = "/en/about/"


def files(folder):
    return sorted(path.name for path in folder.glob("*.ndjson"))


def test_a_file_belongs_to_one_process_and_one_minute(clock, visitor, spool_folder):
    visitor.get(HOME)
    clock.shift(timedelta(seconds=59))
    visitor.get(HOME)
    clock.shift(timedelta(seconds=1))
    visitor.get(HOME)

    first, second = files(spool_folder)
    assert re.fullmatch(rf"20270304T0900-\w+-{os.getpid()}-[0-9a-f]{{8}}\.ndjson", first)
    assert second.startswith("20270304T0901-")
    assert (spool_folder / first).read_text().count("\n") == 2


def test_a_child_process_writes_to_a_file_of_its_own(spool_folder):
    spool.append(b'{"from":"parent"}')
    child = os.fork()
    if child == 0:
        spool.append(b'{"from":"child"}')
        os._exit(0)
    os.waitpid(child, 0)
    spool.append(b'{"from":"parent"}')

    assert len(files(spool_folder)) == 2
    assert sorted((spool_folder / name).read_text().count("parent") for name in files(spool_folder)) == [0, 2]


def test_a_disk_that_fails_does_not_change_the_response_and_the_loss_is_counted(
    monkeypatch, clock, visitor, lines, caplog
):
    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    expected = visitor.get(HOME)
    with monkeypatch.context() as broken:
        broken.setattr(module.os, "write", full)
        responses = [visitor.get(HOME) for _ in range(3)]
    assert {(response.status_code, response.content) for response in responses} == {(200, expected.content)}
    assert caplog.text.count("could not be recorded") == 1

    visitor.get(HOME)
    assert [json.loads(line).get("lost") for line in lines()] == [None, 3, None]
    clock.shift(timedelta(minutes=3))
    count()
    assert Batch.objects.get().lost == 3
    assert total("view") == 2


def test_a_spool_that_cannot_be_made_does_not_change_the_response(settings, tmp_path, visitor, lines):
    settings.ANALYTICS_SPOOL = tmp_path / "a-file"
    settings.ANALYTICS_SPOOL.write_text("")
    assert visitor.get(HOME).status_code == 200

    settings.ANALYTICS_SPOOL = tmp_path / "spool"
    visitor.get(HOME)
    assert lines()[0] == '{"lost":1}'


def test_a_line_that_was_written_in_part_does_not_spoil_the_next(monkeypatch, clock, visitor, spool_folder):
    write = os.write
    with monkeypatch.context() as broken:
        broken.setattr(module.os, "write", lambda descriptor, data: write(descriptor, data[:20]))
        visitor.get(HOME)
    visitor.get(HOME)
    assert len(files(spool_folder)) == 2

    clock.shift(timedelta(minutes=3))
    count()
    assert total("view") == 1
    assert sum(Batch.objects.values_list("torn", flat=True)) == 1
    assert sum(Batch.objects.values_list("lost", flat=True)) == 1


def test_a_full_spool_takes_no_more_until_there_is_room(settings, clock, visitor, spool_folder, lines):
    settings.ANALYTICS_SPOOL_BYTES = 100
    visitor.get(HOME)
    clock.shift(60)
    assert visitor.get(HOME).status_code == 200
    assert len(lines()) == 1

    settings.ANALYTICS_SPOOL_BYTES = 2**20
    visitor.get(HOME)
    assert lines()[1] == '{"lost":1}'


def test_with_fsync_the_disk_is_asked_once_a_second(monkeypatch, settings, clock):
    settings.ANALYTICS_FSYNC = True
    synced = []
    monkeypatch.setattr(module.os, "fsync", synced.append)
    for _ in range(4):
        spool.append(b"{}")
        clock.shift(0.5)

    assert len(synced) == 2


WORKER = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(ANALYTICS_SPOOL=Path(sys.argv[1]), ANALYTICS_SPOOL_BYTES=2**28, ANALYTICS_FSYNC=False)
from analytics.recording.spool import spool
n = 0
while True:
    n += 1
    spool.append(b'{"n":%d}' % n)
    print(n, flush=True)
"""


@pytest.mark.parametrize("attempt", range(3))
def test_a_killed_worker_loses_no_line_it_has_written(spool_folder, attempt):
    worker = subprocess.Popen([sys.executable, "-c", WORKER, spool_folder], stdout=subprocess.PIPE, text=True)
    for _ in range(200):
        worker.stdout.readline()
    worker.send_signal(signal.SIGKILL)
    reported = 200 + len(worker.stdout.read().split("\n")[:-1])
    worker.stdout.close()
    worker.wait()

    written = [line for name in files(spool_folder) for line in (spool_folder / name).read_text().splitlines()]
    assert len(written) >= reported
    assert [json.loads(line)["n"] for line in written] == list(range(1, len(written) + 1))
