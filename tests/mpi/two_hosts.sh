#!/bin/sh
# Runs test_mpi on two hosts, which are network namespaces of this machine with a name and a card each: two_hosts.sh PROGRAM [LAUNCHER]
# Needs root, and Open MPI as the launcher (mpirun.openmpi by default).
set -eu
program=$(realpath "$1") launcher=${2:-mpirun.openmpi}
folder=$(mktemp -d) one=unspool-one two=unspool-two
chmod 755 "$folder"
clear_up() { ip netns delete $one 2>/dev/null || true; ip netns delete $two 2>/dev/null || true; rm -rf "$folder"; }
trap clear_up EXIT
fail() { echo "two_hosts: $*"; cat "$folder/out"; exit 1; }
: >"$folder/out"

ip netns add $one && ip netns add $two || fail "there can be no network namespaces here"
ip link add veth1 netns $one type veth peer name veth2 netns $two
ip -n $one address add 10.77.0.1/24 dev veth1; ip -n $one link set veth1 up; ip -n $one link set lo up
ip -n $two address add 10.77.0.2/24 dev veth2; ip -n $two link set veth2 up; ip -n $two link set lo up

# What ssh would be: agent HOST COMMAND...
cat >"$folder/agent" <<END
#!/bin/sh
host=\$1; shift
case \$host in 10.77.0.1) name=$one ;; *) name=$two ;; esac
exec ip netns exec \$name unshare --uts sh -c "hostname \$name && \$*"
END
chmod +x "$folder/agent"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
export OPENBLAS_NUM_THREADS=1
ranks() {
    timeout 120 "$folder/agent" 10.77.0.1 "$launcher" --host 10.77.0.1:2,10.77.0.2:2 -n 4 --bind-to none \
        --mca plm_rsh_agent "$folder/agent" --mca btl self,vader,tcp --mca btl_tcp_if_include 10.77.0.0/24 \
        --mca oob_tcp_if_include 10.77.0.0/24 "$program" "$@" >"$folder/out" 2>&1
}
parameters() { sed -n 's/^parameters //p' "$folder/out"; }
sent() { ip netns exec $one cat /sys/class/net/veth1/statistics/tx_bytes; }

"$program" fit 1 "$folder/whole.ckpt" >"$folder/out" 2>&1 || fail "it failed on one host"
whole=$(parameters)
before=$(sent)
ranks fit 1 || fail "it failed on two hosts"
[ "$(parameters)" = "$whole" ] || fail "two hosts have other bits than one: $whole"
[ $(($(sent) - before)) -gt 100000 ] || fail "nothing went over the network"
echo "two hosts: the bits of one, and $(($(sent) - before)) bytes sent by the first"

if ranks kill 1 "$folder/run.ckpt"; then fail "it ended well, though a rank was killed"; fi
ranks fit 1 "$folder/run.ckpt" || fail "it could not be continued"
[ "$(parameters)" = "$whole" ] || fail "the checkpoint goes on to other bits than $whole"
echo "two hosts: a rank of the second was killed, and the checkpoint goes on to the same bits"
