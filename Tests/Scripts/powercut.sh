#!/usr/bin/env bash
# Cuts the power of a real file system: runs the pipeline on an ext4 in a file, stops that file system at a random
# moment without writing its journal out, mounts it again and checks what is left. Needs root, loop devices and
# perl; some seconds a round.
#
#   powercut.sh ROUNDS [SEED]     every promise must hold
#   powercut.sh --control ROUNDS  with a program that synchronizes nothing, which must lose what it promised
set -uo pipefail
source "$(dirname "$0")/store_oracle.sh"
isControl=no
[ "${1:-}" = --control ] && { isControl=yes; shift; }
rounds=${1:-30}
RANDOM=${2:-1}
[ "$(id -u)" = 0 ] || { echo "powercut: skipped, it needs root"; exit 0; }
[ -e /dev/loop-control ] || { echo "powercut: skipped, there are no loop devices"; exit 0; }
work=$(mktemp -d)
trap 'umount "$work/disk" 2> /dev/null; rm -rf "$work"' EXIT
cd "$work"
mkdir disk
write_pipeline pipeline.yaml
"$VIREO" run pipeline.yaml --store whole > /dev/null 2>&1 || { echo "the pipeline fails"; exit 1; }
artifacts whole > expected
preload=
if [ $isControl = yes ]; then
    echo 'int fsync(int f) { return 0; } int fdatasync(int f) { return 0; }' > nothing.c
    "$(command -v clang || command -v cc)" -shared -fPIC -o nothing.so nothing.c || exit 1
    preload=$work/nothing.so
fi

# Workers may take a moment to end; until then the file system of the image cannot be mounted anew.
unmount() {
    for _ in $(seq 100); do umount disk 2> /dev/null && return; sleep 0.1; done
    umount -l disk
}

cut_power() {
    # FS_IOC_SHUTDOWN without flushing the journal.
    perl -e 'open(my $disk, "<", $ARGV[0]) or die; my $how = pack("I", 2);
        ioctl($disk, 0x8004587D, $how) or die "$!\n"' disk \
        || { echo "the file system cannot be stopped"; exit 1; }
}

acknowledged=0
complete_rounds=0
lossy=0
for round in $(seq "$rounds"); do
    rm -f image; truncate -s 256M image
    mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 image
    mount -o loop image disk || exit 1
    cp pipeline.yaml disk/
    mkdir disk/store
    sync -f disk
    before=$violations
    # Two lives: the second goes on from what the first left, which its process alone took down or the power.
    for life in 1 2; do
        : > told
        LD_PRELOAD=$preload "$VIREO" run disk/pipeline.yaml --store disk/store > /dev/null 2> told &
        runner=$!
        sleep "0.$(printf %03d $((100 + RANDOM % 500)))"
        if [ $life = 1 ] && [ $((RANDOM % 2)) = 0 ]; then
            kill -9 $runner; wait $runner 2> /dev/null
            continue
        fi
        # What is told after the cut may have been told in vain.
        cp told acknowledgements
        cut_power
        wait $runner 2> /dev/null
        unmount
        if ! mount -o loop image disk; then violation "round $round: it cannot be mounted"; break; fi
        [ -s disk/pipeline.yaml ] || cp pipeline.yaml disk/
        check_store disk/store "round $round"
        artifacts disk/store > made 2> /dev/null
        while read -r stage; do
            acknowledged=$((acknowledged + 1))
            grep "^$stage," expected | while read -r line; do
                grep -qx "$line" made || echo "$stage"
            done > lost
            [ -s lost ] && violation "round $round: $stage was finished and is lost"
        done < <(sed -n 's/^\([a-z]*\): finished in .*/\1/p' acknowledgements)
    done
    [ $isControl = yes ] || { complete disk/store pipeline.yaml expected "round $round"; complete_rounds=$((complete_rounds + 1)); }
    [ $violations -gt $before ] && lossy=$((lossy + 1))
    unmount
done
echo "powercut: $rounds rounds, $acknowledged finished stages told, $complete_rounds completed, $violations violations in $lossy rounds"
if [ $isControl = yes ]; then [ $lossy -gt 0 ]; else [ $violations = 0 ]; fi
