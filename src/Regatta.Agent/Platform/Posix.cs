using System.Runtime.InteropServices;

namespace Regatta.Agent.Platform;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static unsafe partial class Posix
{
    public const int WriteOnly = 1, ReadWrite = 2, Create = 0x40, Append = 0x400, CloseOnExec = 0x80000;

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>
    /// Appends <paramref name="bytes"/> to a file that is there, by one write, so that lines of processes that write at once do not mix. It is not made:
    /// stamps are believed only in a file that was made for them beforehand.
    /// </summary>
    /// <exception cref="IOException">The file is not there, or cannot be opened or written in full.</exception>
    public static void AppendAtOnce(string path, ReadOnlySpan<byte> bytes)
    {
        var descriptor = Open(path, WriteOnly | Append | CloseOnExec, 0);
        if (descriptor < 0) throw Failure($"cannot open {path}");
        try
        {
            fixed (byte* start = bytes)
            {
                var written = Write(descriptor, start, (nuint)bytes.Length);
                if (written != bytes.Length) throw Failure($"cannot write to {path}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>CPU time of the calling thread.</summary>
    public static TimeSpan ThreadCpuTime()
    {
        const int threadCpuClock = 3;
        TimeSpec time;
        _ = ClockGetTime(threadCpuClock, &time);
        return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100));
    }

    /// <summary>Sleeps.</summary>
    public static void SleepBriefly(TimeSpan duration)
    {
        var time = new TimeSpec { Seconds = duration.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = duration.Ticks % TimeSpan.TicksPerSecond * 100 };
        if (duration > TimeSpan.Zero) _ = NanoSleep(&time, null);
    }

    /// <summary>A descriptor that <see cref="Wake"/> makes readable.</summary>
    public static int NewEvent()
    {
        var descriptor = EventFd(0, CloseOnExec | 0x800 /* non-blocking */);
        return descriptor >= 0 ? descriptor : throw Failure("cannot make an event descriptor");
    }

    /// <summary>Ends a wait upon the descriptor.</summary>
    public static void Wake(int descriptor)
    {
        ulong one = 1;
        _ = Write(descriptor, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Waits until the descriptor was woken or the time has passed, to the precision of the kernel; null waits for ever.</summary>
    public static void WaitFor(int descriptor, TimeSpan? duration)
    {
        var time = duration is { } d ? new TimeSpec { Seconds = d.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = d.Ticks % TimeSpan.TicksPerSecond * 100 } : default;
        var poll = new PollDescriptor { Descriptor = descriptor, Events = 1 };
        if (PPoll(&poll, 1, duration is null ? null : &time, null) > 0) ClearEvent(descriptor);
    }

    /// <summary>As the other one, by a wait for the one <c>struct pollfd</c> that it is given, which returns what <c>poll</c> does.</summary>
    public static void WaitFor(int descriptor, Func<nint, int> wait)
    {
        var poll = new PollDescriptor { Descriptor = descriptor, Events = 1 };
        if (wait((nint)(&poll)) > 0) ClearEvent(descriptor);
    }

    /// <summary>A descriptor that becomes readable when a file appears in a directory, or with <paramref name="writes"/> is written to.</summary>
    /// <exception cref="IOException">The kernel allows no further watch, or the directory is not there.</exception>
    public static int Watch(string directory, bool writes)
    {
        const uint modified = 0x2, movedTo = 0x80, created = 0x100;
        var descriptor = NotifyInit(CloseOnExec | 0x800 /* non-blocking */);
        if (descriptor < 0) throw Failure("cannot watch for changes of files");
        if (NotifyAddWatch(descriptor, directory, created | movedTo | (writes ? modified : 0)) >= 0) return descriptor;
        var failure = Failure($"cannot watch {directory}");
        _ = Close(descriptor);
        throw failure;
    }

    /// <summary>Waits for a notice of <see cref="Watch"/> and takes all that are there; false when <paramref name="stop"/> was woken.</summary>
    public static bool WaitForNotice(int notices, int stop, TimeSpan? limit)
    {
        var poll = stackalloc PollDescriptor[2];
        poll[0] = new PollDescriptor { Descriptor = notices, Events = 1 };
        poll[1] = new PollDescriptor { Descriptor = stop, Events = 1 };
        var time = limit is { } l ? new TimeSpec { Seconds = l.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = l.Ticks % TimeSpan.TicksPerSecond * 100 } : default;
        if (PPoll(poll, 2, limit is null ? null : &time, null) <= 0) return true;
        if (poll[1].Returned != 0) return false;
        var buffer = stackalloc byte[4096];
        while (Read(notices, buffer, 4096) > 0)
        {
        }

        return true;
    }

    /// <summary>Takes back what <see cref="Wake"/> did; returns at once.</summary>
    public static void ClearEvent(int descriptor)
    {
        ulong count;
        _ = Read(descriptor, (byte*)&count, sizeof(ulong));
    }

    /// <summary>Closes a descriptor of <see cref="NewEvent"/> or <see cref="Watch"/>.</summary>
    public static void CloseEvent(int descriptor) => _ = Close(descriptor);

    /// <summary>Leaves the terminal and the session of the caller, with standard input and output closed off and errors going to <paramref name="log"/>.</summary>
    public static void Detach(string log)
    {
        _ = SetSid();
        var none = Open("/dev/null", ReadWrite, 0);
        var errors = Open(log, WriteOnly | Append | Create, 0x1A4);
        if (none < 0 || errors < 0) throw Failure($"cannot open {log}");
        if (Dup2(none, 0) < 0 || Dup2(none, 1) < 0 || Dup2(errors, 2) < 0) throw Failure("cannot leave the caller's streams");
    }

    /// <summary>Asks for earlier service on a busy processor, for this thread and those that it makes; false when that is not allowed.</summary>
    public static bool RaisePriority(int niceness) => SetPriority(0, 0, niceness) == 0;

    /// <summary>
    /// Makes the calling thread, and no other of this process, act as a user; false when that is not allowed. The library's own call would
    /// change all threads.
    /// </summary>
    public static bool BecomeOnThisThread(uint user)
    {
        const nint setAllUserIds = 117; // setresuid on x86-64
        return SystemCall(setAllUserIds, (nint)user, (nint)user, (nint)user) == 0;
    }

    /// <summary>User id that the calling thread acts as.</summary>
    public static uint EffectiveUser() => GetEffectiveUser();

    /// <summary>The user that a file belongs to; null when it is not there.</summary>
    public static uint? OwnerOf(string path)
    {
        const int currentDirectory = -100;
        var status = stackalloc byte[256]; // struct statx: stx_uid stands at byte 20
        return StatX(currentDirectory, path, 0, 0x8 /* uid */, status) == 0 ? *(uint*)(status + 20) : null;
    }

    /// <summary>Lets this thread run before all ordinary ones, and not the threads that it makes; false when that is not allowed.</summary>
    public static bool RunFirst()
    {
        const int firstInFirstOut = 1, resetOnFork = 0x40000000;
        var priority = 1;
        return SetScheduler(0, firstInFirstOut | resetOnFork, &priority) == 0;
    }

    private static IOException Failure(string what) => new($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int from, int to);

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int process, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, TimeSpec* time);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(TimeSpec* time, TimeSpec* left);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int NotifyInit(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NotifyAddWatch(int descriptor, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int PPoll(PollDescriptor* descriptors, nuint count, TimeSpec* time, void* signals);
}
