using Parquet;
using Parquet.Schema;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What the jobs asked for by the names of their site. Many jobs ask alike, so that each wish is held once; a table of jobs that asked for nothing has no columns for it.</summary>
public sealed partial class JobTable
{
    private static readonly (string Name, Func<JobRequest, string?> Of)[] RequestTexts =
    [
        ("user_name", r => r.User), ("group_name", r => r.Group), ("account", r => r.Account), ("qos", r => r.Qos), ("partition_name", r => r.Partition), ("reservation", r => r.Reservation),
        ("licenses", r => r.Licenses), ("features", r => r.Constraint), ("gres", r => r.Gres), ("gpu_type", r => r.GpuType),
    ];

    private readonly List<JobRequest> _requests = [];
    private readonly Dictionary<JobRequest, int> _requestNumbers = [];

    /// <summary>Columns that are there only when a job has asked for something by a name, with their types in SQL.</summary>
    public static IEnumerable<(string Name, string Type)> NamedColumns => RequestTexts.Select(column => (column.Name, "VARCHAR")).Append((GpusColumn, "INTEGER"));

    /// <summary>What jobs asked for, each wish once, in the order in which they come.</summary>
    public IReadOnlyList<JobRequest> Requests => _requests;

    private const string GpusColumn = "gpus";

    /// <summary>What the job in row <paramref name="row"/> asked for; null for nothing.</summary>
    public JobRequest? Request(int row) => _request[row] == 0 ? null : _requests[_request[row] - 1];

    /// <summary>Place in <see cref="Requests"/> of what the job in row <paramref name="row"/> asked for; -1 for nothing.</summary>
    public int RequestIndex(int row) => _request[row] - 1;

    private int NumberOf(JobRequest? request)
    {
        if (request is null) return 0;
        // Those of one user stand together, and share one.
        if (_requests.Count > 0 && ReferenceEquals(_requests[^1], request)) return _requests.Count;
        if (_requestNumbers.TryGetValue(request, out var number)) return number;
        _requests.Add(request);
        _requestNumbers.Add(request, _requests.Count);
        return _requests.Count;
    }

    private List<DataField> RequestFields => _requests.Count == 0 ? [] : [.. RequestTexts.Select(column => Field(column.Name, typeof(string), nullable: true)), Field(GpusColumn, typeof(int), nullable: false)];

    private async Task WriteRequestsAsync(ParquetRowGroupWriter group, List<DataField> fields, int first, int length, Scratch scratch, CancellationToken cancel)
    {
        if (fields.Count == 0) return;
        for (var c = 0; c < RequestTexts.Length; c++)
        {
            string?[] texts = [null, .. _requests.Select(RequestTexts[c].Of)];
            await group.WriteAsync(fields[c], scratch.Texts(first, length, row => texts[_request[row]]));
        }

        int[] gpus = [0, .. _requests.Select(request => request.Gpus)];
        var counts = scratch.Ints[..length];
        for (var i = 0; i < length; i++) counts.Span[i] = gpus[_request[first + i]];
        await group.WriteAsync<int>(fields[^1], counts, cancellationToken: cancel);
    }

    /// <summary>Reads the columns that are there; what follows from others is not read again.</summary>
    private async Task ReadRequestsAsync(ParquetRowGroupReader group, ParquetSchema schema, int first, int length)
    {
        var found = schema.GetDataFields();
        var texts = new string?[RequestTexts.Length][];
        for (var c = 0; c < texts.Length; c++)
        {
            if (found.FirstOrDefault(field => field.Name == RequestTexts[c].Name) is not { } field) continue;
            var column = new string[length];
            await group.ReadAsync(field, column.AsMemory()!);
            texts[c] = column;
        }

        if (texts.All(column => column is null)) return;
        for (var i = 0; i < length; i++)
        {
            string? Text(int column) => texts[column]?[i];
            var request = new JobRequest
            {
                User = Text(0), Group = Text(1), Account = Text(2), Qos = Text(3), Partition = Text(4), Reservation = Text(5), Licenses = Text(6), Constraint = Text(7), Gres = Text(8),
            };
            _request[first + i] = request.IsEmpty ? 0 : NumberOf(request);
        }
    }

    private static IEnumerable<Diagnostic> RequestFaults(ParquetSchema schema, string source) => schema.GetDataFields()
        .Where(field => RequestTexts.Any(column => column.Name == field.Name) && !SameType(field.ClrType, typeof(string)))
        .Select(field => Diagnostic.Error("jobs-column", $"{source}: column '{field.Name}' is of type {field.ClrType.Name}, not {nameof(String)}") with { Where = new SourceRange(source) });
}
