#!/bin/sh
# Looks for inputs that crash a reader, take 512 MiB or 10 seconds: Tests/Scripts/fuzz.sh SECONDS [SUBJECT...]
# libFuzzer leads it by coverage. What it finds and what it has learnt is in .build/fuzz/SUBJECT.
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
shift
[ $# -gt 0 ] || set -- pipeline records questions rows safetensors configuration tokenizer archive message job lines argument
FUZZ=1 swift build -c release --sanitize fuzzer --scratch-path .build/fuzz --product FuzzCoverage
status=0
for subject in "$@"; do
    mkdir -p ".build/fuzz/$subject/corpus"
    [ -n "$(ls ".build/fuzz/$subject/corpus")" ] \
        || FUZZ_SUBJECT=$subject FUZZ_SEEDS=".build/fuzz/$subject/corpus" .build/fuzz/release/FuzzCoverage -runs=0
    echo "$subject:"
    FUZZ_SUBJECT=$subject SWIFT_BACKTRACE=enable=no nice -n 19 .build/fuzz/release/FuzzCoverage \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix=".build/fuzz/$subject/" ".build/fuzz/$subject/corpus" \
        > ".build/fuzz/$subject/log" 2>&1 || status=1
    grep -E "number_of_executed_units|peak_rss|SUMMARY|Fatal|Test unit written" ".build/fuzz/$subject/log" || true
done
exit $status
