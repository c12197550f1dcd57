using Regatta.Runs;

namespace Regatta.Experiments.Replay;

/// <summary>Keeps what was written on nodes with a trial: <c>logs/NODE/NAME</c>.</summary>
/// <param name="shell">The way to the nodes.</param>
/// <param name="directory">The trial's <c>logs/</c>.</param>
internal sealed class NodeLogs(NodeShell shell, string directory)
{
    /// <summary>The most that is kept of one log, in bytes: its end.</summary>
    public const int Most = 16 << 20;

    /// <summary>Saves the end of a file of a node; none where there is no such file.</summary>
    public Task SaveAsync(string node, string name, string path, CancellationToken cancellation) => SaveOutputAsync(
        node, name,
        string.Create(CultureInfo.InvariantCulture, $"[ -f {path} ] || exit 0; n=$(($(stat -c %s {path}) - {Most})); [ $n -le 0 ] || echo \"[the first $n bytes are left out]\"; exec tail -c {Most} {path}"),
        cancellation);

    /// <summary>Saves what a script on a node prints; nothing where it prints nothing. What cannot be had is said in the file's place: a log that lacks does not cost the trial.</summary>
    public async Task SaveOutputAsync(string node, string name, string script, CancellationToken cancellation)
    {
        byte[] text;
        try
        {
            var reply = await shell.ReadAsync(node, script, TimeSpan.FromSeconds(10), cancellation);
            text = reply.Code == 0 ? reply.Output : System.Text.Encoding.UTF8.GetBytes($"[it could not be read: {reply.LastLine}]\n");
        }
        catch (OperationCanceledException)
        {
            text = "[it could not be read in time]\n"u8.ToArray();
        }

        if (text.Length == 0) return;
        var folder = Directory.CreateDirectory(Path.Combine(directory, node)).FullName;
        LogFiles.Write(Path.Combine(folder, name), text);
    }

    /// <summary>Saves the end of a file of this host.</summary>
    public void SaveLocal(string node, string name, string path)
    {
        if (!File.Exists(path)) return;
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (source.Length == 0) return;
        source.Seek(Math.Max(0, source.Length - Most), SeekOrigin.Begin);
        var folder = Directory.CreateDirectory(Path.Combine(directory, node)).FullName;
        using var text = new MemoryStream();
        source.CopyTo(text);
        LogFiles.Write(Path.Combine(folder, name), text.GetBuffer().AsSpan(0, (int)text.Length));
    }
}
