using System.Text;

namespace Regatta.Cli.Terminal;

/// <summary>
/// A writer that never throws for what it writes to: the first error is kept, and all that comes after it is dropped. A command whose output nobody can read
/// any more still cleans up.
/// </summary>
/// <param name="open">Opens what is written to, at the first write.</param>
internal sealed class GuardedWriter(Func<TextWriter> open) : TextWriter
{
    private readonly Lock _gate = new();
    private TextWriter? _inner;

    /// <summary>The first error, or null.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => Guard(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Guard(writer => writer.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Guard(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void WriteLine() => Guard(writer => writer.WriteLine());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Guard(writer => writer.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Guard(writer => writer.Flush());

    private void Guard(Action<TextWriter> write)
    {
        lock (_gate)
        {
            if (Fault is not null) return;
            try
            {
                write(_inner ??= open());
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                Fault = exception;
            }
        }
    }
}
