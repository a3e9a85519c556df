#!/usr/bin/env bash
# Builds the fuzz targets with coverage counters and runs one of them. Usage: fuzz/run.sh TARGET [SECONDS]
# New inputs go to target/fuzz/corpus/TARGET, what breaks a promise to target/fuzz/artifacts. What is worth keeping goes
# into the committed corpus by: fuzz/run.sh TARGET merge
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:?usage: fuzz/run.sh TARGET [SECONDS|merge]}
seconds=${2:-60}
committed=fuzz/corpus/$target
[ -d "$committed" ] || {
  echo "no such target: $target; there are: $(ls fuzz/corpus | xargs)" >&2
  exit 2
}

# A build of its own: every crate is compiled with counters. They are LLVM's own, so that no nightly compiler is needed;
# with --target, programs that run while building go without them.
host=$(rustc -vV | sed -n 's/^host: //p')
build=${CARGO_TARGET_DIR:-target}/fuzz
export RUSTFLAGS="-C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
-C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
-C llvm-args=-sanitizer-coverage-trace-compares -C codegen-units=1"
CARGO_TARGET_DIR=$build cargo build --quiet --locked -p confab-fuzz --profile fuzz --target "$host"

found=$build/corpus/$target
artifacts=$build/artifacts/
mkdir -p "$found" "$artifacts"
run() {
  FUZZ_TARGET=$target "$build/$host/fuzz/confab-fuzz" -max_len=16384 -artifact_prefix="$artifacts$target-" "$@"
}
if [ "$seconds" = merge ]; then
  merged=$(mktemp -d)
  run -merge=1 "$merged" "$committed" "$found"
  rm -f "$committed"/*
  # The smallest ones reach most for their bytes.
  find "$merged" -type f -size -8k -printf '%s %p\n' | sort -n | head -50 | cut -d' ' -f2- | xargs -I{} mv {} "$committed"/
  rm -rf "$merged"
else
  run -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$found" "$committed"
fi
