namespace Regatta.Host;

/// <summary>Copies what a terminal device prints to a file, for as long as both live.</summary>
public static class TerminalLog
{
    /// <summary>Begins to copy in the background; ends when the other side of the terminal closes.</summary>
    /// <param name="terminal">The device, such as <c>/dev/pts/3</c>.</param>
    /// <param name="file">The file, appended to.</param>
    /// <exception cref="IOException">The device cannot be opened.</exception>
    public static void Start(string terminal, string file)
    {
        var handle = Posix.OpenTerminal(terminal);
        var log = new FileStream(file, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, UnixCreateMode = DurableFile.Private });
        // A read of a terminal cannot be cancelled: it has a thread that does not keep the process alive.
        new Thread(() => Copy(handle, log)) { IsBackground = true, Name = "console log" }.Start();
    }

    private static void Copy(Microsoft.Win32.SafeHandles.SafeFileHandle terminal, FileStream log)
    {
        using (terminal)
        using (log)
        using (var input = new FileStream(terminal, FileAccess.Read, bufferSize: 0))
        {
            var buffer = new byte[4096];
            try
            {
                for (var count = input.Read(buffer); count > 0; count = input.Read(buffer)) log.Write(buffer.AsSpan(0, count));
            }
            catch (IOException)
            {
                // The other side has closed: that is how a terminal says its end.
            }
        }
    }
}
