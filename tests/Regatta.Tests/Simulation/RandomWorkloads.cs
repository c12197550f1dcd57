using CsCheck;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

/// <summary>Small workloads with every awkwardness: same instants, run times of zero, limits that are too short, none, or far too long.</summary>
internal static class RandomWorkloads
{
    public static Gen<Job[]> Plain(int jobs, int capacity) => Of(jobs, capacity, Gen.Const(0));

    public static Gen<Job[]> WithDependencies(int jobs, int capacity) => Of(jobs, capacity, Gen.Frequency((2, Gen.Const(0)), (1, Gen.Int[1, 2])));

    /// <summary>Now and then a job that drains the queue, of any size.</summary>
    public static Gen<Job[]> WithDrains(int jobs, int capacity) =>
        WithDependencies(jobs, capacity).SelectMany(plain => Gen.Frequency((6, Gen.Const(false)), (1, Gen.Const(true))).Array[plain.Length]
            .Select(drains => plain.Select((job, i) => job with { Drains = drains[i] }).ToArray()));

    private static Gen<Job[]> Of(int jobs, int capacity, Gen<int> dependencies) =>
        Gen.Select(Gen.Int[1, jobs], Gen.Int[0, 3]).SelectMany((count, pace) =>
            Gen.Select(Gen.Int[0, count * pace], Gen.Int[0, 12], Gen.Int[0, 3], Gen.Int[1, 10], Gen.Frequency((3, Gen.Int[1, Math.Max(1, capacity / 3)]), (1, Gen.Int[1, capacity])),
                Gen.Select(dependencies, Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Bool, Gen.Int[0, 3])).Array[count])
        .Select(rows => rows.Select((row, i) => new Job
        {
            Id = i + 1, Submit = TimeSpan.FromSeconds(row.Item1), RunTime = TimeSpan.FromSeconds(row.Item2), Processors = row.Item5,
            RequestedTime = row.Item3 switch
            {
                0 => null,
                1 => TimeSpan.FromSeconds(Math.Max(1, row.Item2)),
                2 => TimeSpan.FromSeconds(row.Item2 + row.Item4),
                _ => TimeSpan.FromSeconds(Math.Max(1, row.Item2 - (row.Item4 / 3))),
            },
            Dependencies = i == 0 ? [] : [.. new[] { row.Item6.Item2, row.Item6.Item3 }.Take(row.Item6.Item1).Select((r, k) =>
                new JobDependency((r % i) + 1, row.Item6.Item4 ? DependencyKind.AfterOk : DependencyKind.After, TimeSpan.FromSeconds(row.Item6.Item5)))],
        }).ToArray());
}
