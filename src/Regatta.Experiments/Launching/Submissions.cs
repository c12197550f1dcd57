using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>The lists of what was submitted to a queue: of each submission a file, with the trials of a task on each line.</summary>
internal sealed class Submissions(LaunchDirectory launch)
{
    private readonly Dictionary<string, string[][]> _lists = new(StringComparer.Ordinal);

    /// <summary>Names of the jobs.</summary>
    public IEnumerable<string> Names => Files.Select(f => Path.GetFileNameWithoutExtension(f));

    private IEnumerable<string> Files => Directory.Exists(launch.Path) ? Directory.EnumerateFiles(launch.Path, launch.Name + "-*.list") : [];

    /// <summary>Writes the list of a submission; the name that its job is submitted under, and the file.</summary>
    public (string Name, string List) Write(IReadOnlyList<IReadOnlyList<PlannedTrial>> tasks)
    {
        var number = Files.Select(f => int.Parse(Path.GetFileNameWithoutExtension(f)[(launch.Name.Length + 1)..], CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() + 1;
        var name = string.Create(CultureInfo.InvariantCulture, $"{launch.Name}-{number}");
        var list = Path.Combine(launch.Path, name + ".list");
        DurableFile.Write(list, string.Concat(tasks.Select(task => string.Join(' ', task.Select(t => t.Id)) + "\n")));
        return (name, list);
    }

    /// <summary>The trials of tasks, as <c>POINT/REPETITION</c>.</summary>
    public IEnumerable<string> Trials(IEnumerable<QueuedTask> tasks) => tasks.SelectMany(t => Of(t.Name, t.Index));

    /// <summary>The state of each trial by that of its task; of several submissions the last one counts.</summary>
    public Dictionary<string, string> States(IEnumerable<QueuedTask> tasks)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var task in tasks.OrderBy(t => t.Name.Length).ThenBy(t => t.Name, StringComparer.Ordinal))
        {
            foreach (var trial in Of(task.Name, task.Index)) states[trial] = task.State;
        }

        return states;
    }

    /// <summary>The trials of each task of a job, by the task's index; none where nothing was submitted under the name.</summary>
    public IReadOnlyList<string[]> Tasks(string name)
    {
        if (!_lists.TryGetValue(name, out var list))
        {
            var file = Path.Combine(launch.Path, name + ".list");
            _lists[name] = list = File.Exists(file) ? [.. File.ReadLines(file).Select(l => l.Split(' '))] : [];
        }

        return list;
    }

    /// <summary>The trials of a task.</summary>
    public string[] Of(string name, int index) => Tasks(name) is var tasks && index >= 0 && index < tasks.Count ? tasks[index] : [];
}
