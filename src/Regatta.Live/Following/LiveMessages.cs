using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Reports.Charts;
using Regatta.Workloads;

namespace Regatta.Live.Following;

/// <summary>A message to the page: a kind and JSON.</summary>
/// <param name="Kind">Name of the event.</param>
/// <param name="Json">UTF-8, one line.</param>
internal readonly record struct LiveMessage(string Kind, byte[] Json);

/// <summary>A run as its plan says; sent first.</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">The experiment's name.</param>
/// <param name="Points">What is compared.</param>
/// <param name="Trials">The trials in their order: number of the point, repetition.</param>
internal sealed record RunPlanned(int Run, string Id, string Name, ImmutableArray<PointPlanned> Points, ImmutableArray<int[]> Trials);

/// <summary>A point of a plan.</summary>
internal sealed record PointPlanned(string Name, string Scheduler, string Profile, string Workload, int Jobs, int Processors, int Workers, string Machines);

/// <summary>How far a run is.</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="States">A character for each trial: <c>.</c> waits, <c>&gt;</c> runs, <c>v</c> valid, <c>c</c> limited by the client, <c>x</c> invalid, <c>d</c> ended, <c>f</c> failed, <c>-</c> not needed.</param>
/// <param name="Attended">Whether a program works on it.</param>
/// <param name="Complete">Whether no trial is needed any more.</param>
/// <param name="UnderWay">Trials that began and have not ended.</param>
/// <param name="Began">When the last of them began, UTC milliseconds since 1970-01-01; null where none is.</param>
/// <param name="Doing">What the journal said last.</param>
/// <param name="Left">Seconds that the rest is expected to take; null where nobody knows.</param>
/// <param name="Failures">What failed or may not be compared, and why; the newest first.</param>
/// <param name="News">The last lines of the journal, the newest first.</param>
/// <param name="Report">Whether there is a report.</param>
internal sealed record RunState(
    int Run, string States, bool Attended, bool Complete, ImmutableArray<string> UnderWay, long? Began, string Doing, double? Left, ImmutableArray<NewsLine> Failures, ImmutableArray<NewsLine> News, bool Report);

/// <summary>A line of news.</summary>
/// <param name="Time">UTC milliseconds since 1970-01-01.</param>
/// <param name="Subject">What it speaks of.</param>
/// <param name="Text">What it says.</param>
internal sealed record NewsLine(long Time, string Subject, string Text);

/// <summary>The trial that is shown from here on, from its beginning.</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="Trial">As <c>POINT/REPETITION</c>.</param>
/// <param name="Point">Its point.</param>
/// <param name="Repetition">Its repetition.</param>
/// <param name="Jobs">Jobs of its workload.</param>
/// <param name="Processors">Processors of the machine.</param>
/// <param name="Lanes">Lanes of its Gantt chart.</param>
/// <param name="Nodes">Its nodes from top to bottom.</param>
/// <param name="LatenessBound">Bound on the client's lateness, microseconds.</param>
internal sealed record TrialBegun(int Run, string Trial, string Point, int Repetition, int Jobs, int Processors, int Lanes, ImmutableArray<GanttNode> Nodes, long LatenessBound);

/// <summary>A trial that has ended, whole: its stamps are those of its payloads.</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="Trial">As <c>POINT/REPETITION</c>.</param>
/// <param name="Chart">Its Gantt chart.</param>
/// <param name="Course">Utilisation and queue.</param>
/// <param name="Counts">Jobs by how far they came.</param>
/// <param name="Lateness">The client's lateness; null where nothing was sent.</param>
/// <param name="LatenessBound">Its bound, microseconds.</param>
/// <param name="Verdict">Whether it may be compared.</param>
internal sealed record TrialWhole(int Run, string Trial, GanttChart Chart, TimeCourse Course, LiveCounts Counts, LiveLateness? Lateness, long LatenessBound, string Verdict);

/// <summary>What was sampled of a scheduler from inside: over a trial that has ended (<c>inside</c>), or what has come since the last time of one that goes on (<c>sampled</c>).</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="Series">The series that are not the same all along; of a trial that goes on, only the times at which they changed.</param>
internal sealed record TrialSampled(int Run, ImmutableArray<InsideSeries> Series);

/// <summary>A value over time.</summary>
/// <param name="Name">What it is, with its labels.</param>
/// <param name="X">Seconds from the start of the trial.</param>
/// <param name="Y">As many values.</param>
internal sealed record InsideSeries(string Name, ImmutableArray<double> X, ImmutableArray<double> Y);

/// <summary>What is new of the trial that is shown.</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="Update">What is new.</param>
internal sealed record TrialNews(int Run, LiveUpdate Update);

/// <summary>What is new of a trial.</summary>
/// <param name="Now">Seconds from the start of the workload.</param>
/// <param name="Started">Jobs that were given nodes.</param>
/// <param name="Ended">Jobs that gave them back, or of which it is known now how they ended.</param>
/// <param name="Counts">Jobs by how far they came.</param>
/// <param name="Lateness">The client's lateness; null where nothing was sent.</param>
/// <param name="Spans">Utilisation and queue.</param>
internal sealed record LiveUpdate(double Now, ImmutableArray<StartedBox> Started, ImmutableArray<EndedBox> Ended, LiveCounts Counts, LiveLateness? Lateness, LiveSpans Spans);

/// <summary>A job that was given nodes; the n-th of a trial is number n, from 0.</summary>
/// <param name="Job">Its number.</param>
/// <param name="Submit">When it was sent, seconds from the start.</param>
/// <param name="Start">When it was given nodes.</param>
/// <param name="Size">Processors.</param>
/// <param name="User">User; -1 unknown.</param>
/// <param name="RunTime">How long it will run, seconds.</param>
/// <param name="Lanes">First lane and number of lanes, again and again.</param>
internal sealed record StartedBox(long Job, double Submit, double Start, int Size, int User, double RunTime, int[] Lanes);

/// <summary>A job that gave its nodes back.</summary>
/// <param name="Box">Which of those that were given nodes.</param>
/// <param name="Finish">When, seconds from the start.</param>
/// <param name="State">How it ended, as the number of <see cref="JobState"/>; 0 while that is not known.</param>
internal sealed record EndedBox(int Box, double Finish, int State);

/// <summary>Spans of a trial's time, from one on.</summary>
/// <param name="Width">Length of each, seconds.</param>
/// <param name="From">Number of the first, from 0.</param>
/// <param name="Busy">Mean of the processors that ran jobs.</param>
/// <param name="Waiting">Jobs that waited at its end.</param>
internal sealed record LiveSpans(double Width, int From, double[] Busy, double[] Waiting);

/// <summary>Percentiles of the client's lateness, microseconds.</summary>
internal sealed record LiveLateness(int Count, long P50, long P99, long Max)
{
    /// <summary>What the page is told of a summary.</summary>
    public static LiveLateness Of(LatenessSummary summary) => new(summary.Count, summary.P50, summary.P99, summary.Max);
}

/// <summary>Jobs by how far they came.</summary>
internal sealed class LiveCounts
{
    /// <summary>Jobs of the workload.</summary>
    public int Jobs { get; set; }

    /// <summary>Sent.</summary>
    public int Sent { get; set; }

    /// <summary>Taken by the scheduler.</summary>
    public int Accepted { get; set; }

    /// <summary>Wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Run.</summary>
    public int Running { get; set; }

    /// <summary>Ended, those that were rejected included.</summary>
    public int Ended { get; set; }

    /// <summary>How often one was put back into the queue.</summary>
    public int Requeued { get; set; }

    /// <summary>Those that ended otherwise than well.</summary>
    public SortedDictionary<JobState, int> Bad { get; set; } = [];

    /// <summary>As it is now.</summary>
    public LiveCounts Copy() => new() { Jobs = Jobs, Sent = Sent, Accepted = Accepted, Waiting = Waiting, Running = Running, Ended = Ended, Requeued = Requeued, Bad = new(Bad) };
}

/// <summary>What went wrong while a run was read; it is read again.</summary>
/// <param name="Run">Number of the run on the page.</param>
/// <param name="Text">What.</param>
internal sealed record RunUnread(int Run, string Text);

/// <summary>JSON of the messages.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunPlanned)), JsonSerializable(typeof(RunState)), JsonSerializable(typeof(TrialBegun)), JsonSerializable(typeof(TrialWhole)), JsonSerializable(typeof(TrialNews)), JsonSerializable(typeof(TrialSampled)), JsonSerializable(typeof(RunUnread))]
internal sealed partial class LiveJson : JsonSerializerContext
{
    /// <summary>A message.</summary>
    public static LiveMessage Message<T>(string kind, T value) => new(kind, JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), Default));
}
