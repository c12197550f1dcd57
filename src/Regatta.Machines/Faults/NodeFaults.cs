namespace Regatta.Machines.Faults;

/// <summary>The scripts that fill a node's disk, set its clock, and do to it what a scheduler's own command does.</summary>
public static class NodeFaults
{
    /// <summary>Fills the file system of a directory to its last block.</summary>
    public static FaultAct Fill(string name, string node, string directory = "/")
    {
        var file = $"{directory.TrimEnd('/')}/regatta-fault-{name}";
        return new FaultAct(
            name, node,
            $"""
            {FaultAct.Now}l=$(df --output=avail -B1 '{directory}' | tail -n 1); [ "$l" -gt 0 ] || exit 1
            b=$(now); fallocate -l "$l" '{file}' 2>/dev/null || dd if=/dev/zero of='{file}' bs=1M 2>/dev/null
            a=$(now); echo "$b $a"
            """,
            $"""
            {FaultAct.Now}rm -f '{file}' || exit 1
            now
            """);
    }

    /// <summary>
    /// Sets a node's clock forward, or back where the span is negative. How far it is from the clock that nobody sets is written down first, and that is what it is set back to:
    /// exactly, however long it was wrong and however often it is undone.
    /// </summary>
    public static FaultAct Skew(string name, string node, TimeSpan by)
    {
        var note = $"/run/regatta-fault-{name}";
        var nanoseconds = (by.Ticks * 100).ToString(CultureInfo.InvariantCulture);
        return new FaultAct(
            name, node,
            $"""
            {FaultAct.Now}set -e
            b=$(now); python3 -c "import time
            apart = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            print(apart, file=open('{note}', 'w'))
            time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_MONOTONIC) + apart + {nanoseconds})"
            echo "$b $b"
            """,
            $"""
            {FaultAct.Now}[ -s {note} ] || exit 0
            python3 -c "import time
            apart = int(open('{note}').read())
            time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_MONOTONIC) + apart)" || exit 1
            rm -f {note}
            now
            """);
    }

    /// <summary>Runs a command of the scheduler, and another one to take it back.</summary>
    /// <param name="name">Name of the fault.</param>
    /// <param name="on">The node that the commands run on.</param>
    /// <param name="act">Does it.</param>
    /// <param name="undo">Takes it back, as often as it is run.</param>
    public static FaultAct Command(string name, string on, string act, string undo) => new(
        name, on,
        $"""
        {FaultAct.Now}b=$(now)
        ( {act} ) >&2 || exit 1
        a=$(now); echo "$b $a"
        """,
        $"""
        {FaultAct.Now}( {undo} ) >&2 || exit 1
        now
        """);
}
