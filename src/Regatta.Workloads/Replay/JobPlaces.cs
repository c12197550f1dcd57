namespace Regatta.Workloads;

/// <summary>Where jobs stand in a table, by their numbers.</summary>
public sealed class JobPlaces
{
    private readonly long _first;
    private readonly Dictionary<long, int>? _places;

    private JobPlaces(int count, long first, Dictionary<long, int>? places) => (Count, _first, _places) = (count, first, places);

    /// <summary>How many jobs there are.</summary>
    public int Count { get; }

    /// <summary>The places of jobs.</summary>
    /// <param name="numbers">Their numbers, in the order of the table.</param>
    /// <param name="twice">A number that stands there twice, of which there are no places; null when each stands once.</param>
    public static JobPlaces? Of(ReadOnlySpan<long> numbers, out long? twice)
    {
        twice = null;
        var first = numbers.IsEmpty ? 0 : numbers[0];
        var row = 1;
        while (row < numbers.Length && numbers[row] == first + row) row++;
        // Nearly always the numbers rise by one, and nothing needs to be looked up.
        if (row >= numbers.Length) return new JobPlaces(numbers.Length, first, null);
        var places = new Dictionary<long, int>(numbers.Length);
        for (row = 0; row < numbers.Length; row++)
        {
            if (places.TryAdd(numbers[row], row)) continue;
            twice = numbers[row];
            return null;
        }

        return new JobPlaces(numbers.Length, first, places);
    }

    /// <summary>The place of a job from 0; -1 when it is none of them.</summary>
    public int Find(long job)
    {
        if (_places is not null) return _places.TryGetValue(job, out var place) ? place : -1;
        return job >= _first && job - _first < Count ? (int)(job - _first) : -1;
    }
}
