using System.ComponentModel;
using System.Diagnostics;

namespace Regatta.Cli.Commands;

/// <summary>The desktop that the program was started from, where there is one.</summary>
internal static class Desktop
{
    /// <summary>Opens a page in the user's browser. Where there is no desktop, or nothing that opens pages, nothing happens: the address was told.</summary>
    public static void Open(Uri url)
    {
        if (Environment.GetEnvironmentVariable("DISPLAY") is not { Length: > 0 } && Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is not { Length: > 0 }) return;
        try
        {
            using var _ = Process.Start(new ProcessStartInfo("setsid", ["--fork", "sh", "-c", "exec xdg-open \"$0\" </dev/null >/dev/null 2>&1", url.ToString()]) { UseShellExecute = false });
        }
        catch (Win32Exception)
        {
            // The URL stands in the terminal.
        }
    }
}
