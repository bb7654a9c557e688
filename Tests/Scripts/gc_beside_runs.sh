#!/usr/bin/env bash
# Collects garbage over and over beside three runners on one store. No run may fail, each must have its results, and
# `verify` must find nothing wrong at the end.
#
#   gc_beside_runs.sh COLLECTIONS
set -uo pipefail
source "$(dirname "$0")/store_oracle.sh"
wanted=${1:-50}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > pipeline.yaml <<'YAML'
name: collected
params: { value: 0 }
stages:
  first:
    uses: command
    with: { run: [sh, -c, "echo $0 > $1/value; seq 1 2000 > $1/numbers", "${params.value}", "${out.made}"], outputs: [made] }
  second:
    uses: command
    in: { first: first }
    with: { run: [sh, -c, "cat ${in.first}/* > ${out.made}/all"], outputs: [made] }
  third:
    uses: command
    in: { second: second, first: first }
    with: { run: [sh, -c, "head -n 1 ${in.second}/all > ${out.made}/value; cat ${in.first}/value >> ${out.made}/value"], outputs: [made] }
YAML
"$VIREO" run pipeline.yaml --store store > /dev/null 2>&1 || { echo "the pipeline fails"; exit 1; }

runner() {
    local random=$1 runs=0
    until [ -e over ]; do
        random=$(((random * 1103515245 + 12345) % 2147483648))
        runs=$((runs + 1))
        "$VIREO" run pipeline.yaml --store store --set value=$((random / 65536 % 7)) > "out.$1" 2> "err.$1" \
            || echo "runner $1, run $runs: status $?: $(tail -n 2 "err.$1" | tr '\n' ' ')" >> failed
    done
    echo $runs > "runs.$1"
}

: > failed
for number in 1 2 3; do runner $number & done
collections=0
while [ $collections -lt "$wanted" ]; do
    "$VIREO" gc --keep-last 1 --store store > out.gc 2> err.gc \
        || echo "gc $collections: status $?: $(tail -n 1 err.gc)" >> failed
    collections=$((collections + 1))
done
touch over
wait
while read -r line; do violation "$line"; done < failed
verify_store store "after $collections collections"
echo "gc beside runs: $collections collections, $(cat runs.* | awk '{ n += $1 } END { print n }') runs, $violations violations"
[ $violations = 0 ]
