#!/usr/bin/env bash
# Kills the program, and makes its calls fail, at every call that writes: in publication, resumption, collection
# and migration. After each one the store must hold what it promised, and running again must give the same
# artifacts. Needs strace.
#
#   kill_each_call.sh [STEP [PART...]]     every STEP-th call, of publish, resume, gc, migrate, errors
set -uo pipefail
source "$(dirname "$0")/store_oracle.sh"
step=${1:-1}
shift
parts=${*:-publish resume gc migrate errors}
command -v strace > /dev/null || { echo "skipped: there is no strace"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calls="openat write pwrite64 fsync fdatasync rename renameat2 unlink unlinkat rmdir mkdir ftruncate"
kills=0
place=0

cd "$work"
write_pipeline pipeline.yaml
"$VIREO" run pipeline.yaml --store whole > /dev/null 2>&1 || { echo "the pipeline fails"; exit 1; }
artifacts whole > expected

# Runs the command once on the store `template` and notes its calls down.
note_calls() {
    rm -rf store; cp -a template store
    strace -f -y -qq -e signal=none -e trace="${calls// /,}" -o trace "$@" > /dev/null 2>&1
}

# The numbers that calls on the store have among their thread's: strace counts for each thread by itself.
numbers() {
    awk -v call="$1" 'index($0, " " call "(") { n[$1]++; if (/\/store/) seen[n[$1]] = 1 }
        END { for (i in seen) print i }' trace | sort -n
}

# Kills the command at its chosen calls, from the store `template` each time.
sweep() {
    local name=$1 call n
    shift
    note_calls "$@"
    for call in $calls; do
        for n in $(numbers "$call"); do
            place=$((place + 1))
            [ $((place % step)) = 0 ] || continue
            rm -rf store; cp -a template store
            # The shell tells of every process that was killed.
            { strace -f -qq -e signal=none -e trace="$call" -e inject="$call:signal=KILL:when=$n" \
                -o /dev/null "$@" > /dev/null; } 2> /dev/null
            kills=$((kills + 1))
            check_store store "$name, killed at $call $n"
            complete store pipeline.yaml expected "$name, killed at $call $n"
        done
    done
    echo "$name: $kills kills and faults so far, $violations violations"
}

# Makes single calls fail.
fail_calls() {
    local call n fault status
    note_calls "$@"
    for fault in error=ENOSPC error=EIO error=EINTR retval=0; do
        for call in $calls; do
            # Doing nothing and saying so is only something that writing may do.
            [ $fault = retval=0 ] && [ $call != write ] && [ $call != pwrite64 ] && continue
            for n in $(numbers "$call"); do
                place=$((place + 1))
                [ $((place % step)) = 0 ] || continue
                rm -rf store; cp -a template store
                timeout -k 5 60 strace -f -qq -e signal=none -e trace="$call" -e inject="$call:$fault:when=$n" -o /dev/null \
                    "$@" > output 2>&1
                status=$?
                kills=$((kills + 1))
                case $status in
                    0) ;;
                    1 | 2) grep -qE "store|pipeline.yaml" output || violation "$fault at $call $n: no path is told: $(cat output)" ;;
                    # The number fell among another thread's calls: the program was not even loaded.
                    127) grep -q "error while loading shared libraries" output || violation "$fault: $(cat output)" ;;
                    # libdispatch ends the program if it cannot read about threads in /proc.
                    132) grep -q "_dispatch_workq_monitor_pools" output || violation "$fault: $(cat output)" ;;
                    *) violation "$fault at $call $n: ended with $status: $(tail -n 2 output)" ;;
                esac
                check_store store "$fault at $call $n"
                complete store pipeline.yaml expected "$fault at $call $n"
            done
        done
        echo "$fault: $kills kills and faults so far, $violations violations"
    done
}

for part in $parts; do
    rm -rf template
    case $part in
        publish)
            mkdir template
            sweep "publish" "$VIREO" run pipeline.yaml --store store ;;
        resume)
            mkdir template
            "$VIREO" run pipeline.yaml --store template > /dev/null 2>&1 &
            pid=$!
            until [ -n "$(find template/objects -name '*.tar.zst' 2> /dev/null)" ]; do sleep 0.01; done
            kill -9 $pid
            wait $pid 2> /dev/null
            sweep "resume" "$VIREO" run pipeline.yaml --store store ;;
        gc)
            has_command gc || { echo "gc: skipped, there is no such command"; continue; }
            sed 's/seq 1 20000/seq 2 20000/' pipeline.yaml > other.yaml
            "$VIREO" run other.yaml --store template > /dev/null 2>&1
            "$VIREO" run pipeline.yaml --store template > /dev/null 2>&1
            sweep "gc" "$VIREO" gc --store store ;;
        migrate)
            command -v python3 > /dev/null || { echo "migrate: skipped, there is no python3"; continue; }
            "$VIREO" run pipeline.yaml --store template --only questions > /dev/null 2>&1
            make_old template
            sweep "migrate" "$VIREO" run pipeline.yaml --store store ;;
        errors)
            mkdir template
            fail_calls "$VIREO" run pipeline.yaml --store store ;;
    esac
done
echo "kill_each_call: $kills kills and faults, $violations violations"
[ $violations = 0 ]
