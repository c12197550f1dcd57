using System.Text;

namespace Regatta.Workloads;

/// <summary>How a reader takes what is not as the format wants it.</summary>
public enum SwfMode
{
    /// <summary>Repairs what can be repaired, and counts every repair by kind.</summary>
    Lenient,

    /// <summary>Stops at the first fault with line and column.</summary>
    Strict,
}

/// <summary>
/// Reads the Standard Workload Format 2.2, plain or gzip, one job after the other in constant memory. Not for several threads.
/// <para>Strict mode wants a header, 18 fields a line, whole numbers of at least -1 (times may be fractions, as the format allows), known
/// statuses, ascending job numbers and submit times, and LF line ends. Lenient mode repairs; see <see cref="SwfRepairKind"/>.</para>
/// <para>In both modes these end the reading with a <see cref="DiagnosticException"/>: a file without a job (<c>swf-empty</c>), one that
/// is not SWF (<c>swf-not-swf</c>), and damaged gzip data (<c>swf-gzip</c>).</para>
/// </summary>
public sealed class SwfReader : IDisposable
{
    private const int UnreadableBeforeGivingUp = 20;

    private readonly SwfLineSource _lines;
    private readonly SwfLineRepair _repair;
    private readonly SwfMode _mode;
    private readonly string _source;
    private SwfRecord _pending;
    private bool _hasPending;
    private double _lastSubmit = double.NegativeInfinity;
    private int _leastFields = SwfField.Count;
    private long _lastNumber;

    /// <summary>Opens a reader and reads the header.</summary>
    /// <param name="stream">Plain or gzip; left open.</param>
    /// <param name="source">Name of the file, for diagnostics.</param>
    /// <param name="mode">Strict or lenient.</param>
    /// <param name="cancellationToken">Ends the reading of the header.</param>
    /// <exception cref="DiagnosticException">The file holds no job, or is not SWF.</exception>
    public SwfReader(Stream stream, string source, SwfMode mode = SwfMode.Lenient, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _source = source;
        _mode = mode;
        _lines = new SwfLineSource(stream, source);
        _repair = new SwfLineRepair(source, mode, Repairs);
        Header = SwfHeader.Empty;
        var header = ImmutableArray.CreateBuilder<string>();
        _hasPending = Advance(header, out _pending, cancellationToken);
        Header = new SwfHeader(header.DrainToImmutable());
    }

    /// <summary>The comments before the first job.</summary>
    public SwfHeader Header { get; }

    /// <summary>What was repaired or noticed so far; complete after the last job. Empty in strict mode.</summary>
    public SwfRepairs Repairs { get; } = new();

    /// <summary>Jobs read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Reads the next job; false at the end of the file.</summary>
    /// <exception cref="DiagnosticException">Strict mode met a fault, or more than half of the lines cannot be read.</exception>
    public bool Read(out SwfRecord record, CancellationToken cancellationToken = default)
    {
        if (_hasPending)
        {
            record = _pending;
            _hasPending = false;
            return true;
        }

        return Advance(null, out record, cancellationToken);
    }

    /// <summary>The jobs that are left, one after the other.</summary>
    public IEnumerable<SwfRecord> ReadAll(CancellationToken cancellationToken = default)
    {
        while (Read(out var record, cancellationToken)) yield return record;
    }

    /// <summary>Frees the decompressor; the stream stays open.</summary>
    public void Dispose() => _lines.Dispose();

    private bool Advance(ImmutableArray<string>.Builder? header, out SwfRecord record, CancellationToken cancellationToken)
    {
        Span<long> values = stackalloc long[SwfField.Count];
        while (_lines.Read(out var line, out var ended, out var tooLong, cancellationToken))
        {
            if (_lines.Line == 1 && _lines.ByteOrderMark) _repair.Notice(SwfRepairKind.ByteOrderMark, 1, 1, "the file starts with a byte order mark");
            if (tooLong)
            {
                _repair.Notice(SwfRepairKind.LongLine, _lines.Line, 1, $"the line is longer than {SwfLineSource.MaxLineLength} bytes");
                CheckReadable();
                continue;
            }

            if (line.Length > 0 && line[^1] == (byte)'\r')
            {
                line = line[..^1];
                _repair.Notice(SwfRepairKind.CarriageReturn, _lines.Line, line.Length + 1, "the line ends with a carriage return");
            }

            var parsed = SwfLine.Parse(line, values);
            if (parsed.Fields == 0 || IsComment(line))
            {
                TakeComment(line, parsed.Fields == 0, header);
                continue;
            }

            if (!ended && !LastLine(line, parsed)) continue;
            if (Count == 0 && header is { Count: 0 } && Repairs[SwfRepairKind.NoHeader] == 0)
                _repair.Notice(SwfRepairKind.NoHeader, _lines.Line, 1, "no header comment stands before the first job");
            if (parsed.Plain) Fill(parsed, out record);
            else if (!_repair.Repair(line, _lines.Line, parsed, out record))
            {
                CheckReadable();
                continue;
            }

            CheckOrder(line, ref record);
            _leastFields = Math.Min(_leastFields, parsed.Fields);
            Count++;
            return true;
        }

        record = default;
        AtEnd();
        return false;
    }

    private static bool IsComment(ReadOnlySpan<byte> line)
    {
        var i = 0;
        while (i < line.Length && SwfLine.IsBlank(line[i])) i++;
        return line[i] == (byte)';';
    }

    private void TakeComment(ReadOnlySpan<byte> line, bool blank, ImmutableArray<string>.Builder? header)
    {
        // A carriage return in the middle of a comment would end the line for others that read what is written.
        if (header is not null && (!blank || header.Count > 0)) header.Add(Decode(line).Replace('\r', ' '));
        else if (blank) _repair.Notice(SwfRepairKind.BlankLine, _lines.Line, 1, "the line is empty");
        else if (_mode == SwfMode.Lenient) _repair.Notice(SwfRepairKind.CommentInBody, _lines.Line, 1, "");
    }

    /// <summary>Header comments of old logs are Latin-1; new ones are UTF-8.</summary>
    private static string Decode(ReadOnlySpan<byte> line) =>
        System.Text.Unicode.Utf8.IsValid(line) ? Encoding.UTF8.GetString(line) : Encoding.Latin1.GetString(line);

    /// <summary>
    /// Whether a last line without an end is a job: when it has as many fields as the shortest line before it, or stands alone and has what a job needs.
    /// </summary>
    private bool LastLine(ReadOnlySpan<byte> line, in SwfLine parsed)
    {
        var whole = Count > 0 ? _leastFields : SwfLineRepair.LeastFields;
        if (parsed.Fields >= whole)
        {
            _repair.Notice(SwfRepairKind.NoFinalNewline, _lines.Line, line.Length + 1, "the last line has no line end: the file may have been cut off");
            return true;
        }

        _repair.Notice(SwfRepairKind.TruncatedLine, _lines.Line, line.Length + 1, $"the file ends in the middle of a line, after {parsed.Fields} of {(Count > 0 ? whole : SwfField.Count)} fields");
        return false;
    }

    private void CheckOrder(ReadOnlySpan<byte> line, ref SwfRecord record)
    {
        if (record.Submit < 0)
        {
            var column = SwfLine.Locate(line, 1).Start + 1;
            _repair.Notice(SwfRepairKind.NegativeValue, _lines.Line, column, "the submit time is negative", line);
            record = record with { Submit = Math.Max(0, _lastSubmit) };
        }

        if (record.JobNumber != _lastNumber + 1)
        {
            if (record.JobNumber <= _lastNumber)
            {
                _repair.Notice(SwfRepairKind.NumberNotAscending, _lines.Line, SwfLine.Locate(line, 0).Start + 1,
                    $"job number {record.JobNumber} is not above the one before, {_lastNumber}", line);
            }
            else if (_mode == SwfMode.Lenient)
            {
                _repair.Notice(SwfRepairKind.SparseNumber, _lines.Line, SwfLine.Locate(line, 0).Start + 1, "");
            }
        }

        if (record.Submit < _lastSubmit)
        {
            _repair.Notice(SwfRepairKind.Unsorted, _lines.Line, SwfLine.Locate(line, 1).Start + 1,
                "the job was submitted before the one on an earlier line: the file is not sorted by submit time", line);
        }

        _lastNumber = record.JobNumber;
        _lastSubmit = Math.Max(_lastSubmit, record.Submit);
    }

    private static void Fill(in SwfLine v, out SwfRecord record) => record = new SwfRecord
    {
        JobNumber = v[0], Submit = v[1], Wait = v[2], RunTime = v[3], AllocatedProcessors = v[4], AverageCpuTime = v[5], UsedMemory = v[6],
        RequestedProcessors = v[7], RequestedTime = v[8], RequestedMemory = v[9], Status = (int)v[10], User = (int)v[11], Group = (int)v[12],
        Executable = (int)v[13], Queue = (int)v[14], Partition = (int)v[15], PrecedingJob = v[16], ThinkTime = v[17],
    };

    private long Unreadable => Repairs[SwfRepairKind.UnreadableLine] + Repairs[SwfRepairKind.LongLine];

    private void CheckReadable()
    {
        if (Count == 0 && Unreadable >= UnreadableBeforeGivingUp) throw NotSwf();
    }

    private void AtEnd()
    {
        if (Unreadable > Count) throw NotSwf();
        if (Count > 0) return;
        var truncated = Repairs[SwfRepairKind.TruncatedLine] > 0;
        throw new DiagnosticException(Diagnostic.Error("swf-empty",
            _lines.Line == 0 ? $"{_source} is empty" : truncated ? $"{_source} is cut off in its first job" : $"{_source} holds no job") with
        {
            Where = new SourceRange(_source),
            Help = "a workload needs at least one line of 18 fields",
        });
    }

    private DiagnosticException NotSwf()
    {
        var kind = Repairs[SwfRepairKind.UnreadableLine] > 0 ? SwfRepairKind.UnreadableLine : SwfRepairKind.LongLine;
        var first = Repairs.All.First(repair => repair.Kind == kind);
        return new DiagnosticException(Diagnostic.Error("swf-not-swf", $"{_source} is not a workload in the Standard Workload Format") with
        {
            Where = new SourceRange(_source, (int)Math.Min(first.FirstLine, int.MaxValue), first.FirstColumn),
            Detail = $"{Unreadable} of the first {Count + Unreadable} lines do not begin with a job number and a submit time",
            Help = _lines.LooksLikeJson
                ? "it looks like JSON: a workload in JSON has one job a line, in a file that ends in .jsonl; of other programs' JSON, Batsim's workloads and the output of sacct --json are read"
                : "each line holds 18 numbers separated by blanks: job number, submit time, wait time, run time, allocated processors, …; comments begin with ';'",
        });
    }
}
