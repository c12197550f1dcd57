using System.Text;

namespace Regatta.Workloads;

/// <summary>Makes a workload of the rows of a table, by a map of its columns.</summary>
public sealed class TableJobs
{
    private readonly AccountedJobs _jobs;
    private readonly AccountedRequests _names;
    private readonly SacctClock _clock;
    private readonly TimeZoneInfo? _zone;
    private readonly TableMap _map;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _units = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing;

    /// <summary>Begins a table.</summary>
    /// <param name="name">Name of the file, for diagnostics.</param>
    /// <param name="what">What it is, such as <c>a table</c>.</param>
    /// <param name="map">What its columns mean.</param>
    /// <param name="columns">The names of its columns.</param>
    /// <param name="zone">Zone of times that are those of a wall clock; null reads them as UTC.</param>
    /// <exception cref="DiagnosticException">The map is faulty (<c>table-map</c>), or names columns that are not there (<c>table-column</c>).</exception>
    public TableJobs(string name, string what, TableMap map, IReadOnlyList<string> columns, TimeZoneInfo? zone)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(columns);
        var faults = map.Faults().ToList();
        foreach (var (field, column) in map.Columns)
        {
            if (column.StartsWith('='))
            {
                _constants[field] = column[1..];
                continue;
            }

            var place = Enumerable.Range(0, columns.Count).FirstOrDefault(i => columns[i].Trim() == column.Trim(), -1);
            if (place >= 0) _places[field] = place;
            else faults.Add(Diagnostic.Error("table-column", $"{name} has no column '{column}', which is to be {field}") with { Where = new SourceRange(name), Help = Suggestion.Nearest(column, columns) is { } near ? $"did you mean '{near}'?" : $"its columns are {string.Join(", ", columns.Take(40))}" });
        }

        if (faults.Count > 0) throw new DiagnosticException(faults);
        foreach (var (field, unit) in map.Units) _units[field] = TableMap.TimeUnits.TryGetValue(unit, out var seconds) ? seconds : TableMap.MemoryUnits[unit];
        (_map, _zone, _clock, _missing) = (map, zone, new SacctClock(zone), [.. map.Missing]);
        _jobs = new AccountedJobs(name, new AccountedSource(what, "a cluster", "a row needs a submission, a run time and processors that can be read; units and missing values are set in the map", "a job must have started and ended"));
        _names = _jobs.Names;
        _names.HasAccounts = map.Columns.ContainsKey("account");
    }

    /// <summary>Takes a row.</summary>
    /// <param name="cells">Its values, in the order of the columns; null for none.</param>
    /// <param name="place">Its number in the table, from 1.</param>
    public void Add(IReadOnlyList<string?> cells, long place)
    {
        ArgumentNullException.ThrowIfNull(cells);
        var submit = Time(cells, "submit");
        var (start, end, wait, ran) = (Time(cells, "start"), Time(cells, "end"), Span(cells, "wait"), Span(cells, "run_time"));
        if (double.IsNaN(start) && !double.IsNaN(wait)) start = submit + wait;
        // A table without starts tells nothing of waits: its jobs are taken to have started at once.
        var without = _map.Columns.GetValueOrDefault("start") is var column && (column is null ? !_map.Columns.ContainsKey("wait") : column == _map.Columns["submit"]);
        if (without) start = submit;
        if (double.IsNaN(end)) end = start + ran;
        if (double.IsNaN(submit))
        {
            _jobs.Unreadable(place);
            return;
        }

        var state = Ended(Text(cells, "state"));
        var given = Number(cells, "processors");
        var requested = Number(cells, "requested_processors");
        var processors = Math.Max(given, requested);
        var memory = Number(cells, "memory", 1e18) * _units.GetValueOrDefault("memory", 1);
        _jobs.Add(new AccountedRow
        {
            Id = Math.Max(0, (long)Number(cells, "id", 1e15)), Array = Math.Max(0, (long)Number(cells, "array", 1e15)), ArrayTask = Number(cells, "array_task") is >= 0 and var task ? (int)task : -1,
            State = state.Accounted, Ended = state.Recorded, Submit = submit, Eligible = Time(cells, "eligible"), Start = start, WithoutWait = without, End = end, Ran = ran, Suspended = Span(cells, "suspended"), Limit = Span(cells, "limit"),
            Requested = (long)Math.Max(0, Math.Ceiling(requested)), Allocated = (long)Math.Max(0, Math.Ceiling(given)), Nodes = (long)Math.Max(0, Number(cells, "nodes")),
            MemoryPerProcessor = memory > 0 && processors >= 1 ? (long)(memory / processors) : 0,
            User = Named(_names.Users, cells, "user"), Group = Named(_names.Accounts, cells, _names.HasAccounts ? "account" : "group"), Queue = Named(_names.Qos, cells, "qos"), Partition = Named(_names.Partitions, cells, "partition"),
            Request = new AccountedRequest
            {
                Group = _names.HasAccounts ? Named(_names.Groups, cells, "group") : 0, Reservation = Named(_names.Reservations, cells, "reservation"), Constraint = Named(_names.Constraints, cells, "constraint"),
                Gres = Number(cells, "gpus") is >= 1 and var gpus ? _names.Gres.Of((Text(cells, "gpu_type") is { } type ? string.Create(CultureInfo.InvariantCulture, $"gpu:{type.Replace(':', '-').Replace(',', '-')}:{(long)gpus}") : string.Create(CultureInfo.InvariantCulture, $"gpu:{(long)gpus}")).AsSpan()) : 0,
            },
        });
    }

    /// <summary>The workload of all rows.</summary>
    /// <exception cref="DiagnosticException">Most rows cannot be read, or none is a job.</exception>
    public Workload Workload() => _jobs.Workload(_clock, _zone);

    private static int Named(NameNumbers numbers, string? name) => name is null ? -1 : numbers.Of(name.AsSpan());

    private int Named(NameNumbers numbers, IReadOnlyList<string?> cells, string field) => Named(numbers, Text(cells, field));

    /// <summary>The value of a field; null for none.</summary>
    private string? Text(IReadOnlyList<string?> cells, string field)
    {
        var text = _places.TryGetValue(field, out var place) && place < cells.Count ? cells[place]?.Trim() : _constants.GetValueOrDefault(field);
        return string.IsNullOrEmpty(text) || _missing.Contains(text) ? null : text;
    }

    private double Number(IReadOnlyList<string?> cells, string field, double most = int.MaxValue) =>
        double.TryParse(Text(cells, field), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 && number <= most ? number : -1;

    /// <summary>Seconds since 1970 of a number in the field's unit, or of a date and a time of day.</summary>
    private double Time(IReadOnlyList<string?> cells, string field)
    {
        if (Text(cells, field) is not { } text) return double.NaN;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number >= 0 && double.IsFinite(number) ? number * _units.GetValueOrDefault(field, 1) : double.NaN;
        if (text.Length < 19) return double.NaN;
        // What says its own offset needs no zone.
        if (text.AsSpan(19).ContainsAny('+', '-', 'Z') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) return (instant - DateTimeOffset.UnixEpoch).TotalSeconds;
        var whole = _clock.Read(Encoding.ASCII.GetBytes(string.Concat(text.AsSpan(0, 10), "T", text.AsSpan(11, 8))));
        return text.Length > 20 && text[19] == '.' && double.TryParse(text.AsSpan(19), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) ? whole + fraction : whole;
    }

    /// <summary>Seconds of a number in the field's unit, or of a clock such as <c>1-12:00:00</c>.</summary>
    private double Span(IReadOnlyList<string?> cells, string field)
    {
        if (Text(cells, field) is not { } text) return double.NaN;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number >= 0 && double.IsFinite(number) ? number * _units.GetValueOrDefault(field, 1) : double.NaN;
        return SacctValues.Duration(Encoding.ASCII.GetBytes(text));
    }

    private (AccountedState Accounted, RecordedState? Recorded) Ended(string? word)
    {
        if (word is null) return (AccountedState.Unknown, null);
        if (!_map.States.TryGetValue(word, out var state))
        {
            var text = Encoding.UTF8.GetBytes(word.ToUpperInvariant());
            // What Slurm calls preempted may have run again under the same number.
            return (SacctValues.State(text), SacctValues.Ended(text));
        }

        return (state switch
        {
            RecordedState.Completed => AccountedState.Completed,
            RecordedState.Cancelled => AccountedState.Cancelled,
            RecordedState.NodeFailed or RecordedState.Preempted => AccountedState.Interrupted,
            _ => AccountedState.Failed,
        }, state);
    }
}
