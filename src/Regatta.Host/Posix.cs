using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Regatta.Host;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC
    private const int ReadOnlyTerminal = 0x100 | 0x80000; // O_NOCTTY | O_CLOEXEC
    private const int Terminate = 15;
    private const int Kill = 9;

    public static uint EffectiveUser() => geteuid();

    /// <summary>Sets the mask of permissions that new files of this process do not get; returns the one before.</summary>
    public static uint SetMask(uint mask) => umask(mask);

    /// <summary>The user that a file belongs to; null when it is not there.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="follow">Of what a link at the end of the path leads to, else of the link.</param>
    public static unsafe uint? OwnerOf(string path, bool follow)
    {
        const int currentDirectory = -100, noFollow = 0x100;
        var status = stackalloc byte[256]; // struct statx: stx_uid stands at byte 20
        return statx(currentDirectory, path, follow ? 0 : noFollow, 0x8 /* uid */, status) == 0 ? *(uint*)(status + 20) : null;
    }

    /// <summary>Flushes a directory, so that names in it survive a crash.</summary>
    public static void SyncDirectory(string path) => Sync(path, fsync, "directory");

    /// <summary>Flushes the file system that a directory is on.</summary>
    public static void SyncFileSystem(string path) => Sync(path, syncfs, "the file system of");

    /// <summary>Opens a terminal for reading without making it the controlling terminal of this process.</summary>
    public static SafeFileHandle OpenTerminal(string path)
    {
        var descriptor = open(path, ReadOnlyTerminal);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"cannot open terminal '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Asks a process to end; false when it is gone.</summary>
    public static bool SignalTerminate(int pid) => kill(pid, Terminate) == 0;

    /// <summary>Ends a process; false when it is gone.</summary>
    public static bool SignalKill(int pid) => kill(pid, Kill) == 0;

    /// <summary>Removes a directory as the kernel sees it: in a cgroup hierarchy the files inside do not count.</summary>
    public static bool RemoveDirectory(string path) => rmdir(path) == 0;

    private static void Sync(string path, Func<int, int> flush, string what)
    {
        var descriptor = open(path, ReadOnlyDirectory);
        if (descriptor < 0) throw new IOException($"cannot open directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (flush(descriptor) != 0) throw new IOException($"cannot flush {what} '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int directory, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
