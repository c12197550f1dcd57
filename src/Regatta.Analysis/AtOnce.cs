using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Regatta.Analysis;

/// <summary>Work that is done two pieces at a time: each piece needs columns of its own, and memory is as scarce as time. What a piece throws is thrown as it is.</summary>
internal static class AtOnce
{
    private static readonly ParallelOptions Two = new() { MaxDegreeOfParallelism = 2 };

    /// <summary>Does all of <paramref name="pieces"/>, beginning with the first.</summary>
    public static void Do(params IEnumerable<Action> pieces)
    {
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
