using System.Buffers;
using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>Jobs in Flux's words: the canonical jobspec, version 1.</summary>
/// <param name="trial">Id of the trial, part of every job's name.</param>
/// <param name="options">Options of the driver.</param>
internal sealed class FluxJobspec(string trial, FluxOptions options)
{
    /// <summary>The name that a job is submitted under.</summary>
    public string NameOf(long job) => string.Create(CultureInfo.InvariantCulture, $"regatta-{trial}-{job}");

    /// <summary>The job that a name is of; null when it is none of this trial.</summary>
    public long? JobOf(string? name)
    {
        var prefix = $"regatta-{trial}-";
        return name is not null && name.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var job) ? job : null;
    }

    /// <summary>The jobspec of a submission as JSON, with a final zero.</summary>
    public byte[] Of(Submission submission)
    {
        var job = submission.Job;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteStartArray("resources");
            if (job.Nodes > 0)
            {
                Open(json, "node", job.Nodes);
                json.WriteBoolean("exclusive", false);
                json.WriteStartArray("with");
            }

            // Every node of a jobspec gets as many processors as every other: what does not divide is rounded up.
            Open(json, "slot", job.Nodes > 0 ? (job.Processors + job.Nodes - 1) / job.Nodes : job.Processors);
            json.WriteString("label", "task");
            json.WriteStartArray("with");
            Open(json, "core", 1);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            if (job.Nodes > 0)
            {
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Tasks(json, job);
            Attributes(json, submission);
            json.WriteEndObject();
        }

        buffer.Write("\0"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Open(Utf8JsonWriter json, string type, int count)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("count", count);
    }

    private void Tasks(Utf8JsonWriter json, Job job)
    {
        json.WriteStartArray("tasks");
        json.WriteStartObject();
        json.WriteStartArray("command");
        foreach (var word in options.Payload.Words(job, "FLUX_TASK_RANK")) json.WriteStringValue(word);
        json.WriteEndArray();
        json.WriteString("slot", "task");
        json.WriteStartObject("count");
        json.WriteNumber("per_slot", 1);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void Attributes(Utf8JsonWriter json, Submission submission)
    {
        var job = submission.Job;
        json.WriteStartObject("attributes");
        json.WriteStartObject("system");
        // 0 is no limit.
        json.WriteNumber("duration", job.RequestedTime?.TotalSeconds ?? 0);
        json.WriteString("cwd", options.Directory);
        json.WriteStartObject("environment");
        json.WriteString("PATH", "/usr/local/bin:/usr/bin:/bin");
        json.WriteEndObject();
        if (options.Queue is { } queue) json.WriteString("queue", queue);
        json.WriteStartObject("job");
        json.WriteString("name", NameOf(job.Id));
        json.WriteEndObject();
        if (submission.After.Count > 0)
        {
            json.WriteStartArray("dependencies");
            foreach (var (id, kind) in submission.After)
            {
                json.WriteStartObject();
                json.WriteString("scheme", kind.Scheme());
                json.WriteString("value", id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (options.Simulate)
        {
            json.WriteStartObject("exec");
            json.WriteStartObject("test");
            json.WriteString("run_duration", job.RunTime.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture) + "s");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteStartObject("shell");
        json.WriteStartObject("options");
        // A node may offer more processors than it has: the payload is bound to none of them.
        json.WriteString("cpu-affinity", "off");
        if (job.Processors > 1)
        {
            // One payload does the work while the others' processors are held. Flux wants a task on each node: those but the first end at once,
            // and must not count down to the end of the job.
            json.WriteStartObject("per-resource");
            json.WriteString("type", "node");
            json.WriteNumber("count", 1);
            json.WriteEndObject();
            json.WriteString("exit-timeout", "none");
        }

        json.WriteStartObject("output");
        foreach (var stream in (ReadOnlySpan<string>)["stdout", "stderr"])
        {
            json.WriteStartObject(stream);
            json.WriteString("type", "file");
            json.WriteString("path", options.Output);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
