using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Regatta.Host;
using Xunit;

namespace Regatta.EndToEnd;

/// <summary>The program while it runs: a test reads its lines, and ends it as a user or a crash would.</summary>
public sealed class RunningProgram : IDisposable
{
    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder said = new();

    public RunningProgram(IEnumerable<string> arguments, string directory, IReadOnlyDictionary<string, string?> environment)
    {
        // A background shell starts its children deaf to Ctrl-C; a user's shell does not. Neither env nor the launcher forks.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", RegattaProgram.Launcher, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Hear(e.Data, last: true);
        process.ErrorDataReceived += (_, e) => Hear(e.Data, last: false);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything it said so far.</summary>
    public string Said
    {
        get
        {
            lock (said) return said.ToString();
        }
    }

    /// <summary>Waits until a line has all of some words; fails with everything it said when it ends before.</summary>
    public async Task<string> HearAsync(params string[] words)
    {
        await foreach (var line in lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (words.All(w => line.Contains(w, StringComparison.Ordinal))) return line;
        }

        throw new InvalidOperationException($"it ended without saying '{string.Join(' ', words)}':\n{Said}");
    }

    /// <summary>Ends it as <c>kill -9</c> does: no chance to clean up.</summary>
    public async Task<int> KillAsync()
    {
        process.Kill();
        return await EndAsync();
    }

    /// <summary>Ctrl-C, and the end.</summary>
    public async Task<int> InterruptAsync()
    {
        await SendInterruptAsync();
        return await EndAsync();
    }

    /// <summary>Ctrl-C alone.</summary>
    public Task SendInterruptAsync() => HostTool.RunAsync("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)], TestContext.Current.CancellationToken);

    /// <summary>Its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private void Hear(string? line, bool last)
    {
        if (line is null)
        {
            if (last) lines.Writer.TryComplete();
            return;
        }

        lock (said) said.AppendLine(line);
        lines.Writer.TryWrite(line);
    }
}
