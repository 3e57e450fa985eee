"""`evaluation_report` writes a whole file or none, and says by its exit status which."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from analytics.evaluation.as_json import from_json
from analytics.models import ReportEdition
from tests.analytics.evaluation.conftest import TRIAL

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("after_the_trial")]


def report(*options, kind="json", first=TRIAL.first, last=TRIAL.last):
    said = io.StringIO()
    call_command(
        "evaluation_report", f"--from={first}", f"--to={last}", f"--format={kind}", *map(str, options), stderr=said
    )
    return said.getvalue()


def test_a_draft_is_written_to_a_file_and_nothing_is_frozen(figures, tmp_path):
    said = report("--output", tmp_path / "report.json")

    assert "a draft" in said
    found = from_json((tmp_path / "report.json").read_text())
    assert (found.period, found.headline[2].value) == (TRIAL, "120")
    assert not ReportEdition.objects.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_frozen_it_is_the_edition_that_is_written(figures, tmp_path):
    said = report("--output", tmp_path / "report.json", "--freeze", "--note", "For the Meeting", "--language", "fr")

    edition = ReportEdition.objects.get()
    assert (edition.number, edition.note, edition.language) == (1, "For the Meeting", "fr")
    assert f"edition 1, sha256 {edition.sha256}" in said
    assert (tmp_path / "report.json").read_text() == edition.figures


def test_it_is_written_to_the_standard_output(figures, capfdbinary):
    report("--output", "-")

    assert json.loads(capfdbinary.readouterr().out)["language"] == "en"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"last": "2026-01-01"}, "The last day comes before the first."),
        ({"options": ["--note", "For the Meeting"]}, "use it together with --freeze"),
        ({"options": ["--freeze", "--note", "x" * 301]}, "The note is too long."),
        ({"output": "missing/report.json", "options": ["--freeze"]}, "There is no folder for"),
        ({"output": ".", "options": []}, "cannot be written"),
        ({"kind": "odt"}, "invalid choice: 'odt'"),
        ({"first": "soon"}, "invalid fromisoformat value: 'soon'"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_frozen(figures, tmp_path, options, problem):
    output = tmp_path / options.pop("output", "report.json")

    with pytest.raises(CommandError, match=problem):
        report("--output", output, *options.pop("options", ()), **options)

    assert not ReportEdition.objects.exists()
    assert list(tmp_path.iterdir()) == []
