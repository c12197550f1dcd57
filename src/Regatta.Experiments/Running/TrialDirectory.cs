namespace Regatta.Experiments.Running;

/// <summary>The directory of a trial that is run by itself: prepared beside its place under another name, and removed unless it appears.</summary>
internal sealed class TrialDirectory : IDisposable
{
    internal const string Logs = "logs";

    private readonly string _place;
    private readonly string _aside;
    private int _attempts;

    /// <summary>Begins a directory.</summary>
    /// <param name="output">Its place; nothing is there.</param>
    /// <exception cref="DiagnosticException">It cannot be written.</exception>
    public TrialDirectory(string output)
    {
        _place = Path.GetFullPath(output);
        Draft = Path.Combine(Path.GetDirectoryName(_place)!, $".{Path.GetFileName(_place)}.{Guid.NewGuid().ToString("N")[..8]}.draft");
        _aside = Draft + "." + Logs;
        Place = new TrialPlace(Begin, KeepLogs);
        try
        {
            Directory.CreateDirectory(Draft);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("output-unwritable", $"'{output}' cannot be written") with { Detail = exception.Message, Help = "name another directory with --output" }, exception);
        }
    }

    /// <summary>Where it is prepared.</summary>
    public string Draft { get; }

    /// <summary>Where the trial's files go.</summary>
    public TrialPlace Place { get; }

    /// <summary>Puts it in its place.</summary>
    public void Appear()
    {
        if (Directory.Exists(_aside))
        {
            var logs = Directory.CreateDirectory(Path.Combine(Draft, Logs)).FullName;
            foreach (var attempt in Directory.EnumerateDirectories(_aside)) Directory.Move(attempt, Path.Combine(logs, Path.GetFileName(attempt)));
        }

        Directory.Move(Draft, _place);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rest in new[] { Draft, _aside }.Where(Directory.Exists)) Directory.Delete(rest, recursive: true);
    }

    private string Begin() => Directory.CreateDirectory(Draft).FullName;

    private void KeepLogs(string logs)
    {
        Directory.CreateDirectory(_aside);
        Directory.Move(logs, Path.Combine(_aside, string.Create(CultureInfo.InvariantCulture, $"failed-{++_attempts}")));
    }
}
