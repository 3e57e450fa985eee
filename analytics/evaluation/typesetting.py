"""Typst in a process of its own: it takes 200 MB, which a worker of the website would keep, and it can be stopped."""

import pickle
import subprocess
import sys
from pathlib import Path

LONGEST = 30  # seconds; a report takes less than one
ROOT = Path(__file__).resolve().parents[2]


class NotTypeset(Exception):
    """Typst refused, or took too long; what it said comes along."""


def typeset(source, typefaces, inputs, **options):
    """What the compiler gives back for a file of typst, or for its text as bytes."""
    job = (source, [str(folder) for folder in typefaces.folders], bool(typefaces.missing), inputs, options)
    try:
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name],
            input=pickle.dumps(job),
            capture_output=True,
            cwd=ROOT,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired as error:
        raise NotTypeset(f"Stopped after {LONGEST} seconds.") from error
    if done.returncode:
        raise NotTypeset(done.stderr.decode(errors="replace"))
    return pickle.loads(done.stdout)


def main():
    import typst

    source, folders, is_substituted, inputs, options = pickle.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=is_substituted, font_paths=folders)
    compiler = typst.Compiler(source, font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs)
    sys.stdout.buffer.write(pickle.dumps(compiler.compile(**options)))


if __name__ == "__main__":
    main()
