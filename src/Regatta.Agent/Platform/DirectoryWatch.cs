namespace Regatta.Agent.Platform;

/// <summary>
/// Waits for changes in a directory (inotify). What happens after it was made is not missed: a wait that begins later ends at once.
/// </summary>
internal sealed class DirectoryWatch : IDisposable
{
    private readonly int _notices;
    private readonly int _stop = Posix.NewEvent();

    /// <summary>Watches a directory that exists.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="writes">Also wakes when a file in it is written to, and not only when one appears.</param>
    /// <exception cref="DiagnosticException">The kernel allows no further watch.</exception>
    public DirectoryWatch(string directory, bool writes)
    {
        try
        {
            _notices = Posix.Watch(directory, writes);
        }
        catch (IOException exception)
        {
            Posix.CloseEvent(_stop);
            throw new DiagnosticException(
                Diagnostic.Error("agent-watch", exception.Message) with { Help = "sysctl -w fs.inotify.max_user_instances=2048" }, exception);
        }
    }

    /// <summary>Waits until something changed or the time has passed; false once it was stopped.</summary>
    /// <param name="limit">The longest wait; null waits for ever.</param>
    public bool Wait(TimeSpan? limit) => Posix.WaitForNotice(_notices, _stop, limit);

    /// <summary>Ends a wait of another thread, and all that come after.</summary>
    public void Stop() => Posix.Wake(_stop);

    public void Dispose()
    {
        Posix.CloseEvent(_notices);
        Posix.CloseEvent(_stop);
    }
}
