using Regatta.Machines.Containers;

namespace Regatta.Machines.Faults;

/// <summary>The scripts that switch nodes off and cut or slow their networks, from the host that they are on.</summary>
public static class HostFaults
{
    // The device of the host that the node hangs on is the one that its packets come from.
    private const string Device = """
        v=$(bridge fdb show br "$bridge" | awk -v m="$probe" '$1 == m { for (i = 2; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }')

        """;

    private const string Mac = "cat /sys/class/net/$(ip -o route show default | awk '{ print $5; exit }')/address";

    // Asked for by those faults alone that need it: a process is started for it.
    private static readonly Lazy<bool?> Netem = new(Try);

    /// <summary>Cuts the network of a node: neither the cluster nor this host reaches it.</summary>
    public static FaultAct Cut(string name, string node) => Link(
        name, node, "ip link set \"$v\" down", "ip link set \"$v\" up");

    /// <summary>Slows the network of a node in both directions: what comes to it leaves the host's device through a queue, and what comes of it through one of another device.</summary>
    /// <param name="name">Name of the fault.</param>
    /// <param name="node">The node.</param>
    /// <param name="delay">How long each packet is held back; null for not at all.</param>
    /// <param name="loss">Share of packets that is lost, below 1; null for none.</param>
    /// <param name="rate">Bytes a second; null for no limit.</param>
    public static FaultAct Slow(string name, string node, TimeSpan? delay, double? loss, long? rate)
    {
        // Where the kernel has no netem, a rate alone is held by the token bucket, which all have.
        var discipline = delay is null && loss is null
            ? string.Create(CultureInfo.InvariantCulture, $"tbf rate {rate * 8}bit burst {Math.Max(16_384, (rate ?? 0) / 50)} latency 400ms")
            : string.Join(' ', new[]
            {
                "netem limit 10000", delay is { } held ? string.Create(CultureInfo.InvariantCulture, $"delay {held.TotalMicroseconds:0}us") : null,
                loss is { } lost ? string.Create(CultureInfo.InvariantCulture, $"loss {lost * 100:0.####}%") : null, rate is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"rate {bytes * 8}bit") : null,
            }.OfType<string>());
        return Link(
            name, node,
            $$"""
            i="f$v"; ip link add "$i" type ifb; ip link set "$i" up
            tc qdisc add dev "$i" root {{discipline}}
            tc qdisc add dev "$v" root {{discipline}}
            tc qdisc add dev "$v" handle ffff: ingress
            tc filter add dev "$v" parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev "$i"
            """,
            """
            tc qdisc del dev "$v" root 2>/dev/null; tc qdisc del dev "$v" ingress 2>/dev/null; ip link del "f$v" 2>/dev/null
            ! tc qdisc show dev "$v" | grep -qE 'netem|tbf|ingress' || exit 1
            """);
    }

    /// <summary>
    /// Switches a node off as a power cut does, and on again when it is undone or, where it reboots, at once. Its first process is killed, with which the kernel kills all
    /// others at the same moment; libvirt's own way would first ask each of them to end.
    /// </summary>
    public static FaultAct Power(string name, string node, bool reboots)
    {
        // A container that begins anew is a new one to the kernel, which knows nothing of what the first was allowed.
        const string Create = "{ virsh -q -c \"$uri\" domstate \"$domain\" >/dev/null 2>&1 || virsh -q -c \"$uri\" create \"$place/$node.xml\" >/dev/null; } && allow_nested \"$(virsh -q -c \"$uri\" domid \"$domain\")\"";
        return new FaultAct(
            name, node,
            $"""
            {FaultAct.Now}{ContainerDevices.Function}set -e
            mkdir -p "$place"; virsh -q -c "$uri" dumpxml --inactive "$domain" > "$place/$node.xml"
            d=$(virsh -q -c "$uri" domid "$domain"); i=$(cut -d' ' -f1 "/proc/$d/task/$d/children")
            if [ -z "$i" ]; then echo "nothing runs in $domain" >&2; exit 1; fi
            b=$(now); kill -KILL "$i"; while [ -e "/proc/$i/root/proc" ]; do sleep 0.01; done; a=$(now)
            while virsh -q -c "$uri" domstate "$domain" >/dev/null 2>&1; do sleep 0.05; done
            ssh -F "$config" -O exit "$node" 2>/dev/null || true
            {(reboots ? Create + " || exit 1" : "")}
            echo "$b $a"
            """,
            $"""
            {FaultAct.Now}{ContainerDevices.Function}[ -e "$place/$node.xml" ] || exit 0
            {Create} || exit 1
            ssh -F "$config" -O exit "$node" 2>/dev/null
            ssh -F "$config" -o BatchMode=yes -o ConnectTimeout=2 "$node" true || exit 1
            rm -f "$place/$node.xml"
            now
            """) { OnHost = true };
    }

    /// <summary>Whether the kernel of this host can hold packets back and lose them; null where that cannot be tried.</summary>
    public static bool? HasNetem => Netem.Value;

    private static FaultAct Link(string name, string node, string act, string undo) => new(
        name, node,
        $"""
        {FaultAct.Now}{Device}set -e
        [ -n "$v" ] || exit 1
        mkdir -p "$place"; echo "$v" > "$place/{name}.dev"
        b=$(now)
        {act}
        a=$(now); echo "$b $a"
        """,
        // A device that is gone took all of it along.
        $"""
        {FaultAct.Now}read -r v < "$place/{name}.dev" || exit 0
        if [ -e "/sys/class/net/$v" ]; then
        {undo}
        fi
        rm -f "$place/{name}.dev"
        now
        """) { OnHost = true, Probe = Mac };

    private static bool? Try()
    {
        // A network of its own shows it without touching any that is used.
        if (!Environment.IsPrivilegedProcess || Host.HostTool.Find("unshare") is null || Host.HostTool.Find("tc") is null) return null;
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("unshare", ["--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]) { RedirectStandardError = true, RedirectStandardOutput = true });
        if (process is null || !process.WaitForExit(TimeSpan.FromSeconds(10))) return null;
        return process.ExitCode == 0;
    }
}
