using System.Buffers;
using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Live.Following;

/// <summary>What is sampled of a scheduler from inside while a trial goes on: of each series that ever changed, the times at which it did.</summary>
internal sealed class LiveInside
{
    private const int MostSeries = 200;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly Dictionary<(string Name, string Labels), (long Time, double Value, bool Told)> _last = [];
    private int _told;

    /// <summary>Takes a line of samples.</summary>
    public void Take(ReadOnlySpan<byte> line)
    {
        _lines.Write(line);
        _lines.Write("\n"u8);
    }

    /// <summary>What has come since the last time.</summary>
    /// <param name="origin">Start of the workload, UTC microseconds.</param>
    /// <exception cref="DiagnosticException">A line was none of samples; it is not read again.</exception>
    public ImmutableArray<InsideSeries> TakeNew(long origin)
    {
        if (_lines.WrittenCount == 0) return [];
        var lines = _lines.WrittenSpan.ToArray();
        _lines.ResetWrittenCount();
        var news = ImmutableArray.CreateBuilder<InsideSeries>();
        foreach (var series in SampleTable.Parse(lines, TrialUnderWay.SamplesName).All)
        {
            var (x, y) = (ImmutableArray.CreateBuilder<double>(), ImmutableArray.CreateBuilder<double>());
            foreach (var (time, value) in series)
            {
                if (!_last.TryGetValue(series.Key, out var last)) last = (time, value, false);
                var tells = last.Told || (value != last.Value && _told < MostSeries);
                if (tells && !last.Told)
                {
                    _told++;
                    Add(last.Time, last.Value);
                }

                if (tells && value != last.Value) Add(time, value);
                _last[series.Key] = (time, value, tells);
            }

            if (x.Count > 0) news.Add(new InsideSeries(NameOf(series.Key), x.ToImmutable(), y.ToImmutable()));

            void Add(long time, double value)
            {
                x.Add(Math.Round((time - origin) / 1e6, 3));
                y.Add(value);
            }
        }

        return news.ToImmutable();
    }

    /// <summary>What a series is called on the page.</summary>
    public static string NameOf((string Name, string Labels) key) => key.Labels.Length == 0 ? key.Name : $"{key.Name}{{{key.Labels}}}";
}
