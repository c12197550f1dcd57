using System.Runtime.InteropServices;
using Regatta.Workloads;

namespace Regatta.Agent.Platform;

/// <summary>
/// The virtual clock of a twin. The agent is not one of the programs that the clock carries along: it reads it through the library, waits for its moments, and
/// says how fast it may go.
/// </summary>
internal sealed unsafe class VirtualClock : NodeClock
{
    private const int Counts = 16;

    /// <summary>Slurm's own periods divide it.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly delegate* unmanaged<long> _now, _utc;
    private readonly delegate* unmanaged<long, void> _speed;
    private readonly delegate* unmanaged<long, long, long> _next;
    private readonly delegate* unmanaged<void*, nuint, long, int> _poll;
    private readonly delegate* unmanaged<long*, int, int> _counts;
    private readonly delegate* unmanaged<int, byte*> _name;
    private readonly ReplayClock _clock;
    private long[] _began = [];
    private long _realStarted;

    /// <summary>Joins a clock.</summary>
    /// <exception cref="DiagnosticException">The library or the clock is not there, or they do not fit each other.</exception>
    public VirtualClock(ReplayClock clock)
    {
        _clock = clock;
        try
        {
            var library = NativeLibrary.Load(clock.Library);
            _now = (delegate* unmanaged<long>)NativeLibrary.GetExport(library, "regatta_clock_now");
            _utc = (delegate* unmanaged<long>)NativeLibrary.GetExport(library, "regatta_clock_utc");
            _speed = (delegate* unmanaged<long, void>)NativeLibrary.GetExport(library, "regatta_clock_speed");
            _next = (delegate* unmanaged<long, long, long>)NativeLibrary.GetExport(library, "regatta_clock_next");
            _poll = (delegate* unmanaged<void*, nuint, long, int>)NativeLibrary.GetExport(library, "regatta_clock_poll");
            _counts = (delegate* unmanaged<long*, int, int>)NativeLibrary.GetExport(library, "regatta_clock_counts");
            _name = (delegate* unmanaged<int, byte*>)NativeLibrary.GetExport(library, "regatta_clock_name");
            var path = Marshal.StringToCoTaskMemUTF8(clock.Page);
            var joined = ((delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "regatta_clock_open"))((byte*)path);
            Marshal.FreeCoTaskMem(path);
            if (joined != 0) throw Missing($"{clock.Page} is no clock", null);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw Missing(exception.Message, exception);
        }
    }

    public override long Ticks => _now();

    public override DateTimeOffset UtcNow => new(DateTime.UnixEpoch.Ticks + (_utc() / 100), TimeSpan.Zero);

    public override void WaitFor(int descriptor, long? until) => Posix.WaitFor(descriptor, poll => _poll((void*)poll, 1, until ?? long.MaxValue));

    /// <summary>The first moment from one on at which a replay may begin: so many minutes and a half after the scheduler's start.</summary>
    public long Next(long ticks) => _next(ticks, (long)Period.TotalNanoseconds);

    /// <summary>Lets the clock go as fast as it may.</summary>
    public void Begin()
    {
        _speed(_clock.Speed);
        _began = Read();
        _realStarted = Micros.Now(TimeProvider.System);
    }

    /// <summary>Lets it go with real time.</summary>
    public void Slow() => _speed(1);

    /// <summary>What it counted since <see cref="Begin"/>.</summary>
    public ClockReport Report()
    {
        var now = Read();
        return new ClockReport
        {
            RealStarted = _realStarted,
            RealEnded = Micros.Now(TimeProvider.System),
            Virtual = Since(0) / 1000,
            Jumps = Since(2),
            // What the clock passed over while it dozed into the trial, a fifth of a second at most, it counts when it wakes.
            Jumped = Math.Min(Since(3), Since(0)) / 1000,
            Busy = Since(4) / 1000,
            Waiting = Since(5) / 1000,
            Woken = Since(6),
            Escapes = Since(8),
            Unsupported = Since(9),
            Stuck = Since(10),
            WentOn = Since(13),
            Computed = Since(14) / 1000,
            Governed = Since(15) / 1000,
        };

        long Since(int place) => now[place] - _began[place];
    }

    /// <summary>Why a trial by this clock is worth nothing; empty when nothing is known.</summary>
    public IEnumerable<ReplayFault> Faults(ClockReport report)
    {
        var time = Micros.From(UtcNow.UtcDateTime);
        if (report.Escapes > 0) yield return new ReplayFault(time, null, string.Create(CultureInfo.InvariantCulture, $"{report.Escapes} processes did not go by the virtual clock, one of them {Name(0)}")) { Code = "clock-escaped" };
        if (report.Unsupported > 0) yield return new ReplayFault(time, null, string.Create(CultureInfo.InvariantCulture, $"{report.Unsupported} calls were made that the virtual clock does not cover")) { Code = "clock-unsupported" };
        if (report.Stuck > 0) yield return new ReplayFault(time, null, $"the virtual clock went at real speed for more than 20 s: {Name(1)} computed without a pause") { Code = "clock-stuck" };
    }

    private string Name(int which) => Marshal.PtrToStringUTF8((nint)_name(which)) ?? "";

    private long[] Read()
    {
        var counts = new long[Counts];
        fixed (long* first = counts)
        {
            if (_counts(first, Counts) != Counts) throw Missing($"{_clock.Library} counts other things than this agent", null);
        }

        return counts;
    }

    private DiagnosticException Missing(string detail, Exception? inner)
    {
        var fault = Diagnostic.Error("replay-clock", $"the virtual clock {_clock.Page} cannot be joined") with
        {
            Detail = detail, Help = "regatta cluster configure puts it on the head: systemctl status regatta-clock",
        };
        return inner is null ? new DiagnosticException(fault) : new DiagnosticException(fault, inner);
    }
}
