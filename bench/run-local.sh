#!/usr/bin/env bash
# Loads a server on this machine: a fresh one for each scenario, on loopback, with free ports and a temporary folder.
# Reports go to target/bench (or $BENCH_OUTPUT); all of them are printed as one table.
#
# Usage: bench/run-local.sh [SCENARIO...]     [default: smoke meeting webinar fanout idle]
# Needs target/release/confab and confab-bench: `make bench` builds them. Other ones: CONFAB=... CONFAB_BENCH=...
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
target=${CARGO_TARGET_DIR:-target}
confab=${CONFAB:-$target/release/confab}
bench=${CONFAB_BENCH:-$target/release/confab-bench}
output=${BENCH_OUTPUT:-target/bench}

# Seconds. A scenario that hangs is ended; none is started that could end later than three minutes after the first.
limit_each=40
limit_kill=10
limit_all=180

fail() {
  echo "run-local.sh: $1" >&2
  exit 1
}

for binary in "$confab" "$bench"; do
  [ -x "$binary" ] || fail "$binary is missing: run 'make bench', or
  cargo build --release -p confab-signalling --bin confab -p confab-bench --bin confab-bench"
done

scenarios=("$@")
[ $# -gt 0 ] || scenarios=(smoke meeting webinar fanout idle)
for scenario in "${scenarios[@]}"; do
  [ -f "bench/scenarios/$scenario.toml" ] || fail "there is no bench/scenarios/$scenario.toml"
done

folder=$(mktemp -d)
server=

stop_server() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null || true
  for _ in $(seq 60); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}

clean_up() {
  stop_server
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_server NAME: sets server, url and metrics.
start_server() {
  local log="$folder/$1.log" greeting="$folder/$1.out"
  : >"$greeting"
  "$confab" --listen 127.0.0.1:0 --media-port 0 --public-address 127.0.0.1 --metrics-listen 127.0.0.1:0 \
    --data-dir "$folder/$1" --rate-limit-scale 1000 --log warn >"$greeting" 2>"$log" &
  server=$!
  for _ in $(seq 100); do
    grep -q '^  metrics ' "$greeting" && break
    kill -0 "$server" 2>/dev/null || fail "the server did not start: $(cat "$log")"
    sleep 0.1
  done
  url=http://$(awk '$1 == "listening" { print $2 }' "$greeting")
  metrics=$(awk '$1 == "metrics" { print $2 }' "$greeting")
  if [ "$url" = http:// ] || [ -z "$metrics" ]; then
    fail "the server did not say where it listens: $(cat "$greeting" "$log")"
  fi
}

mkdir -p "$output"
reports=()
failed=()
for scenario in "${scenarios[@]}"; do
  [ "$SECONDS" -le $((limit_all - limit_each - 2 * limit_kill)) ] || fail "no time left for $scenario"
  start_server "$scenario"
  report="$output/$scenario.json"
  rm -f "$report"
  timeout --signal=INT --kill-after="$limit_kill" "$limit_each" "$bench" run --quiet --server "$url" --metrics "$metrics" \
    --server-pid "$server" --scenario "bench/scenarios/$scenario.toml" --output "$report" || failed+=("$scenario")
  kill -0 "$server" 2>/dev/null || failed+=("$scenario: the server died")
  stop_server
  # What the server had to say: nothing, if all went well.
  cat "$folder/$scenario.log" >&2
  [ ! -f "$report" ] || reports+=("$report")
done

[ ${#reports[@]} -gt 0 ] || fail "no scenario yielded a report"
uptime
"$bench" summary "${reports[@]}"
[ ${#failed[@]} -eq 0 ] || fail "not sound: ${failed[*]}"
