using System.Text;
using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>Reads the jobs of <c>sacct --json</c>, of Slurm 22.05 (numbers and words as they are) and of later ones (objects that say whether a number is set, states as lists).</summary>
internal sealed class SacctJson(AccountedJobs jobs)
{
    /// <summary>Takes a job; false when it cannot be read.</summary>
    public bool Take(JsonElement job)
    {
        if (job.ValueKind != JsonValueKind.Object) return false;
        var id = Number(job, "job_id");
        var times = Part(job, "time");
        var submit = Seconds(times, "submission");
        if (id is not > 0 || double.IsNaN(submit)) return false;
        if (Text(job, "cluster") is { Length: > 0 } cluster) jobs.Clusters.Of(cluster);
        var resources = Part(job, "tres");
        var requested = Count(resources, "requested", "cpu") ?? Whole(Number(Part(job, "required"), "CPUs"));
        var allocated = Count(resources, "allocated", "cpu");
        var given = Number(job, "allocation_nodes");
        var asked = Count(resources, "requested", "node");
        var suspended = Number(times, "suspended") ?? 0;
        var state = State(Part(job, "state"));
        var names = jobs.Names;
        var account = Text(job, "account");
        if (!string.IsNullOrEmpty(account)) names.HasAccounts = true;
        var command = Text(job, "submit_line");
        var typed = SubmitLine.Parse(Encoding.UTF8.GetBytes(command ?? ""));
        var eligible = Seconds(times, "eligible");
        var end = Seconds(times, "end");
        jobs.Add(new AccountedRow
        {
            Id = (long)id, Array = Whole(Number(Part(job, "array"), "job_id")), ArrayTask = Number(Part(job, "array"), "task_id") is >= 0 and < int.MaxValue and var task ? (int)task : -1,
            Heterogeneous = Whole(Number(Part(job, "het"), "job_id")), State = SacctValues.State(state), Ended = SacctValues.Ended(state), Suspended = suspended, Submit = submit, Eligible = eligible, Cron = SacctValues.Cron(command is "", submit, eligible), Start = Seconds(times, "start"), End = end,
            Ran = double.IsNaN(end) ? double.NaN : Number(times, "elapsed") + suspended ?? double.NaN, Limit = SacctValues.Limit(Number(times, "limit") * 60 ?? double.NaN),
            Requested = requested, Allocated = allocated ?? 0, GivenNothing = allocated is null && resources.ValueKind == JsonValueKind.Object, Nodes = asked ?? Whole(given),
            MemoryPerProcessor = Count(resources, "requested", "mem") is < 1L << 40 and var mebibytes && requested > 0 ? mebibytes * 1024 * 1024 / requested : 0,
            User = Named(names.Users, Text(Part(job, "association"), "user"), Text(job, "user")), Group = Named(names.Accounts, account, Text(job, "group")),
            Queue = Named(names.Qos, Text(job, "qos")), Partition = Named(names.Partitions, Text(job, "partition")), Dependency = typed.Dependency.IsEmpty ? null : Encoding.UTF8.GetString(typed.Dependency),
            Request = new AccountedRequest
            {
                Group = string.IsNullOrEmpty(account) ? 0 : Named(names.Groups, Text(job, "group")), Reservation = Named(names.Reservations, Text(Part(job, "reservation"), "name")),
                Constraint = Named(names.Constraints, Text(job, "constraints")), Gres = Listed(names.Gres, resources, "gres"),
                Licenses = Listed(names.Licenses, resources, "license") is > 0 and var licenses ? licenses : Named(names.Licenses, Text(job, "licenses")),
                MemoryPerNode = Number(Part(job, "required"), "memory_per_node") is > 0 and < 1L << 40 and var node ? (long)node * 1024 * 1024 : typed.MemoryPerNode,
                MostNodes = typed.MostNodes, Nice = typed.Nice, Throttle = typed.Throttle, Exclusive = typed.Exclusive, Requeue = typed.Requeue,
            },
        });
        return true;
    }

    private static JsonElement Part(JsonElement parent, string key) => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var value) ? value : default;

    private static string? Text(JsonElement parent, string key) => Part(parent, key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A number, or the number of an object that says that it is set; null for all else.</summary>
    private static double? Number(JsonElement parent, string key)
    {
        var value = Part(parent, key);
        if (value.ValueKind == JsonValueKind.Object)
        {
            if (Part(value, "set").ValueKind != JsonValueKind.True || Part(value, "infinite").ValueKind == JsonValueKind.True) return null;
            value = Part(value, "number");
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
    }

    private static long Whole(double? number) => number is > 0 and < 1e15 ? (long)number : 0;

    /// <summary>Seconds since 1970; zero stands for what has not happened.</summary>
    private static double Seconds(JsonElement times, string key) => Number(times, key) is > 0 and var seconds ? seconds : double.NaN;

    private static long? Count(JsonElement resources, string list, string type)
    {
        var entries = Part(resources, list);
        if (entries.ValueKind != JsonValueKind.Array) return null;
        foreach (var entry in entries.EnumerateArray())
        {
            if (Text(entry, "type") == type) return Number(entry, "count") is > 0 and < 1e15 and var count ? (long)count : null;
        }

        return null;
    }

    /// <summary>The requested resources of one type, as a list of trackable ones.</summary>
    private static int Listed(NameNumbers numbers, JsonElement resources, string type)
    {
        var entries = Part(resources, "requested");
        if (entries.ValueKind != JsonValueKind.Array) return 0;
        var parts = entries.EnumerateArray().Where(entry => Text(entry, "type") == type && Text(entry, "name") is { Length: > 0 } && Number(entry, "count") is > 0 and < 1e9)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{type}/{Text(entry, "name")}={(long)Number(entry, "count")!.Value}"));
        return numbers.Of(string.Join(',', parts).AsSpan());
    }

    /// <summary>The state, or what stands behind it where a run is over that the job went on after: <c>["PENDING", "REQUEUED"]</c>.</summary>
    private static byte[] State(JsonElement state)
    {
        var current = Part(state, "current");
        if (current.ValueKind == JsonValueKind.Array)
        {
            var over = current.EnumerateArray().FirstOrDefault(word => word.ValueKind == JsonValueKind.String && (word.ValueEquals("REQUEUED"u8) || word.ValueEquals("RESIZING"u8)));
            current = over.ValueKind == JsonValueKind.String ? over : current.EnumerateArray().FirstOrDefault();
        }

        return current.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(current.GetString()!) : [];
    }

    private static int Named(NameNumbers numbers, params ReadOnlySpan<string?> names)
    {
        foreach (var name in names)
        {
            if (!string.IsNullOrEmpty(name)) return numbers.Of(name.AsSpan());
        }

        return -1;
    }
}
