using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>
/// Reads a line as this program writes them, nearly every one, in one pass and with nothing made but the job: what jobs ask for and do, of which many say the same, is read once
/// for each text. All other lines, faulty ones among them, are left to the general reader, from which it learns such texts.
/// </summary>
internal sealed class JobLineReader
{
    private static readonly RecordedState[] States = Enum.GetValues<RecordedState>();
    private static readonly byte[][] StateNames = [.. States.Select(state => System.Text.Encoding.UTF8.GetBytes(state.ToString()))];

    private readonly Shared<JobRequest?> _requests = new();
    private readonly Shared<Payload> _payloads = new();

    /// <summary>The job of a line; null when it is not of the usual kind.</summary>
    public Job? Read(ReadOnlySpan<byte> line)
    {
        _requests.Begin();
        _payloads.Begin();
        try
        {
            if (IsUsual(line, out var job)) return _requests.IsNew || _payloads.IsNew ? null : job;
        }
        catch (JsonException)
        {
            // The general reader says what is wrong with it.
        }

        // What was not read to its end may say the same twice.
        _requests.Begin();
        _payloads.Begin();
        return null;
    }

    /// <summary>Remembers what a line of an unusual kind, read by now without anything that no job has, said for the first time.</summary>
    public void Learn(ReadOnlySpan<byte> line, Job job)
    {
        _requests.Learn(line, job.Request);
        _payloads.Learn(line, job.Payload);
    }

    private bool IsUsual(ReadOnlySpan<byte> line, out Job? job)
    {
        job = null;
        long id = 0, memory = -1, array = -1, heterogeneous = 0;
        int processors = 0, nodes = 0, user = -1, group = -1, queue = -1, priority = 0, task = -1, gang = 0;
        TimeSpan submit = default, run = default;
        TimeSpan? requested = null;
        bool hasId = false, hasSubmit = false, hasProcessors = false, hasRun = false, drains = false;
        JobRequest? request = null;
        var payload = Payload.Sleep;
        RecordedJob? recorded = null;
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Key(ref reader);
            var read = true;
            if (key.SequenceEqual("id"u8)) read = hasId = Number(ref reader, out id);
            else if (key.SequenceEqual("submit"u8)) read = hasSubmit = Seconds(ref reader, out submit);
            else if (key.SequenceEqual("processors"u8)) read = hasProcessors = Number(ref reader, out processors);
            else if (key.SequenceEqual("nodes"u8)) read = Number(ref reader, out nodes);
            else if (key.SequenceEqual("runTime"u8)) read = hasRun = Seconds(ref reader, out run);
            else if (key.SequenceEqual("requestedTime"u8)) (read, requested) = (Seconds(ref reader, out var limit), limit);
            else if (key.SequenceEqual("memoryPerProcessor"u8)) read = Number(ref reader, out memory) && memory >= 0;
            else if (key.SequenceEqual("user"u8)) read = Number(ref reader, out user);
            else if (key.SequenceEqual("group"u8)) read = Number(ref reader, out group);
            else if (key.SequenceEqual("queue"u8)) read = Number(ref reader, out queue);
            else if (key.SequenceEqual("priority"u8)) read = Number(ref reader, out priority);
            else if (key.SequenceEqual("drains"u8)) (read, drains) = (reader.TokenType is JsonTokenType.True or JsonTokenType.False, reader.TokenType == JsonTokenType.True);
            else if (key.SequenceEqual("dependencies"u8)) read = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
            else if (key.SequenceEqual("array"u8)) read = Number(ref reader, out array) && array >= 0;
            else if (key.SequenceEqual("arrayTask"u8)) read = Number(ref reader, out task) && task >= 0;
            else if (key.SequenceEqual("heterogeneousJob"u8)) read = Number(ref reader, out heterogeneous);
            else if (key.SequenceEqual("gangMinimum"u8)) read = Number(ref reader, out gang);
            else if (key.SequenceEqual("payload"u8)) read = _payloads.Find(ref reader, line, ref payload);
            else if (key.SequenceEqual("request"u8)) read = _requests.Find(ref reader, line, ref request);
            else if (key.SequenceEqual("recorded"u8)) read = Recorded(ref reader, out recorded);
            else return false;
            if (!read) return false;
        }

        if (reader.TokenType != JsonTokenType.EndObject || reader.Read() || !hasId || !hasSubmit || !hasProcessors || !hasRun) return false;
        job = new Job
        {
            Id = id, Submit = submit, Processors = processors, Nodes = nodes, RunTime = run, RequestedTime = requested, MemoryPerProcessor = memory < 0 ? null : memory, User = user, Group = group,
            Queue = queue, Priority = priority, Drains = drains, Array = array < 0 ? null : array, ArrayTask = task < 0 ? null : task, HeterogeneousJob = heterogeneous == 0 ? null : heterogeneous,
            GangMinimum = gang, Payload = payload, Request = request, Recorded = recorded,
        };
        return true;
    }

    private static bool Recorded(ref Utf8JsonReader reader, out RecordedJob? recorded)
    {
        recorded = null;
        TimeSpan? wait = null, cpu = null, held = null, suspended = null;
        long allocated = -1, memory = -1, requested = -1;
        int status = -1, executable = -1, partition = -1, requeues = -1;
        RecordedState? state = null;
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Key(ref reader);
            bool read;
            if (key.SequenceEqual("wait"u8)) (read, wait) = (Seconds(ref reader, out var time), time);
            else if (key.SequenceEqual("allocatedProcessors"u8)) read = Number(ref reader, out allocated) && allocated >= 0;
            else if (key.SequenceEqual("averageCpuTime"u8)) (read, cpu) = (Seconds(ref reader, out var time), time);
            else if (key.SequenceEqual("usedMemory"u8)) read = Number(ref reader, out memory) && memory >= 0;
            else if (key.SequenceEqual("requestedProcessors"u8)) read = Number(ref reader, out requested) && requested >= 0;
            else if (key.SequenceEqual("status"u8)) read = Number(ref reader, out status) && status >= 0;
            else if (key.SequenceEqual("state"u8)) read = State(ref reader, ref state);
            else if (key.SequenceEqual("executable"u8)) read = Number(ref reader, out executable) && executable >= 0;
            else if (key.SequenceEqual("partition"u8)) read = Number(ref reader, out partition) && partition >= 0;
            else if (key.SequenceEqual("held"u8)) (read, held) = (Seconds(ref reader, out var time), time);
            else if (key.SequenceEqual("suspended"u8)) (read, suspended) = (Seconds(ref reader, out var time), time);
            else if (key.SequenceEqual("requeues"u8)) read = Number(ref reader, out requeues) && requeues >= 0;
            else return false;
            if (!read) return false;
        }

        recorded = new RecordedJob
        {
            Wait = wait, AllocatedProcessors = Known(allocated), AverageCpuTime = cpu, UsedMemory = Known(memory), RequestedProcessors = Known(requested), Status = Known(status), State = state,
            Executable = Known(executable), Partition = Known(partition), Held = held, Suspended = suspended, Requeues = Known(requeues),
        };
        return reader.TokenType == JsonTokenType.EndObject;
    }

    private static long? Known(long number) => number < 0 ? null : number;

    private static int? Known(int number) => number < 0 ? null : number;

    /// <summary>The key that the reader is at, empty for one with an escape; the reader is then at its value.</summary>
    private static ReadOnlySpan<byte> Key(ref Utf8JsonReader reader)
    {
        var key = reader.ValueIsEscaped ? [] : reader.ValueSpan;
        return reader.Read() ? key : [];
    }

    private static bool Number(ref Utf8JsonReader reader, out long number)
    {
        number = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number);
    }

    private static bool Number(ref Utf8JsonReader reader, out int number)
    {
        number = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out number);
    }

    private static bool Seconds(ref Utf8JsonReader reader, out TimeSpan time)
    {
        const long exact = 1_000_000_000;
        time = default;
        if (reader.TokenType != JsonTokenType.Number) return false;
        if (reader.TryGetInt64(out var seconds) && seconds is > -exact and < exact) time = TimeSpan.FromTicks(seconds * TimeSpan.TicksPerSecond);
        else if (!SecondsConverter.TryTime(reader.GetDouble(), out time)) return false;
        return true;
    }

    private static bool State(ref Utf8JsonReader reader, ref RecordedState? state)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return false;
        for (var i = 0; i < States.Length; i++)
        {
            if (!reader.ValueSpan.SequenceEqual(StateNames[i])) continue;
            state = States[i];
            return true;
        }

        return false;
    }

    /// <summary>Parts of lines that were read before, by their text.</summary>
    private sealed class Shared<T>
    {
        // Commands may differ from job to job: no more than these are kept.
        private const int Most = 1 << 16;

        private readonly NameNumbers _texts = new();
        private readonly List<T> _parts = [];
        private (int Start, int Length) _unknown;
        private bool _seen;

        /// <summary>Whether the line has a text that was not read before.</summary>
        public bool IsNew => _unknown.Length > 0;

        /// <summary>Forgets what the line before said.</summary>
        public void Begin() => (_unknown, _seen) = (default, false);

        /// <summary>Finds the part that the reader is at, where it is known; false when it is no object, or the second of its line.</summary>
        public bool Find(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref T part)
        {
            if (reader.TokenType != JsonTokenType.StartObject || _seen) return false;
            _seen = true;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var length = (int)reader.BytesConsumed - start;
            if (_texts.Find(line.Slice(start, length)) is > 0 and var number) part = _parts[number - 1];
            else _unknown = (start, length);
            return true;
        }

        public void Learn(ReadOnlySpan<byte> line, T part)
        {
            if (!IsNew || _parts.Count == Most) return;
            _texts.Of(line.Slice(_unknown.Start, _unknown.Length));
            _parts.Add(part);
        }
    }
}
