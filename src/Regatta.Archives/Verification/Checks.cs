using System.Text.Json.Nodes;

namespace Regatta.Archives.Verification;

/// <summary>The checks of one subject, in the order in which they were made.</summary>
/// <param name="subject">The run, or the run with <c>POINT/REPETITION</c>.</param>
internal sealed class Checks(string subject)
{
    private readonly ImmutableArray<VerificationItem>.Builder _items = ImmutableArray.CreateBuilder<VerificationItem>();

    /// <summary>The checks so far.</summary>
    public ImmutableArray<VerificationItem> Items => _items.ToImmutable();

    /// <summary>Adds what became of a check.</summary>
    public void Add(string check, VerificationResult result, string text, ImmutableArray<NumberDifference> differences = default) =>
        _items.Add(new VerificationItem(subject, check, result, text) { Differences = differences.IsDefault ? [] : differences });

    /// <summary>Compares what was recorded with what was computed again.</summary>
    /// <param name="check">The check.</param>
    /// <param name="recorded">What was recorded.</param>
    /// <param name="own">What it should be.</param>
    /// <param name="words">Whether texts are compared.</param>
    public void Compare(string check, JsonNode? recorded, JsonNode? own, bool words)
    {
        var comparison = new NumberComparison(words);
        comparison.Compare("", recorded, own);
        var differences = comparison.Differences;
        if (comparison.Undefined.Count > 0) Add(check, VerificationResult.NotChecked, $"this version of the program no longer defines {string.Join(", ", comparison.Undefined)}");
        if (comparison.Newer.Count > 0) Add(check, VerificationResult.NotChecked, $"the report is older than {string.Join(", ", comparison.Newer)}");
        if (differences.IsEmpty) Add(check, VerificationResult.Passed, string.Create(CultureInfo.InvariantCulture, $"{comparison.Compared:#,0} values of the {check} are what the events give"));
        else Add(check, VerificationResult.Failed, string.Create(CultureInfo.InvariantCulture, $"{differences.Length} of {comparison.Compared:#,0} values of the {check} are not what the events give"), differences);
    }
}
