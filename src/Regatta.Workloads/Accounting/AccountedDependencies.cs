namespace Regatta.Workloads;

/// <summary>Finds the jobs that others waited for, where their command lines say so.</summary>
internal static class AccountedDependencies
{
    private const int MostOfArray = 1000;

    /// <summary>Makes dependencies on jobs of the file; such jobs are submitted when they really were, for what they waited for is there.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="said">What jobs said they wait for, such as <c>afterok:12:13,afterany:14</c>, by place.</param>
    /// <param name="byNumber">The places of the jobs by number.</param>
    /// <param name="kept">Whether the job at a place becomes one of the workload.</param>
    public static void Link(TraceCollector jobs, IReadOnlyList<(int Place, string Text)> said, IReadOnlyDictionary<long, int> byNumber, Func<int, bool> kept)
    {
        if (said.Count == 0) return;
        var tasks = jobs.Jobs.Select((job, place) => (job, place)).Where(pair => pair.job.Array is not null && kept(pair.place)).ToLookup(pair => pair.job.Array!.Value, pair => pair.job.Id);
        IEnumerable<long> Named(long number, long self) => byNumber.TryGetValue(number, out var place) && kept(place) && tasks[number].Count() < 2 ? [number] : tasks[number].Where(task => task > 0 && task != self).Take(MostOfArray);
        foreach (var (place, text) in said)
        {
            var job = jobs.Jobs[place];
            var found = Parse(text).SelectMany(wait => Named(wait.Job, job.Id).Select(number => new JobDependency(number, wait.Kind))).Where(dependency => dependency.Job != job.Id).Distinct().ToImmutableArray();
            // One that was met before is as good as none: its job need not be there.
            found = found.RemoveAll(dependency => jobs.Jobs[byNumber[dependency.Job]].Dependencies.Any(other => other.Job == job.Id));
            if (found.IsEmpty)
            {
                jobs.Change("jobs waited for others that are not in the file, or in a way that is not kept; they are submitted when they were eligible");
                continue;
            }

            var held = job.Recorded?.Held ?? TimeSpan.Zero;
            jobs.Replace(place, job with { Dependencies = found, Submit = job.Submit - held, Recorded = job.Recorded is { } recorded ? recorded with { Wait = recorded.Wait + held, Held = null } : null });
            jobs.Change("jobs wait for others, as their command lines say");
        }
    }

    /// <summary>The jobs of <c>afterok:12:13,afterany:14+5</c>. What any one of several would do for, and what waits for a start or for a name, is left out.</summary>
    private static IEnumerable<(long Job, DependencyKind Kind)> Parse(string text)
    {
        if (text.Contains('?', StringComparison.Ordinal)) yield break;
        foreach (var part in text.Split(','))
        {
            var words = part.Split(':');
            DependencyKind? kind = words[0] switch { "afterok" or "aftercorr" => DependencyKind.AfterOk, "afterany" => DependencyKind.After, "afternotok" => DependencyKind.AfterNotOk, _ => null };
            if (kind is null) continue;
            foreach (var word in words.Skip(1))
            {
                var end = word.AsSpan().IndexOfAny('_', '+');
                if (long.TryParse(end < 0 ? word : word.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) yield return (number, kind.Value);
            }
        }
    }
}
