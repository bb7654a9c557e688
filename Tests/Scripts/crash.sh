#!/usr/bin/env bash
# Kills whole runs at random moments, two runners on one store, until the pipeline is done; then begins anew. What
# a runner said was finished before it was killed must be there, nothing may be half visible or done twice, `verify`
# must find nothing wrong after any kill, and artifacts and metrics must be those of a run that nobody killed.
#
#   crash.sh KILLS [SEED]
set -uo pipefail
source "$(dirname "$0")/store_oracle.sh"
wanted=${1:-50}
RANDOM=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
write_pipeline pipeline.yaml
write_series pipeline.yaml
"$VIREO" run pipeline.yaml --store whole > /dev/null 2>&1 || { echo "the pipeline fails"; exit 1; }
artifacts whole > expected
metrics whole > expected.metrics
stages=$(cut -d, -f1 expected | sort -u | wc -l)
kills=0
acknowledged=0
stores=0

while [ $kills -lt "$wanted" ]; do
    stores=$((stores + 1))
    rm -rf store
    : > told
    isDone=no
    while [ $isDone = no ] && [ $kills -lt "$wanted" ]; do
        # A runner that is killed before it opens its output must not leave an earlier one's words.
        : > first; : > second
        setsid "$VIREO" run pipeline.yaml --store store > /dev/null 2> first & a=$!
        setsid "$VIREO" run pipeline.yaml --store store > /dev/null 2> second & b=$!
        sleep "0.$(printf %03d $((RANDOM % 700)))"
        # Now and then only the runner, not what it started.
        if [ $((RANDOM % 3)) = 0 ]; then kill -9 $a $b; else kill -9 -- -$a -$b; fi 2> /dev/null
        kills=$((kills + 2))
        wait $a 2> /dev/null; wait $b 2> /dev/null
        sed -n 's/^\([a-z]*\): finished in .*/\1/p' first second >> told
        check_store store "kill $kills"
        [ -e store/vireo.db ] && verify_killed store "kill $kills"
        [ -e store/vireo.db ] && artifacts store > made 2> /dev/null
        while read -r stage; do
            acknowledged=$((acknowledged + 1))
            grep "^$stage," expected | while read -r line; do
                grep -qx "$line" made || echo "$stage"
            done > lost
            [ -s lost ] && violation "kill $kills: $stage was finished and is lost"
        done < <(sed -n 's/^\([a-z]*\): finished in .*/\1/p' first second)
        [ "$(sort -u told | wc -l)" = "$stages" ] && isDone=yes
    done
    complete store pipeline.yaml expected "after kill $kills"
done
echo "crash: $kills kills, $stores stores, $acknowledged finished stages told, $violations violations"
[ $violations = 0 ]
