using System.Text;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary>
/// <c>clock</c>: answers each line of standard input with a line of that text, the stamp of its arrival and the stamp of the answer
/// (UTC microseconds): the two far stamps of the exchange of Cristian (1989) and NTP.
/// </summary>
internal static class ClockCommand
{
    public static int Run(Stream input, Stream output, TimeProvider time)
    {
        var buffer = new byte[4096];
        var line = new List<byte>();
        int count;
        while ((count = input.Read(buffer)) > 0)
        {
            var received = Micros.Now(time);
            foreach (var b in buffer.AsSpan(0, count))
            {
                if (b != '\n')
                {
                    if (line.Count < 256) line.Add(b);
                    continue;
                }

                var text = Encoding.UTF8.GetString([.. line]);
                line.Clear();
                output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text} {received} {Micros.Now(time)}\n")));
                output.Flush();
            }
        }

        return 0;
    }
}
