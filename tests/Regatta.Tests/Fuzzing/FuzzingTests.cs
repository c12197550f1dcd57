using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Regatta.Agent.Drivers.Flux;
using Regatta.Images.Payloads;

namespace Regatta.Tests.Fuzzing;

/// <summary>
/// Every kind of file that the program reads, changed at random: whatever comes in, the answer is a result or a diagnostic. A minute of it runs with every
/// test; <c>REGATTA_FUZZ_INPUTS=1000000</c> runs so many inputs, and <c>REGATTA_FUZZ_SEED</c> begins with another seed than 1.
/// </summary>
public sealed class FuzzingTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    // No input may keep a reader for so long, on however busy a machine.
    private static readonly TimeSpan Hangs = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Whatever_is_read_gives_a_result_or_a_diagnostic()
    {
        var wanted = Number("REGATTA_FUZZ_INPUTS", 0);
        var first = (int)Number("REGATTA_FUZZ_SEED", 1);
        using var run = await FuzzedRun.MakeAsync();
        FuzzKind[] kinds = [.. FuzzKind.All, .. run.Kinds()];
        var tallies = kinds.ToDictionary(k => k, k => new Tally(new Mutator(first)));
        var clock = Stopwatch.StartNew();
        // Kinds take turns for a slice of time each, so that quick and slow readers get the same share.
        while (wanted > 0 ? tallies.Values.Sum(t => t.Inputs) < wanted : clock.Elapsed < Minute || tallies.Values.Any(t => t.Inputs == 0))
        {
            foreach (var (kind, tally) in tallies) await SliceAsync(kind, tally);
        }

        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"{tallies.Values.Sum(t => t.Inputs):#,0} inputs of {kinds.Length} kinds in {clock.Elapsed.TotalSeconds:F0} s from seed {first}: {tallies.Values.Sum(t => t.Faults.Values.Sum(f => f.Count))} unhandled exceptions");
        foreach (var (kind, tally) in tallies)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"{kind.Name,-20} {tally.Inputs,9:#,0} inputs, {tally.Refused,9:#,0} refused with a diagnostic, the slowest {tally.Slowest.TotalSeconds:F2} s");
            foreach (var (fault, (count, input)) in tally.Faults) report.AppendLine(CultureInfo.InvariantCulture, $"    {count} times {fault}\n        such as {Convert.ToBase64String(input)}");
        }

        output.WriteLine(report.ToString());
        TestContext.Current.SendDiagnosticMessage(report.ToString());
        Assert.True(tallies.Values.All(t => t.Faults.Count == 0), report.ToString());
        // Inputs that are all refused, or all taken, reach nothing behind the parser, or are not changed.
        Assert.All(tallies.Where(t => t.Value.Inputs > 1000), t => Assert.InRange(t.Value.Refused, 0, t.Value.Inputs - 1));
    }

    [Fact]
    public void Halves_of_surrogate_pairs_are_no_text()
    {
        foreach (var text in new[] { """{"version":1,"image":"\ud800"}""", """{"version":1,"\ud800":"flux"}""", """{"version":1,"image":["flux",{"a":"\udc00"}]}""" })
        {
            var fault = Assert.Throws<DiagnosticException>(() => PayloadLockFile.Parse(text, "flux.lock.json", "flux"));
            Assert.Contains("half of a surrogate pair", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"id":1.5,"events":[]}""")]
    [InlineData("""{"id":25246740512761e3008,"events":[]}""")]
    [InlineData("""{"id":1,"\ud800":[]}""")]
    public void Answers_of_Flux_that_cannot_be_are_not_read_as_JSON(string answer) => Assert.ThrowsAny<JsonException>(() => FluxJournalEntry.Parse(answer));

    private static async Task SliceAsync(FuzzKind kind, Tally tally)
    {
        var slice = Stopwatch.StartNew();
        while (slice.Elapsed < Slice)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var input = tally.Random.Next(kind.Samples.Value);
            var began = slice.Elapsed;
            try
            {
                tally.Inputs++;
                await Task.Run(() => kind.Read(input, tally.Random)).WaitAsync(Hangs);
            }
            catch (DiagnosticException)
            {
                tally.Refused++;
            }
#pragma warning disable CA1031 // What is looked for is any exception at all.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                var place = exception.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Regatta.", StringComparison.Ordinal) && !l.Contains("Regatta.Tests", StringComparison.Ordinal))?.Trim();
                var fault = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")} {place}";
                var key = tally.Faults.Keys.FirstOrDefault(k => place is not null && k.EndsWith(place, StringComparison.Ordinal) && k.StartsWith(exception.GetType().Name, StringComparison.Ordinal)) ?? fault;
                tally.Faults[key] = tally.Faults.TryGetValue(key, out var known) ? (known.Count + 1, known.Input) : (1, input);
            }

            if (slice.Elapsed - began is var took && took > tally.Slowest) tally.Slowest = took;
        }
    }

    private static long Number(string variable, long otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private sealed class Tally(Mutator random)
    {
        public Mutator Random => random;

        public long Inputs { get; set; }

        public long Refused { get; set; }

        public TimeSpan Slowest { get; set; }

        public Dictionary<string, (int Count, byte[] Input)> Faults { get; } = [];
    }
}
