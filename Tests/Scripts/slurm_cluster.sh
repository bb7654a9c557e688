#!/bin/bash
# A Slurm cluster on this machine, for tests: slurm_cluster.sh start|stop DIRECTORY [NODES]
#
# munged, slurmctld and NODES slurmd as root, without systemd and cgroups. Each node has a network namespace, so that
# its wire can be cut: `ip link set vtN down`. Daemons run from DIRECTORY, whose path must be short; their process ids
# are in DIRECTORY/run. Other clusters and the munge of the system are not touched.
set -euo pipefail

command=$1 directory=$2 nodes=${3:-2}
host=$(hostname -s) net=10.78.0 port=26817
export SLURM_CONF=$directory/etc/slurm.conf

pid() { cat "$directory/run/$1.pid" 2>/dev/null || true; }
await() { for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "no success: $*" >&2; return 1; }

stop() {
    for file in "$directory"/run/*.pid; do
        [ -e "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null || true
    done
    pkill -9 -f "slurmstepd.*$directory" 2>/dev/null || true
    for n in c $(seq "$nodes"); do ip netns del "vt$n" 2>/dev/null || true; ip link del "vt$n" 2>/dev/null || true; done
    ip link del vtbr 2>/dev/null || true
    rm -rf "$directory"
}

if [ "$command" = stop ]; then stop; exit; fi
# Clusters have the same network. The daemons hold the lock as long as they run.
exec 9> /tmp/vireo-slurm-cluster.lock
flock -w 1200 9 || { echo "another cluster of this script runs" >&2; exit 1; }
[ ! -e "$directory" ] || stop
mkdir -p "$directory"/{etc,run,log,state,spool}
chmod 755 "$directory" "$directory"/*

ip link add vtbr type bridge
ip addr add $net.254/24 dev vtbr
ip link set vtbr up
address=100
for n in c $(seq "$nodes"); do
    [ "$n" = c ] || address=$n
    ip netns add "vt$n"
    ip link add "vt$n" type veth peer name eth0 netns "vt$n"
    ip link set "vt$n" master vtbr up
    ip -n "vt$n" addr add "$net.$address/24" dev eth0
    ip -n "vt$n" link set eth0 up
    ip -n "vt$n" link set lo up
done

# Timers are short, so that a lost node is noticed in seconds. Slurm's own checks of cgroups and devices are off.
cat > "$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host($net.100)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$directory/run/munge.sock,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MailProg=/bin/true
MpiDefault=none
PlugStackConfig=/dev/null
SwitchType=switch/none
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool/%n
SlurmctldPidFile=$directory/run/slurmctld.pid
SlurmdPidFile=$directory/run/slurmd-%n.pid
SlurmctldLogFile=$directory/log/slurmctld.log
SlurmdLogFile=$directory/log/slurmd-%n.log
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldTimeout=6
SlurmdTimeout=6
KillWait=5
MessageTimeout=5
InactiveLimit=0
ReturnToService=2
JobRequeue=1
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
CONF
for n in $(seq "$nodes"); do
    echo "NodeName=n$n NodeHostname=$host NodeAddr=$net.$n Port=$((port + 10 + n)) CPUs=2 RealMemory=16000" >> "$SLURM_CONF"
done
echo "PartitionName=main Nodes=n[1-$nodes] Default=YES PriorityTier=1" >> "$SLURM_CONF"
echo "PartitionName=urgent Nodes=n[1-$nodes] PriorityTier=10 PreemptMode=OFF" >> "$SLURM_CONF"
echo "CgroupPlugin=cgroup/v1" > "$directory/etc/cgroup.conf"

(umask 077; head -c 128 /dev/urandom > "$directory/etc/munge.key")
munged --key-file="$directory/etc/munge.key" --socket="$directory/run/munge.sock" \
    --pid-file="$directory/run/munged.pid" --log-file="$directory/log/munged.log" \
    --seed-file="$directory/run/munged.seed"
await munge -S "$directory/run/munge.sock" -n
ip netns exec vtc slurmctld
for n in $(seq "$nodes"); do
    mkdir -p "$directory/spool/n$n"
    ip netns exec "vt$n" slurmd -N "n$n"
done
all_idle() { [ "$(timeout 5 sinfo -h -N -p main -o %T | grep -c idle)" = "$nodes" ]; }
await all_idle
