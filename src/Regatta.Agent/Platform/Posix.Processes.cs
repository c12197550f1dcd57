using System.Runtime.InteropServices;

namespace Regatta.Agent.Platform;

/// <summary>Processes and signals.</summary>
internal static unsafe partial class Posix
{
    public const int SigTerm = 15;
    private const int SpawnSetSignalDefault = 0x04;

    /// <summary>Starts a program that inherits all but the signal dispositions of this runtime; its process id.</summary>
    public static int Spawn(IReadOnlyList<string> command, out int error)
    {
        var attributes = stackalloc byte[1024]; // posix_spawnattr_t has 336 bytes with glibc on x86-64
        var signals = stackalloc byte[128];
        var arguments = stackalloc byte*[command.Count + 1];
        for (var i = 0; i < command.Count; i++) arguments[i] = (byte*)Marshal.StringToCoTaskMemUTF8(command[i]);
        arguments[command.Count] = null;
        _ = SpawnAttributesInit(attributes);
        _ = SigFillSet(signals);
        _ = SpawnAttributesSetSignalDefault(attributes, signals);
        _ = SpawnAttributesSetFlags(attributes, SpawnSetSignalDefault);
        int process;
        error = SpawnProgram(&process, arguments[0], null, attributes, arguments, GetEnvironment());
        return process;
    }

    /// <summary>Waits for a process; its raw wait status.</summary>
    public static int Wait(int process)
    {
        int status;
        while (WaitPid(process, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != 4 /* EINTR */) throw Failure($"cannot wait for process {process}");
        }

        return status;
    }

    /// <summary>Sends a signal.</summary>
    public static void Signal(int process, int signal) => _ = Kill(process, signal);

    /// <summary>Ends this process by a signal, as if it had no handler.</summary>
    public static void DieBy(int signal)
    {
        _ = SetSignal(signal, 0);
        _ = Kill(Environment.ProcessId, signal);
    }

    private static byte** GetEnvironment()
    {
        var variables = Environment.GetEnvironmentVariables();
        var block = (byte**)NativeMemory.Alloc((nuint)(variables.Count + 1), (nuint)sizeof(byte*));
        var i = 0;
        foreach (System.Collections.DictionaryEntry variable in variables) block[i++] = (byte*)Marshal.StringToCoTaskMemUTF8($"{variable.Key}={variable.Value}");
        block[i] = null;
        return block;
    }

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int process, int* status, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int SigFillSet(byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int SpawnAttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SpawnAttributesSetSignalDefault(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SpawnAttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    private static partial int SpawnProgram(int* process, byte* file, void* actions, byte* attributes, byte** arguments, byte** environment);
}
