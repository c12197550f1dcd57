using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;
using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Benchmarks;

/// <summary>
/// How often <c>regatta check</c> finds a slow-down, and how often it cries wolf, by simulation: trials of two sides are drawn, and the check's rule is
/// applied to them (worse than the bound by the shift over the baseline's median, and an interval of the shift that does not hold zero).
/// The same arguments give the same numbers.
/// </summary>
internal static class GatePower
{
    private const double Bound = 0.05, Confidence = 0.95;
    private static readonly int[] Blocks = [5, 6, 8, 10, 12, 15, 20, 30];
    private static readonly double[] Spreads = [0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15];
    private static readonly double[] SlowDowns = [0, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2];

    public static void Run(string[] arguments)
    {
        var groups = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Share of checks that fail, per cent: with a slow-down of 10 %, and (in brackets) with none; bound {Bound * 100:0} %, {groups:#,0} checks each."));
        foreach (var (title, paired, drift) in new[]
        {
            ("Two points of one run, paired by block (--against); blocks differ by 10 %", true, 0.1),
            ("Two runs on a machine that stays as it is (--baseline)", false, 0.0),
            ("Two runs, and the machine differs by 5 % from one to the other (--baseline)", false, 0.05),
        })
        {
            Console.WriteLine($"\n{title}\n");
            Console.WriteLine($"| Spread of trials | {string.Join(" | ", Blocks.Select(b => $"{b} blocks"))} |\n|---|{string.Concat(Blocks.Select(_ => "---|"))}");
            foreach (var spread in Spreads)
                Console.WriteLine($"| {Percent(spread)} | {string.Join(" | ", Blocks.Select(n => $"{Share(groups, n, spread, 0.1, paired, drift)} ({Share(groups, n, spread, 0, paired, drift)})"))} |");
        }

        Console.WriteLine("\nBy the slow-down, 10 blocks, paired\n");
        Console.WriteLine($"| Spread of trials | {string.Join(" | ", SlowDowns.Select(Percent))} |\n|---|{string.Concat(SlowDowns.Select(_ => "---|"))}");
        foreach (var spread in Spreads) Console.WriteLine($"| {Percent(spread)} | {string.Join(" | ", SlowDowns.Select(s => Share(groups, 10, spread, s, paired: true, 0.1)))} |");
    }

    /// <summary>The same of trials that were run: blocks are drawn out of a run again and again, and each draw is checked.</summary>
    /// <param name="arguments">Directory of the run, its point before, its point after, and metrics.</param>
    public static async Task DrawAsync(string[] arguments)
    {
        const int Draws = 10_000;
        var run = await RecordedRun.ReadAsync(arguments[0], CancellationToken.None);
        var (before, after) = (arguments[1], arguments[2]);
        foreach (var metric in arguments[3..])
        {
            Dictionary<int, double> Values(string point) => run.Trials.Where(t => t.Trial.Record.Point == point && t.Audit.Verdict != TrialVerdict.Invalid)
                .Select(t => (t.Trial.Record.Block, Value: TrialMetrics.Compute(t.Trial, run.Measure)[metric])).Where(t => t.Value is not null).ToDictionary(t => t.Block, t => t.Value!.Value);
            var (first, second) = (Values(before), Values(after));
            var blocks = first.Keys.Intersect(second.Keys).Order().ToList();
            if (blocks.Count < 2) throw new InvalidOperationException($"'{before}' and '{after}' have {blocks.Count} blocks with a valid trial each of '{metric}'");
            double[] x = [.. blocks.Select(b => first[b])], y = [.. blocks.Select(b => second[b])];
            double[] ratios = [.. x.Zip(y, (a, b) => (b - a) / Median(x))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{metric}: {blocks.Count} blocks, shift {100 * WilcoxonSignedRank.Shift(ratios):+0.00;-0.00} %, spread of a trial {100 * Deviation(x):0.0} %, of a difference {100 * Deviation([.. ratios.Select(r => r + 1)]):0.0} %"));
            var random = new Xoshiro256StarStar(1, threadSafe: false);
            foreach (var n in Blocks.Where(n => n <= blocks.Count))
            {
                var (paired, apart) = (0, 0);
                for (var draw = 0; draw < Draws; draw++)
                {
                    var chosen = Drawn(random, blocks.Count, n);
                    var others = Drawn(random, blocks.Count, n);
                    if (Fails([.. chosen.Select(i => x[i])], [.. chosen.Select(i => y[i])], paired: true)) paired++;
                    if (Fails([.. others.Select(i => x[i])], [.. chosen.Select(i => y[i])], paired: false)) apart++;
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {n} blocks: {100.0 * paired / Draws:0.0} % of checks fail paired, {100.0 * apart / Draws:0.0} % of two runs"));
            }
        }
    }

    private static int[] Drawn(Random random, int of, int n)
    {
        int[] all = [.. Enumerable.Range(0, of)];
        random.Shuffle(all);
        return all[..n];
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)) / mean;
    }

    private static string Share(int groups, int n, double spread, double slowDown, bool paired, double drift)
    {
        var random = new Xoshiro256StarStar(HashCode(n, spread, slowDown, paired, drift), threadSafe: false);
        var failed = 0;
        double[] before = new double[n], after = new double[n];
        for (var group = 0; group < groups; group++)
        {
            var other = paired ? 0 : Normal.Sample(random, 0, drift);
            for (var i = 0; i < n; i++)
            {
                var block = paired ? Normal.Sample(random, 0, drift) : 0;
                before[i] = Math.Exp(block + Normal.Sample(random, 0, spread));
                after[i] = (1 + slowDown) * Math.Exp(block + other + Normal.Sample(random, 0, spread));
            }

            if (Fails(before, after, paired)) failed++;
        }

        return (100.0 * failed / groups).ToString("0.0", CultureInfo.InvariantCulture);
    }

    /// <summary>The rule of the check.</summary>
    private static bool Fails(double[] before, double[] after, bool paired)
    {
        double[] differences = paired ? [.. before.Zip(after, (x, y) => y - x)] : [];
        var shift = paired ? WilcoxonSignedRank.Shift(differences) : HodgesLehmann.Shift(before, after);
        if (shift / Median(before) <= Bound) return false;
        var interval = paired ? WilcoxonSignedRank.ShiftInterval(differences, Confidence) : HodgesLehmann.ShiftInterval(before, after, Confidence);
        return interval is { } i && !i.Holds(0);
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // Not HashCode.Combine, which is another one in each process.
    private static int HashCode(int n, double spread, double slowDown, bool paired, double drift) =>
        (n * 1_000_003) + (int)(spread * 1000 * 7919) + (int)(slowDown * 1000 * 104_729) + (paired ? 17 : 0) + (int)(drift * 1000 * 31);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
