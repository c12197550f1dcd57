using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>
/// Writes jobs as the serializer writes them, without asking for each of their fields how it is to be written: what jobs ask for and do, of which many share one, is serialized once.
/// </summary>
internal sealed class JobLineWriter
{
    // Commands may differ from job to job: no more than these are kept.
    private const int Most = 1 << 16;

    private static readonly JsonEncodedText Wait = Key("wait"), AllocatedProcessors = Key("allocatedProcessors"), AverageCpuTime = Key("averageCpuTime"), UsedMemory = Key("usedMemory"),
        RequestedProcessors = Key("requestedProcessors"), Status = Key("status"), State = Key("state"), Executable = Key("executable"), Partition = Key("partition"), Held = Key("held"),
        Suspended = Key("suspended"), Requeues = Key("requeues");

    private static readonly JsonEncodedText Id = Key("id"), Submit = Key("submit"), Processors = Key("processors"), Nodes = Key("nodes"), RunTime = Key("runTime"), RequestedTime = Key("requestedTime"),
        MemoryPerProcessor = Key("memoryPerProcessor"), User = Key("user"), Group = Key("group"), Queue = Key("queue"), Priority = Key("priority"), Dependencies = Key("dependencies"), Array = Key("array"),
        ArrayTask = Key("arrayTask"), HeterogeneousJob = Key("heterogeneousJob"), Drains = Key("drains"), GangMinimum = Key("gangMinimum"), PayloadKey = Key("payload"), Request = Key("request"), Recorded = Key("recorded");

    private static readonly JsonEncodedText[] States = [.. Enum.GetNames<RecordedState>().Select(Key)];

    private readonly Dictionary<object, byte[]> _shared = new(ReferenceEqualityComparer.Instance);

    /// <summary>Writes a job.</summary>
    public void Write(Utf8JsonWriter json, Job job)
    {
        json.WriteStartObject();
        json.WriteNumber(Id, job.Id);
        Time(json, Submit, job.Submit);
        json.WriteNumber(Processors, job.Processors);
        json.WriteNumber(Nodes, job.Nodes);
        Time(json, RunTime, job.RunTime);
        Time(json, RequestedTime, job.RequestedTime);
        Number(json, MemoryPerProcessor, job.MemoryPerProcessor);
        json.WriteNumber(User, job.User);
        json.WriteNumber(Group, job.Group);
        json.WriteNumber(Queue, job.Queue);
        json.WriteNumber(Priority, job.Priority);
        json.WriteStartArray(Dependencies);
        foreach (var dependency in job.Dependencies) JsonSerializer.Serialize(json, dependency, JobJson.Default.JobDependency);
        json.WriteEndArray();
        Number(json, Array, job.Array);
        Number(json, ArrayTask, job.ArrayTask);
        Number(json, HeterogeneousJob, job.HeterogeneousJob);
        json.WriteBoolean(Drains, job.Drains);
        json.WriteNumber(GangMinimum, job.GangMinimum);
        Shared(json, PayloadKey, job.Payload, static payload => JsonSerializer.SerializeToUtf8Bytes(payload, JobJson.Default.Payload));
        if (job.Request is { } request) Shared(json, Request, request, static request => JsonSerializer.SerializeToUtf8Bytes(request, JobJson.Default.JobRequest));
        if (job.Recorded is { } recorded) Write(json, recorded);
        json.WriteEndObject();
    }

    private static JsonEncodedText Key(string name) => JsonEncodedText.Encode(name);

    private static void Write(Utf8JsonWriter json, RecordedJob recorded)
    {
        json.WriteStartObject(Recorded);
        Time(json, Wait, recorded.Wait);
        Number(json, AllocatedProcessors, recorded.AllocatedProcessors);
        Time(json, AverageCpuTime, recorded.AverageCpuTime);
        Number(json, UsedMemory, recorded.UsedMemory);
        Number(json, RequestedProcessors, recorded.RequestedProcessors);
        Number(json, Status, recorded.Status);
        if (recorded.State is { } state) json.WriteString(State, States[(int)state]);
        Number(json, Executable, recorded.Executable);
        Number(json, Partition, recorded.Partition);
        Time(json, Held, recorded.Held);
        Time(json, Suspended, recorded.Suspended);
        Number(json, Requeues, recorded.Requeues);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, JsonEncodedText key, long? number)
    {
        if (number is { } known) json.WriteNumber(key, known);
    }

    private static void Time(Utf8JsonWriter json, JsonEncodedText key, TimeSpan? time)
    {
        if (time is not { } known) return;
        json.WritePropertyName(key);
        SecondsConverter.Write(json, known);
    }

    private void Shared<T>(Utf8JsonWriter json, JsonEncodedText key, T part, Func<T, byte[]> serialize)
        where T : class
    {
        if (!_shared.TryGetValue(part, out var text))
        {
            text = serialize(part);
            if (_shared.Count < Most) _shared.Add(part, text);
        }

        json.WritePropertyName(key);
        json.WriteRawValue(text, skipInputValidation: true);
    }
}
