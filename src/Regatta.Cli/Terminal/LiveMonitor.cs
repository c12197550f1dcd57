using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>Activities on a terminal: what runs is redrawn at the bottom, what ended stays above as a line.</summary>
internal sealed class LiveMonitor : IActivityMonitor
{
    private const int MostRows = 12;
    private static readonly string[] Frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<Row> _rows = [];
    private readonly Queue<IRenderable> _ended = new();
    private int _frame;

    private LiveMonitor(IAnsiConsole console, TimeProvider time)
    {
        _console = console;
        _time = time;
    }

    public static async Task<T> RunAsync<T>(IAnsiConsole console, TimeProvider time, Func<IActivityMonitor, Task<T>> work)
    {
        var monitor = new LiveMonitor(console, time);
        return await console.Live(new Text("")).AutoClear(true).StartAsync(async context =>
        {
            var running = Task.Run(() => work(monitor));
            while (!running.IsCompleted)
            {
                monitor.Draw(context);
                await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(100), time));
            }

            monitor.Draw(context);
            return await running;
        });
    }

    public void Report(Activity activity)
    {
        lock (_gate)
        {
            var index = _rows.FindIndex(r => r.Activity.Stage == activity.Stage && r.Activity.Subject == activity.Subject);
            var since = index < 0 ? _time.GetTimestamp() : _rows[index].Since;
            if (activity.State == ActivityState.Running)
            {
                if (index < 0) _rows.Add(new Row(activity, since));
                else _rows[index] = new Row(activity, since);
                return;
            }

            if (index >= 0) _rows.RemoveAt(index);
            _ended.Enqueue(Ended(activity, activity.Elapsed ?? (index >= 0 ? _time.GetElapsedTime(since) : null)));
        }
    }

    private void Draw(LiveDisplayContext context)
    {
        lock (_gate)
        {
            while (_ended.TryDequeue(out var line)) _console.Write(line);
            _frame = (_frame + 1) % Frames.Length;
            var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
            foreach (var row in _rows.TakeLast(MostRows))
            {
                var fraction = row.Activity.Fraction is { } f ? string.Create(CultureInfo.InvariantCulture, $" {f:P0}") : "";
                grid.AddRow(
                    new Text($"{Frames[_frame]} {row.Activity.Stage}", new Style(Color.Blue)),
                    new Text(row.Activity.Subject, new Style(decoration: Decoration.Bold)),
                    new Text(string.Create(CultureInfo.InvariantCulture, $"{row.Activity.Text}{fraction}  {_time.GetElapsedTime(row.Since).TotalSeconds:F0} s")).Overflow(Overflow.Ellipsis));
            }

            if (_rows.Count > MostRows) grid.AddRow(new Text(""), new Text(""), new Text($"… and {_rows.Count - MostRows} more"));
            context.UpdateTarget(grid);
        }
    }

    private static Paragraph Ended(Activity activity, TimeSpan? elapsed)
    {
        var (mark, colour) = activity.State switch
        {
            ActivityState.Failed => ("✗", Color.Red),
            ActivityState.Unchanged => ("·", Color.Grey),
            _ => ("✓", Color.Green),
        };
        var line = new Paragraph();
        line.Append($"{mark} {activity.Stage} ", new Style(colour));
        line.Append(activity.Subject, new Style(decoration: Decoration.Bold));
        line.Append($" {activity.Text}");
        line.Append(LineMonitor.Took(activity, elapsed) + "\n", new Style(Color.Grey));
        if (activity is { State: ActivityState.Failed, Detail: { } detail })
            line.Append("    " + detail.TrimEnd().ReplaceLineEndings("\n    ") + "\n");
        return line;
    }

    private sealed record Row(Activity Activity, long Since);
}
