using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>
/// Writes events as lines: at once into the file, and to the disk in groups, so that a slow disk delays no submission.
/// Either a whole group is in the file or none of it.
/// </summary>
internal sealed class EventLog : IAsyncDisposable
{
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(250);

    private readonly Channel<JobEvent> _events = Channel.CreateUnbounded<JobEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SafeFileHandle _file;
    private readonly Task _writing;
    private long _length;

    public EventLog(string path, FileMode mode = FileMode.CreateNew)
    {
        _file = File.OpenHandle(path, mode, FileAccess.Write, FileShare.Read);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Ends when all is written, or fails when something cannot be.</summary>
    public Task Writing => _writing;

    /// <summary>Adds an event; never waits.</summary>
    public void Add(JobEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>Writes what is left, to the disk.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task CompleteAsync()
    {
        _events.Writer.TryComplete();
        await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _file.Dispose();
    }

    private async Task WriteAsync()
    {
        using var buffer = new MemoryStream();
        var reader = _events.Reader;
        var flushed = Environment.TickCount64;
        var dirty = false;
        while (true)
        {
            while (reader.TryRead(out var happened))
            {
                buffer.Write(ReplayJson.Line(happened));
                buffer.WriteByte((byte)'\n');
            }

            if (buffer.Length > 0)
            {
                Append(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
                buffer.SetLength(0);
                dirty = true;
            }

            if (dirty && Environment.TickCount64 - flushed >= FlushEvery.TotalMilliseconds)
            {
                RandomAccess.FlushToDisk(_file);
                (dirty, flushed) = (false, Environment.TickCount64);
            }

            var more = reader.WaitToReadAsync().AsTask();
            if (dirty) await Task.WhenAny(more, Task.Delay(FlushEvery));
            else await more;
            if (more.IsCompleted && !await more) break;
        }

        if (dirty) RandomAccess.FlushToDisk(_file);
    }

    private void Append(ReadOnlySpan<byte> lines)
    {
        try
        {
            RandomAccess.Write(_file, lines, _length);
            _length += lines.Length;
        }
        catch (IOException cause)
        {
            try
            {
                RandomAccess.SetLength(_file, _length);
            }
            catch (IOException torn)
            {
                // The first fault is the one to mend; the second only says that the file may end in half a line.
                throw new IOException($"{cause.Message}; its last line may be torn: {torn.Message}", cause);
            }

            throw;
        }
    }
}
