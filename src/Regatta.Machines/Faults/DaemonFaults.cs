namespace Regatta.Machines.Faults;

/// <summary>A daemon of a node: the main process of a unit of systemd, or the oldest process of a name.</summary>
/// <param name="Process">Its name as the kernel knows it, at most 15 bytes.</param>
/// <param name="Unit">The unit; null where something else starts it.</param>
public sealed record NodeDaemon(string Process, string? Unit)
{
    /// <summary>What it is called in texts.</summary>
    public string Name => Unit ?? Process;
}

/// <summary>The scripts that kill, freeze and slow daemons, for any sh.</summary>
public static class DaemonFaults
{
    /// <summary>
    /// Functions of the scripts. <c>daemon</c> prints the process, or nothing; <c>ticks P</c> when it began, in hundredths of a second since the host started;
    /// <c>began P</c> the same in UTC microseconds.
    /// </summary>
    private const string Prelude = FaultAct.Now + """
        ticks() { { read -r s < "/proc/$1/stat"; } 2>/dev/null || return 1; set -- ${s##*) }; echo "${20}"; }
        state() { { read -r s < "/proc/$1/stat"; } 2>/dev/null || return 1; set -- ${s##*) }; echo "$1"; }
        began() { t=$(ticks "$1") || return 1; read -r u _ < /proc/uptime; f=${u#*.}; echo $(($(now) - (${u%.*} * 100 + ${f#0} - t) * 10000)); }

        """;

    /// <summary>Kills a daemon.</summary>
    /// <param name="name">Name of the fault.</param>
    /// <param name="node">The node.</param>
    /// <param name="daemon">The daemon.</param>
    /// <param name="held">Whether it stays down until the fault is undone, whatever its service manager would do; only a unit can be held.</param>
    public static FaultAct Kill(string name, string node, NodeDaemon daemon, bool held)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        if (held && daemon.Unit is null) throw new ArgumentException("only a unit can be held down", nameof(held));
        var hold = held ? $"""
            mkdir -p /run/systemd/system/{daemon.Unit}.service.d
            printf '[Service]\nRestart=no\n' > {DropIn(daemon.Unit!)}
            systemctl daemon-reload

            """ : "";
        var release = held ? $"if [ -e {DropIn(daemon.Unit!)} ]; then rm -f {DropIn(daemon.Unit!)}; systemctl daemon-reload; fi\n" : "";
        // One whose service manager has given up is started as an administrator would; one that nobody else starts is waited for.
        var start = daemon.Unit is { } unit ? $"if ! systemctl is-active --quiet {unit}; then systemctl reset-failed {unit} 2>/dev/null; systemctl start {unit} || exit 1; fi\n" : "";
        return new FaultAct(
            name, node,
            $$"""
            {{Prelude}}{{Daemon(daemon)}}set -e
            {{hold}}p=$(daemon); [ -n "$p" ] || { echo "{{daemon.Name}} does not run" >&2; exit 1; }
            b=$(now); kill -KILL "$p"; a=$(now)
            echo "$b $a"
            """,
            $$"""
            {{Prelude}}{{Daemon(daemon)}}{{release}}{{start}}p=$(daemon); [ -n "$p" ] || { echo "{{daemon.Name}} has not started again" >&2; exit 1; }
            began "$p"
            """);
    }

    /// <summary>Stops a daemon, so that it does nothing and keeps its connections; its jobs and its children go on.</summary>
    public static FaultAct Freeze(string name, string node, NodeDaemon daemon)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        var note = Note(name);
        return new FaultAct(
            name, node,
            $$"""
            {{Prelude}}{{Daemon(daemon)}}set -e
            p=$(daemon); [ -n "$p" ] || { echo "{{daemon.Name}} does not run" >&2; exit 1; }
            echo "$p $(ticks "$p")" > {{note}}
            b=$(now); kill -STOP "$p"; a=$(now)
            echo "$b $a"
            """,
            // A process of the same number that began later is another one.
            $$"""
            {{Prelude}}[ -e {{note}} ] || exit 0
            read -r p t < {{note}} || exit 0
            if [ "$(ticks "$p")" = "$t" ]; then
                kill -CONT "$p" || exit 1
                h=$(now)
                [ "$(state "$p")" != T ] || exit 1
            fi
            rm -f {{note}}
            echo "$h"
            """);
    }

    /// <summary>Gives a daemon a quota of processor time: by a control group of its own (version 1), or by that of its unit (version 2).</summary>
    /// <param name="name">Name of the fault.</param>
    /// <param name="node">The node.</param>
    /// <param name="daemon">The daemon.</param>
    /// <param name="processors">Processors that it has left, above 0.</param>
    public static FaultAct Slow(string name, string node, NodeDaemon daemon, double processors)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        var (note, group) = (Note(name), $"regatta-fault-{name}");
        var quota = Math.Max(1000, (long)Math.Round(processors * 100_000));
        var percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(processors * 100))}%");
        var unit = daemon.Unit is { } known ? $"systemctl set-property --runtime {known} CPUQuota={percent}" : $"echo '{daemon.Name} is in no group whose quota could be set' >&2; exit 1";
        const string Hierarchy = "h=; for d in /cg/cpu /sys/fs/cgroup/cpu; do [ -e \"$d/cpu.shares\" ] && h=$d && break; done\n";
        return new FaultAct(
            name, node,
            $$"""
            {{Prelude}}{{Daemon(daemon)}}{{Hierarchy}}p=$(daemon); [ -n "$p" ] || { echo "{{daemon.Name}} does not run" >&2; exit 1; }
            set -e
            if [ -n "$h" ]; then
                o=$(sed -n 's/^[0-9]*:\([^:]*,\)\{0,1\}cpu\(,[^:]*\)\{0,1\}://p' "/proc/$p/cgroup"); echo "$o" > {{note}}
                mkdir -p "$h/{{group}}"; echo 100000 > "$h/{{group}}/cpu.cfs_period_us"; echo {{quota}} > "$h/{{group}}/cpu.cfs_quota_us"
                b=$(now); echo "$p" > "$h/{{group}}/cgroup.procs"; a=$(now)
            else
                b=$(now); {{unit}}; a=$(now)
            fi
            echo "$b $a"
            """,
            $$"""
            {{Prelude}}{{Hierarchy}}if [ -n "$h" ]; then
                [ -e {{note}} ] || exit 0
                read -r o < {{note}}
                if [ -d "$h/{{group}}" ]; then
                    while read -r p; do echo "$p" > "$h$o/cgroup.procs"; done < "$h/{{group}}/cgroup.procs"
                    rmdir "$h/{{group}}" || exit 1
                fi
                rm -f {{note}}
            else
                {{(daemon.Unit is { } slowed ? $"systemctl set-property --runtime {slowed} CPUQuota= || exit 1" : "exit 0")}}
            fi
            now
            """);
    }

    private static string Daemon(NodeDaemon daemon) => daemon.Unit is { } unit
        ? $$"""
        daemon() { m=$(systemctl show --property=MainPID --value {{unit}}); [ "${m:-0}" -eq 0 ] || echo "$m"; }

        """
        : $$"""
        daemon() {
            o=; for d in /proc/[0-9]*; do
                { read -r c < "$d/comm"; } 2>/dev/null || continue
                [ "$c" = {{daemon.Process}} ] || continue
                if [ -z "$o" ] || [ "$(ticks "${d#/proc/}")" -lt "$(ticks "$o")" ]; then o=${d#/proc/}; fi
            done; [ -z "$o" ] || echo "$o"
        }

        """;

    // Of drop-ins in all directories the last by name counts, and the roles' are called regatta.conf.
    private static string DropIn(string unit) => $"/run/systemd/system/{unit}.service.d/zz-regatta-fault.conf";

    private static string Note(string name) => $"/run/regatta-fault-{name}";
}
