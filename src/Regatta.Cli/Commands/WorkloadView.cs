using System.Text.Json.Serialization;
using Regatta.Workloads;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Commands;

/// <summary>How a workload looks on a terminal: a table of its numbers and four pictures.</summary>
internal static partial class WorkloadView
{
    public static IRenderable Render(WorkloadSummary s, int width)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
        string Number(double value, string format = "0.##") => value.ToString(format, CultureInfo.InvariantCulture);
        Row("jobs", $"{s.Jobs}{(s.Users > 0 ? $" of {s.Users} users" : "")}");
        Row("submitted over", Time(s.Span));
        Row("load", s.Load is { } load ? $"{Number(load, "0.###")} on {s.Processors} processors" : "all jobs come at once");
        Row("work", $"{Number(s.Work / 3600, "0.###")} processor hours; no makespan on {s.Processors} processors below {Time(s.LowerBound)}");
        Row("sizes", $"mean {Number(s.MeanSize)}, largest {s.LargestSize}; {Number(s.SerialShare * 100, "0.#")} % serial, {Number(s.PowerOfTwoShare * 100, "0.#")} % of the others powers of two");
        Row("run times", $"mean {Time(s.MeanRunTime)}, median {Time(s.MedianRunTime)}, longest {Time(s.LongestRunTime)}");
        Row("requested times", s.Accuracy is { } accuracy
            ? $"{Number(s.RequestedShare * 100, "0.#")} % of the jobs, {s.DistinctRequests} different ones; run time is {Number(accuracy * 100, "0.#")} % of it on average; {s.TimedOut} jobs run into it"
            : "none");
        if (s.Dependent > 0) Row("dependencies", $"{s.Dependent} jobs wait for another");
        List<IRenderable> parts = [new Text(s.Name, new Style(decoration: Decoration.Bold)), table];
        AddChart(parts, "Sizes (processors)", s.Sizes, width, Color.Blue);
        AddChart(parts, "Run times (from)", s.RunTimes, width, Color.Orange1);
        AddChart(parts, "Time since the submission before (from)", s.InterArrivals, width, Color.Teal);
        AddChart(parts, $"Submissions by hour of the day ({s.DailyCycleZone})", s.DailyCycle, width, Color.Purple);
        return new Rows(parts);
    }

    private static void AddChart(List<IRenderable> parts, string title, ImmutableArray<HistogramBar> bars, int width, Color colour)
    {
        if (bars.IsEmpty) return;
        var chart = new BarChart().Width(Math.Min(width, 100)).Label(title).LeftAlignLabel();
        foreach (var bar in bars) chart.AddItem(Markup.Escape(bar.Label), bar.Count, colour);
        parts.Add(Text.Empty);
        parts.Add(chart);
    }

    private static string Time(double seconds) => seconds switch
    {
        < 120 => seconds.ToString("0.###", CultureInfo.InvariantCulture) + " s",
        < 7200 => (seconds / 60).ToString("0.#", CultureInfo.InvariantCulture) + " min",
        < 2 * 86400 => (seconds / 3600).ToString("0.#", CultureInfo.InvariantCulture) + " h",
        _ => (seconds / 86400).ToString("0.#", CultureInfo.InvariantCulture) + " d",
    };

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(WorkloadSummary))]
    [JsonSerializable(typeof(TraceNames))]
    internal sealed partial class Json : JsonSerializerContext;
}
