#!/usr/bin/env bash
# Starts the product as a user would, with nothing set but a port, and sees it answer and end cleanly; started
# again it must not be built again.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
built=dist/build.json
trap 'rm -rf "$folder"' EXIT

start_and_stop() { # what to say when all went well
  : >"$folder/out"
  PORT=0 DATABASE_URL="file:$folder/smoke.db" npm start >"$folder/out" &
  pid=$!
  local url=
  trap 'kill $pid 2>/dev/null || true; rm -rf "$folder"' EXIT

  for _ in $(seq 120); do
    url=$(grep -om1 'http://localhost:[0-9]*' "$folder/out" || true)
    [ -n "$url" ] && curl -fsS "$url/readyz" >/dev/null 2>&1 && break
    sleep 0.5
  done
  curl -fsS "$url/readyz"
  curl -fsS -o /dev/null "$url/video-call.js"
  # Reads to the end: curl fails when what it writes to is closed early.
  curl -fsSL "$url/" | grep 'video-call.js' >/dev/null

  # npm ends with its shell's signal; what counts is that nothing stays behind.
  kill -TERM $pid
  wait $pid || true
  trap 'rm -rf "$folder"' EXIT
  for _ in $(seq 40); do
    if ! curl -s -o /dev/null "$url/healthz"; then
      echo "$1"
      return
    fi
    sleep 0.5
  done
  echo 'the server outlived npm start' >&2
  exit 1
}

rm -rf dist
start_and_stop ' npm start builds, answers, and ends with nothing left'
before=$(stat -c %Y.%i "$built")
find server widget -name '*.ts' -exec touch {} +
start_and_stop ' and once more'
if [ "$before" != "$(stat -c %Y.%i "$built")" ]; then
  echo 'npm start built again although nothing had changed' >&2
  exit 1
fi
