namespace Regatta.Simulation;

/// <summary>
/// The clock of a simulation. At one instant all completions free what they hold, then all submissions join the queue of their part of the machine, jobs of one instant by number, then each
/// policy makes one pass. A job of run time zero frees its part in a further round of the same instant.
/// </summary>
/// <param name="arrivals">The jobs.</param>
/// <param name="engines">The policy of each part of the machine.</param>
/// <param name="partOf">The part that each job runs in, -1 for one that is not taken; null where there is one part.</param>
internal sealed class SimulationClock(Arrivals arrivals, Engine[] engines, int[]? partOf)
{
    /// <summary>Runs until no job is left, or until <paramref name="target"/> has started.</summary>
    public void Run(int target, CancellationToken cancellationToken)
    {
        var rounds = 0;
        while (true)
        {
            if ((++rounds & 0xffff) == 0) cancellationToken.ThrowIfCancellationRequested();
            var arrival = arrivals.Next;
            var next = arrival;
            foreach (var engine in engines) next = Math.Min(next, engine.NextEvent);
            if (next == long.MaxValue) return;
            foreach (var engine in engines) engine.GoTo(next);
            if (arrival == next || arrivals.Released) Join(next);
            foreach (var engine in engines) engine.Decide();
            if (target >= 0 && arrivals.Start[target] != Schedule.Never) return;
        }
    }

    private void Join(long now)
    {
        while (arrivals.Take(now) is >= 0 and var row)
        {
            var part = partOf is null ? 0 : partOf[row];
            if (part < 0) arrivals.Refuse(row, now);
            else engines[part].Add(row);
        }
    }
}
