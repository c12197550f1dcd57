using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Experiments.Planning;

/// <summary>Lays out the trials of a plan.</summary>
public static class TrialLayout
{
    /// <summary>The trials of <paramref name="points"/>, each <paramref name="repetitions"/> times, in the order in which they run.</summary>
    /// <param name="points">Names of the points.</param>
    /// <param name="repetitions">Repetitions of each, at least 1.</param>
    /// <param name="order">The order.</param>
    /// <param name="seed">Seed of the shuffling; every trial's workload seed too, so that all points of a block replay the same jobs.</param>
    /// <param name="vary">True when each block has a workload seed of its own.</param>
    public static ImmutableArray<PlannedTrial> Lay(IReadOnlyList<string> points, int repetitions, TrialOrder order, long seed, bool vary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        var trials = ImmutableArray.CreateBuilder<PlannedTrial>(points.Count * repetitions);
        void Add(string point, int block) =>
            trials.Add(new PlannedTrial(trials.Count + 1, point, block, block, vary ? seed + block - 1 : seed));

        if (order == TrialOrder.Sequential)
        {
            foreach (var point in points)
            {
                for (var block = 1; block <= repetitions; block++) Add(point, block);
            }

            return trials.ToImmutable();
        }

        var random = new SplitMix64(unchecked((ulong)seed));
        for (var block = 1; block <= repetitions; block++)
        {
            var shuffled = points.ToArray();
            if (order == TrialOrder.Shuffled)
            {
                // Fisher–Yates (Durstenfeld 1964).
                for (var i = shuffled.Length - 1; i > 0; i--)
                {
                    var j = (int)random.Below((ulong)i + 1);
                    (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
                }
            }

            foreach (var point in shuffled) Add(point, block);
        }

        return trials.ToImmutable();
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers on every version of .NET, unlike <see cref="Random"/>.</summary>
    private struct SplitMix64(ulong state)
    {
        public ulong Below(ulong bound)
        {
            // Rejection keeps it unbiased.
            var limit = ulong.MaxValue - (ulong.MaxValue % bound);
            ulong value;
            do value = Next();
            while (value >= limit);
            return value % bound;
        }

        private ulong Next()
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
