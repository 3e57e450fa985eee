#!/bin/bash
# Serve the portal on this machine with sample data and known accounts; `make run` calls it.
# Asks nothing and may be run again at any time.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-8000}

# What this shell has set for another installation must not reach the demonstration, its database and
# its mail server least of all. Whoever wants other values writes them into var/demo.env.
unset DJANGO_SETTINGS_MODULE SECRET_KEY ALLOWED_HOSTS DEMO DEBUG HTTPS TRUSTED_PROXY_COUNT
unset DATABASE_URL EMAIL_URL DATA_DIR ANALYTICS_SPOOL EMBED_ORIGINS
export ENV_FILE="$PWD/var/demo.env"
export PORTAL_URL="http://localhost:$port"
export PATH="$PWD/.venv/bin:$PATH"

processes=()
trap 'echo; exit 130' INT

# Run a command; what it says is shown only if it fails.
step() {
    local title=$1 said
    shift
    printf '%s … ' "$title"
    if said=$("$@" 2>&1); then
        echo "done"
    else
        printf 'failed\n\n%s\n' "$said" >&2
        exit 1
    fi
}

refuse_port_in_use() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        echo "Port $port is in use. Perhaps the portal is running already: $PORTAL_URL" >&2
        echo "To serve it on another port: make run PORT=8001" >&2
        exit 1
    fi
}

is_ready() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$port" &&
            printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 &&
            read -r -t 5 status <&3 &&
            [[ $status == *" 200 "* ]]
    ) 2>/dev/null
}

# What the timers of a real installation do.
housekeeping() {
    # Said aloud, since a shell in the background may outlive the signal that ends the command it runs.
    trap 'exit 0' INT TERM
    local minutes=0
    while sleep 60; do
        # What a monitor would ask: a quiet minute is known to have been one.
        is_ready || true
        python manage.py analytics_ingest || true
        python manage.py analytics_rollup || true
        python manage.py send_outgoing_mail || true
        ((++minutes))
        if ((minutes % 60 == 0)); then
            python manage.py forget || true
            python manage.py send_news || true
            python manage.py send_survey || true
        fi
        # Once a day.
        if ((minutes % 1440 == 0)); then
            python manage.py send_reminders || true
            python manage.py follow_enquiries || true
            python manage.py build_offline_pack || true
            python manage.py analytics_snapshot || true
            python manage.py analytics_prune || true
        fi
    done
}

# Each process leads a group of its own (set -m below), so that its children end with it.
end() {
    trap - EXIT INT TERM
    for process in "${processes[@]}"; do
        kill -TERM -- "-$process" 2>/dev/null || true
    done
    wait 2>/dev/null || true
}

if ! [[ $port =~ ^[0-9]{1,5}$ ]] || ((10#$port < 1 || 10#$port > 65535)); then
    echo "'$port' is not a port. Choose one between 1024 and 65535: make run PORT=8001" >&2
    exit 1
fi
refuse_port_in_use

mkdir -p var
if [ ! -e "$ENV_FILE" ]; then
    # Under another name first: a half-written key would stay for good.
    (
        umask 077
        key=$(python -c 'import secrets; print(secrets.token_urlsafe(50))')
        printf 'SECRET_KEY=%s\nALLOWED_HOSTS=localhost,127.0.0.1\nDEMO=1\n' "$key" >"$ENV_FILE.new"
    )
    mv "$ENV_FILE.new" "$ENV_FILE"
fi

step "Preparing the database" python manage.py migrate --no-input
step "Loading States, contact points and terms" python manage.py load_reference_data
step "Loading sample offers and a year of use" python manage.py load_sample_data
step "Filling the search index" python manage.py rebuild_search_index
step "Building the offline copy" python manage.py build_offline_pack
step "Collecting style sheets and pictures" python manage.py collectstatic --no-input
step "Creating accounts" python manage.py create_demo_accounts
accounts=$(python manage.py create_demo_accounts)

# Once more: granian shares a port with another granian without a word.
refuse_port_in_use
printf 'Starting the server … '
set -m
trap end EXIT
trap 'printf "\nThe portal has stopped.\n"; exit 0' INT TERM
granian --interface wsgi --workers 2 --respawn-failed-workers --no-ws --log-level error \
    --host 127.0.0.1 --port "$port" platform_portal.wsgi:application </dev/null &
server=$!
processes+=("$server")
for _ in {1..120}; do
    if ! kill -0 "$server" 2>/dev/null; then
        echo "failed" >&2
        exit 1
    fi
    if is_ready; then
        break
    fi
    sleep 0.5
done
if ! is_ready; then
    echo "failed: no answer within a minute" >&2
    exit 1
fi
housekeeping </dev/null >var/demo.log 2>&1 &
processes+=("$!")
cat <<READY
done

Accounts for the demonstration (address, password, role):

$accounts

Mails go into the folder var/mail instead of to people: $PORTAL_URL/en/mails/ shows them.
Ctrl-C ends the portal.
The portal is served on $PORTAL_URL
READY
wait "$server"
