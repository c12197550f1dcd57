using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>A scheduler from inside in one trial.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition.</param>
/// <param name="Length">Length of the trial in seconds.</param>
/// <param name="Series">What is drawn of it.</param>
/// <param name="Words">What it comes to, in sentences.</param>
public sealed record InsideView(string Point, int Repetition, double Length, ImmutableArray<InsideSeries> Series, ImmutableArray<string> Words)
{
    /// <summary>The faults on its time axis.</summary>
    public ImmutableArray<FaultMark> Faults { get; init; } = [];
}
