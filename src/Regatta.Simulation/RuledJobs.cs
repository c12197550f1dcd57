using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>The jobs of a simulation under rules.</summary>
/// <param name="Jobs">Each by its row, with the times that their partitions give to those that asked for none.</param>
/// <param name="Table">Their table.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record RuledJobs(RuledJob[] Jobs, QueuedJobs Table, ImmutableArray<RuledPartition> Partitions)
{
    /// <summary>Lays jobs out on a machine; their table has the jobs themselves.</summary>
    /// <exception cref="DiagnosticException">A job names a partition that is not there, or is larger than its partition.</exception>
    public static RuledJobs Of(QueuedJobs jobs, MachineSize machine, ReferenceOptions options, int[] sizes, RuledMachine nodes)
    {
        var rules = options.Rules!;
        ReferencePartitions partitions = options.Partitions ?? new([new ReferencePartition("main", "all")]);
        // Without partitions, what jobs say of them is left out.
        var placed = options.Partitions is null ? null : PartitionedJobs.Of(jobs, machine, partitions, sizes, options.WholeNodes);
        var table = placed?.Jobs ?? jobs;
        ImmutableArray<RuledPartition> all = [.. partitions.All.Select((partition, number) => new RuledPartition(number, partition, [.. Enumerable.Range(0, machine.Nodes).Where(NodeNumbers.Parse(partition.Nodes)!.Holds)]))];
        var byName = all.ToDictionary(partition => partition.Settings.Name, StringComparer.Ordinal);
        var usual = all.FirstOrDefault(partition => partition.Settings.IsDefault) ?? all[0];
        var limits = new RuledLimits(rules);
        var large = new List<string>();
        var made = new RuledJob[jobs.Count];
        for (var row = 0; row < jobs.Count; row++)
        {
            var job = jobs.Jobs![row];
            var partition = options.Partitions is not null && job.Request?.Partition is { } name ? byName[name.Split(',')[0]] : usual;
            made[row] = Made(row, job, partition, limits, table, options, nodes, placed is null || placed.PartOf[row] >= 0);
            var has = partition.Nodes.Length * machine.ProcessorsPerNode;
            if (!made[row].Refused && (job.Processors > has || made[row].Nodes > partition.Nodes.Length)) large.Add($"job {job.Id}: {job.Processors} processors, and {partition.Settings.Name} has {has}");
        }

        return large.Count == 0 ? new RuledJobs(made, table, all) : throw PartitionedJobs.TooLarge(large, jobs.Count);
    }

    private static RuledJob Made(int row, Job job, RuledPartition partition, RuledLimits limits, QueuedJobs table, ReferenceOptions options, RuledMachine machine, bool taken)
    {
        var (rules, request) = (options.Rules!, job.Request);
        var alone = options.WholeNodes || request?.Exclusive == true;
        var fewest = Math.Max(Math.Max(1, job.Nodes), alone ? (job.Processors + machine.Capacity(0)[0] - 1) / machine.Capacity(0)[0] : 1);
        var (account, qos) = (limits.AccountOf(request), limits.QosOf(request));
        var reservation = request?.Reservation is { } name ? rules.Reservations.FirstOrDefault(r => r.Name == name) : null;
        var user = request?.User ?? "";
        var may = qos is not null && Uses(partition.Settings.AllowedQos, partition.Settings.DeniedQos, qos.Name) && Uses(partition.Settings.AllowedAccounts, partition.Settings.DeniedAccounts, account)
            && (request?.Reservation is null || (reservation is not null && (reservation.Users.Contains(user) || reservation.Accounts.Contains(account))));
        qos ??= new ReferenceQos("");
        var takes = limits.Takes(job, Math.Max(fewest, (job.Processors + machine.Capacity(0)[0] - 1) / machine.Capacity(0)[0]));
        var (counted, over) = limits.Of(request, qos, takes, job.RequestedTime ?? partition.Settings.Usual);
        ImmutableArray<(int, int)> gpus = machine.Models.IsEmpty ? [] : [.. GenericResource.Gpus(request?.Gres).GroupBy(g => g.Type is null ? -1 : 1 + machine.Models.IndexOf(g.Type)).OrderByDescending(g => g.Key).Select(g => (g.Key, (int)g.Sum(own => own.Count)))];
        return new RuledJob
        {
            Row = row, Partition = partition, Qos = qos, Account = account, User = user, Reservation = reservation, Processors = job.Processors, Nodes = fewest,
            MostNodes = Math.Max(fewest, request?.MostNodes ?? int.MaxValue), Gpus = gpus, Alone = alone, Estimate = Math.Max(1, table.Estimates[row]), RunTime = table.RunTimes[row], Takes = takes, Limits = counted,
            Requeues = request?.Requeue ?? rules.Requeues, Nice = request?.Nice ?? 0, Never = over, Refused = !taken || !may || (over is not null && qos.Denies),
        };
    }

    private static bool Uses(Sequence<string> allowed, Sequence<string> denied, string name) => (allowed.Count == 0 || allowed.Contains(name)) && !denied.Contains(name);
}
