using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Regatta.Analysis;

/// <summary>Work that is done two pieces at a time: each piece needs columns of its own, and memory is as scarce as time. What a piece throws is thrown as it is.</summary>
internal static class AtOnce
{
    private static readonly ParallelOptions Two = new() { MaxDegreeOfParallelism = 2 };

    // Of fewer jobs a piece is done before another thread has woken.
    private const int Worthwhile = 10_000;

    /// <summary>Does all of <paramref name="pieces"/>, beginning with the first.</summary>
    /// <param name="jobs">How many jobs each looks at: of few, one piece is done after the other.</param>
    /// <param name="pieces">The pieces.</param>
    public static void Do(int jobs, params IEnumerable<Action> pieces)
    {
        if (jobs < Worthwhile)
        {
            foreach (var piece in pieces) piece();
            return;
        }

        try
        {
            Parallel.ForEach(Partitioner.Create(pieces, EnumerablePartitionerOptions.NoBuffering), Two, piece => piece());
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
