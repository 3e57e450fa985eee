#!/bin/bash
# Make .venv with what this machine has; a fresh Debian or Ubuntu has Python but not its module venv.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}

if ! command -v "$python" >/dev/null; then
    echo "There is no '$python' on this machine. Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "The portal needs Python 3.11 or newer; '$python' is $("$python" --version). Name a newer one: make PYTHON=python3.12" >&2
    exit 1
fi
if .venv/bin/python -c "import pip" >/dev/null 2>&1; then
    exit 0
fi

has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

# Install Debian's package where that can be done without asking anything.
install_venv() {
    local as_root=()
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    echo "Installing Debian's package python3-venv"
    "${as_root[@]}" apt-get update -qq >&2 || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >&2
    has_venv
}

echo "Creating .venv with $("$python" --version)"
rm -rf .venv
if has_venv; then
    "$python" -m venv .venv
elif command -v virtualenv >/dev/null; then
    virtualenv --quiet --python "$python" .venv
elif command -v uv >/dev/null; then
    uv venv --quiet --seed --python "$python" .venv
elif install_venv; then
    "$python" -m venv .venv
else
    echo "Python's module venv is missing. Install it (Debian and Ubuntu: apt install python3-venv) and try again." >&2
    exit 1
fi
