using Regatta.Config;
using Regatta.Experiments.Configuration.WorkloadKinds;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Workloads by the words of the command line.</summary>
internal static class WorkloadWords
{
    public static Workload Create(string kind, IEnumerable<string> words, MachineSize? machine, Func<string, Stream>? open = null) =>
        RecordBinder.Bind<WorkloadSection>(SettingWords.Read(words, kind)).Create(new WorkloadSurroundings(machine, open ?? (_ => Stream.Null)));

    public static WorkloadChanges Changes(params string[] words) => RecordBinder.Bind<ChangeSection>(SettingWords.Read(words)).Changes(seed: 1);
}
