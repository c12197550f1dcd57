using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Regatta.Host;

namespace Regatta.EndToEnd;

/// <summary>The program while it runs: a test reads its lines, and ends it as a user or a crash would.</summary>
public sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _said = new();

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
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Hear(e.Data, last: true);
        _process.ErrorDataReceived += (_, e) => Hear(e.Data, last: false);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything it said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>Waits until a line has all of some words; fails with everything it said when it ends before.</summary>
    public async Task<string> HearAsync(params string[] words)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (words.All(w => line.Contains(w, StringComparison.Ordinal))) return line;
        }

        throw new InvalidOperationException($"it ended without saying '{string.Join(' ', words)}':\n{Said}");
    }

    /// <summary>Ends it as <c>kill -9</c> does: no chance to clean up.</summary>
    public async Task<int> KillAsync()
    {
        _process.Kill();
        return await EndAsync();
    }

    /// <summary>Ctrl-C, and the end.</summary>
    public async Task<int> InterruptAsync()
    {
        await SendInterruptAsync();
        return await EndAsync();
    }

    /// <summary>Ctrl-C again, as often as it takes, and the end: what comes together with the first one counts as one with it.</summary>
    public async Task<int> InterruptAgainAsync()
    {
        var end = EndAsync();
        do
        {
            // It may end meanwhile.
            await HostTool.TryAsync("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)], TestContext.Current.CancellationToken);
        }
        while (await Task.WhenAny(end, Task.Delay(200, TestContext.Current.CancellationToken)) != end);
        return await end;
    }

    /// <summary>Ctrl-C alone.</summary>
    public Task SendInterruptAsync() => HostTool.RunAsync("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)], TestContext.Current.CancellationToken);

    /// <summary>Its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            // What it owned is nobody's only when it has ended.
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Hear(string? line, bool last)
    {
        if (line is null)
        {
            if (last) _lines.Writer.TryComplete();
            return;
        }

        lock (_said) _said.AppendLine(line);
        _lines.Writer.TryWrite(line);
    }
}
