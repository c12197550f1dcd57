using System.Runtime.InteropServices;

namespace Regatta.Ansible;

/// <summary>Signals to a process that leads a session, and to all that it started.</summary>
internal static partial class ProcessGroup
{
    private const int Terminate = 15;
    private const int Kill = 9;

    /// <summary>Asks the group to end; kills what is left of it after <paramref name="grace"/>.</summary>
    public static async Task EndAsync(int leader, TimeSpan grace, TimeProvider time)
    {
        if (Send(-leader, Terminate) != 0) return;
        var limit = time.GetTimestamp();
        while (time.GetElapsedTime(limit) < grace)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time).ConfigureAwait(false);
            if (Send(-leader, 0) != 0) return;
        }

        _ = Send(-leader, Kill);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int process, int signal);
}
