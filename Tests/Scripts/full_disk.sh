#!/usr/bin/env bash
# Runs the pipeline on file systems that are too small for it, of eight sizes: the run must end with the path and
# the reason, the store stay whole, and the same run go on once there is room. Needs root and unshare.
set -uo pipefail
source "$(dirname "$0")/store_oracle.sh"
unshare -m mount -t tmpfs none /mnt 2> /dev/null || { echo "full_disk: skipped, nothing can be mounted here"; exit 0; }
if [ "${1:-}" != --inside ]; then exec unshare -m "$0" --inside; fi
work=$(mktemp -d)
trap 'umount "$work/disk" 2> /dev/null; rm -rf "$work"' EXIT
cd "$work"
mkdir disk
write_pipeline pipeline.yaml
"$VIREO" run pipeline.yaml --store whole > /dev/null 2>&1 || { echo "the pipeline fails"; exit 1; }
artifacts whole > expected
failed=0
for size in 100 400 700 1000 1400 1800 2400 3200; do
    mount -t tmpfs -o size=${size}k none disk
    "$VIREO" run pipeline.yaml --store disk/store > output 2>&1
    status=$?
    if [ $status != 0 ]; then
        failed=$((failed + 1))
        grep -q "$work/disk/store.*: No space left on device" output || violation "$size KiB: no reason is told: $(cat output)"
    fi
    mount -o remount,size=64m disk
    check_store disk/store "$size KiB"
    complete disk/store pipeline.yaml expected "$size KiB, then 64 MiB"
    umount disk
done
echo "full_disk: 8 sizes, $failed runs found no room, $violations violations"
[ $violations = 0 ] && [ $failed -ge 4 ]
