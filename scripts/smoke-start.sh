#!/usr/bin/env bash
# Starts the product as a user would, with nothing set but the port, and sees it answer and end cleanly.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${PORT:-18080}
PORT=$port DATABASE_URL="file:$(mktemp -d)/smoke.db" npm start &
pid=$!
trap 'kill $pid 2>/dev/null || true' EXIT

for _ in $(seq 120); do
  curl -fsS "http://localhost:$port/readyz" >/dev/null 2>&1 && break
  sleep 0.5
done
curl -fsS "http://localhost:$port/readyz"
curl -fsS "http://localhost:$port/video-call.js" | head -c 60 >/dev/null
curl -fsSL "http://localhost:$port/" | grep -q 'video-call.js'

# npm ends with its shell's signal; what counts is that nothing stays behind.
kill -TERM $pid
wait $pid || true
trap - EXIT
for _ in $(seq 40); do
  if ! curl -s -o /dev/null "http://localhost:$port/healthz"; then
    echo 'npm start answers, and ends with nothing left'
    exit
  fi
  sleep 0.5
done
echo 'the server outlived npm start' >&2
exit 1
