using System.Text;
using Regatta.Live.Following;

namespace Regatta.Tests.Live;

public sealed class LineTailTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("regatta-tail-").FullName, "events.jsonl");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Fact]
    public void Gives_each_whole_line_once_as_the_file_grows()
    {
        var tail = new LineTail(_file);
        Assert.Empty(Look(tail));
        File.AppendAllText(_file, "one\ntw");
        Assert.Equal(["one"], Look(tail));
        Assert.Empty(Look(tail));
        File.AppendAllText(_file, "o\n\nthree\n");
        Assert.Equal(["two", "three"], Look(tail));
        Assert.Equal(new FileInfo(_file).Length, tail.Offset);
    }

    [Fact]
    public void Begins_anew_where_the_file_is_another()
    {
        var tail = new LineTail(_file);
        File.WriteAllText(_file, "a first attempt\nhalf a li");
        Assert.Equal(["a first attempt"], Look(tail));

        File.WriteAllText(_file, "second\n");

        Assert.Equal(["second"], Look(tail));
        File.Delete(_file);
        Assert.Empty(Look(tail));
        File.WriteAllText(_file, "third\n");
        Assert.Equal(["third"], Look(tail));
    }

    [Fact]
    public void Reads_lines_longer_than_its_buffer()
    {
        var line = new string('x', 300_000);
        File.WriteAllText(_file, line + "\nshort\n");

        Assert.Equal([line, "short"], Look(new LineTail(_file)));
    }

    private static List<string> Look(LineTail tail)
    {
        var lines = new List<string>();
        while (tail.Look(l => lines.Add(Encoding.UTF8.GetString(l))))
        {
        }

        return lines;
    }
}
